"""Plots of how a survey went: sample against population, weights, balance, response, and a schematic map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from surveykit.errors import ReportingError
from surveykit.findings import Place
from surveykit.reporting.canvas import FAINT, INK, RAMP, Picture, canvas, color, ink_on, legend, marker, ruled, said
from surveykit.reporting.figures import plain
from surveykit.reporting.labels import Wording, room_data, text_of
from surveykit.reporting.layouts import one_of
from surveykit.reporting.table import Table, number_text

LIMIT: Final = 0.1  # absolute standardised difference that counts as balanced (Austin 2009, Statistics in Medicine 28)


def population_pyramid(
    frame: pd.DataFrame,
    *,
    group: str = "age_group",
    side: str = "sex",
    sample: str = "sample",
    population: str = "population",
    wording: Wording | None = None,
    title: str = "",
) -> Picture:
    """Draw the sample against the population by age and sex.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a group and side with the columns named below; counts, weighted counts or shares.
    group, side, sample, population : str
        Column of the ages (youngest first), of the two sexes (the first one found stands left), and of the counts.
    wording : Wording, optional
        Labels and language.
    title : str

    Returns
    -------
    Picture
        Bars are the sample and lines the population, each in percent of its own total.

    Raises
    ------
    ReportingError
        ``report-unknown-column``, ``picture-two-sides`` if the sides are not two.
    """
    words = wording or Wording()
    _columns(frame, group, side, sample, population)
    groups = list(dict.fromkeys(plain(value) for value in frame[group]))
    sides = list(dict.fromkeys(plain(value) for value in frame[side]))
    if len(sides) != 2:
        raise ReportingError.of("picture-two-sides", Place(field=side), found=len(sides))
    shares = {name: frame[name] / frame[name].sum() * 100 for name in (sample, population)}
    heading, parts = title or words.say("pyramid"), list[str]()
    with canvas(6.0, 0.9 + 0.26 * len(groups)) as (drawing, axes):
        for number, one in enumerate(sides):
            rows = [frame.index[(frame[side] == one) & (frame[group] == value)] for value in groups]
            bars, lines = ([float(shares[name].loc[row].sum()) for row in rows] for name in (sample, population))
            sign, label = (-1, 1)[number], words.value(side, one)
            axes.barh(range(len(groups)), np.array(bars) * sign, 0.86, color=color(number), alpha=0.7,
                      label=f"{label}, {words.say('pyramid-sample')}")  # fmt: skip
            axes.stairs(np.array(lines) * sign, np.arange(len(groups) + 1) - 0.5, orientation="horizontal", color=INK,
                        linewidth=1.4, label=words.say("pyramid-frame") if number == 0 else None)  # fmt: skip
            parts += [f"{label} {words.value(group, value)}: {bar:.1f} / {line:.1f}"
                      for value, bar, line in zip(groups, bars, lines, strict=True)]  # fmt: skip
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_yticks(range(len(groups)), [words.value(group, value) for value in groups])
        axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
        axes.set_xlabel(words.say("percent-of-all"))
        axes.set_title(heading)
        ruled(axes, "x")
        legend(drawing, axes)
    measure = f"{words.say('pyramid-sample')} / {words.say('pyramid-frame')} ({words.say('percent-of-all')})"
    alt = words.say("alt", title=heading, measure=measure) + " " + said(parts, words.language, most=40)
    return Picture(id="pyramid", title=heading, alt=alt, drawing=drawing)


def weight_distribution(
    weights: pd.Series | Sequence[float], *, wording: Wording | None = None, title: str = ""
) -> Picture:
    """Draw the distribution of weights over their mean, with the unequal weighting effect.

    Parameters
    ----------
    weights : series or sequence of float, shape (n,)
        Weights of zero are left out.
    wording : Wording, optional
    title : str

    Returns
    -------
    Picture

    Raises
    ------
    ReportingError
        ``picture-nothing-to-draw`` without a positive weight.

    Notes
    -----
    The effect is 1 + CV^2 = n sum(w^2) / sum(w)^2 (Kish 1965). R: ``PracTools::deffK``.
    """
    words = wording or Wording()
    values = pd.to_numeric(pd.Series(weights)).dropna().to_numpy(dtype=float)
    values = values[values > 0]
    heading = title or words.say("weights")
    if not len(values):
        raise ReportingError.of("picture-nothing-to-draw", title=heading)
    relative = values / values.mean()
    effect = float(len(values) * (values**2).sum() / values.sum() ** 2)
    with canvas(6.0, 3.2) as (drawing, axes):
        axes.hist(relative, bins=min(60, max(10, int(np.sqrt(len(relative))))), color=color(0), edgecolor="white",
                  linewidth=0.4)  # fmt: skip
        axes.axvline(1, color=INK, linestyle="--", linewidth=0.9)
        axes.annotate(words.say("weights-effect", effect=effect), (0.98, 0.94), xycoords="axes fraction", ha="right")
        axes.set_xlabel(words.say("weight-over-mean"))
        axes.set_ylabel(words.say("respondents"))
        axes.set_title(heading)
        ruled(axes, "y")
    low, high = float(relative.min()), float(relative.max())
    alt = words.say("weights-alt", count=len(values), low=low, median=float(np.median(relative)), high=high,
                    effect=effect)  # fmt: skip
    return Picture(id="weights", title=heading, alt=alt, drawing=drawing)


def love_plot(
    frame: pd.DataFrame,
    *,
    name: str = "covariate",
    category: str = "category",
    stages: Sequence[str] = ("asmd_before", "asmd_after"),
    wording: Wording | None = None,
    title: str = "",
) -> Picture:
    """Draw absolute standardised differences before and after weighting.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a variable or category, as in the balance table of weighting diagnostics, with a column a stage of
        standardised differences.
    name, category : str
        Columns of the names; the category may be missing.
    stages : sequence of str
        Columns of the differences, in order.
    wording : Wording, optional
    title : str

    Returns
    -------
    Picture
        With a line at 0.1, below which groups count as balanced.

    Raises
    ------
    ReportingError
        ``report-unknown-column``.

    References
    ----------
    Austin (2009), Statistics in Medicine 28, 3083-3107. R: ``cobalt::love.plot``.
    """
    words = wording or Wording()
    _columns(frame, name, *stages)
    ordered = frame.assign(_at=frame[stages[0]].abs()).sort_values("_at", kind="stable")
    labels = [_balance_label(row, name, category, words) for row in ordered.to_dict("records")]
    heading = title or words.say("balance")
    with canvas(6.0, 1.0 + 0.26 * len(labels)) as (drawing, axes):
        axes.axvline(LIMIT, color=INK, linestyle="--", linewidth=0.9)
        for number, stage in enumerate(stages):
            axes.plot(ordered[stage].abs(), range(len(labels)), linestyle="none", marker=marker(number),
                      color=color(number), markersize=6, label=_stage(stage, words))  # fmt: skip
        axes.set_yticks(range(len(labels)), labels)
        axes.set_xlim(left=0)
        axes.set_xlabel(words.say("balance-axis"))
        axes.set_title(heading)
        axes.grid(visible=True, color=FAINT, linewidth=0.6)
        legend(drawing, axes)
    parts = [
        f"{label} " + ", ".join(f"{_stage(stage, words)} {abs(row[stage]):.2f}" for stage in stages)
        for label, row in zip(labels, ordered.to_dict("records"), strict=True)
    ]
    alt = words.say("balance-alt", parts=said(parts[::-1], words.language))
    return Picture(id="balance", title=heading, alt=alt, drawing=drawing)


def _stage(stage: str, words: Wording) -> str:
    known = {"asmd_before": "stage-before", "asmd_after": "stage-after"}
    return words.say(known[stage]) if stage in known else words.variable(stage)


def _balance_label(row: Mapping[Any, Any], name: str, category: str, words: Wording) -> str:
    variable, code = str(row[name]), plain(row.get(category))
    label = words.variable(variable)
    return label if code in {None, ""} else f"{label}: {words.value(variable, code)}"


def tile_map(
    values: Mapping[object, float | None] | Table,
    *,
    tiles: str | Mapping[str, Any] = "dprk",
    variable: str = "",
    decimals: int = 1,
    wording: Wording | None = None,
    title: str = "",
) -> Picture:
    """Draw one tile an area, placed roughly as the areas lie; no borders and no shape files.

    Parameters
    ----------
    values : mapping of code to float, or Table
        Value by area; none for hidden ones. Of a table the estimates of its first block whose rows are areas.
    tiles : str or mapping
        ``dprk``, ``korea``, or ``{"tiles": [{"code": 1, "column": 0, "row": 0, "label": {"en": "North"}}]}``.
    variable : str
        Of a table whose rows are areas and other groups: the variable of the areas.
    decimals : int
    wording : Wording, optional
    title : str

    Returns
    -------
    Picture

    Raises
    ------
    ReportingError
        ``report-unknown-option`` for unknown tiles, ``picture-nothing-to-draw`` if no area has a value.
    """
    words = wording or Wording(language=values.language if isinstance(values, Table) else "en")
    areas = _tiles(tiles)
    known = (
        _area_values(values, variable)
        if isinstance(values, Table)
        else {str(code): one for code, one in values.items()}
    )
    shown = [one for area in areas if (one := known.get(str(area["code"]))) is not None]
    heading = title or (values.title if isinstance(values, Table) else words.say("tile-map"))
    if not shown:
        raise ReportingError.of("picture-nothing-to-draw", title=heading)
    scale = Normalize(min(shown), max(shown) if max(shown) > min(shown) else min(shown) + 1)
    width, height = (1 + max(int(area[axis]) for area in areas) for axis in ("column", "row"))
    parts: list[str] = []
    with canvas(1.15 * width + 0.4, 1.0 * height + 0.7) as (drawing, axes):
        for area in areas:
            value = known.get(str(area["code"]))
            text = words.say("not-shown") if value is None else number_text(value, decimals)
            shade = "#FFFFFF" if value is None else mpl.colormaps[RAMP](scale(value))
            corner = (int(area["column"]), -int(area["row"]))
            axes.add_patch(Rectangle(corner, 0.96, 0.96, facecolor=shade, edgecolor=FAINT))
            label = text_of(area["label"], words.language)
            axes.annotate(f"{label}\n{text}", (corner[0] + 0.48, corner[1] + 0.48), ha="center", va="center",
                          color=ink_on(shade), fontsize=8.5)  # fmt: skip
            parts.append(f"{label} {text}")
        axes.set(xlim=(0, width), ylim=(1 - height, 1), aspect="equal", title=heading)
        axes.axis("off")
    alt = words.say("tile-map-alt", parts=said(parts, words.language, most=30))
    return Picture(id="map", title=heading, alt=f"{heading}. {alt}", drawing=drawing)


def response_map(
    frame: pd.DataFrame, *, row: str, column: str, rate: str, wording: Wording | None = None, title: str = ""
) -> Picture:
    """Draw response rates as a heat map with the numbers in it.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a combination, with a rate between 0 and 1.
    row, column, rate : str
        Columns of the frame, for instance area, week and response rate.
    wording : Wording, optional
    title : str

    Returns
    -------
    Picture

    Raises
    ------
    ReportingError
        ``report-unknown-column``.
    """
    words = wording or Wording()
    _columns(frame, row, column, rate)
    grid = frame.pivot_table(index=row, columns=column, values=rate, aggfunc="mean", sort=False)
    heading, parts = title or words.say("response"), list[str]()
    with canvas(1.6 + 0.55 * len(grid.columns), 1.0 + 0.3 * len(grid)) as (drawing, axes):
        values = grid.to_numpy(dtype=float) * 100
        # shades from the whole ten below the smallest rate: rates of 80 and 90 must not look alike
        scale = Normalize(min(90.0, np.floor(np.nanmin(values) / 10) * 10), 100)
        axes.imshow(np.ma.masked_invalid(values), cmap=RAMP, norm=scale, aspect="auto")
        for line, across in np.ndindex(values.shape):
            if not np.isnan(values[line, across]):
                ink = ink_on(mpl.colormaps[RAMP](scale(float(values[line, across]))))
                axes.annotate(f"{values[line, across]:.0f}", (across, line), ha="center", va="center", color=ink,
                              fontsize=8)  # fmt: skip
        rows, columns = ([words.value(name, plain(one)) for one in axis]
                         for name, axis in ((row, grid.index), (column, grid.columns)))  # fmt: skip
        axes.set_yticks(range(len(rows)), rows)
        axes.set_xticks(range(len(columns)), columns)
        axes.tick_params(length=0)
        axes.set_xlabel(words.variable(column))
        axes.set_title(heading)
        parts = [f"{label} {np.nanmean(line):.0f}" for label, line in zip(rows, values, strict=True)]
    alt = words.say("response-alt", parts=said(parts, words.language, most=30))
    return Picture(id="response", title=heading, alt=alt, drawing=drawing)


def _columns(frame: pd.DataFrame, *names: str) -> None:
    for name in names:
        if name not in frame.columns:
            raise ReportingError.of("report-unknown-column", Place(field=name), name=name)


def _tiles(tiles: str | Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if isinstance(tiles, str):
        known: Mapping[str, Any] = room_data("tiles.json")
        one_of("tiles", tiles, known)
        return list(known[tiles]["tiles"])
    return list(tiles["tiles"])


def _area_values(table: Table, variable: str) -> dict[str, float | None]:
    """Return the estimate of each row of the first block, by the code of its area."""
    block = table.columns[0].block
    values: dict[str, float | None] = {}
    for row in table.rows:
        figure = table.figures.get((row.id, block))
        if figure is not None and row.at and (not variable or list(row.at) == [variable]):
            values[str(list(row.at.values())[-1])] = figure.number("estimate")
    return values
