"""What an estimate tells its reader."""

import math
import pickle

import numpy as np
import pandas as pd
import pytest

from surveykit.estimation.contrasts import gradient
from surveykit.estimation.descriptive import correlation, mean, proportion, total
from surveykit.estimation.printing import decimals
from surveykit.estimation.quantiles import quantile
from surveykit.estimation.standardize import standardize
from surveykit.estimation.trends import differences, polynomial, trend

COLUMNS = ["variable", "level", "estimate", "se", "lower", "upper", "cv", "deff", "df", "n", "weighted_n"]


def test_the_frame_has_the_by_columns_and_then_exactly_the_documented_ones(adults):
    frame = proportion(adults, "SMOKE_STATUS", by=["RIAGENDR", "age_group"]).to_frame()
    assert list(frame.columns) == ["RIAGENDR", "age_group", *COLUMNS]
    assert len(frame) == 2 * 3 * 3
    assert frame["level"].tolist()[:3] == ["Current", "Former", "Never"]
    assert frame["n"].dtype == np.int64
    assert list(mean(adults, "BMXBMI").to_frame().columns) == COLUMNS


def test_margins_have_a_missing_by_value_and_are_the_estimates_without_it(adults):
    table = mean(adults, "BMXBMI", by=["RIAGENDR", "age_group"], margins=True).to_frame()
    assert len(table) == 6 + 2 + 3 + 1
    whole = table[table["RIAGENDR"].isna() & table["age_group"].isna()].iloc[0]
    alone = mean(adults, "BMXBMI").to_frame().iloc[0]
    pd.testing.assert_series_equal(whole[COLUMNS[2:]], alone[COLUMNS[2:]], check_names=False, rtol=1e-12)
    by_sex = mean(adults, "BMXBMI", by="RIAGENDR")
    some = table[table["RIAGENDR"].notna() & table["age_group"].isna()]
    np.testing.assert_allclose(some["se"].to_numpy(float), by_sex.se, rtol=1e-12)


def test_a_margin_counts_rows_whose_other_by_value_is_missing(survey):
    table = mean(survey, "BMXHT", by=["RIAGENDR", "SMOKE_STATUS"], margins=True)
    margin = table.by["SMOKE_STATUS"].index(None)
    assert table.n[margin] == mean(survey, "BMXHT", by="RIAGENDR").n[0]
    assert table.left_out["without a value of RIAGENDR or SMOKE_STATUS"] > 0


def test_rows_left_out_are_counted_by_reason(adults):
    estimate = proportion(adults, "SMOKE_STATUS", by="RIAGENDR")
    assert sum(estimate.left_out.values()) + int(estimate.n[[0, 3]].sum()) == adults.rows
    assert set(estimate.left_out) == {
        "outside the subpopulation",
        "of weight zero",
        "without a value of SMOKE_STATUS",
    }


def test_an_estimate_prints_like_a_table_with_what_must_be_known_to_read_it(adults):
    text = str(proportion(adults, "obese", by="RIAGENDR", interval="korn-graubard"))
    lines = text.splitlines()
    assert lines[0].startswith("proportion of obese by RIAGENDR where RIDAGEYR >= 20")
    assert lines[2].split()[:5] == ["RIAGENDR", "level", "proportion", "se", "95%"]
    assert lines[3].split()[:3] == ["1", "1", "0.3796"]
    assert "30 clusters in 15 strata" in text
    assert "Interval: korn-graubard" in text
    assert "4,322 outside the subpopulation" in text
    assert repr(mean(adults, "BMXBMI")) == str(mean(adults, "BMXBMI"))


def test_points_stand_below_each_other_and_zeros_are_kept(adults):
    lines = str(mean(adults, "BMXBMI", by=["RIAGENDR", "age_group"])).splitlines()[2:9]
    assert len({len(line) for line in lines}) == 1
    points = [[at for at, letter in enumerate(line) if letter == "."] for line in lines[1:]]
    assert all(one == points[0] for one in points)
    assert decimals(np.array([28.5, 30.25, np.nan, np.inf])) == 2
    assert decimals(np.array([3.0, 12.0, 0.0])) == 0
    assert decimals(np.array([0.5, 0.004])) == 4
    assert decimals(np.array([1e-9])) == 6


def test_what_is_printed_below_names_method_reference_and_rows(adults):
    notes = str(mean(adults, "BMXBMI", by="RIAGENDR", df=math.inf)).splitlines()[-3:]
    assert notes[1] == "Interval: wald, normal."
    assert "without a value of BMXBMI" in notes[2]
    median = str(quantile(adults, "BMXBMI", 0.5)).splitlines()
    assert "deff" not in median[2]
    assert median[-3] == "Variance: linearised, 30 clusters in 15 strata; quantiles by rule math."
    assert median[-2] == "Interval: woodruff, t on 15 df."


def test_numbers_too_small_for_decimals_are_written_with_an_exponent(survey):
    small = survey.with_columns({"tiny": survey.numbers("BMXBMI") * 1e-12})
    assert "e-11" in str(mean(small, "tiny"))


def test_long_tables_are_cut_and_large_numbers_kept_readable(survey):
    text = str(total(survey, "BMXWT", by="RIDAGEYR", df=math.inf))
    assert "more rows" in text
    assert "inf" in text
    assert "e+" not in text


def test_cv_deft_and_effective_n_follow_from_error_and_design_effect(adults):
    estimate = mean(adults, ["BMXBMI", "BMXHT"])
    np.testing.assert_allclose(estimate.cv, estimate.se / estimate.estimate)
    np.testing.assert_allclose(estimate.deft**2, estimate.deff_replace)
    np.testing.assert_allclose(estimate.effective_n, estimate.n / estimate.deff_replace)
    assert (estimate.deff > estimate.deff_replace).all()


def test_the_kind_and_level_of_an_interval_can_be_changed_afterwards(adults):
    wald = proportion(adults, "obese", interval="wald")
    logit = wald.with_interval("logit", confidence=0.9)
    assert logit.limits[0][0] != wald.limits[0][0]
    fresh = proportion(adults, "obese", interval="logit", confidence=0.9)
    np.testing.assert_array_equal(logit.limits, fresh.limits)


def test_p_values_are_those_of_student_or_the_normal(adults):
    gap = mean(adults, "BMXBMI", by="RIAGENDR").contrast({1: -1, 2: 1})
    assert gap.p_value()[0] == pytest.approx(0.0294, abs=1e-4)  # t = 2.407 on 15 df
    normal = mean(adults, "BMXBMI", by="RIAGENDR").contrast({1: -1, 2: 1}, df=math.inf)
    assert normal.p_value()[0] < gap.p_value()[0]
    assert gap.p_value(null=gap.estimate[0])[0] == 1


def test_contrasts_name_rows_by_what_tells_them_apart(adults):
    two = mean(adults, ["BMXBMI", "BMXHT"], by="RIAGENDR")
    assert two.keys() == [(1, "BMXBMI"), (1, "BMXHT"), (2, "BMXBMI"), (2, "BMXHT")]
    levels = proportion(adults, "SMOKE_STATUS")
    assert levels.keys() == ["Current", "Former", "Never"]
    assert mean(adults, "BMXBMI").keys() == ["BMXBMI"]
    several = levels.contrast({"ever": {"Current": 1, "Former": 1}, "quit": {"Former": 1, "Current": -1}})
    assert several.category == ("ever", "quit")
    np.testing.assert_allclose(several.estimate[0], 1 - levels.estimate[2])
    np.testing.assert_allclose(several.se[0], levels.se[2], rtol=1e-9)


def test_contrasts_of_contrasts_go_on(adults):
    ages = mean(adults, "BMXBMI", by="age_group")
    gaps = differences(ages, "age_group")
    second = gaps.contrast([-1.0, 1.0])
    direct = ages.contrast({"20-39": 1, "40-59": -2, "60+": 1})
    np.testing.assert_allclose([second.estimate, second.se], [direct.estimate, direct.se], rtol=1e-9)
    logs = ages.contrast(np.log, name="log")
    assert logs.category == ("log 1", "log 2", "log 3")
    np.testing.assert_allclose(logs.se, ages.se / ages.estimate, rtol=1e-12)


def test_differences_and_trends_run_within_the_other_columns(adults):
    table = mean(adults, "BMXBMI", by=["RIAGENDR", "age_group"])
    assert differences(table, "age_group").category[:2] == ("1, 40-59 - 20-39", "1, 60+ - 40-59")
    assert differences(table, "RIAGENDR", against="first").category == ("20-39, 2 - 1", "40-59, 2 - 1", "60+, 2 - 1")
    assert differences(table, "RIAGENDR", against=2).category[0] == "20-39, 1 - 2"
    assert trend(table, "age_group").category == ("1, linear", "2, linear")


def test_polynomials_are_orthonormal_and_blind_to_lower_powers():
    scores = np.array([2009.0, 2012.0, 2013.0, 2019.0, 2020.0])
    matrix = polynomial(scores, 3)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(matrix @ np.ones(5), 0, atol=1e-12)
    np.testing.assert_allclose(matrix[1:] @ (scores - 2000), 0, atol=1e-9)
    assert matrix[0] @ scores > 0


def test_the_complex_step_is_exact():
    value, slope = gradient(lambda x: [np.exp(x[0]) / x[1], np.log(x[0])], np.array([0.5, 3.0]))
    np.testing.assert_allclose(value, [np.exp(0.5) / 3, np.log(0.5)], rtol=1e-15)
    np.testing.assert_allclose(slope, [[np.exp(0.5) / 3, -np.exp(0.5) / 9], [2, 0]], rtol=1e-15)


def test_an_estimate_can_be_stored(adults):
    estimate = mean(adults, "BMXBMI", by="RIAGENDR")
    again = pickle.loads(pickle.dumps(estimate))  # noqa: S301 (our own bytes)
    np.testing.assert_array_equal(again.covariance, estimate.covariance)
    assert str(again) == str(estimate)


def test_a_standardised_estimate_tells_over_what(adults):
    population = {"20-39": 0.4, "40-59": 0.4, "60+": 0.2}
    estimate = standardize(adults, "obese", over="age_group", population=population, by="RIAGENDR")
    assert estimate.over == ("age_group",)
    assert str(estimate).startswith("mean of obese by RIAGENDR, standardised over age_group where")
    assert mean(adults, "obese").over == ()


def test_margins_of_standardised_means_and_correlations_are_those_without_the_column(adults):
    population = {"20-39": 0.4, "40-59": 0.4, "60+": 0.2}
    both = ["RIAGENDR", "SMOKE_STATUS"]
    for verb in (
        lambda by, **more: standardize(adults, "obese", over="age_group", population=population, by=by, **more),
        lambda by, **more: correlation(adults, "BMXBMI", "BMXHT", by=by, **more),
    ):
        table = verb(both, margins=True)
        assert table.by["RIAGENDR"][-1] is None
        for kept in (None, ["RIAGENDR"], ["SMOKE_STATUS"], both):
            alone = verb(kept)
            names = kept or []
            rows = [
                at
                for at in range(len(table))
                if all((table.by[name][at] is not None) == (name in names) for name in both)
            ]
            for part in ("estimate", "se", "df", "n"):
                np.testing.assert_allclose(getattr(table, part)[rows], getattr(alone, part), rtol=1e-10, err_msg=part)
