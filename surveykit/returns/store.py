"""The ledger of a survey: which files came, what each said, what was found and what was corrected.

The only door to ``sqlite3``. One file in the survey folder, in write-ahead mode with full synchronisation: it survives
kill -9 and power cuts, and two intakes may write to it. The returned files themselves stand beside it, by content.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from surveykit.errors import ReturnsError
from surveykit.findings import Place

Status = Literal["read", "empty", "quarantined", "duplicate"]

LEDGER: Final = "ledger.sqlite"
SCHEMA_VERSION: Final = 1
_WAIT: Final = 120.0  # seconds that one intake waits for another; a batch takes under one

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    status TEXT NOT NULL,
    questionnaire TEXT NOT NULL,
    version TEXT NOT NULL,
    structure_hash TEXT NOT NULL,
    reader TEXT NOT NULL,
    received_at TEXT NOT NULL,
    received_by TEXT NOT NULL,
    superseded INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS current_file ON files (path) WHERE superseded = 0;
CREATE INDEX IF NOT EXISTS file_content ON files (sha256);
CREATE TABLE IF NOT EXISTS layouts (hash TEXT PRIMARY KEY, cells TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS responses (
    file INTEGER NOT NULL REFERENCES files (id),
    position INTEGER NOT NULL,
    serial TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (file, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS response_serial ON responses (serial);
CREATE TABLE IF NOT EXISTS findings (file INTEGER NOT NULL REFERENCES files (id), finding TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS findings_of ON findings (file);
CREATE TABLE IF NOT EXISTS corrections (
    id INTEGER PRIMARY KEY,
    query TEXT NOT NULL,
    file TEXT NOT NULL,
    sheet TEXT NOT NULL,
    cell TEXT NOT NULL,
    variable TEXT NOT NULL,
    serial TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS audit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    chain TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit stays'); END;
CREATE TRIGGER IF NOT EXISTS audit_is_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit stays'); END;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One line of the file register.

    Parameters
    ----------
    path : str
        As given; the name that a person knows.
    sha256 : str
        Content.
    status : {"read", "empty", "quarantined", "duplicate"}
    superseded : bool
        A later version of the same path has taken its place.
    removed : bool
        The file was not there at the last intake of its folder; its answers stay.
    """

    id: int
    path: str
    sha256: str
    size: int
    status: str
    questionnaire: str
    version: str
    structure_hash: str
    reader: str
    received_at: str
    received_by: str
    superseded: bool
    removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One change: who did what to what, and what stood there before and after."""

    at: str
    who: str
    action: str
    subject: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An open ledger.

    Parameters
    ----------
    folder : Path
        Holds the ledger and the archive of returned files.
    connection : sqlite3.Connection
    """

    folder: Path
    connection: sqlite3.Connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Make one change whole or not at all; a second intake waits.

        Raises
        ------
        ReturnsError
            If the disk is full or the ledger is held for too long; everything acknowledged before stays.
        """
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            with self.connection:
                yield self.connection
        except sqlite3.Error as error:
            raise _store_error(self.folder, error) from error

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Return the rows of a query."""
        try:
            return list(self.connection.execute(sql, parameters))
        except sqlite3.Error as error:
            raise _store_error(self.folder, error) from error

    def files(self, *, history: bool = False) -> list[FileEntry]:
        """Return the file register: the files that count now, or every version that ever came."""
        where = "" if history else " WHERE superseded = 0"
        found = self.rows(f"SELECT * FROM files{where} ORDER BY path, id")  # noqa: S608  # two fixed texts
        return [_entry(row) for row in found]


def _entry(row: sqlite3.Row) -> FileEntry:
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118  # a Row iterates over its values
    return FileEntry(**{**values, "superseded": bool(row["superseded"]), "removed": bool(row["removed"])})


@contextmanager
def open_store(folder: Path) -> Iterator[Store]:
    """Open the ledger of a folder, making it where there is none.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    ReturnsError
        If the ledger cannot be opened, is damaged, or was made by a later version.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(folder / LEDGER, timeout=_WAIT, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise _store_error(folder, error) from error
    try:
        _prepare(connection, folder)
        yield Store(folder=folder, connection=connection)
    finally:
        connection.close()


def _prepare(connection: sqlite3.Connection, folder: Path) -> None:
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript(_SCHEMA)
        connection.execute("INSERT OR IGNORE INTO about VALUES ('schema', ?)", (str(SCHEMA_VERSION),))
        found = int(connection.execute("SELECT value FROM about WHERE name = 'schema'").fetchone()[0])
    except sqlite3.Error as error:
        raise _store_error(folder, error) from error
    if found > SCHEMA_VERSION:
        where = Place(file=str(folder / LEDGER))
        raise ReturnsError.of("returns-store-newer", where, found=found, known=SCHEMA_VERSION)


def _store_error(folder: Path, error: Exception) -> ReturnsError:
    return ReturnsError.of("returns-store-failed", Place(file=str(folder / LEDGER)), reason=str(error))


def add_audit(connection: sqlite3.Connection, changes: Iterable[Audited]) -> None:
    """Append changes to the audit; each line carries the hash of itself and of the line before."""
    last = connection.execute("SELECT chain FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    chain = last[0] if last else ""
    for one in changes:
        chain = _chained(chain, one)
        values = (one.at, one.who, one.action, one.subject, one.before, one.after, chain)
        connection.execute(
            "INSERT INTO audit (at, who, action, subject, before, after, chain) VALUES (?, ?, ?, ?, ?, ?, ?)", values
        )


def audit(store: Store) -> list[Audited]:
    """Return every change ever made, the first one first.

    Raises
    ------
    ReturnsError
        If a line was changed, taken out or put in from outside.
    """
    chain = ""
    found: list[Audited] = []
    for row in store.rows("SELECT * FROM audit ORDER BY id"):
        one = Audited(**{name: row[name] for name in Audited.__dataclass_fields__})
        chain = _chained(chain, one)
        if chain != row["chain"]:
            raise ReturnsError.of("returns-store-audit", Place(file=str(store.folder / LEDGER)), line=row["id"])
        found.append(one)
    return found


def _chained(chain: str, one: Audited) -> str:
    parts: Mapping[str, str] = {name: getattr(one, name) for name in Audited.__dataclass_fields__}
    text = json.dumps([chain, parts], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
