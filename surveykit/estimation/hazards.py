"""Proportional hazards with design-based errors: Efron's and Breslow's ties, strata, late entry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.fits import Fit, Naming, fitted, newton
from surveykit.estimation.formulas import model_frame
from surveykit.estimation.sums import summed
from surveykit.findings import Place

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Mask = NDArray[np.bool_]
Ties = Literal["efron", "breslow"]

_TIES: Final = ("efron", "breslow")


@dataclass(frozen=True, kw_only=True, eq=False)
class ProportionalHazards:
    """The weighted partial likelihood.

    Parameters
    ----------
    x : float array of shape (m, p)
    entry, time : float arrays of shape (m,)
        A row is at risk from after ``entry`` until ``time``.
    event : bool array of shape (m,)
    strata : int array of shape (m,)
        Baseline hazards of their own.
    ties : {"efron", "breslow"}
    """

    x: Floats
    entry: Floats
    time: Floats
    event: Mask
    strata: Integers
    ties: Ties

    def solve(self, weights: Floats, start: Floats | None = None) -> Floats:
        """Return the coefficients of shape (p,) that maximise the weighted partial likelihood."""
        return newton(self, weights, np.zeros(self.x.shape[1]) if start is None else start)

    def parts(self, theta: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return weighted score residuals of shape (m, p) and the information of shape (p, p)."""
        scores, information = np.zeros_like(self.x), np.zeros((self.x.shape[1],) * 2)
        for rows in self._groups:
            residuals, part = _Risk.of(self, rows, theta, weights).parts()
            scores[rows], information = weights[rows, None] * residuals, information + part
        return scores, information

    def deviance(self, theta: Floats, weights: Floats) -> float:
        """Return -2 log partial likelihood."""
        return -2 * sum(_Risk.of(self, rows, theta, weights).log_likelihood() for rows in self._groups)

    def reduced(self, gone: tuple[int, ...]) -> ProportionalHazards:
        """Return the model without some columns."""
        return replace(self, x=np.delete(self.x, gone, axis=1))

    def respond(self, x: Floats, theta: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Refuse: a hazard has no mean."""
        del x, theta, weights
        raise EstimationError.of("margins-hazard")

    @cached_property
    def _groups(self) -> list[Integers]:
        """Rows of each stratum, by time."""
        order = np.lexsort((self.time, self.strata))
        return np.split(order, np.flatnonzero(np.diff(self.strata[order])) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Risk:
    """Sums over those at risk, at each death of one stratum; d deaths, g different times of death."""

    x: Floats
    eta: Floats
    hazard: Floats  # w exp(eta), (m,)
    weights: Floats
    event: Mask
    after: Integers  # (m,) times of death up to and with the row's own time
    before: Integers  # (m,) times of death up to and with the row's entry
    place: Integers  # (d,) time of each death
    share: Floats  # (d,) what part of the tied deaths Efron takes out of the risk set
    mean_weight: Floats  # (g,) mean weight of the deaths of a time

    @classmethod
    def of(cls, model: ProportionalHazards, rows: Integers, theta: Floats, weights: Floats) -> _Risk:
        time, event, held = model.time[rows], model.event[rows] & (weights[rows] > 0), weights[rows]
        times, place, count = np.unique(time[event], return_inverse=True, return_counts=True)
        first = np.cumsum(count) - count
        share = (np.arange(len(place)) - first[place]) / count[place]  # rows stand by time, so that ties stand together
        x, eta = model.x[rows], model.x[rows] @ theta
        tied = np.bincount(place, weights=held[event], minlength=len(times))
        return cls(
            x=x,
            eta=eta,
            hazard=held * np.exp(eta),
            weights=held,
            event=event,
            after=np.searchsorted(times, time, side="right"),
            before=np.searchsorted(times, model.entry[rows], side="right"),
            place=place,
            share=share if model.ties == "efron" else np.zeros(len(share)),
            mean_weight=tied / count,
        )

    def log_likelihood(self) -> float:
        """Return the weighted log partial likelihood."""
        at_risk, tied = self._sums(np.ones((len(self.eta), 1)))
        denominator = at_risk[self.place, 0] - self.share * tied[self.place, 0]
        gained = float(self.weights[self.event] @ self.eta[self.event])
        return gained - float(self.mean_weight[self.place] @ np.log(denominator))

    def parts(self) -> tuple[Floats, Floats]:
        """Return score residuals of shape (m, p) and the information of shape (p, p)."""
        at_risk, tied = self._sums(np.concatenate([np.ones((len(self.x), 1)), self.x], axis=1))
        powers = self._powers(at_risk[:, 0], tied[:, 0])
        (one, part), (square, cross, both) = powers[0, :2], powers[1]
        first, first_tied = at_risk[:, 1:], tied[:, 1:]
        # sums over risk sets of x x' are sums over rows of what each meets while it is at risk
        met = self._passed(one[:, None])[:, 0]
        met[self.event] -= part[self.place]
        information = self.x.T @ (self.x * (self.hazard * met)[:, None])
        mixed = first.T @ (first_tied * cross[:, None])
        information -= first.T @ (first * square[:, None]) - mixed - mixed.T
        information -= first_tied.T @ (first_tied * both[:, None])
        return self._residuals(powers, first, first_tied), information

    def _powers(self, at_risk: Floats, tied: Floats) -> Floats:
        """Return sums over the deaths of a time of weight share^b / denominator^a, a = 1, 2, b = 0, 1, 2: (2, 3, g)."""
        denominator, times = at_risk[self.place] - self.share * tied[self.place], len(at_risk)
        sums = [
            np.bincount(self.place, weights=self.share**power / denominator**inverse, minlength=times)
            for inverse in (1, 2)
            for power in (0, 1, 2)
        ]
        return np.asarray(self.mean_weight * np.stack(sums)).reshape(2, 3, times)

    def _residuals(self, powers: Floats, first: Floats, first_tied: Floats) -> Floats:
        (one, part, _), (square, cross, both) = powers[:, :, :, None]
        hazard = np.concatenate([one, first * square - first_tied * cross], axis=1)
        tied = np.concatenate([part, first * cross - first_tied * both], axis=1)
        passed = self._passed(hazard)
        passed[self.event] -= tied[self.place]  # deaths leave the risk set bit by bit
        residuals = -np.exp(self.eta)[:, None] * (self.x * passed[:, :1] - passed[:, 1:])
        scale = self.mean_weight * np.bincount(self.place, minlength=len(self.mean_weight))
        average = (first * one - first_tied * part) / scale[:, None]
        residuals[self.event] += self.x[self.event] - average[self.place]
        return np.asarray(residuals)

    def _passed(self, values: Floats) -> Floats:
        """Return what each row meets between entry and end of values of the times of death, (g, q): (m, q)."""
        gathered = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
        return np.asarray(gathered[self.after] - gathered[self.before])

    def _sums(self, values: Floats) -> tuple[Floats, Floats]:
        """Return sums over those at risk, and over those who die, at each time of death, each (g, q)."""
        times = len(self.mean_weight)
        carried = self.hazard[:, None] * values
        change = summed(carried, self.before, times + 1) - summed(carried, self.after, times + 1)
        return np.cumsum(change, axis=0)[:-1], summed(carried[self.event], self.place, times)


def proportional_hazards(
    survey: Survey,
    formula: str,
    *,
    time: str,
    event: str,
    entry: str | None = None,
    strata: str | None = None,
    ties: Ties = "efron",
) -> Fit:
    """Fit Cox's proportional hazards model.

    Parameters
    ----------
    survey : Survey
        With a frame in memory.
    formula : str
        Covariates only: ``"C(sex) + age"``.
    time : str
        Column of the time of the event or of the end of follow-up.
    event : str
        Column that is 1 or true where the event happened.
    entry : str, optional
        Column of the time from which a row is at risk, as the age at interview when time is age.
    strata : str, optional
        Column whose levels have baseline hazards of their own.
    ties : {"efron", "breslow"}

    Returns
    -------
    Fit
        Log hazard ratios.

    Raises
    ------
    DesignError
        If a column is missing.
    EstimationError
        If nobody had the event, a time is not after its entry, or there is no best fit.

    Notes
    -----
    Weighted partial likelihood; the covariance is that of survey totals of the weighted score residuals times the
    inverse information. Degrees of freedom of the design + 1 - p. R: ``svycoxph``.

    References
    ----------
    Binder (1992), Biometrika 79, 139-147; Lin (2000), Biometrika 87, 37-47; Therneau and Grambsch (2000), Modeling
    Survival Data, section 3.3.
    """
    if ties not in _TIES:
        raise EstimationError.of(
            "estimate-option", Place(field="ties"), name="ties", value=ties, allowed=", ".join(_TIES)
        )
    extra = [time, event, *(name for name in (entry, strata) if name is not None)]
    frame = model_frame(survey, formula, outcome=time, extra=extra).without_intercept()
    inside = frame.inside
    ends, happened = survey.numbers(time)[inside], survey.numbers(event)[inside]
    begins = np.full(len(ends), -np.inf) if entry is None else survey.numbers(entry)[inside]
    _check(event, happened, (begins, ends), time)
    model = ProportionalHazards(
        x=frame.x,
        entry=begins,
        time=ends,
        event=happened == 1,
        strata=np.zeros(len(ends), dtype=np.intp) if strata is None else survey.codes(strata)[0][inside],
        ties=ties,
    )
    naming = Naming(
        family="cox",
        terms=frame.columns,
        places=frame.places,
        charged=len(frame.columns) - 1,
        ratio="hazard ratio",
    )
    return fitted(replace(frame, formula=f"{event} by {time} ~ {formula.rpartition('~')[2].strip()}"), model, naming)


def _check(event: str, happened: Floats, span: tuple[Floats, Floats], time: str) -> None:
    if not np.isin(happened, (0, 1)).all() or not happened.any():
        found = ", ".join(f"{one:g}" for one in np.unique(happened)[:6])
        raise EstimationError.of("hazards-event", Place(field=event), name=event, found=found)
    early = int((span[1] <= span[0]).sum())
    if early:
        raise EstimationError.of("hazards-entry", Place(field=time), name=time, count=early)
