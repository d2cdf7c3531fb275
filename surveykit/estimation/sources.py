"""Covariances of linearised estimates, computed from scores when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from surveykit.design.layout import Stage
from surveykit.estimation.estimate import Fixed, Source, Transform
from surveykit.estimation.projection import Projection
from surveykit.estimation.variance import Cells, Lonely, covariance, variances

Floats = NDArray[np.float64]

_DENSE: Final = 20_000_000  # numbers of one dense block of unit totals (160 MB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linearised:
    """Scores summed by cell.

    Parameters
    ----------
    values : float array of shape (m, q)
        Scores of the q estimates of each domain.
    cells : Cells
        Domain and sampling unit of each row.
    stages : tuple of Stage
        Stages of the sample.
    lonely : Lonely
        What strata with one unit add.
    """

    values: Floats
    cells: Cells
    stages: tuple[Stage, ...]
    lonely: Lonely

    def variances(self) -> Floats:
        """Return the variances of shape (D, q)."""
        return variances(self.values, self.cells, self.stages, self.lonely)

    def covariance(self) -> Floats:
        """Return the covariance of shape (D q, D q)."""
        return covariance(self.values, self.cells, self.stages, self.lonely)

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
    stages : tuple of Stage
        Stages of the sample.
    lonely : Lonely
        What strata with one unit add.
    domains : int
        Number of domains D.
    """

    scores: sparse.csc_array
    projection: Projection
    units: sparse.csr_array
    stages: tuple[Stage, ...]
    lonely: Lonely
    domains: int

    def variances(self) -> Floats:
        """Return the variances of shape (D, q)."""
        parts = [variances(part, self._cells(), self.stages, self.lonely)[0] for part in self._totals()]
        return np.concatenate(parts).reshape(self.domains, -1)

    def covariance(self) -> Floats:
        """Return the covariance of shape (D q, D q)."""
        return covariance(np.concatenate(list(self._totals()), axis=1), self._cells(), self.stages, self.lonely)

    def transformed(self, estimate: Floats, transform: Transform) -> tuple[Floats, Source]:
        """Return a function of the estimates and its covariance by the delta method."""
        return Fixed(matrix=self.covariance()).transformed(estimate, transform)

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
