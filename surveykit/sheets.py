"""Plain tables as an xlsx workbook: every text stays text, whatever it begins with.

The door to ``openpyxl`` for lists that are sent back to people; forms and reports have their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from surveykit.errors import FormError
from surveykit.findings import Place

Value = str | int | float | date | bool | None

_LONGEST: Final = 32_767  # characters of a cell (Excel specifications and limits)
_TITLE: Final = 31  # characters of a sheet name (same)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML 1.0 cannot hold
_FORBIDDEN: Final = re.compile(r"[:\\/?*\[\]\x00-\x1f]+")
_HEAD: Final = Font(bold=True, color="FFFFFFFF")
_HEAD_FILL: Final = PatternFill("solid", fgColor="FF1F4E79")  # white on it has contrast 8.6:1, WCAG 2.1 asks 4.5:1
_OPEN_FILL: Final = PatternFill("solid", fgColor="FFFFFBE6")
_LINK: Final = Font(color="FF1F4E79", underline="single")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A text that leads to a file or to a cell of it.

    Parameters
    ----------
    text : str
    target : str
        URI of the file, absolute or relative to the workbook.
    location : str
        Cell in it: ``'Sheet'!D8``.
    """

    text: str
    target: str
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainTable:
    """One sheet.

    Parameters
    ----------
    title : str
        Becomes a legal, unique sheet name.
    header : sequence of str
    rows : sequence of sequences
        Texts, numbers, dates, links, or None.
    widths : sequence of float
        Of the columns, in characters; 16 where there are fewer.
    open_columns : sequence of int
        0-based columns that people write into, shown in another colour.
    hidden_columns : sequence of int
        0-based columns that only programs read.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Value | Link]]
    widths: Sequence[float] = ()
    open_columns: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()


def write_tables(path: str | Path, tables: Sequence[PlainTable]) -> Path:
    """Write a workbook, a sheet a table.

    Parameters
    ----------
    path : path
        Ends in ``.xlsx``.
    tables : sequence of PlainTable

    Returns
    -------
    pathlib.Path

    Raises
    ------
    FormError
        If the file cannot be written.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    taken: list[str] = []
    for table in tables or [PlainTable(title="-", header=(), rows=())]:
        taken.append(_legal(table.title, taken))
        _fill(book.create_sheet(taken[-1]), table)
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        book.save(target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FormError.of("sheets-not-written", Place(file=str(target)), reason=reason) from error
    return target


def _legal(title: str, taken: list[str]) -> str:
    plain = " ".join(_FORBIDDEN.sub(" ", title).split()).strip("'") or "-"
    name = plain[:_TITLE]
    number = 2
    while name.casefold() in {one.casefold() for one in taken}:
        suffix = f" ({number})"
        name, number = plain[: _TITLE - len(suffix)] + suffix, number + 1
    return name


def _fill(sheet: Worksheet, table: PlainTable) -> None:
    for column, text in enumerate(table.header, 1):
        cell = _put(sheet, 1, column, text)
        cell.font, cell.fill = _HEAD, _HEAD_FILL
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, row in enumerate(table.rows, 2):
        for column, value in enumerate(row, 1):
            cell = _put(sheet, number, column, value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if column - 1 in table.open_columns:
                cell.fill = _OPEN_FILL
    for column in range(len(table.header)):
        size = sheet.column_dimensions[_letters(column + 1)]
        size.width = table.widths[column] if column < len(table.widths) else 16
        size.hidden = column in table.hidden_columns
    sheet.freeze_panes = "A2"
    if table.rows:
        sheet.auto_filter.ref = f"A1:{_letters(len(table.header))}{len(table.rows) + 1}"


def _put(sheet: Worksheet, row: int, column: int, value: Value | Link) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # noqa: S101  # nothing is merged here
    text = value.text if isinstance(value, Link) else value
    if isinstance(text, str):
        # the type is set after the value, since openpyxl makes a formula of "=..."; the prefix makes Excel show it so
        cell.value = _CONTROL.sub("\ufffd", text)[:_LONGEST]
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = text.startswith(("=", "+", "-", "@", "\t"))
    else:
        cell.value = text
    if isinstance(value, Link):
        cell.hyperlink = Hyperlink(ref=cell.coordinate, target=value.target, location=value.location or None)
        cell.font = _LINK
    return cell


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
