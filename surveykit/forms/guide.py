"""The guide in front, the sheet of codes behind, and the hidden sheets that say what the form is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, cast

from surveykit.forms.draft import Draft
from surveykit.forms.geometry import ECHO
from surveykit.forms.lists import CodeTable
from surveykit.forms.measure import Metrics, row_heights
from surveykit.forms.places import FIRST_GRID_ROW, FormLayout, Sheet, column_letters, section_number
from surveykit.forms.plan import Cell, Formula, Page, Rich, Shade, SheetPlan, at, quoted
from surveykit.forms.wording import NOTICE_PREFIX, Words
from surveykit.questionnaire.identity import MAP_HEADER, MAP_SHEET, META_SHEET, FormIdentity
from surveykit.questionnaire.structure import Code, Questionnaire, Section, Text

_HEADS: Final = ("part", "ok", "todo", "check", "done")
_CODE_WIDTHS: Final = {1: 22.0, 2: 9.0, 3: 60.0, 4: 11.0, 5: 30.0}
_ELSEWHERE: Final = frozenset({"consent", "thanks"})
_WIDTHS: Final = {1: 6, 2: 66, 3: 11, 4: 11, 5: 11, 6: 12}  # characters; together an A4 page


def draw_guide(draft: Draft, name: str, title: str, version: str) -> SheetPlan:
    """Return the plan of the guide: how to fill the form, and a line of counters with a link a section.

    Parameters
    ----------
    draft : Draft
    name : str
        Name of the sheet.
    title, version : str
    """
    words = draft.words
    cells = [Cell(1, 1, title, "title"), Cell(2, 1, version, "remark")]
    cells.append(Cell(1, 6, draft.serial_line(name), "serial"))
    steps = words.say("guide_paper" if draft.paper else "guide_steps", **words.statuses).split("\n")
    if draft.paper and any(sheet.index for sheet in draft.geometry.layout.sheets):
        steps.append(words["guide_copy"])
    cells.append(Cell(4, 1, words["guide_intro"], "subtitle"))
    for row, step in enumerate(steps, start=5):
        cells += [Cell(row, 1, row - 4, "number"), Cell(row, 2, step, "step")]
    first = 5 + len(steps) + 1
    for heading, text in _rules(draft):
        cells += [
            Cell(first, 1, None, "number"),
            Cell(first, 2, Rich(((f"{heading}\n", "instruction"), (text, "label"))), "step"),
        ]
        first += 1
    first += 1
    counters = [] if draft.paper else list(_counters(draft, first))
    spanned = [cell.row for cell in cells if cell.style == "step"]
    last = max(cell.row for cell in (*cells, *counters))
    done = f"AND(ISNUMBER($F{first + 1}),$F{first + 1}=1)"
    return SheetPlan(
        name=name,
        cells=(*cells, *counters),
        widths=_WIDTHS,
        heights=row_heights((*cells, *counters), _WIDTHS, dict.fromkeys(spanned, 6), metrics=draft.metrics),
        merges=tuple(f"B{row}:F{row}" for row in spanned),
        shades=(Shade(cells=f"A{first + 1}:F{last}", formula=done, style="ok"),) if counters else (),
        page=Page(area=f"A1:F{last}", header=draft.header, footer=draft.footer),
        tab="FF555555",
    )


def _rules(draft: Draft) -> Iterator[tuple[str, str]]:
    """Return the notices that stand on no other sheet, with their headings."""
    for name, text in draft.questionnaire.notices.items():
        if isinstance(text, Mapping) and name not in _ELSEWHERE and not name.startswith(NOTICE_PREFIX):
            yield draft.words.title(name), draft.words.of(cast("Text", text))


def _counters(draft: Draft, first: int) -> Iterator[Cell]:
    words = draft.words
    yield Cell(first, 1, None, "head")
    for column, key in enumerate(_HEADS, start=2):
        yield Cell(first, column, words[key], "head")
    row = first
    for sheet in draft.geometry.layout.sheets:
        for section in (None,) if sheet.index else sheet.sections:
            row += 1
            title = words.of(section.title) if section else sheet.name
            yield Cell(row, 1, section_number(section) if section else sheet.index, "number")
            yield Cell(row, 2, title, "link", link=f"{quoted(sheet.name)}!A{_first_row(sheet, section)}")
            for column, formula in enumerate(_counts(draft, sheet, section), start=3):
                yield Cell(row, column, Formula(formula), "count")
            yield Cell(row, 6, Formula(_share(row)), "percent")
    total = row + 1
    yield Cell(total, 1, None, "number")
    yield Cell(total, 2, words["total"], "total")
    for column in range(3, 6):
        letters = column_letters(column)
        yield Cell(total, column, Formula(f"SUM({letters}{first + 1}:{letters}{row})"), "count")
    yield Cell(total, 6, Formula(_share(total)), "percent")


def _share(row: int) -> str:
    return f'IF(SUM(C{row}:E{row})=0,"",C{row}/SUM(C{row}:E{row}))'


def _first_row(sheet: Sheet, section: Section | None) -> int:
    if sheet.kind == "grid":
        return FIRST_GRID_ROW
    return next(block.first for block in sheet.blocks if section is None or block.section is section)


def _counts(draft: Draft, sheet: Sheet, section: Section | None) -> Iterator[str]:
    if sheet.kind == "questions":
        heads = [
            line.row
            for block in sheet.blocks
            if section is None or block.section is section
            for line in block.lines
            if line.kind == "section"
        ]
        for offset in range(3):
            letters = column_letters(ECHO + offset)
            yield "+".join(at(sheet.name, f"{letters}{row}") for row in heads)
        return
    helper = draft.geometry.columns(sheet).helper
    items = [item for item in sheet.items if item.answered_by_hand and (section is None or item in section.items)]
    for key in ("ok", "todo", "check"):
        yield "+".join(f"COUNTIF({_area(sheet, helper[item.id][3])},W_{key})" for item in items) or "0"


def _area(sheet: Sheet, column: int) -> str:
    letters = column_letters(column)
    return at(sheet.name, f"{letters}{FIRST_GRID_ROW}:{letters}{FIRST_GRID_ROW + sheet.rows - 1}")


def draw_codes(
    name: str,
    questionnaire: Questionnaire,
    tables: Mapping[str, CodeTable],
    words: Words,
    metrics: Metrics,
    *,
    least: int = 0,
) -> SheetPlan:
    """Return the plan of the sheet of codes: every list with its codes, meanings and the questions that use it.

    Parameters
    ----------
    name : str
    questionnaire : Questionnaire
    tables : mapping of str to CodeTable
        By item id.
    words : Words
    metrics : Metrics
        Of the font.
    least : int
        Leave out lists of this many codes and fewer; they stand beside their questions.
    """
    cells = [Cell(1, 1, words["code_sheet"], "title")]
    heads = ("code_list", "code", "label", "under", "used_by")
    cells += [Cell(2, column, words[key], "head") for column, key in enumerate(heads, start=1)]
    users: dict[str, list[str]] = {}
    for item_id, table in tables.items():
        users.setdefault(table.key, []).append(questionnaire.item(item_id).number or item_id)
    row = 3
    for table in {table.key: table for table in tables.values() if len(table.codes) > least}.values():
        cells += _code_rows(table, row, ", ".join(users[table.key]))
        row += len(table.codes)
    return SheetPlan(
        name=name,
        cells=tuple(cells),
        widths=_CODE_WIDTHS,
        heights=row_heights(cells, _CODE_WIDTHS, metrics=metrics),
        freeze="A3",
        page=Page(area=f"A1:E{max(row - 1, 2)}", titles="1:2"),
        tab="FF555555",
    )


def _code_rows(table: CodeTable, first: int, used: str) -> Iterator[Cell]:
    parents: dict[Code, Code] = {code: parent for parent, code in table.pairs}
    for row, code in enumerate(table.codes, start=first):
        yield Cell(row, 1, table.key if row == first else None, "measure")
        yield Cell(row, 2, code, "number")
        yield Cell(row, 3, table.labels[code].removeprefix(f"{code} "), "codes")
        yield Cell(row, 4, parents.get(code), "measure")
        yield Cell(row, 5, used if row == first else None, "measure")


def identity_sheet(identity: FormIdentity) -> SheetPlan:
    """Return the hidden sheet that says what the form is."""
    cells = [
        cell
        for row, (name, value) in enumerate(identity.to_properties().items(), start=1)
        for cell in (Cell(row, 1, name, "helper"), Cell(row, 2, value, "helper"))
    ]
    return SheetPlan(name=META_SHEET, cells=tuple(cells), state="veryHidden")


def map_sheet(layout: FormLayout) -> SheetPlan:
    """Return the hidden sheet that repeats where every answer stands."""
    cells = [Cell(1, column, head, "helper") for column, head in enumerate(MAP_HEADER, start=1)]
    for row, slot in enumerate(layout.slots, start=2):
        values = (slot.name, slot.sheet, slot.cell, slot.unit, slot.item, slot.row, slot.code)
        cells += [
            Cell(row, column, value, "helper") for column, value in enumerate(values, start=1) if value is not None
        ]
    return SheetPlan(name=MAP_SHEET, cells=tuple(cells), state="hidden")
