"""A module as one include takes it: chosen, renamed, reworded; every part with the place it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from surveykit.errors import ExpressionError
from surveykit.expressions.grammar import parse
from surveykit.expressions.nodes import Name, walk
from surveykit.findings import Finding, Place, finding
from surveykit.questionnaire.places import similar

Json = dict[str, Any]

_NAME: Final = re.compile(r"(`?)([^\W\d]\w*)\1")
_EXPRESSIONS: Final = ("relevant", "constraint", "calculation", "expression")
_REFERENCES: Final = ("id", "var", "other_of", "cascade")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A JSON value and where it stands; ``changed`` holds the places of overridden keys."""

    value: Json
    place: Place
    changed: Mapping[str, Place]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenSection:
    """A section of a module, its items apart."""

    head: Part
    items: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenModule:
    """What one include takes from a module."""

    module: str
    version: str
    prefix: str
    place: Place
    sections: tuple[TakenSection, ...]
    checks: tuple[Part, ...]
    codelists: Mapping[str, Part]
    missing_sets: Mapping[str, tuple[list[Json], Place]]
    findings: tuple[Finding, ...]

    @property
    def items(self) -> dict[str, tuple[Part, TakenSection]]:
        """Items by id, each with its section."""
        return {item.value["id"]: (item, section) for section in self.sections for item in section.items}


def take(module: Mapping[str, Any], file: str, include: Mapping[str, Any], place: Place) -> TakenModule:
    """Return what an include takes from a module.

    Parameters
    ----------
    module : mapping
        The module, valid against its schema.
    file : str
        Where the module was read from.
    include : mapping
        The entry of ``includes``.
    place : Place
        Place of that entry.
    """
    prefix = include.get("prefix", "")
    names = {item["id"]: prefix + item["id"] for section in module["sections"] for item in section["items"]}
    renaming = names | include.get("unit", {}) if prefix else dict(include.get("unit", {}))
    override = include.get("override", {})
    sections = tuple(_sections(module, file, include, renaming, place))
    return TakenModule(
        module=include["module"],
        version=module["version"],
        prefix=prefix,
        place=place,
        sections=sections,
        checks=tuple(
            Part(value=_check(check, renaming, prefix), place=Place(file=file, pointer=f"/checks/{number}"), changed={})
            for number, check in enumerate(module.get("checks", ()))
        ),
        codelists={
            name: _codelist(name, value, file, override, place) for name, value in module.get("codelists", {}).items()
        },
        missing_sets={
            name: (value, Place(file=file, pointer=f"/missing_sets/{name}"))
            for name, value in module.get("missing_sets", {}).items()
        },
        findings=tuple(_problems(module, include, sections, place)),
    )


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Return an expression with its item and unit names replaced; texts and functions stay.

    An expression that cannot be parsed is returned as it is; its problem is reported where it is compiled.
    """
    if not names:
        return text
    try:
        written = [node for node in walk(parse(text)) if isinstance(node, Name)]
    except ExpressionError:
        return text
    starts = _line_starts(text)
    for node in sorted(written, key=lambda one: (one.line, one.column), reverse=True):
        at = starts[node.line - 1] + node.column - 1
        end = at + len(_span(text[at:], dotted=bool(node.of)))
        replaced = _NAME.sub(lambda match: match[1] + names.get(match[2], match[2]) + match[1], text[at:end])
        text = text[:at] + replaced + text[end:]
    return text


def joined(*conditions: str) -> str:
    """Return the conjunction of conditions; empty ones hold always."""
    given = [condition for condition in conditions if condition]
    return given[0] if len(given) == 1 else " and ".join(f"({condition})" for condition in given)


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer(r"\n", text))]


def _span(text: str, *, dotted: bool) -> str:
    pattern = rf"{_NAME.pattern}\s*[.．]\s*(`?)[^\W\d]\w*\3" if dotted else _NAME.pattern
    match = re.match(pattern, text)
    return match.group() if match else ""


def _sections(
    module: Mapping[str, Any], file: str, include: Mapping[str, Any], names: Mapping[str, str], place: Place
) -> Iterator[TakenSection]:
    override = include.get("override", {})
    for number, section in enumerate(module["sections"]):
        here = Place(file=file, pointer=f"/sections/{number}")
        if "sections" in include and section["id"] not in include["sections"]:
            continue
        items = tuple(
            _item(item, replace(here, pointer=f"{here.pointer}/items/{position}"), include, names, place)
            for position, item in enumerate(section["items"])
            if "items" not in include or item["id"] in include["items"]
        )
        if items:
            head = {key: value for key, value in section.items() if key != "items"}
            head |= {"id": include.get("prefix", "") + section["id"], "module": include["module"]}
            head["unit"] = names.get(section["unit"], section["unit"])
            changes = override.get("sections", {}).get(section["id"], {})
            at = replace(place, pointer=f"{place.pointer}/override/sections/{section['id']}")
            yield TakenSection(head=_overridden(_renamed_expressions(head, names), here, changes, at), items=items)


def _item(item: Json, here: Place, include: Mapping[str, Any], names: Mapping[str, str], place: Place) -> Part:
    value = _renamed_expressions(item, names)
    value |= {key: names.get(item[key], item[key]) for key in _REFERENCES if key in item}
    if prefix := include.get("prefix", ""):
        value["var"] = prefix + item.get("var", item["id"])
    if "checks" in item:
        value["checks"] = [_check(check, names, include.get("prefix", "")) for check in item["checks"]]
    value["module"] = include["module"]
    changes = include.get("override", {}).get("items", {}).get(item["id"], {})
    at = replace(place, pointer=f"{place.pointer}/override/items/{item['id']}")
    return _overridden(value, here, changes, at)


def _overridden(value: Json, here: Place, changes: Json, place: Place) -> Part:
    changed = {key: replace(place, pointer=f"{place.pointer}/{key}") for key in changes}
    result = {key: one for key, one in {**value, **changes}.items() if key != "relevant" or one}
    return Part(value=result, place=here, changed=changed)


def _check(check: Json, names: Mapping[str, str], prefix: str) -> Json:
    value = _renamed_expressions(check, names) | {"id": prefix + check["id"]}
    if "items" in check:
        value["items"] = [names.get(item, item) for item in check["items"]]
    if "unit" in check:
        value["unit"] = names.get(check["unit"], check["unit"])
    return value


def _renamed_expressions(value: Json, names: Mapping[str, str]) -> Json:
    return value | {key: renamed(value[key], names) for key in _EXPRESSIONS if key in value}


def _codelist(name: str, value: Json, file: str, override: Mapping[str, Any], place: Place) -> Part:
    replacing = override.get("codelists", {}).get(name)
    if replacing is None:
        return Part(value=value, place=Place(file=file, pointer=f"/codelists/{name}"), changed={})
    here = replace(place, pointer=f"{place.pointer}/override/codelists/{name}")
    return Part(value=replacing, place=here, changed={"codes": here})


def _problems(
    module: Mapping[str, Any], include: Mapping[str, Any], sections: Iterable[TakenSection], place: Place
) -> Iterator[Finding]:
    override = include.get("override", {})
    known = {
        "sections": [section["id"] for section in module["sections"]],
        "items": [item["id"] for section in module["sections"] for item in section["items"]],
        "codelists": list(module.get("codelists", {})),
        "unit": sorted({section["unit"] for section in module["sections"]}),
    }
    asked = [
        (kind, f"/{kind}/{n}", name) for kind in ("sections", "items") for n, name in enumerate(include.get(kind, ()))
    ]
    asked += [("unit", f"/unit/{name}", name) for name in include.get("unit", {})]
    asked += [
        (kind, f"/override/{kind}/{name}", name)
        for kind in ("items", "sections", "codelists")
        for name in override.get(kind, {})
    ]
    for kind, pointer, name in asked:
        if name not in known[kind]:
            where = replace(place, pointer=place.pointer + pointer)
            yield finding(
                "definition-include-part",
                where,
                module=include["module"],
                kind=kind.removesuffix("s"),
                name=name,
                near=similar(name, known[kind]),
            )
    if include.get("version", module["version"]) != module["version"]:
        where = replace(place, pointer=place.pointer + "/version")
        found, expected = module["version"], include["version"]
        yield finding("definition-include-version", where, module=include["module"], found=found, expected=expected)
    if not any(section.items for section in sections):
        yield finding("definition-include-empty", place, module=include["module"])
