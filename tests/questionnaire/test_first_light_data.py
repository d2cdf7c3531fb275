"""The first instrument against the answers of 9,971 real people."""

import json
import math
import re

import pandas as pd
import pytest

from surveykit.documents import shipped
from surveykit.expressions import columns, meaning
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.scope import scope_of

INSTRUMENT = load_questionnaire("first-light")


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    crosswalk = json.loads((shipped("data") / "nhanes_2015_2016.crosswalk.json").read_text(encoding="utf-8"))
    raw = pd.read_csv(shipped("data") / crosswalk["data"])
    frame = pd.DataFrame({name: _translated(raw, rule) for name, rule in crosswalk["items"].items()})
    for item in INSTRUMENT.items:
        if item.var not in frame and item.type not in {"calculated", "note"}:
            frame[item.var] = pd.array([None] * len(frame), dtype="Float64" if item.type != "date" else "string")
    for item in INSTRUMENT.items:
        asked = _holds(item.relevant, frame) if item.relevant else pd.Series(data=True, index=frame.index)
        if item.type == "calculated":
            typed = meaning.compile(item.calculation, scope_of(INSTRUMENT, "person"))
            frame[item.var] = columns.values(typed, frame).where(asked)
        elif item.type != "date":
            frame[item.var] = frame[item.var].where(asked)
    return frame


def _translated(raw: pd.DataFrame, rule: dict) -> pd.Series:
    column = raw[rule["column"]]
    if "recode" in rule:
        written = column.map(lambda one: str(int(one)) if isinstance(one, float) and not math.isnan(one) else one)
        column = written.map(rule["recode"])
    return column.fillna(rule["absent"]) if "absent" in rule else column


def _holds(rule: str, frame: pd.DataFrame) -> pd.Series:
    typed = meaning.compile(rule, scope_of(INSTRUMENT, "person"), gives="boolean")
    return columns.holds(typed, frame)


def test_no_real_answer_is_outside_a_range_or_a_code_list(answers):
    for item in INSTRUMENT.items:
        if item.type in {"calculated", "note", "date"}:
            continue
        real = answers[item.var].dropna()
        real = real[~real.isin(list(item.missing_codes))]
        if item.codelist:
            assert set(real) <= set(item.codelist.codes), item.id
        elif item.range:
            low, high = item.range.warn_below or item.range.min, item.range.warn_above or item.range.max
            assert real.between(low, high).all(), item.id
        if item.pattern:
            assert all(re.fullmatch(item.pattern, str(one)) for one in real), item.id


def test_no_real_answer_has_more_decimals_than_its_item(answers):
    for item in INSTRUMENT.items:
        if item.type == "decimal":
            assert all(round(one, item.decimals) == one for one in answers[item.var].dropna()), item.id


def test_no_real_answers_break_a_check_or_a_constraint(answers):
    scope = scope_of(INSTRUMENT, "person")
    for check in INSTRUMENT.checks:
        typed = meaning.compile(check.expression, scope, gives="boolean")
        assert not columns.fails(typed, answers).any(), check.id
    for item in INSTRUMENT.items:
        if item.constraint:
            own = scope_of(INSTRUMENT, "person", this=item.id)
            typed = meaning.compile(item.constraint, own, gives="boolean")
            assert not columns.fails(typed, answers).any(), item.id


def test_obesity_and_hypertension_have_the_published_denominators(answers):
    examined = answers[answers["wt_itvex"] > 0]
    adults = _holds("age >= 20 and coalesce(HE_prg, 0) == 0 and HE_BMI is answered", examined)
    assert int(adults.sum()) == 5337  # NCHS Data Brief 288 (2017), data source
    pressed = _holds("age >= 18 and coalesce(HE_prg, 0) == 0 and hypertension is answered", examined)
    assert int(pressed.sum()) == 5504  # NCHS Data Brief 289 (2017), data source


def test_computed_obesity_and_hypertension_give_the_reference_percentages(answers):
    examined = answers[answers["wt_itvex"] > 0]
    for outcome, rule, expected in (
        ("obese", "age >= 20 and coalesce(HE_prg, 0) == 0", 0.397698099016332),
        ("hypertension", "age between 18 and 39 and coalesce(HE_prg, 0) == 0", 0.0745133528170011),
        ("hypertension", "age between 40 and 59 and coalesce(HE_prg, 0) == 0", 0.332431024458437),
        ("hypertension", "age >= 60 and coalesce(HE_prg, 0) == 0", 0.630892315473579),
    ):
        domain = examined[_holds(rule, examined) & examined[outcome].notna()]
        share = (domain[outcome].astype(float) * domain["wt_itvex"]).sum() / domain["wt_itvex"].sum()
        assert share == pytest.approx(expected, abs=1e-12)


def test_the_computed_body_mass_index_is_the_published_one_for_adults(answers):
    raw = pd.read_csv(shipped("data") / "nhanes_2015_2016.csv.gz")
    adults = raw["RIDAGEYR"] >= 20
    assert (answers["HE_BMI"][adults].astype(float) - raw["BMXBMI"][adults]).abs().max() < 1e-9
