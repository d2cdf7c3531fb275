"""The shipped instruments, compiled once, and the inventory that they are held against."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from surveykit.documents import load_json, shipped
from surveykit.questionnaire.definition import load_questionnaire

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def knhanes():
    return load_questionnaire("knhanes")


@pytest.fixture(scope="session")
def dprk():
    return load_questionnaire("dprk-summary")


@pytest.fixture(scope="session")
def facility():
    return load_questionnaire("facility")


@pytest.fixture(scope="session")
def inventory():
    return pd.read_csv(HERE / "inventory.csv", dtype=str, keep_default_na=False).set_index("var")


@pytest.fixture(scope="session")
def summary_form():
    return pd.read_csv(HERE / "summary_form.csv", keep_default_na=False)


@pytest.fixture(scope="session")
def modules():
    return {path.stem: load_json(path) for path in sorted((shipped("questionnaires") / "modules").glob("*.json"))}
