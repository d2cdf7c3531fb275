"""Coverage of 95 % intervals: samples drawn, weighted and estimated again and again from a population that is known.

Run: ``python benchmarks/coverage.py [samples]`` (1,000 where not given). Prints the table of docs/validation.md.

A made-up province of 61,000 adults lives in 1,000 clusters of four strata. Every sample draws 60 clusters by
systematic sampling with probability proportional to an old and wrong count of adults, and 15 adults in each; 50 to 95 %
of them respond, by age and sex. Weights: design weights of everybody; respondents adjusted in cells of age and sex;
raked to age by sex and to area; calibrated (logit, bounds 0.3 to 3) to these and the total of an auxiliary; raked and
trimmed within cells of age and sex.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.estimation.descriptive import mean, proportion
from surveykit.estimation.quantiles import quantile
from surveykit.sampling.selection import select
from surveykit.weighting.calibration import apply_fitter, calibrate
from surveykit.weighting.cells import JoinRule
from surveykit.weighting.fitting import raker
from surveykit.weighting.nonresponse import adjust_nonresponse
from surveykit.weighting.settling import trim_and_fit
from surveykit.weighting.trimming import Trim

CLUSTERS, TAKEN, TAKE = 1000, 15, 15  # clusters in all, in a stratum, adults in a cluster
DESIGN = SurveyDesign(strata="stratum", clusters="cluster", weights="weight")
AGES = ["19-29", "30-44", "45-59", "60+"]


def province() -> pd.DataFrame:
    """Make the population."""
    random = np.random.default_rng(20081001)
    clusters = pd.DataFrame({"cluster": range(CLUSTERS), "stratum": np.arange(CLUSTERS) % 4 + 1})
    clusters["adults"] = random.integers(30, 93, CLUSTERS)
    clusters["listed"] = np.round(clusters["adults"] * random.lognormal(0, 0.35, CLUSTERS)).clip(lower=5)
    clusters["effect"] = random.normal(0, 4, CLUSTERS) + 1.5 * clusters["stratum"]
    people = clusters.loc[clusters.index.repeat(clusters["adults"])].reset_index(drop=True)
    rows = len(people)
    people["person"] = people.groupby("cluster").cumcount() + 1
    people["sex"] = random.choice([1, 2], rows, p=[0.47, 0.53])
    people["age"] = random.choice(AGES, rows, p=[0.25, 0.3, 0.27, 0.18])
    older = people["age"].map(dict(zip(AGES, range(4), strict=True)))
    people["income"] = np.exp(random.normal(8, 0.4, rows) + 0.05 * people["stratum"])
    people["sbp"] = 108 + 6 * older + 3 * (people["sex"] == 1) + people["effect"] + random.gamma(4, 5, rows)
    people["smoker"] = (
        random.random(rows) < np.where(people["sex"] == 1, 0.42, 0.03) + 0.02 * people["stratum"]
    ).astype(int)
    people["area"] = (people["stratum"] > 2) + 1
    return people


def sampled(people: pd.DataFrame, clusters: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Draw clusters, and adults in them."""
    first = select(
        clusters, unit="cluster", n=TAKEN, seed=seed, method="pps-systematic", size="listed", strata="stratum"
    )
    inside = people[people["cluster"].isin(first.units["cluster"])]
    listing = inside[["cluster", "person"]]
    units = select(listing, unit="person", n=TAKE, seed=seed, method="simple", within=first).units
    frame = units[["cluster", "person", "weight"]].merge(inside, on=["cluster", "person"])
    chance = 0.5 + 0.12 * frame["age"].map(dict(zip(AGES, range(4), strict=True))) + 0.09 * (frame["sex"] == 2)
    luck = np.random.default_rng(seed).random(len(frame))
    return frame.assign(result=np.where(luck < chance, 1, 2))


def weighted(frame: pd.DataFrame, totals: dict[str, object]) -> Iterator[tuple[str, Survey]]:
    """Weight one sample in every way."""
    yield "design weights", Survey(frame, DESIGN)
    cells = JoinRule(min_respondents=10, max_factor=4)
    adjusted = adjust_nonresponse(frame, design=DESIGN, status="result", cells=["sex", "age"], join=cells)
    yield "non-response cells", adjusted
    margins = {name: totals[name] for name in (("sex", "age"), "area")}
    fitter = raker(adjusted, margins)
    raked = apply_fitter(adjusted, fitter)
    yield "raked", raked
    yield "calibrated, logit", calibrate(adjusted, totals, method="logit", bounds=(0.3, 3))
    yield "raked and trimmed", trim_and_fit(raked, Trim(rule="median-iqr", k=2), fitter, by=("sex", "age"))[0]


def estimates(survey: Survey) -> Iterator[tuple[str, pd.Series]]:
    """Estimate with intervals."""
    yield "mean", mean(survey, "sbp").to_frame().iloc[0]
    yield "mean, women", mean(survey.where("sex == 2"), "sbp").to_frame().iloc[0]
    yield "proportion", proportion(survey, "smoker", interval="logit").to_frame().iloc[-1]
    yield "median", quantile(survey, "sbp", [0.5]).to_frame().iloc[0]


def truths(people: pd.DataFrame) -> dict[str, float]:
    """Return the values of the population."""
    return {
        "mean": people["sbp"].mean(),
        "mean, women": people.loc[people["sex"] == 2, "sbp"].mean(),
        "proportion": people["smoker"].mean(),
        "median": people["sbp"].median(),
    }


def main() -> None:
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    people = province()
    clusters = people.drop_duplicates("cluster")[["cluster", "stratum", "listed"]]
    truth = truths(people)
    totals: dict[str, object] = {
        ("sex", "age"): people.groupby(["sex", "age"]).size().to_dict(),
        "area": people.groupby("area").size().to_dict(),
        "income": float(people["income"].sum()),
    }
    rows = []
    start = time.perf_counter()
    for seed in range(samples):
        for weights, survey in weighted(sampled(people, clusters, seed), totals):
            for statistic, row in estimates(survey):
                value = truth[statistic]
                inside = row["lower"] <= value <= row["upper"]
                rows.append((weights, statistic, inside, row["estimate"] - value, row["se"]))
    found = pd.DataFrame(rows, columns=["weights", "statistic", "inside", "error", "se"])
    table = found.groupby(["weights", "statistic"], sort=False).agg(
        coverage=("inside", "mean"), bias=("error", "mean"), sd=("error", "std"), se=("se", "mean")
    )
    print(f"{len(people):,} adults, {samples:,} samples, {time.perf_counter() - start:.0f} s")
    print("| weights | statistic | coverage % | bias | sd of estimates | mean se |")
    print("|---|---|---|---|---|---|")
    for (weights, statistic), line in table.iterrows():
        numbers = f"{100 * line['coverage']:.1f} | {line['bias']:.4f} | {line['sd']:.4f} | {line['se']:.4f}"
        print(f"| {weights} | {statistic} | {numbers} |")


if __name__ == "__main__":
    main()
