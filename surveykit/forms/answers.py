"""Answers written into a form as an interviewer would type or choose them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import pandas as pd

from surveykit.errors import FormError
from surveykit.findings import Place
from surveykit.forms.lists import TICK, option_label
from surveykit.forms.places import FormLayout, Slot
from surveykit.forms.plan import Value
from surveykit.forms.wording import Words
from surveykit.questionnaire.identity import key_name
from surveykit.questionnaire.structure import Code, Item, Questionnaire

Frames = Mapping[str, pd.DataFrame]
Answers = Mapping[str, Any] | pd.DataFrame | Frames

_WHOLE: Final = 2.0**53  # beyond it a double no longer holds every whole number


def frames_of(answers: Answers | None, questionnaire: Questionnaire) -> dict[str, pd.DataFrame]:
    """Return answers as a frame a unit.

    Parameters
    ----------
    answers : mapping of item to value, DataFrame, or mapping of unit to DataFrame
        A plain mapping holds answers of the top unit, by item id or variable; a frame has the columns of the top unit.
    questionnaire : Questionnaire

    Raises
    ------
    FormError
        If a column or unit is not in the questionnaire.
    """
    if answers is None:
        return {}
    top = questionnaire.top.id
    if isinstance(answers, pd.DataFrame):
        frames = {top: answers}
    elif any(isinstance(value, pd.DataFrame) for value in answers.values()):
        frames = {str(unit): frame for unit, frame in answers.items() if isinstance(frame, pd.DataFrame)}
    else:
        frames = {top: pd.DataFrame({name: pd.Series([value], dtype=object) for name, value in answers.items()})}
    return {unit: _named(frame, unit, questionnaire) for unit, frame in frames.items()}


def booklet_values(
    frames: Mapping[str, pd.DataFrame], questionnaire: Questionnaire, layout: FormLayout, words: Words
) -> dict[str, Value]:
    """Return the value of each answer cell of a booklet, by defined name.

    Raises
    ------
    FormError
        If there are more rows than the form has room for.
    """
    values: dict[str, Value] = {}
    room = _room(layout)
    columns: dict[tuple[str, Code | None], list[Value]] = {}
    for unit, frame in frames.items():
        if len(frame) > room.get(unit, 0):
            where, most = Place(field=unit), room.get(unit, 0)
            raise FormError.of("forms-too-many-rows", where, unit=unit, rows=len(frame), room=most)
    items = {item.id: item for item in questionnaire.items}
    for slot in layout.slots:
        position = max(slot.row, 1) - 1
        if slot.unit not in frames or position >= len(frames[slot.unit]) or slot.item not in items:
            continue
        key = (slot.item, slot.code)
        if key not in columns:
            columns[key] = _column(slot, frames[slot.unit], questionnaire, items, words)
        if columns[key][position] is not None:
            values[slot.name] = columns[key][position]
    return values


def list_rows(
    frames: Mapping[str, pd.DataFrame], questionnaire: Questionnaire, layout: FormLayout, words: Words
) -> dict[str, list[list[Value]]]:
    """Return the rows of each sheet of a list, by unit, in the order of its slots.

    Raises
    ------
    FormError
        If there are more rows than the form has room for.
    """
    rows: dict[str, list[list[Value]]] = {}
    items = {item.id: item for item in questionnaire.items}
    for unit, frame in frames.items():
        if len(frame) > layout.rows:
            raise FormError.of("forms-too-many-rows", Place(field=unit), unit=unit, rows=len(frame), room=layout.rows)
        slots = [slot for slot in layout.slots if slot.unit == unit]
        columns = [_column(slot, frame, questionnaire, items, words) for slot in slots]
        rows[unit] = [list(row) for row in zip(*columns, strict=True)]
    return rows


def typed_value(value: Any, item: Item, words: Words) -> Value:  # noqa: ANN401 (whatever a frame holds)
    """Return a value as it is typed or chosen; what does not fit the item is written as it is."""
    if _absent(value):
        return None
    if item.codelist is not None or item.type == "select_one":
        code = _code(value, item)
        return option_label(item, code, words) if code is not None else _plain(value)
    return _plain(value)


def _column(
    slot: Slot, frame: pd.DataFrame, questionnaire: Questionnaire, items: Mapping[str, Item], words: Words
) -> list[Value]:
    item = items.get(slot.item)
    name = item.var if item else _source(slot, questionnaire)
    if slot.code is not None and item is not None:
        return _ticks(slot, item, frame)
    if name not in frame.columns:
        return [None] * len(frame)
    if item is None:
        return [None if _absent(value) else _plain(value) for value in frame[name]]
    if item.type == "calculated":
        return [None] * len(frame)
    return [typed_value(value, item, words) for value in frame[name]]


def _ticks(slot: Slot, item: Item, frame: pd.DataFrame) -> list[Value]:
    if item.var in frame.columns:
        chosen = [[] if _absent(value) else str(value).split() for value in frame[item.var]]
        return [TICK if str(slot.code) in codes else None for codes in chosen]
    column = f"{item.var}_{slot.code}"
    if column not in frame.columns:
        return [None] * len(frame)
    return [TICK if not _absent(value) and value == 1 else None for value in frame[column]]


def _source(slot: Slot, questionnaire: Questionnaire) -> str:
    if slot.item == key_name(slot.unit):
        return questionnaire.item(questionnaire.top.key).var
    return questionnaire.unit(slot.unit).key


def _named(frame: pd.DataFrame, unit: str, questionnaire: Questionnaire) -> pd.DataFrame:
    known = {item.id: item.var for item in questionnaire.items_of(unit)}
    columns = {column for item in questionnaire.items_of(unit) for column in item.columns}
    allowed = columns | set(questionnaire.keys_of(unit)) | set(known)
    unknown = [str(column) for column in frame.columns if column not in allowed]
    if unknown:
        raise FormError.of("forms-unknown-answer", Place(field=unknown[0]), names=", ".join(unknown), unit=unit)
    return frame.rename(columns=known)


def _room(layout: FormLayout) -> dict[str, int]:
    room: dict[str, int] = {}
    for slot in layout.slots:
        room[slot.unit] = max(room.get(slot.unit, 0), slot.row or 1)
    return room


def _code(value: Any, item: Item) -> Any:  # noqa: ANN401 (a code or None)
    codes = {str(code): code for code in (*(item.codelist.codes if item.codelist else ()), *item.missing_codes)}
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return codes.get(text)


def _plain(value: Any) -> Value:  # noqa: ANN401 (whatever a frame holds)
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return int(value)
    return value if isinstance(value, str | int | float | date) else str(value)


def _absent(value: Any) -> bool:  # noqa: ANN401 (whatever a frame holds)
    return value is None or value is pd.NA or value is pd.NaT or value != value or value == ""  # noqa: PLR0124 (NaN)
