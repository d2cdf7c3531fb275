"""Cells, validations and links of a sheet as XML.

A booklet has up to 170,000 cells in a dozen styles; openpyxl makes an object of each, and one of each validation, which
takes four fifths of the time of writing a form. Everything else of a workbook is left to it.

References
----------
ECMA-376 Office Open XML File Formats, part 1, 18.3.1.4 (c), 18.3.1.32 (dataValidation), 18.3.1.47 (hyperlink).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from surveykit.forms.places import column_letters
from surveykit.forms.plan import Cell, Formula, Rich, Rule, SheetPlan, Value
from surveykit.forms.rules import day_number

_RISKY: Final = ("=", "+", "-", "@")
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # 22.9.2.19: _xHHHH_ means a character
_ATTRIBUTE: Final = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}

StyleId = Callable[[str, bool], int]


def sheet_data(plan: SheetPlan, style_id: StyleId, inline: Callable[[str], str]) -> str:
    """Return the ``sheetData`` of a sheet.

    Parameters
    ----------
    plan : SheetPlan
    style_id : callable
        Index of a style by its name; the second argument says that a text must never become a formula.
    inline : callable
        Properties of an inline type style, as XML.
    """
    ordered = sorted(plan.cells, key=lambda cell: (cell.row, cell.column))
    rows = {row: list(cells) for row, cells in groupby(ordered, key=lambda cell: cell.row)}
    parts = ["<sheetData>"]
    for row in sorted({*rows, *plan.heights}):
        parts.append(f'<row r="{row}"{_sized(plan.heights.get(row))}>')
        parts += [_cell(cell, style_id, inline) for cell in rows.get(row, ())]
        parts.append("</row>")
    parts.append("</sheetData>")
    return "".join(parts)


def _sized(height: float | None) -> str:
    if height is None:
        return ""
    return f' ht="{height:g}" customHeight="1"' if height else ' hidden="1"'


def _cell(cell: Cell, style_id: StyleId, inline: Callable[[str], str]) -> str:
    value = cell.value
    risky = isinstance(value, str) and value.startswith(_RISKY)
    head = f'<c r="{column_letters(cell.column)}{cell.row}" s="{style_id(cell.style, risky)}"'
    if value is None:
        return f"{head}/>"
    if isinstance(value, Formula):
        return f"{head}><f>{escape(value.text)}</f></c>"
    if isinstance(value, Rich):
        runs = "".join(f"<r>{inline(name)}{_text(text)}</r>" for text, name in value.parts)
        return f'{head} t="inlineStr"><is>{runs}</is></c>'
    return head + contents(value)


def contents(value: Value) -> str:
    """Return what follows the style of a cell: its type and its value."""
    if isinstance(value, str):
        return f' t="inlineStr"><is>{_text(value)}</is></c>'
    if isinstance(value, date):
        value = day_number(value)
    return f"><v>{value!r}</v></c>"


def _text(text: str) -> str:
    plain = _ESCAPED.sub("_x005F_", escape(text, {"\r": "&#13;"}))
    return f"<t>{plain}</t>" if text == text.strip() else f'<t xml:space="preserve">{plain}</t>'


def area(cells: Iterable[Cell]) -> str:
    """Return the range that holds all cells."""
    places = [(cell.row, cell.column) for cell in cells] or [(1, 1)]
    rows, columns = [row for row, _ in places], [column for _, column in places]
    return f"{column_letters(min(columns))}{min(rows)}:{column_letters(max(columns))}{max(rows)}"


def validations(rules: Iterable[Rule]) -> str:
    """Return the ``dataValidations`` of a sheet; empty where there are none."""
    parts = [_validation(rule) for rule in rules]
    return f'<dataValidations count="{len(parts)}">{"".join(parts)}</dataValidations>' if parts else ""


def _validation(rule: Rule) -> str:
    texts = {
        "operator": rule.operator,
        "errorTitle": rule.title,
        "error": rule.message,
        "promptTitle": rule.prompt_title,
        "prompt": rule.prompt,
    }
    said = "".join(f" {name}={quoteattr(text, _ATTRIBUTE)}" for name, text in texts.items() if text)
    shown = f' allowBlank="1" showInputMessage="{int(bool(rule.prompt))}" showErrorMessage="1"'
    style = "" if rule.stop else ' errorStyle="warning"'
    formulas = f"<formula1>{escape(rule.formula)}</formula1>"
    formulas += f"<formula2>{escape(rule.formula2)}</formula2>" if rule.formula2 else ""
    return f'<dataValidation type="{rule.kind}"{style}{shown}{said} sqref="{rule.cells}">{formulas}</dataValidation>'


def links(cells: Iterable[Cell]) -> str:
    """Return the ``hyperlinks`` of a sheet, all to places inside the workbook; empty where there are none."""
    parts = list(_links(cells))
    return f"<hyperlinks>{''.join(parts)}</hyperlinks>" if parts else ""


def _links(cells: Iterable[Cell]) -> Iterator[str]:
    for cell in cells:
        if cell.link:
            reference = f"{column_letters(cell.column)}{cell.row}"
            yield f'<hyperlink ref="{reference}" location={quoteattr(cell.link)}/>'
