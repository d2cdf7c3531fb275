"""What a written form promises: identity, names, drop-downs, protection, texts, exact numbers."""

from __future__ import annotations

import copy
import random
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from forms_households import serial

from surveykit.errors import FormError
from surveykit.forms import styles
from surveykit.forms.layout import legal_sheet_name
from surveykit.forms.places import FIRST_GRID_ROW
from surveykit.forms.workbook import form_plan, write_form
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.identity import (
    LIST_SHEET,
    MAP_HEADER,
    MAP_SHEET,
    META_SHEET,
    FormIdentity,
    answer_name,
    parse_answer_name,
)
from surveykit.returns.checks import check
from surveykit.returns.intake import read_returned


@pytest.fixture(scope="module")
def booklet(tmp_path_factory, household_form) -> openpyxl.Workbook:
    path = tmp_path_factory.mktemp("forms") / "booklet.xlsx"
    write_form(household_form, path, prefill={"K_SERIAL": serial(12), "K_CLUSTER": "0007"})
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def listing(tmp_path_factory, household_form) -> openpyxl.Workbook:
    path = tmp_path_factory.mktemp("forms") / "list.xlsx"
    write_form(household_form, path, layout="list", rows=300)
    return openpyxl.load_workbook(path)


def _cell(book: openpyxl.Workbook, name: str):
    ((sheet, reference),) = book.defined_names[name].destinations
    return book[sheet][reference.replace("$", "").split(":")[0]]


def test_a_form_says_twice_what_it_is(booklet, household_form):
    properties = {one.name: one.value for one in booklet.custom_doc_props.props}
    sheet = {row[0].value: row[1].value or "" for row in booklet[META_SHEET].iter_rows(max_col=2)}
    assert FormIdentity.from_properties(properties) == FormIdentity.from_properties(sheet)
    identity = FormIdentity.from_properties(properties)
    assert identity.structure_hash == household_form.structure_hash
    assert identity.serial == serial(12)
    assert booklet[META_SHEET].sheet_state == "veryHidden"


@pytest.mark.parametrize("kind", ["booklet", "listing"])
def test_every_answer_has_a_name_and_stands_on_the_map(kind, request, household_form):
    book = request.getfixturevalue(kind)
    named = {parse_answer_name(name) for name in book.defined_names} - {None}
    by_hand = {item.id for item in household_form if item.answered_by_hand}
    assert by_hand <= {name.item for name in named}
    rows = list(book[MAP_SHEET].iter_rows(values_only=True))
    assert rows[0] == MAP_HEADER
    assert {row[0] for row in rows[1:]} == {name for name in book.defined_names if name.startswith("A_")}


def test_names_of_the_list_cover_exactly_the_rows_for_answers(listing):
    assert listing.defined_names["A_name"].attr_text == f"'member'!$C${FIRST_GRID_ROW}:$C${FIRST_GRID_ROW + 299}"
    assert listing.defined_names["A_key_member"].attr_text.startswith("'member'!$A$")
    assert listing.defined_names["A_line_member"].attr_text.startswith("'member'!$B$")


@pytest.mark.parametrize("kind", ["booklet", "listing"])
def test_drop_downs_read_names_of_ranges_without_blanks(kind, request):
    book = request.getfixturevalue(kind)
    lists = book[LIST_SHEET]
    rules = [rule for sheet in book for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert rules
    assert not any('"' in rule.formula1 for rule in rules)
    assert not any(rule.showDropDown for rule in rules)  # True would hide the arrow
    for name in (name for name in book.defined_names if name.startswith(("L_", "C_"))):
        ((_, reference),) = book.defined_names[name].destinations
        cells = lists[reference.replace("$", "")]
        values = [row[0].value for row in cells] if isinstance(cells, tuple) else [cells.value]
        assert None not in values  # a blank in a list lets any answer pass


def test_a_list_takes_the_bare_code_too(listing):
    ((_, reference),) = listing.defined_names["L_yes_no"].destinations
    shown = [row[0].value for row in listing[LIST_SHEET][reference.replace("$", "")]]
    assert shown == ["1 Yes", "2 No", 1, 2]


def test_only_answers_are_open_and_there_is_no_password(booklet, household_form):
    for sheet in booklet:
        assert sheet.protection.sheet
        assert sheet.protection.password is None
    for item in household_form.items_of("household"):
        if item.answered_by_hand and item.type != "select_multiple" and not item.prefill:
            assert not _cell(booklet, answer_name(item.id)).protection.locked
    assert _cell(booklet, "A_K_SERIAL").protection.locked
    unlocked = {cell.coordinate for cell in booklet["A Cover"]["D"] if not cell.protection.locked}
    assert len(unlocked) == 4


def test_no_answer_cell_is_merged(booklet):
    merged = {
        (sheet.title, cell)
        for sheet in booklet
        for area in sheet.merged_cells.ranges
        for row in area.rows
        for cell in row
    }
    for name in booklet.defined_names:
        if parse_answer_name(name):
            cell = _cell(booklet, name)
            assert (cell.parent.title, (cell.row, cell.column)) not in merged


def test_the_tab_key_leads_down_one_column_of_answers(booklet):
    for title in ("A Cover", "C Household", "E-F Selected adult"):
        columns = {cell.column_letter for row in booklet[title] for cell in row if not cell.protection.locked}
        assert columns == {"D"}


def test_a_text_that_begins_like_a_formula_stays_text(tmp_path, household_form):
    path = tmp_path / "form.xlsx"
    write_form(household_form, path, answers={"member": pd.DataFrame({"name": ["=1+1", "+5", "-x", "@y", "#N/A"]})})
    book = openpyxl.load_workbook(path)
    cells = [_cell(book, answer_name("name", row=row)) for row in range(1, 6)]
    assert [(cell.value, cell.data_type) for cell in cells] == [
        (text, "s") for text in ("=1+1", "+5", "-x", "@y", "#N/A")
    ]
    assert all(cell.quotePrefix for cell in cells[:4])
    labels = [cell.value for row in book["C Household"] for cell in row if cell.data_type != "f"]
    assert any(str(value).startswith("= Thank") for value in labels)


def test_numbers_keep_their_last_digit(tmp_path, first_light):
    chance = random.Random(3)
    weights = [chance.uniform(1, 1e6) * chance.random() ** 9 for _ in range(200)] + [0.1 + 0.2, 1e-7, 2**53 - 1.0]
    frame = pd.DataFrame({"ID": [f"{number:05d}" for number in range(len(weights))], "wt_itvex": weights, "sex": 1})
    path = tmp_path / "list.xlsx"
    write_form(first_light, path, layout="list", rows=len(frame), answers=frame)
    responses, _ = read_returned([path], first_light)
    assert responses["person"]["wt_itvex"].tolist() == weights


def test_what_is_written_comes_back_from_both_layouts(tmp_path, household_form):
    frames = _good_household()
    files = [tmp_path / "booklet.xlsx", tmp_path / "list.xlsx"]
    write_form(household_form, files[0], answers=frames, language="ko")
    write_form(household_form, files[1], answers=frames, layout="list", rows=5, language="ko-KP")
    booklet, listed = (dict(read_returned([file], household_form)[0]) for file in files)
    for unit in booklet:
        pd.testing.assert_frame_equal(booklet[unit], listed[unit])
    assert booklet["household"]["K_ASSET"].tolist() == ["1 3"]
    assert booklet["adult"]["member_line"].tolist() == [1]
    responses, findings = read_returned([files[0]], household_form)
    assert [one.code for one in findings] == []
    assert [one.code for one in check(responses, household_form)] == []


def _good_household() -> dict[str, pd.DataFrame]:
    own = serial(40)
    return {
        "household": pd.DataFrame({
            "K_SERIAL": [own], "K_CLUSTER": ["0007"], "K_PROV": [2], "K_COUNTY": [203],
            "K_DATE": [pd.Timestamp("2025-05-06")], "K_CONSENT": [1], "K_ASSET": ["1 3"], "K_FIRST": ["O"],
            "K_FIRST_O": ["약국"], "K_SPEND": [12.25],
        }),
        "member": pd.DataFrame({
            "K_SERIAL": [own] * 3, "member_line": [1, 2, 3], "name": ["가", "나", "다"], "sex": [2, 1, 2],
            "age": [44, 12, 3], "school": [3, 2, None],
        }),
        "adult": pd.DataFrame({
            "K_SERIAL": [own], "member_line": [1], "D_1_1": [2], "BS3_1": [1], "BS3_2": [10],
            "HE_ht": [160.5], "HE_wt": [55.0],
        }),
        "woman": pd.DataFrame({"K_SERIAL": [own], "member_line": [1], "K_BIRTH": [2]}),
        "child": pd.DataFrame({"K_SERIAL": [own], "member_line": [3],
            "K_DOB": [pd.Timestamp("2022-01-31")], "K_VIT": [1]}),
    }  # fmt: skip


def test_logic_that_excel_cannot_say_is_reported_and_left_to_the_checks(household_form):
    document = copy.deepcopy(dict(household_form.document))
    document["sections"][2]["items"][4]["relevant"] = "count(member where age >= 19) >= 1"
    questionnaire = load_questionnaire(document)
    assert "forms-logic-left-out" in form_plan(questionnaire, layout="list", rows=5)[1].codes
    assert form_plan(questionnaire)[1].codes == {}


def test_wrong_calls_say_what_is_wrong(tmp_path, household_form):
    path = tmp_path / "form.xlsx"
    wrong = {
        "forms-language-unknown": {"language": "fr"},
        "forms-layout-unknown": {"layout": "grid"},
        "forms-no-rows": {"layout": "list", "rows": 0},
        "forms-too-many-rows": {"answers": pd.DataFrame({"K_PROV": [1, 2]})},
        "forms-unknown-answer": {"answers": {"K_NOBODY": 1}},
    }
    for code, arguments in wrong.items():
        with pytest.raises(FormError) as error:
            write_form(household_form, path, **arguments)
        assert error.value.findings.codes == {code: 1}
    with pytest.raises(FormError) as error:
        write_form(household_form, path, layout="list", rows=1, answers=pd.DataFrame({"K_PROV": [1, 2]}))
    assert error.value.findings.codes == {"forms-too-many-rows": 1}
    assert not path.exists()


def test_a_prompt_too_long_for_excel_stops_the_form_and_is_not_cut(household_form):
    sections = list(household_form.sections)
    long = replace(sections[0].items[0], number="A" * 40, id="K_SERIAL")
    sections[0] = replace(sections[0], items=(long, *sections[0].items[1:]))
    plan, _ = form_plan(replace(household_form, sections=tuple(sections)))
    titles = [rule.prompt_title for sheet in plan.sheets for rule in sheet.rules]
    assert max(map(len, titles)) <= 32


def test_sheet_names_are_made_legal_and_different():
    taken: list[str] = []
    for text in ("A/B: [x]?", "a b  x", "History", "'", "가" * 60, "가" * 61):
        taken.append(legal_sheet_name(text, taken))
    assert len({name.casefold() for name in taken}) == len(taken)
    assert all(0 < len(name) <= 31 and not set(name) & set(":\\/?*[]'") for name in taken)
    assert "history" not in {name.casefold() for name in taken}


def test_every_style_has_contrast_aa():
    for name in styles.LOOKS:
        look = styles.look(name)
        assert _contrast(look.color, look.fill or styles.PAPER) >= 4.5, name  # WCAG 2.1, 1.4.3


def _contrast(first: str, second: str) -> float:
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[start : start + 2], 16) / 255 for start in (2, 4, 6)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
