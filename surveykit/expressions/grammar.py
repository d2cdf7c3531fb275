"""From text to syntax tree: the grammar of expressions."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, Final

from lark import Lark, Token, Transformer_NonRecursive, Tree, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from surveykit.errors import ExpressionError
from surveykit.expressions.nodes import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    In,
    Is,
    Literal,
    Name,
    Negative,
    Node,
    Not,
    Or,
    This,
    depth,
    walk,
)
from surveykit.findings import Place, finding

MAX_LENGTH: Final = 8192  # characters of a cell formula in Excel 2007 and later (Excel specifications and limits)
MAX_NUMBER: Final = 1e15  # Excel keeps 15 digits of a number (Excel specifications and limits)
MAX_DEPTH: Final = 100  # ten times the deepest rule of a real form; keeps every backend far from recursion limits

GRAMMAR: Final = r"""
?start: either
?either: both | both (_OR both)+ -> either
?both: negation | negation (_AND negation)+ -> both
?negation: _NOT negation -> negate | comparison
?comparison: total
    | total COMPARE total -> compare
    | total [NOT] _IN _OPEN either (_COMMA either)* _CLOSE -> among
    | total [NOT] _BETWEEN total _AND total -> between
    | total _IS [NOT] STATE -> state
?total: product | total PLUS product -> arithmetic | total MINUS product -> arithmetic
?product: signed | product TIMES signed -> arithmetic | product OVER signed -> arithmetic
?signed: atom | MINUS signed -> negative
?atom: NUMBER -> number
    | TEXT -> text
    | TRUE -> true
    | FALSE -> false
    | THIS -> this
    | name
    | NAME _OPEN _CLOSE -> call
    | NAME _OPEN either (_COMMA either)* [_WHERE either] _CLOSE -> call
    | _OPEN either _CLOSE
name: (NAME | QUOTED) [_DOT (NAME | QUOTED)]

_OR.5: /or(?!\w)/i
_AND.5: /and(?!\w)/i
_NOT.5: /not(?!\w)/i
NOT.4: /not(?!\w)/i
_IN.5: /in(?!\w)/i
_BETWEEN.5: /between(?!\w)/i
_IS.5: /is(?!\w)/i
_WHERE.5: /where(?!\w)/i
TRUE.5: /true(?!\w)/i
FALSE.5: /false(?!\w)/i
THIS.5: /this(?!\w)/i
STATE.5: /(missing|answered|dk|refused|na|not_stated|not_asked)(?!\w)/i
COMPARE: "==" | "=" | "!=" | "<>" | "<=" | ">=" | "<" | ">" | "≠" | "≤" | "≥"
PLUS: "+"
MINUS: "-"
TIMES: "*"
OVER: "/"
_OPEN: "(" | "["
_CLOSE: ")" | "]"
_COMMA: ","
_DOT: "."
NUMBER: /(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?(?!\w)/i
TEXT: /"(""|[^"])*"|'(''|[^'])*'|[“”„‟][^“”„‟]*[“”„‟]|[‘’‚‛][^‘’‚‛]*[‘’‚‛]/
NAME: /(?!(?:and|or|not|in|is|between|where|true|false|this)(?!\w))[^\W\d]\w*/i
QUOTED: /`[^`\n]+`/
%ignore /\s+/
"""

# What Korean keyboards and the autocorrection of office programs put in place of ASCII signs; one sign for one, so
# that columns stay right.
_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SIGNS: Final = {**_FULL_WIDTH, **str.maketrans("−–×÷\u3000\u00a0、", "--*/  ,")}
_TEXTS: Final = re.compile(r"\"(?:\"\"|[^\"])*\"|'(?:''|[^'])*'|[“”„‟][^“”„‟]*[“”„‟]|[‘’‚‛][^‘’‚‛]*[‘’‚‛]|`[^`\n]+`")
_QUOTES: Final = "\"'“”„‟‘’‚‛`"
_OPERATORS: Final = {"=": "==", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">="}

_EXPECTED: Final = {
    **dict.fromkeys(("NUMBER", "TEXT", "NAME", "QUOTED", "TRUE", "FALSE", "THIS", "_NOT"), "a value"),
    "STATE": "missing, answered, dk, refused, na, not_stated or not_asked",
    **dict.fromkeys(("PLUS", "MINUS", "TIMES", "OVER"), "an operator"),
    **dict.fromkeys(("COMPARE", "NOT", "_IN", "_IS", "_BETWEEN"), "a comparison"),
    "_AND": "and",
    "_OR": "or",
    "_WHERE": "where",
    "_OPEN": "(",
    "_CLOSE": ")",
    "_COMMA": "a comma",
    "_DOT": "a dot",
    "$END": "the end",
}
_BEFORE_A_VALUE: Final = frozenset({"an operator", "("})


@lru_cache(maxsize=8192)  # a full survey has some 800 rules, most of them written more than once
def parse(text: str) -> Node:
    """Return the syntax tree of an expression.

    Parameters
    ----------
    text : str
        The expression, at most ``MAX_LENGTH`` characters.

    Raises
    ------
    ExpressionError
        With line and column, what was found and what was expected there.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError.of("expression-too-long", Place(line=1, column=1), length=len(text), limit=MAX_LENGTH)
    if not text.strip():
        raise ExpressionError.of("expression-empty", Place(line=1, column=1))
    plain = _plain(text)
    try:
        parsed = _parser().parse(plain)
    except UnexpectedInput as error:
        raise _syntax_error(plain, error) from None
    tree = _BUILDER.transform(Tree("whole", [parsed]))
    if (levels := depth(tree)) > MAX_DEPTH:
        raise ExpressionError.of("expression-too-deep", Place(line=1, column=1), depth=levels, limit=MAX_DEPTH)
    if large := [node for node in walk(tree) if _too_large(node)]:
        raise ExpressionError(
            finding("expression-number-too-large", Place(line=node.line, column=node.column)) for node in large
        )
    return tree


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=True)


def _too_large(node: Node) -> bool:
    return isinstance(node, Literal) and node.kind == "number" and not abs(float(str(node.value))) < MAX_NUMBER


def _plain(text: str) -> str:
    """Replace full-width and typographic signs outside quoted texts, one character for one."""
    parts = []
    end = 0
    for match in _TEXTS.finditer(text):
        parts += [text[end : match.start()].translate(_SIGNS), match.group()]
        end = match.end()
    return "".join([*parts, text[end:].translate(_SIGNS)])


@v_args(meta=True)
class _Builder(Transformer_NonRecursive[Token, Node]):
    """Builds nodes from the parser's tree, without recursion."""

    def whole(self, _meta: Any, parts: list[Node]) -> Node:  # noqa: ANN401 (lark types positions as Any)
        return parts[0]

    def number(self, meta: Any, parts: list[Token]) -> Node:  # noqa: ANN401 (lark types positions as Any)
        written = str(parts[0])
        value = int(written) if written.isdigit() else float(written)
        return Literal(value=value, kind="number", **_at(meta))

    def text(self, meta: Any, parts: list[Token]) -> Node:  # noqa: ANN401
        written = str(parts[0])
        quote, inner = written[0], written[1:-1]
        value = inner.replace(quote * 2, quote) if quote in "\"'" else inner
        return Literal(value=value, kind="text", **_at(meta))

    def true(self, meta: Any, _parts: list[Token]) -> Node:  # noqa: ANN401
        return Literal(value=True, kind="boolean", **_at(meta))

    def false(self, meta: Any, _parts: list[Token]) -> Node:  # noqa: ANN401
        return Literal(value=False, kind="boolean", **_at(meta))

    def this(self, meta: Any, _parts: list[Token]) -> Node:  # noqa: ANN401
        return This(**_at(meta))

    def name(self, meta: Any, parts: list[Token | None]) -> Node:  # noqa: ANN401
        first, second = (str(part).strip("`") if part is not None else "" for part in parts)
        return Name(name=second or first, of=first if second else "", **_at(meta))

    def call(self, meta: Any, parts: list[Any]) -> Node:  # noqa: ANN401
        function, *arguments = parts
        where = arguments.pop() if arguments else None
        return Call(function=str(function).lower(), arguments=tuple(arguments), where=where, **_at(meta))

    def negative(self, meta: Any, parts: list[Any]) -> Node:  # noqa: ANN401
        match parts[1]:
            case Literal(value=int() | float() as value, kind="number"):
                return Literal(value=-value, kind="number", **_at(meta))
            case part:
                return Negative(part=part, **_at(meta))

    def arithmetic(self, meta: Any, parts: list[Any]) -> Node:  # noqa: ANN401
        left, operator, right = parts
        return Arithmetic(operator=str(operator), left=left, right=right, **_at(meta))  # type: ignore[arg-type]

    def compare(self, meta: Any, parts: list[Any]) -> Node:  # noqa: ANN401
        left, written, right = parts
        operator: Any = _OPERATORS.get(str(written), str(written))
        return Compare(operator=operator, left=left, right=right, **_at(meta))

    def among(self, meta: Any, parts: list[Any]) -> Node:  # noqa: ANN401
        value, denied, *options = parts
        return _denied(denied, In(value=value, options=tuple(options), **_at(meta)))

    def between(self, meta: Any, parts: list[Any]) -> Node:  # noqa: ANN401
        value, denied, low, high = parts
        return _denied(denied, Between(value=value, low=low, high=high, **_at(meta)))

    def state(self, meta: Any, parts: list[Any]) -> Node:  # noqa: ANN401
        value, denied, state = parts
        return _denied(denied, Is(value=value, state=str(state).lower(), **_at(meta)))

    def negate(self, meta: Any, parts: list[Node]) -> Node:  # noqa: ANN401
        return Not(part=parts[0], **_at(meta))

    def both(self, meta: Any, parts: list[Node]) -> Node:  # noqa: ANN401
        return And(parts=tuple(parts), **_at(meta))

    def either(self, meta: Any, parts: list[Node]) -> Node:  # noqa: ANN401
        return Or(parts=tuple(parts), **_at(meta))


_BUILDER: Final = _Builder()


def _at(meta: Any) -> dict[str, Any]:  # noqa: ANN401 (lark types positions as Any)
    return {"line": meta.line, "column": meta.column}


def _denied(token: Token | None, node: Node) -> Node:
    return node if token is None else Not(part=node, line=node.line, column=node.column)


def _syntax_error(text: str, error: UnexpectedInput) -> ExpressionError:
    end = isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END")
    above = text.split("\n")[: error.line - 1]
    position = len(text.rstrip()) if end else sum(len(line) + 1 for line in above) + error.column - 1
    before = text[:position]
    place = Place(line=before.count("\n") + 1, column=position - before.rfind("\n"))
    found = "" if end else _word_at(text, position)
    if found and found[0] in _QUOTES:
        return ExpressionError.of("expression-quote-open", place, quote=found[0])
    expected = _expected(error)
    if isinstance(error, UnexpectedToken) and error.token.type == "COMPARE" and "a comparison" not in expected:
        return ExpressionError.of("expression-comparison-chained", place, found=found)
    return ExpressionError.of(
        "expression-syntax", place, found=found or "the end", expected=", ".join(expected) or "something else"
    )


def _word_at(text: str, position: int) -> str:
    match = re.compile(r"\w+|[=<>!&|]+|.", re.DOTALL).match(text, position)
    return match.group() if match else ""


def _expected(error: UnexpectedInput) -> list[str]:
    if isinstance(error, UnexpectedToken):
        names = error.accepts or error.expected
    else:
        names = (error.allowed or set()) if isinstance(error, UnexpectedCharacters) else set()
    order = list(_EXPECTED)
    words = dict.fromkeys(_EXPECTED[name] for name in sorted(names, key=order.index))
    if "a value" in words:
        return [word for word in words if word not in _BEFORE_A_VALUE]
    return [word for word in words if word not in {"a dot", "("}] if len(words) > 1 else list(words)
