"""A returned file of any kind opened as a workbook: what it is decides its content, not its name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Literal

from surveykit.errors import ReturnsError
from surveykit.findings import Findings, Place, finding
from surveykit.returns.foreign import open_foreign
from surveykit.returns.limits import DEFAULT, Limits
from surveykit.returns.sheet import Row
from surveykit.returns.values import Value
from surveykit.returns.workbook import Sheet, Workbook
from surveykit.returns.xlsx import open_xlsx

Format = Literal["xlsx", "xls", "ods", "csv"]

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # compound file: xls, or an encrypted xlsx
_ODS: Final = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")  # stream name of an encrypted workbook (MS-OFFCRYPTO 2.3)
_HEAD: Final = 4096  # bytes that are looked at
_TEXT_NAMES: Final = frozenset({".csv", ".tsv", ".txt"})
_NAMES: Final = {"xlsx": {".xlsx", ".xlsm"}, "xls": {".xls"}, "ods": {".ods"}, "csv": _TEXT_NAMES}


def sniff(path: Path, where: Place, limits: Limits) -> Format:
    """Return the format of a file by its content.

    Raises
    ------
    ReturnsError
        If the file cannot be opened, is too large, empty, encrypted, or nothing that is read here.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
            rest = stream.read(limits.file_bytes) if head.startswith(_OLE) and size <= limits.file_bytes else b""
    except OSError as error:
        raise ReturnsError.of("returns-file-unreadable", where, reason=error.strerror or str(error)) from error
    if size > limits.file_bytes:
        raise ReturnsError.of("returns-file-too-large", where, part="", limit=limits.file_bytes)
    if head.startswith(_OLE):
        if _ENCRYPTED in head + rest:
            raise ReturnsError.of("returns-file-encrypted", where)
        return "xls"
    if head.startswith(_ZIP):
        return "ods" if _ODS in head[:200] else "xlsx"  # the first member of an ods is its stored mimetype
    if Path(where.file).suffix.lower() in _TEXT_NAMES and head:
        return "csv"
    raise ReturnsError.of("returns-file-no-workbook", where, found=_described(head))


def _described(head: bytes) -> str:
    if not head:
        return "an empty file"
    if head.lstrip()[:1] == b"<":
        return "a web page or XML text"
    known = {b"%PDF": "a PDF", b"{\\rt": "a text document", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture"}
    return next((what for start, what in known.items() if head.startswith(start)), "an unknown kind of file")


@contextmanager
def open_workbook(path: Path, *, name: Path | None = None, limits: Limits = DEFAULT) -> Iterator[Workbook]:
    """Open a returned file.

    Parameters
    ----------
    path : pathlib.Path
        Where its bytes are.
    name : pathlib.Path, optional
        The name that a person knows it by, where the bytes are an archived copy.
    limits : Limits, optional

    Raises
    ------
    ReturnsError
        With the one finding that says why the file is refused.
    """
    where = Place(file=str(name or path))
    kind = sniff(path, where, limits)
    with _opened(kind, path, where, limits) as workbook:
        yield workbook


def _opened(kind: Format, path: Path, where: Place, limits: Limits) -> AbstractContextManager[Workbook]:
    if kind == "xlsx":
        return open_xlsx(path, where=where, limits=limits)
    if kind == "csv":
        return open_csv(path, where=where, limits=limits)
    return open_foreign(path, kind, where=where, limits=limits)


def name_findings(where: Place, kind: str) -> Findings:
    """Return a finding if the name of a file promises another format than it has."""
    suffix = Path(where.file).suffix
    if suffix.lower() in _NAMES[kind]:
        return Findings()
    return Findings((finding("returns-file-wrong-extension", where, found=suffix, kind=kind),))


@contextmanager
def open_csv(path: Path, *, where: Place, limits: Limits = DEFAULT) -> Iterator[Workbook]:
    """Open a text file of the list layout; the separator is the one of comma, semicolon and tab that its head shows."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReturnsError.of("returns-file-not-utf8", where, part=f"byte {error.start}") from error
    except OSError as error:
        raise ReturnsError.of("returns-file-unreadable", where, reason=error.strerror or str(error)) from error
    if "\0" in text:
        raise ReturnsError.of("returns-file-no-workbook", where, found="an unknown kind of file")
    sheet = Sheet(name="", state="visible", read=lambda _wanted=None, /: _csv_rows(text, where, limits))
    yield Workbook(where=where, format="csv", sheets=(sheet,))


def _csv_rows(text: str, where: Place, limits: Limits) -> Iterator[Row]:
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1):
            if number > limits.rows or len(row) > limits.columns:
                raise ReturnsError.of("returns-file-far-cell", where, row=number, column=len(row), limit=limits.rows)
            cells: dict[int, Value] = {column: value for column, value in enumerate(row, 1) if value}
            if cells:
                yield number, cells
    except csv.Error as error:
        raise ReturnsError.of("returns-file-damaged", where, part="", reason=str(error)) from error
