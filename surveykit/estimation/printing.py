"""An estimate as text, laid out as a statistician reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from surveykit.findings import Findings

Floats = NDArray[np.float64]

_SHOWN = 60  # rows printed before the rest is only counted: a screenful


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


def printed(estimate: Printable) -> str:
    """Return an estimate as a table with what must be known to read it."""
    lines = [_title(estimate), "", *_table(estimate), "", *_notes(estimate)]
    return "\n".join(lines)


def _title(estimate: Printable) -> str:
    variables = list(dict.fromkeys(estimate.variable))
    named = ", ".join(variables[:4]) + (" and others" if len(variables) > 4 else "")  # a title stays one line long
    by = f" by {', '.join(estimate.by)}" if estimate.by else ""
    where = f" where {' and '.join(estimate.conditions)}" if estimate.conditions else ""
    return f"{estimate.statistic} of {named}{by}{where}"


def _table(estimate: Printable) -> list[str]:
    lower, upper = estimate.limits
    percent = f"{estimate.confidence * 100:g}%"
    columns: list[tuple[str, list[str]]] = [
        (name, ["all" if value is None else str(value) for value in values]) for name, values in estimate.by.items()
    ]
    if len(set(estimate.variable)) > 1:
        columns.append(("variable", list(estimate.variable)))
    if any(level is not None for level in estimate.category):
        columns.append(("level", ["" if level is None else str(level) for level in estimate.category]))
    columns.append((estimate.statistic.split()[0], [_number(value) for value in estimate.estimate]))
    columns.append(("se", [_number(value) for value in estimate.se]))
    columns.append(
        (f"{percent} interval", [f"{_number(a)} to {_number(b)}" for a, b in zip(lower, upper, strict=True)])
    )
    columns.append(("cv", [_share(value) for value in estimate.cv]))
    columns.append(("deff", [_number(value) for value in estimate.deff]))
    columns.append(("df", [_number(value) for value in estimate.df]))
    columns.append(("n", [f"{value:,.0f}" for value in estimate.n]))
    return _aligned([(name, cells[:_SHOWN]) for name, cells in columns], len(estimate.estimate) - _SHOWN)


def _aligned(columns: list[tuple[str, list[str]]], more: int) -> list[str]:
    widths = [max(len(name), *(len(cell) for cell in cells)) for name, cells in columns]
    rows = [[name for name, _ in columns], *zip(*(cells for _, cells in columns), strict=True)]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    if more > 0:
        lines.append(f"... and {more} more rows")
    return lines


def _notes(estimate: Printable) -> list[str]:
    notes = [f"Variance: {estimate.method}.", f"Interval: {estimate.interval}, t on df."]
    left = [f"{count:,} {reason}" for reason, count in estimate.left_out.items() if count]
    notes.append(f"Rows left out: {'; '.join(left) if left else 'none'}.")
    notes.extend(f"Note: {one.message}." for one in estimate.findings)
    return notes


def _number(value: float) -> str:
    if np.isnan(value):
        return "-"
    if np.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == round(value) and abs(value) < 1e6:
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:.4g}"


def _share(value: float) -> str:
    return "-" if np.isnan(value) else f"{value * 100:.1f}%"
