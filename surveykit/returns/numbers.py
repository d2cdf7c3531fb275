"""Numbers as people type them, read without guessing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Final

from surveykit.questionnaire.structure import Item
from surveykit.returns.values import Odd, Plain, number
from surveykit.returns.wording import Parsed, Said, folded, narrow, unread

_THOUSANDS: Final = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_COMMA: Final = re.compile(r"([-+]?\d*),(\d+)", re.ASCII)
_WHOLE: Final[Said] = {"en": "a whole number", "ko": "정수"}
_NUMBER: Final[Said] = {"en": "a number", "ko": "숫자"}
_EXACT_DIGITS: Final = 15  # a spreadsheet keeps no more


def number_reader(item: Item, *, textual: bool) -> Callable[[Plain], Parsed]:
    """Return the reader of an integer or decimal item.

    Parameters
    ----------
    item : Item
    textual : bool
        The file has only text (csv), so that a number as text is nothing to report.
    """
    whole = item.type == "integer"
    labels = _missing_labels(item)
    measures = frozenset(folded(text) for text in _measures(item))
    code_typed = "" if textual else "returns-answer-number-text"

    def read(raw: Plain) -> Parsed:
        if isinstance(raw, date | time):
            return unread("returns-answer-date-for-number", _expected(item))
        if not isinstance(raw, str):
            return _typed(raw, "", item, whole=whole)
        text, code = narrow(raw)
        if not text:
            return Parsed(None, code)
        if text.casefold() in labels:
            return Parsed(labels[text.casefold()], "returns-answer-label")
        return _from_text(text, code, item, measures, code_typed, whole=whole)

    return read


def _from_text(text: str, code: str, item: Item, measures: frozenset[str], code_typed: str, *, whole: bool) -> Parsed:
    plain, changed = _without_measure(text, measures)
    value = number(plain)
    if not isinstance(value, Odd):
        return _typed(value, changed or code or code_typed, item, whole=whole)
    if _THOUSANDS.fullmatch(plain):
        if not whole and plain.count(",") == 1 and "." not in plain:
            return unread("returns-answer-number-ambiguous", _expected(item))
        return _typed_text(plain.replace(",", ""), "returns-answer-thousands", item, whole=whole)
    comma = _COMMA.fullmatch(plain)
    if comma and len(comma[2]) != 3:  # three digits after a comma may be thousands
        return _typed_text(f"{comma[1]}.{comma[2]}", "returns-answer-comma", item, whole=whole)
    return unread("returns-answer-number-ambiguous" if comma else "returns-answer-no-number", _expected(item))


def _typed_text(text: str, code: str, item: Item, *, whole: bool) -> Parsed:
    value = number(text)
    return (
        unread("returns-answer-no-number", _expected(item))
        if isinstance(value, Odd)
        else _typed(value, code, item, whole=whole)
    )


def _typed(value: float, code: str, item: Item, *, whole: bool) -> Parsed:
    if not whole:
        return Parsed(float(value), code)
    if isinstance(value, int) and len(str(abs(value))) <= _EXACT_DIGITS:
        return Parsed(value, code)
    return unread("returns-answer-not-whole", _expected(item))


def _without_measure(text: str, measures: frozenset[str]) -> tuple[str, str]:
    match = re.match(r"[-+]?[\d.,]+", text, re.ASCII)
    if match and match.end() < len(text) and folded(text[match.end() :]) in measures:
        return match[0], "returns-answer-unit"
    return text, ""


def _measures(item: Item) -> tuple[str, ...]:
    return (item.measure.ucum, *item.measure.label.values()) if item.measure else ()


def _missing_labels(item: Item) -> Mapping[str, object]:
    """Labels of the missing codes, alone and behind their code, without case."""
    codes = item.missing.codes if item.missing else ()
    labels = {folded(text): one.code for one in codes for text in one.label.values()}
    return labels | {folded(f"{one.code} {text}"): one.code for one in codes for text in one.label.values()}


def _expected(item: Item) -> Said:
    return _WHOLE if item.type == "integer" else _NUMBER
