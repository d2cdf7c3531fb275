"""Several processes read what one would, and where they are killed this one reads on."""

from __future__ import annotations

import multiprocessing

import pytest

from surveykit.returns.receiving import receive, register, stored_findings, stored_responses
from surveykit.returns.store import open_store

FILES = 12


@pytest.fixture
def folder(write):
    for number in range(FILES):
        path = write(f"form-{number:02}.xlsx", answers={"A_HID": f"{number:04}", "A_land": "12,5"})
    (path.parent / "bad.xlsx").write_bytes(path.read_bytes()[:300])
    return path.parent


def state(survey, questionnaire):
    with open_store(survey) as store:
        responses, findings = stored_responses(store, questionnaire), stored_findings(store)
    files = [(entry.path, entry.sha256, entry.status) for entry in register(survey)]
    return files, list(findings), {unit: responses[unit].to_csv() for unit in responses}


def test_several_processes_store_what_one_stores(folder, tmp_path, questionnaire):
    told = []
    receipt = receive(folder, questionnaire, tmp_path / "two", processes=2, progress=lambda *done: told.append(done))
    alone = receive(folder, questionnaire, tmp_path / "one")
    assert (receipt.counts, receipt.files, list(receipt.findings)) == (alone.counts, alone.files, list(alone.findings))
    assert told == [(done, FILES + 1) for done in range(1, FILES + 2)]
    assert state(tmp_path / "two", questionnaire) == state(tmp_path / "one", questionnaire)
    assert dict(receive(folder, questionnaire, tmp_path / "two", processes=2).counts) == {"known": FILES + 1}


def test_processes_that_are_killed_cost_no_file(folder, tmp_path, questionnaire):
    def kill(*_: int) -> None:
        for process in multiprocessing.active_children():
            process.kill()

    receipt = receive(folder, questionnaire, tmp_path / "two", processes=2, progress=kill)
    assert dict(receipt.counts) == {"read": FILES, "quarantined": 1}
    receive(folder, questionnaire, tmp_path / "one")
    assert state(tmp_path / "two", questionnaire) == state(tmp_path / "one", questionnaire)
