"""First weights, persons, copies, years, components, diagnostics."""

import numpy as np
import pandas as pd
import pytest

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import DesignError, WeightingError
from surveykit.estimation.descriptive import mean
from surveykit.weighting.base import base_weights, normalise_weights, person_weights
from surveykit.weighting.calibration import rake
from surveykit.weighting.diagnostics import kish_deff, r_indicator, weighting_diagnostics
from surveykit.weighting.nonresponse import nonresponse_adjustment
from surveykit.weighting.pooling import component_weight, pool_years


def people():
    return pd.DataFrame(
        {"p1": [0.1, 0.2, 0.5, 1.0], "p2": [0.5, 0.5, 0.1, 1.0], "adults": [1, 2, 3, 9], "w": [1.0, 2, 3, 4]}
    )


def test_base_weights_are_one_over_the_probabilities():
    made = base_weights(people(), probabilities=["p1", "p2"], name="d")
    np.testing.assert_allclose(made["d"], [20, 10, 20, 1])
    np.testing.assert_allclose(base_weights(people(), probabilities="p1")["weight"], [10, 5, 2, 1])


@pytest.mark.parametrize("wrong", [0.0, -0.1, 1.5, None])
def test_what_is_no_probability_is_refused(wrong):
    frame = people().astype({"p1": "Float64"})
    frame.loc[2, "p1"] = wrong
    with pytest.raises(WeightingError) as caught:
        base_weights(frame, probabilities=["p1", "p2"])
    assert caught.value.findings[0].code == "weighting-probability"
    assert caught.value.findings[0].where.field == "p1"


def test_persons_multiply_up_to_the_cap():
    survey = Survey(people(), SurveyDesign(weights="w"))
    assert person_weights(survey, "adults").weights.tolist() == [1, 4, 9, 36]
    assert person_weights(survey, "adults", maximum=4).weights.tolist() == [1, 4, 9, 16]
    frame = people().astype({"adults": "Int64"})
    frame.loc[0, "adults"] = pd.NA
    with pytest.raises(WeightingError) as caught:
        person_weights(Survey(frame, SurveyDesign(weights="w")), "adults")
    assert caught.value.findings[0].code == "weighting-persons"


def test_normalised_copies_leave_the_weights_alone():
    survey = Survey(people(), SurveyDesign(weights="w"))
    made = normalise_weights(survey, name="w_n")
    assert made.weights.tolist() == [1, 2, 3, 4]
    assert made.numbers("w_n").sum() == pytest.approx(4)
    assert normalise_weights(survey, name="w_k", total=1000).numbers("w_k").sum() == pytest.approx(1000)
    one = mean(made, "adults").to_frame()["estimate"][0]
    copy = Survey(made.frame, SurveyDesign(weights="w_n"))
    assert mean(copy, "adults").to_frame()["estimate"][0] == pytest.approx(one)
    with pytest.raises(WeightingError) as caught:
        normalise_weights(survey, name="w")
    assert caught.value.findings[0].code == "weighting-normalise"


@pytest.mark.parametrize(
    ("needed", "weight"),
    [
        (["household"], "wt_hs"),
        (["interview"], "wt_itvex"),
        (["examination", "interview"], "wt_itvex"),
        (["nutrition"], "wt_ntr"),
        (["interview", "nutrition"], "wt_tot"),
    ],
)
def test_the_weight_of_the_smallest_component_is_chosen(needed, weight):
    assert component_weight(needed) == weight


def test_other_surveys_name_their_own_components():
    mine = {"w_all": ["home", "blood", "urine"], "w_blood": ["home", "blood"]}
    assert component_weight(["blood"], mine) == "w_blood"
    with pytest.raises(WeightingError) as caught:
        component_weight(["hair"], mine)
    assert caught.value.findings[0].code == "weighting-component"


def years():
    rows = [(2019, s, p, 10.0) for s in (1, 2) for p in (1, 2, 3) for _ in range(4)]
    rows += [(2020, s, p, 10.0) for s in (1, 2) for p in (1, 2) for _ in range(4)]
    frame = pd.DataFrame(rows, columns=["year", "kstrata", "psu", "wt_itvex"])
    return frame.assign(y=np.random.default_rng(2).normal(size=len(frame)))


def test_pooled_years_share_the_weight_by_their_sampling_units():
    pooled = pool_years(years(), weights="wt_itvex")
    by_year = pooled.frame.groupby("year")["wt_itvex_pooled"].first()
    assert by_year.tolist() == pytest.approx([10 * 6 / 10, 10 * 4 / 10])
    assert mean(pooled, "y").to_frame()["df"][0] == 10 - 4


def test_equal_numbers_of_units_divide_by_the_years():
    pooled = pool_years(years(), weights="wt_itvex", counts={2019: 192, "2020": 192}, name="w2")
    assert pooled.frame["w2"].unique().tolist() == [5.0]
    plain = pool_years(years(), weights="wt_itvex", strata=None, counts={2019: 1, 2020: 3})
    assert plain.frame["wt_itvex_pooled"].unique().tolist() == [2.5, 7.5]


@pytest.mark.parametrize(
    ("change", "code"),
    [({"weights": "wt_ntr"}, "weighting-unknown-column"), ({"counts": {2019: 5}}, "weighting-year-count")],
)
def test_years_that_cannot_be_pooled_are_refused(change, code):
    with pytest.raises(WeightingError) as caught:
        pool_years(years(), **({"weights": "wt_itvex"} | change))
    assert caught.value.findings[0].code == code


def test_kish_design_effect_follows_its_formula():
    assert kish_deff(np.ones(5)) == 1
    weights = np.array([1.0, 2, 3, 4, 0])
    assert kish_deff(weights) == pytest.approx(1 + (np.std([1, 2, 3, 4]) / 2.5) ** 2)


def test_r_indicator_is_one_for_equal_propensities_and_falls_with_their_spread():
    weights = np.full(100, 10.0)
    assert r_indicator(np.full(100, 0.7), weights) == 1
    split = np.repeat([0.5, 0.9], 50)
    assert r_indicator(split, weights) == pytest.approx(1 - 2 * 0.2 * np.sqrt(1000 / 999))


@pytest.fixture
def page(survey, totals, oracle):
    random = np.random.default_rng(5)
    frame = oracle["data"].assign(result=np.where(random.random(420) < 0.5 + 0.2 * (oracle["data"]["sex"] == 2), 1, 2))
    sampled = Survey(frame.assign(first=frame["weight"]), survey.design)
    made = nonresponse_adjustment(sampled, status="result", method="propensity-classes", covariates=["C(sex)"])
    raked = rake(made.survey, {name: totals[name] for name in ("sex", "age")})
    return weighting_diagnostics(
        raked,
        before="first",
        margins={"sex": totals["sex"], "age": totals["age"]},
        reference=sampled,
        covariates=["C(sex)", "age", "income"],
        propensities=made.propensities,
        identifier="hh",
    )


def test_the_page_holds_every_table(page):
    assert page.steps["step"].tolist() == ["before", "after"]
    assert page.margins["difference"].abs().max() < 1e-8
    assert page.margins.columns.tolist() == ["margin", "category", "target", "before", "after", "difference"]
    assert len(page.largest) == 20
    assert page.largest["weight"].is_monotonic_decreasing
    assert page.distribution.groupby("step")["n"].sum().tolist() == [page.steps["n"][0]] * 2
    assert 0 < page.r_indicator < 1
    for part in ("steps", "margins", "balance", "largest", "convergence", "distribution"):
        pd.testing.assert_frame_equal(page.to_frame(part), getattr(page, part))
    with pytest.raises(WeightingError) as caught:
        page.to_frame("plots")
    assert caught.value.findings[0].code == "weighting-method-unknown"


def test_weighting_brings_covariates_back_to_the_sample(page):
    sex = page.balance[page.balance["covariate"] == "sex"]
    assert sex["category"].tolist() == ["1", "2"]
    assert (sex["asmd_before"] > 0.05).all()
    income = page.balance[page.balance["covariate"] == "income"]
    assert income["category"].tolist() == [""]
    assert income["asmd_before"].iloc[0] >= 0


def test_a_constant_covariate_is_balanced(survey):
    frame = survey.frame.assign(one=1.0)
    same = Survey(frame, survey.design)
    balance = weighting_diagnostics(same, covariates=["one"]).balance
    assert balance["asmd_after"].tolist() == [0.0]
    with pytest.raises(WeightingError) as caught:
        weighting_diagnostics(
            Survey(frame.assign(one=frame["one"].mask(frame.index == 3)), survey.design), covariates=["one"]
        )
    assert caught.value.findings[0].code == "weighting-covariate-missing"


def test_rows_in_an_engine_are_asked_to_come_here_first():
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.sql("select 0.5 as p1, 2019 as year, 1 as psu, 1.0 as w")
    for call in (
        lambda: base_weights(relation, probabilities="p1"),
        lambda: pool_years(relation, weights="w", strata=None),
        lambda: rake(Survey(relation, SurveyDesign(weights="w")), {"year": {2019: 1}}),
    ):
        with pytest.raises(DesignError) as caught:
            call()
        assert caught.value.findings[0].code == "design-rows-in-engine"
