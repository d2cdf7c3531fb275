"""What every verb shares: options, findings on the terminal, exit codes, progress."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

import click

from surveykit.findings import SEVERITIES, Finding, Findings

if TYPE_CHECKING:
    from surveykit.project import Project
    from surveykit.project.making import Made
    from surveykit.reporting.listing import Listing

FINE: Final = 0
FINDINGS: Final = 1
_LINES: Final = 12  # of a list on a terminal; the workbook has all
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")
LANGUAGE_OPTION = click.option("--language", default="", help="Language of the wording, for instance ko-KP.")


def close(
    made: Mapping[str, object],
    found: Findings,
    *,
    as_json: bool,
    most: int | None = None,
    lists: Sequence[Listing] = (),
    language: str = "",
) -> NoReturn:
    """Print what a verb made and found, as text or JSON, and leave with the exit code of the findings.

    Parameters
    ----------
    made : mapping of str to object
    found : Findings
    as_json : bool
    most : int, optional
        Findings that text shows, the gravest first; all by default. JSON has all.
    lists : sequence of Listing
        Short tables that text shows.
    language : str
        Of the findings in text.
    """
    if as_json:
        answer = {"ok": found.ok, **made, "findings": found.to_dicts()}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2, default=str))
    else:
        _show_first(found, most, language)
        for one in lists:
            show_list(one)
        for name, value in made.items():
            click.echo(f"{name}: {_listed(value)}")
    sys.exit(FINE if found.ok else FINDINGS)


def say(made: Made, *, as_json: bool, most: int | None = None, language: str = "") -> NoReturn:
    """Print what a verb of a survey folder made, and leave."""
    paths = {"made": [str(path) for path in made.paths]} if made.paths else {}
    close({**paths, **made.facts}, made.findings, as_json=as_json, most=most, lists=made.lists, language=language)


def _show_first(found: Findings, most: int | None, language: str) -> None:
    ordered = sorted(found, key=lambda one: SEVERITIES.index(one.severity)) if most is not None else list(found)
    show(ordered[:most], language=language)
    if most is not None and len(ordered) > most:
        left = Counter(one.severity for one in ordered[most:])
        counts = ", ".join(f"{count} {severity}" for severity, count in left.items())
        click.echo(f"... and {len(ordered) - most} more findings ({counts})")


def show_list(listing: Listing) -> None:
    """Print the first lines of a list as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*listing.heads, title=listing.heading, title_justify="left")
    rows = listing.rows()
    for line in rows[:_LINES]:
        table.add_row(*(_plain(value) for value in line))
    if len(rows) > _LINES:
        table.add_row("...")
    Console(highlight=False, markup=False, emoji=False).print(table)


def _plain(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def show(found: Iterable[Finding], *, err: bool = False, language: str = "") -> None:
    """Print findings, each with its hint."""
    for one in found:
        place = f"{one.where}: " if str(one.where) else ""
        click.echo(f"{place}{one.severity} {one.code}: {one.text(language or 'en')}", err=err)
        if one.hint:
            click.echo(f"    {one.advice(language or 'en')}", err=err)


@contextmanager
def progress(task: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal; nothing is printed into a pipe."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        identity = bar.add_task(task, total=None)
        yield lambda done, total: bar.update(identity, completed=done, total=total)


def here() -> Project:
    """Return the survey folder that the command was started in."""
    from surveykit.project import open_project

    return open_project()


def _listed(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items() if one is not None)
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    return str(value)
