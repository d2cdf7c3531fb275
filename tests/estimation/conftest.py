"""Real answers and the figures that R survey gives for them."""

import json
from pathlib import Path

import pandas as pd
import pytest

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey

ROOT = Path(__file__).parents[2]
NHANES = SurveyDesign(strata="SDMVSTRA", clusters="SDMVPSU", weights="WTMEC2YR")


@pytest.fixture(scope="session")
def reference():
    return json.loads((ROOT / "tests/data/reference_2015_2016.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def answers():
    frame = pd.read_csv(ROOT / "examples/data/nhanes_2015_2016.csv.gz")
    measured = frame["BMXBMI"].notna()
    frame["obese"] = (frame["BMXBMI"] >= 30).where(measured).astype("Int64")
    frame["severe"] = (frame["BMXBMI"] >= 40).where(measured).astype("Int64")
    frame["age_group"] = pd.cut(frame["RIDAGEYR"], [19, 39, 59, 120], labels=["20-39", "40-59", "60+"])
    frame["adult_group"] = pd.cut(frame["RIDAGEYR"], [17, 39, 59, 120], labels=["18-39", "40-59", "60+"])
    known = frame["BPX_SY_MEAN"].notna()  # NCHS data brief 289: one systolic reading is enough
    high = (frame["BPX_SY_MEAN"] >= 140) | (frame["BPX_DI_MEAN"] >= 90) | (frame["BP_MED_USE"] == 1)
    frame["hypertension"] = high.where(known).astype("Int64")
    return frame


@pytest.fixture(scope="session")
def survey(answers):
    return Survey(answers, NHANES)


@pytest.fixture(scope="session")
def adults(survey):
    return survey.where("RIDAGEYR >= 20 and (RIDEXPRG is missing or RIDEXPRG <> 1)")
