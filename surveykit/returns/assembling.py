"""From records to Responses: a typed frame a unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from surveykit.questionnaire.responses import Origin, Responses
from surveykit.questionnaire.structure import Questionnaire
from surveykit.returns.calculation import recompute
from surveykit.returns.datatypes import DATES, column_types
from surveykit.returns.persons import fill_lines
from surveykit.returns.records import Record


def assemble(records: Iterable[Record], questionnaire: Questionnaire) -> Responses:
    """Collect records into a frame a unit.

    Parameters
    ----------
    records : iterable of Record
    questionnaire : Questionnaire

    Returns
    -------
    Responses
        Computed items made anew; lines of selected persons that no spreadsheet program has calculated, too.
    """
    units = {unit.id: _Unit(column_types(unit.id, questionnaire)) for unit in questionnaire.units}
    for record in records:
        units[record.unit].add(record)
    blocks = {name: unit.blocks for name, unit in units.items()}
    return recompute(fill_lines(_as_read(units, questionnaire), questionnaire, blocks), questionnaire)


class _Unit:
    """The answers of one unit by column: records are taken apart as they come, since a dictionary a row costs most."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self.blocks: list[int] = []
        self.origins: list[Origin] = []
        self.unread: set[tuple[int, str]] = set()
        self._types = types
        self._values: dict[str, list[Any]] = {column: [] for column in types}
        self._shared: dict[tuple[tuple[str, tuple[str, str]], ...], Origin] = {}

    def add(self, record: Record) -> None:
        """Take one record."""
        self.unread |= {(len(self.blocks), column) for column in record.unread}
        self.blocks.append(record.block)
        self.origins.append(self._origin(record.origin))
        for column, values in self._values.items():
            values.append(record.answers.get(column))

    def frame(self) -> pd.DataFrame:
        """Return the answers as a typed frame, giving up each column as it is made."""
        columns = {column: _series(self._values.pop(column), dtype) for column, dtype in self._types.items()}
        return pd.DataFrame(columns, index=pd.RangeIndex(len(self.blocks)))

    def _origin(self, origin: Origin) -> Origin:
        """Return an origin; those with equal cells share one mapping, since booklets of one form are alike."""
        if origin.row:
            return origin
        same = self._shared.setdefault(tuple(origin.cells.items()), origin)
        return Origin(file=origin.file, cells=same.cells, row=origin.row)


def _as_read(units: Mapping[str, _Unit], questionnaire: Questionnaire) -> Responses:
    return Responses(
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        structure_hash=questionnaire.structure_hash,
        frames={name: unit.frame() for name, unit in units.items()},
        origins={name: tuple(unit.origins) for name, unit in units.items()},
        unread={name: frozenset(unit.unread) for name, unit in units.items()},
    )


def _series(values: list[Any], dtype: str) -> pd.Series[Any]:
    if dtype == DATES:
        return pd.Series(pd.DatetimeIndex(values).as_unit("us"))
    return pd.Series(values, dtype=dtype)
