"""Grouped sums of a frame in memory, by numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from surveykit.design.layout import crossed, paired
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.requests import BlockSums, Categories, Grouped, Levels, Moments
from surveykit.findings import Place

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Rows = Integers | slice

_GLANCE: Final = 1_000  # values looked at to find the middle of a column


class _Plan:
    """Cells of the rows in the subpopulation; every block is added up over them.

    Arrays of one number a row are made once and used again by every block: new memory costs more than arithmetic.
    """

    def __init__(self, survey: Survey, cell: Integers, seen: Floats, rows: Rows, weights: Floats) -> None:
        self.survey, self.cell, self.seen, self.rows = survey, cell, seen, rows
        self.size = len(seen)
        self.base = weights[rows]
        positive = survey.weights[rows] > 0
        self.positive = None if positive.all() else positive
        self.heavy = self.seen if self.positive is None else self.counted(self.positive)
        self.base_sums: Floats | None = None
        self.held: dict[str, Floats] = {}

    def room(self, name: str) -> Floats:
        """Return an array of one number a row to write into."""
        if name not in self.held:
            self.held[name] = np.empty(len(self.cell))
        return self.held[name]

    def counted(self, mask: NDArray[np.bool_]) -> Floats:
        """Return the number of rows of each cell under a mask."""
        return self.added(mask.astype(np.float64))

    def added(self, values: Floats) -> Floats:
        """Return the sums of values of each cell."""
        sums = np.bincount(self.cell, weights=values, minlength=self.size)
        return sums.astype(np.float64, copy=False)

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
    cell, cell_crossing, cell_unit, seen = _cells(crossing, unit, alone=alone)
    plan = _Plan(survey, cell, seen, rows, survey.weights if weights is None else weights)
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
    """Return the crossing of each row, the level of each column in each crossing, and the levels."""
    if not by or not size:
        return np.zeros(size, dtype=np.intp), np.zeros((min(size, 1), len(by)), dtype=np.intp), ()
    columns = [survey.codes(name) for name in by]
    levels = tuple(one for _, one in columns)
    parts = [codes[rows] for codes, _ in columns]
    if len(parts) == 1 and isinstance(rows, slice) and parts[0].min() >= 0:
        return parts[0], np.arange(len(levels[0]))[:, None], levels
    crossing = crossed(parts)
    codes = np.empty((int(crossing.max()) + 1, len(by)), dtype=np.intp)
    for at, part in enumerate(parts):
        codes[crossing, at] = part
    return crossing, codes, levels


def _cells(crossing: Integers, unit: Integers, *, alone: bool) -> tuple[Integers, Integers, Integers, Floats]:
    """Return the cell of each row; the crossing and unit of each cell, and its rows."""
    if alone:
        return np.arange(len(unit)), crossing, unit, np.ones(len(unit))
    cell, first, second, count = paired(crossing, unit)
    return cell, first, second, count.astype(np.float64)


def _moments(plan: _Plan, request: Moments) -> BlockSums:
    columns = [plan.survey.numbers(name)[plan.rows] for name in request.variables]
    valid = _valid(columns)
    base = plan.base if valid is None else np.multiply(plan.base, valid, out=plan.room("base"))
    if request.logarithm:
        columns = [_logarithm(column, name) for column, name in zip(columns, request.variables, strict=True)]
    origin = np.array([_centre(base, column) if request.centred else 0.0 for column in columns])
    columns = [_moved(plan, at, column, origin[at], valid) for at, column in enumerate(columns)]
    sums = np.empty((plan.size, len(request.products)), order="F")
    held: dict[tuple[int, ...], Floats] = {(): base}
    for at, product in enumerate(request.products):
        if product:
            held[product] = np.multiply(held[product[:-1]], columns[product[-1]], out=plan.room(f"product {at}"))
        sums[:, at] = plan.weight_sums() if not product and valid is None else plan.added(held[product])
    rows, seen = plan.counts(valid)
    return BlockSums(sums=sums, rows=rows, seen=seen, origin=origin, levels=np.empty(0))


def _moved(plan: _Plan, at: int, column: Floats, shift: float, valid: NDArray[np.bool_] | None) -> Floats:
    """Return a column less a constant, zero where it is missing."""
    if valid is None and not shift:
        return column
    moved = np.subtract(column, shift, out=plan.room(f"column {at}"))
    if valid is not None:
        moved[~valid] = 0.0
    return moved


def _valid(columns: Sequence[Floats]) -> NDArray[np.bool_] | None:
    """Return the rows where nothing is missing, None if that is all of them; a sum shows cheaply if anything is."""
    suspect = [column for column in columns if not np.isfinite(column.sum())]
    missing = [gaps for column in suspect if (gaps := np.isnan(column)).any()]
    return ~np.logical_or.reduce(missing) if missing else None


def _logarithm(column: Floats, name: str) -> Floats:
    wrong = column <= 0
    if wrong.any():
        raise EstimationError.of("estimate-not-positive", Place(field=name), name=name, count=int(wrong.sum()))
    return np.log(column)


def _centre(base: Floats, column: Floats) -> float:
    """Return a value amid the column, from a glance at it: any near the mean keeps digits in sums of squares."""
    step = max(len(column) // _GLANCE, 1)
    for rows in (slice(None, None, step), slice(None)):
        weights = base[rows]
        total = float(weights.sum())
        if total:
            return float(np.where(weights > 0, column[rows], 0.0) @ weights) / total
    return 0.0


def _categories(plan: _Plan, request: Categories) -> BlockSums:
    codes, levels = plan.survey.codes(request.variable)
    code = codes[plan.rows]
    gap = int(len(code) > 0 and code.min() < 0)
    width = len(levels) + gap
    at = np.multiply(plan.cell, width)
    at += code
    at += gap
    flat = np.bincount(at, weights=plan.base, minlength=plan.size * width).astype(np.float64, copy=False)
    sums = flat.reshape(plan.size, width)[:, gap:]
    rows, seen = plan.counts(code >= 0 if gap else None)
    present = np.bincount(code + gap, minlength=width)[gap:] > 0
    if not present.all():
        sums, levels = sums[:, present], levels[present]
    return BlockSums(sums=sums, rows=rows, seen=seen, origin=np.empty(0), levels=levels)
