"""What tests and models owe to any frame, any subpopulation and any order of the rows."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import DesignError, EstimationError
from surveykit.estimation.association import crosstab
from surveykit.estimation.domain_tests import domain_tests
from surveykit.estimation.goodness import goodness_of_fit
from surveykit.estimation.hazards import proportional_hazards
from surveykit.estimation.imputation import pool
from surveykit.estimation.margins import average_effects, margins
from surveykit.estimation.ordered import multinomial, ordinal
from surveykit.estimation.ranks import rank_test
from surveykit.estimation.ratios import adjusted_ratios, ratios
from surveykit.estimation.regression import glm
from surveykit.estimation.replication import make_replicates
from surveykit.estimation.small_samples import small_sample
from surveykit.estimation.term_tests import term_test

DESIGN = SurveyDesign(strata="stratum", clusters="psu", weights="wt")


def answers():
    generator = np.random.default_rng(20240229)
    rows = 1200
    frame = pd.DataFrame({"stratum": np.repeat(np.arange(6), 200), "psu": np.tile(np.repeat(np.arange(10), 20), 6)})
    frame["wt"] = generator.uniform(0.5, 3, rows)
    frame["age"] = generator.integers(19, 85, rows)
    frame["sex"] = generator.choice(["men", "women"], rows)
    frame["sbp"] = 100 + 0.4 * frame["age"] + generator.normal(0, 12, rows)
    frame["smoker"] = (generator.uniform(size=rows) < 0.2 + 0.2 * (frame["sex"] == "men")).astype(int)
    frame["health"] = np.digitize(frame["sbp"] + generator.normal(0, 20, rows), [100, 120, 140])
    frame["years"] = generator.exponential(10, rows).round() + 1
    return frame


VERBS = {
    "rank": lambda s: rank_test(s, "sbp", "sex", ties="midrank"),
    "several ranks": lambda s: rank_test(s, "sbp", "health", ties="midrank"),
    "goodness": lambda s: goodness_of_fit(s, "sex", {"men": 0.5, "women": 0.5}),
    "saddlepoint": lambda s: crosstab(s, "sex", "health", statistic="saddlepoint").test,
    "lincom": lambda s: crosstab(s, "sex", "health", statistic="lincom").test,
    "term": lambda s: term_test(glm(s, "smoker ~ sex + age", family="binomial"), ["sex", "age"], method="lrt"),
}
MODELS = {
    "logistic": lambda s: glm(s, "smoker ~ sex + age", family="binomial"),
    "ordinal": lambda s: ordinal(s, "health ~ sex + age"),
    "multinomial": lambda s: multinomial(s, "health ~ sex + age"),
    "hazards": lambda s: proportional_hazards(s, "sex + age", time="years", event="smoker"),
    "small": lambda s: small_sample(glm(s, "sbp ~ age + sex")),
}


def numbers_of(result):
    return np.concatenate([result.coefficients, result.se, result.freedom])


@pytest.fixture(scope="module")
def survey():
    return Survey(answers(), DESIGN)


@pytest.fixture(scope="module")
def turned():
    frame = answers().sample(frac=1, random_state=1).reset_index(drop=True)
    return Survey(pl.from_pandas(frame.assign(wt=frame["wt"] * 1000)), DESIGN)


@pytest.mark.parametrize("name", VERBS)
def test_tests_do_not_depend_on_frame_order_of_rows_or_scale_of_weights(name, survey, turned):
    one, other = VERBS[name](survey), VERBS[name](turned)
    assert other.statistic == pytest.approx(one.statistic, rel=1e-9)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-8)


@pytest.mark.parametrize("name", MODELS)
def test_models_do_not_depend_on_frame_order_of_rows_or_scale_of_weights(name, survey, turned):
    np.testing.assert_allclose(numbers_of(MODELS[name](turned)), numbers_of(MODELS[name](survey)), rtol=1e-7)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_in_a_subpopulation_leaves_its_rows_outside_out_and_the_design_whole(name, survey):
    inside = MODELS[name](survey.where("age >= 40"))
    zero = answers()
    zero["wt"] = zero["wt"].where(zero["age"] >= 40, 0.0)
    np.testing.assert_allclose(numbers_of(inside), numbers_of(MODELS[name](Survey(zero, DESIGN))), rtol=1e-7)
    assert inside.n == int((answers()["age"] >= 40).sum())


@pytest.mark.parametrize("name", ["logistic", "ordinal", "multinomial", "hazards"])
def test_replicates_give_nearly_the_linearised_errors_ratios_and_tests(name, survey):
    one, other = MODELS[name](survey), MODELS[name](make_replicates(survey, method="jkn"))
    np.testing.assert_allclose(other.se, one.se, rtol=0.05)
    np.testing.assert_allclose(other.coefficients, one.coefficients, rtol=1e-9)
    assert other.df == one.df
    for method in ("wald", "working-wald", "lrt"):
        term = "sex"
        found = (term_test(one, term, method=method).p_value, term_test(other, term, method=method).p_value)
        assert found[1] == pytest.approx(found[0], abs=0.02)
    assert len(ratios(other).label) == len(ratios(one).label)


@pytest.mark.parametrize("name", ["logistic", "ordinal", "multinomial"])
def test_margins_and_effects_of_replicates_are_near_the_linearised(name, survey):
    one, other = MODELS[name](survey), MODELS[name](make_replicates(survey, method="jkn"))
    for verb in (margins, average_effects):
        for correlated in (False, True):
            plain, again = (verb(fit, "sex", correlated=correlated) for fit in (one, other))
            np.testing.assert_allclose(again.estimate, plain.estimate, rtol=1e-8)
            np.testing.assert_allclose(again.se, plain.se, rtol=0.05)


def test_an_adjusted_ratio_of_a_saturated_model_is_the_ratio_of_prevalences(survey):
    fit = glm(survey, "smoker ~ C(sex)", family="binomial")
    made = adjusted_ratios(fit, "sex", correlated=True)
    direct = glm(survey, "smoker ~ C(sex)", family="binomial", link="log", start=[-1.0, 0.0])
    assert made.log[0] == pytest.approx(direct.coefficients[1], rel=1e-8)
    assert made.se[0] == pytest.approx(direct.se[1], rel=1e-6)


def test_tests_by_domain_are_those_of_each_subpopulation(survey):
    table = domain_tests(survey, ["health"], lambda s: rank_test(s, "sbp", "sex"))
    frame = table.to_frame()
    for at, level in enumerate(frame["health"]):
        alone = rank_test(survey.where(f"health == {level}"), "sbp", "sex")
        assert frame["p_value"][at] == pytest.approx(alone.p_value, rel=1e-12)
    crossed = domain_tests(survey, "sex", lambda s: crosstab(s, "health", "smoker"))
    assert list(crossed.to_frame()["distribution"]) == ["F", "F"]
    assert str(crossed).startswith("sex=men: independence")


def test_a_domain_without_two_groups_is_said_and_the_others_are_tested(survey):
    with_age = survey.with_columns({"group": np.where(survey.numbers("age") < 25, "all", survey.frame["sex"])})
    young = with_age.with_columns({"young": (survey.numbers("age") < 25).astype(int)})
    table = domain_tests(young, "young", lambda s: rank_test(s, "sbp", "group"))
    assert [one is None for one in table.results] == [False, True]
    assert [one.code for one in table.findings] == ["rank-test-groups"]
    assert "not made" in str(table)
    assert table.to_frame()["n"].tolist()[1] == 0


def test_models_refuse_unknown_columns_with_names_like_them(survey):
    with pytest.raises(DesignError) as caught:
        proportional_hazards(survey, "age", time="year", event="smoker")
    assert "years" in str(caught.value)


def test_rows_in_an_engine_are_pulled_by_no_verb_of_itself():
    lazy = Survey(pl.from_pandas(answers()).lazy(), DESIGN)
    with pytest.raises(EstimationError) as caught:
        glm(lazy, "smoker ~ sex", family="negative-binomial")
    assert caught.value.findings[0].code == "regression-dispersion-in-engine"
    for verb in (VERBS["rank"], VERBS["goodness"], MODELS["ordinal"], MODELS["hazards"]):
        with pytest.raises(DesignError) as refused:
            verb(lazy)
        assert refused.value.findings[0].code == "design-rows-in-engine"


def test_pooling_models_of_replicates_keeps_their_kind(survey):
    one = MODELS["ordinal"](make_replicates(survey, method="jkn"))
    pooled = pool([one, one])
    assert pooled.levels == one.levels
    np.testing.assert_allclose(pooled.se, one.se, rtol=1e-12)
