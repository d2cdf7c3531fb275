"""Generalised linear models with design-based covariance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.engine_fits import by_pattern
from surveykit.estimation.families import Family, GeneralisedLinear, Link, family_of
from surveykit.estimation.fits import Fit, Naming, fitted
from surveykit.estimation.formulas import model_frame
from surveykit.estimation.margins import margins

__all__ = ["Fit", "glm", "margins"]


def glm(
    survey: Survey,
    formula: str,
    *,
    family: Family = "gaussian",
    link: Link | None = None,
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
        If the formula is wrong, no complete row is left, or columns of the model repeat each other.

    Notes
    -----
    Weighted pseudo-likelihood; the covariance is A^-1 V(scores) A^-1 with A the information and V the variance of
    survey totals, so that dispersion plays no part. Rows with a missing value are left out and stay in the design.
    Tests are by Student's t on the design's degrees of freedom + 1 - p. ``negative-binomial`` has the dispersion 1.
    R: ``svyglm``.

    References
    ----------
    Binder (1983), International Statistical Review 51, 279-292.
    """
    if survey.engine == "lazy":
        return by_pattern(survey, formula, lambda held: glm(held, formula, family=family, link=link, start=start))
    chosen, canonical, ratio = family_of(family, link)
    frame = model_frame(survey, formula)
    if frame.outcome.shape[1] != 1:
        raise EstimationError.of("regression-outcome", formula=formula, columns=frame.outcome.shape[1])
    y = frame.outcome[:, 0]
    if ratio == "rate ratio" and np.isin(y, (0, 1)).all():
        ratio = "prevalence ratio"
    naming = Naming(
        family=family, terms=frame.columns, places=frame.places, charged=len(frame.columns) - 1, ratio=ratio
    )
    model = GeneralisedLinear(x=frame.x, y=y, family=chosen, canonical=canonical)
    return fitted(frame, model, naming, None if start is None else np.asarray(start, dtype=np.float64))
