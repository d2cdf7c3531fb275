"""Grouped sums of a frame in memory, by numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from surveykit.design.layout import crossed
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.requests import BlockSums, Categories, Grouped, Levels, Moments
from surveykit.findings import Place

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Rows = Integers | slice


class _Plan:
    """Cells of the rows in the subpopulation; every block is added up over them."""

    def __init__(self, survey: Survey, cell: Integers, size: int, rows: Rows, weights: Floats) -> None:
        self.survey, self.cell, self.size, self.rows = survey, cell, size, rows
        self.base = weights[rows]
        positive = survey.weights[rows] > 0
        self.positive = None if positive.all() else positive
        self.seen = self.counted(None)
        self.heavy = self.seen if self.positive is None else self.counted(self.positive)
        self.base_sums: Floats | None = None

    def counted(self, mask: NDArray[np.bool_] | None) -> Floats:
        """Return the number of rows of each cell, of all rows or of those under a mask."""
        return self.added(None if mask is None else mask.astype(np.float64))

    def added(self, values: Floats | None) -> Floats:
        """Return the sums of values, or the numbers of rows, of each cell."""
        return np.bincount(self.cell, weights=values, minlength=self.size).astype(np.float64, copy=False)

    def weight_sums(self) -> Floats:
        """Return the sums of the weights of each cell."""
        if self.base_sums is None:
            self.base_sums = self.added(self.base)
        return self.base_sums

    def counts(self, valid: NDArray[np.bool_] | None) -> tuple[Floats, Floats]:
        """Return the rows of positive weight, and of any weight, that are valid."""
        if valid is None:
            return self.heavy, self.seen
        seen = self.counted(valid)
        return (seen if self.positive is None else self.counted(valid & self.positive)), seen


def memory_sums(
    survey: Survey,
    by: Sequence[str],
    requests: Sequence[Moments | Categories],
    *,
    units: Integers | None = None,
    weights: Floats | None = None,
    by_row: bool = False,
) -> Grouped:
    """Return weighted sums by crossing and sampling unit.

    Parameters
    ----------
    survey : Survey
        With a frame in memory.
    by : sequence of str
        Columns whose crossings are the domains.
    requests : sequence of Moments or Categories
        What to add up.
    units : integer array of shape (n,), optional
        Units to add up over, instead of the sampling units of the last stage.
    weights : float array of shape (n,), optional
        Weights instead of the full-sample weights.
    by_row : bool
        Keep every row apart; units are then row numbers.
    """
    rows: Rows = slice(None) if survey.mask is None else np.flatnonzero(survey.mask)
    layout = survey.layout
    alone = by_row or (layout.elements and units is None)
    unit = np.arange(survey.rows)[rows] if alone else (layout.stages[-1].units if units is None else units)[rows]
    crossing, codes, levels = _crossings(survey, by, rows, len(unit))
    cell, cell_crossing, cell_unit = _cells(crossing, unit, alone=alone)
    plan = _Plan(survey, cell, len(cell_unit), rows, survey.weights if weights is None else weights)
    blocks = [_moments(plan, one) if isinstance(one, Moments) else _categories(plan, one) for one in requests]
    return Grouped(
        crossing=cell_crossing,
        unit=cell_unit,
        codes=codes,
        levels=levels,
        rows=plan.heavy,
        seen=plan.seen,
        blocks=tuple(blocks),
        stages=layout.stages,
        roster=survey.columns,
        by_element=layout.elements,
        total_rows=survey.rows,
    )


def _crossings(
    survey: Survey, by: Sequence[str], rows: Rows, size: int
) -> tuple[Integers, Integers, tuple[Levels, ...]]:
    if not by or not size:
        return np.zeros(size, dtype=np.intp), np.zeros((min(size, 1), len(by)), dtype=np.intp), ()
    columns = [survey.codes(name) for name in by]
    parts = [codes[rows] for codes, _ in columns]
    crossing = crossed(parts)
    codes = np.empty((int(crossing.max()) + 1, len(by)), dtype=np.intp)
    for at, part in enumerate(parts):
        codes[crossing, at] = part
    return crossing, codes, tuple(levels for _, levels in columns)


def _cells(crossing: Integers, unit: Integers, *, alone: bool) -> tuple[Integers, Integers, Integers]:
    """Return the cell of each row, and the crossing and unit of each cell."""
    if alone:
        return np.arange(len(unit)), crossing, unit
    if not len(unit):
        return unit, crossing, unit
    cell = crossed([crossing, unit])
    size = int(cell.max()) + 1
    cell_crossing, cell_unit = np.empty(size, dtype=np.intp), np.empty(size, dtype=np.intp)
    cell_crossing[cell], cell_unit[cell] = crossing, unit
    return cell, cell_crossing, cell_unit


def _moments(plan: _Plan, request: Moments) -> BlockSums:
    columns = [plan.survey.numbers(name)[plan.rows] for name in request.variables]
    missing = np.zeros(0, dtype=bool)
    for column in columns:
        gaps = np.isnan(column)
        if gaps.any():
            missing = gaps if not len(missing) else missing | gaps
    valid = ~missing if len(missing) else None
    base = plan.base
    if request.logarithm:
        columns = [_logarithm(column, name) for column, name in zip(columns, request.variables, strict=True)]
    if valid is not None:
        base = np.where(valid, base, 0.0)
        columns = [np.where(valid, column, 0.0) for column in columns]
    origin = np.zeros(len(columns))
    if request.centred:
        origin = np.array([_centre(base, column) for column in columns])
        columns = [column - shift if shift else column for column, shift in zip(columns, origin, strict=True)]
    sums = np.empty((plan.size, len(request.products)))
    for at, product in enumerate(request.products):
        sums[:, at] = (
            plan.weight_sums() if not product and valid is None else plan.added(_product(base, columns, product))
        )
    rows, seen = plan.counts(valid)
    return BlockSums(sums=sums, rows=rows, seen=seen, origin=origin, levels=np.empty(0))


def _logarithm(column: Floats, name: str) -> Floats:
    wrong = column <= 0
    if wrong.any():
        raise EstimationError.of("estimate-not-positive", Place(field=name), name=name, count=int(wrong.sum()))
    return np.log(column)


def _centre(base: Floats, column: Floats) -> float:
    total = float(base.sum())
    return float(base @ column) / total if total else 0.0


def _product(base: Floats, columns: Sequence[Floats], product: tuple[int, ...]) -> Floats:
    value = base
    for position in product:
        value = value * columns[position]
    return value


def _categories(plan: _Plan, request: Categories) -> BlockSums:
    codes, levels = plan.survey.codes(request.variable)
    code = codes[plan.rows]
    valid = None if not len(code) or code.min() >= 0 else code >= 0
    width = len(levels)
    at = plan.cell * (width + 1) + code + 1
    flat = np.bincount(at, weights=plan.base, minlength=plan.size * (width + 1)).astype(np.float64, copy=False)
    sums = flat.reshape(plan.size, width + 1)[:, 1:]
    rows, seen = plan.counts(valid)
    present = np.bincount(code + 1, minlength=width + 1)[1:] > 0
    return BlockSums(sums=sums[:, present], rows=rows, seen=seen, origin=np.empty(0), levels=levels[present])
