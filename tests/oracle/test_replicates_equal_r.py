"""Replicate weights against R survey: given as columns, and made from strata and clusters."""

from functools import cache

import numpy as np
import pytest
from oracle_numbers import DESIGNS, data, numbers, oracle_survey
from test_descriptive_equals_r import estimated, rows

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.estimation.degrees import design_df
from surveykit.estimation.descriptive import total
from surveykit.estimation.replication import make_replicates

TABLE = numbers("replicates.csv")
CALLS = list(TABLE.groupby(["design", "statistic", "variables", "by", "where"], sort=False))
HALVES = (0.5,) * 20  # (n_h - 1) / n_h of ten strata with two clusters each
GIVEN = {
    "brr": {"method": "brr"},
    "brr_mse": {"method": "brr", "mse": True},
    "fay": {"method": "fay", "rho": 0.3},
    "jkn": {"method": "jkn", "rscales": HALVES},
    "bootstrap": {"method": "bootstrap"},
    "sdr": {"method": "successive-difference"},
    "acs": {"method": "acs"},
    "jk2": {"method": "jk2"},
    "jk1": {"method": "jk1", "scale": 0.9},
    "other": {"method": "other", "scale": 0.02, "rscales": tuple(np.linspace(0.5, 1.5, 40))},
}
COLUMNS = {"brr_mse": "brr", "sdr": "brr", "acs": "brr", "jk2": "brr", "jk1": "jkn", "other": "bootstrap"}
PAIRS = SurveyDesign(strata="stratum", clusters="unit", weights="wt", nest=False)


@cache
def replicate_survey(name):
    if name == "scd":
        design = ReplicateDesign(weights="one", replicates="rep[0-9]", method="brr", combined=False)
        return Survey(data("scd_replicates"), design)
    if name.startswith("made_jk"):
        frame = {"made_jk1": "apiclus1", "made_jkn": "apistrat", "made_jkn_wr": "apistrat_wr"}[name]
        return make_replicates(oracle_survey(frame), method="jk1" if name == "made_jk1" else "jkn")
    frame = data("replicate_columns")
    if name.startswith("made_"):
        return make_replicates(Survey(frame, PAIRS), method=name.removeprefix("made_"), rho=0.3)
    return Survey(frame, ReplicateDesign(weights="wt", replicates=f"{COLUMNS.get(name, name)}[0-9]+", **GIVEN[name]))


@pytest.mark.parametrize(("call", "wanted"), CALLS, ids=["-".join(filter(None, call)) for call, _ in CALLS])
def test_numbers_of_replicate_designs_equal_r(call, wanted):
    design, statistic, variables, by, where = call
    survey = replicate_survey(design)
    survey = survey.where(where) if where else survey
    if statistic == "df":
        assert design_df(survey) == wanted["value"].item()
        return
    estimate = estimated(survey, statistic, variables, by)
    place = {row: at for at, row in enumerate(rows(estimate))}
    for _, one in wanted.iterrows():
        found = getattr(estimate, one["quantity"])[place[one["row"]]]
        assert found == pytest.approx(one["value"], rel=1e-9), one.to_dict()


@pytest.mark.parametrize("method", ["jkn", "brr", "fay", "sdr"])
def test_made_replicates_give_the_linearised_error_of_a_total(method):
    linear = Survey(data("replicate_columns"), PAIRS)
    made = make_replicates(linear, method=method, rho=0.4)
    assert total(made, "visits").se[0] == pytest.approx(total(linear, "visits").se[0], rel=1e-12)
    assert DESIGNS["crowd"].clusters == "cluster"
