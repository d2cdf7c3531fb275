"""Estimates of real people for the tables under test, as the frames that an Estimate gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from surveykit.reporting.table import Table
from surveykit.reporting.tabulation import tabulate

AGES = ("20-39", "40-59", "60+")
LABELS = {
    "obese": {"en": "Obesity", "ko": "비만율"},
    "sex": {
        "label": {"en": "Sex", "ko": "성별"},
        "values": {1: {"en": "Men", "ko": "남자"}, 2: {"en": "Women", "ko": "여자"}},
    },
    "age_group": {
        "label": {"en": "Age group", "ko": "연령"},
        "values": {
            "20-39": {"en": "20–39", "ko": "20–39세"},
            "40-59": {"en": "40–59", "ko": "40–59세"},
            "60+": {"en": "60 and over", "ko": "60세 이상"},
        },
    },
}


@pytest.fixture(scope="session")
def reference() -> dict:
    return json.loads((Path(__file__).parent / "nhanes_2015_2016.json").read_text(encoding="utf-8"))


def _record(entry: dict, **by: object) -> dict:
    low, high = entry.get("ci_wald_t", (None, None))
    return {
        **by,
        "variable": "obese",
        "level": None,
        "estimate": entry["est"],
        "se": entry["se"],
        "lower": low,
        "upper": high,
        "df": entry.get("df", 15),
        "n": entry.get("n"),
    }


@pytest.fixture(scope="session")
def estimates(reference: dict) -> list[pd.DataFrame]:
    """Obesity of adults, NHANES 2015-2016: crude and age-standardised, by age group and sex."""
    of = reference["obesity"]
    return [
        pd.DataFrame([_record(of["overall"])]),
        pd.DataFrame([_record(of["sex2"], sex=2), _record(of["sex1"], sex=1)]),
        pd.DataFrame([_record(of[f"age_{age}"], age_group=age) for age in AGES]),
        pd.DataFrame([_record(of[f"sex{sex}_{age}"], age_group=age, sex=sex) for age in AGES for sex in (2, 1)]),
        pd.DataFrame([_record(of["age_standardised"])]).assign(statistic="standardised mean", over="age_group"),
        pd.DataFrame([_record(of["agestd_men"], sex=1), _record(of["agestd_women"], sex=2)]).assign(
            statistic="standardised mean", over="age_group"
        ),
    ]


@pytest.fixture(scope="session")
def make(estimates: list[pd.DataFrame]) -> Callable[..., Table]:
    """Make the table of obesity by age group and sex."""

    def build(**options: object) -> Table:
        return tabulate(estimates, **{"labels": LABELS, "blocks": "sex", **options})

    return build


@pytest.fixture(scope="session")
def table(make: Callable[..., Table]) -> Table:
    return make(source="NHANES 2015–2016", notes=["Adults aged 20 and over; pregnant women are left out."])
