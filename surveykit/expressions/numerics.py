"""Functions of numbers over whole columns; NaN means unknown and spreads."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def calculated(operator: str, left: Floats, right: Floats) -> Floats:
    """Return a sum, difference, product or quotient; a division by zero is unknown."""
    match operator:
        case "+":
            return np.add(left, right)
        case "-":
            return np.subtract(left, right)
        case "*":
            return np.multiply(left, right)
        case _:
            return np.where(right == 0, np.nan, np.divide(left, right))


def extreme(function: str, outer: NDArray[np.intp], values: Floats, rows: int) -> Floats:
    """Return the least or greatest value of the inner rows of each outer row; unknown without rows."""
    fold = np.minimum if function == "min" else np.maximum
    found = np.full(rows, np.inf if function == "min" else -np.inf)
    fold.at(found, outer, values)
    return np.where(np.bincount(outer, minlength=rows) == 0, np.nan, found)


def _rounded(value: Floats, places: Floats | None = None) -> Floats:
    factor = 1.0 if places is None else 10.0 ** float(places)
    # Half away from zero as on paper; the 1e-9 takes up what binary fractions lose (2.675 is 2.67499…).
    return np.sign(value) * np.floor(np.abs(value) * factor + 0.5 + 1e-9) / factor + 0.0


def _civil(days: Floats) -> tuple[Floats, Floats, Floats]:
    known = ~np.isnan(days)
    dates = np.where(known, days, 0).astype(np.int64).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    year = months.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    return np.where(known, year, np.nan), np.where(known, month, np.nan), np.where(known, day, np.nan)


def _age(birth: Floats, at: Floats) -> Floats:
    (year, month, day), (year_at, month_at, day_at) = _civil(birth), _civil(at)
    before = month_at * 100 + day_at < month * 100 + day
    return np.where(birth > at, np.nan, year_at - year - before)


def _sum(*columns: Floats) -> Floats:
    total = columns[0]
    for column in columns[1:]:
        total = total + column
    return total


def _fold(join: Callable[[Any, Any], Any]) -> Callable[..., Floats]:
    return lambda *columns: reduce(join, columns)


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "min": _fold(np.minimum),
    "max": _fold(np.maximum),
    "sum": _sum,
    "mean": lambda *columns: _sum(*columns) / len(columns),
    "round": _rounded,
    "int": lambda value: np.trunc(value) + 0.0,
    "abs": np.abs,
    "age": _age,
    "days_between": lambda first, last: last - first,
    "year": lambda days: _civil(days)[0],
    "month": lambda days: _civil(days)[1],
    "day": lambda days: _civil(days)[2],
}
