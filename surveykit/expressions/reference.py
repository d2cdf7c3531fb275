"""The meaning, one record at a time, as plainly as it can be said: what every other backend is tested against."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from surveykit.errors import ExpressionError
from surveykit.expressions import patterns, scalars
from surveykit.expressions.meaning import Symbol, Typed
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
    Negative,
    Node,
    Not,
    Or,
    Today,
)

Record = Mapping[str, Any]

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_CALCULATE: Final[dict[str, Callable[[float, float], float | None]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: None if right == 0 else left / right,
}


def value_of(
    typed: Typed,
    record: Record,
    *,
    rosters: Mapping[str, Sequence[Record]] | None = None,
    today: date | None = None,
    language: str = "en",
) -> Any:  # noqa: ANN401 (a number, text, date, truth value or None)
    """Return the value of an expression for one record; None where it is unknown.

    Parameters
    ----------
    typed : Typed
        Any expression.
    record : mapping of str to value
        Answers by name; blank answers are None or absent. Codes of a select-multiple are joined by one blank.
    rosters : mapping of str to sequence of records, optional
        Rows below the record.
    today : date, optional
        The interview date.
    language : str
        Language of ``label()``.

    Raises
    ------
    ExpressionError
        If rows or an interview date are needed and were not given.
    """
    return _Row(record=record, rosters=rosters or {}, today=today, language=language).value(typed.node)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    record: Record
    rosters: Mapping[str, Sequence[Record]]
    today: date | None
    language: str
    member: Record | None = None

    def value(self, node: Node) -> Any:  # noqa: ANN401
        match node:
            case Literal(value=value):
                return value
            case Answer(symbol=symbol):
                return None if self.missing_kind(node) else _read(symbol, self.raw(node))
            case Today():
                if self.today is None:
                    raise ExpressionError.of("expression-today-unbound")
                return self.today
            case Negative(part=part):
                return _applied(lambda number: -number, [self.value(part)])
            case Arithmetic(operator=sign, left=left, right=right):
                return _applied(_CALCULATE[sign], [self.value(left), self.value(right)])
            case Call():
                return self.called(node)
            case Aggregate():
                return self.aggregated(node)
            case _:
                return self.condition(node)

    def condition(self, node: Node) -> bool | None:
        match node:
            case Compare(operator=sign, left=left, right=right):
                return _compared(sign, self.value(left), self.value(right))
            case Between(value=value, low=low, high=high):
                found = self.value(value)
                above = _compared(">=", found, self.value(low))
                below = _compared("<=", found, self.value(high))
                return _all([above, below])
            case In(value=value, options=options):
                found = self.value(value)
                return _any([_compared("==", found, self.value(option)) for option in options])
            case Is(value=value, state="missing"):
                return self.value(value) is None
            case Is(value=value, state="answered"):
                return self.value(value) is not None
            case Is(value=Answer() as value, state=state):
                return self.missing_kind(value) == state
            case Not(part=part):
                truth = self.value(part)
                return None if truth is None else not truth
            case And(parts=parts):
                return _all([self.value(part) for part in parts])
            case Or(parts=parts):
                return _any([self.value(part) for part in parts])
            case _:
                message = f"{type(node).__name__} is no condition"
                raise TypeError(message)

    def raw(self, node: Answer) -> Any:  # noqa: ANN401
        """Return an answer as it stands in the record; None where blank."""
        row = self.member if node.roster and self.member is not None else self.record
        value = row.get(node.symbol.name)
        blank = isinstance(value, str) and not value.strip(scalars.BLANKS)
        return None if value is None or blank or value != value else value  # noqa: PLR0124 (NaN)

    def missing_kind(self, node: Answer) -> str:
        """Return the kind of missing code that an answer is; empty if it is none."""
        raw = self.raw(node)
        kinds = {str(code): kind for code, kind in node.symbol.missing.items()}
        return "" if raw is None else kinds.get(_code_text(raw), "")

    def called(self, node: Call) -> Any:  # noqa: ANN401
        match node.function, node.arguments:
            case ("if", (condition, first, second)):
                truth = self.value(condition)
                return None if truth is None else self.value(first if truth else second)
            case ("coalesce", arguments):
                return next((found for found in map(self.value, arguments) if found is not None), None)
            case ("label", (part,)):
                code = self.value(part)
                return None if code is None else scalars.labels(part, self.language).get(str(code))
            case (function, arguments):
                return _applied(_FUNCTIONS[function], [self.value(part) for part in arguments])

    def aggregated(self, node: Aggregate) -> Any:  # noqa: ANN401
        if node.roster not in self.rosters:
            raise ExpressionError.of("expression-rows-missing", name=node.roster)
        rows = [
            _Row(record=self.record, rosters={}, today=self.today, language=self.language, member=member)
            for member in self.rosters[node.roster]
        ]
        truths = [True if node.where is None else row.value(node.where) for row in rows]
        if node.function in {"any", "all"}:
            return (_any if node.function == "any" else _all)(truths)
        kept = [row for row, truth in zip(rows, truths, strict=True) if truth is True]
        if node.value is None:
            return len(kept)
        values = [row.value(node.value) for row in kept]
        if not values:
            return 0 if node.function == "sum" else None
        return _applied(_FUNCTIONS[node.function], values)


def _read(symbol: Symbol, raw: Any) -> Any:  # noqa: ANN401
    """Return an answer in the type of its symbol."""
    if raw is None:
        return None
    match symbol.kind:
        case "date":
            day = raw.date() if isinstance(raw, datetime) else raw
            return date.fromisoformat(day) if isinstance(day, str) else day
        case "code" if symbol.numeric:
            return int(raw)
        case "code" | "codes" | "text":
            return scalars.trimmed(_code_text(raw))
        case _:
            return raw


def _code_text(raw: Any) -> str:  # noqa: ANN401
    return str(int(raw)) if isinstance(raw, float) and raw.is_integer() else str(raw)


def _applied(function: Callable[..., Any], values: list[Any]) -> Any:  # noqa: ANN401
    """Apply a function to values that are all known; else unknown."""
    return None if any(value is None for value in values) else function(*values)


def _compared(sign: str, left: Any, right: Any) -> bool | None:  # noqa: ANN401
    return None if left is None or right is None else _COMPARE[sign](left, right)


def _any(truths: list[bool | None]) -> bool | None:
    return True if True in truths else None if None in truths else False


def _all(truths: list[bool | None]) -> bool | None:
    return False if False in truths else None if None in truths else True


def _rounded(value: float, places: int = 0) -> float:
    # Half away from zero as on paper; the 1e-9 takes up what binary fractions lose (2.675 is 2.67499…).
    size = math.floor(abs(value) * 10.0**places + 0.5 + 1e-9) / 10.0**places
    return math.copysign(size, value) + 0.0


def _age(birth: date, at: date) -> int | None:
    if birth > at:
        return None
    return at.year - birth.year - ((at.month, at.day) < (birth.month, birth.day))


def _sum(*values: float) -> float:
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


def _number(value: int | str) -> float | None:
    found = float(value) if isinstance(value, int) else scalars.number(value)
    return None if math.isnan(found) else found


def _concat(*values: Any) -> str:  # noqa: ANN401
    return "".join(value if isinstance(value, str) else str(int(value)) for value in values)


_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "selected": lambda chosen, code: str(code) in str(chosen).split(),
    "count_selected": lambda chosen: len(chosen.split()),
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "sum": _sum,
    "mean": lambda *values: _sum(*values) / len(values),
    "round": _rounded,
    "int": lambda value: float(math.trunc(value)),
    "abs": abs,
    "number": _number,
    "length": len,
    "matches": lambda text, pattern: re.fullmatch(patterns.regex(pattern), text) is not None,
    "concat": _concat,
    "age": _age,
    "days_between": lambda first, last: (last - first).days,
    "year": lambda day: day.year,
    "month": lambda day: day.month,
    "day": lambda day: day.day,
}
