"""Expressions as sentences for those who read a form: "if Q12 is 2 or 3", in each language.

Wordings are data (``phrases.json``): another language is another entry there. Korean is written so that no particle
depends on the sound before it: the answer, not the number or label, carries the particle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from surveykit.expressions import agreement
from surveykit.expressions.meaning import Symbol, Typed
from surveykit.expressions.nodes import (
    OPPOSITE,
    Aggregate,
    And,
    Answer,
    Arithmetic,
    Between,
    Call,
    Compare,
    In,
    Is,
    Literal,
    Negative,
    Node,
    Not,
    Or,
    Today,
)

_COMPARISONS: Final = {"<": "less", "<=": "most", ">": "more", ">=": "least", "==": "equal", "!=": "differ"}
_DATES: Final = {"<": "before", "<=": "until", ">": "after", ">=": "from"}
_SIGNS: Final = {"+": "+", "-": "−", "*": "×", "/": "÷"}


class Clause(NamedTuple):
    """A part of a sentence and how it ends: Korean endings change with what follows."""

    stem: str
    ending: str = "is"


def sentence(
    typed: Typed,
    language: str = "en",
    *,
    labels: bool = False,
    units: Mapping[str, str] | None = None,
) -> str:
    """Return a condition as a sentence, or a calculation as words.

    Parameters
    ----------
    typed : Typed
        Any expression.
    language : str
        BCP 47 tag; what is not worded in it comes from its base language, then from English.
    labels : bool
        Whether codes are followed by their labels.
    units : mapping of str to str, optional
        Names of rosters in that language, by roster.

    Returns
    -------
    str
        For a condition the whole clause, such as "if Q12 is 2 or 3"; for a calculation its words.
    """
    speaker = _Speaker(words=_words(language), language=language, labels=labels, units=units or {})
    if typed.kind != "boolean":
        return speaker.value(typed.node)
    return str(speaker.words["frame"].format(condition=speaker.final(typed.node)))


def condition(typed: Typed, language: str = "en") -> str:
    """Return a condition as it stands before a noun or behind "for whom", for those who read tables.

    Parameters
    ----------
    typed : Typed
        A condition.
    language : str
        BCP 47 tag, as in :func:`sentence`.

    Returns
    -------
    str
        Codes are told by their labels alone, such as "“Sex” is Women"; readers of a table do not know codes.
    """
    words = {**_words(language), "coded": "{label}"}
    return _Speaker(words=words, language=language, labels=True).final(typed.node)


@cache
def _words(language: str) -> Mapping[str, Any]:
    known = json.loads((files("surveykit.expressions") / "phrases.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = {}
    for tag in ("en", language.split("-", maxsplit=1)[0], language):
        for key, value in known.get(tag, {}).items():
            # Endings belong together; all else is completed entry by entry.
            merged = isinstance(value, dict) and key != "endings"
            found[key] = found.get(key, {}) | value if merged else value
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Speaker:
    words: Mapping[str, Any]
    language: str
    labels: bool
    units: Mapping[str, str] = field(default_factory=dict)

    def ended(self, clause: Clause, form: str) -> str:
        """Return a clause with the ending of its place: final, before "and", before "or", or as a noun."""
        return f"{clause.stem}{self.words['endings'][clause.ending][form]}".strip()

    def clause(self, node: Node, *, wanted: bool, nested: bool = False) -> Clause:
        """Return a condition, or its opposite, as a clause."""
        match node:
            case Not(part=part):
                return self.clause(part, wanted=not wanted, nested=nested)
            case And(parts=parts) | Or(parts=parts):
                return self.joined(parts, "and" if isinstance(node, And) is wanted else "or", wanted, nested=nested)
            case Literal(value=value):
                return self.said("always" if bool(value) is wanted else "never")
            case Answer():
                return self.about("true" if wanted else "false", node)
            case Is(value=value, state=state):
                return self.state(value, state, wanted=wanted)
            case Compare() | Between() | In():
                return self.comparison(node, wanted=wanted)
            case Aggregate(function=function, roster=roster, where=where):
                names = {"any": ("any", "none"), "all": ("all", "not_all")}[function]
                condition = self.final(where) if where is not None else ""
                return self.said(names[0] if wanted else names[1], a=condition, b=self.unit(roster))
            case Call():
                return self.called(node, wanted=wanted)
            case _:
                message = f"{type(node).__name__} is no condition"
                raise TypeError(message)

    def joined(self, parts: tuple[Node, ...], join: str, wanted: bool, *, nested: bool) -> Clause:  # noqa: FBT001 (passed on)
        """Return clauses joined by "and" or "or"; in brackets where they stand inside others."""
        *others, last = [self.clause(part, wanted=wanted, nested=True) for part in parts]
        before = [self.ended(one, join) for one in others]
        if not nested:
            return Clause(self.words[join].join([*before, last.stem]), last.ending)
        inner = self.words[join].join([*before, self.ended(last, "noun")])
        return Clause(self.words["group"].format(inner=inner))

    def comparison(self, node: Compare | Between | In, *, wanted: bool) -> Clause:
        """Return a comparison."""
        match node:
            case Compare(operator=("==" | "!=") as sign, left=left, right=right) if left.kind == "boolean":
                return self.agreeing(left, right, same=(sign == "==") is wanted)
            case Compare(operator=operator, left=left, right=right):
                names = _COMPARISONS | (_DATES if left.kind == "date" else {})
                return self.about(
                    names[operator if wanted else OPPOSITE[operator]], left, b=self.value(right, beside=left)
                )
            case Between(value=value, low=low, high=high):
                ends = {"b": self.value(low, beside=value), "c": self.value(high, beside=value)}
                return self.about("between" if wanted else "outside", value, **ends)
            case In(value=value, options=options):
                listed = self.listed([self.value(option, beside=value) for option in options], self.words["last"])
                return self.about("equal" if wanted else "differ", value, b=listed)

    def agreeing(self, left: Node, right: Node, *, same: bool) -> Clause:
        """Return that two conditions hold together, or not together."""
        if isinstance(right, Literal):
            return self.clause(left, wanted=bool(right.value) is same, nested=True)
        return self.said("alike" if same else "unlike", a=self.noun(left), b=self.noun(right))

    def state(self, node: Node, state: str, *, wanted: bool) -> Clause:
        """Return that an answer is missing, answered or a missing code of a kind."""
        if state in {"missing", "answered"}:
            return self.about("missing" if (state == "missing") is wanted else "answered", node)
        return self.about("state" if wanted else "not_state", node, b=self.words["states"][state])

    def called(self, node: Call, *, wanted: bool) -> Clause:
        """Return a function that is a condition."""
        match node.function, node.arguments:
            case ("selected", (value, code)):
                return self.about("chosen" if wanted else "unchosen", value, b=self.value(code, beside=value))
            case ("matches", (value, pattern)):
                return self.about("matches" if wanted else "mismatches", value, b=self.value(pattern))
            case ("if", (condition, first, second)):
                branches = [self.noun(part, wanted=wanted) for part in (first, second)]
                return self.said("branch", a=branches[0], b=branches[1], c=self.final(condition))
            case (_, arguments):
                parts = [self.noun(part, wanted=wanted) for part in arguments]
                return self.said("first", a=self.listed(parts, self.words["comma"]))

    def noun(self, node: Node, *, wanted: bool = True) -> str:
        """Return a condition as it stands inside a clause."""
        return self.ended(self.clause(node, wanted=wanted, nested=True), "noun")

    def final(self, node: Node) -> str:
        """Return a condition as it stands before a noun."""
        return self.ended(self.clause(node, wanted=True), "final")

    def about(self, name: str, node: Node, **parts: str) -> Clause:
        """Return a clause about a value."""
        value = self.value(node)
        frame = self.words["subject" if isinstance(node, Answer) else "calculated"]
        return self.said(name, a=frame.format(value=value), v=value, **parts)

    def said(self, name: str, **parts: str) -> Clause:
        """Return a clause of the catalogue of wordings."""
        template, ending = self.words["clauses"][name]
        return Clause(template.format(**parts), ending)

    def value(self, node: Node, beside: Node | None = None) -> str:
        """Return a value in words; ``beside`` is what it is compared with."""
        match node:
            case Literal():
                return self.constant(node, agreement.owner(beside) if beside is not None else None)
            case Answer(symbol=symbol):
                return self.item(symbol)
            case Today():
                return str(self.words["values"]["today"])
            case Negative(part=part):
                return f"−{self.value(part)}"
            case Arithmetic(operator=operator, left=left, right=right):
                return f"({self.value(left)} {_SIGNS[operator]} {self.value(right)})"
            case Call():
                return self.calculated(node)
            case Aggregate():
                return self.aggregated(node)
            case _:
                return self.noun(node)

    def constant(self, node: Literal, owner: Symbol | None) -> str:
        """Return a constant; a code with its label where labels are wanted."""
        match node.value:
            case bool() as truth:
                return str(self.words["truths"][str(truth).lower()])
            case str() as text if node.kind == "text":
                return f"“{text}”"
            case date() as day:
                return day.isoformat()
            case code:
                label = self.local(owner.codes.get(code, {})) if owner and isinstance(code, int | str) else ""
                return self.words["coded"].format(code=code, label=label) if label and self.labels else str(code)

    def item(self, symbol: Symbol) -> str:
        """Return an item by its printed number, else by its label, else by its name."""
        if symbol.number:
            form = "item" if symbol.number[0].isdigit() else "lettered"
            return str(self.words[form].format(number=symbol.number))
        return str(self.words["named"].format(label=self.local(symbol.label) or symbol.name))

    def calculated(self, node: Call) -> str:
        """Return a function of values."""
        name = node.function
        if name == "if":
            condition, first, second = node.arguments
            parts = {"a": self.value(first), "b": self.value(second), "c": self.final(condition)}
            return str(self.words["values"]["if"].format(**parts))
        values = [self.value(part) for part in node.arguments]
        name = "round_to" if name == "round" and len(values) > 1 else name
        listed = self.listed(values, self.words["both"])
        return str(self.words["values"][name].format(list=listed, a=values[0], b=values[-1]))

    def aggregated(self, node: Aggregate) -> str:
        """Return a value of the rows of a roster."""
        unit = self.unit(node.roster)
        where = "" if node.where is None else self.final(node.where)
        values = self.words["values"]
        if node.value is None:
            return str(values["count_rows_where" if where else "count_rows"].format(a=where, b=unit))
        rows = values["rows_where"].format(a=where, b=unit) if where else unit
        return str(values[f"{node.function}_rows"].format(a=self.value(node.value), b=rows))

    def unit(self, roster: str) -> str:
        """Return the name of a roster."""
        return self.units.get(roster, roster)

    def listed(self, parts: list[str], last: str) -> str:
        """Return parts as a list with a word before the last one."""
        *others, end = parts
        return last.join([self.words["comma"].join(others), end]) if others else end

    def local(self, texts: Mapping[str, str]) -> str:
        """Return a text in the language, its base language or English."""
        wanted = (self.language, self.language.split("-", maxsplit=1)[0], "en")
        return next((texts[one] for one in wanted if texts.get(one)), "")
