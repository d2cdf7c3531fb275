"""Tables as a workbook: numbers that stay numbers, formats that carry the marks, texts that never become formulas."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from surveykit import __version__
from surveykit.reporting.labels import Wording
from surveykit.reporting.printed import Head, clean, heads, note_lines, printed_columns, width
from surveykit.reporting.table import Cell, Digits, Row, Table, live_value

_THIN: Final = Side(style="thin", color="FF333333")
_MEDIUM: Final = Side(style="medium", color="FF333333")
_FACES: Final[Mapping[str, str]] = {"ko": "Malgun Gothic"}  # Office's own Hangul face; LibreOffice has a substitute
_FACE: Final = "Calibri"
_EPOCH: Final = datetime(2000, 1, 1)  # noqa: DTZ001  # workbooks carry no zone; a fixed date keeps files comparable
_ABOUT: Final = 90  # signs of the two columns that a line of provenance takes on the last sheet
_BAD_IN_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\']")


def rendered(tables: Sequence[Table], digits: Digits | None = None) -> bytes:
    """Return tables as a workbook: a sheet a table and a last one that says what they were made from.

    Parameters
    ----------
    tables : sequence of Table
    digits : {"full", "printed"}, optional
        Whether cells hold the number in full or rounded as printed; the table's own choice if not given.

    Returns
    -------
    bytes
        An xlsx file. A hidden figure is in no cell, comment or property of it.

    Notes
    -----
    Marks and parentheses are part of the number format (``0.0"*"``, ``"("0.0")"``), so that a marked number is still a
    number; cells without the mark leave its width free (``0.0_*``), which keeps decimals aligned.
    """
    book = Workbook()
    for sheet in list(book.worksheets):
        book.remove(sheet)
    for number, table in enumerate(tables, 1):
        _table_sheet(book.create_sheet(_sheet_name(table, number, book.sheetnames)), table, digits or table.digits)
    _about_sheet(book.create_sheet("About"), tables)
    book.properties.title = clean(tables[0].title) if tables else ""
    book.properties.creator = f"surveykit {__version__}"
    book.properties.created = _EPOCH
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def put_text(cell: SheetCell, text: str) -> None:
    """Put a text into a cell as text, whatever sign it starts with."""
    cell.value = clean(text)
    cell.data_type = "s"  # openpyxl takes a leading = for a formula
    if text[:1] in {"=", "+", "-", "@"}:
        cell.quotePrefix = True  # stays text when someone edits the cell


def _cell_at(sheet: Worksheet, line: int, column: int) -> SheetCell:
    cell = sheet.cell(line, column)
    if isinstance(cell, MergedCell):
        message = f"{sheet.title} is already merged at line {line}, column {column}"
        raise TypeError(message)
    return cell


def number_format(cell: Cell, tail: str) -> str:
    """Return the number format of a cell in a column whose longest tail is ``tail``.

    Parameters
    ----------
    cell : Cell
    tail : str
        The longest closing parenthesis and marks of the column.

    Returns
    -------
    str
        Format code; signs of the tail that the cell does not have are left blank in their own width.
    """
    number = "#,##0" + ("." + "0" * cell.decimals if cell.decimals else "")
    own = _tail(cell)
    opening = '"("' if cell.enclosed else ""
    closing = f'"{_quoted(own)}"' if own else ""
    free = "".join(f"_{char}" for char in tail[len(own) :])
    return f"{opening}{number}{closing}{free}"


def _quoted(text: str) -> str:
    return text.replace('"', "")


def _tail(cell: Cell) -> str:
    return (")" if cell.enclosed else "") + "".join(cell.marks)


def _sheet_name(table: Table, number: int, taken: Sequence[str]) -> str:
    """Return a sheet name that Excel takes: 31 characters, no reserved signs, unique without regard to case."""
    name = _BAD_IN_SHEET_NAME.sub(" ", clean(table.id)).strip()[:31] or f"Table {number}"
    lowered = {one.lower() for one in taken} | {"about", "history"}
    return name if name.lower() not in lowered else f"{name[:26]} {number}"


def _font(table: Table, *, bold: bool = False, size: int = 10) -> Font:
    face = _FACES.get(table.language.split("-", maxsplit=1)[0], _FACE)
    return Font(name=face, size=size, bold=bold)


def _table_sheet(sheet: Worksheet, table: Table, digits: Digits) -> None:
    put_text(_cell_at(sheet, 1, 1), table.title)
    _cell_at(sheet, 1, 1).font = _font(table, bold=True, size=12)
    top = 3
    if table.subtitle:
        put_text(_cell_at(sheet, 2, 1), table.subtitle)
        _cell_at(sheet, 2, 1).font = _font(table)
        top = 4
    body = top + table.depth
    _heads(sheet, table, top)
    last = _body(sheet, table, body, digits)
    for place, line in enumerate(note_lines(table), last + 1):
        put_text(_cell_at(sheet, place, 1), line)
        _cell_at(sheet, place, 1).font = _font(table, size=9)
    _widths(sheet, table)
    _printing(sheet, table, top, body)


def _heads(sheet: Worksheet, table: Table, top: int) -> None:
    columns = printed_columns(table, joined=False)
    stub = Head(text=table.stub, line=0, column=-1, lines=table.depth)
    for head in (stub, *heads(columns)):
        cell = _cell_at(sheet, top + head.line, head.column + 2)
        put_text(cell, head.text)
        cell.font = _font(table, bold=True)
        spanning = head.columns > 1
        side = "left" if head.column < 0 else "center" if spanning else "right"
        cell.alignment = Alignment(horizontal=side, vertical="bottom", wrap_text=True)
        if spanning:
            _rule(sheet, top + head.line, range(head.column + 2, head.column + 2 + head.columns), bottom=_THIN)
    everything = range(1, len(columns) + 2)
    _rule(sheet, top, everything, top=_MEDIUM)
    _rule(sheet, top + table.depth - 1, everything, bottom=_THIN)
    for head in (stub, *heads(columns)):
        if head.columns > 1 or head.lines > 1:
            sheet.merge_cells(
                start_row=top + head.line,
                start_column=head.column + 2,
                end_row=top + head.line + head.lines - 1,
                end_column=head.column + 1 + head.columns,
            )


def _rule(sheet: Worksheet, line: int, columns: range, *, top: Side | None = None, bottom: Side | None = None) -> None:
    for column in columns:
        cell = _cell_at(sheet, line, column)
        cell.border = Border(top=top or cell.border.top, bottom=bottom or cell.border.bottom)


def _body(sheet: Worksheet, table: Table, top: int, digits: Digits) -> int:
    """Write the lines and return the number of the last one."""
    tails = [max((_tail(line[place]) for line in table.cells), key=len, default="")
             for place in range(len(table.columns))]  # fmt: skip
    line, group = top, ""
    for row, cells in zip(table.rows, table.cells, strict=True):
        if row.group and row.group != group:
            put_text(_cell_at(sheet, line, 1), row.group)
            _cell_at(sheet, line, 1).font = _font(table, bold=True)
            line += 1
        group = row.group
        _stub_cell(_cell_at(sheet, line, 1), table, row)
        for place, cell in enumerate(cells):
            _number_cell(_cell_at(sheet, line, place + 2), cell, tails[place], digits)
            _cell_at(sheet, line, place + 2).font = _font(table, bold=row.kind != "body")
        line += 1
    _rule(sheet, line - 1, range(1, len(table.columns) + 2), bottom=_MEDIUM)
    return line - 1


def _stub_cell(cell: SheetCell, table: Table, row: Row) -> None:
    put_text(cell, row.label)
    cell.font = _font(table, bold=row.kind != "body")
    cell.alignment = Alignment(horizontal="left", indent=1 if row.group else 0)


def _number_cell(target: SheetCell, cell: Cell, tail: str, digits: Digits) -> None:
    value = live_value(cell, digits)
    if value is not None:
        target.value = value
        target.number_format = number_format(cell, tail)
    elif cell.text:
        put_text(target, cell.text)
    target.alignment = Alignment(horizontal="right")
    if cell.reason:
        target.comment = Comment(clean(cell.reason), "surveykit", height=60, width=260)


def _widths(sheet: Worksheet, table: Table) -> None:
    stub = [width(row.label) + (2 if row.group else 0) for row in table.rows] + [width(table.stub)]
    sheet.column_dimensions["A"].width = min(max(stub, default=10) * 1.05 + 2, 60)
    for place, column in enumerate(table.columns):
        texts = [width(line[place].text) for line in table.cells]
        letter = get_column_letter(place + 2)
        sheet.column_dimensions[letter].width = max([width(column.label), *texts]) * 1.1 + 2


def _printing(sheet: Worksheet, table: Table, top: int, body: int) -> None:
    sheet.freeze_panes = f"B{body}"
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = (
        "landscape" if len(table.columns) > 6 else "portrait"
    )  # 7 columns overflow A4 upright
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{top}:{body - 1}"
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "&P / &N"


def _about_sheet(sheet: Worksheet, tables: Sequence[Table]) -> None:
    line = 1
    for table in tables:
        wording = Wording(language=table.language)
        put_text(_cell_at(sheet, line, 1), table.title)
        _cell_at(sheet, line, 1).font = _font(table, bold=True, size=12)
        line += 1
        for name, text in table.provenance.items():
            put_text(_cell_at(sheet, line, 1), name)
            _cell_at(sheet, line, 1).alignment = Alignment(vertical="top")
            put_text(_cell_at(sheet, line, 2), text)
            sheet.merge_cells(start_row=line, start_column=2, end_row=line, end_column=3)
            _wrapped(sheet, _cell_at(sheet, line, 2), lines=1 + width(text) // _ABOUT)
            line += 1
        if table.marked:
            for place, key in enumerate(("row", "column", "reason"), 1):
                put_text(_cell_at(sheet, line, place), wording.say(key))
                _cell_at(sheet, line, place).font = _font(table, bold=True)
            line = _marked_cells(sheet, table, line + 1)
        line += 1
    for letter, size in (("A", 36), ("B", 36), ("C", 60)):
        sheet.column_dimensions[letter].width = size
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _wrapped(sheet: Worksheet, cell: SheetCell, *, lines: int) -> None:
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if lines > 1:
        sheet.row_dimensions[cell.row].height = 15.0 * lines  # points of a line of 11-point type


def _marked_cells(sheet: Worksheet, table: Table, line: int) -> int:
    for row, column, cell in table.marked:
        put_text(_cell_at(sheet, line, 1), ": ".join(part for part in (row.group, row.label) if part))
        put_text(_cell_at(sheet, line, 2), " ".join((*column.spanners, column.label)))
        put_text(_cell_at(sheet, line, 3), cell.reason)
        _wrapped(sheet, _cell_at(sheet, line, 3), lines=1 + width(cell.reason) // 60)
        line += 1
    return line
