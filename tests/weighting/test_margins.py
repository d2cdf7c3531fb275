"""Totals in every form that people write, and every way in which they can be wrong."""

import numpy as np
import pandas as pd
import pytest

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.weighting.calibration import calibrate, poststratify, rake
from surveykit.weighting.margins import parse_margins
from surveykit.weighting.populations import population_margins, standard_population


def people():
    return pd.DataFrame(
        {
            "sex": [1, 1, 2, 2, 2, 1],
            "age": ["young", "old", "young", "old", "young", "young"],
            "income": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "w": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        }
    )


def survey(frame=None):
    return Survey(people() if frame is None else frame, SurveyDesign(weights="w"))


@pytest.mark.parametrize(
    "totals",
    [
        {"sex": {"1": 100, "2": 120}},
        {"sex": {1: 100, 2: 120}},
        {"sex": {1.0: 100, np.int64(2): 120}},
        {("sex",): {(1,): 100, ("2",): 120}},
        {"sex": pd.Series({1: 100, 2: 120})},
        pd.DataFrame({"sex": [1, 2], "count": [100, 120]}),
        pd.DataFrame({"sex": ["1", "2"], "Freq": [100.0, 120.0]}),
        pd.DataFrame({"sex": pd.array([2, 1], dtype="Int64"), "population": pd.array([120, 100], dtype="Int64")}),
    ],
)
@pytest.mark.parametrize("kind", ["int64", "Int64", "float64", "str", "string", "category"])
def test_codes_match_whatever_their_type(totals, kind):
    frame = people()
    frame["sex"] = (
        frame["sex"].astype("Int64").astype("string").astype(kind)
        if kind in {"str", "category"}
        else frame["sex"].astype(kind)
    )
    made = poststratify(survey(frame), totals)
    np.testing.assert_allclose(made.weights, [100 / 9, 200 / 9, 30, 40, 50, 600 / 9])


@pytest.mark.parametrize(
    "totals",
    [
        {("sex", "age"): {(1, "young"): 30, (1, "old"): 70, (2, "young"): 50, (2, "old"): 70}},
        {"sex * age": {"1": {"young": 30, "old": 70}, "2": {"young": 50, "old": 70}}},
        {("age", "sex"): {("young", 1): 30, ("old", 1): 70, ("young", 2): 50, ("old", 2): 70}},
        pd.DataFrame({"sex": [1, 1, 2, 2], "age": ["young", "old"] * 2, "count": [30, 70, 50, 70]}),
    ],
)
def test_crossed_columns_may_be_written_in_several_ways(totals):
    made = poststratify(survey(), totals)
    np.testing.assert_allclose(made.weights, [30 / 7, 70, 18.75, 70, 31.25, 180 / 7])


def test_margins_may_come_as_one_mapping_or_as_several_tables():
    one = rake(survey(), {"sex": {1: 100, 2: 120}, "age": {"young": 90, "old": 130}})
    tables = [pd.DataFrame({"sex": [1, 2], "count": [100, 120]}), {"age": {"young": 90, "old": 130}}]
    np.testing.assert_allclose(rake(survey(), tables).weights, one.weights)


def test_margins_apart_by_rounding_are_scaled_to_the_first():
    made = rake(survey(), {"sex": {1: 100, 2: 120}, "age": {"young": 90.1, "old": 130}})
    assert made.weights.sum() == pytest.approx(220)


def test_numbers_and_the_total_may_stand_beside_categories():
    made = calibrate(survey(), [{"sex": {1: 10, 2: 14}}, {"income": 95}])
    assert made.weights @ people()["income"].to_numpy() == pytest.approx(95)
    total = calibrate(survey(), {"(total)": 30, "income": 120})
    assert total.weights.sum() == pytest.approx(30)


def test_rows_without_weight_need_no_category():
    frame = people()
    frame.loc[0, ["sex", "w"]] = [9, 0]
    frame["age"] = frame["age"].where(frame["w"] > 0)
    made = rake(survey(frame), {"sex": {1: 100, 2: 120}, "age": {"young": 90, "old": 130}})
    assert made.weights[0] == 0
    assert made.weights.sum() == pytest.approx(220)


@pytest.mark.parametrize(
    ("margins", "code", "cell"),
    [
        ({"gender": {1: 1, 2: 1}}, "weighting-unknown-column", "gender"),
        ({"sex": {1: 100}}, "weighting-margin-no-total", "sex=2"),
        ({"sex": {1: 100, 2: 120, 3: 5}}, "weighting-margin-empty-cell", "sex=3"),
        ({"sex": {1: 100, 2: 0}}, "weighting-margin-zero-total", "sex=2"),
        ({"sex": {1: 100, 2: -5}}, "weighting-margin-total", "sex=2"),
        ({"sex": {1: 100, 2: "many"}}, "weighting-margin-form", ""),
        ({"sex": {1: 100, 2: None}}, "weighting-margin-total", "sex=2"),
        ({"sex": [100, 120]}, "weighting-margin-form", ""),
        ({("sex", "age"): {1: 100}}, "weighting-margin-form", ""),
        ({}, "weighting-margin-form", ""),
        ({"sex": {1: 0, 2: 0}}, "weighting-margin-form", ""),
        (pd.DataFrame({"sex": [1, 2], "people": [1, 1]}), "weighting-margin-form", ""),
        (pd.DataFrame({"sex": [1, 1, 2], "count": [1, 1, 1]}), "weighting-margin-twice", "sex=1"),
        ({"sex": {1: 100, 2: 120}, "age": {"young": 90, "old": 131}}, "weighting-margins-disagree", "age"),
    ],
)
def test_what_cannot_be_met_is_refused_with_the_cell(margins, code, cell):
    with pytest.raises(WeightingError) as caught:
        rake(survey(), margins)
    assert code in caught.value.findings.codes
    assert cell in str(caught.value)


def test_the_disagreement_is_given_in_percent():
    with pytest.raises(WeightingError) as caught:
        rake(survey(), {"sex": {1: 100, 2: 120}, "age": {"young": 90, "old": 140}})
    assert "4.55 %" in str(caught.value)


def test_missing_answers_are_counted():
    frame = people()
    frame["age"] = frame["age"].where(frame.index != 2)
    with pytest.raises(WeightingError) as caught:
        rake(survey(frame), {"age": {"young": 90, "old": 130}})
    assert caught.value.findings.codes == {"weighting-margin-missing-answer": 1}
    with pytest.raises(WeightingError) as caught:
        calibrate(survey(frame.assign(income=frame["income"].where(frame.index != 2))), {"income": 95, "(total)": 21})
    assert caught.value.findings.codes == {"weighting-margin-missing-answer": 1}


def test_every_wrong_cell_is_named_at_once():
    with pytest.raises(WeightingError) as caught:
        rake(survey(), {"sex": {3: 100, 4: 120}, "age": {"young": 10, "middle": 5}})
    codes = caught.value.findings.codes
    assert codes == {
        "weighting-margin-no-total": 3,
        "weighting-margin-empty-cell": 3,
        "weighting-margins-disagree": 1,
    }


def test_totals_of_numbers_must_be_finite():
    with pytest.raises(WeightingError) as caught:
        calibrate(survey(), {"income": float("nan")})
    assert "weighting-margin-form" in caught.value.findings.codes
    with pytest.raises(WeightingError) as caught:
        calibrate(survey(), {"wealth": 5.0})
    assert "weighting-unknown-column" in caught.value.findings.codes


def test_a_margin_is_a_table():
    margin = parse_margins({("sex", "age"): {(1, "young"): 30}})[0]
    assert margin.to_frame().to_dict("records") == [
        {"margin": "sex x age", "category": "sex=1, age=young", "total": 30.0}
    ]


def test_standard_populations_are_those_published():
    korea = standard_population("korea-2005")
    assert sum(korea.values()) == 36_511_538
    assert sum(size for group, size in korea.items() if group != "19-29") == 28_248_633
    us = standard_population("us-2000", groups=["20-39", "40-59", "60+"])
    assert dict(us) == {"20-39": 77_670_618, "40-59": 72_816_615, "60+": 45_363_752}
    assert sum(standard_population("us-2000").values()) == 274_633_642
    assert sum(standard_population("us-2000-adults-18").values()) == pytest.approx(1)
    assert sum(standard_population("segi").values()) == 100_000
    who = standard_population("who-world")
    assert sum(who.values()) == pytest.approx(100.03)
    assert sum(who.shares.values()) == pytest.approx(1)
    assert who["0-4"] == 8.86
    assert len(who) == 18
    assert who.to_frame()["age_group"].tolist()[-1] == "85+"
    assert all(standard_population(name).source for name in ("korea-2005", "us-2000", "who-world", "segi"))


@pytest.mark.parametrize(
    ("name", "groups", "code"),
    [
        ("mars", None, "weighting-population-unknown"),
        ("us-2000", ["18-39"], "weighting-population-cut"),
        ("korea-2005", ["10-29"], "weighting-population-cut"),
        ("us-2000", ["40-"], "weighting-population-group"),
    ],
)
def test_groups_that_cut_through_published_ones_are_refused(name, groups, code):
    with pytest.raises(WeightingError) as caught:
        standard_population(name, groups=groups)
    assert caught.value.findings[0].code == code


def test_margins_of_the_dprk_agree_and_say_where_they_come_from():
    province, age = population_margins("dprk-2008")
    assert province["count"].sum() == 23_349_859
    assert age["count"].sum() == pytest.approx(23_349_859)
    assert age.columns.tolist() == ["sex", "age_group", "count"]
    assert "CC BY" in province.attrs["licence"]
    assert "modelled" in str(age.attrs) or "interpolated" in age.attrs["source"]
    with pytest.raises(WeightingError) as caught:
        population_margins("mars")
    assert caught.value.findings[0].code == "weighting-population-unknown"
