"""Whether two expressions say the same: blanks, brackets and the spelling of operators do not count."""

from __future__ import annotations

from dataclasses import replace

from surveykit.errors import ExpressionError
from surveykit.expressions.grammar import parse
from surveykit.expressions.nodes import And, Node, Not, Or


def same_rule(first: str, second: str) -> bool:
    """Return whether two expressions have the same meaning on the face of it.

    Parameters
    ----------
    first, second : str
        Expressions; an empty one equals only an empty one.

    Notes
    -----
    Syntax trees are compared, so ``a==1`` equals ``(a = 1)`` and ``(a and b) and c`` equals ``a and b and c``;
    ``a > 1`` and ``1 < a`` count as different.
    """
    if first == second:
        return True
    if not first or not second:
        return False
    try:
        return _flat(parse(first)) == _flat(parse(second))
    except ExpressionError:
        return False


def _flat(node: Node) -> Node:
    """Return a tree in which no conjunction stands directly inside another, nor any disjunction."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            flat = [_flat(part) for part in parts]
            inner = [one for part in flat for one in (part.parts if type(part) is type(node) else (part,))]
            return replace(node, parts=tuple(inner))
        case Not(part=part):
            return replace(node, part=_flat(part))
        case _:
            return node
