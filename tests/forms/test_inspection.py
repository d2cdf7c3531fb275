"""The second checker finds in the bytes what the first one would have kept out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from surveykit.forms.inspection import inspect_form
from surveykit.forms.workbook import write_form


@pytest.fixture(scope="module")
def sound(tmp_path_factory, household_form) -> Path:
    path = tmp_path_factory.mktemp("inspect") / "form.xlsx"
    write_form(household_form, path)
    return path


def _damaged(sound: Path, tmp_path: Path, part: str, old: str, new: str) -> Path:
    path = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(sound) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                text = data.decode()
                assert old in text
                data = text.replace(old, new, 1).encode()
            target.writestr(name, data)
    return path


SHEET = "xl/worksheets/sheet2.xml"
BOOK = "xl/workbook.xml"


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ((SHEET, "<sheetData>", "<mergeCells/><sheetData>"), "forms-file-order"),
        ((SHEET, '<row r="2"', '<row r="1"'), "forms-file-cell"),
        ((SHEET, 't="inlineStr"', 't="s"'), "forms-file-cell"),
        ((SHEET, ' s="1"', ' s="9999"'), "forms-file-style"),
        ((SHEET, "W_todo", "W_todoo"), "forms-file-formula"),
        ((SHEET, "<f>IF(", "<f>IFS("), "forms-file-formula"),
        ((BOOK, "'_lists'!$C$2:$C$7", "'_lists'!$C$2:'_lists'!$C$7"), "forms-file-formula"),
        ((SHEET, 'promptTitle="', 'promptTitle="' + "x" * 40), "forms-file-length"),
        ((SHEET, '<dataValidations count="', '<dataValidations count="9'), "forms-file-count"),
        ((SHEET, "</mergeCells>", '<mergeCell ref="B4:C9"/></mergeCells>'), "forms-file-merge"),
        ((BOOK, 'name="A_K_DATE"', 'name="A_K_PROV"'), "forms-file-name"),
        ((BOOK, 'name="A_K_DATE"', 'name="BD1"'), "forms-file-name"),
        (("[Content_Types].xml", "/xl/worksheets/sheet2.xml", "/xl/worksheets/sheet99.xml"), "forms-file-part"),
        (("xl/_rels/workbook.xml.rels", "worksheets/sheet2.xml", "worksheets/sheet99.xml"), "forms-file-unreadable"),
    ],
)
def test_damage_is_found(sound, tmp_path, damage, code):
    assert code in inspect_form(_damaged(sound, tmp_path, *damage)).codes


def test_a_sound_form_passes(sound):
    assert str(inspect_form(sound)) == ""


def test_what_is_no_workbook_is_said_to_be_none(tmp_path):
    path = tmp_path / "text.xlsx"
    path.write_text("no zip")
    assert inspect_form(path).codes == {"forms-file-unreadable": 1}
