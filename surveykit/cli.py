"""The command line: verbs, and the only printing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn

import click

from surveykit import __version__
from surveykit.errors import SurveykitError
from surveykit.findings import Finding, Findings

if TYPE_CHECKING:
    from surveykit.project import Project
    from surveykit.project_verbs import Made

FINE: Final = 0
FINDINGS: Final = 1
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")
LANGUAGE_OPTION = click.option("--language", default="", help="Language of the wording, for instance ko-KP.")


class Roof(click.Group):
    """The group of verbs; what is wrong becomes findings and an exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's own signature
        """Run a verb."""
        try:
            return super().invoke(ctx)
        except SurveykitError as error:
            _show(error.findings, err=True)
            ctx.exit(FINDINGS)
        except OSError as error:
            click.echo(f"surveykit: {error.filename or ''}: {error.strerror or error}", err=True)
            ctx.exit(FINDINGS)


@click.group(cls=Roof, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="surveykit")
def main() -> None:
    """Carry a health survey from the question to the published table."""


def _close(made: Mapping[str, object], found: Findings, *, as_json: bool) -> NoReturn:
    """Print what a verb made and found, as text or JSON, and leave with the exit code of the findings."""
    if as_json:
        answer = {"ok": found.ok, **made, "findings": found.to_dicts()}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2, default=str))
    else:
        _show(found)
        for name, value in made.items():
            click.echo(f"{name}: {_listed(value)}")
    sys.exit(FINE if found.ok else FINDINGS)


def _listed(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    return str(value)


def _show(found: Iterable[Finding], *, err: bool = False) -> None:
    for one in found:
        click.echo(str(one), err=err)
        if one.hint:
            click.echo(f"    {one.hint}", err=err)


@main.command()
@click.argument("definitions", nargs=-1)
@click.option("--format", "style", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@LANGUAGE_OPTION
def lint(definitions: tuple[str, ...], style: str, language: str) -> None:
    """Check definitions: shipped ids, files or folders; this survey's own without arguments."""
    from surveykit.questionnaire.lint import lint as lint_one
    from surveykit.questionnaire.lint_report import findings_json, findings_sarif, findings_text

    found = Findings()
    for definition in definitions or (_project().definition,):
        for one in _definitions(definition):
            found = found + lint_one(one)
    if style == "text":
        click.echo(findings_text(found, language=language or "en"))
    else:
        click.echo(findings_json(found) if style == "json" else findings_sarif(found, version=__version__))
    sys.exit(FINE if found.ok else FINDINGS)


@main.command()
@click.argument("definition", required=False, default="")
@LANGUAGE_OPTION
@click.option("--layout", type=click.Choice(["booklet", "list"]), default="booklet", show_default=True)
@click.option("--rows", type=click.IntRange(1, 20_000), default=500, show_default=True, help="Rows of a list.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write.")
@JSON_OPTION
def form(
    *, definition: str, language: str, layout: Literal["booklet", "list"], rows: int, output: Path | None, as_json: bool
) -> None:
    """Write a questionnaire as an Excel form; all forms of this survey without arguments."""
    if not definition:
        from surveykit.project_verbs import make_forms

        _made(make_forms(_project()), as_json=as_json)
    from surveykit.forms.workbook import write_form
    from surveykit.questionnaire.definition import load_questionnaire

    questionnaire = load_questionnaire(definition)
    path = output or Path(f"{questionnaire.id}-{layout}-{language or questionnaire.languages[0]}.xlsx")
    found = write_form(questionnaire, path, language=language, layout=layout, rows=rows)
    _close({"form": str(path)}, found, as_json=as_json)


@main.command()
@click.argument("paths", nargs=-1)
@click.option("--questionnaire", "definition", default="", help="Shipped id, or path of a definition.")
@LANGUAGE_OPTION
@JSON_OPTION
def receive(*, paths: tuple[str, ...], definition: str, language: str, as_json: bool) -> None:
    """Read returned workbooks and check every answer.

    Inside a survey folder without PATHS: take what is in returned/ into the ledger, and write tables and queries.
    """
    if not paths:
        from surveykit.project_verbs import receive as receive_all

        with _progress("reading") as advance:
            made = receive_all(_project(), progress=advance)
        _made(made, as_json=as_json)
    from surveykit.questionnaire.definition import load_questionnaire
    from surveykit.returns.checks import check
    from surveykit.returns.intake import read_returned

    questionnaire = load_questionnaire(definition or _project().definition)
    responses, found = read_returned(paths, questionnaire)
    found = found + check(responses, questionnaire, language=language or "en")
    rows = {unit: len(frame) for unit, frame in responses.items()}
    _close({"rows": rows}, found, as_json=as_json)


@main.command()
@click.argument("answered", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--who", default="", help="Who answered, where the list does not say.")
@JSON_OPTION
def queries(*, answered: Path, who: str, as_json: bool) -> None:
    """Take an answered list of queries into the ledger of this survey; run receive afterwards."""
    from surveykit.questionnaire.definition import load_questionnaire
    from surveykit.returns.queries import apply_queries

    project = _project()
    applied = apply_queries(answered, load_questionnaire(project.definition), project.folder("data"), who=who)
    counts = {name: getattr(applied, name) for name in ("corrected", "confirmed", "open", "stored")}
    _close(counts, applied.findings, as_json=as_json)


@main.command()
@JSON_OPTION
def weight(*, as_json: bool) -> None:
    """Carry out the weighting plan of this survey."""
    from surveykit.project_verbs import weight as carry_out

    _made(carry_out(_project()), as_json=as_json)


@main.command()
@JSON_OPTION
def tabulate(*, as_json: bool) -> None:
    """Estimate and publish the tables of this survey."""
    from surveykit.project_verbs import tabulate as publish_all

    with _progress("tables") as advance:
        made = publish_all(_project(), progress=advance)
    _made(made, as_json=as_json)


@main.command()
@JSON_OPTION
def report(*, as_json: bool) -> None:
    """Write the report of this survey: tables, weighting, codebook, in one html and one docx a language."""
    from surveykit.project_verbs import report as write_report

    _made(write_report(_project()), as_json=as_json)


@main.command()
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

    book = codebook_of(load_questionnaire(definition or _project().definition))
    path = output or Path(f"{book.questionnaire}-codebook.xlsx")
    texts = {".md": codebook_markdown, ".html": codebook_html, ".json": lambda book: book.to_json()}
    if path.suffix in texts:
        path.write_text(texts[path.suffix](book), encoding="utf-8")
    else:
        publish_listing(Listing(title=f"{book.questionnaire} {book.version}", frame=book.to_frame()), path)
    _close({"codebook": str(path)}, Findings(), as_json=as_json)


@main.command()
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


@main.command()
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


@main.command()
@JSON_OPTION
def status(*, as_json: bool) -> None:
    """Show what was made in this survey folder and what has gone stale."""
    from surveykit.project import open_project
    from surveykit.project import status as state_of

    outputs, found = state_of(open_project())
    made = {one.path: f"{one.state} ({one.verb})" for one in outputs}
    _close({"outputs": made} if as_json else made, found, as_json=as_json)


@main.command()
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True)
def demo(folder: Path) -> None:
    """Walk the whole road with real answers: forms, returned workbooks, checks, published table."""
    from rich.console import Console

    from surveykit.rehearsal.first_light import walk

    console, start = Console(highlight=False, soft_wrap=True), monotonic()
    for step in walk(folder):
        console.print(f"[dim]{monotonic() - start:6.1f} s[/]  {step.text}")
        for path in step.paths:
            console.print(f"          {path}", style="cyan")


def _made(made: Made, *, as_json: bool) -> NoReturn:
    paths = {"made": [str(path) for path in made.paths]} if made.paths else {}
    _close({**paths, **made.facts}, made.findings, as_json=as_json)


@contextmanager
def _progress(task: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal; nothing is printed into a pipe."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        identity = bar.add_task(task, total=None)
        yield lambda done, total: bar.update(identity, completed=done, total=total)


def _project() -> Project:
    from surveykit.project import open_project

    return open_project()


def _definitions(name: str) -> list[str]:
    from surveykit.questionnaire.lint import definition_files

    return [str(one) for one in definition_files(name)] if Path(name).is_dir() else [name]
