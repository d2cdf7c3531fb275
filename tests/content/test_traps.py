"""The fourteen traps of the Korean data, one test each."""

from __future__ import annotations

import pandas as pd
import pytest

from surveykit.questionnaire.derive import derive
from surveykit.questionnaire.indicators import load_indicators
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.simulate import simulate


@pytest.fixture(scope="session")
def blank(knhanes):
    """Return a maker of responses with one household and some persons, all answers blank but those given."""
    model = simulate(knhanes, 1, seed=1)

    def make(*persons: dict, household: dict | None = None) -> Responses:
        frames = {unit: frame.iloc[:0] for unit, frame in model.items()}
        top = pd.DataFrame([{"ID_fam": "1", **(household or {})}])
        rows = pd.DataFrame([{"ID_fam": "1", "person_line": line, **one} for line, one in enumerate(persons, 1)])
        for unit, given in (("household", top), ("person", rows)):
            dtypes = model[unit].dtypes.to_dict()
            frames[unit] = given.reindex(columns=list(dtypes)).astype(dtypes)
        return Responses(questionnaire="knhanes", version="", structure_hash="", frames=frames)

    return make


@pytest.fixture(scope="session")
def figure(knhanes, blank):
    """Return a maker of one indicator's values for some persons."""

    def make(indicator: str, *persons: dict, unit: str = "person", household: dict | None = None) -> list:
        responses = blank(*persons, household=household)
        column = derive(responses, knhanes, indicators=[indicator])[unit][indicator]
        return [None if pd.isna(value) else value for value in column]

    return make


def adult(**answers: object):
    return {"age": 40, "sex": 1, **answers}


def test_trap_1_nine_is_a_real_answer_of_the_food_items(knhanes, figure):
    for name in ("LS_VEG1", "LS_VEG2", "LS_FRUIT"):
        item = knhanes.item(name)
        assert 9 in item.codelist.codes
        assert set(item.missing_codes) == {99}
    rare, daily, lost = (adult(LS_VEG1=v, LS_FRUIT=f) for v, f in ((9, 1), (3, 1), (99, 1)))
    assert figure("fv_daily", rare, daily, lost) == [0, 1, None]


def test_trap_2_days_a_week_have_one_digit_reserves_and_times_two_digits(knhanes):
    for name in ("BE3_72", "BE3_76", "BE3_82", "BE3_86", "BE3_92"):
        assert set(knhanes.item(name).missing_codes) == {8, 9}
        assert knhanes.item(name).range.max == 7
    for name in ("BE3_73", "BE3_74", "BE3_93", "BE3_94"):
        assert set(knhanes.item(name).missing_codes) == {88, 99}


def test_trap_3_marital_status_has_four_reserved_codes(knhanes):
    kinds = knhanes.item("marri_2").missing_codes
    assert kinds == {8: "refused", 9: "dk", 88: "na", 99: "not_stated"}


def test_trap_4_no_need_of_care_leaves_the_denominator(figure):
    assert figure("unmet", adult(M_2_yr=1), adult(M_2_yr=2), adult(M_2_yr=3), adult(M_2_yr=9)) == [1, 0, None, None]


def test_trap_5_a_home_without_smokers_is_not_exposed(figure):
    people = (adult(BS1_1=3, BS9_2=code) for code in (1, 2, 3))
    assert figure("shs_home", *people) == [1, 0, 0]


def test_trap_6_walking_days_are_stored_plus_one(figure):
    people = (adult(BE3_31=code, BE3_32=0, BE3_33=30) for code in (5, 6, 8))
    assert figure("walk", *people) == [0, 1, 1]


def test_trap_7_hypertension_and_obesity_are_made_from_readings_not_from_old_classes(knhanes):
    assert "HE_sbp >= 140" in knhanes.item("HE_HP").calculation
    assert knhanes.item("HE_HP").codelist.codes == (1, 2, 3, 4)
    assert knhanes.item("HE_obe").codelist.codes == (1, 2, 3, 4, 5, 6)
    assert "HE_BMI < 25" in knhanes.item("HE_obe").calculation


def test_trap_8_medicine_of_the_day_is_not_treatment(figure):
    took_today = adult(HE_sbp=120, HE_dbp=80, DI1_dg=0)
    assert figure("htn", {**took_today, "HE_HPdr": 1}) == [0]
    assert figure("htn", adult(HE_sbp=120, HE_dbp=80, DI1_dg=1, DI1_2=2)) == [1]


def test_trap_9_final_pressure_is_the_mean_of_readings_two_and_three(dprk):
    assert "HE_sbp1 +" not in load_indicators().scores["HE_sbp"].expression
    member = {"ID_fam": "1", "member_line": 1, "sex": 1, "age": 40}
    model = simulate(dprk, 1, seed=1)
    readings = [(200, 120, 140), (200, 120, None), (200, None, None)]
    rows = [
        {**member, "member_line": n, "HE_sbp1": a, "HE_sbp2": b, "HE_sbp3": c, "HE_dbp1": 80}
        for n, (a, b, c) in enumerate(readings, 1)
    ]
    frames = {unit: frame.iloc[:0] for unit, frame in model.items()}
    frames["household"] = model["household"].iloc[:1].assign(ID_fam=pd.array(["1"], dtype="string"))
    frames["member"] = (
        pd.DataFrame(rows).reindex(columns=list(model["member"])).astype(model["member"].dtypes.to_dict())
    )
    found = derive(Responses(questionnaire="", version="", structure_hash="", frames=frames), dprk)["member"]
    assert found["HE_sbp"].tolist() == [130.0, 120.0, 200.0]
    assert found["bp_first_only"].tolist() == [0.0, 0.0, 1.0]


def test_trap_10_sleep_is_asked_in_hours_and_clock_times_stand_apart(knhanes, figure):
    assert knhanes.item("BP16_1").measure.ucum == "h"
    assert {f"BP16_1{n}" for n in (1, 2, 3, 4)} <= {item.id for item in knhanes}
    assert figure("sleep_mean", adult(BP16_1=6.5), adult(BP16_1=88)) == [6.5, None]


def test_trap_11_an_absent_item_is_not_zero(figure):
    complete = {f"BP_PHQ_{n}": 0 for n in range(1, 10)}
    assert figure("dep_phq9", adult(mh_PHQ_S=0, **complete), adult()) == [0, None]
    assert figure("anx_gad7", adult()) == [None]


def test_trap_12_pregnancy_leaves_out_and_has_its_own_cut_and_men_are_not_lost(figure):
    woman = {"age": 30, "sex": 2, "HE_BMI": 26.0}
    assert figure("obesity_kr", {**woman, "HE_prg": 1}, {**woman, "HE_prg": 0}, adult(HE_BMI=26.0)) == [None, 1, 1]
    assert figure("anaemia", {**woman, "HE_prg": 1, "HE_HB": 11.5}, {**woman, "HE_prg": 0, "HE_HB": 11.5}) == [0, 1]
    assert figure("anaemia", adult(HE_HB=12.9), adult(HE_HB=13.0)) == [1, 0]


def test_trap_13_few_cigarettes_in_life_count_for_who_only(figure):
    someone = adult(BS1_1=1, BS3_1=1)
    assert figure("smk_current", someone) == [0]
    assert figure("smk_current_steps", someone) == [1]


def test_trap_14_sejong_has_a_code_and_eighty_may_mean_eighty_and_over(knhanes):
    assert knhanes.item("region").codelist.option(8).label["en"] == "Sejong"
    assert knhanes.item("age").range.max == 110
