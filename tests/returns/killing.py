"""A process that lets children take files in and kills them, run by test_killing.py: imports once, forks often."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from corpus import village

from surveykit.errors import ReturnsError
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.returns.receiving import receive

QUESTIONNAIRE = load_questionnaire(village.DEFINITION)
FULL = 7


def child(folder: Path, survey: Path, *, bytes_a_file: int = 0) -> int:
    """Fork a process that receives the folder; 7 is its exit code where the store could not be written."""
    process = os.fork()
    if process:
        return process
    try:
        if bytes_a_file:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_a_file, resource.RLIM_INFINITY))
        receive(folder, QUESTIONNAIRE, survey)
        code = 0
    except ReturnsError as error:
        code = FULL if error.findings[0].code == "returns-store-failed" else 3
    os._exit(code)


def ended(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def kill_often(folder: Path, survey: Path, kills: int, seed: int) -> dict[str, object]:
    chance = random.Random(seed)
    deaths = 0
    for _ in range(kills):
        process = child(folder, survey)
        time.sleep(chance.uniform(0.0, 0.12))
        os.kill(process, signal.SIGKILL)
        deaths += ended(process) == -signal.SIGKILL
    return {"deaths": deaths, "last": ended(child(folder, survey))}


def two_at_once(folder: Path, survey: Path) -> dict[str, object]:
    both = [child(folder, survey), child(folder, survey)]
    return {"codes": [ended(process) for process in both]}


def full_disk(folder: Path, survey: Path, bytes_a_file: int) -> dict[str, object]:
    first = ended(child(folder, survey, bytes_a_file=bytes_a_file))
    return {"full": first, "after": ended(child(folder, survey))}


if __name__ == "__main__":
    scenario, source, target, *numbers = sys.argv[1:]
    run = {"kill": kill_often, "two": two_at_once, "full": full_disk}[scenario]
    print(json.dumps(run(Path(source), Path(target), *map(int, numbers))))  # noqa: T201  # read by the test
