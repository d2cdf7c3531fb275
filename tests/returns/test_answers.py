"""Text to typed value: every conversion is reported, what cannot be read stays, good answers say nothing."""

from __future__ import annotations

from datetime import date, datetime, time

import pandas as pd
import pytest

from surveykit.findings import Finding, Place, catalogue
from surveykit.questionnaire.structure import Questionnaire
from surveykit.returns.parsing import AnswerReader, answer_finding
from surveykit.returns.values import Odd, Value


def reader(questionnaire: Questionnaire, item: str, **options: bool) -> AnswerReader:
    return AnswerReader(questionnaire.item(item), **options)


def worded(parsed, raw) -> Finding:
    """Return the finding of an answer after looking at its wording: every place filled, in every language."""
    where = Place(sheet="A", cell="D8", item="x")
    found = answer_finding(parsed, raw, where)
    entry = catalogue()[parsed.code]
    for language in entry.message:
        assert "{" not in found.text(language)
        assert "{" not in found.advice(language)
    assert found.where == where
    return found


@pytest.mark.parametrize(
    ("item", "raw", "value"),
    [
        ("age", 40, 40),
        ("land", 12.5, 12.5),
        ("land", 12, 12.0),
        ("land", 999, 999.0),
        ("VISIT", date(2026, 3, 2), pd.Timestamp("2026-03-02")),
        ("VISIT", datetime(2026, 3, 2), pd.Timestamp("2026-03-02")),  # noqa: DTZ001
        ("prov", "1 North", 1),
        ("prov", "1", 1),
        ("prov", 1, 1),
        ("prov", 7, 7),
        ("smoke", "1 예", 1),
        ("smoke", "9 Don't know", 9),
        ("HID", "0018", "0018"),
        ("who", "Kim", "Kim"),
        ("who", "=1+1", "=1+1"),
        ("who", "NA", "NA"),
        ("who", 12, "12"),
        ("things", "1 3", "1 3"),
        ("things", 2, "2"),
    ],
)
def test_an_answer_as_the_form_asks_for_it_makes_no_finding(questionnaire, item, raw, value):
    parsed = reader(questionnaire, item)(raw)
    assert (parsed.value, parsed.code, parsed.unread) == (value, "", False)


@pytest.mark.parametrize(
    ("item", "raw", "value", "code"),
    [
        ("age", "40", 40, "returns-answer-number-text"),
        ("age", "40.0", 40, "returns-answer-number-text"),
        ("land", "1e2", 100.0, "returns-answer-number-text"),
        ("land", "12,5", 12.5, "returns-answer-comma"),
        ("land", "171,25", 171.25, "returns-answer-comma"),
        ("age", "1,234", 1234, "returns-answer-thousands"),
        ("land", "1,234.5", 1234.5, "returns-answer-thousands"),
        ("land", "1,234,567", 1234567.0, "returns-answer-thousands"),
        ("age", "４０", 40, "returns-answer-fullwidth"),
        ("prov", "１", 1, "returns-answer-fullwidth"),
        ("age", " 40\u00a0", 40, "returns-answer-spaces"),
        ("who", " Kim ", "Kim", "returns-answer-spaces"),
        ("who", "K\u200bim", "Kim", "returns-answer-spaces"),
        ("who", "\u1100\u1175\u11b7", "김", "returns-answer-decomposed"),
        ("land", "12.5 m2", 12.5, "returns-answer-unit"),
        ("land", "12.5m²", 12.5, "returns-answer-unit"),
        ("land", "12평방미터", 12.0, "returns-answer-unit"),
        ("land", "don't know", 999, "returns-answer-label"),
        ("land", "모름", 999, "returns-answer-label"),
        ("VISIT", "2026-03-02", pd.Timestamp("2026-03-02"), "returns-answer-date-text"),
        ("VISIT", "2026.3.2", pd.Timestamp("2026-03-02"), "returns-answer-date-text"),
        ("VISIT", "2026. 3. 2.", pd.Timestamp("2026-03-02"), "returns-answer-date-text"),
        ("VISIT", "2026/3/2", pd.Timestamp("2026-03-02"), "returns-answer-date-text"),
        ("VISIT", "20260302", pd.Timestamp("2026-03-02"), "returns-answer-date-text"),
        ("VISIT", 20260302, pd.Timestamp("2026-03-02"), "returns-answer-date-text"),
        ("VISIT", "2026년 3월 2일", pd.Timestamp("2026-03-02"), "returns-answer-date-text"),
        ("VISIT", 46083, pd.Timestamp("2026-03-02"), "returns-answer-date-number"),
        ("VISIT", datetime(2026, 3, 2, 9, 30), pd.Timestamp("2026-03-02"), "returns-answer-time-dropped"),  # noqa: DTZ001
        ("prov", "North", 1, "returns-answer-label"),
        ("prov", "NORTH ", 1, "returns-answer-label"),
        ("smoke", "예", 1, "returns-answer-label"),
        ("prov", "1.0", 1, "returns-answer-number-text"),
        ("prov", "1. North", 1, "returns-answer-label-sign"),
        ("prov", "1) North", 1, "returns-answer-label-sign"),
        ("prov", "1 Nord", 1, "returns-answer-label-other"),
        ("things", "1, 2", "1 2", "returns-answer-separators"),
        ("things", "3;1", "1 3", "returns-answer-separators"),
        ("who", date(2026, 3, 2), "2026-03-02", "returns-answer-date-for-text"),
        ("HID", 1008, "1008", "returns-answer-number-for-id"),
        ("age", Odd("formula", "40", 40), 40, "returns-answer-formula"),
    ],
)
def test_a_conversion_keeps_the_meaning_and_is_reported(questionnaire, item, raw, value, code):
    parsed = reader(questionnaire, item)(raw)
    assert (parsed.value, parsed.code, parsed.unread) == (value, code, False)
    assert worded(parsed, raw).severity in {"info", "warning"}


@pytest.mark.parametrize(
    ("item", "raw", "code"),
    [
        ("land", "1,234", "returns-answer-number-ambiguous"),
        ("age", "12,345,6", "returns-answer-no-number"),
        ("age", "about 40", "returns-answer-no-number"),
        ("age", "1_0", "returns-answer-no-number"),
        ("age", "nan", "returns-answer-no-number"),
        ("age", "1e999", "returns-answer-no-number"),
        ("age", 40.5, "returns-answer-not-whole"),
        ("age", "40.5", "returns-answer-not-whole"),
        ("age", 10**17, "returns-answer-not-whole"),
        ("age", date(2026, 4, 1), "returns-answer-date-for-number"),
        ("age", time(4, 0), "returns-answer-date-for-number"),
        ("VISIT", "2026.13.2", "returns-answer-no-date"),
        ("VISIT", "3/2/2026", "returns-answer-no-date"),
        ("VISIT", "yesterday", "returns-answer-no-date"),
        ("VISIT", 3, "returns-answer-no-date"),
        ("VISIT", time(9, 30), "returns-answer-no-date"),
        ("prov", "West", "returns-answer-no-code"),
        ("prov", 1.5, "returns-answer-no-code"),
        ("prov", date(2026, 1, 2), "returns-answer-no-code"),
        ("prov", "1 South", "returns-answer-label-conflict"),
        ("things", "1 x", "returns-answer-no-code"),
        ("HID", 10**16, "returns-answer-digits-lost"),
        ("age", Odd("boolean", "TRUE"), "returns-answer-boolean"),
        ("age", Odd("error", "#N/A"), "returns-answer-error-cell"),
        ("age", Odd("uncalculated", ""), "returns-answer-uncalculated"),
        ("age", Odd("formula", "TRUE"), "returns-answer-uncalculated"),
        ("age", Odd("unreadable", "1E309"), "returns-answer-unreadable"),
    ],
)
def test_what_cannot_be_read_is_unread_and_never_guessed(questionnaire, item, raw, code):
    parsed = reader(questionnaire, item)(raw)
    assert (parsed.value, parsed.code, parsed.unread) == (None, code, True)
    assert worded(parsed, raw).severity == "error"


@pytest.mark.parametrize("item", ["age", "land", "VISIT", "prov", "HID", "who"])
@pytest.mark.parametrize("raw", ["", "  ", "\u00a0", "\ufeff"])
def test_blanks_of_every_kind_are_null_and_not_unread(questionnaire, item, raw):
    parsed = reader(questionnaire, item)(raw)
    assert (parsed.value, parsed.unread) == (None, False)


def test_in_a_text_file_numbers_and_iso_dates_are_text_and_nothing_to_report(questionnaire):
    assert reader(questionnaire, "age", textual=True)("40") == (40, "", False, "")
    assert reader(questionnaire, "VISIT", textual=True)("2026-03-02").code == ""
    assert reader(questionnaire, "VISIT", textual=True)("2026.3.2").code == "returns-answer-date-text"


def test_day_numbers_count_from_1904_where_the_workbook_says_so(questionnaire):
    assert reader(questionnaire, "VISIT", from_1904=True)(46083 - 1462).value == pd.Timestamp("2026-03-02")


def test_a_code_with_lost_zeros_and_a_shared_label_are_told_apart():
    from surveykit.questionnaire.structure import CodeList, CodeOption, Item  # noqa: PLC0415

    options = (
        CodeOption(code="01", label={"en": "Same"}),
        CodeOption(code="02", label={"en": "Same"}),
        CodeOption(code="A", label={"en": "Letter"}),
    )
    codes = CodeList(id="x", version="1", options=options)
    item = Item(id="x", var="x", type="select_one", unit="u", section="s", label={"en": "X"}, codelist=codes)
    read = AnswerReader(item)
    assert read(1) == ("01", "returns-answer-leading-zeros", False, "")
    assert "01" in worded(read(1), 1).message
    assert read("Same").code == "returns-answer-label-ambiguous"
    assert "Same" in worded(read("Same"), "Same").message
    assert read("a letter").unread
    assert read("A Letter") == ("A", "", False, "")


def test_the_same_answer_is_read_once_and_remembered(questionnaire):
    read = reader(questionnaire, "age")
    raws: list[Value] = ["40", "40", 40]
    assert [read(raw).code for raw in raws] == ["returns-answer-number-text", "returns-answer-number-text", ""]
    assert read("41") is read("41")
