"""Answers as data: a typed frame a unit, and where each answer stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from surveykit.findings import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the answers of one row stand.

    Parameters
    ----------
    file : str
        Workbook or text file.
    cells : mapping of str to (str, str)
        Sheet and cell of each column of the frame; for the list layout the cell is a column letter.
    row : int
        Row of the list layout, 0 where ``cells`` already names whole cells.
    """

    file: str
    cells: Mapping[str, tuple[str, str]]
    row: int = 0

    def place(self, column: str, *, item: str = "", record: str = "") -> Place:
        """Return the place of one answer."""
        sheet, cell = self.cells.get(column, ("", ""))
        reference = f"{cell}{self.row}" if cell and self.row else cell
        return Place(file=self.file, sheet=sheet, cell=reference, item=item, record=record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses(Mapping[str, pd.DataFrame]):
    """The answers to one questionnaire, a frame a unit.

    Parameters
    ----------
    questionnaire, version, structure_hash : str
        The instrument that was answered.
    frames : mapping of str to DataFrame
        By unit id: key columns first (top key, then line number), then the columns of the unit's items in printed
        order. Integers and codes are ``Int64``, decimals ``Float64``, texts and ids ``string``, dates
        ``datetime64``; missing codes stand as codes, blanks are null. A select-multiple has the chosen codes joined
        by one blank in ``var`` and a 0/1/null column ``var_code`` a code. The index is 0 to n - 1.
    origins : mapping of str to tuple of Origin
        By unit id, one a row of the frame; empty for answers that come from no file.
    unread : mapping of str to frozenset of (int, str)
        By unit id, row and column of answers that could not be read: null in the frame, but not blank on paper.
    """

    questionnaire: str
    version: str
    structure_hash: str
    frames: Mapping[str, pd.DataFrame]
    origins: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)
    unread: Mapping[str, frozenset[tuple[int, str]]] = field(default_factory=dict)

    def __getitem__(self, unit: str) -> pd.DataFrame:
        return self.frames[unit]

    def __iter__(self) -> Iterator[str]:
        return iter(self.frames)

    def __len__(self) -> int:
        return len(self.frames)

    def __repr__(self) -> str:
        rows = ", ".join(f"{unit} {len(frame):,}" for unit, frame in self.frames.items())
        return f"<Responses to {self.questionnaire} {self.version}: rows {rows}>"

    def place(self, unit: str, row: int, column: str, *, item: str = "", record: str = "") -> Place:
        """Return where an answer stands; only item and record where it came from no file."""
        origins = self.origins.get(unit, ())
        if not origins:
            return Place(item=item, record=record, field=column)
        return origins[row].place(column, item=item, record=record)
