"""The booklet on paper."""

from __future__ import annotations

import subprocess

import openpyxl
import pytest

from surveykit.errors import FormError
from surveykit.forms import paper
from surveykit.forms.paper import write_paper
from surveykit.forms.workbook import write_form
from surveykit.questionnaire.selection import take_number


def _texts(book: openpyxl.Workbook) -> str:
    return "\n".join(str(cell.value) for sheet in book for row in sheet for cell in row if cell.value is not None)


def test_paper_has_boxes_beside_codes_arrows_and_the_table_that_takes_one_person(tmp_path, household_form):
    path = tmp_path / "paper.xlsx"
    write_form(household_form, path, paper=True, prefill={"K_SERIAL": "000125"})
    text = _texts(openpyxl.load_workbook(path))
    assert "□ 1 Yes\n□ 2 No" in text
    assert "2, 8, 9 → E4" in text
    assert "Ask if E2 is 1." in text
    assert "|__|__|__|" in text
    table = "     ".join(f"{count} → {take_number('000125', count)}" for count in range(1, 11))
    assert table in text
    assert not any(cell.data_type == "f" for sheet in openpyxl.load_workbook(path) for row in sheet for cell in row)


def test_without_libreoffice_paper_says_what_to_install(tmp_path, monkeypatch, household_form):
    monkeypatch.setattr(paper.shutil, "which", lambda _: None)
    with pytest.raises(FormError) as error:
        write_paper(household_form, tmp_path / "form.pdf")
    assert error.value.findings.codes == {"forms-paper-no-program": 1}
    assert "libreoffice-calc" in str(error.value)


def test_a_program_that_fails_is_reported(tmp_path, monkeypatch, household_form):
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\necho no room >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(FormError) as error:
        write_paper(household_form, tmp_path / "form.pdf")
    assert error.value.findings.codes == {"forms-paper-failed": 1}
    assert "no room" in str(error.value)


def test_a_program_that_hangs_is_stopped(tmp_path, monkeypatch, household_form):
    def hang(*_: object, **options: object) -> None:
        raise subprocess.TimeoutExpired("soffice", float(str(options.get("timeout", 0))))

    monkeypatch.setattr(paper.shutil, "which", lambda name: name)
    monkeypatch.setattr(paper, "printing_font", lambda _: "")
    monkeypatch.setattr(paper.subprocess, "run", hang)
    with pytest.raises(FormError) as error:
        write_paper(household_form, tmp_path / "form.pdf")
    assert error.value.findings.codes == {"forms-paper-failed": 1}


@pytest.mark.wants_libreoffice
def test_the_pdf_prints_the_serial_on_its_pages(tmp_path, household_form):
    path = tmp_path / "form.pdf"
    write_paper(household_form, path, language="ko-KP", prefill={"K_SERIAL": "000125"})
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout
    pages = text.split("\f")[:-1]
    assert all("test-household 1.2.0" in page for page in pages)
    assert sum("번호 000125" in page for page in pages) >= len(pages) - 3  # lists of codes and grids carry no serial
    assert "세대 시험" in text
