"""Answers are found by name, then by the map, then by what is printed; never by their row."""

from __future__ import annotations

import re

from corpus import bricks, village

from surveykit.findings import Place
from surveykit.questionnaire.identity import META_SHEET
from surveykit.returns.checks import check
from surveykit.returns.intake import read_returned
from surveykit.returns.parts import is_date_format, parse_area

MAIN = "xl/worksheets/sheet1.xml"
BOOK = "xl/workbook.xml"


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


def test_a_good_booklet_is_read_without_a_word(write, questionnaire):
    path = write()
    responses, findings = read_returned(path, questionnaire)
    assert codes(findings) == []
    assert codes(check(responses, questionnaire)) == []
    household = responses["household"].iloc[0]
    assert household["things"] == "1 2"
    assert (household["things_1"], household["things_2"], household["things_3"]) == (1, 1, 0)
    assert responses["member"]["who"].tolist() == ["Kim", "Lee"]
    assert responses["adult"]["packs"].tolist() == [0.5]
    assert responses["adult"]["member_line"].tolist() == [1]
    place = responses.place("household", 0, "land", item="land", record="1008")
    assert place == Place(file=str(path), sheet="Main", cell="D12", item="land", record="1008")


def test_a_renamed_and_moved_sheet_is_followed_by_its_names(tmp_path, questionnaire):
    good = village.booklet(questionnaire, village.GOOD, sheet="It's mine! 가")
    path = tmp_path / "renamed.xlsx"
    path.write_bytes(bricks.pack(good))
    responses, findings = read_returned(path, questionnaire)
    assert codes(findings) == []
    assert responses.place("household", 0, "land").sheet == "It's mine! 가"


def test_rows_may_be_inserted_above_answers(write, tmp_path, questionnaire):
    parts = village.booklet(questionnaire, village.GOOD)
    moved = re.sub(rb'r="([A-Z]*)(\d+)"', lambda m: b'r="%s%d"' % (m[1], int(m[2]) + 7), parts[MAIN])
    named = re.sub(rb"\$D\$(\d+)", lambda m: b"$D$%d" % (int(m[1]) + 7), parts[BOOK])
    path = tmp_path / "inserted.xlsx"
    path.write_bytes(bricks.pack({**parts, MAIN: moved, BOOK: named}))
    first, _ = read_returned(write(), questionnaire)
    second, findings = read_returned(path, questionnaire)
    assert codes(findings) == []
    assert all(first[unit].equals(second[unit]) for unit in first)


def test_a_copied_sheet_is_another_respondent(write, questionnaire):
    second = {**village.GOOD, "A_HID": "2006", "A_land": 99}
    rows = {row: {4: second.get(name)} for row, name in enumerate(village.all_names(questionnaire), 3)}
    names = [
        bricks.name_xml(name, f"'Main (2)'!$D${row}", 1) for row, name in enumerate(village.all_names(questionnaire), 3)
    ]
    path = write(more={"Main (2)": bricks.sheet_xml(rows)}, more_names=names)
    responses, findings = read_returned(path, questionnaire)
    assert responses["household"]["HID"].tolist() == ["1008", "2006"]
    assert responses["household"]["land"].tolist() == [12.5, 99.0]
    assert len(responses["member"]) == 4
    assert codes(findings) == ["returns-sheet-copied"]
    assert codes(check(responses, questionnaire)) == []


def test_lost_names_are_replaced_by_the_map(write, questionnaire):
    responses, findings = read_returned(write(without=frozenset({"names"})), questionnaire)
    assert codes(findings) == ["returns-names-lost"]
    assert responses["adult"]["cigs"].tolist() == [10]


def test_lost_names_and_moved_rows_are_found_by_the_printed_names(tmp_path, questionnaire):
    parts = village.booklet(questionnaire, village.GOOD, without=frozenset({"names"}))
    moved = re.sub(rb'r="([A-Z]*)(\d+)"', lambda m: b'r="%s%d"' % (m[1], int(m[2]) + 7), parts[MAIN])
    renamed = parts[BOOK].replace(b'name="Main"', b'name="Haupt"')
    path = tmp_path / "moved.xlsx"
    path.write_bytes(bricks.pack({**parts, MAIN: moved, BOOK: renamed}))
    responses, findings = read_returned(path, questionnaire)
    assert codes(findings) == ["returns-names-lost"]
    assert responses["adult"]["cigs"].tolist() == [10]
    assert responses.place("adult", 0, "cigs").sheet == "Haupt"


def test_a_deleted_answer_row_is_reported_and_its_neighbours_are_not_taken_for_it(tmp_path, questionnaire):
    parts = village.booklet(questionnaire, village.GOOD)
    row = village.all_names(questionnaire).index("A_land") + 3
    sheet = re.sub(rb'<row r="%d">.*?</row>' % row, b"", parts[MAIN])
    book = (
        parts[BOOK]
        .replace(f"'Main'!$D${row}<".encode(), b"#REF!<")
        .replace(b"&#x27;Main&#x27;!$D$%d<" % row, b"#REF!<")
    )
    path = tmp_path / "deleted.xlsx"
    path.write_bytes(bricks.pack({**parts, MAIN: sheet, BOOK: book}))
    responses, findings = read_returned(path, questionnaire)
    assert codes(findings) == ["returns-answer-place-lost"]
    assert findings[0].where.item == "land"
    assert responses["household"]["land"].isna().all()
    assert codes(check(responses, questionnaire)) == []


def test_a_deleted_row_of_a_required_answer_is_reported_once(tmp_path, questionnaire):
    parts = village.booklet(questionnaire, village.GOOD)
    row = village.all_names(questionnaire).index("A_prov") + 3
    sheet = re.sub(rb'<row r="%d">.*?</row>' % row, b"", parts[MAIN])
    path = tmp_path / "deleted.xlsx"
    names = f"'Main'!$D${row}<".encode(), b"&#x27;Main&#x27;!$D$%d<" % row
    book = parts[BOOK].replace(names[0], b"#REF!<").replace(names[1], b"#REF!<")
    path.write_bytes(bricks.pack({**parts, MAIN: sheet, BOOK: book}))
    responses, findings = read_returned(path, questionnaire)
    assert codes(findings + check(responses, questionnaire)).count("returns-check-required") == 0
    assert "returns-answer-place-lost" in codes(findings)


def test_columns_that_a_list_has_not_are_reported_once_and_not_in_every_row(tmp_path, questionnaire):
    path = tmp_path / "list.csv"
    path.write_text("HID,prov,land\n1008,1,5\n2006,2,6\n")
    responses, findings = read_returned(path, questionnaire)
    assert codes(findings) == ["returns-columns-missing"]
    assert findings[0].values["columns"].startswith("VISIT, county")
    assert "returns-check-required" not in codes(check(responses, questionnaire))


def test_identity_survives_the_loss_of_either_place(write, questionnaire):
    for without in ({"properties"}, {"meta"}):
        assert codes(read_returned(write(without=frozenset(without)), questionnaire)[1]) == []


def test_a_file_that_lost_both_places_is_read_by_its_names_with_a_warning(write, questionnaire):
    responses, findings = read_returned(write(without=frozenset({"properties", "meta"})), questionnaire)
    assert codes(findings) == ["returns-identity-missing"]
    assert len(responses["household"]) == 1


def test_an_edited_identity_is_quarantined(tmp_path, questionnaire):
    parts = village.booklet(questionnaire, village.GOOD)
    edited = parts["docProps/custom.xml"].replace(b">booklet<", b">list<")
    path = tmp_path / "edited.xlsx"
    path.write_bytes(bricks.pack({**parts, "docProps/custom.xml": edited}))
    responses, findings = read_returned(path, questionnaire)
    assert codes(findings) == ["returns-identity-edited"]
    assert findings[0].where.sheet == META_SHEET
    assert len(responses["household"]) == 0


def test_other_questionnaires_and_unknown_versions_are_quarantined(write, questionnaire):
    other = village.identity(questionnaire, questionnaire="town")
    assert codes(read_returned(write(known=other), questionnaire)[1]) == ["returns-other-questionnaire"]
    version = village.identity(questionnaire, version="0.9.0", structure_hash="0" * 64)
    assert codes(read_returned(write(known=version), questionnaire)[1]) == ["returns-other-version"]


def test_a_workbook_without_any_answer_place_is_quarantined(tmp_path, questionnaire):
    path = tmp_path / "notes.xlsx"
    path.write_bytes(bricks.pack(bricks.book_parts({"Notes": bricks.sheet_xml({1: {1: "hello"}})})))
    assert codes(read_returned(path, questionnaire)[1]) == ["returns-no-answers-found"]


def test_an_empty_form_is_no_respondent(tmp_path, questionnaire):
    path = tmp_path / "empty.xlsx"
    path.write_bytes(bricks.pack(village.booklet(questionnaire, {"A_HID": "1008"})))
    responses, findings = read_returned(path, questionnaire)
    assert codes(findings) == ["returns-form-empty"]
    assert len(responses["household"]) == 0


def test_a_serial_of_the_form_itself_serves_where_the_cell_is_blank(write, questionnaire):
    path = write(known=village.identity(questionnaire, serial="1008"), answers={"A_HID": None})
    responses, _ = read_returned(path, questionnaire)
    assert responses["household"]["HID"].tolist() == ["1008"]
    assert responses["member"]["HID"].tolist() == ["1008", "1008"]


def test_ticks_and_lines_that_are_none_are_reported(write, questionnaire):
    responses, findings = read_returned(
        write(answers={"A_things.o2": "maybe", "A_line_adult.r1": "first"}), questionnaire
    )
    assert sorted(codes(findings)) == ["returns-answer-no-line", "returns-answer-no-tick"]
    assert responses["household"]["things"].isna().all()
    assert (0, "things") in responses.unread["household"]


def test_a_formula_gives_the_line_of_a_selected_person_without_a_word(write, questionnaire):
    line = bricks.raw('<c r="{r}"><f>1+0</f><v>1</v></c>')
    responses, findings = read_returned(write(answers={"A_line_adult.r1": line}), questionnaire)
    assert codes(findings) == []
    assert responses["adult"]["member_line"].tolist() == [1]


def test_cells_of_every_type_are_read(write, questionnaire):
    answers = {
        "A_HID": bricks.raw('<c r="{r}" t="str"><f>"1008"</f><v>1008</v></c>'),
        "A_prov": bricks.raw('<c r="{r}" t="b"><v>1</v></c>'),
        "A_county": bricks.raw('<c r="{r}" t="e"><v>#REF!</v></c>'),
        "A_land": bricks.raw('<c r="{r}"><f>1/3</f></c>'),
        "A_age.r1": bricks.raw('<c r="{r}"><v>1E309</v></c>'),
        "A_age.r2": bricks.raw('<c r="{r}" t="zz"><v>3</v></c>'),
        "A_remark": bricks.raw(
            '<c r="{r}" t="inlineStr"><is><r><t>a</t></r><rPh><t>x</t></rPh><r><t>_x0042_</t></r></is></c>'
        ),
        "A_cigs.r1": bricks.raw('<c r="{r}" t="s"><v>77</v></c>'),
    }
    responses, findings = read_returned(write(answers=answers), questionnaire)
    assert dict(zip((finding.where.item for finding in findings), codes(findings), strict=True)) == {
        "HID": "returns-answer-formula",
        "prov": "returns-answer-boolean",
        "county": "returns-answer-error-cell",
        "land": "returns-answer-uncalculated",
        "age": "returns-answer-unreadable",
        "cigs": "returns-answer-unreadable",
    }
    assert responses["household"]["remark"].tolist() == ["aB"]
    assert codes(check(responses, questionnaire)) == []


def test_dates_of_both_systems_mean_the_same_day(tmp_path, questionnaire):
    styles = (
        f'{bricks.HEAD}<styleSheet xmlns="{bricks.MAIN}"><numFmts count="1"><numFmt numFmtId="164" '
        f'formatCode="yyyy\\-mm\\-dd"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>'
    ).encode()
    for from_1904, serial in ((False, 46083), (True, 46083 - 1462)):
        day = bricks.raw(f'<c r="{{r}}" s="1"><v>{serial}</v></c>')
        parts = village.booklet(questionnaire, {**village.GOOD, "A_VISIT": day}, from_1904=from_1904, styles=styles)
        path = tmp_path / f"{from_1904}.xlsx"
        path.write_bytes(bricks.pack(parts))
        responses, findings = read_returned(path, questionnaire)
        assert codes(findings) == []
        assert responses["household"]["VISIT"].iloc[0].isoformat() == "2026-03-02T00:00:00"


def test_date_formats_are_told_from_number_formats():
    dates = ["yyyy-mm-dd", 'yyyy"년" m"월" d"일"', "[$-412]d mmm", "h:mm", "[h]:mm", "[$-F800]dddd"]
    numbers = ["0.00", "General", '0" days"', "[Red]0", "#,##0_);(#,##0)", '0.0"mmHg"', "@", "\\d0"]
    assert all(is_date_format(code) for code in dates)
    assert not any(is_date_format(code) for code in numbers)


def test_references_are_parsed_and_never_guessed():
    area = parse_area("'It''s 가'!$D$8:$E$20")
    assert area is not None
    assert (area.sheet, area.column, area.row, area.last_column, area.last_row) == ("It's 가", 4, 8, 5, 20)
    assert parse_area("Sheet1!$C:$C") is not None
    for text in ("#REF!", "Sheet1!#REF!", "[1]Sheet1!$A$1", "Sheet1!$A$1,Sheet1!$B$1", "Sheet1!$XFE$1", "1+1", "A1"):
        assert parse_area(text) is None


def test_files_that_are_not_there_are_findings(tmp_path, questionnaire):
    responses, findings = read_returned([tmp_path / "no.xlsx", f"{tmp_path}/*.xlsx"], questionnaire)
    assert codes(findings) == ["returns-file-not-found", "returns-file-not-found"]
    assert [len(responses[unit]) for unit in responses] == [0, 0, 0, 0]


def test_lock_files_of_spreadsheet_programs_are_left_alone(write, questionnaire):
    path = write()
    (path.parent / "~$form.xlsx").write_bytes(b"lock")
    assert codes(read_returned(path.parent, questionnaire)[1]) == []


def test_a_csv_list_is_read_by_its_header(tmp_path, questionnaire):
    path = tmp_path / "list.csv"
    path.write_text(
        "\ufeffHID;VISIT;prov;county;things_1;things_2;things_3;land\n1008;2026-03-02;1;11;1;0;0;12,5\n\n2006;2026.3.2;2;21;;;;\n"
    )
    responses, findings = read_returned(path, questionnaire)
    household = responses["household"]
    assert codes(findings) == ["returns-answer-comma", "returns-answer-date-text"]
    assert [finding.where.cell for finding in findings] == ["H2", "B4"]
    assert household["things"].tolist()[0] == "1"
    assert household["things_2"].tolist()[0] == 0
    assert household["county"].tolist() == [11, 21]


def test_prefilled_rows_that_nobody_filled_are_left_out_and_counted(tmp_path, questionnaire):
    path = tmp_path / "list.csv"
    path.write_text("HID,prov\n1008,1\n2006,\n3004,\n")
    responses, findings = read_returned(path, questionnaire)
    assert codes(findings) == ["returns-columns-missing", "returns-rows-not-filled"]
    assert findings[1].values["rows"] == 2
    assert responses["household"]["HID"].tolist() == ["1008"]
