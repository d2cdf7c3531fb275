"""Quantiles of rows that stay in an engine are those of the same rows in memory."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import DesignError, EstimationError
from surveykit.estimation import pushdown_quantiles
from surveykit.estimation.quantiles import cdf, quantile

DESIGN = SurveyDesign(strata="stratum", clusters="psu", weights="wt")
PROBS = [0.02, 0.5, 0.9]
NUMBERS = ("estimate", "se", "below", "above", "df", "n", "weighted_n")
STEPS = ["math", "school", "hf3", "shahvaish"]
ENGINES = {"polars": lambda table: pl.from_pandas(table).lazy(), "duckdb": duckdb.from_df}


def people(rows=4_000):
    random = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "stratum": random.integers(0, 6, rows),
            "psu": random.integers(0, 5, rows),
            "wt": random.integers(1, 5, rows) + 0.5,
            "sex": random.integers(1, 3, rows),
            "region": random.choice(["north", "south", "east"], rows),
            "smooth": random.lognormal(3, 2, rows),
            "rounded": random.integers(0, 7, rows),
        }
    )
    table.loc[random.random(rows) < 0.05, "smooth"] = np.nan
    table.loc[random.random(rows) < 0.05, "region"] = None
    table.loc[random.random(rows) < 0.03, "wt"] = 0.0
    return table.sort_values("wt", ignore_index=True)  # among equal values the lightest comes first, as in an engine


def assert_same(found, wanted):
    assert found.by == wanted.by
    assert found.category == wanted.category
    assert dict(found.left_out) == dict(wanted.left_out)
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=1e-10, err_msg=name)
    np.testing.assert_allclose(found.covariance, wanted.covariance, rtol=1e-8, atol=1e-12)


@pytest.fixture(params=[100_000, 40], ids=["fetched at once", "refined"])
def _fetched(request, monkeypatch):
    """Let few rows be fetched, so that the intervals are refined as for very many rows."""
    monkeypatch.setattr(pushdown_quantiles, "_FETCHED", request.param)


@pytest.mark.usefixtures("_fetched")
@pytest.mark.parametrize("rule", [*STEPS, "hf4", "hf7", "hf8"])
@pytest.mark.parametrize("engine", ENGINES)
def test_quantiles_agree_to_ten_digits(engine, rule):
    table = people()
    wanted = Survey(table, DESIGN).where("sex >= 1 and rounded <> 3")
    found = Survey(ENGINES[engine](table), DESIGN).where("sex >= 1 and rounded <> 3")
    asked = {"rule": rule, "by": ["sex", "region"], "interval": "logit"}
    assert_same(
        quantile(found, ["smooth", "rounded"], PROBS, **asked), quantile(wanted, ["smooth", "rounded"], PROBS, **asked)
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_quantiles_of_all_rows_and_under_replicate_weights_agree(engine):
    table = people()
    random = np.random.default_rng(8)
    for at in range(12):
        table[f"rep{at}"] = table["wt"] * random.choice([0.0, 2.0], len(table))
    for design in (DESIGN, ReplicateDesign(weights="wt", replicates="rep[0-9]+", method="brr", df=9)):
        wanted, found = Survey(table, design), Survey(ENGINES[engine](table), design)
        assert_same(quantile(found, "smooth", PROBS), quantile(wanted, "smooth", PROBS))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_share_at_or_below_a_value_agrees(engine):
    table = people()
    wanted, found = (Survey(one, DESIGN) for one in (table, ENGINES[engine](table)))
    for by in (None, "region"):
        first, second = (cdf(one, "smooth", [5, 20], by=by) for one in (found, wanted))
        np.testing.assert_allclose([first.estimate, first.se], [second.estimate, second.se], rtol=1e-10)
        np.testing.assert_allclose(first.limits, second.limits, rtol=1e-10)


def test_a_column_of_one_value_and_one_without_values_have_quantiles_too():
    table = people(400).assign(constant=7.0, nothing=np.nan)
    found = quantile(Survey(pl.from_pandas(table).lazy(), DESIGN), ["constant", "nothing"], [0.5])
    np.testing.assert_array_equal(found.estimate, [7.0, np.nan])


@pytest.mark.wants_java
def test_spark_agrees_to_ten_digits(spark, tmp_path):
    table = people(1_000)
    table.to_parquet(tmp_path / "people.parquet")
    found = Survey(spark.read.parquet(str(tmp_path / "people.parquet")), DESIGN)
    assert_same(quantile(found, "smooth", PROBS, by="sex"), quantile(Survey(table, DESIGN), "smooth", PROBS, by="sex"))


@pytest.mark.parametrize("interval", ["score", "replicates"])
def test_limits_that_need_the_rows_are_refused_in_an_engine(interval):
    table = people(200).assign(rep1=1.0, rep2=1.0)
    design = ReplicateDesign(weights="wt", replicates="rep[0-9]", method="brr")
    with pytest.raises(EstimationError) as error:
        quantile(Survey(pl.from_pandas(table).lazy(), design), "smooth", interval=interval)
    assert error.value.findings.codes == {"quantile-rows-in-engine": 1}


def test_weights_that_follow_from_population_sizes_ask_for_the_rows():
    design = SurveyDesign(clusters=["stratum"], fpc=["size"])
    survey = Survey(pl.from_pandas(people(200).assign(size=20)).lazy(), design)
    with pytest.raises(DesignError) as error:
        quantile(survey, "smooth")
    assert error.value.findings.codes == {"design-rows-in-engine": 1}


def test_the_limits_of_a_quantile_cannot_be_changed_afterwards():
    median = quantile(Survey(people(), DESIGN), "smooth")
    with pytest.raises(EstimationError) as error:
        median.with_interval("logit")
    assert error.value.findings.codes == {"quantile-interval-fixed": 1}


def test_score_limits_hold_the_median_between_them_and_follow_the_weights():
    table = people()
    score = quantile(Survey(table, DESIGN), ["smooth", "rounded"], 0.5, by="sex", interval="score")
    assert score.interval == "score"
    lower, upper = score.limits
    assert ((lower <= score.estimate) & (score.estimate <= upper)).all()
    scaled = quantile(Survey(table.assign(wt=table["wt"] * 9), DESIGN), ["smooth", "rounded"], 0.5, by="sex",
                      interval="score")  # fmt: skip
    np.testing.assert_array_equal(scaled.limits, score.limits)


def test_differences_between_medians_know_that_clusters_are_shared():
    medians = quantile(Survey(people(), DESIGN), "smooth", by="sex")
    covariance = medians.covariance
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), medians.se)
    assert covariance[0, 1] != 0
    gap = medians.contrast({1: -1, 2: 1})
    np.testing.assert_allclose(gap.se[0] ** 2, covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
