"""What shows only in many interviews: copied content, preferred digits, one answer for all, hurry, other days."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.responses import Responses
from surveykit.returns.checks import check
from surveykit.returns.intake import read_returned

CODES = [{"code": code, "label": {"en": f"Code {code}"}} for code in (1, 2, 3, 4)]
MERCURY = {"ucum": "mm[Hg]", "label": {"en": "mmHg"}}
ITEMS = [
    {"id": "ID", "type": "id", "label": {"en": "Id"}},
    {"id": "who", "type": "integer", "label": {"en": "Interviewer"}, "concept": "x.interviewer-code"},
    {
        "id": "minutes",
        "type": "integer",
        "label": {"en": "Minutes"},
        "concept": "x.interview-minutes",
        "required": False,
    },
    {"id": "sbp", "type": "integer", "label": {"en": "SBP"}, "measure": MERCURY, "required": False},
    *({"id": f"q{n}", "type": "select_one", "codelist": "four", "label": {"en": f"Q{n}"}} for n in range(20)),
]
DEFINITION = {
    "type": "questionnaire",
    "id": "many",
    "version": "1.0.0",
    "text_version": "1.0.0",
    "title": {"en": "Many"},
    "languages": ["en"],
    "licence": "CC BY 4.0",
    "minutes": 30,
    "units": {"person": {"label": {"en": "Person"}, "key": "ID"}},
    "codelists": {"four": {"version": "1.0.0", "codes": CODES}},
    "sections": [{"id": "A", "title": {"en": "A"}, "unit": "person", "items": ITEMS}],
}
MANY = load_questionnaire(DEFINITION)


@pytest.fixture
def frame() -> pd.DataFrame:
    """Return 300 people asked by three interviewers, with nothing odd about them."""
    chance = np.random.default_rng(7)
    columns = {
        "ID": pd.array([f"{n:04}" for n in range(300)], dtype="string"),
        "who": pd.array([n % 3 for n in range(300)], dtype="Int64"),
        "minutes": pd.array(chance.integers(20, 50, 300), dtype="Int64"),
        "sbp": pd.array(chance.integers(50, 90, 300) * 2, dtype="Int64"),
    }
    columns |= {f"q{n}": pd.array(chance.integers(1, 5, 300), dtype="Int64") for n in range(20)}
    return pd.DataFrame(columns)


def found(frame: pd.DataFrame):
    frames = {"person": frame}
    return check(Responses(questionnaire="many", version="1", structure_hash="x", frames=frames), MANY)


def test_nothing_is_odd_about_ordinary_answers(frame):
    assert [finding.code for finding in found(frame)] == []


def test_a_copied_interview_is_found_and_names_the_other(frame):
    own = frame.loc[[250], ["ID"]].reset_index(drop=True)
    copied = frame.copy()
    copied.loc[250, copied.columns[1:]] = frame.loc[10, frame.columns[1:]]
    findings = found(copied)
    assert [finding.code for finding in findings] == ["returns-check-same-content"]
    assert findings[0].where.record == own["ID"].iloc[0]
    assert "0010" in findings[0].message


def test_people_who_agree_in_few_or_common_answers_are_no_copies(frame):
    same = frame.copy()
    for number in range(20):
        same[f"q{number}"] = pd.array([1] * 299 + [2], dtype="Int64")
    assert "returns-check-same-content" not in [finding.code for finding in found(same)]


def test_an_interviewer_who_rounds_to_tens_is_found(frame):
    rounded = frame.copy()
    mine = rounded["who"] == 1
    rounded.loc[mine, "sbp"] = (rounded.loc[mine, "sbp"] // 10) * 10
    findings = found(rounded)
    assert [(one.code, one.where.item) for one in findings] == [("returns-check-digits", "sbp")]
    assert "interviewer 1" in findings[0].message


def test_an_interviewer_to_whom_all_say_the_same_is_found(frame):
    constant = frame.copy()
    constant.loc[constant["who"] == 2, "q3"] = 4
    findings = found(constant)
    assert [one.code for one in findings] == ["returns-check-constant"]
    assert "interviewer 2 gave the answer 4" in findings[0].message


def test_an_interview_in_a_third_of_the_time_is_found(frame):
    short = frame.copy()
    short.loc[5, "minutes"] = 9
    assert [(one.code, one.where.record) for one in found(short)] == [("returns-check-hurried", "0005")]


def test_days_outside_fieldwork_are_found(write, questionnaire):
    responses, _ = read_returned(write(), questionnaire)
    assert len(check(responses, questionnaire, fieldwork=("2026-03-01", "2026-03-31"))) == 0
    findings = check(responses, questionnaire, fieldwork=("2026-04-01", "2026-04-30"))
    assert [finding.code for finding in findings] == ["returns-check-fieldwork"]


def test_a_serial_that_nobody_drew_is_found(write, questionnaire):
    responses, _ = read_returned(write(), questionnaire)
    found = check(responses, questionnaire, sampled=["2006"])
    assert [(one.code, one.where.record) for one in found] == [("returns-check-not-sampled", "1008")]
    assert list(check(responses, questionnaire, sampled=["1008", "2006"])) == []


def test_another_person_than_the_table_takes_is_found(write, questionnaire):
    two_adults = {"A_who.r3": "Pak", "A_age.r3": 50}
    told = set()
    for line in (1, 3):
        responses, _ = read_returned(write(answers={**two_adults, "A_line_adult.r1": line}), questionnaire)
        told.add(tuple(finding.code for finding in check(responses, questionnaire)))
    assert told == {(), ("returns-check-other-person",)}
