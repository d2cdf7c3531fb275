"""What a schema cannot see: doubled names, references that lead nowhere, limits that contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from surveykit.documents import pointer
from surveykit.expressions import patterns
from surveykit.findings import Finding, Place, finding
from surveykit.questionnaire.modules import Json
from surveykit.questionnaire.places import similar, source_place
from surveykit.questionnaire.structure import option_column

Parts = tuple[object, ...]


def reference_findings(document: Json, origins: Mapping[str, Place], file: str) -> list[Finding]:
    """Return every broken reference of a flat definition that holds against its schema.

    Parameters
    ----------
    document : dict
        The flat definition.
    origins : mapping of str to Place
        Where its parts came from.
    file : str
        The instrument's own file.
    """
    checker = _Checker(document=document, origins=origins, file=file)
    for part in (checker.names, checker.units, checker.lists, checker.items, checker.rest):
        part()
    return checker.findings


@dataclass(kw_only=True)
class _Checker:
    document: Json
    origins: Mapping[str, Place]
    file: str
    findings: list[Finding] = field(default_factory=list)

    def note(self, code: str, /, *parts: object, item: str = "", **values: object) -> None:
        place = source_place(pointer(parts), self.origins, self.file, item=item)
        self.findings.append(finding(code, place, severity=None, **values))

    def unknown(self, code: str, name: str, known: Iterable[str], *parts: object, item: str = "") -> None:
        self.note(code, *parts, item=item, name=name, near=similar(name, known))

    @cached_property
    def placed(self) -> list[tuple[int, int, Json, str]]:
        """Section number, item number, item and unit of every item."""
        return [
            (number, position, item, section["unit"])
            for number, section in enumerate(self.document["sections"])
            for position, item in enumerate(section["items"])
        ]

    @cached_property
    def by_id(self) -> dict[str, tuple[Json, str]]:
        return {item["id"]: (item, unit) for _, _, item, unit in self.placed}

    def codelist(self, item: Json) -> Json | None:
        listed = item.get("codelist")
        return listed if isinstance(listed, dict) else self.document.get("codelists", {}).get(listed)

    def place_name(self, *parts: object) -> str:
        return str(source_place(pointer(parts), self.origins, self.file))

    # --- names -----------------------------------------------------------------------------------------------------

    def names(self) -> None:
        """Report ids, columns, sections and checks that are there twice, capital letters or not."""
        ids = [(item["id"], ("sections", s, "items", i, "id")) for s, i, item, _ in self.placed]
        self.doubled("definition-id-twice", ids, str.casefold)
        units = {name.casefold() for name in self.document["units"]}
        for name, parts in ids:
            if name.casefold() in units:
                self.note("definition-id-is-unit", *parts, item=name, name=name)
        self.doubled("definition-column-twice", self.columns(), str.casefold, but={name for name, _ in ids})
        sections = (
            (section["id"], ("sections", number, "id")) for number, section in enumerate(self.document["sections"])
        )
        self.doubled("definition-section-twice", sections, str.casefold)
        self.doubled("definition-check-twice", self.checks(), str)

    def checks(self) -> Iterator[tuple[str, Parts]]:
        for number, check in enumerate(self.document.get("checks", ())):
            yield check["id"], ("checks", number, "id")
        for s, i, item, _ in self.placed:
            for number, check in enumerate(item.get("checks", ())):
                yield check["id"], ("sections", s, "items", i, "checks", number, "id")

    def columns(self) -> list[tuple[str, Parts]]:
        """Return every column of the data with the place that makes it."""
        found: list[tuple[str, Parts]] = []
        for s, i, item, _ in self.placed:
            here = ("sections", s, "items", i)
            var = str(item.get("var", item["id"]))
            found.append((var, (*here, "var" if "var" in item else "id")))
            listed = self.codelist(item) if item["type"] == "select_multiple" else None
            found += (
                [(option_column(var, one["code"]), (*here, "codelist")) for one in listed["codes"]] if listed else []
            )
        lines = {value["key"] for value in self.document["units"].values() if value.get("parent")}
        return found + [(key, ("units",)) for key in sorted(lines)]

    def doubled(
        self,
        code: str,
        named: Iterable[tuple[str, Parts]],
        same: Callable[[str], str],
        but: Iterable[str] = (),
    ) -> None:
        seen: dict[str, Parts] = {}
        known = set(but)
        for name, parts in named:
            first = seen.setdefault(same(name), parts)
            if first is not parts and not (name in known and first[-1] == "id" and parts[-1] == "id"):
                self.note(code, *parts, name=name, first=self.place_name(*first))

    # --- units -----------------------------------------------------------------------------------------------------

    def units(self) -> None:
        """Report units that hang in the air."""
        units = self.document["units"]
        tops = [name for name, unit in units.items() if not unit.get("parent")]
        for name in tops[1:] or ([] if tops else list(units)[:1]):
            self.note("definition-unit-top", "units", name, name=name, first=tops[0] if tops else "none")
        for name, unit in units.items():
            self.unit(name, unit)
        for number, section in enumerate(self.document["sections"]):
            if section["unit"] not in units:
                self.unknown("definition-unit-unknown", section["unit"], units, "sections", number, "unit")

    def unit(self, name: str, unit: Json) -> None:
        here = ("units", name)
        units = self.document["units"]
        parent = unit.get("parent", "")
        if parent and parent not in units:
            self.unknown("definition-unit-unknown", parent, units, *here, "parent")
        elif parent and name in _above(name, units):
            self.note("definition-unit-circle", *here, "parent", name=name, parent=parent)
        if not parent:
            self.key(name, unit)
        elif ("roster" in unit) == ("selection" in unit):
            self.note("definition-unit-rows", *here, name=name)
        roster = unit.get("roster", {})
        if roster.get("min", 0) > roster.get("max", 0):
            self.note("definition-roster-order", *here, "roster", "min", min=roster["min"], max=roster["max"])
        if "selection" in unit:
            self.selection(name, unit)

    def key(self, name: str, unit: Json) -> None:
        item, owner = self.by_id.get(unit["key"], (None, ""))
        if item is None:
            ids = [one for one, (found, _) in self.by_id.items() if found["type"] == "id"]
            self.unknown("definition-key-unknown", unit["key"], ids, "units", name, "key")
        elif item["type"] != "id" or owner != name:
            self.note("definition-key-type", "units", name, "key", name=unit["key"], type=item["type"], unit=name)

    def selection(self, name: str, unit: Json) -> None:
        selection = unit["selection"]
        here = ("units", name, "selection")
        rosters = [one for one, value in self.document["units"].items() if "roster" in value]
        roster = selection["roster"]
        if roster not in rosters:
            self.unknown("definition-roster-unknown", roster, rosters, *here, "roster")
            return
        source = self.document["units"][roster]
        if source.get("parent") != unit.get("parent"):
            self.note("definition-selection-parent", *here, "roster", unit=name, roster=roster)
        if source["key"] != unit["key"]:
            self.note(
                "definition-selection-key", "units", name, "key", unit=name, found=unit["key"], expected=source["key"]
            )
        owned = [one for one, (_, owner) in self.by_id.items() if owner == roster]
        for number, order in enumerate(selection.get("order_by", ())):
            if order.removeprefix("-") not in owned:
                self.unknown("definition-item-unknown", order.removeprefix("-"), owned, *here, "order_by", number)

    # --- code lists and missing sets -------------------------------------------------------------------------------

    def lists(self) -> None:
        """Report codes that are there twice and parents that are not there."""
        for name, value in self.document.get("codelists", {}).items():
            self.codes(value, "codelists", name)
        for s, i, item, _ in self.placed:
            if isinstance(item.get("codelist"), dict):
                self.codes(item["codelist"], "sections", s, "items", i, "codelist")
        for name, codes in self.document.get("missing_sets", {}).items():
            self.doubled("definition-code-twice", _coded(codes, "missing_sets", name), str.casefold)

    def codes(self, value: Json, *here: object) -> None:
        self.doubled("definition-code-twice", _coded(value["codes"], *here, "codes"), str.casefold)
        parent = value.get("parent")
        lists = self.document.get("codelists", {})
        if parent and parent not in lists:
            self.unknown("definition-codelist-unknown", parent, lists, *here, "parent")
            return
        parents = [str(one["code"]) for one in lists[parent]["codes"]] if parent else []
        for number, option in enumerate(value["codes"]):
            if parent and str(option.get("parent", "")) not in parents:
                found = option.get("parent", "nothing")
                values = {"code": option["code"], "found": found, "parent": parent}
                self.note("definition-code-parent", *here, "codes", number, **values)

    # --- items -----------------------------------------------------------------------------------------------------

    def items(self) -> None:
        """Report what items refer to in vain and limits that contradict each other."""
        for s, i, item, _ in self.placed:
            here = ("sections", s, "items", i)
            for problem in (self.lists_of, self.limits, self.links, self.pattern):
                problem(item, here)

    def lists_of(self, item: Json, here: Parts) -> None:
        listed, missing = item.get("codelist"), item.get("missing")
        lists, sets = self.document.get("codelists", {}), self.document.get("missing_sets", {})
        if isinstance(listed, str) and listed not in lists:
            self.unknown("definition-codelist-unknown", listed, lists, *here, "codelist", item=item["id"])
        if missing and missing not in sets:
            self.unknown("definition-missing-unknown", missing, sets, *here, "missing", item=item["id"])
        real = {str(one["code"]) for one in (self.codelist(item) or {"codes": ()})["codes"]}
        for one in sets.get(missing, ()):
            if str(one["code"]) in real:
                values = {"code": one["code"], "set": missing, "kind": one["kind"]}
                self.note("definition-missing-is-code", *here, "missing", item=item["id"], **values)

    def limits(self, item: Json, here: Parts) -> None:
        limits = item.get("range", {})
        order = ("min", "warn_below", "warn_above", "max")
        given = [(name, limits[name]) for name in order if name in limits]
        for (low, found), (high, limit) in pairwise(given):
            if found > limit:
                values = {"low": low, "found": found, "high": high, "limit": limit}
                self.note("definition-range-order", *here, "range", low, item=item["id"], **values)

    def links(self, item: Json, here: Parts) -> None:
        for key in ("other_of", "cascade"):
            if key in item and item[key] not in self.by_id:
                self.unknown("definition-item-unknown", item[key], self.by_id, *here, key, item=item["id"])
            elif key in item:
                self.linked(key, item, here)

    def linked(self, key: str, item: Json, here: Parts) -> None:
        target = self.by_id[item[key]][0]
        listed = self.codelist(target)
        if key == "other_of" and not any(one.get("other") for one in (listed or {"codes": ()})["codes"]):
            self.note("definition-other-target", *here, key, item=item["id"], name=item[key])
        own = self.codelist(item)
        if key == "cascade" and own and target.get("codelist") != own.get("parent"):
            expected = own.get("parent", "a list that names it as parent")
            found = target.get("codelist", target["type"])
            self.note("definition-cascade", *here, key, item=item["id"], name=item[key], found=found, expected=expected)

    def pattern(self, item: Json, here: Parts) -> None:
        try:
            patterns.elements(item.get("pattern", ""))
        except patterns.PatternError as error:
            values = {"found": item["pattern"], "reason": str(error)}
            self.note("definition-pattern", *here, "pattern", item=item["id"], **values)

    # --- checks, design, dates -------------------------------------------------------------------------------------

    def rest(self) -> None:
        """Report what checks, design and interview date refer to in vain."""
        for number, check in enumerate(self.document.get("checks", ())):
            for position, name in enumerate(check["items"]):
                if name not in self.by_id:
                    self.unknown("definition-item-unknown", name, self.by_id, "checks", number, "items", position)
            if "unit" in check and check["unit"] not in self.document["units"]:
                self.unknown("definition-unit-unknown", check["unit"], self.document["units"], "checks", number, "unit")
        for number, one in enumerate(self.document.get("notices", {}).get("referral", ())):
            if "unit" in one and one["unit"] not in self.document["units"]:
                here = ("notices", "referral", number, "unit")
                self.unknown("definition-unit-unknown", one["unit"], self.document["units"], *here)
        for key, parts in self.design():
            columns = {str(item.get("var", item["id"])) for item, _ in self.by_id.values()}
            if key not in columns:
                self.unknown("definition-design-column-unknown", key, columns, "design", *parts)
        day = self.document.get("interview_date")
        if day and self.by_id.get(day, ({"type": "nothing"},))[0]["type"] != "date":
            dates = [name for name, (item, _) in self.by_id.items() if item["type"] == "date"]
            self.unknown("definition-interview-date-unknown", day, dates, "interview_date")

    def design(self) -> Iterator[tuple[str, Parts]]:
        for role in ("strata", "clusters", "weights", "fpc"):
            value: Any = self.document.get("design", {}).get(role, ())
            if isinstance(value, str):
                yield value, (role,)
            else:
                yield from ((one, (role, number)) for number, one in enumerate(value) if one is not None)


def _coded(codes: Iterable[Json], *here: object) -> Iterator[tuple[str, Parts]]:
    return ((str(one["code"]), (*here, number, "code")) for number, one in enumerate(codes))


def _above(name: str, units: Mapping[str, Json]) -> set[str]:
    found: set[str] = set()
    while (name := units.get(name, {}).get("parent", "")) and name not in found:
        found.add(name)
    return found
