"""Columns of a frame in memory as numpy arrays; which frames stay with their engine."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal, Protocol, cast

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.errors import DesignError
from surveykit.findings import Finding, Place, finding

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Engine = Literal["pandas", "polars", "lazy"]

_SMALL_RANGE: Final = 65_536  # codes of up to two bytes are ranked by a table instead of by hashing


class Columns(Protocol):
    """The columns of a frame in memory."""

    def names(self) -> tuple[str, ...]:
        """Return the column names in order."""

    def has(self, name: str) -> bool:
        """Return whether there is such a column."""

    def rows(self) -> int:
        """Return the number of rows."""

    def numbers(self, name: str) -> Floats:
        """Return a numeric column of shape (n,), NaN where the answer is missing."""

    def codes(self, name: str) -> tuple[Integers, NDArray[np.generic]]:
        """Return dense codes of shape (n,), -1 where missing, and the sorted values they stand for."""

    def decimal(self, name: str) -> bool:
        """Return whether a column holds numbers with decimals."""

    def with_values(self, values: Mapping[str, object]) -> object:
        """Return the native frame with columns added or replaced."""


class PandasColumns:
    """Columns of a pandas frame."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def names(self) -> tuple[str, ...]:
        """Return the column names in order."""
        return tuple(str(name) for name in self._frame.columns)

    def has(self, name: str) -> bool:
        """Return whether there is such a column."""
        return name in self._frame.columns

    def rows(self) -> int:
        """Return the number of rows."""
        return len(self._frame)

    def numbers(self, name: str) -> Floats:
        """Return a numeric column, NaN where the answer is missing."""
        column = self._frame[name]
        if not (pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)):
            raise not_numeric(name, str(column.dtype))
        if isinstance(column.dtype, np.dtype):
            return column.to_numpy().astype(np.float64, copy=False)
        return column.to_numpy(dtype="float64", na_value=np.nan)

    def codes(self, name: str) -> tuple[Integers, NDArray[np.generic]]:
        """Return dense codes, -1 where missing, and the sorted values they stand for."""
        column = self._frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            return _used(column.cat.codes.to_numpy(), column.cat.categories.to_numpy())
        if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iub":
            return _dense(column.to_numpy())
        codes, values = pd.factorize(column, sort=True, use_na_sentinel=True)
        return codes, np.asarray(values)

    def decimal(self, name: str) -> bool:
        """Return whether a column holds numbers with decimals."""
        return bool(pd.api.types.is_float_dtype(self._frame[name].dtype))

    def with_values(self, values: Mapping[str, object]) -> object:
        """Return the native frame with columns added or replaced."""
        frame = self._frame.copy(deep=False)
        for name, column in values.items():
            frame[name] = cast("pd.Series", column)
        return frame


class _PolarsSeries(Protocol):
    dtype: object

    def is_null(self) -> _PolarsSeries: ...
    def cast(self, dtype: object) -> _PolarsSeries: ...
    def to_numpy(self) -> NDArray[np.generic]: ...
    def to_physical(self) -> _PolarsSeries: ...
    def null_count(self) -> int: ...
    def unique(self) -> _PolarsSeries: ...
    def drop_nulls(self) -> _PolarsSeries: ...
    def fill_null(self, value: object) -> _PolarsSeries: ...


class _PolarsFrame(Protocol):
    columns: list[str]
    height: int

    def get_column(self, name: str) -> _PolarsSeries: ...
    def with_columns(self, columns: Sequence[object]) -> _PolarsFrame: ...


class PolarsColumns:
    """Columns of an eager polars frame."""

    def __init__(self, frame: object) -> None:
        self._frame = cast("_PolarsFrame", frame)

    def names(self) -> tuple[str, ...]:
        """Return the column names in order."""
        return tuple(self._frame.columns)

    def has(self, name: str) -> bool:
        """Return whether there is such a column."""
        return name in self._frame.columns

    def rows(self) -> int:
        """Return the number of rows."""
        return self._frame.height

    def numbers(self, name: str) -> Floats:
        """Return a numeric column, NaN where the answer is missing."""
        column = self._frame.get_column(name)
        if not (_polars_is(column, "is_numeric") or str(column.dtype) == "Boolean"):
            raise not_numeric(name, str(column.dtype))
        return np.asarray(column.cast(float).to_numpy(), dtype=np.float64)

    def codes(self, name: str) -> tuple[Integers, NDArray[np.generic]]:
        """Return dense codes, -1 where missing, and the sorted values they stand for."""
        column = self._frame.get_column(name)
        if not column.null_count() and (_polars_is(column, "is_integer") or str(column.dtype) == "Boolean"):
            return _dense(column.to_numpy())
        if str(column.dtype) in {"String", "Utf8"}:
            return self._text(column)
        missing = column.is_null().to_numpy().astype(bool)
        codes, values = pd.factorize(pd.Series(column.to_numpy()).mask(missing), sort=True, use_na_sentinel=True)
        return codes, np.asarray(values)

    def _text(self, column: _PolarsSeries) -> tuple[Integers, NDArray[np.generic]]:
        polars = sys.modules["polars"]
        categories = column.cast(polars.Categorical)
        missing = column.is_null().to_numpy().astype(bool)
        physical, seen = _dense(categories.to_physical().fill_null(0).to_numpy())
        first = np.zeros(len(seen), dtype=np.intp)
        first[physical[::-1]] = np.arange(len(physical) - 1, -1, -1)
        names = np.asarray(categories.cast(polars.String).to_numpy()[first], dtype=object)
        names[missing[first]] = ""
        order = np.argsort(names, kind="stable")
        rank = np.empty(len(order), dtype=np.intp)
        rank[order] = np.arange(len(order))
        codes = np.where(missing, -1, rank[physical])
        return _used(codes, names[order])

    def decimal(self, name: str) -> bool:
        """Return whether a column holds numbers with decimals."""
        return _polars_is(self._frame.get_column(name), "is_float")

    def with_values(self, values: Mapping[str, object]) -> object:
        """Return the native frame with columns added or replaced."""
        polars = sys.modules["polars"]
        return self._frame.with_columns([polars.Series(name, np.asarray(column)) for name, column in values.items()])


def engine_of(frame: object) -> Engine:
    """Return where a frame's rows live: pandas or polars memory, or an engine that is sent a query.

    Raises
    ------
    DesignError
        If the frame is of no known kind.
    """
    root, kind = type(frame).__module__.split(".")[0], type(frame).__name__
    if isinstance(frame, pd.DataFrame):
        return "pandas"
    if root == "polars" and kind == "DataFrame":
        return "polars"
    lazy = {("polars", "LazyFrame"), ("duckdb", "DuckDBPyRelation"), ("_duckdb", "DuckDBPyRelation")}
    if (root, kind) in lazy or (root in {"pyspark", "sqlframe"} and "DataFrame" in kind):
        return "lazy"
    raise DesignError.of("design-frame-unsupported", kind=f"{type(frame).__module__}.{kind}")


def opened(frame: object) -> object:
    """Return a frame as it is, and the path of a Parquet file as a DuckDB relation."""
    if not isinstance(frame, str | Path):
        return frame
    if not Path(frame).exists() and "*" not in str(frame):
        raise DesignError.of("design-file-missing", Place(file=str(frame)), file=str(frame))
    return _duckdb().read_parquet(str(frame))


def columns_of(frame: object) -> Columns:
    """Return the columns of a frame in memory."""
    return PandasColumns(cast("pd.DataFrame", frame)) if engine_of(frame) == "pandas" else PolarsColumns(frame)


def names_of(frame: object) -> tuple[str, ...]:
    """Return the column names of any supported frame."""
    if hasattr(frame, "collect_schema"):
        return tuple(frame.collect_schema().names())
    return tuple(str(name) for name in cast("pd.DataFrame", frame).columns)


def rows_of(frame: object) -> int:
    """Return the number of rows of any supported frame; an engine is asked to count them."""
    if engine_of(frame) != "lazy":
        return columns_of(frame).rows()
    lazy: nw.LazyFrame[Any] = nw.from_native(cast("Any", frame))
    return int(lazy.select(nw.len().alias("rows")).collect(backend="pyarrow")["rows"][0])


def unknown(names: Sequence[str], known: Sequence[str], code: str = "design-unknown-column") -> list[Finding]:
    """Return one finding for each name that the frame lacks, with the names most like it."""
    present = set(known)
    return [
        finding(code, Place(field=name), name=name, near=near(name, known)) for name in names if name not in present
    ]


def near(name: str, known: Sequence[str]) -> str:
    """Return the known names most like a name, for a message."""
    folded = {one.casefold(): one for one in known}
    close = get_close_matches(name.casefold(), list(folded), n=3, cutoff=0.6)
    return ", ".join(folded[one] for one in close) or "none alike"


def not_numeric(name: str, dtype: str) -> DesignError:
    """Return the error of a column that should hold numbers."""
    return DesignError.of("design-column-not-numeric", Place(field=name), name=name, dtype=dtype)


def _duckdb() -> ModuleType:
    try:
        return import_module("duckdb")
    except ImportError as error:
        raise DesignError.of("design-needs-package", package="duckdb") from error


def _polars_is(column: _PolarsSeries, test: str) -> bool:
    return bool(getattr(column.dtype, test)())


def _dense(values: NDArray[np.generic]) -> tuple[Integers, NDArray[np.generic]]:
    if not len(values):
        return np.empty(0, dtype=np.intp), values
    whole = values.astype(np.int64, copy=False)
    low, high = int(whole.min()), int(whole.max())
    if high - low >= max(_SMALL_RANGE, 2 * len(whole)):
        codes, levels = pd.factorize(whole, sort=True)
        return codes, np.asarray(levels).astype(values.dtype, copy=False)
    offset = whole - low
    seen = np.flatnonzero(np.bincount(offset, minlength=high - low + 1))
    if len(seen) == high - low + 1:
        return offset, (seen + low).astype(values.dtype)
    rank = np.empty(high - low + 1, dtype=np.intp)
    rank[seen] = np.arange(len(seen))
    return rank[offset], (seen + low).astype(values.dtype)


def _used(codes: NDArray[np.generic], levels: NDArray[np.generic]) -> tuple[Integers, NDArray[np.generic]]:
    """Drop levels that no row has."""
    whole = codes.astype(np.intp)
    count = np.bincount(whole + 1, minlength=len(levels) + 1)[1:]
    seen = np.flatnonzero(count)
    if len(seen) == len(levels):
        return whole, levels
    rank = np.full(len(levels) + 1, -1, dtype=np.intp)
    rank[seen] = np.arange(len(seen))
    return rank[whole], levels[seen]
