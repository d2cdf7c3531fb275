"""Two-phase samples against R survey."""

from functools import cache

import numpy as np
import pytest
from oracle_numbers import data, numbers
from test_descriptive_equals_r import estimated

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.design.twophase import TwoPhaseDesign
from surveykit.estimation.degrees import design_df
from surveykit.estimation.descriptive import mean
from surveykit.estimation.scores import score_covariance

TABLE = numbers("twophase.csv")
CALLS = list(TABLE.groupby(["design", "statistic", "variables", "where"], sort=False))
RELAPSE = SurveyDesign(strata="rel")


@cache
def phased_survey(name):
    if name == "mu284_phases":
        first = SurveyDesign(clusters="id1", fpc="n1")
        second = SurveyDesign(strata="id1")
        return Survey(data("mu284_phases"), TwoPhaseDesign(first=first, second=second, selected="chosen"))
    frame = data("nwtco")
    if name == "nwtco_strata":
        frame = frame.assign(
            chosen=((frame["subcohort"] == 1) | (frame["rel"] == 1) | (frame["stage"] > 2)).astype(int)
        )
        crossed = SurveyDesign(strata=[["rel", "stage"]])
        return Survey(frame, TwoPhaseDesign(first=SurveyDesign(), second=crossed, selected="chosen"))
    first = SurveyDesign(fpc="frac") if name == "nwtco_fraction" else SurveyDesign()
    return Survey(frame, TwoPhaseDesign(first=first, second=RELAPSE, selected="chosen"))


@pytest.mark.parametrize(("call", "wanted"), CALLS, ids=["-".join(filter(None, call)) for call, _ in CALLS])
def test_numbers_of_two_phase_samples_equal_r(call, wanted):
    design, statistic, variables, where = call
    survey = phased_survey(design)
    survey = survey.where(where) if where else survey
    if statistic == "df":
        assert design_df(survey) == wanted["value"].item()
        return
    estimate = estimated(survey, statistic, variables, "")
    for _, one in wanted.iterrows():
        assert getattr(estimate, one["quantity"])[0] == pytest.approx(one["value"], rel=1e-9), one.to_dict()


def test_scores_by_row_give_the_same_variance():
    survey = phased_survey("nwtco")
    estimate = mean(survey, "age")
    weights = survey.weights
    scores = weights * (survey.numbers("age") - estimate.estimate[0]) / weights.sum()
    assert np.sqrt(score_covariance(survey, scores)[0, 0]) == pytest.approx(estimate.se[0], rel=1e-12)
