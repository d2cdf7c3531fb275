"""A fitted model with its covariance; what every kind of model has in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
import pandas as pd
from formulaic import ModelSpec
from numpy.typing import NDArray
from scipy import stats

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.degrees import design_df
from surveykit.estimation.estimate import Estimate, Fixed, Source
from surveykit.estimation.formulas import ModelFrame
from surveykit.estimation.replicates import replicated
from surveykit.estimation.scores import score_covariance

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_STEPS: Final = 60  # Newton steps, which double the digits; more do not help
_CLOSE: Final = 1e-20  # squared distance to the maximum, in standard errors of a mean of a simple random sample
_SHORTEST: Final = 1e-10  # share of a step below which it changes nothing in double precision
_STILL: Final = 1e-4  # last step, relative; where the likelihood only flattens out the steps stay near 1
_FAR: Final = 1e6  # coefficients that run away: the data tell the levels of the outcome apart
_ROUNDING: Final = 1e-13  # of the deviance, a sum of many logarithms


class Model(Protocol):
    """A likelihood of the rows used; p coefficients, m rows."""

    def solve(self, weights: Floats, start: Floats | None = None) -> Floats:
        """Return the coefficients of shape (p,) that maximise the weighted likelihood."""

    def parts(self, theta: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return weighted scores of shape (m, p) and the information of shape (p, p)."""

    def deviance(self, theta: Floats, weights: Floats) -> float:
        """Return -2 log likelihood, up to a constant."""

    def reduced(self, gone: tuple[int, ...]) -> Model:
        """Return the model without some coefficients."""

    def respond(self, x: Floats, theta: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return predictions of shape (rows, c) and their weighted sums of slopes in the coefficients, (c, p)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A fitted model.

    Parameters
    ----------
    formula, family : str
    terms : tuple of str
        Names of the coefficients.
    coefficients : float array of shape (p,)
    source : Source
        Where their covariance comes from.
    df : float
        Degrees of freedom: of the design, plus 1, less the number of coefficients (ordinal: less the number of slopes).
    n : int
        Rows that were used.
    left_out : mapping of str to int
        Rows left out, by reason.
    survey : Survey
        The rows used, as a subpopulation.
    spec : ModelSpec
        How the columns of the model are made from the frame.
    influence : float array of shape (n rows of the frame, p)
        Linearised scores of the coefficients, weights included; empty for replicate designs.
    places : mapping of str to tuple of int
        Coefficients of each term.
    naive : float array of shape (p, p)
        Inverse information, with weights that are 1 on average.
    model : Model
        Its likelihood.
    frame : ModelFrame
        Its rows and columns.
    ratio : str
        What exponentiated coefficients are, as ``odds ratio``; empty if they are no ratio.
    levels : tuple
        Levels of a categorical outcome.
    term_df : float array of shape (p,) or None
        Degrees of freedom of each coefficient where they differ.
    method : str
        How the covariance was estimated, in words.
    pooled : bool
        Whether it combines several imputations, and so has no likelihood of its own.
    """

    formula: str
    family: str
    terms: tuple[str, ...]
    coefficients: Floats
    source: Source = field(repr=False)
    df: float
    n: int
    left_out: Mapping[str, int]
    survey: Survey = field(repr=False)
    spec: ModelSpec = field(repr=False)
    influence: Floats = field(repr=False)
    places: Mapping[str, tuple[int, ...]]
    naive: Floats = field(repr=False)
    model: Model = field(repr=False)
    frame: ModelFrame = field(repr=False)
    ratio: str = ""
    levels: tuple[object, ...] = ()
    term_df: Floats | None = None
    method: str = ""
    pooled: bool = False

    @property
    def covariance(self) -> Floats:
        """Covariance of the coefficients, shape (p, p)."""
        return self.source.covariance()

    @property
    def se(self) -> Floats:
        """Standard errors, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def freedom(self) -> Floats:
        """Degrees of freedom of each coefficient, shape (p,)."""
        return np.full(len(self.terms), self.df) if self.term_df is None else self.term_df

    def as_estimate(self, *, confidence: float = 0.95) -> Estimate:
        """Return the coefficients as an ``Estimate``, for contrasts of them.

        Parameters
        ----------
        confidence : float

        Returns
        -------
        Estimate
            One row a coefficient, with its name as the level: ``fit.as_estimate().contrast({"age": 10})``.

        Notes
        -----
        R: ``svycontrast`` on a model.
        """
        size, gone = len(self.terms), np.full(len(self.terms), np.nan)
        return Estimate(
            statistic="coefficient",
            by={},
            variable=(self.formula.partition("~")[0].strip(),) * size,
            category=self.terms,
            estimate=self.coefficients,
            se=self.se,
            df=self.freedom,
            n=np.full(size, float(self.n)),
            weighted_n=np.full(size, float(self.frame.weights.sum())),
            deff=gone,
            deff_replace=gone,
            source=self.source,
            overall_df=self.df,
            confidence=confidence,
            method=f"{self.method}; {self.formula}, family {self.family}",
            left_out=self.left_out,
            conditions=self.survey.conditions,
        )

    def to_frame(self, *, confidence: float = 0.95, exponentiate: bool = False) -> pd.DataFrame:
        """Return one row a coefficient.

        Parameters
        ----------
        confidence : float
        exponentiate : bool
            Odds, rate or prevalence ratios instead of coefficients; the standard error stays on the log scale.

        Returns
        -------
        pandas.DataFrame
            Columns term, estimate, se, t, p_value, lower, upper, df.
        """
        freedom = self.freedom
        reach = stats.t.ppf((1 + confidence) / 2, freedom) * self.se
        t = self.coefficients / self.se
        numbers = np.stack([self.coefficients, self.coefficients - reach, self.coefficients + reach])
        estimate, lower, upper = np.exp(numbers) if exponentiate else numbers
        return pd.DataFrame(
            {
                "term": list(self.terms),
                "estimate": estimate,
                "se": self.se,
                "t": t,
                "p_value": 2 * stats.t.sf(np.abs(t), freedom),
                "lower": lower,
                "upper": upper,
                "df": freedom,
            }
        )

    def __str__(self) -> str:
        gone = ", ".join(f"{count:,} {reason}" for reason, count in self.left_out.items())
        rows = f"{self.n:,} rows" + (f" ({gone} left out)" if gone else "")
        frame = self.to_frame()
        frame["p_value"] = ["< 0.0001" if p < 1e-4 else f"{p:.4f}" for p in frame["p_value"]]
        table = frame.to_string(index=False, float_format=lambda value: f"{value:.4g}")
        return f"{self.formula}, family {self.family}, {rows}\n\n{table}\n\nVariance: {self.method}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What a model calls its coefficients.

    Parameters
    ----------
    family : str
        Kind of the model.
    terms : tuple of str, of length p
        Names of the coefficients.
    places : mapping of str to tuple of int
        Coefficients of each term.
    charged : int
        Coefficients that are taken off the design's degrees of freedom.
    ratio : str
        What exponentiated coefficients are.
    levels : tuple
        Levels of a categorical outcome.
    """

    family: str
    terms: tuple[str, ...]
    places: Mapping[str, tuple[int, ...]]
    charged: int
    ratio: str = ""
    levels: tuple[object, ...] = ()


def fitted(frame: ModelFrame, model: Model, naming: Naming, start: Floats | None = None) -> Fit:
    """Return the fit of a model with its design-based covariance.

    Parameters
    ----------
    frame : ModelFrame
        Rows and columns.
    model : Model
        Likelihood of those rows.
    naming : Naming
        Names of its coefficients.
    start : float array of shape (p,), optional
        First coefficients.

    Raises
    ------
    EstimationError
        If the likelihood has no maximum.

    Notes
    -----
    A^-1 V(scores) A^-1 with A the information and V the variance of survey totals; with replicate weights the model is
    fitted anew to each.

    References
    ----------
    Binder (1983), International Statistical Review 51, 279-292.
    """
    survey, inside, weights = frame.survey, frame.inside, frame.weights
    coefficients = model.solve(weights, start)
    if not np.isfinite(coefficients).all():
        raise EstimationError.of("regression-no-maximum", formula=frame.formula, family=naming.family)
    scores, information = model.parts(coefficients, weights)
    influence = np.empty((0, len(coefficients)))
    source: Source
    if isinstance(survey.design, ReplicateDesign):
        source = replicated(survey, lambda w: model.solve(w[inside], coefficients))
        method = f"{survey.design.method} replicates, the model fitted to each"
    else:
        influence = np.zeros((survey.rows, len(coefficients)))
        influence[inside] = scores @ np.linalg.inv(information)
        source, method = Fixed(matrix=score_covariance(survey, influence)), "linearised"
    return Fit(
        formula=frame.formula,
        family=naming.family,
        terms=naming.terms,
        coefficients=coefficients,
        source=source,
        df=design_df(survey) - naming.charged,
        n=len(weights),
        left_out=frame.left_out,
        survey=survey,
        spec=frame.spec,
        influence=influence,
        places=naming.places,
        naive=np.linalg.inv(information) * weights.mean(),
        model=model,
        frame=frame,
        ratio=naming.ratio,
        levels=naming.levels,
        method=method,
    )


def newton(model: Model, weights: Floats, start: Floats) -> Floats:
    """Return the coefficients of shape (p,) at which the scores add up to zero, NaN where no maximum is found.

    Parameters
    ----------
    model : Model
    weights : float array of shape (m,)
    start : float array of shape (p,)

    Notes
    -----
    Newton's steps, halved while they do not lower the deviance.
    """
    theta, weights = start, weights / weights.mean()
    deviance = model.deviance(theta, weights)
    for _ in range(_STEPS):
        scores, information = model.parts(theta, weights)
        gradient = scores.sum(axis=0)
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            break
        if abs(gradient @ step) < _CLOSE * len(weights):
            still = np.abs(step).max() < _STILL * (1 + np.abs(theta).max())
            return theta + step if still else np.full(len(theta), np.nan)
        share = 1.0
        while not (moved := model.deviance(theta + share * step, weights)) <= deviance + _ROUNDING * abs(deviance):
            share /= 2
            if share < _SHORTEST:
                return np.full(len(theta), np.nan)
        theta, deviance = theta + share * step, moved
        if np.abs(theta).max() > _FAR:
            break
    return np.full(len(theta), np.nan)
