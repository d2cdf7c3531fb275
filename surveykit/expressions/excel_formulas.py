"""Writes conditions by truth and by falsity, numbers and texts as formulas over cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from surveykit.errors import ExpressionError
from surveykit.expressions import excel_cells, scalars
from surveykit.expressions.excel_cells import Reference, RosterReference, all_of, any_of, quoted
from surveykit.expressions.excel_rows import Rows
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
from surveykit.findings import Finding, Place, finding

Target = str | Reference | RosterReference
References = Mapping[str, Target] | Callable[[str], Target]

FIRST_DAY: Final = date(1900, 3, 1)  # before it, Excel counts a 29 February 1900 that never was
_SIGNS: Final = {"==": "=", "!=": "<>"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes the formulas of one expression; see ``excel``."""

    references: References
    today: str | date
    language: str
    place: Place = field(default_factory=Place)
    refused: list[Finding] = field(default_factory=list)

    def judged(self, node: Node, *, wanted: bool) -> str:
        """Return the formula that is TRUE where a condition is true (wanted) or false."""
        match node:
            case Not(part=part):
                return self.judged(part, wanted=not wanted)
            case And(parts=parts) | Or(parts=parts):
                join = all_of if isinstance(node, And) is wanted else any_of
                return join([self.judged(part, wanted=wanted) for part in parts])
            case Constant(value=value):
                return "TRUE" if bool(value) is wanted else "FALSE"
            case Is(value=value, state=state):
                found = self.state(value, state)
                return found if wanted else f"NOT({found})"
            case Call(function="if", arguments=(condition, first, second)):
                branches = [self.judged(part, wanted=wanted) for part in (first, second)]
                return self.branched(condition, *branches)
            case Call(function="coalesce", arguments=arguments):
                return self.first_known(arguments, wanted=wanted)
            case Compare(operator=("==" | "!=") as sign, left=left, right=right) if _boolean(left):
                return self.agreeing(left, right, same=(sign == "==") is wanted)
            case Aggregate():
                return Rows(writer=self, node=node).judged(wanted=wanted)
            case _:
                return self.atom(node, wanted=wanted)

    def atom(self, node: Node, *, wanted: bool) -> str:
        """Return a guarded comparison: TRUE where its operands are known and it is true (wanted) or false."""
        match node:
            case Compare(
                operator=("==" | "!=") as operator, left=Answer(kind="code") as left, right=Constant() as right
            ):
                return self.coded(left, (right,), among=(operator == "==") is wanted)
            case In(value=Answer(kind="code") as value, options=options) if _constants(options):
                return self.coded(value, options, among=wanted)
            case Compare(operator=operator, left=left, right=right):
                sign = operator if wanted else OPPOSITE[operator]
                return self.guarded([left, right], self.compared(sign, left, right))
            case Between(value=value, low=low, high=high):
                both = [Compare(operator=">=", left=value, right=low), Compare(operator="<=", left=value, right=high)]
                return self.judged(And(parts=tuple(both)), wanted=wanted)
            case In(value=value, options=options):
                equal = tuple(Compare(operator="==", left=value, right=option) for option in options)
                if not _constants(options):
                    return self.judged(Or(parts=equal), wanted=wanted)
                sign, join = ("==", any_of) if wanted else ("!=", all_of)
                return self.guarded([value], join([self.compared(sign, value, option) for option in options]))
            case Call(function="selected", arguments=(value, option)):
                return self.selected(value, option, wanted=wanted)
            case Call(function="matches", arguments=(value, Constant(value=pattern))):
                found = excel_cells.matching(self.text(value), str(pattern)) or self.refuse(
                    node, f"the pattern {pattern}"
                )
                return self.guarded([value], found if wanted else f"NOT({found})")
            case Answer():
                cell = self.reference(node).cell
                return self.guarded([node], cell if wanted else f"NOT({cell})")
            case _:
                return self.refuse(node, type(node).__name__.lower())

    def coded(self, answer: Answer, options: tuple[Node, ...], *, among: bool) -> str:
        """Return the condition that an answer's code is, or is not, one of several."""
        cell = self.reference(answer).cell
        codes = [
            option.value for option in options if isinstance(option, Constant) and isinstance(option.value, int | str)
        ]
        if among:
            return f"IFERROR({excel_cells.among(cell, codes)},FALSE)"
        return f"IFERROR({excel_cells.not_among(cell, [*answer.symbol.missing, *codes])},FALSE)"

    def guarded(self, operands: list[Node], condition: str) -> str:
        """Return a condition that holds only where all operands are known."""
        guards = [guard for operand in operands for guard in self.guards(operand)]
        return f"IFERROR({all_of([*guards, condition])},FALSE)"

    def compared(self, sign: str, left: Node, right: Node) -> str:
        """Return a bare comparison."""
        if sign in _SIGNS and left.kind in {"text", "code"}:
            letters = left.kind == "text" or not scalars.numeric_code(left)
            first, second = self.text(left), self.text(right)
            same = f"EXACT({first},{second})" if letters else f"{first}={second}"
            return same if sign == "==" else f"NOT({same})"
        return f"{self.number(left)}{_SIGNS.get(sign, sign)}{self.number(right)}"

    def known(self, node: Node) -> str:
        """Return the condition under which a value is known."""
        if node.kind == "boolean" and not isinstance(node, Answer):
            return any_of([self.judged(node, wanted=True), self.judged(node, wanted=False)])
        guards = self.guards(node)
        return f"IFERROR({all_of(guards)},FALSE)" if guards else "TRUE"

    def guards(self, node: Node) -> list[str]:
        """Return conditions that all hold where a value is known; where one gives an error, it is not."""
        match node:
            case Answer(symbol=symbol):
                return excel_cells.valid(symbol, self.reference(node))
            case Today():
                return [] if isinstance(self.today, date) else [f"ISNUMBER({self.today})"]
            case Arithmetic(operator=operator, left=left, right=right):
                divided = [f"{self.number(right)}<>0"] if operator == "/" else []
                return [*self.guards(left), *self.guards(right), *divided]
            case Negative(part=part):
                return self.guards(part)
            case Call(function="if", arguments=(condition, first, second)):
                return [self.branched(condition, self.known(first), self.known(second))]
            case Call(function="coalesce", arguments=arguments):
                return [any_of([self.known(part) for part in arguments])]
            case Call(function=function, arguments=arguments):
                inner = [guard for part in arguments for guard in self.guards(part)]
                return inner + self.extra_guards(function, arguments)
            case Aggregate():
                return Rows(writer=self, node=node).guards()
            case _:
                return []

    def extra_guards(self, function: str, arguments: tuple[Node, ...]) -> list[str]:
        """Return what a function asks of its arguments besides being known."""
        match function:
            case "age":
                return [f"{self.number(arguments[0])}<={self.number(arguments[1])}"]
            case "number" if arguments[0].kind == "text":
                return [excel_cells.written_number(self.text(arguments[0]))[0]]
            case "label":
                codes = scalars.labels(arguments[0], self.language)
                return [any_of([f"{self.text(arguments[0])}={quoted(str(code))}" for code in codes])]
            case _:
                return []

    def number(self, node: Node) -> str:
        """Return the number of a node; means something only where its guards hold."""
        match node:
            case Constant(value=date() as value):
                return excel_cells.day(value) if value >= FIRST_DAY else self.refuse(node, f"the date {value}")
            case Constant(value=value):
                return excel_cells.number(float_or_int(value))
            case Answer(symbol=symbol):
                cell = self.reference(node).cell
                if symbol.kind == "code":
                    return f"VALUE({excel_cells.code(cell)})"
                return f"INT({cell})" if symbol.kind == "date" else cell
            case Today():
                return self.day()
            case Negative(part=part):
                return f"(-{self.number(part)})"
            case Arithmetic(operator=operator, left=left, right=right):
                return f"({self.number(left)}{operator}{self.number(right)})"
            case Call():
                return self.called(node)
            case Aggregate():
                return Rows(writer=self, node=node).value()
            case _:
                return self.refuse(node, type(node).__name__.lower())

    def day(self) -> str:
        """Return the interview date."""
        if isinstance(self.today, date):
            return excel_cells.day(self.today)
        if not self.today:
            raise ExpressionError.of("expression-today-unbound", self.place)
        return f"INT({self.today})"

    def called(self, node: Call) -> str:
        """Return the number that a function gives."""
        match node.function, node.arguments:
            case ("if", (condition, first, second)):
                return f"IF({self.judged(condition, wanted=True)},{self.number(first)},{self.number(second)})"
            case ("coalesce", arguments):
                return self.first_of(arguments, self.number)
            case ("number", (part,)):
                return self.number(part) if part.kind == "code" else excel_cells.written_number(self.text(part))[1]
            case ("length", (part,)):
                return f"LEN({self.text(part)})"
            case ("count_selected", (Answer() as part,)):
                return excel_cells.count_chosen(part.symbol, self.reference(part))
            case (function, arguments) if function in _FUNCTIONS:
                return _FUNCTIONS[function](*(self.number(part) for part in arguments))
            case _:
                return self.refuse(node, node.function)

    def text(self, node: Node) -> str:
        """Return the text, or the code as text, of a node; means something only where its guards hold."""
        match node:
            case Constant(value=value):
                return quoted(str(value))
            case Answer(symbol=symbol):
                cell = self.reference(node).cell
                return excel_cells.code(cell) if symbol.kind == "code" else f"TRIM({cell})"
            case Call(function="if", arguments=(condition, first, second)):
                return f"IF({self.judged(condition, wanted=True)},{self.text(first)},{self.text(second)})"
            case Call(function="coalesce", arguments=arguments):
                return self.first_of(arguments, self.text)
            case Call(function="concat", arguments=arguments):
                return (
                    "("
                    + "&".join(self.number(one) if one.kind == "number" else self.text(one) for one in arguments)
                    + ")"
                )
            case Call(function="label", arguments=(part,)):
                labels = scalars.labels(part, self.language).items()
                code = self.text(part)
                return (
                    "(" + "&".join(f'IF({code}={quoted(str(key))},{quoted(label)},"")' for key, label in labels) + ")"
                )
            case _:
                return self.refuse(node, type(node).__name__.lower())

    def value(self, node: Node) -> str:
        """Return the value, an empty text where it is unknown."""
        if node.kind == "boolean":
            return f'IF({self.judged(node, wanted=True)},TRUE,IF({self.judged(node, wanted=False)},FALSE,""))'
        written = node.kind in {"text", "codes"} or (node.kind == "code" and not scalars.numeric_code(node))
        found = self.text(node) if written else self.coded_number(node)
        return f'IF({self.known(node)},IFERROR({found},""),"")'

    def coded_number(self, node: Node) -> str:
        """Return a number, also of a coded value that is chosen among several."""
        return f"VALUE({self.text(node)})" if node.kind == "code" else self.number(node)

    def state(self, node: Node, state: str) -> str:
        """Return the condition under which an answer is missing, answered or a missing code of a kind."""
        if state in {"missing", "answered"}:
            known = self.known(node)
            return known if state == "answered" else f"NOT({known})"
        if not isinstance(node, Answer):
            return self.refuse(node, f"is {state}")
        return f"IFERROR({excel_cells.reserved(node.symbol, self.reference(node), state)},FALSE)"

    def selected(self, value: Node, option: Node, *, wanted: bool) -> str:
        """Return the condition under which a code is, or is not, chosen."""
        if value.kind == "code" or not isinstance(value, Answer):
            return self.atom(Compare(operator="==", left=value, right=option), wanted=wanted)
        written = str(option.value) if isinstance(option, Constant) else ""
        found = excel_cells.chosen(self.reference(value), written)
        return self.guarded([value], found if wanted else f"NOT({found})")

    def agreeing(self, left: Node, right: Node, *, same: bool) -> str:
        """Return the condition under which two conditions are known and equal, or known and not."""
        pairs = [(True, same), (False, not same)]
        return any_of(
            [all_of([self.judged(left, wanted=one), self.judged(right, wanted=other)]) for one, other in pairs]
        )

    def branched(self, condition: Node, first: str, second: str) -> str:
        """Return what holds of the branch that a condition chooses; FALSE where it is unknown."""
        true, false = self.judged(condition, wanted=True), self.judged(condition, wanted=False)
        return f"IF({true},{first},IF({false},{second},FALSE))"

    def first_known(self, parts: tuple[Node, ...], *, wanted: bool) -> str:
        """Return whether the first known condition is true (wanted) or false."""
        *others, last = parts
        text = self.judged(last, wanted=wanted)
        for part in reversed(others):
            is_so, is_not = self.judged(part, wanted=wanted), self.judged(part, wanted=not wanted)
            text = f"IF({is_so},TRUE,IF({is_not},FALSE,{text}))"
        return text

    def first_of(self, parts: tuple[Node, ...], read: Callable[[Node], str]) -> str:
        """Return the first known value."""
        *others, last = parts
        text = read(last)
        for part in reversed(others):
            text = f"IF({self.known(part)},{read(part)},{text})"
        return text

    def reference(self, node: Answer) -> Reference:
        """Return where an answer stands."""
        found = self.target(node.symbol.name)
        return (
            Reference(cell=found) if isinstance(found, str) else found if isinstance(found, Reference) else Reference()
        )

    def target(self, name: str) -> Target:
        """Return what was given for a name."""
        found = self.references(name) if callable(self.references) else self.references.get(name)
        if not found:
            raise ExpressionError.of("expression-reference-missing", self.place, name=name)
        return found

    def refuse(self, node: Node, what: str) -> str:
        """Note what cannot be said."""
        place = replace(self.place, line=node.line, column=node.column)
        self.refused.append(finding("expression-not-in-excel", place, what=what))
        return "FALSE"


def float_or_int(value: object) -> float:
    """Return a constant as a number."""
    return value if isinstance(value, int | float) else float("nan")


def _constants(options: tuple[Node, ...]) -> bool:
    return all(isinstance(option, Constant) for option in options)


def _boolean(node: Node) -> bool:
    return node.kind == "boolean"


def _joined(sign: str) -> Callable[..., str]:
    return lambda *numbers: "(" + sign.join(numbers) + ")"


_FUNCTIONS: Final[dict[str, Callable[..., str]]] = {
    "min": lambda *numbers: f"MIN({','.join(numbers)})",
    "max": lambda *numbers: f"MAX({','.join(numbers)})",
    "sum": _joined("+"),
    "mean": lambda *numbers: f"({'+'.join(numbers)})/{len(numbers)}",
    "round": lambda value, places="0": f"ROUND({value},{places})",
    "int": lambda value: f"TRUNC({value})",
    "abs": lambda value: f"ABS({value})",
    "age": lambda birth, at: f'DATEDIF({birth},{at},"y")',
    "days_between": lambda first, last: f"({last}-{first})",
    "year": lambda value: f"YEAR({value})",
    "month": lambda value: f"MONTH({value})",
    "day": lambda value: f"DAY({value})",
}
