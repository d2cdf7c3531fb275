"""xls and ods, for their values: read by a worker whose crash, greed or endless loop costs one file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from surveykit.errors import ReturnsError
from surveykit.findings import Findings, Place, finding
from surveykit.returns.limits import Limits
from surveykit.returns.parts import State
from surveykit.returns.sheet import Row
from surveykit.returns.values import Odd, Value
from surveykit.returns.workbook import Read, Sheet, Workbook

_STATES: Final[dict[str, State]] = {"Hidden": "hidden", "VeryHidden": "veryHidden"}
_ENCRYPTED: Final = 4  # exit codes of the worker
_TOO_LARGE: Final = 5  # same


@contextmanager
def open_foreign(path: Path, kind: str, *, where: Place, limits: Limits) -> Iterator[Workbook]:
    """Open an xls or ods file.

    Error values look like blanks there, and names of answers are not read: the hidden map leads to the answers.

    Raises
    ------
    ReturnsError
        If the worker refused the file, died of it, or took too long.
    """
    sheets = tuple(_sheets(_work(path, where, limits)))
    note = finding("returns-file-foreign", where, kind=kind)
    yield Workbook(where=where, format=kind, sheets=sheets, findings=Findings((note,)))


def _work(path: Path, where: Place, limits: Limits) -> list[str]:
    numbers = (limits.worker_seconds, limits.worker_bytes, limits.cells)
    command = [sys.executable, str(calamine_path()), str(path), *map(str, numbers)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(  # noqa: S603  # our own program with a file name as its argument
            command, capture_output=True, timeout=2 * limits.worker_seconds, check=False, env=environment
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise ReturnsError.of("returns-file-worker", where, reason=type(error).__name__) from error
    if done.returncode == _ENCRYPTED:
        raise ReturnsError.of("returns-file-encrypted", where)
    if done.returncode == _TOO_LARGE:
        found = f"more than {limits.cells}"
        raise ReturnsError.of("returns-file-too-many", where, what="cells", found=found, limit=limits.cells)
    if done.returncode:
        raise ReturnsError.of("returns-file-worker", where, reason=f"exit {done.returncode}")
    return done.stdout.decode("ascii").splitlines()


def calamine_path() -> Path:
    """Return the program of the worker."""
    return Path(__file__).with_name("calamine_worker.py")


def _sheets(lines: list[str]) -> Iterator[Sheet]:
    found: list[tuple[str, str, list[Row]]] = []
    for line in lines:
        parsed = json.loads(line)
        if parsed[0] == "sheet":
            found.append((parsed[1], parsed[2], []))
        else:
            found[-1][2].append((parsed[1], {int(column): _value(cell) for column, cell in parsed[2].items()}))
    for name, state, rows in found:
        yield Sheet(name=name, state=_STATES.get(state, "visible"), read=_reader(rows))


def _reader(rows: list[Row]) -> Read:
    return lambda _wanted=None, /: iter(rows)


def _value(cell: Any) -> Value:  # noqa: ANN401  # parsed JSON
    if not isinstance(cell, list):
        value: Value = cell
        return value
    kind, text = cell
    if kind == "datetime":
        stamp = datetime.fromisoformat(text)
        return stamp.date() if stamp.time() == time.min else stamp
    if kind == "date":
        return date.fromisoformat(text)
    return time.fromisoformat(text) if kind == "time" else Odd("boolean" if kind == "boolean" else "unreadable", text)
