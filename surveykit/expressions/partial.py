"""What an expression comes to while only some of the answers are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any, Literal

from surveykit.expressions.meaning import Typed, typed
from surveykit.expressions.nodes import (
    Aggregate,
    And,
    Answer,
    Between,
    Call,
    Compare,
    In,
    Is,
    Node,
    Not,
    Or,
    Today,
    children,
    walk,
)
from surveykit.expressions.nodes import Literal as Constant
from surveykit.expressions.reference import value_of

Truths = frozenset[bool | None]

_OPEN: Truths = frozenset({True, False, None})
_KNOWN: Truths = frozenset({True, False})


def assign(expression: Typed, answers: Mapping[str, Any]) -> Literal["true", "false", "unknown", "open"]:
    """Return what a condition comes to with some answers given and all others open.

    Parameters
    ----------
    expression : Typed
        A condition.
    answers : mapping of str to value
        Answers by name; None is a blank answer. Names that are absent are open.

    Returns
    -------
    {"true", "false", "unknown", "open"}
        ``open`` if the other answers may still decide. The search is one-sided: what it settles is settled, but
        some conditions that can come to one value only (``x > 1 or x <= 1``) are called open.
    """
    found = possible(expression, answers)
    if len(found) > 1:
        return "open"
    return {True: "true", False: "false", None: "unknown"}[next(iter(found))]  # type: ignore[return-value]


def possible(expression: Typed, answers: Mapping[str, Any]) -> Truths:
    """Return every value (True, False, None for unknown) that a condition may still take.

    Parameters are those of ``assign``. Values that it cannot take may be among them, never the reverse.
    """
    return _possible(expression.node, answers)


def implied(expression: Typed) -> Mapping[str, Any]:
    """Return the answers that must stand there if a condition is true: ``sex == 2 and …`` implies sex 2."""
    parts = expression.node.parts if isinstance(expression.node, And) else (expression.node,)
    return {
        part.left.symbol.name: part.right.value
        for part in parts
        if isinstance(part, Compare)
        and part.operator == "=="
        and isinstance(part.left, Answer)
        and isinstance(part.right, Constant)
    }


def _possible(node: Node, answers: Mapping[str, Any]) -> Truths:
    if _settled(node, answers):
        return frozenset({value_of(typed("", node), answers)})
    match node:
        case Not(part=part):
            return frozenset(None if truth is None else not truth for truth in _possible(part, answers))
        case And(parts=parts):
            return _joined(parts, answers, decisive=False)
        case Or(parts=parts):
            return _joined(parts, answers, decisive=True)
        case Between(value=value, low=low, high=high):
            both = (Compare(operator=">=", left=value, right=low), Compare(operator="<=", left=value, right=high))
            return _joined(both, answers, decisive=False)
        case In(value=value, options=options):
            equal = tuple(Compare(operator="==", left=value, right=option) for option in options)
            return _joined(equal, answers, decisive=True)
        case Is():
            return _KNOWN
        case Call(function="if", arguments=(condition, first, second)):
            branches = {True: first, False: second}
            truths = _possible(condition, answers)
            return _union(_possible(branches[truth], answers) if truth is not None else {None} for truth in truths)
        case Call(function="coalesce", arguments=arguments):
            return _union(_possible(part, answers) for part in arguments)
        case Aggregate():
            return _OPEN
        case _:
            unknown = any(_settled(part, answers) and _value(part, answers) is None for part in children(node))
            return frozenset({None}) if unknown else _OPEN


def _joined(parts: tuple[Node, ...], answers: Mapping[str, Any], *, decisive: bool) -> Truths:
    """Join what the parts may be: a decisive value wins, else unknown does."""
    found = [_possible(part, answers) for part in parts]
    return frozenset(
        decisive if decisive in truths else None if None in truths else not decisive for truths in product(*found)
    )


def _union(truths: Iterable[Iterable[bool | None]]) -> Truths:
    return frozenset(truth for some in truths for truth in some)


def _settled(node: Node, answers: Mapping[str, Any]) -> bool:
    """Whether nothing in a node is open."""
    return all(
        part.symbol.name in answers and not part.roster
        if isinstance(part, Answer)
        else not isinstance(part, Today | Aggregate)
        for part in walk(node)
    )


def _value(node: Node, answers: Mapping[str, Any]) -> Any:  # noqa: ANN401 (any value)
    return value_of(typed("", node), answers)
