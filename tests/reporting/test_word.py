"""Word documents carry the printed table, heads marked as heads."""

from __future__ import annotations

import sys

import docx
import pytest
from docx.oxml.ns import qn

from surveykit.errors import ReportingError
from surveykit.reporting.publish import publish
from surveykit.reporting.reliability import suppress
from surveykit.reporting.tabulation import tabulate


def _texts(path):
    grid = docx.Document(str(path)).tables[0]
    return [[cell.text for cell in row.cells] for row in grid.rows]


def test_the_document_prints_what_the_table_prints(table, tmp_path):
    publish(table, tmp_path / "t.docx")
    lines = _texts(tmp_path / "t.docx")
    assert lines[0] == ["Age group", *["Total"] * 4, *["Men"] * 4, *["Women"] * 4]
    assert lines[1][1:5] == ["n", "%", "SE", "95% CI"]
    assert lines[2][:5] == ["Total, crude", "5,337", "39.8", "1.6", "36.4–43.1"]
    document = docx.Document(str(tmp_path / "t.docx"))
    assert document.paragraphs[0].text == "Obesity"
    assert "Source: NHANES 2015–2016" in [paragraph.text for paragraph in document.paragraphs]
    assert document.sections[0].page_width.mm == pytest.approx(210, abs=0.1)  # set smaller, so that it stays upright
    assert document.tables[0].cell(2, 1).paragraphs[0].runs[0].font.size.pt == 6.5


def test_head_lines_repeat_and_are_heads(table, tmp_path):
    publish(table, tmp_path / "t.docx")
    grid = docx.Document(str(tmp_path / "t.docx")).tables[0]
    marked = [row._tr.trPr is not None and row._tr.trPr.find(qn("w:tblHeader")) is not None for row in grid.rows]
    assert marked == [True, True, *[False] * 5]


def test_groups_and_marks_are_printed(estimates, tmp_path):
    income = estimates[2].rename(columns={"age_group": "income"}).assign(n=30)
    table = suppress(tabulate([estimates[0], estimates[2], income]), "dhs-parentheses")
    publish(table, tmp_path / "t.docx")
    texts = [line[0] for line in _texts(tmp_path / "t.docx")]
    assert texts[1:4] == ["Total", "age_group", "20-39"]
    assert "(35.7)" in {text for line in _texts(tmp_path / "t.docx") for text in line}


def test_the_same_table_gives_the_same_korean_words(make, tmp_path):
    publish(make(language="ko"), tmp_path / "t.docx")
    document = docx.Document(str(tmp_path / "t.docx"))
    assert document.core_properties.language == "ko"
    assert _texts(tmp_path / "t.docx")[2][0] == "전체(조율)"


def test_without_python_docx_the_finding_says_what_to_install(table, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "surveykit.reporting.word", raising=False)
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(ReportingError) as caught:
        publish(table, tmp_path / "t.docx")
    assert caught.value.findings.codes == {"report-extra-missing": 1}
    assert 'pip install "surveykit[docx]"' in caught.value.findings[0].hint
