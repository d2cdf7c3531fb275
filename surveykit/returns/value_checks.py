"""Checks of one answer by itself: code, range, pattern, length, check digit, choices that exclude each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from surveykit.expressions import patterns
from surveykit.findings import Place, finding
from surveykit.questionnaire.structure import Item
from surveykit.returns.examination import Examination, Mask, written

_SHOWN: Final = 12  # codes in a message


def check_values(examination: Examination) -> None:
    """Check every answer by itself; what is impossible is masked, what is unlikely is only reported."""
    for item in examination.questionnaire:
        if item.answered_by_hand and len(examination.frames[item.unit]):
            for check in _CHECKS.get(item.type, ()):
                check(examination, item)


def check_days(examination: Examination, fieldwork: tuple[str | date, str | date]) -> None:
    """Report interviews of days outside fieldwork."""
    if not examination.questionnaire.interview_date:
        return
    item = examination.questionnaire.item(examination.questionnaire.interview_date)
    first, last = (pd.Timestamp(day) for day in fieldwork)
    column = examination.column(item.unit, item.var)
    outside = _wrong((column < first) | (column > last))
    examination.report("returns-check-fieldwork", item, outside, {"expected": f"{first.date()} – {last.date()}"})


def _codes(examination: Examination, item: Item) -> None:
    allowed = (*(item.codelist.codes if item.codelist else ()), *item.missing_codes)
    column = examination.column(item.unit, item.var)
    wrong = _wrong(column.notna() & ~column.isin(allowed))
    shown = ", ".join(str(code) for code in allowed[:_SHOWN]) + (", ..." if len(allowed) > _SHOWN else "")
    examination.report("returns-check-code", item, wrong, {"expected": shown})
    examination.mask(item, wrong)


def _cascade(examination: Examination, item: Item) -> None:
    if not item.cascade or item.codelist is None:
        return
    above = examination.questionnaire.item(item.cascade)
    seen = examination.view(item.unit).frame.to_native()
    if above.var not in seen.columns:
        return
    parents = {option.code: option.parent for option in item.codelist.options if option.parent is not None}
    own, other = seen[item.var], seen[above.var]
    expected = own.map(lambda code: parents.get(code, pd.NA), na_action="ignore")
    listed = above.codelist.codes if above.codelist else ()
    known = own.notna() & expected.notna() & other.isin(listed)
    wrong = np.array([bool(k) and e != o for k, e, o in zip(known, expected, other, strict=True)], dtype=bool)
    for row in np.flatnonzero(wrong).tolist():
        parent = written(other.iloc[row])
        examination.report_row("returns-check-cascade", item.unit, row, item.var, {"parent": parent}, item=item.id)
    examination.mask(item, wrong)


def _range(examination: Examination, item: Item) -> None:
    limits = item.range
    if limits is None:
        return
    column = examination.column(item.unit, item.var)
    real = column.notna() & ~column.isin(list(item.missing_codes))
    wrong = _wrong(real & _outside(column, limits.min, limits.max))
    examination.report("returns-check-range", item, wrong, {"expected": _span(limits.min, limits.max)})
    unlikely = _wrong(real & _outside(column, limits.warn_below, limits.warn_above)) & ~wrong
    expected = _span(limits.warn_below, limits.warn_above)
    examination.report("returns-check-range-unlikely", item, unlikely, {"expected": expected})
    examination.mask(item, wrong)


def _outside(column: pd.Series[Any], low: float | str | None, high: float | str | None) -> pd.Series[Any]:
    outside = pd.Series(data=False, index=column.index)
    if low is not None:
        outside |= (column < _limit(column, low)).fillna(value=False).astype(bool)
    if high is not None:
        outside |= (column > _limit(column, high)).fillna(value=False).astype(bool)
    return outside


def _limit(column: pd.Series[Any], limit: float | str) -> Any:  # noqa: ANN401  # a number or a timestamp
    return pd.Timestamp(limit) if column.dtype.kind == "M" else limit


def _span(low: float | str | None, high: float | str | None) -> str:
    if low is None:
        return f"≤ {high}"
    return f"≥ {low}" if high is None else f"{low} – {high}"


def _text(examination: Examination, item: Item) -> None:
    """Check form, length and check digit of a text; of several things wrong with one text the first is reported."""
    wrong = np.zeros(len(examination.frames[item.unit]), dtype=bool)
    for code, bad, expected in _text_rules(examination, item):
        broken = _by_text(examination, item, bad) & ~wrong
        examination.report(code, item, broken, {"expected": expected})
        wrong |= broken
    if item.id != examination.questionnaire.top.key:  # the key stays: rows below are found by it
        examination.mask(item, wrong)


def _text_rules(examination: Examination, item: Item) -> Iterator[tuple[str, Callable[[str], bool], object]]:
    shape = _shape(examination, item)
    if shape:
        yield "returns-check-pattern", lambda text: shape.fullmatch(text) is None, item.pattern
    yield "returns-check-length", lambda text: len(text) > item.max_length, item.max_length
    if item.check_digit == "luhn":
        yield "returns-check-digit", lambda text: not luhn(text), ""


def _shape(examination: Examination, item: Item) -> re.Pattern[str] | None:
    """Return the pattern of an item, in the subset that is matched in linear time; others are not run."""
    try:
        return re.compile(patterns.regex(item.pattern)) if item.pattern else None
    except patterns.PatternError as error:
        where = Place(file=examination.questionnaire.file, item=item.id)
        examination.found.append(finding("returns-check-pattern-unsafe", where, found=item.pattern, reason=str(error)))
        return None


def luhn(text: str) -> bool:
    """Return whether the digits of an identifier end in their Luhn check digit; other characters do not count.

    References
    ----------
    ISO/IEC 7812-1:2017, annex B (formula for computing the modulus 10 "double-add-double" check digit).
    """
    digits = [int(char) for char in text if char.isascii() and char.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]  # 9: cross sum of a doubled digit above 9
    return bool(digits) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _by_text(examination: Examination, item: Item, bad: Callable[[str], bool]) -> Mask:
    """Apply a test to each different text once."""
    missing = {str(code) for code in item.missing_codes}
    index, texts = pd.factorize(examination.column(item.unit, item.var))
    verdicts = [str(text) not in missing and bad(str(text)) for text in texts]
    found: Mask = np.array([*verdicts, False], dtype=bool)[index]  # blanks have the index -1
    return found


def _several(examination: Examination, item: Item) -> None:
    """Check the chosen codes of a select-multiple: known ones, and none beside one that excludes the others."""
    options = item.codelist.options if item.codelist else ()
    known = {str(option.code) for option in options} | {str(code) for code in item.missing_codes}
    alone = {str(option.code) for option in options if option.exclusive} | {str(code) for code in item.missing_codes}
    unknown = _by_text(examination, item, lambda text: not set(text.split()) <= known)
    examination.report("returns-check-code", item, unknown, {"expected": ", ".join(sorted(known)[:_SHOWN])})
    mixed = _by_text(examination, item, lambda text: len(codes := set(text.split())) > 1 and bool(codes & alone))
    examination.report("returns-check-exclusive", item, mixed & ~unknown, {"expected": ", ".join(sorted(alone))})
    examination.mask(item, unknown | mixed)


def _wrong(column: pd.Series[Any]) -> Mask:
    found: Mask = column.fillna(value=False).to_numpy(dtype=bool)
    return found


_CHECKS: Final[Mapping[str, tuple[Callable[[Examination, Item], None], ...]]] = {
    "integer": (_range,),
    "decimal": (_range,),
    "date": (_range,),
    "select_one": (_codes, _cascade),
    "select_multiple": (_several,),
    "id": (_text,),
    "text": (_text,),
}
