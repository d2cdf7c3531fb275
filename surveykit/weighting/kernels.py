"""The numerics of calibration: weights, codes and targets in, new weights out. NumPy only."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
CalibrationMethod = Literal["linear", "raking", "logit"]

_SWEEPS: Final = 500  # ten times what R allows; skewed margins of sparse tables need them
_TIGHT: Final = 1e-13  # relative misfit of a target: identities are promised to 1e-10
_NEWTON: Final = 100  # twice the iterations of R's grake
_RANK: Final = 256 * np.finfo(float).eps  # tolerance of MASS::ginv as R's grake calls it
_SLOW: Final = 1e-9  # misfit accepted when no further step helps: floating point, not the method, is the limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Rows that no margin tells apart.

    Parameters
    ----------
    of_row : integer array of shape (n,)
        Cell of each row.
    codes : tuple of integer arrays of shape (c,)
        For each margin the category of each cell.
    """

    of_row: Integers
    codes: tuple[Integers, ...]

    @property
    def count(self) -> int:
        """Number of cells."""
        return self.codes[0].size


@dataclass(frozen=True, slots=True, kw_only=True)
class Raked:
    """What raking found for the cells.

    Parameters
    ----------
    factors : tuple of float arrays of shape (c,)
        Factor on the weights of a cell after each margin of the last sweep; the last one is the result.
    misfits : tuple of float
        Largest relative misfit of any target after each sweep.
    converged : bool
        Whether all targets were met.
    """

    factors: tuple[Floats, ...]
    misfits: tuple[float, ...]
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """What generalised calibration found.

    Parameters
    ----------
    factors : float array of shape (n,)
        Factor g of each row.
    misfits : tuple of float
        Largest relative misfit of any target after each step.
    misfit : float array of shape (p,)
        Target less what is reached, for each auxiliary variable.
    converged : bool
        Whether all targets were met.
    """

    factors: Floats
    misfits: tuple[float, ...]
    misfit: Floats
    converged: bool


def cross(codes: Sequence[Integers], sizes: Sequence[int]) -> Cells:
    """Find the combinations of categories that occur.

    Parameters
    ----------
    codes : sequence of integer arrays of shape (n,)
        Category of each row in each margin, 0..size-1.
    sizes : sequence of int
        Number of categories of each margin.
    """
    table = math.prod(sizes)
    joint = np.zeros(codes[0].size, dtype=np.int64)
    for code, size in zip(codes, sizes, strict=True):
        joint *= size
        joint += code
    if table <= max(4 * joint.size, 1024):
        seen = np.flatnonzero(np.bincount(joint, minlength=table))
        rank = np.zeros(table, dtype=np.intp)
        rank[seen] = np.arange(seen.size)
        of_row = rank[joint]
    else:
        seen, of_row = np.unique(joint, return_inverse=True)
    return Cells(of_row=of_row, codes=_decoded(seen, sizes))


def _decoded(joint: Integers, sizes: Sequence[int]) -> tuple[Integers, ...]:
    parts: list[Integers] = []
    rest = joint
    for size in reversed(sizes):
        parts.append((rest % size).astype(np.intp))
        rest = rest // size
    return tuple(reversed(parts))


def rake_cells(weights: Floats, cells: Cells, targets: Sequence[Floats], *, tolerance: float = _TIGHT) -> Raked:
    """Fit cell weights to margins by iterative proportional fitting.

    Parameters
    ----------
    weights : float array of shape (c,)
        Sum of the weights in each cell.
    cells : Cells
        Categories of the cells.
    targets : sequence of float arrays
        Totals of each margin's categories.
    tolerance : float
        Largest relative misfit.

    References
    ----------
    Deming WE, Stephan FF (1940), On a least squares adjustment, Annals of Mathematical Statistics 11, 427-444.
    """
    factor = np.ones(weights.size)
    misfits: list[float] = []
    after: list[Floats] = []
    for _ in range(_SWEEPS):
        worst = 0.0
        after = []
        for code, target in zip(cells.codes, targets, strict=True):
            reached = np.bincount(code, weights=weights * factor, minlength=target.size)
            ratio = np.divide(target, reached, out=np.full(target.size, math.inf), where=reached > 0)
            worst = max(worst, float(np.abs(ratio - 1.0).max()))
            if not math.isfinite(worst):
                return Raked(factors=(factor,), misfits=(*misfits, worst), converged=False)
            factor = factor * ratio[code]
            after.append(factor)
        misfits.append(worst)
        if worst <= tolerance or _stalled(misfits):
            break
    converged = misfits[-1] <= max(tolerance, _SLOW)
    return Raked(factors=tuple(after), misfits=tuple(misfits), converged=converged)


def _stalled(misfits: Sequence[float]) -> bool:
    return len(misfits) > 5 and misfits[-1] <= _SLOW and misfits[-1] >= min(misfits[-4:-1])


def solve(
    matrix: Floats,
    weights: Floats,
    targets: Floats,
    *,
    method: CalibrationMethod = "linear",
    lower: Floats | float = -math.inf,
    upper: Floats | float = math.inf,
    spread: Floats | None = None,
) -> Solved:
    """Find factors that bring weighted sums of auxiliary variables to their targets.

    Parameters
    ----------
    matrix : float array of shape (n, p)
        Auxiliary variables; they may be linearly dependent.
    weights : float array of shape (n,)
        Weights before.
    targets : float array of shape (p,)
        Totals to reach.
    method : {"linear", "raking", "logit"}
        Distance: the factor is ``1 + u``, ``exp(u)``, or a logistic curve between the bounds.
    lower, upper : float or float array of shape (n,)
        Bounds of the factors.
    spread : float array of shape (n,), optional
        Variances of the working model; the step ``u`` of a row is divided by it.

    Returns
    -------
    Solved

    Notes
    -----
    Newton steps on ``sum d x F(x'b / v) = t`` with step halving; R: ``grake`` with ``cal.linear``, ``cal.raking``,
    ``cal.logit``.

    References
    ----------
    Deville JC, Särndal CE, Sautory O (1993), Generalized raking procedures in survey sampling, JASA 88, 1013-1020.
    """
    variance = np.ones(weights.size) if spread is None else spread
    curve = _curve(method, lower, upper)
    scale = 1.0 + np.abs(targets)
    step = _Newton(matrix=matrix, weights=weights, targets=targets, variance=variance, curve=curve)
    beta = np.zeros(matrix.shape[1])
    factors, slope, misfit = step.at(beta)
    misfits = [float((np.abs(misfit) / scale).max(initial=0.0))]
    while misfits[-1] > _TIGHT and len(misfits) <= _NEWTON:
        beta, factors, slope, misfit = step.next(beta, slope, misfit, scale)
        misfits.append(float((np.abs(misfit) / scale).max(initial=0.0)))
        if not math.isfinite(misfits[-1]) or _flat(misfits):
            break
    converged = math.isfinite(misfits[-1]) and misfits[-1] <= _SLOW
    return Solved(factors=factors, misfits=tuple(misfits), misfit=misfit, converged=converged)


def _flat(misfits: Sequence[float]) -> bool:
    return len(misfits) > 3 and misfits[-1] >= 0.999 * misfits[-3] and (misfits[-1] <= _SLOW or len(misfits) > 25)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Newton:
    matrix: Floats
    weights: Floats
    targets: Floats
    variance: Floats
    curve: Callable[[Floats], tuple[Floats, Floats]]

    def at(self, beta: Floats) -> tuple[Floats, Floats, Floats]:
        factors, slope = self.curve(self.matrix @ beta / self.variance)
        return factors, slope, self.targets - self.matrix.T @ (self.weights * factors)

    def next(self, beta: Floats, slope: Floats, misfit: Floats, scale: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        root = np.sqrt(np.maximum(self.weights, 0.0) * slope / self.variance)
        information = (self.matrix * root[:, None]).T @ (self.matrix * root[:, None])
        size = np.sqrt(np.diag(information))
        size = np.where(size > 0.0, size, 1.0)
        inverse = np.linalg.pinv(information / np.outer(size, size), rcond=float(_RANK), hermitian=True)
        change = inverse @ (misfit / size) / size
        before = float((np.abs(misfit) / scale).max())
        for _ in range(30):
            factors, slope, left = self.at(beta + change)
            reached = float((np.abs(left) / scale).max())
            if math.isfinite(reached) and reached < before * 1.5 + _SLOW:
                break
            change = change / 2.0
        return beta + change, factors, slope, left


def _curve(
    method: CalibrationMethod, lower: Floats | float, upper: Floats | float
) -> Callable[[Floats], tuple[Floats, Floats]]:
    def linear(u: Floats) -> tuple[Floats, Floats]:
        free = (u < upper - 1.0) & (u > lower - 1.0)
        return np.clip(1.0 + u, lower, upper), free.astype(float)

    def raking(u: Floats) -> tuple[Floats, Floats]:
        with np.errstate(over="ignore"):
            grown = np.exp(u)
        free = (grown < upper) & (grown > lower)
        return np.clip(grown, lower, upper), np.where(free, grown, 0.0)

    def logit(u: Floats) -> tuple[Floats, Floats]:
        steep = (upper - lower) / ((1.0 - lower) * (upper - 1.0))
        odds = np.exp(np.clip(steep * u, -700.0, 700.0))  # exp(709) is the largest double
        below = upper - 1.0 + (1.0 - lower) * odds
        value = (lower * (upper - 1.0) + upper * (1.0 - lower) * odds) / below
        return value, (upper - lower) * steep * (1.0 - lower) * (upper - 1.0) * odds / below**2

    return {"linear": linear, "raking": raking, "logit": logit}[method]
