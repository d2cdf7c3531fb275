"""Hostile and broken files end as one finding each, and cost bounded time and memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from corpus import hostile, village

from surveykit.questionnaire.definition import load_questionnaire
from surveykit.returns.intake import read_returned
from surveykit.returns.limits import Limits

QUESTIONNAIRE = load_questionnaire(village.DEFINITION)
KINDS = {kind.name: kind for kind in hostile.kinds(QUESTIONNAIRE)}
MIB = 1024 * 1024


def test_there_are_at_least_60_kinds():
    assert len(KINDS) >= 60


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_kind_ends_as_its_own_finding(tmp_path: Path, name: str):
    kind = KINDS[name]
    path = tmp_path / f"form{kind.suffix}"
    path.write_bytes(kind.data)
    responses, findings = read_returned(path, QUESTIONNAIRE)
    assert [finding.code for finding in findings] == ([kind.code] if kind.code else [])
    assert all(finding.where.file == str(path) for finding in findings)
    refused = bool(kind.code) and findings[0].severity == "error"
    assert len(responses["household"]) == (0 if refused else 1)


@pytest.mark.parametrize("name", ["blanks that inflate 1,000 to 1", "cell at XFD1048576", "merge of the whole sheet"])
def test_small_files_that_ask_for_much_memory_do_not_get_it(tmp_path: Path, name: str):
    path = tmp_path / "form.xlsx"
    path.write_bytes(KINDS[name].data)
    tracemalloc.start()
    try:
        read_returned(path, QUESTIONNAIRE)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 * MIB


def test_a_bad_file_never_stops_the_others(write):
    good = write("b.xlsx")
    (good.parent / "a.xlsx").write_bytes(KINDS["cut in the middle"].data)
    (good.parent / "c.xlsx").write_bytes(KINDS["encrypted member"].data)
    responses, findings = read_returned(good.parent, QUESTIONNAIRE)
    assert len(responses["household"]) == 1
    assert {finding.code for finding in findings} == {"returns-file-damaged", "returns-file-encrypted"}


def test_files_and_parts_beyond_the_limits_are_refused_whatever_they_hold(write):
    for limits in (Limits(file_bytes=1_000), Limits(part_bytes=1_000), Limits(total_bytes=3_000)):
        responses, findings = read_returned(write(), QUESTIONNAIRE, limits=limits)
        assert [finding.code for finding in findings] == ["returns-file-too-large"]
        assert len(responses["household"]) == 0
