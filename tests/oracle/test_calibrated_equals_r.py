"""Variances of calibrated surveys against R survey, from the weights that R made."""

from functools import cache

import numpy as np
import pytest
from oracle_numbers import SIMULATED, data, numbers
from test_descriptive_equals_r import estimated, rows

from surveykit.design.calibration import Calibration
from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.estimation.degrees import design_df

TABLE = numbers("calibrated.csv")
CALLS = list(TABLE.groupby(["design", "statistic", "variables", "by", "where"], sort=False))


def codes(columns):
    parts = [np.unique(column, return_inverse=True)[1] for column in columns]
    return np.unique(np.stack(parts), axis=1, return_inverse=True)[1]


@cache
def base():
    frame = data("simulated_paired").copy()
    frame["wt"] = frame["wt"].where(frame["wt"] != 0, 1000.0)
    return Survey(frame, SurveyDesign(**SIMULATED))


@cache
def calibrated(name):
    survey, made = base(), data("calibrated")
    frame, before = survey.frame, survey.weights
    sex, age = frame["sex"].to_numpy(), frame["agegroup"].to_numpy()
    matrix = np.column_stack([np.ones(len(frame)), sex == 2, frame["age"], frame["persons"]]).astype(float)
    post = Calibration(kind="groups", groups=(codes([sex, age]),), before=before, after=(made["post"].to_numpy(),))
    if name == "post":
        return survey.with_weights(made["post"].to_numpy(), calibration=post)
    if name == "raked":
        after = (made["raked1"].to_numpy(), made["raked2"].to_numpy())
        step = Calibration(kind="margins", groups=(codes([sex]), codes([age])), before=before, after=after)
        return survey.with_weights(after[1], calibration=step)
    if name == "twice":
        first = calibrated("post")
        step = Calibration(
            kind="matrix", matrix=matrix[:, [0, 3]], before=first.weights, after=(made["twice"].to_numpy(),)
        )
        return first.with_weights(made["twice"].to_numpy(), calibration=step)
    step = Calibration(kind="matrix", matrix=matrix, before=before, after=(made[name].to_numpy(),))
    return survey.with_weights(made[name].to_numpy(), calibration=step)


@pytest.mark.parametrize(("call", "wanted"), CALLS, ids=["-".join(filter(None, call)) for call, _ in CALLS])
def test_numbers_of_calibrated_surveys_equal_r(call, wanted):
    design, statistic, variables, by, where = call
    survey = calibrated(design)
    survey = survey.where(where) if where else survey
    if statistic == "df":
        assert design_df(survey) == wanted["value"].item()
        return
    estimate = estimated(survey, statistic, variables, by)
    place = {row: at for at, row in enumerate(rows(estimate))}
    for _, one in wanted.iterrows():
        found = getattr(estimate, one["quantity"])[place[one["row"]]]
        assert found == pytest.approx(one["value"], rel=1e-9), one.to_dict()


def test_the_covariance_of_a_calibrated_survey_has_the_variances_on_its_diagonal():
    estimate = estimated(calibrated("raked"), "mean", "sbp", "region,sex")
    np.testing.assert_allclose(np.sqrt(np.diag(estimate.covariance)), estimate.se, rtol=1e-12)
