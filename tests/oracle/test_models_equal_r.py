"""Quantiles, tests, models and margins are R's."""

import numpy as np
import pytest
from oracle_numbers import numbers, oracle_survey

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import DesignError, EstimationError
from surveykit.estimation.association import crosstab, t_test
from surveykit.estimation.descriptive import mean, proportion
from surveykit.estimation.quantile_rules import weighted_quantile
from surveykit.estimation.quantiles import cdf, quantile
from surveykit.estimation.regression import glm, margins

QUANTILES = numbers("quantiles.csv")
MODELS = numbers("models.csv")
DESIGNS = ["apistrat", "apiclus1", "apiclus2_wr"]
FORMULAS = {
    "gaussian": "api00 ~ ell + meals + mobility",
    "binomial": "wide ~ ell + meals",
    "poisson": "enroll ~ meals + C(stype)",
}


def survey_of(name):
    found = oracle_survey(name)
    return found.with_columns({"wide": (found.frame["sch.wide"] == "Yes").to_numpy().astype(float)})


def asked(design, statistic, quantity, variables=None):
    rows = MODELS[(MODELS["design"] == design) & (MODELS["statistic"] == statistic) & (MODELS["quantity"] == quantity)]
    return rows if variables is None else rows[rows["variables"] == variables]


@pytest.mark.parametrize("rule", sorted(set(QUANTILES["statistic"]) - {"shahvaish", "score"}))
@pytest.mark.parametrize("variable", ["api00", "meals"])
@pytest.mark.parametrize("name", DESIGNS)
def test_quantiles_and_their_woodruff_limits_are_those_of_r(name, variable, rule):
    rows = QUANTILES[
        (QUANTILES["design"] == name) & (QUANTILES["variables"] == variable) & (QUANTILES["statistic"] == rule)
    ]
    below_first = (name, variable, rule) == ("apiclus2_wr", "meals", "hf3")
    if below_first:  # survey 4.1 gives the second value where a share is below the first cumulated weight
        rows = rows[(rows["row"].astype(float) > 0.1) | (rows["quantity"] == "estimate")]
    frame = quantile(oracle_survey(name), variable, [0.1, 0.25, 0.5, 0.75, 0.9], rule=rule).to_frame()
    for quantity in ("estimate", "lower", "upper", "se"):
        wanted = rows.loc[rows["quantity"] == quantity, "value"].to_numpy()
        found = frame[quantity].to_numpy()[-len(wanted) :]
        np.testing.assert_allclose(found, wanted, rtol=1e-8, err_msg=quantity)


def equal_chances(name):
    """Return a sample of which every row has the weight 1, and the rows that R gave for it."""
    frame = oracle_survey(name.removesuffix("_srs")).frame.assign(one=1.0)
    design = SurveyDesign(weights="one", clusters="dnum" if name == "apiclus1_srs" else None)
    return Survey(frame, design), QUANTILES[QUANTILES["design"] == name]


@pytest.mark.parametrize("variable", ["api00", "meals"])
@pytest.mark.parametrize("name", ["apisrs", "apiclus1_srs"])
def test_quantiles_by_shah_and_vaish_are_those_of_r_where_weights_are_one(name, variable):
    survey, rows = equal_chances(name)
    rows = rows[(rows["statistic"] == "shahvaish") & (rows["variables"] == variable)]
    frame = quantile(survey, variable, [0.1, 0.25, 0.5, 0.75, 0.9], rule="shahvaish").to_frame()
    for quantity in ("estimate", "lower", "upper", "se"):
        wanted = rows.loc[rows["quantity"] == quantity, "value"].to_numpy()
        np.testing.assert_allclose(frame[quantity].to_numpy(), wanted, rtol=1e-8, err_msg=quantity)


@pytest.mark.parametrize("variable", ["api00", "meals"])
@pytest.mark.parametrize("name", ["apisrs", "apiclus1_srs"])
def test_score_limits_are_those_of_r_or_the_next_value(name, variable):
    survey, rows = equal_chances(name)
    rows = rows[(rows["statistic"] == "score") & (rows["variables"] == variable)]
    frame = quantile(survey, variable, [0.25, 0.5, 0.75], interval="score").to_frame()
    values = np.unique(survey.frame[variable])
    for quantity in ("lower", "upper"):  # R stops its search on either side of the value where the test turns
        wanted = np.searchsorted(values, rows.loc[rows["quantity"] == quantity, "value"].to_numpy())
        found = np.searchsorted(values, frame[quantity].to_numpy())
        assert set(found - wanted) <= {0, 1}


@pytest.mark.parametrize("statistic", ["F", "chisq", "wald", "adjwald"])
@pytest.mark.parametrize("pair", [("stype", "sch.wide"), ("comp.imp", "awards")])
@pytest.mark.parametrize("name", DESIGNS)
def test_independence_is_tested_as_r_does(name, pair, statistic):
    test = crosstab(oracle_survey(name), *pair, statistic=statistic).test
    crossed = " by ".join(pair)
    assert test.p_value == pytest.approx(asked(name, statistic, "p", crossed)["value"].item(), rel=1e-8)
    if statistic != "chisq":  # R prints the statistic before the correction that its p-value has
        assert test.statistic == pytest.approx(asked(name, statistic, "statistic", crossed)["value"].item(), rel=1e-8)


@pytest.mark.parametrize("name", DESIGNS)
def test_two_means_are_compared_as_r_does(name):
    test = t_test(oracle_survey(name), "api00", by="sch.wide")
    for quantity, found in (
        ("statistic", test.statistic),
        ("p", test.p_value),
        ("df", test.df[0]),
        ("estimate", test.estimate),
    ):
        assert found == pytest.approx(asked(name, "t", quantity)["value"].item(), rel=1e-8)


@pytest.mark.parametrize("family", sorted(FORMULAS))
@pytest.mark.parametrize("name", DESIGNS)
def test_models_have_the_coefficients_and_errors_of_r(name, family):
    fit = glm(survey_of(name), FORMULAS[family], family=family)
    wanted = asked(name, family, "estimate")["value"].to_numpy()
    np.testing.assert_allclose(fit.coefficients, wanted, rtol=1e-6)
    np.testing.assert_allclose(fit.se, asked(name, family, "se")["value"].to_numpy(), rtol=1e-6)
    assert fit.df == asked(name, family, "df")["value"].item()


@pytest.mark.parametrize("name", DESIGNS)
def test_predictive_margins_have_the_unconditional_errors_of_r(name):
    frame = margins(glm(oracle_survey(name), "api00 ~ ell + meals + C(stype)"), "stype").to_frame().set_index("level")
    estimates, errors = (asked(name, "margins", what).set_index("row")["value"] for what in ("estimate", "se"))
    for level in ("E", "M", "H"):
        assert frame["estimate"][level] == pytest.approx(estimates[level], rel=1e-6)
        assert frame["se"][level] == pytest.approx(errors[level], rel=1e-6)


def test_the_margins_of_a_saturated_model_are_the_domain_means_with_their_errors():
    survey = survey_of("apiclus2_wr")
    frame = margins(glm(survey, "wide ~ C(stype)", family="binomial"), "stype").to_frame()
    plain = mean(survey, "wide", by="stype").to_frame()
    np.testing.assert_allclose(frame["estimate"], plain["estimate"], rtol=1e-9)
    np.testing.assert_allclose(frame["se"], plain["se"], rtol=1e-9)


def test_the_covariance_of_covariates_and_coefficients_can_be_taken_in():
    fit = glm(survey_of("apiclus1"), "api00 ~ ell + C(stype)")
    apart, together = margins(fit, "stype"), margins(fit, "stype", correlated=True)
    np.testing.assert_allclose(apart.estimate, together.estimate)
    assert (apart.se != together.se).all()


def test_a_model_of_the_intercept_alone_is_the_mean():
    survey = survey_of("apiclus1")
    fit, plain = glm(survey, "api00 ~ 1"), mean(survey, "api00")
    assert fit.coefficients[0] == pytest.approx(plain.estimate[0], rel=1e-12)
    assert fit.se[0] == pytest.approx(plain.se[0], rel=1e-12)


def test_a_domain_in_a_table_has_the_errors_of_the_proportion():
    survey = survey_of("apistrat")
    table = crosstab(survey, "stype", "sch.wide").to_frame()
    whole = proportion(survey.with_columns({"one": (survey.frame["stype"] == "E").to_numpy()
                                            & (survey.frame["sch.wide"] == "Yes").to_numpy()}), "one")  # fmt: skip
    cell = table[(table["stype"] == "E") & (table["sch.wide"] == "Yes")].iloc[0]
    assert cell["estimate"] == pytest.approx(whole.estimate[0], rel=1e-12)
    assert cell["se"] == pytest.approx(whole.se[0], rel=1e-9)


def test_the_share_below_the_median_is_half_or_more():
    survey = survey_of("apistrat")
    median = quantile(survey, "api00", 0.5).estimate[0]
    at, below = cdf(survey, "api00", [median, median - 1e-9]).estimate
    assert below < 0.5 <= at


def test_the_quantile_of_a_map_is_the_map_of_the_quantile():
    survey = survey_of("apiclus1")
    moved = survey.with_columns({"moved": np.exp(survey.numbers("api00") / 100)})
    plain = quantile(survey, "api00", [0.2, 0.5, 0.8], by="stype").estimate
    np.testing.assert_allclose(quantile(moved, "moved", [0.2, 0.5, 0.8], by="stype").estimate, np.exp(plain / 100))


def test_below_the_first_weight_a_step_rule_gives_the_smallest_value():
    values, weights = np.array([1.0, 2.0, 3.0]), np.array([5.0, 1.0, 1.0])
    for rule in ("math", "school", "hf1", "hf2", "hf3"):
        assert weighted_quantile(values, weights, np.array([0.01]), rule)[0] == 1.0


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda s: quantile(s, "api00", 50), "quantile-probability"),
        (lambda s: quantile(s, "api00", 0.5, rule="hf10"), "estimate-option"),
        (lambda s: quantile(s, "api00", 0.5, interval="replicates"), "estimate-needs-replicates"),
        (lambda s: crosstab(s.where("stype == 'E'"), "stype", "awards"), "crosstab-one-level"),
        (lambda s: crosstab(s, "stype", "awards", statistic="G"), "estimate-option"),
        (lambda s: t_test(s, "api00", by="stype"), "t-test-levels"),
        (lambda s: glm(s, "api00 ~ __import__('os').getcwd()"), "regression-formula"),
        (lambda s: glm(s, "api00 ~ open(meals)"), "regression-formula"),
        (lambda s: glm(s, "api00 + meals"), "regression-formula"),
        (lambda s: glm(s, "stype ~ meals"), "regression-outcome"),
        (lambda s: glm(s, "api00 ~ meals + ell", family="cauchy"), "estimate-option"),
        (
            lambda s: glm(s.with_columns({"twice": 2 * s.numbers("meals")}), "api00 ~ meals + twice"),
            "regression-collinear",
        ),
        (lambda s: glm(s.where("api00 < 0"), "api00 ~ meals"), "regression-no-rows"),
        (lambda s: margins(glm(s, "api00 ~ meals"), "stype"), "margins-variable"),
    ],
)
def test_wrong_use_is_said_in_a_finding(call, code):
    with pytest.raises(EstimationError) as caught:
        call(survey_of("apistrat"))
    assert caught.value.findings[0].code == code


def test_an_unknown_column_in_a_formula_names_the_near_ones():
    with pytest.raises(DesignError) as caught:
        glm(survey_of("apistrat"), "api00 ~ meal")
    assert "meals" in str(caught.value)
