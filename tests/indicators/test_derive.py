"""Indicators and scores computed from answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveykit.errors import DefinitionError
from surveykit.questionnaire.computable import computable, computation
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.derive import derive
from surveykit.questionnaire.indicators import load_indicators
from surveykit.questionnaire.procedures import DeriveOptions

PLAN = pd.read_csv(Path(__file__).parent / "indicators.csv", keep_default_na=False)


def placed(questionnaire):
    return {one.indicator.id: one.unit for one in computation(questionnaire).indicators}


def test_the_full_form_computes_all_114(knhanes):
    assert set(computable(knhanes)) == set(PLAN["id"])


def test_the_summary_form_computes_the_70_of_the_plan(dprk):
    assert set(computable(dprk)) == set(PLAN.loc[PLAN["in_summary_form"] == "yes", "id"])
    assert len(computable(dprk)) == 70


def test_an_instrument_without_the_items_computes_nothing():
    assert computable(load_questionnaire("facility")) == ()


def test_what_is_lacking_is_named(dprk):
    assert computation(dprk).lacking["dep_phq9"] == ("BP_PHQ_9",)
    assert computation(dprk).lacking["dm"] == ("HE_HbA1c",)


def test_each_indicator_stands_in_the_lowest_unit_that_owns_an_item(dprk):
    units = placed(dprk)
    assert units["htn"] == "adult"
    assert units["obesity_kr"] == "member"
    assert units["cpr_modern"] == "woman"
    assert units["anaemia_child"] == "child"
    assert units["stunting"] == "child"
    assert units["fies_modsev"] == "household"


# few households have a child of the right age; blood is taken from children in the summary form only
RARE = {"anaemia_child", "ari_care", "ors", "bcg", "penta3", "mr1", "basic_vax", "cont_bf", "mdd", "eibf", "csection"}


def test_every_indicator_evaluates_on_generated_answers(knhanes, knhanes_derived):
    for name, unit in placed(knhanes).items():
        column = knhanes_derived[unit][name]
        if load_indicators().indicators[name].type == "proportion":
            assert set(column.dropna()) <= {0, 1}, name
        assert column.notna().any() or name in RARE, name


def test_every_indicator_of_the_summary_form_evaluates(dprk, dprk_derived):
    answered = [name for name, unit in placed(dprk).items() if dprk_derived[unit][name].notna().any()]
    assert len(answered) >= 67


def test_answers_are_left_as_they_were(knhanes_answers, knhanes_derived):
    for unit, frame in knhanes_answers.items():
        own = [column for column in frame.columns if column != "pa_aerobic"]
        pd.testing.assert_frame_equal(frame[own], knhanes_derived[unit][own])


def test_the_indicator_that_shares_a_name_with_a_computed_item_agrees_with_it(knhanes_answers, knhanes_derived):
    item, indicator = knhanes_answers["person"]["pa_aerobic"], knhanes_derived["person"]["pa_aerobic"]
    assert (item.dropna() == indicator.dropna()).all()
    assert item.isna().equals(indicator.isna())


def test_rows_outside_the_denominator_are_null_and_stay(knhanes_derived):
    person = knhanes_derived["person"]
    children = person[person["age"] < 19]
    assert len(children) > 0
    assert children["smk_current"].isna().all()


def test_a_missing_answer_that_decides_nothing_does_no_harm(knhanes, persons):
    people = pd.DataFrame({"age": 50, "sex": 1, "HE_sbp": [150.0, 120.0, 120.0], "HE_dbp": 80.0, "DI1_dg": [9, 9, 0]})
    found = derive(persons(people), knhanes, indicators=["htn"])["person"]["htn"]
    assert found.isna().tolist() == [False, True, False]
    assert found[0] == 1
    assert found[2] == 0


def test_dont_know_counts_as_no_where_the_rule_says_so(dprk, dprk_answers):
    child = (
        dprk_answers["child"]
        .head(3)
        .assign(age_month=pd.array([15.0, 15.0, 15.0], dtype="Float64"), K_BCG=pd.array([1, 9, None], dtype="Int64"))
    )
    frames = {**dprk_answers.frames, "child": child.reset_index(drop=True)}
    found = derive(replace(dprk_answers, frames=frames), dprk, indicators=["bcg"])["child"]["bcg"]
    assert found.tolist()[:2] == [1, 0]
    assert pd.isna(found[2])


def test_presets_move_the_cuts(knhanes, persons):
    people = pd.DataFrame({"age": [18, 19, 20], "sex": 1, "HE_BMI": 31.0})
    by_preset = {
        preset: derive(persons(people), knhanes, preset=preset, indicators=["obesity_who"])["person"]["obesity_who"]
        for preset in ("who", "knhanes", "nchs")
    }
    assert {preset: int(column.notna().sum()) for preset, column in by_preset.items()} == {
        "who": 3,
        "knhanes": 2,
        "nchs": 1,
    }


def test_only_what_is_asked_for_is_computed(knhanes, persons):
    found = derive(persons(pd.DataFrame({"age": [40], "sex": [1]})), knhanes, indicators=["smk_current"])["person"]
    assert "smk_current" in found
    assert "obesity_kr" not in found
    assert "phq8" not in found


def test_an_unknown_preset_is_an_error(dprk, dprk_answers):
    with pytest.raises(DefinitionError) as caught:
        derive(dprk_answers, dprk, preset="oecd")
    assert caught.value.findings[0].code == "indicator-preset-unknown"


def test_an_unknown_indicator_is_an_error_that_names_those_like_it(dprk, dprk_answers):
    with pytest.raises(DefinitionError) as caught:
        derive(dprk_answers, dprk, indicators=["stuntig"])
    assert caught.value.findings[0].code == "indicator-unknown"
    assert "stunting" in str(caught.value)


def test_an_indicator_that_cannot_be_computed_says_what_lacks(dprk, dprk_answers):
    with pytest.raises(DefinitionError) as caught:
        derive(dprk_answers, dprk, indicators=["dm"])
    assert caught.value.findings[0].code == "indicator-not-computable"
    assert "HE_HbA1c" in str(caught.value)


def test_altitude_lowers_haemoglobin_by_cluster(dprk, dprk_answers):
    clusters = dprk_answers["household"]["psu"].unique()
    high = dict.fromkeys(clusters, 1600.0)
    low = derive(dprk_answers, dprk, indicators=["anaemia"])["member"]
    raised = derive(dprk_answers, dprk, indicators=["anaemia"], options=DeriveOptions(altitude=high))["member"]
    taken = (low["hb_adjusted"] - raised["hb_adjusted"]).dropna()
    assert np.allclose(taken.to_numpy(dtype=float), 0.5)  # WHO 2011 from 1,500 m
    assert raised["anaemia"].sum() >= low["anaemia"].sum()


def test_altitude_must_be_given_for_every_cluster(dprk, dprk_answers):
    with pytest.raises(DefinitionError) as caught:
        derive(dprk_answers, dprk, indicators=["anaemia"], options=DeriveOptions(altitude={"1": 0.0}))
    assert caught.value.findings[0].code == "score-cluster-altitude"


def test_nutrients_are_sums_of_the_foods_of_a_person(knhanes_answers, knhanes_derived):
    foods = knhanes_answers["food"]
    mine = foods[(foods["ID_fam"] == foods["ID_fam"][0]) & (foods["N_LINE"] == 1)]
    expected = (mine["NF_INTK"] / 100 * (mine["N_FCODE"] - 1 + 200)).sum()
    person = knhanes_derived["person"].iloc[0]
    assert person["N_NA"] == pytest.approx(expected, rel=1e-12)
    assert person["N_INTK"] == pytest.approx(mine["NF_INTK"].sum(), rel=1e-12)
    assert pd.isna(person["N_VITC"])  # the table has no vitamin C


def test_without_a_composition_table_only_weights_are_summed(knhanes, knhanes_answers):
    person = derive(knhanes_answers, knhanes, indicators=["sodium_mean"])["person"]
    assert person["N_NA"].isna().all()


def test_a_composition_table_without_food_codes_is_an_error(knhanes, knhanes_answers):
    options = DeriveOptions(food_composition=pd.DataFrame({"N_NA": [1.0]}))
    with pytest.raises(DefinitionError) as caught:
        derive(knhanes_answers, knhanes, indicators=["sodium_mean"], options=options)
    assert caught.value.findings[0].code == "score-table-columns"


def test_wealth_quintiles_hold_a_fifth_of_the_persons_each(dprk_derived):
    household, member = dprk_derived["household"], dprk_derived["member"]
    sizes = member.groupby("ID_fam").size()
    people = household["ID_fam"].map(sizes).fillna(0) * household["wt_itvex"].astype(float)
    share = people.groupby(household["K_WEALTH"].astype(float)).sum() / people.sum()
    assert list(share.index) == [1, 2, 3, 4, 5]
    assert share.between(0.15, 0.25).all()


def test_income_groups_are_cut_within_sex_and_age(knhanes_derived):
    person = knhanes_derived["person"]
    assert set(person["incm"].dropna()) <= {1.0, 2.0, 3.0, 4.0}
    assert set(knhanes_derived["household"]["ho_incm5"].dropna()) == {1.0, 2.0, 3.0, 4.0, 5.0}


def test_fies_probabilities_rise_with_the_raw_score(dprk_derived):
    household = dprk_derived["household"].dropna(subset=["K_FIES_RS"])
    by_score = household.groupby(household["K_FIES_RS"].astype(float))["fies_p_modsev"].first().astype(float)
    assert by_score.loc[:7].is_monotonic_increasing
    assert by_score[0] == 0
    assert (household["fies_p_severe"] <= household["fies_p_modsev"]).all()
