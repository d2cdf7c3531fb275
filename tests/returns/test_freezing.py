"""Frozen tables are typed, named by content, and say where they came from."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from surveykit.errors import ReturnsError
from surveykit.returns.freezing import freeze, read_frozen
from surveykit.returns.intake import read_returned
from surveykit.returns.receiving import receive


@pytest.fixture
def frozen(write, tmp_path, questionnaire):
    path = write()
    receive(path, questionnaire, tmp_path / "survey")
    return path, freeze(tmp_path / "survey", questionnaire, tmp_path / "data")


def test_frozen_answers_come_back_as_they_were(frozen, questionnaire):
    path, manifest = frozen
    read, _ = read_returned(path, questionnaire)
    back = read_frozen(manifest, questionnaire)
    assert all(back[unit].equals(read[unit]) for unit in read)
    assert {unit: dict(back[unit].dtypes) for unit in back} == {unit: dict(read[unit].dtypes) for unit in read}


def test_equal_answers_give_equal_files(frozen, questionnaire, tmp_path):
    _, manifest = frozen
    first = json.loads(manifest.read_text())["tables"]
    freeze(tmp_path / "survey", questionnaire, tmp_path / "data")
    assert json.loads(manifest.read_text())["tables"] == first
    assert len(list((tmp_path / "data").glob("*.parquet"))) == len(first) + 1  # and the changes


def test_the_manifest_names_files_structure_and_corrections(frozen, questionnaire):
    path, manifest = frozen
    document = json.loads(manifest.read_text())
    assert document["structure_hash"] == questionnaire.structure_hash
    assert [one["path"] for one in document["files"]] == [str(path)]
    assert document["corrections"] == 0
    assert document["tables"]["member"]["rows"] == 2
    frame = pd.read_parquet(manifest.parent / document["tables"]["member"]["file"])
    assert list(frame.columns) == document["tables"]["member"]["columns"]


def test_changed_tables_and_other_structures_are_refused(frozen, questionnaire):
    _, manifest = frozen
    other = replace(questionnaire, structure_hash="0" * 64)
    with pytest.raises(ReturnsError) as caught:
        read_frozen(manifest, other)
    assert [finding.code for finding in caught.value.findings] == ["returns-other-version"]
    table = next(manifest.parent.glob("member-*.parquet"))
    table.write_bytes(table.read_bytes() + b"x")
    with pytest.raises(ReturnsError) as caught:
        read_frozen(manifest, questionnaire)
    assert [finding.code for finding in caught.value.findings] == ["returns-frozen-changed"]
