"""From cell to typed value, every conversion reported: the table of small readers, one a type of item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Final

from surveykit.findings import Finding, Place, finding
from surveykit.questionnaire.structure import Item
from surveykit.returns.codes import code_reader, several_reader
from surveykit.returns.dates import date_reader
from surveykit.returns.numbers import number_reader
from surveykit.returns.values import Odd, Plain, Value, shown
from surveykit.returns.wording import Parsed, tidy, unread

Read = Callable[[Plain], Parsed]

_REMEMBERED: Final = 50_000  # different answers of one item kept in memory
_SHOWN: Final = 120  # characters of an answer in a message
_EXACT_DIGITS: Final = 15  # a spreadsheet keeps no more digits of a number


class AnswerReader:
    """Reads the answers to one item, remembering what it has seen.

    Parameters
    ----------
    item : Item
    textual : bool
        The file has only text (csv).
    from_1904 : bool
        Day numbers count from 1904.

    Attributes
    ----------
    seen : dict
        What was read before; who has many answers looks here first.
    """

    __slots__ = ("_read", "item", "seen")

    def __init__(self, item: Item, *, textual: bool = False, from_1904: bool = False) -> None:
        self.item = item
        self._read = _reader(item, textual=textual, from_1904=from_1904)
        self.seen: dict[Value, Parsed] = {}

    def __call__(self, raw: Value) -> Parsed:
        """Return what a cell says."""
        found = self.seen.get(raw)
        if found is None:
            found = read_odd(raw, self._read) if isinstance(raw, Odd) else self._read(raw)
            if not isinstance(raw, float):  # measurements hardly repeat
                if len(self.seen) >= _REMEMBERED:
                    self.seen.clear()
                self.seen[raw] = found
        return found


def read_odd(raw: Odd, read: Read) -> Parsed:
    """Read a cell that holds no plain answer: formulas by their stored result, the rest not at all."""
    if raw.kind == "formula" and raw.value is not None:
        found = read(raw.value)
        return found if found.unread or found.value is None else found._replace(code="returns-answer-formula")
    return unread(_ODD[raw.kind])


_ODD: Final[Mapping[str, str]] = {
    "boolean": "returns-answer-boolean",
    "error": "returns-answer-error-cell",
    "formula": "returns-answer-uncalculated",
    "uncalculated": "returns-answer-uncalculated",
    "unreadable": "returns-answer-unreadable",
}


def _reader(item: Item, *, textual: bool, from_1904: bool) -> Read:
    if item.type in {"integer", "decimal"}:
        return number_reader(item, textual=textual)
    if item.type == "date":
        return date_reader(textual=textual, from_1904=from_1904)
    if item.type == "select_one":
        return code_reader(item)
    if item.type == "select_multiple":
        return several_reader(item)
    return text_reader(item)


def text_reader(item: Item) -> Read:
    """Return the reader of a text or id; an id that was stored as a number may have lost leading zeros."""
    lossless = item.type == "text"

    def read(raw: Plain) -> Parsed:
        if isinstance(raw, str):
            text, code = tidy(raw)
            return Parsed(text or None, code)
        if isinstance(raw, date | time):
            return Parsed(shown(raw), "returns-answer-date-for-text")
        if isinstance(raw, int) and len(str(abs(raw))) > _EXACT_DIGITS:
            return unread("returns-answer-digits-lost")
        return Parsed(shown(raw), "" if lossless else "returns-answer-number-for-id")

    return read


def answer_finding(parsed: Parsed, raw: Value, where: Place) -> Finding:
    """Return the finding of a conversion, or of an answer that could not be read."""
    found = shown(raw)
    text = found if len(found) <= _SHOWN else f"{found[: _SHOWN - 1]}…"
    taken = shown(_plain(parsed.value))
    return finding(parsed.code, where, found=text, taken=taken, expected=parsed.expected)


def _plain(value: object) -> Plain | None:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    return value if isinstance(value, str | int | float) else None
