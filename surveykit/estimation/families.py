"""Likelihoods of generalised linear models, on statsmodels."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import ConvergenceWarning, DomainWarning, PerfectSeparationWarning

from surveykit.errors import EstimationError
from surveykit.findings import Place

Floats = NDArray[np.float64]
Family = Literal["gaussian", "binomial", "poisson", "gamma", "negative-binomial"]
Link = Literal["identity", "log", "logit", "probit", "cloglog"]

_LINKS: Final[Mapping[str, Callable[[], Any]]] = {
    "identity": families.links.Identity,
    "log": families.links.Log,
    "logit": families.links.Logit,
    "probit": families.links.Probit,
    "cloglog": families.links.CLogLog,
}
_FAMILIES: Final[Mapping[str, tuple[Link, Callable[..., Any]]]] = {
    "gaussian": ("identity", families.Gaussian),
    "binomial": ("logit", families.Binomial),
    "poisson": ("log", families.Poisson),
    "gamma": ("log", families.Gamma),
    "negative-binomial": ("log", families.NegativeBinomial),
}
_CANONICAL: Final = frozenset({("gaussian", "identity"), ("binomial", "logit"), ("poisson", "log")})
_CERTAIN: Final = 1e-6  # of a share: nearer predictions are errors of rounding from 0 and 1
_STILL: Final = 1e-6  # last step, relative, at which coefficients count as found
_SCORINGS: Final = 12  # steps of scoring, which doubles the digits, before statsmodels takes over
_SETTLED: Final = 1e-20  # squared last step, in standard errors of one row: the next would change no digit
_SHAKY: Final = 1e10  # condition of the information from which solving it loses more digits than errors may
_BLOCK: Final = 4_096  # rows taken at once: with a dozen columns, 400 kB
_POLISH: Final = 30  # further steps; each gains a digit or so
_TOLERANCE: Final = 1e-12  # change of the deviance at which iteration stops; standard errors then agree to 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GeneralisedLinear:
    """The likelihood of a generalised linear model.

    Parameters
    ----------
    x : float array of shape (m, p)
    y : float array of shape (m,)
    family : statsmodels family with its link
    canonical : bool
        Whether the link is the canonical one, with which scoring converges fast.
    """

    x: Floats
    y: Floats
    family: Any
    canonical: bool = True

    def solve(self, weights: Floats, start: Floats | None = None) -> Floats:
        """Return the coefficients of shape (p,) that maximise the weighted likelihood."""
        scaled = weights / weights.mean()
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            for category in (DomainWarning, ConvergenceWarning, PerfectSeparationWarning):
                warnings.simplefilter("ignore", category)  # what they warn of is looked at here
            if self.canonical and (quick := self._scored(scaled, start)) is not None:
                return quick
            found = GLM(self.y, self.x, family=self.family, freq_weights=scaled).fit(
                start_params=start, tol=_TOLERANCE, maxiter=100, tol_criterion="deviance"
            )
            theta = np.asarray(found.params, dtype=np.float64)
            if isinstance(self.family, families.Binomial) and self._told_apart(theta, scaled):
                return np.full(len(theta), np.nan)
            return theta if self.canonical and found.converged else self._polished(theta, scaled)

    def _scored(self, weights: Floats, start: Floats | None) -> Floats | None:
        """Return the coefficients by Fisher scoring, None where it does not settle at once.

        It solves p equations a step, where statsmodels takes a singular value decomposition of all rows.
        """
        theta, last = start, np.inf
        for _ in range(_SCORINGS):
            information, target = self._cross_products(weights, theta)
            if not (np.isfinite(information).all() and np.linalg.cond(information) < _SHAKY):
                return None
            moved = np.asarray(np.linalg.solve(information, target), dtype=np.float64)
            step = moved if theta is None else moved - theta
            theta, change = moved, float(step @ information @ step)
            if change < _SETTLED * len(weights):
                apart = isinstance(self.family, families.Binomial) and self._told_apart(moved, weights)
                return None if apart else moved
            if change > last:
                return None
            last = change
        return None

    def _cross_products(self, weights: Floats, theta: Floats | None) -> tuple[Floats, Floats]:
        """Return both sides of the equations of a step with a canonical link, added up in blocks that a cache holds."""
        width = self.x.shape[1]
        information, target = np.zeros((width, width)), np.zeros(width)
        for low in range(0, len(self.x), _BLOCK):
            rows = slice(low, low + _BLOCK)
            x, y, weight = self.x[rows], self.y[rows], weights[rows]
            if theta is None:
                mean = self.family.starting_mu(y)
                eta = self.family.link(mean)
            else:
                eta = x @ theta
                mean = self.family.link.inverse(eta)
            working = weight * self.family.variance(mean)  # the slope of a canonical link is the variance
            information += x.T @ (x * working[:, None])
            target += x.T @ (working * eta + weight * (y - mean))
        return information, target

    def _told_apart(self, theta: Floats, weights: Floats) -> bool:
        """Return whether every row is predicted without error, so that no coefficients are best."""
        error = np.abs(self.y - self.family.link.inverse(self.x @ theta))[weights > 0]
        return not np.isfinite(error).all() or bool(error.max() < _CERTAIN)

    def _polished(self, theta: Floats, weights: Floats) -> Floats:
        """Go on where the deviance no longer tells coefficients apart: scoring with other links converges slowly."""
        step = np.full(len(theta), np.inf)
        for _ in range(_POLISH):
            scores, information = self.parts(theta, weights)
            if not np.isfinite(information).all() or np.linalg.matrix_rank(information) < len(theta):
                return np.full(len(theta), np.nan)
            step = np.linalg.solve(information, scores.sum(axis=0))
            theta = theta + step
            if np.abs(step).max() < _TOLERANCE * np.abs(theta).max():
                break
        return theta if np.abs(step).max() < _STILL * (1 + np.abs(theta).max()) else np.full(len(theta), np.nan)

    def parts(self, theta: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return weighted scores of shape (m, p) and the expected information of shape (p, p)."""
        eta = self.x @ theta
        mean = self.family.link.inverse(eta)
        slope, spread = self.family.link.inverse_deriv(eta), self.family.variance(mean)
        information = (self.x * (weights * slope**2 / spread)[:, None]).T @ self.x
        scores = self.x * (weights * (self.y - mean) * slope / spread)[:, None]
        return scores, np.asarray(information)

    def deviance(self, theta: Floats, weights: Floats) -> float:
        """Return the weighted deviance."""
        mean = self.family.link.inverse(self.x @ theta)
        return float(self.family.deviance(self.y, mean, freq_weights=weights))

    def reduced(self, gone: tuple[int, ...]) -> GeneralisedLinear:
        """Return the model without some columns."""
        return replace(self, x=np.delete(self.x, gone, axis=1))

    def respond(self, x: Floats, theta: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return means of shape (rows, 1) and their weighted sum of slopes in the coefficients, (1, p)."""
        eta = x @ theta
        slope = (weights * self.family.link.inverse_deriv(eta)) @ x
        return np.asarray(self.family.link.inverse(eta))[:, None], slope[None, :]


def family_of(family: str, link: str | None, dispersion: float = 1.0) -> tuple[Any, bool, str]:
    """Return a statsmodels family with its link, whether that is canonical, and what exponentiated coefficients are.

    Parameters
    ----------
    family : str
    link : str or None
        The usual link without it.
    dispersion : float
        Of the negative binomial.

    Raises
    ------
    EstimationError
        If the family or the link is unknown.
    """
    for name, value, allowed in (("family", family, _FAMILIES), ("link", link, {None: 0} | dict(_LINKS))):
        if value not in allowed:
            options = ", ".join(one for one in allowed if one)
            raise EstimationError.of("estimate-option", Place(field=name), name=name, value=value, allowed=options)
    usual, made = _FAMILIES[family]
    chosen = link or usual
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DomainWarning)  # a log link of shares is the log-binomial model, and meant
        extra = {"alpha": dispersion} if family == "negative-binomial" else {}
        return made(_LINKS[chosen](), **extra), (family, chosen) in _CANONICAL, _ratio(family, chosen)


def _ratio(family: str, link: str) -> str:
    if link == "logit":
        return "odds ratio"
    if link != "log":
        return ""
    return {"binomial": "prevalence ratio", "poisson": "rate ratio", "negative-binomial": "rate ratio"}.get(
        family, "ratio of means"
    )
