"""The meaning over whole columns in numpy: one pass a node, no row touched twice.

Numbers, dates (days since 1970-01-01), truth values and codes without letters are float64 arrays in which NaN means
unknown; it never leaves this module. Texts are an index into their distinct values, -1 for unknown. Conditions are
evaluated as two masks, where they are true and where they are false, each only if it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import ExpressionError
from surveykit.expressions import numerics, patterns, scalars
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
    Literal,
    Negative,
    Node,
    Not,
    Or,
    Today,
)
from surveykit.expressions.symbols import Symbol
from surveykit.findings import Place

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

EPOCH: Final = date(1970, 1, 1)
_COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "==": np.equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """A column of texts: ``values`` are distinct, ``index`` points into them, -1 is unknown."""

    index: NDArray[np.intp]
    values: tuple[str, ...]

    def table(self, answer: Callable[[str], float], unknown: float) -> Floats:
        """Return a number a row, worked out once a distinct text."""
        known = [answer(text) for text in self.values]
        return np.array([*known, unknown], dtype=np.float64)[self.index]

    def mask(self, answer: Callable[[str], bool]) -> Mask:
        """Return where a text is known and answers yes."""
        return np.array([*map(answer, self.values), False], dtype=np.bool_)[self.index]

    def take(self, rows: NDArray[np.intp]) -> Texts:
        """Return the texts of some rows."""
        return Texts(index=self.index[rows], values=self.values)

    def objects(self) -> list[str | None]:
        """Return a text a row, None where unknown."""
        lookup = [*self.values, None]
        return [lookup[position] for position in self.index.tolist()]


class Source(Protocol):
    """Where a column's raw answers come from, missing codes included."""

    @property
    def rows(self) -> int:
        """Number of rows."""

    def floats(self, symbol: Symbol, roster: str) -> Floats:
        """Return numbers, NaN where blank."""

    def texts(self, symbol: Symbol, roster: str) -> Texts:
        """Return texts, -1 where blank."""

    def day(self) -> Floats | float:
        """Return the interview date as days since 1970-01-01."""

    def pairs(self, roster: str) -> Pairs:
        """Return the rows of a roster under each row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Rows of a roster under each outer row; ``outer`` ascends."""

    source: Source
    outer: NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """Evaluates bound trees over one source.

    Parameters
    ----------
    source : Source
        The columns.
    language : str
        Language of ``label()``.
    """

    source: Source
    language: str = "en"
    _cache: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def true(self, node: Node) -> Mask:
        """Return where a condition is true."""
        match node:
            case And(parts=parts):
                return _joined(np.logical_and, [self.true(part) for part in parts])
            case Or(parts=parts):
                return _joined(np.logical_or, [self.true(part) for part in parts])
            case Not(part=part):
                return self.false(part)
            case Compare(operator="!=", left=left, right=right):
                return self.differ(left, right)
            case Compare(operator=operator, left=left, right=right):
                return self.same(left, right) if operator == "==" else self.ordered(operator, left, right)
            case Between(value=value, low=low, high=high):
                return self.ordered(">=", value, low) & self.ordered("<=", value, high)
            case In(value=value, options=options):
                return self.among(value, options)
            case _:
                return self.other(node, wanted=True)

    def false(self, node: Node) -> Mask:
        """Return where a condition is false."""
        match node:
            case And(parts=parts):
                return _joined(np.logical_or, [self.false(part) for part in parts])
            case Or(parts=parts):
                return _joined(np.logical_and, [self.false(part) for part in parts])
            case Not(part=part):
                return self.true(part)
            case Compare(operator="!=", left=left, right=right):
                return self.same(left, right)
            case Compare(operator=operator, left=left, right=right):
                return self.differ(left, right) if operator == "==" else self.ordered(OPPOSITE[operator], left, right)
            case Between(value=value, low=low, high=high):
                return self.ordered("<", value, low) | self.ordered(">", value, high)
            case In(value=value, options=options):
                return _joined(np.logical_and, [self.differ(value, option) for option in options])
            case _:
                return self.other(node, wanted=False)

    def other(self, node: Node, *, wanted: bool) -> Mask:
        """Return where a condition that is no comparison is true or false."""
        match node:
            case Literal(value=value):
                return np.full(self.source.rows, bool(value) is wanted)
            case Answer():
                return np.equal(self.floats(node), float(wanted))
            case Is(value=value, state=state):
                found = self.state(value, state)
                return found if wanted else ~found
            case Call(function="selected", arguments=(value, code)):
                return self.selected(value, code, wanted=wanted)
            case Call(function="matches", arguments=(text, pattern)):
                return self.matches(text, pattern, wanted=wanted)
            case Call(function="if", arguments=(condition, first, second)):
                branch = self.true if wanted else self.false
                return (self.true(condition) & branch(first)) | (self.false(condition) & branch(second))
            case Call(function="coalesce", arguments=arguments):
                return np.equal(self.coalesced([self.floats(part) for part in arguments]), float(wanted))
            case Aggregate():
                return self.judged(node, wanted=wanted)
            case _:
                raise unknown(node)

    def floats(self, node: Node) -> Floats:
        """Return the numbers of a node; NaN where unknown. Constants may come as an array without dimensions."""
        match node:
            case Literal(value=value):
                return np.asarray(float((value - EPOCH).days if isinstance(value, date) else value))
            case Answer(symbol=symbol, roster=roster):
                return self.answers(symbol, roster)
            case Today():
                return np.asarray(self.source.day())
            case Negative(part=part):
                return -self.floats(part)
            case Arithmetic(operator=operator, left=left, right=right):
                return numerics.calculated(operator, self.floats(left), self.floats(right))
            case Call():
                return self.called(node)
            case Aggregate() if node.kind != "boolean":
                return self.aggregated(node)
            case _:
                return np.where(self.true(node), 1.0, np.where(self.false(node), 0.0, np.nan))

    def called(self, node: Call) -> Floats:
        """Return the numbers of a function."""
        match node.function, node.arguments:
            case ("if", (condition, first, second)):
                rest = np.where(self.false(condition), self.floats(second), np.nan)
                return np.where(self.true(condition), self.floats(first), rest)
            case ("coalesce", arguments):
                return self.coalesced([self.floats(part) for part in arguments])
            case ("number", (part,)):
                return self.floats(part) if part.kind == "code" else self.text_table(part, scalars.number)
            case ("length", (part,)):
                return self.text_table(part, len)
            case ("count_selected", (part,)):
                return self.text_table(part, lambda text: len(text.split()))
            case (("selected" | "matches"), _):
                return np.where(self.true(node), 1.0, np.where(self.false(node), 0.0, np.nan))
            case (function, arguments):
                return np.asarray(numerics.FUNCTIONS[function](*(self.floats(part) for part in arguments)))

    def texts(self, node: Node) -> Texts:
        """Return the texts of a node."""
        match node:
            case Literal(value=value):
                return Texts(index=np.zeros(self.source.rows, dtype=np.intp), values=(str(value),))
            case Answer(symbol=symbol, roster=roster):
                return self.written(symbol, roster)
            case Call(function="if", arguments=(condition, first, second)):
                chosen = np.where(self.true(condition), 0, np.where(self.false(condition), 1, -1))
                return _chosen(chosen, [self.texts(first), self.texts(second)])
            case Call(function="coalesce", arguments=arguments):
                columns = [self.texts(part) for part in arguments]
                known = np.array([column.index >= 0 for column in columns])
                return _chosen(np.where(known.any(axis=0), known.argmax(axis=0), -1), columns)
            case Call(function="concat", arguments=arguments):
                parts = [self.written_out(part) for part in arguments]
                return distinct([scalars.joined(row) for row in zip(*parts, strict=True)])
            case Call(function="label", arguments=(part,)):
                labels = scalars.labels(part, self.language)
                return distinct([labels.get(code) for code in self.written_out(part)])
            case _:
                raise unknown(node)

    def written_out(self, node: Node) -> list[str | None]:
        """Return a text a row: numbers and codes as they are written."""
        if node.kind == "text" or not _numeric(node):
            return self.texts(node).objects()
        numbers = np.broadcast_to(self.floats(node), (self.source.rows,))
        return [None if number != number else str(int(number)) for number in numbers.tolist()]  # noqa: PLR0124 (NaN)

    def text_table(self, node: Node, answer: Callable[[str], float]) -> Floats:
        """Return a number a text."""
        return self.texts(node).table(answer, np.nan)

    def answers(self, symbol: Symbol, roster: str) -> Floats:
        """Return an item's numbers without missing codes; kept, since rules ask for the same items again."""
        key = ("numbers", roster, symbol.column, symbol.kind, *symbol.missing)
        if key not in self._cache:
            raw = self.source.floats(symbol, roster)
            reserved = [raw == float(code) for code in symbol.missing]
            valid = np.where(_joined(np.logical_or, reserved), np.nan, raw) if reserved else raw
            self._cache[key] = valid
        return self._cache[key]  # type: ignore[no-any-return]

    def written(self, symbol: Symbol, roster: str) -> Texts:
        """Return an item's texts without blanks and missing codes."""
        key = ("texts", roster, symbol.column, symbol.kind, *symbol.missing)
        if key not in self._cache:
            raw = self.source.texts(symbol, roster)
            reserved = {str(code) for code in symbol.missing}
            dropped = np.array([*(text in reserved for text in raw.values), False], dtype=np.bool_)
            index = np.where(dropped[raw.index], -1, raw.index)
            self._cache[key] = Texts(index=index, values=raw.values)
        return self._cache[key]  # type: ignore[no-any-return]

    def known(self, node: Node) -> Mask:
        """Return where a node has a value."""
        if node.kind == "boolean" and not isinstance(node, Answer):
            return self.true(node) | self.false(node)
        if _numeric(node):
            return np.broadcast_to(~np.isnan(self.floats(node)), (self.source.rows,))
        return self.texts(node).index >= 0

    def state(self, node: Node, state: str) -> Mask:
        """Return where an answer is missing, answered, or a missing code of a kind."""
        if state in {"missing", "answered"}:
            known = self.known(node)
            return known if state == "answered" else ~known
        if not isinstance(node, Answer):
            raise unknown(node)
        codes = [code for code, kind in node.symbol.missing.items() if kind == state]
        if _numeric(node):
            raw = self.source.floats(node.symbol, node.roster)
            return _joined(
                np.logical_or, [np.zeros(raw.shape, dtype=np.bool_), *(raw == float(code) for code in codes)]
            )
        reserved = {str(code) for code in codes}
        return self.source.texts(node.symbol, node.roster).mask(reserved.__contains__)

    def same(self, left: Node, right: Node) -> Mask:
        """Return where two values are known and equal."""
        if left.kind == "boolean" and not isinstance(left, Answer | Literal):
            return (self.true(left) & self.true(right)) | (self.false(left) & self.false(right))
        if _numeric(left) and _numeric(right):
            return np.equal(self.floats(left), self.floats(right))
        if isinstance(right, Literal):
            return self.texts(left).mask(str(right.value).__eq__)
        first, second = self.texts(left), _aligned(self.texts(left), self.texts(right))
        return np.asarray((first.index == second) & (first.index >= 0))

    def differ(self, left: Node, right: Node) -> Mask:
        """Return where two values are known and not equal."""
        if left.kind == "boolean" and not isinstance(left, Answer | Literal):
            return (self.true(left) & self.false(right)) | (self.false(left) & self.true(right))
        if _numeric(left) and _numeric(right):
            first_number, second_number = self.floats(left), self.floats(right)
            return np.less(first_number, second_number) | np.greater(first_number, second_number)
        if isinstance(right, Literal):
            return self.texts(left).mask(str(right.value).__ne__)
        first, second = self.texts(left), _aligned(self.texts(left), self.texts(right))
        return np.asarray((first.index != second) & (first.index >= 0) & (second != -1))

    def ordered(self, operator: str, left: Node, right: Node) -> Mask:
        """Return where a comparison of known values holds."""
        return np.asarray(_COMPARISONS[operator](self.floats(left), self.floats(right)))

    def among(self, value: Node, options: tuple[Node, ...]) -> Mask:
        """Return where a value is known and equals one of several."""
        return _joined(np.logical_or, [self.same(value, option) for option in options])

    def selected(self, value: Node, code: Node, *, wanted: bool) -> Mask:
        """Return where a code is, or is not, among the chosen ones."""
        if value.kind == "code":
            return self.same(value, code) if wanted else self.differ(value, code)
        written = str(code.value) if isinstance(code, Literal) else ""
        return self.texts(value).mask(lambda chosen: (written in chosen.split()) is wanted)

    def matches(self, text: Node, pattern: Node, *, wanted: bool) -> Mask:
        """Return where a text matches, or does not match, a pattern."""
        compiled = re.compile(patterns.regex(str(pattern.value) if isinstance(pattern, Literal) else ""))
        return self.texts(text).mask(lambda one: (compiled.fullmatch(one) is not None) is wanted)

    @staticmethod
    def coalesced(columns: list[Floats]) -> Floats:
        """Return the first known number of each row."""
        *others, found = columns
        for column in reversed(others):
            found = np.where(np.isnan(column), found, column)
        return found

    def judged(self, node: Aggregate, *, wanted: bool) -> Mask:
        """Return where ``any`` or ``all`` over the rows of a roster is true or false."""
        rows, outer = self.rows_of(node)
        one_suffices = (node.function == "any") is wanted
        if node.where is None:
            raise unknown(node)
        holds = rows.true(node.where) if wanted else rows.false(node.where)
        deciding = holds if one_suffices else ~holds
        met = np.bincount(outer[deciding], minlength=self.source.rows) > 0
        return met if one_suffices else ~met

    def aggregated(self, node: Aggregate) -> Floats:
        """Return a number of the rows of a roster; rows count where the condition is true."""
        rows, outer = self.rows_of(node)
        kept = np.broadcast_to(True if node.where is None else rows.true(node.where), outer.shape)
        outer = outer[kept]
        count: Floats = np.bincount(outer, minlength=self.source.rows).astype(float)
        if node.value is None:
            return count
        values = rows.floats(node.value)[kept]
        if node.function in {"min", "max"}:
            return numerics.extreme(node.function, outer, values, self.source.rows)
        total: Floats = np.bincount(outer, weights=values, minlength=self.source.rows).astype(float)
        return total if node.function == "sum" else numerics.calculated("/", total, count)

    def rows_of(self, node: Aggregate) -> tuple[Vectors, NDArray[np.intp]]:
        """Return the evaluation over the rows of a roster and the outer row of each."""
        pairs = self.source.pairs(node.roster)
        return Vectors(source=pairs.source, language=self.language), pairs.outer


def unknown(node: Node) -> ExpressionError:
    """Return the error of a node that cannot be evaluated."""
    return ExpressionError.of(
        "expression-not-in-engine", Place(line=node.line, column=node.column), what=type(node).__name__.lower()
    )


def distinct(texts: list[str | None]) -> Texts:
    """Return texts as an index into their distinct values."""
    values: dict[str, int] = {}
    index = [-1 if text is None else values.setdefault(text, len(values)) for text in texts]
    return Texts(index=np.array(index, dtype=np.intp), values=tuple(values))


def _numeric(node: Node) -> bool:
    """Whether a node's values are kept as numbers."""
    return node.kind in {"number", "date", "boolean"} or (node.kind == "code" and scalars.numeric_code(node))


def _joined(join: Callable[[Any, Any], Any], masks: list[Mask]) -> Mask:
    found, *others = masks
    for mask in others:
        found = join(found, mask)
    return found


def _aligned(first: Texts, second: Texts) -> NDArray[np.intp]:
    """Return the second column's index in terms of the first one's values; -2 for a text that it lacks."""
    positions = {text: position for position, text in enumerate(first.values)}
    return np.array([*(positions.get(text, -2) for text in second.values), -1], dtype=np.intp)[second.index]


def _chosen(which: NDArray[Any], columns: list[Texts]) -> Texts:
    lists = [column.objects() for column in columns]
    return distinct([lists[choice][row] if choice >= 0 else None for row, choice in enumerate(which.tolist())])
