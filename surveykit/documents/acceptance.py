"""Whether a document holds against a schema, answered quickly: a schema compiled to plain functions, once a process.

Only the answer is given here. Where it is no, ``jsonschema`` says what is wrong; a schema with a keyword that is not
known here is left to ``jsonschema`` altogether.

References
----------
JSON Schema Core and Validation, draft 2020-12.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

Accepts = Callable[[Any], bool]
Schema = Mapping[str, Any] | bool

_SILENT: Final = frozenset({"$schema", "$defs", "$comment", "title", "description", "then", "else"})
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class UnknownKeywordError(ValueError):
    """A schema says something that is not known here."""


def acceptor(name: str, schemas: Mapping[str, Mapping[str, Any]]) -> Accepts | None:
    """Return a function that tells whether a value holds against a schema; None if that cannot be told here.

    Parameters
    ----------
    name : str
        Name of the schema's document.
    schemas : mapping of str to mapping
        Schema documents by the name that references use.
    """
    try:
        return _Compiler(schemas=schemas).compiled(schemas[name], name)
    except UnknownKeywordError:
        return None


@dataclass(slots=True, kw_only=True)
class _Compiler:
    schemas: Mapping[str, Mapping[str, Any]]
    known: dict[str, Accepts] = field(default_factory=dict)

    def compiled(self, schema: Schema, base: str) -> Accepts:
        """Return the test of one schema; ``base`` is the document that its references start from."""
        if isinstance(schema, bool):
            return (lambda _: True) if schema else (lambda _: False)
        tests = [self.keyword(key, schema, base) for key in schema if key not in _SILENT]
        if len(tests) == 1:
            return tests[0]

        def every(value: object) -> bool:
            for test in tests:  # noqa: SIM110  # a generator would cost more than the tests
                if not test(value):
                    return False
            return True

        return every

    def keyword(self, key: str, schema: Mapping[str, Any], base: str) -> Accepts:
        """Return the test of one keyword."""
        wanted = schema[key]
        if key in _PLAIN:
            return _PLAIN[key](wanted)
        makers: dict[str, Callable[[], Accepts]] = {
            "$ref": lambda: self.reference(wanted, base),
            "if": lambda: self.branches(schema, base),
            "allOf": lambda: _all([self.compiled(one, base) for one in wanted]),
            "anyOf": lambda: _any([self.compiled(one, base) for one in wanted]),
            "properties": lambda: _properties({name: self.compiled(one, base) for name, one in wanted.items()}),
            "additionalProperties": lambda: _additional(schema.get("properties", ()), self.compiled(wanted, base)),
            "propertyNames": lambda: _names(self.compiled(wanted, base)),
            "items": lambda: _items(self.compiled(wanted, base)),
        }
        if key not in makers:
            raise UnknownKeywordError(key)
        return makers[key]()

    def reference(self, target: str, base: str) -> Accepts:
        """Return the test of a referenced schema, compiled once; it may refer to itself."""
        document, _, path = target.partition("#")
        document = document or base
        key = f"{document}#{path}"
        if key not in self.known:
            self.known[key] = lambda value: self.known[key](value)  # noqa: PLW0108  # looked up when called
            schema: Any = self.schemas[document]
            for part in path.strip("/").split("/") if path.strip("/") else ():
                schema = schema[part]
            self.known[key] = self.compiled(schema, document)
        return self.known[key]

    def branches(self, schema: Mapping[str, Any], base: str) -> Accepts:
        """Return the test of if, then, else."""
        condition = self.compiled(schema["if"], base)
        then, other = self.compiled(schema.get("then", True), base), self.compiled(schema.get("else", True), base)
        return lambda value: then(value) if condition(value) else other(value)


def _all(tests: list[Accepts]) -> Accepts:
    return lambda value: all(test(value) for test in tests)


def _any(tests: list[Accepts]) -> Accepts:
    return lambda value: any(test(value) for test in tests)


def _properties(tests: dict[str, Accepts]) -> Accepts:
    def hold(value: object) -> bool:
        if not isinstance(value, dict):
            return True
        return all(tests[name](one) for name, one in value.items() if name in tests)

    return hold


def _additional(named: Iterable[str], test: Accepts) -> Accepts:
    names = frozenset(named)
    return lambda value: not isinstance(value, dict) or all(test(value[name]) for name in value.keys() - names)


def _names(test: Accepts) -> Accepts:
    return lambda value: not isinstance(value, dict) or all(map(test, value))


def _items(test: Accepts) -> Accepts:
    return lambda value: not isinstance(value, list) or all(map(test, value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Final[dict[str, Accepts]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": _is_number,
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
}


def _type(wanted: str | list[str]) -> Accepts:
    return _TYPES[wanted] if isinstance(wanted, str) else _any([_TYPES[one] for one in wanted])


def _same(value: object) -> object:
    """Return something hashable that two values share exactly when JSON calls them equal."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, int | float):
        return isinstance(value, bool), value  # 1 and true are equal in Python and different in JSON
    return json.dumps(value, sort_keys=True), ()


def _enum(wanted: list[Any]) -> Accepts:
    known = {_same(one) for one in wanted}
    return lambda value: _same(value) in known


def _pattern(wanted: str) -> Accepts:
    search = re.compile(wanted).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _format(wanted: str) -> Accepts:
    if wanted != "date":
        raise UnknownKeywordError(wanted)
    return lambda value: not isinstance(value, str) or _is_day(value)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return _DAY.fullmatch(text) is not None


def _unique(wanted: bool) -> Accepts:  # noqa: FBT001  # the value of the keyword
    return lambda value: not wanted or not isinstance(value, list) or len({_same(one) for one in value}) == len(value)


def _required(wanted: list[str]) -> Accepts:
    names = frozenset(wanted)
    return lambda value: not isinstance(value, dict) or names <= value.keys()


def _dependent(wanted: dict[str, list[str]]) -> Accepts:
    return lambda value: (
        not isinstance(value, dict)
        or all(one in value for name, others in wanted.items() if name in value for one in others)
    )


def _sized(kind: type[Any], compare: Callable[[int, int], bool]) -> Callable[[int], Accepts]:
    return lambda wanted: lambda value: not isinstance(value, kind) or compare(len(value), wanted)


def _limited(compare: Callable[[float, float], bool]) -> Callable[[float], Accepts]:
    return lambda wanted: lambda value: not _is_number(value) or compare(value, wanted)


_PLAIN: Final[dict[str, Callable[[Any], Accepts]]] = {
    "type": _type,
    "const": lambda wanted: _enum([wanted]),
    "enum": _enum,
    "pattern": _pattern,
    "format": _format,
    "required": _required,
    "dependentRequired": _dependent,
    "uniqueItems": _unique,
    "minLength": _sized(str, lambda size, least: size >= least),
    "maxLength": _sized(str, lambda size, most: size <= most),
    "minItems": _sized(list, lambda size, least: size >= least),
    "maxItems": _sized(list, lambda size, most: size <= most),
    "minProperties": _sized(dict, lambda size, least: size >= least),
    "minimum": _limited(lambda value, least: value >= least),
    "maximum": _limited(lambda value, most: value <= most),
    "exclusiveMinimum": _limited(lambda value, least: value > least),
    "exclusiveMaximum": _limited(lambda value, most: value < most),
}
