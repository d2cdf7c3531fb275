"""The data of the R oracle and the totals that it used."""

from pathlib import Path

import pandas as pd
import pytest

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey

ORACLE = Path(__file__).resolve().parents[1] / "oracle" / "weighting"


@pytest.fixture(scope="session")
def oracle():
    names = ("data", "weights", "estimates", "replicates", "replicate_estimates", "propensity")
    return {name: pd.read_csv(ORACLE / f"{name}.csv") for name in names}


@pytest.fixture(scope="session")
def totals():
    table = pd.read_csv(ORACLE / "totals.csv").set_index("name")["total"]

    def of(name):
        return {
            key.split("=")[1]: value for key, value in table.items() if key.startswith(f"{name}=") and "," not in key
        }

    crossed = {
        tuple(part.split("=")[1] for part in key.split(",")): value for key, value in table.items() if "," in key
    }
    return {
        "sex": of("sex"),
        "age": of("age"),
        "region": of("region"),
        "income": table["income"],
        ("sex", "age"): crossed,
    }


@pytest.fixture
def survey(oracle):
    return Survey(oracle["data"], SurveyDesign(strata="stratum", clusters="psu", weights="weight"))


@pytest.fixture
def replicated(oracle):
    frame = pd.concat([oracle["data"], oracle["replicates"]], axis=1)
    rscales = [0.8] * 30  # (n_h - 1) / n_h with five sampling units a stratum
    return Survey(frame, ReplicateDesign(weights="weight", replicates="V[0-9]+", method="jkn", rscales=rscales))
