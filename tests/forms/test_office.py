"""What survives a spreadsheet program: opened, calculated and saved again by LibreOffice."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest
from forms_households import serial
from forms_office import Session, convert

from surveykit.forms.geometry import Geometry
from surveykit.forms.layout import lay_out
from surveykit.forms.workbook import write_form
from surveykit.questionnaire.identity import FormIdentity, answer_name, parse_answer_name
from surveykit.questionnaire.selection import take_number
from surveykit.returns.intake import read_returned

pytestmark = pytest.mark.wants_libreoffice

MEMBERS = pd.DataFrame({"name": list("가나다라마"), "sex": [1, 2, 2, 1, 2], "age": [61, 60, 30, 19, 2]})


@pytest.fixture(scope="module")
def saved(tmp_path_factory, household_form):
    """Each layout as written and as LibreOffice saved it."""
    folder = tmp_path_factory.mktemp("office")
    files = {layout: folder / f"{layout}.xlsx" for layout in ("booklet", "list")}
    top = pd.DataFrame({"K_SERIAL": [serial(7)], "K_CONSENT": [1], "K_PROV": [1]})
    for layout, file in files.items():
        members = MEMBERS.assign(K_SERIAL=serial(7), member_line=range(1, 6))
        write_form(household_form, file, layout=layout, rows=40, answers={"household": top, "member": members})
    out = convert(files.values(), folder / "out")
    return {
        layout: (openpyxl.load_workbook(file), openpyxl.load_workbook(again), again)
        for (layout, file), again in zip(files.items(), out, strict=True)
    }


@pytest.mark.parametrize("layout", ["booklet", "list"])
def test_names_and_identity_survive(saved, layout):
    before, after, _ = saved[layout]
    answers = {name for name in before.defined_names if parse_answer_name(name)}
    assert answers <= set(after.defined_names)
    for name in answers:
        assert list(before.defined_names[name].destinations) == list(after.defined_names[name].destinations)
    identities = [
        FormIdentity.from_properties({one.name: one.value for one in book.custom_doc_props.props})
        for book in (before, after)
    ]
    assert identities[0] == identities[1]


@pytest.mark.parametrize("layout", ["booklet", "list"])
def test_validations_survive(saved, layout):
    before, after, _ = saved[layout]
    for sheet in before:
        if sheet.title in after.sheetnames:
            assert _rules(after[sheet.title]) >= _rules(sheet)


def _rules(sheet) -> set[tuple[str, str]]:
    """Cells with a rule, and its kind: programs rewrite formulas, so rules are compared by where they hold."""
    return {
        (cell, rule.type)
        for rule in sheet.data_validations.dataValidation
        for area in rule.sqref.ranges
        for row in area.rows
        for cell in map(str, row)
    }


@pytest.mark.parametrize("layout", ["booklet", "list"])
def test_protection_formats_and_print_survive(saved, layout):
    before, after, _ = saved[layout]
    for sheet in before:
        other = after[sheet.title]
        assert other.protection.sheet
        assert other.protection.password is None
        if sheet.sheet_state == "visible":
            assert len(other.conditional_formatting) >= bool(sheet.conditional_formatting)
            assert other.page_setup.paperSize == sheet.page_setup.paperSize
            assert other.page_setup.orientation == sheet.page_setup.orientation
            assert other.print_title_rows == sheet.print_title_rows
        locked = [cell.coordinate for row in sheet for cell in row if not cell.protection.locked]
        assert not any(other[cell].protection.locked for cell in locked)


@pytest.mark.parametrize("layout", ["booklet", "list"])
def test_answers_come_back_from_the_saved_file(saved, household_form, layout):
    _, _, path = saved[layout]
    responses, findings = read_returned([path], household_form)
    assert not findings.errors
    assert responses["member"]["name"].tolist() == list("가나다라마")
    assert responses["household"]["K_SERIAL"].tolist() == [serial(7)]


def test_the_form_takes_the_person_of_the_table(tmp_path, household_form):
    form = tmp_path / "form.xlsx"
    write_form(household_form, form)
    slot = lay_out(household_form, "booklet", language="en").slot("line_adult", row=1)
    session = Session(tmp_path)
    session.open(form, [(slot.sheet, slot.cell)])
    numbers = range(60, 90)
    for number in numbers:
        values = {answer_name("K_SERIAL"): serial(number), answer_name("K_CONSENT"): "1 Yes"}
        for row, (sex, age) in enumerate([(1, 30), (2, 70), (2, 5), (1, 70), (2, 41)], start=1):
            values |= {answer_name("sex", row=row): sex, answer_name("age", row=row): age}
        session.fill(str(number), values)
    session.close()
    by_age = [2, 4, 5, 1]  # oldest first, of one age in the order of the list; the child cannot be taken
    taken = {int(record): int(shown) for record, (shown,) in session.run().items()}
    assert taken == {number: by_age[take_number(serial(number), 4) - 1] for number in numbers}
    assert set(taken.values()) == set(by_age)


def test_no_cell_of_a_blank_or_filled_form_shows_an_error(saved):
    for before, _, path in saved.values():
        values = openpyxl.load_workbook(path, data_only=True)
        wrong = [
            (sheet.title, cell.coordinate, cell.value)
            for sheet in values
            for row in sheet
            for cell in row
            if isinstance(cell.value, str) and cell.value.startswith(("#", "Err:"))
        ]
        assert wrong == []
        assert before.sheetnames == values.sheetnames


def test_the_cascade_and_the_greyed_cells_of_a_list_follow_the_row(saved, household_form):
    _, after, _ = saved["list"]
    geometry = Geometry(questionnaire=household_form, layout=lay_out(household_form, "list", language="en", rows=40))
    county = geometry.layout.slot("K_COUNTY")
    rule = next(
        one for one in after[county.sheet].data_validations.dataValidation if county.cell.split(":")[0] in one.sqref
    )
    assert "V_household.K_PROV" in rule.formula1
    assert "$C1" in after.defined_names["V_household.K_PROV"].attr_text.replace("$C1048576", "$C1")
