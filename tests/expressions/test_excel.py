"""Excel formulas mean what the reference means; recalculated by LibreOffice."""

from __future__ import annotations

import csv
import random
import subprocess

import generated
import openpyxl
import pytest
import test_differential as differential
from openpyxl.utils import get_column_letter

from surveykit.expressions import excel

SPARE = 4
ITEMS = [one.name for one in generated.SYMBOLS]
MEMBERS = [one.name for one in generated.MEMBERS]
MARKS = [1, 2, 3, 11, 99, 88]
_LABELS = {"1": "Daily", "2": "Some times", "9": "Don't know", "A1": "North", "11": "Other"}


def as_entered(rng, name, value):
    """A coded answer as text with its label, as text, or as the bare code."""
    if value is None or name not in {"smoking", "before", "province", "m_sex"}:
        return value
    return rng.choice([value, str(value), f"{value} {_LABELS.get(str(value), 'label')}"])


def references(*, marks):
    """Cells of one record; ``of_record`` puts its rows in."""
    cells = {name: f"A!{get_column_letter(column)}§" for column, name in enumerate(ITEMS, 1)}
    options = {code: f"A!{get_column_letter(len(ITEMS) + place)}§" for place, code in enumerate(MARKS, 1)}
    letters = {name: get_column_letter(column) for column, name in enumerate(MEMBERS, 2)}
    spans = {name: f"M!${letter}$«:${letter}$»" for name, letter in letters.items()}
    roster = excel.RosterReference(columns=spans, present="M!$A$«:$A$»")
    illness = excel.Reference(options=options) if marks else excel.Reference(cell=cells["illness"])
    return {**cells, "illness": illness, "members": roster}


def of_record(text, number):
    """A formula for one record, counted from 1."""
    rows = {"§": str(number), "«": str((number - 1) * SPARE + 1), "»": str(number * SPARE)}
    return "=" + text.translate(str.maketrans(rows))


def workbook(path, formulas):
    """Answers on sheets A and M, formulas on the first sheet."""
    records, members = differential.answers()
    book = openpyxl.Workbook(write_only=True)
    results, sheet, rows = (book.create_sheet(name) for name in ("R", "A", "M"))
    rng = random.Random(5)
    for number, (record, own) in enumerate(zip(records, members, strict=True), 1):
        chosen = (record["illness"] or "").split()
        marks = ["V" if str(code) in chosen else None for code in MARKS]
        sheet.append([*(as_entered(rng, name, record[name]) for name in ITEMS), *marks])
        for place in range(SPARE):
            member = own[place] if place < len(own) else None
            rows.append(
                [f"no {number}.{place}", *(as_entered(rng, name, member[name]) for name in MEMBERS)] if member else [""]
            )
        results.append([of_record(text, number) for text in formulas])
    book.save(path)


def recalculated(path, tmp_path):
    """The first sheet as LibreOffice calculates it, as text."""
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "csv", "--outdir", str(tmp_path), str(path)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


@pytest.mark.wants_libreoffice
def test_formulas_agree_with_the_reference(tmp_path):
    said = [(number, one) for number, one in enumerate(differential.cases()) if not excel.problems(one)]
    # The thirty longest would take LibreOffice as long as all others together.
    said = sorted(said, key=lambda case: len(excel.formula(case[1], references(marks=False), today=generated.TODAY)))[
        :205
    ]
    assert len(said) == 205
    formulas = [
        excel.formula(one, references(marks=number % 2 == 0), want=want, today=generated.TODAY)
        for number, one in said
        for want in ("true", "false")
    ]
    workbook(tmp_path / "formulas.xlsx", formulas)
    found = recalculated(tmp_path / "formulas.xlsx", tmp_path)
    assert {value for row in found for value in row} == {"TRUE", "FALSE"}
    expected = differential.expected()
    wrong = [
        (one.text, row, expected[number][row], line[2 * place], line[2 * place + 1])
        for row, line in enumerate(found)
        for place, (number, one) in enumerate(said)
        if [line[2 * place], line[2 * place + 1]]
        != [str(expected[number][row] is True).upper(), str(expected[number][row] is False).upper()]
    ]
    assert wrong == []
