"""Published values: the sum rules, the Korean EQ-5D, the WHO standards, NHANES 2015-2016."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import surveykit as sk
from surveykit.expressions import columns as evaluated
from surveykit.expressions import meaning
from surveykit.questionnaire.derive import derive
from surveykit.questionnaire.indicators import load_indicators
from surveykit.questionnaire.rows import expression_rows
from surveykit.questionnaire.scope import scope_of
from surveykit.questionnaire.scores import growth
from surveykit.questionnaire.simulation.world import World

# seven test values of the Korean EQ-5D-3L (Lee et al. 2009), as published with an R package
EQ5D = {"11111": 1.0, "11121": 0.913, "22232": 0.513, "21221": 0.766, "22222": 0.677, "32322": 0.148, "33333": -0.171}

# WHO Child Growth Standards 2006: indicator, sex, days or cm, cm or kg or kg/m2, z-score
GROWTH = [
    ("lhfa", 1, 365, 70.0, -2.415512), ("lhfa", 2, 900, 80.0, -2.948209), ("lhfa", 1, 1500, 92.5, -2.721858),
    ("wfa", 1, 365, 9.0, -0.63308), ("wfa", 2, 900, 7.0, -4.710815), ("wfl", 1, 70.0, 7.0, -2.323247),
    ("wfl", 2, 75.5, 6.0, -4.859309), ("wfh", 1, 92.6, 11.0, -2.638978), ("wfh", 2, 100.0, 22.0, 3.88078),
    ("bfa", 1, 1000, 14.0, -1.483268),
]  # fmt: skip


def computed(item, questionnaire, responses):
    """Return a computed item's values, its relevance aside."""
    typed = meaning.compile(item.calculation, scope_of(questionnaire, item.unit))
    return evaluated.values(typed, expression_rows(responses, item.unit, questionnaire))


def test_eq5d_has_the_published_values(knhanes, persons):
    columns = {f"LQ_{n}EQL": [int(state[n - 1]) for state in EQ5D] for n in range(1, 6)}
    responses = persons(pd.DataFrame({"age": 40, "sex": 1, **columns}))
    found = computed(knhanes.item("EQ5D"), knhanes, responses).to_numpy(dtype=float)
    assert np.abs(found - np.array(list(EQ5D.values()))).max() < 1e-12


@pytest.mark.parametrize(("indicator", "sex", "x", "y", "z"), GROWTH)
def test_z_scores_are_those_of_who(indicator, sex, x, y, z):
    assert growth.z_score(indicator, sex, x, y)[0] == pytest.approx(z, abs=1e-6)


def test_phq_is_missing_unless_all_items_are_answered(dprk, dprk_answers):
    adult = dprk_answers["adult"].head(3).copy()
    for n in range(1, 9):
        adult[f"BP_PHQ_{n}"] = pd.array([3, 1, 0], dtype="Int64")
    adult.loc[2, "BP_PHQ_4"] = 9
    frames = {**dprk_answers.frames, "adult": adult}
    found = derive(replace(dprk_answers, frames=frames), dprk)["adult"]
    assert found["phq8"].tolist()[:2] == [24.0, 8.0]
    assert found["phq8_severity"].tolist()[:2] == [4.0, 1.0]
    assert pd.isna(found["phq8"][2])
    assert pd.isna(found["dep_phq8"][2])


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"BD1": 1}, 0),
        ({"BD1": 2, "BD1_11": 1, "AUDIT_1": 0}, 0),
        ({"BD1": 2, "BD1_11": 5, "AUDIT_1": 3, "AUDIT_2": 2, "AUDIT_3": 1}, 6),
        ({"BD1": 2, "BD1_11": 5, "AUDIT_1": 3, "AUDIT_2": 2}, None),
    ],
)
def test_audit_c_sums_three_items_and_never_drinkers_are_zero(knhanes, persons, answers, expected):
    responses = persons(pd.DataFrame([{"age": 40, "sex": 1, **answers}]))
    found = computed(knhanes.item("audit_c"), knhanes, responses)[0]
    assert pd.isna(found) if expected is None else found == expected


def test_audit_c_from_the_drinking_items_maps_their_codes(knhanes, persons):
    codes = {"BD1": 2, "BD1_11": [2, 3, 4, 5, 6], "BD2_1": [1, 2, 3, 4, 5], "BD2_31": [1, 2, 3, 4, 5]}
    people = persons(pd.DataFrame({"age": 40, "sex": 1, **codes}))
    found = derive(people, knhanes)["person"]["audit_c_knhanes"].tolist()
    assert found == [1 + 0 + 0, 1 + 1 + 1, 2 + 2 + 2, 3 + 3 + 3, 4 + 4 + 4]


def test_gpaq_weighs_vigorous_twice_and_leaves_impossible_days_out(knhanes, persons):
    nothing = {f"BE3_{gate}": 2 for gate in (71, 81, 91, 75, 85)}
    people = [
        {**nothing},
        {**nothing, "BE3_71": 1, "BE3_72": 5, "BE3_73": 0, "BE3_74": 30},
        {**nothing, "BE3_81": 1, "BE3_82": 5, "BE3_83": 0, "BE3_84": 30},
        {**nothing, "BE3_81": 1, "BE3_82": 7, "BE3_83": 17, "BE3_84": 0},
    ]
    responses = persons(pd.DataFrame([{"age": 40, "sex": 1, **one} for one in people]))
    found = derive(responses, knhanes, indicators=["pa_insufficient_who", "pa_aerobic"])["person"]
    assert found["gpaq_met"].tolist()[:3] == [0.0, 8 * 150.0, 4 * 150.0]
    assert pd.isna(found["gpaq_met"][3])
    assert found["pa_aerobic"].tolist()[:3] == [0, 1, 1]
    assert found["pa_insufficient_who"].tolist()[:3] == [1, 0, 0]


def test_food_security_counts_eighteen_items_with_children_and_ten_without(knhanes, knhanes_answers):
    worst = {f"LF_S{n}": 1 for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)}
    worst |= {"LF_S5_1": 1, "LF_S9_1": 1, "LF_S14_1": 1}
    rows = [{**worst, "LF_CHIL": 1}, {**worst, "LF_CHIL": 2}, {"LF_CHIL": 2, "LF_S2": 3, "LF_S3": 3, "LF_S4": 3}]
    types = knhanes_answers["household"].dtypes.to_dict()
    household = (
        pd.DataFrame([{"ID_fam": str(n), **row} for n, row in enumerate(rows)])
        .reindex(columns=list(types))
        .astype(types)
    )
    world = World(questionnaire=knhanes, answers={"household": {name: household[name] for name in household}})
    world.answers["household"]["LF_SECUR"] = world.computed(knhanes.item("LF_SECUR"))
    assert world.answers["household"]["LF_SECUR"].tolist() == [18, 10, 0]
    assert world.computed(knhanes.item("LF_SECUR_G")).tolist() == [4, 4, 1]


def test_mean_blood_pressure_falls_back_to_the_readings_there_are(dprk_derived):
    member = dprk_derived["member"]
    both = member.dropna(subset=["HE_sbp2", "HE_sbp3"])
    assert np.allclose(both["HE_sbp"].astype(float), (both["HE_sbp2"] + both["HE_sbp3"]).astype(float) / 2)


# --- NHANES 2015-2016: NCHS Data Briefs 288 and 289, recomputed with R survey 4.1.1 ---------------------------------

OBESITY = {"20-39": 0.356542142774661, "40-59": 0.428024969175479, "60+": 0.410341819981623}
OBESITY_ALL = 0.397698099016332
OBESITY_STANDARDISED = 0.395580458888501
HYPERTENSION = {"18-39": 0.0745133528170011, "40-59": 0.332431024458437, "60+": 0.630892315473579}
HYPERTENSION_ALL = 0.321035332616771
HYPERTENSION_STANDARDISED = 0.290455853417447
SYSTOLIC = 123.531592629202


@pytest.fixture(scope="session")
def nhanes_derived(nhanes, persons, knhanes):
    """NHANES in the words of the full form.

    A blank on medicine counts as none, as in the data brief. A blank mean of the diastolic readings comes from
    readings of 0 only, which NCHS leaves out; it stands as 1 here, below every cut.
    """
    medicine = nhanes["BP_MED_USE"] == 1
    people = pd.DataFrame(
        {
            "age": nhanes["RIDAGEYR"],
            "sex": nhanes["RIAGENDR"],
            "HE_prg": (nhanes["RIDEXPRG"] == 1).astype(int),
            "HE_BMI": nhanes["BMXBMI"],
            "HE_sbp": nhanes["BPX_SY_MEAN"],
            "HE_dbp": nhanes["BPX_DI_MEAN"].where(nhanes["BPX_DI_MEAN"].notna() | nhanes["BPX_SY_MEAN"].isna(), 1.0),
            "DI1_dg": (medicine | (nhanes["HTN_AWARE"] == 1)).astype(int),
            "DI1_2": np.where(medicine, 1, 5),
            "WTMEC2YR": nhanes["WTMEC2YR"],
        }
    )
    wanted = ["obesity_who", "obesity_kr", "htn", "sbp_mean"]
    return derive(persons(people), knhanes, preset="nchs", indicators=wanted)["person"]


def weighted(frame, column):
    known = frame[frame[column].notna() & (frame["WTMEC2YR"] > 0)]
    return float(np.average(known[column].astype(float), weights=known["WTMEC2YR"])), len(known)


def by_group(frame, column, standard):
    groups = load_indicators().standards[standard].groups
    last = {group.label: group.last if group.last is not None else 200 for group in groups}
    return {
        group.label: weighted(frame[frame["age"].between(group.first, last[group.label])], column)[0]
        for group in groups
    }


def standardised(means, standard):
    population = load_indicators().standards[standard].population
    return sum(population[label] * mean for label, mean in means.items()) / sum(population.values())


def test_obesity_is_that_of_data_brief_288(nhanes_derived):
    assert weighted(nhanes_derived, "obesity_who") == (pytest.approx(OBESITY_ALL, rel=1e-12), 5337)
    groups = by_group(nhanes_derived, "obesity_who", "us-2000-20")
    assert groups == pytest.approx(OBESITY, rel=1e-12)
    assert standardised(groups, "us-2000-20") == pytest.approx(OBESITY_STANDARDISED, rel=1e-12)


def test_hypertension_is_that_of_data_brief_289(nhanes_derived):
    domain = nhanes_derived[nhanes_derived["HE_prg"] == 0]
    assert weighted(domain, "htn") == (pytest.approx(HYPERTENSION_ALL, rel=1e-12), 5504)
    groups = by_group(domain, "htn", "us-2000-18")
    assert groups == pytest.approx(HYPERTENSION, rel=1e-12)
    assert standardised(groups, "us-2000-18") == pytest.approx(HYPERTENSION_STANDARDISED, rel=1e-6)


def test_mean_systolic_pressure_is_that_of_2015_2016(nhanes_derived):
    domain = nhanes_derived[nhanes_derived["HE_prg"] == 0]
    assert weighted(domain, "sbp_mean")[0] == pytest.approx(SYSTOLIC, rel=1e-12)


def test_standard_errors_are_those_of_r(nhanes, nhanes_derived):
    """An indicator is null outside its denominator; estimation takes that as a domain of the whole design."""
    columns = {"strata": nhanes["SDMVSTRA"], "psu": nhanes["SDMVPSU"], "weight": nhanes["WTMEC2YR"]}
    frame = nhanes_derived[["obesity_who", "htn", "HE_prg"]].astype("Float64").assign(**columns)
    frame = frame[frame["weight"] > 0]
    survey = sk.Survey(frame, sk.SurveyDesign(strata="strata", clusters="psu", weights="weight", nest=True))
    obese = sk.mean(survey.where("obesity_who is answered"), "obesity_who").to_frame().iloc[0]
    assert (obese["estimate"], obese["se"]) == (pytest.approx(OBESITY_ALL), pytest.approx(0.015662321157128, rel=1e-9))
    htn = sk.mean(survey.where("htn is answered and HE_prg == 0"), "htn").to_frame().iloc[0]
    assert (htn["estimate"], htn["se"]) == (
        pytest.approx(HYPERTENSION_ALL),
        pytest.approx(0.0120951579299772, rel=1e-9),
    )
