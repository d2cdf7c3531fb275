"""Excel formulas mean what the reference means; recalculated by LibreOffice."""

from __future__ import annotations

import csv
import random
import re
import subprocess
from datetime import date, timedelta

import generated
import openpyxl
import pytest
import test_differential as differential
from openpyxl.utils import get_column_letter

from surveykit.errors import ExpressionError
from surveykit.expressions import excel, meaning
from surveykit.findings import Place

SPARE = 4
CSV = "csv:Text - txt - csv (StarCalc):44,34,76"  # commas, double quotes, UTF-8
ITEMS = [one.name for one in generated.SYMBOLS]
MEMBERS = [one.name for one in generated.MEMBERS]
MARKS = [1, 2, 3, 11, 99, 88]
TODAY_CELL = f"A!{get_column_letter(len(ITEMS) + len(MARKS) + 1)}§"
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
        sheet.append([*(as_entered(rng, name, record[name]) for name in ITEMS), *marks, generated.TODAY])
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
        ["soffice", profile, "--headless", "--convert-to", CSV, "--outdir", str(tmp_path), str(path)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


EXCEL_2007 = """
ABS AND DATE DATEDIF DAY EXACT FALSE FIND IF IFERROR INT ISERROR ISLOGICAL ISNUMBER LEFT LEN MAX MID MIN MONTH NOT OR
ROUND SUBSTITUTE SUM SUMPRODUCT TRIM TRUE TRUNC VALUE YEAR
"""


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


@pytest.mark.wants_libreoffice
def test_values_agree_with_the_reference(tmp_path):
    cases, expected = differential.calculated()
    assert not any(excel.problems(one) for one in cases)
    formulas = [excel.formula(one, references(marks=False), want="value", today=TODAY_CELL) for one in cases]
    workbook(tmp_path / "values.xlsx", formulas)
    found = recalculated(tmp_path / "values.xlsx", tmp_path)
    plain = [[read(one, line[place]) for line in found] for place, one in enumerate(cases)]
    assert differential.unlike(cases, plain, expected, digits=1e-8) == []


def read(typed, text):
    """A value of a cell as LibreOffice writes it: some ten digits, dates as days since 1899-12-30."""
    if text == "":
        return None
    if typed.kind == "date":
        return date(1899, 12, 30) + timedelta(days=int(text))
    numeric = typed.kind == "number" or (typed.kind == "code" and "smoking" in typed.names)
    return float(text) if numeric else text


def written(text, **options: object):
    return excel.formula(meaning.compile(text, generated.SCOPE), CELLS, **options)


CELLS = {name: f"A_{name}" for name in ITEMS}


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("age >= 19", "IFERROR(AND(ISNUMBER(A_age),A_age<>888,A_age<>999,A_age>=19),FALSE)"),
        ("smoking == 1", 'IFERROR(LEFT(TRIM(A_smoking),FIND(" ",TRIM(A_smoking)&" ")-1)="1",FALSE)'),
        ("name == 'say \"so\"'", 'IFERROR(AND(TRIM(A_name)<>"",EXACT(TRIM(A_name),"say ""so""")),FALSE)'),
        ("pregnant", "IFERROR(AND(ISLOGICAL(A_pregnant),A_pregnant),FALSE)"),
    ],
)
def test_formulas_read_as_written(text, formula):
    assert written(text) == formula


def test_only_functions_of_excel_2007_are_used():
    used = set()
    for one in differential.cases():
        if not excel.problems(one):
            text = excel.formula(one, references(marks=True), want="value", today=generated.TODAY)
            used |= set(re.findall(r"([A-Z]+)\(", re.sub(r'"[^"]*"', '""', text)))
    assert used <= set(EXCEL_2007.split())


def test_long_texts_are_joined_from_pieces():
    formula = written(f"name == '{'x' * 300}'")
    assert all(len(piece) <= 255 for piece in re.findall(r'"([^"]*)"', formula))


def test_the_interview_date_may_be_a_cell():
    assert written("born < today()", today="A_visited") == (
        "IFERROR(AND(ISNUMBER(A_born),ISNUMBER(A_visited),INT(A_born)<INT(A_visited)),FALSE)"
    )
    with pytest.raises(ExpressionError, match="expression-today-unbound"):
        written("born < today()")


def test_what_excel_cannot_say_is_a_warning_with_a_place():
    typed = meaning.compile("age > 1 and matches(name, '[가-힣]{2,4}')", generated.SCOPE)
    (found,) = excel.problems(typed, Place(item="name"))
    assert (found.code, found.severity, found.where) == (
        "expression-not-in-excel",
        "warning",
        Place(item="name", line=1, column=13),
    )
    with pytest.raises(ExpressionError, match="expression-not-in-excel"):
        excel.formula(typed, CELLS)
    early = meaning.compile("born < date('1899-12-31')", generated.SCOPE)
    assert [one.code for one in excel.problems(early)] == ["expression-not-in-excel"]
    rows = meaning.compile("any(members where m_income / m_age > 1)", generated.SCOPE)
    assert [one.code for one in excel.problems(rows)] == ["expression-not-in-excel"]


def test_a_name_without_a_cell_is_named():
    with pytest.raises(ExpressionError, match=r"expression-reference-missing.*age"):
        excel.formula(meaning.compile("age > 1", generated.SCOPE), {})
