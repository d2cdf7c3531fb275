"""What is wrong, where, and what to do about it: the one value that every room reports with.

Codes, severities and wordings are data: one JSON file a room under ``surveykit/catalogue``. A code is for ever.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal, overload

Severity = Literal["error", "warning", "info"]

SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a finding stands; only the parts that apply are set.

    Parameters
    ----------
    file : str
        Path of the document, workbook or table.
    pointer : str
        JSON pointer (RFC 6901) inside a JSON document.
    sheet, cell : str
        Worksheet name and cell reference in A1 style.
    line, column : int
        1-based position inside a text or an expression.
    item : str
        Id of the item concerned.
    record : str
        Key of the response concerned (serial, row key).
    field : str
        Column of a data frame or CSV file.
    """

    file: str = ""
    pointer: str = ""
    sheet: str = ""
    cell: str = ""
    line: int = 0
    column: int = 0
    item: str = ""
    record: str = ""
    field: str = ""

    def __str__(self) -> str:
        cell = f"{self.sheet}!{self.cell}" if self.sheet and self.cell else self.sheet or self.cell
        position = ":".join(str(number) for number in (self.line, self.column) if number)
        column = f"column {self.field}" if self.field else ""
        record = f"record {self.record}" if self.record else ""
        parts = (self.file, self.pointer, cell, column, record, self.item, position)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One code of the catalogue.

    Parameters
    ----------
    code : str
        Stable identifier, kebab case, never reused.
    severity : {"error", "warning", "info"}
        Default severity.
    message, hint : mapping of str to str
        Wording by language, with ``{named}`` places for the values of a finding. English is always present.
    """

    code: str
    severity: Severity
    message: Mapping[str, str]
    hint: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong or worth knowing, as data.

    Parameters
    ----------
    code : str
        Code of the catalogue.
    severity : {"error", "warning", "info"}
        An error makes a command exit with 1.
    where : Place
        The place to look at.
    message : str
        What was found and what was expected, in English.
    hint : str
        What to do.
    values : mapping
        The values behind the message, for other languages and for programs; a mapping of language to text is said in
        the language of the message.
    """

    code: str
    severity: Severity
    where: Place
    message: str
    hint: str = ""
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        place = str(self.where)
        text = f"{self.severity} {self.code}: {self.message}"
        return f"{place}: {text}" if place else text

    def text(self, language: str = "en") -> str:
        """Return the message in a language, in English where the catalogue has no other."""
        return _worded(rule(self.code).message, language, self.values) or self.message

    def advice(self, language: str = "en") -> str:
        """Return the hint in a language, in English where the catalogue has no other."""
        return _worded(rule(self.code).hint, language, self.values) or self.hint

    def to_dict(self) -> dict[str, object]:
        """Return plain JSON values; parts of the place that are not set are left out."""
        place = {part.name: getattr(self.where, part.name) for part in fields(Place)}
        return {
            "code": self.code,
            "severity": self.severity,
            "where": {name: value for name, value in place.items() if value},
            "message": self.message,
            "hint": self.hint,
            "values": {name: _plain(value) for name, value in self.values.items()},
        }


@dataclass(frozen=True, slots=True)
class Findings(Sequence[Finding]):
    """An immutable list of findings that adds up with ``+``."""

    items: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Findings:
        """Collect findings in the order given."""
        return cls(tuple(findings))

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Findings: ...
    def __getitem__(self, index: int | slice) -> Finding | Findings:
        return Findings(self.items[index]) if isinstance(index, slice) else self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    def __add__(self, other: Iterable[Finding]) -> Findings:
        return Findings((*self.items, *other))

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.items)

    @property
    def errors(self) -> Findings:
        """The findings of severity error."""
        return Findings.of(finding for finding in self.items if finding.severity == "error")

    @property
    def warnings(self) -> Findings:
        """The findings of severity warning."""
        return Findings.of(finding for finding in self.items if finding.severity == "warning")

    @property
    def ok(self) -> bool:
        """Whether no finding is an error."""
        return not any(finding.severity == "error" for finding in self.items)

    @property
    def codes(self) -> Counter[str]:
        """How often each code occurs."""
        return Counter(finding.code for finding in self.items)

    def to_dicts(self) -> list[dict[str, object]]:
        """Return one plain dictionary a finding, ready for JSON."""
        return [finding.to_dict() for finding in self.items]


def finding(code: str, where: Place | None = None, /, *, severity: Severity | None = None, **values: object) -> Finding:
    """Make a finding from its catalogue entry.

    Parameters
    ----------
    code : str
        Code of the catalogue.
    where : Place, optional
        The place to look at.
    severity : {"error", "warning", "info"}, optional
        Overrides the default of the catalogue.
    **values
        The named values of the wording.

    Raises
    ------
    KeyError
        If the code is not in the catalogue.
    """
    entry = rule(code)
    return Finding(
        code=code,
        severity=severity or entry.severity,
        where=where or Place(),
        message=_worded(entry.message, "en", values),
        hint=_worded(entry.hint, "en", values),
        values=values,
    )


@cache
def catalogue() -> Mapping[str, Rule]:
    """Return every code of every room, by code.

    Raises
    ------
    ValueError
        If two rooms claim one code.
    """
    rules: dict[str, Rule] = {}
    folder = files("surveykit") / "catalogue"
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        for code, values in json.loads(entry.read_text(encoding="utf-8")).items():
            if code in rules:
                message = f"finding code {code} stands in two catalogue files"
                raise ValueError(message)
            rules[code] = Rule(code=code, **values)
    return MappingProxyType(rules)


def rule(code: str) -> Rule:
    """Return one entry of the catalogue."""
    return catalogue()[code]


class _Kept(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _worded(texts: Mapping[str, str], language: str, values: Mapping[str, object]) -> str:
    text = texts.get(language) or texts.get(language.split("-", maxsplit=1)[0]) or texts.get("en", "")
    if not values:
        return text
    return text.format_map(_Kept({name: _spoken(value, language) for name, value in values.items()}))


def _spoken(value: object, language: str) -> object:
    if not isinstance(value, Mapping):
        return value
    return value.get(language) or value.get(language.split("-", maxsplit=1)[0]) or value.get("en", "")


def _plain(value: object) -> object:
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    return str(value)
