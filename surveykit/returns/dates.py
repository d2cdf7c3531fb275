"""Dates as people type them; the order of the parts is never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Final

import pandas as pd

from surveykit.returns.values import Plain, moment
from surveykit.returns.wording import Parsed, Said, narrow, unread

_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII)
_PARTS: Final = re.compile(r"(\d{4})\s?[-./년]\s?(\d{1,2})\s?[-./월]\s?(\d{1,2})\s?[.일]?", re.ASCII)
_DIGITS: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_EXPECTED: Final[Said] = {"en": "a date such as 2026-03-02", "ko": "2026-03-02 같은 날짜"}
_SERIALS: Final = range(3_653, 73_051)  # 1 January 1910 to 31 December 2099: no survey asks for a day outside


def date_reader(*, textual: bool, from_1904: bool) -> Callable[[Plain], Parsed]:
    """Return the reader of a date item.

    Parameters
    ----------
    textual : bool
        The file has only text (csv), so that an ISO date is nothing to report.
    from_1904 : bool
        Day numbers count from 1904.
    """
    iso_code = "" if textual else "returns-answer-date-text"

    def read(raw: Plain) -> Parsed:
        if isinstance(raw, datetime):
            whole = raw.time() == time.min
            return Parsed(pd.Timestamp(raw.date()), "" if whole else "returns-answer-time-dropped")
        if isinstance(raw, date):
            return Parsed(pd.Timestamp(raw))
        if isinstance(raw, str):
            return _from_text(raw, iso_code)
        return _from_number(raw, from_1904=from_1904)

    return read


def _from_text(raw: str, iso_code: str) -> Parsed:
    text, code = narrow(raw)
    if not text:
        return Parsed(None, code)
    match = _ISO.fullmatch(text)
    if match:
        return _made(match, code or iso_code)
    match = _PARTS.fullmatch(text) or _DIGITS.fullmatch(text)
    return _made(match, "returns-answer-date-text") if match else unread("returns-answer-no-date", _EXPECTED)


def _made(match: re.Match[str], code: str) -> Parsed:
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
        return Parsed(pd.Timestamp(day), code)
    except ValueError:  # no such day, or a year that pandas 2 cannot hold
        return unread("returns-answer-no-date", _EXPECTED)


def _from_number(raw: Plain, *, from_1904: bool) -> Parsed:
    digits = _DIGITS.fullmatch(str(raw))
    if digits:
        return _made(digits, "returns-answer-date-text")
    if isinstance(raw, int) and raw in _SERIALS:
        day = moment(raw, from_1904=from_1904)
        if isinstance(day, date):
            return Parsed(pd.Timestamp(day), "returns-answer-date-number")
    return unread("returns-answer-no-date", _EXPECTED)
