"""Variances from replicate weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey, replicate_columns
from surveykit.errors import EstimationError
from surveykit.estimation.contrasts import Transform
from surveykit.estimation.estimate import Source
from surveykit.estimation.sources import Pooling

Floats = NDArray[np.float64]

_RANK_TOLERANCE: Final = 1e-5  # R survey, degf.svyrep.design: qr(weights, tol = 1e-05)
_RANK_ROWS: Final = 2_000  # rows looked at first: the rank can only grow with more


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """How squared deviations of replicates become a variance.

    Parameters
    ----------
    scale : float
        Factor on the sum.
    rscales : float array of shape (R,)
        Factor of each replicate.
    mse : bool
        Deviations from the full-sample estimate instead of the mean of the replicates.
    """

    scale: float
    rscales: Floats
    mse: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicated:
    """Estimates of all replicates.

    Parameters
    ----------
    replicates : float array of shape (R, k)
        Estimates of each replicate.
    estimate : float array of shape (k,)
        Full-sample estimates.
    scales : Scales
        How they make a variance.
    """

    replicates: Floats
    estimate: Floats
    scales: Scales

    def variances(self) -> Floats:
        """Return the variances of shape (k,)."""
        deviation, rscales = self._deviations()
        return np.asarray(self.scales.scale * (rscales[:, None] * deviation**2).sum(axis=0))

    def covariance(self) -> Floats:
        """Return the covariance of shape (k, k)."""
        deviation, rscales = self._deviations()
        return np.asarray(self.scales.scale * (deviation.T @ (rscales[:, None] * deviation)))

    def transformed(self, estimate: Floats, transform: Transform) -> tuple[Floats, Source]:
        """Return a function of the estimates, and of those of each replicate."""
        value = np.atleast_1d(np.asarray(transform(estimate), dtype=np.float64))
        replicates = np.stack([np.atleast_1d(np.asarray(transform(one), float)) for one in self.replicates])
        return value, Replicated(replicates=replicates, estimate=value, scales=self.scales)

    def pooled(self, pooling: Pooling) -> Replicated:
        """Return the source of linear combinations within pools of domains."""
        matrix = pooling.matrix()
        replicates, estimate = np.asarray(self.replicates @ matrix.T), np.asarray(matrix @ self.estimate)
        return Replicated(replicates=replicates, estimate=estimate, scales=self.scales)

    def _deviations(self) -> tuple[Floats, Floats]:
        rscales = self.scales.rscales
        if self.scales.mse:
            return self.replicates - self.estimate, rscales
        return self.replicates - self.replicates[rscales > 0].mean(axis=0), rscales


def scales_of(design: ReplicateDesign, replicates: int) -> Scales:
    """Return the scales of a replicate design with R replicates.

    Parameters
    ----------
    design : ReplicateDesign
        Method, and whatever scales it states itself.
    replicates : int
        Number R of replicates.

    Notes
    -----
    1/R for BRR, 1/(R (1 - rho)^2) for Fay, (R - 1)/R for JK1, 1 for JK2 and JKn, 1/(R - 1) for the bootstrap, 4/R for
    SDR and ACS, as R ``survey::svrepdesign``.
    """
    rho = design.rho or 0.0
    usual = {
        "brr": 1 / replicates,
        "fay": 1 / (replicates * (1 - rho) ** 2),
        "jk1": (replicates - 1) / replicates,
        "bootstrap": 1 / max(replicates - 1, 1),
        "sdr": 4 / replicates,
        "acs": 4 / replicates,
        "successive-difference": 4 / replicates,
    }
    scale = usual.get(design.method, 1.0) if design.scale is None else design.scale
    rscales = np.ones(replicates) if design.rscales is None else np.asarray(design.rscales, dtype=np.float64)
    mse = design.method == "acs" if design.mse is None else design.mse
    return Scales(scale=scale, rscales=rscales, mse=mse)


def replicated(survey: Survey, statistic: Callable[[Floats], Floats]) -> Replicated:
    """Return a statistic computed anew with each replicate weight.

    Parameters
    ----------
    survey : Survey
        With replicate weights and a frame in memory.
    statistic : callable
        Takes weights of shape (n,), zero outside the subpopulation, and returns estimates of shape (k,).

    Returns
    -------
    Replicated
        Replicates in which some estimate is missing are left out with their scales.

    Raises
    ------
    EstimationError
        If fewer than two replicates can be estimated.
    """
    design = survey.design
    if not isinstance(design, ReplicateDesign):
        raise EstimationError.of("estimate-needs-replicates")
    inside = survey.domain.astype(np.float64)
    weights = survey.replicate_weights()
    full = np.atleast_1d(statistic(survey.weights * inside))
    replicates = np.stack([np.atleast_1d(statistic(weights[:, at] * inside)) for at in range(weights.shape[1])])
    return without_missing(replicates, full, scales_of(design, weights.shape[1]))


def without_missing(replicates: Floats, estimate: Floats, scales: Scales) -> Replicated:
    """Return replicates (R, k) with their scales, less those in which an estimate is missing that the sample has."""
    kept = np.asarray(~np.isnan(replicates[:, ~np.isnan(estimate)]).any(axis=1))
    if kept.sum() < 2:  # a spread needs two values
        raise EstimationError.of("estimate-replicates-missing", kept=int(kept.sum()), replicates=len(kept))
    scales = Scales(scale=scales.scale, rscales=scales.rscales[kept], mse=scales.mse)
    return Replicated(replicates=replicates[kept], estimate=estimate, scales=scales)


def replicate_totals(sums: Floats, cells: tuple[NDArray[np.intp], NDArray[np.intp], int], factors: Floats) -> Floats:
    """Return totals of each replicate and domain.

    Parameters
    ----------
    sums : float array of shape (m, p)
        Sums by cell.
    cells : tuple
        Domain (m,), unit (m,) and number of domains D.
    factors : float array of shape (U, R)
        Factor of each unit in each replicate.

    Returns
    -------
    float array of shape (R, D, p)
    """
    domain, unit, domains = cells
    out = np.empty((factors.shape[1], domains, sums.shape[1]))
    for at in range(sums.shape[1]):
        by_domain = sparse.csr_array((sums[:, at], (domain, unit)), shape=(domains, len(factors)))
        out[:, :, at] = np.asarray(by_domain @ factors).T
    return out


def replicate_df(survey: Survey) -> float:
    """Return the degrees of freedom of a replicate design in the subpopulation.

    Parameters
    ----------
    survey : Survey
        With replicate weights.

    Notes
    -----
    What the design states; sampling units less strata for replicates made here; otherwise the rank of the replicate
    weights less one, as R ``degf``; the number of replicates less one where the rows live in an engine.
    """
    design = survey.design
    if isinstance(design, ReplicateDesign) and design.df is not None:
        return float(design.df)
    if survey.engine == "lazy":
        return float(len(replicate_columns(survey)) - 1)
    inside = survey.domain & (survey.weights > 0)
    if survey.replicates is not None:
        units = np.unique(survey.replicates.units[inside])
        return float(len(units) - len(np.unique(survey.replicates.strata[units])))
    return float(rank(survey.replicate_weights()[inside]) - 1)


def rank(weights: Floats) -> int:
    """Return the rank of weights of shape (n, R), a column counting if 1e-5 of it is not in the columns before."""
    few = _rank(weights[:_RANK_ROWS])
    return few if few == weights.shape[1] or len(weights) <= _RANK_ROWS else _rank(weights)


def _rank(weights: Floats) -> int:
    length = np.sqrt((weights**2).sum(axis=0))
    unit = weights[:, length > 0] / length[length > 0]
    return _pivoted_rank(np.asarray(np.linalg.qr(unit, mode="r"), dtype=np.float64))


def _pivoted_rank(triangle: Floats) -> int:
    """Count the columns that keep more than the tolerance of their length beside the columns kept before."""
    kept: list[Floats] = []
    for column in triangle.T:
        rest = column.copy()
        for _ in range(2):  # twice is enough (Parlett 1998, section 6.9)
            for direction in kept:
                rest -= (direction @ rest) * direction
        size = float(np.sqrt(rest @ rest))
        if size > _RANK_TOLERANCE:
            kept.append(rest / size)
    return len(kept)
