"""Wrong use of the verbs is refused with what to do."""

import numpy as np
import pandas as pd
import pytest

from surveykit.design.calibration import Calibration
from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import DesignError, EstimationError
from surveykit.estimation.descriptive import geometric_mean, mean, proportion
from surveykit.estimation.replicates import replicated, without_missing
from surveykit.estimation.replication import make_replicates
from surveykit.estimation.scores import score_covariance
from surveykit.estimation.standardize import standardize
from surveykit.estimation.trends import differences, trend

NONE = pd.array([None] * 24, dtype="Int64")
DESIGN = SurveyDesign(strata="stratum", clusters="psu", weights="wt")


@pytest.fixture
def sample():
    frame = pd.DataFrame({"stratum": np.repeat([1, 2, 3], 8), "psu": np.tile(np.repeat([1, 2, 3, 4], 2), 3)})
    frame["wt"] = np.arange(1.0, 25.0)
    frame["y"] = np.arange(24.0) % 7
    frame["sex"] = np.tile([1, 2], 12)
    frame["year"] = np.repeat([2019, 2020, 2021], 8)
    frame["age"] = np.tile(["young", "old", "old"], 8)
    return Survey(frame, DESIGN)


@pytest.fixture
def lonely():
    frame = pd.DataFrame({"stratum": [1, 1, 2, 3], "psu": [1, 2, 1, 1], "wt": [2.0, 3, 4, 5], "y": [1.0, 2, 3, 4]})
    return Survey(frame, DESIGN)


def codes(error):
    return list(error.value.findings.codes)


WRONG = {
    "estimate-option": lambda s: proportion(s, "sex", interval="normal"),
    "estimate-level": lambda s: mean(s, "y", confidence=95),
    "estimate-empty": lambda s: mean(s.where("y > 100"), "y"),
    "estimate-no-domain": lambda s: mean(
        s.with_columns({"none": pd.array([None] * 24, dtype="Int64")}), "y", by="none"
    ),
    "estimate-no-variable": lambda s: mean(s, []),
    "estimate-variable-twice": lambda s: mean(s, ["y", "y"]),
    "estimate-not-positive": lambda s: geometric_mean(s, "y"),
    "estimate-needs-replicates": lambda s: replicated(s, lambda w: w.sum()),
    "estimate-needs-strata": lambda s: make_replicates(make_replicates(s)),
    "contrast-length": lambda s: mean(s, "y", by="sex").contrast([1.0]),
    "contrast-unknown-row": lambda s: mean(s, "y", by="sex").contrast({3: 1.0}),
    "contrast-not-analytic": lambda s: mean(s, "y", by="sex").contrast(lambda x: np.abs(x[0])),
    "replicates-jk1-strata": lambda s: make_replicates(s, method="jk1"),
    "replicates-rho": lambda s: make_replicates(s, method="fay", rho=1.0),
    "replicates-pairs": lambda s: make_replicates(s, method="brr"),
    "replicates-seed": lambda s: make_replicates(s, method="bootstrap"),
    "replicates-few": lambda s: make_replicates(s, method="bootstrap", seed=1, replicates=1),
    "replicates-power": lambda s: make_replicates(s, method="sdr", replicates=12),
    "standardize-population": lambda s: standardize(s, "y", over="age", population={"young": 0, "old": 0}),
    "standardize-level": lambda s: standardize(s, "y", over="age", population={"young": 1, "aged": 1}),
    "trend-column": lambda s: trend(mean(s, "y", by="sex"), "year"),
    "trend-levels": lambda s: trend(mean(s, "y", by="sex"), "sex", degree=2),
    "trend-base": lambda s: differences(mean(s, "y", by="year"), "year", against=2018),
    "trend-scores": lambda s: trend(mean(s, "y", by="year"), "year", scores=[1, 2]),
}


@pytest.mark.parametrize("code", WRONG)
def test_wrong_use_is_refused(sample, code):
    with pytest.raises(EstimationError) as error:
        WRONG[code](sample)
    assert codes(error) == [code]
    assert error.value.findings[0].hint


@pytest.mark.parametrize("verb", [lambda s: standardize(s, "y", over="age", population={"old": 1}, kind="median")])
def test_other_options_are_refused_too(sample, verb):
    with pytest.raises(EstimationError) as error:
        verb(sample)
    assert codes(error) == ["estimate-option"]


def test_unknown_methods_and_degrees_are_refused(sample):
    for verb in (
        lambda: make_replicates(sample, method="jack"),
        lambda: trend(mean(sample, "y", by="year"), "year", degree=4),
    ):
        with pytest.raises(EstimationError) as error:
            verb()
        assert codes(error) == ["estimate-option"]


def test_unknown_columns_are_refused_by_the_verb(sample):
    with pytest.raises(DesignError) as error:
        mean(sample, "yy", by="sexe")
    assert error.value.findings.codes == {"design-unknown-column": 2}


def test_strata_with_one_cluster_are_named_with_the_remedies(lonely):
    with pytest.raises(EstimationError) as error:
        mean(lonely, "y")
    assert codes(error) == ["estimate-lonely-unit"]
    assert "stratum=2; stratum=3" in str(error.value)
    assert "adjust" in str(error.value)
    with pytest.raises(EstimationError) as again:
        make_replicates(lonely)
    assert codes(again) == ["estimate-lonely-unit"]


def test_a_lonely_stratum_outside_the_subpopulation_does_no_harm(lonely):
    assert mean(lonely.where("stratum = 1"), "y").df[0] == 1


def test_scores_have_no_linearised_variance_under_replicate_weights(sample):
    with pytest.raises(EstimationError) as error:
        score_covariance(make_replicates(sample), np.ones(24))
    assert codes(error) == ["estimate-needs-strata"]


def test_joint_probabilities_must_fit_the_units(sample):
    frame = sample.frame.assign(p=0.5)
    survey = Survey(frame, SurveyDesign(fpc="p", pps="joint", joint=np.eye(3)))
    with pytest.raises(DesignError) as error:
        mean(survey, "y")
    assert error.value.findings.codes == {"design-joint-shape": 1}


def test_too_few_replicates_with_an_estimate_are_refused(sample):
    made = make_replicates(sample)
    scales = replicated(made, lambda w: w.sum()).scales
    thetas = np.full((12, 1), np.nan)
    with pytest.raises(EstimationError) as error:
        without_missing(thetas, np.ones(1), scales)
    assert codes(error) == ["estimate-replicates-missing"]


def test_replicates_of_calibrated_weights_are_warned_of(sample):
    step = Calibration(kind="groups", groups=(np.zeros(24, dtype=int),), before=sample.weights, after=(sample.weights,))
    made = make_replicates(sample.with_weights(sample.weights, calibration=step))
    assert "replicates-not-calibrated" in made.findings.codes
    assert "not calibrated" in str(mean(made, "y"))


def test_a_domain_without_some_age_is_standardised_to_the_others_and_says_so(sample):
    young = sample.with_columns({"group": np.where(sample.frame["age"] == "young", 1, sample.frame["sex"])})
    estimate = standardize(
        young.where("group = 1 or age = 'old'"), "y", over="age", population={"young": 1, "old": 1}, by="group"
    )
    assert "standardize-empty-level" in estimate.findings.codes
    assert "group=2" in str(estimate)
