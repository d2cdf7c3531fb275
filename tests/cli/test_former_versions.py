"""Forms of a former version come back into a survey folder that names it."""

from __future__ import annotations

import copy
import json

import pandas as pd
import pytest
from click.testing import CliRunner
from command_line import run

from surveykit import load_questionnaire, write_form
from surveykit.cli import main

NEW = {
    "type": "questionnaire",
    "id": "wells",
    "version": "2.0.0",
    "text_version": "1.0.0",
    "title": {"en": "Wells"},
    "languages": ["en"],
    "licence": "CC BY 4.0",
    "units": {"household": {"label": {"en": "Household"}, "key": "ID"}},
    "sections": [
        {
            "id": "A",
            "title": {"en": "A"},
            "unit": "household",
            "items": [
                {"id": "ID", "type": "id", "label": {"en": "Id"}},
                {
                    "id": "depth",
                    "type": "integer",
                    "label": {"en": "Depth of the well"},
                    "range": {"min": 0, "max": 90},
                },
            ],
        }
    ],
}


def answer(*words, code=0):
    return json.loads(run(*words, code=code))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    old = copy.deepcopy(NEW) | {"version": "1.0.0"}
    old["sections"][0]["items"][1]["id"] = "deep"
    root = tmp_path / "survey"
    (root / "returned").mkdir(parents=True)
    for name, document in (("old", old), ("new", NEW)):
        (root / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        column = document["sections"][0]["items"][1]["id"]
        answers = pd.DataFrame({"ID": [name], column: pd.array([7], dtype="Int64")})
        questionnaire = load_questionnaire(str(root / f"{name}.json"))
        write_form(questionnaire, root / "returned" / f"{name}.xlsx", layout="booklet", answers={"household": answers})
    (root / "mapping.json").write_text(json.dumps({"type": "mapping", "items": {"deep": "depth"}}), encoding="utf-8")
    monkeypatch.chdir(root)
    return root


def settle(folder, **more: object):
    document = {"type": "survey", "title": {"en": "Wells"}, "questionnaire": "new.json", **more}
    (folder / "survey.json").write_text(json.dumps(document), encoding="utf-8")


def test_a_former_version_is_quarantined_until_the_survey_names_it(folder):
    settle(folder)
    first = answer("receive", "--json", code=1)
    assert [one["code"] for one in first["findings"]] == ["returns-other-version"]
    assert (first["read"], first["quarantined"]) == (1, 1)
    settle(folder, former=[{"questionnaire": "old.json", "mapping": "mapping.json"}])
    second = answer("receive", "--json")
    assert second["rows"] == {"household": 2}


def test_a_former_version_that_is_not_there_is_named_with_its_pointer(folder):
    settle(folder, former=[{"questionnaire": "older.json"}])
    result = CliRunner().invoke(main, ["receive"])
    assert result.exit_code == 1
    assert "project-file-missing" in result.output
    assert "/former/0/questionnaire" in result.output
