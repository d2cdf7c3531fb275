"""Designs of the oracle scripts, and the numbers that R gave for them."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey

HERE = Path(__file__).parent
SIMULATED = {"strata": "stratum", "clusters": "psu", "weights": "wt"}
DESIGNS = {
    "apisrs": SurveyDesign(fpc="fpc"),
    "apistrat": SurveyDesign(strata="stype", weights="pw", fpc="fpc"),
    "apistrat_wr": SurveyDesign(strata="stype", weights="pw"),
    "apiclus1": SurveyDesign(clusters="dnum", weights="pw", fpc="fpc"),
    "apiclus2": SurveyDesign(clusters=["dnum", "snum"], fpc=["fpc1", "fpc2"]),
    "apiclus2_wr": SurveyDesign(clusters=["dnum", "snum"], weights="pw"),
    "simulated_paired": SurveyDesign(**SIMULATED),
    "nhanes": SurveyDesign(strata="SDMVSTRA", clusters="SDMVPSU", weights="WTMEC2YR"),
    "yrbs": SurveyDesign(strata="stratum", clusters="psu", weights="weight", nest=False),
    "hospital": SurveyDesign(strata="oblevel", clusters="hospno", weights="weighta", fpc="tothosp"),
    "mu284": SurveyDesign(clusters=["id1", "id2"], fpc=["n1", "n2"]),
    "fpc": SurveyDesign(strata="stratid", clusters="psuid", weights="weight", fpc="Nh"),
    "fpc_wr": SurveyDesign(strata="stratid", clusters="psuid", weights="weight"),
    "crowd": SurveyDesign(clusters="cluster", weights="weight"),
}


for policy in ("remove", "certainty", "adjust", "average"):
    lonely = SurveyDesign(**SIMULATED, lonely_psu=policy)
    DESIGNS[f"simulated_{policy}"] = lonely
    DESIGNS[f"simulated_{policy}_domain"] = replace(lonely, lonely_in_domain=True)
    DESIGNS[f"mu284_{policy}"] = replace(DESIGNS["mu284"], lonely_psu=policy)
FRAMES = {name: "simulated" for name in DESIGNS if name.startswith("simulated_") and "paired" not in name}


@cache
def data(name):
    return pd.read_csv(HERE / "data" / f"{name}.csv.gz")


@cache
def oracle_survey(name):
    if name.startswith("mu284_"):
        whole = data("mu284")
        return Survey(whole[(whole["id1"] != 31) | (whole["id2"] == 1)].reset_index(drop=True), DESIGNS[name])
    frame = data(FRAMES.get(name, name.removesuffix("_wr")))
    if "visits" in frame:
        frame = frame.assign(often=frame["visits"] >= 4)
    return Survey(frame, DESIGNS[name])


def numbers(file):
    """Return the rows of one table of numbers, grouped into what one call answers."""
    table = pd.read_csv(HERE / file, comment="#", keep_default_na=False)
    table["value"] = pd.to_numeric(table["value"], errors="coerce")
    return table
