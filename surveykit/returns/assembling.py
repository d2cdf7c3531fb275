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
    by_unit: dict[str, list[Record]] = {unit.id: [] for unit in questionnaire.units}
    for record in records:
        by_unit[record.unit].append(record)
    blocks = {unit: [record.block for record in some] for unit, some in by_unit.items()}
    return recompute(fill_lines(_as_read(by_unit, questionnaire), questionnaire, blocks), questionnaire)


def _as_read(by_unit: Mapping[str, list[Record]], questionnaire: Questionnaire) -> Responses:
    return Responses(
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        structure_hash=questionnaire.structure_hash,
        frames={unit: _frame(some, unit, questionnaire) for unit, some in by_unit.items()},
        origins={unit: tuple(_origins(some)) for unit, some in by_unit.items()},
        unread={
            unit: frozenset((row, column) for row, record in enumerate(some) for column in record.unread)
            for unit, some in by_unit.items()
        },
    )


def _frame(records: list[Record], unit: str, questionnaire: Questionnaire) -> pd.DataFrame:
    types = column_types(unit, questionnaire)
    rows = [record.answers for record in records]
    columns = {column: _series([row.get(column) for row in rows], dtype) for column, dtype in types.items()}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(records)))


def _series(values: list[Any], dtype: str) -> pd.Series[Any]:
    if dtype == DATES:
        return pd.Series(pd.DatetimeIndex(values).as_unit("us"))
    return pd.Series(values, dtype=dtype)


def _origins(records: Iterable[Record]) -> Iterable[Origin]:
    """Return the origins, those with equal cells sharing one mapping: booklets of one form are alike."""
    shared: dict[tuple[tuple[str, tuple[str, str]], ...], Origin] = {}
    for record in records:
        origin = record.origin
        if origin.row:
            yield origin
            continue
        same = shared.setdefault(tuple(origin.cells.items()), origin)
        yield Origin(file=origin.file, cells=same.cells, row=origin.row)
