"""Pictures of fieldwork: what came back against the sample, day by day, and which last digits were liked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import pandas as pd
from matplotlib.ticker import MaxNLocator

from surveykit.errors import ReportingError
from surveykit.findings import Place
from surveykit.questionnaire.structure import localized
from surveykit.reporting.canvas import FAINT, INK, Picture, canvas, color, legend, ruled, said
from surveykit.reporting.labels import Wording, room_data, text_of

_MOST: Final = 40  # bars that can be read on one page
_TICKS: Final = 12  # labels under a time axis that do not run into each other
_EVEN: Final = 10.0  # percent of each of ten last digits where none is preferred


def field_text(key: str, language: str, **values: object) -> str:
    """Return a text of the fieldwork page in a language, its places filled; the key itself where there is none."""
    texts = _texts()
    if key not in texts:
        return key
    text = localized(texts[key], language)
    return text.format(**values) if values else text


@cache
def _texts() -> dict[str, dict[str, str]]:
    document = room_data("fieldwork.json")
    return {key: {str(name): str(text) for name, text in texts.items()} for key, texts in document.items()
            if isinstance(texts, dict)}  # fmt: skip


def returned_bars(frame: pd.DataFrame, *, area: Sequence[str], wording: Wording | None = None) -> Picture:
    """Draw what came back as bars inside what was sampled; the areas that are furthest behind stand on top.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row an area: its columns, ``returned``, ``sampled`` (null without a sample).
    area : sequence of str
        Columns that name the area.
    wording : Wording, optional
        Labels of variables and codes, and the language.

    Returns
    -------
    Picture

    Raises
    ------
    ReportingError
        ``report-unknown-column``; ``picture-nothing-to-draw`` without a row.
    """
    words = wording or Wording()
    heading = field_text("strata" if list(area) != ["team"] else "teams", words.language)
    _wanted(frame, [*area, "returned", "sampled"], heading)
    sampled = frame["sampled"].astype("Float64")
    behind = (frame["returned"].astype("Float64") / sampled.where(sampled > 0)).fillna(1.0)
    shown = frame.loc[behind.sort_values(kind="stable").index[:_MOST]].iloc[::-1]
    names = [", ".join(words.value(name, row[name]) for name in area) for _, row in shown.iterrows()]
    back, of = shown["returned"].astype(float).tolist(), shown["sampled"].astype("Float64")
    known = int(of.notna().sum()) > 0
    with canvas(6.4, 1.1 + 0.26 * len(names)) as (drawing, axes):
        if known:
            frame_of = of.fillna(0.0).astype(float)
            axes.barh(range(len(names)), frame_of, 0.8, facecolor="white", edgecolor=INK, linewidth=0.8,
                      label=field_text("sampled", words.language))  # fmt: skip
        axes.barh(range(len(names)), back, 0.56, color=color(0), label=field_text("returned", words.language))
        axes.set_yticks(range(len(names)), names)
        axes.set_ylabel(", ".join(words.variable(name) for name in area))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_title(heading)
        ruled(axes, "x")
        legend(drawing, axes)
    sizes = [f"{one:.0f}" if there else "-" for one, there in zip(of.fillna(0.0), of.notna(), strict=True)]
    parts = [f"{name} {one:.0f}/{size}" for name, one, size in zip(names, back, sizes, strict=True)][::-1]
    return Picture(
        id="returned", title=heading, alt=f"{heading}: {said(parts, words.language, most=30)}", drawing=drawing
    )


def day_plot(frame: pd.DataFrame, *, sampled: int | None = None, wording: Wording | None = None) -> Picture:
    """Draw the running total of interviews against the size of the sample, with the interviews of each day.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row a day: ``day``, ``interviews``, ``total``.
    sampled : int, optional
        Units of the sample: the line to reach.
    wording : Wording, optional

    Returns
    -------
    Picture

    Raises
    ------
    ReportingError
        ``report-unknown-column``; ``picture-nothing-to-draw`` without a row.
    """
    words = wording or Wording()
    heading = field_text("days", words.language)
    _wanted(frame, ["day", "interviews", "total"], heading)
    days = pd.to_datetime(frame["day"])
    places = (days - days.iloc[0]).dt.days.tolist()
    with canvas(6.4, 3.0) as (drawing, axes):
        axes.bar(places, frame["interviews"].astype(float), 0.8, color=color(5), label=heading)
        axes.plot(places, frame["total"].astype(float), color=color(0), marker="o", markersize=3,
                  label=field_text("total", words.language))  # fmt: skip
        if sampled:
            label = f"{field_text('sampled', words.language)}: {sampled:,}"
            axes.axhline(sampled, color=INK, linestyle="--", linewidth=0.9, label=label)
        shown = _apart(places)
        axes.set_xticks([places[one] for one in shown], [f"{days.iloc[one]:%m-%d}" for one in shown])
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_title(heading)
        ruled(axes, "y")
        legend(drawing, axes)
    parts = [
        f"{day:%Y-%m-%d} {one} ({two})" for day, one, two in zip(days, frame["interviews"], frame["total"], strict=True)
    ]
    return Picture(id="days", title=heading, alt=f"{heading}: {said(parts, words.language, most=31)}", drawing=drawing)


def digit_bars(frame: pd.DataFrame, *, wording: Wording | None = None) -> Picture:
    """Draw how often readings end in each digit, all items together.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row an item and digit: ``digit``, ``count``.
    wording : Wording, optional

    Returns
    -------
    Picture

    Raises
    ------
    ReportingError
        ``report-unknown-column``; ``picture-nothing-to-draw`` without a reading.
    """
    words = wording or Wording()
    heading = field_text("digits", words.language)
    _wanted(frame, ["digit", "count"], heading)
    counts = frame.groupby("digit")["count"].sum().reindex(range(10), fill_value=0).astype(float)
    if not counts.sum():
        raise ReportingError.of("picture-nothing-to-draw", title=heading)
    shares = (counts / counts.sum() * 100).tolist()
    with canvas(5.2, 2.9) as (drawing, axes):
        axes.bar(range(10), shares, 0.8, color=color(0))
        axes.axhline(_EVEN, color=INK, linestyle="--", linewidth=0.9, label=field_text("even-share", words.language))
        axes.set_xticks(range(10))
        axes.set_xlabel(field_text("digit", words.language))
        axes.set_ylabel(field_text("percent", words.language))
        axes.set_title(heading)
        axes.grid(visible=True, axis="y", color=FAINT, linewidth=0.6)
        legend(drawing, axes)
    parts = [f"{digit}: {share:.0f} %" for digit, share in enumerate(shares)]
    return Picture(id="digits", title=heading, alt=f"{heading}: {said(parts, words.language)}", drawing=drawing)


def _apart(places: Sequence[int]) -> list[int]:
    """Return which places can be labelled without their labels running into each other."""
    least = max(1.0, places[-1] / _TICKS)
    shown = [0]
    for number, place in enumerate(places):
        if place - places[shown[-1]] >= least:
            shown.append(number)
    return shown


def _wanted(frame: pd.DataFrame, names: Sequence[str], title: str) -> None:
    for name in names:
        if name not in frame.columns:
            raise ReportingError.of("report-unknown-column", Place(field=name), name=name)
    if not len(frame):
        raise ReportingError.of("picture-nothing-to-draw", title=text_of(title, "en"))
