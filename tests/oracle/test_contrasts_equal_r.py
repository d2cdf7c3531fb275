"""Contrasts, trends, differences and standardised means against R survey."""

import numpy as np
import pytest
from oracle_numbers import data, numbers, oracle_survey

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey
from surveykit.estimation.descriptive import mean
from surveykit.estimation.standardize import standardize
from surveykit.estimation.trends import differences, trend

TABLE = numbers("contrasts.csv")
AGES = {"19-39": 35, "40-59": 40, "60+": 25}
FAY = ReplicateDesign(weights="wt", replicates="fay[0-9]+", method="fay", rho=0.3)


def survey_of(name):
    return Survey(data("replicate_columns"), FAY) if name == "fay" else oracle_survey(name)


def wanted(design, statistic, variables, by="", row=""):
    here = TABLE[
        (TABLE["design"] == design)
        & (TABLE["statistic"] == statistic)
        & (TABLE["variables"] == variables)
        & (TABLE["by"] == by)
        & (TABLE["row"].astype(str) == row)
    ]
    return here.set_index("quantity")["value"]


def assert_row(estimate, at, figures):
    assert estimate.estimate[at] == pytest.approx(figures["estimate"], rel=1e-9)
    assert estimate.se[at] == pytest.approx(figures["se"], rel=1e-9)


CONTRASTS = {
    "linear": {"sbp": 1.0, "age": -1.0, "visits": 0.5},
    "ratio": lambda x: x[0] / x[1],
    "log": lambda x: np.log(x[0]) - 2 * np.log(x[2]),
}


@pytest.mark.parametrize("name", CONTRASTS)
def test_contrasts_of_means_equal_svycontrast(name):
    means = mean(survey_of("simulated_paired"), ["sbp", "age", "visits"])
    assert_row(means.contrast(CONTRASTS[name]), 0, wanted("simulated_paired", "contrast", name))
    expected = wanted("simulated_paired", "contrast", "covariance")["value"]
    assert means.covariance[0, 1] == pytest.approx(expected, rel=1e-9)


def test_a_nonlinear_contrast_of_replicates_is_taken_in_each_replicate():
    means = mean(survey_of("fay"), ["sbp", "age"])
    assert_row(means.contrast(lambda x: x[0] / x[1]), 0, wanted("fay", "contrast", "ratio"))


def test_trends_are_the_orthogonal_polynomials_of_contr_poly():
    means = mean(survey_of("simulated_paired"), "sbp", by="agegroup")
    even, uneven = trend(means, "agegroup", degree=2), trend(means, "agegroup", degree=2, scores=[29, 50, 70])
    assert even.category == ("linear", "quadratic")
    for at in range(2):
        assert_row(even, at, wanted("simulated_paired", "trend", f"even{at + 1}"))
        assert_row(uneven, at, wanted("simulated_paired", "trend", f"uneven{at + 1}"))


def test_differences_take_covariances_in():
    gaps = differences(mean(survey_of("simulated_paired"), "sbp", by="agegroup"), "agegroup")
    assert gaps.category == ("40-59 - 19-39", "60+ - 40-59")
    for at, age in enumerate(("40-59", "60+")):
        assert_row(gaps, at, wanted("simulated_paired", "difference", age))


@pytest.mark.parametrize("design", ["simulated_paired", "fay"])
@pytest.mark.parametrize("variable", ["sbp", "smoker", "bmi"])
def test_standardised_means_equal_svystandardize(design, variable):
    survey = survey_of(design)
    whole = standardize(survey, variable, over="agegroup", population=AGES)
    assert_row(whole, 0, wanted(design, "standardised", variable))
    by_sex = standardize(survey, variable, over="agegroup", population=AGES, by="sex")
    for at, sex in enumerate("12"):
        assert_row(by_sex, at, wanted(design, "standardised", variable, by="sex", row=sex))
