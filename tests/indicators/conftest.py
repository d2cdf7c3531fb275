"""Instruments, simulated answers and reference values for the tests of indicators."""

from __future__ import annotations

import pandas as pd
import pytest

from surveykit.documents import shipped
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.derive import derive
from surveykit.questionnaire.procedures import DeriveOptions
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.simulate import simulate

FOODS = pd.DataFrame({"N_FCODE": range(1, 301), "N_EN": [150.0] * 300, "N_NA": [200.0 + code for code in range(300)]})


@pytest.fixture(scope="session")
def knhanes():
    return load_questionnaire("knhanes")


@pytest.fixture(scope="session")
def dprk():
    return load_questionnaire("dprk-summary")


@pytest.fixture(scope="session")
def knhanes_answers(knhanes):
    return simulate(knhanes, 60, seed=11)


@pytest.fixture(scope="session")
def dprk_answers(dprk):
    return simulate(dprk, 120, seed=5)


@pytest.fixture(scope="session")
def knhanes_derived(knhanes, knhanes_answers):
    return derive(knhanes_answers, knhanes, options=DeriveOptions(food_composition=FOODS))


@pytest.fixture(scope="session")
def dprk_derived(dprk, dprk_answers):
    return derive(dprk_answers, dprk)


@pytest.fixture(scope="session")
def persons(knhanes, knhanes_answers):
    """Return a maker of responses to the full form from some columns of persons, everything else blank."""

    def make(answers: pd.DataFrame) -> Responses:
        types = {unit: knhanes_answers[unit].dtypes.to_dict() for unit in knhanes_answers}
        given = answers.reset_index(drop=True).assign(ID_fam="1", person_line=range(1, len(answers) + 1))
        extra = [column for column in given.columns if column not in types["person"]]
        person = given.reindex(columns=[*types["person"], *extra]).astype(types["person"])
        top = pd.DataFrame([{"ID_fam": "1"}]).reindex(columns=list(types["household"])).astype(types["household"])
        frames = {"household": top, "person": person, "food": knhanes_answers["food"].iloc[:0]}
        return Responses(questionnaire=knhanes.id, version="", structure_hash="", frames=frames)

    return make


@pytest.fixture(scope="session")
def nhanes():
    return pd.read_csv(shipped("data") / "nhanes_2015_2016.csv.gz")
