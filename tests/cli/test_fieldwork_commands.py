"""A field office with the command line only: what came back, who is behind, two entries, tables for other programs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from command_line import run

from surveykit import load_questionnaire, simulate, write_form

SAMPLED = 12
RETURNED = 4


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A survey folder with a sample of twelve households and the booklets of four; one pressure is impossible."""
    folder = tmp_path_factory.mktemp("office") / "survey"
    run("init", str(folder), "--questionnaire", "dprk-summary", "--title", "Trial", "--language", "en")
    questionnaire = load_questionnaire("dprk-summary")
    answers = simulate(questionnaire, n=SAMPLED, seed=3)
    top = answers["household"]
    sample = top[["ID_fam", "K_PROV", "kstrata", "psu"]].assign(team=["North"] * 6 + ["South"] * 6)
    sample.to_csv(folder / "sample.csv", index=False)
    settings = json.loads((folder / "survey.json").read_text(encoding="utf-8"))
    settings |= {"sample": "sample.csv", "fieldwork": {"start": "2024-01-01", "end": "2024-12-31"}}
    (folder / "survey.json").write_text(json.dumps(settings), encoding="utf-8")
    for serial in top["ID_fam"].head(RETURNED):
        own = {unit: frame[frame["ID_fam"] == serial].reset_index(drop=True) for unit, frame in answers.items()}
        if serial == top["ID_fam"].iloc[0]:
            own["household"] = own["household"].assign(K_ELEC=pd.array([40.0], dtype="Float64"))
        write_form(questionnaire, folder / "returned" / f"{serial}.xlsx", language="en", layout="booklet", answers=own)
    before = Path.cwd()
    os.chdir(folder)
    try:
        answer = json.loads(run("receive", "--json", code=1))
        text = run("receive", code=1)
    finally:
        os.chdir(before)
    return folder, answer, text


@pytest.fixture
def inside(office, monkeypatch):
    monkeypatch.chdir(office[0])
    return office[0]


def test_receiving_ends_with_figures_of_fieldwork(office):
    figures = office[1]["fieldwork"]
    assert (figures["returned"], figures["sampled"]) == (RETURNED, SAMPLED)
    assert figures["errors"] == sum(one["severity"] == "error" for one in office[1]["findings"])
    assert 0 < figures["RR2"] <= 1


def test_the_terminal_shows_strata_teams_rules_and_where_the_page_is(office):
    text = office[2]
    for said in ("Strata: returned of sampled", "North", "South", "returns-check-range", "monitor.html"):
        assert said in text


def test_findings_of_received_answers_name_file_sheet_and_cell(office):
    found = [one for one in office[1]["findings"] if one["code"] == "returns-check-range"]
    assert [one["where"]["item"] for one in found] == ["K_ELEC"]
    assert found[0]["where"]["file"].endswith(".xlsx")
    assert found[0]["where"]["cell"]


def test_the_page_has_pictures_and_loads_nothing(inside):
    page = (inside / "out" / "monitor.html").read_text(encoding="utf-8")
    assert page.count("<img") >= 4
    assert "default-src 'none'" in page
    assert "http://" not in page.split("<body>")[1]
    assert "Response so far" in page


def test_the_workbook_has_a_sheet_a_list(inside):
    book = openpyxl.load_workbook(inside / "out" / "monitor.xlsx")
    teams = book["Teams returned of sampled"]
    assert [[cell.value for cell in row] for row in teams.iter_rows(min_row=2)] == [
        ["North", RETURNED, 6, 66.7],
        ["South", 0, 6, 0],
    ]


def test_queries_go_to_their_team(inside):
    book = openpyxl.load_workbook(inside / "out" / "queries.xlsx")
    assert [sheet.title for sheet in book] == ["North"]


@pytest.mark.usefixtures("inside")
def test_the_page_speaks_the_language_asked_for(inside):
    assert "나올 수 없는 값입니다" in run("receive", "--language", "ko", code=1)
    assert "조사 진행 현황" in (inside / "out" / "monitor.html").read_text(encoding="utf-8")


def test_removed_and_repeated_files_are_reported_with_the_answers(tmp_path, monkeypatch):
    run("init", str(tmp_path / "lists"), "--questionnaire", "first-light")
    monkeypatch.chdir(tmp_path / "lists")
    for number, name in enumerate("abc"):
        (Path("returned") / f"{name}.csv").write_text(f"ID,sex\n1000{number},1\n", encoding="utf-8")
    run("receive")
    (Path("returned") / "a.csv").unlink()
    (Path("returned") / "d.csv").write_bytes((Path("returned") / "c.csv").read_bytes())
    found = [one["code"] for one in json.loads(run("receive", "--json"))["findings"]]
    assert found.count("returns-file-removed") == found.count("returns-file-duplicate") == 1
    assert "returns-file-removed" in [one["code"] for one in json.loads(run("receive", "--json"))["findings"]]


def test_frozen_tables_are_written_again(inside):
    made = json.loads(run("freeze", "--json"))["made"]
    assert [Path(path).name for path in made] == ["manifest.json"]
    assert json.loads((inside / made[0]).read_text(encoding="utf-8"))["tables"]["household"]["rows"] == RETURNED


@pytest.mark.parametrize("kind", ["csv", "sav", "dta"])
def test_answers_are_written_for_other_programs(inside, kind):
    if kind != "csv":
        pytest.importorskip("pyreadstat", reason="the extra surveykit[microdata] is not installed")
    made = json.loads(run("export", kind, "--unit", "household", "--unit", "member", "--json"))["made"]
    assert [Path(path).name for path in made] == [f"dprk-summary-household.{kind}", f"dprk-summary-member.{kind}"]
    assert all((inside / path).stat().st_size > 0 for path in made)


@pytest.mark.usefixtures("inside")
def test_an_export_of_an_unknown_unit_or_format_says_what_there_is():
    assert "returns-export-unit" in run("export", "csv", "--unit", "houshold", code=1)
    assert "Usage" in run("export", "xlsx", code=2)


def test_two_entries_are_compared_and_settled(inside):
    second = inside / "second" / "Lee"
    second.mkdir(parents=True)
    name = min(path.name for path in (inside / "returned").glob("*.xlsx"))
    book = openpyxl.load_workbook(inside / "returned" / name)
    cell = book.defined_names["A_K_ELEC"].attr_text.replace("$", "").rpartition("!")
    book[cell[0].strip("'")][cell[2]].value = 4
    book.save(second / name)
    answer = json.loads(run("double-entry", f"returned/{name}", "second", "--output", "settle.xlsx", "--json", code=1))
    assert answer["differences"] == 1
    assert 0.9 < answer["agreement"] < 1
    assert [one["code"] for one in answer["findings"]] == ["returns-entry-differs"]
    text = run("double-entry", f"returned/{name}", "second", "--output", "settle.xlsx", code=1)
    assert "K_ELEC" in text
    assert "Lee" in text
    settled = openpyxl.load_workbook(inside / "settle.xlsx")
    heads = [cell.value for cell in settled.worksheets[0][1]]
    settled.worksheets[0].cell(2, heads.index("Correct value") + 1).value = 4
    settled.save(inside / "settle.xlsx")
    assert json.loads(run("queries", "settle.xlsx", "--who", "Han", "--json"))["corrected"] == 1


def test_verbs_of_received_answers_say_when_nothing_was_received(tmp_path, monkeypatch):
    run("init", str(tmp_path / "bare"), "--questionnaire", "first-light")
    monkeypatch.chdir(tmp_path / "bare")
    for words in (("freeze",), ("export", "csv")):
        assert "project-nothing-received" in run(*words, code=1)


def test_an_empty_folder_has_a_page_that_says_so(tmp_path, monkeypatch):
    run("init", str(tmp_path / "bare"), "--questionnaire", "dprk-summary")
    monkeypatch.chdir(tmp_path / "bare")
    run("receive")
    assert "Nothing has come back yet" in (tmp_path / "bare" / "out" / "monitor.html").read_text(encoding="utf-8")
