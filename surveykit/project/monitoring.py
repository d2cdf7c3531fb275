"""The fieldwork page of a survey folder: one page, one workbook, and the few lists that a terminal shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from surveykit.findings import Findings
from surveykit.forms.sample import Household, read_sample
from surveykit.project.folder import Project
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Questionnaire
from surveykit.reporting.canvas import Picture
from surveykit.reporting.diagnostics import response_map
from surveykit.reporting.fieldwork import day_plot, digit_bars, field_text, returned_bars
from surveykit.reporting.labels import Wording
from surveykit.reporting.listing import Listing, publish_listing
from surveykit.reporting.report import Block, KeyFigure, Report, Section, publish_report
from surveykit.returns.monitor import Monitor, monitor

_TEAM: Final = "team"  # column of the sample file that says who goes there
_DAYS: Final = 14  # columns of a heat map that fit on a page
_MANY_DAYS: Final = 31  # a page that lists more of them hides what follows
_LAST_DAYS: Final = 14
_STRATA: Final = 40  # its rows
_LISTS: Final = (
    "strata", "clusters", "teams", "days", "outcomes", "rates", "rules", "team_rules", "interviewers", "minutes",
    "digits",
)  # fmt: skip
_SHARES: Final = ("share", "value")
_SPOKEN: Final = ("outcome", "severity", "rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fieldwork:
    """How fieldwork of a survey folder stands, ready for pages.

    Parameters
    ----------
    monitor : Monitor
    questionnaire : Questionnaire
    findings : Findings
        What is still open.
    language : str
    title : str
    """

    monitor: Monitor
    questionnaire: Questionnaire
    findings: Findings
    language: str
    title: str


def sampled_units(project: Project, questionnaire: Questionnaire) -> tuple[Household, ...]:
    """Return the units of the sample file that ``survey.json`` names; none where it names none.

    Raises
    ------
    FormError
        If a row of it has no serial or a value that its item does not take.
    """
    return read_sample(project.sample, questionnaire) if project.sample is not None else ()


def sample_teams(units: Sequence[Household]) -> dict[str, str]:
    """Return the team of each serial: the column ``team`` of the sample file."""
    return {unit.serial: unit.address[_TEAM] for unit in units if unit.address.get(_TEAM)}


def fieldwork(
    project: Project,
    questionnaire: Questionnaire,
    responses: Responses,
    findings: Findings,
    *,
    units: Sequence[Household] = (),
    language: str = "en",
) -> Fieldwork:
    """Hold what came back against the sample."""
    variables = {item.id: item.var for item in questionnaire}
    key = variables[questionnaire.top.key]
    rows = [{variables[name]: value for name, value in unit.prefill.items()} | {key: unit.serial} for unit in units]
    numbers = monitor(
        responses,
        questionnaire,
        findings=findings,
        sample=pd.DataFrame(rows) if rows else None,
        teams=sample_teams(units),
    )
    title = project.title.get(language) or next(iter(project.title.values()), questionnaire.id)
    return Fieldwork(monitor=numbers, questionnaire=questionnaire, findings=findings, language=language, title=title)


def write_fieldwork(field: Fieldwork, folder: Path) -> tuple[Path, Path]:
    """Write ``monitor.html`` and ``monitor.xlsx``.

    Raises
    ------
    ReportingError
        If a file cannot be written.
    """
    page, book = folder / "monitor.html", folder / "monitor.xlsx"
    publish_report(fieldwork_report(field), page)
    publish_listing(list(fieldwork_lists(field).values()) or [_empty(field)], book)
    return page, book


def fieldwork_lists(field: Fieldwork) -> dict[str, Listing]:
    """Return the lists that have rows, by name."""
    frames = {name: getattr(field.monitor, name) for name in _LISTS} | {"digits": _digit_table(field.monitor.digits)}
    notes = {"rates": (field_text("rates-note", field.language),)}
    return {name: _listing(field, name, frame, notes.get(name, ())) for name, frame in frames.items() if len(frame)}


def fieldwork_summary(field: Fieldwork) -> dict[str, Any]:
    """Return the figures at the head of the page as plain values: for programs, and for the end of a command."""
    numbers = field.monitor
    shares: Mapping[str, Any] = dict(zip(numbers.rates["rate"], numbers.rates["value"], strict=True))
    minutes = None if numbers.minutes.empty else float(numbers.minutes["median"].iloc[0])
    return {
        "returned": numbers.returned,
        "sampled": numbers.sampled,
        "errors": len(field.findings.errors),
        "warnings": len(field.findings.warnings),
        "minutes": minutes,
        **{name: None if pd.isna(value) else round(float(value), 4) for name, value in shares.items()},
    }


def fieldwork_report(field: Fieldwork) -> Report:
    """Return the page: key figures, what came back, outcomes, findings, interviewers; pictures where people look."""
    lists, numbers, words = _shortened(fieldwork_lists(field), field.language), field.monitor, _words(field)
    pictures: dict[str, Picture] = {}
    if len(numbers.days):
        pictures["days"] = day_plot(numbers.days, sampled=numbers.sampled, wording=words)
    for name in ("strata", "teams"):
        frame = getattr(numbers, name)
        if len(frame):
            area = [str(one) for one in frame.columns if one not in {"returned", "sampled", "share"}]
            pictures[name] = returned_bars(frame, area=area, wording=words)
    if int(numbers.digits["count"].sum()):
        pictures["digits"] = digit_bars(numbers.digits, wording=words)
    grid = _grid(numbers.response)
    if len(grid):
        title = field_text("response", field.language)
        pictures["response"] = response_map(grid, row="stratum", column="day", rate="rate", wording=words, title=title)
    said = field_text("response-note" if numbers.sampled is not None else "response-note-alone", field.language)
    parts: dict[str, list[object]] = {
        "returned": ["days", "strata", "teams", "response", said if "response" in pictures else None, "clusters"],
        "outcomes": ["outcomes", "rates"],
        "findings": ["rules", "team_rules"],
        "quality": ["interviewers", "minutes", "digits"],
    }
    sections = [Section(id="figures", title=field_text("title", field.language), blocks=tuple(_figures(field)))]
    for name, wanted in parts.items():
        blocks = tuple(_blocks(wanted, pictures, lists))
        if blocks:
            title = field_text(f"section-{name}", field.language)
            sections.append(Section(id=name, title=title, blocks=blocks))
    return Report(title=field.title, sections=tuple(sections), language=field.language)


def _shortened(lists: dict[str, Listing], language: str) -> dict[str, Listing]:
    """Return the lists as a page has room for them: of many days the last ones; the workbook has all."""
    days = lists.get("days")
    if days is None or len(days.frame) <= _MANY_DAYS:
        return lists
    note = field_text("days-cut", language, count=f"{_LAST_DAYS}")
    return {**lists, "days": replace(days, frame=days.frame.tail(_LAST_DAYS), notes=(*days.notes, note))}


def _blocks(wanted: Sequence[object], pictures: Mapping[str, Picture], lists: Mapping[str, Listing]) -> list[Block]:
    """Return pictures and lists by name; a text that is neither stands as a paragraph."""
    blocks: list[Block] = []
    for one in wanted:
        name = str(one or "")
        blocks += [part for part in (pictures.get(name), lists.get(name)) if part is not None]
        if name and name not in pictures and name not in _LISTS:
            blocks.append(name)
    return blocks


def _figures(field: Fieldwork) -> list[Block]:
    numbers, language = field.monitor, field.language
    summary = fieldwork_summary(field)
    of = field_text("no-sample", language)
    if numbers.sampled is not None:
        share = f"{numbers.returned / numbers.sampled:.0%}" if numbers.sampled else "-"
        of = field_text("of-sample", language, share=share, sampled=f"{numbers.sampled:,}")
    figures: list[Block] = [
        KeyFigure(label=field_text("figure-returned", language), value=f"{numbers.returned:,}", detail=of)
    ]
    if summary.get("RR2") is not None:
        figures.append(KeyFigure(label=field_text("figure-response", language), value=f"{summary['RR2']:.0%}"))
    if summary["minutes"] is not None:
        planned = field_text("figure-planned", language, planned=f"{field.questionnaire.minutes:g}")
        label = field_text("figure-minutes", language)
        figures.append(KeyFigure(label=label, value=f"{summary['minutes']:g}", detail=planned))
    warnings = field_text("figure-warnings", language, count=f"{summary['warnings']:,}")
    label = field_text("figure-errors", language)
    figures.append(KeyFigure(label=label, value=f"{summary['errors']:,}", detail=warnings))
    return figures if numbers.returned else [*figures, field_text("nothing", language)]


def _words(field: Fieldwork) -> Wording:
    """Return the labels of the columns that name areas, and of their codes."""
    entries: dict[str, Any] = {name: field_text(name, field.language) for name in ("stratum", "team", "day")}
    areas = set(field.monitor.clusters.columns) | set(field.monitor.strata.columns)
    for item in field.questionnaire:
        if item.var in areas:
            options = item.codelist.options if item.codelist else ()
            entries[item.var] = {"label": item.label, "values": {one.code: one.label for one in options}}
    return Wording(language=field.language, entries=entries)


def _listing(field: Fieldwork, name: str, frame: pd.DataFrame, notes: Sequence[str]) -> Listing:
    words, variables = _words(field), {item.var for item in field.questionnaire}
    shown = frame.copy()
    for column in shown.columns:
        if column in _SHARES:
            shown[column] = (shown[column].astype("Float64") * 100).round(1)
        elif column in _SPOKEN:
            shown[column] = [field_text(str(value), field.language) for value in shown[column]]
        elif column == "day":
            shown[column] = [f"{value:%Y-%m-%d}" for value in shown[column]]
        elif column in variables:
            shown[column] = [words.value(str(column), value) for value in shown[column]]
    labels = {str(column): _head(field, words, str(column)) for column in shown.columns}
    title = field_text(name, field.language)
    return Listing(title=title, frame=shown, labels=labels, language=field.language, decimals=1, notes=notes)


def _head(field: Fieldwork, words: Wording, column: str) -> str:
    known = field_text(column, field.language)
    said = known if known != column else words.variable(column)
    return f"{said} (%)" if column in _SHARES else said


def _grid(response: pd.DataFrame) -> pd.DataFrame:
    """Return the rates that a heat map has room for: days evenly thinned with the last one, strata furthest behind."""
    known = response.assign(rate=response["rate"].astype("float64")).dropna(subset=["rate"])
    if known.empty:
        return known
    days = sorted(known["day"].unique())
    step = -(-len(days) // _DAYS)
    kept = set(days[::-1][::step])
    last = known[known["day"] == days[-1]].sort_values("rate", kind="stable")
    behind = last["stratum"].head(_STRATA)
    some = known[known["day"].isin(kept) & known["stratum"].isin(behind)]
    return some.assign(day=[f"{day:%m-%d}" for day in some["day"]])


def _digit_table(digits: pd.DataFrame) -> pd.DataFrame:
    """Return a line an item: readings, and the percentage that ends in each digit; items without a reading left out."""
    if digits.empty:
        return digits
    wide = digits.pivot_table(index="item", columns="digit", values="share", aggfunc="first", sort=False, dropna=False)
    readings = digits.groupby("item", sort=False)["count"].sum()
    table = (wide.astype("Float64") * 100).round(1)
    table.insert(0, "count", readings.reindex(table.index))
    return table[table["count"] > 0].rename(columns=str).reset_index()


def _empty(field: Fieldwork) -> Listing:
    frame = pd.DataFrame({"returned": [field.monitor.returned]})
    return _listing(field, "title", frame, ())
