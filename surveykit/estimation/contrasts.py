"""Coefficients and derivatives of contrasts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import EstimationError
from surveykit.findings import Place

Floats = NDArray[np.float64]
Key = object
Coefficients = Mapping[Key, float] | Sequence[float] | Floats
Transform = Callable[[NDArray[np.generic]], object]


def row_keys(parts: Sequence[Sequence[object]], alone: Sequence[object]) -> list[object]:
    """Return what tells rows apart: one value a row, or a tuple where several things differ.

    Parameters
    ----------
    parts : sequence of columns, each of length k
        By columns, variable, level.
    alone : sequence of length k
        What to use where nothing differs.
    """
    telling = [part for part in parts if len(set(map(repr, part))) > 1] or [alone]
    rows = list(zip(*telling, strict=True))
    return [row[0] for row in rows] if len(telling) == 1 else list(rows)


def coefficient_matrix(
    what: Coefficients | Mapping[str, Coefficients], keys: Sequence[object], name: str
) -> tuple[list[str], Floats]:
    """Return the names of contrasts and their coefficients of shape (j, k).

    Parameters
    ----------
    what : mapping or sequence
        One contrast, or several by name.
    keys : sequence of length k
        Keys of the rows.
    name : str
        Name of a single contrast.

    Raises
    ------
    EstimationError
        If a key is not one of the rows, or there are more or fewer coefficients than rows.
    """
    several = isinstance(what, Mapping) and all(
        isinstance(one, Mapping | Sequence | np.ndarray) for one in what.values()
    )
    named = cast("Mapping[str, Coefficients]", what if several else {name: what})
    return list(named), np.stack([_vector(keys, one) for one in named.values()])


def gradient(transform: Transform, point: Floats) -> tuple[Floats, Floats]:
    """Return the value of a function of shape (j,) and its derivative of shape (j, k).

    Parameters
    ----------
    transform : callable
        Takes an array of shape (k,), real or complex.
    point : float array of shape (k,)

    Raises
    ------
    EstimationError
        If the function drops the imaginary part.

    Notes
    -----
    f'(x) = Im f(x + ih) / h with h = 1e-30 has no cancellation.

    References
    ----------
    Squire and Trapp (1998), SIAM Review 40, 110-112.
    """
    step = 1e-30
    value = np.atleast_1d(np.asarray(transform(point), dtype=np.float64))
    slope = np.empty((len(value), len(point)))
    for at in range(len(point)):
        moved = point.astype(np.complex128)
        moved[at] += step * 1j
        answer = np.atleast_1d(np.asarray(transform(moved)))
        if not np.iscomplexobj(answer) or len(answer) != len(value):
            raise EstimationError.of("contrast-not-analytic")
        slope[:, at] = np.imag(answer) / step
    return value, slope


def _vector(keys: Sequence[object], coefficients: Coefficients) -> Floats:
    if not isinstance(coefficients, Mapping):
        vector = np.asarray(coefficients, dtype=np.float64)
        if vector.shape != (len(keys),):
            raise EstimationError.of("contrast-length", given=len(vector), rows=len(keys))
        return vector
    place = {key: at for at, key in reversed(list(enumerate(keys)))}
    vector = np.zeros(len(keys))
    for key, value in coefficients.items():
        if key not in place:
            shown = ", ".join(repr(one) for one in keys[:8])
            raise EstimationError.of("contrast-unknown-row", Place(field=str(key)), key=repr(key), rows=shown)
        vector[place[key]] += value
    return vector
