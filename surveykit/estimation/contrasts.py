"""Contrasts of estimates: differences, trends, ratios, any function, each with its standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import EstimationError
from surveykit.estimation.estimate import Coefficients, Estimate, Transform
from surveykit.findings import Place

Floats = NDArray[np.float64]


def row_keys(estimate: Estimate) -> list[object]:
    """Return what tells the rows of an estimate apart: one value, or a tuple where several things differ."""
    parts = [*estimate.by.values(), estimate.variable, estimate.category]
    telling = [part for part in parts if len(set(map(repr, part))) > 1]
    if not telling:
        telling = [estimate.category if estimate.category[0] is not None else estimate.variable]
    rows = list(zip(*telling, strict=True))
    return [row[0] for row in rows] if len(telling) == 1 else list(rows)


def contrasted(
    estimate: Estimate,
    what: Coefficients | Mapping[str, Coefficients] | Transform,
    *,
    name: str = "contrast",
    df: float | None = None,
) -> Estimate:
    """Return contrasts of the rows of an estimate; see ``Estimate.contrast``."""
    if callable(what):
        value, source = estimate.source.transformed(estimate.estimate, what)
        names = [name] if len(value) == 1 else [f"{name} {at + 1}" for at in range(len(value))]
        used = np.ones((len(value), len(estimate)), dtype=bool)
    else:
        several = isinstance(what, Mapping) and all(
            isinstance(one, Mapping | Sequence | np.ndarray) for one in what.values()
        )
        named = cast("Mapping[str, Coefficients]", what if several else {name: what})
        matrix = np.stack([_vector(estimate, one) for one in named.values()])
        value, source = estimate.source.transformed(estimate.estimate, lambda x: np.asarray(matrix @ cast("Floats", x)))
        names, used = list(named), matrix != 0
    se = np.sqrt(np.clip(np.diag(source.covariance()), 0, None))
    none = np.full(len(value), np.nan)
    variables = dict.fromkeys(estimate.variable)
    return replace(
        estimate,
        statistic=f"contrast of {estimate.statistic}",
        by={},
        variable=(", ".join(variables),) * len(value),
        category=tuple(names),
        estimate=value,
        se=se,
        df=np.full(len(value), estimate.overall_df if df is None else df),
        n=used @ estimate.n,
        weighted_n=used @ estimate.weighted_n,
        deff=none,
        deff_replace=none,
        source=source,
        interval="wald",
    )


def _vector(estimate: Estimate, coefficients: Coefficients) -> Floats:
    rows = len(estimate)
    if not isinstance(coefficients, Mapping):
        vector = np.asarray(coefficients, dtype=np.float64)
        if vector.shape != (rows,):
            raise EstimationError.of("contrast-length", given=len(vector), rows=rows)
        return vector
    keys = row_keys(estimate)
    vector = np.zeros(rows)
    for key, value in coefficients.items():
        if key not in keys:
            shown = ", ".join(repr(one) for one in keys[:8])
            raise EstimationError.of("contrast-unknown-row", Place(field=str(key)), key=repr(key), rows=shown)
        vector[keys.index(key)] += value
    return vector
