"""Fit weights to known totals: post-stratification, raking, calibration."""

from __future__ import annotations

from collections.abc import Sequence

from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.weighting.fitting import OPEN, Bounds, Fitter, calibrator, poststratifier, raker
from surveykit.weighting.kernels import CalibrationMethod
from surveykit.weighting.margins import Margins, Totals
from surveykit.weighting.replication import reweighted


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
    return apply_fitter(survey, poststratifier(survey, totals))


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
    return apply_fitter(survey, raker(survey, margins))


def calibrate(
    survey: Survey,
    totals: Margins,
    *,
    method: CalibrationMethod = "linear",
    bounds: Bounds = OPEN,
    aggregate: str | Sequence[str] | None = None,
    variance: str | None = None,
    weight_bounds: Bounds = OPEN,
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
    fitter = calibrator(
        survey,
        totals,
        method=method,
        bounds=bounds,
        aggregate=aggregate,
        variance=variance,
        weight_bounds=weight_bounds,
    )
    return apply_fitter(survey, fitter)


def apply_fitter(survey: Survey, fitter: Fitter) -> Survey:
    """Return the survey with its weights, and those of its replicates, fitted to totals.

    Raises
    ------
    WeightingError
        If the totals cannot be met, or a weight of the sample would be negative.
    """
    return fit_survey(survey, fitter)[0]


def fit_survey(survey: Survey, fitter: Fitter) -> tuple[Survey, tuple[float, ...]]:
    """Return what :func:`apply_fitter` does, and the largest misfit after each round."""
    fitted = fitter.fit(survey.weights)
    negative = fitted.weights < 0
    if negative.any():
        raise WeightingError.of("weighting-negative", rows=int(negative.sum()), smallest=float(fitted.weights.min()))
    return reweighted(survey, fitted.weights, fitter.weights, calibration=fitted.calibration), fitted.misfits
