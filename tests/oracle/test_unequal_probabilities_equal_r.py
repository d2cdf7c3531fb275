"""Unequal probabilities without replacement against R survey."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from oracle_numbers import HERE, data, numbers
from test_descriptive_equals_r import estimated

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.estimation.descriptive import mean

TABLE = numbers("unequal.csv")
CALLS = list(TABLE.groupby(["design", "statistic", "variables", "where"], sort=False))
JOINT = pd.read_csv(HERE / "data/election_jointprob.csv.gz", header=None).to_numpy()
METHODS = {"brewer": "brewer", "overton": "overton", "hartley_rao": "hartley-rao", "joint": "joint"}


@cache
def unequal_survey(name):
    if name == "brewer_stages":
        first = {19: 0.8, 31: 1.0, 45: 1.1, 47: 0.9, 50: 1.2}
        frame = data("mu284")
        frame = frame.assign(f1=5 / frame["n1"] * frame["id1"].map(first), f2=3 / frame["n2"])
        return Survey(frame, SurveyDesign(clusters=["id1", "id2"], fpc=["f1", "f2"], pps="brewer"))
    method = METHODS[name.removesuffix("_yg")]
    variance = "yates-grundy" if name.endswith("_yg") else "horvitz-thompson"
    joint = JOINT if method == "joint" else None
    return Survey(data("election_pps"), SurveyDesign(fpc="p", pps=method, joint=joint, pps_variance=variance))


@pytest.mark.parametrize(("call", "wanted"), CALLS, ids=["-".join(filter(None, call)) for call, _ in CALLS])
def test_numbers_under_unequal_probabilities_equal_r(call, wanted):
    design, statistic, variables, where = call
    survey = unequal_survey(design)
    estimate = estimated(survey.where(where) if where else survey, statistic, variables, "")
    for _, one in wanted.iterrows():
        assert getattr(estimate, one["quantity"])[0] == pytest.approx(one["value"], rel=1e-9), one.to_dict()


@pytest.mark.parametrize("name", ["overton", "joint", "joint_yg"])
def test_the_covariance_has_the_variances_on_its_diagonal(name):
    frame = data("election_pps").assign(half=np.arange(40) % 2)
    survey = Survey(frame, unequal_survey(name).design)
    estimate = mean(survey, ["Bush", "Kerry"], by="half")
    np.testing.assert_allclose(np.sqrt(np.diag(estimate.covariance)), estimate.se, rtol=1e-9)
