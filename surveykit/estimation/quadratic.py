"""Tail probabilities of weighted sums of chi-squares, over one or over an independent chi-square."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from surveykit.errors import EstimationError
from surveykit.findings import Place

Floats = NDArray[np.float64]
Approximation = Literal["saddlepoint", "satterthwaite", "exact"]

_FLAT: Final = 1e-4  # R survey, saddle(): nearer to the mean the approximation is 0/0 and is not used
_EDGE: Final = 0.99999  # R survey 4.1 on, saddle(): how near the root is sought to where the generating function ends
_MASS: Final = 1e-14  # weight of the series' terms left out, beyond double precision of a probability
_LONGEST: Final = 20_000  # terms of the series; enough for weights 600 times apart


def tail(
    value: float, weights: Sequence[float] | Floats, ddf: float = float("inf"), method: Approximation = "saddlepoint"
) -> float:
    """Return P(sum_j weights_j Z_j^2 > value), or, with finite ``ddf``, > value C / ddf with C a chi-square on it.

    Parameters
    ----------
    value : float
    weights : sequence of float, of shape (k,)
        Weights of the k chi-squares on one degree of freedom: eigenvalues of a matrix of design effects.
    ddf : float
        Degrees of freedom of the denominator.
    method : {"saddlepoint", "satterthwaite", "exact"}
        Lugannani and Rice's approximation, a chi-square or F of the same mean and variance, Ruben's series.

    Raises
    ------
    EstimationError
        If the method is unknown.

    Notes
    -----
    Near the mean the saddlepoint gives way to Satterthwaite's, as in R. Ruben's series gives way to the saddlepoint
    where the weights lie more than 600 times apart. R: ``pchisqsum``, ``pFsum``; its ``integration`` is ``exact``.

    References
    ----------
    Satterthwaite (1946), Biometrics Bulletin 2, 110-114; Ruben (1962), Annals of Mathematical Statistics 33, 542-570;
    Kuonen (1999), Biometrika 86, 929-935.
    """
    if method not in _METHODS:
        allowed = ", ".join(_METHODS)
        raise EstimationError.of("estimate-option", Place(field="method"), name="method", value=method, allowed=allowed)
    return _METHODS[method](float(value), np.asarray(weights, dtype=np.float64), float(ddf))


def matched(weights: Floats) -> tuple[float, float]:
    """Return scale and degrees of freedom of the chi-square with mean and variance of the weighted sum."""
    first, second = float(weights.sum()), float((weights**2).sum())
    return second / first, first**2 / second


def _satterthwaite(value: float, weights: Floats, ddf: float) -> float:
    scale, df = matched(weights)
    if np.isinf(ddf):
        return float(stats.chi2.sf(value / scale, df))
    return float(stats.f.sf(value / scale / df, df, ddf))


def _saddlepoint(value: float, weights: Floats, ddf: float) -> float:
    if np.isinf(ddf):
        found = _lugannani_rice(value, weights, np.ones(len(weights)))
    else:
        both = np.append(weights, -value / ddf)
        found = _lugannani_rice(0.0, both, np.append(np.ones(len(weights)), ddf))
    return _satterthwaite(value, weights, ddf) if np.isnan(found) else found


def _lugannani_rice(value: float, weights: Floats, count: Floats) -> float:
    """Return P(sum_j weights_j C_j > value) for chi-squares C_j on count_j degrees of freedom, NaN near the mean."""
    scaled, point = weights / weights.max(), value / weights.max()

    def slope(zeta: float) -> float:
        return float((count * scaled / (1 - 2 * zeta * scaled)).sum() - point)

    negative, mean = scaled[scaled < 0], float((count * scaled).sum())
    if len(negative):
        low = float((1 / (2 * negative)).max()) * _EDGE
    else:
        low = -0.01 if point > mean else -float(count.sum()) / (2 * point)
    high = float((1 / (2 * scaled[scaled > 0])).min()) * _EDGE
    if slope(low) * slope(high) > 0:
        return float("nan")
    zeta = float(optimize.brentq(slope, low, high, xtol=1e-15, rtol=1e-14))
    if abs(zeta) < _FLAT:
        return float("nan")
    generating = -float((count * np.log1p(-2 * zeta * scaled)).sum()) / 2
    curvature = 2 * float((count * scaled**2 / (1 - 2 * zeta * scaled) ** 2).sum())
    w = np.sign(zeta) * np.sqrt(2 * (zeta * point - generating))
    return float(stats.norm.sf(w + np.log(zeta * np.sqrt(curvature) / w) / w))


def _exact(value: float, weights: Floats, ddf: float) -> float:
    weights = weights[weights > weights.max() * np.finfo(np.float64).eps * len(weights)]
    mixed = _ruben(weights)
    if mixed is None:
        return _saddlepoint(value, weights, ddf)
    df = len(weights) + 2.0 * np.arange(len(mixed))
    unit = value / weights.min()
    parts = stats.chi2.sf(unit, df) if np.isinf(ddf) else stats.f.sf(unit / df, df, ddf)
    return float(mixed @ parts)


def _ruben(weights: Floats) -> Floats | None:
    """Return the shares of chi-squares on k, k + 2, ... times the least weight that make up the weighted sum."""
    ratio = 1 - weights.min() / weights
    share = np.zeros(_LONGEST)
    moment = np.zeros(_LONGEST)
    power = np.ones(len(weights))
    share[0] = np.sqrt(np.prod(weights.min() / weights))
    left = 1.0 - share[0]
    for at in range(1, _LONGEST):
        if left < _MASS:
            return share[:at]
        power = power * ratio
        moment[at] = power.sum()
        share[at] = moment[at:0:-1] @ share[:at] / (2 * at)
        left -= share[at]
    return None


_METHODS: Final[Mapping[str, Callable[[float, Floats, float], float]]] = {
    "saddlepoint": _saddlepoint,
    "satterthwaite": _satterthwaite,
    "exact": _exact,
}
