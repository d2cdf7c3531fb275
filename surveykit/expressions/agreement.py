"""Whether the sides of a comparison are of one kind, and which code a literal beside a coded item means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from surveykit.expressions.functions import gives_whole
from surveykit.expressions.nodes import Aggregate, Answer, Arithmetic, Call, Literal, Negative, Node
from surveykit.expressions.symbols import Kind, Symbol
from surveykit.findings import Finding, Place, finding

_WORDS: Final[dict[Kind, str]] = {
    "number": "a number",
    "code": "a code",
    "codes": "a set of codes",
    "text": "a text",
    "date": "a date",
    "boolean": "a condition",
    "": "nothing",
}


def problem(code: str, node: Node, **values: object) -> Finding:
    """Return the finding of a catalogue entry at a node."""
    return finding(code, Place(line=node.line, column=node.column), severity=None, **values)


def words(node: Node) -> str:
    """Return what a node is, in words."""
    return f"{_WORDS[node.kind]} ({node.symbol.name})" if isinstance(node, Answer) else _WORDS[node.kind]


def listed(kinds: Iterable[Kind]) -> str:
    """Return kinds in words, joined by "or"."""
    return " or ".join(_WORDS[kind] for kind in _WORDS if kind in set(kinds))


def owner(node: Node) -> Symbol | None:
    """Return the symbol whose code list a node's codes belong to."""
    match node:
        case Answer(symbol=symbol):
            return symbol
        case Call(function="if" | "coalesce", arguments=arguments):
            found = (owner(part) for part in arguments[-2:] if part.kind == "code")
            return next((symbol for symbol in found if symbol is not None), None)
        case _:
            return None


def agree(sides: Sequence[Node], *, ordered: bool = False, values: bool = False) -> tuple[list[Node], list[Finding]]:
    """Return the sides of a comparison with literals turned into the codes and dates that they mean.

    Parameters
    ----------
    sides : sequence of Node
        Bound; the first one leads.
    ordered : bool
        Whether the comparison needs an order.
    values : bool
        The sides are branches of ``if`` and its like, not compared with each other.
    """
    if any(not side.kind for side in sides):
        return list(sides), []
    several = next((side for side in sides if side.kind == "codes"), None)
    if several is not None:
        return list(sides), [problem("expression-codes-compared", several, found=words(several))]
    if any(side.kind == "code" for side in sides):
        return _codes(sides, ordered=ordered, values=values)
    if any(side.kind == "date" for side in sides):
        sides = [dated(side) for side in sides]
    first = sides[0]
    problems = [
        problem("expression-kinds-differ", side, left=words(first), right=words(side))
        for side in sides[1:]
        if side.kind != first.kind
    ]
    if not problems and not values:
        problems = _unfit(sides, ordered=ordered)
    return list(sides), problems


def codes_of(value: Node, options: Sequence[Node]) -> tuple[list[Node], list[Finding]]:
    """Return the codes meant by literals beside a coded item."""
    symbol = owner(value)
    found = [_code(option, symbol, every=False) for option in options]
    return [node for node, _ in found], [one for _, problems in found for one in problems]


def whole(node: Node) -> bool:
    """Whether a number is always whole."""
    match node:
        case Literal(value=value):
            return isinstance(value, int)
        case Answer(symbol=symbol):
            return symbol.integer
        case Negative(part=part):
            return whole(part)
        case Arithmetic(operator=operator, left=left, right=right):
            return operator != "/" and whole(left) and whole(right)
        case Aggregate(function=function, value=value):
            return function == "count" or (function != "mean" and value is not None and whole(value))
        case Call(function=function, arguments=arguments):
            if function in {"min", "max", "sum", "coalesce"}:
                return all(whole(part) for part in arguments)
            if function == "if":
                return all(whole(part) for part in arguments[1:])
            return gives_whole(function) or (function == "round" and len(arguments) == 1)
        case _:
            return False


def _codes(sides: Sequence[Node], *, ordered: bool, values: bool) -> tuple[list[Node], list[Finding]]:
    symbol = next((one for one in map(owner, sides) if one is not None and one.kind == "code"), None)
    found: list[Node] = []
    problems: list[Finding] = []
    for side in sides:
        node, wrong = _code(side, symbol, every=ordered or values) if isinstance(side, Literal) else (side, [])
        if not wrong and node.kind != "code":
            wrong = [problem("expression-kinds-differ", side, left="a code", right=words(side))]
        found.append(node)
        problems += wrong
    if ordered and symbol is not None and not symbol.numeric:
        problems.append(problem("expression-not-ordered", sides[0], found=words(sides[0])))
    return found, problems


def _code(side: Node, symbol: Symbol | None, *, every: bool) -> tuple[Node, list[Finding]]:
    """Return the code that a literal means; ``every`` lets whole numbers outside the list stand, as limits."""
    if not isinstance(side, Literal) or symbol is None:
        return side, [problem("expression-constant-expected", side, function="selected", position=2)]
    code = symbol.own_code(side.value)
    if code is not None and code in symbol.missing and not every:
        return side, [_missing_compared(side, symbol)]
    if code is None and every and symbol.numeric and isinstance(side.value, int):
        code = side.value
    if code is not None and not isinstance(side.value, bool | date):
        return replace(side, value=code, kind="code"), []
    meant = symbol.code_of_label(str(side.value))
    if meant is not None:
        return side, [problem("expression-label-for-code", side, label=side.value, meant=meant, name=symbol.name)]
    known = ", ".join(str(one) for one in symbol.codes)
    return side, [problem("expression-unknown-code", side, written=side.value, name=symbol.name, codes=known)]


def dated(side: Node) -> Node:
    """Read a text beside a date as an ISO date, if it is one."""
    if isinstance(side, Literal) and isinstance(side.value, str):
        try:
            return replace(side, value=date.fromisoformat(side.value), kind="date")
        except ValueError:
            return side
    return side


def _unfit(sides: Sequence[Node], *, ordered: bool) -> list[Finding]:
    first = sides[0]
    if ordered and first.kind in {"text", "boolean"}:
        return [problem("expression-not-ordered", first, found=words(first))]
    symbols = [side.symbol for side in sides if isinstance(side, Answer)]
    return [
        _missing_compared(side, symbol)
        for side in sides
        for symbol in symbols
        if isinstance(side, Literal) and not ordered and symbol.missing.get(_as_code(side))
    ]


def _as_code(side: Literal) -> int | str:
    if isinstance(side.value, float) and side.value.is_integer():
        return int(side.value)
    return side.value if isinstance(side.value, int | str) else str(side.value)


def _missing_compared(side: Literal, symbol: Symbol) -> Finding:
    kind = symbol.missing[symbol.own_code(side.value) or _as_code(side)]
    return problem("expression-missing-code-compared", side, written=side.value, name=symbol.name, kind=kind)
