"""Time estimates of surveykit beside R survey, svy, statsmodels and the bare grouped sums of polars and DuckDB.

    python benchmarks/estimation.py 10000 100000 1000000

The figures are medians in seconds. Designs are made, and used once, before the clock starts, for us as for the peers;
the column "new survey" includes the joining of frame and design, which is what stands beside the bare sums. R is timed
where Rscript with survey is on the path (once from 100,000 rows), svy where it is installed (once from a million). What
takes R longer than five minutes is stopped.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl

import surveykit as sk

DESIGN = sk.SurveyDesign(strata="stratum", clusters="psu", weights="wt")
OUTCOMES = [f"y{at}" for at in range(10)]
COVARIATES = OUTCOMES[:8]
FORMULA = "sick ~ " + " + ".join(COVARIATES)
REPLICATES = 200
WORKLOADS = ("mean of 1", "10 means by 20", "5 levels by 12", "medians by 12", "logistic, 8", "200 replicates")
LARGE = 1_000_000  # rows from which the peers are timed once
LIMIT = 300  # seconds that R may take for one workload


def people(rows: int) -> pl.DataFrame:
    random = np.random.default_rng(7)
    strata = min(600, max(rows // 100, 2))
    columns: dict[str, Any] = {
        "stratum": random.integers(0, strata, rows),
        "psu": random.integers(0, 4, rows),
        "wt": random.uniform(10, 50, rows),
        "domain": random.integers(0, 20, rows),
        "region": random.integers(0, 12, rows),
        "level": random.integers(0, 5, rows),
        "sex": random.integers(1, 3, rows),
        "age": random.integers(20, 90, rows),
    }
    columns |= {name: random.normal(100, 15, rows) for name in OUTCOMES}
    odds = sum((columns[name] - 100) / 60 for name in COVARIATES)
    columns["sick"] = (random.random(rows) < 1 / (1 + np.exp(1 - odds))).astype(np.int64)
    columns["score"] = random.lognormal(3, 1, rows)
    return pl.DataFrame(columns)


def ours(survey: Callable[[], sk.Survey]) -> dict[str, Callable[[], object]]:
    return {
        "mean of 1": lambda: sk.mean(survey(), "y0"),
        "10 means by 20": lambda: sk.mean(survey(), OUTCOMES, by="domain"),
        "5 levels by 12": lambda: sk.proportion(survey(), "level", by="region"),
        "medians by 12": lambda: sk.quantile(survey(), "y0", 0.5, by="region"),
        "logistic, 8": lambda: sk.glm(survey(), FORMULA, family="binomial"),
        "200 replicates": lambda: sk.mean(
            sk.make_replicates(survey(), method="bootstrap", replicates=REPLICATES, seed=1), "y0"
        ),
    }


def with_svy(frame: pl.DataFrame) -> dict[str, Callable[[], object]]:
    import svy  # noqa: PLC0415

    def sample() -> svy.Sample:
        return svy.Sample(frame, svy.Design(stratum="stratum", psu="psu", wgt="wt"))

    made = sample()
    return {
        "mean of 1": lambda: made.estimation.mean("y0"),
        "10 means by 20": lambda: made.estimation.mean(OUTCOMES, by="domain"),
        "5 levels by 12": lambda: made.estimation.prop("level", by="region"),
        "medians by 12": lambda: made.estimation.median("y0", by="region"),
        "logistic, 8": lambda: made.glm.fit("sick", x=COVARIATES, family="binomial"),
        "200 replicates": lambda: (
            sample().weighting.create_bs_wgts(n_reps=REPLICATES, rstate=1).estimation.mean("y0", method="replication")
        ),
    }


def with_statsmodels(frame: pd.DataFrame) -> dict[str, Callable[[], object]]:
    import statsmodels.api as sm  # noqa: PLC0415
    from statsmodels.stats.weightstats import DescrStatsW  # noqa: PLC0415

    units = frame["stratum"].to_numpy() * 4 + frame["psu"].to_numpy()
    x, y, weights = sm.add_constant(frame[COVARIATES].to_numpy()), frame["sick"].to_numpy(), frame["wt"].to_numpy()
    scaled = weights / weights.mean()
    return {
        "mean of 1": lambda: DescrStatsW(frame["y0"].to_numpy(), weights).std_mean,
        "logistic, 8": lambda: sm.GLM(y, x, sm.families.Binomial(), freq_weights=scaled).fit(
            cov_type="cluster", cov_kwds={"groups": units}
        ),
    }


def bare(frame: pl.DataFrame) -> dict[str, dict[str, Callable[[], object]]]:
    """Return the grouped sums that the first three workloads cannot do without, by two engines."""
    w, held = pl.col("wt"), duckdb.from_arrow(frame.to_arrow())
    units = ["stratum", "psu"]

    def sums(names: list[str]) -> list[pl.Expr]:
        each = [[(w * pl.col(one)).sum().alias(one), (w * pl.col(one) ** 2).sum().alias(f"{one}2")] for one in names]
        return [w.sum(), pl.len().alias("n"), *(expression for pair in each for expression in pair)]

    def query(names: list[str], by: str) -> str:
        each = ", ".join(f"sum(wt * {one}), sum(wt * {one} * {one})" for one in names)
        return f"sum(wt), count(*){', ' + each if each else ''}", f"stratum, psu{by}"

    asked = {
        "mean of 1": (["y0"], []),
        "10 means by 20": (OUTCOMES, ["domain"]),
        "5 levels by 12": ([], ["region", "level"]),
    }

    def in_duckdb(names: list[str], by: list[str]) -> object:
        what, groups = query(names, "".join(f", {one}" for one in by))
        return held.aggregate(f"{what}", groups).fetchnumpy()

    return {
        "polars sums": {
            key: (lambda names=names, by=by: frame.group_by([*units, *by]).agg(sums(names)))
            for key, (names, by) in asked.items()
        },
        "duckdb sums": {key: (lambda names=names, by=by: in_duckdb(names, by)) for key, (names, by) in asked.items()},
    }


R = """
suppressMessages(library(survey)); options(survey.lonely.psu = "remove")
argument <- commandArgs(TRUE); folder <- argument[1]; rows <- as.integer(argument[2]); runs <- as.integer(argument[3])
names <- readLines(file.path(folder, "names"))
d <- as.data.frame(lapply(setNames(names, names), function(n) readBin(file.path(folder, n), "double", rows)))
s <- svydesign(id = ~psu, strata = ~stratum, weights = ~wt, data = d, nest = TRUE)
y10 <- reformulate(paste0("y", 0:9)); model <- reformulate(paste0("y", 0:7), "sick")
work <- list(
  "mean of 1" = function() svymean(~y0, s),
  "10 means by 20" = function() svyby(y10, ~domain, s, svymean),
  "5 levels by 12" = function() svyby(~factor(level), ~region, s, svymean),
  "medians by 12" = function() svyby(~y0, ~region, s, svyquantile, quantiles = 0.5, ci = TRUE),
  "logistic, 8" = function() svyglm(model, s, family = quasibinomial()),
  "200 replicates" = function() svymean(~y0, as.svrepdesign(s, type = "subbootstrap", replicates = 200)))
for (name in argument[-(1:3)]) {
  times <- sapply(seq_len(runs), function(i) system.time(work[[name]]())[["elapsed"]])
  cat(name, median(times), sep = "\\t"); cat("\\n")
}
"""


def with_r(frame: pl.DataFrame, runs: int) -> dict[str, float]:
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "names").write_text("\n".join(frame.columns) + "\n")
        Path(folder, "time.R").write_text(R)
        for name in frame.columns:
            frame[name].cast(pl.Float64).to_numpy().tofile(Path(folder, name))
        for name in WORKLOADS:
            given = ["Rscript", f"{folder}/time.R", folder, str(frame.height), str(runs), name]
            try:
                done = subprocess.run(given, capture_output=True, text=True, check=True, timeout=LIMIT)
            except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
                print(f"R, {name}: {type(error).__name__}", flush=True)
                continue
            found[name] = float(done.stdout.split("\t")[1])
    return found


def median(call: Callable[[], object], runs: int) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def timed(calls: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    return {name: median(call, runs) for name, call in calls.items()}


def measured(rows: int, peers: set[str]) -> dict[str, dict[str, float]]:
    frame = people(rows)
    table = frame.to_pandas()
    runs, few = (5, 3) if rows < LARGE else (3, 1)
    polars, pandas = sk.Survey(frame, DESIGN), sk.Survey(table, DESIGN)
    sk.mean(polars, "y0"), sk.mean(pandas, "y0")
    found = {
        "surveykit": timed(ours(lambda: polars), runs),
        "on pandas": timed(ours(lambda: pandas), runs),
        "new survey": timed(ours(lambda: sk.Survey(frame, DESIGN)), runs),
    }
    found |= {name: timed(calls, runs) for name, calls in bare(frame).items()}
    if "statsmodels" in peers:
        found["statsmodels"] = timed(with_statsmodels(table), few)
    if "svy" in peers and importlib.util.find_spec("svy"):
        found["svy"] = timed(with_svy(frame), few)
    if "R" in peers and shutil.which("Rscript"):
        found["R survey"] = with_r(frame, few if rows < 100_000 else 1)
    return found


def main() -> None:
    warnings.simplefilter("ignore")
    sizes = [int(one) for one in sys.argv[1:] if one.isdigit()] or [10_000, 100_000]
    peers = {one for one in sys.argv[1:] if not one.isdigit()} or {"statsmodels", "svy", "R"}
    for rows in sizes:
        found = measured(rows, peers)
        print(f"\n{rows:,} rows, seconds")
        print(pd.DataFrame(found).reindex(WORKLOADS).map(lambda value: f"{value:.4f}").to_string(), flush=True)
        print(json.dumps({"rows": rows, "seconds": found}), flush=True)


if __name__ == "__main__":
    main()
