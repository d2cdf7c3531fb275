"""Degrees of freedom of a design and of its domains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surveykit.design.design import ReplicateDesign
from surveykit.design.layout import Stage, crossed
from surveykit.design.survey import Survey
from surveykit.estimation.replicates import replicate_df
from surveykit.estimation.variance import Cells

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Which sampling units have rows of which domains.

    Parameters
    ----------
    cells : Cells
        Domain and last-stage unit.
    rows : float array of shape (m,)
        Rows of positive weight in each cell.
    stages : sequence of Stage
        Stages of the sample.
    """

    cells: Cells
    rows: Floats
    stages: Sequence[Stage]

    def df(self) -> Floats:
        """Return primary sampling units less strata, both counted among those with rows of the domain, shape (D,).

        Notes
        -----
        A row counts whether or not the outcome is missing in it. R: ``degf(subset(design, ...))``.
        """
        held = (self.rows > 0) & (self.cells.domain >= 0)
        domain, unit = self.cells.domain[held], self.cells.unit[held]
        for stage in reversed(self.stages[1:]):
            unit = stage.parents[unit]
        units = _distinct(domain, unit, self.cells.domains)
        strata = _distinct(domain, self.stages[0].strata[unit], self.cells.domains)
        return (units - strata).astype(np.float64)

    def overall_df(self) -> float:
        """Return the degrees of freedom of all domains together."""
        return float(self.pooled_df(np.zeros(self.cells.domains, dtype=np.intp), 1)[0])

    def pooled_df(self, target: NDArray[np.intp], pools: int) -> Floats:
        """Return the degrees of freedom of pools, given the pool of each domain (-1 for none), shape (pools,)."""
        cells = Cells(domain=target[self.cells.domain], unit=self.cells.unit, domains=pools)
        return Presence(cells=cells, rows=self.rows, stages=self.stages).df()


def design_df(survey: Survey) -> float:
    """Return primary sampling units less strata among the rows of the subpopulation with a positive weight.

    Parameters
    ----------
    survey : Survey
        With a frame in memory. A row counts whether or not an outcome is missing in it.

    Notes
    -----
    R: ``survey::degf``. With replicate weights: the degrees of freedom stated in the design, or the rank of the
    weights less one.
    """
    if isinstance(survey.design, ReplicateDesign):
        return replicate_df(survey)
    held = survey.domain & (survey.weights > 0)
    stage = survey.layout.stages[0]
    units = np.bincount(stage.units[held], minlength=len(stage.strata)) > 0
    return float(units.sum() - len(np.unique(stage.strata[units])))


def _distinct(domain: NDArray[np.intp], code: NDArray[np.intp], domains: int) -> NDArray[np.intp]:
    if not len(domain):
        return np.zeros(domains, dtype=np.intp)
    pair = crossed([domain, code])
    first = np.empty(int(pair.max()) + 1, dtype=np.intp)
    first[pair] = domain
    return np.bincount(first, minlength=domains)
