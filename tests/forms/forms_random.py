"""Definitions made at random, with what has broken forms before: names like cells, odd titles, strange texts."""

from __future__ import annotations

import random
from typing import Any

NAMES = ["BD1", "BP1", "AGE1", "R", "C", "R1C1", "TRUE", "x", "XFD1", "Q_1", "a", "A_x", "L_yes", "W_todo", "_", "ID1"]
TEXTS = [
    "How many?", "= 1+1", "+82", "-x", "@home", '"quoted", with commas', "it's", "<b>&amp;</b> & co", "#N/A", "_x0041_",
    "첫 번째 줄\n둘째 줄", "나이(만)는 몇 살입니까?", "  spaces  ", "emoji 🩺", "* ? ~ wildcards", "{0} {named} %s",
    "e\u0301 combining", "tab\there",
]  # fmt: skip
TITLES = [
    "A/B: [x]?*", "History", "'quoted'", "a" * 60, "가" * 40, "Part", "part", "Guide", "Codes", "=SUM(A1)", "&P of &N",
]  # fmt: skip
LANGUAGES = ["en", "ko", "ko-KP", "mn-Cyrl"]


def definition(seed: int) -> dict[str, Any]:
    """Return one definition; not each is valid, and not each valid one fits Excel."""
    chance = random.Random(seed)
    maker = _Maker(chance)
    units: dict[str, Any] = {"top": {"label": maker.text(), "key": "KEY"}}
    if chance.random() < 0.6:
        roster = {"min": chance.choice([0, 1]), "max": chance.randint(1, 4)}
        units["row"] = {"label": maker.text(), "parent": "top", "key": "row_line", "roster": roster}
    sections = [maker.section(number, "top", first=number == 0) for number in range(chance.randint(1, 4))]
    if "row" in units:
        place = chance.randint(1, len(sections))
        sections[place:place] = [maker.section(10 + number, "row") for number in range(chance.randint(1, 2))]
    return {
        "type": "questionnaire", "id": f"random-{seed}", "version": "1.0.0", "text_version": "1.0.0",
        "title": maker.text(), "languages": maker.languages, "minutes": 5,
        "licence": "CC BY 4.0", "source": "own wording",
        "units": units,
        "missing_sets": {
            "few": [{"code": 97, "kind": "na"}, {"code": 99, "kind": "dk"}], "none": [{"code": -9, "kind": "refused"}],
        },
        "codelists": maker.codelists, "sections": sections,
    }  # fmt: skip


class _Maker:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.languages = chance.sample(LANGUAGES, chance.randint(1, 3))
        self.codelists: dict[str, Any] = {}
        self.used: set[str] = {"key"}
        self.known: dict[str, list[tuple[str, str]]] = {"top": [], "row": []}

    def text(self, longest: int = 80) -> dict[str, str]:
        chance = self.chance
        made = {}
        for language in self.languages:
            words = " ".join(chance.choice(TEXTS) for _ in range(chance.randint(1, 3)))
            made[language] = words[: chance.randint(1, longest)].strip() or "x"
        return made

    def section(self, number: int, unit: str, *, first: bool = False) -> dict[str, Any]:
        chance = self.chance
        key = {"id": "KEY", "type": "id", "label": self.text(), "prefill": chance.random() < 0.5, "max_length": 12}
        section: dict[str, Any] = {
            "id": f"S{number}",
            "title": {language: chance.choice(TITLES) for language in self.languages},
            "unit": unit,
            "items": [key] if first else [],
        }
        if chance.random() < 0.3:
            section["relevant"] = self.rule(unit)
        section = {name: value for name, value in section.items() if value != ""}
        for extra in ("respondent", "instruction"):
            if chance.random() < 0.3:
                section[extra] = self.text(300)
        section["items"] += [self.item(unit) for _ in range(chance.randint(1, 6))]
        return section

    def item(self, unit: str) -> dict[str, Any]:
        chance = self.chance
        name = f"{chance.choice(NAMES).lstrip('_') or 'n'}{chance.choice(['', '', '_2', '_row'])}"
        while name.casefold() in self.used:
            name = f"{name}{chance.randint(0, 9)}"
        self.used.add(name.casefold())
        kind = chance.choice(
            ["integer", "decimal", "text", "id", "date", "select_one", "select_one", "select_multiple"]
        )
        item: dict[str, Any] = {"id": name, "type": kind, "label": self.text(chance.choice([20, 100, 600]))}
        if chance.random() < 0.4:
            item["relevant"] = self.rule(unit, chance.choice([1, 2, 5]))
        item |= self._details(kind)
        for extra in ("hint", "instruction"):
            if chance.random() < 0.2:
                item[extra] = self.text(400)
        if chance.random() < 0.2 and (rule := self.rule(unit, 3)):
            severity = chance.choice(["error", "warning"])
            item["checks"] = [
                {"id": f"{name}.check", "severity": severity, "expression": rule, "message": self.text(600)}
            ]
        self.known[unit].append((name, kind))
        return {key: value for key, value in item.items() if value != ""}

    def _details(self, kind: str) -> dict[str, Any]:
        chance = self.chance
        if kind in {"select_one", "select_multiple"}:
            return {
                "codelist": self.codelist(),
                "missing": chance.choice(["few", "none", ""]),
                "required": chance.random() < 0.8,
            }
        if kind in {"integer", "decimal"}:
            low = chance.choice([-20, 0, 1, 100])
            limits = {"min": low, "max": low + chance.choice([1, 60, 5000])}
            return {"range": limits, "missing": chance.choice(["few", ""]) if limits["max"] < 97 else ""}
        if kind == "date":
            return {"range": {"min": "2020-01-01", "max": "2030-12-31"}}
        return {"max_length": chance.choice([1, 12, 200])}

    def codelist(self) -> str:
        chance = self.chance
        if self.codelists and chance.random() < 0.5:
            return chance.choice(list(self.codelists))
        count = chance.choice([2, 2, 5, 5, 17, 60, 300])
        if chance.random() < 0.9:
            codes: list[Any] = list(range(1, count + 1)) if count < 97 else [*range(1, 97), *range(1000, 1000 + count)]
        else:
            codes = [f"C{number}" for number in range(count)]
        name = f"{chance.choice(['yes', 'BD1', 'list', 'TRUE'])}_{len(self.codelists)}"
        listed = [{"code": code, "label": self.text(chance.choice([10, 60, 250]))} for code in codes]
        if chance.random() < 0.3:
            listed[-1]["exclusive"] = True
        self.codelists[name] = {"version": "1.0.0", "codes": listed}
        return name

    def rule(self, unit: str, depth: int = 2) -> str:
        chance = self.chance
        known = [
            one
            for one in [*self.known["top"], *self.known[unit]]
            if one[1] in {"integer", "decimal", "date", "text", "id"}
        ]
        if not known:
            return ""
        if depth and chance.random() < 0.5:
            left, right = self.rule(unit, depth - 1), self.rule(unit, depth - 1)
            return chance.choice([f"({left}) and ({right})", f"({left}) or ({right})", f"not ({left})"])
        name, kind = chance.choice(known)
        number = chance.choice([0, 1, 40, 120])
        plain = [f"{name} is answered", f"{name} is missing"]
        rules = {
            "integer": [f"{name} >= {number}", f"{name} between {number} and 50", f"{name} in (1, 2, 3)"],
            "decimal": [f"{name} > {number}.5", f"{name} * 2 < {number}"],
            "date": [f"{name} > date('2024-02-29')", f"year({name}) == 2024"],
        }  # fmt: skip
        return chance.choice([*rules.get(kind, []), *plain])
