"""What Excel would repair or refuse, found in a plan before it is written.

openpyxl checks almost nothing, and LibreOffice opens what Excel refuses; so every limit is held here.

References
----------
Microsoft, Excel specifications and limits.
ECMA-376 Office Open XML File Formats, part 1, chapter 18 (SpreadsheetML).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from surveykit.findings import Finding, Findings, Place, finding
from surveykit.forms.describe import excel_length
from surveykit.forms.formulas import KNOWN_FUNCTIONS, anatomy, says_sheet_twice
from surveykit.forms.layout import SHEET_NAME_LENGTH
from surveykit.forms.places import column_letters
from surveykit.forms.plan import BookPlan, Cell, Formula, Rich, Rule, SheetPlan

CELL_TEXT: Final = 32_767  # Excel specifications and limits: characters of a cell
CELL_FORMULA: Final = 8_192  # same: characters of a formula
DEPTH: Final = 64  # same: levels of nested functions
LITERAL: Final = 255  # same: characters of a text in a formula
LAST_ROW: Final = 1_048_576  # same: rows
LAST_COLUMN: Final = 16_384  # same: columns
RULE_FORMULA: Final = 255  # same: characters of a formula of a data validation
SHADE_FORMULA: Final = 255  # what the dialogue of conditional formats takes
RULE_TITLE: Final = 32  # ECMA-376 part 1, 18.3.1.32: errorTitle and promptTitle
RULE_TEXT: Final = 255  # same: error and prompt
NAME: Final = 255  # Excel specifications and limits: characters of a defined name
HEADER: Final = 255  # same: characters of a header or footer
PROPERTY: Final = 255  # characters that the dialogue of document properties takes
WIDTH: Final = 255  # same: characters of a column width
HEIGHT: Final = 409  # same: points of a row height
BREAKS: Final = 1_026  # same: page breaks of a sheet
LINKS: Final = 65_530  # same: hyperlinks of a sheet

_SHEET_NAME: Final = re.compile(r"[^:\\/?*\[\]\x00-\x1f]+")
_NAME: Final = re.compile(r"[A-Za-z_\\][A-Za-z0-9_.\\]*")
_CELL_LIKE: Final = re.compile(r"[A-Za-z]{1,3}[0-9]{1,7}|[RrCc]|[Rr][0-9]*[Cc][0-9]*|TRUE|FALSE", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    sheets: frozenset[str]
    names: frozenset[str]


def limit_findings(plan: BookPlan) -> Findings:
    """Return everything in a plan that Excel would repair or refuse, and every text that would be cut.

    Parameters
    ----------
    plan : BookPlan

    Returns
    -------
    Findings
        Empty for a plan that may be written.
    """
    known = _Known(
        sheets=frozenset(sheet.name.casefold() for sheet in plan.sheets),
        names=frozenset(name.casefold() for name in plan.names),
    )
    found = [*_book(plan, known)]
    for sheet in plan.sheets:
        found += _sheet(sheet, known)
    return Findings.of(found)


def is_legal_name(name: str) -> bool:
    """Whether Excel takes a defined name; built-in ones begin with ``_xlnm.``."""
    return len(name) <= NAME and bool(_NAME.fullmatch(name)) and not _CELL_LIKE.fullmatch(name)


def _book(plan: BookPlan, known: _Known) -> Iterator[Finding]:
    counts = Counter(sheet.name.casefold() for sheet in plan.sheets)
    for name, times in counts.items():
        if times > 1:
            yield finding("forms-sheet-name-twice", Place(sheet=name), name=name)
    counts = Counter(name.casefold() for name in plan.names)
    for name, target in plan.names.items():
        where = Place(field=name)
        if not is_legal_name(name):
            yield finding("forms-name-illegal", where, name=name)
        if counts[name.casefold()] > 1:
            yield finding("forms-name-twice", where, name=name)
        yield from _formula(target, known, where, CELL_FORMULA)
    for key, value in plan.properties.items():
        if excel_length(value) > PROPERTY:
            yield finding("forms-property-too-long", Place(field=key), found=excel_length(value), limit=PROPERTY)


def _sheet(sheet: SheetPlan, known: _Known) -> Iterator[Finding]:
    where = Place(sheet=sheet.name)
    name = sheet.name
    fits = len(name) <= SHEET_NAME_LENGTH and _SHEET_NAME.fullmatch(name) and not name.startswith("'")
    if not fits or name.endswith("'") or name.casefold() == "history":
        yield finding("forms-sheet-name", where, name=name, limit=SHEET_NAME_LENGTH)
    for cell in sheet.cells:
        yield from _cell(cell, name, known)
    for rule in sheet.rules:
        yield from _rule(rule, name, known)
    for shade in sheet.shades:
        yield from _formula(shade.formula, known, Place(sheet=name, cell=shade.cells), SHADE_FORMULA)
    for text in (sheet.page.header, sheet.page.footer):
        if excel_length(text) + text.count("&") + 12 > HEADER:  # the codes for left, right and size count too
            yield finding("forms-header-too-long", where, found=excel_length(text), limit=HEADER)
    links = sum(bool(cell.link) for cell in sheet.cells)
    counts = ((len(sheet.page.breaks), BREAKS, "page breaks"), (links, LINKS, "links"))
    yield from (
        finding("forms-too-many", where, what=what, found=found, limit=limit)
        for found, limit, what in counts
        if found > limit
    )
    wide = [width for width in sheet.widths.values() if width > WIDTH]
    high = [height for height in sheet.heights.values() if height > HEIGHT]
    for size in (*wide, *high):
        yield finding("forms-too-large", where, found=size)


def _cell(cell: Cell, sheet: str, known: _Known) -> Iterator[Finding]:
    value = cell.value.text if isinstance(cell.value, Rich) else cell.value
    if not (isinstance(value, str | Formula) or cell.link or cell.row > LAST_ROW or cell.column > LAST_COLUMN):
        return
    where = Place(sheet=sheet, cell=f"{column_letters(cell.column)}{cell.row}")
    if not (1 <= cell.row <= LAST_ROW and 1 <= cell.column <= LAST_COLUMN):
        yield finding("forms-cell-outside", where)
    if isinstance(value, Formula):
        yield from _formula(value.text, known, where, CELL_FORMULA)
    elif isinstance(value, str):
        if excel_length(value) > CELL_TEXT:
            yield finding("forms-text-too-long", where, found=excel_length(value), limit=CELL_TEXT)
        if _CONTROL.search(value):
            yield finding("forms-text-control", where)
    if cell.link:
        yield from _formula(cell.link, known, where, CELL_FORMULA)


def _rule(rule: Rule, sheet: str, known: _Known) -> Iterator[Finding]:
    where = Place(sheet=sheet, cell=rule.cells, item=rule.item)
    for formula in (rule.formula, rule.formula2):
        yield from _formula(formula, known, where, RULE_FORMULA)
    if rule.kind == "list" and '"' in rule.formula:
        yield finding("forms-list-literal", where, found=rule.formula)
    texts = (
        (rule.title, RULE_TITLE),
        (rule.prompt_title, RULE_TITLE),
        (rule.message, RULE_TEXT),
        (rule.prompt, RULE_TEXT),
    )
    for text, limit in texts:
        if excel_length(text) > limit:
            yield finding("forms-rule-text-too-long", where, found=excel_length(text), limit=limit, text=text)
        if _CONTROL.search(text):
            yield finding("forms-text-control", where)


def _formula(formula: str, known: _Known, where: Place, limit: int) -> Iterator[Finding]:
    if excel_length(formula) > limit:
        yield finding("forms-formula-too-long", where, found=excel_length(formula), limit=limit)
    parts = anatomy(formula)
    if not parts.balanced or _CONTROL.search(formula) or says_sheet_twice(formula):
        yield finding("forms-formula-broken", where, formula=formula[:LITERAL])
    if parts.depth > DEPTH:
        yield finding("forms-formula-too-deep", where, found=parts.depth, limit=DEPTH)
    if parts.longest_text > LITERAL:
        yield finding("forms-formula-literal", where, found=parts.longest_text, limit=LITERAL)
    for function in sorted(parts.functions - KNOWN_FUNCTIONS):
        yield finding("forms-function-new", where, function=function)
    unknown = {name for name in parts.sheets if name.casefold() not in known.sheets}
    unknown |= {name for name in parts.names if name.casefold() not in known.names}
    for name in sorted(unknown):
        yield finding("forms-reference-unknown", where, name=name)
