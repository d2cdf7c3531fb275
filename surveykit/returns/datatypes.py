"""Data types of the columns of answers."""

from __future__ import annotations

from typing import Final

from surveykit.questionnaire.structure import Item, Questionnaire

DATES: Final = "datetime64[us]"  # microseconds hold every year of the calendar; pandas 2 would take nanoseconds
_DTYPES: Final = {
    "id": "string",
    "text": "string",
    "integer": "Int64",
    "decimal": "Float64",
    "select_multiple": "string",
}


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
        return DATES
    if item.type == "select_one" or (item.type == "calculated" and item.coded):
        return code_dtype(item)
    if item.type == "calculated":
        return "string" if item.result == "text" else "Float64"
    return _DTYPES[item.type]
