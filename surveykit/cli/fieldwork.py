"""Verbs of the field: start a survey folder, take workbooks in, answer queries, see what is stale."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from surveykit.cli.terminal import JSON_OPTION, LANGUAGE_OPTION, close, here, progress, say

_SHOWN: Final = 20  # findings on a terminal; all of them stand in the workbook


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--questionnaire", required=True, help="Shipped id, or path of a definition.")
@click.option("--title", default="", help="Title of the survey.")
@click.option("--language", "languages", multiple=True, help="A language of forms and tables; may be repeated.")
def init(folder: Path, questionnaire: str, title: str, languages: tuple[str, ...]) -> None:
    """Start a survey folder."""
    from surveykit.project import init_project
    from surveykit.questionnaire.definition import load_questionnaire

    load_questionnaire(questionnaire)
    made = init_project(folder, questionnaire=questionnaire, title=title, languages=languages)
    click.echo(f"made {made.root / 'survey.json'}; next: surveykit form, inside {made.root}")


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--questionnaire", "definition", default="", help="Shipped id, or path of a definition.")
@click.option("--processes", type=click.IntRange(1, 64), help="How many read files; by default as many as help.")
@LANGUAGE_OPTION
@JSON_OPTION
def receive(*, paths: tuple[str, ...], definition: str, processes: int | None, language: str, as_json: bool) -> None:
    """Read returned workbooks and check every answer.

    Inside a survey folder without PATHS: take what is in returned/ into the ledger, write tables, queries and the page
    of fieldwork (out/monitor.html, out/monitor.xlsx).
    """
    if not paths:
        from surveykit.project.receiving import receive as receive_all

        with progress("reading") as advance:
            made = receive_all(here(), language=language, processes=processes or 0, progress=advance)
        say(made, as_json=as_json, most=_SHOWN, language=language)
    from surveykit.questionnaire.definition import load_questionnaire
    from surveykit.returns.checks import check
    from surveykit.returns.intake import read_returned

    questionnaire = load_questionnaire(definition or here().definition)
    responses, found = read_returned(paths, questionnaire)
    found = found + check(responses, questionnaire, language=language or "en")
    rows = {unit: len(frame) for unit, frame in responses.items()}
    close({"rows": rows}, found, as_json=as_json, language=language)


@click.command()
@click.argument("answered", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--who", default="", help="Who answered, where the list does not say.")
@JSON_OPTION
def queries(*, answered: Path, who: str, as_json: bool) -> None:
    """Take an answered list of queries into the ledger of this survey; run receive afterwards."""
    from surveykit.questionnaire.definition import load_questionnaire
    from surveykit.returns.queries import apply_queries

    project = here()
    applied = apply_queries(answered, load_questionnaire(project.definition), project.folder("data"), who=who)
    counts = {name: getattr(applied, name) for name in ("corrected", "confirmed", "open", "stored")}
    close(counts, applied.findings, as_json=as_json)


@click.command("double-entry")
@click.argument("first", type=click.Path(path_type=Path, exists=True))
@click.argument("second", type=click.Path(path_type=Path, exists=True))
@click.option("--questionnaire", "definition", default="", help="Shipped id, or path of a definition.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Workbook to write.")
@LANGUAGE_OPTION
@JSON_OPTION
def double_entry(
    *, first: Path, second: Path, definition: str, output: Path | None, language: str, as_json: bool
) -> None:
    """Compare two independent entries of the same questionnaires, files or folders.

    Writes the workbook in which a supervisor settles what differs, with agreement by item and by clerk (the folder
    inside FIRST or SECOND in which a clerk's files lie). Settled, it goes back by: surveykit queries.
    """
    from surveykit.project.entries import compare_folders

    made = compare_folders(first, second, definition or here().definition, output=output, language=language)
    say(made, as_json=as_json, most=_SHOWN, language=language)


@click.command()
@JSON_OPTION
def freeze(*, as_json: bool) -> None:
    """Write the received answers, corrections applied, as typed Parquet tables with a manifest into data/frozen/."""
    from surveykit.project.receiving import freeze as write_tables

    say(write_tables(here()), as_json=as_json)


@click.command()
@click.argument("kind", metavar="FORMAT", type=click.Choice(["csv", "sav", "dta"]))
@click.option("--unit", "units", multiple=True, help="A unit of the questionnaire; may be repeated; all by default.")
@click.option("--guard-formulas", is_flag=True, help="In csv, disarm texts that a spreadsheet takes for formulas.")
@LANGUAGE_OPTION
@JSON_OPTION
def export(*, kind: str, units: tuple[str, ...], guard_formulas: bool, language: str, as_json: bool) -> None:
    """Write the received answers for other programs into out/: csv, sav (SPSS) or dta (Stata), a file a unit."""
    from surveykit.project.receiving import export_answers

    made = export_answers(here(), kind, units=units, language=language, guard_formulas=guard_formulas)
    say(made, as_json=as_json)


@click.command()
@JSON_OPTION
def status(*, as_json: bool) -> None:
    """Show what was made in this survey folder and what has gone stale."""
    from surveykit.project import status as state_of

    outputs, found = state_of(here())
    made = {one.path: f"{one.state} ({one.verb})" for one in outputs}
    close({"outputs": made} if as_json else made, found, as_json=as_json)
