"""How a quantile falls between two weighted values: the rules of R, on a line of values or a piece of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rule = Literal["math", "school", "shahvaish", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"]

_TIE: Final = 1e-12  # R tests exact ties in long double; a relative tolerance finds the same ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Values of positive weight in ascending order.

    Where nobody will look, several values may be taken together as the largest of them with the weight of all.

    Parameters
    ----------
    values, weights, cumulated : float arrays of shape (m,)
        Values, their weights, and the weights up to and with each.
    ranks : integer array of shape (m,)
        Number of smaller values; of distinct smaller values for the rule hf3.
    whole : float
        Weight of all values.
    last : float
        Weight of the largest value.
    rows : int
        Number of all values.
    """

    values: Floats
    weights: Floats
    cumulated: Floats
    ranks: NDArray[np.intp]
    whole: float
    last: float
    rows: int


def line_of(values: Floats, weights: Floats, rule: Rule = "math", *, ordered: bool = False) -> Line:
    """Return values with their weights as a line.

    Parameters
    ----------
    values, weights : float arrays of shape (n,)
        Values of weight zero are left out.
    rule : str
        Rule that will read the line; hf3 counts equal values once.
    ordered : bool
        The values are in ascending order and all weights positive.
    """
    if not ordered:
        held = weights > 0
        order = np.argsort(values[held], kind="stable")
        values, weights = values[held][order], weights[held][order]
    rows = len(values)
    if rule == "hf3":
        values, place = np.unique(values, return_inverse=True)
        weights = np.bincount(place, weights=weights).astype(np.float64)
    cumulated = np.cumsum(weights)
    ends = (float(cumulated[-1]), float(weights[-1])) if rows else (0.0, 0.0)
    ranks = np.arange(len(values))
    return Line(
        values=values, weights=weights, cumulated=cumulated, ranks=ranks, whole=ends[0], last=ends[1], rows=rows
    )


def read(line: Line, probs: Floats, rule: Rule) -> Floats:
    """Return the quantiles of a line at some probabilities, shape (p,); NaN at NaN and on a line without values.

    Notes
    -----
    See ``quantiles.quantile`` for the rules.
    """
    if not len(line.values):
        return np.full(len(probs), np.nan)
    known = np.where(np.isnan(probs), 0.5, probs)
    return np.where(np.isnan(probs), np.nan, _found(line, known, rule))


def share_below(line: Line, values: Floats) -> Floats:
    """Return the share of the weight at or below some values, shape (p,)."""
    at = np.searchsorted(line.values, values, side="right")
    return np.asarray(np.concatenate([[0.0], line.cumulated])[at] / line.whole)


def weighted_quantile(values: Floats, weights: Floats, probs: Floats, rule: Rule = "math") -> Floats:
    """Return quantiles of weighted values by a rule of R.

    Parameters
    ----------
    values, weights : float arrays of shape (n,)
    probs : float array of shape (p,)
    rule : str
        See :func:`quantile`.

    Returns
    -------
    float array of shape (p,)
    """
    return read(line_of(values, weights, rule), probs, rule)


def _found(line: Line, probs: Floats, rule: Rule) -> Floats:
    if rule in _STEPS:
        return _STEPS[rule](line, probs)
    points, values = _POINTS[rule](line), line.values
    found = np.interp(probs, points, values)
    if rule == "hf4" and len(values) > 1 and points[1] > points[0]:
        slope = (values[1] - values[0]) / (points[1] - points[0])
        return np.where(probs < points[0], values[0] + slope * (probs - points[0]), found)  # as R extrapolates
    return np.asarray(found)


def _place(line: Line, probs: Floats) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the first position whose cumulated weight reaches p, and whether it is reached exactly."""
    target = probs * line.whole
    at = np.searchsorted(line.cumulated, target * (1 - _TIE), side="left").clip(max=len(line.values) - 1)
    return at, np.abs(line.cumulated[at] - target) <= _TIE * line.whole


def _first(line: Line, probs: Floats) -> Floats:
    return line.values[_place(line, probs)[0]]


def _averaged(line: Line, probs: Floats) -> Floats:
    at, tied = _place(line, probs)
    following = line.values[np.minimum(at + 1, len(line.values) - 1)]
    return np.where(tied, (line.values[at] + following) / 2, line.values[at])


def _even(line: Line, probs: Floats) -> Floats:
    at, tied = _place(line, probs)
    following = np.minimum(at + 1, len(line.values) - 1)
    return line.values[np.where(tied & (line.ranks[at] % 2 == 0), following, at)]


def _stepped(line: Line, probs: Floats) -> Floats:
    """Return the last value whose point is not above p; weights count as parts of the number of values."""
    part = line.rows / line.whole
    points = (line.cumulated * part + 0.5 - line.weights * part / 2) / (line.rows + 1)
    at = np.searchsorted(points, probs * (1 + _TIE), side="right") - 1
    return np.asarray(line.values[at.clip(min=0)])


_STEPS: Final[Mapping[str, Callable[[Line, Floats], Floats]]] = {
    "math": _first,
    "hf1": _first,
    "school": _averaged,
    "hf2": _averaged,
    "hf3": _even,
    "shahvaish": _stepped,
}
_POINTS: Final[Mapping[str, Callable[[Line], Floats]]] = {
    "hf4": lambda line: line.cumulated / line.whole,
    "hf5": lambda line: (line.cumulated - line.weights / 2) / line.whole,
    "hf6": lambda line: line.cumulated / (line.whole + line.last),
    "hf7": lambda line: (line.cumulated - line.weights) / (line.whole - line.last or 1.0),
    "hf8": lambda line: (line.cumulated - line.weights / 3) / (line.whole + line.last / 3),
    "hf9": lambda line: (line.cumulated - 3 * line.weights / 8) / (line.whole + line.last / 4),
}
RULES: Final = (*_STEPS, *_POINTS)
STEPS: Final = frozenset(_STEPS)
