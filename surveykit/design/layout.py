"""Sampling units and strata of every stage as integer codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from surveykit.design.design import SurveyDesign
from surveykit.design.frames import Columns, Floats, Integers
from surveykit.errors import DesignError
from surveykit.findings import Place

_TABLE_LIMIT: Final = 4_000_000  # crossings of up to so many cells are ranked by a table, larger ones by hashing


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of sampling.

    Parameters
    ----------
    units : integer array of shape (n,)
        Sampling unit 0..U-1 of each row; ids are unique across strata and earlier stages.
    strata : integer array of shape (U,)
        Stratum 0..H-1 of each unit; after the first stage strata are nested in the units of the stage before.
    sampled : float array of shape (H,)
        Units sampled in each stratum.
    fraction : float array of shape (U,)
        Sampling fraction of the unit's stratum, or the inclusion probability of the unit; 0 for sampling with
        replacement.
    parents : integer array of shape (U,)
        Unit of the stage before that each unit belongs to; all 0 at the first stage.
    passed : float array of shape (U,)
        Product of the sampling fractions of the stages before; 1 at the first stage.
    examples : integer array of shape (H,)
        A row of each stratum, to name it by.
    """

    units: Integers
    strata: Integers
    sampled: Floats
    fraction: Floats
    parents: Integers
    passed: Floats
    examples: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The stages of a sample; later stages only where population sizes are known.

    Parameters
    ----------
    stages : tuple of Stage
        First stage first.
    weights : float array of shape (n,)
        Product of the inverse sampling fractions.
    elements : bool
        Every row is a unit of its own at the last stage.
    """

    stages: tuple[Stage, ...]
    weights: Floats
    elements: bool


def lay_out(columns: Columns, design: SurveyDesign) -> Layout:
    """Return the stages of a design over the rows of a frame, or over a roster of its distinct units.

    Parameters
    ----------
    columns : Columns
        Columns of n rows.
    design : SurveyDesign
        The design.

    Returns
    -------
    Layout

    Raises
    ------
    DesignError
        If population sizes are missing, mixed with fractions, smaller than the sample, or differ in a stratum.
    """
    rows = columns.rows()
    known = _population(columns, design)
    parent = np.zeros(rows, dtype=np.intp)
    passed = np.ones(1)
    stages, weights = [], np.ones(rows)
    for number, clusters in enumerate(design.cluster_stages):
        if number and not known:
            break
        strata = design.strata_stages[number] if number < len(design.strata_stages) else ()
        stratum = crossed([parent, *(columns.codes(name)[0] for name in strata)])
        units = np.arange(rows) if not clusters else crossed([stratum, *(columns.codes(name)[0] for name in clusters)])
        fractions = _fractions(known[number], units, stratum, design, number) if known else None
        stage = _stage(units, stratum, parent, passed, fractions)
        parent, passed = units, stage.passed * stage.fraction
        weights = weights / np.where(stage.fraction == 0, 1.0, stage.fraction)[units]
        stages.append(stage)
    return Layout(stages=tuple(stages), weights=weights, elements=not design.cluster_stages[len(stages) - 1])


def crossed(parts: Sequence[Integers]) -> Integers:
    """Return dense codes of shape (n,) for the crossing of several codes, in lexicographic order.

    Parameters
    ----------
    parts : sequence of integer arrays of shape (n,)
        Codes; -1 stands for missing and counts as a value of its own.
    """
    code = np.zeros_like(parts[0])
    size = 1
    for part in parts:
        low = min(int(part.min()), 0)
        width = int(part.max()) - low + 1
        if width == 1:
            continue
        code, size = code * width + (part - low), size * width
        if size > _TABLE_LIMIT:
            code = pd.factorize(code, sort=True)[0]
            size = int(code.max()) + 1
    return ranked(code, size)


def paired(first: Integers, second: Integers) -> tuple[Integers, Integers, Integers, Integers]:
    """Return the pairs that two codes form.

    Parameters
    ----------
    first, second : integer arrays of shape (n,)
        Codes from 0 on.

    Returns
    -------
    tuple of integer arrays
        The pair 0..m-1 of each row, shape (n,), in lexicographic order; the first and the second code of each pair,
        and its number of rows, each of shape (m,).
    """
    if not len(first):
        return first, first, first, first
    width = int(second.max()) + 1
    size = (int(first.max()) + 1) * width
    code = first * width + second
    if size <= max(_TABLE_LIMIT, 4 * len(code)):
        count = np.bincount(code, minlength=size)
        seen = np.flatnonzero(count)
        if len(seen) < size:
            rank = np.cumsum(count > 0) - 1
            code = rank[code]
        return code, seen // width, seen % width, count[seen]
    code, seen = pd.factorize(code, sort=True)
    return code, seen // width, seen % width, np.bincount(code)


def ranked(code: Integers, size: int) -> Integers:
    """Return codes below ``size`` renumbered 0, 1, ... in order, without gaps."""
    seen = np.bincount(code, minlength=size) > 0
    if seen.all():
        return code
    rank = np.cumsum(seen) - 1
    return rank[code]


def _population(columns: Columns, design: SurveyDesign) -> list[Floats]:
    """Return the population size or sampling fraction of each row by stage, infinity for a stage with replacement."""
    values = []
    for stage in design.fpc_stages:
        if not stage:
            values.append(np.full(columns.rows(), np.inf))
            continue
        given = columns.numbers(stage[0])
        if np.isnan(given).any() or (given <= 0).any():
            row = int((np.isnan(given) | (given <= 0)).argmax()) + 1
            raise DesignError.of("design-fpc-missing", Place(field=stage[0]), name=stage[0], row=row)
        values.append(given)
    finite = [value[np.isfinite(value)] for value in values]
    if any((value > 1).any() for value in finite) and any((value < 1).any() for value in finite):
        names = ", ".join(name for stage in design.fpc_stages for name in stage)
        raise DesignError.of("design-fpc-mixed", Place(field=names), names=names)
    return values


def _stage(units: Integers, stratum: Integers, parent: Integers, passed: Floats, fractions: Floats | None) -> Stage:
    first = _first(units)
    strata = stratum[first]
    return Stage(
        units=units,
        strata=strata,
        sampled=np.bincount(strata).astype(np.float64),
        fraction=np.zeros(len(strata)) if fractions is None else fractions,
        parents=parent[first],
        passed=passed[parent[first]],
        examples=first[_first(strata)],
    )


def _fractions(known: Floats, units: Integers, stratum: Integers, design: SurveyDesign, number: int) -> Floats:
    """Return the sampling fraction of each unit, or its own inclusion probability under pps."""
    name = ", ".join(design.fpc_stages[number])
    strata = stratum[_first(units)]
    sampled = np.bincount(strata)[strata]
    given = _constant(known, units, name, number) if design.pps else _constant(known, stratum, name, number)[strata]
    fraction = given if (given <= 1).all() else sampled / given
    if (fraction > 1).any():
        unit = int((fraction > 1).argmax())
        size, here = f"{given[unit]:g}", int(sampled[unit])
        raise DesignError.of("design-fpc-small", Place(field=name), name=name, size=size, sampled=here)
    return np.asarray(fraction)


def _constant(known: Floats, groups: Integers, name: str, number: int) -> Floats:
    """Return the value that all rows of each group share."""
    value = known[_first(groups)]
    if not np.array_equal(value[groups], known):
        row = int((value[groups] != known).argmax()) + 1
        raise DesignError.of("design-fpc-varies", Place(field=name), name=name, row=row, stage=number + 1)
    return value


def _first(codes: Integers) -> Integers:
    """Return the first row of each code."""
    first = np.empty(int(codes.max()) + 1, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return first
