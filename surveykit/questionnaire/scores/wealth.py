"""Scores that place a household or person among the others: wealth, income groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def wealth_score(dummies: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Return the first principal component of asset and dwelling dummies.

    Parameters
    ----------
    dummies : array_like, shape (n, k)
        1 has it, 0 has not, NaN unknown.
    weights : array_like, shape (n,), optional
        Household weight times members.

    Returns
    -------
    ndarray of float, shape (n,)
        Mean 0 and standard deviation 1 under the weights; more assets make it higher. NaN where nothing is known.

    Notes
    -----
    Columns are standardised; unknown entries stand at the mean; columns without variation are left out. The sign is
    such that the score rises with the number of things owned. R: ``prcomp(scale. = TRUE)`` with equal weights.

    References
    ----------
    Filmer, Pritchett (2001). Estimating wealth effects without expenditure data. Demography 38, 115-132.
    Rutstein, Johnson (2004). The DHS wealth index. DHS Comparative Reports 6.
    """
    table = np.asarray(dummies, dtype=np.float64)
    load = _load(weights, len(table))
    known = ~np.isnan(table)
    counted = np.where(known, table, 0.0)
    seen = load @ known
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(seen > 0, load @ counted / seen, 0.0)
        spread = np.sqrt(load @ (known * (counted - mean) ** 2) / seen)
    varying = spread > 0
    if not varying.any():
        return np.full(len(table), np.nan)
    standard = np.where(known, counted - mean, 0.0)[:, varying] / spread[varying]
    _, vectors = np.linalg.eigh((standard * load[:, None]).T @ standard / load.sum())
    score = standard @ vectors[:, -1]
    score *= 1.0 if load @ (score * counted[:, varying].sum(axis=1)) >= 0 else -1.0
    score = (score - np.average(score, weights=load)) / np.sqrt(np.average(score**2, weights=load))
    return np.where(known.any(axis=1), score, np.nan)


def weighted_groups(values: ArrayLike, groups: int, weights: ArrayLike | None = None) -> Floats:
    """Return the quantile group of each value, 1 the lowest.

    Parameters
    ----------
    values : array_like, shape (n,)
        NaN stays NaN.
    groups : int
        4 for quartiles, 5 for quintiles.
    weights : array_like, shape (n,), optional

    Returns
    -------
    ndarray of float, shape (n,)

    Notes
    -----
    A cut is the lowest value at which the weighted share reaches ``j / groups`` (inverse of the distribution
    function, rule 1 of Hyndman and Fan); values up to a cut belong below it, so that equal values stay together.
    """
    column = np.asarray(values, dtype=np.float64)
    load = _load(weights, len(column))
    known = ~np.isnan(column) & (load > 0)
    found = np.full(len(column), np.nan)
    if not known.any():
        return found
    order = np.argsort(column[known], kind="stable")
    sorted_values = column[known][order]
    share = np.cumsum(load[known][order]) / load[known].sum()
    wanted = np.arange(1, groups) / groups - 1e-12  # cumulative sums lose the last bits
    cuts = sorted_values[np.minimum(np.searchsorted(share, wanted), len(sorted_values) - 1)]
    placed = ~np.isnan(column)
    found[placed] = 1.0 + np.searchsorted(cuts, column[placed], side="left")
    return found


def groups_within(values: ArrayLike, within: ArrayLike, groups: int, weights: ArrayLike | None = None) -> Floats:
    """Return quantile groups cut separately within classes, as the KDCA cuts income within sex and age.

    Parameters
    ----------
    values : array_like, shape (n,)
    within : array_like of int, shape (n,)
        Class of each row; rows below 0 belong to none and get NaN.
    groups : int
    weights : array_like, shape (n,), optional

    Returns
    -------
    ndarray of float, shape (n,)
    """
    column, classes = np.asarray(values, dtype=np.float64), np.asarray(within)
    load = _load(weights, len(column))
    found = np.full(len(column), np.nan)
    for one in np.unique(classes[classes >= 0]):
        rows = np.flatnonzero(classes == one)
        found[rows] = weighted_groups(column[rows], groups, load[rows])
    return found


def _load(weights: ArrayLike | None, rows: int) -> Floats:
    if weights is None:
        return np.ones(rows)
    load = np.asarray(weights, dtype=np.float64)
    return np.where(np.isnan(load), 0.0, load)
