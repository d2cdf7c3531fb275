"""Means, totals, ratios, proportions, variances, correlations and geometric means of a survey."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.assembly import Names, Options, estimated, names_of
from surveykit.estimation.estimate import Estimate
from surveykit.estimation.intervals import Interval
from surveykit.estimation.spread import CentralMoment, GeometricMean
from surveykit.estimation.statistics import Mean, Proportion, Ratio, Total
from surveykit.estimation.totals import binary
from surveykit.findings import Place


def mean(
    survey: Survey,
    variables: Names,
    *,
    by: Names = None,
    margins: bool = False,
    confidence: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Return weighted means.

    Parameters
    ----------
    survey : Survey
        Frame, design and subpopulation.
    variables : str or list of str
        Numeric columns; each rests on the rows where it is not missing.
    by : str or list of str, optional
        Columns whose crossings are the domains.
    margins : bool
        Add the margins of the crossing, down to the whole subpopulation; there the by value is missing.
    confidence : float
        Level of the intervals.
    df : float, optional
        Degrees of freedom of the intervals. Without it, sampling units less strata with rows of the domain;
        ``math.inf`` gives the normal limits of R's ``confint``.

    Returns
    -------
    Estimate
        One row a domain and variable.

    Raises
    ------
    DesignError
        If a column is missing or not numeric.
    EstimationError
        If the subpopulation is empty, or a stratum has one sampling unit and the policy is to fail.

    Notes
    -----
    m = sum w y / sum w, with score w (y - m) / sum w. The design effect compares with simple random sampling without
    replacement from sum w people. R: ``svymean``, ``svyby(..., svymean, na.rm = TRUE)``.
    """
    options = Options(by=names_of(by), margins=margins, confidence=confidence, df=df)
    return estimated(survey, [Mean(variable=name) for name in _some(variables)], "mean", options)


def total(
    survey: Survey,
    variables: Names,
    *,
    by: Names = None,
    margins: bool = False,
    confidence: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Return weighted totals.

    Parameters
    ----------
    survey, variables, by, margins, confidence, df
        As for ``mean``.

    Returns
    -------
    Estimate
        One row a domain and variable. A row with a missing answer adds nothing: the total is that of those who
        answered.

    Raises
    ------
    DesignError, EstimationError
        As for ``mean``.

    Notes
    -----
    t = sum w y, with score w y. R: ``svytotal``.
    """
    options = Options(by=names_of(by), margins=margins, confidence=confidence, df=df)
    return estimated(survey, [Total(variable=name) for name in _some(variables)], "total", options)


def ratio(
    survey: Survey,
    numerator: Names,
    denominator: str,
    *,
    by: Names = None,
    margins: bool = False,
    confidence: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Return ratios of two totals.

    Parameters
    ----------
    survey, by, margins, confidence, df
        As for ``mean``.
    numerator : str or list of str
        Numeric columns.
    denominator : str
        Numeric column. Rows that miss either are left out of both.

    Returns
    -------
    Estimate
        One row a domain and numerator; the variable reads ``numerator/denominator``.

    Raises
    ------
    DesignError, EstimationError
        As for ``mean``.

    Notes
    -----
    R = sum w y / sum w x, with score w (y - R x) / sum w x. R: ``svyratio``.
    """
    options = Options(by=names_of(by), margins=margins, confidence=confidence, df=df)
    statistics = [Ratio(numerator=name, denominator=denominator) for name in _some(numerator)]
    return estimated(survey, statistics, "ratio", options)


def proportion(
    survey: Survey,
    variables: Names,
    *,
    by: Names = None,
    level: object = None,
    margins: bool = False,
    interval: Interval = "logit",
    confidence: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Return shares of the levels of variables.

    Parameters
    ----------
    survey, by, margins, confidence, df
        As for ``mean``.
    variables : str or list of str
        Columns of any type. Of a truth value or a 0/1 variable the share of 1 is reported, of others all levels.
    level : object, optional
        A single level to report, or a list of levels.
    interval : str
        ``logit``, ``wald``, ``wilson``, ``arcsine``, ``likelihood``, ``beta`` or ``korn-graubard``; see
        ``intervals.limits``.

    Returns
    -------
    Estimate
        One row a domain, variable and level.

    Raises
    ------
    DesignError, EstimationError
        As for ``mean``.

    Notes
    -----
    p = sum w 1[level] / sum w, with score w (1[level] - p) / sum w. R: ``svymean(~factor)``, ``svyciprop``.
    """
    options = Options(by=names_of(by), margins=margins, confidence=confidence, interval=interval, df=df)
    names = _some(variables)
    survey.require(names)
    statistics = [Proportion(variable=name, levels=_levels(survey, name, level)) for name in names]
    return estimated(survey, statistics, "proportion", options)


def variance(
    survey: Survey,
    variables: Names,
    *,
    by: Names = None,
    margins: bool = False,
    confidence: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Return variances in the population.

    Parameters
    ----------
    survey, variables, by, margins, confidence, df
        As for ``mean``.

    Returns
    -------
    Estimate
        One row a domain and variable.

    Raises
    ------
    DesignError, EstimationError
        As for ``mean``.

    Notes
    -----
    s2 = n / (n - 1) sum w (y - m)^2 / sum w, n the rows of positive weight with an answer. R: ``svyvar``.
    """
    options = Options(by=names_of(by), margins=margins, confidence=confidence, df=df)
    return estimated(survey, [CentralMoment(variables=(name, name)) for name in _some(variables)], "variance", options)


def covariance(
    survey: Survey,
    first: str,
    second: str,
    *,
    by: Names = None,
    margins: bool = False,
    confidence: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Return the covariance of two variables in the population; see ``variance``."""
    options = Options(by=names_of(by), margins=margins, confidence=confidence, df=df)
    return estimated(survey, [CentralMoment(variables=(first, second))], "covariance", options)


def correlation(
    survey: Survey,
    first: str,
    second: str,
    *,
    by: Names = None,
    margins: bool = False,
    confidence: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Return the correlation of two variables.

    Parameters
    ----------
    survey, by, margins, confidence, df
        As for ``mean``.
    first, second : str
        Numeric columns; rows that miss either are left out.

    Returns
    -------
    Estimate
        One row a domain, with the standard error of the delta method.

    Raises
    ------
    DesignError, EstimationError
        As for ``mean``.

    Notes
    -----
    R: ``svycontrast(svyvar(~x + y), quote(xy / sqrt(xx * yy)))``.
    """
    options = Options(by=names_of(by), margins=margins, confidence=confidence, df=df)
    return estimated(survey, [CentralMoment(variables=(first, second), correlation=True)], "correlation", options)


def geometric_mean(
    survey: Survey,
    variables: Names,
    *,
    by: Names = None,
    margins: bool = False,
    confidence: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Return geometric means of positive variables, as for concentrations in blood.

    Parameters
    ----------
    survey, variables, by, margins, confidence, df
        As for ``mean``.

    Returns
    -------
    Estimate
        One row a domain and variable, with the standard error of the delta method.

    Raises
    ------
    DesignError, EstimationError
        As for ``mean``; also if a value is zero or negative.

    Notes
    -----
    G = exp(sum w log y / sum w). R: ``svycontrast(svymean(~log(y)), quote(exp(y)))``.
    """
    options = Options(by=names_of(by), margins=margins, confidence=confidence, df=df)
    statistics = [GeometricMean(variable=name) for name in _some(variables)]
    return estimated(survey, statistics, "geometric mean", options)


def _some(variables: Names) -> tuple[str, ...]:
    names = names_of(variables)
    if not names:
        raise EstimationError.of("estimate-no-variable")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise EstimationError.of("estimate-variable-twice", Place(field=twice[0]), name=twice[0])
    return names


def _levels(survey: Survey, name: str, level: object) -> tuple[object, ...] | None:
    if level is None:
        one = binary(survey, name)
        return None if one is None else (one,)
    if isinstance(level, Sequence | np.ndarray) and not isinstance(level, str):
        return tuple(level)
    return (level,)
