"""Proportional hazards against R survey and survival."""

import numpy as np
import pytest
from oracle_numbers import data, numbers, oracle_survey
from statsmodels.duration.hazard_regression import PHReg

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.hazards import proportional_hazards
from surveykit.estimation.margins import margins
from surveykit.estimation.ratios import ratios
from surveykit.estimation.replication import make_replicates
from surveykit.estimation.term_tests import term_test

TABLE = numbers("hazards.csv")
FAY = ReplicateDesign(weights="wt", replicates="fay[0-9]+", method="fay", rho=0.3)
PERSONS = {"time": "followed", "event": "smoker"}
MODELS = {
    ("simulated_paired", "plain"): ("age + sex + bmi", PERSONS),
    ("simulated_paired", "strata"): ("age + C(sex)", {**PERSONS, "strata": "region"}),
    ("simulated_paired", "entry"): ("sex + bmi", {"time": "until", "event": "smoker", "entry": "age"}),
    ("nwtco", "plain"): ("C(histol) + age", {"time": "edrel", "event": "rel"}),
    ("nwtco", "strata"): ("age", {"time": "edrel", "event": "rel", "strata": "histol"}),
    ("fay", "plain"): ("age + sex", PERSONS),
}


def survey_of(name):
    if name == "nwtco":
        return Survey(data("nwtco"), SurveyDesign(strata="instit", weights="stage"))
    survey = Survey(data("replicate_columns"), FAY) if name == "fay" else oracle_survey(name)
    visits, age = survey.numbers("visits"), survey.numbers("age")
    made = survey.with_columns({"followed": visits + 1, "until": age + visits + 1})
    return made if name == "fay" else made.where("smoker is answered and bmi is answered")


def fit_of(name, kind="plain", ties="efron"):
    formula, columns = MODELS[name, kind]
    return proportional_hazards(survey_of(name), formula, ties=ties, **columns)


def asked(name, label, quantity, variables=""):
    here = (TABLE["design"] == name) & (TABLE["statistic"] == label) & (TABLE["variables"] == variables)
    return TABLE[here & (TABLE["quantity"] == quantity)]["value"].to_numpy()


@pytest.mark.parametrize(("name", "label"), sorted(set(zip(TABLE["design"], TABLE["statistic"], strict=True))))
def test_hazards_are_those_of_svycoxph(name, label):
    fit = fit_of(name, *label.split())
    np.testing.assert_allclose(fit.coefficients, asked(name, label, "estimate"), rtol=1e-6)
    np.testing.assert_allclose(fit.se, asked(name, label, "se"), rtol=1e-6)
    if name != "fay":
        assert fit.df == asked(name, label, "df")


@pytest.mark.parametrize(("name", "terms"), [("simulated_paired", ["sex", "bmi"]), ("nwtco", ["age"])])
def test_terms_of_hazards_are_tested_as_in_r(name, terms):
    fit = fit_of(name)
    wald, lrt = term_test(fit, terms), term_test(fit, terms, method="lrt")
    assert wald.statistic == pytest.approx(asked(name, "plain efron", "F", "Wald")[0], rel=1e-6)
    assert wald.p_value == pytest.approx(asked(name, "plain efron", "p", "Wald")[0], rel=1e-5)
    assert lrt.p_value == pytest.approx(asked(name, "plain efron", "p", "LRT")[0], rel=1e-4)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_equal_weights_give_the_coefficients_of_statsmodels(ties):
    frame = data("nwtco").assign(one=np.where(data("nwtco")["instit"] > 0, 2.0, 2.0)).iloc[:800]
    made = proportional_hazards(Survey(frame, SurveyDesign(weights="one")), "age", time="edrel", event="rel", ties=ties)
    plain = PHReg(frame["edrel"], frame[["age"]], status=frame["rel"], ties=ties).fit()
    assert made.coefficients[0] == pytest.approx(plain.params[0], rel=1e-6)


def test_scores_add_up_to_zero_and_the_information_is_their_derivative():
    fit = fit_of("simulated_paired", "entry")
    weights, theta = fit.frame.weights, fit.coefficients
    scores, information = fit.model.parts(theta, weights)
    assert np.abs(scores.sum(axis=0)).max() < 1e-8 * np.abs(scores).sum()
    for at in range(len(theta)):
        step = 1e-5 * np.eye(len(theta))[at]
        up, down = (fit.model.parts(theta + one, weights)[0].sum(axis=0) for one in (step, -step))
        np.testing.assert_allclose(-(up - down) / 2e-5, information[at], rtol=1e-5)
        up, down = (fit.model.deviance(theta + one, weights) for one in (step, -step))
        assert (up - down) / 2e-5 == pytest.approx(0, abs=1e-6 * weights.sum())


def test_a_jackknife_is_near_the_linearised_errors():
    survey = survey_of("simulated_paired")
    again = proportional_hazards(make_replicates(survey, method="jkn"), "age + sex + bmi", **PERSONS)
    np.testing.assert_allclose(again.se, fit_of("simulated_paired").se, rtol=0.03)


def test_hazard_ratios_are_reported_with_their_intervals():
    made = ratios(fit_of("nwtco"))
    assert made.kind == "hazard ratio"
    assert made.label == ("C(histol)[T.2]", "age")
    assert str(made).startswith("rel by edrel ~ C(histol) + age, family cox")


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda s: proportional_hazards(s, "age", time="edrel", event="rel", ties="exact"), "estimate-option"),
        (lambda s: proportional_hazards(s, "age", time="edrel", event="stage"), "hazards-event"),
        (lambda s: proportional_hazards(s, "age", time="edrel", event="rel", entry="edrel"), "hazards-entry"),
        (
            lambda s: margins(proportional_hazards(s, "C(histol)", time="edrel", event="rel"), "histol"),
            "margins-hazard",
        ),
    ],
)
def test_wrong_use_of_hazards_is_said_in_a_finding(call, code):
    with pytest.raises(EstimationError) as caught:
        call(survey_of("nwtco"))
    assert caught.value.findings[0].code == code
