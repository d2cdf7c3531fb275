"""The line that says whom a block is about, filled from the roster by formula so that nobody types a name twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from surveykit.forms import geometry
from surveykit.forms.draft import Draft
from surveykit.forms.layout import tells
from surveykit.forms.places import ANSWER_COLUMN, Block, column_letters
from surveykit.forms.plan import Cell, Formula, at, literal
from surveykit.forms.roster import table_row
from surveykit.questionnaire.identity import answer_name, line_name
from surveykit.questionnaire.structure import Unit

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
    text = words.say("person", unit=title, index=block.index) if several else title
    yield Cell(row, geometry.TEXT, text, "person")
    for column in range(geometry.MEASURE, geometry.MESSAGE + 1):
        yield Cell(row, column, None, "person")
    if draft.paper:
        yield Cell(row, geometry.CODES, words["write_person"], "person_text")
        yield Cell(row, ANSWER_COLUMN, block.index if unit.roster else "|__|__|", "person_line")
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
    if unit.selection.take == "one":
        row = table_row(draft, grid, unit.id)
        return at(grid.name, f"A{row + 5}")
    rank = draft.geometry.columns(grid).rank[unit.id]
    return f'IFERROR(MATCH({index},{draft.seer.column(grid, rank, sheet)},0),"")'


def _description(draft: Draft, unit: Unit, line: str, active: str, sheet: str) -> str:
    """Return the formula of what is known of the person: the first answers of the roster."""
    roster = unit.selection.roster if unit.selection else unit.id
    main = draft.geometry.layout.main_grid(roster)
    shown = [item for item in main.items if tells(item)][:_DESCRIBED]
    parts = [f"INDEX({draft.seer.answers(item, sheet)},{line})" for item in shown]
    text = '&", "&'.join(parts) or literal("")
    return f"IF({active},{text},W_nobody)"
