"""The summary form for the DPRK: its rows, its wording, its rules."""

from __future__ import annotations

import re

import pytest

from surveykit.questionnaire.lint import lint

# words of the South that a Northern reader stumbles over, and South Korean spellings of initial r and n
SOUTHERN = re.compile(
    r"채소|달걀|화장실|간호사|백신|스트레스|냉장고|여성|여자|노동|연령|연도|양쪽|요양|연로|조산사|휴대전화|옥수수|가구주|가구원|"
    r"약장수|보건소|이용|이유|복용|태어|되었|하였던|어떠하십|날짜|한의사|캡슐|재봉틀|텔레비전|라디오"
)


def texts(questionnaire):
    for item in questionnaire:
        yield item.id, item.label
        yield item.id, item.hint
        yield item.id, item.instruction
        if item.codelist:
            yield from ((f"{item.id} {option.code}", option.label) for option in item.codelist.options)
        if item.missing:
            yield from ((f"{item.id} {missing.code}", missing.label) for missing in item.missing.codes)
        if item.measure:
            yield item.id, item.measure.label
    for section in questionnaire.sections:
        yield from ((section.id, text) for text in (section.title, section.instruction, section.respondent))
    yield from ((check.id, check.message) for check in questionnaire.checks)
    yield from ((unit.id, unit.label) for unit in questionnaire.units)


def test_the_113_rows_stand_in_their_order_and_sections(dprk, summary_form):
    asked = [(section.id, item.id) for section in dprk.sections for item in section.items if item.answered_by_hand]
    assert asked == list(zip(summary_form["section"], summary_form["var"], strict=True))
    assert [item.id for item in dprk if item.type == "calculated"] == ["age_month"]


def test_units_are_household_member_one_adult_each_woman_and_each_child(dprk):
    assert [unit.id for unit in dprk.units] == ["household", "member", "adult", "woman", "child"]
    taken = {unit.id: (unit.selection.take, unit.selection.where) for unit in dprk.units if unit.selection}
    assert taken == {
        "adult": ("one", "age >= 19"),
        "woman": ("each", "sex == 2 and age between 15 and 49"),
        "child": ("each", "age < 5"),
    }


def test_seconds_and_sensitivity_are_those_of_the_plan(dprk, summary_form):
    planned = summary_form.set_index("var")
    assert {item.id: item.seconds for item in dprk if item.answered_by_hand} == planned["seconds"].to_dict()
    assert {item.id: item.sensitivity for item in dprk if item.answered_by_hand} == planned["sensitivity"].to_dict()


@pytest.mark.parametrize("language", ["en", "ko", "ko-KP"])
def test_every_text_stands_in_every_language(dprk, language):
    assert [place for place, text in texts(dprk) if text and not text.get(language)] == []


def test_the_northern_wording_uses_no_southern_words(dprk, facility):
    wrong = [
        (place, text["ko-KP"])
        for questionnaire in (dprk, facility)
        for place, text in texts(questionnaire)
        if text and SOUTHERN.search(text["ko-KP"])
    ]
    assert wrong == []


def test_every_interview_question_can_be_left_out_by_a_code(dprk):
    """Prefers not to say, or no answer; age, sex and dates apart, which the selection needs."""
    needed = {"sex", "age", "K_DOB", "fam_rela"}
    asked = [item for section in dprk.sections if section.id in "CDEFGHIJ" for item in section.items]
    without = [
        item.id
        for item in asked
        if item.answered_by_hand
        and item.required
        and item.id not in needed
        and not {"dk", "refused", "not_stated"} & set(item.missing_codes.values())
    ]
    assert without == []


def test_payment_items_take_98_for_prefers_not_to_say(dprk):
    for name in ("K_PAYMED", "K_PAYGIFT", "K_MEDSRC", "K_FOODSRC", "K_FPMETH"):
        assert dprk.item(name).missing_codes[98] == "refused"
        assert dprk.item(name).sensitivity == "high"


def test_reasons_and_medicine_have_their_codes_for_the_north(dprk):
    assert set(dprk.item("M_2_rs").codelist.codes) == set(range(1, 11))
    assert set(dprk.item("M_2_rs").missing_codes) == {88, 99}
    assert "No medicine" in dprk.item("M_2_rs").codelist.option(9).label["en"]
    assert "could not be obtained" in dprk.item("DI1_2").codelist.option(6).label["en"]


def test_gates_of_the_korean_form_that_were_dropped_are_replaced(dprk):
    names = {item.id for item in dprk}
    assert not names & {"DE1_3", "DJ2_pr", "cfam"}
    assert "DE1_dg == 1" in dprk.item("DE1_31").relevant
    assert "DJ2_dg == 1" in dprk.item("DJ2_pt").relevant


def test_nothing_is_asked_before_consent(dprk):
    sections = {section.id: section.relevant for section in dprk.sections}
    assert sections.pop("A") == ""
    assert set(sections.values()) == {"K_CONSENT == 1"}


def test_mind_and_women_are_asked_alone(dprk):
    assert [section.id for section in dprk.sections if section.privacy] == ["H", "I"]


def test_self_harm_and_songbun_are_never_asked(dprk):
    names = {item.id for item in dprk}
    assert not names & {"BP_PHQ_9", "BP6_10", "BP6_31", "K_OPIATE"}
    assert not any(
        re.search("songbun|성분|토대|출신", " ".join(text.values()), re.IGNORECASE) for _, text in texts(dprk) if text
    )


def test_referral_rules_are_data(dprk):
    rules = {rule["id"]: rule["expression"] for rule in dprk.notices["referral"]}
    assert rules["muac.severe"] == "K_MUAC < 115"
    assert rules["hb.severe"] == "HE_HB < 7"
    assert rules["tb.cough"] == "K_TBCOUGH == 1"
    assert ">= 180" in rules["bp.same-day"]
    assert ">= 110" in rules["bp.same-day"]
    for notice in ("consent", "assent", "privacy", "right_to_skip", "identity", "release"):
        assert set(dprk.notices[notice]) == {"en", "ko", "ko-KP"}


def test_the_person_code_carries_a_check_digit(dprk):
    assert dprk.item("ID").check_digit == "luhn"


def test_counties_stand_under_their_provinces(dprk):
    county = dprk.item("K_COUNTY")
    assert county.cascade == "K_PROV"
    assert len(county.codelist.options) == 179
    assert {option.parent for option in county.codelist.options} == set(dprk.item("K_PROV").codelist.codes)


def test_the_form_lints_without_errors_and_warns_only_of_sensitive_items_outside_private_sections(dprk):
    """Food source, medicine and payment belong to sections C and E; code 98 and the release rules protect them."""
    found = lint(dprk)
    assert {one.code for one in found} == {"lint-sensitive-open"}
    assert sorted(one.where.item for one in found) == ["K_FOODSRC", "K_MEDSRC", "K_PAYGIFT", "K_PAYMED"]
