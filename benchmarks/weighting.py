"""Time raking of four margins on a million rows against the NumPy sums that it cannot do without, R and svy.

Run: ``python benchmarks/weighting.py [rows]``. R is timed where Rscript with survey is on the path, svy where
SVY_PYTHON names an interpreter that has it; the best of three runs counts, to damp other work on the machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.weighting.calibration import calibrate, poststratify, rake
from surveykit.weighting.fitting import raker

CATEGORIES = {"province": 10, "area": 2, "sex": 2, "age": 13}
RUNS = 3


def people(rows: int) -> tuple[pd.DataFrame, dict[str, dict[int, float]]]:
    random = np.random.default_rng(1)
    frame = pd.DataFrame({name: random.integers(1, size + 1, rows) for name, size in CATEGORIES.items()})
    frame["psu"] = np.arange(rows) // 100
    frame["weight"] = random.uniform(10, 40, rows)
    drift = np.ones(rows)
    for name, size in CATEGORIES.items():
        drift *= random.uniform(0.8, 1.25, size)[frame[name] - 1]
    true = frame["weight"] * drift
    return frame, {name: true.groupby(frame[name]).sum().to_dict() for name in CATEGORIES}


def best(call: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def sums(frame: pd.DataFrame, sweeps: int) -> None:
    """Make the grouped sums of all rows that raking row by row would need: a margin and sweep each."""
    weights = frame["weight"].to_numpy()
    codes = [frame[name].to_numpy() for name in CATEGORIES]
    for _ in range(sweeps):
        for code in codes:
            np.bincount(code, weights=weights)


R = """
suppressMessages(library(survey))
d <- read.csv("people.csv"); m <- read.csv("margins.csv")
s <- svydesign(~psu, weights = ~weight, data = d)
of <- function(name) { t <- m[m$margin == name, c("category", "total")]; names(t) <- c(name, "Freq"); t }
names4 <- c("province", "area", "sex", "age")
t0 <- proc.time()[[3]]
f <- lapply(names4, function(n) as.formula(paste0("~", n)))
r <- rake(s, f, lapply(names4, of), control = list(maxit = 100, epsilon = 1e-9))
cat(proc.time()[[3]] - t0)
"""


def with_r(frame: pd.DataFrame, margins: dict[str, dict[int, float]]) -> float | None:
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        frame.to_csv(Path(folder) / "people.csv", index=False)
        rows = [(name, key, total) for name, totals in margins.items() for key, total in totals.items()]
        pd.DataFrame(rows, columns=["margin", "category", "total"]).to_csv(Path(folder) / "margins.csv", index=False)
        done = subprocess.run(["Rscript", "-e", R], cwd=folder, capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else None


SVY = """
import json, time
import polars as pl, svy
sample = svy.Sample(pl.read_csv("people.csv"), svy.Design(wgt="weight", psu="psu"))
given = json.load(open("margins.json"))
margins = {name: {int(key): total for key, total in totals.items()} for name, totals in given.items()}
start = time.perf_counter()
sample.weighting.rake(controls=margins, wgt_name="raked", tol=1e-9)
print(time.perf_counter() - start)
"""


def with_svy(frame: pd.DataFrame, margins: dict[str, dict[int, float]]) -> float | None:
    """Time svy in the interpreter that SVY_PYTHON names, or in this one."""
    with tempfile.TemporaryDirectory() as folder:
        frame.to_csv(Path(folder) / "people.csv", index=False)
        (Path(folder) / "margins.json").write_text(json.dumps(margins))
        python = os.environ.get("SVY_PYTHON", sys.executable)
        done = subprocess.run([python, "-c", SVY], cwd=folder, capture_output=True, text=True, check=False)
    return float(done.stdout.split()[-1]) if done.returncode == 0 else None


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    frame, margins = people(rows)
    survey = Survey(frame, SurveyDesign(clusters="psu", weights="weight"))
    sweeps = len(raker(survey, margins).fit(survey.weights).misfits)
    kernel = best(lambda: sums(frame, sweeps))
    ours = best(lambda: rake(survey, margins))
    print(f"{rows:,} rows, four margins, {sweeps} sweeps")
    print(f"grouped sums alone   {kernel:8.3f} s   ({sweeps * 4} times bincount of all rows)")
    print(f"surveykit rake       {ours:8.3f} s   {ours / kernel:5.2f} times the sums")
    print(f"surveykit raking     {best(lambda: calibrate(survey, margins, method='raking')):8.3f} s")
    print(f"surveykit poststrat. {best(lambda: poststratify(survey, {'age': margins['age']})):8.3f} s")
    for name, seconds in (("R survey", with_r(frame, margins)), ("svy", with_svy(frame, margins))):
        told = "not on this machine" if seconds is None else f"{seconds:8.3f} s   {seconds / ours:5.1f} times ours"
        print(f"{name + ' rake':20s} {told}")


if __name__ == "__main__":
    main()
