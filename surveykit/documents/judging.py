"""What is wrong with a document, in the words of ``jsonschema`` where ours do not say it better.

The only door to ``jsonschema``. It is loaded when the quick answer was no.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from surveykit.documents.pointers import pointer
from surveykit.findings import Finding, Findings, Place, finding


def violations(document: object, name: str, schemas: Mapping[str, Mapping[str, Any]], *, file: str) -> Findings:
    """Return every violation of a schema, in document order.

    Parameters
    ----------
    document : object
        Any JSON value.
    name : str
        Which of the schemas.
    schemas : mapping of str to mapping
        Schema documents by the name that references use; other references are refused, nothing is fetched.
    file : str
        Where the document was read from.
    """
    errors = sorted(validator(name, schemas).iter_errors(document), key=_order)
    return Findings.of(one for error in errors for one in _findings(error, file))


def validator(name: str, schemas: Mapping[str, Mapping[str, Any]]) -> Draft202012Validator:
    """Return jsonschema's validator of a schema; parameters as for :func:`violations`."""
    resources = ((file, DRAFT202012.create_resource(one)) for file, one in schemas.items())
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator(schemas[name], registry=registry, format_checker=FormatChecker())


def _order(error: ValidationError) -> list[tuple[bool, int, str]]:
    return [(isinstance(part, str), part if isinstance(part, int) else 0, str(part)) for part in error.absolute_path]


def _findings(error: ValidationError, file: str) -> Iterator[Finding]:
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
        say = _SAID.get(str(error.validator))
        problem = say(wanted) if say else error.message[:300]  # a few lines of a terminal
        described = rule.get("description", "")
        values = {"problem": problem, "found": _shown(error.instance), "rule": error.validator or "false"}
        yield finding("document-schema", where, severity=None, expected=f"{described} " if described else "", **values)


_KINDS: Final = {
    "object": "an object {…}",
    "array": "a list […]",
    "string": "a text",
    "boolean": "true or false",
    "null": "null",
    "number": "a number",
    "integer": "a whole number",
}
_SAID: Final[Mapping[str, Callable[[Any], str]]] = {
    "type": lambda wanted: (
        f"expected {' or '.join(_KINDS[one] for one in ([wanted] if isinstance(wanted, str) else wanted))}"
    ),
    "enum": lambda wanted: f"expected one of {', '.join(str(one) for one in wanted)}",
    "const": lambda wanted: f"expected {wanted}",
    "pattern": lambda wanted: f"expected a text of the form {wanted}",
    "format": lambda wanted: f"expected a {wanted} of the calendar" if wanted == "date" else f"expected a {wanted}",
    "uniqueItems": lambda _: "an entry stands here twice",
    "minItems": lambda wanted: f"expected at least {wanted} in the list",
    "minProperties": lambda wanted: f"expected at least {wanted} in the object",
    "minLength": lambda _: "expected a text that is not empty",
    "maxLength": lambda wanted: f"expected at most {wanted} characters",
    "minimum": lambda wanted: f"expected {wanted} or more",
    "maximum": lambda wanted: f"expected {wanted} or less",
    "exclusiveMinimum": lambda wanted: f"expected more than {wanted}",
    "exclusiveMaximum": lambda wanted: f"expected less than {wanted}",
}


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "..."  # a line of a terminal


def _near(key: str, known: Iterable[str]) -> str:
    names = list(known)
    return ", ".join(difflib.get_close_matches(key, names, n=3, cutoff=0.6) or sorted(names))
