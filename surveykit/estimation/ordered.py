"""Ordinal and multinomial models of a categorical outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.fits import Fit, Naming, fitted, newton
from surveykit.estimation.formulas import ModelFrame, model_frame, names_in
from surveykit.findings import Place

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
OrdinalLink = Literal["logit", "probit", "cloglog"]


@dataclass(frozen=True, slots=True)
class _Curve:
    """A distribution function with two derivatives."""

    name: OrdinalLink

    def inverse(self, share: Floats) -> Floats:
        """Return where F has the values ``share``."""
        if self.name == "cloglog":
            return -np.log(-np.log(share))
        return np.asarray(special.logit(share) if self.name == "logit" else special.ndtri(share))

    def values(self, at: Floats) -> tuple[Floats, Floats, Floats]:
        """Return F, f and f', each of the shape of ``at``; infinite places are the ends."""
        if self.name == "logit":
            share = special.expit(at)
            density = share * (1 - share)
            return share, density, density * (1 - 2 * share)
        if self.name == "probit":
            share, density = special.ndtr(at), stats.norm.pdf(at)
            return share, density, -np.where(np.isfinite(at), at, 0.0) * density
        # R's cloglog of svyolr is the Gumbel distribution exp(-exp(-x))
        fall = np.exp(-np.clip(at, -30.0, None))  # beyond, exp(-exp(30)) is 0 in double precision
        share = np.exp(-fall)
        return share, share * fall, share * fall * (fall - 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cumulative:
    """The likelihood of P(outcome <= k) = F(threshold_k - x b): slopes b first, then thresholds.

    Parameters
    ----------
    x : float array of shape (m, q)
    y : int array of shape (m,)
        Level 0..k of each row.
    levels : int
        Number of levels.
    curve : _Curve
    """

    x: Floats
    y: Integers
    levels: int
    curve: _Curve

    def solve(self, weights: Floats, start: Floats | None = None) -> Floats:
        """Return the coefficients of shape (q + k,) that maximise the weighted likelihood."""
        if start is None:
            held = np.bincount(self.y, weights=weights, minlength=self.levels) / weights.sum()
            if (held <= 0).any():
                return np.full(self.x.shape[1] + self.levels - 1, np.nan)
            below = np.cumsum(held)[:-1]
            start = np.concatenate([np.zeros(self.x.shape[1]), self.curve.inverse(below)])
        return newton(self, weights, start)

    def parts(self, theta: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return weighted scores of shape (m, p) and the observed information of shape (p, p)."""
        upper, lower, edges = self.edges(theta)
        (high, high_1, high_2), (low, low_1, low_2) = (self.curve.values(one) for one in edges)
        chance = high - low
        scores = (high_1[:, None] * upper - low_1[:, None] * lower) / chance[:, None]
        bent = upper.T @ ((weights * high_2 / chance)[:, None] * upper)
        bent -= lower.T @ ((weights * low_2 / chance)[:, None] * lower)
        weighted = weights[:, None] * scores
        return weighted, np.asarray(weighted.T @ scores - bent)

    def deviance(self, theta: Floats, weights: Floats) -> float:
        """Return -2 log likelihood."""
        _, _, (high, low) = self.edges(theta)
        chance = self.curve.values(high)[0] - self.curve.values(low)[0]
        held = weights > 0
        if (chance[held] <= 0).any():
            return float("inf")
        return float(-2 * (weights[held] @ np.log(chance[held])))

    def reduced(self, gone: tuple[int, ...]) -> Cumulative:
        """Return the model without some slopes."""
        return replace(self, x=np.delete(self.x, gone, axis=1))

    def respond(self, x: Floats, theta: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return shares of the levels, (rows, levels), and their weighted sums of slopes in the coefficients."""
        slopes = np.empty((self.levels, len(theta)))
        shares = np.empty((len(x), self.levels))
        for level in range(self.levels):
            one = replace(self, x=x, y=np.full(len(x), level))
            upper, lower, (high, low) = one.edges(theta)
            (above, above_1, _), (below, below_1, _) = self.curve.values(high), self.curve.values(low)
            shares[:, level] = above - below
            slopes[level] = (weights * above_1) @ upper - (weights * below_1) @ lower
        return shares, slopes

    def edges(self, theta: Floats) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
        """Return the derivatives of the upper and lower edge of each row's interval, (m, p), and the edges."""
        q, count = self.x.shape[1], self.levels - 1
        eta = self.x @ theta[:q]
        ends = np.concatenate([[-np.inf], theta[q:], [np.inf]])
        marks = np.concatenate([np.zeros((1, count)), np.eye(count), np.zeros((1, count))])
        upper = np.concatenate([-self.x, marks[self.y + 1]], axis=1)
        lower = np.concatenate([-self.x, marks[self.y]], axis=1)
        return upper, lower, (ends[self.y + 1] - eta, ends[self.y] - eta)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Multinomial:
    """The likelihood of log P(level) / P(first level) = x b_level; coefficients level by level.

    Parameters
    ----------
    x : float array of shape (m, q)
    y : int array of shape (m,)
        Level 0..k of each row, 0 the level of comparison.
    levels : int
        Number of levels.
    """

    x: Floats
    y: Integers
    levels: int

    def solve(self, weights: Floats, start: Floats | None = None) -> Floats:
        """Return the coefficients of shape (k q,) that maximise the weighted likelihood."""
        if (np.bincount(self.y, weights=weights, minlength=self.levels) <= 0).any():
            return np.full((self.levels - 1) * self.x.shape[1], np.nan)
        return newton(self, weights, np.zeros((self.levels - 1) * self.x.shape[1]) if start is None else start)

    def parts(self, theta: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return weighted scores of shape (m, p) and the information of shape (p, p)."""
        shares = self._shares(self.x, theta)[:, 1:]
        gap = (self.y[:, None] == np.arange(1, self.levels)) - shares
        scores = (weights[:, None] * gap)[:, :, None] * self.x[:, None, :]
        q, count = self.x.shape[1], self.levels - 1
        information = np.empty((count, q, count, q))
        for level in range(count):
            for other in range(level, count):
                spread = weights * shares[:, level] * ((level == other) - shares[:, other])
                information[level, :, other] = information[other, :, level] = self.x.T @ (spread[:, None] * self.x)
        return scores.reshape(len(self.y), -1), information.reshape(len(theta), len(theta))

    def deviance(self, theta: Floats, weights: Floats) -> float:
        """Return -2 log likelihood."""
        eta = self._eta(self.x, theta)
        chosen = eta[np.arange(len(self.y)), self.y]
        return float(-2 * (weights @ (chosen - special.logsumexp(eta, axis=1))))

    def reduced(self, gone: tuple[int, ...]) -> Multinomial:
        """Return the model without some columns, for all levels."""
        return replace(self, x=np.delete(self.x, sorted({at % self.x.shape[1] for at in gone}), axis=1))

    def respond(self, x: Floats, theta: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return shares of the levels, (rows, levels), and their weighted sums of slopes in the coefficients."""
        shares = self._shares(x, theta)
        slopes = np.empty((self.levels, self.levels - 1, x.shape[1]))
        for level in range(self.levels):
            turn = -shares[:, 1:] * shares[:, [level]]
            if level:
                turn[:, level - 1] += shares[:, level]
            slopes[level] = (weights[:, None] * turn).T @ x
        return shares, slopes.reshape(self.levels, -1)

    def _eta(self, x: Floats, theta: Floats) -> Floats:
        beta = theta.reshape(self.levels - 1, x.shape[1])
        return np.concatenate([np.zeros((len(x), 1)), x @ beta.T], axis=1)

    def _shares(self, x: Floats, theta: Floats) -> Floats:
        return np.asarray(special.softmax(self._eta(x, theta), axis=1))


_LINKS: Final[Mapping[OrdinalLink, str]] = {"logit": "odds ratio", "probit": "", "cloglog": ""}
_FEWEST: Final = {"ordinal": 3, "multinomial": 2}


def ordinal(survey: Survey, formula: str, *, order: Sequence[object] | None = None, link: OrdinalLink = "logit") -> Fit:
    """Fit a cumulative model of an ordered outcome: proportional odds with the logit link.

    Parameters
    ----------
    survey : Survey
        With a frame in memory.
    formula : str
        ``"outcome ~ C(sex) + age"``; the outcome is a column, the right side as in ``glm``.
    order : sequence, optional
        All levels of the outcome from the lowest to the highest; without it, categories in their order, other values
        sorted.
    link : {"logit", "probit", "cloglog"}
        ``cloglog`` as R: F(x) = exp(-exp(-x)).

    Returns
    -------
    Fit
        Slopes first, then the thresholds ``lower|upper``; a positive slope goes with higher levels.

    Raises
    ------
    DesignError
        If the formula names an unknown column.
    EstimationError
        If the outcome has fewer than three levels, ``order`` does not name them, or there is no best fit.

    Notes
    -----
    Weighted pseudo-likelihood with the observed information; degrees of freedom of the design less the number of
    slopes, as R. R: ``svyolr``.

    References
    ----------
    McCullagh (1980), Journal of the Royal Statistical Society B 42, 109-142; Binder (1983), International Statistical
    Review 51, 279-292.
    """
    if link not in _LINKS:
        allowed = ", ".join(_LINKS)
        raise EstimationError.of("estimate-option", Place(field="link"), name="link", value=link, allowed=allowed)
    whole, y, levels = _categorical(survey, formula, order, "ordinal")
    frame = whole.without_intercept()
    model = Cumulative(x=frame.x, y=y, levels=len(levels), curve=_Curve(link))
    marks = tuple(f"{low}|{high}" for low, high in pairwise(levels))
    count = len(frame.columns)
    places = {**frame.places, "1": tuple(range(count, count + len(marks)))}
    family = "ordinal" if link == "logit" else f"ordinal, {link}"
    naming = Naming(
        family=family, terms=(*frame.columns, *marks), places=places, charged=count, ratio=_LINKS[link], levels=levels
    )
    return fitted(frame, model, naming)


def multinomial(survey: Survey, formula: str, *, against: object = None) -> Fit:
    """Fit a multinomial logistic model of a categorical outcome.

    Parameters
    ----------
    survey : Survey
        With a frame in memory.
    formula : str
        As for ``ordinal``.
    against : level, optional
        The level that the others are compared with; the first without it.

    Returns
    -------
    Fit
        Coefficients level by level, named ``level: term``; exponentiated they are ratios of odds against the level of
        comparison.

    Raises
    ------
    DesignError
        If the formula names an unknown column.
    EstimationError
        If the outcome has a single level, there is no such level, or there is no best fit.

    Notes
    -----
    Weighted pseudo-likelihood; degrees of freedom of the design + 1 - the number of coefficients of one level, as
    for the logistic model of two levels. R: ``svyVGAM::svy_vglm(family = multinomial)``.

    References
    ----------
    Binder (1983), International Statistical Review 51, 279-292.
    """
    frame, y, levels = _categorical(survey, formula, None, "multinomial")
    if against is not None:
        if against not in levels:
            given, name = ", ".join(map(str, levels)), _outcome(formula)
            raise EstimationError.of("margins-level", Place(field=name), name=name, level=against, levels=given)
        at = levels.index(against)
        turn = np.array([at, *(one for one in range(len(levels)) if one != at)])
        y, levels = np.argsort(turn)[y], tuple(levels[one] for one in turn)
    width = len(frame.columns)
    terms = tuple(f"{level}: {column}" for level in levels[1:] for column in frame.columns)
    blocks = range(len(levels) - 1)
    places = {term: tuple(b * width + at for b in blocks for at in held) for term, held in frame.places.items()}
    naming = Naming(
        family="multinomial", terms=terms, places=places, charged=width - 1, ratio="odds ratio", levels=levels
    )
    return fitted(frame, Multinomial(x=frame.x, y=y, levels=len(levels)), naming)


def _outcome(formula: str) -> str:
    left = formula.partition("~")[0]
    names = names_in(left, sided=False)
    if len(names) != 1 or left.strip().strip("`") != names[0]:
        raise EstimationError.of("regression-outcome-name", formula=formula, found=left.strip())
    return names[0]


def _categorical(
    survey: Survey, formula: str, order: Sequence[object] | None, kind: str
) -> tuple[ModelFrame, Integers, tuple[object, ...]]:
    """Return the rows, the level of each, and the levels that occur in them, in their order."""
    if formula.count("~") != 1:
        raise EstimationError.of("regression-formula", Place(column=1), formula=formula, found=formula)
    name = _outcome(formula)
    frame = model_frame(survey, formula, outcome=name)
    codes, values = survey.codes(name)
    seen, y = np.unique(codes[frame.inside], return_inverse=True)
    levels = tuple(values[seen].tolist())
    if len(levels) < _FEWEST[kind]:
        found = ", ".join(map(str, levels))
        raise EstimationError.of("regression-levels", Place(field=name), name=name, levels=found, fewest=_FEWEST[kind])
    if order is None:
        return frame, y, levels
    if set(levels) - set(order):
        given, found = ", ".join(map(str, order)), ", ".join(map(str, levels))
        raise EstimationError.of("regression-order", Place(field=name), name=name, order=given, levels=found)
    asked = [one for one in order if one in levels]
    place = np.array([asked.index(one) for one in levels])
    return frame, place[y], tuple(asked)
