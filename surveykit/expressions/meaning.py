"""From syntax to meaning: names are bound to their symbols, types are checked, every problem is reported at once.

The language has three truth values (Kleene 1952). A comparison with a blank or a missing code is *unknown*, ``!=``
included; ``and``, ``or`` and ``not`` follow Kleene. What is asked or selected needs *true*; a rule is broken only by
*false*.

References
----------
Kleene, S. C. (1952). Introduction to Metamathematics. North-Holland. Section 64.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from surveykit.errors import ExpressionError
from surveykit.expressions.functions import AGGREGATES
from surveykit.expressions.grammar import parse
from surveykit.expressions.nodes import Aggregate, Answer, Call, Name, Node, Today, walk
from surveykit.expressions.resolution import resolve
from surveykit.expressions.symbols import Code, Kind, Scope, Symbol, scope
from surveykit.findings import Finding, Place

__all__ = ["Code", "Kind", "Scope", "Symbol", "Typed", "compile", "names", "roster_names", "scope"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """An expression whose names and types are known: what every backend takes.

    Parameters
    ----------
    text : str
        The expression as written.
    node : Node
        The tree, its names bound to symbols.
    kind : str
        Type of the result; ``boolean`` for conditions.
    names : frozenset of str
        Names of all items used.
    rosters : frozenset of str
        Names of all rosters used.
    """

    text: str
    node: Node
    kind: Kind
    names: frozenset[str]
    rosters: frozenset[str]

    @property
    def uses_today(self) -> bool:
        """Whether a backend has to be told the interview date."""
        return any(isinstance(node, Today) for node in walk(self.node))

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Symbols of the record itself, each once, in order of use; those of roster rows are left out."""
        found = [node for node in walk(self.node) if isinstance(node, Answer) and not node.roster]
        return tuple({node.symbol.name: node.symbol for node in found}.values())


def compile(text: str, scope: Scope, *, gives: Kind = "", where: Place | None = None) -> Typed:  # noqa: A001 (the verb)
    """Return the meaning of an expression.

    Parameters
    ----------
    text : str
        The expression.
    scope : Scope
        The names that it may use.
    gives : str, optional
        Kind that the result must have, ``boolean`` for a rule.
    where : Place, optional
        Place of the expression; findings add line and column.

    Raises
    ------
    ExpressionError
        With every problem found: syntax, unknown names with those that look like them, types, codes.
    """
    try:
        found, problems = resolve(parse(text), scope, gives)
    except ExpressionError as error:
        raise ExpressionError(_placed(one, where) for one in error.findings) from None
    if problems:
        raise ExpressionError(_placed(one, where) for one in problems)
    return typed(text, found)


def typed(text: str, node: Node) -> Typed:
    """Return a bound tree with the names that it uses."""
    nodes = list(walk(node))
    return Typed(
        text=text,
        node=node,
        kind=node.kind,
        names=frozenset(one.symbol.name for one in nodes if isinstance(one, Answer)),
        rosters=frozenset(one.roster for one in nodes if isinstance(one, Aggregate)),
    )


def names(text: str) -> frozenset[str]:
    """Return the item names that an expression uses, without knowing what they stand for.

    Raises
    ------
    ExpressionError
        If the expression cannot be parsed.
    """
    return _names(parse(text))[0]


def roster_names(text: str) -> frozenset[str]:
    """Return the roster names that an expression uses, without knowing what they stand for.

    Raises
    ------
    ExpressionError
        If the expression cannot be parsed.
    """
    return _names(parse(text))[1]


def _names(tree: Node) -> tuple[frozenset[str], frozenset[str]]:
    nodes = list(walk(tree))
    written = [node for node in nodes if isinstance(node, Name)]
    counted = {id(node.arguments[0]) for node in nodes if isinstance(node, Call) and _of_rows(node)}
    rosters = {name.of for name in written if name.of} | {
        name.name for name in written if id(name) in counted and not name.of
    }
    items = {name.name for name in written if name.of or id(name) not in counted}
    return frozenset(items), frozenset(rosters - {"parent"})


def _of_rows(call: Call) -> bool:
    only_rows = call.function in {"count", "any", "all"}
    return bool(call.arguments) and call.function in AGGREGATES and (only_rows or call.where is not None)


def _placed(found: Finding, where: Place | None) -> Finding:
    if where is None:
        return found
    return replace(found, where=replace(where, line=found.where.line, column=found.where.column))
