"""The query list goes to the field, comes back answered, and corrects without touching what came back."""

from __future__ import annotations

import openpyxl
import pytest

from surveykit.errors import FormError, ReturnsError
from surveykit.findings import Place, finding
from surveykit.returns.archive import content_hash
from surveykit.returns.checks import check
from surveykit.returns.corrections import corrections
from surveykit.returns.intake import read_returned
from surveykit.returns.queries import COLUMNS, apply_queries, query_id, still_open, write_queries
from surveykit.returns.receiving import receive, stored_findings, stored_responses
from surveykit.returns.store import audit, open_store
from surveykit.sheets import PlainTable, write_tables

MISTAKES = {"A_land": 950, "A_age.r2": "three", "A_start.r1": 35, "A_cigs.r1": 1, "A_things.o3": "V"}


@pytest.fixture
def survey(write, tmp_path, questionnaire):
    receive(write(answers=MISTAKES), questionnaire, tmp_path / "survey")
    return tmp_path / "survey"


def found(survey, questionnaire):
    with open_store(survey) as store:
        findings = stored_findings(store) + check(stored_responses(store, questionnaire), questionnaire)
    return still_open(findings, survey)


def answer(path, **answers: object) -> None:
    """Fill in the list: ``item=value``, ``item="V"`` for right as it stands with a leading underscore."""
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=2):
            item = row[COLUMNS.index("item")].value
            if item in answers:
                row[COLUMNS.index("value")].value = answers[item]
                row[COLUMNS.index("who")].value = "Pak"
                row[COLUMNS.index("why")].value = "asked again"
            if f"_{item}" in answers:
                row[COLUMNS.index("right")].value = answers[f"_{item}"]
    book.save(path)


def test_the_list_is_sorted_linked_and_has_columns_for_the_answer(survey, questionnaire, tmp_path):
    path = write_queries(found(survey, questionnaire), tmp_path / "queries.xlsx", questionnaire=questionnaire)
    sheet = openpyxl.load_workbook(path).active
    rows = list(sheet.iter_rows(min_row=2))
    items = {row[COLUMNS.index("item")].value: row for row in rows}
    assert set(items) == {"land", "age", "start", "things"}
    land = items["land"]
    assert land[COLUMNS.index("found")].value == "950"
    assert land[COLUMNS.index("question")].value == "Land"
    link = land[COLUMNS.index("where")].hyperlink
    assert (link.target, link.location) == ("form.xlsx", "'Main'!D12")
    assert land[COLUMNS.index("value")].value is None
    assert sheet.column_dimensions["N"].hidden


def test_each_team_gets_its_sheet_and_its_language(survey, questionnaire, tmp_path):
    path = write_queries(found(survey, questionnaire), tmp_path / "q.xlsx", teams={"1008": "Team/7"}, language="ko")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Team 7"]
    assert book.active["A1"].value == "질의"


def test_corrections_and_confirmations_settle_their_queries(survey, questionnaire, tmp_path):
    returned = tmp_path / "form.xlsx"
    before = content_hash(returned)
    path = write_queries(found(survey, questionnaire), tmp_path / "queries.xlsx", questionnaire=questionnaire)
    answer(path, land=95, age="3", things="1 2", _start="V")
    applied = apply_queries(path, questionnaire, survey)
    assert (applied.corrected, applied.confirmed, applied.open, applied.stored) == (3, 1, 0, 4)
    assert len(applied.findings) == 0
    with open_store(survey) as store:
        responses = stored_responses(store, questionnaire)
        lines = audit(store)
    assert responses["household"]["land"].tolist() == [95.0]
    assert responses["household"][["things", "things_1", "things_3"]].iloc[0].tolist() == ["1 2", 1, 0]
    assert responses["member"]["age"].tolist() == [40, 3]
    assert responses.unread["member"] == frozenset()
    assert len(found(survey, questionnaire)) == 0
    assert content_hash(returned) == before
    changed = next(line for line in lines if " land " in line.subject)
    assert (changed.who, changed.action, changed.before, changed.after) == ("Pak", "corrected", "950.0", "95.0")
    assert "asked again" in changed.subject
    assert {line.action for line in lines} == {"read", "corrected", "confirmed"}


def test_a_list_applied_twice_changes_nothing_more(survey, questionnaire, tmp_path):
    path = write_queries(found(survey, questionnaire), tmp_path / "queries.xlsx")
    answer(path, land=95)
    assert [apply_queries(path, questionnaire, survey, who="Kim").stored for _ in range(2)] == [1, 0]
    with open_store(survey) as store:
        assert len(corrections(store)) == 1


def test_an_answer_can_be_taken_out(survey, questionnaire, tmp_path):
    path = write_queries(found(survey, questionnaire), tmp_path / "queries.xlsx")
    answer(path, land="(blank)")
    apply_queries(path, questionnaire, survey)
    with open_store(survey) as store:
        assert stored_responses(store, questionnaire)["household"]["land"].isna().all()


def test_a_correction_holds_only_for_the_answer_that_it_was_made_for(survey, questionnaire, tmp_path, write):
    path = write_queries(found(survey, questionnaire), tmp_path / "queries.xlsx")
    answer(path, land=95)
    apply_queries(path, questionnaire, survey)
    receive(write(answers={**MISTAKES, "A_land": 12}), questionnaire, survey)
    with open_store(survey) as store:
        assert stored_responses(store, questionnaire)["household"]["land"].tolist() == [12.0]


def test_answers_that_cannot_be_applied_are_reported_with_their_cell(survey, questionnaire, tmp_path):
    path = write_queries(found(survey, questionnaire), tmp_path / "queries.xlsx")
    answer(path, land="much", age=3, _age="V")
    applied = apply_queries(path, questionnaire, survey)
    assert sorted(one.code for one in applied.findings) == ["returns-query-two-answers", "returns-query-unreadable"]
    assert all(one.where.file == str(path) and one.where.cell.startswith("J") for one in applied.findings)
    other = apply_queries(path, questionnaire, tmp_path / "another")
    assert {one.code for one in other.findings} == {"returns-query-unknown"}


def test_a_workbook_that_is_no_list_is_refused(write, questionnaire, tmp_path):
    with pytest.raises(ReturnsError) as caught:
        apply_queries(write(), questionnaire, tmp_path / "survey")
    assert [one.code for one in caught.value.findings] == ["returns-query-list"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "a\x07b", "x" * 40_000]
)
def test_text_stays_text_whatever_it_begins_with(tmp_path, text, write, questionnaire):
    bad = finding("returns-answer-no-number", Place(file="f.xlsx", record=text), found=text, expected="a number")
    path = write_queries([bad], tmp_path / "queries.xlsx")
    cells = [cell for row in openpyxl.load_workbook(path).active.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    responses, _ = read_returned(write(answers={"A_remark": text[:30].replace("\x07", "")}), questionnaire)
    assert responses["household"]["remark"].tolist() == [text[:30].replace("\x07", "").strip()]


def test_the_id_of_a_query_is_the_same_whenever_it_is_made(survey, questionnaire):
    first, second = found(survey, questionnaire), found(survey, questionnaire)
    assert [query_id(one) for one in first] == [query_id(one) for one in second]
    assert len({query_id(one) for one in first}) == len(first)


def test_sheet_names_are_made_legal_and_unique(tmp_path):
    tables = [PlainTable(title=title, header=("a",), rows=[]) for title in ("a/b", "A b", "x" * 40, "", "'")]
    path = write_tables(tmp_path / "tables.xlsx", tables)
    assert openpyxl.load_workbook(path).sheetnames == ["a b", "A b (2)", "x" * 31, "-", "- (2)"]


def test_a_list_that_cannot_be_written_is_a_finding(tmp_path):
    (tmp_path / "taken").write_text("x")
    with pytest.raises(FormError) as caught:
        write_tables(tmp_path / "taken" / "q.xlsx", [])
    assert [one.code for one in caught.value.findings] == ["sheets-not-written"]
