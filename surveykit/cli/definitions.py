"""Verbs of a survey designer: definitions, forms, codebooks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn

import click

from surveykit import __version__
from surveykit.cli.terminal import FINDINGS, FINE, JSON_OPTION, LANGUAGE_OPTION, close, here, progress, say
from surveykit.findings import Findings

if TYPE_CHECKING:
    from surveykit.questionnaire.structure import Questionnaire


@click.command()
@click.argument("definitions", nargs=-1)
@click.option("--format", "style", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@LANGUAGE_OPTION
def lint(definitions: tuple[str, ...], style: str, language: str) -> None:
    """Check definitions: shipped ids, files or folders; this survey's own without arguments."""
    from surveykit.questionnaire.lint import lint as lint_one
    from surveykit.questionnaire.lint_report import findings_json, findings_sarif, findings_text

    found = Findings()
    for definition in definitions or (here().definition,):
        for one in _definitions(definition):
            found = found + lint_one(one)
    if style == "text":
        click.echo(findings_text(found, language=language or "en"))
    else:
        click.echo(findings_json(found) if style == "json" else findings_sarif(found, version=__version__))
    sys.exit(FINE if found.ok else FINDINGS)


@click.command()
@click.argument("definition", required=False, default="")
@LANGUAGE_OPTION
@click.option("--layout", type=click.Choice(["booklet", "list"]), default="booklet", show_default=True)
@click.option("--rows", type=click.IntRange(1, 20_000), default=500, show_default=True, help="Rows of a list.")
@click.option("--paper", is_flag=True, help="A booklet to print: a PDF, made by LibreOffice.")
@click.option(
    "--sample",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV of the sample: one prefilled booklet a row, addresses on sheets of their own. Goes on where it stopped.",
)
@click.option("--output", type=click.Path(path_type=Path), help="File to write; with --sample a folder.")
@JSON_OPTION
def form(
    *,
    definition: str,
    language: str,
    layout: Literal["booklet", "list"],
    rows: int,
    paper: bool,
    sample: Path | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Write a questionnaire as an Excel form, a PDF, or a booklet a sampled household.

    Inside a survey folder without DEFINITION: all forms of this survey, and the booklets of the sample it names.
    """
    if sum((layout == "list", paper, sample is not None)) > 1:
        choose = "choose one of --layout list, --paper and --sample"
        raise click.UsageError(choose)
    if not definition:
        _survey_forms(language=language, paper=paper, sample=sample, as_json=as_json)
    from surveykit.questionnaire.definition import load_questionnaire

    questionnaire = load_questionnaire(definition)
    spoken = language or questionnaire.languages[0]
    if sample is not None:
        _booklets(questionnaire, sample, output or Path(f"{questionnaire.id}-booklets-{spoken}"), spoken, as_json)
    path = output or Path(f"{questionnaire.id}-{'paper' if paper else layout}-{spoken}.{'pdf' if paper else 'xlsx'}")
    if paper:
        from surveykit.forms.paper import write_paper

        found = write_paper(questionnaire, path, language=spoken)
    else:
        from surveykit.forms.workbook import write_form

        found = write_form(questionnaire, path, language=spoken, layout=layout, rows=rows)
    close({"form": str(path)}, found, as_json=as_json)


def _survey_forms(*, language: str, paper: bool, sample: Path | None, as_json: bool) -> NoReturn:
    from surveykit.project.forms import make_batch, make_forms, make_paper

    if paper:
        say(make_paper(here(), language=language), as_json=as_json)
    with progress("booklets") as advance:
        if sample is not None:
            made = make_batch(here(), sample, language=language, progress=advance)
        else:
            made = make_forms(here(), language=language, progress=advance)
    say(made, as_json=as_json)


def _booklets(questionnaire: Questionnaire, sample: Path, folder: Path, language: str, as_json: bool) -> NoReturn:  # noqa: FBT001  # private
    from surveykit.forms.batch import write_batch

    with progress("booklets") as advance:
        batch = write_batch(questionnaire, sample, folder, language=language, progress=advance)
    close({"folder": str(folder), **batch.counts}, batch.findings, as_json=as_json)


@click.command()
@click.argument("definition", required=False, default="")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write: xlsx, html, md or json."
)
@JSON_OPTION
def codebook(*, definition: str, output: Path | None, as_json: bool) -> None:
    """Write the codebook of a questionnaire, or of this survey."""
    from surveykit.questionnaire.codebook import codebook as codebook_of
    from surveykit.questionnaire.codebook_pages import codebook_html, codebook_markdown
    from surveykit.questionnaire.definition import load_questionnaire
    from surveykit.reporting.listing import Listing, publish_listing

    book = codebook_of(load_questionnaire(definition or here().definition))
    path = output or Path(f"{book.questionnaire}-codebook.xlsx")
    texts = {".md": codebook_markdown, ".html": codebook_html, ".json": lambda book: book.to_json()}
    if path.suffix in texts:
        path.write_text(texts[path.suffix](book), encoding="utf-8")
    else:
        publish_listing(Listing(title=f"{book.questionnaire} {book.version}", frame=book.to_frame()), path)
    close({"codebook": str(path)}, Findings(), as_json=as_json)


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--mapping", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="JSON of renamed items.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="An xlsx or html for a committee.")
@JSON_OPTION
def compare(*, old: str, new: str, mapping: Path | None, output: Path | None, as_json: bool) -> None:
    """Say what differs between two versions, or an adaptation and its master; breaking differences exit with 1."""
    from surveykit.questionnaire.compare import compare as compared

    comparison = compared(old, new, mapping)
    if output is not None:
        from surveykit.reporting.listing import Listing, publish_listing

        publish_listing(Listing(title=f"{comparison.old} - {comparison.new}", frame=comparison.to_frame()), output)
    click.echo(comparison.to_json() if as_json else comparison.to_text())
    sys.exit(FINDINGS if comparison.verdict == "breaking" else FINE)


@click.command()
@click.argument("definition", required=False, default="")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write; the terminal without it."
)
@LANGUAGE_OPTION
def schema(*, definition: str, output: Path | None, language: str) -> None:
    """Write the JSON Schema (2020-12) that the answers to a questionnaire obey, for anyone's tool."""
    from surveykit.questionnaire.definition import load_questionnaire
    from surveykit.questionnaire.response_schema import response_schema

    questionnaire = load_questionnaire(definition or here().definition)
    text = json.dumps(response_schema(questionnaire, language=language), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
    else:
        output.write_text(text + "\n", encoding="utf-8")
        close({"schema": str(output)}, Findings(), as_json=False)


@click.command()
@click.argument("definition", required=False, default="")
@click.option("-n", "count", type=click.IntRange(0, 1_000_000), default=100, show_default=True, help="Top records.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--errors", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="Mistakes a row, about.")
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), default=Path("simulated"), show_default=True
)
@JSON_OPTION
def simulate(*, definition: str, count: int, seed: int, errors: float, output: Path, as_json: bool) -> None:
    """Make up answers that obey a questionnaire, a csv file a unit; with --errors also the key of planted mistakes.

    They try out checks and tables before there are data; they estimate nothing.
    """
    from surveykit.questionnaire.definition import load_questionnaire
    from surveykit.questionnaire.simulate import simulate as made_up
    from surveykit.questionnaire.simulation.errors import inject_errors
    from surveykit.returns.export import export

    questionnaire = load_questionnaire(definition or here().definition)
    answers = made_up(questionnaire, count, seed)
    made: dict[str, object] = {}
    output.mkdir(parents=True, exist_ok=True)
    if errors:
        answers, key = inject_errors(answers, questionnaire, rate=errors, seed=seed)
        key.to_csv(output / "mistakes.csv", index=False)
        made["mistakes"] = f"{output / 'mistakes.csv'} ({len(key)} rows)"
    for unit, frame in answers.items():
        path = export(answers, questionnaire, output / f"{unit}.csv", unit=unit)
        made[unit] = f"{path} ({len(frame)} rows)"
    close(made, Findings(), as_json=as_json)


def _definitions(name: str) -> list[str]:
    from surveykit.questionnaire.lint import definition_files

    return [str(one) for one in definition_files(name)] if Path(name).is_dir() else [name]
