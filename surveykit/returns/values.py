"""What a cell holds, as the readers give it to parsing, and how cells are addressed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

Plain = str | int | float | date | datetime | time
OddKind = Literal["boolean", "error", "formula", "uncalculated", "unreadable"]


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell whose content is no plain answer.

    Parameters
    ----------
    kind : {"boolean", "error", "formula", "uncalculated", "unreadable"}
        A truth value, an error value such as ``#N/A``, a formula with or without a stored result, or something that
        no cell may hold.
    raw : str
        What stands there, for the report.
    value : plain value, optional
        Stored result of a formula.
    """

    kind: OddKind
    raw: str
    value: Plain | None = None


Value = Plain | Odd

_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,4})?", re.ASCII)
_EXACT: Final = 2**53  # integers beyond it are not exact in a double
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_EPOCH_1900: Final = datetime(1899, 12, 30)  # noqa: DTZ001  # a spreadsheet date has no zone
_EPOCH_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001  # same
_PHANTOM: Final = 60  # serial of 29 February 1900, a day that never was (Lotus 1-2-3, kept by Excel)
_LAST_SERIAL: Final = 2_958_466  # 1 January 10000, beyond Excel's last day
MICROSECONDS_A_DAY: Final = 86_400_000_000  # 24 x 60 x 60 x 10^6


def number(text: str) -> int | float | Odd:
    """Read the text of a number cell; integers stay integers."""
    if text.isascii() and text.isdigit() and len(text) < 16:  # 15 digits are what Excel keeps
        return int(text)
    if not _NUMBER.fullmatch(text):
        return Odd("unreadable", text)
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        return Odd("unreadable", text)
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def moment(serial: float, *, from_1904: bool) -> date | datetime | time | Odd:
    """Turn a spreadsheet's day number into a date, a date with time, or a time of day.

    Notes
    -----
    In the 1900 system serials 1 to 59 count from 31 December 1899, later ones from 30 December 1899, since Excel
    counts a 29 February 1900; that day itself is no date.
    """
    phantom = not from_1904 and int(serial) == _PHANTOM
    if serial < 0 or serial >= _LAST_SERIAL or phantom:
        return Odd("unreadable", f"{serial:g}")
    if serial < 1 and not from_1904:
        whole = round(serial * MICROSECONDS_A_DAY)
        return (_EPOCH_1904 + timedelta(microseconds=whole)).time()
    early = not from_1904 and serial < _PHANTOM
    epoch = _EPOCH_1904 if from_1904 else _EPOCH_1900 + timedelta(days=1 if early else 0)
    stamp = epoch + timedelta(microseconds=round(serial * MICROSECONDS_A_DAY))
    return stamp.date() if float(serial).is_integer() else stamp


def unescape(text: str) -> str | Odd:
    """Decode ``_x000D_`` escapes; a NUL or a lone surrogate is no text."""
    if "_x" not in text:
        return text
    decoded = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    return Odd("unreadable", text) if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in decoded) else decoded


def column_number(letters: str) -> int:
    """Return the 1-based number of a column; 0 if the letters are no column."""
    if not 0 < len(letters) <= 3 or not letters.isascii() or not letters.isupper():
        return 0
    value = 0
    for letter in letters:
        value = value * 26 + ord(letter) - 64
    return value if value <= 16_384 else 0  # XFD, Excel's last column


def column_letters(column: int) -> str:
    """Return the letters of a 1-based column."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def shown(value: Value | None) -> str:
    """Return what a person would see in the cell."""
    if value is None:
        return ""
    if isinstance(value, Odd):
        return value.raw
    if isinstance(value, float):
        return repr(value)
    return value.isoformat() if isinstance(value, date | time) else str(value)
