"""Sums of rows by code."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_NARROW: Final = 6  # columns up to which one pass a column is quicker
_FEW: Final = 20_000  # numbers below which counting is quicker than setting up a sparse product


def summed(values: Floats, codes: Integers, size: int) -> Floats:
    """Return the sums of the rows of each code.

    Parameters
    ----------
    values : float array of shape (m, q)
        Rows to add.
    codes : integer array of shape (m,)
        Code 0..size-1 of each row.
    size : int
        Number of codes.

    Returns
    -------
    float array of shape (size, q)
    """
    rows, width = values.shape
    if width <= _NARROW:
        columns = [np.bincount(codes, weights=values[:, one], minlength=size) for one in range(width)]
        return np.asarray(np.stack(columns, axis=1), dtype=np.float64)
    if rows * width > _FEW:
        places = sparse.csc_array((np.ones(rows), codes, np.arange(rows + 1)), shape=(size, rows))
        return np.asarray(places @ values)
    flat = (codes[:, None] * width + np.arange(width)).ravel()
    sums = np.bincount(flat, weights=values.ravel(), minlength=size * width)
    return np.asarray(sums.reshape(size, width), dtype=np.float64)
