"""The full form and the facility form."""

from __future__ import annotations

import re

from surveykit.questionnaire.indicators import load_indicators
from surveykit.questionnaire.lint import lint


def test_the_full_form_lints_clean_but_for_one_sensitive_item(knhanes):
    assert [(one.code, one.where.item) for one in lint(knhanes)] == [("lint-sensitive-open", "K_FOODSRC")]


def test_the_full_form_has_households_persons_and_foods(knhanes):
    assert {unit.id: unit.parent for unit in knhanes.units} == {
        "household": "",
        "person": "household",
        "food": "household",
    }
    assert {item.id for item in knhanes.items_of("food")} >= {"N_LINE", "N_FCODE", "N_DCODE", "NF_INTK"}


def test_the_three_components_and_age_forms_have_sections(knhanes):
    rules = {section.id: section.relevant for section in knhanes.sections}
    assert rules["SMOKE"] == "age >= 19"
    assert rules["SMOKE_TEEN"] == "age between 12 and 18"
    assert rules["SAFETY_CHILD"] == "age between 1 and 11"
    assert {"EX_BP", "EX_BLOOD", "EX_BODY", "MEALS", "FFQ", "FOODS", "FOODSEC"} <= set(rules)


def test_self_harm_is_asked_in_private_with_a_referral_rule(knhanes):
    section = {item.id: part for part in knhanes.sections for item in part.items}
    for name in ("BP_PHQ_9", "BP6_10", "BP6_2", "BP6_31"):
        assert section[name].privacy
        assert knhanes.item(name).sensitivity == "high"
    assert any("BP6_10" in rule["expression"] for rule in knhanes.notices["referral"])


def test_computed_items_say_the_same_as_the_scores_of_their_name(knhanes):
    scores = load_indicators().scores
    both = [item for item in knhanes if item.type == "calculated" and item.id in scores]
    assert len(both) >= 9
    assert [item.id for item in both if item.calculation != scores[item.id].expression] == []


def test_the_facility_form_lints_clean(facility):
    assert list(lint(facility)) == []


def test_the_ladder_of_facilities_has_the_codes_of_the_household_form(facility, dprk):
    ladder = {option.code for option in facility.item("F_TYPE").codelist.options}
    assert ladder == set(range(2, 10))
    assert ladder < set(dprk.item("K_FIRST").codelist.codes)


def test_the_facility_form_covers_what_a_readiness_assessment_asks(facility):
    concepts = {
        item.concept.removeprefix("hhfa.").split(".")[0] for item in facility if item.concept.startswith("hhfa.")
    }
    assert concepts == {
        "identification", "staff", "services", "beds", "equipment", "infrastructure", "infection", "medicines",
        "supplies", "cold-chain", "activity", "reporting",
    }  # fmt: skip
    names = {item.id for item in facility}
    assert {
        "F_STAFF_KORYO",
        "F_STAFF_MIDW",
        "F_STAFF_PHARM",
        "F_EQ_XRAY",
        "F_EQ_US",
        "F_EQ_ECG",
        "F_EQ_ENDO",
        "F_EQ_AMBUL",
    } <= names


def test_every_medicine_is_asked_for_today_and_for_three_months(facility):
    today = {item.id.removeprefix("F_MED_") for item in facility if item.id.startswith("F_MED_")}
    months = {item.id.removeprefix("F_OUT_") for item in facility if item.id.startswith("F_OUT_")}
    assert today == months
    assert len(today) >= 20


def test_codes_that_instructions_name_exist(knhanes, dprk, facility):
    wrong = [
        (item.id, text)
        for questionnaire in (knhanes, dprk, facility)
        for item in questionnaire
        for text in (item.instruction.get("en", ""), item.hint.get("en", ""))
        for code in re.findall(r"[Cc]ode (\d+)", text)
        if int(code) not in {*item.missing_codes, *(item.codelist.codes if item.codelist else ())}
    ]
    assert wrong == []
