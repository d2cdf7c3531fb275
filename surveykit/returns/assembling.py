"""From records to Responses: a typed frame a unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from surveykit.questionnaire.responses import Origin, Responses
from surveykit.questionnaire.structure import Item, Questionnaire
from surveykit.returns.records import Record

_DTYPES: Final = {
    "id": "string",
    "text": "string",
    "integer": "Int64",
    "decimal": "Float64",
    "select_multiple": "string",
}
_DATES: Final = "datetime64[us]"  # microseconds hold every year of the calendar; pandas 2 would take nanoseconds


def assemble(records: Iterable[Record], questionnaire: Questionnaire) -> Responses:
    """Collect records into a frame a unit.

    Parameters
    ----------
    records : iterable of Record
    questionnaire : Questionnaire

    Returns
    -------
    Responses
        Computed items are null; :func:`surveykit.returns.calculation.recompute` fills them.
    """
    by_unit: dict[str, list[Record]] = {unit.id: [] for unit in questionnaire.units}
    for record in records:
        by_unit[record.unit].append(record)
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


def column_types(unit: str, questionnaire: Questionnaire) -> dict[str, str]:
    """Return the columns of a unit's frame, keys first, with their data types."""
    top, *line = questionnaire.keys_of(unit)
    types = {top: "string", **dict.fromkeys(line, "Int64")}
    for item in questionnaire.items_of(unit):
        for column in item.columns:
            types.setdefault(column, _dtype(item, column))
    return types


def code_dtype(item: Item) -> str:
    """Return ``Int64`` where all codes of an item are numbers, else ``string``."""
    codes = (*(item.codelist.codes if item.codelist else ()), *item.missing_codes)
    return "Int64" if all(isinstance(code, int) for code in codes) else "string"


def _dtype(item: Item, column: str) -> str:
    if item.type == "select_multiple" and item.codelist:
        return "string" if column == item.var else "Int64"
    if item.type == "date" or (item.type == "calculated" and item.result == "date" and not item.coded):
        return _DATES
    if item.type == "select_one" or (item.type == "calculated" and item.coded):
        return code_dtype(item)
    if item.type == "calculated":
        return "string" if item.result == "text" else "Float64"
    return _DTYPES[item.type]


def _frame(records: list[Record], unit: str, questionnaire: Questionnaire) -> pd.DataFrame:
    types = column_types(unit, questionnaire)
    rows = [record.answers for record in records]
    columns = {column: _series([row.get(column) for row in rows], dtype) for column, dtype in types.items()}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(records)))


def _series(values: list[Any], dtype: str) -> pd.Series[Any]:
    if dtype == _DATES:
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
