"""Includes resolved: a definition and its modules become one flat instrument that remembers where each part stood."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from surveykit.errors import ExpressionError
from surveykit.expressions import meaning
from surveykit.findings import Finding, Place, finding
from surveykit.questionnaire.modules import Json, Part, TakenModule, TakenSection, joined, take
from surveykit.questionnaire.places import similar

ModuleReader = Callable[[str, Place], tuple[Mapping[str, Any], str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """A definition without includes.

    Parameters
    ----------
    document : dict
        The flat instrument, itself a valid definition.
    origins : mapping of str to Place
        By JSON pointer into ``document``, the place that a part came from.
    findings : tuple of Finding
        Problems of the includes.
    """

    document: Json
    origins: Mapping[str, Place]
    findings: tuple[Finding, ...]


def flatten(document: Mapping[str, Any], file: str, read_module: ModuleReader) -> Flat:
    """Resolve the includes of a definition that holds against its schema.

    Parameters
    ----------
    document : mapping
        The definition.
    file : str
        Where it was read from.
    read_module : callable
        Gives the document and the file of a module by id; None after it has noted why not.

    Notes
    -----
    Sections keep their order. ``{"include": id}`` in ``sections`` places a module's sections, ``{"ref": id}`` in a
    section places one item; what is not placed at all follows at the end. A placed item keeps the relevance of the
    section that it stood in, unless an override gives it another.
    """
    return _Flattener(document=document, file=file, read_module=read_module).run()


@dataclass(slots=True, kw_only=True)
class _Flattener:
    document: Mapping[str, Any]
    file: str
    read_module: ModuleReader
    findings: list[Finding] = field(default_factory=list)
    origins: dict[str, Place] = field(default_factory=dict)
    sections: list[Json] = field(default_factory=list)
    placed: set[str] = field(default_factory=set)

    def run(self) -> Flat:
        taken = self.taken()
        referred = {
            item["ref"] for section in self.document["sections"] for item in section.get("items", ()) if "ref" in item
        }
        self.place_sections(taken)
        for one in taken:
            if self.key(one) not in self.placed and not referred & set(one.items):
                self.place_module(one)
        flat = {key: value for key, value in self.document.items() if key != "includes"}
        flat["sections"] = self.sections
        if taken:
            flat["modules"] = {**flat.get("modules", {}), **{one.module: one.version for one in taken}}
            flat |= self.lists(taken)
            flat["checks"] = self.checks(taken)
        return Flat(document=flat, origins=self.origins, findings=tuple(self.findings))

    def note(self, code: str, pointer: str, /, **values: object) -> None:
        self.findings.append(finding(code, Place(file=self.file, pointer=pointer), severity=None, **values))

    @staticmethod
    def key(taken: TakenModule) -> str:
        return f"{taken.prefix}:{taken.module}"

    def taken(self) -> list[TakenModule]:
        """Read every included module and take from it what its include asks for."""
        found: dict[str, TakenModule] = {}
        for number, include in enumerate(self.document.get("includes", ())):
            place = Place(file=self.file, pointer=f"/includes/{number}")
            read = self.read_module(include["module"], replace(place, pointer=place.pointer + "/module"))
            if read is None:
                continue
            one = take(*read, include, place)
            self.findings += one.findings
            if self.key(one) in found:
                self.note("definition-include-twice", place.pointer, module=one.module, prefix=one.prefix)
            found[self.key(one)] = one
        return list(found.values())

    # --- placing ---------------------------------------------------------------------------------------------------

    def place_sections(self, taken: list[TakenModule]) -> None:
        by_key = {self.key(one): one for one in taken}
        for number, section in enumerate(self.document["sections"]):
            pointer = f"/sections/{number}"
            if "include" not in section:
                self.own_section(section, pointer, taken)
                continue
            key = f"{section.get('prefix', '')}:{section['include']}"
            if key not in by_key or key in self.placed:
                code = "definition-placement-twice" if key in self.placed else "definition-placement-unknown"
                known = [one.module for one in taken]
                self.note(code, pointer, module=section["include"], near=similar(section["include"], known))
            else:
                self.place_module(by_key[key])

    def place_module(self, taken: TakenModule) -> None:
        self.placed.add(self.key(taken))
        for section in taken.sections:
            at = f"/sections/{len(self.sections)}"
            self.remember(at, section.head)
            for number, item in enumerate(section.items):
                self.remember(f"{at}/items/{number}", item)
            self.sections.append({**section.head.value, "items": [item.value for item in section.items]})

    def own_section(self, section: Mapping[str, Any], pointer: str, taken: list[TakenModule]) -> None:
        at = f"/sections/{len(self.sections)}"
        self.origins[at] = Place(file=self.file, pointer=pointer)
        known = {name: found for one in taken for name, found in one.items.items()}
        items: list[Json] = []
        for number, item in enumerate(section["items"]):
            here = f"{at}/items/{len(items)}"
            if "ref" not in item:
                self.origins[here] = Place(file=self.file, pointer=f"{pointer}/items/{number}")
                items.append(item)
            elif item["ref"] in known:
                part = _with_relevance(*known[item["ref"]])
                self.remember(here, part)
                items.append(part.value)
            else:
                values = {"name": item["ref"], "near": similar(item["ref"], known)}
                self.note("definition-ref-unknown", f"{pointer}/items/{number}/ref", **values)
        self.sections.append({**section, "items": items})

    def remember(self, at: str, part: Part) -> None:
        self.origins[at] = part.place
        self.origins |= {f"{at}/{key}": place for key, place in part.changed.items()}

    # --- what the modules bring along ------------------------------------------------------------------------------

    def lists(self, taken: list[TakenModule]) -> Json:
        """Join code lists and missing sets; the instrument's own come first, two meanings of a name are an error."""
        codelists: Json = dict(self.document.get("codelists", {}))
        missing_sets: Json = dict(self.document.get("missing_sets", {}))
        used = _used(self.sections, taken)
        replaced = {name for one in taken for name, part in one.codelists.items() if part.changed}
        for one in taken:
            for name, part in one.codelists.items():
                if name in used["codelist"] and (part.changed or name not in replaced):
                    self.join(codelists, name, part.value, part.place, "codelists")
            for name, (codes, place) in one.missing_sets.items():
                if name in used["missing"]:
                    self.join(missing_sets, name, codes, place, "missing_sets")
        return {"codelists": codelists, "missing_sets": missing_sets}

    def join(self, lists: Json, name: str, value: object, place: Place, kind: str) -> None:
        if name not in lists:
            lists[name] = value
            self.origins[f"/{kind}/{name}"] = place
        elif _meaning(lists[name]) != _meaning(value):
            first = self.origins.get(f"/{kind}/{name}", Place(file=self.file, pointer=f"/{kind}/{name}"))
            self.findings.append(finding("definition-list-conflict", place, name=name, first=str(first)))

    def checks(self, taken: list[TakenModule]) -> list[Json]:
        """Return the instrument's checks and those of the modules whose items are all there."""
        present = {item["id"] for section in self.sections for item in section["items"]}
        present |= {unit["key"] for unit in self.document["units"].values()}
        checks = list(self.document.get("checks", ()))
        for part in (part for one in taken for part in one.checks):
            if set(part.value["items"]) <= present and _names(part.value["expression"]) <= present:
                self.origins[f"/checks/{len(checks)}"] = part.place
                checks.append(part.value)
        return checks


def _with_relevance(part: Part, section: TakenSection) -> Part:
    if "relevant" in part.changed or "relevant" not in section.head.value:
        return part
    value = {**part.value, "relevant": joined(section.head.value["relevant"], part.value.get("relevant", ""))}
    return replace(part, value=value)


def _used(sections: Iterable[Json], taken: Iterable[TakenModule]) -> dict[str, set[str]]:
    items = [item for section in sections for item in section["items"]]
    used = {kind: {item[kind] for item in items if isinstance(item.get(kind), str)} for kind in ("codelist", "missing")}
    parents = {name: part.value.get("parent", "") for one in taken for name, part in one.codelists.items()}
    waiting = list(used["codelist"])
    while waiting:
        parent = parents.get(waiting.pop(), "")
        if parent and parent not in used["codelist"]:
            used["codelist"].add(parent)
            waiting.append(parent)
    return used


def _meaning(value: Any) -> list[tuple[object, ...]]:  # noqa: ANN401 (a code list or a missing set as JSON)
    codes = value["codes"] if isinstance(value, dict) else value
    return [
        (str(one["code"]), one.get("kind"), one["label"].get("en") if "label" in one else None, one.get("parent"))
        for one in codes
    ]


def _names(expression: str) -> frozenset[str]:
    try:
        return meaning.names(expression)
    except ExpressionError:
        return frozenset()
