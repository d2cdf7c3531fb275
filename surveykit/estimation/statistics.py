"""Statistics that are functions of weighted sums: their values, scores and simple-random-sampling variances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.requests import BlockSums, Categories, Moments

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Label = tuple[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainSums:
    """Sums of one request by domain.

    Parameters
    ----------
    totals : float array of shape (..., D, p)
        The sums; before the domains there may be one a replicate.
    rows : float array of shape (D,)
        Rows with positive weight and no missing value.
    block : BlockSums
        The sums by cell, with origin and levels.
    """

    totals: Floats
    rows: Floats
    block: BlockSums


class Statistic(Protocol):
    """A statistic of k numbers a domain."""

    @property
    def request(self) -> Moments | Categories:
        """The sums it needs."""

    def labels(self, block: BlockSums) -> list[Label]:
        """Return variable and level of each of the k numbers."""

    def value(self, sums: DomainSums) -> Floats:
        """Return the numbers, shape (..., D, k)."""

    def scores(self, sums: DomainSums, domain: Integers) -> Floats:
        """Return the scores summed by cell, shape (m, k), given the domain of each cell."""

    def simple(self, sums: DomainSums) -> Floats:
        """Return the variance under simple random sampling with replacement, shape (D, k)."""

    def weight(self, sums: DomainSums) -> Floats:
        """Return the sum of weights behind the numbers, shape (D,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """Mean of a numeric variable: score w (y - mean) / N."""

    variable: str

    @property
    def request(self) -> Moments:
        """The weight, y and y squared."""
        return Moments(variables=(self.variable,), products=((), (0,), (0, 0)))

    def labels(self, block: BlockSums) -> list[Label]:
        """Return the variable."""
        del block
        return [(self.variable, None)]

    def value(self, sums: DomainSums) -> Floats:
        """Return the means."""
        return np.asarray(share(sums.totals[..., 1:2], sums.totals[..., 0:1]) + sums.block.origin[0])

    def scores(self, sums: DomainSums, domain: Integers) -> Floats:
        """Return the scores by cell."""
        weight = sums.totals[:, 0]
        centre = share(sums.totals[:, 1], weight)
        score = sums.block.sums[:, 1] - centre[domain] * sums.block.sums[:, 0]
        return share(score, weight[domain])[:, None]

    def simple(self, sums: DomainSums) -> Floats:
        """Return the variance of the mean of a simple random sample."""
        return (spread(sums.totals[:, 0], sums.totals[:, 1], sums.totals[:, 2], sums.rows) / positive(sums.rows))[
            :, None
        ]

    def weight(self, sums: DomainSums) -> Floats:
        """Return the sum of weights."""
        return sums.totals[:, 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """Total of a numeric variable: score w y."""

    variable: str

    @property
    def request(self) -> Moments:
        """The weight, y and y squared."""
        return Moments(variables=(self.variable,), products=((), (0,), (0, 0)), centred=False)

    def labels(self, block: BlockSums) -> list[Label]:
        """Return the variable."""
        del block
        return [(self.variable, None)]

    def value(self, sums: DomainSums) -> Floats:
        """Return the sums.totals."""
        return sums.totals[..., 1:2]

    def scores(self, sums: DomainSums, domain: Integers) -> Floats:
        """Return the scores by cell."""
        del domain
        return sums.block.sums[:, 1:2]

    def simple(self, sums: DomainSums) -> Floats:
        """Return the variance of N times the mean of a simple random sample."""
        variance = spread(sums.totals[:, 0], sums.totals[:, 1], sums.totals[:, 2], sums.rows)
        return (variance * sums.totals[:, 0] ** 2 / positive(sums.rows))[:, None]

    def weight(self, sums: DomainSums) -> Floats:
        """Return the sum of weights."""
        return sums.totals[:, 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Ratio of two totals: score w (y - R x) / X."""

    numerator: str
    denominator: str

    @property
    def request(self) -> Moments:
        """The weight, both variables, their squares and their product."""
        products = ((), (0,), (1,), (0, 0), (0, 1), (1, 1))
        return Moments(variables=(self.numerator, self.denominator), products=products, centred=False)

    def labels(self, block: BlockSums) -> list[Label]:
        """Return numerator/denominator."""
        del block
        return [(f"{self.numerator}/{self.denominator}", None)]

    def value(self, sums: DomainSums) -> Floats:
        """Return the ratios."""
        return share(sums.totals[..., 1:2], sums.totals[..., 2:3])

    def scores(self, sums: DomainSums, domain: Integers) -> Floats:
        """Return the scores by cell."""
        ratio = share(sums.totals[:, 1], sums.totals[:, 2])
        score = sums.block.sums[:, 1] - ratio[domain] * sums.block.sums[:, 2]
        return share(score, sums.totals[domain, 2])[:, None]

    def simple(self, sums: DomainSums) -> Floats:
        """Return the variance of the total of (y - R x) / X in a simple random sample."""
        ratio = share(sums.totals[:, 1], sums.totals[:, 2])
        square = sums.totals[:, 3] - 2 * ratio * sums.totals[:, 4] + ratio**2 * sums.totals[:, 5]
        variance = spread(sums.totals[:, 0], np.zeros(len(ratio)), square, sums.rows)
        return (variance * share(sums.totals[:, 0], sums.totals[:, 2]) ** 2 / positive(sums.rows))[:, None]

    def weight(self, sums: DomainSums) -> Floats:
        """Return the sum of weights."""
        return sums.totals[:, 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """Shares of the levels of a variable: score w (1[level] - p) / N.

    Parameters
    ----------
    variable : str
        Column of any type.
    levels : tuple or None
        Levels to report; all that occur without it.
    """

    variable: str
    levels: tuple[object, ...] | None = None

    @property
    def request(self) -> Categories:
        """The weight of each level."""
        return Categories(variable=self.variable)

    def labels(self, block: BlockSums) -> list[Label]:
        """Return variable and level."""
        levels = block.levels.tolist() if self.levels is None else self.levels
        return [(self.variable, level) for level in levels]

    def value(self, sums: DomainSums) -> Floats:
        """Return the shares."""
        return share(self._chosen(sums.totals, sums.block), np.asarray(sums.totals.sum(axis=-1, keepdims=True)))

    def scores(self, sums: DomainSums, domain: Integers) -> Floats:
        """Return the scores by cell."""
        weight = sums.totals.sum(axis=-1)
        p = self.value(sums)
        score = self._chosen(sums.block.sums, sums.block) - p[domain] * sums.block.sums.sum(axis=1, keepdims=True)
        return share(score, weight[domain, None])

    def simple(self, sums: DomainSums) -> Floats:
        """Return p (1 - p) / (n - 1)."""
        p = self.value(sums)
        return p * (1 - p) / positive(sums.rows - 1)[:, None]

    def weight(self, sums: DomainSums) -> Floats:
        """Return the sum of weights."""
        return np.asarray(sums.totals.sum(axis=-1))

    def _chosen(self, values: Floats, block: BlockSums) -> Floats:
        """Return the columns of the levels asked for, zeros for a level that does not occur."""
        if self.levels is None:
            return values
        known = block.levels.tolist()
        columns = [
            values[..., known.index(level)] if level in known else np.zeros(values.shape[:-1]) for level in self.levels
        ]
        return np.stack(columns, axis=-1)


def share(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, NaN where the whole is zero."""
    out = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=out, where=whole != 0)
    return out


def positive(values: Floats) -> Floats:
    """Return values, NaN where they are not above zero."""
    return np.where(values > 0, values, np.nan)


def spread(weight: Floats, first: Floats, second: Floats, rows: Floats) -> Floats:
    """Return the weighted variance with n / (n - 1), shape (D,), from sums of w, w y and w y squared."""
    mean = share(first, weight)
    return (share(second, weight) - mean**2) * rows / positive(rows - 1)


def blocks_of(statistics: Sequence[Statistic]) -> tuple[Moments | Categories, ...]:
    """Return the requests of several statistics."""
    return tuple(one.request for one in statistics)
