"""Fit weights to known totals: post-stratification, raking, calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from surveykit.design.calibration import Calibration
from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.findings import Place, finding
from surveykit.weighting.auxiliaries import Auxiliaries, auxiliaries
from surveykit.weighting.kernels import CalibrationMethod, Cells, Raked, Solved, cross, rake_cells
from surveykit.weighting.margins import Margins, Matched, Totals, agreed, match_margins, parse_margins
from surveykit.weighting.replication import reweighted

Floats = NDArray[np.float64]
Bounds = tuple[float | None, float | None]

_OPEN: Final[Bounds] = (None, None)


def poststratify(survey: Survey, totals: Totals) -> Survey:
    """Scale the weights of every post-stratum to its known total.

    Parameters
    ----------
    survey : Survey
        The whole sample.
    totals : mapping or DataFrame
        One margin: ``{"sex": {"1": 100, "2": 120}}``, ``{("sex", "age_group"): {(1, "20-39"): 50, ...}}``, or a table
        with the columns and ``count``.

    Returns
    -------
    Survey
        New weights; variances use residuals about the post-stratum means.

    Raises
    ------
    WeightingError
        Naming every cell that cannot be met.

    Notes
    -----
    ``w = d N_g / sum_g d``. R: ``survey::postStratify``.

    References
    ----------
    Valliant R (1993), Poststratification and conditional variance estimation, JASA 88, 89-96.
    """
    margins = parse_margins(totals)
    if len(margins) > 1:
        raise WeightingError.of("weighting-several-margins", names=", ".join(margin.name for margin in margins))
    _whole(survey)
    matched = match_margins(margins, survey.columns, survey.weights)[0]

    def step(weights: Floats) -> Floats:
        return _scaled(weights, matched)

    after = step(survey.weights)
    fixed = Calibration(kind="groups", groups=(matched.codes,), before=survey.weights, after=(after,))
    return reweighted(survey, after, step, calibration=fixed)


def rake(survey: Survey, margins: Margins) -> Survey:
    """Fit weights to several margins by iterative proportional fitting.

    Parameters
    ----------
    survey : Survey
        The whole sample.
    margins : mapping, or sequence of mappings and DataFrames
        Known totals, one entry a margin; a margin may cross columns. Forms as for :func:`poststratify`.

    Returns
    -------
    Survey
        New weights that meet every margin to 1e-9 or better.

    Raises
    ------
    WeightingError
        Naming cells without a total, totals without anyone, margins that disagree by more than 0.1 %, or the cells
        that stay off when the margins cannot be met together.

    Notes
    -----
    Works on the combinations of categories that occur, so the number of rows hardly matters. Margins that differ by
    rounding are scaled to the first. R: ``survey::rake``.

    References
    ----------
    Deming WE, Stephan FF (1940), Annals of Mathematical Statistics 11, 427-444; Deville JC, Särndal CE, Sautory O
    (1993), JASA 88, 1013-1020.
    """
    _whole(survey)
    matched = match_margins(parse_margins(margins), survey.columns, survey.weights)
    targets = [margin.totals for margin in agreed([one.margin for one in matched])]
    cells = cross([one.codes for one in matched], [target.size for target in targets])

    def step(weights: Floats) -> Floats:
        return np.asarray(weights * _raked(weights, cells, targets, matched).factors[-1][cells.of_row])

    raked = _raked(survey.weights, cells, targets, matched)
    after = tuple(np.asarray(survey.weights * factor[cells.of_row]) for factor in raked.factors)
    groups = tuple(one.codes for one in matched)
    fixed = Calibration(kind="margins", groups=groups, before=survey.weights, after=after)
    return _told(reweighted(survey, after[-1], step, calibration=fixed), raked.misfits)


def calibrate(
    survey: Survey,
    totals: Margins,
    *,
    method: CalibrationMethod = "linear",
    bounds: Bounds = _OPEN,
    aggregate: str | Sequence[str] | None = None,
    variance: str | None = None,
    weight_bounds: Bounds = _OPEN,
) -> Survey:
    """Fit weights to totals of categories and of numbers, as near to the old weights as possible.

    Parameters
    ----------
    survey : Survey
        The whole sample.
    totals : mapping, or sequence of mappings and DataFrames
        Categories as for :func:`rake`; for a numeric column its total, ``{"income": 1.2e9}``; ``{"(total)": N}`` is
        the number of people.
    method : {"linear", "raking", "logit"}
        Distance between old and new weights. ``logit`` needs both bounds.
    bounds : (float or None, float or None)
        Smallest and largest factor on a weight, for instance ``(0.3, 3)``.
    aggregate : str or sequence of str
        Columns that name a cluster (a household, a PSU) whose members shall keep one common factor.
    variance : str
        Column of the variances of a working model; rows with larger ones move less.
    weight_bounds : (float or None, float or None)
        Smallest and largest weight after, instead of a factor.

    Returns
    -------
    Survey

    Raises
    ------
    WeightingError
        Naming what is missing, or the totals that stay off: with bounds not every set of totals can be met.

    Notes
    -----
    Linear without bounds is the generalised regression estimator. R: ``survey::calibrate`` with ``calfun``,
    ``bounds``, ``aggregate.stage``, ``variance`` and ``bounds.const``; variances use residuals of the regression on
    the auxiliaries. As in R, that regression counts `variance` only where the method is linear without bounds.

    References
    ----------
    Deville JC, Särndal CE (1992), Calibration estimators in survey sampling, JASA 87, 376-382; Vanderhoeft C (2001),
    Generalised calibration at Statistics Belgium.
    """
    _whole(survey)
    task = _Task(
        method=method,
        lower=_limit(bounds[0], -math.inf),
        upper=_limit(bounds[1], math.inf),
        smallest=_limit(weight_bounds[0], -math.inf),
        largest=_limit(weight_bounds[1], math.inf),
    )
    _check_bounds(task)
    known = auxiliaries(survey, totals, aggregate=aggregate, variance=variance)

    def step(weights: Floats) -> Floats:
        return np.asarray(weights * _solved(known, known.averaged(weights), task).factors)

    before = known.averaged(survey.weights)
    solved = _solved(known, before, task)
    after = np.asarray(survey.weights * solved.factors)
    if (after < 0).any():
        raise WeightingError.of("weighting-negative", rows=int((after < 0).sum()), smallest=float(after.min()))
    fixed = Calibration(
        kind="matrix",
        matrix=known.scaled,
        before=before / known.spread if task.plain else before,
        after=(np.asarray(before * solved.factors),),
    )
    return _told(reweighted(survey, after, step, calibration=fixed), solved.misfits)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    method: CalibrationMethod
    lower: float
    upper: float
    smallest: float
    largest: float

    @property
    def plain(self) -> bool:
        bounds = (self.lower, self.upper, self.smallest, self.largest)
        return self.method == "linear" and all(math.isinf(bound) for bound in bounds)

    def limits(self, weights: Floats) -> tuple[Floats | float, Floats | float]:
        if math.isinf(self.smallest) and math.isinf(self.largest):
            return self.lower, self.upper
        positive = np.where(weights > 0, weights, 1.0)
        return np.maximum(self.lower, self.smallest / positive), np.minimum(self.upper, self.largest / positive)


def _limit(value: float | None, default: float) -> float:
    return default if value is None else float(value)


def _check_bounds(task: _Task) -> None:
    bounded = math.isfinite(task.lower) and math.isfinite(task.upper)
    if task.method not in {"linear", "raking", "logit"}:
        raise WeightingError.of("weighting-method-unknown", found=task.method, known="linear, raking, logit")
    if task.method == "logit" and not bounded:
        raise WeightingError.of("weighting-logit-bounds")
    if not (task.lower < 1 < task.upper and task.smallest < task.largest):
        raise WeightingError.of("weighting-bounds", low=task.lower, high=task.upper)


def _whole(survey: Survey) -> None:
    if survey.mask is not None or survey.conditions:
        raise WeightingError.of("weighting-of-subpopulation", conditions=" and ".join(survey.conditions))


def _scaled(weights: Floats, matched: Matched) -> Floats:
    target = matched.margin.totals
    reached = np.bincount(matched.codes, weights=weights, minlength=target.size)
    if (reached <= 0).any():
        empty = [matched.margin.labels[position] for position in np.flatnonzero(reached <= 0)]
        raise WeightingError(
            finding("weighting-margin-empty-cell", Place(field=matched.margin.name), cell=cell, total="its total")
            for cell in empty
        )
    return np.asarray(weights * (target / reached)[matched.codes])


def _raked(weights: Floats, cells: Cells, targets: Sequence[Floats], matched: Sequence[Matched]) -> Raked:
    sums = np.bincount(cells.of_row, weights=weights, minlength=cells.count).astype(np.float64)
    raked = rake_cells(sums, cells, targets)
    if not raked.converged:
        raise WeightingError(
            finding(
                "weighting-not-met", Place(field=one.margin.name), cell=label, target=float(goal), reached=float(got)
            )
            for one, target, code in zip(matched, targets, cells.codes, strict=True)
            for label, goal, got in zip(
                one.margin.labels,
                target,
                np.bincount(code, weights=sums * raked.factors[-1], minlength=target.size),
                strict=True,
            )
            if abs(got - goal) > 1e-6 * goal  # the cells to look at; rounding noise is left out
        )
    return raked


def _solved(known: Auxiliaries, weights: Floats, task: _Task) -> Solved:
    lower, upper = task.limits(weights)
    solved = known.solve(weights, method=task.method, lower=lower, upper=upper)
    if not solved.converged:
        raise WeightingError(
            finding("weighting-not-met", cell=label, target=float(goal), reached=float(goal - off))
            for label, goal, off in zip(known.labels, known.targets, solved.misfit, strict=True)
            if not abs(off) <= 1e-6 * (1 + abs(goal))  # the totals to look at; NaN counts as off
        )
    return solved


def _told(survey: Survey, misfits: Sequence[float]) -> Survey:
    survey.memo["misfits"] = tuple(misfits)
    return survey
