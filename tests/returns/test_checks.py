"""One mistake makes one finding, at its place; what depends on it is unknown, not wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from corpus import bricks

from surveykit.returns.checks import check
from surveykit.returns.intake import read_returned
from surveykit.returns.value_checks import luhn


@pytest.fixture
def found(write, questionnaire):
    """Return what the checks find in a booklet with some answers changed."""

    def check_booklet(answers, **options: object):
        responses, _ = read_returned(write(answers=answers), questionnaire)
        return check(responses, questionnaire, **options)

    return check_booklet


@pytest.mark.parametrize(
    ("answers", "code", "item"),
    [
        ({"A_prov": 7, "A_county": 11}, "returns-check-code", "prov"),
        ({"A_smoke.r1": 5}, "returns-check-code", "smoke"),
        ({"A_county": 21}, "returns-check-cascade", "county"),
        ({"A_land": -1}, "returns-check-range", "land"),
        ({"A_land": 950}, "returns-check-range", "land"),
        ({"A_land": 600}, "returns-check-range-unlikely", "land"),
        ({"A_age.r1": 400}, "returns-check-range", "age"),
        ({"A_VISIT": bricks.raw('<c r="{r}" t="d"><v>2027-03-02</v></c>')}, "returns-check-range", "VISIT"),
        ({"A_HID": "10080"}, "returns-check-pattern", "HID"),
        ({"A_HID": "1009"}, "returns-check-digit", "HID"),
        ({"A_remark": "x" * 41}, "returns-check-length", "remark"),
        ({"A_things.o3": "V"}, "returns-check-exclusive", "things"),
        ({"A_things.o9": "V"}, "returns-check-exclusive", "things"),
        ({"A_smoke.r1": "2 No", "A_start.r1": None}, "returns-check-skip", "cigs"),
        ({"A_smoke.r1": 9, "A_start.r1": None}, "returns-check-skip-unknown", "cigs"),
        ({"A_cigs.r1": None}, "returns-check-required", "cigs"),
        ({"A_things.o1": None, "A_things.o2": None}, "returns-check-required", "things"),
        ({"A_who.r2": None}, "returns-check-required", "who"),
        ({"A_start.r1": 60}, "returns-check-constraint", "start"),
        ({"A_cigs.r1": 1, "A_start.r1": 35}, "returns-check-rule", "start"),
    ],
)
def test_each_mistake_makes_exactly_one_finding(found, answers, code, item):
    findings = found(answers)
    assert [(finding.code, finding.where.item) for finding in findings] == [(code, item)]
    assert findings[0].where.cell
    assert findings[0].where.sheet == "Main"
    assert findings[0].where.record


def test_findings_say_what_was_found_and_what_was_expected(found):
    finding = found({"A_land": 950})[0]
    assert "950" in finding.message
    assert "0 – 900" in finding.message
    assert finding.hint
    assert "950" in finding.text("ko")


def test_rules_speak_the_language_asked_for_and_keep_their_severity(found):
    finding = found({"A_cigs.r1": 1, "A_start.r1": 35}, language="ko")[0]
    assert finding.severity == "warning"
    assert finding.values["text"] == "시작 나이와 개비 수를 확인하십시오."
    assert finding.values["found"] == "start = 35, cigs = 1"


def test_skip_rules_are_told_in_words_of_every_language(found):
    finding = found({"A_smoke.r1": 2, "A_cigs.r1": 5})[0]
    assert finding.code == "returns-check-skip"
    assert "smoke ==" not in finding.message
    assert "if " in finding.message
    assert "경우" in finding.text("ko")


def test_a_missing_code_is_no_value_out_of_range(found):
    assert [finding.code for finding in found({"A_land": 999, "A_cigs.r1": 999})] == []


@pytest.mark.parametrize("typed", ["about ten", bricks.raw('<c r="{r}" t="e"><v>#N/A</v></c>')])
def test_an_unread_answer_is_neither_missing_nor_wrong_nor_the_cause_of_other_findings(found, typed):
    assert [finding.code for finding in found({"A_smoke.r1": typed})] == []
    assert [finding.code for finding in found({"A_age.r1": typed})] == []


def test_a_forged_calculation_is_made_anew(write, questionnaire):
    responses, findings = read_returned(write(answers={"A_packs.r1": 77, "A_adults.r1": "x"}), questionnaire)
    assert len(findings) == 0
    assert responses["adult"]["packs"].tolist() == [0.5]
    assert responses["adult"]["adults"].tolist() == [41.0]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"A_line_adult.r1": 4}, "returns-check-no-line"),
        ({"A_line_adult.r1": 2}, "returns-check-not-eligible"),
        ({"A_smoke.r1": None, "A_cigs.r1": None, "A_start.r1": None}, "returns-check-form-missing"),
        ({"A_milk.r1": None}, "returns-check-form-missing"),
        ({"A_milk.r2": "1 Yes", "A_line_child.r2": 2}, "returns-check-duplicate-line"),
        ({"A_who.r1": None, "A_age.r1": None, "A_who.r2": None, "A_age.r2": None}, "returns-check-roster-size"),
    ],
)
def test_lines_forms_and_the_roster_are_held_against_each_other(found, answers, code):
    assert code in [finding.code for finding in found(answers)]


def test_one_serial_comes_back_once(write, questionnaire):
    first, second = write("a.xlsx"), write("b.xlsx", answers={"A_land": 77})
    responses, _ = read_returned([first, second], questionnaire)
    findings = check(responses, questionnaire)
    assert [finding.code for finding in findings] == ["returns-check-duplicate"]
    assert findings[0].where.file == str(second)
    assert str(first) in findings[0].message
    assert responses["adult"]["adults"].tolist() == [41.0, 41.0]


def test_a_row_of_no_household_is_reported(tmp_path, questionnaire):
    roster = tmp_path / "member.csv"
    roster.write_text("who,age\nKim,40\n")
    responses, _ = read_returned(roster, questionnaire)
    assert "returns-check-no-parent" in [finding.code for finding in check(responses, questionnaire)]


def test_a_pattern_that_could_take_for_ever_is_not_run(write, questionnaire):
    first, *others = questionnaire.sections
    items = tuple(replace(item, pattern="(a+)+") if item.id == "remark" else item for item in first.items)
    trap = replace(questionnaire, sections=(replace(first, items=items), *others))
    responses, _ = read_returned(write(answers={"A_remark": "a" * 39 + "b"}), trap)
    findings = check(responses, trap)
    assert [finding.code for finding in findings] == ["returns-check-pattern-unsafe"]
    assert findings[0].where.item == "remark"


def test_luhn_digits_are_those_of_the_standard():
    assert luhn("79927398713")
    assert not luhn("79927398710")
    assert luhn("7992-7398-713")
    assert not luhn("")
