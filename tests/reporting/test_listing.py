"""Lists go to workbooks and pages as they are; text stays text."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from surveykit.errors import ReportingError
from surveykit.questionnaire.codebook import codebook
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.reporting.listing import Listing, listing_html, publish_listing


@pytest.fixture
def listing():
    frame = pd.DataFrame({
        "var": ["sex", "=1+1"], "n": pd.array([3, None], dtype="Int64"), "share": [0.12345, float("nan")],
        "asked": [True, False], "day": pd.to_datetime(["2026-01-02", None]),
    })  # fmt: skip
    labels = {"var": {"en": "Variable", "ko": "변수"}}
    return Listing(title={"en": "Codebook", "ko": "코드북"}, frame=frame, labels=labels, notes=["One <note>."])


def test_a_page_lists_every_row_escaped(listing, tmp_path):
    publish_listing(listing, tmp_path / "l.html")
    text = (tmp_path / "l.html").read_text(encoding="utf-8")
    assert '<th scope="col">Variable</th>' in text
    assert '<td class="number">0.12</td>' in text
    assert "One &lt;note&gt;." in text
    assert 'role="region"' in text
    assert "nan" not in text.lower().replace("nanumgothic", "")


def test_a_workbook_keeps_types_and_makes_no_formula(listing, tmp_path):
    done = publish_listing([listing, Listing(title="Codebook", frame=listing.frame)], tmp_path / "l.xlsx")
    book = openpyxl.load_workbook(done.path)
    assert book.sheetnames == ["Codebook", "Codebook (2)"]
    sheet = book["Codebook"]
    assert [cell.value for cell in sheet[1]] == ["Variable", "n", "share", "asked", "day"]
    assert sheet["A3"].value == "=1+1"
    assert sheet["A3"].data_type == "s"
    assert (sheet["B2"].value, sheet["B3"].value) == (3, None)
    assert sheet.auto_filter.ref == "A1:E3"


def test_heads_speak_the_language_of_the_list(listing):
    korean = Listing(title=listing.title, frame=listing.frame, labels=listing.labels, language="ko")
    assert korean.heads[:2] == ["변수", "n"]
    assert listing_html(korean).startswith('<h2 id="list-h">코드북</h2>')


def test_the_codebook_of_a_shipped_questionnaire_is_a_list(tmp_path):
    frame = codebook(load_questionnaire("first-light")).to_frame()
    publish_listing(Listing(title="Codebook", frame=frame), tmp_path / "c.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx").worksheets[0]
    assert sheet.max_row == len(frame) + 1
    publish_listing(Listing(title="Codebook", frame=frame), tmp_path / "c.html")
    assert (tmp_path / "c.html").read_text(encoding="utf-8").count("<tr>") == len(frame) + 1


@pytest.mark.parametrize(("code", "call"), [
    ("report-unknown-option", lambda one, folder: publish_listing(one, folder / "l.docx")),
    ("report-no-estimates", lambda _, folder: publish_listing([], folder / "l.html")),
    ("report-not-writable", lambda one, folder: publish_listing(one, folder / "file" / "l.xlsx")),
])  # fmt: skip
def test_lists_that_cannot_be_written_are_refused_by_name(listing, tmp_path, code, call):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReportingError) as caught:
        call(listing, tmp_path)
    assert caught.value.findings.codes == {code: 1}


def test_large_numbers_are_listed_without_places_and_small_ones_with_them():
    frame = pd.DataFrame({"total": [168_065.75, 505_798.0], "cv": [0.551, 0.697], "n": [5200, 4653]})
    assert Listing(title="Weights", frame=frame).places() == [0, 2, 2]
    page = listing_html(Listing(title="Weights", frame=frame))
    assert ">168,066<" in page
    assert ">0.55<" in page
    assert ">5200<" in page
