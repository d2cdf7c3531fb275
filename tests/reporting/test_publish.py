"""Files say what the table says, and nothing in a label becomes a formula or markup."""

from __future__ import annotations

import csv
import html
import io
import re
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from surveykit.errors import ReportingError
from surveykit.reporting import webpage
from surveykit.reporting.printed import printed_cell, printed_columns
from surveykit.reporting.publish import markdown, publish
from surveykit.reporting.table import Cell, Note
from surveykit.reporting.tabulation import tabulate
from surveykit.reporting.workbook import number_format

EVIL = '=HYPERLINK("http://x.invalid","<script>alert(1)</script>")|\u202e&'


@pytest.fixture
def evil(make):
    table = make(title=EVIL, source=EVIL, notes=[EVIL])
    rows = (replace(table.rows[0], label=EVIL), *table.rows[1:])
    columns = (replace(table.columns[0], spanners=(EVIL,)), *table.columns[1:])
    return replace(table, rows=rows, columns=columns, stub=EVIL)


def test_the_workbook_holds_live_numbers_with_formats(table, tmp_path):
    publish(table, tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]
    assert sheet["A1"].value == "Obesity"
    assert [sheet.cell(6, column).value for column in (1, 2, 3)] == ["Total, crude", 5337, table.cells[0][1].value]
    assert sheet["C6"].number_format == "#,##0.0"
    assert sheet["B6"].number_format == "#,##0"
    assert {"B3:F3", "A3:A5", "E4:F4", "B4:B5"} <= {str(one) for one in sheet.merged_cells.ranges}
    assert sheet.freeze_panes == "B6"
    assert sheet.print_title_rows == "$3:$5"


def test_the_workbook_rounds_where_the_table_asks_for_printed_digits(table, tmp_path):
    publish(replace(table, digits="printed"), tmp_path / "t.xlsx")
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]["C6"].value == 39.8


def test_no_text_becomes_a_formula(evil, tmp_path):
    publish(evil, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    types = {cell.data_type for sheet in book for line in sheet.iter_rows() for cell in line}
    assert types <= {"s", "n"}
    assert book.worksheets[0]["A6"].value.startswith("=HYPERLINK")
    assert "\u202e" not in book.worksheets[0]["A6"].value


def test_marks_live_in_the_number_format_and_keep_their_width_elsewhere():
    starred = Cell(value=12.3, display="12.3", decimals=1, status="flagged", marks=("*",), reason="few")
    plain = Cell(value=12.3, display="12.3", decimals=1, status="shown")
    assert number_format(starred, "*") == '#,##0.0"*"'
    assert number_format(plain, "*") == "#,##0.0_*"
    assert number_format(replace(plain, enclosed=True), ")") == '"("#,##0.0")"'


def test_markdown_is_a_pipe_table_with_joined_intervals(table):
    lines = markdown(table).splitlines()
    assert lines[0] == "**Obesity**"
    assert lines[4].startswith("| **Total, crude** | 5,337 | 39.8 | 1.6 | 36.4–43.1 |")
    assert lines[-1] == "Source: NHANES 2015–2016"


def test_markdown_escapes_markup(evil):
    text = markdown(evil)
    assert "<script" not in text.replace("\\<script", "")
    body = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in body} == {14}


def test_csv_guards_formulas_and_says_so(evil, tmp_path):
    done = publish(evil, tmp_path / "t.csv", notes=True)
    assert done.options == {"digits": "full", "guard_formulas": True, "notes": True}
    raw = (tmp_path / "t.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[1][1].startswith("'=HYPERLINK")
    assert not any(text.startswith("=") for row in rows for text in row)
    assert publish(evil, tmp_path / "u.csv", guard_formulas=False).options["guard_formulas"] is False
    assert '\n,"=HYPERLINK' in (tmp_path / "u.csv").read_text(encoding="utf-8-sig").replace("\r", "")


def test_csv_numbers_are_numbers(table, tmp_path):
    publish(table, tmp_path / "t.csv", digits="printed")
    rows = list(csv.reader(io.StringIO((tmp_path / "t.csv").read_text(encoding="utf-8-sig"))))
    assert rows[0][:4] == ["Group", "Age group", "Total n", "Total %"]
    assert rows[1][:4] == ["", "Total, crude", "5337", "39.8"]


def test_the_page_is_escaped_and_may_load_nothing(evil, tmp_path):
    publish(evil, tmp_path / "t.html")
    text = (tmp_path / "t.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "default-src 'none'" in text
    assert "\u200b" not in text
    for loading in ("src=", "@import", "url(", "<link"):
        assert loading not in text


def test_the_page_names_language_heads_and_rows(make, tmp_path):
    publish(make(language="ko"), tmp_path / "t.html")
    text = (tmp_path / "t.html").read_text(encoding="utf-8")
    assert '<html lang="ko">' in text
    assert 'scope="row"' in text
    assert text.count('scope="colgroup"') == 3
    assert "39.8" in text
    assert "36.4–43.1" in text


def test_marks_hang_outside_the_column_of_numbers(table, tmp_path):
    def flag(row, column, cell):
        del row
        return replace(cell, status="flagged", marks=("*",), reason="few <cases>") if column.statistic == "se" else cell

    noted = replace(table.mapped(flag), notes=(Note(kind="suppression", text="Few cases.", mark="*"),))
    publish(noted, tmp_path / "t.html")
    text = (tmp_path / "t.html").read_text(encoding="utf-8")
    assert '<abbr title="few &lt;cases&gt;">1.6<span class="mark"><sup>*</sup></span></abbr>' in text
    publish(noted, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.worksheets[0]["D6"].comment.text == "few <cases>"
    assert book["About"]["C5"].value == "few <cases>"


def test_several_tables_share_a_file_and_sheet_names_stay_apart(table, tmp_path):
    publish([table, table, replace(table, id="a/b:c" * 9)], tmp_path / "t.xlsx")
    names = openpyxl.load_workbook(tmp_path / "t.xlsx").sheetnames
    assert names == ["table", "table 2", "a b ca b ca b ca b ca b ca b ca", "About"]
    publish([table, table], tmp_path / "t.html")
    assert (tmp_path / "t.html").read_text(encoding="utf-8").count("<section>") == 2


@pytest.mark.parametrize(("code", "call"), [
    ("report-format-unknown", lambda table, folder: publish(table, folder / "t.pdf")),
    ("report-no-estimates", lambda _, folder: publish([], folder / "t.md")),
    ("report-one-table", lambda table, folder: publish([table, table], folder / "t.csv")),
    ("report-not-writable", lambda table, folder: publish(table, folder / "absent" / "t.md")),
    ("report-unknown-option", lambda table, folder: publish(table, folder / "t.csv", digits="some")),
])  # fmt: skip
def test_what_cannot_be_written_is_refused_by_name(table, tmp_path, code, call):
    with pytest.raises(ReportingError) as caught:
        call(table, tmp_path)
    assert caught.value.findings.codes == {code: 1}


def test_years_and_sexes_stand_in_nested_heads(tmp_path):
    rows = [
        {"year": year, "sex": sex, "area": area, "variable": "v", "estimate": 0.1, "n": 99}
        for year in (2024, 2025)
        for sex in (1, 2)
        for area in ("a", "b")
    ]
    table = tabulate(pd.DataFrame(rows), blocks=["year", "sex"], statistics=["n", "estimate"])
    assert [column.spanners for column in table.columns[::2]] == [
        ("2024", "1"),
        ("2024", "2"),
        ("2025", "1"),
        ("2025", "2"),
    ]
    publish(table, tmp_path / "t.xlsx")
    merged = {str(one) for one in openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0].merged_cells.ranges}
    assert merged == {"A3:A5", "B3:E3", "F3:I3", "B4:C4", "D4:E4", "F4:G4", "H4:I4"}
    publish(table, tmp_path / "t.html")
    text = (tmp_path / "t.html").read_text(encoding="utf-8")
    assert text.count('colspan="4" scope="colgroup"') == 2
    assert text.count('colspan="2" scope="colgroup"') == 4
    assert "| area | 2024 1 n | 2024 1 % |" in markdown(table)


def test_every_cell_of_the_page_stands_under_its_heads(table, tmp_path):
    publish(table, tmp_path / "t.html")
    text = (tmp_path / "t.html").read_text(encoding="utf-8")
    ids = re.findall(r'id="([^"]+)"', text)
    named = {one for heads in re.findall(r'headers="([^"]+)"', text) for one in heads.split()}
    assert len(ids) == len(set(ids))
    assert named <= set(ids)
    cells = [
        html.unescape(re.sub("<[^>]+>", "", one)) for one in re.findall(r'<td [^>]*class="gt_row[^>]*>(.*?)</td>', text)
    ]
    columns = printed_columns(table)
    assert cells == [printed_cell(table, line, column).text for line in table.cells for column in columns]


def test_a_renderer_that_lays_out_differently_is_refused(table, tmp_path, monkeypatch):
    monkeypatch.setattr(webpage.GT, "as_raw_html", lambda _: "<table></table>")
    with pytest.raises(ReportingError) as caught:
        publish(table, tmp_path / "t.html")
    assert caught.value.findings.codes == {"report-great-tables-differs": 1}


def test_tables_of_a_page_share_one_style(table, tmp_path):
    publish([table, table, table], tmp_path / "three.html")
    publish(table, tmp_path / "one.html")
    three, one = ((tmp_path / f"{name}.html").read_text(encoding="utf-8") for name in ("three", "one"))
    assert three.count("<style>") == one.count("<style>") == 2
    assert ".scroll .gt_table" in three
    assert "#table-1 .gt_table" not in three
    assert three.count('id="table-3-title"') == 1
