"""Rubin's rules against mitools."""

import numpy as np
import pytest
from oracle_numbers import data, numbers, oracle_survey

from surveykit.errors import EstimationError
from surveykit.estimation.descriptive import mean, total
from surveykit.estimation.imputation import imputed, over_imputations, pool
from surveykit.estimation.margins import margins
from surveykit.estimation.ratios import ratios
from surveykit.estimation.regression import glm
from surveykit.estimation.term_tests import term_test

TABLE = numbers("imputation.csv")
VERBS = {
    "mean": lambda survey: mean(survey, ["bmi", "smoker"]),
    "by": lambda survey: mean(survey, "bmi", by="agegroup"),
    "logistic": lambda survey: glm(survey, "smoker ~ bmi + age + sex", family="binomial"),
}


def completed():
    plain = oracle_survey("simulated_paired")
    row, frame = np.arange(plain.rows), data("simulated_paired")
    return [
        plain.with_columns(
            {
                "bmi": frame["bmi"].fillna(18 + (row * 7 + m * 5) % 15 + 0.0 * frame["age"]).to_numpy(),
                "smoker": np.where(frame["smoker"].isna(), (row + m) % 3 == 0, frame["smoker"]).astype(float),
            }
        )
        for m in range(1, 6)
    ]


def asked(name, label, quantity):
    here = (TABLE["design"] == name) & (TABLE["statistic"] == label) & (TABLE["quantity"] == quantity)
    return TABLE[here]["value"].to_numpy()


@pytest.mark.parametrize("name", sorted(VERBS))
def test_pooled_estimates_and_errors_are_those_of_mitools(name):
    results = [VERBS[name](survey) for survey in completed()]
    parts = imputed(results, complete_df=float("inf"))
    np.testing.assert_allclose(parts.estimate, asked(name, "rubin", "estimate"), rtol=1e-8)
    np.testing.assert_allclose(parts.se, asked(name, "rubin", "se"), rtol=1e-7)
    np.testing.assert_allclose(parts.df, asked(name, "rubin", "df"), rtol=1e-6)
    np.testing.assert_allclose(parts.missing_information, asked(name, "rubin", "missing"), rtol=1e-6)


@pytest.mark.parametrize("name", ["mean", "logistic"])
def test_degrees_of_freedom_are_those_of_barnard_and_rubin_for_the_design(name):
    pooled = over_imputations(completed(), VERBS[name])
    found = pooled.df if name == "mean" else pooled.freedom
    np.testing.assert_allclose(found, asked(name, "barnard-rubin", "df"), rtol=1e-6)


def test_the_same_data_twice_are_worth_the_complete_data():
    one = mean(completed()[0], "bmi", by="agegroup")
    pooled = pool([one, one])
    np.testing.assert_allclose(pooled.se, one.se, rtol=1e-12)
    np.testing.assert_allclose(pooled.covariance, one.covariance, rtol=1e-12)
    assert imputed([one, one]).missing_information == pytest.approx(2 / (imputed([one, one]).df + 3))


def test_a_pooled_estimate_prints_and_contrasts_as_any_other():
    pooled = pool([mean(survey, "bmi", by="agegroup") for survey in completed()])
    gap = pooled.contrast({"60+": 1, "19-39": -1})
    assert gap.se[0] ** 2 == pytest.approx(np.array([-1, 0, 1]) @ pooled.covariance @ np.array([-1, 0, 1]))
    assert "5 imputations, Rubin's rules" in str(pooled)
    assert list(pooled.to_frame()["agegroup"]) == ["19-39", "40-59", "60+"]
    assert "missing_information" in str(imputed([mean(survey, "bmi") for survey in completed()]))


def test_a_pooled_model_is_tested_and_gives_ratios():
    fit = over_imputations(completed(), VERBS["logistic"])
    row = fit.to_frame().set_index("term").loc["bmi"]
    assert term_test(fit, "bmi").p_value == pytest.approx(row["p_value"], rel=1e-8)
    assert ratios(fit).kind == "odds ratio"
    both = pool([margins(glm(s, "smoker ~ age + C(sex)", family="binomial"), "sex") for s in completed()])
    assert len(both) == 2


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda s: pool([mean(s[0], "bmi")]), "imputation-few"),
        (lambda s: pool([mean(s[0], "bmi"), total(s[1], "bmi", by="sex")]), "imputation-rows"),
        (lambda s: margins(over_imputations(s, lambda one: glm(one, "bmi ~ C(sex)")), "sex"), "imputation-margins"),
        (
            lambda s: term_test(over_imputations(s, lambda one: glm(one, "bmi ~ sex")), "sex", method="lrt"),
            "imputation-likelihood",
        ),
    ],
)
def test_wrong_use_of_imputations_is_said_in_a_finding(call, code):
    surveys = completed()
    with pytest.raises(EstimationError) as caught:
        call(surveys)
    assert caught.value.findings[0].code == code
