"""Sums by domain and sampling unit, from any engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from surveykit.design.design import ReplicateDesign
from surveykit.design.layout import paired
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.domains import Expansion, expand
from surveykit.estimation.memory import memory_sums
from surveykit.estimation.pushdown import lazy_binary, lazy_sums
from surveykit.estimation.pushdown_replicates import lazy_replicate_sums
from surveykit.estimation.requests import BlockSums, Categories, ClusterTotals, Grouped, Moments
from surveykit.estimation.sums import summed
from surveykit.estimation.variance import Cells

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


def cluster_totals(
    survey: Survey,
    requests: Sequence[Moments | Categories],
    by: Sequence[str] = (),
    *,
    margins: bool = False,
    by_row: bool = False,
    units: Integers | None = None,
    weights: Floats | None = None,
) -> ClusterTotals:
    """Return weighted sums by domain and sampling unit, in one pass over the rows.

    Parameters
    ----------
    survey : Survey
        Frame, design and subpopulation.
    requests : sequence of Moments or Categories
        What to add up.
    by : sequence of str
        Columns whose crossings are the domains; none for the subpopulation as a whole.
    margins : bool
        Add the margins of the crossing.
    by_row : bool
        Keep every row apart, as scores of calibrated surveys need it; the units of the cells are then the rows.
    units : integer array of shape (n,), optional
        In memory: units to add up over, instead of the sampling units of the last stage.
    weights : float array of shape (n,), optional
        Weights instead of the full-sample weights.

    Raises
    ------
    DesignError
        If the frame lacks a column.
    EstimationError
        If the subpopulation has no rows of positive weight, or every row misses a domain column.
    """
    survey.require([*by, *(name for request in requests for name in _variables(request))])
    if survey.engine == "lazy":
        replicates = isinstance(survey.design, ReplicateDesign)
        grouped = (lazy_replicate_sums if replicates else lazy_sums)(survey, by, requests)
    else:
        grouped = memory_sums(survey, by, requests, units=units, weights=weights, by_row=by_row)
    if not grouped.rows.sum():
        raise EstimationError.of("estimate-empty", subpopulation=" and ".join(survey.conditions) or "all rows")
    expansion = expand(by, grouped.codes, grouped.levels, margins=margins)
    if not len(expansion.domains):
        raise EstimationError.of("estimate-no-domain", by=", ".join(by))
    return _arranged(grouped, expansion)


def _variables(request: Moments | Categories) -> tuple[str, ...]:
    return request.variables if isinstance(request, Moments) else (request.variable,)


def _arranged(grouped: Grouped, expansion: Expansion) -> ClusterTotals:
    full = expansion.maps[0][grouped.crossing]
    if len(expansion.maps) == 1 and (full >= 0).all():
        kept: Integers | slice = slice(None)
        cell, domain, unit = None, full, grouped.unit
    else:
        parts = [one[grouped.crossing] for one in expansion.maps]
        kept = np.concatenate([np.flatnonzero(part >= 0) for part in parts])
        domains = np.concatenate([part[part >= 0] for part in parts])
        cell, domain, unit, _ = paired(domains, grouped.unit[kept])
    collect = _Collected(kept, cell, len(domain))
    return ClusterTotals(
        domains=expansion.domains,
        cells=Cells(domain=domain, unit=unit, domains=len(expansion.domains)),
        rows=collect.vector(grouped.rows),
        seen=collect.vector(grouped.seen),
        blocks=tuple(collect.block(block) for block in grouped.blocks),
        stages=grouped.stages,
        roster=grouped.roster,
        total_rows=grouped.total_rows,
        subpopulation_rows=int(grouped.seen.sum()),
        without_domain=int(grouped.rows[full < 0].sum()),
        weightless=int((grouped.seen - grouped.rows).sum()),
        by_element=grouped.by_element,
        missing=tuple(int((grouped.rows - block.rows)[full >= 0].sum()) for block in grouped.blocks),
    )


class _Collected:
    """Sums of the cells found in the rows, collected into the cells of the domains asked for."""

    def __init__(self, kept: Integers | slice, cell: Integers | None, size: int) -> None:
        self.kept, self.cell, self.size = kept, cell, size

    def matrix(self, values: Floats) -> Floats:
        """Return sums of shape (size, p)."""
        return values if self.cell is None else summed(values[self.kept], self.cell, self.size)

    def vector(self, values: Floats) -> Floats:
        """Return sums of shape (size,)."""
        return values if self.cell is None else self.matrix(values[:, None])[:, 0]

    def block(self, block: BlockSums) -> BlockSums:
        """Return the answer to one request over the cells asked for."""
        return BlockSums(
            sums=self.matrix(block.sums),
            rows=self.vector(block.rows),
            seen=self.vector(block.seen),
            origin=block.origin,
            levels=block.levels,
        )


def binary(survey: Survey, name: str) -> object:
    """Return the level 1 (or True) of a truth value or 0/1 column, None for any other column."""
    if survey.engine == "lazy":
        return lazy_binary(survey, name)
    _, levels = survey.columns.codes(name)
    if levels.dtype == np.bool_:
        return True
    if levels.dtype.kind in "iuf" and set(levels.tolist()) <= {0, 1}:
        return 1
    if levels.dtype == object and len(levels) and all(isinstance(one, bool) for one in levels.tolist()):
        return True
    return None
