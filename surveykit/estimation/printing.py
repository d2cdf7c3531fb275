"""An estimate as text, laid out as a statistician reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from surveykit.findings import Findings

Floats = NDArray[np.float64]

_SHOWN: Final = 60  # rows printed before the rest is only counted: a screenful
_MOST: Final = 6  # decimals printed at the most: beyond them a number is written with an exponent
_DEFF: Final = 2  # decimals of a design effect, as in reports of DHS


class Printable(Protocol):
    """What an estimate shows of itself."""

    @property
    def statistic(self) -> str:
        """What was estimated."""

    @property
    def by(self) -> Mapping[str, tuple[object, ...]]:
        """Domain of each row."""

    @property
    def variable(self) -> tuple[str, ...]:
        """Variable of each row."""

    @property
    def category(self) -> tuple[object, ...]:
        """Level of each row."""

    @property
    def estimate(self) -> Floats:
        """Estimates."""

    @property
    def se(self) -> Floats:
        """Standard errors."""

    @property
    def limits(self) -> tuple[Floats, Floats]:
        """Interval."""

    @property
    def cv(self) -> Floats:
        """Coefficients of variation."""

    @property
    def deff(self) -> Floats:
        """Design effects."""

    @property
    def df(self) -> Floats:
        """Degrees of freedom."""

    @property
    def n(self) -> Floats:
        """Rows."""

    @property
    def interval(self) -> str:
        """Kind of the interval."""

    @property
    def confidence(self) -> float:
        """Level of the interval."""

    @property
    def method(self) -> str:
        """How the variance was estimated."""

    @property
    def left_out(self) -> Mapping[str, int]:
        """Rows left out, by reason."""

    @property
    def conditions(self) -> tuple[str, ...]:
        """The subpopulation."""

    @property
    def findings(self) -> Findings:
        """What the design was warned of."""

    @property
    def over(self) -> tuple[str, ...]:
        """Columns that the estimates were standardised over."""


def printed(estimate: Printable) -> str:
    """Return an estimate as a table with what must be known to read it."""
    lines = [_title(estimate), "", *_table(estimate), "", *_notes(estimate)]
    return "\n".join(lines)


def _title(estimate: Printable) -> str:
    variables = list(dict.fromkeys(estimate.variable))
    named = ", ".join(variables[:4]) + (" and others" if len(variables) > 4 else "")  # a title stays one line long
    by = f" by {', '.join(estimate.by)}" if estimate.by else ""
    over = f", standardised over {' and '.join(estimate.over)}" if estimate.over else ""
    where = f" where {' and '.join(estimate.conditions)}" if estimate.conditions else ""
    return f"{estimate.statistic.removeprefix('standardised ')} of {named}{by}{over}{where}"


def _table(estimate: Printable) -> list[str]:
    lower, upper = estimate.limits
    percent = f"{estimate.confidence * 100:g}%"
    shown = slice(_SHOWN)
    columns = [(name, _labels(values[shown], "all")) for name, values in estimate.by.items()]
    if len(set(estimate.variable)) > 1:
        columns.append(("variable", _labels(estimate.variable[shown], "")))
    if any(level is not None for level in estimate.category):
        columns.append(("level", _labels(estimate.category[shown], "")))
    places = decimals(estimate.estimate[shown])
    columns.append(
        (estimate.statistic.removeprefix("standardised ").split()[0], _numbers(estimate.estimate[shown], places))
    )
    columns.append(("se", _numbers(estimate.se[shown], decimals(estimate.se[shown]))))
    pairs = zip(_numbers(lower[shown], places), _numbers(upper[shown], places), strict=True)
    columns.append((f"{percent} interval", [f"{low} to {high}" for low, high in pairs]))
    columns.append(("cv", _filled("-" if np.isnan(value) else f"{value * 100:.1f}%" for value in estimate.cv[shown])))
    if not np.isnan(estimate.deff).all():
        columns.append(("deff", _numbers(estimate.deff[shown], _DEFF)))
    columns.append(("df", _numbers(estimate.df[shown], min(decimals(estimate.df[shown]), 1))))
    columns.append(("n", _filled(f"{value:,.0f}" for value in estimate.n[shown])))
    return _aligned(columns, len(estimate.estimate) - _SHOWN)


def _aligned(columns: list[tuple[str, list[str]]], more: int) -> list[str]:
    heads = [_heading(name, cells) for name, cells in columns]
    padded = [[cell.rjust(len(head)) for cell in cells] for head, (_, cells) in zip(heads, columns, strict=True)]
    lines = ["  ".join(cells).rstrip() for cells in [heads, *zip(*padded, strict=True)]]
    if more > 0:
        lines.append(f"... and {more} more rows")
    return lines


def _heading(name: str, cells: list[str]) -> str:
    """Return a name over its cells, which all have one width: to the left over words, to the right over numbers."""
    width = len(cells[0])
    return name.ljust(width) if any(cell != cell.rstrip() for cell in cells) else name.rjust(width)


def _notes(estimate: Printable) -> list[str]:
    notes = [f"Variance: {estimate.method}.", f"Interval: {estimate.interval}, {_reference(estimate.df)}."]
    left = [f"{count:,} {reason}" for reason, count in estimate.left_out.items() if count]
    notes.append(f"Rows left out: {'; '.join(left) if left else 'none'}.")
    notes.extend(f"Note: {one.message}." for one in estimate.findings)
    return notes


def _reference(df: Floats) -> str:
    """Return the distribution that the intervals rest on, in words."""
    known = df[~np.isnan(df)]
    if len(known) and np.isinf(known).all():
        return "normal"
    ends = [f"{value:g}" for value in dict.fromkeys([known.min(), known.max()])] if len(known) else ["no"]
    return f"t on {' to '.join(ends)} df"


def decimals(values: Floats) -> int:
    """Return the decimals at which a column reads well.

    Parameters
    ----------
    values : float array of shape (k,)

    Returns
    -------
    int
        0 for whole numbers; else four significant digits for the middle of them, and two for the smallest, but never
        more than six decimals.
    """
    known = np.abs(values[np.isfinite(values) & (values != 0)])
    if not len(known) or (known == np.round(known)).all():
        return 0
    middle, least = np.floor(np.log10([np.median(known), known.min()]))
    return int(np.clip(max(3 - middle, 1 - least), 0, _MOST))


def _labels(values: Sequence[object], none: str) -> list[str]:
    """Return keys as text of one width: numbers to the right, words to the left."""
    texts = [none if value is None else str(value) for value in values]
    width = max(map(len, texts))
    if all(value is None or isinstance(value, int | float) for value in values):
        return [text.rjust(width) for text in texts]
    return [text.ljust(width) for text in texts]


def _numbers(values: Floats, places: int) -> list[str]:
    """Return numbers with the same decimals, so that the points stand below each other."""
    return _filled(_number(value, places) for value in values)


def _number(value: float, places: int) -> str:
    if np.isnan(value):
        return "-"
    if np.isinf(value):
        return "inf" if value > 0 else "-inf"
    tiny = value != 0 and abs(value) < 10**-_MOST
    return f"{value:.2e}" if tiny else f"{value:,.{places}f}"


def _filled(texts: Iterable[str]) -> list[str]:
    cells = list(texts)
    width = max(map(len, cells))
    return [cell.rjust(width) for cell in cells]
