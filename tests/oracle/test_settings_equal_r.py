"""Tests and models on calibrated, two-phase, unequal-probability and multi-stage designs against R survey."""

import numpy as np
import pytest
from oracle_numbers import numbers, oracle_survey
from test_calibrated_equals_r import calibrated
from test_two_phases_equal_r import phased_survey
from test_unequal_probabilities_equal_r import unequal_survey

from surveykit.estimation.association import crosstab
from surveykit.estimation.goodness import goodness_of_fit
from surveykit.estimation.hazards import proportional_hazards
from surveykit.estimation.ranks import rank_test
from surveykit.estimation.regression import glm
from surveykit.estimation.term_tests import term_test

TABLE = numbers("settings.csv")
CALIBRATED = ["post", "raked", "linear"]
WHERE = ["", "age >= 60"]
MODELS = {
    ("nwtco_phases", "logistic"): lambda: glm(phased_survey("nwtco"), "rel ~ C(histol) + age", family="binomial"),
    ("nwtco_phases", "cox"): lambda: proportional_hazards(
        phased_survey("nwtco"), "C(histol) + age", time="edrel", event="rel"
    ),
    ("election_brewer", "linear"): lambda: glm(unequal_survey("brewer"), "Bush ~ Kerry"),
    ("mu284", "linear"): lambda: glm(oracle_survey("mu284"), "y1 ~ id1"),
    ("hospital", "poisson"): lambda: glm(oracle_survey("hospital"), "births ~ C(oblevel)", family="poisson"),
    ("nhanes", "logistic"): lambda: glm(
        oracle_survey("nhanes"), "HI_CHOL ~ C(race) + C(agecat) + RIAGENDR", family="binomial"
    ),
    ("crowd", "linear"): lambda: glm(oracle_survey("crowd"), "rooms ~ person"),
}


def asked(name, kind, where=""):
    here = (TABLE["design"] == name) & (TABLE["statistic"] == kind) & (TABLE["where"] == where)
    return TABLE[here].groupby("quantity", sort=False)["value"].apply(np.array)


def within(name, where):
    survey = calibrated(name)
    survey = survey.with_columns({"untied": survey.numbers("sbp") + np.arange(1, survey.rows + 1) * 1e-6})
    return survey.where(where) if where else survey


def assert_model(fit, figures):
    np.testing.assert_allclose(fit.coefficients, figures["estimate"], rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(fit.se, figures["se"], rtol=1e-6)


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("name", CALIBRATED)
def test_models_take_out_what_calibration_fixed(name, where):
    survey = within(name, where)
    assert_model(glm(survey, "smoker ~ bmi + sex + C(income)", family="binomial"), asked(name, "logistic", where))
    assert_model(glm(survey, "sbp ~ age + sex"), asked(name, "linear", where))


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("name", CALIBRATED)
def test_tests_take_out_what_calibration_fixed(name, where):
    survey, ranks = within(name, where), asked(name, "rank", where)
    test = rank_test(survey, "untied", "sex")
    assert (test.statistic, test.p_value) == pytest.approx((ranks["statistic"][0], ranks["p"][0]), rel=1e-6)
    crossed, shares = asked(name, "crosstab", where)["p"][0], asked(name, "goodness", where)["p"][0]
    assert crosstab(survey, "sex", "smoker").p_value == pytest.approx(crossed, rel=1e-6)
    found = goodness_of_fit(survey, "income", {"high": 25, "low": 38, "middle": 37}).p_value
    assert found == pytest.approx(shares, rel=1e-6)


@pytest.mark.parametrize(("name", "kind"), sorted(MODELS))
def test_models_of_other_designs_are_those_of_r(name, kind):
    assert_model(MODELS[name, kind](), asked(name, kind))


@pytest.mark.parametrize("term", ["race", "agecat"])
def test_terms_of_national_data_are_tested_as_in_r(term):
    fit = MODELS["nhanes", "logistic"]()
    assert fit.df == asked("nhanes", "logistic")["df"][0]
    rows = TABLE[TABLE["variables"].isin([term, f"factor({term})"])]
    assert term_test(fit, term).p_value == pytest.approx(rows["value"].item(), rel=1e-5)
