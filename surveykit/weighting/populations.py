"""Standard populations and population margins as data with their sources."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import pandas as pd

from surveykit.documents import load_json, shipped
from surveykit.errors import WeightingError
from surveykit.findings import Place

_STANDARDS: Final = "populations_standard.json"
_MARGINS: Final = "populations_margins.json"
_AGES: Final = re.compile(r"(\d+)(?:-(\d+)|\+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardPopulation(Mapping[str, float]):
    """A standard population; it reads like a mapping from age group to size.

    Parameters
    ----------
    name : str
        Name it is asked for by.
    title : str
        What it is.
    groups : mapping of str to float
        Size of every age group, ``"20-39"`` or ``"60+"``.
    unit : str
        Unit of the sizes: persons, percent, share, per 100,000.
    source, licence : str
        Where it was published and on what terms.
    """

    name: str
    title: str
    groups: Mapping[str, float]
    unit: str
    source: str
    licence: str

    def __getitem__(self, key: str) -> float:
        return self.groups[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.groups)

    def __len__(self) -> int:
        return len(self.groups)

    @property
    def shares(self) -> dict[str, float]:
        """Sizes divided by their sum."""
        total = math.fsum(self.groups.values())
        return {group: size / total for group, size in self.groups.items()}

    def to_frame(self) -> pd.DataFrame:
        """Return one row an age group: ``age_group, count, share``."""
        columns = {"age_group": list(self.groups), "count": list(self.groups.values())}
        return pd.DataFrame(columns | {"share": list(self.shares.values())})


def standard_population(name: str, *, groups: Sequence[str] | None = None) -> StandardPopulation:
    """Return a standard population.

    Parameters
    ----------
    name : str
        ``korea-2005`` (ages 19+, as KNHANES), ``us-2000``, ``us-2000-adults-18``, ``who-world``, ``segi``.
    groups : sequence of str
        Wider age groups to add the published ones up to, for instance ``["20-39", "40-59", "60+"]``; ages outside
        them are left out.

    Returns
    -------
    StandardPopulation

    Raises
    ------
    WeightingError
        If the name is unknown or a group cuts through a published one.

    Examples
    --------
    >>> standard_population("us-2000", groups=["20-39", "40-59", "60+"])["60+"]
    45363752
    """
    known = _read(_STANDARDS)
    if name not in known:
        raise WeightingError.of("weighting-population-unknown", name=name, known=", ".join(known))
    entry = known[name]
    published = cast("dict[str, float]", entry["groups"])
    wanted = published if groups is None else {group: _added(group, published, name) for group in groups}
    texts = {part: str(entry[part]) for part in ("title", "unit", "source", "licence")}
    return StandardPopulation(name=name, groups=dict(wanted), **texts)


def population_margins(name: str = "dprk-2008") -> tuple[pd.DataFrame, ...]:
    """Return population margins, one table a margin, ready for :func:`surveykit.rake`.

    Parameters
    ----------
    name : str
        ``dprk-2008``: by province (``K_PROV``), and by ``sex`` and ``age_group`` (modelled).

    Returns
    -------
    tuple of pandas.DataFrame
        The columns of the margin and ``count``; the first table sets the total, the others are scaled to it.
        ``attrs`` holds ``source``, ``licence`` and ``note``.

    Raises
    ------
    WeightingError
        If the name is unknown.
    """
    known = _read(_MARGINS)
    if name not in known:
        raise WeightingError.of("weighting-population-unknown", name=name, known=", ".join(known))
    entry = known[name]
    tables = [_table(cast("dict[str, Any]", one)) for one in cast("list[object]", entry["tables"])]
    total = tables[0]["count"].sum()
    scaled = tuple(table.assign(count=table["count"] * (total / table["count"].sum())) for table in tables)
    for table in scaled:
        table.attrs.update({part: str(entry[part]) for part in ("source", "licence", "note")})
    return scaled


def _read(file: str) -> dict[str, dict[str, object]]:
    return cast("dict[str, dict[str, object]]", load_json(shipped("data") / file))


def _table(entry: Mapping[str, Any]) -> pd.DataFrame:
    table = pd.read_csv(shipped("data") / entry["file"])
    return table[[*entry["by"], entry["count"]]].rename(columns={entry["count"]: "count"})


def _added(group: str, published: Mapping[str, float], name: str) -> float:
    low, high = _ages(group, name)
    total: float = 0
    begin = low
    for one, size in published.items():
        first, last = _ages(one, name)
        if first > high or last < low:
            continue
        if first != begin or last > high:
            raise _cut(group, one, name)
        total += size
        begin = last + 1
    if begin != high + 1:
        raise _cut(group, list(published)[-1], name)
    return total


def _ages(group: str, name: str) -> tuple[float, float]:
    match = _AGES.fullmatch(group.strip())
    if match is None:
        raise WeightingError.of("weighting-population-group", Place(record=group), group=group, name=name)
    return float(match[1]), float(match[2]) if match[2] else math.inf


def _cut(group: str, published: str, name: str) -> WeightingError:
    return WeightingError.of(
        "weighting-population-cut", Place(record=group), group=group, published=published, name=name
    )
