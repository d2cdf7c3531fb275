"""Verbs of a statistician: weights, tables, report; and the rehearsal."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

from surveykit.cli.terminal import JSON_OPTION, here, progress, say, show_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surveykit.rehearsal.first_light import Step


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
@click.option(
    "--road",
    type=click.Choice(["national", "nhanes"]),
    default="national",
    show_default=True,
    help="A national survey rehearsed on a made-up country, or forms filled with real answers of NHANES 2015-2016.",
)
def demo(folder: Path, road: str) -> None:
    """Rehearse a national survey: sample, forms, returned workbooks, queries, weights, tables beside the truth.

    The folder becomes a survey folder, on which every verb works afterwards.
    """
    from rich.console import Console

    console, start = Console(highlight=False, soft_wrap=True), monotonic()
    for step in _steps(folder, road):
        console.print(f"[dim]{monotonic() - start:6.1f} s[/]  {step.text}")
        for path in step.paths:
            console.print(f"          {path}", style="cyan")
        for one in step.lists:
            show_list(one)


def _steps(folder: Path, road: str) -> Iterator[Step]:
    if road == "nhanes":
        from surveykit.rehearsal.first_light import walk

        return walk(folder)
    from surveykit.rehearsal.dress import rehearse

    return rehearse(folder)
