"""Speed and memory of the intake: many booklets and one long list, beside bare python-calamine and openpyxl.

    python benchmarks/returns.py [--booklets 2000] [--rows 10000] [--columns 400] [--questionnaire dprk-summary]

Each run is a process of its own, so that its peak memory is its own. CPU seconds count, since machines are shared; they
are compared a file. openpyxl, which takes the longest, reads the first 100 booklets only (``--few``).
The booklets are copies of one filled form of the questionnaire; the list is a made instrument.
"""

# ruff: noqa: PLC0415, ANN401  # each contender imports only what it measures; questionnaires pass through untouched

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

SERIAL = b"10000001"
ROWS_OF_A_SHEET = 6  # first row of the answers in the list layout


def made_definition(columns: int) -> dict[str, Any]:
    """Return a one-unit questionnaire with as many items as asked for: whole numbers, decimals, codes, texts."""
    kinds: list[dict[str, Any]] = [
        {"type": "integer", "range": {"min": 0, "max": 999}},
        {"type": "decimal", "range": {"min": 0, "max": 999}},
        {"type": "select_one", "codelist": "yes_no"},
        {"type": "text", "required": False},
    ]
    items = [
        {"id": f"v{number}", "label": {"en": f"Question {number}"}, **kinds[number % len(kinds)]}
        for number in range(1, columns)
    ]
    codes = [{"code": 1, "label": {"en": "Yes"}}, {"code": 2, "label": {"en": "No"}}]
    return {
        "type": "questionnaire",
        "id": "long-list",
        "version": "1.0.0",
        "text_version": "1.0.0",
        "title": {"en": "Long list"},
        "languages": ["en"],
        "licence": "CC BY 4.0",
        "units": {"person": {"label": {"en": "Person"}, "key": "ID"}},
        "codelists": {"yes_no": {"version": "1.0.0", "codes": codes}},
        "sections": [
            {
                "id": "A",
                "title": {"en": "A"},
                "unit": "person",
                "items": [{"id": "ID", "type": "id", "label": {"en": "Id"}}, *items],
            }
        ],
    }


def make_booklets(folder: Path, count: int, name: str) -> None:
    """Write one filled booklet and multiply it."""
    from surveykit.forms.workbook import write_form
    from surveykit.questionnaire.definition import load_questionnaire

    questionnaire = load_questionnaire(name)
    pattern = folder / "pattern.xlsx"
    answers = {unit.id: filled(questionnaire, unit) for unit in questionnaire.units}
    write_form(questionnaire, pattern, language=questionnaire.languages[0], layout="booklet", answers=answers)
    multiply(pattern, folder, count)


def filled(questionnaire: Any, unit: Any) -> Any:
    """Return answers to all questions of a unit: four rows of a roster, else one."""
    import pandas as pd

    rows = 4 if unit.roster else 1
    top, *line = questionnaire.keys_of(unit.id)
    columns: dict[str, list[object]] = {top: [SERIAL.decode()] * rows}
    columns |= {name: list(range(1, rows + 1)) for name in line}
    for item in questionnaire.items_of(unit.id):
        if item.answered_by_hand and item.var not in columns:
            columns[item.var] = [plausible(item)] * rows
    return pd.DataFrame(columns)


def plausible(item: Any) -> object:
    import pandas as pd

    if item.type == "select_one":
        return item.codelist.codes[0]
    if item.type == "select_multiple":
        return str(item.codelist.codes[0])
    if item.type in {"integer", "decimal"}:
        return (item.range.min if item.range else None) or 1
    if item.type == "date":
        return pd.Timestamp((item.range.min if item.range else None) or "2026-03-02")
    return SERIAL.decode() if item.type == "id" else "some words"


def multiply(pattern: Path, folder: Path, count: int) -> None:
    """Copy a workbook many times, each copy with a serial of its own."""
    with zipfile.ZipFile(pattern) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    pattern.unlink()
    for number in range(count):
        serial = str(int(SERIAL) + number).encode()
        with zipfile.ZipFile(folder / f"form-{number:05}.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in parts.items():
                archive.writestr(name, data.replace(SERIAL, serial))


def make_list(path: Path, rows: int, columns: int) -> None:
    """Write a list form and put rows into it as a spreadsheet program would."""
    from surveykit.forms.workbook import write_form
    from surveykit.questionnaire.definition import load_questionnaire

    questionnaire = load_questionnaire(made_definition(columns))
    write_form(questionnaire, path, layout="list", rows=5)
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    sheet = next(name for name in sorted(parts) if b'r="A6"' in parts[name] and "worksheets" in name)
    text = parts[sheet].decode()
    head, rest = text[: text.index('<row r="6"')], text[text.index("</sheetData>") :]
    body = "".join(_row(number, columns) for number in range(ROWS_OF_A_SHEET, ROWS_OF_A_SHEET + rows))
    head = re.sub('<dimension ref="[^"]*"', f'<dimension ref="A1:{_letters(columns)}{rows + 5}"', head)
    parts[sheet] = (head + body + rest).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def _row(number: int, columns: int) -> str:
    cells = [f'<c r="A{number}" t="inlineStr"><is><t>{number:06}</t></is></c>']
    for column in range(2, columns + 1):
        reference = f"{_letters(column)}{number}"
        kind = (column - 1) % 4
        if kind == 0:
            cells.append(f'<c r="{reference}"><v>{(number * column) % 999}</v></c>')
        elif kind == 1:
            cells.append(f'<c r="{reference}"><v>{(number * column) % 9000 / 10}</v></c>')
        elif kind == 2:
            cells.append(f'<c r="{reference}" t="inlineStr"><is><t>{"1 Yes" if number % 3 else "2 No"}</t></is></c>')
        else:
            cells.append(f'<c r="{reference}" t="inlineStr"><is><t>word {number % 50}</t></is></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def bare_calamine(files: list[Path], _definition: str) -> int:
    from python_calamine import CalamineWorkbook

    cells = 0
    for path in files:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            cells += sum(len(row) for row in book.get_sheet_by_name(name).to_python())
    return cells


def bare_openpyxl(files: list[Path], _definition: str) -> int:
    import openpyxl

    cells = 0
    for path in files:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        for sheet in book.worksheets:
            cells += sum(len(row) for row in sheet.iter_rows(values_only=True))
        book.close()
    return cells


def _questionnaire(definition: str) -> Any:
    from surveykit.questionnaire.definition import load_questionnaire

    return load_questionnaire(made_definition(int(definition)) if definition.isdigit() else definition)


def only_read(files: list[Path], definition: str) -> int:
    from surveykit.returns.reading import read_file
    from surveykit.returns.records import Dictionary

    dictionary = Dictionary(_questionnaire(definition))
    return sum(len(read_file(path, dictionary).records) for path in files)


def whole_intake(files: list[Path], definition: str) -> int:
    from surveykit.returns.checks import check
    from surveykit.returns.receiving import receive, stored_responses
    from surveykit.returns.store import open_store

    questionnaire = _questionnaire(definition)

    def note(done: int, total: int) -> None:
        if done in MARKS or done == total:
            GROWTH[f"{done} files"] = peak_megabytes()

    with tempfile.TemporaryDirectory() as survey:
        receive(files, questionnaire, survey, progress=note)
        with open_store(Path(survey)) as store:
            responses = stored_responses(store, questionnaire)
        check(responses, questionnaire)
        return len(responses[questionnaire.top.id])


OPENPYXL = "openpyxl, bare"
MARKS = frozenset({250, 500, 1000, 2000})  # files after which the peak of the intake is noted
GROWTH: dict[str, float] = {}

CONTENDERS: dict[str, Callable[[list[Path], str], int]] = {
    "python-calamine, bare": bare_calamine,
    "surveykit, reading": only_read,
    "surveykit, whole intake": whole_intake,
    OPENPYXL: bare_openpyxl,
}


def measured(name: str, folder: Path, definition: str, few: int) -> dict[str, Any]:
    """Run one contender in a process of its own."""
    command = [sys.executable, __file__, "--one", name, str(folder), definition, str(few)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run_one(name: str, folder: Path, definition: str, few: int) -> None:
    files = sorted(folder.glob("*.xlsx"))
    if name == OPENPYXL:
        files = files[:few]
    clock, cpu = time.perf_counter(), time.process_time()
    result = CONTENDERS[name](files, definition)
    peak = peak_megabytes()
    seconds, wall = time.process_time() - cpu, time.perf_counter() - clock
    found = {"cpu": seconds, "wall": wall, "peak": peak, "result": result, "files": len(files), "growth": GROWTH}
    print(json.dumps(found))


def peak_megabytes() -> float:
    """Return the peak of this process alone; ``ru_maxrss`` would still have that of the parent."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def compare(title: str, folder: Path, definition: str, few: int) -> None:
    print(f"\n{title}")
    print(f"{'':28}{'files':>7}{'CPU s':>9}{'ms/file':>9}{'files/s':>9}{'ratio':>8}{'peak MB':>9}", flush=True)
    base = 0.0
    for name in CONTENDERS:
        found = measured(name, folder, definition, few)
        each = found["cpu"] / found["files"]
        base = base or each
        print(
            f"{name:28}{found['files']:7}{found['cpu']:9.2f}{each * 1000:9.1f}{1 / each:9.2f}{each / base:8.2f}"
            f"{found['peak']:9.0f}",
            flush=True,
        )
        if found["growth"]:
            told = ", ".join(f"{after} {peak:.0f}" for after, peak in found["growth"].items())
            print(f"  peak MB of the intake after {told}; after checking all answers {found['peak']:.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--booklets", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--columns", type=int, default=400)
    parser.add_argument("--questionnaire", default="dprk-summary")
    parser.add_argument("--few", type=int, default=100, help="booklets that openpyxl reads")
    parser.add_argument("--one", nargs=4)
    arguments = parser.parse_args()
    if arguments.one:
        name, folder, definition, few = arguments.one
        run_one(name, Path(folder), definition, int(few))
        return
    with tempfile.TemporaryDirectory() as place:
        if arguments.booklets:
            folder = Path(place) / "booklets"
            folder.mkdir()
            make_booklets(folder, arguments.booklets, arguments.questionnaire)
            title = f"{arguments.booklets} booklets of {arguments.questionnaire}"
            compare(title, folder, arguments.questionnaire, arguments.few)
        if arguments.rows:
            folder = Path(place) / "list"
            folder.mkdir()
            make_list(folder / "list.xlsx", arguments.rows, arguments.columns)
            compare(f"a list of {arguments.rows} x {arguments.columns}", folder, str(arguments.columns), 1)


if __name__ == "__main__":
    main()
