"""Rows in the plain shape in which spreadsheet programs write them, taken apart by patterns instead of events.

Quick, and strict: a row counts only if it consists of known cells from its first to its last character; anything else
(comments, CDATA, unknown attributes, cells out of order) is left to the reader of events. The same text goes through
the XML parser in either case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from surveykit.returns.limits import Limits
from surveykit.returns.values import Odd, Plain, Value, column_number, number

Row = tuple[int, dict[int, Value]]
Scanned = tuple[list[Row], int, int]

_ROW: Final = re.compile(r'\s*<row r="([1-9]\d{0,6})"([^<>]*)>', re.ASCII)
_CELL: Final = re.compile(
    r'<c r="([A-Z]{1,3})(\d{1,7})"(?: s="(\d{1,6})")?(?: t="(\w{1,9})")?'
    r"(?:/>|>(<f[^<>]*(?:/>|>[^<]*</f>))?"
    r'(?:<v>([^<]*)</v>|<v ?/>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>|<is>(<r>.*?)</is>)?</c>)|(.)',
    re.ASCII | re.DOTALL,
)
_RUN: Final = re.compile(r"<t(?: [^<>]*)?>([^<]*)</t>")
_STRINGS: Final = re.compile(
    r'(?:\ufeff)?(?:<\?xml [^<>]*\?>)?\s*<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"[^<>]*>'
    r"(.*)</sst>\s*",
    re.DOTALL,
)
_STRING: Final = re.compile(r"\s*<si>(?:<t(?: [^<>]*)?>([^<]*)</t>|<t/>|(<r>.*?))</si>\s*|(.)", re.DOTALL)
_NOT_PLAIN: Final = ("<!", "<?", "<rPh")  # comments, CDATA, instructions; furigana, which is no part of a text
_ENTITY: Final = re.compile(r"&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));")
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}  # the five of XML 1.0, section 4.6
_LONG_ROW: Final = 1 << 18  # characters; a text longer than a cell can hold is seen by the reader of events
_REMEMBERED: Final = 100_000  # different numbers kept in memory


class Columns(dict[str, int]):
    """Column numbers by letters, computed when first asked for; 0 for letters that are no column."""

    def __missing__(self, letters: str) -> int:
        found = column_number(letters)
        if found:
            self[letters] = found
        return found


COLUMNS: Final = Columns()


class QuickRows:
    """Takes plain rows apart.

    Parameters
    ----------
    strings : sequence of str
        Shared strings.
    dated : frozenset of str
        Numbers of the cell formats that show a date.
    moment : callable
        Turns a day number into a date.
    typed : callable
        Turns the text of a cell that is neither a number nor a shared string into a value, given its type.
    wanted : frozenset of int, optional
        Columns whose values are asked for; all where None.
    limits : Limits
        Rows and columns beyond them are left to the reader of events.
    """

    def __init__(
        self,
        strings: Sequence[str | Odd],
        *,
        dated: frozenset[str],
        moment: Callable[[float], Value],
        typed: Callable[[str, str], Value],
        wanted: frozenset[int] | None,
        limits: Limits,
    ) -> None:
        self._strings, self._dated, self._moment, self._typed = strings, dated, moment, typed
        self._wanted, self._limits = wanted, limits
        self._numbers: dict[str, Value] = {}
        self._texts: dict[str, Value] = {}

    def scan(self, text: str, row: int) -> Scanned | None:
        """Return the rows of a text, the last row in it, and the number of cells; None if it is not plain.

        Parameters
        ----------
        text : str
            Whole rows.
        row : int
            Last row before it.
        """
        if any(mark in text for mark in _NOT_PLAIN):
            return None
        found: list[Row] = []
        count = 0
        for part in text.split("</row>"):
            if len(part) > _LONG_ROW:
                return None
            position = 0
            while (match := _ROW.match(part, position)) and int(match[1]) > row:
                row, position = int(match[1]), match.end()
                if not match[2].endswith("/"):
                    break
            else:
                if match or part[position:].strip():
                    return None
                continue
            cells = self._cells(part, position, match[1])
            if cells is None or row > self._limits.rows or cells[1] > self._limits.columns:
                return None
            count += cells[2]
            if cells[0]:
                found.append((row, cells[0]))
        return found, row, count

    def _cells(self, part: str, position: int, row: str) -> tuple[dict[int, Value], int, int] | None:
        current: dict[int, Value] = {}
        last = count = 0
        wanted = self._wanted
        for letters, digits, style, kind, formula, text, inline, rich, other in _CELL.findall(part, position):
            if other or digits != row:
                return None
            column = COLUMNS[letters]
            if column <= last:
                return None
            last = column
            count += 1
            if wanted is not None and column not in wanted:
                continue
            if text or inline or rich:
                value = self._value(kind, style, text) if text else self._inline(kind, inline or rich)
                if formula:
                    value = formula_value(value, plain_text(text or _inner(inline or rich)))
                if value != "":
                    current[column] = value
            elif formula or kind == "e":
                current[column] = Odd("uncalculated", "") if formula else Odd("error", "#")
        return current, last, count

    def _inline(self, kind: str, text: str) -> Value:
        value = self._texts.get(text) if kind == "inlineStr" else self._typed(kind, plain_text(_inner(text)))
        if value is None:
            value = self._typed(kind, plain_text(_inner(text)))
            if len(self._texts) < _REMEMBERED:
                self._texts[text] = value
        return value

    def _value(self, kind: str, style: str, text: str) -> Value:
        if kind == "s":
            return self._typed(kind, text) if not text.isdigit() else self._shared(int(text), text)
        if kind and kind != "n":
            return self._typed(kind, plain_text(text))
        value = self._numbers.get(text)
        if value is None:
            if len(self._numbers) >= _REMEMBERED:
                self._numbers.clear()
            value = self._numbers[text] = number(text)
        return self._moment(value) if style in self._dated and isinstance(value, int | float) else value

    def _shared(self, index: int, text: str) -> Value:
        return self._strings[index] if index < len(self._strings) else self._typed("s", text)


def _inner(text: str) -> str:
    """Return the text of an inline string, which is either plain or made of runs."""
    return "".join(_RUN.findall(text)) if text.startswith("<") else text


def plain_strings(data: bytes) -> list[str] | None:
    """Return the texts of a part of shared strings; None if it is not written in the plain shape.

    Parameters
    ----------
    data : bytes
        The whole part. The caller lets it pass through the XML parser, too.
    """
    text = data.decode("utf-8", errors="replace")
    match = _STRINGS.fullmatch(text)
    if match is None or "\r" in text or any(mark in match[1] for mark in _NOT_PLAIN):
        return None
    found = []
    for plain, rich, other in _STRING.findall(match[1]):
        if other:
            return None
        found.append(plain_text(plain or "".join(_RUN.findall(rich))))
    return found


def formula_value(value: Value, text: str) -> Odd:
    """Return the value of a cell with a formula; an error value stays an error value."""
    if isinstance(value, Odd):
        return value if value.kind == "error" else Odd("formula", text[:255], None)
    plain: Plain = value
    return Odd("formula", text[:255], plain)


def plain_text(text: str) -> str:
    """Return a text with its character references resolved; the XML parser has seen that they are right."""
    return _ENTITY.sub(_resolved, text) if "&" in text else text


def _resolved(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name:
        return _NAMED.get(name, match[0])
    return chr(int(hexadecimal, 16) if hexadecimal else int(decimal))
