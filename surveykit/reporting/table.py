"""A table as a value: what it says, before any file format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import pandas as pd

from surveykit.reporting.figures import Figure, Statistic

CellStatus = Literal["shown", "flagged", "hidden", "absent"]
Digits = Literal["full", "printed"]
NoteKind = Literal["definition", "universe", "standardisation", "suppression", "missing", "method", "general"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: the live number and the text that is printed.

    Parameters
    ----------
    value : float or int, optional
        In the printed unit (percent for shares); none where the cell is empty or hidden.
    display : str
        The number as printed, without marks.
    decimals : int
        Places after the point.
    status : {"shown", "flagged", "hidden", "absent"}
        ``hidden`` by a rule of publication; ``absent`` where nothing was estimated.
    marks : tuple of str
        Marks behind the number that a note explains.
    enclosed : bool
        Printed in parentheses (few cases).
    reason : str
        Why it is hidden or flagged.
    """

    value: float | int | None = None
    display: str = ""
    decimals: int = 0
    status: CellStatus = "absent"
    marks: tuple[str, ...] = ()
    enclosed: bool = False
    reason: str = ""

    @property
    def text(self) -> str:
        """The number with its parentheses and marks."""
        inside = f"({self.display})" if self.enclosed and self.display else self.display
        return inside + "".join(self.marks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the stub.

    Parameters
    ----------
    id : str
        Unique in the table.
    label : str
        As printed.
    group : str
        Heading under which the line stands; empty for lines without one.
    kind : {"total", "standardized", "body"}
    at : mapping
        Domain of the line, without the block's part.
    """

    id: str
    label: str
    group: str = ""
    kind: Literal["total", "standardized", "body"] = "body"
    at: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of numbers.

    Parameters
    ----------
    id : str
        Unique in the table.
    label : str
        Head of the column.
    statistic : Statistic
        What stands in it.
    block : str
        Id of the block of columns (total, men, women) that share their figures.
    spanners : tuple of str
        Heads above the label, outermost first.
    """

    id: str
    label: str
    statistic: Statistic
    block: str
    spanners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A footnote: its kind, its text and the mark that it explains."""

    kind: NoteKind
    text: str
    mark: str = ""

    def __str__(self) -> str:
        return f"{self.mark} {self.text}" if self.mark else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table ready for any format.

    Parameters
    ----------
    title, subtitle : str
    stub : str
        Head of the stub.
    rows : tuple of Row
    columns : tuple of Column
    cells : tuple of tuple of Cell
        A tuple a row, in the order of the columns.
    notes : tuple of Note
    source : str
        Where the figures come from.
    language : str
        BCP 47 tag of all texts.
    figures : mapping of (str, str) to Figure
        The figure behind the cells of a row and a block. Hidden figures are taken out, so that no file can leak them.
    digits : {"full", "printed"}
        Whether files carry the live number in full or rounded as printed.
    interval : str
        How an interval prints in one cell; ``{lower}`` and ``{upper}`` are filled in.
    provenance : mapping of str to str
        What the table was made from: layout, rules applied, versions, hashes of inputs.
    """

    title: str
    stub: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    cells: tuple[tuple[Cell, ...], ...]
    id: str = "table"
    subtitle: str = ""
    notes: tuple[Note, ...] = ()
    source: str = ""
    language: str = "en"
    figures: Mapping[tuple[str, str], Figure] = field(default_factory=dict)
    digits: Digits = "full"
    interval: str = "{lower}–{upper}"
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[Row, Column, Cell]]:
        for row, line in zip(self.rows, self.cells, strict=True):
            for column, cell in zip(self.columns, line, strict=True):
                yield row, column, cell

    @property
    def depth(self) -> int:
        """Lines of the column heads."""
        return 1 + max((len(column.spanners) for column in self.columns), default=0)

    @property
    def marked(self) -> tuple[tuple[Row, Column, Cell], ...]:
        """The cells that a rule hid or flagged, with their place."""
        return tuple(entry for entry in self if entry[2].reason)

    def cell(self, row: str, column: str) -> Cell:
        """Return a cell by the ids of its row and column; ``KeyError`` if there is none."""
        place = {one.id: index for index, one in enumerate(self.columns)}[column]
        return self.cells[{one.id: index for index, one in enumerate(self.rows)}[row]][place]

    def mapped(self, change: Callable[[Row, Column, Cell], Cell]) -> Table:
        """Return the table with every cell changed by a function of its place."""
        cells = tuple(
            tuple(change(row, column, cell) for column, cell in zip(self.columns, line, strict=True))
            for row, line in zip(self.rows, self.cells, strict=True)
        )
        return replace(self, cells=cells)

    def to_frame(self, *, digits: Digits | None = None) -> pd.DataFrame:
        """Return the live numbers, one row a line of the stub.

        Parameters
        ----------
        digits : {"full", "printed"}, optional
            Overrides the table's own.

        Returns
        -------
        pandas.DataFrame
            Columns ``group``, ``label`` and one Float64 column a table column, named by its id.
        """
        data: dict[str, object] = {
            "group": pd.Series([row.group for row in self.rows], dtype="string"),
            "label": pd.Series([row.label for row in self.rows], dtype="string"),
        }
        for place, column in enumerate(self.columns):
            live = [live_value(line[place], digits or self.digits) for line in self.cells]
            data[column.id] = pd.array(live, dtype="Float64")
        return pd.DataFrame(data)


def live_value(cell: Cell, digits: Digits) -> float | int | None:
    """Return the number that a file carries for a cell."""
    if cell.value is None or digits == "full" or isinstance(cell.value, int):
        return cell.value
    rounded = rounded_half_up(cell.value, cell.decimals)
    return float(rounded) if cell.decimals else int(rounded)


def rounded_half_up(value: float, decimals: int) -> Decimal:
    """Round as spreadsheets do: the 15 digits that are shown, halves away from zero.

    Notes
    -----
    ``format(0.125, ".2f")`` is 0.12 and ``format(2.675, ".2f")`` is 2.67, because Python rounds the binary value; a
    reader who rounds the printed longer number gets 0.13 and 2.68. R: ``round`` is like Python; ``formatC`` too.
    """
    step = Decimal(1).scaleb(-decimals)
    result = Decimal(f"{value:.15g}").quantize(step, rounding=ROUND_HALF_UP)
    return abs(result) if result == 0 else result


def number_text(value: float, decimals: int, *, decimal_mark: str = ".", thousands_mark: str = ",") -> str:
    """Return a number as printed: fixed decimals, digits in groups of three, a real minus sign.

    Parameters
    ----------
    value : float
    decimals : int
        Places after the point.
    decimal_mark, thousands_mark : str
        Signs of the language.
    """
    text = f"{rounded_half_up(value, decimals):,}"
    whole, _, places = text.partition(".")
    swapped = whole.replace(",", thousands_mark) + (decimal_mark + places if places else "")
    return swapped.replace("-", "−")  # U+2212 is as wide as a digit, so columns stay aligned
