"""The zip container of a workbook: what may be in it, and its parts inflated under count.

The only door to ``zipfile``. Nothing is ever extracted to disk.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, NoReturn

from surveykit.errors import ReturnsError
from surveykit.findings import Place, finding
from surveykit.returns.limits import Limits

_CHUNK: Final = 1 << 16  # one read of the inflater
_ENCRYPTED: Final = 0x1  # general purpose bit 0 of the zip specification (APPNOTE 4.4.4)
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


@dataclass(slots=True)
class _Count:
    """Inflated bytes of one workbook so far."""

    inflated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An open zip container whose directory has been looked at.

    Parameters
    ----------
    where : Place
        The file, for findings.
    limits : Limits
    members : mapping of str to ZipInfo
        By name in lower case: part names are compared without case.
    """

    where: Place
    limits: Limits
    archive: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo]
    count: _Count = field(default_factory=_Count)

    def __contains__(self, part: str) -> bool:
        return part.lower() in self.members

    def refuse(self, code: str, **values: object) -> NoReturn:
        """Raise a finding about this file."""
        raise ReturnsError([finding(code, self.where, severity=None, **values)])

    def chunks(self, part: str) -> Iterator[bytes]:
        """Inflate a part piece by piece, counting."""
        info = self.members.get(part.lower())
        if info is None:
            self.refuse("returns-file-part-missing", part=part)
        inflated = 0
        try:
            with self.archive.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    inflated += len(chunk)
                    self._charge(info, inflated, len(chunk))
                    yield chunk
        except _BROKEN as error:
            self.refuse("returns-file-damaged", part=info.filename, reason=str(error))

    def _charge(self, info: zipfile.ZipInfo, inflated: int, added: int) -> None:
        limits = self.limits
        self.count.inflated += added
        if inflated > limits.part_bytes or self.count.inflated > limits.total_bytes:
            self.refuse("returns-file-too-large", part=info.filename, limit=limits.part_bytes)
        if inflated > limits.ratio_from and inflated > limits.ratio * max(info.compress_size, 1):
            self.refuse("returns-file-bomb", part=info.filename, ratio=limits.ratio)


@contextmanager
def open_package(path: Path, where: Place, limits: Limits) -> Iterator[Package]:
    """Open a zip container and look at its directory before anything is inflated.

    Raises
    ------
    ReturnsError
        If the container is damaged, too large, encrypted, or its directory is not that of a workbook.
    """
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise ReturnsError.of("returns-file-damaged", where, part="", reason=str(error)) from error
    with archive:
        package = Package(where=where, limits=limits, archive=archive, members={})
        _look_at(package, archive.infolist())
        yield package


def _look_at(package: Package, infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > package.limits.members:
        package.refuse("returns-file-too-many", what="zip entries", found=len(infos), limit=package.limits.members)
    for info in infos:
        _look_at_member(package, info)
    _refuse_overlaps(package, infos)


def _look_at_member(package: Package, info: zipfile.ZipInfo) -> None:
    name = info.filename
    if _unsafe(info):
        package.refuse("returns-file-unsafe-name", part=name)
    if info.flag_bits & _ENCRYPTED:
        package.refuse("returns-file-encrypted")
    if info.compress_type not in _METHODS:
        package.refuse("returns-file-damaged", part=name, reason="a compression that no workbook uses")
    if package.members.setdefault(name.lower(), info) is not info:
        package.refuse("returns-file-duplicate-part", part=name)


def _unsafe(info: zipfile.ZipInfo) -> bool:
    # orig_filename still has what the directory says; zipfile cuts filename at a NUL
    name = info.orig_filename
    path = PurePosixPath(name)
    return not name or path.is_absolute() or ".." in path.parts or any(char in name for char in '\\:\0<>|"')


def _refuse_overlaps(package: Package, infos: list[zipfile.ZipInfo]) -> None:
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset < end:
            package.refuse("returns-file-bomb", part=info.filename, ratio=package.limits.ratio)
        end = info.header_offset + info.compress_size
