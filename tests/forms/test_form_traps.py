"""What spreadsheets do to a form on its way, and that the survey does not fall for it."""

from __future__ import annotations

import hashlib

import openpyxl
import pandas as pd
import pytest
from forms_households import serial

from surveykit.forms.workbook import write_form
from surveykit.questionnaire.identity import answer_name
from surveykit.returns.checks import check
from surveykit.returns.intake import read_returned

MEMBERS = pd.DataFrame({"name": ["가", "나"], "sex": [2, 1], "age": [44, 12]})


@pytest.fixture
def filled(tmp_path, household_form):
    """A filled booklet, opened for whatever a spreadsheet program or a person does to it."""
    path = tmp_path / "booklet.xlsx"
    top = pd.DataFrame({"K_SERIAL": [serial(3)], "K_CONSENT": [1], "K_PROV": [1]})
    write_form(household_form, path, answers={"household": top, "member": MEMBERS})
    return path


def _cell(book: openpyxl.Workbook, name: str):
    ((sheet, reference),) = book.defined_names[name].destinations
    return book[sheet][reference.replace("$", "")]


def _read(path, questionnaire):
    responses, findings = read_returned([path], questionnaire)
    return responses, findings + check(responses, questionnaire)


def test_a_value_pasted_over_its_validation_is_found(filled, household_form):
    book = openpyxl.load_workbook(filled)
    for sheet in book:
        sheet.data_validations.dataValidation = []
    _cell(book, answer_name("age", row=1)).value = 300
    _cell(book, answer_name("sex", row=2)).value = "7 Other"
    book.save(filled)
    _, findings = _read(filled, household_form)
    wrong = {(one.where.item, one.code) for one in findings if one.where.item in {"age", "sex"}}
    assert ("age", "returns-check-range") in wrong
    assert any(item == "sex" for item, _ in wrong)


def test_an_error_in_an_answer_cell_is_no_blank(filled, household_form):
    book = openpyxl.load_workbook(filled)
    _cell(book, answer_name("age", row=1)).value = "#DIV/0!"
    book.save(filled)
    responses, findings = _read(filled, household_form)
    assert pd.isna(responses["member"]["age"].iloc[0])
    assert [one for one in findings.errors if one.where.item == "age" and "#DIV/0!" in one.message]


def test_merged_answers_keep_the_first_and_the_second_is_asked_for(filled, household_form):
    book = openpyxl.load_workbook(filled)
    first, second = (_cell(book, answer_name("age", row=row)) for row in (1, 2))
    first.parent.merge_cells(f"{first.coordinate}:{second.coordinate}")
    book.save(filled)
    responses, findings = _read(filled, household_form)
    assert responses["member"]["age"].iloc[0] == 44
    assert pd.isna(responses["member"]["age"].iloc[1])
    assert any(one.where.item == "age" for one in findings)


def test_a_protection_taken_off_and_a_sheet_renamed_change_no_answer(filled, household_form):
    before, _ = _read(filled, household_form)
    book = openpyxl.load_workbook(filled)
    for sheet in book:
        sheet.protection.sheet = False
    title = _cell(book, answer_name("age", row=1)).parent.title
    for name in list(book.defined_names):
        target = book.defined_names[name]
        target.attr_text = target.attr_text.replace(f"'{title}'!", "'명부'!")
    book[title].title = "명부"
    book.save(filled)
    after, _ = _read(filled, household_form)
    pd.testing.assert_frame_equal(before["member"], after["member"])


def test_reading_leaves_a_returned_workbook_as_it_is(filled, household_form):
    before = hashlib.sha256(filled.read_bytes()).hexdigest()
    _read(filled, household_form)
    assert hashlib.sha256(filled.read_bytes()).hexdigest() == before


def test_an_id_keeps_its_zeros_and_all_its_digits(tmp_path, household_form):
    path = tmp_path / "list.xlsx"
    frame = pd.DataFrame({"K_SERIAL": [serial(1)], "K_CLUSTER": ["00001234"], "K_CONSENT": [1]})
    write_form(household_form, path, layout="list", rows=2, answers=frame)
    responses, _ = read_returned([path], household_form)
    assert responses["household"]["K_SERIAL"].tolist() == [serial(1)]
    assert responses["household"]["K_CLUSTER"].tolist() == ["00001234"]
