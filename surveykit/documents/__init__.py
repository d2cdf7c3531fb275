"""JSON documents: found, read with limits, held against a schema; never fetched.

The only door to ``jsonschema`` (``judging``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from surveykit.documents.acceptance import Accepts, acceptor
from surveykit.documents.pointers import pointer
from surveykit.errors import DefinitionError
from surveykit.findings import Findings, Place

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "Json",
    "Kind",
    "canonical_hash",
    "find_document",
    "load_json",
    "parse_json",
    "pointer",
    "read_document",
    "schema",
    "schema_findings",
    "shipped",
    "validation_findings",
]

Kind = Literal["questionnaires", "schemas", "data", "frames"]
Json = Mapping[str, object]

MAX_BYTES: Final = 32 * 1024 * 1024  # the largest shipped instrument is under 3 MB; ten times that is no questionnaire
MAX_DEPTH: Final = 64  # the deepest schema here nests 12 levels; json itself would end in a RecursionError near 1,000
_PLACES: Final = {
    "questionnaires": "questionnaires",
    "schemas": "schemas",
    "data": "examples/data",
    "frames": "examples/frames",
}


def shipped(kind: Kind) -> Path:
    """Return the folder of shipped JSON files or example data, in a checkout, an editable install or a wheel.

    Parameters
    ----------
    kind : {"questionnaires", "schemas", "data", "frames"}

    Returns
    -------
    pathlib.Path
    """
    package = Path(__file__).resolve().parents[1]
    inside = package / "shipped" / kind
    return inside if inside.is_dir() else package.parent / _PLACES[kind]


def find_document(name: str | Path, folder: Path) -> Path:
    """Return the path of a document given by path, or by shipped id.

    Raises
    ------
    DefinitionError
        If neither exists; the near names are listed.
    """
    path = Path(name)
    if path.is_file():
        return path
    candidate = folder / f"{name}.json"
    if path.name == str(name) and candidate.is_file():
        return candidate
    known = ", ".join(sorted(one.stem for one in folder.glob("*.json")))
    raise DefinitionError.of("document-not-found", Place(file=str(name)), name=str(name), known=known)


def load_json(path: Path) -> object:
    """Read a JSON file strictly: UTF-8, no duplicate keys, no NaN, bounded in size and depth.

    Raises
    ------
    DefinitionError
        Naming file, line and column.
    """
    where = Place(file=str(path))
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DefinitionError.of("document-unreadable", where, reason=error.strerror or str(error)) from error
    if len(raw) > MAX_BYTES:
        raise DefinitionError.of("document-too-large", where, size=len(raw), limit=MAX_BYTES)
    return parse_json(raw, where)


def parse_json(raw: bytes, where: Place) -> object:
    """Parse JSON bytes strictly; see :func:`load_json`."""
    try:
        text = raw.decode("utf-8-sig")
        if (depth := _depth(text)) > MAX_DEPTH:
            raise DefinitionError.of("document-too-deep", where, depth=depth, limit=MAX_DEPTH)
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise DefinitionError.of("document-not-utf8", where, position=error.start) from error
    except json.JSONDecodeError as error:
        place = Place(file=where.file, line=error.lineno, column=error.colno)
        raise DefinitionError.of("document-not-json", place, reason=error.msg) from error
    except _RefusedJsonError as error:
        raise DefinitionError.of("document-not-json", where, reason=str(error)) from error


def schema(name: str) -> Json:
    """Return a shipped schema by name, for instance ``questionnaire``."""
    return _schema(name)


def schema_findings(document: object, name: str, *, file: str = "") -> Findings:
    """Hold a document against a shipped schema.

    Returns
    -------
    Findings
        One a violation, with the JSON pointer of the place: ``document-property-unknown``,
        ``document-property-missing``, ``document-schema`` for all others.
    """
    accepts = _acceptor(name)
    if accepts is not None and accepts(document):
        return Findings()
    from surveykit.documents.judging import violations  # noqa: PLC0415  # loading it costs more than most documents

    return violations(document, f"{name}.schema.json", _schemas(), file=file)


def validation_findings(document: object, against: Json, *, file: str = "") -> Findings:
    """Hold a document against a schema given as a value; references outside it are refused."""
    from surveykit.documents.judging import violations  # noqa: PLC0415  # loading it costs more than most documents

    return violations(document, "given", {"given": against}, file=file)


def read_document(path: Path, name: str) -> Json:
    """Read a JSON object and hold it against a shipped schema.

    Raises
    ------
    DefinitionError
        With every violation at once.
    """
    document = load_json(path)
    findings = schema_findings(document, name, file=str(path))
    if not findings.ok or not isinstance(document, Mapping):
        raise DefinitionError(findings)
    return document


def canonical_hash(value: object) -> str:
    """Return the SHA-256 of a JSON value in canonical form: sorted keys, no blanks, UTF-8."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class _RefusedJsonError(ValueError):
    """JSON that the standard library would take silently."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, value in pairs:
        if key in result:
            message = f"the key {key!r} stands twice in one object"
            raise _RefusedJsonError(message)
        result[key] = value
    return result


def _no_constant(constant: str) -> NoReturn:
    message = f"{constant} is not a JSON number"
    raise _RefusedJsonError(message)


def _depth(text: str) -> int:
    deepest = depth = 0
    inside = escaped = False
    for char in text:
        if inside:
            inside, escaped = escaped or char != '"', not escaped and char == "\\"
        elif char == '"':
            inside = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


@cache
def _schema(name: str) -> Json:
    document: Json = _schemas()[f"{name}.schema.json"]
    return document


@cache
def _schemas() -> dict[str, Any]:
    return {path.name: load_json(path) for path in sorted(shipped("schemas").glob("*.schema.json"))}


@cache
def _acceptor(name: str) -> Accepts | None:
    return acceptor(f"{name}.schema.json", _schemas())
