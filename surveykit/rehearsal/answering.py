"""The list of queries as a supervisor answers it, and the workbooks that come back a second time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from surveykit.rehearsal.cells import Value, filled, opened
from surveykit.rehearsal.returning import Spot
from surveykit.rehearsal.spoiling import Planted
from surveykit.returns.queries import COLUMNS
from surveykit.returns.sources import open_workbook
from surveykit.returns.values import column_letters, shown

SUPERVISOR: Final = "supervisor"
_RIGHT: Final = "V"
_BLANK: Final = "(blank)"  # what takes an answer out, in the words of the list
_NUMBERS: Final = {name: number for number, name in enumerate(COLUMNS, start=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answered list.

    Parameters
    ----------
    path : Path
    values, right : int
        Lines answered with the true value, and confirmed as right.
    """

    path: Path
    values: int
    right: int


def answer_queries(queries: Path, planted: Planted, path: Path) -> Answered:
    """Answer a list of queries: the true value where there was a mistake, "right" in households without one.

    Parameters
    ----------
    queries : Path
        As ``surveykit receive`` wrote it.
    planted : Planted
    path : Path
        The answered list.

    Notes
    -----
    Findings that follow from a mistake elsewhere in the household are left open: they go away with it.
    """
    truth = dict(zip(planted.spots, planted.key["was"], strict=True))
    spoilt = set(planted.key["record"])
    typed: dict[str, dict[str, Value]] = {}
    counts = {"value": 0, "right": 0}
    for sheet, row, spot, record in _lines(queries):
        if spot in truth:
            answers: Mapping[str, Value] = {"value": _said(truth[spot]), "why": "paper form looked up"}
            counts["value"] += 1
        elif record not in spoilt and spot[2]:  # what is computed has no cell, and follows from others
            answers = {"right": _RIGHT, "why": "household asked again"}
            counts["right"] += 1
        else:
            continue
        cells = {f"{column_letters(_NUMBERS[name])}{row}": value for name, value in answers.items()}
        typed.setdefault(sheet, {}).update(cells | {f"{column_letters(_NUMBERS['who'])}{row}": SUPERVISOR})
    path.write_bytes(filled(opened(queries.read_bytes()), typed))
    return Answered(path=path, values=counts["value"], right=counts["right"])


def corrected_answers(planted: Planted, rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the answers as typed, with some mistakes put right: what a workbook says that is sent again."""
    frames = dict(planted.typed)
    for unit, some in rows.groupby("unit"):
        frame = frames[str(unit)].copy()
        for row, item, was in zip(some["row"], some["item"], some["was"], strict=True):
            frame.loc[row, item] = pd.NA if was is None or pd.isna(was) else was
        frames[str(unit)] = frame
    return frames


def _lines(queries: Path) -> Iterator[tuple[str, int, Spot, str]]:
    with open_workbook(queries) as workbook:
        for sheet in workbook.sheets:
            for row, cells in sheet.read():
                named = {name: shown(cells.get(number)).strip() for name, number in _NUMBERS.items()}
                if row > 1:
                    yield sheet.name, row, (named["file"], named["sheet"], named["cell"]), named["serial"]


def _said(was: Any) -> Value:  # noqa: ANN401 (an answer)
    if was is None or pd.isna(was):
        return _BLANK
    if isinstance(was, pd.Timestamp):
        return date(was.year, was.month, was.day)
    if isinstance(was, float) and was.is_integer():
        return int(was)
    plain: Value = was.item() if hasattr(was, "item") else was
    return plain
