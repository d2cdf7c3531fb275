"""Variance, covariance, correlation and geometric mean as functions of weighted sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surveykit.estimation.requests import BlockSums, Moments
from surveykit.estimation.statistics import DomainSums, Label, positive, share

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class CentralMoment:
    """Variance, covariance or correlation.

    Parameters
    ----------
    variables : tuple of two str
        The variables; the same one twice for a variance.
    correlation : bool
        Divide by both standard deviations.
    """

    variables: tuple[str, str]
    correlation: bool = False

    @property
    def request(self) -> Moments:
        """The weight, the variables, their squares and their product."""
        return Moments(variables=self.variables, products=((), (0,), (1,), (0, 0), (0, 1), (1, 1)))

    def labels(self, block: BlockSums) -> list[Label]:
        """Return the variable, or both."""
        del block
        return [(" x ".join(dict.fromkeys(self.variables)), None)]

    def value(self, sums: DomainSums) -> Floats:
        """Return n / (n - 1) sum w (x - mean x)(y - mean y) / N, or the correlation."""
        xx, xy, yy = _central(sums.totals)
        if self.correlation:
            return share(xy, np.sqrt(xx * yy))[..., None]
        return (xy * _unbiased(sums.rows))[..., None]

    def scores(self, sums: DomainSums, domain: Integers) -> Floats:
        """Return the scores by cell: w ((x - mean x)(y - mean y) - c) / N, and the delta method for a correlation."""
        totals, s = sums.totals, sums.block.sums
        xx, xy, yy = _central(totals)
        weight = totals[:, 0]
        mx, my = share(totals[:, 1], weight)[domain], share(totals[:, 2], weight)[domain]
        product = s[:, 4] - mx * s[:, 2] - my * s[:, 1] + (mx * my - xy[domain]) * s[:, 0]
        if not self.correlation:
            return share(product * _unbiased(sums.rows)[domain], weight[domain])[:, None]
        first = s[:, 3] - 2 * mx * s[:, 1] + (mx**2 - xx[domain]) * s[:, 0]
        second = s[:, 5] - 2 * my * s[:, 2] + (my**2 - yy[domain]) * s[:, 0]
        root = np.sqrt(xx * yy)
        half = share(xy, root)[domain] / 2
        score = share(product, root[domain]) - half * (share(first, xx[domain]) + share(second, yy[domain]))
        return share(score, weight[domain])[:, None]

    def simple(self, sums: DomainSums) -> Floats:
        """Return NaN: no design effect is defined."""
        return np.full((len(sums.rows), 1), np.nan)

    def weight(self, sums: DomainSums) -> Floats:
        """Return the sum of weights."""
        return sums.totals[:, 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeometricMean:
    """Geometric mean G, exp of the mean of the logarithm: score w G (log y - log G) / N."""

    variable: str

    @property
    def request(self) -> Moments:
        """The weight and log y."""
        return Moments(variables=(self.variable,), products=((), (0,)), logarithm=True)

    def labels(self, block: BlockSums) -> list[Label]:
        """Return the variable."""
        del block
        return [(self.variable, None)]

    def value(self, sums: DomainSums) -> Floats:
        """Return the geometric means."""
        return np.asarray(np.exp(share(sums.totals[..., 1:2], sums.totals[..., 0:1]) + sums.block.origin[0]))

    def scores(self, sums: DomainSums, domain: Integers) -> Floats:
        """Return the scores by cell."""
        weight = sums.totals[:, 0]
        centre = share(sums.totals[:, 1], weight)
        score = sums.block.sums[:, 1] - centre[domain] * sums.block.sums[:, 0]
        return (score * share(np.exp(centre + sums.block.origin[0]), weight)[domain])[:, None]

    def simple(self, sums: DomainSums) -> Floats:
        """Return NaN: no design effect is defined."""
        return np.full((len(sums.rows), 1), np.nan)

    def weight(self, sums: DomainSums) -> Floats:
        """Return the sum of weights."""
        return sums.totals[:, 0]


def _central(totals: Floats) -> tuple[Floats, Floats, Floats]:
    weight = totals[..., 0]
    mx, my = share(totals[..., 1], weight), share(totals[..., 2], weight)
    xx, xy, yy = (share(totals[..., at], weight) for at in (3, 4, 5))
    return xx - mx**2, xy - mx * my, yy - my**2


def _unbiased(rows: Floats) -> Floats:
    return rows / positive(rows - 1)
