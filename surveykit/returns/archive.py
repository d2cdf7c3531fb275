"""Returned files kept as they came, by content; written whole or not at all, never changed."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from surveykit.errors import ReturnsError
from surveykit.findings import Place

ARCHIVE: Final = "raw"
_CHUNK: Final = 1 << 20  # one read
_LEFT_OVER: Final = 86_400  # seconds; a copy that is a day old was left by a run that died


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises
    ------
    ReturnsError
        If it cannot be read.
    """
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(path: Path) -> Iterator[bytes]:
    """Return the content of a file in pieces; it may go while it is read, as when a stick is pulled."""
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise _unreadable(path, error) from error


def archived(folder: Path, sha256: str) -> Path:
    """Return where the file of a content is kept."""
    return folder / ARCHIVE / sha256[:2] / sha256


def keep(path: Path, folder: Path) -> tuple[str, Path]:
    """Copy a file into the archive and return its content hash and place there.

    The copy is what gets read, so that a file that changes meanwhile cannot say two things.

    Raises
    ------
    ReturnsError
        ``returns-file-unreadable`` if the file cannot be read, ``returns-store-failed`` if the disk is full.
    """
    sha256 = content_hash(path)
    target = archived(folder, sha256)
    if not target.exists():
        sha256, target = _copy(path, folder)
    return sha256, target


def _copy(path: Path, folder: Path) -> tuple[str, Path]:
    passing = folder / ARCHIVE / f".new-{os.getpid()}-{time.monotonic_ns()}"
    digest = hashlib.sha256()
    try:
        passing.parent.mkdir(parents=True, exist_ok=True)
        with passing.open("wb") as copy:
            for chunk in _chunks(path):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        target = archived(folder, digest.hexdigest())
        target.parent.mkdir(parents=True, exist_ok=True)
        passing.replace(target)
        _settle(target.parent)
    except ReturnsError:
        passing.unlink(missing_ok=True)
        raise
    except OSError as error:
        passing.unlink(missing_ok=True)
        raise ReturnsError.of("returns-store-failed", Place(file=str(passing)), reason=str(error)) from error
    return digest.hexdigest(), target


def sweep(folder: Path) -> None:
    """Remove copies that a run which died left half made."""
    now = time.time()
    for left in (folder / ARCHIVE).glob(".new-*"):
        if now - left.stat().st_mtime > _LEFT_OVER:
            left.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Make a rename durable; where folders cannot be opened (Windows) the rename itself is."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unreadable(path: Path, error: OSError) -> ReturnsError:
    return ReturnsError.of("returns-file-unreadable", Place(file=str(path)), reason=error.strerror or str(error))
