"""The command line: verbs, and the only printing."""

from __future__ import annotations

from typing import Any

import click

from surveykit import __version__
from surveykit.cli.definitions import codebook, compare, form, lint, schema, simulate
from surveykit.cli.fieldwork import double_entry, export, freeze, init, queries, receive, status
from surveykit.cli.results import demo, report, tabulate, weight
from surveykit.cli.terminal import FINDINGS, show
from surveykit.cli.translation import translate
from surveykit.errors import SurveykitError


class Roof(click.Group):
    """The group of verbs; what is wrong becomes findings and an exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's own signature
        """Run a verb."""
        try:
            return super().invoke(ctx)
        except SurveykitError as error:
            show(error.findings, err=True)
            ctx.exit(FINDINGS)
        except OSError as error:
            click.echo(f"surveykit: {error.filename or ''}: {error.strerror or error}", err=True)
            ctx.exit(FINDINGS)


@click.group(cls=Roof, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="surveykit")
def main() -> None:
    """Carry a health survey from the question to the published table."""


DESIGNER = (lint, compare, codebook, schema, translate, simulate, form)
FIELD = (init, receive, queries, double_entry, freeze, export, status)
STATISTICIAN = (weight, tabulate, report, demo)
for verb in (*DESIGNER, *FIELD, *STATISTICIAN):
    main.add_command(verb)
