"""The syntax tree of expressions; after typing, the same tree with names and literals bound to their symbols."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal as Choice

from surveykit.expressions.symbols import Kind, Symbol

Value = float | int | str | bool | date
Comparison = Choice["==", "!=", "<", "<=", ">", ">="]

OPPOSITE: dict[Comparison, Comparison] = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A part of an expression.

    Parameters
    ----------
    line, column : int
        Where it begins, counted from 1; two nodes are equal wherever they stand.
    kind : str
        Type of the value; empty before typing and where typing failed.
    """

    line: int = field(default=1, compare=False, repr=False)
    column: int = field(default=1, compare=False, repr=False)
    kind: Kind = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Node):
    """A number, text, truth value or, after typing, a date or a code."""

    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Node):
    """A name as written; ``of`` is what stands before the dot."""

    name: str
    of: str = ""

    @property
    def written(self) -> str:
        """The name with what stands before the dot."""
        return f"{self.of}.{self.name}" if self.of else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class This(Node):
    """The item's own answer, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Today(Node):
    """The interview date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Node):
    """The answer to an item; ``roster`` names the roster whose row it is read from, empty for the record itself."""

    symbol: Symbol
    roster: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative(Node):
    """A number with its sign turned."""

    part: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Node):
    """``+ - * /``."""

    operator: Choice["+", "-", "*", "/"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    """A comparison of two values."""

    operator: Comparison
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class In(Node):
    """Whether a value equals one of several."""

    value: Node
    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(Node):
    """Whether a value lies between two others, both included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Is(Node):
    """Whether an answer is ``missing``, ``answered`` or a missing code of a kind; never unknown."""

    value: Node
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    """Negation; of unknown, unknown."""

    part: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class And(Node):
    """True if all parts are, false if one is, else unknown."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or(Node):
    """True if one part is, false if all are, else unknown."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """A function of scalars; ``where`` only before typing, for what turns out to be an aggregate."""

    function: str
    arguments: tuple[Node, ...]
    where: Node | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Node):
    """One value of many rows: ``count``, ``sum``, ``min``, ``max``, ``mean``, ``any``, ``all`` of a roster."""

    function: str
    roster: str
    value: Node | None = None
    where: Node | None = None


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts of a node, from left to right."""
    match node:
        case Negative(part=part) | Not(part=part):
            return (part,)
        case Arithmetic(left=left, right=right) | Compare(left=left, right=right):
            return (left, right)
        case In(value=value, options=options):
            return (value, *options)
        case Between(value=value, low=low, high=high):
            return (value, low, high)
        case Is(value=value):
            return (value,)
        case And(parts=parts) | Or(parts=parts):
            return parts
        case Call(arguments=arguments, where=where):
            return arguments if where is None else (*arguments, where)
        case Aggregate(value=item, where=where):
            return tuple(part for part in (item, where) if part is not None)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all its parts, a node before its parts."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(children(here)))


def depth(node: Node) -> int:
    """Return the number of levels of a tree, without recursion."""
    deepest = 0
    waiting = [(node, 1)]
    while waiting:
        here, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((child, level + 1) for child in children(here))
    return deepest
