"""The places of a form as frozen values: sheets, blocks, lines, columns, and the slot of every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final, Literal

from surveykit.questionnaire.identity import Layout as LayoutKind
from surveykit.questionnaire.identity import answer_name
from surveykit.questionnaire.structure import Code, Item, Section

SheetKind = Literal["questions", "grid"]
LineKind = Literal[
    "consent", "section", "relevant", "respondent", "privacy", "instruction", "person", "question", "option",
    "note", "referral", "thanks", "selection_how", "selection_table", "selection_count", "selection_take",
]  # fmt: skip
ColumnRole = Literal["key", "line", "echo", "answer", "option", "calculated"]

ANSWER_COLUMN: Final = 4
FIRST_LINE: Final = 3
FIRST_GRID_ROW: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a sheet of questions."""

    row: int
    kind: LineKind
    item: Item | None = None
    code: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A section as it stands on a sheet, for one row of its unit.

    Parameters
    ----------
    unit : str
    index : int
        0 for the top unit, else the 1-based row of the unit.
    section : Section
    lines : tuple of Line
    person_row : int
        Row of the line that says whom the block is about; 0 for the top unit.
    """

    unit: str
    index: int
    section: Section
    lines: tuple[Line, ...]
    person_row: int = 0

    @property
    def first(self) -> int:
        """Row of the first line."""
        return self.lines[0].row

    @property
    def last(self) -> int:
        """Row of the last line."""
        return self.lines[-1].row


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One visible column of a grid."""

    index: int
    role: ColumnRole
    item: Item | None = None
    code: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet of answers.

    Parameters
    ----------
    kind : {"questions", "grid"}
        A question a row, or a respondent a row.
    name : str
        Legal and unique in its workbook.
    unit : str
        Unit of its answers.
    sections : tuple of Section
    blocks : tuple of Block
        Of a sheet of questions.
    columns : tuple of Column
        Of a grid.
    rows : int
        Rows of a grid, the first one being :data:`FIRST_GRID_ROW`.
    main : bool
        Of the grids of a roster, the one that decides which lines are used and who can be taken.
    index : int
        Row of the unit where the sheet is about one person only, else 0.
    """

    kind: SheetKind
    name: str
    unit: str
    sections: tuple[Section, ...]
    blocks: tuple[Block, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: int = 0
    main: bool = False
    index: int = 0

    @property
    def own_columns(self) -> tuple[Column, ...]:
        """The columns of a grid that take answers or compute."""
        return tuple(column for column in self.columns if column.item is not None and column.role != "echo")

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of a grid, each once."""
        return tuple({column.item.id: column.item for column in self.own_columns if column.item}.values())

    @property
    def last_row(self) -> int:
        """Last row that carries something."""
        return self.blocks[-1].last if self.blocks else FIRST_GRID_ROW + self.rows - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Where one answer stands; in the list layout, where one column of answers stands.

    Parameters
    ----------
    name : str
        Defined name.
    unit, item : str
        ``item`` is an item id, or a line or key name of :mod:`surveykit.questionnaire.identity`.
    row : int
        1-based row of a repeated unit in a booklet, else 0.
    code : int or str, optional
        Code of a select-multiple option.
    sheet, cell : str
        ``E12``, or ``F6:F2005`` in the list layout.
    """

    name: str
    unit: str
    item: str
    sheet: str
    cell: str
    row: int = 0
    code: Code | None = None


@dataclass(frozen=True, kw_only=True)
class FormLayout:
    """The whole form: its sheets of answers and the place of every answer."""

    kind: LayoutKind
    sheets: tuple[Sheet, ...]
    slots: tuple[Slot, ...]
    rows: int = 0

    @cached_property
    def by_name(self) -> Mapping[str, Slot]:
        """Slots by defined name."""
        return {slot.name: slot for slot in self.slots}

    def slot(self, item: str, *, row: int = 0, code: Code | None = None) -> Slot:
        """Return the place of an answer; ``KeyError`` if the form has none."""
        return self.by_name[answer_name(item, row=row, code=code)]

    def sheet(self, name: str) -> Sheet:
        """Return the sheet of a name."""
        return next(sheet for sheet in self.sheets if sheet.name == name)

    def sheets_of(self, unit: str) -> tuple[Sheet, ...]:
        """Return the sheets that carry answers of a unit."""
        return tuple(sheet for sheet in self.sheets if sheet.unit == unit)

    def main_grid(self, roster: str) -> Sheet:
        """Return the grid that decides which lines of a roster are used; ``KeyError`` if the unit has no grid."""
        for sheet in self.sheets_of(roster):
            if sheet.main:
                return sheet
        raise KeyError(roster)


def option_codes(item: Item) -> tuple[Code, ...]:
    """Return the codes that a select-multiple offers: those of its list, then its missing codes."""
    offered = tuple(option.code for option in item.codelist.offered) if item.codelist else ()
    return (*offered, *item.missing_codes)


def section_number(section: Section) -> str:
    """Return the printed number of a section, which the numbers of its items begin with; its id where they do not."""
    heads = {item.number.rstrip("0123456789").rstrip(".") for item in section.items if item.number}
    return heads.pop() if len(heads) == 1 else section.id


@cache
def column_letters(index: int) -> str:
    """Return the letters of a 1-based column: 1 is A, 28 is AB."""
    letters = ""
    while index:
        index, rest = divmod(index - 1, 26)  # 26 letters
        letters = chr(ord("A") + rest) + letters
    return letters
