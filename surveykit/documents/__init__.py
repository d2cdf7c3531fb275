"""JSON documents: found, read with limits, held against a schema; never fetched.

The only door to ``jsonschema``.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from surveykit.documents.acceptance import Accepts, acceptor
from surveykit.errors import DefinitionError
from surveykit.findings import Finding, Findings, Place, finding

Kind = Literal["questionnaires", "schemas", "data"]
Json = Mapping[str, object]

MAX_BYTES: Final = 32 * 1024 * 1024  # the largest shipped instrument is under 3 MB; ten times that is no questionnaire
MAX_DEPTH: Final = 64  # the deepest schema here nests 12 levels; json itself would end in a RecursionError near 1,000
_PLACES: Final = {"questionnaires": "questionnaires", "schemas": "schemas", "data": "examples/data"}


def shipped(kind: Kind) -> Path:
    """Return the folder of shipped JSON files or example data, in a checkout, an editable install or a wheel.

    Parameters
    ----------
    kind : {"questionnaires", "schemas", "data"}

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
        One ``document-schema`` a violation, with the JSON pointer of the place.
    """
    accepts = _acceptor(name)
    if accepts is not None and accepts(document):
        return Findings()
    errors = sorted(_validator(name).iter_errors(document), key=_order)
    return Findings.of(one for error in errors for one in _schema_findings(error, file))


def validation_findings(document: object, against: Json, *, file: str = "") -> Findings:
    """Hold a document against a schema given as a value; references outside it are refused."""
    checker = Draft202012Validator(against, registry=Registry(), format_checker=FormatChecker())
    return Findings.of(one for error in checker.iter_errors(document) for one in _schema_findings(error, file))


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


def pointer(parts: Iterable[object]) -> str:
    """Return a JSON pointer (RFC 6901) of the parts of a path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


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


@cache
def _validator(name: str) -> Draft202012Validator:
    resources = ((file, DRAFT202012.create_resource(one)) for file, one in _schemas().items())
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator(_schema(name), registry=registry, format_checker=FormatChecker())


def _order(error: ValidationError) -> list[tuple[bool, int, str]]:
    return [(isinstance(part, str), part if isinstance(part, int) else 0, str(part)) for part in error.absolute_path]


def _schema_findings(error: ValidationError, file: str) -> Iterator[Finding]:
    place = list(error.absolute_path)
    rule: Any = error.schema if isinstance(error.schema, Mapping) else {}
    wanted: Any = error.validator_value
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        known = rule.get("properties", {})
        for key in (key for key in error.instance if key not in known):
            where = Place(file=file, pointer=pointer([*place, key]))
            values = {"key": key, "near": _near(key, known)}
            yield finding("document-property-unknown", where, severity=None, **values)
    elif error.validator == "required" and isinstance(error.instance, Mapping):
        for key in (key for key in wanted if key not in error.instance and f"'{key}'" in error.message):
            yield finding("document-property-missing", Place(file=file, pointer=pointer(place)), key=key)
    else:
        where = Place(file=file, pointer=pointer(place))
        problem = error.message[:300] if error.validator else "this is not allowed here"  # a few lines of a terminal
        values = {"problem": problem, "found": _shown(error.instance), "rule": error.validator or "false"}
        yield finding("document-schema", where, severity=None, expected=rule.get("description", ""), **values)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "..."  # a line of a terminal


def _near(key: str, known: Iterable[str]) -> str:
    names = list(known)
    return ", ".join(difflib.get_close_matches(key, names, n=3, cutoff=0.6) or sorted(names))
