"""From scores, summed by sampling unit, to a covariance: the one variance that every linearised estimate has.

A *cell* is a pair of a domain and a sampling unit that has rows of the domain; its *values* are the scores summed
over those rows. Units without rows of the domain count as zeros, so they need no cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from surveykit.design.design import LonelyPolicy
from surveykit.design.layout import Stage, crossed, paired
from surveykit.estimation.sums import summed

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_DENSE_BLOCK: Final = 4_000_000  # numbers held at once while cross-products are added up (32 MB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Pairs of a domain and a sampling unit.

    Parameters
    ----------
    domain : integer array of shape (m,)
        Domain 0..D-1 of each cell.
    unit : integer array of shape (m,)
        Sampling unit, of the last stage that counts, of each cell.
    domains : int
        Number of domains D.
    """

    domain: Integers
    unit: Integers
    domains: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lonely:
    """How strata with a single sampling unit count.

    Parameters
    ----------
    policy : {"fail", "remove", "certainty", "adjust", "average"}
        See ``SurveyDesign``. The caller has dealt with ``fail``.
    in_domain : bool
        The policy also holds where only the domain leaves one unit (``adjust`` and ``average``).
    """

    policy: LonelyPolicy = "fail"
    in_domain: bool = False


class Sampling(Protocol):
    """What a way of sampling makes of scores."""

    def variances(self, values: Floats, cells: Cells) -> Floats:
        """Return the variances, shape (D, q), of scores of shape (m, q)."""

    def covariance(self, values: Floats, cells: Cells) -> Floats:
        """Return the covariance, shape (D q, D q), of scores of shape (m, q)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """Sampling in stages, stratified at each.

    Parameters
    ----------
    stages : sequence of Stage
        First stage first.
    lonely : Lonely
        What strata with one unit add.
    """

    stages: Sequence[Stage]
    lonely: Lonely

    def variances(self, values: Floats, cells: Cells) -> Floats:
        """Return the variances, shape (D, q), of scores of shape (m, q)."""
        return variances(values, cells, self.stages, self.lonely)

    def covariance(self, values: Floats, cells: Cells) -> Floats:
        """Return the covariance, shape (D q, D q), of scores of shape (m, q)."""
        return covariance(values, cells, self.stages, self.lonely)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """Domains by strata of one stage: where scores are centred and how much their squares count."""

    of_cell: Integers  # (m,)
    domain: Integers  # (G,)
    stratum: Integers  # (G,)
    centre: Floats  # (G, q)
    scale: Floats  # (G,)
    absent: Floats  # (G,) factors of the units without rows of the domain, added up


def variances(values: Floats, cells: Cells, stages: Sequence[Stage], lonely: Lonely) -> Floats:
    """Return the variance of every domain's estimates.

    Parameters
    ----------
    values : float array of shape (m, q)
        Scores summed by cell, for q estimates a domain.
    cells : Cells
        Domain and unit of each row of ``values``.
    stages : sequence of Stage
        Stages of the sample, first stage first.
    lonely : Lonely
        What strata with one unit add.

    Returns
    -------
    float array of shape (D, q)

    Notes
    -----
    One stage adds sum_h (1 - f_h) n_h / (n_h - 1) sum_i (t_hi - mean_h t)^2 over the n_h units sampled in stratum h,
    whether or not the domain has rows in them; stage s adds the same within the units of stage s - 1, times the
    product of the fractions f of the stages before. R: ``svyrecvar`` (as of survey 4.5).

    References
    ----------
    Binder (1983), International Statistical Review 51, 279-292; Sarndal, Swensson and Wretman (1992), section 4.3.
    """
    total = np.zeros((cells.domains, values.shape[1]))
    for number in reversed(range(len(stages))):
        stage = stages[number]
        groups = _groups(values, cells, stage, lonely)
        factor = _factors(stage)[cells.unit] * groups.scale[groups.of_cell]
        deviation = values - groups.centre[groups.of_cell]
        total += summed(factor[:, None] * deviation * deviation, cells.domain, cells.domains)
        total += summed((groups.absent * groups.scale)[:, None] * groups.centre**2, groups.domain, cells.domains)
        if number:
            values, cells = _up(values, cells, stage)
    return total


def covariance(values: Floats, cells: Cells, stages: Sequence[Stage], lonely: Lonely) -> Floats:
    """Return the covariance of all estimates of all domains.

    Parameters
    ----------
    values, cells, stages, lonely
        As for ``variances``.

    Returns
    -------
    float array of shape (D * q, D * q)
        Domain by domain, the q estimates of a domain together.
    """
    width = cells.domains * values.shape[1]
    total = np.zeros((width, width))
    for number in reversed(range(len(stages))):
        stage = stages[number]
        groups = _groups(values, cells, stage, lonely)
        for deviation in _deviations(values, cells, stage, groups):
            total += deviation.T @ deviation
        if number:
            values, cells = _up(values, cells, stage)
    return total


def lonely_strata(cells: Cells, stages: Sequence[Stage]) -> list[tuple[int, Integers]]:
    """Return the strata, by number of the stage, that have one sampled unit out of several and rows of a domain."""
    found = []
    unit = cells.unit
    for number in range(len(stages) - 1, -1, -1):
        stage = stages[number]
        seen = np.unique(stage.strata[unit[(stage.fraction < 1)[unit]]])
        alone = seen[stage.sampled[seen] == 1]
        if len(alone):
            found.append((number, alone))
        unit = stage.parents[unit]
    return found[::-1]


def _factors(stage: Stage) -> Floats:
    """Return what the squared deviation of each unit counts: (1 - f) n / (n - 1) times the earlier fractions."""
    n = stage.sampled[stage.strata]
    return stage.passed * (1 - stage.fraction) * n / np.maximum(n - 1, 1)


def _groups(values: Floats, cells: Cells, stage: Stage, lonely: Lonely) -> _Groups:
    of_cell, domain, stratum, count = paired(cells.domain, stage.strata[cells.unit])
    size = len(domain)
    factors = _factors(stage)
    whole = np.bincount(stage.strata, weights=factors, minlength=len(stage.sampled))[stratum]
    present = np.bincount(of_cell, weights=factors[cells.unit], minlength=size)
    few = count == stage.sampled[stratum]
    centre = summed(values, of_cell, size) / stage.sampled[stratum, None]
    absent = np.where(few, 0.0, whole - present)
    groups = _Groups(of_cell=of_cell, domain=domain, stratum=stratum, centre=centre, scale=np.ones(size), absent=absent)
    return _with_lonely(groups, stage, lonely)


def _with_lonely(groups: _Groups, stage: Stage, lonely: Lonely) -> _Groups:
    """Apply the policy to strata whose only unit, in the sample or (if asked for) in the domain, has rows."""
    sampled = stage.sampled[groups.stratum]
    open_strata = np.bincount(stage.strata, weights=stage.fraction < 1, minlength=len(stage.sampled)) > 0
    alone = (sampled == 1) & open_strata[groups.stratum]
    if lonely.in_domain and lonely.policy in {"adjust", "average"}:
        alone |= (np.bincount(groups.of_cell, minlength=len(sampled)) == 1) & (sampled > 1)
    if not alone.any():
        return groups
    parent = np.empty(len(stage.sampled), dtype=np.intp)
    parent[stage.strata] = stage.parents
    block = crossed([groups.domain, parent[groups.stratum]])
    blocks = int(block.max()) + 1
    if lonely.policy == "adjust":
        units = np.bincount(block, weights=sampled, minlength=blocks)
        grand = summed(groups.centre * sampled[:, None], block, blocks) / units[:, None]
        centre = np.where(alone[:, None], grand[block], groups.centre)
        return replace(groups, centre=centre)
    scale = np.where(alone, 0.0, 1.0)
    if lonely.policy == "average":
        strata = np.bincount(block, minlength=blocks)
        paired = np.bincount(block, weights=~alone, minlength=blocks)
        spread = np.full(blocks, np.nan)
        np.divide(strata, paired, out=spread, where=paired > 0)
        scale = np.where(alone & (paired[block] > 0), 0.0, spread[block])
    return replace(groups, scale=scale)


def _up(values: Floats, cells: Cells, stage: Stage) -> tuple[Floats, Cells]:
    """Return values and cells of the units of the stage before."""
    code, domain, unit, _ = paired(cells.domain, stage.parents[cells.unit])
    return summed(values, code, len(domain)), Cells(domain=domain, unit=unit, domains=cells.domains)


def _deviations(values: Floats, cells: Cells, stage: Stage, groups: _Groups) -> Iterator[Floats]:
    """Yield the deviations of all units, scaled so that their cross-product is the covariance, in blocks of units."""
    units, q = len(stage.strata), values.shape[1]
    width = cells.domains * q
    step = max(_DENSE_BLOCK // max(width, 1), 1)
    column = np.arange(q)
    centre = np.zeros((len(stage.sampled), width))
    scale = np.zeros((len(stage.sampled), width))
    at = groups.domain[:, None] * q + column
    centre[groups.stratum[:, None], at] = groups.centre
    scale[groups.stratum[:, None], at] = np.sqrt(groups.scale)[:, None]
    root = np.sqrt(_factors(stage))
    order = np.argsort(cells.unit, kind="stable")
    for low in range(0, units, step):
        high = min(low + step, units)
        rows = order[np.searchsorted(cells.unit[order], low) : np.searchsorted(cells.unit[order], high)]
        dense = np.zeros((high - low, width))
        dense[(cells.unit[rows] - low)[:, None], cells.domain[rows, None] * q + column] = values[rows]
        strata = stage.strata[low:high]
        yield (dense - centre[strata]) * scale[strata] * root[low:high, None]
