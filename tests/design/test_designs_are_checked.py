"""Designs that contradict themselves are refused before any frame is seen."""

import numpy as np
import pytest

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.presets import preset
from surveykit.design.twophase import TwoPhaseDesign
from surveykit.errors import DesignError

WRONG = {
    "design-option": lambda: SurveyDesign(lonely_psu="ignore"),
    "design-stages-differ": lambda: SurveyDesign(clusters=["psu", "household"], fpc="size"),
    "design-pps-without-probabilities": lambda: SurveyDesign(pps="brewer"),
    "design-joint-missing": lambda: SurveyDesign(fpc="p", pps="joint"),
    "design-joint-stages": lambda: SurveyDesign(clusters=["a", "b"], fpc=["p", "q"], pps="overton"),
    "design-fay-without-rho": lambda: ReplicateDesign(weights="wt", replicates="r[0-9]", method="fay"),
    "design-rho-range": lambda: ReplicateDesign(weights="wt", replicates="r[0-9]", method="fay", rho=1.0),
    "design-replicate-scale": lambda: ReplicateDesign(weights="wt", replicates="r[0-9]", method="other"),
    "design-replicate-rscales": lambda: ReplicateDesign(weights="wt", replicates="r[0-9]", method="jkn"),
    "design-second-phase-stages": lambda: TwoPhaseDesign(
        first=SurveyDesign(), second=SurveyDesign(clusters=["a", "b"]), selected="chosen"
    ),
    "design-preset-unknown": lambda: preset("knhane"),
    "design-preset-component": lambda: preset("knhanes", component="dental"),
}


def told(findings):
    """Return the values behind each message."""
    return [one.to_dict()["values"] for one in findings]


@pytest.mark.parametrize("code", WRONG)
def test_a_design_that_contradicts_itself_is_refused(code):
    with pytest.raises(DesignError) as error:
        WRONG[code]()
    assert list(error.value.findings.codes) == [code]


def test_more_strata_than_stages_are_refused():
    with pytest.raises(DesignError) as error:
        SurveyDesign(strata=["a", "b"], clusters="psu")
    assert told(error.value.findings)[0]["what"] == "strata"


def test_a_name_is_the_first_stage_and_a_list_has_one_entry_a_stage():
    design = SurveyDesign(strata=["s", None], clusters=["psu", ["block", "hh"]], fpc=["n1", "n2"], weights="wt")
    assert design.strata_stages == (("s",), ())
    assert design.cluster_stages == (("psu",), ("block", "hh"))
    assert design.columns == ("s", "psu", "block", "hh", "n1", "n2", "wt")
    assert SurveyDesign().cluster_stages == ((),)


def test_joint_probabilities_do_not_hinder_comparison():
    designs = [SurveyDesign(fpc="p", pps="joint", joint=np.eye(2)) for _ in range(2)]
    assert designs[0] == designs[1]


@pytest.mark.parametrize(
    ("name", "component", "weights"),
    [
        ("knhanes", None, "wt_itvex"),
        ("knhanes", "nutrition", "wt_ntr"),
        ("nhanes", "interview", "WTINT2YR"),
        ("dhs", None, "v005"),
        ("dhs", "men", "mv005"),
        ("steps", "step 2", "WStep2"),
        ("mics", "children", "chweight"),
        ("acs", "person", "PWGTP"),
    ],
)
def test_a_preset_names_the_weight_of_its_component(name, component, weights):
    assert preset(name, component=component).weights == weights


def test_presets_carry_strata_and_clusters_or_replicates():
    assert preset("knhanes") == SurveyDesign(strata="kstrata", clusters="psu", weights="wt_itvex")
    assert preset("dhs", component="men").clusters == "mv021"
    assert preset("acs").method == "acs"
    assert preset("nhanes", lonely_psu="adjust").lonely_psu == "adjust"
