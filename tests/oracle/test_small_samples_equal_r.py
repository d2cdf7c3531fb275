"""Errors for few clusters against the definition of survey 4.5 and against clubSandwich."""

import numpy as np
import pandas as pd
import pytest
from oracle_numbers import numbers, oracle_survey

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.ordered import multinomial
from surveykit.estimation.regression import glm
from surveykit.estimation.replication import make_replicates
from surveykit.estimation.small_samples import small_sample
from surveykit.estimation.term_tests import term_test

TABLE = numbers("smallsample.csv")
FORMULAS = {
    ("apiclus1", "gaussian"): "api00 ~ ell + meals",
    ("apiclus1", "binomial"): "wide ~ meals",
    ("simulated_paired", "gaussian"): "sbp ~ age + C(sex)",
    ("simulated_paired", "binomial"): "smoker ~ age + bmi",
}


def survey_of(name):
    survey = oracle_survey(name)
    if name == "simulated_paired":
        return survey.where("smoker is answered and bmi is answered")
    return survey.with_columns({"wide": (survey.frame["sch.wide"] == "Yes").to_numpy().astype(float)})


def asked(name, method, kind, quantity):
    here = (TABLE["design"] == name) & (TABLE["statistic"] == method) & (TABLE["variables"] == kind)
    return TABLE[here & (TABLE["quantity"] == quantity)]["value"].to_numpy()


CASES = sorted(set(zip(TABLE["design"], TABLE["statistic"], TABLE["variables"], strict=True)))


@pytest.mark.parametrize(("name", "method", "kind"), CASES)
def test_errors_and_degrees_of_freedom_for_few_clusters_are_those_of_r(name, method, kind):
    fit = small_sample(glm(survey_of(name), FORMULAS[name, kind], family=kind), method=method)
    np.testing.assert_allclose(fit.se, asked(name, method, kind, "se"), rtol=1e-6)
    np.testing.assert_allclose(fit.freedom, asked(name, method, kind, "df"), rtol=1e-6)


def test_the_mean_of_clusters_of_one_row_has_the_usual_error_and_degrees_of_freedom():
    frame = pd.DataFrame({"y": [3.0, 1, 4, 1, 5, 9, 2, 6], "w": 1.0})
    fit = small_sample(glm(Survey(frame, SurveyDesign(weights="w")), "y ~ 1"), method="cr2")
    assert fit.se[0] == pytest.approx(frame["y"].std() / np.sqrt(8), rel=1e-10)
    assert fit.freedom[0] == pytest.approx(7, rel=1e-10)


def test_two_groups_have_the_degrees_of_freedom_of_welch_for_equal_variances():
    # Imbens and Kolesar (2016), Review of Economics and Statistics 98, 701-712, section II: n - 1 of each group mixed
    frame = pd.DataFrame({"y": np.arange(12.0) % 5, "x": [1.0] * 3 + [0.0] * 9, "w": 1.0})
    fit = small_sample(glm(Survey(frame, SurveyDesign(weights="w")), "y ~ x"), method="cr2")
    few, many = 3, 9
    by_hand = (1 / few + 1 / many) ** 2 / (1 / (few**2 * (few - 1)) + 1 / (many**2 * (many - 1)))
    assert fit.freedom[1] == pytest.approx(by_hand, rel=1e-10)


def test_adjusted_models_test_terms_on_the_fewest_degrees_of_freedom():
    fit = small_sample(glm(survey_of("apiclus1"), "api00 ~ ell + meals"))
    test = term_test(fit, ["ell", "meals"])
    assert test.df[1] == pytest.approx(fit.freedom[1:].min())
    assert "few clusters" in str(fit)
    assert (fit.to_frame()["df"] == fit.freedom).all()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda s: small_sample(glm(s, "api00 ~ ell"), method="cr3"), "estimate-option"),
        (lambda s: small_sample(glm(s, "wide ~ ell", family="binomial"), method="cr2"), "small-sample-model"),
        (lambda s: small_sample(multinomial(s, "stype ~ meals")), "small-sample-model"),
        (lambda s: small_sample(glm(make_replicates(s, method="jk1"), "api00 ~ ell")), "small-sample-model"),
    ],
)
def test_wrong_use_of_small_samples_is_said_in_a_finding(call, code):
    with pytest.raises(EstimationError) as caught:
        call(survey_of("apiclus1"))
    assert caught.value.findings[0].code == code
