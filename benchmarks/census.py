"""A national census file, and domain tables of it by DuckDB on a laptop or by Spark on a cluster.

    python benchmarks/census.py make census.parquet --rows 100000000
    python benchmarks/census.py run census.parquet
    python benchmarks/census.py run census.parquet --engine spark --master spark://127.0.0.1:7077

The same lines estimate in both: only the frame differs. Every number is a function of the row number, so that any two
runs and engines can be compared.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time

import duckdb
import numpy as np

import surveykit as sk

COLUMNS = """
    (hash(i + 8) % 600)::SMALLINT AS stratum,
    (hash(i + 9) % 24)::SMALLINT AS cluster,
    50 + (hash(i) % 1000) / 10.0 AS weight,
    (1 + hash(i + 1) % 2)::TINYINT AS sex,
    (hash(i + 2) % 17)::TINYINT AS age_group,
    CASE WHEN hash(i + 3) % 50 = 0 THEN NULL
         ELSE (hash(i + 4) % 10 < 3 + (hash(i + 9) % 24) % 3)::TINYINT END AS smoker,
    CASE WHEN hash(i + 5) % 20 = 0 THEN NULL ELSE 100 + (hash(i + 6) % 600) / 10.0 END AS sbp,
    (hash(i + 7) % 12)::TINYINT AS visits
"""


def make(path: str, rows: int) -> None:
    rows_of = f"SELECT {COLUMNS} FROM range({rows}) t(i)"  # noqa: S608 (our own text and a whole number)
    duckdb.sql(f"COPY ({rows_of}) TO '{path}' (FORMAT parquet)")


def frame_of(path: str, engine: str, master: str) -> object:
    if engine == "duckdb":
        return path
    if engine == "polars":
        import polars as pl  # noqa: PLC0415

        return pl.scan_parquet(path)
    from pyspark.sql import SparkSession  # noqa: PLC0415

    session = SparkSession.builder.master(master).appName("census").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session.read.parquet(path)


def values(answer: object) -> np.ndarray:
    """Return the estimates, or the coefficients of a model."""
    return np.asarray(getattr(answer, "estimate", getattr(answer, "coefficients", None)), dtype=float)


def run(path: str, engine: str, master: str) -> dict[str, object]:
    design = sk.SurveyDesign(strata="stratum", clusters="cluster", weights="weight")
    survey = sk.Survey(frame_of(path, engine, master), design)
    adults = survey.where("age_group >= 3")
    seconds = {}
    answers = {}
    verbs = {
        "mean of 2 by sex and age": lambda: sk.mean(adults, ["sbp", "visits"], by=["sex", "age_group"], margins=True),
        "proportion by sex": lambda: sk.proportion(adults, "smoker", by="sex"),
        "ratio": lambda: sk.ratio(adults, "visits", "sbp"),
        "median by sex": lambda: sk.quantile(adults, "sbp", 0.5, by="sex"),
        "logistic model": lambda: sk.glm(adults, "smoker ~ C(sex)", family="binomial"),
    }
    for name, verb in verbs.items():
        start = time.perf_counter()
        answers[name] = verb()
        seconds[name] = round(time.perf_counter() - start, 2)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    digest = {name: [float(values(one).sum()), float(one.se.sum())] for name, one in answers.items()}
    return {"engine": engine, "seconds": seconds, "peak_mb": round(peak), "sums": digest}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["make", "run"])
    parser.add_argument("path")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=["duckdb", "polars", "spark"], default="duckdb")
    parser.add_argument("--master", default="local[2]")
    chosen = parser.parse_args(arguments)
    if chosen.what == "make":
        make(chosen.path, chosen.rows)
    else:
        print(json.dumps(run(chosen.path, chosen.engine, chosen.master), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
