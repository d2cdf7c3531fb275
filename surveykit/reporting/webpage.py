"""Tables as one web page that asks nothing of a network. The door to great-tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pandas as pd
from great_tables import GT, loc, style
from great_tables import html as markup
from great_tables._text import Html

from surveykit.reporting.page import escaped, page
from surveykit.reporting.printed import FONTS, PrintedColumn, clean, grouped, note_lines, printed_cell, printed_columns
from surveykit.reporting.table import Cell, Digits, Table

_RULE: Final = "#333333"
_HOLLOW: Final = "\u200b"  # the heading of lines without a group, taken out below


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
    frame = _frame(table, columns, names)
    built = GT(frame, rowname_col="stub", groupname_col="group", id=f"table-{number}", locale="en")
    built = built.tab_header(title=markup(escaped(table.title)), subtitle=_subtitle(table))
    built = built.tab_stubhead(markup(escaped(table.stub)))
    built = built.cols_label({name: markup(escaped(one.label)) for name, one in zip(names, columns, strict=True)})
    built = built.cols_align("right", columns=names)
    for place, name in enumerate(names):
        built = built.fmt(_Texts(table, columns[place]), columns=[name])
    for label, inside, level, key in _spanners(columns, names):
        built = built.tab_spanner(markup(escaped(label)), columns=inside, level=level, id=f"table-{number}-{key}",
                                  gather=False)  # fmt: skip
    built = _styled(built, table)
    for line in note_lines(table):
        built = built.tab_source_note(markup(escaped(line)))
    inner = _without_hollow_groups(built.as_raw_html())
    return f'<div class="scroll" role="region" aria-label="{escaped(table.title)}" tabindex="0">{inner}</div>'


class _Texts:
    """The printed text of a line number, for great-tables' formatters, whose result it takes as HTML."""

    def __init__(self, table: Table, column: PrintedColumn) -> None:
        self._texts = [cell_html(printed_cell(table, cells, column)) for cells in table.cells]

    def __call__(self, line: object) -> str:
        return self._texts[int(str(line))]


def cell_html(cell: Cell) -> str:
    """Return the HTML of a cell: marks hang outside the column, so that decimals stay aligned."""
    inner = escaped(cell.display)
    opening = "(" if cell.enclosed and cell.display else ""
    hanging = ")" if opening else ""
    marks = "".join(f"<sup>{escaped(mark)}</sup>" for mark in cell.marks)
    tail = f'<span class="mark">{hanging}{marks}</span>' if hanging or marks else ""
    text = f"{opening}{inner}{tail}"
    return f'<abbr title="{escaped(cell.reason)}">{text}</abbr>' if cell.reason else text


def _subtitle(table: Table) -> Html | None:
    return markup(escaped(table.subtitle)) if table.subtitle else None


def _frame(table: Table, columns: Sequence[PrintedColumn], names: Sequence[str]) -> pd.DataFrame:
    """Return the frame that great-tables renders; cells hold their line, the formatter knows the text."""
    lines = range(len(table.rows))
    groups = _unique_groups(table)
    data: Mapping[str, object] = {
        "group": groups,
        "stub": [str(line) for line in lines],
        **{name: list(lines) for name, _ in zip(names, columns, strict=True)},
    }
    frame = pd.DataFrame(data)
    frame["stub"] = [clean(row.label) for row in table.rows]
    return frame


def _unique_groups(table: Table) -> list[str]:
    """Return the heading of each line; equal headings that do not follow each other stay two headings."""
    result: list[str] = []
    for count, (group, places) in enumerate(grouped(table.rows)):
        heading = clean(group) or _HOLLOW
        again = _HOLLOW * (count + 1) if heading in result or heading == _HOLLOW else ""
        result += [heading + again] * len(places)
    return result


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
        quarto_disable_processing=True,
        container_overflow_x="visible",
        container_overflow_y="visible",
        table_margin_left="0",
    )


def _without_hollow_groups(text: str) -> str:
    """Take out the heading rows of lines that stand under no heading, and the references to them."""
    rows = r'\s*<tr class="gt_group_heading_row">\s*<th[^>]*\bid="([^"]*)"[^>]*>\s*\u200b+\s*</th>\s*</tr>'
    for name in re.findall(rows, text):
        text = text.replace(f'headers="{name} ', 'headers="')
    return re.sub(rows, "", text)
