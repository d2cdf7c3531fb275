"""Kill -9 at any moment, a full disk and two intakes at once lose nothing and double nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from corpus import bricks, village

from surveykit.errors import ReturnsError
from surveykit.returns.receiving import receive, register, stored_responses
from surveykit.returns.store import audit, open_store

pytestmark = pytest.mark.skipif(os.name == "nt", reason="these tests fork and send signals, which Windows has not")

FILES = 500
FEW = 100
SCRIPT = Path(__file__).with_name("killing.py")


def fill(place: Path, questionnaire, count: int) -> Path:
    """Write booklets into a folder."""
    for number in range(count):
        answers = {**village.GOOD, "A_HID": f"{number:04}", "A_land": number}
        (place / f"form-{number:04}.xlsx").write_bytes(bricks.pack(village.booklet(questionnaire, answers)))
    return place


@pytest.fixture(scope="module")
def few(tmp_path_factory, questionnaire) -> Path:
    return fill(tmp_path_factory.mktemp("few"), questionnaire, FEW)


def undisturbed(folder: Path, survey: Path, questionnaire) -> dict[str, object]:
    """Return what an intake that nobody disturbs stores."""
    receive(folder, questionnaire, survey)
    return state(survey, questionnaire)


def state(survey: Path, questionnaire) -> dict[str, object]:
    with open_store(survey) as store:
        responses = stored_responses(store, questionnaire)
        assert len(audit(store)) == len(store.files(history=True))
        assert store.rows("PRAGMA integrity_check")[0][0] == "ok"
        documents = [tuple(row) for row in store.rows("SELECT serial, document FROM responses ORDER BY serial")]
    files = [(entry.path, entry.sha256, entry.status) for entry in register(survey, history=True)]
    return {"files": files, "documents": documents, "frames": {unit: responses[unit].to_csv() for unit in responses}}


def run(scenario: str, folder: Path, survey: Path, *numbers: int) -> dict[str, object]:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    arguments = [sys.executable, str(SCRIPT), scenario, str(folder), str(survey), *map(str, numbers)]
    done = subprocess.run(arguments, capture_output=True, text=True, env=environment, timeout=300, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_fifty_kills_and_a_resumption_end_like_an_undisturbed_run(tmp_path, questionnaire):
    (tmp_path / "returned").mkdir()
    folder = fill(tmp_path / "returned", questionnaire, FILES)
    found = run("kill", folder, tmp_path / "killed", 50, 20_260_302)
    assert found["last"] == 0
    assert isinstance(found["deaths"], int)
    assert found["deaths"] >= 25  # the others had finished before they were killed
    assert len(register(tmp_path / "killed")) == FILES
    assert state(tmp_path / "killed", questionnaire) == undisturbed(folder, tmp_path / "whole", questionnaire)


def test_two_intakes_at_once_store_each_file_once(few, tmp_path, questionnaire):
    assert run("two", few, tmp_path / "both") == {"codes": [0, 0]}
    assert state(tmp_path / "both", questionnaire) == undisturbed(few, tmp_path / "whole", questionnaire)


def test_a_file_that_may_not_grow_stops_the_intake_and_loses_nothing(few, tmp_path, questionnaire):
    assert run("full", few, tmp_path / "full", 150_000) == {"full": 7, "after": 0}
    assert state(tmp_path / "full", questionnaire) == undisturbed(few, tmp_path / "whole", questionnaire)


def test_a_full_disk_stops_the_intake_and_loses_nothing(few, tmp_path, questionnaire):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        with pytest.raises(ReturnsError) as caught:
            receive(few, questionnaire, disk / "survey")
        assert [finding.code for finding in caught.value.findings] == ["returns-store-failed"]
        entries = register(disk / "survey")
        assert 0 < len(entries) < FEW
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        receive(few, questionnaire, disk / "survey")
        assert len(register(disk / "survey")) == FEW
    finally:
        subprocess.run(["umount", str(disk)], check=True)
