"""Expressions over data frames: pandas and polars in memory, DuckDB, Spark and polars as lazy expressions.

In memory, columns are read once through narwhals and evaluated in numpy (``vectors``); engines that work elsewhere get
a narwhals expression (``engines``). Both keep the one meaning: blank and missing codes are unknown, and so is whatever
is compared with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.expressions import agreement, engines, meaning, scalars
from surveykit.expressions.frames import Columns, RosterFrame, prepare
from surveykit.expressions.meaning import Kind, Scope, Symbol, Typed
from surveykit.expressions.vectors import Floats, Mask, Vectors

__all__ = [
    "Columns",
    "RosterFrame",
    "Want",
    "expression",
    "fails",
    "holds",
    "mask",
    "prepare",
    "scope_of",
    "values",
    "where",
]

Want = Literal["true", "false", "value"]

_LABELLED: Final = (nw.String, nw.Categorical, nw.Enum, nw.Object)


def holds(
    typed: Typed,
    frame: Any,  # noqa: ANN401 (any engine's frame)
    *,
    rosters: Mapping[str, RosterFrame] | None = None,
    today: str | date | None = None,
) -> Any:  # noqa: ANN401 (that engine's series)
    """Return where a condition is true; unknown counts as not true.

    Parameters
    ----------
    typed : Typed
        A condition.
    frame : DataFrame or Columns
        pandas or polars with ``n`` rows, or what ``prepare`` made of it.
    rosters, today
        As for ``prepare``.

    Returns
    -------
    Series of bool, shape (n,)
        Of the frame's own engine; with pandas, under the frame's index.

    Raises
    ------
    ExpressionError
        If a column, the rows of a roster or the interview date is missing.
    """
    columns = prepare(frame, rosters=rosters, today=today)
    return _series(columns, mask(typed, columns, want="true"))


def fails(
    typed: Typed,
    frame: Any,  # noqa: ANN401
    *,
    rosters: Mapping[str, RosterFrame] | None = None,
    today: str | date | None = None,
) -> Any:  # noqa: ANN401
    """Return where a condition is false; unknown counts as not false. A rule is broken where this is true.

    Parameters, returned series and errors are those of ``holds``.
    """
    columns = prepare(frame, rosters=rosters, today=today)
    return _series(columns, mask(typed, columns, want="false"))


def mask(typed: Typed, columns: Columns, *, want: Literal["true", "false"] = "true") -> Mask:
    """Return where a condition is true, or false, as a numpy array; the quickest way for many rules.

    Parameters
    ----------
    typed : Typed
        A condition.
    columns : Columns
        What ``prepare`` made of a frame of ``n`` rows.
    want : {"true", "false"}
        Which of the two; unknown is neither.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    vectors = _vectors(columns, "en")
    with np.errstate(all="ignore"):
        found = vectors.true(typed.node) if want == "true" else vectors.false(typed.node)
    return found if found.shape == (columns.rows,) else np.broadcast_to(found, (columns.rows,))


def values(
    typed: Typed,
    frame: Any,  # noqa: ANN401
    *,
    rosters: Mapping[str, RosterFrame] | None = None,
    today: str | date | None = None,
    language: str = "en",
) -> Any:  # noqa: ANN401
    """Return the value of an expression in each row, null where it is unknown.

    Parameters
    ----------
    typed : Typed
        Any expression.
    frame : DataFrame or Columns
        pandas or polars with ``n`` rows, or what ``prepare`` made of it.
    rosters, today
        As for ``prepare``.
    language : str
        Language of ``label()``.

    Returns
    -------
    Series, shape (n,)
        Whole numbers and codes as 64-bit integers, other numbers as 64-bit floats, texts, dates or truth values;
        with pandas the nullable types.
    """
    columns = prepare(frame, rosters=rosters, today=today)
    vectors = _vectors(columns, language)
    node = typed.node
    if typed.kind in {"text", "codes"} or (typed.kind == "code" and not scalars.numeric_code(node)):
        return _series(columns, vectors.texts(node).objects(), "text")
    with np.errstate(all="ignore"):
        found = np.broadcast_to(vectors.floats(node), (columns.rows,))
    whole = typed.kind == "code" or (typed.kind == "number" and agreement.whole(node))
    return _series(columns, found, "code" if whole else typed.kind)


def expression(typed: Typed, *, want: Want = "true", today: str | date | None = None) -> nw.Expr:
    """Return a narwhals expression, for frames that are evaluated elsewhere (polars lazy, DuckDB, Spark).

    Parameters
    ----------
    typed : Typed
        Any expression without aggregates of rosters.
    want : {"true", "false", "value"}
        Where it is true, where it is false (never null), or its value (null where unknown).
    today : str or date, optional
        What ``today()`` means: a column of interview dates, or one date.

    Raises
    ------
    ExpressionError
        If it aggregates a roster, or needs an interview date that was not given.
    """
    found = engines.translated(typed.node, today)
    if want == "value":
        return found
    return engines.known(found if want == "true" else ~found)


def scope_of(frame: Any) -> Scope:  # noqa: ANN401 (any engine's frame)
    """Return the names and types of a plain frame's columns, so that ``age >= 19`` can be asked of it.

    Parameters
    ----------
    frame : DataFrame
        pandas, polars, DuckDB relation or Spark frame.

    Notes
    -----
    Numeric columns are numbers, texts and categories are texts, the others dates or truth values. There are no code
    lists here, hence no missing codes: only null (and NaN) is unknown.
    """
    kinds = {name: _kind_of(dtype) for name, dtype in nw.from_native(frame).collect_schema().items()}
    schema = nw.from_native(frame).collect_schema()
    return meaning.scope(
        Symbol(name=name, kind=kind, integer=schema[name].is_integer()) for name, kind in kinds.items() if kind
    )


def where(frame: Any, text: str, *, today: str | date | None = None) -> Any:  # noqa: ANN401
    """Return the rows of a plain frame for which a condition is true.

    Parameters
    ----------
    frame : DataFrame
        pandas, polars, DuckDB relation or Spark frame with ``n`` rows.
    text : str
        The condition, over the frame's columns.
    today : str or date, optional
        What ``today()`` means: a column of dates, or one date.

    Returns
    -------
    Series of bool, shape (n,), or narwhals expression
        A series of the frame's own engine where it is in memory; else an expression for the engine to evaluate.

    Raises
    ------
    ExpressionError
        If the condition cannot be parsed or typed.

    Notes
    -----
    A row whose answer is unknown is not selected, neither by a condition nor by its negation: with ``pregnant`` null,
    ``not pregnant == 1`` leaves the row out. Write ``pregnant is missing or pregnant <> 1`` to keep it.
    """
    typed = meaning.compile(text, scope_of(frame), gives="boolean")
    if isinstance(nw.from_native(frame), nw.LazyFrame):
        return expression(typed, today=today)
    return holds(typed, frame, today=today)


def _vectors(columns: Columns, language: str) -> Vectors:
    return columns.kept(f"vectors {language}", lambda: Vectors(source=columns, language=language))


def _kind_of(dtype: nw.dtypes.DType) -> Kind:
    if dtype.is_numeric():
        return "number"
    if isinstance(dtype, nw.Boolean):
        return "boolean"
    if isinstance(dtype, nw.Date | nw.Datetime):
        return "date"
    return "text" if isinstance(dtype, _LABELLED) else ""


def _series(columns: Columns, found: Any, kind: Kind = "boolean") -> Any:  # noqa: ANN401 (arrays and lists)
    native = columns.frame.to_native()
    if isinstance(native, pd.DataFrame):
        return pd.Series(_pandas_array(found, kind), index=native.index)
    plain = found if isinstance(found, list) else _listed(np.asarray(found), kind)
    return nw.new_series("", plain, _DTYPES[kind], backend=columns.frame.implementation).to_native()


_DTYPES: Final[dict[Kind, Any]] = {
    "boolean": nw.Boolean(),
    "number": nw.Float64(),
    "code": nw.Int64(),
    "text": nw.String(),
    "date": nw.Date(),
}


def _pandas_array(found: Any, kind: Kind) -> Any:  # noqa: ANN401
    if isinstance(found, list):
        return pd.array(found, dtype="string")
    if found.dtype == np.bool_:
        return found
    if kind == "date":
        return _dates(found).astype("datetime64[s]")
    unknown = np.isnan(found)
    plain = np.where(unknown, 0, found)
    if kind == "boolean":
        return pd.arrays.BooleanArray(plain.astype(np.bool_), unknown)
    if kind == "code":
        return pd.arrays.IntegerArray(plain.astype(np.int64), unknown)
    return pd.arrays.FloatingArray(plain, unknown)


def _listed(found: NDArray[Any], kind: Kind) -> list[Any]:
    if found.dtype == np.bool_:
        return list(found.tolist())
    if kind == "date":
        return [None if np.isnat(day) else day.astype(object) for day in _dates(found)]
    cast = {"boolean": bool, "code": int}.get(kind, float)
    return [None if number != number else cast(number) for number in found.tolist()]  # noqa: PLR0124 (NaN)


def _dates(days: Floats) -> NDArray[np.datetime64]:
    dates = np.where(np.isnan(days), 0, days).astype(np.int64).astype("datetime64[D]")
    return np.where(np.isnan(days), np.datetime64("NaT", "D"), dates)
