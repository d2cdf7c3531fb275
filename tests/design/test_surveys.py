"""What a survey knows of its frame, and what stays whole in a subpopulation."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from surveykit.design.calibration import Calibration
from surveykit.design.design import SurveyDesign
from surveykit.design.frames import columns_of
from surveykit.design.layout import crossed
from surveykit.design.survey import Survey

DESIGN = SurveyDesign(strata="stratum", clusters="psu", weights="wt")


def test_a_subpopulation_keeps_every_row_and_cluster(sample):
    survey = Survey(sample, DESIGN)
    old = survey.where("age >= 40").where("stratum = 'b'")
    assert old.rows == survey.rows
    assert old.layout is survey.layout
    assert old.domain.tolist() == [False, False, False, False, False, True, True, True]
    assert old.conditions == ("age >= 40", "stratum = 'b'")
    assert survey.domain.all()


def test_ids_start_again_in_every_stratum_unless_told_otherwise(sample):
    nested = Survey(sample, DESIGN).layout.stages[0]
    assert nested.units.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    flat = Survey(sample, SurveyDesign(clusters="psu", weights="wt")).layout.stages[0]
    assert flat.units.tolist() == [0, 0, 1, 1, 0, 0, 1, 1]


def test_stages_nest_and_weights_follow_from_population_sizes(sample):
    design = SurveyDesign(strata="stratum", clusters=["psu", "household"], fpc=["size", "inner"])
    survey = Survey(sample, design)
    first, second = survey.layout.stages
    assert second.units.tolist() == [0, 1, 2, 2, 3, 4, 5, 6]
    assert second.parents.tolist() == [0, 0, 1, 2, 2, 3, 3]
    assert first.fraction.tolist() == [0.2, 0.2, 0.5, 0.5]
    np.testing.assert_allclose(second.passed, [0.2, 0.2, 0.2, 0.5, 0.5, 0.5, 0.5])
    np.testing.assert_allclose(survey.weights, [15, 15, 15, 15, 5, 5, 8, 8])


def test_later_stages_count_only_with_population_sizes(sample):
    design = SurveyDesign(strata="stratum", clusters=["psu", "household"], weights="wt")
    assert len(Survey(sample, design).layout.stages) == 1


def test_a_stage_may_be_drawn_with_replacement(sample):
    design = SurveyDesign(clusters=["psu", "household"], fpc=[None, "inner"], weights="wt")
    sample["inner"] = 9
    stages = Survey(sample, design).layout.stages
    assert stages[0].fraction.tolist() == [0, 0]
    assert stages[1].passed.tolist() == [0] * len(stages[1].passed)


def test_new_weights_leave_the_given_frame_alone_and_keep_what_calibration_fixed(sample):
    survey = Survey(sample, DESIGN)
    step = Calibration(kind="groups", groups=(np.zeros(8, dtype=int),), before=survey.weights, after=(survey.weights,))
    again = survey.with_weights(survey.weights * 2, calibration=step).with_weights(survey.weights * 3)
    assert len(again.calibrations) == 1
    assert again.weights.tolist() == (survey.weights * 3).tolist()
    assert sample["wt"].tolist() == survey.weights.tolist()
    assert survey.with_weights(survey.weights, name="final").design.weights == "final"


@pytest.mark.parametrize("engine", ["pandas", "polars"])
def test_columns_can_be_added_in_memory(sample, engine):
    survey = Survey(sample if engine == "pandas" else pl.from_pandas(sample), DESIGN).where("age > 40")
    more = survey.with_columns({"old": np.arange(8.0)})
    assert more.numbers("old").tolist() == list(range(8))
    assert more.domain.tolist() == survey.domain.tolist()
    assert more.engine == engine


@pytest.mark.parametrize("values", [[3, 1, 3, 2], [True, False, True, True], ["b", "a", None, "b"], [2.5, None, 1, 1]])
def test_codes_rank_the_values_in_order_whatever_the_engine(values):
    frame = pd.DataFrame({"x": values})
    found = [columns_of(one).codes("x") for one in (frame, pl.DataFrame({"x": values}, strict=False))]
    for codes, levels in found:
        kept = [value for value in values if value is not None]
        assert levels.tolist() == sorted(set(kept))
        back = [None if code < 0 else levels.tolist()[code] for code in codes]
        assert back == values


def test_categories_keep_their_order_and_lose_unused_levels():
    frame = pd.DataFrame({"x": pd.Categorical(["low", "high", None], ["none", "low", "mid", "high"], ordered=True)})
    codes, levels = columns_of(frame).codes("x")
    assert (codes.tolist(), levels.tolist()) == ([0, 1, -1], ["low", "high"])


def test_wide_codes_are_ranked_too():
    frame = pd.DataFrame({"x": [10**12, -(10**12), 5]})
    codes, levels = columns_of(frame).codes("x")
    assert (codes.tolist(), levels.tolist()) == ([2, 0, 1], [-(10**12), 5, 10**12])
    many = np.arange(3000)
    assert crossed([many, many, many]).tolist() == many.tolist()


def test_missing_numbers_are_nan_in_numpy_whatever_the_type():
    frame = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": [True, False], "c": pd.array([True, None])})
    assert np.isnan(columns_of(frame).numbers("a")).tolist() == [False, True]
    assert columns_of(frame).numbers("b").tolist() == [1, 0]
    assert np.isnan(columns_of(pl.from_pandas(frame)).numbers("c")).tolist() == [False, True]


def test_a_survey_says_what_it_is(sample):
    text = repr(Survey(sample, DESIGN).where("age > 20"))
    assert "8 rows" in text
    assert "age > 20" in text
    assert "rows in the engine" in repr(Survey(pl.from_pandas(sample).lazy(), DESIGN))
