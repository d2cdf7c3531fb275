"""Writes the pages that are made from the code: findings, commands and the reference of public names."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Final

import click

import surveykit
from surveykit.cli import main

DOCS: Final = Path(__file__).resolve().parent
ROOMS: Final = Path(surveykit.__file__).parent / "catalogue"


def findings_page() -> str:
    """Return docs/findings.md: every code with severity, message and remedy, by room."""
    opening = (
        "Everything that surveykit finds wrong is a `Finding`: a code that never changes, a severity, a place, a "
        "message and a hint. `{names}` stand for the values of the finding. Lint rules, checks of returned workbooks "
        "and errors of the statistics share this catalogue."
    )
    parts = ["# Findings", opening]
    for path in sorted(ROOMS.glob("*.json")):
        parts += [f"## {path.stem.capitalize()}"]
        for code, entry in sorted(json.loads(path.read_text(encoding="utf-8")).items()):
            message, remedy = (_plain(entry[part]["en"]) for part in ("message", "hint"))
            parts += [f"`{code}` ({entry['severity']})\n: {message}\n: *What to do:* {remedy}"]
    return "\n\n".join(parts) + "\n"


def commands_page() -> str:
    """Return docs/commands.md: the help of every verb."""
    parts = ["# Commands", "Exit codes: 0 fine, 1 findings of severity error, 2 wrong usage."]
    with click.Context(main, info_name="surveykit", **main.context_settings) as context:
        for name in main.list_commands(context):
            command = main.get_command(context, name)
            with click.Context(command, info_name=name, parent=context, terminal_width=100) as inner:
                parts += [f"## surveykit {name}", f"```text\n{command.get_help(inner)}\n```"]
    return "\n\n".join(parts) + "\n"


def reference_page() -> str:
    """Return docs/reference.md: every public name, by room."""
    parts = ["# Reference", "Every name below is used as `sk.name` after `import surveykit as sk`."]
    names = sorted(surveykit._PUBLIC.items(), key=lambda pair: (pair[1].split(".")[0], pair[0].lower()))  # noqa: SLF001  # the table of public names
    for room, group in groupby(names, key=lambda pair: pair[1].split(".")[0]):
        parts += [f"## {room.capitalize()}"]
        for name, module in group:
            kind = "autoclass" if isinstance(getattr(surveykit, name), type) else "autofunction"
            members = "\n   :members:" if kind == "autoclass" else ""
            parts += [f"```{{eval-rst}}\n.. {kind}:: surveykit.{module}.{name}{members}\n```"]
    return "\n\n".join(parts) + "\n"


PAGES: Final[dict[str, Callable[[], str]]] = {
    "findings.md": findings_page,
    "commands.md": commands_page,
    "reference.md": reference_page,
}


def _plain(text: str) -> str:
    return text.replace("<", "&lt;").replace("|", "\\|").replace("*", "\\*").replace("$", "\\$")


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
