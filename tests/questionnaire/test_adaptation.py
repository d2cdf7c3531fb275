"""The example of a new country's instrument: half the modules, a code list of its own, no line of Python."""

from pathlib import Path

import pytest

from surveykit.documents import shipped
from surveykit.questionnaire.compare import compare
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.lint import lint

HIGHLAND = Path(__file__).parents[2] / "examples" / "adaptation" / "highland.json"


@pytest.fixture(scope="module")
def highland():
    return load_questionnaire(HIGHLAND)


def test_the_example_includes_half_of_the_shipped_modules(highland):
    known = len(list((shipped("questionnaires") / "modules").glob("*.json")))
    assert len(highland.modules) == known // 2


def test_the_example_has_no_errors_and_its_only_warning_is_the_one_that_the_page_explains():
    assert [(one.code, one.where.item) for one in lint(HIGHLAND)] == [("lint-retired-code", "edu")]


def test_the_example_has_its_own_schools_under_the_old_codes(highland):
    school = highland.item("educ").codelist
    assert school.option(1).retired
    assert school.option(10).label["en"] == "Monastery school"
    assert 1 not in [option.code for option in school.offered]


def test_the_example_words_and_asks_two_questions_differently(highland):
    assert "hand-rolled" in highland.item("BS1_1").label["en"]
    assert highland.item("marri_1").relevant == "age >= 18"


def test_the_example_says_which_indicators_it_gives_up():
    found = compare("knhanes", HIGHLAND)
    assert "smk_current" not in found.lost
    assert "copd" in found.lost
    assert found.gained == ()
