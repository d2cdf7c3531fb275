"""Rank tests, goodness of fit and weighted sums of chi-squares against R survey."""

import numpy as np
import pytest
from oracle_numbers import data, numbers, oracle_survey
from scipy import stats

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation import quadratic
from surveykit.estimation.association import crosstab
from surveykit.estimation.goodness import goodness_of_fit
from surveykit.estimation.quadratic import matched, tail
from surveykit.estimation.ranks import rank_test

TABLE = numbers("tests.csv")
FAY = ReplicateDesign(weights="wt", replicates="fay[0-9]+", method="fay", rho=0.3)
SHARES = {
    "apistrat": {"No": 0.3, "Yes": 0.7},
    "apiclus1": {"E": 0.75, "H": 0.1, "M": 0.15},
    "apiclus2": {"No": 1, "Yes": 2},
    "simulated_paired": {"high": 25, "low": 38, "middle": 37},
    "nhanes": {"(0,19]": 2, "(19,39]": 3, "(39,59]": 3, "(59,Inf]": 2},
    "fay": {"19-39": 0.4, "40-59": 0.3, "60+": 0.3},
}


def survey_of(name, where=""):
    survey = Survey(data("replicate_columns"), FAY) if name == "fay" else oracle_survey(name)
    return survey.where(where) if where else survey


def cases(*statistics):
    rows = TABLE[TABLE["statistic"].isin(statistics)]
    return sorted(set(zip(rows["design"], rows["statistic"], rows["variables"], rows["where"], strict=True)))


def wanted(design, statistic, variables, where=""):
    here = (TABLE["design"] == design) & (TABLE["statistic"] == statistic) & (TABLE["variables"] == variables)
    return TABLE[here & (TABLE["where"] == where)].set_index("quantity")["value"]


@pytest.mark.parametrize(("design", "kind", "pair", "where"), cases("wilcoxon", "vanderwaerden", "median"))
def test_ranks_are_compared_as_svyranktest_does(design, kind, pair, where):
    figures = wanted(design, kind, pair, where)
    test = rank_test(survey_of(design, where), *pair.split(" by "), test=kind)
    assert test.statistic == pytest.approx(figures["statistic"], rel=1e-8)
    assert test.df[-1] == figures["df"]
    assert test.p_value == pytest.approx(figures["p"], rel=1e-7)
    if "estimate" in figures:
        assert test.estimate == pytest.approx(figures["estimate"], rel=1e-8)


def test_the_kruskal_wallis_test_is_wilcoxons():
    survey = survey_of("apistrat")
    assert rank_test(survey, "meals", "stype", test="kruskal-wallis").p_value == pytest.approx(
        rank_test(survey, "meals", "stype").p_value
    )


def test_midranks_do_not_depend_on_the_order_of_the_frame():
    survey = survey_of("apiclus2")
    turned = Survey(survey.frame.iloc[::-1].reset_index(drop=True), survey.design)
    plain, other = (rank_test(one, "meals", "stype", ties="midrank") for one in (survey, turned))
    assert plain.statistic == pytest.approx(other.statistic, rel=1e-12)


def test_a_monotone_map_keeps_the_ranks():
    survey = survey_of("apiclus1")
    moved = survey.with_columns({"moved": np.exp(survey.numbers("api00") / 100)})
    assert rank_test(moved, "moved", "sch.wide") != rank_test(survey, "mobility", "sch.wide")
    assert rank_test(moved, "moved", "sch.wide").p_value == pytest.approx(
        rank_test(survey, "api00", "sch.wide").p_value, rel=1e-12
    )


@pytest.mark.parametrize(("design", "kind", "variable", "where"), cases("goodness"))
def test_shares_are_tested_as_svygofchisq_does(design, kind, variable, where):
    figures = wanted(design, kind, variable, where)
    test = goodness_of_fit(survey_of(design), variable, SHARES[design])
    assert test.statistic == pytest.approx(figures["statistic"] / figures["scale"], rel=1e-8)
    assert test.df == pytest.approx((figures["df"],), rel=1e-8)
    assert test.p_value == pytest.approx(figures["p"], rel=1e-7)


@pytest.mark.parametrize(("design", "kind", "pair", "where"), cases("saddlepoint"))
def test_the_saddlepoint_of_pearsons_statistic_is_that_of_r(design, kind, pair, where, monkeypatch):
    wanted_p = wanted(design, kind, pair, where)["p"]
    ours = quadratic._lugannani_rice
    # R repeats a weight ddf times, the whole part of it: with that its numbers are met
    monkeypatch.setattr(quadratic, "_lugannani_rice", lambda value, weights, count: ours(value, weights, count // 1))
    test = crosstab(survey_of(design), *pair.split(" by "), statistic=kind).test
    assert test.p_value == pytest.approx(wanted_p, rel=2e-6)


@pytest.mark.parametrize("kind", ["F", "chisq", "wald", "adjwald"])
@pytest.mark.parametrize("pair", ["sex by smoker", "agegroup by income"])
def test_tables_of_replicates_are_tested_as_r_does(pair, kind):
    test = crosstab(survey_of("fay"), *pair.split(" by "), statistic=kind).test
    assert test.p_value == pytest.approx(wanted("fay", kind, pair)["p"], rel=1e-7)


@pytest.mark.parametrize("pair", [("stype", "awards"), ("stype", "comp.imp")])
def test_the_three_references_of_a_weighted_sum_are_near_each_other(pair):
    survey = survey_of("apiclus1")
    exact, near, matched_f = (
        crosstab(survey, *pair, statistic=kind).p_value for kind in ("lincom", "saddlepoint", "F")
    )
    assert near == pytest.approx(exact, rel=0.05)
    assert matched_f == pytest.approx(exact, rel=0.2)


# Imhof (1961), Biometrika 48, 419-426, table 1: P(0.6 X1 + 0.3 X2 + 0.1 X3 > x)
@pytest.mark.parametrize(("value", "share"), [(0.1, 0.9458), (0.7, 0.5064), (2.0, 0.1240)])
def test_the_exact_tail_is_that_published_by_imhof(value, share):
    assert tail(value, [0.6, 0.3, 0.1], method="exact") == pytest.approx(share, abs=5e-5)


@pytest.mark.parametrize("method", ["exact", "saddlepoint", "satterthwaite"])
def test_equal_weights_give_a_chi_square_and_an_f(method):
    near = 1e-10 if method != "saddlepoint" else 0.02
    assert tail(9, [2, 2, 2], method=method) == pytest.approx(stats.chi2.sf(4.5, 3), rel=near)
    assert tail(9, [2, 2, 2], 11, method) == pytest.approx(stats.f.sf(1.5, 3, 11), rel=near)


def test_pairs_of_weights_have_an_exponential_tail():
    a, b, x = 3.0, 0.5, 4.0  # two pairs: a sum of exponentials with means 2a and 2b
    by_hand = (a * np.exp(-x / (2 * a)) - b * np.exp(-x / (2 * b))) / (a - b)
    assert tail(x, [a, a, b, b], method="exact") == pytest.approx(by_hand, rel=1e-12)


def test_weights_far_apart_fall_back_on_the_saddlepoint():
    weights = [1.0, 1e-7]
    assert tail(3, weights, method="exact") == tail(3, weights)


def test_near_the_mean_the_saddlepoint_falls_back_on_satterthwaite():
    assert tail(3, [1, 1, 1]) == pytest.approx(tail(3, [1, 1, 1], method="satterthwaite"), rel=1e-12)
    assert matched(np.array([2.0, 2.0])) == (2.0, 2.0)


def test_a_test_prints_its_statistic_degrees_of_freedom_and_design_effects():
    survey = survey_of("apiclus1")
    assert str(rank_test(survey, "api00", "stype")) == "api00 by stype, Wilcoxon test: F(2, 12) = 1.112, p = 0.3605"
    assert "design effects" in str(crosstab(survey, "stype", "awards", statistic="lincom").test)
    assert "Pearson's X2 over 2.011" in str(goodness_of_fit(survey, "stype", SHARES["apiclus1"]))


def few(survey):
    half = np.arange(survey.rows) % 2
    return Survey(survey.frame.assign(half=half), SurveyDesign(clusters="half", weights="pw"))


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda s: rank_test(s, "api00", "stype", test="sign"), "estimate-option"),
        (lambda s: rank_test(s, "api00", "stype", ties="first"), "estimate-option"),
        (lambda s: rank_test(s.where("stype == 'E'"), "api00", "stype"), "rank-test-groups"),
        (lambda s: rank_test(few(s), "api00", "stype"), "tests-few-units"),
        (lambda s: crosstab(few(s), "stype", "awards", statistic="wald"), "tests-few-units"),
        (lambda s: goodness_of_fit(s, "stype", {"E": 0.5, "H": 0.5}), "goodness-levels"),
        (lambda s: goodness_of_fit(s, "stype", {"E": 0.5, "H": 0.5, "M": 0.0}), "goodness-shares"),
        (lambda s: goodness_of_fit(s, "stype", {"E": 1, "H": 1, "M": 1}), "goodness-fixed"),
        (lambda s: goodness_of_fit(s, "awards", {"Yes": 1, "No": 1}, method="guess"), "estimate-option"),
    ],
)
def test_wrong_use_of_tests_is_said_in_a_finding(call, code):
    with pytest.raises(EstimationError) as caught:
        call(survey_of("apistrat"))
    assert caught.value.findings[0].code == code
