"""Child growth: z-scores of the WHO standards of 2006."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from surveykit.documents import shipped
from surveykit.errors import DefinitionError
from surveykit.findings import Place

Floats = NDArray[np.float64]
GrowthIndicator = Literal["lhfa", "wfa", "bfa", "wfl", "wfh"]

DAYS_A_MONTH: Final = 30.4375  # WHO Anthro: 365.25 days over 12 months
LYING_UNTIL: Final = 731  # days; WHO 2006: length lying below 24 months, height standing from then on
LYING_LONGER: Final = 0.7  # cm by which length exceeds height (WHO 2006, Methods and development, chapter 3)
OLDEST: Final = 1856  # days; the WHO standards of 2006 end at 60 months
FLAGS: Final[Mapping[str, tuple[float, float]]] = {
    "haz": (-6.0, 6.0),  # WHO Anthro: implausible height for age
    "waz": (-6.0, 5.0),  # WHO Anthro: implausible weight for age
    "whz": (-5.0, 5.0),  # WHO Anthro: implausible weight for height
    "baz": (-5.0, 5.0),  # WHO Anthro: implausible body mass index for age
}
_COLUMNS: Final = ("indicator", "sex", "x", "L", "M", "S")
_BY_LENGTH: Final = frozenset({"wfl", "wfh"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Curve:
    x: Floats
    lms: Floats


def z_score(
    indicator: GrowthIndicator,
    sex: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    *,
    table: pd.DataFrame | None = None,
) -> Floats:
    """Return z-scores by the LMS method.

    Parameters
    ----------
    indicator : {"lhfa", "wfa", "bfa", "wfl", "wfh"}
        Length or height, weight, body mass index for age; weight for length, for height.
    sex : array_like, shape (n,)
        1 male, 2 female.
    x : array_like, shape (n,)
        Age in days, rounded to whole days; for ``wfl`` and ``wfh`` length or height in cm.
    y : array_like, shape (n,)
        cm, kg or kg/m2.
    table : DataFrame, optional
        Other standards: columns ``indicator``, ``sex``, ``x``, ``L``, ``M``, ``S``.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where an input is missing or outside the table. Nothing is flagged here.

    Raises
    ------
    DefinitionError
        If the table lacks a column.

    Notes
    -----
    ``z = ((y / M) ** L - 1) / (L S)``; beyond 3 in either direction the distance to the third standard deviation is
    counted in steps of ``SD3 - SD2``, except for length and height. Lengths between the table's steps of 0.1 cm are
    interpolated. R: ``anthro::anthro_zscores``.

    References
    ----------
    WHO Multicentre Growth Reference Study Group (2006). WHO Child Growth Standards: Methods and development. Geneva.
    """
    sexes, xs, ys = np.broadcast_arrays(*(np.atleast_1d(np.asarray(one, dtype=np.float64)) for one in (sex, x, y)))
    lms = np.full((3, sexes.size), np.nan)
    for code in (1, 2):
        rows = np.flatnonzero(sexes == code)
        lms[:, rows] = _lms(_curve(indicator, code, table), xs[rows], by_length=indicator in _BY_LENGTH)
    return _restricted(ys, *lms, restricted=indicator != "lhfa")


def child_scores(
    *,
    sex: ArrayLike,
    days: ArrayLike,
    height: ArrayLike,
    weight: ArrayLike,
    lying: ArrayLike | None = None,
) -> dict[str, Floats]:
    """Return the four scores of children under five, implausible ones left out.

    Parameters
    ----------
    sex : array_like, shape (n,)
        1 male, 2 female.
    days : array_like, shape (n,)
        Age in days.
    height, weight : array_like, shape (n,)
        cm as measured, kg.
    lying : array_like, shape (n,), optional
        1 measured lying, 2 standing; where unknown, as the age asks for.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        ``haz``, ``waz``, ``whz`` and ``baz``; NaN beyond the flags of WHO Anthro.

    Notes
    -----
    A child under 731 days measured standing is made 0.7 cm longer, an older one measured lying 0.7 cm shorter.
    Weight is set against length under 731 days, against height from then on.
    """
    sexes, age, tall, heavy, position = _columns(sex, days, height, weight, np.nan if lying is None else lying)
    young = age < LYING_UNTIL
    tall = (
        tall + np.where(young & (position == 2), LYING_LONGER, 0) - np.where(~young & (position == 1), LYING_LONGER, 0)
    )
    whole = np.rint(age)
    with np.errstate(invalid="ignore"):
        whz = np.where(young, z_score("wfl", sexes, tall, heavy), z_score("wfh", sexes, tall, heavy))
    found = {
        "haz": z_score("lhfa", sexes, whole, tall),
        "waz": z_score("wfa", sexes, whole, heavy),
        "whz": np.where(age <= OLDEST, whz, np.nan),
        "baz": z_score("bfa", sexes, whole, heavy / (tall / 100) ** 2),
    }
    return {name: _unflagged(values, *FLAGS[name]) for name, values in found.items()}


def growth_table() -> pd.DataFrame:
    """Return the WHO 2006 tables: ``indicator``, ``sex``, ``x`` (days or cm), ``L``, ``M``, ``S``."""
    return _shipped_table().copy()


@cache
def _shipped_table() -> pd.DataFrame:
    path = shipped("questionnaires") / "indicators" / "data" / "who2006_lms.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return pd.read_csv(file)


def _curve(indicator: str, sex: int, table: pd.DataFrame | None) -> _Curve:
    if table is None:
        return _shipped_curve(indicator, sex)
    if lacking := [column for column in _COLUMNS if column not in table.columns]:
        raise DefinitionError.of("score-table-columns", Place(), table="growth", lacking=", ".join(lacking))
    return _curve_of(table, indicator, sex)


@cache
def _shipped_curve(indicator: str, sex: int) -> _Curve:
    return _curve_of(_shipped_table(), indicator, sex)


def _curve_of(table: pd.DataFrame, indicator: str, sex: int) -> _Curve:
    chosen = (table["indicator"] == indicator) & (table["sex"] == sex)
    rows: Any = table.loc[chosen].sort_values("x")
    return _Curve(x=rows["x"].to_numpy(dtype=np.float64), lms=rows[["L", "M", "S"]].to_numpy(dtype=np.float64).T)


def _lms(curve: _Curve, x: Floats, *, by_length: bool) -> Floats:
    if not curve.x.size:
        return np.full((3, x.size), np.nan)
    at = x if by_length else np.rint(x)
    inside = (at >= curve.x[0]) & (at <= curve.x[-1])
    return np.array([np.where(inside, np.interp(at, curve.x, column), np.nan) for column in curve.lms])


def _restricted(y: Floats, power: Floats, median: Floats, spread: Floats, *, restricted: bool) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(y > 0, ((y / median) ** power - 1) / (power * spread), np.nan)
        if not restricted:
            return np.asarray(z)

        def at(sd: int) -> Floats:
            return np.asarray(median * (1 + power * spread * sd) ** (1 / power))

        high = 3 + (y - at(3)) / (at(3) - at(2))
        low = -3 + (y - at(-3)) / (at(-2) - at(-3))
        return np.asarray(np.where(z > 3, high, np.where(z < -3, low, z)))


def _unflagged(z: Floats, low: float, high: float) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.where((z >= low) & (z <= high), z, np.nan)


def _columns(*values: ArrayLike) -> list[Floats]:
    return [np.asarray(one, dtype=np.float64) for one in np.broadcast_arrays(*(np.atleast_1d(v) for v in values))]


def days_of_months(months: ArrayLike) -> Floats:
    """Return an age in days from completed months, as WHO Anthro does: 30.4375 days a month.

    Parameters
    ----------
    months : array_like, shape (n,)
        Completed months.
    """
    return np.rint(np.asarray(months, dtype=np.float64) * DAYS_A_MONTH)
