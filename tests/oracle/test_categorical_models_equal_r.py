"""Ordinal and multinomial models against R survey, MASS and VGAM."""

import numpy as np
import pandas as pd
import pytest
from oracle_numbers import data, numbers, oracle_survey

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.descriptive import proportion
from surveykit.estimation.margins import average_effects, margins
from surveykit.estimation.ordered import multinomial, ordinal
from surveykit.estimation.ratios import adjusted_ratios, ratios
from surveykit.estimation.regression import glm
from surveykit.estimation.replication import make_replicates
from surveykit.estimation.term_tests import term_test

ORDINAL = numbers("ordinal.csv")
MULTINOMIAL = numbers("multinomial.csv")
FAY = ReplicateDesign(weights="wt", replicates="fay[0-9]+", method="fay", rho=0.3)
INCOMES = ["low", "middle", "high"]
ORDERED = {
    "apistrat": "quarter ~ avg_ed + C(stype)",
    "apiclus1": "quarter ~ avg_ed + mobility + C(stype)",
    "apiclus2": "quarter ~ mobility + C(awards)",
    "simulated_paired": "income ~ decades + sex + smoker",
    "fay": "income ~ decades + sex + smoker",
}
UNORDERED = {
    "apistrat": "stype ~ hundreds + meals",
    "apiclus1": "stype ~ hundreds + meals",
    "simulated_paired": "income ~ decades + C(region)",
    "fay": "income ~ decades + sex",
}
LINKS = {"logistic": "logit", "probit": "probit", "cloglog": "cloglog"}


def survey_of(name):
    survey = Survey(data("replicate_columns"), FAY) if name == "fay" else oracle_survey(name)
    if not name.startswith("api"):
        return survey.with_columns({"decades": survey.numbers("age") / 10})
    quarter = pd.cut(survey.frame["meals"], [-1, 25, 50, 75, 100], labels=["a", "b", "c", "d"])
    education = survey.numbers("avg.ed") if "avg.ed" in survey.frame else np.zeros(survey.rows)
    return survey.with_columns({"quarter": quarter, "avg_ed": education, "hundreds": survey.numbers("enroll") / 100})


def asked(table, design, statistic, quantity):
    here = (table["design"] == design) & (table["statistic"] == statistic) & (table["quantity"] == quantity)
    return table[here]["value"].to_numpy()


def ordered(name, link="logit"):
    return ordinal(survey_of(name), ORDERED[name], link=link, order=INCOMES if "income" in ORDERED[name] else None)


@pytest.mark.parametrize(("name", "kind"), sorted(set(zip(ORDINAL["design"], ORDINAL["statistic"], strict=True))))
def test_ordinal_models_are_those_of_svyolr(name, kind):
    if kind == "wald":
        return
    fit = ordered(name, LINKS[kind])
    np.testing.assert_allclose(fit.coefficients, asked(ORDINAL, name, kind, "estimate"), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(fit.se, asked(ORDINAL, name, kind, "se"), rtol=1e-6)
    assert fit.df == asked(ORDINAL, name, kind, "df")


def test_terms_of_ordinal_models_are_tested_as_in_r():
    test = term_test(ordered("simulated_paired"), ["decades", "sex"])
    assert test.statistic == pytest.approx(asked(ORDINAL, "simulated_paired", "wald", "F")[0], rel=1e-6)
    assert test.p_value == pytest.approx(asked(ORDINAL, "simulated_paired", "wald", "p")[0], rel=1e-6)


@pytest.mark.parametrize("name", sorted(UNORDERED))
def test_multinomial_models_have_the_coefficients_and_errors_of_r(name):
    fit = multinomial(survey_of(name), UNORDERED[name])
    width = len(fit.frame.columns)
    order = [level * width + term for term in range(width) for level in range(len(fit.levels) - 1)]
    estimate, se = (asked(MULTINOMIAL, name, "multinomial", what) for what in ("estimate", "se"))
    np.testing.assert_allclose(fit.coefficients[order], estimate, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(fit.se[order], se, rtol=1e-6)


def test_a_multinomial_model_of_two_levels_is_the_logistic_model():
    survey = survey_of("apiclus1").with_columns(
        {"wide": (survey_of("apiclus1").frame["sch.wide"] == "Yes").to_numpy().astype(float)}
    )
    plain, made = glm(survey, "wide ~ meals + avg_ed", family="binomial"), multinomial(survey, "wide ~ meals + avg_ed")
    np.testing.assert_allclose(made.coefficients, plain.coefficients, rtol=1e-8)
    np.testing.assert_allclose(made.covariance, plain.covariance, rtol=1e-7)
    assert made.df == plain.df


def test_the_level_of_comparison_only_turns_the_coefficients():
    survey = survey_of("simulated_paired")
    first, other = (multinomial(survey, "income ~ decades", against=one) for one in ("high", "low"))
    np.testing.assert_allclose(other.coefficients[:2], -first.coefficients[:2], rtol=1e-8)
    np.testing.assert_allclose(other.se[:2], first.se[:2], rtol=1e-8)
    assert first.terms[0] == "low: Intercept"


def test_an_ordinal_model_without_covariates_but_one_group_gives_the_shares_of_the_levels():
    survey = survey_of("simulated_paired")
    fit = multinomial(survey, "income ~ C(sex)")
    made, plain = margins(fit, "sex"), proportion(survey, "income", by="sex")
    np.testing.assert_allclose(made.estimate, plain.estimate, rtol=1e-9)
    np.testing.assert_allclose(made.se, plain.se, rtol=1e-9)
    assert made.category == ("high", "low", "middle", "high", "low", "middle")


def test_margins_of_an_ordinal_model_add_up_to_one_and_its_effects_to_zero():
    fit = ordered("apistrat")
    made, effects = margins(fit, "stype"), average_effects(fit, "avg_ed")
    np.testing.assert_allclose(made.estimate.reshape(-1, 4).sum(axis=1), 1)
    assert effects.estimate.sum() == pytest.approx(0, abs=1e-12)
    assert (made.by["stype"], made.category) == (("E",) * 4 + ("H",) * 4 + ("M",) * 4, ("a", "b", "c", "d") * 3)


def test_slopes_of_predictions_are_their_derivatives():
    for fit in (
        ordered("apistrat"),
        ordered("apistrat", "cloglog"),
        multinomial(survey_of("apistrat"), "stype ~ meals"),
    ):
        x, weights = fit.frame.x, fit.frame.weights
        _, slopes = fit.model.respond(x, fit.coefficients, weights)
        for at in range(len(fit.terms)):
            step = 1e-6 * np.eye(len(fit.terms))[at]
            up, down = (fit.model.respond(x, fit.coefficients + s, weights)[0] for s in (step, -step))
            np.testing.assert_allclose(
                slopes[:, at], weights @ (up - down) / 2e-6, rtol=1e-4, atol=weights.sum() * 1e-8
            )


@pytest.mark.parametrize("verb", [ordinal, multinomial])
def test_a_jackknife_is_near_the_linearised_errors(verb):
    survey = survey_of("simulated_paired")
    plain, again = (verb(one, "income ~ decades + sex") for one in (survey, make_replicates(survey, method="jkn")))
    np.testing.assert_allclose(again.se, plain.se, rtol=0.03)
    lrt, wald = term_test(plain, "sex", method="lrt"), term_test(plain, "sex")
    assert lrt.p_value == pytest.approx(wald.p_value, abs=0.02)


def test_ordinal_ratios_leave_thresholds_out_and_models_print_their_terms():
    fit = ordered("simulated_paired")
    assert ratios(fit).label == ("decades", "sex", "smoker")
    assert "low|middle" in str(fit)
    frame = survey_of("simulated_paired").frame
    missing = frame.loc[frame["wt"] > 0, ["income", "smoker"]].isna().any(axis=1).sum()
    assert fit.left_out == {"with a missing value": missing}


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda s: ordinal(s, "log(quarter) ~ meals"), "regression-outcome-name"),
        (lambda s: ordinal(s, "quarter + meals"), "regression-formula"),
        (lambda s: ordinal(s, "awards ~ meals"), "regression-levels"),
        (lambda s: ordinal(s, "quarter ~ mobility", link="cauchit"), "estimate-option"),
        (lambda s: ordinal(s, "quarter ~ mobility", order=["a", "b", "c"]), "regression-order"),
        (lambda s: multinomial(s, "stype ~ meals", against="X"), "margins-level"),
        (lambda s: term_test(ordinal(s, "quarter ~ mobility"), "1", method="lrt"), "term-test-thresholds"),
        (
            lambda s: multinomial(s.with_columns({"twin": s.frame["quarter"]}), "quarter ~ C(twin)"),
            "regression-no-maximum",
        ),
        (lambda s: adjusted_ratios(multinomial(s, "quarter ~ C(stype)"), "stype"), "ratios-levels"),
    ],
)
def test_wrong_use_of_categorical_models_is_said_in_a_finding(call, code):
    with pytest.raises(EstimationError) as caught:
        call(survey_of("apistrat"))
    assert caught.value.findings[0].code == code
