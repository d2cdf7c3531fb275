"""Runs the code blocks of README and docs as tests: python blocks, and the surveykit commands of console blocks."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

ROOT = Path(__file__).resolve().parent
GIVEN = ("questionnaires", "examples", "docs")


class ConsoleBlockParser(CodeBlockParser):
    """Runs each line that starts with ``$ surveykit``; other programs are for the reader."""

    language = "console"

    def evaluate(self, example: Example) -> str | None:
        """Return what went wrong, as Sybil expects it."""
        for line in str(example.parsed).splitlines():
            words = shlex.split(line, comments=True)
            if words[:2] == ["$", "surveykit"]:
                command = [sys.executable, "-m", "surveykit", *words[2:]]
                done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own pages
                if done.returncode:
                    return f"{line}\n{done.stdout}{done.stderr}"
        return None


def _enter(namespace: dict[str, object]) -> None:
    folder = TemporaryDirectory()
    for name in GIVEN:
        (Path(folder.name) / name).symlink_to(ROOT / name)
    namespace.update(_folder=folder, _before=Path.cwd())
    os.chdir(folder.name)
    warnings.simplefilter("error")


def _leave(namespace: dict[str, object]) -> None:
    os.chdir(str(namespace["_before"]))
    folder = namespace["_folder"]
    assert isinstance(folder, TemporaryDirectory)
    folder.cleanup()


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), ConsoleBlockParser()],
    patterns=["README.md", "docs/*.md", "docs/**/*.md"],
    setup=_enter,
    teardown=_leave,
).pytest()
