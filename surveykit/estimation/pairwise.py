"""Variances from joint inclusion probabilities, exact or approximated: unequal probabilities, two phases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surveykit.design.design import SurveyDesign
from surveykit.design.layout import Stage
from surveykit.design.twophase import Phases, joint_form
from surveykit.errors import DesignError
from surveykit.estimation.variance import Cells

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairwise:
    """A quadratic form of the units' totals.

    Parameters
    ----------
    matrix : float array of shape (U, U)
        (p_ij - p_i p_j) / p_ij for units i and j with joint probability p_ij; 1 - p_i on the diagonal.
    yates_grundy : bool
        The Yates-Grundy-Sen estimator instead of Horvitz-Thompson's.
    place : integer array, optional
        Row of the matrix of each unit, where it has only some of them.

    Notes
    -----
    Totals t hold the weights 1/p. Horvitz-Thompson: t'Dt; Yates-Grundy: t'Dt - sum_ij D_ij t_i^2. R: ``ppsmat``,
    ``HR``, ``svydesign(pps = "overton")``.

    References
    ----------
    Sarndal, Swensson and Wretman (1992), sections 2.8 and 5.7; Berger (2004), Survey Methodology 30, 211-218.
    """

    matrix: Floats
    yates_grundy: bool = False
    place: Integers | None = None

    def variances(self, values: Floats, cells: Cells) -> Floats:
        """Return the variances, shape (D, q), of scores of shape (m, q)."""
        out = np.empty((cells.domains, values.shape[1]))
        whole = self.matrix.sum(axis=1) if self.yates_grundy else np.zeros(len(self.matrix))
        for domain in range(cells.domains):
            held = cells.domain == domain
            unit, totals = self._places(cells.unit[held]), values[held]
            form = self.matrix[np.ix_(unit, unit)]
            out[domain] = np.einsum("uq,uq->q", totals, form @ totals) - whole[unit] @ totals**2
        return out

    def covariance(self, values: Floats, cells: Cells) -> Floats:
        """Return the covariance, shape (D q, D q), of scores of shape (m, q)."""
        width = values.shape[1]
        dense = np.zeros((len(self.matrix), cells.domains * width))
        dense[self._places(cells.unit)[:, None], cells.domain[:, None] * width + np.arange(width)] = values
        form = dense.T @ self.matrix @ dense
        if self.yates_grundy:
            form -= dense.T @ (self.matrix.sum(axis=1)[:, None] * dense)
        return np.asarray(form)

    def _places(self, unit: Integers) -> Integers:
        return unit if self.place is None else self.place[unit]


def two_phase(phases: Phases) -> Pairwise:
    """Return the quadratic form of a two-phase sample, whose units are the rows of the second phase."""
    place = np.cumsum(phases.selected) - 1
    return Pairwise(matrix=joint_form(phases), place=place)


def pairwise(design: SurveyDesign, stage: Stage) -> Pairwise:
    """Return the quadratic form of a design with unequal probabilities.

    Parameters
    ----------
    design : SurveyDesign
        With ``pps`` other than Brewer's.
    stage : Stage
        Its only stage, whose fractions are the inclusion probabilities.

    Raises
    ------
    DesignError
        If the joint probabilities do not fit the units.

    Notes
    -----
    Overton: D_ij = 1 - (n - (p_i + p_j)/2) / (n - 1). Hartley-Rao: D_ij = 1 - (n - p_i - p_j + mean p) / (n - 1),
    within strata; 0 between strata.

    References
    ----------
    Overton (1985), EPA/600/4-86/008; Hartley and Rao (1962), Annals of Mathematical Statistics 33, 350-374; Berger
    (2004).
    """
    yates = design.pps_variance == "yates-grundy"
    if design.joint is not None:
        return Pairwise(matrix=_given(design.joint, stage), yates_grundy=yates)
    p, n = stage.fraction, stage.sampled[stage.strata]
    pair = p[:, None] + p[None, :]
    if design.pps == "overton":
        matrix = 1 - (n[:, None] - pair / 2) / (n[:, None] - 1)
    else:
        average = (np.bincount(stage.strata, weights=p) / stage.sampled)[stage.strata]
        matrix = 1 - (n[:, None] - pair + average[:, None]) / (n[:, None] - 1)
    matrix[stage.strata[:, None] != stage.strata[None, :]] = 0.0
    np.fill_diagonal(matrix, 1 - p)
    return Pairwise(matrix=matrix, yates_grundy=yates)


def _given(joint: Floats, stage: Stage) -> Floats:
    """Return D of given joint probabilities, with units in the order of their codes."""
    units = len(stage.strata)
    if joint.shape != (units, units):
        raise DesignError.of("design-joint-shape", shape=joint.shape, units=units)
    first = np.empty(units, dtype=np.intp)
    first[stage.units[::-1]] = np.arange(len(stage.units) - 1, -1, -1)
    place = np.argsort(np.argsort(first))
    ordered = joint[np.ix_(place, place)]
    single = np.diag(ordered)
    return np.asarray((ordered - single[:, None] * single[None, :]) / ordered)
