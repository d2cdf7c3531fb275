"""The line that says whom a block is about, filled from the roster by formula so that nobody types a name twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from surveykit.forms import geometry
from surveykit.forms.draft import Draft
from surveykit.forms.layout import tells
from surveykit.forms.places import ANSWER_COLUMN, Block, LineKind, column_letters
from surveykit.forms.plan import Cell, Formula, Rich, at, literal
from surveykit.forms.selection import key_formula, take_formula, take_number
from surveykit.questionnaire.identity import answer_name, line_name
from surveykit.questionnaire.structure import Unit

_BOX: Final = "|__|__|"
_GAP: Final = "     "
_DESCRIBED: Final = 4  # answers of the roster that tell one person from another


def person_cells(draft: Draft, block: Block, sheet: str) -> Iterator[Cell]:
    """Return the cells of the person line of a block.

    Parameters
    ----------
    draft : Draft
    block : Block
    sheet : str
        Sheet that the block stands on.
    """
    questionnaire, words = draft.questionnaire, draft.words
    unit, row = questionnaire.unit(block.unit), block.person_row
    several = unit.roster is not None or (unit.selection is not None and unit.selection.take == "each")
    title = words.of(unit.label)
    yield Cell(row, geometry.NUMBER, None, "person")
    copied = draft.paper and draft.geometry.layout.sheet(sheet).index > 0
    text = words.say("person", unit=title, index=block.index) if several and not copied else title
    yield Cell(row, geometry.TEXT, text, "person")
    for column in range(geometry.MEASURE, geometry.MESSAGE + 1):
        yield Cell(row, column, None, "person")
    if draft.paper:
        yield Cell(row, geometry.CODES, words["write_person"], "person_text")
        yield Cell(row, ANSWER_COLUMN, block.index if unit.roster and not copied else _BOX, "person_line")
        return
    line = f"{column_letters(ANSWER_COLUMN)}{row}"
    active = draft.active(block, sheet) if unit.roster else f'{line}<>""'
    shown: int | Formula = block.index if unit.roster else Formula(_line(draft, unit, block.index, sheet))
    yield Cell(row, ANSWER_COLUMN, shown, "person_line")
    yield Cell(row, geometry.CODES, Formula(_description(draft, unit, line, active, sheet)), "person_text")
    for position, item in enumerate(draft.seer.echoed(unit)):
        values = draft.seer.values(item, sheet)
        yield Cell(row, geometry.ECHO + position, Formula(f'IF({line}="","",INDEX({values},{line}))'), "helper")
    if unit.selection:
        yield Cell(row, geometry.NAME, answer_name(line_name(unit.id), row=block.index), "helper")


def _line(draft: Draft, unit: Unit, index: int, sheet: str) -> str:
    """Return the formula of the line of the roster that a block is about."""
    assert unit.selection is not None  # noqa: S101  # lines of rosters need no formula
    own_sheet, own_cell = draft.geometry.line_cell(unit.id, index)
    if own_sheet != sheet:
        return f'IF({at(own_sheet, own_cell)}="","",{at(own_sheet, own_cell)})'
    grid = draft.geometry.layout.main_grid(unit.selection.roster)
    ranks = draft.seer.column(grid, draft.geometry.columns(grid).rank[unit.id], sheet)
    if unit.selection.take == "each":
        return f'IFERROR(MATCH({index},{ranks},0),"")'
    letters, digits = own_cell[0], int(own_cell[1:])
    take = f"{letters}{digits - 1}"  # the line above the person
    return f'IF({take}="","",IFERROR(MATCH({take},{ranks},0),""))'


def selection_cells(draft: Draft, unit: Unit, kind: LineKind, row: int, sheet: str) -> Iterator[Cell]:
    """Return the cells of one line of the table that takes one person of a household.

    Parameters
    ----------
    draft : Draft
    unit : Unit
        One that takes one person.
    kind : LineKind
        One of the selection lines of the layout.
    row : int
    sheet : str
    """
    words, selection = draft.words, unit.selection
    assert selection is not None  # noqa: S101  # the layout gives these lines to selected units only
    grid = draft.geometry.layout.main_grid(selection.roster)
    key = f"{column_letters(geometry.ECHO)}{row}"
    if kind == "selection_how":
        labels = [_order(draft, order) for order in selection.order_by] or [words["line_order"]]
        order = words.say("selection_order", order=", ".join(labels))
        parts = (
            (f"{words['selection']}: {words.of(unit.label)}\n", "label"),
            (f"{words['selection_how']} {order}", "hint"),
        )
        yield Cell(row, geometry.TEXT, Rich(parts), "notice")
    elif kind == "selection_table":
        yield Cell(row, geometry.TEXT, _table(draft, grid.rows, key), "table")
        if not draft.paper:
            yield Cell(row, geometry.ECHO, Formula(key_formula(draft.serial_cell(sheet))), "helper")
    elif kind == "selection_count":
        eligible = draft.seer.column(grid, draft.geometry.columns(grid).eligible[unit.id], sheet)
        yield Cell(row, geometry.TEXT, words["eligible"], "question")
        yield Cell(row, ANSWER_COLUMN, _BOX if draft.paper else Formula(f"SUM({eligible})"), "person_line")
    else:
        count, number = f"{column_letters(ANSWER_COLUMN)}{row - 1}", f"{column_letters(geometry.ECHO)}{row - 2}"
        yield Cell(row, geometry.TEXT, words["take_number"], "question")
        yield Cell(row, ANSWER_COLUMN, _BOX if draft.paper else Formula(take_formula(number, count)), "person_line")


def _table(draft: Draft, most: int, key: str) -> str | Formula:
    """Return the table on one line: "1 → 1   2 → 1   3 → 2", the count and the number to take."""
    serial = draft.serial
    if draft.paper:
        numbers = [str(take_number(str(serial), count)) if serial else "__" for count in range(1, most + 1)]
        return _GAP.join(f"{count} → {number}" for count, number in enumerate(numbers, start=1))
    parts = [f'"{count} → "&{take_formula(key, str(count))}' for count in range(1, most + 1)]
    return Formula(f'&"{_GAP}"&'.join(parts))


def _order(draft: Draft, order: str) -> str:
    label = draft.words.of(draft.questionnaire.item(order.removeprefix("-")).label)
    return draft.words.say("descending", label=label) if order.startswith("-") else label


def _description(draft: Draft, unit: Unit, line: str, active: str, sheet: str) -> str:
    """Return the formula of what is known of the person: the first answers of the roster."""
    roster = unit.selection.roster if unit.selection else unit.id
    main = draft.geometry.layout.main_grid(roster)
    shown = [item for item in main.items if tells(item)][:_DESCRIBED]
    parts = [f"INDEX({draft.seer.answers(item, sheet)},{line})" for item in shown]
    text = '&", "&'.join(parts) or literal("")
    blank = literal(", " * (len(parts) - 1))  # nothing on the line yet
    return f'IF({active},IF({text}={blank},"",{text}),W_nobody)'
