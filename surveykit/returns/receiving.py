"""Intake into a survey folder: each file once, whole or not at all, resumed where it was stopped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from surveykit import __version__
from surveykit.errors import ReturnsError
from surveykit.findings import Finding, Findings, Place, finding
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Questionnaire
from surveykit.returns.archive import keep, sweep
from surveykit.returns.assembling import assemble
from surveykit.returns.corrections import corrected
from surveykit.returns.crew import Arrived, Job, crew
from surveykit.returns.documents import Loader
from surveykit.returns.intake import Paths, find_files
from surveykit.returns.limits import DEFAULT, Limits
from surveykit.returns.records import Record
from surveykit.returns.store import Audited, FileEntry, Store, add_audit, open_store
from surveykit.returns.versions import Former

READER: Final = f"surveykit {__version__}"
_BATCH: Final = 20  # files in one transaction: a kill costs at most their reading, a sync is shared by them

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What one intake did.

    Parameters
    ----------
    counts : mapping of str to int
        Files by what became of them: ``read``, ``empty``, ``quarantined``, ``duplicate``, ``known`` (read before),
        ``unreadable``. They add up to the files found.
    findings : Findings
        Of the files that were new or changed.
    files : tuple of str
        Files that were new or changed.
    """

    counts: Mapping[str, int]
    findings: Findings
    files: tuple[str, ...] = ()


def receive(
    paths: Paths,
    questionnaire: Questionnaire,
    folder: str | Path,
    *,
    who: str = "",
    former: Iterable[Former] = (),
    limits: Limits = DEFAULT,
    processes: int = 1,
    progress: Progress | None = None,
) -> Receipt:
    """Take returned files into the ledger of a survey folder.

    Parameters
    ----------
    paths : path, glob pattern, or several of them
    questionnaire : Questionnaire
    folder : path
        Gets ``ledger.sqlite`` and ``raw/`` (each file as it came, by content).
    who : str
        Who takes them in, for the audit.
    former : iterable of Former, optional
        Former versions whose forms may still come back.
    limits : Limits, optional
    processes : int
        How many processes read; one writes the ledger. A script that asks for more than one needs the usual
        ``if __name__ == "__main__":``.
    progress : callable, optional
        Called with the number of files done and the number of all.

    Returns
    -------
    Receipt

    Raises
    ------
    ReturnsError
        If the ledger or the archive cannot be written (a full disk); what was acknowledged before stays, and the
        next run goes on from there.

    Notes
    -----
    Reading is idempotent by content: a file that was read before is only looked at. A changed file takes the place
    of its former version, which stays in the history. A file that is gone is reported, not forgotten. May be killed
    at any moment, and two intakes may run at once.
    """
    files, missing = find_files(paths)
    former = list(former)
    with open_store(Path(folder)) as store, crew(questionnaire, former, limits, processes=processes) as read:
        sweep(store.folder)
        intake = _Intake(store, _expected(questionnaire, former), who, questionnaire.id)
        for done, arrived in enumerate(read(intake.jobs(files)), 1):
            intake.take(arrived)
            if progress:
                progress(done, len(files))
        intake.flush()
        for arrived in read(intake.jobs(intake.left_out(files))):
            intake.take(arrived)
        intake.flush()
        findings = [*missing, *intake.findings, *_gone(store, paths, files, who)]
        return Receipt(counts=dict(intake.counts), findings=Findings.of(findings), files=tuple(intake.fresh))


def _expected(questionnaire: Questionnaire, former: Iterable[Former]) -> str:
    """Return what files are read against: with another definition or other former versions they are read again."""
    return " ".join((questionnaire.structure_hash, *sorted(one.questionnaire.structure_hash for one in former)))


class _Intake:
    def __init__(self, store: Store, expected: str, who: str, questionnaire: str) -> None:
        self.counts: Counter[str] = Counter()
        self.findings: list[Finding] = []
        self.fresh: list[str] = []
        self._store, self._expected, self._who, self._questionnaire = store, expected, who, questionnaire
        self._waiting: list[Arrived] = []
        self._freed: set[str] = set()

    def jobs(self, paths: Iterable[Path]) -> Iterator[Job | None]:
        """Archive each file and say what is to be read; None for one that the ledger knows or nobody can read."""
        for path in paths:
            yield self._job(path)

    def _job(self, path: Path) -> Job | None:
        try:
            sha256, copy = keep(path, self._store.folder)
        except ReturnsError as error:
            if error.findings[0].code != "returns-file-unreadable":
                raise
            self.counts["unreadable"] += 1
            self.findings += error.findings
            return None
        if self._known(path, sha256):
            self.counts["known"] += 1
            return None
        return Job(copy=copy, name=path, sha256=sha256)

    def take(self, arrived: Arrived | None) -> None:
        """Let a file wait for its transaction."""
        if arrived is not None:
            self._waiting.append(arrived)
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what waits in one transaction."""
        if not self._waiting:
            return
        with self._store.writing():
            outcomes = [self._write(arrived) for arrived in self._waiting]
        for arrived, status in zip(self._waiting, outcomes, strict=True):
            self.counts[status] += 1
            if status != "known":
                self.fresh.append(str(arrived.job.name))
                self.findings += arrived.reading.findings if status != "duplicate" else [_duplicate(arrived)]
        self._waiting = []

    def left_out(self, files: list[Path]) -> list[Path]:
        """Return files that were duplicates of one which has just changed: their content now counts by itself."""
        current = {entry.path for entry in self._store.files()}
        again = [path for path in files if str(path) in self._freed - current]
        self.counts -= Counter({"known": len(again)})
        return again

    def _known(self, path: Path | str, sha256: str) -> bool:
        """Return whether this content was read from this path by this reader for this structure."""
        sql = (
            "SELECT reader, structure_hash FROM files WHERE path = ? AND sha256 = ? AND superseded = 0 AND removed = 0"
        )
        found = self._store.rows(sql, (str(path), sha256))
        return bool(found) and (found[0]["reader"], found[0]["structure_hash"]) == (READER, self._expected)

    def _write(self, arrived: Arrived) -> str:
        path, sha256 = str(arrived.job.name), arrived.job.sha256
        if self._known(path, sha256):  # another intake was quicker
            return "known"
        connection = self._store.connection
        status = "duplicate" if self._elsewhere(arrived) else arrived.reading.status
        row = connection.execute("SELECT sha256 FROM files WHERE path = ? AND superseded = 0", (path,)).fetchone()
        before = (row[0],) if row else ()
        connection.execute("UPDATE files SET superseded = 1 WHERE path = ? AND superseded = 0", (path,))
        if before and before[0] != sha256:
            same = "sha256 = ? AND status = 'duplicate' AND superseded = 0"
            self._freed |= {row[0] for row in self._store.rows(f"SELECT path FROM files WHERE {same}", before)}  # noqa: S608
            connection.execute(f"UPDATE files SET superseded = 1 WHERE {same}", before)  # noqa: S608  # fixed texts
        cursor = connection.execute(
            "INSERT INTO files (path, sha256, size, status, questionnaire, version, structure_hash, reader, "
            "received_at, received_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (path, sha256, arrived.size, status, *self._instrument(arrived), READER, now(), self._who),
        )
        file = cursor.lastrowid
        if status != "duplicate":
            connection.executemany("INSERT OR IGNORE INTO layouts VALUES (?, ?)", arrived.layouts.items())
            rows = [(file, position, *document) for position, document in enumerate(arrived.documents)]
            connection.executemany("INSERT INTO responses VALUES (?, ?, ?, ?)", rows)
            found = [(file, json.dumps(one.to_dict(), ensure_ascii=False)) for one in arrived.reading.findings]
            connection.executemany("INSERT INTO findings VALUES (?, ?)", found)
        was = before[0] if before else ""
        change = Audited(at=now(), who=self._who, action=status, subject=path, before=was, after=sha256)
        add_audit(connection, [change])
        return status

    def _instrument(self, arrived: Arrived) -> tuple[str, str, str]:
        identity = arrived.reading.identity
        questionnaire = identity.questionnaire if identity else self._questionnaire
        return questionnaire, identity.version if identity else "", self._expected

    def _elsewhere(self, arrived: Arrived) -> bool:
        """Return whether the same content counts already under another path."""
        sql = "SELECT 1 FROM files WHERE sha256 = ? AND path <> ? AND superseded = 0 AND status <> 'duplicate'"
        return bool(self._store.rows(sql, (arrived.job.sha256, str(arrived.job.name))))


def _duplicate(arrived: Arrived) -> Finding:
    return finding("returns-file-duplicate", Place(file=str(arrived.job.name)), sha256=arrived.job.sha256[:12])


def _gone(store: Store, paths: Paths, files: list[Path], who: str) -> Iterator[Finding]:
    """Report the files of the folders given that were there before and are not there now; their answers stay."""
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    folders = [Path(one) for one in given if Path(one).is_dir()]
    here = {str(path) for path in files}
    gone = [
        entry
        for entry in store.files()
        if entry.path not in here and any(Path(entry.path).is_relative_to(folder) for folder in folders)
    ]
    fresh = [entry for entry in gone if not entry.removed]
    if fresh:
        with store.writing() as connection:
            connection.executemany("UPDATE files SET removed = 1 WHERE id = ?", [(entry.id,) for entry in fresh])
            at = now()
            changes = (Audited(at=at, who=who, action="removed", subject=entry.path) for entry in fresh)
            add_audit(connection, changes)
    for entry in gone:
        yield finding("returns-file-removed", Place(file=entry.path), received=entry.received_at)


def stored_responses(store: Store, questionnaire: Questionnaire) -> Responses:
    """Return the answers of all files that count now, corrections applied.

    Parameters
    ----------
    store : Store
    questionnaire : Questionnaire

    Returns
    -------
    Responses
    """
    return assemble(corrected(stored_records(store, questionnaire), store, questionnaire), questionnaire)


def stored_records(store: Store, questionnaire: Questionnaire) -> Iterator[Record]:
    """Return the answers of all files that count now as they were read."""
    layouts = {row["hash"]: row["cells"] for row in store.rows("SELECT * FROM layouts")}
    loader = Loader(questionnaire, layouts)
    sql = (
        "SELECT path, document FROM responses JOIN files ON files.id = responses.file "
        "WHERE superseded = 0 ORDER BY path, position"
    )
    for row in store.rows(sql):
        yield from loader.load(row["document"], row["path"])


def stored_findings(store: Store) -> Findings:
    """Return what reading found in the files that count now."""
    sql = "SELECT finding FROM findings JOIN files ON files.id = findings.file WHERE superseded = 0 ORDER BY path"
    return Findings.of(_loaded(json.loads(row["finding"])) for row in store.rows(sql))


def _loaded(values: Mapping[str, object]) -> Finding:
    where, named = values["where"], values["values"]
    assert isinstance(where, dict)  # noqa: S101  # Finding.to_dict wrote it
    assert isinstance(named, dict)  # noqa: S101  # same
    return finding(str(values["code"]), Place(**where), severity=values["severity"], **named)  # type: ignore[arg-type]


def register(folder: str | Path, *, history: bool = False) -> list[FileEntry]:
    """Return the file register of a survey folder."""
    with open_store(Path(folder)) as store:
        return store.files(history=history)


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
