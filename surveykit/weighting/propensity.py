"""Response propensities by logistic regression; the statistics are those of statsmodels."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.findings import Place
from surveykit.sampling.frame import canonical_text
from surveykit.sampling.streams import integers
from surveykit.weighting.cells import Response

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Mask = NDArray[np.bool_]

_FOLDS: Final = 5  # Hastie, Tibshirani and Friedman (2009), section 7.10: five or ten
_SURE: Final = 1e-8  # a propensity nearer to 0 or 1 means that covariates separate the answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictors:
    """Covariates as a matrix.

    Parameters
    ----------
    matrix : float array of shape (n, p)
        Constant, standardised numbers, indicators of all but the first category.
    names : tuple of str
        What each column is.
    """

    matrix: Floats
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Propensities:
    """A fitted response model.

    Parameters
    ----------
    chances : float array of shape (n,)
        Response propensity of each row.
    coefficients : pandas.DataFrame
        ``term, coefficient`` on the scale of the log odds; numbers are standardised.
    """

    chances: Floats
    coefficients: pd.DataFrame


def predictors(survey: Survey, covariates: Sequence[str]) -> Predictors:
    """Make the matrix of covariates.

    Parameters
    ----------
    survey : Survey
        All sampled units.
    covariates : sequence of str
        Columns known for respondents and non-respondents alike. Numbers enter as they are; text, booleans, and columns
        written ``C(name)`` enter as categories, a missing answer as a category of its own.

    Raises
    ------
    WeightingError
        If a column is missing or a number is not known in some row.
    """
    parts: list[Floats] = [np.ones((survey.rows, 1))]
    names = ["constant"]
    for covariate in covariates:
        matrix, terms = _terms(survey, covariate)
        parts.append(matrix)
        names += terms
    return Predictors(matrix=np.concatenate(parts, axis=1), names=tuple(names))


def fit_propensity(predictors: Predictors, response: Response, weights: Floats) -> Propensities:
    """Fit a weighted logistic regression of response.

    Parameters
    ----------
    predictors : Predictors
        Covariates of all rows.
    response : Response
        Who should, and who did answer; the others take no part but get a propensity too.
    weights : float array of shape (n,)
        Weights; rows of weight zero take no part.

    Raises
    ------
    WeightingError
        If covariates separate respondents from the others, or are linearly dependent.

    Notes
    -----
    Maximum pseudo-likelihood by :class:`statsmodels.genmod.generalized_linear_model.GLM`; R: ``glm(..., binomial,
    weights)``.
    """
    from statsmodels.genmod.families import Binomial  # noqa: PLC0415  # loads only when a model is asked for
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415  # same
    from statsmodels.tools.sm_exceptions import ModelWarning  # noqa: PLC0415  # same

    rows = response.eligible & (weights > 0)
    matrix, answers = predictors.matrix[rows], response.responding[rows].astype(float)
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        raise WeightingError.of("weighting-propensity-dependent", terms=", ".join(predictors.names))
    model = GLM(answers, matrix, family=Binomial(), var_weights=weights[rows] / weights[rows].mean())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelWarning)  # separation is found below, from the propensities themselves
        warnings.simplefilter("ignore", RuntimeWarning)
        beta = np.asarray(model.fit(maxiter=100, tol=1e-12).params, dtype=np.float64)
    fitted = 1.0 / (1.0 + np.exp(-np.clip(predictors.matrix @ beta, -700.0, 700.0)))
    spread = fitted[rows]
    if not np.isfinite(beta).all() or (np.minimum(spread, 1 - spread) < _SURE).any():
        raise WeightingError.of("weighting-propensity-separated", terms=", ".join(predictors.names))
    return Propensities(chances=fitted, coefficients=pd.DataFrame({"term": predictors.names, "coefficient": beta}))


def choose_covariates(survey: Survey, candidates: Sequence[Sequence[str]], response: Response) -> pd.DataFrame:
    """Compare sets of covariates by cross-validated log loss.

    Parameters
    ----------
    survey : Survey
        All sampled units; folds are made of whole primary sampling units.
    candidates : sequence of sequence of str
        Sets of covariates.
    response : Response
        Who should, and who did answer.

    Returns
    -------
    pandas.DataFrame
        One row a candidate: ``covariates, terms, log_loss, chosen``; the smallest loss is chosen, of equal ones the
        first.

    References
    ----------
    Hastie T, Tibshirani R, Friedman J (2009), The Elements of Statistical Learning, section 7.10.
    """
    folds = _folds(survey)
    rows = []
    for candidate in candidates:
        known = predictors(survey, candidate)
        loss = _loss(known, folds, response, survey.weights)
        rows.append({"covariates": ", ".join(candidate), "terms": known.matrix.shape[1], "log_loss": loss})
    table = pd.DataFrame(rows)
    best = int(np.argmin(table["log_loss"].round(12).to_numpy(dtype=float)))
    return table.assign(chosen=[position == best for position in range(len(table))])


def propensity_classes(values: Floats, rows: Mask, classes: int) -> Integers:
    """Cut propensities at quantiles of the rows that count; return the class 0..k-1 of each row, shape (n,)."""
    cuts = np.unique(np.quantile(values[rows], np.linspace(0, 1, classes + 1)[1:-1]))
    return np.searchsorted(cuts, values, side="left").astype(np.intp)


def _loss(known: Predictors, folds: Integers, response: Response, weights: Floats) -> float:
    total = counted = 0.0
    for fold in range(_FOLDS):
        outside = replace(response, eligible=response.eligible & (folds != fold))
        inside = response.eligible & (folds == fold) & (weights > 0)
        chances = np.clip(fit_propensity(known, outside, weights).chances[inside], _SURE, 1 - _SURE)
        seen = np.where(response.responding[inside], chances, 1.0 - chances)
        total -= float(weights[inside] @ np.log(seen))
        counted += float(weights[inside].sum())
    return total / counted


def _folds(survey: Survey) -> Integers:
    linear = isinstance(survey.design, SurveyDesign)
    units = survey.layout.stages[0].units if linear else np.arange(survey.rows, dtype=np.intp)
    count = int(units.max(initial=0)) + 1
    turn = np.argsort(integers(np.full(count, 2**31, dtype=np.int64), 0, "folds"), kind="stable")
    place = np.empty(count, dtype=np.intp)
    place[turn] = np.arange(count) % _FOLDS
    return np.asarray(place[units], dtype=np.intp)


def _terms(survey: Survey, covariate: str) -> tuple[Floats, list[str]]:
    name = covariate.removeprefix("C(").removesuffix(")") if covariate.startswith("C(") else covariate
    survey.require([name])
    codes, values = survey.codes(name)
    if covariate == name and values.dtype.kind in "iuf":
        return _number(survey, name), [name]
    labels = [canonical_text(value) for value in values.tolist()]
    if (codes < 0).any():
        codes, labels = np.where(codes < 0, len(labels), codes), [*labels, "(missing)"]
    matrix = (codes[:, None] == np.arange(1, len(labels))).astype(float)
    return matrix, [f"{name}={label}" for label in labels[1:]]


def _number(survey: Survey, name: str) -> Floats:
    values = survey.numbers(name)
    if np.isnan(values).any():
        rows = int(np.isnan(values).sum())
        raise WeightingError.of("weighting-covariate-missing", Place(field=name), name=name, rows=rows)
    spread = float(values.std())
    return np.asarray(((values - values.mean()) / (spread if spread > 0 else 1.0))[:, None], dtype=np.float64)
