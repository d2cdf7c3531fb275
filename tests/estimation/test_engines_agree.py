"""One sample in every engine: the same estimates, errors and rows to ten digits."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import DesignError, EstimationError
from surveykit.estimation.descriptive import (
    correlation,
    covariance,
    geometric_mean,
    mean,
    proportion,
    ratio,
    total,
    variance,
)
from surveykit.estimation.pushdown import collect
from surveykit.estimation.standardize import standardize

DATA = Path(__file__).parents[1] / "oracle" / "data"
LINEAR = SurveyDesign(strata="stratum", clusters="psu", weights="wt")
FAY = ReplicateDesign(weights="wt", replicates="fay[0-9]+", method="fay", rho=0.3, df=10)
STAGES = SurveyDesign(clusters=["dnum", "snum"], fpc=["fpc1", "fpc2"])
AGES = {"19-39": 1, "40-59": 2, "60+": 1}
VERBS = {
    "mean": lambda survey: mean(survey, ["sbp", "bmi"], by=["region", "sex"], margins=True),
    "total": lambda survey: total(survey, "visits", by="income"),
    "ratio": lambda survey: ratio(survey, "visits", "persons", by="region"),
    "proportion": lambda survey: proportion(survey, ["income", "smoker"], by="agegroup"),
    "geometric mean": lambda survey: geometric_mean(survey, "bmi"),
    "variance": lambda survey: variance(survey, "sbp"),
    "covariance": lambda survey: covariance(survey, "sbp", "bmi"),
    "correlation": lambda survey: correlation(survey, "sbp", "bmi", by="sex"),
    "standardised": lambda survey: standardize(survey, "smoker", over="agegroup", population=AGES, by="sex"),
}
NUMBERS = ("estimate", "se", "deff", "df", "n", "weighted_n")


def frame(name):
    return pd.read_csv(DATA / f"{name}.csv.gz")


def moved(table, engine, tmp_path, spark=None):
    """Return a pandas table as a frame of an engine."""
    path = tmp_path / "table.parquet"
    table.to_parquet(path)
    if engine == "spark":
        return spark.read.parquet(str(path))
    return {
        "polars": lambda: pl.from_pandas(table),
        "polars lazy": lambda: pl.scan_parquet(path),
        "duckdb": lambda: duckdb.from_df(table),
        "parquet": lambda: path,
    }[engine]()


def assert_same(found, wanted):
    assert found.by == wanted.by
    assert found.category == wanted.category
    assert dict(found.left_out) == dict(wanted.left_out)
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=1e-10, atol=1e-300, err_msg=name)


@pytest.mark.parametrize("design", [LINEAR, FAY], ids=["linearised", "replicates"])
@pytest.mark.parametrize("engine", ["polars", "polars lazy", "duckdb", "parquet"])
def test_engines_agree_to_ten_digits(engine, design, tmp_path):
    table = frame("replicate_columns")
    wanted = Survey(table, design).where("age >= 30")
    found = Survey(moved(table, engine, tmp_path), design).where("age >= 30")
    for verb in VERBS.values():
        assert_same(verb(found), verb(wanted))


@pytest.mark.wants_java
def test_spark_agrees_to_ten_digits(tmp_path, spark):
    table = frame("simulated_paired")
    wanted = Survey(table, LINEAR).where("age >= 30")
    found = Survey(moved(table, "spark", tmp_path, spark), LINEAR).where("age >= 30")
    for name in ("mean", "proportion"):
        assert_same(VERBS[name](found), VERBS[name](wanted))


@pytest.mark.parametrize("engine", ["polars lazy", "duckdb"])
def test_engines_agree_over_several_stages_with_weights_from_population_sizes(engine, tmp_path):
    table = frame("apiclus2")
    wanted, found = (Survey(one, STAGES) for one in (table, moved(table, engine, tmp_path)))
    for verb in (
        lambda s: mean(s, "api00", by="stype"),
        lambda s: total(s, "enroll"),
        lambda s: proportion(s, "stype"),
    ):
        assert_same(verb(found), verb(wanted))


def test_codes_of_one_byte_and_decimals_do_not_wrap_in_an_engine():
    table = pl.DataFrame({"wt": [2, 2, 2, 2], "psu": [1, 1, 2, 2], "y": [100, 100, 90, 80]})
    table = table.with_columns(pl.col("y").cast(pl.Int8), pl.col("wt").cast(pl.Int8))
    design = SurveyDesign(clusters="psu", weights="wt")
    wanted = mean(Survey(table.to_pandas(), design), "y")
    assert_same(mean(Survey(table.lazy(), design), "y"), wanted)
    decimal = table.with_columns(pl.col("y").cast(pl.Decimal(10, 2)))
    assert_same(mean(Survey(decimal.lazy(), design), "y"), wanted)


def test_nan_in_an_engine_is_a_missing_answer():
    table = pl.DataFrame({"wt": [1.0, 2.0, 2.0, 3.0], "psu": [1, 1, 2, 2], "y": [1.0, float("nan"), 3.0, None]})
    design = SurveyDesign(clusters="psu", weights="wt")
    assert_same(mean(Survey(table.lazy(), design), "y"), mean(Survey(table.to_pandas(), design), "y"))


def test_a_truth_value_in_an_engine_is_reported_by_its_share_of_true():
    table = pl.DataFrame({"wt": [1.0, 2.0, 2.0, 3.0], "psu": [1, 1, 2, 2], "y": [True, False, None, True]})
    design = SurveyDesign(clusters="psu", weights="wt")
    found = proportion(Survey(table.lazy(), design), "y")
    assert found.category == (True,)
    np.testing.assert_allclose(found.estimate, [4 / 6])


def test_sampling_units_that_are_rows_must_be_collected(tmp_path):
    design = SurveyDesign(strata="stype", weights="pw")
    table = frame("apistrat")
    lazy = Survey(moved(table, "duckdb", tmp_path), design).where("api00 > 500")
    with pytest.raises(EstimationError) as error:
        mean(lazy, "api00")
    assert error.value.findings.codes == {"estimate-elements-in-engine": 1}
    held = collect(lazy, ["enroll"])
    assert set(held.frame.columns) == {"stype", "pw", "enroll", "api00"}
    assert_same(mean(held, "enroll"), mean(Survey(table, design).where("api00 > 500"), "enroll"))
    assert collect(held, ["enroll"]) is held


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("wt", -1.0, "design-weight-negative"),
        ("wt", None, "design-weight-missing"),
        ("psu", None, "design-column-missing"),
    ],
)
def test_an_engine_refuses_weights_and_clusters_that_are_wrong(column, value, code):
    table = frame("simulated_paired")
    table[column] = table[column].astype("Float64")
    table.loc[5, column] = value
    with pytest.raises(DesignError) as error:
        mean(Survey(pl.from_pandas(table).lazy(), LINEAR), "sbp")
    assert error.value.findings.codes == {code: 1}


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [("wt", -1.0, "design-weight-negative"), ("fay3", None, "design-weight-missing")],
)
def test_an_engine_refuses_replicate_weights_that_are_wrong(column, value, code):
    table = frame("replicate_columns")
    table[column] = table[column].astype("Float64")
    table.loc[5, column] = value
    with pytest.raises(DesignError) as error:
        mean(Survey(pl.from_pandas(table).lazy(), FAY), "sbp")
    assert error.value.findings.codes == {code: 1}


def test_an_engine_refuses_texts_as_numbers_and_logarithms_of_zero():
    survey = Survey(pl.from_pandas(frame("simulated_paired")).lazy(), LINEAR)
    with pytest.raises(DesignError) as error:
        mean(survey, "region")
    assert error.value.findings.codes == {"design-column-not-numeric": 1}
    with pytest.raises(EstimationError) as refused:
        geometric_mean(survey, "visits")
    assert refused.value.findings.codes == {"estimate-not-positive": 1}


def test_population_sizes_that_differ_in_a_cluster_are_refused_by_an_engine():
    table = frame("apiclus2")
    table.loc[0, "fpc1"] += 1
    with pytest.raises(DesignError) as error:
        mean(Survey(pl.from_pandas(table).lazy(), STAGES), "api00")
    assert set(error.value.findings.codes) == {"design-fpc-varies"}
