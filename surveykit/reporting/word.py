"""Tables as a Word document. The door to python-docx, which comes with the extra ``docx``."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table as Grid
from docx.table import _Cell as GridCell

from surveykit.reporting.printed import (
    Head,
    PrintedColumn,
    clean,
    column_signs,
    grouped,
    heads,
    needed_width,
    note_lines,
    printed_cell,
    printed_columns,
)
from surveykit.reporting.table import Digits, Table

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # a fixed date keeps files comparable
_HANGUL: Final = "Malgun Gothic"  # Office's own Hangul face
_LATIN: Final = "Calibri"
_SIZES: Final = (8.5, 8.0, 7.5, 7.0, 6.5)  # points of the numbers: the largest with which a table fits
_BLANK: Final = "\u00a0"  # keeps the height of an empty cell
_NOTES: Final = 8.0
_PADDING: Final = 1.0  # millimetres on either side of a cell; Word's own 1.9 make wide tables wider than a page
_MARGINS: Final = 3.0  # millimetres of a column beside its signs, since faces differ in width
_SIGN: Final = 0.218  # millimetres a point of size that a sign takes, bold ones included
_PAGE: Final = 30  # lines of 8.5 points that A4 across takes beside heads and notes
_UPRIGHT: Final = 174.0  # millimetres between the margins of A4 upright


def rendered(tables: Sequence[Table], digits: Digits | None = None) -> bytes:
    """Return tables as a Word document on A4, across where a table is wide.

    Parameters
    ----------
    tables : sequence of Table
    digits : {"full", "printed"}, optional
        Without effect: a document carries what is printed and nothing more.

    Returns
    -------
    bytes
        A docx file. Head lines repeat on every page and are marked as heads for screen readers.
    """
    del digits
    document = new_document(tables[0].title if tables else "", tables[0].language if tables else "en",
                            across=any(is_wide(table) for table in tables))  # fmt: skip
    for table in tables:
        add_table(document, table)
    return saved(document)


def new_document(title: str, language: str, *, across: bool = False) -> Document:
    """Return an empty A4 document with faces for Latin and Hangul.

    Parameters
    ----------
    title, language : str
    across : bool
        Landscape.
    """
    document = docx.Document()
    section = document.sections[0]
    short, long = Mm(210), Mm(297)  # A4, ISO 216
    section.page_width, section.page_height = (long, short) if across else (short, long)
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(18)
    for name in ("Normal", "Heading 1", "Heading 2", "Title"):
        _faces(document.styles[name], language)
    properties = document.core_properties
    properties.title, properties.language, properties.author = clean(title), language, "surveykit"
    properties.created = properties.modified = _EPOCH
    return document


def saved(document: Document) -> bytes:
    """Return the bytes of a document."""
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def add_table(document: Document, table: Table, *, level: int = 2) -> None:
    """Put a table into a document: title, heads, lines, notes.

    Parameters
    ----------
    document : docx.document.Document
    table : Table
    level : int
        Level of the heading.
    """
    document.add_heading(clean(table.title), level=level)
    if table.subtitle:
        document.add_paragraph(clean(table.subtitle))
    columns = printed_columns(table)
    lines = _lines(table, columns)
    depth = max((len(column.path) for column in columns), default=1)
    grid = document.add_table(rows=depth + len(lines), cols=len(columns) + 1)
    grid.alignment = WD_TABLE_ALIGNMENT.LEFT
    cells, size = rows_of(grid), _size(table, available(document))
    set_widths(grid, cells, column_signs(table), available=available(document), size=size)
    for place, line in enumerate(lines, depth):
        _put_line(cells[place], line, size)
    _heads(cells, table, columns, depth, size)
    for row, kind in zip(grid.rows, ["w:tblHeader"] * depth + ["w:cantSplit"] * len(lines), strict=True):
        row._tr.get_or_add_trPr().append(OxmlElement(kind))  # noqa: SLF001  # python-docx has no verb for it
    for place, side in ((0, "top"), (depth - 1, "bottom"), (depth + len(lines) - 1, "bottom")):
        _rule(cells[place], side)
    if len(lines) <= _PAGE:
        _kept_together(cells)
    for note in note_lines(table):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.add_run(clean(note)).font.size = Pt(_NOTES)
    document.add_paragraph()


def rows_of(grid: Grid) -> list[list[GridCell]]:
    """Return the cells of a fresh grid by line; python-docx looks through the whole grid for every cell it is asked."""
    flat = grid._cells  # noqa: SLF001  # see above: a codebook of 300 lines takes minutes otherwise
    count = len(grid.columns)
    return [flat[start : start + count] for start in range(0, len(flat), count)]


def turn(document: Document, *, across: bool) -> None:
    """Go on upright or across: on a new page where the document lies the other way.

    Parameters
    ----------
    document : docx.document.Document
    across : bool
        Landscape.
    """
    wanted = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    if document.sections[-1].orientation != wanted:
        section = document.add_section(WD_SECTION.NEW_PAGE)
        section.page_width, section.page_height = section.page_height, section.page_width
        section.orientation = wanted


def is_wide(table: Table) -> bool:
    """Return whether a table needs A4 across."""
    return needed_width(table, sign=_SIGN * _SIZES[-1], margins=_MARGINS) > _UPRIGHT


def _size(table: Table, room: float) -> float:
    """Return the largest size in points with which a table fits, the smallest if none does."""
    fitting = (size for size in _SIZES if needed_width(table, sign=_SIGN * size, margins=_MARGINS) <= room)
    return next(fitting, _SIZES[-1])


def available(document: Document) -> float:
    """Return the width between the margins in millimetres."""
    section = document.sections[-1]
    lengths = (section.page_width, section.left_margin, section.right_margin)
    page, left, right = (float(length.mm) if length is not None else 0.0 for length in lengths)
    return page - left - right


def set_widths(
    grid: Grid, cells: Sequence[Sequence[GridCell]], signs: Sequence[int], *, available: float, size: float = _SIZES[0]
) -> None:
    """Give every column the width of its longest text, all of them less where the page is narrower.

    Parameters
    ----------
    grid : docx.table.Table
    cells : sequence of sequence of cell
        By line.
    signs : sequence of int
        Signs of the longest text of each column.
    available : float
        Millimetres between the margins of the page.
    size : float
        Points of the letters.
    """
    sign = min(_SIGN * size, (available - _MARGINS * len(signs)) / sum(signs))
    grid.autofit = False
    sizes = [Mm(count * sign + _MARGINS) for count in signs]
    for column, one in zip(grid.columns, sizes, strict=True):
        column.width = one
    for row in cells:
        for cell, one in zip(row, sizes, strict=True):
            cell.width = one
    _pad(grid)


def _pad(grid: Grid) -> None:
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(round(_PADDING * 56.7)))  # twentieths of a point: 1440 of 25.4 mm
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    properties = grid._tbl.tblPr  # noqa: SLF001  # python-docx has no verb for it
    look = properties.find(qn("w:tblLook"))
    if look is None:
        properties.append(margins)
    else:
        look.addprevious(margins)  # the schema of Word wants this order


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of the body: a heading of the stub or a row."""

    texts: tuple[str, ...]
    bold: bool = False
    indented: bool = False


def _kept_together(cells: Sequence[Sequence[GridCell]]) -> None:
    """Keep the lines of a table on one page with its first note, as far as a page goes."""
    for row in cells:
        for cell in row:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _lines(table: Table, columns: Sequence[PrintedColumn]) -> list[_Line]:
    lines: list[_Line] = []
    for group, places in grouped(table.rows):
        if group:
            lines.append(_Line(texts=(group, *("" for _ in columns)), bold=True))
        for place in places:
            row, cells = table.rows[place], table.cells[place]
            texts = tuple(printed_cell(table, cells, column).text for column in columns)
            lines.append(_Line(texts=(row.label, *texts), bold=row.kind != "body", indented=bool(group)))
    return lines


def _heads(
    cells: Sequence[Sequence[GridCell]], table: Table, columns: Sequence[PrintedColumn], depth: int, size: float
) -> None:
    stub = Head(text=table.stub, line=0, column=-1, lines=depth)
    for head in (stub, *heads(columns)):
        first = cells[head.line][head.column + 1]
        last = cells[head.line + head.lines - 1][head.column + head.columns]
        cell = first if first is last else first.merge(last)
        cell.vertical_alignment = WD_ALIGN_VERTICAL.BOTTOM
        _write(cell, head.text, _side(head), size, bold=True)
        if head.columns > 1:
            _rule([cell], "bottom")


def _side(head: Head) -> WD_ALIGN_PARAGRAPH:
    if head.column < 0:
        return WD_ALIGN_PARAGRAPH.LEFT
    return WD_ALIGN_PARAGRAPH.CENTER if head.columns > 1 else WD_ALIGN_PARAGRAPH.RIGHT


def _put_line(cells: Sequence[GridCell], line: _Line, size: float) -> None:
    for place, (cell, text) in enumerate(zip(cells, line.texts, strict=True)):
        side = WD_ALIGN_PARAGRAPH.RIGHT if place else WD_ALIGN_PARAGRAPH.LEFT
        _write(cell, text, side, size, bold=line.bold)
        if line.indented and not place:
            cell.paragraphs[0].paragraph_format.left_indent = Mm(3)


def _write(cell: GridCell, text: str, side: WD_ALIGN_PARAGRAPH, size: float, *, bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = side
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(clean(text) or _BLANK)
    run.bold = bold
    run.font.size = Pt(size)


def _rule(cells: Iterable[GridCell], side: str) -> None:
    """Draw a line above or below cells."""
    for cell in cells:
        properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001  # python-docx has no verb for borders
        borders = properties.find(qn("w:tcBorders"))
        if borders is None:
            borders = OxmlElement("w:tcBorders")
            properties.append(borders)
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "6"), ("color", "333333")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)


def _faces(style: Any, language: str) -> None:  # noqa: ANN401  # python-docx has no types for styles
    style.font.name = _HANGUL if language.startswith("ko") else _LATIN
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), _HANGUL)
    style.font.color.rgb = RGBColor(0x11, 0x11, 0x11)
