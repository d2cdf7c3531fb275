"""One worksheet as a stream of rows: types, formulas, error values, merges; no grid is ever made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from surveykit.returns.markup import SEPARATOR, Attributes, Feed
from surveykit.returns.package import Package
from surveykit.returns.tokens import COLUMNS, QuickRows, Row, formula_value
from surveykit.returns.values import Odd, Value, moment, number, unescape

__all__ = ["Row", "SheetReader"]

_DIGITS: Final = "0123456789"
_LAST_ROW: Final = 1_048_576  # of any xlsx sheet
_ROWS_BEGIN: Final = b"<sheetData>"
_ROW_END: Final = b"</row>"
_ROWS_END: Final = b"</sheetData>"
_HEAD: Final = 1 << 20  # bytes before the rows: views and column widths take some kilobytes
_LONGEST_ROW: Final = 1 << 22  # bytes; longer ones are read event by event


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
    wanted : frozenset of int, optional
        Columns whose values are asked for; all where None.

    Attributes
    ----------
    merges : list of str
        Merged ranges, complete after the last row.
    """

    def __init__(
        self,
        package: Package,
        part: str,
        strings: Sequence[str | Odd],
        dated: Sequence[bool],
        *,
        from_1904: bool,
        wanted: frozenset[int] | None = None,
    ) -> None:
        self.merges: list[str] = []
        self._package, self._part = package, part
        self._strings, self._dated, self._from_1904, self._wanted = strings, dated, from_1904, wanted
        self._plain = self._in_rows = False
        self._data_name = ""
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
        feed = Feed(self._package, self._part, self)
        chunks = feed.chunks()
        waiting = self._head(feed, chunks)
        quick = self._quick()
        while self._plain:
            waiting = self._piece(feed, quick, waiting)
            yield from self._taken()
            waiting += self._more(chunks)
        feed.take(waiting)
        yield from self._taken()
        for chunk in chunks:
            feed.take(chunk)
            yield from self._taken()
        feed.close()
        yield from self._taken()

    def _more(self, chunks: Iterator[bytes]) -> bytes:
        """Return the next bytes while rows follow; the rows are at their end where nothing comes any more."""
        chunk = next(chunks, b"") if self._plain else b""
        self._plain = bool(chunk)
        return chunk

    def _taken(self) -> list[Row]:
        rows, self._rows = self._rows, []
        return rows

    def _head(self, feed: Feed, chunks: Iterator[bytes]) -> bytes:
        """Read up to the rows and return what follows; decide whether the rows may be plain ones."""
        head = b""
        for chunk in chunks:
            head += chunk
            at = head.find(_ROWS_BEGIN)
            if at >= 0:
                end = at + len(_ROWS_BEGIN)
                feed.take(head[:end])
                self._plain = self._in_rows
                return head[end:]
            if len(head) > _HEAD:
                break
        feed.take(head)
        return b""

    def _quick(self) -> QuickRows:
        dated = frozenset(str(number) for number, is_date in enumerate(self._dated) if is_date)
        return QuickRows(
            self._strings,
            dated=dated,
            moment=self._moment,
            typed=self._typed,
            wanted=self._wanted,
            limits=self._package.limits,
        )

    def _piece(self, feed: Feed, quick: QuickRows, data: bytes) -> bytes:
        """Read the whole rows at the beginning of some bytes and return the rest.

        Rows that are not plain are read event by event; so is what follows the last row.
        """
        end = data.rfind(_ROW_END) + len(_ROW_END)
        if end < len(_ROW_END):
            self._plain = len(data) < _LONGEST_ROW and _ROWS_END not in data
            return data
        piece, rest = data[:end], data[end:]
        scanned = quick.scan(_text(piece), self._row)
        self._plain = _ROWS_END not in rest
        if scanned is None:
            feed.take(piece)
            return rest
        feed.let_pass(piece)
        rows, self._row, count = scanned
        self._count += count
        self._check_count()
        self._rows = rows
        return rest

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
            column = COLUMNS[letters]
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
        if self._formula:
            value = formula_value(value, text)
        self._keep(value)

    def _keep(self, value: Value) -> None:
        self._look_at_place(self._row, self._column)
        if value != "" and (self._wanted is None or self._column in self._wanted):
            self._current[self._column] = value

    def _look_at_place(self, row: int, column: int) -> None:
        limits = self._package.limits
        if column > limits.columns or row > limits.rows:
            self._package.refuse("returns-file-far-cell", part=self._part, row=row, column=column, limit=limits.rows)

    def _check_count(self) -> None:
        if self._count > self._package.limits.cells:
            limit = self._package.limits.cells
            self._package.refuse("returns-file-too-many", what="cells", found=self._count, limit=limit)

    def _value(self, text: str) -> Value:
        if self._kind == "n":
            value = number(text)
            return value if isinstance(value, Odd) or not self._is_dated() else self._moment(value)
        return self._typed(self._kind, text)

    def _typed(self, kind: str, text: str) -> Value:
        """Return the value of a cell that is no number."""
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
        self._check_count()
        if self._current:
            self._rows.append((self._row, self._current))
            self._current = {}

    def _start_other(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > self._package.limits.depth:
            self._package.refuse("returns-file-too-deep", part=self._part, limit=self._package.limits.depth)
        if self._depth == 1:
            self._name_elements(name)
        elif name == self._data_name:
            self._in_rows = True
        elif name == self._merge:
            self._start_merge(attributes)
        elif name == self._phonetic:
            self._phonetics += 1

    def _name_elements(self, root: str) -> None:
        namespace = root[: root.rfind(SEPARATOR) + 1]
        self._c, self._v, self._t, self._f = (namespace + name for name in ("c", "v", "t", "f"))
        self._row_name, self._phonetic, self._merge = (namespace + name for name in ("row", "rPh", "mergeCell"))
        self._data_name = namespace + "sheetData"

    def _start_merge(self, attributes: Attributes) -> None:
        self.merges.append(attributes.get("ref", "")[:32])
        if len(self.merges) > self._package.limits.merges:
            limit = self._package.limits.merges
            self._package.refuse("returns-file-too-many", what="merged ranges", found=len(self.merges), limit=limit)

    def _refuse_order(self) -> None:
        self._package.refuse("returns-file-cell-order", part=self._part, row=self._row, column=self._column)


def _text(piece: bytes) -> str:
    # bytes that are no UTF-8 become marks that no plain row has; the XML parser refuses them with their place
    text = piece.decode("utf-8", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _row_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _iso(text: str) -> Value:
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        return Odd("unreadable", text[:255])
    return stamp.date() if "T" not in text else stamp.replace(tzinfo=None)
