"""Models of rows that live in an engine: fitted to covariate patterns, which have the coefficients of the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from surveykit.design.survey import Survey
from surveykit.estimation.fits import Fit
from surveykit.estimation.formulas import names_in
from surveykit.estimation.patterns import ROWS, condensed


def by_pattern(survey: Survey, formula: str, fit: Callable[[Survey], Fit]) -> Fit:
    """Return the fit of a model to rows that live in an engine.

    Parameters
    ----------
    survey : Survey
        With sampling units that are not the rows themselves, or replicate weights.
    formula : str
        Whose covariates have few values each.
    fit : callable
        Fits the model to a survey in memory.

    Raises
    ------
    DesignError
        If a covariate (with replicate weights, the outcome too) has too many values: rows would have to be pulled,
        which ``collect`` does on request.
    EstimationError
        If every row is a sampling unit of its own.

    Notes
    -----
    Rows alike in covariates, outcome and sampling unit have the same score and the same predictions; their weights are
    added up by the engine. An outcome of many values is replaced by its weighted mean in the pattern, on which scores
    linear in the outcome depend alone. Coefficients and covariance are those of the rows.
    """
    names = names_in(formula)
    held = condensed(survey, names[0], names[1:])
    found = fit(held)
    counts = held.numbers(ROWS)
    kept = found.frame.inside
    inside = held.domain & (held.weights > 0)
    missing = int(counts[inside & ~kept].sum())
    left_out = {"with a missing value": missing} if missing else {}
    return replace(found, n=int(counts[kept].sum()), left_out=left_out)
