"""Intake: each file once, whole or not at all; the history stays; what was stopped goes on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tracemalloc
from pathlib import Path

import pytest

from surveykit.errors import ReturnsError
from surveykit.returns.archive import ARCHIVE, archived, content_hash, keep
from surveykit.returns.intake import read_returned
from surveykit.returns.receiving import receive, register, stored_findings, stored_responses
from surveykit.returns.store import LEDGER, audit, open_store


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    return tmp_path / "survey"


def stored(survey: Path, questionnaire):
    with open_store(survey) as store:
        return stored_responses(store, questionnaire), stored_findings(store)


def equal(first, second) -> bool:
    return all(first[unit].equals(second[unit]) for unit in first)


def test_what_is_stored_is_what_was_read_with_its_places_and_findings(write, survey, questionnaire):
    path = write(answers={"A_land": "12,5", "A_age.r1": "forty"})
    receipt = receive(path, questionnaire, survey)
    read, findings = read_returned(path, questionnaire)
    kept, kept_findings = stored(survey, questionnaire)
    assert dict(receipt.counts) == {"read": 1}
    assert equal(read, kept)
    assert kept.unread == read.unread
    assert kept.origins == read.origins
    assert list(kept_findings) == list(findings) == list(receipt.findings)


def test_a_file_is_read_once_however_often_it_is_received(write, survey, questionnaire):
    path = write()
    first = receive(path.parent, questionnaire, survey)
    second = receive(path.parent, questionnaire, survey)
    assert (dict(first.counts), dict(second.counts)) == ({"read": 1}, {"known": 1})
    assert len(stored(survey, questionnaire)[0]["household"]) == 1


def test_a_changed_file_takes_the_place_of_its_former_version_and_the_history_stays(write, survey, questionnaire):
    path = write()
    receive(path, questionnaire, survey)
    old = content_hash(path)
    write(answers={"A_land": 77})
    receive(path, questionnaire, survey)
    assert stored(survey, questionnaire)[0]["household"]["land"].tolist() == [77.0]
    assert [entry.superseded for entry in register(survey, history=True)] == [True, False]
    assert archived(survey, old).is_file()


def test_the_same_content_under_two_names_counts_once(write, survey, questionnaire):
    path = write("a.xlsx")
    shutil.copy(path, path.with_name("b.xlsx"))
    receipt = receive(path.parent, questionnaire, survey)
    assert dict(receipt.counts) == {"read": 1, "duplicate": 1}
    assert [finding.code for finding in receipt.findings] == ["returns-file-duplicate"]
    assert len(stored(survey, questionnaire)[0]["household"]) == 1


def test_a_duplicate_counts_by_itself_once_the_other_file_says_something_else(write, survey, questionnaire):
    path = write("a.xlsx")
    shutil.copy(path, path.with_name("b.xlsx"))
    receive(path.parent, questionnaire, survey)
    write("a.xlsx", answers={"A_HID": "2006"})
    receipt = receive(path.parent, questionnaire, survey)
    assert dict(receipt.counts) == {"read": 2}
    assert sorted(stored(survey, questionnaire)[0]["household"]["HID"]) == ["1008", "2006"]


def test_a_removed_file_is_reported_and_its_answers_stay(write, survey, questionnaire):
    path = write()
    receive(path.parent, questionnaire, survey)
    path.unlink()
    receipt = receive(path.parent, questionnaire, survey)
    assert [finding.code for finding in receipt.findings] == ["returns-file-removed"]
    assert len(stored(survey, questionnaire)[0]["household"]) == 1
    assert [entry.removed for entry in register(survey)] == [True]


def test_bad_files_are_quarantined_with_their_reason_and_kept(write, survey, questionnaire):
    path = write()
    (path.parent / "bad.xlsx").write_bytes(path.read_bytes()[:300])
    receipt = receive(path.parent, questionnaire, survey)
    assert dict(receipt.counts) == {"read": 1, "quarantined": 1}
    assert [finding.code for finding in receipt.findings] == ["returns-file-damaged"]
    assert receipt.findings[0].where.file == str(path.parent / "bad.xlsx")
    assert {entry.status for entry in register(survey)} == {"read", "quarantined"}


def test_counts_add_up_to_the_files_found(write, survey, questionnaire):
    path = write("a.xlsx")
    shutil.copy(path, path.with_name("b.xlsx"))
    write("c.xlsx", answers={"A_HID": "2006"})
    (path.parent / "d.xlsx").write_bytes(b"")
    (path.parent / "e.xlsx").symlink_to(path.parent / "nowhere")
    receipt = receive([*sorted(path.parent.glob("*.xlsx"))], questionnaire, survey)
    assert sum(receipt.counts.values()) == 4
    assert sum(receive(path.parent, questionnaire, survey).counts.values()) == 4


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read every file, and Windows has no modes")
def test_a_file_that_may_not_be_read_is_counted(write, survey, questionnaire):
    path = write()
    path.chmod(0)
    receipt = receive(path, questionnaire, survey)
    assert dict(receipt.counts) == {"unreadable": 1}
    assert [finding.code for finding in receipt.findings] == ["returns-file-unreadable"]


def test_a_file_that_goes_while_others_are_read_is_counted_and_stops_nothing(write, survey, questionnaire):
    write("a.xlsx")
    second = write("b.xlsx", answers={"A_HID": "2006"})
    write("c.xlsx", answers={"A_HID": "3004"})
    receipt = receive(second.parent, questionnaire, survey, progress=lambda *_: second.unlink(missing_ok=True))
    assert dict(receipt.counts) == {"read": 2, "unreadable": 1}
    assert [finding.code for finding in receipt.findings] == ["returns-file-unreadable"]
    assert [finding.where.file for finding in receipt.findings] == [str(second)]


def test_a_file_that_goes_between_hashing_and_copying_leaves_no_half_copy(write, survey, monkeypatch):
    path = write()
    monkeypatch.setattr("surveykit.returns.archive.content_hash", lambda gone: gone.unlink() or "0" * 64)
    with pytest.raises(ReturnsError) as caught:
        keep(path, survey)
    assert [finding.code for finding in caught.value.findings] == ["returns-file-unreadable"]
    assert list((survey / ARCHIVE).glob(".new-*")) == []


def test_every_change_stands_in_the_audit_which_cannot_be_edited(write, survey, questionnaire):
    path = write()
    receive(path, questionnaire, survey, who="Kim")
    write(answers={"A_land": 77})
    receive(path, questionnaire, survey, who="Lee")
    with open_store(survey) as store:
        lines = audit(store)
        assert [(line.who, line.action, line.subject) for line in lines] == [
            ("Kim", "read", str(path)),
            ("Lee", "read", str(path)),
        ]
        assert lines[1].before == lines[0].after == content_hash_of_first(store)
        with pytest.raises(sqlite3.IntegrityError, match="the audit stays"):
            store.connection.execute("DELETE FROM audit")
        store.connection.execute("DROP TRIGGER audit_stays")
        store.connection.execute("UPDATE audit SET who = 'nobody' WHERE id = 1")
        with pytest.raises(ReturnsError) as caught:
            audit(store)
    assert [finding.code for finding in caught.value.findings] == ["returns-store-audit"]


def content_hash_of_first(store) -> str:
    return str(store.rows("SELECT sha256 FROM files ORDER BY id")[0][0])


def test_a_ledger_of_a_later_version_is_left_alone(survey):
    with open_store(survey) as store:
        store.connection.execute("UPDATE about SET value = '99'")
    with pytest.raises(ReturnsError) as caught, open_store(survey):
        pass
    assert [finding.code for finding in caught.value.findings] == ["returns-store-newer"]


def test_a_damaged_ledger_is_a_finding_and_no_traceback(survey):
    survey.mkdir()
    (survey / LEDGER).write_bytes(b"this is no database" * 100)
    with pytest.raises(ReturnsError) as caught, open_store(survey):
        pass
    assert [finding.code for finding in caught.value.findings] == ["returns-store-failed"]


def test_progress_is_told_file_by_file(write, survey, questionnaire):
    write("a.xlsx")
    path = write("b.xlsx", answers={"A_HID": "2006"})
    told: list[tuple[int, int]] = []
    receive(path.parent, questionnaire, survey, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]


def test_the_memory_of_an_intake_does_not_grow_with_the_files(write, tmp_path, questionnaire):
    for number in range(100):
        path = write(f"form-{number:03}.xlsx", answers={"A_HID": f"{number:04}"})
    receive(path, questionnaire, tmp_path / "warm")
    peaks = []
    for count in (25, 100):
        tracemalloc.start()
        receive(sorted(path.parent.glob("form-*.xlsx"))[:count], questionnaire, tmp_path / f"survey-{count}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.25 * peaks[0]


def test_no_half_made_copy_is_left(write, survey, questionnaire):
    receive(write(), questionnaire, survey)
    assert list((survey / ARCHIVE).glob(".new-*")) == []
