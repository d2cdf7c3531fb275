"""Binds names to symbols and checks types; one walk over the tree, collecting problems instead of stopping."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from surveykit.expressions import agreement, patterns
from surveykit.expressions.agreement import problem
from surveykit.expressions.functions import AGGREGATES, ALL_NAMES, FUNCTIONS, STATE_FUNCTIONS, Signature
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
    Name,
    Negative,
    Node,
    Not,
    Or,
    This,
    Today,
)
from surveykit.expressions.symbols import Kind, Scope, Symbol, near
from surveykit.findings import Finding

_OUTER: Final = "parent"


def resolve(tree: Node, scope: Scope, gives: Kind = "") -> tuple[Node, list[Finding]]:
    """Return the bound tree of a syntax tree and all problems found in it.

    Parameters
    ----------
    tree : Node
        As parsed.
    scope : Scope
        The names that it may use.
    gives : str
        Kind that the result must have; empty for any.
    """
    binder = _Binder(scope=scope)
    found = binder.bind(tree)
    if gives == "boolean":
        found = binder.condition(found)
    elif gives and found.kind and found.kind != gives:
        binder.problems.append(problem("expression-result-kind", found, found=found.kind, expected=gives))
    return found, binder.problems


@dataclass(slots=True, kw_only=True)
class _Binder:
    scope: Scope
    roster: str = ""
    rows: Scope | None = None
    problems: list[Finding] = field(default_factory=list)

    def bind(self, node: Node) -> Node:
        """Return a node bound and typed; kind stays empty where something in it is wrong."""
        match node:
            case Name():
                return self.name(node)
            case This():
                return self.own(node)
            case Call():
                return self.call(node)
            case Negative(part=part):
                return replace(node, part=self.number(part), kind="number")
            case Arithmetic(left=left, right=right):
                return replace(node, left=self.number(left), right=self.number(right), kind="number")
            case Compare() | In() | Between():
                return self.comparison(node)
            case Is():
                return self.state(node)
            case Not(part=part):
                return replace(node, part=self.truth(part), kind="boolean")
            case And(parts=parts) | Or(parts=parts):
                return replace(node, parts=tuple(self.truth(part) for part in parts), kind="boolean")
            case _:
                return node

    def report(self, code: str, node: Node, **values: object) -> Node:
        """Note a problem; return the node without a kind, so that nothing more is said about it."""
        self.problems.append(problem(code, node, **values))
        return replace(node, kind="")

    def name(self, node: Name) -> Node:
        """Bind a name: in the roster's row first, then outside."""
        if node.of and node.of not in {_OUTER, self.roster} and node.written in self.scope.symbols:
            node = replace(node, name=node.written, of="")
        if self.rows is not None and node.of in {"", self.roster} and node.name in self.rows.symbols:
            return self.answer(node, self.rows.symbols[node.name], self.roster)
        if node.of in {"", _OUTER} and node.name in self.scope.symbols:
            return self.answer(node, self.scope.symbols[node.name])
        if node.of in self.scope.rosters:
            return self.report("expression-roster-alone", node, roster=node.of, name=node.name)
        if not node.of and node.name in self.scope.rosters:
            return self.report("expression-roster-alone", node, roster=node.name, name="…")
        known = [*self.scope.symbols, *(self.rows.symbols if self.rows else ())]
        return self.report("expression-unknown-name", node, name=node.written, near=near(node.name, known))

    @staticmethod
    def answer(node: Node, symbol: Symbol, roster: str = "") -> Node:
        """Return the bound form of a name."""
        return Answer(symbol=symbol, roster=roster, kind=symbol.kind, line=node.line, column=node.column)

    def own(self, node: Node) -> Node:
        """Bind ``this``."""
        symbol = self.scope.symbols.get(self.scope.this)
        return self.answer(node, symbol) if symbol else self.report("expression-this-unknown", node)

    def truth(self, node: Node) -> Node:
        """Bind a part that must be true or false."""
        return self.condition(self.bind(node))

    def condition(self, bound: Node) -> Node:
        """Check that a bound part is true or false."""
        if bound.kind in {"boolean", ""}:
            return bound
        return self.report("expression-not-a-condition", bound, found=agreement.words(bound))

    def number(self, node: Node) -> Node:
        """Bind a part that must be a number."""
        bound = self.bind(node)
        if bound.kind in {"number", ""}:
            return bound
        return self.report("expression-not-a-number", bound, found=agreement.words(bound))

    def comparison(self, node: Compare | In | Between) -> Node:
        """Bind both sides of a comparison and make them agree."""
        match node:
            case Compare(operator=operator):
                sides = [self.bind(node.left), self.bind(node.right)]
                found, problems = agreement.agree(sides, ordered=operator not in {"==", "!="})
                bound: Node = replace(node, left=found[0], right=found[1], kind="boolean")
            case In():
                found, problems = agreement.agree([self.bind(part) for part in (node.value, *node.options)])
                bound = replace(node, value=found[0], options=tuple(found[1:]), kind="boolean")
            case Between():
                sides = [self.bind(part) for part in (node.value, node.low, node.high)]
                found, problems = agreement.agree(sides, ordered=True)
                bound = replace(node, value=found[0], low=found[1], high=found[2], kind="boolean")
        self.problems += problems
        return bound

    def state(self, node: Is) -> Node:
        """Bind ``is missing`` and its like."""
        value = self.bind(node.value)
        if value.kind and not isinstance(value, Answer) and node.state not in {"missing", "answered"}:
            self.problems.append(problem("expression-state-of-item", value, state=node.state))
        return replace(node, value=value, kind="boolean")

    def call(self, node: Call) -> Node:
        """Bind a function call or an aggregate."""
        if self.aggregate_meant(node):
            return self.aggregate(node)
        if node.where is not None:
            return self.report("expression-where-misplaced", node.where, function=node.function)
        if node.function in STATE_FUNCTIONS and len(node.arguments) == 1:
            state = STATE_FUNCTIONS[node.function]
            return self.state(Is(value=node.arguments[0], state=state, line=node.line, column=node.column))
        signature = FUNCTIONS.get(node.function)
        if signature is None and node.function not in STATE_FUNCTIONS:
            return self.report(
                "expression-unknown-function", node, function=node.function, near=near(node.function, ALL_NAMES)
            )
        signature = signature or Signature(takes=(frozenset(),), gives="boolean")
        given = len(node.arguments)
        if given < signature.least or (signature.most is not None and given > signature.most):
            return self.report(
                "expression-argument-count", node, function=node.function, found=given, expected=signature.count
            )
        return self.function(node, signature)

    def function(self, node: Call, signature: Signature) -> Node:
        """Bind the arguments of a function and check their kinds."""
        if node.function == "today":
            return self.today(node)
        bound = [self.bind(part) for part in node.arguments]
        if signature.kinds(0) == {"date"}:
            bound = [agreement.dated(part) for part in bound]
        if node.function == "age" and len(bound) == 1:
            bound.append(self.today(node))
        wrong = [
            problem(
                "expression-argument-kind",
                part,
                function=node.function,
                position=position + 1,
                found=agreement.words(part),
                expected=agreement.listed(signature.kinds(position)),
            )
            for position, part in enumerate(bound)
            if part.kind and part.kind not in signature.kinds(position)
        ]
        wrong += [
            problem("expression-constant-expected", bound[position], function=node.function, position=position + 1)
            for position in signature.constants
            if position < len(bound) and not isinstance(bound[position], Literal)
        ]
        self.problems += wrong
        if wrong or any(not part.kind for part in bound):
            return replace(node, arguments=tuple(bound), kind="")
        return self.special(node, bound, signature)

    def special(self, node: Call, bound: list[Node], signature: Signature) -> Node:
        """Check what the table of functions cannot say."""
        kind = signature.gives
        match node.function:
            case "date":
                return self.day(node, bound[0])
            case "selected":
                bound[1:], problems = agreement.codes_of(bound[0], bound[1:])
                self.problems += problems
            case "if" | "coalesce" | "min" | "max":
                skip = 1 if node.function == "if" else 0
                bound[skip:], problems = agreement.agree(bound[skip:], values=True)
                self.problems += problems
                kind = bound[-1].kind
            case "matches":
                self.pattern(bound[1])
            case "round" if len(bound) > 1:
                self.places(bound[1])
            case "concat":
                self.whole_arguments(bound)
            case "label" | "number":
                self.coded(node.function, bound[0])
        return replace(node, arguments=tuple(bound), kind=kind)

    def coded(self, function: str, node: Node) -> None:
        """Check that ``label`` finds labels and ``number`` finds codes without letters."""
        owner = agreement.owner(node)
        if function == "label" and (owner is None or not owner.codes):
            self.problems.append(problem("expression-label-unknown", node))
        if function == "number" and owner is not None and owner.kind == "code" and not owner.numeric:
            self.problems.append(problem("expression-code-not-number", node, name=owner.name))

    def today(self, node: Node) -> Node:
        """Bind ``today()`` to the interview date where the scope knows it."""
        symbol = self.scope.symbols.get(self.scope.today)
        return self.answer(node, symbol) if symbol else Today(kind="date", line=node.line, column=node.column)

    def day(self, node: Node, written: Node) -> Node:
        """Turn ``date('2026-03-02')`` into the date."""
        text = written.value if isinstance(written, Literal) else ""
        try:
            value = date.fromisoformat(str(text))
        except ValueError:
            return self.report("expression-date-invalid", written, found=text)
        return Literal(value=value, kind="date", line=node.line, column=node.column)

    def pattern(self, node: Node) -> None:
        """Check a pattern of ``matches``."""
        pattern = str(node.value) if isinstance(node, Literal) else ""
        try:
            patterns.elements(pattern)
        except patterns.PatternError as error:
            self.problems.append(problem("expression-pattern-unsafe", node, pattern=pattern, reason=str(error)))

    def places(self, node: Node) -> None:
        """Check the number of decimals of ``round``."""
        if not isinstance(node, Literal) or node.value not in range(10):
            self.problems.append(problem("expression-constant-expected", node, function="round", position=2))

    def whole_arguments(self, bound: list[Node]) -> None:
        """Check that numbers to be joined to a text are whole: decimals are written differently everywhere."""
        self.problems += [
            problem("expression-whole-expected", part)
            for part in bound
            if part.kind == "number" and not agreement.whole(part)
        ]

    def aggregate_meant(self, node: Call) -> bool:
        """Whether a call is about the rows of a roster, not about scalars."""
        if node.function not in AGGREGATES:
            return False
        match node.arguments:
            case (Name(of=of) as only,) if of and only.written not in self.scope.symbols:
                return of not in {_OUTER, self.roster}
            case _:
                return node.where is not None or node.function not in FUNCTIONS

    def aggregate(self, node: Call) -> Node:
        """Bind a value of many rows."""
        if len(node.arguments) != 1 or not isinstance(node.arguments[0], Name):
            return self.report("expression-roster-expected", node, function=node.function)
        if self.rows is not None:
            return self.report("expression-roster-nested", node)
        target = node.arguments[0]
        roster = target.of or target.name
        if roster not in self.scope.rosters:
            return self.report("expression-unknown-roster", target, name=roster, near=near(roster, self.scope.rosters))
        rows = _Binder(scope=self.scope, roster=roster, rows=self.scope.rosters[roster], problems=self.problems)
        return rows.aggregated(node, target)

    def aggregated(self, node: Call, target: Name) -> Node:
        """Bind value and condition of an aggregate inside the roster's row."""
        judged = node.function in {"any", "all"}
        if judged and node.where is None:
            return self.report("expression-where-expected", node, function=node.function)
        if bool(target.of) == (judged or node.function == "count"):
            return self.report("expression-roster-expected", target, function=node.function)
        value = self.value(target, node.function) if target.of else None
        where = None if node.where is None else self.truth(node.where)
        kind: Kind = "boolean" if judged else "number" if value is None else value.kind
        return Aggregate(
            function=node.function,
            roster=self.roster,
            value=value,
            where=where,
            kind=kind,
            line=node.line,
            column=node.column,
        )

    def value(self, target: Name, function: str) -> Node:
        """Bind what is aggregated."""
        bound = self.name(target)
        allowed = FUNCTIONS[function].kinds(0)
        if not bound.kind or bound.kind in allowed:
            return bound
        return self.report(
            "expression-argument-kind",
            bound,
            function=function,
            position=1,
            found=agreement.words(bound),
            expected=agreement.listed(allowed),
        )
