from __future__ import annotations

from pathlib import Path

import pytest

from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.structure import Questionnaire

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def household_form() -> Questionnaire:
    return load_questionnaire(HERE / "household.json")


@pytest.fixture(scope="session")
def first_light() -> Questionnaire:
    return load_questionnaire("first-light")
