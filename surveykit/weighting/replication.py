"""Replicate weights on their way through a weighting step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.calibration import Calibration
from surveykit.design.design import ReplicateDesign
from surveykit.design.replicate_weights import ReplicateFactors
from surveykit.design.survey import Survey, replicate_columns
from surveykit.errors import WeightingError
from surveykit.findings import Place, finding

Floats = NDArray[np.float64]


def replicate_weights(survey: Survey) -> Floats | None:
    """Return the full replicate weights of shape (n, R), sampling weight included, or None where there are none."""
    return survey.replicate_weights() if isinstance(survey.design, ReplicateDesign) else None


def reweighted(
    survey: Survey,
    weights: Floats,
    step: Callable[[Floats], Floats],
    *,
    calibration: Calibration | None = None,
) -> Survey:
    """Return the survey with new weights, its replicates taken through the same step.

    Parameters
    ----------
    survey : Survey
        Before the step.
    weights : float array of shape (n,)
        Full-sample weights after the step.
    step : callable
        From weights of shape (n,) before to weights after; called once a replicate.
    calibration : Calibration, optional
        What the step fixed; kept only where variances are linearised.
    """
    before = replicate_weights(survey)
    if before is None:
        return survey.with_weights(weights, calibration=calibration)
    after = np.column_stack([_replicate(step, column, number) for number, column in enumerate(before.T, start=1)])
    return with_replicates(survey, weights, after)


def _replicate(step: Callable[[Floats], Floats], weights: Floats, number: int) -> Floats:
    try:
        return step(np.ascontiguousarray(weights))
    except WeightingError as error:
        note = finding("weighting-replicate-failed", Place(record=f"replicate {number}"), number=number)
        raise WeightingError([note, *error.findings]) from error


def with_replicates(survey: Survey, weights: Floats, replicates: Floats) -> Survey:
    """Return the survey with new full-sample weights of shape (n,) and replicate weights of shape (n, R).

    Notes
    -----
    Replicates that were kept as factors of sampling units become columns, as rows of a unit no longer agree. Their
    degrees of freedom, sampling units less strata, are stated from then on.
    """
    design = survey.design
    if not isinstance(design, ReplicateDesign):
        return survey.with_weights(weights)
    if survey.replicates is None:
        names: tuple[str, ...] = replicate_columns(survey)
    else:
        names = tuple(f"{design.weights}_replicate_{number}" for number in range(1, replicates.shape[1] + 1))
        design = replace(design, replicates=names, combined=True, df=_df(survey, survey.replicates, design.df))
    ratio = np.divide(replicates, weights[:, None], out=np.zeros_like(replicates), where=weights[:, None] != 0)
    values = {design.weights: weights} | dict(zip(names, (replicates if design.combined else ratio).T, strict=True))
    return replace(survey, frame=_with_columns(survey, values), design=design, replicates=None, memo={})


def _df(survey: Survey, made: ReplicateFactors, stated: float | None) -> float:
    if stated is not None:
        return stated
    units = np.unique(made.units[survey.weights > 0])
    return float(units.size - np.unique(made.strata[units]).size)


def _with_columns(survey: Survey, values: Mapping[str, Floats]) -> object:
    if not isinstance(survey.frame, pd.DataFrame):
        return survey.columns.with_values(values)
    kept = survey.frame.drop(columns=[name for name in values if name in survey.frame.columns])
    return pd.concat([kept, pd.DataFrame(values, index=kept.index)], axis=1)[_order(survey.frame, values)]


def _order(frame: pd.DataFrame, values: Mapping[str, Floats]) -> list[str]:
    known = [str(name) for name in frame.columns]
    return known + [name for name in values if name not in set(known)]
