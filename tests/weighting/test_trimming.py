"""Trimming: rules, redistribution, groups."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.weighting.calibration import rake
from surveykit.weighting.trimming import Trim, trim_weights, trimmed

WEIGHTS = np.array([1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 4.0, 5.0, 60.0])
ONE = np.zeros(10, dtype=np.intp)


@pytest.mark.parametrize(
    ("how", "upper"),
    [
        (Trim(rule="median-iqr"), 3 + 6 * 1.75),  # quartiles of WEIGHTS: 2.25, 3, 4
        (Trim(rule="median-iqr", k=2), 3 + 2 * 1.75),
        (Trim(rule="median-multiple", k=3.5), 10.5),
        (Trim(rule="mean-multiple"), 43.5),
        (Trim(rule="percentile", k=0.5), 3.0),
        (Trim(rule="limits", upper=20), 20.0),
        (Trim(rule="median-iqr", upper=6), 6.0),
    ],
)
def test_every_rule_has_its_limit(how, upper):
    made = trimmed(WEIGHTS, ONE, replace(how, redistribute="none"))
    assert made.upper[0] == pytest.approx(upper)
    assert made.weights.max() == pytest.approx(upper)


def test_equal_amounts_and_shares_differ_as_described():
    equal = trimmed(WEIGHTS, ONE, Trim(rule="limits", upper=20, redistribute="equal")).weights
    np.testing.assert_allclose(equal[:-1], WEIGHTS[:-1] + 40 / 9)
    shares = trimmed(WEIGHTS, ONE, Trim(rule="limits", upper=20)).weights
    np.testing.assert_allclose(shares[:-1], WEIGHTS[:-1] * (1 + 40 / 27))
    cut = trimmed(WEIGHTS, ONE, Trim(rule="limits", upper=20, redistribute="none")).weights
    assert cut.sum() == WEIGHTS.sum() - 40


@given(
    weights=st.lists(st.floats(0.5, 500), min_size=4, max_size=40),
    redistribute=st.sampled_from(["equal", "proportional"]),
    k=st.floats(1.05, 6),
)
@limits(derandomize=True, deadline=None, max_examples=150)
def test_trimmed_weights_keep_their_sum_and_their_limit(weights, redistribute, k):
    given_weights = np.array(weights)
    how = Trim(rule="mean-multiple", k=k, redistribute=redistribute)
    made = trimmed(given_weights, np.zeros(len(weights), dtype=np.intp), how)
    assert made.weights.sum() == pytest.approx(given_weights.sum(), rel=1e-9)
    assert made.weights.max() <= made.upper[0] * (1 + 1e-9)
    order = np.argsort(given_weights, kind="stable")
    assert (np.diff(made.weights[order]) >= -1e-9).all()


def test_groups_are_trimmed_apart_and_zeros_stay():
    frame = pd.DataFrame({"w": [1.0, 1, 1, 50, 10, 10, 10, 500, 0], "area": [1] * 4 + [2] * 4 + [1]})
    made = trim_weights(Survey(frame, SurveyDesign(weights="w")), rule="median-multiple", k=20, by="area")
    sums = pd.Series(made.weights).groupby(frame["area"]).sum()
    assert sums.tolist() == pytest.approx([53, 530])
    assert made.weights[3] == 20
    assert made.weights[-1] == 0


def test_lower_limits_lift_small_weights():
    made = trimmed(WEIGHTS, ONE, Trim(rule="limits", lower=2.5, upper=70))
    assert made.weights.min() == 2.5
    assert made.weights.sum() == pytest.approx(WEIGHTS.sum())
    assert made.outside.sum() == 3


def test_trimming_keeps_what_calibration_fixed(survey, totals):
    raked = rake(survey, {"sex": totals["sex"]})
    assert trim_weights(raked, rule="limits", upper=200).calibrations == raked.calibrations


def test_replicates_are_trimmed_by_the_same_rule(replicated):
    made = trim_weights(replicated, rule="median-multiple", k=1.3)
    before, after = replicated.replicate_weights(), made.replicate_weights()
    np.testing.assert_allclose(after.sum(axis=0), before.sum(axis=0), rtol=1e-12)
    for column_before, column_after in zip(before.T, after.T, strict=True):
        limit = 1.3 * np.median(column_before[column_before > 0])
        assert column_after.max() <= limit * (1 + 1e-9)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: Trim(rule="best"), "weighting-method-unknown"),
        (lambda: Trim(redistribute="often"), "weighting-method-unknown"),
        (lambda: Trim(rule="limits"), "weighting-trim-limits"),
        (lambda: Trim(rule="limits", lower=5, upper=4), "weighting-trim-limits"),
        (lambda: Trim(rule="median-iqr", k=-1), "weighting-trim-limits"),
        (lambda: Trim(rule="percentile"), "weighting-trim-number"),
        (lambda: trimmed(WEIGHTS, ONE, Trim(rule="limits", upper=1.0)), "weighting-trim-stuck"),
        (lambda: trimmed(WEIGHTS, ONE, Trim(rule="limits", upper=4.5, redistribute="equal")), "weighting-trim-stuck"),
    ],
)
def test_limits_that_cannot_hold_are_refused(call, code):
    with pytest.raises(WeightingError) as caught:
        call()
    assert caught.value.findings[0].code == code
