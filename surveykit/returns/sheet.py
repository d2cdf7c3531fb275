"""One worksheet as a stream of rows: types, formulas, error values, merges; no grid is ever made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from surveykit.returns.markup import SEPARATOR, Attributes, stream
from surveykit.returns.package import Package
from surveykit.returns.values import Odd, Plain, Value, column_number, moment, number, unescape

Row = tuple[int, dict[int, Value]]

_DIGITS: Final = "0123456789"
_LAST_ROW: Final = 1_048_576  # of any xlsx sheet


class _Columns(dict[str, int]):
    def __missing__(self, letters: str) -> int:
        found = column_number(letters)
        if found:
            self[letters] = found
        return found


_COLUMNS: Final = _Columns()


class SheetReader:
    """Reads one sheet row by row.

    Parameters
    ----------
    package : Package
    part : str
        Name of the sheet's part.
    strings : sequence of str
        Shared strings.
    dated : sequence of bool
        For each cell format, whether it shows a date or a time.
    from_1904 : bool
        Day numbers count from 1904.

    Attributes
    ----------
    merges : list of str
        Merged ranges, complete after the last row.
    """

    def __init__(
        self, package: Package, part: str, strings: Sequence[str | Odd], dated: Sequence[bool], *, from_1904: bool
    ) -> None:
        self.merges: list[str] = []
        self._package, self._part = package, part
        self._strings, self._dated, self._from_1904 = strings, dated, from_1904
        self._c = self._v = self._t = self._f = self._is = self._row_name = ""
        self._phonetic = self._merge = ""
        self._rows: list[Row] = []
        self._current: dict[int, Value] = {}
        self._row = self._column = self._count = self._depth = self._phonetics = 0
        self._row_text = ""
        self._in_row = self._in_cell = self._formula = self._collecting = False
        self._kind = "n"
        self._style = ""
        self._parts: list[str] = []

    def __iter__(self) -> Iterator[Row]:
        for _ in stream(self._package, self._part, self):
            if self._rows:
                yield from self._rows
                self._rows = []

    def start(self, name: str, attributes: Attributes) -> None:
        """Take a start tag; the most frequent ones first."""
        if name == self._c:
            self._start_cell(attributes)
        elif name == self._v or name == self._t:  # noqa: PLR1714  # a set lookup would cost more
            self._collecting = self._in_cell and not self._phonetics
        elif name == self._f:
            self._formula = self._formula or self._in_cell
        elif name == self._row_name:
            self._start_row(attributes)
        else:
            self._start_other(name, attributes)

    def end(self, name: str) -> None:
        """Take an end tag."""
        if name == self._v or name == self._t:  # noqa: PLR1714  # a set lookup would cost more
            self._collecting = False
        elif name == self._c:
            self._end_cell()
        elif name == self._row_name:
            self._end_row()
        elif name != self._f:
            self._depth -= 1
            self._phonetics -= name == self._phonetic

    def text(self, data: str) -> None:
        """Take character data."""
        if self._collecting:
            self._parts.append(data)

    def _start_cell(self, attributes: Attributes) -> None:
        if self._in_cell or not self._in_row:
            self._refuse_order()
        reference = attributes.get("r")
        if reference is None:
            column = self._column + 1
        else:
            letters = reference.rstrip(_DIGITS)
            column = _COLUMNS[letters]
            if reference[len(letters) :] != self._row_text:
                self._refuse_order()
        if column <= self._column:
            self._refuse_order()
        self._column = column
        self._count += 1
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._formula = False
        self._in_cell = True

    def _end_cell(self) -> None:
        self._in_cell = False
        if not self._parts:
            if self._formula:
                self._keep(Odd("uncalculated", ""))
            elif self._kind == "e":
                self._keep(Odd("error", "#"))
            return
        text = self._parts[0] if len(self._parts) == 1 else "".join(self._parts)
        self._parts = []
        value = self._value(text)
        if self._formula and not (isinstance(value, Odd) and value.kind == "error"):
            value = _formula(value, text)
        self._keep(value)

    def _keep(self, value: Value) -> None:
        limits = self._package.limits
        if self._column > limits.columns or self._row > limits.rows:
            self._package.refuse(
                "returns-file-far-cell", sheet_part=self._part, row=self._row, column=self._column, limit=limits.rows
            )
        if value != "":
            self._current[self._column] = value

    def _value(self, text: str) -> Value:
        kind = self._kind
        if kind == "n":
            value = number(text)
            return value if isinstance(value, Odd) or not self._is_dated() else self._moment(value)
        if kind == "s":
            return self._shared(text)
        if kind in {"inlineStr", "str"}:
            return self._text(text)
        if kind == "e":
            return Odd("error", text[:32])
        if kind == "b":
            return Odd("boolean", {"1": "TRUE", "0": "FALSE"}.get(text, text[:32]))
        return _iso(text) if kind == "d" else Odd("unreadable", text[:255])

    def _moment(self, value: float) -> Value:
        return moment(value, from_1904=self._from_1904)

    def _is_dated(self) -> bool:
        style = self._style
        if not style:
            return False
        return style.isdecimal() and int(style) < len(self._dated) and self._dated[int(style)]

    def _shared(self, text: str) -> Value:
        if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) >= len(self._strings):
            return Odd("unreadable", f"shared string {text[:32]}")
        return self._strings[int(text)]

    def _text(self, text: str) -> Value:
        if len(text) > self._package.limits.text_length:
            self._package.refuse("returns-file-long-text", part=self._part, limit=self._package.limits.text_length)
        return unescape(text)

    def _start_row(self, attributes: Attributes) -> None:
        if self._in_row:
            self._refuse_order()
        text = attributes.get("r")
        row = self._row + 1 if text is None else _row_number(text)
        if not self._row < row <= _LAST_ROW:
            self._refuse_order()
        self._row, self._row_text, self._column, self._in_row = row, str(row), 0, True

    def _end_row(self) -> None:
        self._in_row = False
        if self._count > self._package.limits.cells:
            limit = self._package.limits.cells
            self._package.refuse("returns-file-too-many", what="cells", found=self._count, limit=limit)
        if self._current:
            self._rows.append((self._row, self._current))
            self._current = {}

    def _start_other(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > self._package.limits.depth:
            self._package.refuse("returns-file-too-deep", part=self._part, limit=self._package.limits.depth)
        if self._depth == 1:
            self._name_elements(name)
        elif name == self._merge:
            self._start_merge(attributes)
        elif name == self._phonetic:
            self._phonetics += 1

    def _name_elements(self, root: str) -> None:
        namespace = root[: root.rfind(SEPARATOR) + 1]
        self._c, self._v, self._t, self._f = (namespace + name for name in ("c", "v", "t", "f"))
        self._row_name, self._phonetic, self._merge = (namespace + name for name in ("row", "rPh", "mergeCell"))

    def _start_merge(self, attributes: Attributes) -> None:
        self.merges.append(attributes.get("ref", "")[:32])
        if len(self.merges) > self._package.limits.merges:
            limit = self._package.limits.merges
            self._package.refuse("returns-file-too-many", what="merged ranges", found=len(self.merges), limit=limit)

    def _refuse_order(self) -> None:
        self._package.refuse("returns-file-cell-order", part=self._part, row=self._row, column=self._column)


def _row_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _formula(value: Value, text: str) -> Odd:
    plain: Plain | None = None if isinstance(value, Odd) else value
    return Odd("formula", text[:255], plain)


def _iso(text: str) -> Value:
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        return Odd("unreadable", text[:255])
    return stamp.date() if "T" not in text else stamp.replace(tzinfo=None)
