"""Where the hidden helpers of an answer stand: its code, whether it is asked, its status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Final

from surveykit.forms.places import ANSWER_COLUMN, FIRST_GRID_ROW, Block, FormLayout, Sheet, column_letters
from surveykit.forms.plan import at
from surveykit.questionnaire.structure import Code, Item, Questionnaire

NUMBER: Final = 1
TEXT: Final = 2
CODES: Final = 3
MEASURE: Final = 5
GO_TO: Final = 6
STATUS: Final = 7
MESSAGE: Final = 8
VALUE: Final = 9
ASKED: Final = 10
ERROR: Final = 11
NAME: Final = 12
ECHO: Final = 13  # counts of a section, or what is known of a person, from here to the right


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """The cells that belong to one answer.

    Parameters
    ----------
    sheet : str
    answer, value, asked, error, status, message : str
        Cells in A1 style. ``value`` holds the number, code or text behind the answer, nothing where it is blank or
        wrong; ``asked`` one of the constants of :mod:`surveykit.forms.checking`; ``error`` what is wrong with it.
        A select-multiple has its header line here and its options in ``options``.
    options : mapping of code to (str, str)
        Answer and value cell by code.
    """

    sheet: str
    answer: str
    value: str
    asked: str
    error: str
    status: str
    message: str
    options: Mapping[Code, tuple[str, str]]

    def seen_from(self, sheet: str, cell: str) -> str:
        """Return a reference to one of its cells from a sheet."""
        return cell if sheet == self.sheet else at(self.sheet, cell)


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """All spots of a booklet."""

    questionnaire: Questionnaire
    layout: FormLayout

    @cached_property
    def spots(self) -> Mapping[tuple[str, int], Spot]:
        """Spots by item id and row of the unit (0 for the top unit)."""
        spots: dict[tuple[str, int], Spot] = {}
        for sheet in self.layout.sheets:
            if sheet.kind == "grid":
                spots |= _grid_spots(sheet, self.columns(sheet))
            for block in sheet.blocks:
                spots |= _block_spots(sheet, block)
        return spots

    @cached_property
    def _grids(self) -> Mapping[str, GridColumns]:
        return {
            sheet.name: grid_columns(sheet, selections_of(self.questionnaire, sheet.unit) if sheet.main else {})
            for sheet in self.layout.sheets
            if sheet.kind == "grid"
        }

    def columns(self, grid: Sheet) -> GridColumns:
        """Return the columns right of the answers of a grid."""
        return self._grids[grid.name]

    def spot(self, item: Item | str, row: int = 0) -> Spot:
        """Return the spot of an item in a row of its unit."""
        return self.spots[(item if isinstance(item, str) else item.id, row)]

    def line_cell(self, unit: str, row: int) -> tuple[str, str]:
        """Return sheet and cell of the line number of a selected person."""
        for sheet in self.layout.sheets_of(unit):
            for block in sheet.blocks:
                if block.index == row:
                    return sheet.name, f"{column_letters(ANSWER_COLUMN)}{block.person_row}"
        raise KeyError(unit)


def _block_spots(sheet: Sheet, block: Block) -> dict[tuple[str, int], Spot]:
    spots: dict[tuple[str, int], Spot] = {}
    for line in block.lines:
        if line.kind not in {"question", "note"} or line.item is None:
            continue
        row = line.row
        options = {
            one.code: (_cell(ANSWER_COLUMN, one.row), _cell(VALUE, one.row))
            for one in block.lines
            if one.kind == "option" and one.item is line.item and one.code is not None
        }
        spots[(line.item.id, block.index)] = Spot(
            sheet=sheet.name,
            answer=_cell(ANSWER_COLUMN, row),
            value=_cell(VALUE, row),
            asked=_cell(ASKED, row),
            error=_cell(ERROR, row),
            status=_cell(STATUS, row),
            message=_cell(MESSAGE, row),
            options=options,
        )
    return spots


@dataclass(frozen=True, slots=True, kw_only=True)
class GridColumns:
    """The columns right of the answers of a roster grid: ranks, status and message are visible, the rest is hidden.

    Parameters
    ----------
    status, message, used : int
        State of the line, why, and whether anything stands in it.
    rank, eligible : mapping of str to int
        By selected unit: place of the line in the order of selection, and whether it can be taken.
    sort : mapping of str to tuple of int
        By selected unit: one column a sorting item, smaller first.
    helper : mapping of str to (int, int, int, int, int)
        By item: value, asked, error, status, message.
    option : mapping of (str, code) to int
        Value of an option of a select-multiple.
    last : int
        The last hidden column.
    """

    status: int
    message: int
    used: int
    rank: Mapping[str, int]
    eligible: Mapping[str, int]
    sort: Mapping[str, tuple[int, ...]]
    helper: Mapping[str, tuple[int, int, int, int, int]]
    option: Mapping[tuple[str, Code], int]
    last: int

    @property
    def hidden(self) -> tuple[int, ...]:
        """The hidden columns."""
        return tuple(range(self.used, self.last + 1))


def grid_columns(sheet: Sheet, selections: Mapping[str, int]) -> GridColumns:
    """Return the columns that follow the answers of a roster grid.

    Parameters
    ----------
    sheet : Sheet
    selections : mapping of str to int
        Units that take their rows from this roster, and the number of items that order them.
    """
    free = count(sheet.columns[-1].index + 1)
    rank = {unit: next(free) for unit in selections}
    status, message, used = next(free), next(free), next(free)
    eligible = {unit: next(free) for unit in selections}
    sort = {unit: tuple(next(free) for _ in range(keys)) for unit, keys in selections.items()}
    helper: dict[str, tuple[int, int, int, int, int]] = {}
    option: dict[tuple[str, Code], int] = {}
    for column in sheet.own_columns:
        if column.item and column.item.id not in helper:
            helper[column.item.id] = (next(free), next(free), next(free), next(free), next(free))
        if column.item and column.code is not None:
            option[(column.item.id, column.code)] = next(free)
    return GridColumns(
        status=status, message=message, used=used, rank=rank, eligible=eligible, sort=sort, helper=helper,
        option=option, last=next(free) - 1,
    )  # fmt: skip


def selections_of(questionnaire: Questionnaire, roster: str) -> dict[str, int]:
    """Return the units that take their rows from a roster, and how many items order them."""
    return {
        unit.id: len(unit.selection.order_by)
        for unit in questionnaire.units
        if unit.selection and unit.selection.roster == roster
    }


def _grid_spots(sheet: Sheet, columns: GridColumns) -> dict[tuple[str, int], Spot]:
    spots: dict[tuple[str, int], Spot] = {}
    for column in sheet.own_columns:
        if column.item is None or (column.item.id, 1) in spots:
            continue
        value, asked, error, status, message = columns.helper[column.item.id]
        own = [one for one in sheet.own_columns if one.item is column.item and one.code is not None]
        for index in range(1, sheet.rows + 1):
            row = FIRST_GRID_ROW + index - 1
            options = {
                one.code: (_cell(one.index, row), _cell(columns.option[(column.item.id, one.code)], row))
                for one in own
                if one.code is not None
            }
            spots[(column.item.id, index)] = Spot(
                sheet=sheet.name,
                answer=_cell(column.index, row),
                value=_cell(value, row),
                asked=_cell(asked, row),
                error=_cell(error, row),
                status=_cell(status, row),
                message=_cell(message, row),
                options=options,
            )
    return spots


def _cell(column: int, row: int) -> str:
    return f"{column_letters(column)}{row}"
