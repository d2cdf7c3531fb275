"""Fit any weights of a survey to known totals: everything but the weights is prepared once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from surveykit.design.calibration import Calibration
from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.findings import Finding, Place, finding
from surveykit.weighting.auxiliaries import Auxiliaries, auxiliaries
from surveykit.weighting.kernels import CalibrationMethod, Cells, Raked, Solved, cross, rake_cells
from surveykit.weighting.margins import Margin, Margins, Matched, Totals, agreed, match_margins, parse_margins

Floats = NDArray[np.float64]
Bounds = tuple[float | None, float | None]

OPEN: Final[Bounds] = (None, None)
_OFF: Final = 1e-6  # relative: totals worth naming; smaller differences are rounding noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Weights fitted to totals.

    Parameters
    ----------
    weights : float array of shape (n,)
        Weights after.
    calibration : Calibration
        What the totals fixed.
    misfits : tuple of float
        Largest relative misfit of any total after each round.
    """

    weights: Floats
    calibration: Calibration
    misfits: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitter:
    """A step of calibration, ready for the weights of the sample and of every replicate.

    Parameters
    ----------
    fit : callable
        From weights of shape (n,) to :class:`Fitted`.
    margins : tuple of Margin
        Totals of categories that are met.
    auxiliaries : callable
        Makes the matrix of auxiliary variables, for steps that need it.
    """

    fit: Callable[[Floats], Fitted]
    margins: tuple[Margin, ...]
    auxiliaries: Callable[[], Auxiliaries]

    def weights(self, weights: Floats) -> Floats:
        """Return the fitted weights alone."""
        return self.fit(weights).weights


def poststratifier(survey: Survey, totals: Totals) -> Fitter:
    """Prepare post-stratification; see :func:`surveykit.poststratify`."""
    margins = parse_margins(totals)
    if len(margins) > 1:
        raise WeightingError.of("weighting-several-margins", names=", ".join(margin.name for margin in margins))
    _whole(survey)
    matched = match_margins(margins, survey.columns, survey.weights)[0]

    def fit(weights: Floats) -> Fitted:
        after = _scaled(weights, matched)
        fixed = Calibration(kind="groups", groups=(matched.codes,), before=weights, after=(after,))
        return Fitted(weights=after, calibration=fixed)

    return Fitter(fit=fit, margins=(matched.margin,), auxiliaries=lambda: auxiliaries(survey, totals))


def raker(survey: Survey, margins: Margins) -> Fitter:
    """Prepare raking; see :func:`surveykit.rake`."""
    _whole(survey)
    matched = match_margins(parse_margins(margins), survey.columns, survey.weights)
    goals = agreed([one.margin for one in matched])
    targets = [margin.totals for margin in goals]
    cells = cross([one.codes for one in matched], [target.size for target in targets])
    groups = tuple(one.codes for one in matched)

    def fit(weights: Floats) -> Fitted:
        raked = _raked(weights, cells, targets, matched)
        after = tuple(np.asarray(weights * factor[cells.of_row]) for factor in raked.factors)
        fixed = Calibration(kind="margins", groups=groups, before=weights, after=after)
        return Fitted(weights=after[-1], calibration=fixed, misfits=raked.misfits)

    return Fitter(fit=fit, margins=goals, auxiliaries=lambda: auxiliaries(survey, margins))


def calibrator(
    survey: Survey,
    totals: Margins,
    *,
    method: CalibrationMethod = "linear",
    bounds: Bounds = OPEN,
    aggregate: str | Sequence[str] | None = None,
    variance: str | None = None,
    weight_bounds: Bounds = OPEN,
) -> Fitter:
    """Prepare calibration; see :func:`surveykit.calibrate`."""
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

    def fit(weights: Floats) -> Fitted:
        before = known.averaged(weights)
        solved = _solved(known, before, task)
        fixed = Calibration(
            kind="matrix",
            matrix=known.scaled,
            before=before / known.spread if task.plain else before,
            after=(np.asarray(before * solved.factors),),
        )
        return Fitted(weights=np.asarray(weights * solved.factors), calibration=fixed, misfits=solved.misfits)

    return Fitter(fit=fit, margins=known.margins, auxiliaries=lambda: known)


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
            problem
            for one, target, code in zip(matched, targets, cells.codes, strict=True)
            for problem in unmet(
                one.margin.labels,
                target,
                target - np.bincount(code, weights=sums * raked.factors[-1], minlength=target.size),
                one.margin.name,
            )
        )
    return raked


def _solved(known: Auxiliaries, weights: Floats, task: _Task) -> Solved:
    lower, upper = task.limits(weights)
    solved = known.solve(weights, method=task.method, lower=lower, upper=upper)
    if not solved.converged:
        raise WeightingError(unmet(known.labels, known.targets, solved.misfit, ""))
    return solved


def unmet(labels: Sequence[str], targets: Floats, misfit: Floats, name: str) -> list[Finding]:
    """Return one finding for each total that is off by more than rounding noise."""
    return [
        finding("weighting-not-met", Place(field=name), cell=label, target=float(goal), reached=float(goal - off))
        for label, goal, off in zip(labels, targets, misfit, strict=True)
        if not abs(off) <= _OFF * (1 + abs(goal))
    ]
