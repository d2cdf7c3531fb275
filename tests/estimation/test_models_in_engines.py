"""Models of rows that stay in an engine, added up by covariate pattern, are those of the same rows in memory."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import DesignError, EstimationError
from surveykit.estimation.association import crosstab
from surveykit.estimation.regression import glm, margins

DATA = Path(__file__).parents[1] / "oracle" / "data" / "replicate_columns.csv.gz"
LINEAR = SurveyDesign(strata="stratum", clusters="psu", weights="wt")
FAY = ReplicateDesign(weights="wt", replicates="fay[0-9]+", method="fay", rho=0.3, df=10)
ENGINES = {"polars": lambda table: pl.from_pandas(table).lazy(), "duckdb": duckdb.from_df}
MODELS = {
    "binomial": "smoker ~ C(agegroup) * C(sex) + region",
    "gaussian": "sbp ~ C(agegroup) + C(sex)",
    "poisson": "visits ~ C(agegroup)",
}


@pytest.fixture(scope="module")
def table():
    return pd.read_csv(DATA)


def assert_same(found, wanted):
    assert found.terms == wanted.terms
    assert (found.n, found.df, dict(found.left_out)) == (wanted.n, wanted.df, dict(wanted.left_out))
    np.testing.assert_allclose(found.coefficients, wanted.coefficients, rtol=1e-10)
    np.testing.assert_allclose(found.covariance, wanted.covariance, rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("family", MODELS)
@pytest.mark.parametrize("engine", ENGINES)
def test_models_agree_to_ten_digits(engine, family, table):
    wanted, found = (
        glm(Survey(one, LINEAR).where("age >= 30"), MODELS[family], family=family)
        for one in (table, ENGINES[engine](table))
    )
    assert_same(found, wanted)
    first, second = (margins(fit, "agegroup") for fit in (found, wanted))
    np.testing.assert_allclose(first.estimate, second.estimate, rtol=1e-10)
    np.testing.assert_allclose(first.se, second.se, rtol=1e-8)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_outcome_of_many_values_is_fitted_by_its_means(engine, table):
    random = np.random.default_rng(3)
    long = pd.concat([table] * 4, ignore_index=True)
    long["sbp"] += random.normal(size=len(long)).round(3)
    long.loc[random.random(len(long)) < 0.05, "sbp"] = np.nan
    wanted, found = (glm(Survey(one, LINEAR), MODELS["gaussian"]) for one in (long, ENGINES[engine](long)))
    assert_same(found, wanted)
    assert found.survey.rows < len(long) / 5


def test_replicate_weights_are_added_up_as_well(table):
    wanted, found = (
        glm(Survey(one, FAY), MODELS["binomial"], family="binomial") for one in (table, pl.from_pandas(table).lazy())
    )
    assert_same(found, wanted)


@pytest.mark.parametrize("statistic", ["F", "chisq", "adjwald"])
@pytest.mark.parametrize("design", [LINEAR, FAY], ids=["linearised", "replicates"])
@pytest.mark.parametrize("engine", ENGINES)
def test_cross_tabulations_agree_to_ten_digits(engine, design, statistic, table):
    wanted, found = (
        crosstab(Survey(one, design).where("age >= 30"), "income", "smoker", statistic=statistic)
        for one in (table, ENGINES[engine](table))
    )
    pd.testing.assert_frame_equal(found.to_frame(), wanted.to_frame(), rtol=1e-10, check_dtype=False)
    np.testing.assert_allclose(
        [found.test.statistic, found.p_value], [wanted.test.statistic, wanted.p_value], rtol=1e-8
    )
    assert found.test.n == wanted.test.n


@pytest.mark.parametrize(
    ("design", "formula"), [(LINEAR, "smoker ~ wide"), (FAY, "wide ~ C(sex)")], ids=["covariate", "outcome"]
)
def test_many_values_ask_for_the_rows_by_number_and_column(design, formula, table):
    wide = pl.from_pandas(table.assign(wide=np.arange(len(table)) * 1.5)).lazy()
    with pytest.raises(DesignError) as error:
        glm(Survey(wide, design), formula)
    assert error.value.findings.codes == {"design-rows-in-engine": 1}
    assert f"{len(table)} rows of the columns {formula.split()[0]}" in str(error.value)


def test_rows_that_are_sampling_units_and_weights_that_follow_from_sizes_are_refused(table):
    lazy = pl.from_pandas(table.assign(size=90)).lazy()
    with pytest.raises(EstimationError) as error:
        glm(Survey(lazy, SurveyDesign(weights="wt")), MODELS["gaussian"])
    assert error.value.findings.codes == {"estimate-elements-in-engine": 1}
    with pytest.raises(DesignError) as refused:
        glm(Survey(lazy, SurveyDesign(clusters="stratum", fpc="size")), MODELS["gaussian"])
    assert refused.value.findings.codes == {"design-rows-in-engine": 1}
