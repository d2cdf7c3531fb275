"""Exact quantiles by an engine that is sent queries: weighted counts, refined where the quantiles lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, cast

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.frames import PandasColumns
from surveykit.design.layout import crossed
from surveykit.design.survey import Survey
from surveykit.estimation.pushdown import asked_sums, indicator, inside, lazy, number, weight_of
from surveykit.estimation.quantile_lines import Key, Threshold
from surveykit.estimation.quantile_rules import STEPS, Line, Rule, read

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_CELLS: Final = 1 << 17  # counts asked for at once, over all domains
_FEWEST: Final = 64  # parts that an interval is cut into, at the least
_MOST: Final = 4_096  # and at the most
_DEPTH: Final = 1 << 40  # parts of the whole range beyond which doubles have nothing more to part
_FETCHED: Final = 100_000  # rows among which the values themselves are fetched
_SLACK: Final = 2.0  # times the largest weight: no rule reads a point farther from p times the whole


class EngineLines:
    """Lines of the domains of a survey whose rows live in an engine."""

    def __init__(self, survey: Survey, names: Sequence[str], by: Sequence[str]) -> None:
        weight = weight_of(survey)
        if weight is None:
            raise survey.in_engine(names)
        self.survey, self.by, self.weight = survey, tuple(by), weight
        self.frame = inside(survey)
        self.place = {name: at for at, name in enumerate(names)}
        table = asked_sums(self.frame, by, [nw.len().alias("rows"), *self._ends(names)])
        codes = [PandasColumns(table).codes(name) for name in by]
        known = np.all([code >= 0 for code, _ in codes], axis=0) if by else np.ones(len(table), dtype=bool)
        self.ends = table[known].reset_index(drop=True)
        self.domain = self._numbered(self.ends)
        self.ends = self.ends.iloc[np.argsort(self.domain)].reset_index(drop=True)
        values = [self.ends[name].tolist() for name in by]
        self.keys: Sequence[Key] = list(zip(*values, strict=True)) if by else [()] * len(self.ends)
        self.held: dict[tuple[str, bool], pd.DataFrame] = {}

    def read(self, variable: str, probs: Floats, rule: Rule) -> Floats:
        """Return quantiles of shape (D, p) at probabilities of shape (D, p)."""
        counted = self._counted(variable, probs, rule)
        out = np.full(probs.shape, np.nan)
        for domain, part in counted.groupby("domain", sort=True):
            at = cast("int", domain)
            out[at] = read(_line(part, rule), probs[at], rule)
        return out

    def flagged(self, thresholds: Sequence[Threshold]) -> Survey:
        """Return the survey with a column for each threshold."""
        frame = lazy(self.survey)
        columns = []
        for one in thresholds:
            value, there = number(frame, one.variable)
            below = indicator(value <= self._bound(one.values))
            columns.append(nw.when(there).then(below).alias(one.column))
        made = frame.with_columns(*columns).to_native()
        return replace(self.survey, frame=made, memo=dict(self.survey.memo))

    def _ends(self, names: Sequence[str]) -> Iterator[nw.Expr]:
        for at, name in enumerate(names):
            value, there = number(self.frame, name)
            held = nw.when(there & (self.weight > 0)).then(value)
            yield held.min().alias(f"low {at}")
            yield held.max().alias(f"high {at}")

    def _numbered(self, table: pd.DataFrame) -> Integers:
        parts = [PandasColumns(table).codes(name)[0] for name in self.by]
        return crossed(parts) if parts and len(table) else np.zeros(len(table), dtype=np.intp)

    def placed(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table of counts with the number of its domain, rows without a domain left out."""
        known = table.dropna(subset=list(self.by)).reset_index(drop=True)
        both = pd.concat([self.ends[list(self.by)], known[list(self.by)]], ignore_index=True)
        return known.assign(domain=self._numbered(both)[len(self.ends) :])

    def _bound(self, values: Floats) -> nw.Expr:
        """Return the value of each row's domain; sums are paired, so that no expression grows deep."""
        known = np.where(np.isnan(values), 0.0, values)
        if not self.by:
            return nw.lit(float(known[0]))
        terms = []
        for key, value in zip(self.keys, known, strict=True):
            tests = [nw.col(name) == one for name, one in zip(self.by, key, strict=True)]
            inside_domain = nw.all_horizontal(*tests, ignore_nulls=False)
            terms.append(nw.when(inside_domain).then(nw.lit(float(value))).otherwise(nw.lit(0.0)))
        while len(terms) > 1:
            pairs = zip(terms[::2], terms[1::2], strict=False)
            terms = [first + second for first, second in pairs] + (terms[-1:] if len(terms) % 2 else [])
        return terms[0]

    def _counted(self, variable: str, probs: Floats, rule: Rule) -> pd.DataFrame:
        """Return counts by domain and interval of values, intervals of a single value where a quantile may lie."""
        parts = int(np.clip(1 << (_CELLS // max(len(self.keys), 1)).bit_length(), _FEWEST, _MOST))
        asked = _Question(self, variable, parts, distinct=rule == "hf3")
        if rule not in STEPS:
            probs = np.concatenate([probs, np.ones((len(probs), 1))], axis=1)  # they ask for the last weight
        if (variable, asked.distinct) not in self.held:
            self.held[variable, asked.distinct] = asked.counted(1, None)
        counted, depth = self.held[variable, asked.distinct], 1
        while True:
            needed = _needed(counted, probs)
            wanted = counted[needed]
            if (wanted["low"] == wanted["high"]).all():
                return counted
            union = np.unique(wanted["bin"].to_numpy())
            rows = counted.loc[counted["bin"].isin(union), "rows"].sum()
            if rows <= _FETCHED or parts ** (depth + 1) > _DEPTH:
                return _refined(counted, needed, asked.values(depth, union), 1)
            depth += 1
            counted = _refined(counted, needed, asked.counted(depth, union), parts)


class _Question:
    """Counts of one variable by domain and interval."""

    def __init__(self, lines: EngineLines, variable: str, parts: int, *, distinct: bool) -> None:
        self.lines, self.parts, self.distinct = lines, parts, distinct
        at = lines.place[variable]
        low, high = lines.ends[f"low {at}"].min(), lines.ends[f"high {at}"].max()
        self.empty = bool(pd.isna(low))
        self.low = 0.0 if self.empty else float(low)
        spread = 0.0 if self.empty else float(high) - self.low
        self.scale = parts / spread if spread > 0 and np.isfinite(parts / spread) else 0.0
        value, there = number(lines.frame, variable)
        held = lines.frame.filter(there & (lines.weight > 0))
        columns = [value.alias("__value"), lines.weight.alias("__weight")]
        self.frame = held.select(*(nw.col(name) for name in lines.by), *columns)

    def counted(self, depth: int, parents: Integers | None) -> pd.DataFrame:
        """Return counts by domain and interval at a depth, of the intervals with some parents one depth above."""
        frame = self.frame.with_columns(self._bin(depth).alias("__bin"))
        if parents is not None:
            frame = frame.with_columns(self._bin(depth - 1).alias("__parent"))
            frame = frame.filter(nw.col("__parent").is_in([float(one) for one in parents]))
        sums = [*_counts(), *([nw.col("__value").n_unique().alias("distinct")] if self.distinct else [])]
        return self._tidy(asked_sums(frame, [*self.lines.by, "__bin"], sums))

    def values(self, depth: int, bins: Integers) -> pd.DataFrame:
        """Return counts by domain and value in some intervals."""
        frame = self.frame.with_columns(self._bin(depth).alias("__bin"))
        frame = frame.filter(nw.col("__bin").is_in([float(one) for one in bins]))
        frame = frame.with_columns(nw.col("__value").alias("__each"))
        return self._tidy(asked_sums(frame, [*self.lines.by, "__bin", "__each"], list(_counts()))).assign(distinct=1)

    def _bin(self, depth: int) -> nw.Expr:
        """Return the interval of each value: the children of an interval are its number times the parts, and on."""
        rest = (nw.col("__value") - self.low) * self.scale
        index = rest.floor().cast(nw.Float64)
        index = nw.when(index > self.parts - 1).then(nw.lit(float(self.parts - 1))).otherwise(index)
        found = index
        for _ in range(depth - 1):
            rest = (rest - index) * float(self.parts)
            index = rest.floor().cast(nw.Float64)
            index = nw.when(index > self.parts - 1).then(nw.lit(float(self.parts - 1))).otherwise(index)
            found = found * float(self.parts) + index
        return found

    def _tidy(self, table: pd.DataFrame) -> pd.DataFrame:
        placed = self.lines.placed(table)
        numbers = {
            name: placed[name].to_numpy(dtype="float64")
            for name in ("low", "high", "weight", "lightest", "heaviest", "rows", "distinct")
            if name in placed
        }
        whole = {"bin": placed["__bin"].to_numpy(dtype="float64").astype(np.int64), "domain": placed["domain"]}
        return pd.DataFrame({**whole, **numbers}).sort_values(["domain", "low"], ignore_index=True)


def _counts() -> Iterator[nw.Expr]:
    value, weight = nw.col("__value"), nw.col("__weight")
    yield value.min().alias("low")
    yield value.max().alias("high")
    yield weight.sum().alias("weight")
    yield weight.min().alias("lightest")
    yield weight.max().alias("heaviest")
    yield nw.len().alias("rows")


def _needed(counted: pd.DataFrame, probs: Floats) -> NDArray[np.bool_]:
    """Return the intervals in which a quantile may lie by some rule, and their neighbours."""
    needed = np.zeros(len(counted), dtype=bool)
    for domain, part in counted.groupby("domain", sort=False):
        cumulated, place = np.cumsum(part["weight"].to_numpy()), part.index.to_numpy()
        targets = probs[cast("int", domain)]
        middle = targets[~np.isnan(targets)] * cumulated[-1]
        reach = _SLACK * float(part["heaviest"].max())
        first = np.searchsorted(cumulated, middle - reach) - 1
        last = np.searchsorted(cumulated, middle + reach) + 1
        for one, other in zip(first, last, strict=True):
            needed[place[max(one, 0) : other + 1]] = True
    return needed


def _refined(counted: pd.DataFrame, needed: NDArray[np.bool_], finer: pd.DataFrame, parts: int) -> pd.DataFrame:
    """Return counts with the intervals needed replaced by their children."""
    key = ["domain", "bin"]
    parents = pd.MultiIndex.from_frame(counted.loc[needed, key])
    own = pd.MultiIndex.from_arrays([finer["domain"], finer["bin"] // parts])
    joined = pd.concat([counted[~needed].assign(bin=-1), finer[own.isin(parents)]], ignore_index=True)
    return joined.sort_values(["domain", "low"], ignore_index=True)


def _line(part: pd.DataFrame, rule: Rule) -> Line:
    """Return the line of one domain; of equal values the lightest comes first and the heaviest last."""
    weight, rows = part["weight"].to_numpy(), part["rows"].to_numpy()
    heaviest, high = part["heaviest"].to_numpy(), part["high"].to_numpy()
    end = np.cumsum(weight)
    whole, count = float(end[-1]), int(rows.sum())
    ranks = np.cumsum(part["distinct"].to_numpy()).astype(np.intp) - 1 if rule == "hf3" else np.arange(len(part))
    if rule in STEPS and rule != "shahvaish":
        return Line(
            values=high, weights=weight, cumulated=end, ranks=ranks, whole=whole, last=float(heaviest[-1]), rows=count
        )
    lightest, several = part["lightest"].to_numpy(), rows > 1
    first = np.where(several, lightest, weight)
    place = np.repeat(np.arange(len(part)), np.where(several, 2, 1))
    second = np.concatenate([[False], place[1:] == place[:-1]])
    values = np.where(second, high[place], part["low"].to_numpy()[place])
    weights = np.where(second, heaviest[place], first[place])
    cumulated = np.where(second, end[place], (end - weight + first)[place])
    return Line(
        values=values,
        weights=weights,
        cumulated=cumulated,
        ranks=ranks,
        whole=whole,
        last=float(weights[-1]),
        rows=count,
    )
