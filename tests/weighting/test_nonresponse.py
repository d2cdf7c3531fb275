"""Non-response: cells, joining, propensities against R, replicates."""

import numpy as np
import pandas as pd
import pytest

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.weighting.calibration import poststratify
from surveykit.weighting.cells import JoinRule, Response
from surveykit.weighting.nonresponse import adjust_nonresponse, nonresponse_adjustment
from surveykit.weighting.propensity import choose_covariates, fit_propensity, predictors

DESIGN = SurveyDesign(weights="w")


def visits(rows=400, seed=3):
    random = np.random.default_rng(seed)
    area = random.integers(1, 4, rows)
    frame = pd.DataFrame({"area": area, "floor": random.integers(1, 3, rows), "w": random.uniform(5, 15, rows)})
    frame["result"] = np.where(random.random(rows) < 0.5 + 0.1 * area, 1, random.choice([2, 3, 5, 9], rows))
    return frame


@pytest.fixture
def answered(oracle):
    frame = oracle["data"].assign(answered=oracle["propensity"]["answered"])
    return Survey(frame, SurveyDesign(strata="stratum", clusters="psu", weights="weight"))


def response(survey):
    yes = survey.numbers("answered") == 1
    return Response(eligible=np.ones(survey.rows, dtype=bool), responding=yes)


def test_cells_carry_the_weight_of_all_eligible():
    frame = visits()
    made = nonresponse_adjustment(frame, design=DESIGN, status="result", ineligible=[5], unknown=[9], cells="area")
    for area in (1, 2, 3):
        inside = frame[frame["area"] == area]
        sums = {code: inside.loc[inside["result"] == code, "w"].sum() for code in (1, 2, 3, 5, 9)}
        known = sums[1] + sums[2] + sums[3] + sums[5]
        expected = (sums[1] + sums[2] + sums[3]) * inside["w"].sum() / known
        kept = made.survey.frame
        assert kept.loc[kept["area"] == area, "w"].sum() == pytest.approx(expected)
    assert (made.survey.frame["result"] == 1).all()
    assert made.counts["n"].sum() == len(frame)


def test_the_record_gives_rates_and_factors_of_every_cell():
    frame = visits()
    made = nonresponse_adjustment(frame, design=DESIGN, status="result", cells=["area", "floor"])
    assert made.cells["eligible_n"].sum() == len(frame)
    assert made.cells["respondents"].sum() == (frame["result"] == 1).sum()
    np.testing.assert_allclose(made.cells["factor"] * made.cells["response_rate"], 1)
    assert made.response_rate == pytest.approx(frame.loc[frame["result"] == 1, "w"].sum() / frame["w"].sum())


def test_small_cells_are_joined_to_the_sibling_most_alike_and_recorded():
    frame = pd.DataFrame(
        {
            "area": [1] * 30 + [2] * 60,
            "floor": [1] * 25 + [2] * 5 + [1] * 30 + [2] * 30,
            "result": [1] * 25 + [1] * 4 + [2] + [1] * 20 + [2] * 10 + [1] * 28 + [2] * 2,
            "w": 1.0,
        }
    )
    made = nonresponse_adjustment(frame, design=DESIGN, status="result", cells=["area", "floor"])
    assert made.cells["joined"].tolist() == ["1 / 1; 1 / 2", "", ""]
    assert made.cells["cell"].tolist()[0] == "1 / 1 + 2"
    assert made.findings.codes == {"weighting-cells-joined": 1}
    strict = nonresponse_adjustment(
        frame, design=DESIGN, status="result", cells=["area", "floor"], join=JoinRule(min_respondents=50)
    )
    assert len(strict.cells) == 1
    assert strict.cells["respondents"][0] == 77
    free = nonresponse_adjustment(
        frame, design=DESIGN, status="result", cells=["area", "floor"], join=JoinRule(min_respondents=1)
    )
    assert len(free.cells) == 4


def test_a_branch_without_siblings_gives_up_its_last_column():
    frame = pd.DataFrame({"area": [1] * 5 + [2] * 40, "floor": [1] * 5 + [1] * 20 + [2] * 20, "result": 1, "w": 1.0})
    made = nonresponse_adjustment(frame, design=DESIGN, status="result", cells=["area", "floor"])
    assert made.cells["respondents"].min() >= 20
    assert made.cells["eligible_n"].sum() == 45


def test_large_factors_are_joined_too():
    frame = pd.DataFrame({"area": [1] * 200 + [2] * 60, "result": ([1] * 30 + [2] * 170) + [1] * 60, "w": 1.0})
    made = nonresponse_adjustment(frame, design=DESIGN, status="result", cells="area")
    assert len(made.cells) == 1
    assert made.cells["factor"][0] == pytest.approx(260 / 90)


def test_everybody_kept_means_zeros_for_the_others():
    frame = visits()
    made = adjust_nonresponse(frame, design=DESIGN, status="result", cells="area", keep="all")
    assert made.rows == len(frame)
    assert (made.weights[frame["result"] != 1] == 0).all()
    assert made.weights.sum() == pytest.approx(frame["w"].sum())


def test_propensities_equal_those_of_r(answered, oracle):
    known = predictors(answered, ["C(sex)", "age", "income"])
    weighted = fit_propensity(known, response(answered), answered.weights)
    np.testing.assert_allclose(weighted.chances, oracle["propensity"]["weighted"], rtol=1e-9)
    plain = fit_propensity(known, response(answered), np.ones(answered.rows))
    np.testing.assert_allclose(plain.chances, oracle["propensity"]["plain"], rtol=1e-9)


def test_inverse_propensities_are_the_factors(answered, oracle):
    made = nonresponse_adjustment(
        answered, status="answered", method="propensity-inverse", covariates=["C(sex)", "age", "income"], keep="all"
    )
    yes = oracle["propensity"]["answered"] == 1
    np.testing.assert_allclose(
        made.survey.weights[yes], (oracle["data"]["weight"] / oracle["propensity"]["weighted"])[yes], rtol=1e-9
    )
    assert made.cells.empty
    assert made.coefficients["term"].tolist()[:2] == ["constant", "sex=2"]


def test_propensity_classes_carry_their_eligible_weight(answered):
    made = nonresponse_adjustment(
        answered, status="answered", method="propensity-classes", covariates=["C(sex)", "age", "income"], keep="all"
    )
    assert len(made.cells) == 5
    assert made.survey.weights.sum() == pytest.approx(answered.weights.sum())
    assert made.cells["response_rate"].iloc[0] + 0.25 < made.cells["response_rate"].iloc[-1]


def test_one_category_as_covariate_gives_the_cells_of_that_category(answered):
    by_model = adjust_nonresponse(answered, status="answered", method="propensity-inverse", covariates=["age"])
    by_cells = adjust_nonresponse(answered, status="answered", cells="age")
    np.testing.assert_allclose(by_model.weights, by_cells.weights, rtol=1e-8)


def test_covariates_are_chosen_by_cross_validation_and_reported(answered):
    candidates = [[], ["C(sex)"], ["C(sex)", "income"], ["C(hh)", "age"]]
    table = choose_covariates(answered, candidates[:3], response(answered))
    assert table["chosen"].sum() == 1
    assert table.loc[table["chosen"], "log_loss"].iloc[0] == table["log_loss"].min()
    again = choose_covariates(answered, candidates[:3], response(answered))
    pd.testing.assert_frame_equal(table, again)
    made = nonresponse_adjustment(answered, status="answered", method="propensity-classes", candidates=candidates[:3])
    assert made.choice["covariates"].tolist() == ["", "C(sex)", "C(sex), income"]


def test_a_covariate_that_matters_is_chosen_over_noise():
    random = np.random.default_rng(8)
    frame = pd.DataFrame({"x": random.normal(size=600), "noise": random.normal(size=600), "w": 1.0})
    frame["result"] = (random.random(600) < 1 / (1 + np.exp(-2 * frame["x"]))).astype(int)
    made = nonresponse_adjustment(
        frame, design=DESIGN, status="result", method="propensity-classes", candidates=[[], ["noise"], ["x"]]
    )
    assert made.choice.loc[made.choice["chosen"], "covariates"].tolist() == ["x"]


@pytest.mark.parametrize("method", ["cells", "propensity-classes", "propensity-inverse"])
def test_replicates_are_adjusted_with_their_own_weights(oracle, method):
    frame = pd.concat([oracle["data"], oracle["replicates"]], axis=1).assign(answered=oracle["propensity"]["answered"])
    design = ReplicateDesign(weights="weight", replicates="V[0-9]+", method="jkn", rscales=[0.8] * 30)
    how = {"status": "answered", "method": method, "covariates": ["C(sex)"], "keep": "all"}
    if method == "cells":
        how |= {"cells": "sex"}
    made = adjust_nonresponse(Survey(frame, design), **how)
    alone = adjust_nonresponse(frame, design=SurveyDesign(weights="V7"), **how)
    np.testing.assert_allclose(made.replicate_weights()[:, 6], alone.weights, rtol=1e-9)


def test_polars_frames_are_adjusted_alike():
    polars = pytest.importorskip("polars")
    frame = visits()
    one = adjust_nonresponse(frame, design=DESIGN, status="result", cells="area")
    other = adjust_nonresponse(polars.from_pandas(frame), design=DESIGN, status="result", cells="area")
    np.testing.assert_allclose(other.weights, one.weights)
    assert type(other.frame).__module__.startswith("polars")


def test_missing_cell_values_are_a_cell_of_their_own():
    frame = visits().astype({"area": "Int64"})
    frame.loc[:59, "area"] = pd.NA
    made = nonresponse_adjustment(frame, design=DESIGN, status="result", cells="area")
    assert "(missing)" in made.cells["cell"].tolist()


def test_missing_numbers_stop_and_missing_categories_do_not():
    frame = visits().astype({"floor": "Float64"})
    frame.loc[0, "floor"] = pd.NA
    how = {"design": DESIGN, "status": "result", "method": "propensity-inverse"}
    with pytest.raises(WeightingError) as caught:
        adjust_nonresponse(frame, covariates=["floor"], **how)
    assert caught.value.findings[0].code == "weighting-covariate-missing"
    frame.loc[:40, "floor"] = pd.NA
    made = nonresponse_adjustment(frame, covariates=["C(floor)"], **how)
    assert "floor=(missing)" in made.coefficients["term"].tolist()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"method": "best"}, "weighting-method-unknown"),
        ({"method": "propensity-classes"}, "weighting-covariates-needed"),
        ({"method": "propensity-inverse", "covariates": ["area", "twice"]}, "weighting-propensity-dependent"),
        ({"method": "propensity-inverse", "covariates": ["yes"]}, "weighting-propensity-separated"),
        ({"respondents": [7]}, "weighting-nobody-responded"),
        ({"design": None}, "weighting-design-needed"),
        ({"status": "blank"}, "weighting-status-missing"),
    ],
)
def test_what_cannot_be_adjusted_is_refused(change, code):
    frame = visits()
    frame["twice"] = frame["area"] * 2.0
    frame["yes"] = (frame["result"] == 1) * 1.0
    frame["blank"] = frame["result"].astype("Int64").mask(frame.index == 3)
    ask = {"design": DESIGN, "status": "result"} | change
    with pytest.raises(WeightingError) as caught:
        adjust_nonresponse(frame, **ask)
    assert caught.value.findings[0].code == code


def test_a_cell_that_loses_its_respondents_in_a_replicate_is_refused():
    frame = pd.DataFrame(
        {"area": [1] * 30 + [2] * 30, "result": 1, "w": 1.0, "r1": [0.0] * 30 + [1.0] * 30, "r2": [1.0] * 60}
    )
    frame.loc[29, ["result", "r1"]] = [2, 1.0]
    design = ReplicateDesign(weights="w", replicates="r[12]", method="bootstrap")
    with pytest.raises(WeightingError) as caught:
        adjust_nonresponse(Survey(frame, design), status="result", cells="area")
    assert caught.value.findings.codes == {"weighting-replicate-failed": 1, "weighting-cell-empty": 1}


def test_nonresponse_comes_before_calibration_and_on_the_whole_sample():
    survey = Survey(visits(), DESIGN)
    done = poststratify(survey, {"area": {1: 1, 2: 1, 3: 1}})
    for given, code in [(done, "weighting-order"), (survey.where("area == 1"), "weighting-of-subpopulation")]:
        with pytest.raises(WeightingError) as caught:
            adjust_nonresponse(given, status="result")
        assert caught.value.findings[0].code == code
