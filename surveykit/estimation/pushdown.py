"""Grouped sums by an engine that is sent a query: polars lazy, DuckDB over Parquet, Spark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.design import SurveyDesign
from surveykit.design.frames import PandasColumns
from surveykit.design.layout import Layout, crossed, lay_out
from surveykit.design.survey import Survey
from surveykit.errors import DesignError, EstimationError
from surveykit.estimation.requests import BlockSums, Categories, Grouped, Levels, Moments
from surveykit.expressions.columns import where
from surveykit.findings import Findings, Place, finding

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Lazy = nw.LazyFrame[Any]

_WEIGHT: Final = "__weight"
_ROWS: Final = "__rows"
_SEEN: Final = "__seen"
_WRONG: Final = "__wrong"
_LEVEL: Final = "__level"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """All sampling units of a frame that lives in an engine.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a unit of the last stage that counts, with the design columns.
    keys : tuple of str
        The columns that name a unit.
    layout : Layout
        Stages over the rows of the table.
    rows : int
        Rows of the frame.
    weighted : bool
        The frame has weights; otherwise they follow from population sizes.
    """

    table: pd.DataFrame
    keys: tuple[str, ...]
    layout: Layout
    rows: int
    weighted: bool


def lazy_sums(survey: Survey, by: Sequence[str], requests: Sequence[Moments | Categories]) -> Grouped:
    """Return weighted sums by crossing and sampling unit, computed where the rows live.

    Parameters
    ----------
    survey : Survey
        With a linearised design and a frame that lives in an engine.
    by : sequence of str
        Columns whose crossings are the domains.
    requests : sequence of Moments or Categories
        What to add up: one query for all moments, one for each categorical variable.

    Raises
    ------
    EstimationError
        If every row is a sampling unit of its own, so that nothing can be added up there.
    DesignError
        If weights, strata or clusters are missing or wrong in some row.
    """
    roster = roster_of(survey)
    frame, weight = inside(survey), weight_of(survey)
    groups = [*by, *(key for key in roster.keys if key not in by)]
    moments = [one for one in requests if isinstance(one, Moments)]
    tables = [asked_sums(frame, groups, list(_moment_sums(frame, weight, moments)))] if moments or not requests else []
    for one in requests:
        if isinstance(one, Categories):
            level = nw.col(one.variable).alias(_LEVEL)
            tables.append(asked_sums(frame.with_columns(level), [*groups, _LEVEL], list(_counts(weight, ""))))
    return _Assembly(roster, by, tables).grouped(requests)


def roster_of(survey: Survey) -> Roster:
    """Return all sampling units of a survey whose rows live in an engine; asked once a survey."""
    if "roster" not in survey.memo:
        survey.memo["roster"] = _roster(survey)
    return cast("Roster", survey.memo["roster"])


def inside(survey: Survey) -> Lazy:
    """Return the rows of the subpopulation as a lazy frame."""
    frame = lazy(survey)
    for condition in survey.conditions:
        frame = frame.filter(where(survey.frame, condition))
    return frame


def lazy(survey: Survey) -> Lazy:
    """Return the frame of a survey as a lazy frame."""
    frame: Lazy = nw.from_native(survey.frame)
    return frame


def fetched(frame: Lazy) -> pd.DataFrame:
    """Return the result of a query as a pandas frame that keeps whole numbers whole."""
    table = frame.collect(backend="pyarrow").to_native()
    return cast("pd.DataFrame", table.to_pandas(types_mapper=pd.ArrowDtype))


def collect(survey: Survey, columns: Sequence[str]) -> Survey:
    """Return the survey with the columns named, and those of the design, brought into memory.

    Parameters
    ----------
    survey : Survey
        Whose rows live in an engine; one in memory is returned as it is.
    columns : sequence of str
        What an estimate that needs the rows themselves will use.

    Returns
    -------
    Survey
        Over a pandas frame of all rows, with the same subpopulation.

    Raises
    ------
    DesignError
        If the frame lacks a column.
    """
    if survey.engine != "lazy":
        return survey
    survey.require(columns)
    named = list(dict.fromkeys([*survey.design_columns(), *columns, *_mentioned(survey)]))
    held = Survey(fetched(lazy(survey).select(named)), survey.design)
    for condition in survey.conditions:
        held = held.where(condition)
    return held


def _mentioned(survey: Survey) -> list[str]:
    """Return the columns that the text of a condition may name."""
    text = " ".join(survey.conditions)
    return [name for name in lazy(survey).collect_schema().names() if name in text]


def number(frame: Lazy, name: str) -> tuple[nw.Expr, nw.Expr]:
    """Return a numeric column as double, and where it is there.

    Raises
    ------
    DesignError
        If the column holds no numbers.
    """
    kind = frame.collect_schema()[name]
    if not (kind.is_numeric() or isinstance(kind, nw.Boolean)):
        raise DesignError.of("design-column-not-numeric", Place(field=name), name=name, dtype=str(kind))
    column = nw.col(name).cast(nw.Float64)
    there = ~nw.col(name).is_null()
    return column, (there & ~column.is_nan()) if kind.is_float() else there


def weight_of(survey: Survey) -> nw.Expr | None:
    """Return the full-sample weight as double, None where weights follow from population sizes."""
    name = survey.design.weights
    return None if name is None else nw.col(name).cast(nw.Float64)


def _roster(survey: Survey) -> Roster:
    design = cast("SurveyDesign", survey.design)
    clusters = design.cluster_stages if design.fpc is not None else design.cluster_stages[:1]
    if not clusters[-1]:
        raise EstimationError.of("estimate-elements-in-engine", names=", ".join(design.columns) or "none")
    if design.pps == "joint":
        raise survey.in_engine(())
    strata = design.strata_stages[: len(clusters)]
    keys = tuple(dict.fromkeys(name for stage in (*strata, *clusters) for name in stage))
    sizes = [stage[0] for stage in design.fpc_stages if stage]
    weight = weight_of(survey)
    sums = [nw.len().alias(_SEEN)]
    if weight is not None:
        wrong = {"__missing": weight.is_null() | weight.is_nan(), "__negative": weight < 0}
        sums.extend(indicator(test).sum().alias(name) for name, test in wrong.items())
    for name in sizes:
        sums.extend([nw.col(name).min(), nw.col(name).max().alias(f"__most {name}")])
    table = asked_sums(lazy(survey), list(keys), sums)
    table = table.sort_values(list(keys), ignore_index=True)
    _refuse(design, table, keys, sizes)
    layout = lay_out(PandasColumns(table), design)
    rows = int(table[_SEEN].sum())
    return Roster(table=table, keys=keys, layout=layout, rows=rows, weighted=design.weights is not None)


def _refuse(design: SurveyDesign, table: pd.DataFrame, keys: Sequence[str], sizes: Sequence[str]) -> None:
    """Raise ``DesignError`` for weights, strata, clusters or population sizes that are missing or wrong."""
    problems = []
    for name in keys:
        gaps = table[name].isna()
        if gaps.any():
            count = int(table.loc[gaps, _SEEN].sum())
            problems.append(finding("design-column-missing", Place(field=name), name=name, count=count, row="unknown"))
    for kind in ("missing", "negative") if design.weights else ():
        name, count = design.weights or "", int(table[f"__{kind}"].sum())
        if count:
            problems.append(finding(f"design-weight-{kind}", Place(field=name), name=name, count=count, row="unknown"))
    varying = [name for name in sizes if not table[name].equals(table[f"__most {name}"])]
    problems.extend(
        finding("design-fpc-varies", Place(field=name), name=name, row="unknown", stage="some") for name in varying
    )
    if problems:
        raise DesignError(Findings.of(problems))


def asked_sums(frame: Lazy, groups: Sequence[str], sums: Sequence[nw.Expr]) -> pd.DataFrame:
    """Return sums by group, fetched; without groups, of all rows."""
    if groups:
        return fetched(frame.group_by(*groups).agg(*sums))
    return fetched(frame.select(*sums))


def indicator(test: nw.Expr) -> nw.Expr:
    """Return 1 where a test is true and 0 elsewhere, also where it is null."""
    return nw.when(test).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def _counts(weight: nw.Expr | None, prefix: str, there: nw.Expr | None = None) -> Iterator[nw.Expr]:
    """Yield the sum of weights, rows of positive weight and all rows, of those where a value is there."""
    seen = nw.len() if there is None else indicator(there).sum()
    yield seen.alias(f"{prefix}{_SEEN}")
    if weight is None:
        yield seen.alias(f"{prefix}{_WEIGHT}")
        yield seen.alias(f"{prefix}{_ROWS}")
        return
    held = weight if there is None else nw.when(there).then(weight).otherwise(nw.lit(0.0))
    yield held.sum().alias(f"{prefix}{_WEIGHT}")
    yield indicator(held > 0).sum().alias(f"{prefix}{_ROWS}")


def _moment_sums(frame: Lazy, weight: nw.Expr | None, requests: Sequence[Moments]) -> Iterator[nw.Expr]:
    """Yield the sums of every product of every request, and its rows."""
    yield from _counts(weight, "")
    for at, request in enumerate(requests):
        pairs = [number(frame, name) for name in request.variables]
        columns = [column for column, _ in pairs]
        there = nw.all_horizontal(*(known for _, known in pairs), ignore_nulls=False)
        if request.logarithm:
            yield indicator(there & (columns[0] <= 0)).sum().alias(f"{at} {_WRONG}")
            columns = [nw.when(column > 0).then(column).otherwise(nw.lit(1.0)).log() for column in columns]
        yield from _counts(weight, f"{at} ", there)
        for place, product in enumerate(request.products):
            value = nw.lit(1.0) if weight is None else weight
            for position in product:
                value = value * columns[position]
            yield nw.when(there).then(value).otherwise(nw.lit(0.0)).sum().alias(f"{at} {place}")


class _Assembly:
    """Tables of sums, put on common codes of crossings and units."""

    def __init__(self, roster: Roster, by: Sequence[str], tables: Sequence[pd.DataFrame]) -> None:
        self.roster, self.tables = roster, list(tables)
        held = pd.concat([table.reindex(columns=list(by)) for table in self.tables], ignore_index=True)
        coded = [PandasColumns(held).codes(name) for name in by]
        parts = [codes for codes, _ in coded] or [np.zeros(len(held), dtype=np.intp)]
        crossing = crossed(parts) if len(held) else parts[0]
        self.codes = np.zeros((int(crossing.max()) + 1 if len(held) else 0, len(by)), dtype=np.intp)
        for at, (codes, _) in enumerate(coded):
            self.codes[crossing, at] = codes
        self.levels: tuple[Levels, ...] = tuple(levels for _, levels in coded)
        unit = self._units()
        self.factor = self._factors()
        self.cell = crossed([crossing, unit]) if len(held) else crossing
        self.size = int(self.cell.max()) + 1 if len(held) else 0
        self.crossing, self.unit = np.empty(self.size, dtype=np.intp), np.empty(self.size, dtype=np.intp)
        self.crossing[self.cell], self.unit[self.cell] = crossing, unit
        ends = np.cumsum([len(table) for table in self.tables])
        self.cells = np.split(self.cell, ends[:-1])

    def _units(self) -> Integers:
        """Return the last-stage unit of each row of the tables, by matching the design columns with the roster."""
        keys = list(self.roster.keys)
        rows = pd.concat([self.roster.table[keys], *(table[keys] for table in self.tables)], ignore_index=True)
        code = crossed([PandasColumns(rows).codes(name)[0] for name in keys])
        known = len(self.roster.table)
        unit_of = np.zeros(int(code.max()) + 1, dtype=np.intp)
        unit_of[code[:known]] = self.roster.layout.stages[-1].units
        return unit_of[code[known:]]

    def _factors(self) -> Floats | None:
        """Return the weight of each unit where weights follow from population sizes."""
        layout = self.roster.layout
        if self.roster.weighted:
            return None
        factors = np.empty(len(layout.stages[-1].strata))
        factors[layout.stages[-1].units] = layout.weights
        return factors

    def weighted(self, sums: Floats) -> Floats:
        """Return sums of shape (m, p) times the weights of the units, where the engine had no weights."""
        return sums if self.factor is None else sums * self.factor[self.unit][:, None]

    def added(self, table: int, column: str) -> Floats:
        """Return the sums of one column of one table by cell."""
        values = self.tables[table][column].to_numpy(dtype="float64", na_value=0.0)
        return np.asarray(np.bincount(self.cells[table], weights=values, minlength=self.size), dtype=np.float64)

    def grouped(self, requests: Sequence[Moments | Categories]) -> Grouped:
        """Return the answers to all requests over common cells."""
        blocks, moments = [], 0
        category = int(any(isinstance(one, Moments) for one in requests))
        for one in requests:
            if isinstance(one, Moments):
                blocks.append(self._moments(one, moments))
                moments += 1
            else:
                blocks.append(self._levels(category))
                category += 1
        return Grouped(
            crossing=self.crossing,
            unit=self.unit,
            codes=self.codes,
            levels=self.levels,
            rows=self.added(0, _ROWS),
            seen=self.added(0, _SEEN),
            blocks=tuple(blocks),
            stages=self.roster.layout.stages,
            roster=PandasColumns(self.roster.table),
            by_element=False,
            total_rows=self.roster.rows,
        )

    def _moments(self, request: Moments, at: int) -> BlockSums:
        if request.logarithm and (wrong := int(self.added(0, f"{at} {_WRONG}").sum())):
            name = request.variables[0]
            raise EstimationError.of("estimate-not-positive", Place(field=name), name=name, count=wrong)
        sums = [self.added(0, f"{at} {place}") for place in range(len(request.products))]
        return BlockSums(
            sums=self.weighted(np.stack(sums, axis=1)),
            rows=self.added(0, f"{at} {_ROWS}"),
            seen=self.added(0, f"{at} {_SEEN}"),
            origin=np.zeros(len(request.variables)),
            levels=np.empty(0),
        )

    def _levels(self, at: int) -> BlockSums:
        table, cells = self.tables[at], self.cells[at]
        codes, levels = PandasColumns(table).codes(_LEVEL)
        known = codes >= 0
        width = len(levels)
        sums = {}
        for column in (_WEIGHT, _ROWS, _SEEN):
            values = table[column].to_numpy(dtype="float64", na_value=0.0)
            flat = np.bincount((cells * width + codes)[known], weights=values[known], minlength=self.size * width)
            sums[column] = np.asarray(flat, dtype=np.float64).reshape(self.size, width)
        rows, seen = sums[_ROWS].sum(axis=1), sums[_SEEN].sum(axis=1)
        return BlockSums(sums=self.weighted(sums[_WEIGHT]), rows=rows, seen=seen, origin=np.empty(0), levels=levels)


def lazy_binary(survey: Survey, name: str) -> object:
    """Return the level 1 (or True) of a truth value or 0/1 column of an engine's frame, None for any other column."""
    frame = lazy(survey)
    kind = frame.collect_schema()[name]
    if isinstance(kind, nw.Boolean):
        return True
    if not kind.is_numeric():
        return None
    column, there = number(frame, name)
    other = indicator(there & (column != 0) & (column != 1)).sum().alias(_WRONG)
    return 1 if fetched(frame.select(other))[_WRONG].iloc[0] == 0 else None
