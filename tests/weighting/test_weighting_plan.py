"""Plans: the shipped one on simulated answers, replicates, components, wrong plans."""

import copy
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import DefinitionError, WeightingError
from surveykit.estimation.descriptive import mean
from surveykit.weighting.calibration import rake
from surveykit.weighting.nonresponse import adjust_nonresponse
from surveykit.weighting.plan import read_plan
from surveykit.weighting.running import weight

PLAN = Path(__file__).resolve().parents[2] / "examples" / "data" / "dprk_weighting_plan.json"
AGES = ["19-29", "30-39", "40-49", "50-59", "60-69", "70+"]


@pytest.fixture(scope="module")
def households():
    """Return 5,200 sampled households of 260 clusters with made-up results."""
    random = np.random.default_rng(20)
    clusters = pd.DataFrame({"cluster": range(260)})
    clusters["K_PROV"] = clusters["cluster"] % 10 + 1
    clusters["area"] = clusters["cluster"] // 10 % 2 + 1
    clusters["stratum_1"] = clusters["K_PROV"].astype(str) + " / " + clusters["area"].astype(str)
    clusters["probability_1"] = random.uniform(0.02, 0.09, 260)
    clusters["probability_2"] = random.uniform(0.1, 0.3, 260)
    frame = clusters.loc[clusters.index.repeat(20)].reset_index(drop=True)
    frame["serial"] = range(1, len(frame) + 1)
    frame["K_RESULT"] = random.choice([1, 2, 3, 5, 6], len(frame), p=[0.9, 0.03, 0.02, 0.03, 0.02])
    frame["adults"] = random.choice([1, 2, 3, 4, 9], len(frame), p=[0.15, 0.5, 0.2, 0.14, 0.01])
    frame["A_RESULT"] = random.choice([1, 2], len(frame), p=[0.95, 0.05])
    frame["sex"] = random.choice([1, 2], len(frame), p=[0.4, 0.6])
    frame["age_group"] = random.choice(AGES, len(frame))
    frame["sbp"] = random.normal(120, 15, len(frame)) + 5 * (frame["age_group"] == "70+")
    return frame


@pytest.fixture(scope="module")
def weighted(households):
    return weight(households, PLAN)


@pytest.fixture
def document():
    return json.loads(PLAN.read_text(encoding="utf-8"))


def test_the_shipped_plan_meets_its_totals(weighted, document):
    assert weighted.diagnostics.margins["difference"].abs().max() < 1e-8
    assert weighted.diagnostics.margins["category"].nunique() == 22
    total = sum(document["steps"][4]["margins"][0]["totals"].values())
    assert weighted.survey.weights.sum() == pytest.approx(total)


def test_only_respondents_are_left_and_carry_their_first_weight(weighted, households):
    kept = weighted.frame
    assert ((kept["K_RESULT"] == 1) & (kept["A_RESULT"] == 1)).all()
    np.testing.assert_allclose(kept["weight_base"], 1 / (kept["probability_1"] * kept["probability_2"]))
    assert "weight" not in households.columns


def test_every_step_is_on_record(weighted):
    steps = weighted.diagnostics.steps
    assert steps["step"].tolist() == [
        "selection", "households", "one adult a household", "adults", "province, sex by age", "median + 6 IQR",
    ]  # fmt: skip
    assert steps["n"].tolist()[0] == 5200
    assert steps["n"].is_monotonic_decreasing
    assert weighted.diagnostics.deff == pytest.approx(steps["deff"].iloc[-1])
    assert 0.9 < weighted.diagnostics.response_rate < 1
    assert [len(one.counts) for one in weighted.nonresponse] == [4, 4]


def test_household_weights_survive_nonresponse_in_their_strata(weighted, households):
    eligible = households[~households["K_RESULT"].isin([5, 6])]
    base = 1 / (eligible["probability_1"] * eligible["probability_2"])
    assert weighted.diagnostics.steps["sum"][1] == pytest.approx(base.sum())


def test_persons_are_capped_as_the_plan_says(households):
    big = households["adults"] == 9
    assert big.any()
    plan = json.loads(PLAN.read_text(encoding="utf-8"))
    plan["steps"] = plan["steps"][:3]
    kept = weight(households, plan).frame
    ratio = kept["weight"] / kept["weight_base"]
    assert ratio[kept["adults"] == 9].max() < 6 * 2


def test_a_weighted_survey_goes_straight_into_estimates(weighted):
    row = mean(weighted.survey, "sbp").to_frame().iloc[0]
    assert row["df"] == 240
    assert 0 < row["se"] < 1


def test_trimming_and_raking_in_turn_meet_limits_and_totals(households, document):
    document["steps"][-1]["k"] = 2
    made = weight(households, document)
    before = weight(households, document | {"steps": document["steps"][:-1]})
    weights = before.survey.weights
    first, middle, third = np.quantile(weights, [0.25, 0.5, 0.75])
    assert weights.max() > middle + 2 * (third - first)
    assert made.survey.weights.max() <= (middle + 2 * (third - first)) * (1 + 1e-12)
    assert made.diagnostics.margins["difference"].abs().max() < 1e-8
    assert made.diagnostics.deff < before.diagnostics.deff
    assert len(made.survey.calibrations) == 1
    rounds = made.diagnostics.convergence
    assert rounds.loc[rounds["step"] == "median + 6 IQR", "misfit"].iloc[-1] < 1e-9


def test_limits_and_totals_that_exclude_each_other_are_refused(households, document):
    document["steps"][-1] = {"step": "trim", "rule": "mean-multiple", "k": 1.02, "recalibrate": True}
    with pytest.raises(WeightingError) as caught:
        weight(households, document)
    assert caught.value.findings[0].code == "weighting-step-failed"
    assert caught.value.findings[0].where.pointer == "/steps/5"
    assert caught.value.findings[1].code == "weighting-trim-unsettled"


def test_replicates_go_through_every_step(households, document):
    random = np.random.default_rng(4)
    frame = households.copy()
    base = 1 / (frame["probability_1"] * frame["probability_2"])
    factors = random.integers(0, 3, (260, 3)) * 1.0
    for number in range(3):
        frame[f"rep{number}"] = base * factors[frame["cluster"], number]
    frame["w0"] = base
    design = ReplicateDesign(weights="w0", replicates="rep[0-9]", method="bootstrap")
    document["steps"][1] |= {"min_respondents": 5, "max_factor": 10}
    made = weight(Survey(frame, design), document)
    assert made.findings.codes["weighting-base-skipped"] == 1
    alone = frame.assign(w0=frame["rep1"])
    one = copy.deepcopy(document)
    one["steps"][0] = {"step": "base", "weights": "w0"}
    direct = weight(alone, one)
    inside = made.frame["serial"].isin(direct.frame.loc[direct.survey.weights > 0, "serial"])
    replicate = made.survey.replicate_weights()[:, 1]
    positive = replicate > 0
    assert positive.sum() == inside.sum()
    np.testing.assert_allclose(replicate[positive], direct.survey.weights[direct.survey.weights > 0], rtol=1e-7)


def test_components_part_where_the_common_steps_end(households, document):
    frame = households.assign(EX_RESULT=np.where(households["serial"] % 7 == 0, 2, 1))
    common, tail = document["steps"][:4], document["steps"][4:]
    examined = {"step": "nonresponse", "status": "EX_RESULT", "cells": ["K_PROV"]}
    document |= {"steps": common, "components": {"wt_itv": tail, "wt_ex": [examined, *tail]}}
    made = weight(frame, document)
    interview, examination = made.components["wt_itv"], made.components["wt_ex"]
    assert interview.survey.design.weights == "wt_itv"
    assert examination.survey.rows < interview.survey.rows
    assert interview.survey.weights.sum() == pytest.approx(examination.survey.weights.sum())
    assert (examination.frame["EX_RESULT"] == 1).all()
    assert set(made.components) == {"wt_itv", "wt_ex"}


def test_a_plan_does_what_the_verbs_do(households):
    plan = {
        "type": "weighting-plan",
        "id": "two-steps",
        "design": {"strata": "stratum_1", "clusters": "cluster"},
        "weights": "w",
        "steps": [
            {"step": "base", "probabilities": ["probability_1", "probability_2"]},
            {"step": "nonresponse", "status": "K_RESULT", "ineligible": [5, 6], "cells": "K_PROV"},
            {
                "step": "rake",
                "margins": [
                    {"by": "sex", "totals": {"1": 4e5, "2": 6e5}},
                    {"by": ["area"], "totals": {"1": 5e5, "2": 5e5}},
                ],
            },
            {"step": "normalise", "column": "w_n"},
        ],
    }
    made = weight(households, plan)
    base = households.assign(w=1 / (households["probability_1"] * households["probability_2"]))
    design = SurveyDesign(strata="stratum_1", clusters="cluster", weights="w")
    by_hand = adjust_nonresponse(base, design=design, status="K_RESULT", ineligible=[5, 6], cells="K_PROV")
    by_hand = rake(by_hand, {"sex": {1: 4e5, 2: 6e5}, "area": {1: 5e5, 2: 5e5}})
    np.testing.assert_allclose(made.survey.weights, by_hand.weights)
    assert made.frame["w_n"].sum() == pytest.approx(len(made.frame))


def test_totals_may_come_from_a_file_a_population_or_a_number(households, tmp_path):
    pd.DataFrame({"sex": [1, 2], "people": [4e5, 6e5]}).to_csv(tmp_path / "sex.csv", index=False)
    plan = {
        "type": "weighting-plan",
        "id": "files",
        "design": {"clusters": ["cluster"]},
        "weights": "w",
        "steps": [
            {"step": "base", "weights": "adults"},
            {"step": "poststratify", "margins": [{"by": "sex", "file": "sex.csv", "count": "people"}]},
            {"step": "calibrate", "method": "logit", "bounds": [0.2, 5],
             "margins": [{"number": "(total)", "total": 1e6}, {"number": "adults", "total": 2.6e6}]},
            {"step": "trim", "rule": "mean-multiple"},
        ],
    }  # fmt: skip
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    made = weight(households, tmp_path / "plan.json")
    assert made.survey.weights @ made.survey.numbers("adults") == pytest.approx(2.6e6)
    plan["steps"][1]["margins"][0] = {"by": "K_PROV", "population": "dprk-2008"}
    with pytest.raises(DefinitionError):
        weight(households, plan)
    provinces = {"step": "rake", "margins": [{"population": "dprk-2008"}]}
    frame = households.assign(age_group=np.random.default_rng(1).choice(five_year_groups(), len(households)))
    made = weight(frame, plan | {"steps": [plan["steps"][0], provinces]})
    assert made.survey.weights.sum() == pytest.approx(23_349_859)


def five_year_groups():
    return pd.read_csv(PLAN.parent / "dprk_age_sex_2008_modelled.csv")["age_group"].unique()


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        (lambda p: p["steps"].append({"step": "base", "weights": "w"}), "weighting-plan-base", "/steps/6"),
        (
            lambda p: p["steps"].append({"step": "nonresponse", "status": "A_RESULT"}),
            "weighting-plan-nonresponse",
            "/steps/6",
        ),
        (lambda p: p["steps"].insert(1, p["steps"][-1]), "weighting-plan-recalibrate", "/steps/1"),
        (lambda p: p["steps"].append({"step": "bless"}), "document-", "/steps/6"),
        (lambda p: p["steps"][1].pop("status"), "document-", "/steps/1"),
        (lambda p: p["steps"][4]["margins"].append({"number": "sbp"}), "document-", "/steps/4/margins/2"),
        (lambda p: p["steps"][4]["margins"].append({"by": "sex"}), "document-", "/steps/4/margins/2"),
        (lambda p: p["steps"][0].update(weights="w"), "document-", "/steps/0"),
        (lambda p: p.pop("design"), "document-", ""),
    ],
)
def test_wrong_plans_are_refused_with_their_places(document, change, code, where):
    change(document)
    with pytest.raises(DefinitionError) as caught:
        read_plan(document)
    assert any(found.startswith(code) for found in caught.value.findings.codes)
    assert all(one.where.pointer.startswith(where) for one in caught.value.findings)


@pytest.mark.parametrize("file", ["../secret.csv", "/etc/passwd.csv", "C:\\totals.csv", "a/../../b.csv"])
def test_files_outside_the_folder_are_refused(households, document, tmp_path, file):
    document["steps"][4]["margins"] = [{"by": "sex", "file": file}]
    with pytest.raises(WeightingError) as caught:
        weight(households, document, folder=tmp_path)
    assert caught.value.findings[1].code == "weighting-plan-file"


def test_a_file_without_the_columns_is_refused(households, document, tmp_path):
    (tmp_path / "sex.csv").write_text("sex,people\n1,10\n2,20\n")
    document["steps"][4]["margins"] = [{"by": "sex", "file": "sex.csv"}]
    with pytest.raises(WeightingError) as caught:
        weight(households, document, folder=tmp_path)
    assert caught.value.findings[1].code == "weighting-plan-column"


def test_a_missing_first_weight_is_named(households, document):
    document["steps"][0] = {"step": "base", "weights": "wieght"}
    with pytest.raises(WeightingError) as caught:
        weight(households, document)
    assert caught.value.findings[0].code == "weighting-unknown-column"
    document["steps"][0] = {"step": "base", "probabilities": "p"}
    with pytest.raises(WeightingError) as caught:
        weight(households, document)
    assert caught.value.findings[0].code == "weighting-unknown-column"


def test_polars_frames_are_weighted_alike(households, weighted):
    polars = pytest.importorskip("polars")
    made = weight(polars.from_pandas(households), PLAN)
    np.testing.assert_allclose(made.survey.weights, weighted.survey.weights, rtol=1e-9)
