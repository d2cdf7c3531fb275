"""Totals, means, ratios, proportions, variances and intervals against R survey, number by number."""

import math

import pandas as pd
import pytest
from oracle_numbers import numbers, oracle_survey

from surveykit.estimation import descriptive
from surveykit.estimation.degrees import design_df

TABLE = pd.concat([numbers("descriptive.csv"), numbers("lonely.csv")])
CALLS = list(TABLE.groupby(["design", "statistic", "variables", "by", "where"], sort=False))
INTERVALS = {"logit": "logit", "xlogit": "logit", "asin": "arcsine", "beta": "beta", "mean": "wald"}


def estimated(survey, statistic, variables, by):
    names = by.split(",") if by else None
    if statistic in {"covariance", "correlation"}:
        return getattr(descriptive, statistic)(survey, *variables.split(","), by=names)
    if statistic == "ratio":
        return descriptive.ratio(survey, *variables.split("/"), by=names)
    return getattr(descriptive, statistic)(survey, variables, by=names)


def rows(estimate):
    parts = [*estimate.by.values()]
    if any(level is not None for level in estimate.category) and len(set(estimate.category)) > 1:
        parts.append(estimate.category)
    return ["|".join(str(part[at]) for part in parts) for at in range(len(estimate))]


def quantity(estimate, name):
    half = estimate.limits[1] - estimate.estimate
    return {
        "estimate": estimate.estimate,
        "se": estimate.se,
        "deff": estimate.deff,
        "deff_replace": estimate.deff_replace,
        "lower_t": estimate.estimate - half,
    }[name]


@pytest.mark.parametrize(("call", "wanted"), CALLS, ids=["-".join(filter(None, call)) for call, _ in CALLS])
def test_numbers_equal_r(call, wanted):
    design, statistic, variables, by, where = call
    survey = oracle_survey(design)
    survey = survey.where(where) if where else survey
    if statistic == "df":
        assert design_df(survey) == wanted["value"].item()
        return
    if statistic == "interval":
        assert_interval(survey, variables, wanted)
        return
    estimate = estimated(survey, statistic, variables, by)
    normal = estimated_normal(survey, statistic, variables) if "lower_normal" in set(wanted["quantity"]) else None
    place = {row: at for at, row in enumerate(rows(estimate))}
    assert set(wanted["row"]) <= set(place)
    for _, one in wanted.iterrows():
        if one["quantity"] == "lower_normal":
            found = normal.limits[0][0]
        else:
            found = quantity(estimate, one["quantity"])[place[one["row"]]]
        tolerance = 1e-7 if one["quantity"].startswith("deff") else 1e-9
        assert found == pytest.approx(one["value"], rel=tolerance, abs=1e-12), one.to_dict()


def estimated_normal(survey, statistic, variables):
    return getattr(descriptive, statistic)(survey, variables, df=math.inf)


def assert_interval(survey, variable, wanted):
    for _, one in wanted.iterrows():
        method, side = one["quantity"].rsplit("_", 1)
        found = descriptive.proportion(survey, variable, interval=INTERVALS.get(method, method)).limits
        # R interpolates the likelihood profile, and fits the logit by iteration
        tolerance = {"likelihood": 2e-3, "logit": 1e-8}.get(method, 1e-9)
        assert found[side == "upper"][0] == pytest.approx(one["value"], rel=tolerance)
