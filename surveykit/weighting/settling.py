"""Trim and calibrate at once: weights within limits that still meet every total."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from surveykit.design.calibration import Calibration
from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.findings import finding
from surveykit.weighting.auxiliaries import Auxiliaries
from surveykit.weighting.fitting import Fitter, unmet
from surveykit.weighting.kernels import Solved, solve
from surveykit.weighting.replication import reweighted
from surveykit.weighting.trimming import Trim, groups_of, trimmed

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


def trim_and_fit(
    survey: Survey, how: Trim, fitter: Fitter, *, by: str | tuple[str, ...] = ()
) -> tuple[Survey, tuple[float, ...]]:
    """Trim weights and keep the totals that they were fitted to.

    Parameters
    ----------
    survey : Survey
        Fitted to the totals.
    how : Trim
        Rule of trimming; its limits are found once, from the weights before. How the excess is shared out follows from
        the totals.
    fitter : Fitter
        The calibration whose totals are to hold; what is fixed now replaces what it fixed.
    by : str or tuple of str
        Columns within whose groups limits are found.

    Returns
    -------
    survey : Survey
        Meets totals and limits.
    misfits : tuple of float
        Largest relative misfit of any total after each step.

    Raises
    ------
    WeightingError
        If the limits and the totals cannot hold together.

    Notes
    -----
    What trimming and raking in turn lead to, in one solution: ``w = min(max(d exp(x'b), lower), upper)`` with b such
    that every total is met.

    References
    ----------
    Deville JC, Särndal CE (1992), JASA 87, 376-382, on bounded distances; Folsom RE, Singh AC (2000),
    The generalized exponential model for sampling weight calibration for extreme values, nonresponse, and
    poststratification, Proceedings of the Survey Research Methods Section, ASA.
    """
    groups = groups_of(survey, by)
    known = fitter.auxiliaries()
    solved = _settled(survey.weights, known, groups, how)
    after = np.asarray(survey.weights * solved.factors)

    def step(weights: Floats) -> Floats:
        return np.asarray(weights * _settled(weights, known, groups, how).factors)

    earlier, last = survey.calibrations[:-1], survey.calibrations[-1:]
    before = last[0].before if last else survey.weights
    fixed = Calibration(kind="matrix", matrix=known.scaled, before=before, after=(after,))
    kept = replace(survey, calibrations=earlier)
    return reweighted(kept, after, step, calibration=fixed), solved.misfits


def _settled(weights: Floats, known: Auxiliaries, groups: Integers, how: Trim) -> Solved:
    limits = trimmed(weights, groups, replace(how, redistribute="none"))
    positive = np.where(weights > 0, weights, 1.0)
    lower = np.maximum(limits.lower[groups], 0.0) / positive
    upper = limits.upper[groups] / positive
    if known.clusters is not None:
        lower, upper = _shared_limits(lower, upper, known.clusters)
    solved = solve(
        known.matrix, known.averaged(weights), known.targets, method="raking", lower=lower, upper=upper,
        spread=known.spread,
    )  # fmt: skip
    if not solved.converged:
        note = finding("weighting-trim-unsettled", low=_smallest(limits.lower), high=float(limits.upper.min()))
        raise WeightingError([note, *unmet(known.labels, known.targets, solved.misfit, "")])
    return solved


def _shared_limits(lower: Floats, upper: Floats, clusters: Integers) -> tuple[Floats, Floats]:
    count = int(clusters.max()) + 1
    low, high = np.zeros(count), np.full(count, math.inf)
    np.maximum.at(low, clusters, lower)
    np.minimum.at(high, clusters, upper)
    return low[clusters], np.maximum(high, low)[clusters]


def _smallest(lower: Floats) -> float:
    return max(0.0, float(lower.max()))
