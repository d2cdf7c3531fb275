"""What a designer does without Python: translate, publish the answer schema, make up answers."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from command_line import run

from surveykit.documents import shipped
from surveykit.questionnaire.definition import load_questionnaire


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "village.json"
    shutil.copy(shipped("questionnaires") / "first-light.json", path)
    return path


@pytest.fixture
def po(own, tmp_path):
    path = tmp_path / "fr.po"
    run("translate", own, "--to", "fr", "--output", path)
    text = path.read_text("utf-8").replace('msgid "Height"\nmsgstr ""', 'msgid "Height"\nmsgstr "Taille"')
    path.write_text(text, encoding="utf-8")
    return path


def test_translate_says_how_complete_each_language_is():
    states = json.loads(run("translate", "first-light", "--json"))
    assert states["ko"] == states["en"]


def test_a_translation_comes_back_as_one_whole_instrument(own, po, tmp_path):
    made = tmp_path / "french.json"
    run("translate", own, "--take", po, "--output", made)
    french = load_questionnaire(made)
    assert french.languages[-1] == "fr"
    assert french.structure_hash == load_questionnaire(own).structure_hash
    assert "Taille" in made.read_text("utf-8")


def test_a_translation_is_written_into_the_definition_itself(own, po):
    run("translate", own, "--take", po, "--in-place")
    assert load_questionnaire(own).languages[-1] == "fr"


def test_shipped_files_are_not_written_over(po):
    before = (shipped("questionnaires") / "first-light.json").read_bytes()
    assert "--output" in run("translate", "first-light", "--take", po, "--in-place", code=2)
    assert (shipped("questionnaires") / "first-light.json").read_bytes() == before


def test_out_and_in_at_once_is_wrong_usage(own, po):
    assert "Usage" in run("translate", own, "--to", "fr", "--take", po, code=2)


def test_the_schema_of_answers_goes_to_the_terminal_or_a_file(tmp_path):
    shown = json.loads(run("schema", "first-light"))
    run("schema", "first-light", "--output", tmp_path / "answers.json")
    assert json.loads((tmp_path / "answers.json").read_text("utf-8")) == shown
    assert shown["$schema"].endswith("2020-12/schema")


def test_made_up_answers_are_a_file_a_unit_and_come_again_with_the_seed(tmp_path):
    for name in ("one", "two"):
        run("simulate", "dprk-summary", "-n", 5, "--seed", 3, "--output", tmp_path / name)
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert [path.name for path in first] == ["adult.csv", "child.csv", "household.csv", "member.csv", "woman.csv"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_planted_mistakes_come_with_their_key(tmp_path):
    run("simulate", "dprk-summary", "-n", 20, "--errors", 0.5, "--output", tmp_path)
    assert {"unit", "item", "was", "now"} <= set(pd.read_csv(tmp_path / "mistakes.csv").columns)
