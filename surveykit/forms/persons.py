"""The line that says whom a block is about, filled from the roster by formula so that nobody types a name twice."""

from __future__ import annotations

from collections.abc import Iterator

from surveykit.forms import geometry
from surveykit.forms.draft import Draft
from surveykit.forms.layout import ANSWER_COLUMN, Block, column_letters
from surveykit.forms.plan import Cell, Formula, absolute, literal, place
from surveykit.forms.roster import table_row
from surveykit.forms.sights import echoed
from surveykit.questionnaire.identity import answer_name, line_name
from surveykit.questionnaire.structure import Item, Unit

_DESCRIBED = 4  # answers of the roster that tell one person from another


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
    title = words.of(unit.label)
    assert unit.selection is not None  # noqa: S101  # the rows of other repeated units stand in grids
    if unit.selection.take == "each":
        title = words.say("person", unit=title, index=block.index)
    yield Cell(row, geometry.NUMBER, None, "person")
    yield Cell(row, geometry.TEXT, title, "person")
    for column in range(geometry.MEASURE, geometry.MESSAGE + 1):
        yield Cell(row, column, None, "person")
    line = absolute(f"{column_letters(ANSWER_COLUMN)}{row}")
    if draft.paper:
        yield Cell(row, geometry.CODES, words["write_person"], "person_text")
        yield Cell(row, ANSWER_COLUMN, "|__|__|", "person_line")
        return
    yield Cell(row, ANSWER_COLUMN, Formula(_line(draft, unit, block.index, sheet)), "person_line")
    yield Cell(row, geometry.CODES, Formula(_description(draft, unit, line, sheet)), "person_text")
    yield Cell(row, geometry.NAME, answer_name(line_name(unit.id), row=block.index), "helper")
    grid = draft.seer.roster_sheet(unit.selection.roster)
    columns = draft.roster_columns(unit.selection.roster)
    for position, item in enumerate(echoed(questionnaire, unit)):
        cells = draft.seer.column(grid, columns.helper[item.id][0], sheet)
        yield Cell(row, geometry.ECHO + position, Formula(f'IF({line}="","",INDEX({cells},{line}))'), "helper")


def _line(draft: Draft, unit: Unit, index: int, sheet: str) -> str:
    """Return the formula of the line of the roster that a block is about."""
    assert unit.selection is not None  # noqa: S101  # the caller looked
    own_sheet, own_cell = draft.geometry.line_cell(unit.id, index)
    if own_sheet != sheet:
        return f'IF({place(own_sheet, own_cell)}="","",{place(own_sheet, own_cell)})'
    grid = draft.seer.roster_sheet(unit.selection.roster)
    if unit.selection.take == "one":
        row = table_row(draft, grid, unit.id)
        return place(grid.name, f"A{row + 5}")
    rank = draft.roster_columns(unit.selection.roster).rank[unit.id]
    return f'IFERROR(MATCH({index},{draft.seer.column(grid, rank, sheet)},0),"")'


def _description(draft: Draft, unit: Unit, line: str, sheet: str) -> str:
    """Return the formula of what is known of the person: line and the first answers of the roster."""
    assert unit.selection is not None  # noqa: S101  # the caller looked
    grid = draft.seer.roster_sheet(unit.selection.roster)
    columns = {column.item.id: column.index for column in grid.columns if column.item}
    shown = [item for item in echoed(draft.questionnaire, unit) if _tells(item)][:_DESCRIBED]
    parts = [f"INDEX({draft.seer.column(grid, columns[item.id], sheet)},{line})" for item in shown]
    text = '&", "&'.join(parts) or literal("")
    return f'IF({line}="",W_nobody,{text})'


def _tells(item: Item) -> bool:
    return item.type in {"text", "select_one", "integer"}
