"""A report as a Word document; it comes with the extra ``docx``."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Cell as GridCell

from surveykit.errors import ReportingError
from surveykit.reporting.canvas import Picture
from surveykit.reporting.listing import Listing, listed
from surveykit.reporting.printed import clean, width
from surveykit.reporting.report import Block, KeyFigure, Report
from surveykit.reporting.table import Table
from surveykit.reporting.word import add_table, available, is_wide, new_document, rows_of, saved, set_widths, turn

_MOST_COLUMNS: Final = 6  # columns of a list that A4 takes across; the rest stays in the workbook
_PICTURE: Final = (165.0, 115.0)  # millimetres across and down: two pictures with their titles fit A4 upright
_LIST: Final = 36  # signs beyond which a column of a list takes no more width, but more lines


def report_bytes(report: Report) -> bytes:
    """Return a report as the bytes of a docx file.

    Parameters
    ----------
    report : Report

    Notes
    -----
    Pictures carry their words as alternative text. Where this machine has no face for their Hangul, the words stand
    in their place. Lists are cut to their first six columns, which is what a page takes.
    """
    document = new_document(report.title, report.language)
    document.add_heading(clean(report.title), level=0)
    if report.subtitle:
        document.add_paragraph(clean(report.subtitle))
    for section in report.sections:
        turn(document, across=any(isinstance(one, Table) and is_wide(one) for one in section.blocks[:1]))
        document.add_heading(clean(section.title), level=1)
        for block in section.blocks:
            _add(document, block)
    return saved(document)


def _add(document: Document, block: Block) -> None:
    turn(document, across=isinstance(block, Table) and is_wide(block))
    if isinstance(block, Table):
        add_table(document, block)
    elif isinstance(block, Picture):
        _add_picture(document, block)
    elif isinstance(block, Listing):
        _add_listing(document, block)
    elif isinstance(block, KeyFigure):
        paragraph = document.add_paragraph(clean(f"{block.label}: "))
        paragraph.add_run(clean(block.value)).bold = True
        if block.detail:
            paragraph.add_run(clean(f" ({block.detail})"))
    else:
        document.add_paragraph(clean(block))


def _add_picture(document: Document, picture: Picture) -> None:
    try:
        content = picture.png(dpi=200)
    except ReportingError:
        document.add_paragraph(clean(picture.alt))
        return
    document.add_picture(io.BytesIO(content), width=Mm(_across(picture)))
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    drawn = document.paragraphs[-1]._p.iter(qn("wp:docPr"))  # noqa: SLF001  # python-docx has no verb for it
    for properties in drawn:
        properties.set("descr", clean(picture.alt))
        properties.set("title", clean(picture.title))
    document.add_paragraph(clean(picture.title))


def _across(picture: Picture) -> float:
    """Return the width that keeps a picture within its frame, and no larger than it was drawn."""
    wide, high = (float(inches) * 25.4 for inches in picture.drawing.get_size_inches())
    return wide * min(1.0, _PICTURE[0] / wide, _PICTURE[1] / high)


def _add_listing(document: Document, listing: Listing) -> None:
    document.add_heading(clean(listing.heading), level=2)
    heads = listing.heads[:_MOST_COLUMNS]
    rows = listing.rows()
    grid = document.add_table(rows=1 + len(rows), cols=len(heads), style="Table Grid")
    places = listing.places()
    texts = [heads, *([listed(*pair) for pair in zip(row[: len(heads)], places, strict=False)] for row in rows)]
    cells = rows_of(grid)
    signs = [min(_LIST, max(width(text) for text in column)) for column in zip(*texts, strict=True)]
    set_widths(grid, cells, signs, available=available(document))
    for line, row in enumerate(cells):
        _fill(row, texts[line], bold=line == 0)
    head = OxmlElement("w:tblHeader")
    grid.rows[0]._tr.get_or_add_trPr().append(head)  # noqa: SLF001  # python-docx has no verb for it


def _fill(cells: Sequence[GridCell], texts: Sequence[str], *, bold: bool) -> None:
    for cell, text in zip(cells, texts, strict=True):
        run = cell.paragraphs[0].add_run(clean(text))
        run.bold = bold
        run.font.size = Pt(8)
