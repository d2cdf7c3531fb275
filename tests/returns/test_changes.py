"""Every change from raw to clean stands in one table."""

from __future__ import annotations

import json

import openpyxl
import pandas as pd

from surveykit.returns.changes import COLUMNS, changes
from surveykit.returns.checks import check
from surveykit.returns.freezing import freeze
from surveykit.returns.queries import COLUMNS as QUERY_COLUMNS
from surveykit.returns.queries import apply_queries, write_queries
from surveykit.returns.receiving import receive, stored_findings, stored_responses
from surveykit.returns.store import open_store


def settle(survey, questionnaire, path, values):
    with open_store(survey) as store:
        found = stored_findings(store) + check(stored_responses(store, questionnaire), questionnaire)
    write_queries(found, path, questionnaire=questionnaire)
    book = openpyxl.load_workbook(path)
    for row in book.active.iter_rows(min_row=2):
        row[QUERY_COLUMNS.index("value")].value = values.get(row[QUERY_COLUMNS.index("item")].value)
        row[QUERY_COLUMNS.index("why")].value = "paper"
    book.save(path)
    apply_queries(path, questionnaire, survey, who="Han")


def test_conversions_unread_answers_and_corrections_stand_in_one_table(write, questionnaire, tmp_path):
    path = write(answers={"A_land": "12,5", "A_age.r1": "forty"})
    receive(path, questionnaire, tmp_path / "survey", who="Kim")
    settle(tmp_path / "survey", questionnaire, tmp_path / "queries.xlsx", {"age": 41})
    table = changes(tmp_path / "survey")
    assert list(table.columns) == list(COLUMNS)
    assert table[["who", "kind", "item", "before", "after", "why"]].to_numpy().tolist() == [
        ["Kim", "converted", "land", "12,5", "12.5", "returns-answer-comma"],
        ["Kim", "unread", "age", "forty", "", "returns-answer-no-number"],
        ["Han", "corrected", "age", "forty", "41", "paper"],
    ]
    assert set(table["file"]) == {str(path)}
    assert set(table["serial"]) == {"1008"}


def test_frozen_tables_carry_the_changes(write, questionnaire, tmp_path):
    receive(write(answers={"A_land": "12,5"}), questionnaire, tmp_path / "survey")
    manifest = freeze(tmp_path / "survey", questionnaire, tmp_path / "frozen")
    entry = json.loads(manifest.read_text(encoding="utf-8"))["changes"]
    assert entry["rows"] == 1
    assert pd.read_parquet(tmp_path / "frozen" / entry["file"])["after"].tolist() == ["12.5"]


def test_a_replaced_file_takes_its_changes_along(write, questionnaire, tmp_path):
    receive(write(answers={"A_land": "12,5"}), questionnaire, tmp_path / "survey")
    receive(write(answers={"A_land": 13}), questionnaire, tmp_path / "survey")
    assert len(changes(tmp_path / "survey")) == 0
