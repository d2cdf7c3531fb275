"""Figures: one estimate with everything that a table prints of it or a rule of publication asks of it."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Protocol, runtime_checkable

import pandas as pd

from surveykit.errors import ReportingError
from surveykit.findings import Place

Statistic = Literal["n", "weighted_n", "estimate", "se", "lower", "upper", "cv", "df", "deff"]
Part = Statistic | Literal["interval"]

STATISTICS: Final[tuple[Statistic, ...]] = (
    "n",
    "weighted_n",
    "estimate",
    "se",
    "lower",
    "upper",
    "cv",
    "df",
    "deff",
)
_STANDARDISED: Final = "standardised "  # how the estimation room names its directly standardised statistics
_OWN: Final = frozenset({*STATISTICS, "variable", "level", "statistic", "standardized", "over", "confidence"})


@runtime_checkable
class Tabular(Protocol):
    """An estimate as this room reads it: one row a domain and level."""

    def to_frame(self) -> pd.DataFrame:
        """Return the by columns, ``variable``, ``level`` and the statistics."""
        ...


Source = Tabular | pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One estimate of one domain.

    Parameters
    ----------
    variable : str
        What was estimated.
    level : int, str or None
        Category of a categorical variable, probability of a quantile.
    statistic : str
        ``proportion``, ``mean``, ``total``, ``ratio``, ``quantile`` or another name; proportions print as percentages.
    at : mapping of str to object
        Domain: value by variable; empty for the whole population.
    standardized : bool
        Whether it was directly standardised.
    over : str
        Variable over which, where that is known.
    estimate, se, lower, upper, cv, deff, df, weighted_n : float, optional
        In the unit of the estimate; proportions between 0 and 1.
    n : int, optional
        Respondents behind the estimate.
    confidence : float
        Level of the interval.
    """

    variable: str
    level: int | float | str | None = None
    statistic: str = "proportion"
    at: Mapping[str, object] = field(default_factory=dict)
    standardized: bool = False
    over: str = ""
    estimate: float | None = None
    se: float | None = None
    lower: float | None = None
    upper: float | None = None
    cv: float | None = None
    deff: float | None = None
    df: float | None = None
    n: int | None = None
    weighted_n: float | None = None
    confidence: float = 0.95

    @property
    def is_share(self) -> bool:
        """Whether it prints as a percentage."""
        return self.statistic == "proportion"

    def number(self, statistic: Statistic) -> float | int | None:
        """Return one statistic in the unit that is printed: percent for shares and relative standard errors."""
        value: float | int | None = getattr(self, statistic)
        if value is None:
            return None
        if statistic == "cv" or (self.is_share and statistic in {"estimate", "se", "lower", "upper"}):
            return value * 100
        return value


def figures_of(sources: Source | Iterable[Source]) -> tuple[Figure, ...]:
    """Read figures from estimates.

    Parameters
    ----------
    sources : Estimate, pandas.DataFrame or an iterable of them
        A frame has the columns of ``Estimate.to_frame()``: the by columns, ``variable``, ``level``, ``estimate``,
        ``se``, ``lower``, ``upper``, ``cv``, ``deff``, ``df``, ``n``, ``weighted_n``, and optionally ``statistic``,
        ``standardized`` (truth value), ``over`` and ``confidence``. All but ``estimate`` may be missing. A standardised
        mean of a variable that has a proportion here too is its share, standardised, and prints as a percentage.

    Returns
    -------
    tuple of Figure
        In the order of the rows.

    Raises
    ------
    ReportingError
        ``report-no-estimates`` without any row, ``report-not-an-estimate`` for another value or a frame without
        the column ``estimate``.
    """
    figures = tuple(figure for source in sources_of(sources) for figure in _figures_of(source))
    if not figures:
        raise ReportingError.of("report-no-estimates")
    shares = {figure.variable for figure in figures if figure.is_share}
    return tuple(_as_share(figure) if figure.variable in shares else figure for figure in figures)


def sources_of(sources: Source | Iterable[Source]) -> tuple[Source, ...]:
    """Return one or several estimates as a tuple."""
    return (sources,) if isinstance(sources, Tabular | pd.DataFrame) else tuple(sources)


def _as_share(figure: Figure) -> Figure:
    within = figure.estimate is None or 0 <= figure.estimate <= 1
    return replace(figure, statistic="proportion") if figure.standardized and within else figure


def _figures_of(source: object) -> list[Figure]:
    if isinstance(source, pd.DataFrame):
        frame, given = source, {}
    elif isinstance(source, Tabular):
        frame, given = source.to_frame(), _described(source)
    else:
        raise ReportingError.of("report-not-an-estimate", found=type(source).__name__)
    if "estimate" not in frame.columns:
        found = ", ".join(str(name) for name in frame.columns)
        raise ReportingError.of("report-not-an-estimate", Place(field="estimate"), found=f"the columns {found}")
    by = [str(name) for name in frame.columns if name not in _OWN]
    return [_figure(record, by, given) for record in frame.to_dict("records")]


def _described(source: Tabular) -> dict[str, object]:
    """Return what an estimate says of itself beside its frame."""
    names = ("statistic", "over", "confidence")
    return {name: getattr(source, name) for name in names if getattr(source, name, None) is not None}


def _figure(record: Mapping[Hashable, object], by: Sequence[str], given: Mapping[str, object]) -> Figure:
    values = {**given, **{str(name): plain(value) for name, value in record.items()}}
    numbers = {name: _number(values.get(name)) for name in STATISTICS if name != "n"}
    count = _number(values.get("n"))
    level, over = values.get("level"), values.get("over")
    named = str(values.get("statistic") or "proportion")
    return Figure(
        variable=str(values.get("variable") or ""),
        level=level if isinstance(level, int | float | str) else None,
        statistic=named.removeprefix(_STANDARDISED),
        at={name: values[name] for name in by if values[name] is not None},
        standardized=named.startswith(_STANDARDISED) or bool(values.get("standardized")),
        over=", ".join(str(name) for name in over) if isinstance(over, list | tuple) else str(over or ""),
        confidence=_number(values.get("confidence")) or 0.95,
        n=None if count is None else round(count),
        **numbers,
    )


def plain(value: object) -> object:
    """Return a cell of a data frame as a plain Python value; every kind of null becomes None, 1.0 becomes 1."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    item = value.item() if hasattr(value, "item") else value
    if isinstance(item, float):
        if math.isnan(item):
            return None
        return int(item) if item.is_integer() else item
    return item


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
