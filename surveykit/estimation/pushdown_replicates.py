"""Sums under every replicate weight, by an engine that is sent a query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.design import ReplicateDesign
from surveykit.design.frames import PandasColumns
from surveykit.design.layout import crossed
from surveykit.design.survey import Survey, replicate_columns
from surveykit.errors import DesignError, EstimationError
from surveykit.estimation.pushdown import Lazy, fetched, indicator, inside, lazy, number
from surveykit.estimation.requests import BlockSums, Categories, Grouped, Levels, Moments
from surveykit.findings import Findings, Place, finding

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


def lazy_replicate_sums(survey: Survey, by: Sequence[str], requests: Sequence[Moments | Categories]) -> Grouped:
    """Return sums by crossing under the full-sample weight and every replicate weight.

    Parameters
    ----------
    survey : Survey
        With replicate weights as columns of a frame that lives in an engine.
    by : sequence of str
        Columns whose crossings are the domains.
    requests : sequence of Moments or Categories
        What to add up, one query each.

    Returns
    -------
    Grouped
        The sums of a block have (1 + R) p columns: the p sums under the full-sample weight, then under each
        replicate. All rows of a crossing are one cell.
    """
    frame, weights = inside(survey), _weights(survey)
    _refuse(survey)
    tables = [_asked(frame, by, one, weights) for one in requests]
    held = pd.concat([table.reindex(columns=list(by)) for table in tables], ignore_index=True)
    coded = [PandasColumns(held).codes(name) for name in by]
    crossing = crossed([codes for codes, _ in coded] or [np.zeros(len(held), dtype=np.intp)])
    size = int(crossing.max()) + 1
    codes = np.zeros((size, len(by)), dtype=np.intp)
    for at, (column, _) in enumerate(coded):
        codes[crossing, at] = column
    places = np.split(crossing, np.cumsum([len(table) for table in tables])[:-1])
    pairs = zip(requests, tables, places, strict=True)
    blocks = [_block(one, table, place, size, len(weights)) for one, table, place in pairs]
    whole = _summed(tables[0], "rows", places[0], size), _summed(tables[0], "seen", places[0], size)
    levels: tuple[Levels, ...] = tuple(one for _, one in coded)
    return Grouped(
        crossing=np.arange(size),
        unit=np.zeros(size, dtype=np.intp),
        codes=codes,
        levels=levels,
        rows=whole[0],
        seen=whole[1],
        blocks=tuple(blocks),
        stages=(),
        roster=PandasColumns(pd.DataFrame()),
        by_element=False,
        total_rows=int(fetched(lazy(survey).select(nw.len().alias("rows")))["rows"].iloc[0]),
    )


def _refuse(survey: Survey) -> None:
    """Raise ``DesignError`` for weights that are missing, a full-sample weight below zero; looked at once a survey."""
    if "replicates looked at" in survey.memo:
        return
    frame, names = lazy(survey), (survey.design.weights, *replicate_columns(survey))
    columns = [nw.col(str(name)).cast(nw.Float64) for name in names]
    gaps = [indicator(column.is_null() | column.is_nan()).sum().alias(f"{at}") for at, column in enumerate(columns)]
    found = fetched(frame.select(*gaps, indicator(columns[0] < 0).sum().alias("negative"))).iloc[0]
    where = Place(field=str(names[0]))
    problems = [
        finding("design-weight-missing", Place(field=str(name)), name=name, count=int(found[f"{at}"]), row="unknown")
        for at, name in enumerate(names)
        if found[f"{at}"]
    ]
    if found["negative"]:
        count = int(found["negative"])
        problems.append(finding("design-weight-negative", where, name=names[0], count=count, row="unknown"))
    if problems:
        raise DesignError(Findings.of(problems))
    survey.memo["replicates looked at"] = True


def _weights(survey: Survey) -> list[nw.Expr]:
    """Return the full-sample weight and the replicate weights."""
    design = cast("ReplicateDesign", survey.design)
    full = nw.col(design.weights).cast(nw.Float64)
    columns = [nw.col(name).cast(nw.Float64) for name in replicate_columns(survey)]
    return [full, *(column if design.combined else column * full for column in columns)]


def _asked(frame: Lazy, by: Sequence[str], request: Moments | Categories, weights: Sequence[nw.Expr]) -> pd.DataFrame:
    heavy = weights[0] > 0
    sums = [nw.len().alias("seen"), indicator(heavy).sum().alias("rows")]
    if isinstance(request, Categories):
        sums.extend(weight.sum().alias(f"{at} 0") for at, weight in enumerate(weights))
        frame = frame.with_columns(nw.col(request.variable).alias("level"))
        return fetched(frame.group_by(*by, "level").agg(*sums))
    sums.extend(_products(frame, request, weights))
    return fetched(frame.group_by(*by).agg(*sums) if by else frame.select(*sums))


def _products(frame: Lazy, request: Moments, weights: Sequence[nw.Expr]) -> Iterator[nw.Expr]:
    pairs = [number(frame, name) for name in request.variables]
    there = nw.all_horizontal(*(known for _, known in pairs), ignore_nulls=False)
    columns = [column for column, _ in pairs]
    if request.logarithm:
        yield indicator(there & (pairs[0][0] <= 0)).sum().alias("wrong")
        columns = [nw.when(column > 0).then(column).otherwise(nw.lit(1.0)).log() for column, _ in pairs]
    yield indicator(there).sum().alias("known seen")
    yield indicator(there & (weights[0] > 0)).sum().alias("known rows")
    for at, weight in enumerate(weights):
        for place, product in enumerate(request.products):
            value = weight
            for position in product:
                value = value * columns[position]
            yield nw.when(there).then(value).otherwise(nw.lit(0.0)).sum().alias(f"{at} {place}")


def _block(request: Moments | Categories, table: pd.DataFrame, place: Integers, size: int, weights: int) -> BlockSums:
    if isinstance(request, Moments):
        if request.logarithm and (wrong := int(_summed(table, "wrong", place, size).sum())):
            name = request.variables[0]
            raise EstimationError.of("estimate-not-positive", Place(field=name), name=name, count=wrong)
        products = range(len(request.products))
        sums = [_summed(table, f"{at} {one}", place, size) for at in range(weights) for one in products]
        seen, rows = _summed(table, "known seen", place, size), _summed(table, "known rows", place, size)
        origin, levels = np.zeros(len(request.variables)), np.empty(0)
        return BlockSums(sums=np.stack(sums, axis=1), rows=rows, seen=seen, origin=origin, levels=levels)
    codes, found = PandasColumns(table).codes("level")
    known, width = codes >= 0, len(found)
    at_level = place[known] * width + codes[known]
    held = table[known]
    parts = [_summed(held, f"{at} 0", at_level, size * width).reshape(size, width) for at in range(weights)]
    rows, seen = (_summed(held, name, place[known], size) for name in ("rows", "seen"))
    return BlockSums(sums=np.concatenate(parts, axis=1), rows=rows, seen=seen, origin=np.empty(0), levels=found)


def _summed(table: pd.DataFrame, column: str, place: Integers, size: int) -> Floats:
    values = table[column].to_numpy(dtype="float64", na_value=0.0)
    return np.asarray(np.bincount(place, weights=values, minlength=size), dtype=np.float64)
