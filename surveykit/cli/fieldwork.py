"""Verbs of the field: start a survey folder, take workbooks in, answer queries, see what is stale."""

from __future__ import annotations

from pathlib import Path

import click

from surveykit.cli.terminal import JSON_OPTION, LANGUAGE_OPTION, close, here, progress, say


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
@LANGUAGE_OPTION
@JSON_OPTION
def receive(*, paths: tuple[str, ...], definition: str, language: str, as_json: bool) -> None:
    """Read returned workbooks and check every answer.

    Inside a survey folder without PATHS: take what is in returned/ into the ledger, and write tables and queries.
    """
    if not paths:
        from surveykit.project.receiving import receive as receive_all

        with progress("reading") as advance:
            made = receive_all(here(), progress=advance)
        say(made, as_json=as_json)
    from surveykit.questionnaire.definition import load_questionnaire
    from surveykit.returns.checks import check
    from surveykit.returns.intake import read_returned

    questionnaire = load_questionnaire(definition or here().definition)
    responses, found = read_returned(paths, questionnaire)
    found = found + check(responses, questionnaire, language=language or "en")
    rows = {unit: len(frame) for unit, frame in responses.items()}
    close({"rows": rows}, found, as_json=as_json)


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


@click.command()
@JSON_OPTION
def status(*, as_json: bool) -> None:
    """Show what was made in this survey folder and what has gone stale."""
    from surveykit.project import status as state_of

    outputs, found = state_of(here())
    made = {one.path: f"{one.state} ({one.verb})" for one in outputs}
    close({"outputs": made} if as_json else made, found, as_json=as_json)
