"""A whole report from what a survey folder has: tables and answers in, every part of the report out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pandas as pd

from surveykit.design.survey import Survey
from surveykit.errors import ReportingError
from surveykit.questionnaire.codebook import Codebook
from surveykit.reporting.canvas import Picture
from surveykit.reporting.diagnostics import tile_map, weight_distribution
from surveykit.reporting.labels import Wording
from surveykit.reporting.listing import Listing
from surveykit.reporting.methods import drawn_sentences, method_sentences
from surveykit.reporting.plots import dot_plot, trend
from surveykit.reporting.report import Block, KeyFigure, Report, key_figure, make_report
from surveykit.reporting.table import Row, Table

_LINES: Final = 40  # rows of a dot plot that one page of A4 still shows
_YEARS: Final = range(1900, 2101)  # row codes that are taken for calendar years


def compose_report(
    title: object,
    tables: Sequence[Table],
    survey: Survey,
    *,
    sample: Sequence[Block] = (),
    weighting: Sequence[Block] = (),
    codebook: Codebook | pd.DataFrame | Listing | None = None,
    inputs: Mapping[str, str] | None = None,
    language: str = "en",
    subtitle: object = "",
    maps: Mapping[str, str] | None = None,
    most_figures: int = 8,
) -> Report:
    """Put together a whole report: key figures, sample, weights, tables with their pictures, methods, codebook.

    Parameters
    ----------
    title, subtitle : str or mapping of str to str
    tables : sequence of Table
        After rules of publication, in the language of the report.
    survey : Survey
        What they were estimated from.
    sample : sequence of blocks
        Response rates, a pyramid of sample against population; the design is told before them.
    weighting : sequence of blocks
        Diagnostics of the weights; their distribution is drawn if nothing is given.
    codebook : Codebook, pandas.DataFrame or Listing, optional
    inputs : mapping of str to str, optional
        SHA-256 by name of each file that the report was made from.
    language : str
    maps : mapping of str to str, optional
        Name of the tiles (``dprk``, ``korea``) by the variable whose codes they have.
    most_figures : int
        Key figures at the head: the whole population of each table, standardised where it is.

    Returns
    -------
    Report

    Notes
    -----
    A table gives the pictures that its figures allow: a trend where its rows are years, else dots with intervals; a map
    where its rows are areas of ``maps``. Pictures are drawn after the rules, so that what is hidden is not drawn.
    """
    words = Wording(language=language)
    results: list[Block] = []
    for table in tables:
        results += [table, *_pictures(table, maps or {})]
    return make_report(
        title,
        subtitle=subtitle,
        key_figures=[figure for table in tables for figure in _key_figures(table)][:most_figures],
        sample=[*drawn_sentences(survey, words), *sample],
        weighting=weighting or _weights(survey, words),
        results=results,
        methods=method_sentences(survey, tables=tables, language=language),
        codebook=codebook,
        inputs=inputs,
        language=language,
    )


def _key_figures(table: Table) -> Iterator[KeyFigure]:
    """Yield the whole population of a table, standardised where it is; a table by category has no one figure."""
    blocks = dict.fromkeys(column.block for column in table.columns)
    block = "total" if "total" in blocks else next(iter(blocks))
    if any(column.statistic == "estimate" and "level=" in column.block for column in table.columns):
        return
    whole: dict[str, Row] = {}
    for row in table.rows:
        if row.kind != "body":
            whole[row.id.removesuffix(".standardised")] = row
    for row in whole.values():
        yield key_figure(table, row.id, block)


def _pictures(table: Table, maps: Mapping[str, str]) -> Iterator[Picture]:
    """Yield the pictures of a table; one without figures that may be shown has none."""
    try:
        if _is_trend(table):
            yield trend(table)
        elif 1 < len(table.rows) <= _LINES:
            yield dot_plot(table)
        for variable, tiles in maps.items():
            if any(list(row.at) == [variable] for row in table.rows):
                yield tile_map(table, tiles=tiles, variable=variable)
    except ReportingError as error:
        if error.findings.codes.keys() != {"picture-nothing-to-draw"}:
            raise


def _is_trend(table: Table) -> bool:
    codes = [next(iter(row.at.values()), None) for row in table.rows if row.kind == "body"]
    return len(codes) > 2 and all(isinstance(code, int) and code in _YEARS for code in codes)


def _weights(survey: Survey, words: Wording) -> list[Block]:
    if survey.engine == "lazy" or survey.design.weights is None:
        return []
    return [weight_distribution(list(survey.weights), wording=words)]
