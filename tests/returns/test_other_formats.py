"""Files of other programs and formats: LibreOffice's xlsx in full, xls and ods for their values."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from corpus import hostile, village

from surveykit.errors import ReturnsError
from surveykit.findings import Place
from surveykit.forms.workbook import write_form
from surveykit.returns.checks import check
from surveykit.returns.foreign import open_foreign
from surveykit.returns.intake import read_returned
from surveykit.returns.limits import DEFAULT, Limits


def convert(path: Path, kind: str) -> Path:
    """Let LibreOffice open a file, calculate it and save it in another format."""
    folder = path.parent / f"saved-{kind}"
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder / f"{path.stem}.{kind}"


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


@pytest.fixture
def forms(tmp_path, write, questionnaire):
    """Return real forms of both layouts with the good answers, and those answers."""
    good, _ = read_returned(write(), questionnaire)
    paths = [tmp_path / f"{layout}.xlsx" for layout in ("booklet", "list")]
    for path in paths:
        write_form(questionnaire, path, language="en", layout=path.stem, answers=dict(good.frames))
    return good, paths


def test_both_layouts_come_back_as_they_were_written(forms, questionnaire):
    good, paths = forms
    for path in paths:
        responses, findings = read_returned(path, questionnaire)
        assert codes(findings) == []
        assert codes(check(responses, questionnaire)) == []
        assert all(responses[unit].equals(good[unit]) for unit in good)


@pytest.mark.wants_libreoffice
def test_forms_saved_by_libreoffice_are_read_without_a_word(forms, questionnaire):
    good, paths = forms
    for path in paths:
        responses, findings = read_returned(convert(path, "xlsx"), questionnaire)
        assert codes(findings) == []
        assert codes(check(responses, questionnaire)) == []
        assert all(responses[unit].equals(good[unit]) for unit in good)


@pytest.mark.wants_libreoffice
def test_xls_and_ods_are_read_for_their_values_with_a_warning(forms, questionnaire):
    good, paths = forms
    for kind in ("xls", "ods"):
        responses, findings = read_returned(convert(paths[0], kind), questionnaire)
        assert codes(findings) == ["returns-file-foreign"]
        assert all(responses[unit].equals(good[unit]) for unit in good)


def test_a_worker_that_dies_of_a_hostile_file_costs_that_file(tmp_path, questionnaire):
    far = next(kind for kind in hostile.kinds(questionnaire) if kind.name == "cell at XFD1048576")
    path = tmp_path / "far.xls"
    path.write_bytes(far.data)
    with pytest.raises(ReturnsError) as caught, open_foreign(path, "xls", where=Place(file="far.xls"), limits=DEFAULT):
        pass
    assert codes(caught.value.findings) == ["returns-file-worker"]


def test_a_worker_that_finds_too_much_or_nothing_stops(tmp_path, write):
    few = Limits(cells=5)
    with pytest.raises(ReturnsError) as caught, open_foreign(write(), "xls", where=Place(file="x"), limits=few):
        pass
    assert codes(caught.value.findings) == ["returns-file-too-many"]
    broken = tmp_path / "broken.xls"
    broken.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(ReturnsError) as caught, open_foreign(broken, "xls", where=Place(file="x"), limits=DEFAULT):
        pass
    assert codes(caught.value.findings) == ["returns-file-worker"]


def test_the_worker_and_the_strict_reader_see_the_same_answers(write, questionnaire):
    path = write()
    with open_foreign(path, "xls", where=Place(file=str(path)), limits=DEFAULT) as workbook:
        sheet = workbook.sheet("Main")
        assert sheet is not None
        cells = {(row, column): value for row, found in sheet.read() for column, value in found.items()}
    row = village.all_names(questionnaire).index("A_land") + 3
    assert cells[(row, 4)] == 12.5
    assert str(cells[(4, 4)]) == "2026-03-02"
