"""Degrees of freedom of a design and of its domains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from surveykit.design.design import ReplicateDesign
from surveykit.design.layout import Stage, crossed
from surveykit.design.survey import Survey
from surveykit.estimation.replicates import replicate_df
from surveykit.estimation.variance import Cells

Floats = NDArray[np.float64]


def domain_df(cells: Cells, rows: Floats, stages: Sequence[Stage]) -> Floats:
    """Return primary sampling units less strata, both counted among those with rows of the domain.

    Parameters
    ----------
    cells : Cells
        Domain and last-stage unit.
    rows : float array of shape (m,)
        Rows of positive weight in each cell.
    stages : sequence of Stage
        Stages of the sample.

    Returns
    -------
    float array of shape (D,)

    Notes
    -----
    A row counts whether or not the outcome is missing in it. R: ``degf(subset(design, ...))``.
    """
    held = rows > 0
    domain, unit = cells.domain[held], cells.unit[held]
    for stage in reversed(stages[1:]):
        unit = stage.parents[unit]
    units = _distinct(domain, unit, cells.domains)
    strata = _distinct(domain, stages[0].strata[unit], cells.domains)
    return (units - strata).astype(np.float64)


def overall_df(cells: Cells, rows: Floats, stages: Sequence[Stage]) -> float:
    """Return primary sampling units less strata among those with rows of any domain; see ``domain_df``."""
    whole = Cells(domain=np.zeros(len(cells.unit), dtype=np.intp), unit=cells.unit, domains=1)
    return float(domain_df(whole, rows, stages)[0])


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
