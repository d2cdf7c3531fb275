"""Quantiles by the rules of R, with intervals from the share below them; the share itself as a function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, cast

import numpy as np
from numpy.typing import NDArray

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.assembly import Names, Numbers, Options, described, names_of
from surveykit.estimation.contrasts import Transform
from surveykit.estimation.estimate import Estimate, Fixed, Source
from surveykit.estimation.intervals import Interval, check_interval, student
from surveykit.estimation.pushdown_quantiles import EngineLines
from surveykit.estimation.quantile_limits import (
    SHARE_INTERVALS,
    Asked,
    domain_df,
    of_replicates,
    score_limits,
    share_limits,
    shares_below,
)
from surveykit.estimation.quantile_lines import Lines, MemoryLines
from surveykit.estimation.quantile_rules import RULES, Rule
from surveykit.findings import Place

Floats = NDArray[np.float64]
Kind = Literal["woodruff", "logit", "arcsine", "beta", "wilson", "score", "replicates"]

_KINDS: Final = (*SHARE_INTERVALS, "score", "replicates")


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

    def with_interval(self, interval: Interval, *, confidence: float | None = None) -> Estimate:
        """Refuse: the limits of a quantile are read off the data, so that they have to be asked for at the start."""
        del confidence
        raise EstimationError.of("quantile-interval-fixed", Place(field="interval"), interval=interval)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """The covariance of shares, each times a factor: that of quantiles, whose errors it gives the right correlation.

    Parameters
    ----------
    shares : Source
        Covariance of the shares below.
    factors : float array of shape (k,)
        Standard error of each quantile over that of its share.
    """

    shares: Source
    factors: Floats

    def covariance(self) -> Floats:
        """Return the covariance of shape (k, k)."""
        return self.shares.covariance() * np.outer(self.factors, self.factors)

    def transformed(self, estimate: Floats, transform: Transform) -> tuple[Floats, Source]:
        """Return a function of the estimates and its covariance by the delta method."""
        return Fixed(matrix=self.covariance()).transformed(estimate, transform)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """Quantiles of shape (D, k) with errors, limits and the source of their covariance."""

    estimate: Floats
    se: Floats
    lower: Floats
    upper: Floats
    source: Source


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
        Frame, design and subpopulation. Rows that live in an engine stay there: weighted counts are refined around
        each quantile until the few values next to it can be fetched.
    variables : str or list of str
        Numeric columns.
    probs : float or sequence of float
        Between 0 and 1.
    by : str or list of str, optional
        Columns whose crossings are the domains.
    rule : str
        How a quantile falls between two values: ``math`` (= ``hf1``), ``school`` (= ``hf2``), ``hf3`` to ``hf9``,
        ``shahvaish``, by the names that R gives them.
    interval : str
        ``woodruff``: the share below the quantile plus and minus t standard errors, read back by the same rule;
        ``logit``, ``arcsine``, ``beta``, ``wilson`` the same with another interval of the share; ``score``: the
        values that a test of the share would not reject (rows in memory only); ``replicates``: the quantile of each
        replicate (replicate weights and rows in memory only).
    confidence : float
        Level of the intervals.
    df : float, optional
        Degrees of freedom; those of the domain without it.

    Returns
    -------
    Estimate
        One row a domain, variable and probability (``level``). Standard errors are the width of the interval over
        2 t. A limit that would lie beyond the shares of 0 or 1 is missing. The covariance of the quantiles has the
        correlation of the shares below them.

    Raises
    ------
    DesignError
        If a column is missing or not numeric.
    EstimationError
        If a probability, rule or interval is unknown, or needs the rows in memory.

    Notes
    -----
    Values of weight zero do not count. With C_k the cumulated weights and C the whole, the interpolating rules read
    p off the points p_k: hf4 C_k/C, hf5 (C_k - w_k/2)/C, hf6 C_k/(C + w_n), hf7 C_(k-1)/C_(n-1), hf8
    (C_k - w_k/3)/(C + w_n/3), hf9 (C_k - 3 w_k/8)/(C + w_n/4). ``shahvaish`` takes the last value whose point
    (n C_k/C + 1/2 - n w_k/(2 C))/(n + 1) is not above p. R: ``svyquantile(qrule = , interval.type = )``, whose default
    is ``math`` too. R 4.1 to 4.5 takes half the weight as it stands in ``shahvaish``, which is the published rule for
    weights that average 1, and reads its score limits back at unweighted shares; both are mended here. An engine
    keeps no order of rows: equal values of unequal weight come in order of weight there, in that of the frame in
    memory, which the interpolating rules can tell.

    References
    ----------
    Hyndman and Fan (1996), The American Statistician 50, 361-365. Woodruff (1952), JASA 47, 635-646. Shah and Vaish
    (2006), Proceedings of the ASA Survey Research Methods Section, 3679-3685. Francisco and Fuller (1991), Annals of
    Statistics 19, 454-469.
    """
    wanted = np.atleast_1d(np.asarray(probs, dtype=np.float64))
    _refuse(wanted, rule, interval, survey)
    check_interval("wald", confidence)
    names, across = names_of(variables), names_of(by)
    survey.require([*names, *across])
    lines = EngineLines(survey, names, across) if survey.engine == "lazy" else MemoryLines(survey, across)
    asked = Asked(names=names, probs=wanted, rule=rule, by=across, confidence=confidence)
    every = np.tile(wanted, (len(lines.keys), 1))
    found = np.concatenate([lines.read(name, every, rule) for name in names], axis=1)
    numbers = shares_below(lines, asked, found)
    freedom = domain_df(survey, numbers, across) if df is None else np.full(len(numbers.df), df)
    numbers = replace(numbers, df=freedom)
    drawn = _limited(lines, asked, numbers, found, interval)
    return _estimate(survey, numbers, asked, drawn, interval)


def cdf(survey: Survey, variable: str, at: Sequence[float], *, by: Names = None, confidence: float = 0.95) -> Estimate:
    """Return the share of the population at or below each of some values.

    Parameters
    ----------
    survey : Survey
        Frame, design and subpopulation.
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

    Raises
    ------
    DesignError
        If a column is missing or not numeric.

    Notes
    -----
    R: ``svycdf``.
    """
    values, across = np.asarray(at, dtype=np.float64), names_of(by)
    survey.require([variable, *across])
    lines = EngineLines(survey, (variable,), across) if survey.engine == "lazy" else MemoryLines(survey, across)
    asked = Asked(names=(variable,), probs=values, rule="math", by=across, confidence=confidence)
    numbers = shares_below(lines, asked, np.tile(values, (len(lines.keys), 1)))
    options = Options(by=across, confidence=confidence, interval="logit")
    return described(survey, replace(numbers, df=domain_df(survey, numbers, across)), "cdf", options)


def _refuse(probs: Floats, rule: str, interval: str, survey: Survey) -> None:
    for name, value, allowed in (("rule", rule, RULES), ("interval", interval, _KINDS)):
        if value not in allowed:
            raise EstimationError.of(
                "estimate-option", Place(field=name), name=name, value=value, allowed=", ".join(allowed)
            )
    if not ((probs >= 0) & (probs <= 1)).all():
        raise EstimationError.of("quantile-probability", Place(field="probs"), found=", ".join(map(str, probs)))
    if interval == "replicates" and not isinstance(survey.design, ReplicateDesign):
        raise EstimationError.of("estimate-needs-replicates")
    if survey.engine == "lazy" and interval in {"score", "replicates"}:
        names = ", ".join(survey.design_columns())
        raise EstimationError.of("quantile-rows-in-engine", Place(field="interval"), interval=interval, names=names)


def _limited(lines: Lines, asked: Asked, numbers: Numbers, found: Floats, interval: Kind) -> _Drawn:
    """Return quantiles with their errors and limits."""
    t = student(numbers.df, asked.confidence)[:, None]
    if interval == "replicates":
        each = of_replicates(cast("MemoryLines", lines), asked, found)
        se = np.sqrt(np.clip(each.variances(), 0, None)).reshape(found.shape)
        return _Drawn(estimate=found, se=se, lower=found - t * se, upper=found + t * se, source=each)
    if interval == "score":
        low, high = score_limits(lines, asked, t)
    else:
        low, high = share_limits(lines, asked, numbers, interval)
    se = (high - low) / (2 * t)
    error = np.sqrt(np.clip(numbers.variances, 0, None))
    factors = np.divide(se, error, out=np.zeros_like(se), where=error > 0)
    source = Scaled(shares=numbers.source, factors=factors.ravel())
    return _Drawn(estimate=found, se=se, lower=low, upper=high, source=source)


def _estimate(survey: Survey, numbers: Numbers, asked: Asked, drawn: _Drawn, interval: str) -> QuantileEstimate:
    domains, gone = numbers.domains, np.full(drawn.estimate.size, np.nan)
    width = drawn.estimate.shape[1]
    return QuantileEstimate(
        statistic="quantile",
        by={
            column: tuple(value for value in domains.values(at) for _ in range(width))
            for at, column in enumerate(domains.names)
        },
        variable=tuple(variable for variable, _ in numbers.labels) * len(domains),
        category=tuple(level for _, level in numbers.labels) * len(domains),
        estimate=drawn.estimate.ravel(),
        se=drawn.se.ravel(),
        df=np.repeat(numbers.df, width),
        n=numbers.rows.ravel(),
        weighted_n=numbers.weight.ravel(),
        deff=gone,
        deff_replace=gone,
        source=drawn.source,
        overall_df=numbers.overall_df,
        interval=interval,
        confidence=asked.confidence,
        method=f"{numbers.method}; quantiles by rule {asked.rule}",
        left_out=numbers.left_out,
        conditions=survey.conditions,
        findings=survey.findings,
        below=drawn.lower.ravel(),
        above=drawn.upper.ravel(),
    )
