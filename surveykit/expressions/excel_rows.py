"""Aggregates of a roster as formulas: arrays of 0 and 1 inside SUMPRODUCT.

``AND``, ``OR``, ``IF`` and ``IFERROR`` do not work row by row without array entry, so conditions on rows are products
and sums of comparisons, each with its guard as a factor. What needs more than that is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from surveykit.expressions import excel_cells, scalars
from surveykit.expressions.excel_cells import Reference, RosterReference, quoted
from surveykit.expressions.nodes import (
    OPPOSITE,
    Aggregate,
    And,
    Answer,
    Arithmetic,
    Between,
    Compare,
    In,
    Is,
    Literal,
    Negative,
    Node,
    Not,
    Or,
    walk,
)

_SIGNS: Final = {"==": "=", "!=": "<>"}
_HUGE: Final = "1E+300"


class Writer(Protocol):
    """What the rows need of the writer of single formulas."""

    def judged(self, node: Node, *, wanted: bool) -> str:
        """Return the formula of a condition."""

    def known(self, node: Node) -> str:
        """Return the condition under which a value is known."""

    def number(self, node: Node) -> str:
        """Return a number."""

    def text(self, node: Node) -> str:
        """Return a text or code."""

    def target(self, name: str) -> str | Reference | RosterReference:
        """Return what was given for a name."""

    def refuse(self, node: Node, what: str) -> str:
        """Note what cannot be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Writes one aggregate."""

    writer: Writer
    node: Aggregate

    def judged(self, *, wanted: bool) -> str:
        """Return the formula that is TRUE where ``any`` or ``all`` is true (wanted) or false."""
        where = self.node.where
        if where is None:
            return self.writer.refuse(self.node, self.node.function)
        array = self.true(where) if wanted else self.false(where)
        if (self.node.function == "any") is wanted:
            return f"IFERROR(SUMPRODUCT({self.used}*({array}))>0,FALSE)"
        return f"IFERROR(SUMPRODUCT({self.used}*(1-({array})))=0,FALSE)"

    def guards(self) -> list[str]:
        """Return the conditions under which the number is known."""
        node = self.node
        if not isinstance(node.value, Answer):
            return [f"ISNUMBER({self.value()})"]
        unknown = [f"SUMPRODUCT({self.kept}*(1-({self.valid(node.value)})))=0"]
        return unknown if node.function == "sum" else [*unknown, f"SUMPRODUCT({self.kept})>0"]

    def value(self) -> str:
        """Return the number."""
        node = self.node
        if not isinstance(node.value, Answer):
            return f"SUMPRODUCT({self.kept})"
        column = self.range_of(node.value)
        numbers = _numbers(column)
        match node.function:
            case "sum":
                return f"SUMPRODUCT({self.kept},{column})"
            case "mean":
                return f"(SUMPRODUCT({self.kept},{column})/SUMPRODUCT({self.kept}))"
            case "min":
                return f"SUMPRODUCT(MIN({numbers}+(1-{self.kept})*{_HUGE}))"
            case _:
                return f"SUMPRODUCT(MAX({numbers}-(1-{self.kept})*{_HUGE}))"

    @property
    def used(self) -> str:
        """Array of 1 where a row is used."""
        return f"({self.roster.used})"

    @property
    def kept(self) -> str:
        """Array of 1 where a row is used and the condition is true."""
        return f"({self.used}*({self.true(self.node.where)}))" if self.node.where else self.used

    @property
    def roster(self) -> RosterReference:
        """Where the rows stand."""
        found = self.writer.target(self.node.roster)
        return found if isinstance(found, RosterReference) else RosterReference(columns={})

    def range_of(self, answer: Answer) -> str:
        """Return the range of an item."""
        found = self.roster.columns.get(answer.symbol.name, "")
        return found or self.writer.refuse(answer, f"{self.node.roster}.{answer.symbol.name}")

    def true(self, node: Node) -> str:
        """Return an array of 1 where a condition is true."""
        return self.judged_row(node, wanted=True)

    def false(self, node: Node) -> str:
        """Return an array of 1 where a condition is false."""
        return self.judged_row(node, wanted=False)

    def judged_row(self, node: Node, *, wanted: bool) -> str:
        """Return an array of 1 where a condition is true (wanted) or false."""
        if not _of_row(node):
            return f"({self.writer.judged(node, wanted=wanted)})*1"
        match node:
            case Not(part=part):
                return self.judged_row(part, wanted=not wanted)
            case And(parts=parts) | Or(parts=parts):
                arrays = [f"({self.judged_row(part, wanted=wanted)})" for part in parts]
                return "*".join(arrays) if isinstance(node, And) is wanted else f"({'+'.join(arrays)}>0)*1"
            case Compare(operator=operator, left=left, right=right):
                return self.compared(operator if wanted else OPPOSITE[operator], left, right)
            case Between(value=value, low=low, high=high):
                both = (Compare(operator=">=", left=value, right=low), Compare(operator="<=", left=value, right=high))
                return self.judged_row(And(parts=both), wanted=wanted)
            case In(value=value, options=options):
                equal = tuple(Compare(operator="==", left=value, right=option) for option in options)
                return self.judged_row(Or(parts=equal), wanted=wanted)
            case Is(value=Answer() as value, state=state):
                array = self.state(value, state)
                return array if wanted else f"1-({array})"
            case _:
                return self.writer.refuse(node, f"{type(node).__name__.lower()} over the rows of a roster")

    def compared(self, sign: str, left: Node, right: Node) -> str:
        """Return an array of 1 where a comparison of known values holds."""
        guards = "*".join(f"({self.valid(part)})" for part in (left, right) if not isinstance(part, Literal))
        if left.kind in {"code", "text"} and sign in _SIGNS:
            letters = left.kind == "text" or not scalars.numeric_code(left)
            first, second = self.text(left), self.text(right)
            same = f"EXACT({first},{second})*1" if letters else f"({first}={second})*1"
            return f"{guards}*({same})" if sign == "==" else f"{guards}*(1-{same})"
        if left.kind not in {"number", "date", "code"}:
            return self.writer.refuse(left, f"a {left.kind} over the rows of a roster")
        return f"{guards}*({self.number(left)}{_SIGNS.get(sign, sign)}{self.number(right)})"

    def valid(self, node: Node) -> str:
        """Return an array of 1 where a value is known."""
        match node:
            case _ if not _of_row(node):
                return f"({self.writer.known(node)})*1"
            case Answer(symbol=symbol):
                conditions = excel_cells.valid(symbol, Reference(cell=self.range_of(node)))
                return "*".join(f"({condition})" for condition in conditions)
            case Negative(part=part):
                return self.valid(part)
            case Arithmetic(operator="+" | "-" | "*", left=left, right=right):
                return f"({self.valid(left)})*({self.valid(right)})"
            case _:
                return self.writer.refuse(node, f"{type(node).__name__.lower()} over the rows of a roster")

    def number(self, node: Node) -> str:
        """Return an array of numbers; one that is not known is any number, never an error."""
        match node:
            case _ if not _of_row(node):
                return self.writer.number(node)
            case Answer(symbol=symbol) if symbol.kind == "code":
                return f"((0&{excel_cells.code(self.range_of(node))})*1)"
            case Answer():
                return self.range_of(node)
            case Negative(part=part):
                return f"(-{self.summand(part)})"
            case Arithmetic(operator=operator, left=left, right=right):
                return f"({self.summand(left)}{operator}{self.summand(right)})"
            case _:
                return self.writer.refuse(node, f"{type(node).__name__.lower()} over the rows of a roster")

    def summand(self, node: Node) -> str:
        """Return an array of numbers that may be calculated with."""
        return _numbers(self.range_of(node)) if isinstance(node, Answer) and node.roster else self.number(node)

    def text(self, node: Node) -> str:
        """Return an array of texts or codes."""
        if not _of_row(node):
            return self.writer.text(node)
        if not isinstance(node, Answer):
            return self.writer.refuse(node, f"{type(node).__name__.lower()} over the rows of a roster")
        column = self.range_of(node)
        return excel_cells.code(column) if node.symbol.kind == "code" else f"TRIM({column})"

    def state(self, node: Answer, state: str) -> str:
        """Return an array of 1 where an answer is missing, answered or a missing code of a kind."""
        if state in {"missing", "answered"}:
            valid = self.valid(node)
            return valid if state == "answered" else f"1-({valid})"
        column = self.range_of(node)
        read = excel_cells.code(column) if node.symbol.kind == "code" else f"TRIM({column})"
        codes = [code for code, kind in node.symbol.missing.items() if kind == state]
        return f"({'+'.join(f'({read}={quoted(str(code))})' for code in codes) or '0'})"


def _of_row(node: Node) -> bool:
    """Whether a node reads the rows."""
    return any(isinstance(part, Answer) and part.roster for part in walk(node))


def _numbers(column: str) -> str:
    """Return a range as numbers, blank and empty text as 0: a 0 is put before, and stays behind a minus sign."""
    return f'(SUBSTITUTE(0&{column},"0-","-0")*1)'
