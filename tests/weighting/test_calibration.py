"""Calibration against R survey, identities and invariances."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.estimation.descriptive import mean, total
from surveykit.estimation.replication import make_replicates
from surveykit.weighting.calibration import calibrate, poststratify, rake
from surveykit.weighting.trimming import trim_weights


def numbers(totals):
    return {"sex": totals["sex"], "age": totals["age"], "income": totals["income"]}


CASES = {
    "poststratify": lambda s, t: poststratify(s, {("sex", "age"): t[("sex", "age")]}),
    "rake": lambda s, t: rake(s, {name: t[name] for name in ("sex", "age", "region")}),
    "linear": lambda s, t: calibrate(s, numbers(t)),
    "linear_bounded": lambda s, t: calibrate(s, numbers(t), bounds=(0.95, 1.55)),
    "raking": lambda s, t: calibrate(s, numbers(t), method="raking"),
    "raking_bounded": lambda s, t: calibrate(s, numbers(t), method="raking", bounds=(0.95, 1.6)),
    "logit": lambda s, t: calibrate(s, numbers(t), method="logit", bounds=(0.3, 3)),
    "variance": lambda s, t: calibrate(s, numbers(t), variance="v"),
    "variance_raking": lambda s, t: calibrate(s, numbers(t), variance="v", method="raking"),
    "aggregate": lambda s, t: calibrate(s, numbers(t), aggregate="psu", method="raking"),
    "aggregate_household": lambda s, t: calibrate(s, numbers(t), aggregate="hh"),
    "constant": lambda s, t: calibrate(s, numbers(t), weight_bounds=(85, 260)),
    "trimmed": lambda s, t: trim_weights(
        calibrate(s, numbers(t)), rule="limits", lower=95, upper=235, redistribute="equal", strict=False
    ),
    "trimmed_strict": lambda s, t: trim_weights(
        calibrate(s, numbers(t)), rule="limits", lower=95, upper=235, redistribute="equal"
    ),
    "twice": lambda s, t: calibrate(
        poststratify(s, {("sex", "age"): t[("sex", "age")]}),
        {"(total)": sum(t[("sex", "age")].values()), "income": t["income"]},
    ),
}


def answers(survey):
    women, old = survey.where("sex == 2"), survey.where('age == "60+"')
    return {
        "mean_y": mean(survey, "y"),
        "total_y": total(survey, "y"),
        "mean_z": mean(survey, "z"),
        "mean_y_women": mean(women, "y"),
        "total_z_60": total(old, "z"),
        "mean_income": mean(survey, "income"),
    }


@pytest.mark.parametrize("case", CASES)
def test_weights_equal_those_of_r(case, survey, totals, oracle):
    np.testing.assert_allclose(CASES[case](survey, totals).weights, oracle["weights"][case], rtol=1e-11)


@pytest.mark.parametrize("case", CASES)
def test_standard_errors_use_residuals_as_r_does(case, survey, totals, oracle):
    table = oracle["estimates"]
    expected = table[table["case"] == case].set_index("statistic")
    for name, estimate in answers(CASES[case](survey, totals)).items():
        row, known = estimate.to_frame().iloc[0], expected.loc[name]
        assert row["estimate"] == pytest.approx(known["estimate"], rel=1e-10)
        # a calibrated mean has no variance left: R and we both report rounding noise of values near 30,000
        assert row["se"] == pytest.approx(known["se"], rel=1e-8, abs=1e-6 if name == "mean_income" else 0)


REPLICATED = {name: CASES[name] for name in ("poststratify", "rake", "linear", "logit")}


@pytest.mark.parametrize("case", REPLICATED)
def test_replicates_pass_through_calibration_as_in_r(case, replicated, totals, oracle):
    table = oracle["replicate_estimates"]
    expected = table[table["case"] == case].set_index("statistic")
    made = REPLICATED[case](replicated, totals)
    assert made.calibrations == ()
    for name, estimate in {
        "mean_y": mean(made, "y"),
        "total_z": total(made, "z"),
        "mean_y_women": mean(made.where("sex == 2"), "y"),
    }.items():
        row = estimate.to_frame().iloc[0]
        assert row["estimate"] == pytest.approx(expected.loc[name, "estimate"], rel=1e-10)
        assert row["se"] == pytest.approx(expected.loc[name, "se"], rel=1e-8)


def reached(survey, by):
    frame = pd.DataFrame({name: survey.frame[name].astype(str) for name in by})
    return frame.assign(w=survey.weights).groupby(list(by))["w"].sum()


@pytest.mark.parametrize("case", ["rake", "linear", "linear_bounded", "raking", "logit", "aggregate", "constant"])
def test_calibrated_totals_equal_targets(case, survey, totals):
    made = CASES[case](survey, totals)
    for name in ("sex", "age", *(["region"] if case == "rake" else [])):
        sums = reached(made, [name])
        for key, target in totals[name].items():
            assert sums[key] == pytest.approx(target, rel=1e-10)
    if case != "rake":
        assert made.weights @ survey.numbers("income") == pytest.approx(totals["income"], rel=1e-10)


def test_raking_is_repeated_poststratification(survey, totals):
    by_hand = survey
    for _ in range(60):
        for name in ("sex", "age", "region"):
            by_hand = poststratify(by_hand, {name: totals[name]})
    np.testing.assert_allclose(CASES["rake"](survey, totals).weights, by_hand.weights, rtol=1e-12)


def test_raking_equals_calibration_with_the_raking_distance(survey, totals):
    margins = {name: totals[name] for name in ("sex", "age", "region")}
    np.testing.assert_allclose(
        rake(survey, margins).weights, calibrate(survey, margins, method="raking").weights, rtol=1e-10
    )


@pytest.mark.parametrize("method", ["linear", "raking", "logit"])
def test_calibration_on_one_margin_is_poststratification(survey, totals, method):
    bounds = (0.1, 5) if method == "logit" else (None, None)
    one = {("sex", "age"): totals[("sex", "age")]}
    fitted, scaled = calibrate(survey, one, method=method, bounds=bounds), poststratify(survey, one)
    np.testing.assert_allclose(fitted.weights, scaled.weights, rtol=1e-11)
    assert mean(fitted, "y").to_frame()["se"][0] == pytest.approx(mean(scaled, "y").to_frame()["se"][0], rel=1e-9)


def test_weights_times_a_constant_change_nothing(survey, totals):
    heavier = survey.with_weights(survey.weights * 7.5)
    for case in ("poststratify", "rake", "raking"):
        np.testing.assert_allclose(
            CASES[case](heavier, totals).weights, CASES[case](survey, totals).weights, rtol=1e-11
        )


def test_row_order_changes_nothing(survey, totals, oracle):
    order = np.random.default_rng(1).permutation(len(oracle["data"]))
    shuffled = Survey(oracle["data"].iloc[order].reset_index(drop=True), survey.design)
    for case in ("rake", "logit"):
        one, other = CASES[case](survey, totals), CASES[case](shuffled, totals)
        np.testing.assert_allclose(other.weights, one.weights[order], rtol=1e-11)
        assert mean(one, "y").to_frame()["se"][0] == pytest.approx(mean(other, "y").to_frame()["se"][0], rel=1e-9)


def test_bounds_are_kept(survey, totals):
    for bounds, case in (((0.95, 1.55), "linear_bounded"), ((0.95, 1.6), "raking_bounded"), ((0.3, 3), "logit")):
        factors = CASES[case](survey, totals).weights / survey.weights
        assert bounds[0] - 1e-12 <= factors.min() <= factors.max() <= bounds[1] + 1e-12
    kept = CASES["constant"](survey, totals).weights
    assert 85 - 1e-9 <= kept.min() <= kept.max() <= 260 + 1e-9


def test_members_of_a_cluster_keep_one_factor(survey, totals, oracle):
    factors = CASES["aggregate_household"](survey, totals).weights / survey.weights
    spread = pd.Series(factors).groupby(oracle["data"]["hh"]).agg(np.ptp)
    assert spread.max() < 1e-12


def test_the_survey_given_stays_as_it_was(survey, totals, oracle):
    before = oracle["data"].copy()
    CASES["rake"](survey, totals)
    pd.testing.assert_frame_equal(oracle["data"], before)
    assert survey.calibrations == ()


@given(data=st.data())
@limits(derandomize=True, deadline=None, max_examples=40)
def test_raking_meets_any_margins_that_some_population_has(data):
    rows = data.draw(st.integers(30, 80))
    seed = data.draw(st.integers(0, 10_000))
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"a": random.integers(0, 3, rows), "b": random.integers(0, 4, rows), "w": random.uniform(1, 9, rows)}
    )
    true = random.uniform(1, 9, rows)
    margins = {name: pd.Series(true).groupby(frame[name]).sum().to_dict() for name in ("a", "b")}
    made = rake(Survey(frame, SurveyDesign(weights="w")), margins)
    for name, known in margins.items():
        for key, target in known.items():
            assert made.weights[frame[name] == key].sum() == pytest.approx(target, rel=1e-9)
    ratio = made.weights / frame["w"]
    again = rake(made, margins)
    np.testing.assert_allclose(again.weights, made.weights, rtol=1e-8)
    table = pd.DataFrame({"a": frame["a"], "b": frame["b"], "g": ratio})
    assert table.groupby(["a", "b"])["g"].agg(np.ptp).max() < 1e-9


def test_a_mean_of_a_calibrated_variable_has_no_variance(survey, totals):
    made = CASES["linear"](survey, totals)
    assert total(made, "income").to_frame()["se"][0] < 1e-5 * totals["income"] ** 0.5


def test_polars_frames_are_weighted_alike(oracle, survey, totals):
    polars = pytest.importorskip("polars")
    other = Survey(polars.from_pandas(oracle["data"]), survey.design)
    for case in ("poststratify", "rake", "logit"):
        np.testing.assert_allclose(CASES[case](other, totals).weights, CASES[case](survey, totals).weights, rtol=1e-12)


def test_bounds_that_cannot_be_met_are_refused_with_the_totals(survey, totals):
    with pytest.raises(WeightingError) as caught:
        calibrate(survey, numbers(totals), bounds=(0.99, 1.01))
    assert caught.value.findings.codes["weighting-not-met"] >= 1
    assert "instead of" in caught.value.findings[0].message


def test_margins_that_no_table_has_are_refused_with_the_cells():
    frame = pd.DataFrame({"a": [1, 1, 2], "b": [1, 1, 2], "w": 1.0})
    with pytest.raises(WeightingError) as caught:
        rake(Survey(frame, SurveyDesign(weights="w")), {"a": {1: 10, 2: 20}, "b": {1: 15, 2: 15}})
    assert "weighting-not-met" in caught.value.findings.codes


def test_negative_weights_are_refused_with_a_way_out(survey, totals):
    far = dict(numbers(totals), income=totals["income"] * 1.6)
    with pytest.raises(WeightingError) as caught:
        calibrate(survey, far)
    assert caught.value.findings[0].code == "weighting-negative"
    assert calibrate(survey, far, method="raking").weights.min() > 0


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"method": "logit"}, "weighting-logit-bounds"),
        ({"method": "best"}, "weighting-method-unknown"),
        ({"bounds": (1.2, 3)}, "weighting-bounds"),
        ({"weight_bounds": (300, 100)}, "weighting-bounds"),
        ({"variance": "z"}, "weighting-variance"),
        ({"variance": "nothing"}, "weighting-unknown-column"),
        ({"aggregate": "house"}, "weighting-unknown-column"),
    ],
)
def test_wrong_options_are_refused(survey, totals, given, code):
    with pytest.raises(WeightingError) as caught:
        calibrate(survey, numbers(totals), **given)
    assert code in caught.value.findings.codes


def test_weighting_takes_the_whole_sample(survey, totals):
    women = survey.where("sex == 2")
    for call in (
        lambda: poststratify(women, {"age": totals["age"]}),
        lambda: rake(women, {"age": totals["age"]}),
        lambda: calibrate(women, {"age": totals["age"]}),
        lambda: trim_weights(women),
    ):
        with pytest.raises(WeightingError) as caught:
            call()
        assert caught.value.findings[0].code == "weighting-of-subpopulation"


def test_poststratification_takes_one_margin(survey, totals):
    with pytest.raises(WeightingError) as caught:
        poststratify(survey, {"sex": totals["sex"], "age": totals["age"]})
    assert caught.value.findings[0].code == "weighting-several-margins"


@pytest.mark.parametrize("verb", [poststratify, rake, calibrate])
def test_a_replicate_that_empties_a_cell_is_refused_by_number(replicated, verb):
    frame = replicated.frame.assign(group=np.where(replicated.frame["psu"] == 2, 1, 2))
    with pytest.raises(WeightingError) as caught:
        verb(Survey(frame, replicated.design), {"group": {1: 1000, 2: 40000}})
    assert caught.value.findings[0].code == "weighting-replicate-failed"
    assert caught.value.findings[0].where.record == "replicate 2"


@pytest.mark.parametrize("case", REPLICATED)
def test_replicates_made_here_pass_through_calibration_too(case, survey, replicated, totals):
    made = REPLICATED[case](make_replicates(survey, method="jkn"), totals)
    given = REPLICATED[case](replicated, totals)
    np.testing.assert_allclose(made.replicate_weights(), given.replicate_weights(), rtol=1e-9, atol=1e-9)
    one, other = (mean(each, "y").to_frame().iloc[0] for each in (made, given))
    assert one["se"] == pytest.approx(other["se"], rel=1e-9)
    assert one["df"] == 24


def test_replicates_agree_with_linearisation(survey, totals):
    raked = rake(survey, {name: totals[name] for name in ("sex", "age", "region")})
    jackknifed = rake(make_replicates(survey, method="jkn"), {name: totals[name] for name in ("sex", "age", "region")})
    one, other = (mean(each, "y").to_frame()["se"][0] for each in (raked, jackknifed))
    assert one == pytest.approx(other, rel=0.1)
