"""Covariances of linearised estimates, computed from scores when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from surveykit.design.layout import paired
from surveykit.estimation.contrasts import Transform
from surveykit.estimation.estimate import Fixed, Source
from surveykit.estimation.projection import Projection
from surveykit.estimation.sums import summed
from surveykit.estimation.variance import Cells, Sampling

Floats = NDArray[np.float64]

_DENSE: Final = 20_000_000  # numbers of one dense block of unit totals (160 MB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooling:
    """Linear combinations of the estimates of several domains.

    Parameters
    ----------
    target : integer array of shape (D,)
        Pool 0..P-1 that each domain goes into, -1 for none.
    factors : float array of shape (D, q)
        Coefficient of each estimate.
    pools : int
        Number of pools P.
    """

    target: NDArray[np.intp]
    factors: Floats
    pools: int

    def matrix(self) -> sparse.csr_array:
        """Return the coefficients of shape (P q, D q)."""
        domains, width = self.factors.shape
        kept = self.target >= 0
        column = np.arange(domains * width).reshape(domains, width)[kept]
        row = self.target[kept, None] * width + np.arange(width)
        entries = (self.factors[kept].ravel(), (row.ravel(), column.ravel()))
        return sparse.csr_array(entries, shape=(self.pools * width, domains * width))


@dataclass(frozen=True, slots=True, kw_only=True)
class Linearised:
    """Scores summed by cell.

    Parameters
    ----------
    values : float array of shape (m, q)
        Scores of the q estimates of each domain.
    cells : Cells
        Domain and sampling unit of each row.
    sampling : Sampling
        What makes a variance of them.
    """

    values: Floats
    cells: Cells
    sampling: Sampling

    def variances(self) -> Floats:
        """Return the variances of shape (D, q)."""
        return self.sampling.variances(self.values, self.cells)

    def covariance(self) -> Floats:
        """Return the covariance of shape (D q, D q)."""
        return self.sampling.covariance(self.values, self.cells)

    def pooled(self, pooling: Pooling) -> Linearised:
        """Return the source of linear combinations within pools of domains."""
        target = pooling.target[self.cells.domain]
        kept = np.flatnonzero(target >= 0)
        cell, domain, unit, _ = paired(target[kept], self.cells.unit[kept])
        values = summed((self.values * pooling.factors[self.cells.domain])[kept], cell, len(domain))
        return replace(self, values=values, cells=Cells(domain=domain, unit=unit, domains=pooling.pools))

    def transformed(self, estimate: Floats, transform: Transform) -> tuple[Floats, Source]:
        """Return a function of the estimates and its covariance by the delta method."""
        return Fixed(matrix=self.covariance()).transformed(estimate, transform)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """Scores by row of a calibrated survey, less what calibration fixed.

    Parameters
    ----------
    scores : sparse array of shape (n, D q)
        Scores of the rows, domain by domain.
    projection : Projection
        What calibration fixed.
    units : sparse array of shape (U, n)
        Rows of each sampling unit of the last stage.
    sampling : Sampling
        What makes a variance of them.
    domains : int
        Number of domains D.
    """

    scores: sparse.csc_array
    projection: Projection
    units: sparse.csr_array
    sampling: Sampling
    domains: int

    def variances(self) -> Floats:
        """Return the variances of shape (D, q)."""
        parts = [self.sampling.variances(part, self._cells())[0] for part in self._totals()]
        return np.concatenate(parts).reshape(self.domains, -1)

    def covariance(self) -> Floats:
        """Return the covariance of shape (D q, D q)."""
        return self.sampling.covariance(np.concatenate(list(self._totals()), axis=1), self._cells())

    def transformed(self, estimate: Floats, transform: Transform) -> tuple[Floats, Source]:
        """Return a function of the estimates and its covariance by the delta method."""
        return Fixed(matrix=self.covariance()).transformed(estimate, transform)

    def pooled(self, pooling: Pooling) -> Calibrated:
        """Return the source of linear combinations within pools of domains."""
        return replace(self, scores=sparse.csc_array(self.scores @ pooling.matrix().T), domains=pooling.pools)

    def _cells(self) -> Cells:
        units = self.units.shape[0]
        return Cells(domain=np.zeros(units, dtype=np.intp), unit=np.arange(units), domains=1)

    def _totals(self) -> Iterator[Floats]:
        """Yield totals of the residual scores of all units, in blocks of columns."""
        carried = self.units @ self.projection.carriers
        step = max(_DENSE // max(self.units.shape[0], 1), 1)
        for low in range(0, self.scores.shape[1], step):
            part = self.scores[:, low : low + step]
            yield np.asarray((self.units @ part).toarray() - carried @ self.projection.coefficients(part))
