"""Two entries of one questionnaire: what differs, how often, between whom, and how it is settled."""

from __future__ import annotations

import openpyxl
import pytest

from surveykit.returns.double_entry import clerks_of, compare_entries, write_reconciliation
from surveykit.returns.intake import read_returned
from surveykit.returns.queries import COLUMNS, apply_queries
from surveykit.returns.receiving import receive, stored_responses
from surveykit.returns.store import open_store


@pytest.fixture
def entries(write, questionnaire):
    first = write("first/a.xlsx", answers={"A_land": "x"}), write("first/b.xlsx", answers={"A_HID": "2006"})
    second = (
        write("second/a.xlsx", answers={"A_land": 13, "A_age.r1": 41, "A_remark": "new"}),
        write("second/c.xlsx", answers={"A_HID": "3004"}),
    )
    return first, second, read_returned(first, questionnaire)[0], read_returned(second, questionnaire)[0]


def test_equal_entries_agree_in_everything(write, questionnaire):
    responses, _ = read_returned(write(), questionnaire)
    result = compare_entries(responses, responses, questionnaire)
    assert result.rate == 1.0
    assert result.disagreements == ()
    assert len(result.findings) == 0
    assert result.by_item["compared"].sum() == 13


def test_differences_are_told_with_both_places(entries, questionnaire):
    first, second, one, other = entries
    result = compare_entries(one, other, questionnaire)
    assert [(d.item, d.first, d.second) for d in result.disagreements] == [
        ("land", "?", "13"),
        ("remark", "", "new"),
        ("age", "40", "41"),
    ]
    land = result.disagreements[0]
    assert (land.first_place.file, land.second_place.file) == (str(first[0]), str(second[0]))
    assert land.first_place.cell == land.second_place.cell == "D12"
    differing = [finding for finding in result.findings if finding.code == "returns-entry-differs"]
    assert [finding.where.item for finding in differing] == ["land", "remark", "age"]


def test_rows_of_one_entry_alone_are_reported(entries, questionnaire):
    result = compare_entries(entries[2], entries[3], questionnaire)
    alone = [finding for finding in result.findings if finding.code == "returns-entry-alone"]
    assert {finding.where.record for finding in alone} == {"2006", "3004"}
    assert {finding.where.record for finding in alone if "second entry" in finding.message} == {"2006"}


def test_agreement_is_counted_by_item_and_by_clerks(entries, questionnaire):
    clerks = ({"1008": "Kim"}, {"1008": "Lee"})
    result = compare_entries(entries[2], entries[3], questionnaire, clerks=clerks)
    ages = result.by_item.set_index("item").loc["age"]
    assert (ages["compared"], ages["agreed"], ages["rate"]) == (2, 1, 0.5)
    assert result.by_clerk.to_dict("records") == [
        {"first": "Kim", "second": "Lee", "compared": 14, "agreed": 11, "rate": 11 / 14}
    ]
    assert result.rate == 11 / 14


def test_the_reconciliation_is_settled_like_a_query_list(entries, questionnaire, tmp_path):
    receive(entries[0], questionnaire, tmp_path / "survey")
    result = compare_entries(entries[2], entries[3], questionnaire)
    path = write_reconciliation(result, tmp_path / "settle.xlsx", questionnaire)
    book = openpyxl.load_workbook(path)
    for row in book.active.iter_rows(min_row=2):
        values = {"land": 13, "age": 41}
        row[COLUMNS.index("value")].value = values.get(row[COLUMNS.index("item")].value)
    book.save(path)
    assert [sheet.title for sheet in book] == ["Queries", "Agreement by item"]
    assert ["member", "age", 2, 1, 50] in [[cell.value for cell in row] for row in book.worksheets[1].iter_rows()]
    applied = apply_queries(path, questionnaire, tmp_path / "survey", who="supervisor")
    assert (applied.corrected, applied.open) == (2, 1)
    with open_store(tmp_path / "survey") as store:
        settled = stored_responses(store, questionnaire)
    assert settled["household"].set_index("HID").loc["1008", "land"] == 13.0
    assert sorted(settled["member"]["age"]) == [3, 3, 40, 41]


def test_the_folder_of_a_file_says_who_entered_it(write, questionnaire, tmp_path):
    write("first/Kim/a.xlsx")
    write("second/a.xlsx", answers={"A_land": 77})
    folders = (tmp_path / "first", tmp_path / "second")
    one, other = (read_returned(folder, questionnaire)[0] for folder in folders)
    clerks = clerks_of(one, other, questionnaire, folders)
    assert clerks == ({"1008": "Kim"}, {"1008": "second"})
    result = compare_entries(one, other, questionnaire, clerks=clerks)
    book = openpyxl.load_workbook(write_reconciliation(result, tmp_path / "settle.xlsx", questionnaire, language="ko"))
    assert [cell.value for cell in book["입력자별 일치율"][2]][:2] == ["Kim", "second"]
