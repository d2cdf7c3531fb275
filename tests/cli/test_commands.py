"""Commands outside a survey folder: exit codes, JSON, and no traceback for wrong input."""

from __future__ import annotations

import json

import pytest
from command_line import run


def test_a_shipped_questionnaire_lints_clean():
    assert "0 errors" in run("lint", "first-light")


def test_lint_answers_in_json_and_sarif():
    assert json.loads(run("lint", "first-light", "--format", "json")) is not None
    assert json.loads(run("lint", "first-light", "--format", "sarif"))["version"] == "2.1.0"


def test_a_broken_definition_names_line_and_remedy(tmp_path):
    path = tmp_path / "broken.json"
    path.write_text('{"type": "questionnaire",\n "id": }', encoding="utf-8")
    output = run("lint", str(path), code=1)
    assert "document-not-json" in output
    assert "2:8" in output


def test_an_unknown_questionnaire_lists_the_known_ones():
    assert "first-light" in run("form", "frist-light", code=1)


def test_a_wrong_option_is_wrong_usage():
    assert "Usage" in run("form", "first-light", "--layout", "scroll", code=2)


def test_a_form_is_written_where_asked(tmp_path):
    path = tmp_path / "form.xlsx"
    answer = json.loads(run("form", "first-light", "--language", "ko", "--output", str(path), "--json"))
    assert answer["ok"] is True
    assert path.stat().st_size > 0


def test_a_language_that_the_questionnaire_lacks_is_named(tmp_path):
    output = run("form", "first-light", "--language", "fr", "--output", str(tmp_path / "x.xlsx"), code=1)
    assert "forms-language-unknown" in output


@pytest.mark.parametrize("suffix", ["xlsx", "html", "md", "json"])
def test_a_codebook_is_written_in_every_kind(tmp_path, suffix):
    path = tmp_path / f"codebook.{suffix}"
    run("codebook", "first-light", "--output", str(path))
    assert path.stat().st_size > 1000


def test_an_instrument_does_not_differ_from_itself():
    assert json.loads(run("compare", "first-light", "first-light", "--json"))["verdict"] == "same"


def test_files_that_are_not_there_are_findings(tmp_path):
    output = run("receive", str(tmp_path / "nothing.xlsx"), "--questionnaire", "first-light", code=1)
    assert "returns-file-not-found" in output


def test_a_survey_verb_outside_a_folder_says_how_to_start(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for verb in ("form", "receive", "weight", "tabulate", "status", "lint"):
        assert "project-no-settings" in run(verb, code=1)
