"""Confidence intervals of estimates and proportions."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from surveykit.errors import EstimationError
from surveykit.findings import Place

Floats = NDArray[np.float64]
Interval = Literal["wald", "logit", "wilson", "arcsine", "likelihood", "beta", "korn-graubard"]
Limits = tuple[Floats, Floats]

INTERVALS: Final[tuple[Interval, ...]] = (
    "wald",
    "logit",
    "wilson",
    "arcsine",
    "likelihood",
    "beta",
    "korn-graubard",
)
_BISECTIONS: Final = 80  # halves the logit range of 80 until nothing of a double is left


def limits(method: Interval, estimate: Floats, se: Floats, *, n: Floats, df: Floats, level: float = 0.95) -> Limits:
    """Return the confidence limits of estimates.

    Parameters
    ----------
    method : str
        ``wald`` for any estimate; ``logit``, ``wilson``, ``arcsine``, ``likelihood``, ``beta`` or ``korn-graubard``
        for proportions.
    estimate, se : float arrays of shape (k,)
        Estimates and standard errors.
    n : float array of shape (k,)
        Rows that each estimate rests on.
    df : float array of shape (k,)
        Degrees of freedom; infinity for normal limits, as R's ``confint`` without ``df``.
    level : float
        Confidence level.

    Returns
    -------
    tuple of two float arrays of shape (k,)
        Lower and upper limits, NaN without degrees of freedom.

    Raises
    ------
    EstimationError
        If the method is unknown or the level is not between 0 and 1.

    Notes
    -----
    With t the quantile of Student's distribution and n* = p (1 - p) / V the sample that simple random sampling would
    need: ``logit`` is p on the log-odds scale plus and minus t SE / (p (1 - p)); ``arcsine`` the same for asin(sqrt
    p); ``wilson`` the score interval and ``likelihood`` the deviance interval with n* in place of n and t in place of
    z (the deviance over the dispersion n / (n - 1)); ``beta`` is Clopper-Pearson with n* (t_{n-1} / t_df)^2;
    ``korn-graubard`` is ``beta`` with that sample size never above n, as NCHS publishes. Where p is 0 or 1 the
    variance is 0: every method but ``wald`` and ``wilson`` then gives Clopper-Pearson with n, which is one-sided by
    itself, and ``wilson`` uses n for n*.
    R: ``survey::svyciprop`` (asin, xlogit and logit, likelihood, beta, mean; wilson since 4.5).

    References
    ----------
    Korn and Graubard (1998), Survey Methodology 24, 193-201; Parker et al. (2017), NCHS Vital and Health Statistics
    2(175); Rao and Scott (1984), Annals of Statistics 12, 46-60.
    """
    check_interval(method, level)
    quantile = student(df, level)
    if method == "wald":
        return estimate - quantile * se, estimate + quantile * se
    if method == "wilson":
        lower, upper = _wilson(estimate, effective_sample(estimate, se, n), quantile)
    elif method in {"beta", "korn-graubard"}:
        lower, upper = _guarded(estimate, _exact_size(method, estimate, se, n, quantile / student(n - 1, level)), level)
    else:
        lower, upper = _scaled(method, estimate, se, n, quantile)
        lower, upper = _with_edges(lower, upper, estimate, _guarded(estimate, n, level))
    none = np.isnan(quantile) | np.isnan(estimate)
    return np.where(none, np.nan, lower), np.where(none, np.nan, upper)


def check_interval(method: str, level: float) -> None:
    """Raise ``EstimationError`` for a kind of interval that does not exist, or an impossible level."""
    if method not in INTERVALS:
        allowed = ", ".join(INTERVALS)
        where = Place(field="interval")
        raise EstimationError.of("estimate-option", where, name="interval", value=method, allowed=allowed)
    if not 0 < level < 1:
        raise EstimationError.of("estimate-level", level=level)


def effective_sample(p: Floats, se: Floats, n: Floats) -> Floats:
    """Return the size of a simple random sample with the same variance, n itself where p is 0 or 1."""
    inside = (p > 0) & (p < 1)
    size = np.where(inside, np.inf, n)
    np.divide(p * (1 - p), se**2, out=size, where=inside & (se > 0))
    return size


def clopper_pearson(p: Floats, n: Floats, level: float) -> Limits:
    """Return exact binomial limits of shape (k,) for a share p of n, which need not be whole."""
    alpha = 1 - level
    x = np.where(p == 1, n, p * n)
    lower, upper = np.zeros_like(x), np.ones_like(x)
    inner = x > 0
    lower[inner] = special.betaincinv(x[inner], (n - x + 1)[inner], alpha / 2)
    inner = x < n
    upper[inner] = special.betaincinv((x + 1)[inner], (n - x)[inner], 1 - alpha / 2)
    return lower, upper


def student(df: Floats, level: float) -> Floats:
    """Return Student's two-sided quantile, the normal one for infinite df and NaN where df is not positive."""
    at = 0.5 + level / 2
    return np.where(df > 0, np.where(np.isinf(df), special.ndtri(at), special.stdtrit(_finite(df), at)), np.nan)


def two_sided(statistic: Floats, df: Floats) -> Floats:
    """Return the probability of a statistic as far from zero by Student's t, NaN where df is not positive."""
    distance = -np.abs(statistic)
    tail = np.where(np.isinf(df), special.ndtr(distance), special.stdtr(_finite(df), distance))
    return np.where(df > 0, 2 * tail, np.nan)


def _finite(df: Floats) -> Floats:
    return np.where(np.isfinite(df) & (df > 0), df, 1.0)


def _exact_size(method: Interval, p: Floats, se: Floats, n: Floats, widening: Floats) -> Floats:
    """Return the sample size that Clopper-Pearson limits are computed with."""
    size = effective_sample(p, se, n)
    adjusted = np.where((p > 0) & (p < 1) & np.isfinite(size), size / widening**2, n)
    # NCHS Series 2, No. 175 (2017), p. 16: the effective sample size is never above the sample size
    return np.minimum(adjusted, n) if method == "korn-graubard" else adjusted


def _with_edges(lower: Floats, upper: Floats, p: Floats, exact: Limits) -> Limits:
    edge = (p <= 0) | (p >= 1)
    return np.where(edge, exact[0], lower), np.where(edge, exact[1], upper)


def _guarded(p: Floats, n: Floats, level: float) -> Limits:
    known = np.isfinite(p) & np.isfinite(n) & (n > 0)
    lower, upper = clopper_pearson(np.where(known, p, 0.5), np.where(known, n, 1.0), level)
    return np.where(known, lower, np.nan), np.where(known, upper, np.nan)


def _scaled(method: Interval, p: Floats, se: Floats, n: Floats, quantile: Floats) -> Limits:
    inside = (p > 0) & (p < 1)
    centred, error = np.where(inside, p, 0.5), np.where(inside, se, 0.0)
    root = np.sqrt(centred * (1 - centred))
    if method == "logit":
        middle, half = special.logit(centred), quantile * error / root**2
        return special.expit(middle - half), special.expit(middle + half)
    if method == "arcsine":
        middle, half = np.arcsin(np.sqrt(centred)), quantile * error / (2 * root)
        low, high = np.maximum(middle - half, 0.0), np.minimum(middle + half, np.pi / 2)
        return np.sin(low) ** 2, np.sin(high) ** 2
    fewer = np.maximum(n - 1, 1)
    target = quantile**2 / (2 * effective_sample(centred, error, n)) * n / fewer
    return _deviance_limit(centred, target, -1.0), _deviance_limit(centred, target, 1.0)


def _wilson(p: Floats, size: Floats, quantile: Floats) -> Limits:
    square = quantile**2 / size
    centre = (p + square / 2) / (1 + square)
    half = np.sqrt(square * p * (1 - p) + square**2 / 4) / (1 + square)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def _deviance_limit(p: Floats, target: Floats, sign: float) -> Floats:
    """Solve KL(p, x) = target for x on one side of p, by bisection on the log-odds."""
    near, far = special.logit(p), special.logit(p) + sign * 40.0
    for _ in range(_BISECTIONS):
        middle = (near + far) / 2
        distance = special.rel_entr(p, special.expit(middle)) + special.rel_entr(1 - p, special.expit(-middle))
        beyond = distance > target
        near, far = np.where(beyond, near, middle), np.where(beyond, middle, far)
    return np.asarray(special.expit((near + far) / 2))
