"""Term tests, links, adjusted ratios and average marginal effects against R survey."""

import numpy as np
import pytest
from oracle_numbers import data, numbers, oracle_survey

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.margins import average_effects, margins
from surveykit.estimation.ratios import adjusted_ratios, ratios
from surveykit.estimation.regression import glm
from surveykit.estimation.replication import make_replicates
from surveykit.estimation.term_tests import term_test

TABLE = numbers("terms.csv")
FAY = ReplicateDesign(weights="wt", replicates="fay[0-9]+", method="fay", rho=0.3)
SCHOOLS = {
    "gaussian": "api00 ~ meals + ell + C(stype) + C(`comp.imp`)",
    "binomial": "wide ~ meals + ell + C(stype)",
    "poisson": "enroll ~ meals + C(stype)",
}
NO_BEST = "regression-no-maximum"
PERSONS = {
    "gaussian": "sbp ~ age + C(income) + sex",
    "binomial": "smoker ~ age + bmi + C(income)",
    "poisson": "visits ~ age * sex + C(income)",
}
NAMES = ["apistrat", "apiclus1", "apiclus2_wr", "simulated_paired", "fay"]


def survey_of(name):
    if name == "fay":
        frame = data("replicate_columns")
        return Survey(frame[frame[["smoker", "bmi", "income"]].notna().all(axis=1)].reset_index(drop=True), FAY)
    found = oracle_survey(name)
    if not name.startswith("api"):
        return found.where("smoker is answered and bmi is answered and income is answered")
    return found.with_columns({"wide": (found.frame["sch.wide"] == "Yes").to_numpy().astype(float)})


def fit_of(name, kind):
    return glm(survey_of(name), (SCHOOLS if name.startswith("api") else PERSONS)[kind], family=kind)


def asked(design, statistic, variables, quantity=None):
    here = (TABLE["design"] == design) & (TABLE["statistic"] == statistic) & (TABLE["variables"] == variables)
    rows = TABLE[here]
    return rows.set_index("quantity")["value"] if quantity is None else rows[rows["quantity"] == quantity]["value"]


def cases():
    rows = TABLE[TABLE["quantity"] == "wald p"]
    return list(zip(rows["design"], rows["statistic"], rows["variables"], strict=True))


@pytest.mark.parametrize("kind", sorted(SCHOOLS))
@pytest.mark.parametrize("name", NAMES)
def test_models_have_the_coefficients_and_errors_of_r_with_replicates_too(name, kind):
    fit = fit_of(name, kind)
    order = np.argsort([len(fit.places) and ":" in term for term in fit.terms], kind="stable")
    np.testing.assert_allclose(fit.coefficients[order], asked(name, kind, "", "estimate"), rtol=1e-6)
    np.testing.assert_allclose(fit.se[order], asked(name, kind, "", "se"), rtol=1e-6)


@pytest.mark.parametrize(("name", "kind", "terms"), cases())
def test_terms_are_tested_as_reg_term_test_does(name, kind, terms):
    figures, fit = asked(name, kind, terms), fit_of(name, kind)
    several = terms.split(",")
    wald, working, lrt = (term_test(fit, several, method=method) for method in ("wald", "working-wald", "lrt"))
    assert wald.statistic == pytest.approx(figures["wald F"], rel=1e-6)
    assert wald.df[1] == figures["df"]
    assert wald.p_value == pytest.approx(figures["wald p"], rel=1e-5)
    assert working.statistic == pytest.approx(figures["working-wald statistic"], rel=1e-6)
    assert working.p_value == pytest.approx(figures["working-wald p"], rel=1e-4)
    assert lrt.statistic == pytest.approx(figures["lrt statistic"], rel=1e-6)
    assert max(lrt.weights) / np.mean(lrt.weights) == pytest.approx(figures["lambda"], rel=1e-6)
    assert lrt.p_value == pytest.approx(figures["lrt p"], rel=1e-4)
    matched = term_test(fit, several, method="lrt", approximation="satterthwaite").p_value
    assert matched == pytest.approx(figures["lrt satterthwaite p"], rel=1e-5)
    chi_square = term_test(fit, several, method="lrt", df=float("inf")).p_value
    assert chi_square == pytest.approx(figures["lrt chisq p"], rel=1e-4)


def test_contrasts_of_coefficients_are_those_of_svycontrast():
    coefficients = fit_of("apiclus1", "gaussian").as_estimate()
    linear = coefficients.contrast({"meals": 10, "C(stype)[T.H]": -1})
    ratio = coefficients.contrast(lambda b: b[1] / b[2])
    for name, found in (("linear", linear), ("ratio", ratio)):
        figures = asked("apiclus1", "contrast", name)
        assert (found.estimate[0], found.se[0]) == pytest.approx((figures["estimate"], figures["se"]), rel=1e-6)
    assert linear.df[0] == fit_of("apiclus1", "gaussian").df
    assert str(coefficients).startswith("coefficient of api00")


def test_a_single_term_has_the_square_of_its_t_and_the_same_p():
    fit = fit_of("apistrat", "binomial")
    row = fit.to_frame().set_index("term").loc["ell"]
    test = term_test(fit, "ell")
    assert test.statistic == pytest.approx(row["t"] ** 2, rel=1e-10)
    assert test.p_value == pytest.approx(row["p_value"], rel=1e-9)


def test_the_terms_of_an_interaction_may_be_named_in_either_order():
    fit = fit_of("simulated_paired", "poisson")
    assert term_test(fit, "sex:age").statistic == term_test(fit, "age:sex").statistic


@pytest.mark.parametrize("kind", ["probit", "cloglog", "log", "gamma", "negative-binomial"])
@pytest.mark.parametrize("name", ["apistrat", "apiclus1"])
def test_links_are_those_of_r(name, kind):
    survey = survey_of(name).with_columns({"share": survey_of(name).numbers("meals") / 100})
    if kind in {"gamma", "negative-binomial"}:
        fit = glm(survey, "enroll ~ meals + ell", family=kind, dispersion=1.0)
    else:
        fit = glm(survey, "wide ~ share", family="binomial", link=kind, start=[-0.2, 0.0])
    np.testing.assert_allclose(fit.coefficients, asked(name, kind, "link", "estimate"), rtol=1e-6)
    np.testing.assert_allclose(fit.se, asked(name, kind, "link", "se"), rtol=1e-6)
    if kind not in {"probit", "cloglog"}:
        frame = ratios(fit, intercept=True).to_frame()
        np.testing.assert_allclose(frame["lower"], asked(name, kind, "link", "lower"), rtol=1e-6)
        np.testing.assert_allclose(frame["upper"], asked(name, kind, "link", "upper"), rtol=1e-6)


@pytest.mark.parametrize("name", ["apiclus1", "apistrat", "made_jk1"])
def test_negative_binomial_models_estimate_their_dispersion_as_svymle(name):
    survey = survey_of("apiclus1" if name == "made_jk1" else name)
    survey = survey.with_columns({"thousandth": survey.numbers("meals") / 1000})
    made = make_replicates(survey, method="jk1") if name == "made_jk1" else survey
    fit = glm(made, "enroll ~ thousandth", family="negative-binomial")
    np.testing.assert_allclose(fit.coefficients, asked(name, "dispersion", "", "estimate"), rtol=1e-6)
    np.testing.assert_allclose(fit.se, asked(name, "dispersion", "", "se"), rtol=1e-5)
    assert ratios(fit).kind == "rate ratio"
    assert ratios(fit).label == fit.terms[1:-1]
    again = average_effects(fit, fit.terms[1])
    assert again.estimate[0] == pytest.approx(fit.coefficients[1] * margin_of(fit), rel=1e-8)


def margin_of(fit):
    rows, _ = fit.model.respond(fit.frame.x, fit.coefficients, fit.frame.weights)
    return np.average(rows[:, 0], weights=fit.frame.weights)


LOGISTIC = "wide ~ ell + meals + C(stype)"


@pytest.mark.parametrize("name", ["apistrat", "apiclus1", "apiclus2_wr"])
def test_adjusted_prevalences_and_their_ratios_are_those_of_r(name):
    fit = glm(survey_of(name), LOGISTIC, family="binomial")
    made, rows = margins(fit, "stype"), TABLE[(TABLE["design"] == name) & (TABLE["statistic"] == "margins")]
    for quantity, found in (("estimate", made.estimate), ("se", made.se)):
        wanted = rows[rows["quantity"] == quantity].set_index("row")["value"].loc[list(made.category)]
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
    effects = average_effects(fit, "stype")
    for at, level in enumerate(("H", "M")):
        for scale in ("prevalence-ratio", "odds-ratio"):
            figures, found = asked(name, scale, level), adjusted_ratios(fit, "stype", scale=scale)
            assert found.log[at] == pytest.approx(figures["log"], rel=1e-6)
            assert found.se[at] == pytest.approx(figures["se"], rel=1e-6)
        figures = asked(name, "effect", level)
        assert effects.category[at] == f"{level} - E"
        assert (effects.estimate[at], effects.se[at]) == pytest.approx((figures["estimate"], figures["se"]), rel=1e-6)


@pytest.mark.parametrize("variable", ["ell", "meals"])
@pytest.mark.parametrize("name", ["apistrat", "apiclus1", "apiclus2_wr"])
def test_average_effects_of_numbers_are_mean_slopes(name, variable):
    made = average_effects(glm(survey_of(name), LOGISTIC, family="binomial"), variable)
    figures = asked(name, "effect", variable)
    assert (made.estimate[0], made.se[0]) == pytest.approx((figures["estimate"], figures["se"]), rel=1e-6)


def test_the_average_effect_in_a_linear_model_is_its_coefficient():
    fit = glm(survey_of("apiclus1"), "api00 ~ ell + C(stype)")
    made = average_effects(fit, "ell")
    at = fit.terms.index("ell")
    assert (made.estimate[0], made.se[0]) == pytest.approx((fit.coefficients[at], fit.se[at]), rel=1e-9)


def test_margins_of_replicates_average_each_replicate():
    survey = survey_of("fay")
    plain = glm(survey, "sbp ~ C(agegroup)")
    means = [plain.coefficients[0], *(plain.coefficients[0] + plain.coefficients[1:])]
    for correlated in (False, True):
        made = margins(plain, "agegroup", correlated=correlated)
        assert made.estimate == pytest.approx(means)
        assert (made.se > 0).all()
    by_age = margins(plain, "agegroup", correlated=True)  # saturated: the margins are the domain means
    assert by_age.se[0] == pytest.approx(plain.se[0], rel=1e-9)


def test_ratios_are_named_by_family_link_and_outcome():
    survey = survey_of("apistrat")
    named = {
        ratios(glm(survey, "wide ~ meals", family="binomial")).kind,
        ratios(glm(survey, "wide ~ meals", family="poisson")).kind,
        ratios(glm(survey, "enroll ~ meals", family="poisson")).kind,
        ratios(glm(survey, "enroll ~ meals", family="gamma")).kind,
    }
    assert named == {"odds ratio", "prevalence ratio", "rate ratio", "ratio of means"}


def test_ratios_print_a_row_each_with_interval_and_p():
    fit = glm(survey_of("apistrat"), LOGISTIC, family="binomial")
    lines = str(ratios(fit)).splitlines()
    assert "odds ratio" in lines[2]
    assert "95% interval" in lines[2]
    assert len(lines) == 2 + 1 + 4 + 2
    assert "H over E" in str(adjusted_ratios(fit, "stype"))
    assert adjusted_ratios(fit, "stype", against="M").label == ("E over M", "H over M")


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda s: term_test(glm(s, "api00 ~ ell"), "meals"), "term-test-unknown"),
        (lambda s: term_test(glm(s, "api00 ~ ell"), "ell", method="score"), "estimate-option"),
        (lambda s: term_test(glm(s, "api00 ~ ell"), "ell", df=0), "term-test-df"),
        (lambda s: ratios(glm(s, "api00 ~ ell")), "ratios-link"),
        (lambda s: adjusted_ratios(glm(s, LOGISTIC, family="binomial"), "stype", scale="hazard"), "estimate-option"),
        (lambda s: adjusted_ratios(glm(s, LOGISTIC, family="binomial"), "stype", against="X"), "margins-level"),
        (lambda s: average_effects(glm(s, LOGISTIC, family="binomial"), "stype", against="X"), "margins-level"),
        (lambda s: average_effects(glm(s, LOGISTIC, family="binomial"), "mobility"), "margins-variable"),
        (lambda s: glm(s, LOGISTIC, family="binomial", link="cauchit"), "estimate-option"),
        (lambda s: glm(s, "enroll ~ ell", family="binomial"), "regression-range"),
        (lambda s: glm(s, "growth ~ ell", family="gamma"), "regression-range"),
        (
            lambda s: glm(s.with_columns({"few": s.numbers("ell") > 3}), "few ~ ell", family="negative-binomial"),
            NO_BEST,
        ),
        (lambda s: glm(s.with_columns({"poor": s.numbers("meals") > 50}), "poor ~ meals", family="binomial"), NO_BEST),
    ],
)
def test_wrong_use_of_models_is_said_in_a_finding(call, code):
    with pytest.raises(EstimationError) as caught:
        call(survey_of("apistrat"))
    assert caught.value.findings[0].code == code
