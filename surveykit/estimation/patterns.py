"""Rows that live in an engine, added up there by pattern of answers and sampling unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, cast

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey, replicate_columns
from surveykit.errors import EstimationError
from surveykit.estimation.pushdown import Lazy, asked_sums, fetched, indicator, lazy, number, weight_of
from surveykit.expressions.columns import where

Mask = NDArray[np.bool_]

_PATTERNS: Final = 200  # values of a covariate beyond which it is no category and the rows are needed
ROWS: Final = "__rows"  # the column that counts the rows of a pattern
_INSIDE: Final = "__inside"


def condensed(survey: Survey, outcome: str, covariates: Sequence[str]) -> Survey:
    """Return a survey in memory of one row a covariate pattern, outcome and sampling unit, weights added up.

    Parameters
    ----------
    survey : Survey
        Whose rows live in an engine.
    outcome : str
        Column that is kept as it is if it has few values, else as its weighted mean.
    covariates : sequence of str
        Columns of few values.

    Raises
    ------
    DesignError
        If a covariate (with replicate weights, the outcome too) has too many values: rows would have to be pulled,
        which ``collect`` does on request.
    EstimationError
        If every row is a sampling unit of its own.

    Notes
    -----
    Whatever is a weighted sum of functions of covariates and outcome, or of the covariates times the outcome where that
    has many values, has the same value and the same variance as over the rows.
    """
    survey.require([outcome, *covariates])
    weight = weight_of(survey)
    if weight is None:
        raise survey.in_engine([outcome, *covariates])
    design = _first_stage(survey)
    frame = lazy(survey)
    values = _distinct(frame, list(dict.fromkeys([outcome, *covariates])))
    many = values[outcome] > _PATTERNS
    if any(values[name] > _PATTERNS for name in covariates) or (many and isinstance(design, ReplicateDesign)):
        raise survey.in_engine([outcome, *covariates])  # a mean under one weight is none under another
    flags = [_inside(survey).alias(_INSIDE), indicator(weight > 0).alias("__weighted")]
    replicates = replicate_columns(survey)
    sums = [nw.len().cast(nw.Float64).alias(ROWS)]
    sums.extend(nw.col(name).cast(nw.Float64).sum().alias(f"w {name}") for name in (str(design.weights), *replicates))
    groups = [*dict.fromkeys([*_units(design), *covariates]), _INSIDE, "__weighted"]
    if many:
        table = _of_means(frame.with_columns(*flags), groups, outcome, weight, sums)
    else:
        table = asked_sums(frame.with_columns(*flags), list(dict.fromkeys([*groups, outcome])), sums)
    names = {f"w {name}": name for name in (str(design.weights), *replicates)}
    kept = table.rename(columns=names).sort_values(groups, ignore_index=True)
    mask = kept.pop(_INSIDE).to_numpy(dtype="float64") > 0
    made = Survey(kept.drop(columns="__weighted"), design)
    return made if not survey.conditions else replace(made.within(mask, ""), conditions=survey.conditions)


def _of_means(frame: Lazy, groups: Sequence[str], outcome: str, weight: nw.Expr, sums: list[nw.Expr]) -> pd.DataFrame:
    value, there = number(frame, outcome)
    frame = frame.with_columns(indicator(there).alias("__there"))
    whole = nw.when(there).then(weight * value).otherwise(nw.lit(0.0)).sum().alias("__first")
    heavy = nw.when(there).then(weight).otherwise(nw.lit(0.0)).sum().alias("__heavy")
    table = asked_sums(frame, [*groups, "__there"], [*sums, whole, heavy])
    first, total = (table[name].to_numpy(dtype="float64", na_value=0.0) for name in ("__first", "__heavy"))
    known = (table["__there"].to_numpy(dtype="float64") > 0) & (total > 0)
    mean = np.divide(first, total, out=np.full(len(first), np.nan), where=known)
    return table.drop(columns=["__there", "__first", "__heavy"]).assign(**{outcome: mean})


def _first_stage(survey: Survey) -> SurveyDesign | ReplicateDesign:
    """Return the design over sampling units; without population sizes those of the first stage."""
    design = survey.design
    if isinstance(design, ReplicateDesign):
        known = design.df if design.df is not None else float(len(replicate_columns(survey)) - 1)
        return replace(design, df=known)
    plain = cast("SurveyDesign", design)
    if plain.fpc is None:
        plain = replace(plain, strata=[list(one) or None for one in plain.strata_stages[:1]] or None,
                        clusters=[list(plain.cluster_stages[0])] if plain.cluster_stages[0] else None)  # fmt: skip
    if not plain.cluster_stages[-1]:
        raise EstimationError.of("estimate-elements-in-engine", names=", ".join(plain.columns))
    return plain


def _units(design: SurveyDesign | ReplicateDesign) -> tuple[str, ...]:
    if isinstance(design, ReplicateDesign):
        return ()
    return tuple(name for name in design.columns if name != design.weights)


def _inside(survey: Survey) -> nw.Expr:
    """Return 1 for rows of the subpopulation."""
    tests = [cast("nw.Expr", where(survey.frame, condition)) for condition in survey.conditions]
    return indicator(nw.all_horizontal(*tests, ignore_nulls=False)) if tests else nw.lit(1.0)


def _distinct(frame: Lazy, names: Sequence[str]) -> dict[str, int]:
    """Return the number of different values of each column."""
    found = fetched(frame.select(*(nw.col(name).n_unique().alias(f"{at}") for at, name in enumerate(names)))).iloc[0]
    return {name: int(found[f"{at}"]) for at, name in enumerate(names)}
