"""Predictive margins, average marginal effects, and adjusted ratios and differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.design import ReplicateDesign
from surveykit.errors import EstimationError
from surveykit.estimation.degrees import design_df
from surveykit.estimation.estimate import Estimate, Fixed, Source
from surveykit.estimation.fits import Fit
from surveykit.estimation.formulas import categorised, names_in
from surveykit.estimation.replicates import replicated
from surveykit.estimation.scores import score_covariance
from surveykit.findings import Place

Floats = NDArray[np.float64]

_STEP: Final = 1e-3  # of a standard deviation: the four-point derivative then errs by 1e-12 and rounds to 1e-12
_FOUR_POINTS: Final = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))  # Abramowitz and Stegun, table 25.2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What is predicted: a linear combination of predictions, each with some columns of the model replaced."""

    label: object
    parts: tuple[tuple[float, Floats], ...]  # factor and columns x of shape (m, q)


def margins(fit: Fit, variable: str, *, correlated: bool = False, confidence: float = 0.95) -> Estimate:
    """Return predictive margins: the mean prediction if everybody had one level, then another.

    Parameters
    ----------
    fit : Fit
        Of ``glm``, ``ordinal`` or ``multinomial``.
    variable : str
        A categorical column of the model.
    correlated : bool
        Take in the covariance between the covariates of the sample and the coefficients; R takes it as 0, which it is
        where the model holds.
    confidence : float

    Returns
    -------
    Estimate
        One row a level (``level``); adjusted prevalences for a binary outcome. With a categorical outcome one row a
        level of the variable (a by column) and of the outcome.

    Raises
    ------
    EstimationError
        If the variable is not in the model, or the model predicts no mean.

    Notes
    -----
    Standard errors are unconditional: the covariates vary with the sample, as in R ``svypredmeans``. With replicate
    weights and ``correlated`` the model is fitted and averaged anew in each replicate.

    References
    ----------
    Graubard and Korn (1999), Biometrics 55, 652-659.
    """
    used = _column(fit, variable)
    levels = sorted(used.unique(), key=lambda level: (str(type(level)), level))
    scenes = [_Scene(label=level, parts=((1.0, _columns(fit, variable, level)),)) for level in levels]
    return _estimated(fit, "predictive margin", (variable, scenes), correlated=correlated, confidence=confidence)


def average_effects(
    fit: Fit, variable: str, *, against: object = None, correlated: bool = False, confidence: float = 0.95
) -> Estimate:
    """Return average marginal effects of a covariate on the mean of the outcome.

    Parameters
    ----------
    fit : Fit
        Of ``glm``, ``ordinal`` or ``multinomial``.
    variable : str
        A covariate. Of a number, the mean derivative of the prediction; of categories, the mean difference of the
        prediction between each level and one of them.
    against : level, optional
        The level of comparison; the first without it.
    correlated : bool
        As for ``margins``.
    confidence : float

    Returns
    -------
    Estimate
        One row a level but one, or a single row; once for each level of a categorical outcome.

    Raises
    ------
    EstimationError
        If the variable is not in the model, or has no such level.

    Notes
    -----
    Derivatives are taken by the four-point formula, exact to ten digits also for ``log(x)`` and interactions. Standard
    errors are unconditional. R: ``svycontrast(svypredmeans(...))``, ``marginaleffects::avg_slopes`` (which takes the
    covariates as fixed).

    References
    ----------
    Graubard and Korn (1999), Biometrics 55, 652-659; Williams (2012), Stata Journal 12, 308-331.
    """
    used = _column(fit, variable)
    if not _is_number(fit, variable, used):
        base, levels = _levels(used, variable, against)
        columns = _columns(fit, variable, base)
        scenes = [
            _Scene(label=f"{level} - {base}", parts=((1.0, _columns(fit, variable, level)), (-1.0, columns)))
            for level in levels
            if level != base
        ]
    else:
        step = _STEP * float(used.std() or 1.0)
        parts = tuple((factor / step, _columns(fit, variable, used + at * step)) for at, factor in _FOUR_POINTS)
        scenes = [_Scene(label=None, parts=parts)]
    return _estimated(fit, "average marginal effect", (variable, scenes), correlated=correlated, confidence=confidence)


def _column(fit: Fit, variable: str) -> pd.Series:
    known = names_in(fit.formula.rpartition("~")[2], sided=False)
    if variable not in known:
        raise EstimationError.of("margins-variable", Place(field=variable), name=variable, known=", ".join(known))
    if fit.pooled:
        raise EstimationError.of("imputation-margins")
    if fit.family == "cox":
        raise EstimationError.of("margins-hazard")
    return fit.frame.frame[variable]


def _is_number(fit: Fit, variable: str, used: pd.Series) -> bool:
    numeric = pd.api.types.is_numeric_dtype(used) and not pd.api.types.is_bool_dtype(used)
    return bool(numeric) and not categorised(fit.places, variable)


def _levels(used: pd.Series, variable: str, against: object) -> tuple[object, list[object]]:
    levels: list[object] = sorted(used.unique(), key=lambda level: (str(type(level)), level))
    if against is not None and against not in levels:
        given = ", ".join(map(str, levels))
        raise EstimationError.of("margins-level", Place(field=variable), name=variable, level=against, levels=given)
    return (levels[0] if against is None else against), levels


def _columns(fit: Fit, variable: str, value: object) -> Floats:
    frame = fit.frame.frame.copy(deep=False)
    frame[variable] = cast("pd.Series", value)
    made = fit.spec.get_model_matrix(frame)
    x = made.to_numpy(dtype=np.float64)
    kept = [at for at, name in enumerate(made.columns) if name in fit.frame.columns]
    return np.asarray(x[:, kept])


def _estimated(
    fit: Fit, statistic: str, asked: tuple[str, Sequence[_Scene]], *, correlated: bool, confidence: float
) -> Estimate:
    variable, scenes = asked
    weights = fit.frame.weights / fit.frame.weights.sum()
    predicted = [_predicted(fit, scene, fit.coefficients, weights) for scene in scenes]
    means = np.concatenate([weights @ rows for rows, _ in predicted])
    rows, slopes = np.concatenate([one for one, _ in predicted], axis=1), np.concatenate([s for _, s in predicted])
    if isinstance(fit.survey.design, ReplicateDesign):
        source = _from_replicates(fit, scenes, (rows, slopes), correlated=correlated)
    else:
        varying = np.zeros((fit.survey.rows, len(means)))
        varying[fit.frame.inside] = weights[:, None] * (rows - means)
        moved = fit.influence @ slopes.T
        parts = (varying + moved,) if correlated else (varying, moved)
        source = Fixed(matrix=np.asarray(sum(score_covariance(fit.survey, part) for part in parts)))
    return _described(fit, (statistic, variable, [scene.label for scene in scenes]), means, source, confidence)


def _predicted(fit: Fit, scene: _Scene, theta: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return predictions of shape (m, c) and their mean slopes in the coefficients, (c, p)."""
    answers = [(factor, fit.model.respond(x, theta, weights)) for factor, x in scene.parts]
    rows = sum((factor * rows for factor, (rows, _) in answers), start=np.zeros(1))
    slopes = sum((factor * slopes for factor, (_, slopes) in answers), start=np.zeros(1))
    return np.asarray(rows), np.asarray(slopes)


def _from_replicates(
    fit: Fit, scenes: Sequence[_Scene], predicted: tuple[Floats, Floats], *, correlated: bool
) -> Source:
    inside, (rows, slopes) = fit.frame.inside, predicted
    if not correlated:
        fixed = replicated(fit.survey, lambda w: np.asarray(w[inside] @ rows / w[inside].sum())).covariance()
        return Fixed(matrix=fixed + slopes @ fit.covariance @ slopes.T)

    def anew(weights: Floats) -> Floats:
        held = weights[inside]
        theta = fit.model.solve(held, fit.coefficients)
        share = held / held.sum()
        return np.concatenate([share @ _predicted(fit, scene, theta, share)[0] for scene in scenes])

    return replicated(fit.survey, anew)


def _described(
    fit: Fit, what: tuple[str, str, list[object]], means: Floats, source: Source, confidence: float
) -> Estimate:
    statistic, variable, labels = what
    size, levels = len(means), fit.levels
    gone, freedom = np.full(size, np.nan), design_df(fit.survey)
    rows = [label for label in labels for _ in range(max(len(levels), 1))]
    by = {variable: tuple(rows)} if levels else {}
    return Estimate(
        statistic=statistic,
        by=by,
        variable=(fit.formula.partition("~")[0].strip() if levels else variable,) * size,
        category=tuple(list(levels) * len(labels)) if levels else tuple(rows),
        estimate=means,
        se=np.sqrt(np.clip(np.diag(source.covariance()), 0, None)),
        df=np.full(size, freedom),
        n=np.full(size, float(fit.n)),
        weighted_n=np.full(size, float(fit.frame.weights.sum())),
        deff=gone,
        deff_replace=gone,
        source=source,
        overall_df=freedom,
        confidence=confidence,
        method=f"{fit.method}, covariates vary with the sample; {fit.formula}, family {fit.family}",
        left_out=fit.left_out,
        conditions=fit.survey.conditions,
    )
