"""Runs a command as a user would, and holds every run to an exit code and to no traceback."""

from __future__ import annotations

from click.testing import CliRunner

from surveykit.cli import main


def run(*words, code=0):
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output
