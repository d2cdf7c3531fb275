"""Verbs of a statistician: weights, tables, report; and the rehearsal."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import click

from surveykit.cli.terminal import JSON_OPTION, here, progress, say


@click.command()
@JSON_OPTION
def weight(*, as_json: bool) -> None:
    """Carry out the weighting plan of this survey."""
    from surveykit.project.weights import weight as carry_out

    say(carry_out(here()), as_json=as_json)


@click.command()
@JSON_OPTION
def tabulate(*, as_json: bool) -> None:
    """Estimate and publish the tables of this survey."""
    from surveykit.project.results import tabulate as publish_all

    with progress("tables") as advance:
        made = publish_all(here(), progress=advance)
    say(made, as_json=as_json)


@click.command()
@JSON_OPTION
def report(*, as_json: bool) -> None:
    """Write the report of this survey: tables, weighting, codebook, in one html and one docx a language."""
    from surveykit.project.results import report as write_report

    say(write_report(here()), as_json=as_json)


@click.command()
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
