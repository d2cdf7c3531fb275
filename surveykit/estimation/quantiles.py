"""Quantiles by the rules of R, with intervals from the share below them; the share itself as a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.assembly import Names, names_of
from surveykit.estimation.degrees import design_df
from surveykit.estimation.estimate import Estimate, Fixed
from surveykit.estimation.intervals import Interval, limits
from surveykit.estimation.replicates import replicate_df, replicated
from surveykit.estimation.scores import score_covariance
from surveykit.findings import Place

Floats = NDArray[np.float64]
Limits = tuple[Floats, Floats]
Rule = Literal["math", "school", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"]
Kind = Literal["woodruff", "logit", "arcsine", "beta", "wilson", "replicates"]

_TIE: Final = 1e-12  # R tests exact ties in long double; a relative tolerance finds the same ones
_ON_SHARES: Final[Mapping[str, Interval]] = {
    "woodruff": "wald",
    "logit": "logit",
    "arcsine": "arcsine",
    "beta": "beta",
    "wilson": "wilson",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileEstimate(Estimate):
    """Quantiles with limits that are no multiple of the standard error.

    Parameters
    ----------
    below, above : float arrays of shape (k,)
        Lower and upper limits.
    """

    below: Floats = field(default_factory=lambda: np.empty(0))
    above: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def limits(self) -> tuple[Floats, Floats]:
        """Lower and upper limits of the interval, each of shape (k,)."""
        return self.below, self.above


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sorted:
    """Values of positive weight in ascending order, with their weights and cumulated weights."""

    values: Floats
    weights: Floats
    cumulated: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One quantile of one variable in one domain."""

    by: tuple[object, ...]
    variable: str
    prob: float
    estimate: float
    se: float
    lower: float
    upper: float
    df: float
    n: int
    weight: float


def quantile(
    survey: Survey,
    variables: Names,
    probs: float | Sequence[float] = 0.5,
    *,
    by: Names = None,
    rule: Rule = "math",
    interval: Kind = "woodruff",
    confidence: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Return quantiles of variables.

    Parameters
    ----------
    survey : Survey
        With a frame in memory.
    variables : str or list of str
        Numeric columns.
    probs : float or sequence of float
        Between 0 and 1.
    by : str or list of str, optional
        Columns whose crossings are the domains.
    rule : str
        How a quantile falls between two values: ``math`` (= ``hf1``), ``school`` (= ``hf2``), ``hf3`` to ``hf9``, by
        the names that R gives them.
    interval : str
        ``woodruff``: the share below the quantile plus and minus t standard errors, read back by the same rule;
        ``logit``, ``arcsine``, ``beta``, ``wilson`` the same with another interval of the share; ``replicates``: the
        quantile of each replicate (replicate designs only).
    confidence : float
        Level of the intervals.
    df : float, optional
        Degrees of freedom; those of the domain without it.

    Returns
    -------
    Estimate
        One row a domain, variable and probability (``level``). Standard errors are the width of the interval over
        2 t. A limit that would lie beyond the shares of 0 or 1 is missing.

    Raises
    ------
    DesignError
        If a column is missing or not numeric, or the rows live in an engine.
    EstimationError
        If a probability, rule or interval is unknown.

    Notes
    -----
    Values of weight zero do not count. With C_k the cumulated weights and C the whole, the interpolating rules read
    p off the points p_k: hf4 C_k/C, hf5 (C_k - w_k/2)/C, hf6 C_k/(C + w_n), hf7 C_(k-1)/C_(n-1), hf8
    (C_k - w_k/3)/(C + w_n/3), hf9 (C_k - 3 w_k/8)/(C + w_n/4). R: ``svyquantile(qrule = )``, whose default is
    ``math`` too; its rule ``shahvaish`` and its score interval are not offered.

    References
    ----------
    Hyndman and Fan (1996), The American Statistician 50, 361-365. Woodruff (1952), JASA 47, 635-646.
    """
    wanted = np.atleast_1d(np.asarray(probs, dtype=np.float64))
    _refuse(wanted, rule, interval, survey)
    names, across = names_of(variables), names_of(by)
    survey.require([*names, *across])
    rows = [
        row
        for values, domain in _domains(survey, across)
        for name in names
        for row in _quantiles(domain, name, wanted, values, rule=rule, interval=interval, confidence=confidence, df=df)
    ]
    method = f"quantiles by rule {rule}; limits of the share below ({interval}), read back by the same rule"
    return _estimate(survey, rows, across, confidence, ("quantile", method))


def cdf(survey: Survey, variable: str, at: Sequence[float], *, by: Names = None, confidence: float = 0.95) -> Estimate:
    """Return the share of the population at or below each of some values.

    Parameters
    ----------
    survey : Survey
        With a frame in memory.
    variable : str
        Numeric column.
    at : sequence of float
        Values.
    by, confidence
        As for ``quantile``.

    Returns
    -------
    Estimate
        One row a domain and value (``level``), with a logit interval.

    Notes
    -----
    R: ``svycdf``.
    """
    values = survey.numbers(variable)
    across = names_of(by)
    survey.require(across)
    rows = []
    for group, domain in _domains(survey, across):
        inside = _inside(domain, values)
        for value in at:
            p, se = _share(domain, values, inside, float(value))
            freedom = _df(domain)
            n, weight = int(inside.sum()), float(domain.weights[inside].sum())
            low, high = limits(
                "logit", np.array([p]), np.array([se]), n=np.array([float(n)]), df=np.array([freedom]), level=confidence
            )
            rows.append(
                _Row(by=group, variable=variable, prob=float(value), estimate=p, se=se, lower=float(low[0]),
                     upper=float(high[0]), df=freedom, n=n, weight=weight)
            )  # fmt: skip
    return _estimate(survey, rows, across, confidence, ("cdf", "share at or below, logit limits"))


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
    return _read(_sorted(values, weights, merge=rule == "hf3"), probs, rule)


def _refuse(probs: Floats, rule: str, interval: str, survey: Survey) -> None:
    checks = (
        ("rule", rule, (*_STEPS, *_POINTS)),
        ("interval", interval, (*_ON_SHARES, "replicates")),
    )
    for name, value, allowed in checks:
        if value not in allowed:
            raise EstimationError.of(
                "estimate-option", Place(field=name), name=name, value=value, allowed=", ".join(allowed)
            )
    if not ((probs >= 0) & (probs <= 1)).all():
        raise EstimationError.of("quantile-probability", Place(field="probs"), found=", ".join(map(str, probs)))
    if interval == "replicates" and not isinstance(survey.design, ReplicateDesign):
        raise EstimationError.of("estimate-needs-replicates")


def _domains(survey: Survey, by: tuple[str, ...]) -> list[tuple[tuple[object, ...], Survey]]:
    if not by:
        return [((), survey)]
    coded = [survey.codes(name) for name in by]
    known = np.all([codes >= 0 for codes, _ in coded], axis=0) & survey.domain & (survey.weights > 0)
    present = np.unique(np.stack([codes[known] for codes, _ in coded], axis=1), axis=0)
    found = []
    for row in present:
        mask = np.all([codes == code for (codes, _), code in zip(coded, row, strict=True)], axis=0)
        values = tuple(levels[code].item() if hasattr(levels[code], "item") else levels[code] for (_, levels), code in
                       zip(coded, row, strict=True))  # fmt: skip
        label = " and ".join(f"{name} == {value}" for name, value in zip(by, values, strict=True))
        found.append((values, survey.within(mask, label)))
    return found


def _inside(survey: Survey, values: Floats) -> NDArray[np.bool_]:
    return survey.domain & (survey.weights > 0) & ~np.isnan(values)


def _df(survey: Survey) -> float:
    return replicate_df(survey) if isinstance(survey.design, ReplicateDesign) else design_df(survey)


def _quantiles(
    survey: Survey,
    name: str,
    probs: Floats,
    by: tuple[object, ...],
    *,
    rule: Rule,
    interval: Kind,
    confidence: float,
    df: float | None,
) -> list[_Row]:
    values = survey.numbers(name)
    inside = _inside(survey, values)
    freedom = _df(survey) if df is None else df
    weight = survey.weights[inside]
    if not inside.any():
        gone = np.full(len(probs), np.nan)
        return _rows(by, name, probs, (gone, gone, gone, gone), df=freedom, n=0, weight=0.0)
    line = _sorted(values[inside], weight, merge=rule == "hf3")
    found = _read(line, probs, rule)
    t = stats.t.ppf((1 + confidence) / 2, freedom) if np.isfinite(freedom) else stats.norm.ppf((1 + confidence) / 2)
    if interval == "replicates":
        se = np.sqrt(replicated(survey, lambda w: _of_weights(values, inside, w, probs, rule)).variances())
        low, high = found - t * se, found + t * se
    else:
        shares = np.array([_share(survey, values, inside, q) for q in found])
        each = np.ones(len(found))
        method, n = _ON_SHARES[interval], each * inside.sum()
        low, high = _back(
            line, shares, rule, lambda p, s: limits(method, p, s, n=n, df=each * freedom, level=confidence)
        )
        se = (high - low) / (2 * t)
    return _rows(by, name, probs, (found, se, low, high), df=freedom, n=int(inside.sum()), weight=float(weight.sum()))


def _rows(
    by: tuple[object, ...],
    name: str,
    probs: Floats,
    numbers: tuple[Floats, Floats, Floats, Floats],
    *,
    df: float,
    n: int,
    weight: float,
) -> list[_Row]:
    return [
        _Row(by=by, variable=name, prob=float(p), estimate=float(q), se=float(se), lower=float(low),
             upper=float(high), df=df, n=n, weight=weight)
        for p, q, se, low, high in zip(probs, *numbers, strict=True)
    ]  # fmt: skip


def _of_weights(values: Floats, inside: NDArray[np.bool_], weights: Floats, probs: Floats, rule: Rule) -> Floats:
    return _read(_sorted(values[inside], weights[inside], merge=rule == "hf3"), probs, rule)


def _back(line: _Sorted, shares: Floats, rule: Rule, within: Callable[[Floats, Floats], Limits]) -> Limits:
    """Return the limits of quantiles: those of the share at or below each, read back by the same rule."""
    low, high = (
        np.where((edge >= 0) & (edge <= 1), _read(line, np.clip(edge, 0, 1), rule), np.nan)
        for edge in within(shares[:, 0], shares[:, 1])
    )
    return low, high


def _share(survey: Survey, values: Floats, inside: NDArray[np.bool_], at: float) -> tuple[float, float]:
    below = (values <= at) & inside
    weight = np.where(inside, survey.weights, 0.0)
    p = float(weight[below].sum() / weight.sum())
    if isinstance(survey.design, ReplicateDesign):
        variance = replicated(survey, lambda w: np.array([w[below].sum() / w[inside].sum()])).variances()[0]
    else:
        variance = score_covariance(survey, weight * (below - p) / weight.sum())[0, 0]
    return p, float(np.sqrt(max(variance, 0.0)))


def _sorted(values: Floats, weights: Floats, *, merge: bool) -> _Sorted:
    held = weights > 0
    order = np.argsort(values[held], kind="stable")
    x, w = values[held][order], weights[held][order]
    if merge:
        x, place = np.unique(x, return_inverse=True)
        w = np.bincount(place, weights=w).astype(np.float64)
    return _Sorted(values=x, weights=w, cumulated=np.cumsum(w))


def _read(line: _Sorted, probs: Floats, rule: str) -> Floats:
    if rule in _STEPS:
        return _STEPS[rule](line, probs)
    points, values = _POINTS[rule](line), line.values
    read = np.interp(probs, points, values)
    if rule == "hf4" and len(values) > 1 and points[1] > points[0]:
        slope = (values[1] - values[0]) / (points[1] - points[0])
        return np.where(probs < points[0], values[0] + slope * (probs - points[0]), read)  # as R extrapolates
    return np.asarray(read)


def _place(line: _Sorted, probs: Floats) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the first position whose cumulated weight reaches p, and whether it is reached exactly."""
    whole = line.cumulated[-1]
    target = probs * whole
    at = np.searchsorted(line.cumulated, target * (1 - _TIE), side="left").clip(max=len(line.values) - 1)
    return at, np.abs(line.cumulated[at] - target) <= _TIE * whole


def _first(line: _Sorted, probs: Floats) -> Floats:
    return line.values[_place(line, probs)[0]]


def _averaged(line: _Sorted, probs: Floats) -> Floats:
    at, tied = _place(line, probs)
    following = line.values[np.minimum(at + 1, len(line.values) - 1)]
    return np.where(tied, (line.values[at] + following) / 2, line.values[at])


def _even(line: _Sorted, probs: Floats) -> Floats:
    at, tied = _place(line, probs)
    following = np.minimum(at + 1, len(line.values) - 1)
    return line.values[np.where(tied & (at % 2 == 0), following, at)]


_STEPS: Final[Mapping[str, Callable[[_Sorted, Floats], Floats]]] = {
    "math": _first,
    "hf1": _first,
    "school": _averaged,
    "hf2": _averaged,
    "hf3": _even,
}
_POINTS: Final[Mapping[str, Callable[[_Sorted], Floats]]] = {
    "hf4": lambda line: line.cumulated / line.cumulated[-1],
    "hf5": lambda line: (line.cumulated - line.weights / 2) / line.cumulated[-1],
    "hf6": lambda line: line.cumulated / (line.cumulated[-1] + line.weights[-1]),
    "hf7": lambda line: np.concatenate([[0.0], line.cumulated[:-1]]) / (line.cumulated[-1] - line.weights[-1] or 1.0),
    "hf8": lambda line: (line.cumulated - line.weights / 3) / (line.cumulated[-1] + line.weights[-1] / 3),
    "hf9": lambda line: (line.cumulated - 3 * line.weights / 8) / (line.cumulated[-1] + line.weights[-1] / 4),
}


def _estimate(
    survey: Survey, rows: Sequence[_Row], by: tuple[str, ...], confidence: float, said: tuple[str, str]
) -> QuantileEstimate:
    def column(name: str) -> Floats:
        return np.array([getattr(row, name) for row in rows], dtype=np.float64)

    se, gone = column("se"), np.full(len(rows), np.nan)
    return QuantileEstimate(
        statistic=said[0],
        by={name: tuple(row.by[at] for row in rows) for at, name in enumerate(by)},
        variable=tuple(row.variable for row in rows),
        category=tuple(row.prob for row in rows),
        estimate=column("estimate"),
        se=se,
        df=column("df"),
        n=column("n"),
        weighted_n=column("weight"),
        deff=gone,
        deff_replace=gone,
        source=Fixed(matrix=np.diag(se**2)),
        overall_df=_df(survey),
        confidence=confidence,
        method=said[1],
        conditions=survey.conditions,
        findings=survey.findings,
        below=column("lower"),
        above=column("upper"),
    )
