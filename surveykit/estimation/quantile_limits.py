"""Limits of quantiles: of the share below them, of a score test, of replicates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey
from surveykit.estimation.assembly import Numbers, Options, computed
from surveykit.estimation.intervals import Interval, limits
from surveykit.estimation.quantile_lines import Lines, MemoryLines, Threshold
from surveykit.estimation.quantile_rules import Rule, line_of, read, share_below
from surveykit.estimation.replicates import Replicated, replicate_df, scales_of, without_missing
from surveykit.estimation.statistics import Mean

Floats = NDArray[np.float64]
Limits = tuple[Floats, Floats]

SHARE_INTERVALS: Final[Mapping[str, Interval]] = {
    "woodruff": "wald",
    "logit": "logit",
    "arcsine": "arcsine",
    "beta": "beta",
    "wilson": "wilson",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which quantiles of which variables are asked for.

    Parameters
    ----------
    names : tuple of str
        Variables.
    probs : float array of shape (p,)
        Probabilities, or values where the share below them is asked for.
    rule : str
        Rule of the quantiles.
    by : tuple of str
        Domain columns.
    confidence : float
        Level of the intervals.
    """

    names: tuple[str, ...]
    probs: Floats
    rule: Rule
    by: tuple[str, ...]
    confidence: float


def shares_below(lines: Lines, asked: Asked, values: Floats) -> Numbers:
    """Return the shares at or below values of shape (D, v p), with their variances, as the means of truth values."""
    width = len(asked.probs)
    columns = [f"__below_{at}" for at in range(values.shape[1])]
    thresholds = [
        Threshold(column=column, variable=asked.names[at // width], values=values[:, at])
        for at, column in enumerate(columns)
    ]
    numbers = computed(lines.flagged(thresholds), [Mean(variable=one) for one in columns], Options(by=asked.by))
    real = {f"without a value of {one.column}": f"without a value of {one.variable}" for one in thresholds}
    return replace(
        numbers,
        labels=tuple((name, float(prob)) for name in asked.names for prob in asked.probs),
        left_out={real.get(reason, reason): count for reason, count in numbers.left_out.items()},
    )


def domain_df(survey: Survey, numbers: Numbers, by: tuple[str, ...]) -> Floats:
    """Return the degrees of freedom of each domain, shape (D,); replicate weights in memory are ranked within it."""
    design = survey.design
    if not isinstance(design, ReplicateDesign) or design.df is not None or not by or survey.engine == "lazy":
        return numbers.df
    coded = [survey.codes(name)[0] for name in by]
    masks = (
        np.all([codes == one for codes, one in zip(coded, row, strict=True)], axis=0) for row in numbers.domains.codes
    )
    return np.array([replicate_df(survey.within(mask, "a domain")) for mask in masks])


def share_limits(lines: Lines, asked: Asked, numbers: Numbers, interval: str) -> Limits:
    """Return the limits of quantiles, shape (D, v p): those of the share at or below each, read back by the rule."""
    shape = numbers.values.shape
    df = np.repeat(numbers.df, shape[1])
    error = np.sqrt(np.clip(numbers.variances, 0, None)).ravel()
    edges = limits(
        SHARE_INTERVALS[interval], numbers.values.ravel(), error, n=numbers.rows.ravel(), df=df, level=asked.confidence
    )
    low, high = (_back(lines, asked, edge.reshape(shape)) for edge in edges)
    return low, high


def score_limits(lines: Lines, asked: Asked, t: Floats) -> Limits:
    """Return the limits of quantiles by inverting a test of the share, shape (D, v p).

    Parameters
    ----------
    lines : MemoryLines
        With the rows in memory.
    asked : Asked
        The quantiles.
    t : float array of shape (D, 1)
        Quantile of the test.

    Notes
    -----
    With F(x) the share at or below x, (p - F(x)) / SE(F(x)) falls in x; the limits are the first values at which it is
    not above t, and not above -t, found by halving. They are read back by the rule at F(x).
    """
    held = cast("MemoryLines", lines)
    each = [held.lines(name, asked.rule) for name in asked.names for _ in asked.probs]
    counts = np.array([[len(line.values) for line in column] for column in each]).T
    probs = np.tile(asked.probs, len(asked.names))
    found = []
    for side in (t, -t):
        below, reached = np.full(counts.shape, -1), counts - 1
        while (open_ := reached - below > 1).any():
            middle = np.where(open_, (below + reached) // 2, reached)
            numbers = shares_below(lines, asked, _values_at(held, asked, middle))
            error = np.sqrt(np.clip(numbers.variances, 0, None))
            passed = probs - numbers.values <= side * error
            reached, below = np.where(open_ & passed, middle, reached), np.where(open_ & ~passed, middle, below)
        at = _values_at(held, asked, reached)
        shares = [
            np.array([share_below(line, at[row : row + 1, column])[0] if len(line.values) else np.nan
                      for row, line in enumerate(lines_of)])
            for column, lines_of in enumerate(each)
        ]  # fmt: skip
        found.append(np.where(np.isnan(t), np.nan, _back(lines, asked, np.stack(shares, axis=1))))
    return found[0], found[1]


def of_replicates(lines: MemoryLines, asked: Asked, found: Floats) -> Replicated:
    """Return the quantiles of every replicate, given those of the sample of shape (D, v p)."""
    survey = lines.survey
    design = cast("ReplicateDesign", survey.design)
    weights = survey.replicate_weights()
    theta = np.empty((weights.shape[1], len(lines.keys), len(asked.names), len(asked.probs)))
    for column, name in enumerate(asked.names):
        rows, ends = lines.order(name)
        values, each = survey.numbers(name)[rows], weights[rows]
        for domain in range(len(lines.keys)):
            span = slice(ends[domain], ends[domain + 1])
            for replicate in range(weights.shape[1]):
                weight = each[span, replicate]
                kept = weight > 0
                line = line_of(values[span][kept], weight[kept], asked.rule, ordered=True)
                theta[replicate, domain, column] = read(line, asked.probs, asked.rule)
    return without_missing(theta.reshape(len(theta), -1), found.ravel(), scales_of(design, len(theta)))


def _back(lines: Lines, asked: Asked, shares: Floats) -> Floats:
    """Return the quantiles at shares of shape (D, v p), missing where a share lies beyond 0 or 1."""
    inside = np.where((shares >= 0) & (shares <= 1), shares, np.nan)
    width = len(asked.probs)
    parts = [
        lines.read(name, inside[:, at * width : (at + 1) * width], asked.rule) for at, name in enumerate(asked.names)
    ]
    return np.concatenate(parts, axis=1)


def _values_at(lines: MemoryLines, asked: Asked, places: NDArray[np.intp]) -> Floats:
    """Return the values at places of each line, shape (D, v p); NaN on a line without values."""
    out = np.full(places.shape, np.nan)
    width = len(asked.probs)
    for column in range(places.shape[1]):
        for row, line in enumerate(lines.lines(asked.names[column // width], asked.rule)):
            if len(line.values):
                out[row, column] = line.values[places[row, column]]
    return out
