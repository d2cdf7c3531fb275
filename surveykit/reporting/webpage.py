"""Tables as one web page that asks nothing of a network. The door to great-tables."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd
from great_tables import GT, loc, style

from surveykit.errors import ReportingError
from surveykit.reporting.page import escaped, page
from surveykit.reporting.printed import (
    FONTS,
    PrintedColumn,
    grouped,
    needed_width,
    note_lines,
    printed_cell,
    printed_columns,
)
from surveykit.reporting.table import Cell, Digits, Table

_RULE: Final = "#333333"
_SIGN: Final = 1.45  # millimetres that a sign takes on paper at 10 pixels, bold ones included
_MARGINS: Final = 2.6  # millimetres of padding of a column on paper
_UPRIGHT: Final = 180.0  # millimetres between the margins of A4 upright
_HOLLOW: Final = "hollowheading"  # the heading of lines without a group, taken out again


def rendered(tables: Sequence[Table], digits: Digits | None = None) -> bytes:
    """Return tables as one self-contained page.

    Parameters
    ----------
    tables : sequence of Table
    digits : {"full", "printed"}, optional
        Without effect: a page carries what is printed and nothing more.

    Returns
    -------
    bytes
        UTF-8.
    """
    del digits
    sections = "\n".join(f"<section>{table_html(table, number)}</section>" for number, table in enumerate(tables, 1))
    sections = styled_once(sections)
    title = tables[0].title if tables else ""
    return page(title=title, language=tables[0].language, body=f"<main>\n{sections}\n</main>").encode("utf-8")


def table_html(table: Table, number: int = 1) -> str:
    """Return one table as an HTML fragment.

    Parameters
    ----------
    table : Table
    number : int
        Makes the ids on a page unique.

    Returns
    -------
    str
        A ``div`` with its own style and a ``table`` whose cells name their heads.
    """
    columns = printed_columns(table)
    names = [f"c{place}" for place in range(len(columns))]
    texts = _Texts(table.title, table.id)
    built = GT(_frame(table, columns, texts), rowname_col="stub", groupname_col="group", id=f"table-{number}")
    built = built.tab_header(title=texts.held(table.title), subtitle=texts.held(table.subtitle) or None)
    built = built.tab_stubhead(texts.held(table.stub))
    built = built.cols_label({name: texts.held(one.label) for name, one in zip(names, columns, strict=True)})
    built = built.cols_align("right", columns=names)
    for label, inside, level, key in _spanners(columns, names):
        built = built.tab_spanner(texts.held(label), columns=inside, level=level, id=f"table-{number}-{key}",
                                  gather=False)  # fmt: skip
    built = _styled(built, table)
    for line in note_lines(table):
        built = built.tab_source_note(texts.held(line))
    inner = texts.placed(_filled(built.as_raw_html(), table, columns))
    turned = " across" if needed_width(table, sign=_SIGN, margins=_MARGINS) > _UPRIGHT else ""
    return f'<div class="scroll{turned}" role="region" aria-label="{escaped(table.title)}" tabindex="0">{inner}</div>'


def styled_once(page: str) -> str:
    """Return a page on which tables share the first one's style, since great-tables writes the same one with each.

    Parameters
    ----------
    page : str
        With any number of tables of :func:`table_html`.
    """
    styles = re.findall(r"<style>\n#(table-\d+) .*?</style>", page, re.DOTALL)
    if not styles:
        return page
    first = re.search(r"<style>\n#table-\d+ .*?</style>\s*", page, re.DOTALL)
    shared = first[0].replace(f"#{styles[0]} ", ".scroll ") if first else ""
    return shared + re.sub(r"<style>\n#table-\d+ .*?</style>\s*", "", page, flags=re.DOTALL)


class _Texts:
    """Texts that great-tables does not see: it lays out tokens, which are then exchanged for escaped HTML.

    So nothing rests on what a version of great-tables escapes, and equal labels keep ids of their own.
    """

    def __init__(self, *names: str) -> None:
        self._prefix = "k" + hashlib.sha256("\n".join(names).encode("utf-8")).hexdigest()[:10]
        self._texts: list[str] = []

    def held(self, text: str) -> str:
        """Return the token of a text; none for an empty text."""
        if not text:
            return ""
        self._texts.append(escaped(text))
        return f"{self._prefix}n{len(self._texts) - 1}n"

    def placed(self, page: str) -> str:
        """Return the page with every token exchanged, and without the headings of lines that stand under none."""
        hollow = rf'\s*<tr class="gt_group_heading_row">\s*<th[^>]*\bid="([^"]*)"[^>]*>\s*{_HOLLOW}\d+\s*</th>\s*</tr>'
        for name in re.findall(hollow, page):
            page = page.replace(f'headers="{name} ', 'headers="')
        page = re.sub(hollow, "", page)
        page = re.sub(rf">(\s*){self._prefix}n(\d+)n", lambda found: f">{found[1]}{self._texts[int(found[2])]}", page)
        return re.sub(rf"{self._prefix}n(\d+)n", r"h\1", page)  # what is left stands in ids, once a cell


def cell_html(cell: Cell) -> str:
    """Return the HTML of a cell: marks hang outside the column, so that decimals stay aligned."""
    inner = escaped(cell.display)
    opening = "(" if cell.enclosed and cell.display else ""
    hanging = ")" if opening else ""
    marks = "".join(f"<sup>{escaped(mark)}</sup>" for mark in cell.marks)
    tail = f'<span class="mark">{hanging}{marks}</span>' if hanging or marks else ""
    text = f"{opening}{inner}{tail}"
    return f'<abbr title="{escaped(cell.reason)}">{text}</abbr>' if cell.reason else text


def _frame(table: Table, columns: Sequence[PrintedColumn], texts: _Texts) -> pd.DataFrame:
    """Return the frame of tokens that great-tables lays out."""
    groups: list[str] = []
    for count, (group, places) in enumerate(grouped(table.rows)):
        groups += [texts.held(group) or f"{_HOLLOW}{count}"] * len(places)
    data: dict[str, list[str]] = {"group": groups, "stub": [texts.held(row.label) for row in table.rows]}
    frame = pd.DataFrame(data, dtype=object)
    return frame.assign(**{f"c{place}": float("nan") for place in range(len(columns))})


def _filled(page: str, table: Table, columns: Sequence[PrintedColumn]) -> str:
    """Put the cells into the body that great-tables laid out; its own formatters take four times as long."""
    cells = [cell_html(printed_cell(table, line, column)) for line in table.cells for column in columns]
    waiting = iter(cells)
    empty = re.compile(r'(<td [^>]*class="gt_row[^>]*>)[^<]*(?=</td>)')
    if (found := len(empty.findall(page))) != len(cells):
        raise ReportingError.of("report-great-tables-differs", found=found, expected=len(cells))
    return empty.sub(lambda place: place[1] + next(waiting), page)


def _spanners(columns: Sequence[PrintedColumn], names: Sequence[str]) -> Iterator[tuple[str, list[str], int, str]]:
    """Yield label, columns, level from below and key of each merged head."""
    depth = max((len(column.spanners) for column in columns), default=0)
    for line in range(depth):
        start = 0
        while start < len(columns):
            end = start + 1
            wanted = columns[start].spanners[: line + 1]
            while end < len(columns) and columns[end].spanners[: line + 1] == wanted:
                end += 1
            if len(wanted) == line + 1:
                yield wanted[-1], list(names[start:end]), depth - 1 - line, f"s{line}-{start}"
            start = end


def _styled(built: GT, table: Table) -> GT:
    indented = [place for place, row in enumerate(table.rows) if row.group]
    totals = [place for place, row in enumerate(table.rows) if row.kind != "body"]
    if indented:
        built = built.tab_stub_indent(rows=indented, indent=2)
    if totals:
        built = built.tab_style(style.text(weight="bold"), [loc.stub(rows=totals), loc.body(rows=totals)])
    return built.tab_options(
        table_font_names=[*FONTS, "sans-serif"],
        table_font_size="14px",
        heading_align="left",
        heading_title_font_size="17px",
        heading_title_font_weight="bold",
        data_row_padding="3px",
        row_group_padding="4px",
        row_group_border_top_style="none",
        row_group_border_bottom_style="none",
        table_body_hlines_style="none",
        stub_border_style="none",
        source_notes_font_size="12px",
        table_border_top_color=_RULE,
        table_border_bottom_color=_RULE,
        column_labels_border_top_color=_RULE,
        column_labels_border_bottom_color=_RULE,
        table_body_border_bottom_color=_RULE,
        container_overflow_x="visible",
        container_overflow_y="visible",
        table_margin_left="0",
    )
