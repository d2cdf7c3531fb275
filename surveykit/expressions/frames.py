"""Data frames as columns of numbers and texts, read once: the sources of ``vectors``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.errors import ExpressionError
from surveykit.expressions import scalars
from surveykit.expressions.symbols import Symbol, near
from surveykit.expressions.vectors import EPOCH, Floats, Pairs, Texts
from surveykit.findings import Place

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterFrame:
    """The rows of a roster beside an outer frame.

    Parameters
    ----------
    frame : DataFrame
        A row a member, pandas or polars.
    link : tuple of str
        Key columns that both frames have; a row belongs to the outer rows with the same keys.
    """

    frame: Any
    link: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A frame in memory, read once for many expressions; made by ``prepare``."""

    frame: nw.DataFrame[Any]
    rosters: Mapping[str, RosterFrame]
    today: str | date | None
    rows: int
    _read: dict[str, Any] = field(default_factory=dict)

    def floats(self, symbol: Symbol, roster: str) -> Floats:
        """Return a column's numbers, NaN where blank; dates as days since 1970-01-01."""
        read = _days if symbol.kind == "date" else _floats
        return self.kept(f"{read.__name__} {symbol.column}", lambda: read(self._column(symbol, roster)))

    def texts(self, symbol: Symbol, roster: str) -> Texts:
        """Return a column's texts, -1 where blank."""
        return self.kept(f"_texts {symbol.column}", lambda: _texts(self._column(symbol, roster)))

    def day(self) -> Floats | float:
        """Return the interview date: that of each row, or one for all."""
        if self.today is None:
            raise ExpressionError.of("expression-today-unbound")
        if isinstance(self.today, str):
            return self.floats(Symbol(name=self.today, kind="date"), "")
        return float((self.today - EPOCH).days)

    def pairs(self, roster: str) -> Pairs:
        """Return the rows of a roster under each row of the frame."""
        if roster not in self.rosters:
            raise ExpressionError.of("expression-rows-missing", name=roster)
        return self.kept(f"rows {roster}", lambda: self._paired(roster))

    def kept(self, name: str, make: Callable[[], Kept]) -> Kept:
        """Return what was made under a name, making it the first time."""
        if name not in self._read:
            self._read[name] = make()
        found: Kept = self._read[name]
        return found

    def _paired(self, roster: str) -> Pairs:
        given = self.rosters[roster]
        inner = prepare(given.frame)
        outer_row, inner_row = _matched(self.frame, inner.frame, given.link)
        source = _PairColumns(outer=self, inner=inner, outer_row=outer_row, inner_row=inner_row, rows=len(outer_row))
        return Pairs(source=source, outer=outer_row)

    def _column(self, symbol: Symbol, roster: str) -> nw.Series[Any]:
        if roster:
            raise ExpressionError.of("expression-rows-missing", name=roster)
        if symbol.column not in self.frame.columns:
            raise _column_missing(symbol.column, self.frame.columns)
        return self.frame[symbol.column]


@dataclass(frozen=True, slots=True, kw_only=True)
class _PairColumns:
    """Columns of a roster's rows, each beside the outer row that it belongs to."""

    outer: Columns
    inner: Columns
    outer_row: NDArray[np.intp]
    inner_row: NDArray[np.intp]
    rows: int

    def floats(self, symbol: Symbol, roster: str) -> Floats:
        found = (
            self.inner.floats(symbol, "")[self.inner_row] if roster else self.outer.floats(symbol, "")[self.outer_row]
        )
        return np.asarray(found)

    def texts(self, symbol: Symbol, roster: str) -> Texts:
        if roster:
            return self.inner.texts(symbol, "").take(self.inner_row)
        return self.outer.texts(symbol, "").take(self.outer_row)

    def day(self) -> Floats | float:
        day = self.outer.day()
        return day if isinstance(day, float) else day[self.outer_row]

    def pairs(self, roster: str) -> Pairs:
        raise ExpressionError.of("expression-rows-missing", name=roster)


def prepare(
    frame: Any,  # noqa: ANN401 (any engine's frame)
    *,
    rosters: Mapping[str, RosterFrame] | None = None,
    today: str | date | None = None,
) -> Columns:
    """Return a frame in memory made ready for many expressions; its columns are read once.

    Parameters
    ----------
    frame : DataFrame
        pandas or polars.
    rosters : mapping of str to RosterFrame, optional
        Rows below each row, for aggregates.
    today : str or date, optional
        What ``today()`` means: a column of interview dates, or one date. Never the computer's clock.
    """
    if isinstance(frame, Columns):
        return frame
    native = nw.from_native(frame, eager_only=True)
    return Columns(frame=native, rosters=rosters or {}, today=today, rows=len(native))


def _floats(series: nw.Series[Any]) -> Floats:
    if series.dtype.is_numeric() or series.dtype == nw.Boolean:
        native = series.to_native()
        if isinstance(native, pd.Series):
            return native.to_numpy(dtype="float64", na_value=np.nan)
        return np.asarray(series.cast(nw.Float64).to_numpy(), dtype=np.float64)
    numbers = [_number(value) for value in series.to_list()]
    if any(number is None for number in numbers):
        raise _column_kind(series, "numbers")
    return np.array(numbers, dtype=np.float64)


def _number(value: object) -> float | None:
    if value is None or value is pd.NA or value == "":
        return float("nan")
    if isinstance(value, int | float):
        return float(value)
    found = scalars.number(str(value))
    return None if found != found else found  # noqa: PLR0124 (NaN)


def _days(series: nw.Series[Any]) -> Floats:
    if isinstance(series.dtype, nw.Datetime) and series.dtype.time_zone is not None:
        series = series.dt.replace_time_zone(None)
    if isinstance(series.dtype, nw.Date | nw.Datetime):
        dates = series.to_numpy().astype("datetime64[D]")
    else:
        dates = np.array([_day(value, series) for value in series.to_list()], dtype="datetime64[D]")
    days = dates.astype(np.int64).astype(np.float64)
    return np.where(np.isnat(dates), np.nan, days)


def _day(value: object, series: nw.Series[Any]) -> date | None:
    if value is None or value is pd.NA or value is pd.NaT or str(value).strip() in {"", "nan"}:
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise _column_kind(series, "dates such as 2026-03-02") from None


def _texts(series: nw.Series[Any]) -> Texts:
    index, values = pd.factorize(np.asarray(series.cast(nw.String).to_list(), dtype=object), use_na_sentinel=True)
    written = [scalars.trimmed(str(value)) for value in values]
    blank = np.array([*(not text for text in written), False], dtype=np.bool_)
    # Before pandas 3 the cast turns nulls into the text "nan".
    unknown = blank[index] | series.is_null().to_numpy()
    return Texts(index=np.where(unknown, -1, index), values=tuple(written))


def _matched(
    outer: nw.DataFrame[Any], inner: nw.DataFrame[Any], link: tuple[str, ...]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return for each pair of an outer row and a roster row that belongs to it their positions, outer ones first."""
    for frame in (outer, inner):
        for key in link:
            if key not in frame.columns:
                raise _column_missing(key, frame.columns)
    groups: dict[object, list[int]] = {}
    for position, keys in enumerate(inner.select(link).iter_rows()):
        groups.setdefault(keys, []).append(position)
    found = [groups.get(keys, []) for keys in outer.select(link).iter_rows()]
    outer_row = np.repeat(np.arange(len(found)), [len(rows) for rows in found])
    return outer_row, np.array([row for rows in found for row in rows], dtype=np.intp)


def _column_missing(name: str, known: list[str]) -> ExpressionError:
    return ExpressionError.of("expression-column-missing", Place(field=name), name=name, near=near(name, known))


def _column_kind(series: nw.Series[Any], expected: str) -> ExpressionError:
    name = str(series.name)
    return ExpressionError.of(
        "expression-column-kind", Place(field=name), name=name, found=str(series.dtype), expected=expected
    )
