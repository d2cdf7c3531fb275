"""What a form owes those who fill, print and read it: rules, marks, pages, links, counters, tear-off sheets as text."""

from __future__ import annotations

import copy
import itertools
import re
import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from forms_households import serial
from forms_office import Session

from surveykit.forms import styles
from surveykit.forms.batch import write_batch
from surveykit.forms.booklet import WIDTHS
from surveykit.forms.geometry import Geometry
from surveykit.forms.layout import lay_out
from surveykit.forms.measure import metrics_of
from surveykit.forms.pages import page_room
from surveykit.forms.plan import BookPlan, Formula, SheetPlan
from surveykit.forms.wording import STATUSES, words_for
from surveykit.forms.workbook import form_plan, write_form
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.identity import answer_name

SHIPPED = ["dprk-summary", "facility", "first-light"]


@pytest.fixture(scope="module")
def plan(household_form) -> BookPlan:
    return form_plan(household_form)[0]


@pytest.fixture(scope="module")
def booklet(tmp_path_factory, household_form) -> openpyxl.Workbook:
    path = tmp_path_factory.mktemp("promises") / "booklet.xlsx"
    write_form(household_form, path)
    return openpyxl.load_workbook(path)


def _sheet(plan: BookPlan, name: str) -> SheetPlan:
    return next(sheet for sheet in plan.sheets if sheet.name == name)


def _rule(plan: BookPlan, item: str):
    return next(rule for sheet in plan.sheets for rule in sheet.rules if rule.item == item)


def test_a_number_is_held_to_its_range_and_its_special_codes(plan):
    rule = _rule(plan, "age")
    assert rule.kind == "custom"
    assert rule.stop
    first = rule.cells.split(":")[0]
    assert (
        rule.formula
        == f"AND(ISNUMBER({first}),OR(AND({first}=INT({first}),{first}>=0,{first}<=110),{first}=888,{first}=999))"
    )


def test_dates_are_held_to_days_and_texts_to_their_length(plan):
    born, name = _rule(plan, "K_BORN"), _rule(plan, "name")
    assert (born.kind, born.operator) == ("date", "between")
    assert pd.Timestamp("1899-12-30") + pd.Timedelta(days=int(born.formula)) == pd.Timestamp("1910-01-01")
    assert (name.kind, name.formula, name.operator) == ("textLength", "20", "lessThanOrEqual")


def test_a_cascade_reads_a_sorted_table_and_nothing_volatile(plan):
    assert re.fullmatch(
        r"INDEX\(\w+,MATCH\(.+\)\):INDEX\(\w+,MATCH\(.+\)\+COUNTIF\(.+\)-1\)", _rule(plan, "K_COUNTY").formula
    )


def test_every_answer_says_what_is_wanted_when_its_cell_is_chosen(plan):
    rules = [rule for sheet in plan.sheets for rule in sheet.rules]
    assert all(rule.prompt and rule.prompt_title and rule.message and rule.title for rule in rules)


def test_one_rule_greys_all_skipped_rows_of_a_sheet(plan):
    for name in ("C Household", "E-F Selected adult"):
        skipped = [shade for shade in _sheet(plan, name).shades if shade.style == "skipped"]
        assert len(skipped) == 1
        assert skipped[0].cells.startswith("A3:")


def test_the_status_is_a_word_and_no_mark_is_made_by_colour_alone(plan, household_form):
    for language in household_form.languages:
        words = words_for(household_form, language).statuses
        assert set(words) == set(STATUSES)
        assert len({word.strip().casefold() for word in words.values()} - {""}) == len(STATUSES)
    used = {shade.style for sheet in plan.sheets for shade in sheet.shades}
    assert {"skipped", "check", *STATUSES} <= used
    for style in used - {"ok"}:
        look = styles.shade(style)
        assert look.font.b or look.font.i or look.fill.patternType == "lightUp", style


def test_conditional_formats_have_contrast_aa(plan):
    for style in {shade.style for sheet in plan.sheets for shade in sheet.shades}:
        look = styles.shade(style)
        paper = look.fill.bgColor.rgb if look.fill and look.fill.bgColor else styles.PAPER
        assert _contrast(look.font.color.rgb, paper) >= 4.5, style  # WCAG 2.1, 1.4.3


def _contrast(first: str, second: str) -> float:
    light, dark = sorted(map(_luminance, (first, second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[start : start + 2], 16) / 255 for start in (2, 4, 6)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_booklets_merge_no_answer_and_lead_down_one_column(name):
    questionnaire = load_questionnaire(name)
    plan, _ = form_plan(questionnaire)
    layout = lay_out(questionnaire, "booklet", language=questionnaire.languages[0])
    answers = {(slot.sheet, slot.cell) for slot in layout.slots}
    for sheet in plan.sheets:
        merged = {cell for area in sheet.merges for cell in _cells(area)}
        assert not merged & {cell for title, cell in answers if title == sheet.name}
    for sheet in (one for one in layout.sheets if one.kind == "questions"):
        assert {re.sub(r"\d", "", cell) for title, cell in answers if title == sheet.name} == {"D"}


def _cells(area: str) -> set[str]:
    (left, top), (right, bottom) = (re.fullmatch(r"([A-Z])(\d+)", part).groups() for part in area.split(":"))
    letters = range(ord(left), ord(right) + 1)
    return {f"{chr(letter)}{row}" for letter in letters for row in range(int(top), int(bottom) + 1)}


def test_sheets_print_on_a4_with_titles_version_and_page(booklet, household_form):
    for sheet in booklet:
        if sheet.sheet_state != "visible":
            continue
        assert sheet.page_setup.paperSize == 9  # A4
        assert (sheet.page_setup.fitToWidth, sheet.sheet_properties.pageSetUpPr.fitToPage) == (1, True)
        assert sheet.oddFooter.left.text == f"{household_form.id} {household_form.version}"
        assert "&P" in sheet.oddFooter.right.text
        assert sheet.oddHeader.left.text == "Household test"
    for title in ("A Cover", "B Members", "C Household", "E-F Selected adult"):
        assert booklet[title].print_title_rows
        assert booklet[title].freeze_panes
        assert booklet[title].sheet_properties.tabColor.rgb.startswith("FF")  # programs drop colours without alpha


@pytest.mark.parametrize("name", ["dprk-summary", "facility"])
def test_pages_end_between_questions_and_hold_what_they_are_given(name):
    questionnaire = load_questionnaire(name)
    for language in questionnaire.languages:
        plan, _ = form_plan(questionnaire, language=language)
        layout = lay_out(questionnaire, "booklet", language=language)
        metrics = metrics_of(styles.font_name(language))
        for sheet in (one for one in layout.sheets if one.kind == "questions"):
            drawn = _sheet(plan, sheet.name)
            options = {line.row for block in sheet.blocks for line in block.lines if line.kind == "option"}
            assert not options & {row + 1 for row in drawn.page.breaks}
            room = page_room(WIDTHS, 6, drawn.heights, metrics)
            edges = [2, *drawn.page.breaks, sheet.last_row]
            for before, last in itertools.pairwise(edges):
                assert sum(drawn.heights.get(row, 15.0) for row in range(before + 1, last + 1)) <= room


def test_an_ampersand_in_a_title_prints_as_one(tmp_path):
    document = copy.deepcopy(dict(load_questionnaire("first-light").document))
    document["title"] = dict.fromkeys(document["languages"], "Health & people")
    path = tmp_path / "form.xlsx"
    write_form(load_questionnaire(document), path)
    with zipfile.ZipFile(path) as archive:
        assert "Health &amp;&amp; people" in archive.read("xl/worksheets/sheet1.xml").decode()


def test_links_of_the_guide_lead_to_places_of_the_workbook(booklet):
    links = [cell.hyperlink for row in booklet.worksheets[0] for cell in row if cell.hyperlink]
    assert len(links) >= 5
    for link in links:
        title, _, cell = link.location.rpartition("!")
        row = int(re.sub("[A-Z]", "", cell))
        assert any(one.value for one in booklet[title.strip("'").replace("''", "'")][row])
        assert link.target is None


def test_a_form_has_no_picture_and_no_macro(tmp_path, household_form):
    path = tmp_path / "form.xlsx"
    write_form(household_form, path)
    book = openpyxl.load_workbook(path, keep_vba=True)
    assert book.vba_archive is None or not any("vba" in name for name in book.vba_archive.namelist())
    assert not any(sheet._images or sheet._charts for sheet in book)


def test_fonts_carry_the_script_of_the_language(tmp_path, household_form):
    for language, family in (("en", "Calibri"), ("ko-KP", "Malgun Gothic")):
        path = tmp_path / f"{language}.xlsx"
        write_form(household_form, path, language=language)
        fonts = {
            cell.font.name for sheet in openpyxl.load_workbook(path) for row in sheet for cell in row if cell.value
        }
        assert fonts == {family}


def test_ids_and_texts_are_cells_of_text_so_that_zeros_stay(booklet):
    for name in ("K_SERIAL", "K_CLUSTER"):
        ((title, cell),) = booklet.defined_names[answer_name(name)].destinations
        assert booklet[title][cell.replace("$", "")].number_format == "@"
    ((title, cell),) = booklet.defined_names[answer_name("name", row=3)].destinations
    assert booklet[title][cell.replace("$", "")].number_format == "@"


def test_an_address_that_begins_like_a_formula_stays_text(tmp_path, household_form):
    sample = pd.DataFrame({"serial": [serial(1)], "address": ['=HYPERLINK("http://example.org")'], "phone": ["+850 2"]})
    batch = write_batch(household_form, sample, tmp_path)
    cells = [cell for row in openpyxl.load_workbook(batch.addresses[0]).active for cell in row if cell.value]
    risky = [cell for cell in cells if str(cell.value).startswith(("=", "+"))]
    assert len(risky) == 2
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in risky)


def test_parts_are_numbered_as_their_questions_are():
    document = copy.deepcopy(dict(load_questionnaire("first-light").document))
    document["sections"][0]["id"] = "A_VERY_LONG_TECHNICAL_ID"
    questionnaire = load_questionnaire(document)
    texts = [cell.value for sheet in form_plan(questionnaire)[0].sheets[:3] for cell in sheet.cells]
    assert "A_VERY_LONG_TECHNICAL_ID" not in texts


def test_paper_leaves_out_what_nobody_works_out_and_further_copies(household_form):
    drawn, _ = form_plan(household_form, paper=True)
    texts = [cell.value for sheet in drawn.sheets if sheet.state == "visible" for cell in sheet.cells]
    assert not any(isinstance(text, Formula) for text in texts)
    labels = [text.text for text in texts if hasattr(text, "parts")]
    assert not any("Body mass index" in label and "class" in label for label in labels)
    many = load_questionnaire("knhanes")
    two = [replace(one, roster=replace(one.roster, max=2)) if one.roster else one for one in many.units]
    many = replace(many, units=tuple(two))
    sheets = [sheet.name for sheet in form_plan(many, paper=True)[0].sheets]
    assert {name[-1] for name in sheets if re.match(r"\d+-\d+ Person \d", name)} == {"1"}


@pytest.mark.wants_libreoffice
def test_counters_of_the_guide_add_up_the_words_of_the_status_column(tmp_path, household_form):
    form = tmp_path / "form.xlsx"
    write_form(household_form, form)
    guide = form_plan(household_form)[0].sheets[0]
    total = next(cell.row for cell in guide.cells if cell.style == "total")
    parts = [cell.row for cell in guide.cells if cell.style == "link"]
    geometry = Geometry(questionnaire=household_form, layout=lay_out(household_form, "booklet", language="en"))
    spots = [spot for (item, _), spot in geometry.spots.items() if household_form.item(item).answered_by_hand]
    counters = [(guide.name, f"{column}{row}") for row in (*parts, total) for column in "CDE"]
    grid = geometry.layout.main_grid("member")
    message = f"{openpyxl.utils.get_column_letter(geometry.columns(grid).message)}"
    session = Session(tmp_path)
    session.open(form, [*((spot.sheet, spot.status) for spot in spots), *counters, (grid.name, f"{message}8")])
    values = {
        answer_name("K_SERIAL"): serial(1),
        answer_name("K_CONSENT"): "1 Yes",
        answer_name("K_FIRST"): "C1 Clinic",
    }
    for row, (name, age) in enumerate([("Kim", 40), ("Kim", 20), ("Ri", 300)], start=1):
        values |= {answer_name("name", row=row): name, answer_name("age", row=row): age}
    session.fill("one", values)
    session.close()
    shown = session.run()["one"]
    states, counts, duplicate = shown[: len(spots)], [int(float(one)) for one in shown[len(spots) : -1]], shown[-1]
    words = words_for(household_form, "en")
    expected = [sum(state == words[key] for state in states) for key in ("ok", "todo", "check")]
    assert counts[-3:] == expected
    assert [sum(counts[:-3][offset::3]) for offset in range(3)] == expected
    assert min(expected) > 0
    assert words["duplicate"] in duplicate
