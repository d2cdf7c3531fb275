"""A table as it is printed: intervals joined into one column, heads merged, notes in order; shared by all formats."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from surveykit.reporting.labels import Wording
from surveykit.reporting.table import Cell, Column, Row, Table

FONTS: Final = ("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Malgun Gothic", "Apple SD Gothic Neo")
_LIMITS: Final = ("lower", "upper")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedColumn:
    """One or two columns of a table as one printed column.

    Parameters
    ----------
    id : str
    label : str
        Lowest head.
    spanners : tuple of str
        Heads above, outermost first.
    places : tuple of int
        Positions of the table's columns behind it: one, or the lower and the upper limit.
    """

    id: str
    label: str
    spanners: tuple[str, ...]
    places: tuple[int, ...]

    @property
    def path(self) -> tuple[str, ...]:
        """All heads, outermost first."""
        return (*self.spanners, self.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One cell of the column heads: its text and the columns and lines that it takes."""

    text: str
    line: int
    column: int
    columns: int = 1
    lines: int = 1


def printed_columns(table: Table, *, joined: bool = True) -> tuple[PrintedColumn, ...]:
    """Return the printed columns.

    Parameters
    ----------
    table : Table
    joined : bool
        Whether the two limits of an interval share a column; spreadsheets keep them apart as numbers.
    """
    result: list[PrintedColumn] = []
    for place, column in enumerate(table.columns):
        if joined and _closes_interval(table.columns, place):
            opened = result.pop()
            result.append(
                PrintedColumn(
                    id=opened.id, label=column.spanners[-1], spanners=column.spanners[:-1], places=(place - 1, place)
                )
            )
        else:
            result.append(PrintedColumn(id=column.id, label=column.label, spanners=column.spanners, places=(place,)))
    return tuple(result)


def _closes_interval(columns: Sequence[Column], place: int) -> bool:
    if place == 0 or not columns[place].spanners:
        return False
    pair = columns[place - 1], columns[place]
    return tuple(one.statistic for one in pair) == _LIMITS and pair[0].block == pair[1].block


def printed_cell(table: Table, cells: Sequence[Cell], column: PrintedColumn) -> Cell:
    """Return what is printed of a line in a printed column, an interval as one text.

    Parameters
    ----------
    table : Table
    cells : sequence of Cell
        The line.
    column : PrintedColumn
    """
    parts = [cells[place] for place in column.places]
    first = parts[0]
    if len(parts) == 1 or first.status in {"hidden", "absent"} or parts[1].status in {"hidden", "absent"}:
        return next((part for part in parts if part.status == "hidden"), first)
    text = table.interval.format(lower=first.display, upper=parts[1].display)
    return Cell(display=text, status=first.status, marks=first.marks, enclosed=first.enclosed, reason=first.reason)


def heads(columns: Sequence[PrintedColumn]) -> tuple[Head, ...]:
    """Return the cells of the column heads; equal heads under equal heads are merged.

    Parameters
    ----------
    columns : sequence of PrintedColumn

    Returns
    -------
    tuple of Head
        Lines and columns count from 0; a label takes all lines below the last of its spanners.
    """
    depth = max((len(column.path) for column in columns), default=1)
    result: list[Head] = []
    for line in range(depth):
        start = 0
        while start < len(columns):
            end = start + 1
            while end < len(columns) and _same_spanner(columns[start], columns[end], line):
                end += 1
            if line < len(columns[start].path):
                lowest = line == len(columns[start].path) - 1
                text = columns[start].path[line]
                lines = depth - line if lowest else 1
                result.append(Head(text=text, line=line, column=start, columns=end - start, lines=lines))
            start = end
    return tuple(result)


def _same_spanner(first: PrintedColumn, second: PrintedColumn, line: int) -> bool:
    wanted = first.spanners[: line + 1]
    return len(wanted) == line + 1 and second.spanners[: line + 1] == wanted


def note_lines(table: Table) -> tuple[str, ...]:
    """Return the lines under a table: footnotes in the order of their marks, then the source."""
    wording = Wording(language=table.language)
    marked = [str(note) for note in table.notes if note.mark]
    others = [str(note) for note in table.notes if not note.mark]
    source = [wording.say("source", source=table.source)] if table.source else []
    return (*others, *marked, *source)


def column_signs(table: Table) -> list[int]:
    """Return the signs that the stub and each printed column take; one more for heads, which are bold.

    Parameters
    ----------
    table : Table
    """
    stub = (table.stub, *(row.label for row in table.rows), *(row.group for row in table.rows))
    signs = [max(width(text) for text in stub)]
    for column in printed_columns(table):
        texts = (width(printed_cell(table, cells, column).text) for cells in table.cells)
        signs.append(max(width(column.label) + 1, max(texts, default=0)))
    return signs


def needed_width(table: Table, *, sign: float, margins: float) -> float:
    """Return the width that a table takes on paper, in millimetres.

    Parameters
    ----------
    table : Table
    sign : float
        Millimetres of a sign.
    margins : float
        Millimetres left free in each column.
    """
    signs = column_signs(table)
    return sum(signs) * sign + len(signs) * margins


def grouped(rows: Sequence[Row]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the headings of the stub in order, each with the positions of its lines."""
    result: list[tuple[str, list[int]]] = []
    for place, row in enumerate(rows):
        if not result or result[-1][0] != row.group:
            result.append((row.group, []))
        result[-1][1].append(place)
    return tuple((group, tuple(places)) for group, places in result)


def width(text: str) -> int:
    """Return how many columns of a fixed-width font a text takes; Hangul takes two a syllable."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def clean(text: str) -> str:
    """Return a text without the characters that XML files cannot carry and without direction overrides.

    Notes
    -----
    Control characters break a workbook; the bidirectional controls U+202A to U+202E and U+2066 to U+2069 can make a
    label read as something else (CVE-2021-42574).
    """
    return "".join(char for char in text if char in "\n\t" or (ord(char) >= 32 and char not in _CONTROLS))


_CONTROLS: Final = frozenset(
    map(chr, (*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFFFE, 0xFFFF))
)
