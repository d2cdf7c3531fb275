"""A designer makes forms from the command line: blank, on paper, and one prefilled booklet a sampled household."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import openpyxl
import pytest
from command_line import run

ROWS = 7


@pytest.fixture
def sample(tmp_path) -> Path:
    path = tmp_path / "sample.csv"
    rows = [f"{number:05d},{number // 4},house {number} by the river" for number in range(1, ROWS + 1)]
    path.write_text("\n".join(["serial,cluster,address", *rows]), encoding="utf-8")
    return path


@pytest.fixture
def survey(tmp_path, monkeypatch, sample) -> Path:
    folder = tmp_path / "survey"
    run("init", folder, "--questionnaire", "first-light", "--language", "ko", "--language", "en")
    (folder / "sample.csv").write_bytes(sample.read_bytes())
    monkeypatch.chdir(folder)
    return folder


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*.xlsx"))}


def test_a_sample_gives_a_booklet_a_row_and_addresses_apart(sample, tmp_path):
    folder = tmp_path / "booklets"
    answer = json.loads(
        run("form", "first-light", "--sample", sample, "--output", folder, "--language", "ko", "--json")
    )
    assert (answer["booklets"], answer["written"], answer["ok"]) == (ROWS, ROWS, True)
    assert answer["addresses"] == len(list((folder / "addresses").glob("*.xlsx")))
    for number, path in enumerate(sorted(folder.glob("*.xlsx")), start=1):
        properties = {one.name: one.value for one in openpyxl.load_workbook(path).custom_doc_props.props}
        assert properties["surveykit.serial"] == path.stem == f"{number:05d}"


def test_a_batch_goes_on_where_it_stopped_and_gives_the_same_bytes(sample, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    run("form", "first-light", "--sample", sample, "--output", first)
    whole = _hashes(first)
    for name in list(whole)[::2]:
        next(first.rglob(name)).unlink()
    again = json.loads(run("form", "first-light", "--sample", sample, "--output", first, "--json"))
    assert 0 < again["written"] < ROWS
    run("form", "first-light", "--sample", sample, "--output", second)
    assert _hashes(first) == _hashes(second) == whole


def test_a_wrong_sample_is_refused_with_every_row(tmp_path):
    path = tmp_path / "sample.csv"
    path.write_text("serial,K_DATE\n00001,yesterday\n00001,\n,\n", encoding="utf-8")
    output = run("form", "first-light", "--sample", path, "--output", tmp_path / "out", code=1)
    assert "forms-sample-twice" in output
    assert "forms-sample-no-serial" in output
    assert not (tmp_path / "out").exists()


def test_layouts_that_exclude_each_other_are_a_wrong_call(sample):
    for words in (
        ["--paper", "--layout", "list"],
        ["--paper", "--sample", sample],
        ["--layout", "list", "--sample", sample],
    ):
        assert "choose one" in run("form", "first-light", *words, code=2)


def test_paper_without_libreoffice_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    output = run("form", "first-light", "--paper", "--output", tmp_path / "form.pdf", code=1)
    assert "forms-paper-no-program" in output
    assert "libreoffice" in output


@pytest.mark.wants_libreoffice
def test_paper_is_a_pdf(tmp_path):
    path = tmp_path / "form.pdf"
    assert json.loads(run("form", "first-light", "--paper", "--language", "ko", "--output", path, "--json"))["ok"]
    assert path.read_bytes().startswith(b"%PDF")


def test_a_survey_makes_its_blank_forms_and_then_the_booklets_of_a_sample(survey):
    assert "booklets" not in json.loads(run("form", "--json"))
    answer = json.loads(run("form", "--sample", "sample.csv", "--json"))
    assert answer["written"] == ROWS
    assert len(list((survey / "forms" / "sample-ko").glob("*.xlsx"))) == ROWS
    assert "stale" not in run("status")


def test_a_survey_that_names_its_sample_makes_the_booklets_too_and_tells_when_the_sample_changed(survey):
    settings = json.loads((survey / "survey.json").read_text(encoding="utf-8"))
    (survey / "survey.json").write_text(json.dumps(settings | {"sample": "sample.csv"}), encoding="utf-8")
    answer = json.loads(run("form", "--language", "en", "--json"))
    assert answer["booklets"] == ROWS
    assert [Path(path).name for path in answer["made"]] == [
        "first-light-booklet-en.xlsx",
        "first-light-list-en.xlsx",
        "sample-en",
    ]
    assert json.loads(run("form", "--language", "en", "--json"))["written"] == 0
    with (survey / "sample.csv").open("a", encoding="utf-8") as stream:
        stream.write(f"\n00099,9,hill{os.linesep}")
    assert "project-stale" in run("status")
    assert json.loads(run("form", "--language", "en", "--json"))["written"] == 1


@pytest.mark.wants_libreoffice
def test_a_survey_prints_its_booklets(survey):
    assert json.loads(run("form", "--paper", "--json"))["ok"]
    assert sorted(path.name for path in (survey / "forms").glob("*.pdf")) == [
        "first-light-paper-en.pdf",
        "first-light-paper-ko.pdf",
    ]
