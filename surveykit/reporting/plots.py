"""Plots of published tables: what a rule of publication hid is not drawn."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from surveykit.errors import ReportingError
from surveykit.reporting.canvas import FAINT, HATCHES, INK, Picture, canvas, color, legend, marker, ruled, said
from surveykit.reporting.figures import Figure
from surveykit.reporting.labels import Wording
from surveykit.reporting.layouts import one_of
from surveykit.reporting.printed import width
from surveykit.reporting.table import Row, Table, number_text

Scale = Literal["linear", "log"]

_LINE: Final = 0.28  # inches of a line in a dot plot; 9-point type needs 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One estimate as it is drawn, in the printed unit."""

    row: Row
    series: str
    value: float
    lower: float
    upper: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The estimates of one block of columns, in the order of the rows.

    Its number is that of the block in the table, so that women keep their colour where men are hidden.
    """

    label: str
    points: tuple[Point, ...]
    number: int = 0


def series_of(table: Table) -> tuple[Series, ...]:
    """Return the estimates of a table that may be shown, by block of columns.

    Parameters
    ----------
    table : Table

    Returns
    -------
    tuple of Series
        Hidden and absent estimates are left out; an estimate without an interval has that of its own value.

    Raises
    ------
    ReportingError
        ``picture-nothing-to-draw`` if no estimate may be shown.
    """
    blocks = dict.fromkeys(column.block for column in table.columns)
    labels = {column.block: _block_label(table, column.block) for column in table.columns}
    result = tuple(
        Series(label=labels[block], points=tuple(_points(table, block, labels[block])), number=number)
        for number, block in enumerate(blocks)
    )
    drawn = tuple(one for one in result if one.points)
    if not drawn:
        raise ReportingError.of("picture-nothing-to-draw", title=table.title)
    return drawn


def _block_label(table: Table, block: str) -> str:
    """Return the heads of a block without the one over the interval."""
    spanners = [column.spanners for column in table.columns if column.block == block]
    return " ".join(spanners[0][: min(len(heads) for heads in spanners)])


def _points(table: Table, block: str, label: str) -> list[Point]:
    points: list[Point] = []
    for row in table.rows:
        figure = table.figures.get((row.id, block))
        value = figure.number("estimate") if figure else None
        if figure is None or value is None:
            continue
        lower, upper = figure.number("lower"), figure.number("upper")
        points.append(
            Point(row=row, series=label, value=value, lower=value if lower is None else lower,
                  upper=value if upper is None else upper, text=_text(table, figure))
        )  # fmt: skip
    return points


def _text(table: Table, figure: Figure) -> str:
    decimals = next((cell.decimals for _, column, cell in table if column.statistic == "estimate" and cell.display), 1)
    shown = [None if value is None else number_text(value, decimals)
             for value in (figure.number("estimate"), figure.number("lower"), figure.number("upper"))]  # fmt: skip
    if shown[1] is None or shown[2] is None:
        return str(shown[0])
    return f"{shown[0]} ({table.interval.format(lower=shown[1], upper=shown[2])})"


def dot_plot(table: Table, *, title: str = "") -> Picture:
    """Draw estimates as dots with their intervals, a line a row and a colour and marker a block.

    Parameters
    ----------
    table : Table
        After rules of publication.
    title : str
        That of the table if not given.

    Returns
    -------
    Picture

    Raises
    ------
    ReportingError
        ``picture-nothing-to-draw``.
    """
    series = series_of(table)
    rows = [row for row in table.rows if any(point.row == row for one in series for point in one.points)]
    places, height = _lines(rows, len(series))
    with canvas(6.4, height) as (drawing, axes):
        for number, one in enumerate(series):
            at = np.array([places[point.row.id] + _shift(number, len(series)) for point in one.points])
            _intervals(axes, one.points, at, one.number, one.label)
        _stub(axes, rows, places)
        ruled(axes, "x")
        axes.set_xlabel(_measure(table))
        axes.set_title(title or table.title, wrap=True)
        if _has_blocks(table):
            legend(drawing, axes)
    return Picture(id=table.id, title=title or table.title, alt=_alt(table, title, series), drawing=drawing)


def forest(table: Table, *, reference: float = 1.0, scale: Scale = "log", title: str = "") -> Picture:
    """Draw ratios or differences with a line of no effect and the numbers at the side.

    Parameters
    ----------
    table : Table
        One block of columns, for instance odds ratios.
    reference : float
        Where the line of no effect stands: 1 for ratios, 0 for differences.
    scale : {"log", "linear"}
    title : str
        That of the table if not given.

    Returns
    -------
    Picture

    Raises
    ------
    ReportingError
        ``picture-nothing-to-draw``, ``report-unknown-option`` for another scale.
    """
    one_of("scale", scale, ("linear", "log"))
    series = series_of(table)
    points = series[0].points
    rows = [point.row for point in points]
    places, height = _lines(rows, 1)
    with canvas(6.8, height) as (drawing, axes):
        axes.axvline(reference, color=INK, linewidth=0.8, linestyle="--")
        axes.set_xscale(scale)
        _intervals(axes, points, np.array([places[row.id] for row in rows]), 0, "", shape="s")
        _stub(axes, rows, places)
        ruled(axes, "x")
        if scale == "log":
            axes.xaxis.set_major_formatter("{x:g}")
            axes.xaxis.set_minor_formatter("{x:g}")
        for point in points:
            axes.annotate(
                point.text, (1.02, places[point.row.id]), xycoords=("axes fraction", "data"), va="center", fontsize=8.5
            )
        axes.set_xlabel(_measure(table))
        axes.set_title(title or table.title)
    return Picture(id=table.id, title=title or table.title, alt=_alt(table, title, series[:1]), drawing=drawing)


def grouped_bars(table: Table, *, title: str = "") -> Picture:
    """Draw estimates as bars with intervals, grouped by row, a colour and hatch a block, as in NCHS data briefs.

    Parameters
    ----------
    table : Table
        After rules of publication.
    title : str
        That of the table if not given.

    Returns
    -------
    Picture

    Raises
    ------
    ReportingError
        ``picture-nothing-to-draw``.
    """
    series = series_of(table)
    rows = [row for row in table.rows if any(point.row == row for one in series for point in one.points)]
    places = {row.id: float(place) for place, row in enumerate(rows)}
    each = 0.8 / len(series)
    with canvas(max(5.0, 0.9 + 0.42 * len(rows) * len(series)), 3.9) as (drawing, axes):
        for number, one in enumerate(series):
            at = np.array([places[point.row.id] for point in one.points]) + (number - (len(series) - 1) / 2) * each
            values = np.array([point.value for point in one.points])
            axes.bar(at, values, each * 0.94, color=color(one.number), alpha=0.85, edgecolor="white",
                     hatch=HATCHES[one.number % len(HATCHES)], label=one.label)  # fmt: skip
            axes.errorbar(at, values, yerr=_reaches(one.points), fmt="none", ecolor=INK, elinewidth=0.9, capsize=2)
            for place, point in zip(at, one.points, strict=True):
                axes.annotate(number_text(point.value, 1), (float(place), point.upper), xytext=(0, 2),
                              textcoords="offset points", ha="center", va="bottom", fontsize=7.5)  # fmt: skip
        signs = max(6, int(1.6 * 4.5 * len(series)))
        axes.set_xticks(list(places.values()), [_wrapped(row.label, signs) for row in rows])
        ruled(axes, "y")
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        axes.set_ylabel(_measure(table))
        axes.set_title(title or table.title)
        if _has_blocks(table):
            legend(drawing, axes)
    return Picture(id=table.id, title=title or table.title, alt=_alt(table, title, series), drawing=drawing)


def trend(table: Table, *, title: str = "") -> Picture:
    """Draw estimates over time as lines with interval bands.

    Parameters
    ----------
    table : Table
        Its rows are years or other numbers; totals are left out.
    title : str
        That of the table if not given.

    Returns
    -------
    Picture

    Raises
    ------
    ReportingError
        ``picture-nothing-to-draw``, ``picture-not-a-time`` if a row is no number.
    """
    series = [
        replace(one, points=tuple(point for point in one.points if point.row.kind == "body"))
        for one in series_of(table)
    ]
    with canvas(6.4, 3.8) as (drawing, axes):
        for one in series:
            at = np.array([_time(point.row) for point in one.points])
            order = np.argsort(at)
            points = [one.points[place] for place in order]
            axes.fill_between(at[order], [point.lower for point in points], [point.upper for point in points],
                              color=color(one.number), alpha=0.18, linewidth=0)  # fmt: skip
            axes.plot(at[order], [point.value for point in points], color=color(one.number), marker=marker(one.number),
                      markersize=4.5, linewidth=1.6, label=one.label)  # fmt: skip
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        ruled(axes, "y")
        axes.set_ylabel(_measure(table))
        axes.set_xlabel(table.stub)
        axes.set_title(title or table.title)
        if _has_blocks(table):
            legend(drawing, axes)
    return Picture(id=table.id, title=title or table.title, alt=_alt(table, title, series), drawing=drawing)


def _wrapped(label: str, signs: int) -> str:
    """Break a label into lines; Hangul syllables take two signs each."""
    return textwrap.fill(label, max(4, signs * len(label) // max(width(label), 1)))


def _time(row: Row) -> float:
    value = next(iter(row.at.values()), row.label)
    try:
        return float(str(value))
    except ValueError as error:
        raise ReportingError.of("picture-not-a-time", found=row.label) from error


def _lines(rows: Sequence[Row], series: int) -> tuple[Mapping[str, float], float]:
    """Return the height of each line from below, with room for headings, and the height of the picture."""
    places: dict[str, float] = {}
    at, group = 0.0, ""
    for row in rows:
        if row.group != group and row.group:
            at -= 0.9
        group = row.group
        places[row.id] = at
        at -= 1.0
    return places, 1.3 + _LINE * max(1.0, series * 0.55) * -at


def _shift(number: int, count: int) -> float:
    return 0.0 if count == 1 else (0.5 - number / (count - 1)) * 0.5


def _intervals(
    axes: Axes, points: Sequence[Point], at: np.ndarray, number: int, label: str, *, shape: str = ""
) -> None:
    values = [point.value for point in points]
    axes.errorbar(values, at, xerr=_reaches(points), fmt=shape or marker(number), color=color(number), markersize=5,
                  elinewidth=1.3, capsize=0, label=label)  # fmt: skip


def _reaches(points: Sequence[Point]) -> np.ndarray:
    lower = [max(point.value - point.lower, 0.0) for point in points]
    return np.array([lower, [max(point.upper - point.value, 0.0) for point in points]])


def _stub(axes: Axes, rows: Sequence[Row], places: Mapping[str, float]) -> None:
    axes.set_yticks([places[row.id] for row in rows], [row.label for row in rows])
    for label, row in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if row.kind != "body" else "normal")
    group = ""
    for row in rows:
        if row.group and row.group != group:
            axes.annotate(row.group, (0.0, places[row.id] + 0.85), xycoords=("axes fraction", "data"), xytext=(4, 0),
                          textcoords="offset points", va="center", fontsize=8.5, fontweight="bold")  # fmt: skip
        group = row.group
    top = 1.5 if rows[0].group else 0.7  # a heading stands above the first line
    axes.set_ylim(min(places.values()) - 0.7, max(places.values()) + top)
    axes.spines["left"].set_color(FAINT)


def _has_blocks(table: Table) -> bool:
    """Return whether readers must be told which block they see, even where the others are hidden."""
    return len({column.block for column in table.columns}) > 1


def _measure(table: Table) -> str:
    """Return the head of the estimate column and of the interval."""
    head = next((column.label for column in table.columns if column.statistic == "estimate"), "")
    interval = next((column.spanners[-1] for column in table.columns if column.statistic == "lower"), "")
    return f"{head} ({interval})" if interval else head


def _alt(table: Table, title: str, series: Sequence[Series]) -> str:
    wording = Wording(language=table.language)
    parts: list[str] = []
    for one in series:
        for point in one.points:
            place = ", ".join(part for part in (one.label if _has_blocks(table) else "", point.row.label) if part)
            parts.append(f"{place} {point.text}")
    return wording.say("alt", title=title or table.title, measure=_measure(table)) + " " + said(parts, table.language)
