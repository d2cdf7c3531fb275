"""What must not change, and what must change by a known factor, on random designs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.design.calibration import Calibration
from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.estimation.descriptive import correlation, covariance, mean, proportion, ratio, total, variance
from surveykit.estimation.replication import make_replicates
from surveykit.estimation.scores import score_covariance

DESIGN = SurveyDesign(strata="h", clusters="i", weights="w", lonely_psu="remove")
EXACT = {"rtol": 1e-11, "atol": 1e-12}
random_designs = settings(max_examples=12, deadline=None, derandomize=True)


@dataclass(frozen=True)
class Case:
    frame: pd.DataFrame

    def survey(self, **changes: object) -> Survey:
        return Survey(self.frame.assign(**changes), DESIGN)


@st.composite
def cases(draw, *, singletons=True):
    """Draw 1 to 5 strata of 1 to 4 clusters of 1 to 6 rows, some of weight zero, some without y, a domain d."""
    seed = draw(st.integers(0, 2**32 - 1))
    clusters = draw(st.lists(st.integers(1 if singletons else 2, 4), min_size=1, max_size=5))
    random = np.random.default_rng(seed)
    rows = [(h, i) for h, count in enumerate(clusters) for i in range(count) for _ in range(draw(st.integers(1, 6)))]
    size = len(rows)
    frame = pd.DataFrame(rows, columns=["h", "i"])
    frame["w"] = np.where(random.random(size) < 0.1, 0.0, random.lognormal(3, 0.6, size))
    frame.loc[0, "w"] = 5.0
    frame["y"] = random.normal(50, 10, size)
    frame["x"] = random.gamma(4, 2, size)
    frame["d"] = random.integers(0, 3, size)
    frame["k"] = frame["d"].map({0: "low", 1: "middle", 2: "high"})
    frame["gap"] = np.where(random.random(size) < 0.15, np.nan, frame["y"])
    frame.loc[0, "gap"] = 1.0
    return Case(frame)


def numbers(estimate):
    return np.concatenate([estimate.estimate, estimate.se])


def same(first, second):
    np.testing.assert_allclose(numbers(first), numbers(second), **EXACT)


VERBS = [
    lambda s: mean(s, ["y", "gap"], by="d"),
    lambda s: ratio(s, "y", "x", by="d"),
    lambda s: proportion(s, "k"),
    lambda s: variance(s, "y"),
]


@random_designs
@given(case=cases(), factor=st.floats(0.01, 1000))
def test_weights_times_a_constant_change_totals_only(case, factor):
    plain, scaled = case.survey(), case.survey(w=case.frame["w"] * factor)
    for verb in VERBS:
        same(verb(plain), verb(scaled))
    before, after = total(plain, "y", by="d"), total(scaled, "y", by="d")
    np.testing.assert_allclose(numbers(after), numbers(before) * factor, **EXACT)


@random_designs
@given(case=cases(), seed=st.integers(0, 1000))
def test_row_order_and_labels_do_not_matter(case, seed):
    order = np.random.default_rng(seed).permutation(len(case.frame))
    moved = case.frame.iloc[order].reset_index(drop=True)
    renamed = moved.assign(h=moved["h"].map(lambda h: f"stratum {9 - h}"), i=moved["i"] * -7 + moved["h"] * 100)
    for verb in [*VERBS, lambda s: total(s, "y", by="d")]:
        same(verb(case.survey()), verb(Survey(moved, DESIGN)))
        same(verb(case.survey()), verb(Survey(renamed, DESIGN)))


@random_designs
@given(case=cases(), a=st.floats(-100, 100), b=st.floats(-5, 5))
def test_a_linear_change_of_the_outcome_moves_mean_and_error_with_it(case, a, b):
    plain = mean(case.survey(), "y", by="d")
    changed = mean(case.survey(y=a + b * case.frame["y"]), "y", by="d")
    np.testing.assert_allclose(changed.estimate, a + b * plain.estimate, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(changed.se, abs(b) * plain.se, rtol=1e-9, atol=1e-9)


@random_designs
@given(case=cases())
def test_ratios_scale_and_of_a_variable_with_itself_are_one_without_error(case):
    plain = ratio(case.survey(), "y", "x")
    scaled = ratio(case.survey(y=case.frame["y"] * 3, x=case.frame["x"] * 0.5), "y", "x")
    np.testing.assert_allclose(numbers(scaled), numbers(plain) * 6, **EXACT)
    itself = ratio(case.survey(z=case.frame["x"]), "x", "z")
    assert (itself.estimate[0], itself.se[0]) == (1.0, 0.0)
    constant = mean(case.survey(y=3.25), "y")
    np.testing.assert_allclose(numbers(constant), [3.25, 0.0], atol=1e-13)


@random_designs
@given(case=cases(), share=st.floats(0.05, 0.95))
def test_a_row_split_in_two_changes_nothing(case, share):
    half = case.frame.copy()
    half["w"] *= share
    other = case.frame.copy()
    other["w"] *= 1 - share
    split = Survey(pd.concat([half, other], ignore_index=True), DESIGN)
    for verb in (lambda s: mean(s, "y", by="d"), lambda s: total(s, "x"), lambda s: ratio(s, "y", "x")):
        same(verb(case.survey()), verb(split))


@random_designs
@given(case=cases())
def test_rows_of_weight_zero_and_values_outside_the_domain_do_not_matter(case):
    extra = case.frame.assign(w=0.0, y=1e6, d=1)
    longer = Survey(pd.concat([case.frame, extra], ignore_index=True), DESIGN)
    for verb in (lambda s: mean(s, "y"), lambda s: total(s, "x"), lambda s: ratio(s, "y", "x")):
        same(verb(case.survey()), verb(longer))
    wild = case.survey(y=np.where(case.frame["d"] == 0, case.frame["y"], 1e9))
    if ((case.frame["d"] == 0) & (case.frame["w"] > 0)).any():
        same(mean(case.survey().where("d = 0"), "y"), mean(wild.where("d = 0"), "y"))


@random_designs
@given(case=cases())
def test_a_domain_mean_is_a_ratio_on_the_whole_design(case):
    inside = (case.frame["d"] == 1).astype(float)
    if not (inside * case.frame["w"]).any():
        return
    survey = case.survey(inside=inside, part=inside * case.frame["y"])
    domain, quotient = mean(survey.where("d = 1"), "y"), ratio(survey, "part", "inside")
    same(domain, quotient)
    by = mean(survey, "y", by="d")
    at = by.by["d"].index(1)
    np.testing.assert_allclose([by.estimate[at], by.se[at]], numbers(domain), **EXACT)
    same(mean(survey.where("d >= 0"), "y"), mean(survey, "y"))


@random_designs
@given(case=cases())
def test_totals_of_a_partition_add_up_with_their_covariance(case):
    whole, parts = total(case.survey(), "y"), total(case.survey(), "y", by="d")
    np.testing.assert_allclose(parts.estimate.sum(), whole.estimate[0], **EXACT)
    np.testing.assert_allclose(parts.covariance.sum(), whole.se[0] ** 2, rtol=1e-9, atol=1e-9)


@random_designs
@given(case=cases())
def test_proportions_add_to_one_and_their_covariances_to_zero(case):
    shares = proportion(case.survey(), "k")
    np.testing.assert_allclose(shares.estimate.sum(), 1.0, rtol=1e-14)
    np.testing.assert_allclose(shares.covariance.sum(axis=0), 0.0, atol=1e-14)
    one = proportion(case.survey(z=(case.frame["d"] == 0).astype(int)), "z", level=[0, 1])
    np.testing.assert_allclose(one.se[0], one.se[1], **EXACT)
    assert ((shares.limits[0] >= 0) & (shares.limits[1] <= 1) | np.isnan(shares.limits[0])).all()


@random_designs
@given(case=cases())
def test_the_sample_again_as_strata_of_its_own_halves_the_variance(case):
    again = pd.concat([case.frame, case.frame.assign(h=case.frame["h"] + 100)], ignore_index=True)
    one, two = mean(case.survey(), "y"), mean(Survey(again, DESIGN), "y")
    np.testing.assert_allclose(numbers(two), numbers(one) / [1, np.sqrt(2)], **EXACT)
    same(mean(Survey(pd.concat([case.frame] * 2, ignore_index=True), DESIGN), "y"), one)


@random_designs
@given(case=cases(singletons=False))
def test_clusters_doubled_as_new_clusters_change_each_stratum_by_its_factor(case):
    single = Survey(case.frame[case.frame["h"] == 0], DESIGN)
    twin = case.frame.assign(i=case.frame["i"] + 100)
    doubled = pd.concat([case.frame, twin], ignore_index=True)
    n = case.frame.loc[case.frame["h"] == 0, "i"].nunique()
    one = total(single, "y").se[0]
    two = total(Survey(doubled[doubled["h"] == 0], DESIGN), "y").se[0]
    assert two == pytest.approx(2 * one * np.sqrt((n - 1) / (2 * n - 1)), rel=1e-10, abs=1e-9)


@random_designs
@given(case=cases())
def test_rows_replaced_by_cluster_sums_give_the_same_total(case):
    weighted = case.frame.assign(t=case.frame["w"] * case.frame["y"])
    clusters = weighted.groupby(["h", "i"], as_index=False)["t"].sum().assign(w=2.0)
    clusters["t"] /= 2
    same(total(Survey(clusters, DESIGN), "t"), total(case.survey(), "y"))


@random_designs
@given(case=cases(), fraction=st.floats(0.05, 1.0))
def test_equal_sampling_fractions_take_their_share_off_and_a_census_has_no_error(case, fraction):
    sized = SurveyDesign(strata="h", clusters="i", weights="w", fpc="f", lonely_psu="remove")
    frame = case.frame.assign(f=fraction)
    finite, infinite = mean(Survey(frame, sized), "y"), mean(case.survey(), "y")
    np.testing.assert_allclose(finite.se, infinite.se * np.sqrt(1 - fraction), rtol=1e-9, atol=1e-12)
    assert mean(Survey(frame.assign(f=1.0), sized), "y").se[0] == 0


@random_designs
@given(case=cases())
def test_covariances_are_symmetric_and_positive_semidefinite(case):
    survey = case.survey().where("w > 0")
    for estimate in (mean(survey, ["y", "x"], by="d"), total(survey, ["y", "gap"], by="d")):
        matrix = estimate.covariance
        np.testing.assert_array_equal(matrix, matrix.T)
        assert np.linalg.eigvalsh(matrix).min() >= -1e-9 * max(np.trace(matrix), 1)
        np.testing.assert_allclose(np.sqrt(np.diag(matrix)), estimate.se, rtol=1e-9, atol=1e-10)


@random_designs
@given(case=cases(singletons=False))
def test_the_jackknife_of_a_total_is_the_linearised_error(case):
    survey = case.survey()
    same(total(make_replicates(survey, method="jkn"), "y"), total(survey, "y"))


@random_designs
@given(case=cases())
def test_scores_by_row_give_what_sums_by_cell_give(case):
    survey = case.survey()
    estimate = mean(survey, ["y", "x"])
    w = survey.weights
    scores = np.stack(
        [w * (survey.numbers(name) - m) / w.sum() for name, m in zip("yx", estimate.estimate, strict=True)], axis=1
    )
    np.testing.assert_allclose(score_covariance(survey, scores), estimate.covariance, rtol=1e-9, atol=1e-12)


@random_designs
@given(case=cases())
def test_a_simple_random_sample_of_persons_has_the_textbook_error(case):
    frame = case.frame.assign(w=4.0)
    survey = Survey(frame, SurveyDesign(weights="w"))
    if len(frame) < 3:
        return
    estimate = mean(survey, "y")
    assert estimate.se[0] == pytest.approx(frame["y"].std() / np.sqrt(len(frame)), rel=1e-11)
    assert estimate.deff_replace[0] == pytest.approx(1.0, rel=1e-9)
    one = Survey(frame.assign(s=1), SurveyDesign(strata="s", weights="w"))
    same(mean(one, "y"), estimate)


@random_designs
@given(case=cases())
def test_variances_and_correlations_keep_their_textbook_relations(case):
    survey = case.survey()
    if np.unique(case.frame.loc[case.frame["w"] > 0, "y"]).size < 3:
        return
    both = covariance(survey, "y", "y")
    same(both, variance(survey, "y"))
    r = correlation(survey, "y", "x").estimate[0]
    assert -1 - 1e-12 <= r <= 1 + 1e-12
    spread = np.sqrt(variance(survey, ["y", "x"]).estimate)
    assert r == pytest.approx(covariance(survey, "y", "x").estimate[0] / spread.prod(), rel=1e-9, abs=1e-12)


@random_designs
@given(case=cases(), missing=st.sampled_from(["nan", "null", "absent"]))
def test_null_nan_and_absent_rows_are_the_same_thing(case, missing):
    gap = case.frame["gap"]
    wanted = mean(case.survey(), "gap")
    if missing == "null":
        same(mean(case.survey(gap=gap.astype("Float64")), "gap"), wanted)
    elif missing == "nan":
        same(mean(case.survey(gap=gap.to_numpy()), "gap"), wanted)
    else:
        same(mean(case.survey().where("gap is answered"), "gap"), wanted)


@random_designs
@given(case=cases(singletons=False))
def test_poststratified_means_do_not_depend_on_the_scale_of_the_weights(case):
    group = case.frame["d"].to_numpy()
    codes = np.unique(group, return_inverse=True)[1]
    results = []
    for scale in (1.0, 7.5):
        survey = case.survey(w=(case.frame["w"] + 0.5) * scale)
        before = survey.weights
        sizes = np.bincount(codes, weights=before)
        after = before * (np.arange(len(sizes)) + 100)[codes] / sizes[codes]
        step = Calibration(kind="groups", groups=(codes,), before=before, after=(after,))
        results.append(survey.with_weights(after, calibration=step))
    same(mean(results[0], "y"), mean(results[1], "y"))
    np.testing.assert_allclose(
        total(results[0].with_columns({"one": np.ones(len(codes))}), "one", by="d").se, 0, atol=1e-10
    )
