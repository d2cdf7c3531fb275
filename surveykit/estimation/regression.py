"""Generalised linear models with design-based covariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.counts import NegativeBinomial
from surveykit.estimation.engine_fits import by_pattern
from surveykit.estimation.families import Family, GeneralisedLinear, Link, family_of
from surveykit.estimation.fits import Fit, Naming, fitted
from surveykit.estimation.formulas import model_frame
from surveykit.estimation.margins import margins
from surveykit.findings import Place

__all__ = ["Fit", "glm", "margins"]


def glm(
    survey: Survey,
    formula: str,
    *,
    family: Family = "gaussian",
    link: Link | None = None,
    dispersion: float | None = None,
    start: Sequence[float] | None = None,
) -> Fit:
    """Fit a generalised linear model.

    Parameters
    ----------
    survey : Survey
        Rows that live in an engine are added up there by covariate pattern; covariates then have few values each.
    formula : str
        ``"outcome ~ C(sex) + age"``: names of columns, ``C(...)`` for categories, ``log sqrt exp``, and the operators
        ``+ - : * /``. Nothing else is evaluated.
    family : {"gaussian", "binomial", "poisson", "gamma", "negative-binomial"}
        The outcome of ``binomial`` is 0/1 or a truth value.
    link : {"identity", "log", "logit", "probit", "cloglog"}, optional
        Without it the usual link of the family; ``gamma`` and ``negative-binomial`` have the log link. A log link makes
        ``binomial`` a model of prevalence ratios.
    dispersion : float, optional
        Dispersion a of ``negative-binomial``, whose variance is m + a m^2; without it, it is estimated, and its
        logarithm is the last coefficient.
    start : sequence of float, optional
        Starting coefficients.

    Returns
    -------
    Fit

    Raises
    ------
    DesignError
        If the formula names an unknown column.
    EstimationError
        If the formula is wrong, no complete row is left, columns of the model repeat each other, or the outcome does
        not suit the family.

    Notes
    -----
    Weighted pseudo-likelihood; the covariance is A^-1 V(scores) A^-1 with A the information and V the variance of
    survey totals, so that dispersion plays no part. Rows with a missing value are left out and stay in the design.
    Tests are by Student's t on the design's degrees of freedom + 1 - p, p without the dispersion. R: ``svyglm``; with
    the dispersion estimated, ``svymle`` (Stata: ``svy: nbreg``).

    References
    ----------
    Binder (1983), International Statistical Review 51, 279-292; Lawless (1987), Canadian Journal of Statistics 15,
    209-225.
    """
    if survey.engine == "lazy":
        if family == "negative-binomial" and dispersion is None:
            raise EstimationError.of("regression-dispersion-in-engine", Place(field="dispersion"))
        return by_pattern(
            survey,
            formula,
            lambda held: glm(held, formula, family=family, link=link, dispersion=dispersion, start=start),
        )
    chosen, canonical, ratio = family_of(family, link, 1.0 if dispersion is None else dispersion)
    frame = model_frame(survey, formula)
    if frame.outcome.shape[1] != 1:
        raise EstimationError.of("regression-outcome", formula=formula, columns=frame.outcome.shape[1])
    y = frame.outcome[:, 0]
    _check_range(formula, family, y)
    if ratio == "rate ratio" and np.isin(y, (0, 1)).all():
        ratio = "prevalence ratio"
    naming = Naming(
        family=family, terms=frame.columns, places=frame.places, charged=len(frame.columns) - 1, ratio=ratio
    )
    begin = None if start is None else np.asarray(start, dtype=np.float64)
    if family == "negative-binomial" and dispersion is None and link in {None, "log"}:
        width = len(frame.columns)
        named = replace(
            naming, terms=(*frame.columns, "log dispersion"), places={**frame.places, "dispersion": (width,)}
        )
        return fitted(frame, NegativeBinomial(x=frame.x, y=y), named, begin)
    return fitted(frame, GeneralisedLinear(x=frame.x, y=y, family=chosen, canonical=canonical), naming, begin)


def _check_range(formula: str, family: Family, y: NDArray[np.float64]) -> None:
    wrong = {
        "binomial": (y < 0) | (y > 1),
        "poisson": y < 0,
        "negative-binomial": y < 0,
        "gamma": y <= 0,
    }.get(family)
    if wrong is not None and wrong.any():
        found = ", ".join(f"{one:g}" for one in np.unique(y[wrong])[:5])
        raise EstimationError.of(
            "regression-range", formula=formula, family=family, count=int(wrong.sum()), found=found
        )
