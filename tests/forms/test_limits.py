"""What Excel would repair or refuse is found in the plan, before anything is written."""

from __future__ import annotations

import pytest

from surveykit.forms.limits import limit_findings
from surveykit.forms.plan import BookPlan, Cell, Formula, Page, Rule, Shade, SheetPlan


def _book(
    *sheets: SheetPlan, names: dict[str, str] | None = None, properties: dict[str, str] | None = None
) -> BookPlan:
    return BookPlan(title="t", language="en", sheets=sheets, names=names or {}, properties=properties or {})


def _codes(plan: BookPlan) -> set[str]:
    return set(limit_findings(plan).codes)


def _with(*cells: Cell, **parts: object) -> BookPlan:
    return _book(SheetPlan(name="Data", cells=cells, **parts), names={"L_yes": "'Data'!$A$1:$A$2"})


def _rule(**parts: object) -> BookPlan:
    return _with(rules=(Rule(**{"cells": "A1", "kind": "list", "formula": "L_yes", **parts}),))


def test_a_sound_plan_has_no_findings():
    cells = (Cell(1, 1, "text", "plain"), Cell(2, 1, Formula("IF(A1=\"x\",SUM('Data'!A1:B2),L_yes)"), "plain"))
    assert _codes(_with(*cells)) == set()


@pytest.mark.parametrize("name", ["x" * 32, "a/b", "a:b", "[a]", "'quoted", "History", "a*", ""])
def test_a_sheet_name_that_excel_refuses_is_found(name):
    assert "forms-sheet-name" in _codes(_book(SheetPlan(name=name, cells=())))


def test_sheet_names_that_differ_only_in_case_are_found():
    assert "forms-sheet-name-twice" in _codes(_book(SheetPlan(name="Über", cells=()), SheetPlan(name="über", cells=())))


@pytest.mark.parametrize("name", ["BD1", "XFD1048576", "R", "c", "R1C1", "1abc", "a b", "TRUE", "a-b", "n" * 256])
def test_a_name_that_is_a_cell_or_no_name_is_found(name):
    assert "forms-name-illegal" in _codes(_book(SheetPlan(name="S", cells=()), names={name: "'S'!$A$1"}))


def test_names_that_differ_only_in_case_are_found():
    names = {"A_x": "'S'!$A$1", "a_X": "'S'!$A$2"}
    assert "forms-name-twice" in _codes(_book(SheetPlan(name="S", cells=()), names=names))


def test_a_cell_text_longer_than_excel_takes_is_found_not_cut():
    assert "forms-text-too-long" in _codes(_with(Cell(1, 1, "가" * 32_768, "plain")))


def test_lengths_are_counted_as_excel_counts_them():
    assert "forms-text-too-long" in _codes(_with(Cell(1, 1, "𠀀" * 16_384, "plain")))


def test_control_characters_are_found():
    assert "forms-text-control" in _codes(_with(Cell(1, 1, "a\x0bb", "plain")))


def test_a_cell_outside_the_sheet_is_found():
    assert "forms-cell-outside" in _codes(_with(Cell(1_048_577, 1, "x", "plain")))


def test_a_formula_that_is_too_long_is_found():
    assert "forms-formula-too-long" in _codes(_with(Cell(1, 1, Formula("1+" * 4_200 + "1"), "plain")))


def test_a_formula_that_nests_too_deep_is_found():
    assert "forms-formula-too-deep" in _codes(_with(Cell(1, 1, Formula("ABS(" * 65 + "1" + ")" * 65), "plain")))


def test_a_formula_with_an_open_bracket_is_found():
    assert "forms-formula-broken" in _codes(_with(Cell(1, 1, Formula("SUM(A1"), "plain")))


@pytest.mark.parametrize("formula", ["SUM('Data'!A1:'Data'!A2)", "SUM(Data!$A$1:Data!$A$2)"])
def test_a_range_that_names_its_sheet_twice_is_found(formula):
    assert "forms-formula-broken" in _codes(_with(Cell(1, 1, Formula(formula), "plain")))
    assert "forms-formula-broken" not in _codes(_with(Cell(1, 1, Formula("IF(TRUE,\"!A1:B!\",'Data'!A1)"), "plain")))


def test_a_long_text_inside_a_formula_is_found():
    assert "forms-formula-literal" in _codes(_with(Cell(1, 1, Formula(f'"{"x" * 256}"'), "plain")))


@pytest.mark.parametrize("function", ["IFS", "XLOOKUP", "TEXTJOIN", "CONCAT", "INDIRECT", "OFFSET"])
def test_a_function_that_is_newer_or_volatile_is_found(function):
    assert "forms-function-new" in _codes(_with(Cell(1, 1, Formula(f"{function}(A1)"), "plain")))


def test_a_reference_to_a_sheet_or_name_that_is_not_there_is_found():
    found = limit_findings(_with(Cell(1, 1, Formula("'Other'!A1+L_no"), "plain")))
    assert {one.values["name"] for one in found if one.code == "forms-reference-unknown"} == {"Other", "L_no"}


def test_a_list_written_out_is_found():
    assert "forms-list-literal" in _codes(_rule(formula='"Yes,No"'))


def test_a_validation_formula_longer_than_255_characters_is_found():
    assert "forms-formula-too-long" in _codes(_rule(kind="custom", formula="OR(" + ",".join(["A1=1"] * 60) + ")"))


def test_a_conditional_format_longer_than_255_characters_is_found():
    shade = Shade(cells="A1", formula="OR(" + ",".join(["A1=1"] * 60) + ")", style="skipped")
    assert "forms-formula-too-long" in _codes(_with(shades=(shade,)))


@pytest.mark.parametrize(
    "part", [{"title": "x" * 33}, {"prompt_title": "x" * 33}, {"message": "x" * 256}, {"prompt": "x" * 256}]
)
def test_a_prompt_or_message_that_excel_would_refuse_is_found(part):
    assert "forms-rule-text-too-long" in _codes(_rule(**part))


def test_a_header_longer_than_excel_takes_is_found():
    assert "forms-header-too-long" in _codes(_with(page=Page(header="x" * 250)))


def test_too_many_breaks_and_too_large_rows_are_found():
    assert "forms-too-many" in _codes(_with(page=Page(breaks=tuple(range(1, 1_100)))))
    assert "forms-too-large" in _codes(_with(heights={1: 410.0}))


def test_a_document_property_longer_than_excel_shows_is_found():
    book = _book(SheetPlan(name="S", cells=()), properties={"surveykit.serial": "x" * 256})
    assert "forms-property-too-long" in _codes(book)
