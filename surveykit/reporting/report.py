"""The report as a value: sections of key figures, sentences, tables, pictures and lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Final, cast

import pandas as pd

from surveykit.errors import ReportingError
from surveykit.questionnaire.codebook import Codebook
from surveykit.reporting.canvas import Picture
from surveykit.reporting.labels import Wording, text_of
from surveykit.reporting.layouts import one_of
from surveykit.reporting.listing import Listing, codebook_listing
from surveykit.reporting.methods import software
from surveykit.reporting.publish import Publication, written
from surveykit.reporting.table import Table

MAX_BYTES: Final = 5 * 1024 * 1024  # a report must open from a USB stick on an old machine and go by mail


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """One figure at the head of a report.

    Parameters
    ----------
    label : str
        What it is.
    value : str
        As printed, with its unit.
    detail : str
        Interval, population or comparison in small print.
    """

    label: str
    value: str
    detail: str = ""


Block = str | KeyFigure | Table | Picture | Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a report under its own heading.

    Parameters
    ----------
    id : str
        Anchor in links.
    title : str
    blocks : tuple of str, KeyFigure, Table, Picture or Listing
        In order; a text is a paragraph, key figures that follow each other stand in a row.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report ready for any format.

    Parameters
    ----------
    title, subtitle : str
    sections : tuple of Section
    language : str
        BCP 47 tag.
    provenance : mapping of str to str
        SHA-256 of the files that it was made from, by name.
    """

    title: str
    sections: tuple[Section, ...]
    subtitle: str = ""
    language: str = "en"
    provenance: Mapping[str, str] = field(default_factory=dict)


def make_report(
    title: object,
    *,
    key_figures: Sequence[KeyFigure] = (),
    sample: Sequence[Block] = (),
    weighting: Sequence[Block] = (),
    results: Sequence[Block] = (),
    methods: Sequence[str] = (),
    codebook: Codebook | pd.DataFrame | Listing | None = None,
    inputs: Mapping[str, str] | None = None,
    language: str = "en",
    subtitle: object = "",
) -> Report:
    """Put a report together; parts that are empty leave no heading.

    Parameters
    ----------
    title, subtitle : str or mapping of str to str
    key_figures : sequence of KeyFigure
        See :func:`key_figure`.
    sample, weighting, results : sequence of str, Table, Picture or Listing
        Sample and response; diagnostics of the weights; tables and plots.
    methods : sequence of str
        Sentences, for instance of :func:`surveykit.reporting.methods.method_sentences`; software and hashes of the
        inputs are added.
    codebook : Codebook, pandas.DataFrame or Listing, optional
        A codebook is listed for readers: number, variable, question, values and who was asked.
    inputs : mapping of str to str, optional
        SHA-256 by name of each file that the report was made from.
    language : str

    Returns
    -------
    Report
    """
    words = Wording(language=language)
    versions = ", ".join(f"{name} {number}" for name, number in software().items())
    said: list[Block] = [*methods, f"{words.say('software')}: {versions}."]
    if inputs:
        frame = pd.DataFrame({"file": list(inputs), "sha256": list(inputs.values())})
        labels = {"file": words.say("file"), "sha256": "SHA-256"}
        said.append(Listing(title=words.say("files-made-from"), frame=frame, labels=labels, language=language))
    listed = codebook
    if isinstance(listed, Codebook):
        listed = codebook_listing(listed, language)
    if isinstance(listed, pd.DataFrame):
        listed = Listing(title=words.say("codebook"), frame=listed, language=language)
    parts: dict[str, Sequence[Block]] = {
        "key-figures": key_figures,
        "sample-and-response": sample,
        "weighting": weighting,
        "results": results,
        "methods": said,
        "codebook": [listed] if listed is not None else [],
    }
    sections = tuple(
        Section(id=name, title=words.say(name), blocks=tuple(blocks)) for name, blocks in parts.items() if blocks
    )
    return Report(
        title=text_of(title, language),
        subtitle=text_of(subtitle, language),
        sections=sections,
        language=language,
        provenance=inputs or {},
    )


def key_figure(table: Table, row: str, block: str, *, label: object = "") -> KeyFigure:
    """Return an estimate of a table as a key figure; a hidden one says that it is not shown.

    Parameters
    ----------
    table : Table
        After rules of publication.
    row, block : str
        Ids, for instance ``"total"`` and ``"sex=1"``.
    label : str or mapping of str to str
        Title of the table, block and row if not given.

    Raises
    ------
    ReportingError
        ``report-unknown-option`` if the table has no such row or block.
    """
    one_of("row", row, [one.id for one in table.rows])
    one_of("block", block, {column.block for column in table.columns})
    cells = {column.statistic: table.cell(row, column.id) for column in table.columns if column.block == block}
    estimate, lower, upper = (cells.get(name) for name in ("estimate", "lower", "upper"))
    heading = text_of(label, table.language) or _figure_label(table, row, block)
    words = Wording(language=table.language)
    if estimate is None or estimate.value is None:
        return KeyFigure(label=heading, value=words.say("not-shown"))
    figure = table.figures.get((row, block))
    unit = "%" if figure is not None and figure.is_share else ""
    detail = ""
    if lower is not None and upper is not None and lower.value is not None and upper.value is not None:
        head = next((column.spanners[-1] for column in table.columns if column.statistic == "lower"), "")
        detail = f"{head} {table.interval.format(lower=lower.display, upper=upper.display)}"
    shown = replace(estimate, display=f"{estimate.display}{unit}")  # the unit stands before the marks
    return KeyFigure(label=heading, value=shown.text, detail=detail)


def _figure_label(table: Table, row: str, block: str) -> str:
    """Return title, line and block; the lines of totals are told by their block alone."""
    line = next(one for one in table.rows if one.id == row)
    heads = next(column.spanners for column in table.columns if column.block == block)
    several = len({column.block for column in table.columns}) > 1
    whole = block == "total" or not several or not heads
    told = line.label if whole or line.kind != "total" else ""
    return ", ".join(part for part in (table.title, "" if whole else heads[0], told) if part)


def publish_report(report: Report, path: str | Path) -> Publication:
    """Write a report as one web page or as a Word document.

    Parameters
    ----------
    report : Report
    path : str or Path
        Ends in ``.html`` (one file, pictures inside, nothing loaded, no scripts) or ``.docx`` (needs the extra
        ``docx``).

    Returns
    -------
    Publication

    Raises
    ------
    ReportingError
        ``report-unknown-option`` for another suffix, ``report-too-large`` over 5 MB, ``report-extra-missing``,
        ``report-not-writable``.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    one_of("suffix", suffix, (".docx", ".html"))
    content = _renderer(suffix)(numbered(report))
    if len(content) > MAX_BYTES:
        size = f"{len(content) / 1024 / 1024:.1f}"
        raise ReportingError.of("report-too-large", size=size, limit=MAX_BYTES // 1024 // 1024)
    return written(target, content)


def numbered(report: Report) -> Report:
    """Return a report whose tables and figures bear their numbers, each kind counted through, as books do.

    Parameters
    ----------
    report : Report
    """
    words, counts = Wording(language=report.language), {"table-number": 0, "figure-number": 0}

    def change(block: Block) -> Block:
        if not isinstance(block, Table | Picture):
            return block
        key = "table-number" if isinstance(block, Table) else "figure-number"
        counts[key] += 1
        return replace(block, title=words.say(key, number=counts[key], title=block.title))

    sections = tuple(replace(one, blocks=tuple(change(block) for block in one.blocks)) for one in report.sections)
    return replace(report, sections=sections)


def with_section(report: Report, section: Section, *, before: str = "methods") -> Report:
    """Return a report with one more section, before another one or at the end."""
    places = [place for place, one in enumerate(report.sections) if one.id == before]
    place = places[0] if places else len(report.sections)
    return replace(report, sections=(*report.sections[:place], section, *report.sections[place:]))


def _renderer(suffix: str) -> Callable[[Report], bytes]:
    module = "report_page" if suffix == ".html" else "report_word"
    try:
        return cast("Callable[[Report], bytes]", import_module(f"surveykit.reporting.{module}").report_bytes)
    except ModuleNotFoundError as error:
        if error.name != "docx":
            raise
        raise ReportingError.of("report-extra-missing", suffix=suffix, package="python-docx", extra="docx") from error
