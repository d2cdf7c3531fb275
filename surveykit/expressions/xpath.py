"""Expressions as XPath 1.0 in the dialect of XLSForm, for ODK, KoBo and their like.

XPath has two truth values and blanks are empty texts, so conditions are written by truth or by falsity with every
comparison guarded, as in Excel. Besides XPath 1.0 only ``if``, ``selected``, ``count-selected``, ``regex``, ``int``,
``abs``, ``round(x, n)``, ``min`` and ``max`` of OpenRosa are used. Dates are compared and counted as numbers of the
form yyyymmdd, which needs no type that one engine has and another lacks.

References
----------
XLSForm reference, "Operators and functions"; OpenRosa XForms specification, "XPath functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from surveykit.errors import ExpressionError
from surveykit.expressions import xpath_values
from surveykit.expressions.meaning import Typed
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
    Negative,
    Node,
    Not,
    Or,
    Today,
)
from surveykit.expressions.nodes import Literal as Constant
from surveykit.expressions.xpath_values import quoted
from surveykit.findings import Place

Paths = Mapping[str, str] | Callable[[str], str]


def expression(
    typed: Typed,
    paths: Paths | None = None,
    *,
    want: Literal["true", "false", "value"] = "true",
    today: str | date = "today()",
    language: str = "en",
) -> str:
    """Return an expression as XPath.

    Parameters
    ----------
    typed : Typed
        Any expression.
    paths : mapping or callable, optional
        Path by item and roster name; ``${name}`` where none is given. Inside a constraint, give ``"."`` for the item
        itself.
    want : {"true", "false", "value"}
        ``true`` for relevance, ``not(…)`` of ``false`` for a constraint, ``value`` for a calculation (an empty text
        where it is unknown).
    today : str or date
        XPath of the interview date, or one date.
    language : str
        Language of ``label()``.

    Raises
    ------
    ExpressionError
        If a path is missing.
    """
    writer = Writer(paths=paths if paths is not None else _variable, today=today, language=language)
    return writer.value(typed.node) if want == "value" else writer.judged(typed.node, wanted=want == "true")


def _variable(name: str) -> str:
    return f"${{{name}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes one expression."""

    paths: Paths
    today: str | date
    language: str

    def judged(self, node: Node, *, wanted: bool) -> str:
        """Return XPath that is true where a condition is true (wanted) or false."""
        match node:
            case Not(part=part):
                return self.judged(part, wanted=not wanted)
            case And(parts=parts) | Or(parts=parts):
                join = " and " if isinstance(node, And) is wanted else " or "
                return _joined(join, [self.judged(part, wanted=wanted) for part in parts])
            case Constant(value=value):
                return "true()" if bool(value) is wanted else "false()"
            case Is(value=value, state=state):
                found = self.state(value, state)
                return found if wanted else f"not({found})"
            case Call(function="if", arguments=(condition, first, second)):
                return self.branched(condition, *(self.judged(part, wanted=wanted) for part in (first, second)))
            case Call(function="coalesce", arguments=arguments):
                return self.first_known(arguments, wanted=wanted)
            case Compare(operator=("==" | "!=") as sign, left=left, right=right) if left.kind == "boolean":
                return self.agreeing(left, right, same=(sign == "==") is wanted)
            case Aggregate():
                return self.judged_rows(node, wanted=wanted)
            case _:
                return self.atom(node, wanted=wanted)

    def atom(self, node: Node, *, wanted: bool) -> str:
        """Return a guarded comparison: true where its operands are known and it is true (wanted) or false."""
        match node:
            case Compare(operator=operator, left=left, right=right):
                sign = operator if wanted else OPPOSITE[operator]
                return self.guarded([left, right], self.compared(sign, left, right))
            case Between(value=value, low=low, high=high):
                both = (Compare(operator=">=", left=value, right=low), Compare(operator="<=", left=value, right=high))
                return self.judged(And(parts=both), wanted=wanted)
            case In(value=value, options=options):
                equal = tuple(Compare(operator="==", left=value, right=option) for option in options)
                return self.judged(Or(parts=equal), wanted=wanted)
            case Call(function="selected", arguments=(value, Constant(value=code))):
                found = f"selected({self.text(value)}, {quoted(str(code))})"
                return self.guarded([value], found if wanted else f"not({found})")
            case Call(function="matches", arguments=(value, Constant(value=pattern))):
                found = xpath_values.matching(self.text(value), str(pattern))
                return self.guarded([value], found if wanted else f"not({found})")
            case Answer():
                return self.guarded([node], f"{self.path(node)} = '{str(wanted).lower()}'")
            case _:
                message = f"{type(node).__name__} is no condition"
                raise TypeError(message)

    def guarded(self, operands: list[Node], condition: str) -> str:
        """Return a condition that holds only where all operands are known."""
        guards = [guard for operand in operands for guard in self.guards(operand)]
        return _joined(" and ", [*dict.fromkeys(guards), condition])

    def compared(self, sign: str, left: Node, right: Node) -> str:
        """Return a bare comparison."""
        written = "=" if sign == "==" else sign
        if sign in {"==", "!="} and left.kind in {"text", "code"}:
            return f"{self.text(left)} {written} {self.text(right)}"
        return f"{self.number(left)} {written} {self.number(right)}"

    def known(self, node: Node) -> str:
        """Return the condition under which a value is known."""
        if node.kind == "boolean" and not isinstance(node, Answer):
            return _joined(" or ", [self.judged(node, wanted=True), self.judged(node, wanted=False)])
        guards = self.guards(node)
        return _joined(" and ", guards) if guards else "true()"

    def guards(self, node: Node) -> list[str]:
        """Return conditions that all hold where a value is known."""
        match node:
            case Answer(symbol=symbol):
                return xpath_values.valid(symbol, self.path(node))
            case Today():
                return [] if isinstance(self.today, date) else [f"{self.today} != ''"]
            case Arithmetic(operator=operator, left=left, right=right):
                divided = [f"{self.number(right)} != 0"] if operator == "/" else []
                return [*self.guards(left), *self.guards(right), *divided]
            case Negative(part=part):
                return self.guards(part)
            case Call(function="if", arguments=(condition, first, second)):
                return [self.branched(condition, self.known(first), self.known(second))]
            case Call(function="coalesce", arguments=arguments):
                return [_joined(" or ", [self.known(part) for part in arguments])]
            case Call(function=function, arguments=arguments):
                inner = [guard for part in arguments for guard in self.guards(part)]
                return inner + self.extra_guards(function, arguments)
            case Aggregate(value=Answer() as value):
                unknown = f"count({self.rows(node, extra=f'not({self.known(value)})')}) = 0"
                return [unknown] if node.function == "sum" else [unknown, f"count({self.rows(node)}) > 0"]
            case _:
                return []

    def extra_guards(self, function: str, arguments: tuple[Node, ...]) -> list[str]:
        """Return what a function asks of its arguments besides being known."""
        match function:
            case "age":
                return [f"{self.number(arguments[0])} <= {self.number(arguments[1])}"]
            case "number" if arguments[0].kind == "text":
                text = self.text(arguments[0])
                # Some engines read exponents too; NaN alone differs from itself.
                return [f"translate({text}, '0123456789.-', '') = ''", f"number({text}) = number({text})"]
            case "label":
                codes = xpath_values.labels(arguments[0], self.language)
                return [_joined(" or ", [f"{self.text(arguments[0])} = {quoted(str(code))}" for code in codes])]
            case _:
                return []

    def number(self, node: Node) -> str:
        """Return a number; dates as yyyymmdd. It means something only where the guards hold."""
        match node:
            case Constant(value=value):
                return xpath_values.number(value)
            case Answer(symbol=symbol):
                return xpath_values.day(self.path(node)) if symbol.kind == "date" else self.path(node)
            case Today():
                return xpath_values.number(self.today) if isinstance(self.today, date) else xpath_values.day(self.today)
            case Negative(part=part):
                return f"(- {self.number(part)})"
            case Arithmetic(operator=operator, left=left, right=right):
                sign = "div" if operator == "/" else operator
                return f"({self.number(left)} {sign} {self.number(right)})"
            case Call(function="if", arguments=(condition, first, second)):
                return f"if({self.judged(condition, wanted=True)}, {self.number(first)}, {self.number(second)})"
            case Call(function="coalesce", arguments=arguments):
                return self.first_of(arguments, self.number)
            case Call(function="number" | "length" | "count_selected", arguments=(part,)):
                return xpath_values.of_text(node.function, self.text(part))
            case Call(function=function, arguments=arguments):
                return xpath_values.FUNCTIONS[function](*(self.number(part) for part in arguments))
            case Aggregate():
                return self.aggregated(node)
            case _:
                message = f"{type(node).__name__} is no number"
                raise TypeError(message)

    def text(self, node: Node) -> str:
        """Return a text or code. It means something only where the guards hold."""
        match node:
            case Constant(value=value):
                return quoted(str(value))
            case Answer():
                return f"normalize-space({self.path(node)})"
            case Call(function="if", arguments=(condition, first, second)):
                return f"if({self.judged(condition, wanted=True)}, {self.text(first)}, {self.text(second)})"
            case Call(function="coalesce", arguments=arguments):
                return self.first_of(arguments, self.text)
            case Call(function="concat", arguments=arguments):
                parts = [self.number(part) if part.kind == "number" else self.text(part) for part in arguments]
                return f"concat({', '.join([*parts, quoted('')])})"
            case Call(function="label", arguments=(part,)):
                text, labels = self.text(part), xpath_values.labels(part, self.language)
                chosen = [f"if({text} = {quoted(str(code))}, {quoted(label)}, '')" for code, label in labels.items()]
                return f"concat({', '.join([*chosen, quoted('')])})"
            case _:
                message = f"{type(node).__name__} is no text"
                raise TypeError(message)

    def value(self, node: Node) -> str:
        """Return the value, an empty text where it is unknown."""
        if node.kind == "boolean":
            true, false = self.judged(node, wanted=True), self.judged(node, wanted=False)
            return f"if({true}, 'true', if({false}, 'false', ''))"
        if node.kind == "date":
            return f"if({self.known(node)}, {xpath_values.iso(self.number(node))}, '')"
        found = self.number(node) if node.kind == "number" else self.text(node)
        return f"if({self.known(node)}, {found}, '')"

    def state(self, node: Node, state: str) -> str:
        """Return the condition under which an answer is missing, answered or a missing code of a kind."""
        if state in {"missing", "answered"} or not isinstance(node, Answer):
            known = self.known(node)
            return known if state == "answered" else f"not({known})"
        codes = [str(code) for code, kind in node.symbol.missing.items() if kind == state]
        return xpath_values.reserved(node.symbol, self.path(node), codes)

    def agreeing(self, left: Node, right: Node, *, same: bool) -> str:
        """Return the condition under which two conditions are known and equal, or known and not."""
        pairs = [(True, same), (False, not same)]
        both = [[self.judged(left, wanted=one), self.judged(right, wanted=other)] for one, other in pairs]
        return _joined(" or ", [_joined(" and ", pair) for pair in both])

    def branched(self, condition: Node, first: str, second: str) -> str:
        """Return what holds of the branch that a condition chooses; false where it is unknown."""
        true, false = self.judged(condition, wanted=True), self.judged(condition, wanted=False)
        return _joined(" or ", [_joined(" and ", [true, first]), _joined(" and ", [false, second])])

    def first_known(self, parts: tuple[Node, ...], *, wanted: bool) -> str:
        """Return whether the first known condition is true (wanted) or false."""
        *others, last = parts
        text = self.judged(last, wanted=wanted)
        for part in reversed(others):
            otherwise = _joined(" and ", [f"not({self.judged(part, wanted=not wanted)})", text])
            text = _joined(" or ", [self.judged(part, wanted=wanted), otherwise])
        return text

    def first_of(self, parts: tuple[Node, ...], read: Callable[[Node], str]) -> str:
        """Return the first known value."""
        *others, last = parts
        text = read(last)
        for part in reversed(others):
            text = f"if({self.known(part)}, {read(part)}, {text})"
        return text

    def judged_rows(self, node: Aggregate, *, wanted: bool) -> str:
        """Return whether ``any`` or ``all`` over the rows of a roster is true (wanted) or false."""
        path = self.lookup(node.roster)
        condition = "true()" if node.where is None else self.judged(node.where, wanted=wanted)
        if (node.function == "any") is wanted:
            return f"count({path}[{condition}]) > 0"
        return f"count({path}[not({condition})]) = 0"

    def aggregated(self, node: Aggregate) -> str:
        """Return a number of many rows."""
        if not isinstance(node.value, Answer):
            return f"count({self.rows(node)})"
        values = f"{self.rows(node)}/{node.value.symbol.name}"
        if node.function == "mean":
            return f"(sum({values}) div count({self.rows(node)}))"
        return f"{node.function}({values})"

    def rows(self, node: Aggregate, extra: str = "") -> str:
        """Return the path of the rows for which the condition is true."""
        conditions = [] if node.where is None else [self.judged(node.where, wanted=True)]
        conditions += [extra] if extra else []
        return self.lookup(node.roster) + "".join(f"[{condition}]" for condition in conditions)

    def path(self, node: Answer) -> str:
        """Return the path of an answer; in a row of a roster it stands below that row."""
        return node.symbol.name if node.roster else self.lookup(node.symbol.name)

    def lookup(self, name: str) -> str:
        """Return what was given for a name."""
        found = self.paths(name) if callable(self.paths) else self.paths.get(name, "")
        if not found:
            raise ExpressionError.of("expression-reference-missing", Place(item=name), name=name)
        return found


def _joined(join: str, conditions: list[str]) -> str:
    unique = list(dict.fromkeys(conditions))
    return unique[0] if len(unique) == 1 else f"({join.join(unique)})"
