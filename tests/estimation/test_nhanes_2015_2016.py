"""Published figures of real people: obesity and hypertension in the United States, 2015-2016."""

import math

import numpy as np
import pytest

from surveykit.estimation.descriptive import mean, proportion, total
from surveykit.estimation.standardize import standardize

CLOSE = {"rel": 1e-9, "abs": 0}
AGES = {"20-39": 77_670_618, "40-59": 72_816_615, "60+": 45_363_752}  # US Census, projected population of 2000
SEXES = {0: (1, 2), 1: (1,), 2: (2,)}


def rows(estimate):
    """Return the rows of an estimate by their by values, None for a margin."""
    frame = estimate.to_frame()
    keys = [tuple(values[row] for values in estimate.by.values()) for row in range(len(estimate))]
    return dict(zip(keys, frame.to_dict("records"), strict=True))


def assert_shown(row, figure):
    assert row["estimate"] == pytest.approx(figure["est"], **CLOSE)
    assert row["se"] == pytest.approx(figure["se"], **CLOSE)
    if "df" in figure:
        assert row["df"] == figure["df"]
    if "n" in figure:
        assert row["n"] == figure["n"]
    if "ci_wald_t" in figure:
        assert [row["lower"], row["upper"]] == pytest.approx(figure["ci_wald_t"], **CLOSE)


def test_obesity_by_age_and_sex_is_the_published_table(adults, reference):
    figures = reference["nhanes_2015_2016_obesity_DB288"]
    table = rows(proportion(adults, "obese", by=["RIAGENDR", "age_group"], margins=True, interval="wald"))
    names = {(None, None): "overall"}
    names |= {(None, age): f"age_{age}" for age in AGES}
    names |= {(sex, None): f"sex{sex}" for sex in (1, 2)}
    names |= {(sex, age): f"sex{sex}_{age}" for sex in (1, 2) for age in AGES}
    assert len(table) == len(names) == 12
    for key, name in names.items():
        assert_shown(table[key], figures[name])
    assert round(100 * table[None, None]["estimate"], 1) == 39.8


def test_obesity_of_youths_is_the_published_figure(survey, reference):
    figures = reference["nhanes_2015_2016_obesity_DB288"]
    groups = {"youth_2_19": (2, 19), "youth_2_5": (2, 5), "youth_6_11": (6, 11), "youth_12_19": (12, 19)}
    for name, (low, high) in groups.items():
        youths = survey.where(f"RIDAGEYR between {low} and {high} and (RIDEXPRG is missing or RIDEXPRG <> 1)")
        youths = youths.with_columns({"heavy": (youths.frame["BMDBMIC"] == 4).where(youths.frame["BMDBMIC"].notna())})
        assert_shown(rows(proportion(youths, "heavy", interval="wald"))[()], figures[name])


def test_age_standardised_obesity_equals_svystandardize(adults, reference):
    figures = reference["nhanes_2015_2016_obesity_DB288"]
    whole = standardize(adults, "obese", over="age_group", population=AGES)
    assert_shown(rows(whole)[()], figures["age_standardised"])
    by_sex = rows(standardize(adults, "obese", over="age_group", population=AGES, by="RIAGENDR"))
    assert_shown(by_sex[(1,)], figures["agestd_men"])
    assert_shown(by_sex[(2,)], figures["agestd_women"])
    by_origin = rows(standardize(adults, "obese", over="age_group", population=AGES, by="RIDRETH3"))
    for origin in (3, 4, 6):
        assert_shown(by_origin[(origin,)], figures[f"agestd_RIDRETH3_{origin}"])
    hispanic = adults.where("RIDRETH3 in (1, 2)")
    assert_shown(
        rows(standardize(hispanic, "obese", over="age_group", population=AGES))[()], figures["agestd_hispanic"]
    )


def test_standardisation_is_the_linear_contrast_of_age_means_with_their_covariances(adults, reference):
    figures = reference["age_standardisation_linear_contrast_2015_2016_obesity"]
    means = mean(adults, "obese", by="age_group")
    np.testing.assert_allclose(means.covariance, figures["vcov"], rtol=1e-9)
    contrast = means.contrast(dict(zip(AGES, figures["weights"], strict=True)))
    assert_shown(rows(contrast)[()], {"est": figures["est"], "se": figures["se"]})


def test_hypertension_is_the_published_figure(survey, reference):
    figures = reference["nhanes_2015_2016_hypertension_DB289"]
    grown = survey.where("RIDAGEYR >= 18 and (PREGNANT is missing or PREGNANT <> 1) and hypertension is answered")
    table = rows(proportion(grown, "hypertension", by=["RIAGENDR", "adult_group"], margins=True, interval="wald"))
    for sex in SEXES:
        for age in ("18-39", "40-59", "60+"):
            assert_shown(table[sex or None, age], figures[f"sex{sex}_{age}"])
    assert_shown(table[None, None], figures["crude"])
    assert_shown(rows(mean(grown, "BPX_SY_MEAN"))[()], figures["mean_sbp"])
    assert table[None, None]["n"] == figures["published_n"]
    adult_ages = {"18-39": 0.420263, "40-59": 0.357202, "60+": 0.222535}  # NCHS data brief 289, population of 2000
    whole = standardize(grown, "hypertension", over="adult_group", population=adult_ages)
    assert_shown(rows(whole)[()], figures["agestd_total"])
    by_sex = rows(standardize(grown, "hypertension", over="adult_group", population=adult_ages, by="RIAGENDR"))
    assert_shown(by_sex[(1,)], figures["agestd_men"])
    assert_shown(by_sex[(2,)], figures["agestd_women"])


def test_mean_total_and_design_effect_equal_r(adults, reference):
    figures = reference["nhanes_2015_2016_obesity_DB288"]
    assert_shown(rows(mean(adults, "BMXBMI"))[()], figures["mean_bmi"])
    assert_shown(rows(total(adults, "obese"))[()], figures["total_obese"])
    assert proportion(adults, "obese").deff[0] == pytest.approx(figures["deff_overall"], **CLOSE)


def test_logit_and_korn_graubard_limits_equal_r(adults, reference):
    figures = reference["nhanes_2015_2016_obesity_DB288"]
    logit = proportion(adults, "obese", interval="logit").limits
    assert [limit[0] for limit in logit] == pytest.approx(figures["ci_logit_overall"], **CLOSE)
    exact = proportion(adults, "obese", interval="beta").limits
    wanted = figures["korn_graubard_overall"]["ci_korn_graubard_beta"]
    assert [limit[0] for limit in exact] == pytest.approx(wanted, rel=1e-5)


def test_limits_of_the_nchs_presentation_cells_equal_the_published_rule(adults, reference):
    cells = reference["nchs_presentation_cells_severe_obesity_2015_2016"]
    table = rows(proportion(adults, "severe", by=["RIDRETH3", "RIAGENDR", "age_group"], interval="korn-graubard"))
    assert len(cells) == 36
    for cell in cells:
        row = table[cell["RIDRETH3"], cell["sex"], cell["age"]]
        assert (row["n"], row["df"]) == (cell["n"], cell["df"])
        assert row["estimate"] == pytest.approx(cell["p"], rel=1e-9, abs=1e-15)
        assert row["se"] == pytest.approx(cell["se"], rel=1e-9, abs=1e-15)
        if 0 < cell["p"] < 1:
            assert [row["lower"], row["upper"]] == pytest.approx([cell["kg_lo"], cell["kg_hi"]], rel=1e-8)


def test_infinite_df_gives_the_normal_limits_of_confint(adults):
    estimate = mean(adults, "BMXBMI", df=math.inf)
    half = 1.959963984540054 * estimate.se[0]
    assert estimate.limits[1][0] - estimate.estimate[0] == pytest.approx(half, rel=1e-12)
