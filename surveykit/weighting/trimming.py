"""Trim extreme weights and give the excess to the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.findings import Place
from surveykit.weighting.replication import reweighted

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
TrimRule = Literal["limits", "median-iqr", "median-multiple", "mean-multiple", "percentile"]
Redistribution = Literal["equal", "proportional", "none"]

RULES: Final = get_args(TrimRule)
_IQR_MULTIPLE: Final = 6.0  # median + 6 IQR: Chowdhury, Khare and Wolter (2007), National Immunization Survey
_MEAN_MULTIPLE: Final = 5.0  # DeBell and Krosnick (2009), weights of the American National Election Study
_DEFAULTS: Final = {"median-iqr": _IQR_MULTIPLE, "mean-multiple": _MEAN_MULTIPLE}
_ROUNDS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trim:
    """How weights are trimmed.

    Parameters
    ----------
    rule : {"limits", "median-iqr", "median-multiple", "mean-multiple", "percentile"}
        How the upper limit is found.
    k : float or None
        Number that belongs to the rule; ``None`` for 6 IQR or 5 means, the rules that have a published default.
    lower, upper : float or None
        Fixed limits; with another rule than ``limits`` they hold besides it.
    redistribute : {"equal", "proportional", "none"}
        Give the excess in equal amounts (R's ``trimWeights``), in proportion to the weights, or not at all.
    strict : bool
        Repeat until no weight is outside the limits.
    """

    rule: TrimRule = "median-iqr"
    k: float | None = None
    lower: float | None = None
    upper: float | None = None
    redistribute: Redistribution = "proportional"
    strict: bool = True

    def __post_init__(self) -> None:
        if self.rule not in RULES or self.redistribute not in get_args(Redistribution):
            found = f"{self.rule}, {self.redistribute}"
            known = ", ".join((*RULES, *get_args(Redistribution)))
            raise WeightingError.of("weighting-method-unknown", found=found, known=known)
        if self.rule != "limits" and self.k is None and self.rule not in _DEFAULTS:
            raise WeightingError.of("weighting-trim-number", rule=self.rule)
        if self.rule == "limits" and self.lower is None and self.upper is None:
            raise WeightingError.of("weighting-trim-limits", low=None, high=None)
        low, high = self.lower if self.lower is not None else -math.inf, math.inf if self.upper is None else self.upper
        if not low < high or (self.k is not None and self.k <= 0):
            raise WeightingError.of("weighting-trim-limits", low=low, high=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    """Weights after trimming.

    Parameters
    ----------
    weights : float array of shape (n,)
        Weights after.
    lower, upper : float array of shape (g,)
        Limits applied in each group.
    outside : bool array of shape (n,)
        Rows whose weight lay outside the limits at first.
    """

    weights: Floats
    lower: Floats
    upper: Floats
    outside: NDArray[np.bool_]


def trim_weights(
    survey: Survey,
    *,
    rule: TrimRule = "median-iqr",
    k: float | None = None,
    lower: float | None = None,
    upper: float | None = None,
    redistribute: Redistribution = "proportional",
    strict: bool = True,
    by: str | Sequence[str] = (),
) -> Survey:
    """Trim extreme weights and redistribute what was cut off.

    Parameters
    ----------
    survey : Survey
        The whole sample.
    rule : {"median-iqr", "median-multiple", "mean-multiple", "percentile", "limits"}
        Upper limit: median + k IQR, k medians, k means, the k-th quantile (0 to 1), or the limits given.
    k : float
        6 IQR or 5 means where it is not given; the other rules have no published default.
    lower, upper : float
        Fixed limits.
    redistribute : {"proportional", "equal", "none"}
        How the others share the excess, so that the sum of weights stays. ``equal`` with ``strict=False`` is what R
        does.
    strict : bool
        Repeat until no weight is outside.
    by : str or sequence of str
        Columns; limits are found, and the excess stays, within their groups.

    Returns
    -------
    Survey
        What calibration fixed before stays on record, as in R; calibrate again to meet the totals exactly.

    Raises
    ------
    WeightingError
        If the limits leave no weight untouched to take the excess, or make no sense.

    Notes
    -----
    Replicates are trimmed by the same rule, worked out from their own positive weights. R: ``survey::trimWeights``.

    References
    ----------
    Potter F, Zheng Y (2015), Methods and issues in trimming extreme weights in sample surveys, Proceedings of the
    Survey Research Methods Section, ASA.
    """
    if survey.mask is not None:
        raise WeightingError.of("weighting-of-subpopulation", conditions=" and ".join(survey.conditions))
    how = Trim(rule=rule, k=k, lower=lower, upper=upper, redistribute=redistribute, strict=strict)
    groups = groups_of(survey, by)

    def step(weights: Floats) -> Floats:
        return trimmed(weights, groups, how).weights

    return reweighted(survey, step(survey.weights), step)


def groups_of(survey: Survey, by: str | Sequence[str]) -> Integers:
    """Return dense codes of shape (n,) of the groups that columns make; one group without columns."""
    names = (by,) if isinstance(by, str) else tuple(by)
    code = np.zeros(survey.rows, dtype=np.intp)
    for name in names:
        column = survey.codes(name)[0] + 1
        code = code * (int(column.max(initial=0)) + 1) + column
    return np.unique(code, return_inverse=True)[1].astype(np.intp)


def trimmed(weights: Floats, groups: Integers, how: Trim) -> Trimmed:
    """Trim weights within groups.

    Parameters
    ----------
    weights : float array of shape (n,)
        Weights before; rows of weight zero stay at zero and take no part.
    groups : integer array of shape (n,)
        Group of each row, 0..g-1.
    how : Trim
        Rule and redistribution.
    """
    after = weights.astype(float, copy=True)
    count = int(groups.max(initial=0)) + 1
    lower, upper = np.full(count, -math.inf), np.full(count, math.inf)
    for group in range(count):
        rows = np.flatnonzero((groups == group) & (weights > 0))
        if rows.size:
            lower[group], upper[group] = _limits(weights[rows], how)
            after[rows] = _spread(weights[rows], float(lower[group]), float(upper[group]), how)
    outside = (weights > 0) & ((weights > upper[groups]) | (weights < lower[groups]))
    return Trimmed(weights=after, lower=lower, upper=upper, outside=outside)


def _limits(weights: Floats, how: Trim) -> tuple[float, float]:
    k = how.k if how.k is not None else _DEFAULTS.get(how.rule, math.nan)
    found = _UPPER[how.rule](weights, k)
    low = -math.inf if how.lower is None else how.lower
    return low, min(found, math.inf if how.upper is None else how.upper)


def _median_iqr(weights: Floats, k: float) -> float:
    first, middle, third = np.quantile(weights, [0.25, 0.5, 0.75])
    return float(middle + k * (third - first))


_UPPER: Final[dict[str, Callable[[Floats, float], float]]] = {
    "limits": lambda _weights, _k: math.inf,
    "median-iqr": _median_iqr,
    "median-multiple": lambda weights, k: float(k * np.median(weights)),
    "mean-multiple": lambda weights, k: float(k * weights.mean()),
    "percentile": lambda weights, k: float(np.quantile(weights, k)),
}


def _spread(weights: Floats, lower: float, upper: float, how: Trim) -> Floats:
    after = weights
    slack = 1e-12 * float(weights.sum()) / weights.size
    fixed = np.zeros(weights.size, dtype=bool)
    for _ in range(_ROUNDS):
        outside = (after < lower - slack) | (after > upper + slack)
        if not outside.any():
            return after
        fixed = outside if how.redistribute == "equal" else fixed | outside
        kept = np.clip(after, lower, upper)
        excess = float((after - kept).sum())
        after = _shared(kept, fixed, excess, how)
        if not how.strict:
            return after
    raise WeightingError.of("weighting-trim-stuck", low=lower, high=upper)


def _shared(weights: Floats, fixed: NDArray[np.bool_], excess: float, how: Trim) -> Floats:
    if how.redistribute == "none":
        return weights
    if fixed.all():
        low, high = float(weights.min()), float(weights.max())
        raise WeightingError.of("weighting-trim-stuck", Place(), low=low, high=high)
    after = weights.copy()
    free = weights[~fixed]
    after[~fixed] = free + excess / free.size if how.redistribute == "equal" else free * (1.0 + excess / free.sum())
    return after
