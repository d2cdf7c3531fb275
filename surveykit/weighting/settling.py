"""Trim and calibrate in turn until both hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.weighting.fitting import Fitted, Fitter
from surveykit.weighting.replication import reweighted
from surveykit.weighting.trimming import Trim, groups_of, trimmed

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_CLOSE: Final = 1e-6  # a weight may stand so far, relatively, above the limit after the last calibration
_ROUNDS: Final = 200


def trim_and_fit(
    survey: Survey, how: Trim, fitter: Fitter, *, by: str | tuple[str, ...] = (), rounds: int = _ROUNDS
) -> tuple[Survey, tuple[float, ...]]:
    """Trim weights and fit them to totals again, until no weight stands above its limit.

    Parameters
    ----------
    survey : Survey
        Fitted to the totals once.
    how : Trim
        Rule of trimming; its limits are found once, from the weights before.
    fitter : Fitter
        The calibration to repeat; what it fixed last replaces what it fixed before.
    by : str or tuple of str
        Columns within whose groups limits are found.
    rounds : int
        Most rounds.

    Returns
    -------
    survey : Survey
        Meets the totals exactly and the limits to 1e-6.
    excess : tuple of float
        Largest relative excess over a limit after each round.

    Raises
    ------
    WeightingError
        If the limits and the totals cannot hold together.
    """
    groups = groups_of(survey, by)
    fitted, excess = _settled(survey.weights, groups, how, fitter, rounds)

    def step(weights: Floats) -> Floats:
        return _settled(weights, groups, how, fitter, rounds)[0].weights

    earlier = replace(survey, calibrations=survey.calibrations[:-1])
    return reweighted(earlier, fitted.weights, step, calibration=fitted.calibration), excess


def _settled(
    weights: Floats, groups: Integers, how: Trim, fitter: Fitter, rounds: int
) -> tuple[Fitted, tuple[float, ...]]:
    first = trimmed(weights, groups, how)
    fixed = _Limits(lower=first.lower[groups], upper=first.upper[groups])
    fitted = fitter.fit(first.weights)
    history = [fixed.excess(fitted.weights)]
    while history[-1] > _CLOSE:
        if len(history) >= rounds:
            raise WeightingError.of("weighting-trim-unsettled", rounds=rounds, excess=100 * history[-1])
        fitted = fitter.fit(np.asarray(np.where(fitted.weights > 0, fixed.clipped(fitted.weights), 0.0)))
        history.append(fixed.excess(fitted.weights))
    return fitted, tuple(history)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    lower: Floats
    upper: Floats

    def clipped(self, weights: Floats) -> Floats:
        return np.asarray(np.clip(weights, self.lower, self.upper))

    def excess(self, weights: Floats) -> float:
        positive = weights > 0
        over = (weights / self.upper - 1.0)[positive]
        under = (1.0 - weights / np.maximum(self.lower, 1e-300))[positive & (self.lower > 0)]
        return float(max(over.max(initial=0.0), under.max(initial=0.0)))
