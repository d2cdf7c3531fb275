"""The wheel works in an empty environment: JSON files travel with it, development packages are not needed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=outside, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = _run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel) -> Path:
    """The bin folder of an environment that holds the wheel and its requirements only."""
    folder = wheel.parent / "environment"
    _run(sys.executable, "-m", "venv", folder, cwd=wheel.parent)
    done = _run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", wheel, cwd=wheel.parent)
    assert done.returncode == 0, done.stderr
    return folder / "bin"


def test_the_wheel_carries_every_json_file(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("questionnaires", "schemas"):
        wanted = {f"surveykit/shipped/{path.relative_to(ROOT)}" for path in (ROOT / folder).rglob("*.json")}
        assert wanted <= names
    assert {name for name in names if name.startswith(("tests", "surveykit/tests"))} == set()


def test_the_command_line_starts_from_the_wheel(installed, tmp_path):
    done = _run(installed / "surveykit", "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "lint" in done.stdout


def test_a_shipped_questionnaire_lints_from_the_wheel(installed, tmp_path):
    done = _run(installed / "surveykit", "lint", "first-light", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_form_is_written_from_the_wheel(installed, tmp_path):
    done = _run(installed / "surveykit", "form", "first-light", "--output", "form.xlsx", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "form.xlsx").stat().st_size > 0
