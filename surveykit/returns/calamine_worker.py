"""Reads one xls or ods file and prints its cells as JSON lines; run as a program of its own by ``foreign``.

The only door to ``python-calamine``, which may abort its whole process on a hostile file: here it costs one file.
Nothing of surveykit is imported, so that a worker starts quickly and holds nothing worth attacking.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, load_workbook

try:
    import resource
except ImportError:  # Windows has no such limits; the parent still bounds the time
    resource = None  # type: ignore[assignment]

BROKEN = 3
ENCRYPTED = 4
TOO_LARGE = 5


def bound(seconds: int, memory: int) -> None:
    """Limit what this process may take."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


KINDS = {datetime: "datetime", date: "date", time: "time"}


def plain(value: object) -> object:
    """Return a cell as JSON: texts and numbers as they are, the others as a pair of kind and text."""
    if isinstance(value, bool | timedelta):
        return ["boolean" if isinstance(value, bool) else "duration", str(value).upper()]
    if isinstance(value, date | time):
        return [KINDS[type(value)], value.isoformat()]
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value  # beyond it doubles skip integers
    return value


def lines(book: CalamineWorkbook, most: int) -> Iterator[list[object]]:
    """Yield sheets and their rows; stop the process where there are more cells than a form can have."""
    count = 0
    for meta in book.sheets_metadata:
        yield ["sheet", meta.name, str(meta.visible).rpartition(".")[2]]
        rows = book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
        for number, row in enumerate(rows, 1):
            cells = {column: plain(value) for column, value in enumerate(row, 1) if value not in ("", None)}
            count += len(cells)
            if count > most:
                sys.exit(TOO_LARGE)
            if cells:
                yield ["row", number, cells]


def main(arguments: list[str]) -> int:
    """Read the file that is named."""
    name, seconds, memory, most = arguments
    bound(int(seconds), int(memory))
    try:
        with Path(name).open("rb") as stream:
            for line in lines(load_workbook(stream), int(most)):
                sys.stdout.write(json.dumps(line, ensure_ascii=True, allow_nan=False) + "\n")
    except PasswordError:
        return ENCRYPTED
    except (CalamineError, OSError, ValueError, MemoryError):
        return BROKEN
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
