"""Who reads the files of an intake: this process, or several beside it; the ledger is written by this one alone."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Final

from surveykit.questionnaire.structure import Questionnaire
from surveykit.returns.documents import Layouts, documents, dumped
from surveykit.returns.intake import former_versions
from surveykit.returns.limits import Limits
from surveykit.returns.reading import read_file
from surveykit.returns.records import Dictionary, FileReading
from surveykit.returns.versions import Former

_AHEAD: Final = 4  # files a process may be ahead of the ledger: enough to keep it busy, too few to fill the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A file that is to be read: its kept copy, and the name that a person knows."""

    copy: Path
    name: Path
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A file that was read, on its way into the ledger.

    Parameters
    ----------
    job : Job
    size : int
        Bytes.
    reading : FileReading
        Without its records.
    documents : sequence of (str, str)
        Serial and JSON of each response.
    layouts : mapping of str to str
        Places of answers by name, as the documents refer to them.
    """

    job: Job
    size: int
    reading: FileReading
    documents: Sequence[tuple[str, str]]
    layouts: Mapping[str, str]


Crew = Callable[[Iterable[Job | None]], Iterator[Arrived | None]]


class Reader:
    """Reads one file after the other; remembers answers between them.

    Parameters
    ----------
    questionnaire : Questionnaire
    former : sequence of Former
    limits : Limits
    """

    def __init__(self, questionnaire: Questionnaire, former: Sequence[Former], limits: Limits) -> None:
        self._questionnaire, self._limits = questionnaire, limits
        self._dictionary, self._versions = Dictionary(questionnaire), former_versions(former, questionnaire)

    def read(self, job: Job) -> Arrived:
        """Read one file; never raises for what it holds."""
        reading = read_file(job.copy, self._dictionary, name=job.name, limits=self._limits, versions=self._versions)
        layouts = Layouts()
        found = [(one.serial, dumped(one, layouts)) for one in documents(reading.records, self._questionnaire)]
        return Arrived(
            job=job,
            size=job.copy.stat().st_size,
            reading=replace(reading, records=()),
            documents=found,
            layouts=layouts.texts,
        )


@contextmanager
def crew(
    questionnaire: Questionnaire, former: Sequence[Former], limits: Limits, *, processes: int = 1
) -> Iterator[Crew]:
    """Give what reads files in the order given; None passes through.

    Parameters
    ----------
    questionnaire : Questionnaire
    former : sequence of Former
    limits : Limits
    processes : int
        With more than one, files are read by processes of their own. Where one of these is killed from outside, this
        process reads the rest.

    Raises
    ------
    ReturnsError
        If a mapping file cannot be read.
    """
    reader = Reader(questionnaire, former, limits)
    if processes <= 1:
        yield lambda jobs: (None if job is None else reader.read(job) for job in jobs)
        return
    # spawned, since forking a process that has threads may hang it
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_start, initargs=(questionnaire, former, limits)) as pool:
        yield lambda jobs: _shared(jobs, pool, reader, processes * _AHEAD)


def _shared(
    jobs: Iterable[Job | None], pool: ProcessPoolExecutor, reader: Reader, ahead: int
) -> Iterator[Arrived | None]:
    waiting: deque[tuple[Job | None, Future[Arrived] | None]] = deque()
    for job in jobs:
        waiting.append((job, _handed(pool, job)))
        if len(waiting) >= ahead:
            yield _taken(reader, *waiting.popleft())
    while waiting:
        yield _taken(reader, *waiting.popleft())


def _handed(pool: ProcessPoolExecutor, job: Job | None) -> Future[Arrived] | None:
    try:
        return None if job is None else pool.submit(_read, job)
    except BrokenProcessPool:
        return None


def _taken(reader: Reader, job: Job | None, future: Future[Arrived] | None) -> Arrived | None:
    if job is None:
        return None
    try:
        return reader.read(job) if future is None else future.result()
    except BrokenProcessPool:
        return reader.read(job)


_OWN: list[Reader] = []  # of a reading process; one questionnaire for its whole life


def _start(questionnaire: Questionnaire, former: Sequence[Former], limits: Limits) -> None:
    threading.Thread(target=_follow, daemon=True).start()
    _OWN[:] = [Reader(questionnaire, former, limits)]


def _follow() -> None:
    """End with the process that started this one, also where that was killed."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read(job: Job) -> Arrived:
    return _OWN[0].read(job)
