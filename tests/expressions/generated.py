"""Written cases, and random typed expressions and answers (blanks and missing codes included) for all backends."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path

from surveykit.expressions import meaning
from surveykit.expressions.meaning import Symbol

TODAY = date(2026, 3, 2)

SYMBOLS = (
    Symbol(name="age", kind="number", integer=True, missing={888: "refused", 999: "dk"}),
    Symbol(name="weight", kind="number", missing={999: "dk"}),
    Symbol(name="change", kind="number"),
    Symbol(name="visits", kind="number", integer=True, missing={99: "dk", 88: "na"}),
    Symbol(name="smoking", kind="code", codes={1: {"en": "Daily"}, 2: {"en": "Sometimes"}, 3: {"en": "Never"}},
           missing={8: "na", 9: "dk"}),
    Symbol(name="before", kind="code", codes={1: {"en": "Daily"}, 2: {"en": "Sometimes"}, 3: {"en": "Never"}},
           missing={8: "na", 9: "dk"}),
    Symbol(name="province", kind="code", codes={"A1": {"en": "North"}, "B2": {"en": "South"}, "07": {"en": "East"}},
           missing={"ZZ": "refused"}),
    Symbol(name="illness", kind="codes", codes={1: {}, 2: {}, 3: {}, 11: {}}, missing={99: "dk", 88: "not_stated"}),
    Symbol(name="name", kind="text"),
    Symbol(name="serial", kind="text", missing={"999": "not_asked"}),
    Symbol(name="born", kind="date"),
    Symbol(name="visited", kind="date"),
    Symbol(name="pregnant", kind="boolean"),
)  # fmt: skip
MEMBERS = (
    Symbol(name="m_age", kind="number", integer=True, missing={999: "dk"}),
    Symbol(name="m_income", kind="number", missing={9999: "refused"}),
    Symbol(name="m_sex", kind="code", codes={1: {"en": "Male"}, 2: {"en": "Female"}}, missing={9: "dk"}),
)
SCOPE = meaning.scope(SYMBOLS, this="age", members=meaning.scope(MEMBERS))

_ANSWERS = {
    "age": [*range(0, 90, 7), 18, 19, 20, 65, 888, 999],
    "weight": [0, 0.5, 3.25, 45.75, 60, 72.5, 99.75, 120, 999],
    "change": [-4, -2.5, -1, -0.25, 0, 0.25, 1, 2.5, 8],
    "visits": [0, 1, 2, 3, 7, 12, 88, 99],
    "smoking": [1, 2, 3, 8, 9],
    "before": [1, 2, 3, 8, 9],
    "province": ["A1", "B2", "07", "ZZ"],
    "illness": ["1", "2", "11", "1 2", "1 3 11", "2 3", "1 2 3 11", "99", "88"],
    "name": ["Kim", "kim", "홍길동", "12", "-3.5", "0.25", "1e3", "A-1", "x y", " ", "07"],
    "serial": ["0012", "12", "A1", "999", "2026", "B2"],
    "born": [date(1900, 5, 1), date(1947, 12, 31), date(2000, 2, 29), date(2004, 2, 29), date(2008, 3, 1),
             date(2021, 1, 1), date(2026, 3, 2), date(2030, 6, 6)],
    "visited": [date(2025, 2, 28), date(2025, 3, 1), date(2026, 3, 1), date(2026, 12, 31)],
    "pregnant": [True, False],
    "m_age": [0, 4, 17, 19, 45, 80, 999],
    "m_income": [0, 12.5, 300, 1000.25, 9999],
    "m_sex": [1, 2, 9],
}  # fmt: skip

_PROVINCES = ["'A1'", "'07'"]
_NAMES = ["'12'", "'Kim'"]
_SERIALS = ["[0-9]{4}", r"\d{2,4}", r"[A-Z]?\d{1,3}", r"[^0-9]\w{0,4}"]
_WRITTEN = ["[가-힣]{2,4}", "[A-Za-z]{3}", r"-?\d{1,3}", ".{2}"]
_DAYS = ["visited", "today()", "date('2004-02-29')", "'2000-02-29'"]


def cases(name: str) -> list[dict]:
    """Written cases of ``cases/<name>.json``."""
    return json.loads((Path(__file__).parent / "cases" / f"{name}.json").read_text(encoding="utf-8"))


def records(count: int, seed: int) -> list[dict]:
    """Answers to all items, about one in seven blank; None is blank."""
    rng = random.Random(seed)
    return [{one.name: _answer(rng, one.name) for one in SYMBOLS} for _ in range(count)]


def member_rows(count: int, seed: int) -> list[list[dict]]:
    """Up to four members for each record."""
    rng = random.Random(seed)
    return [
        [{one.name: _answer(rng, one.name) for one in MEMBERS} for _ in range(rng.choice([0, 1, 2, 2, 3, 4]))]
        for _ in range(count)
    ]


def expressions(count: int, seed: int, *, rosters: bool = True) -> list[meaning.Typed]:
    """Random conditions, each over the items of ``SYMBOLS`` and the members."""
    rng = random.Random(seed)
    made = _Maker(rng, rosters=rosters)
    return [meaning.compile(made.truth(rng.choice([1, 2, 2, 2, 3, 3])), SCOPE, gives="boolean") for _ in range(count)]


def calculations(count: int, seed: int) -> list[meaning.Typed]:
    """Random numbers, texts, codes and dates."""
    made = _Maker(random.Random(seed), rosters=True)
    others = [made.text_value, made.code_value, made.day_value, made.row_value]
    texts = [made.number(3) if number % 2 else made.rng.choice(others)() for number in range(count)]
    return [meaning.compile(text, SCOPE) for text in texts]


def _answer(rng: random.Random, name: str):
    return None if rng.random() < 0.15 else rng.choice(_ANSWERS[name])


class _Maker:
    def __init__(self, rng: random.Random, *, rosters: bool) -> None:
        self.rng = rng
        self.rosters = rosters
        self.inside = False

    def truth(self, depth: int) -> str:
        if depth > 1 and self.rng.random() < 0.75:
            parts = [self.truth(depth - 1) for _ in range(self.rng.choice([2, 2, 3]))]
            return self.rng.choice([
                lambda: "(" + " and ".join(parts) + ")",
                lambda: "(" + " or ".join(parts) + ")",
                lambda: f"not ({parts[0]})",
                lambda: f"if({parts[0]}, {parts[1]}, {parts[-1]})",
                lambda: f"coalesce({parts[0]}, {parts[1]})",
                lambda: f"(({parts[0]}) {self.rng.choice(['==', '!='])} ({parts[1]}))",
            ])()  # fmt: skip
        return self.rng.choice(
            [self.compare, self.compare, self.number_in, self.code, self.code, self.state, self.text, self.day,
             self.chosen, self.judged if self.rosters and not self.inside else self.compare]
        )()  # fmt: skip

    def compare(self) -> str:
        sign = self.rng.choice(["==", "!=", "<", "<=", ">", ">="])
        if self.rng.random() < 0.2:
            return f"{self.number(1)} between {self.number(0)} and {self.number(0)}"
        return f"{self.number(2)} {sign} {self.number(1)}"

    def number_in(self) -> str:
        denied = self.rng.choice(["", "not "])
        listed = self.rng.choice(["0, 1, 7, -1, 2", "0, visits, 2.5", "change, 14"])
        return f"{self.rng.choice(['age', 'visits', 'change', 'int(weight)'])} {denied}in ({listed})"

    def code(self) -> str:
        rng = self.rng
        return rng.choice([
            lambda: f"{rng.choice(['smoking', 'before'])} {rng.choice(['==', '!='])} {rng.choice([1, 2, 3])}",
            lambda: f"smoking {rng.choice(['==', '!='])} before",
            lambda: f"{rng.choice([1, 2])} {rng.choice(['==', '!=', '<', '>='])} smoking",
            lambda: f"'B2' {rng.choice(['==', '!='])} province",
            lambda: f"smoking {rng.choice(['', 'not '])}in (before, 2)",
            lambda: f"smoking {rng.choice(['<', '<=', '>', '>='])} {rng.choice([1, 2, 3])}",
            lambda: f"smoking {rng.choice(['', 'not '])}in (1, {rng.choice([2, 3])})",
            lambda: f"before between 2 and {rng.choice([2, 3])}",
            lambda: f"province {rng.choice(['==', '!='])} {rng.choice(_PROVINCES)}",
            lambda: f"province {rng.choice(['', 'not '])}in ('B2', '07')",
            lambda: f"if(pregnant, smoking, before) {rng.choice(['==', '!='])} 2",
            lambda: f"coalesce(smoking, before) {rng.choice(['==', '!='])} 1",
            lambda: f"label(smoking) {rng.choice(['==', '!='])} 'Daily'",
            lambda: rng.choice(["m_sex == 1", "m_sex != 2", "m_age >= 18"]) if self.inside else "selected(before, 3)",
        ])()  # fmt: skip

    def state(self) -> str:
        rng = self.rng
        return rng.choice([
            lambda: f"{rng.choice([one.name for one in SYMBOLS])} is {rng.choice(['missing', 'answered'])}",
            lambda: f"{rng.choice(['age', 'smoking', 'illness', 'visits'])} is {rng.choice(['dk', 'not dk'])}",
            lambda: rng.choice(["is_refused(province)", "is_na(smoking)", "serial is not_asked"]),
            lambda: "illness is not_stated",
            lambda: f"missing({self.number(1)})",
        ])()  # fmt: skip

    def text(self) -> str:
        rng = self.rng
        sign = rng.choice(["==", "!="])
        return rng.choice([
            lambda: f"{rng.choice(['name', 'serial'])} {rng.choice(['==', '!='])} {rng.choice(_NAMES)}",
            lambda: f"name {rng.choice(['==', '!='])} serial",
            lambda: f"'kim' {rng.choice(['==', '!='])} name",
            lambda: f"name {rng.choice(['', 'not '])}in ('kim', '07', 'x y')",
            lambda: f"matches(serial, '{rng.choice(_SERIALS)}')",
            lambda: f"matches(name, '{rng.choice(_WRITTEN)}')",
            lambda: f"concat(serial, '-', {rng.choice(['age', 'smoking', 'province'])}) {sign} '12-2'",
            lambda: "if(pregnant, name, serial) == coalesce(serial, '12')",
        ])()  # fmt: skip

    def day(self) -> str:
        rng = self.rng
        sign = rng.choice(["==", "!=", "<", "<=", ">", ">="])
        return rng.choice([
            lambda: f"born {sign} {rng.choice(_DAYS)}",
            lambda: f"age(born, visited) {sign} {rng.choice([0, 20, 21, 25])}",
            lambda: f"age(born) {sign} {rng.choice([18, 22, 26])}",
            lambda: f"max(born, visited) {sign} today()",
            lambda: f"coalesce(visited, born) {sign} date('2025-03-01')",
        ])()  # fmt: skip

    def chosen(self) -> str:
        rng = self.rng
        return rng.choice([
            lambda: f"selected(illness, {rng.choice([1, 2, 3, 11])})",
            lambda: f"not selected(illness, {rng.choice([1, 3])})",
            lambda: f"count_selected(illness) {rng.choice(['==', '>', '<='])} {rng.choice([1, 2, 3])}",
            lambda: rng.choice(["pregnant", "pregnant == true", "pregnant != false", "pregnant == (age > 20)"]),
        ])()  # fmt: skip

    def judged(self) -> str:
        rng = self.rng
        self.inside = True
        condition = rng.choice([
            lambda: f"m_age >= {rng.choice([5, 18, 19])} and m_sex == {rng.choice([1, 2])}",
            lambda: f"m_income > {rng.choice([0, 100, 300])}",
            lambda: "m_age > age",
            lambda: "members.m_age is missing or m_sex != 2",
            lambda: self.truth(2),
        ])()  # fmt: skip
        self.inside = False
        return rng.choice([
            lambda: f"any(members where {condition})",
            lambda: f"all(members where {condition})",
            lambda: f"count(members where {condition}) {rng.choice(['==', '>', '<='])} {rng.choice([0, 1, 2])}",
            lambda: f"count(members) > {rng.choice([0, 1, 2])}",
            lambda: f"sum(members.m_income) {rng.choice(['<', '>='])} {rng.choice([100, 600])}",
            lambda: f"{rng.choice(['min', 'max', 'mean'])}(members.m_age where {condition}) > {rng.choice([17, 30])}",
            lambda: f"sum(members.m_age where {condition}) > {rng.choice([17, 30])}",
            lambda: f"max(members.m_income where m_income is answered) <= {rng.choice([300, 1000])}",
        ])()  # fmt: skip

    def number(self, depth: int) -> str:
        rng = self.rng
        if depth == 0 or rng.random() < 0.4:
            return rng.choice(
                ["age", "weight", "change", "visits", "this", str(rng.choice([0, 1, 2, 7, 19, 60])), "0.25"]
            )
        return rng.choice([
            lambda: f"({self.number(depth - 1)} {rng.choice('+-*/')} {self.number(depth - 1)})",
            lambda: f"{rng.choice(['min', 'max', 'sum', 'mean'])}({self.number(0)}, {self.number(0)})",
            lambda: f"coalesce({self.number(depth - 1)}, {self.number(0)})",
            lambda: f"if({self.compare()}, {self.number(0)}, {self.number(0)})",
            lambda: f"{rng.choice(['abs', 'int', 'round', '-'])}({self.number(depth - 1)})",
            lambda: f"round({self.number(depth - 1)}, {rng.choice([0, 1, 2])})",
            lambda: rng.choice(["number(smoking)", "number(name)", "number(serial)", "length(name)", "length(serial)"]),
            lambda: rng.choice(["year(born)", "month(born)", "day(visited)", "days_between(born, visited)"]),
        ])()  # fmt: skip

    def text_value(self) -> str:
        return self.rng.choice(
            ["name", "concat(serial, '/', age)", "label(before)", "if(pregnant, name, label(smoking))", "'plain'",
             "coalesce(serial, name)", "concat(province, smoking, int(change))"]
        )  # fmt: skip

    def code_value(self) -> str:
        return self.rng.choice(["smoking", "coalesce(before, smoking)", "if(pregnant, smoking, 3)", "province"])

    def day_value(self) -> str:
        return self.rng.choice(["born", "coalesce(visited, born)", "max(born, visited)", "today()"])

    def row_value(self) -> str:
        function = self.rng.choice(["sum", "min", "max", "mean"])
        return self.rng.choice(
            [f"{function}(members.m_age)", f"{function}(members.m_income where m_sex == 1)", "count(members) + 1"]
        )
