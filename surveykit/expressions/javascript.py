"""Expressions as JavaScript, for forms that run in a browser. Functions are written; no text is evaluated there."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from surveykit.expressions import patterns, scalars
from surveykit.expressions.meaning import Symbol, Typed
from surveykit.expressions.nodes import (
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

_OPERATORS: Final = {
    "==": "equal",
    "!=": "unequal",
    "<": "less",
    "<=": "lessOrEqual",
    ">": "more",
    ">=": "moreOrEqual",
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
}
_EVERY_ROW: Final = "() => true"
_EPOCH: Final = date(1970, 1, 1)


@cache
def runtime() -> str:
    """Return the JavaScript that defines ``surveykit``, which the functions of ``function`` call."""
    return (files("surveykit.expressions") / "runtime.js").read_text(encoding="utf-8")


def function(typed: Typed, *, language: str = "en") -> str:
    """Return an expression as a JavaScript function.

    Parameters
    ----------
    typed : Typed
        Any expression.
    language : str
        Language of ``label()``.

    Returns
    -------
    str
        ``(record, rosters, today) => …``: ``record`` holds the answers by name, ``rosters`` a list of records by
        roster name, ``today`` the interview date as ISO text. It gives ``true``, ``false`` or ``null`` (unknown), or a
        value; dates as days since 1970-01-01. Only ``surveykit`` of ``runtime`` is used.
    """
    return f"(record, rosters, today) => {_Writer(language).text(typed.node)}"


class _Writer:
    def __init__(self, language: str) -> None:
        self.language = language

    def text(self, node: Node) -> str:
        """Return a node as JavaScript."""
        match node:
            case Literal():
                return _constant(node)
            case Answer(symbol=symbol):
                return _read(symbol, _raw(node))
            case Today():
                return _call("date", "today", "[]")
            case Negative(part=part):
                return _call("subtract", "0", self.text(part))
            case Arithmetic(operator=sign, left=left, right=right) | Compare(operator=sign, left=left, right=right):
                return _call(_OPERATORS[sign], self.text(left), self.text(right))
            case Between(value=value, low=low, high=high):
                found = self.text(value)
                above, below = (
                    _call("moreOrEqual", found, self.text(low)),
                    _call("lessOrEqual", found, self.text(high)),
                )
                return _call("all", above, below)
            case In(value=value, options=options):
                found = self.text(value)
                return _call("any", *(_call("equal", found, self.text(option)) for option in options))
            case Is(value=value, state=state):
                return self.state(value, state)
            case Not(part=part):
                return _call("not", self.text(part))
            case And(parts=parts) | Or(parts=parts):
                return _call("all" if isinstance(node, And) else "any", *map(self.text, parts))
            case Call():
                return self.called(node)
            case Aggregate():
                return self.aggregated(node)
            case _:
                message = f"{type(node).__name__} is not bound"
                raise TypeError(message)

    def called(self, node: Call) -> str:
        """Return a function call."""
        match node.function, node.arguments:
            case ("selected", (value, Literal(value=code))):
                return _call("selected", self.text(value), _quoted(str(code)))
            case ("matches", (value, Literal(value=pattern))):
                return _call("matches", self.text(value), _quoted(patterns.regex(str(pattern))))
            case ("label", (value,)):
                return _call("label", self.text(value), _quoted(dict(scalars.labels(value, self.language))))
            case ("number", (value,)):
                return self.text(value) if value.kind == "code" else _call("parsed", self.text(value))
            case ("if", arguments):
                return _call("choose", *map(self.text, arguments))
            case (name, arguments):
                return _call(name, *map(self.text, arguments))

    def aggregated(self, node: Aggregate) -> str:
        """Return a value of many rows."""
        rows = f"rosters[{_quoted(node.roster)}]"
        where = _EVERY_ROW if node.where is None else f"(row) => {self.text(node.where)}"
        if node.function in {"any", "all"}:
            return _call("anyRow" if node.function == "any" else "allRows", rows, where)
        if node.value is None:
            return _call("count", rows, where)
        return _call("fold", _quoted(node.function), rows, where, f"(row) => {self.text(node.value)}")

    def state(self, node: Node, state: str) -> str:
        """Return whether an answer is missing, answered or a missing code of a kind."""
        if not isinstance(node, Answer) or state in {"missing", "answered"}:
            return f"({self.text(node)} {'===' if state == 'missing' else '!=='} null)"
        codes = [str(code) for code, kind in node.symbol.missing.items() if kind == state]
        return _call("is", _raw(node), _quoted(codes))


def _raw(node: Answer) -> str:
    return f"{'row' if node.roster else 'record'}[{_quoted(node.symbol.name)}]"


def _read(symbol: Symbol, raw: str) -> str:
    missing = _quoted([str(code) for code in symbol.missing])
    if symbol.numeric:
        return _call("number", raw, missing)
    if symbol.kind in {"date", "boolean"}:
        return _call(symbol.kind, raw, missing)
    return _call("text", raw, missing)


def _constant(node: Literal) -> str:
    if isinstance(node.value, date):
        return str((node.value - _EPOCH).days)
    return _quoted(node.value)


def _call(name: str, *arguments: str) -> str:
    return f"surveykit.{name}({', '.join(arguments)})"


def _quoted(value: object) -> str:
    # A text that ends a script element or an HTML comment must not do so inside a page.
    return json.dumps(value, ensure_ascii=True).replace("<", "\\u003c").replace(">", "\\u003e")
