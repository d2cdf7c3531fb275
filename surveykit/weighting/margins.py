"""Population totals as users write them, matched to the categories of a survey."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.frames import Columns, Floats, Integers, near
from surveykit.errors import WeightingError
from surveykit.findings import Finding, Place, finding
from surveykit.sampling.frame import canonical_text

Totals = Mapping[object, object] | pd.DataFrame
Margins = Totals | Sequence[Totals]

_COUNTS: Final = ("count", "Freq", "freq", "population", "total", "n")
_AGREEMENT: Final = 0.001  # totals that differ by more than 0.1 % stop; below, rounding of published tables explains it
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """Known totals of the categories of one variable, or of several crossed.

    Parameters
    ----------
    by : tuple of str
        Columns.
    keys : tuple of tuple of str
        Values of the columns for each category, as text.
    totals : float array of shape (k,)
        Known totals.
    """

    by: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    totals: Floats

    @property
    def name(self) -> str:
        """The columns joined by `` x ``."""
        return " x ".join(self.by)

    @property
    def labels(self) -> tuple[str, ...]:
        """The categories as ``sex=1, age_group=20-39``."""
        return tuple(", ".join(f"{n}={v}" for n, v in zip(self.by, key, strict=True)) for key in self.keys)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a category: ``margin, category, total``."""
        return pd.DataFrame({"margin": self.name, "category": list(self.labels), "total": self.totals})


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A margin and the category of every row.

    Parameters
    ----------
    margin : Margin
        Only categories with a positive total.
    codes : integer array of shape (n,)
        Category 0..k-1 of each row.
    """

    margin: Margin
    codes: Integers


def parse_margins(margins: Margins) -> tuple[Margin, ...]:
    """Read margins in any of the forms that are accepted.

    Parameters
    ----------
    margins : mapping, DataFrame, or sequence of these
        ``{"sex": {"1": 100, "2": 120}, ("sex", "age"): {(1, "20-39"): 40, ...}}``; crossed columns may also be written
        ``"sex * age"`` with nested mappings ``{"1": {"20-39": 40}}``; a DataFrame has the columns of the margin and
        one named ``count``.

    Returns
    -------
    tuple of Margin

    Raises
    ------
    WeightingError
        If a form is not understood, or a total is missing, negative or infinite.
    """
    if isinstance(margins, pd.DataFrame):
        parsed = [_from_frame(margins)]
    elif isinstance(margins, Mapping):
        parsed = [_from_mapping(by, totals) for by, totals in margins.items()]
    else:
        parsed = [margin for one in margins for margin in parse_margins(one)]
    problems = [one for margin in parsed for one in _total_problems(margin)]
    if not parsed:
        problems.append(finding("weighting-margin-form", Place(), found="nothing"))
    if problems:
        raise WeightingError(problems)
    return tuple(parsed)


def match_margins(margins: Sequence[Margin], columns: Columns, weights: Floats) -> tuple[Matched, ...]:
    """Find the category of every row in every margin, or name every cell that does not fit.

    Parameters
    ----------
    margins : sequence of Margin
        Known totals.
    columns : Columns
        Columns of the survey.
    weights : float array of shape (n,)
        Weights before.

    Returns
    -------
    tuple of Matched

    Raises
    ------
    WeightingError
        Listing missing columns, missing answers, categories without a total, totals without anyone in the sample,
        and margins that disagree by more than 0.1 %.
    """
    problems = [one for margin in margins for one in _column_problems(margin, columns)]
    if problems:
        raise WeightingError(problems)
    matched = [_match(margin, columns) for margin in margins]
    problems = [one for each in matched for one in _cell_problems(each, columns, weights)]
    problems += _disagreements(margins)
    if problems:
        raise WeightingError(problems)
    return tuple(_used(one) for one in matched)


def _from_frame(table: pd.DataFrame) -> Margin:
    named = [name for name in _COUNTS if name in table.columns]
    if not named or len(table.columns) < 2:
        raise WeightingError.of("weighting-margin-form", found=f"a table with {', '.join(map(str, table.columns))}")
    count = named[0]
    by = [str(name) for name in table.columns if name != count]
    keys = [tuple(canonical_text(value) for value in row) for row in table[by].itertuples(index=False)]
    totals = pd.to_numeric(table[count], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return Margin(by=tuple(by), keys=tuple(keys), totals=totals)


def _from_mapping(by: object, totals: object) -> Margin:
    names = _by(by)
    if isinstance(totals, pd.Series):
        totals = totals.to_dict()
    if not isinstance(totals, Mapping):
        raise WeightingError.of("weighting-margin-form", found=f"{totals!r} for {' x '.join(names)}")
    flat = list(_flat(totals, len(names), ()))
    return Margin(by=names, keys=tuple(key for key, _ in flat), totals=np.array([total for _, total in flat]))


def _by(by: object) -> tuple[str, ...]:
    if isinstance(by, tuple):
        return tuple(str(name) for name in by)
    return tuple(part.strip() for part in str(by).split("*"))


def _flat(
    totals: Mapping[object, object], depth: int, before: tuple[str, ...]
) -> Iterable[tuple[tuple[str, ...], float]]:
    for key, value in totals.items():
        parts = key if isinstance(key, tuple) else (key,)
        path = (*before, *(canonical_text(part) for part in parts))
        if isinstance(value, Mapping) and len(path) < depth:
            yield from _flat(value, depth, path)
        elif len(path) != depth or isinstance(value, Mapping | str | bool):
            raise WeightingError.of("weighting-margin-form", Place(record=", ".join(path)), found=f"{key!r}: {value!r}")
        else:
            yield path, _number(value)


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]  # anything that Python takes for a number, NumPy scalars included
    except (TypeError, ValueError):
        return math.nan


def _total_problems(margin: Margin) -> Iterable[Finding]:
    for label, total in zip(margin.labels, margin.totals, strict=True):
        if not (math.isfinite(total) and total >= 0):
            yield finding("weighting-margin-total", Place(field=margin.name), cell=label, found=total)
    if not margin.totals.size or not margin.totals.sum() > 0:
        yield finding("weighting-margin-form", Place(field=margin.name), found=f"no positive total for {margin.name}")
    seen: set[tuple[str, ...]] = set()
    for key, label in zip(margin.keys, margin.labels, strict=True):
        if key in seen:
            yield finding("weighting-margin-twice", Place(field=margin.name), cell=label)
        seen.add(key)


def _column_problems(margin: Margin, columns: Columns) -> Iterable[Finding]:
    known = columns.names()
    for name in margin.by:
        if name not in known:
            yield finding("weighting-unknown-column", Place(field=name), name=name, near=near(name, known))


def _match(margin: Margin, columns: Columns) -> Matched:
    """Give every row the category of its values, -1 for a missing answer and -2 for values without a total."""
    codes, values = [], []
    for name in margin.by:
        code, levels = columns.codes(name)
        codes.append(code)
        values.append([canonical_text(level) for level in levels.tolist()])
    index = {key: position for position, key in enumerate(margin.keys)}
    table = np.full([len(level) + 1 for level in values], -2, dtype=np.intp)
    for key, position in index.items():
        at = [level.index(part) if part in level else None for part, level in zip(key, values, strict=True)]
        if None not in at:
            table[tuple(at)] = position
    for axis in range(table.ndim):
        np.moveaxis(table, axis, 0)[-1] = -1
    found = table[tuple(codes)]
    return Matched(margin=margin, codes=found)


def _cell_problems(matched: Matched, columns: Columns, weights: Floats) -> Iterable[Finding]:
    margin, codes = matched.margin, matched.codes
    counted = weights > 0
    where = Place(field=margin.name)
    blank = counted & (codes == -1)
    if blank.any():
        yield finding("weighting-margin-missing-answer", where, margin=margin.name, rows=int(blank.sum()))
    for cell, rows in _strangers(margin, columns, counted & (codes == -2)):
        yield finding("weighting-margin-no-total", where, cell=cell, rows=rows)
    inside = np.bincount(codes[counted & (codes >= 0)], minlength=len(margin.keys))
    for label, total, rows in zip(margin.labels, margin.totals, inside, strict=True):
        if total > 0 and rows == 0:
            yield finding("weighting-margin-empty-cell", where, cell=label, total=total)
        if total == 0 and rows > 0:
            yield finding("weighting-margin-zero-total", where, cell=label, rows=int(rows))


def _strangers(margin: Margin, columns: Columns, rows: NDArray[np.bool_]) -> Iterable[tuple[str, int]]:
    if not rows.any():
        return
    parts = []
    for name in margin.by:
        codes, levels = columns.codes(name)
        parts.append(
            pd.Series([f"{name}={canonical_text(level)}" for level in levels.tolist()]).to_numpy()[codes[rows]]
        )
    labels = pd.Series([", ".join(row) for row in zip(*parts, strict=True)]).value_counts(sort=False).sort_index()
    yield from ((str(label), int(count)) for label, count in labels.head(_SHOWN).items())


def _disagreements(margins: Sequence[Margin]) -> Iterable[Finding]:
    first = margins[0]
    whole = math.fsum(first.totals)
    for margin in margins[1:]:
        total = math.fsum(margin.totals)
        if abs(total - whole) > _AGREEMENT * whole:
            percent = 100 * (total - whole) / whole
            yield finding(
                "weighting-margins-disagree",
                Place(field=margin.name),
                margin=margin.name,
                total=total,
                first=first.name,
                whole=whole,
                percent=percent,
            )


def agreed(margins: Sequence[Margin]) -> tuple[Margin, ...]:
    """Scale margins that differ by rounding (0.1 % at most) to the total of the first."""
    whole = math.fsum(margins[0].totals)
    return tuple(
        replace(margin, totals=margin.totals * (whole / total))
        if (total := math.fsum(margin.totals)) != whole
        else margin
        for margin in margins
    )


def _used(matched: Matched) -> Matched:
    """Drop categories with a total of zero, which nobody in the sample has, and rows of weight zero outside."""
    kept = np.flatnonzero(matched.margin.totals > 0)
    rank = np.zeros(len(matched.margin.keys) + 2, dtype=np.intp)
    rank[kept] = np.arange(kept.size)
    margin = replace(
        matched.margin,
        keys=tuple(matched.margin.keys[position] for position in kept),
        totals=matched.margin.totals[kept],
    )
    return Matched(margin=margin, codes=rank[matched.codes])
