"""A designer and a statistician walk through a survey folder with the command line only."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import openpyxl
import pytest
from command_line import run

from surveykit import load_questionnaire, write_form
from surveykit.rehearsal.crosswalk import public_use_answers
from surveykit.rehearsal.mistakes import MISTAKES, choose, type_in

WEIGHTING = {
    "type": "weighting-plan",
    "id": "trial",
    "weights": "wt_final",
    "design": {"strata": "kstrata", "clusters": "psu"},
    "steps": [
        {"step": "base", "weights": "wt_itvex"},
        {"step": "poststratify", "margins": [{"by": "sex", "totals": {"1": 1000, "2": 1100}}]},
    ],
}
TABLES = {
    "type": "table-plan",
    "id": "trial",
    "tables": [
        {
            "id": "obesity",
            "estimate": {"statistic": "proportion", "variables": ["obese"]},
            "rows": ["age_group"],
            "blocks": ["sex"],
        }
    ],
}


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """A survey folder with the workbooks of eight sampling units, two answers mistaken."""
    folder = tmp_path_factory.mktemp("survey") / "trial"
    run("init", str(folder), "--questionnaire", "first-light", "--title", "Trial", "--language", "en")
    questionnaire = load_questionnaire("first-light")
    answers = public_use_answers(questionnaire)
    for mistake in (MISTAKES[0], MISTAKES[2]):
        position = choose(mistake, questionnaire, answers, answers["kstrata"] == "119")
        answers = type_in(answers, position, mistake)
    kept = answers[answers["kstrata"].isin(["119", "120", "121", "122"])]
    for (stratum, psu), group in kept.groupby(["kstrata", "psu"]):
        rows = group.head(40).reset_index(drop=True)
        path = folder / "returned" / f"list-{stratum}-{psu}.xlsx"
        write_form(questionnaire, path, layout="list", rows=len(rows), answers={"person": rows})
    return folder


@pytest.fixture
def inside(survey, monkeypatch):
    monkeypatch.chdir(survey)
    return survey


def test_forms_of_a_survey_are_made_without_arguments(inside):
    made = json.loads(run("form", "--json"))["made"]
    assert [Path(path).name for path in made] == ["first-light-booklet-en.xlsx", "first-light-list-en.xlsx"]
    assert all((inside / path).is_file() for path in made)


def test_receiving_stores_checks_and_writes_queries(inside):
    answer = json.loads(run("receive", "--json", code=1))
    assert answer["read"] == 8
    assert answer["rows"]["person"] == 320
    codes = {one["code"] for one in answer["findings"]}
    assert {"returns-check-range", "returns-answer-label"} <= codes
    sheets = openpyxl.load_workbook(inside / "out" / "queries.xlsx")
    assert any("K_ALCDAY" in str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row)


@pytest.mark.usefixtures("inside")
def test_receiving_again_reads_nothing_anew():
    answer = json.loads(run("receive", "--json", code=1))
    assert answer["known"] == 8
    assert "read" not in answer or answer["read"] == 0


def test_weights_and_tables_follow_their_plans_and_status_tells_what_is_stale(inside):
    settings = inside / "survey.json"
    document = json.loads(settings.read_text(encoding="utf-8"))
    (inside / "weighting.json").write_text(json.dumps(WEIGHTING), encoding="utf-8")
    (inside / "tables.json").write_text(json.dumps(TABLES), encoding="utf-8")
    settings.write_text(
        json.dumps(document | {"weighting": "weighting.json", "tables": "tables.json"}), encoding="utf-8"
    )
    run("weight")
    run("tabulate")
    table = (inside / "out" / "tables-en.md").read_text(encoding="utf-8")
    assert "60 and over" in table
    run("report")
    for name in ("weighting.html", "report-en.html"):
        assert "<img" in (inside / "out" / name).read_text(encoding="utf-8")
    assert (inside / "out" / "report-en.docx").stat().st_size > 0
    page = (inside / "out" / "report-en.html").read_text(encoding="utf-8")
    for part in ("key-figures", "sample-and-response", "weighting", "results", "methods", "codebook"):
        assert f'<section id="{part}"' in page
    assert "Known totals before and after" in page
    assert "Largest weights" not in page  # they have ids of respondents
    assert "Largest weights" in (inside / "out" / "weighting.html").read_text(encoding="utf-8")
    manifest = json.loads((inside / "out" / "methods-en.json").read_text(encoding="utf-8"))
    assert manifest["made"]["report-en.html"] == hashlib.sha256(page.encode("utf-8")).hexdigest()
    assert "degrees of freedom" in (inside / "out" / "methods-en.md").read_text(encoding="utf-8")
    assert "stale" not in run("status")
    (inside / "tables.json").write_text(json.dumps(TABLES | {"id": "changed"}), encoding="utf-8")
    assert "project-stale" in run("status")


def test_a_folder_without_a_plan_says_what_to_write(tmp_path, monkeypatch):
    run("init", str(tmp_path / "bare"), "--questionnaire", "first-light")
    monkeypatch.chdir(tmp_path / "bare")
    for verb in ("weight", "tabulate"):
        assert "project-no-plan" in run(verb, code=1)


def test_weighting_before_anything_came_back_says_so(tmp_path, monkeypatch):
    run("init", str(tmp_path / "bare"), "--questionnaire", "first-light")
    folder = tmp_path / "bare"
    monkeypatch.chdir(folder)
    settings = json.loads((folder / "survey.json").read_text(encoding="utf-8"))
    (folder / "weighting.json").write_text(json.dumps(WEIGHTING), encoding="utf-8")
    (folder / "survey.json").write_text(json.dumps(settings | {"weighting": "weighting.json"}), encoding="utf-8")
    assert "project-nothing-received" in run("weight", code=1)
