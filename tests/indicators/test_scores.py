"""The procedures behind scores: growth, blood, Rasch, wealth."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from surveykit.errors import DefinitionError
from surveykit.questionnaire.scores import blood, growth, rasch, wealth


def test_median_children_have_a_z_score_of_zero():
    table = growth.growth_table()
    for indicator, x in (("lhfa", 400), ("wfa", 400), ("bfa", 1200), ("wfl", 80.0), ("wfh", 100.0)):
        median = table[(table["indicator"] == indicator) & (table["sex"] == 2) & (table["x"] == x)]["M"].iloc[0]
        assert growth.z_score(indicator, 2, x, median)[0] == pytest.approx(0, abs=1e-12)


def test_beyond_three_the_distance_grows_in_steps_of_standard_deviations():
    table = growth.growth_table()
    one = table[(table["indicator"] == "wfa") & (table["sex"] == 1) & (table["x"] == 500)].iloc[0]

    def at(sd):
        return one["M"] * (1 + one["L"] * one["S"] * sd) ** (1 / one["L"])

    step = at(3) - at(2)
    found = growth.z_score("wfa", 1, 500, [at(3), at(3) + step, at(3) + 2 * step])
    assert found == pytest.approx([3, 4, 5], abs=1e-9)


def test_lengths_between_the_steps_of_the_table_are_interpolated():
    low, mid, high = growth.z_score("wfh", 1, [90.0, 90.05, 90.1], 13.0)
    assert min(low, high) < mid < max(low, high)


def test_what_is_missing_or_outside_the_table_has_no_score():
    assert np.isnan(growth.z_score("lhfa", [1, 3, 1, 1], [400, 400, np.nan, 9999], 75)).tolist() == [
        False,
        True,
        True,
        True,
    ]
    assert np.isnan(growth.z_score("wfa", 1, 400, 0))[0]


def test_position_changes_the_length_by_seven_millimetres():
    common = {"sex": 1, "weight": 11.0}
    standing_baby = growth.child_scores(**common, days=600, height=80.0, lying=2)
    lying_baby = growth.child_scores(**common, days=600, height=80.7, lying=1)
    assert standing_baby["haz"][0] == pytest.approx(lying_baby["haz"][0], abs=1e-12)
    lying_child = growth.child_scores(**common, days=900, height=88.7, lying=1)
    standing_child = growth.child_scores(**common, days=900, height=88.0)
    assert lying_child["whz"][0] == pytest.approx(standing_child["whz"][0], abs=1e-12)


def test_implausible_scores_are_flagged_away_and_five_year_olds_have_none():
    found = growth.child_scores(sex=1, days=[400, 400, 1900], height=[76.0, 40.0, 110.0], weight=[10.0, 10.0, 18.0])
    assert np.isnan(found["haz"]).tolist() == [False, True, True]
    assert np.isnan(found["whz"]).tolist()[2]


def test_months_become_days_as_in_who_anthro():
    assert growth.days_of_months([0, 12, 24]).tolist() == [0, 365, 730]


def test_a_growth_table_without_its_columns_is_an_error():
    with pytest.raises(DefinitionError) as caught:
        growth.z_score("lhfa", 1, 365, 70.0, table=pd.DataFrame({"sex": [1]}))
    assert caught.value.findings[0].code == "score-table-columns"


def test_own_standards_can_be_used():
    table = pd.DataFrame({"indicator": "lhfa", "sex": 1, "x": [0, 1000], "L": 1.0, "M": [50.0, 90.0], "S": 0.04})
    assert growth.z_score("lhfa", 1, 500, 70.0, table=table)[0] == pytest.approx(0, abs=1e-12)


def test_altitude_is_taken_off_from_a_thousand_metres():
    found = blood.altitude_adjustment([0, 999, 1000, 1500, 2000, np.nan])
    assert found[:5].tolist() == [0, 0, 0.2, 0.5, 0.8]  # WHO 2011
    assert np.isnan(found[5])
    assert blood.altitude_adjustment([499, 500], "who-2024").tolist() == [0, 0.4]
    curve = blood.altitude_adjustment([999, 1000, 1500, 2000, 3000], "cdc-1989")
    assert curve[0] == 0
    assert np.all(np.diff(curve) > 0)
    assert (
        np.abs(curve[2:] - blood.altitude_adjustment([1500, 2000, 3000])).max() < 0.2
    )  # the table is the rounded curve


def test_filtration_has_the_published_shape():
    assert blood.egfr(0.9, 50, 1)[()] == pytest.approx(142 * 0.9938**50)  # Inker 2021 at the bend of the curve
    assert blood.egfr(0.7, 50, 2, "ckd-epi-2009")[()] == pytest.approx(141 * 0.993**50 * 1.018)  # Levey 2009
    assert blood.egfr([1.0, 2.0], 60, 1)[0] > blood.egfr([1.0, 2.0], 60, 1)[1]
    assert np.isnan(blood.egfr([np.nan, 1.0, 0.0], [50, 50, 50], [1, 9, 1])).all()


@pytest.mark.parametrize(
    "call", [lambda: blood.egfr(1.0, 50, 1, "mdrd"), lambda: blood.altitude_adjustment([0], "guess")]
)
def test_an_unknown_version_of_a_score_is_an_error(call):
    with pytest.raises(DefinitionError) as caught:
        call()
    assert caught.value.findings[0].code == "score-option-unknown"


def likelihood(b, table, weights):
    """Minus the conditional log likelihood, by writing out all answer patterns."""
    b = np.append(b, -b.sum())
    patterns = np.array(list(product([0, 1], repeat=len(b))))
    total = 0.0
    for row, weight in zip(table, weights, strict=True):
        same = patterns[patterns.sum(axis=1) == row.sum()]
        total += weight * (-(row @ b) - np.log(np.exp(-(same @ b)).sum()))
    return -total


def made_up(seed, households=300, items=5):
    random = np.random.default_rng(seed)
    severities = np.linspace(-1.2, 1.4, items)
    ability = random.normal(0, 1.3, households)
    return (random.random((households, items)) < 1 / (1 + np.exp(severities - ability[:, None]))).astype(float)


@pytest.mark.parametrize("weighted", [False, True])
def test_rasch_severities_maximise_the_conditional_likelihood(weighted):
    table = made_up(3)
    weights = np.random.default_rng(4).uniform(0.5, 2, len(table)) if weighted else np.ones(len(table))
    model = rasch.fit_rasch(table, weights)
    best = minimize(likelihood, np.zeros(4), args=(table, weights), method="BFGS", options={"gtol": 1e-6}).x
    assert model.severities == pytest.approx(np.append(best, -best.sum()), abs=1e-4)


def test_a_raw_score_is_expected_at_its_own_severity():
    model = rasch.fit_rasch(made_up(7))
    for raw in range(1, 5):
        chance = 1 / (1 + np.exp(model.severities - model.person[raw]))
        assert chance.sum() == pytest.approx(raw, abs=1e-9)
        assert model.error[raw] == pytest.approx(1 / np.sqrt((chance * (1 - chance)).sum()), rel=1e-9)


def test_answers_made_with_the_global_standard_are_equated_to_it():
    random = np.random.default_rng(1)
    standard = np.array(rasch.GLOBAL_STANDARD)
    ability = random.normal(-0.5, 1.5, 6000)
    table = (random.random((6000, 8)) < 1 / (1 + np.exp(standard - ability[:, None]))).astype(float)
    equated = rasch.equate(rasch.fit_rasch(table))
    assert equated.common.all()
    assert np.abs(equated.severities - standard).max() < 0.15
    assert equated.probability[0].tolist() == [0, 0]
    assert (np.diff(equated.probability[:8], axis=0) > 0).all()
    assert (equated.probability[:, 0] >= equated.probability[:, 1]).all()


def test_an_item_that_works_differently_is_not_common():
    random = np.random.default_rng(2)
    odd = np.array(rasch.GLOBAL_STANDARD)
    odd[2] += 2.0
    ability = random.normal(-0.5, 1.5, 6000)
    table = (random.random((6000, 8)) < 1 / (1 + np.exp(odd - ability[:, None]))).astype(float)
    assert rasch.equate(rasch.fit_rasch(table)).common.tolist() == [True, True, False, True, True, True, True, True]


def test_extreme_and_incomplete_rows_say_nothing_about_items():
    table = made_up(5)
    more = np.vstack([table, np.zeros((50, 5)), np.ones((50, 5)), np.full((5, 5), np.nan)])
    assert rasch.fit_rasch(more).severities == pytest.approx(rasch.fit_rasch(table).severities, abs=1e-12)


def test_an_item_that_all_affirm_has_no_severity():
    table = made_up(5)
    table[:, 1] = 1
    assert np.isnan(rasch.fit_rasch(table).severities).tolist() == [False, True, False, False, False]
    assert np.isnan(rasch.equate(rasch.fit_rasch(np.zeros((10, 8)))).probability).all()


def test_wealth_is_the_first_principal_component():
    random = np.random.default_rng(9)
    rich = random.normal(0, 1, 400)
    owned = (random.normal(0, 1, (400, 6)) + rich[:, None] > 0).astype(float)
    score = wealth.wealth_score(owned)
    standard = (owned - owned.mean(axis=0)) / owned.std(axis=0)
    component = standard @ np.linalg.svd(standard, full_matrices=False)[2][0]
    assert abs(np.corrcoef(score, component)[0, 1]) == pytest.approx(1, abs=1e-12)
    assert np.corrcoef(score, owned.sum(axis=1))[0, 1] > 0.9
    assert score.std() == pytest.approx(1)


def test_doubling_a_household_is_the_same_as_doubling_its_weight():
    random = np.random.default_rng(10)
    owned = (random.random((60, 4)) < 0.5).astype(float)
    weights = np.where(np.arange(60) < 20, 2.0, 1.0)
    twice = np.vstack([owned, owned[:20]])
    assert wealth.wealth_score(owned, weights) == pytest.approx(wealth.wealth_score(twice)[:60], abs=1e-9)


def test_wealth_without_variation_or_answers_is_missing():
    assert np.isnan(wealth.wealth_score(np.ones((5, 3)))).all()
    table = np.array([[1.0, 0], [0, 1], [1, 1], [np.nan, np.nan]])
    assert np.isnan(wealth.wealth_score(table)).tolist() == [False, False, False, True]


def test_quantile_groups_keep_equal_values_together():
    assert wealth.weighted_groups([1, 2, 3, 4, 5, 6, 7, 8], 4).tolist() == [1, 1, 2, 2, 3, 3, 4, 4]
    assert wealth.weighted_groups([1, 1, 1, 1, 5], 5).tolist() == [1, 1, 1, 1, 5]
    found = wealth.weighted_groups([10.0, np.nan, 30.0], 2)
    assert found[0] == 1
    assert found[2] == 2
    assert np.isnan(found[1])


def test_weights_move_the_cuts():
    assert wealth.weighted_groups([1, 2, 3, 4], 2, [10, 1, 1, 1]).tolist() == [1, 2, 2, 2]


def test_groups_are_cut_within_classes():
    found = wealth.groups_within([1, 2, 100, 200, 5], [0, 0, 1, 1, -1], 2)
    assert found[:4].tolist() == [1, 2, 1, 2]
    assert np.isnan(found[4])
