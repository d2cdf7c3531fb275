"""The meaning as narwhals expressions, for engines that evaluate elsewhere: polars lazy, DuckDB, Spark.

Null means unknown: with missing codes turned to null, the three-valued logic of SQL is Kleene's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import reduce
from operator import add, and_, eq, ge, gt, le, lt, mul, ne, or_, sub
from typing import Any, Final

import narwhals.stable.v2 as nw

from surveykit.errors import ExpressionError
from surveykit.expressions import patterns, scalars
from surveykit.expressions.nodes import (
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
from surveykit.expressions.symbols import Code, Symbol
from surveykit.expressions.vectors import unknown

_OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "==": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "+": add,
    "-": sub,
    "*": mul,
}


def translated(node: Node, today: str | date | None = None) -> nw.Expr:
    """Return a bound tree as a narwhals expression that is null where unknown.

    Parameters
    ----------
    node : Node
        Bound tree without aggregates.
    today : str or date, optional
        Column of interview dates, or one date.
    """

    def of(part: Node) -> nw.Expr:
        match part:
            case Literal():
                return nw.lit(_constant(part))
            case Answer(symbol=symbol):
                return raw(symbol, tuple(symbol.missing))
            case Today():
                return _today(today)
            case Negative(part=inner):
                return of(inner) * -1.0
            case Arithmetic(operator="/", left=left, right=right):
                return nw.when(of(right) != 0.0).then(_divided(of(left), of(right)))
            case Arithmetic(operator=sign, left=left, right=right) | Compare(operator=sign, left=left, right=right):
                return _OPERATORS[sign](of(left), of(right))  # type: ignore[no-any-return]
            case Between(value=value, low=low, high=high):
                return (of(value) >= of(low)) & (of(value) <= of(high))
            case In(value=value, options=options):
                return _among(of(value), options, of)
            case Not(part=inner):
                return ~of(inner)
            case And(parts=parts):
                return reduce(and_, map(of, parts))
            case Or(parts=parts):
                return reduce(or_, map(of, parts))
            case Is(value=inner, state=state):
                return _state(inner, state, of)
            case Call(function=function, arguments=arguments) if function in _FUNCTIONS:
                return _FUNCTIONS[function](*map(of, arguments))
            case Call():
                return _special(part, of)
            case _:
                raise unknown(part)

    return of(node)


def known(condition: nw.Expr) -> nw.Expr:
    """Return a condition with unknown counted as false."""
    return nw.coalesce(condition, nw.lit(False))  # noqa: FBT003 (a value)


def raw(symbol: Symbol, without: tuple[Code, ...] = ()) -> nw.Expr:
    """Return an item's column with blanks (NaN included) and the given codes as null."""
    column = nw.col(symbol.column)
    if symbol.kind == "date":
        return column.cast(nw.Date)
    if symbol.kind == "boolean":
        return column
    read = column.cast(nw.Float64) if symbol.numeric else _trimmed(column.cast(nw.String))
    blank = read.is_nan() if symbol.numeric else read == ""
    dropped = blank | read.is_in(_reserved(symbol, without)) if without else blank
    return nw.when(~dropped).then(read)


def _constant(node: Literal) -> Any:  # noqa: ANN401 (a number, text, date or truth value)
    value = node.value
    return float(value) if node.kind in {"number", "code"} and isinstance(value, int | float) else value


def _trimmed(text: nw.Expr) -> nw.Expr:
    return text.str.replace_all(f"[{scalars.BLANKS}]+", " ").str.strip_chars(" ")


def _among(value: nw.Expr, options: tuple[Node, ...], of: Callable[[Node], nw.Expr]) -> nw.Expr:
    constants = [_constant(option) for option in options if isinstance(option, Literal)]
    if len(constants) == len(options):
        return value.is_in(constants)
    return reduce(or_, [value == of(option) for option in options])


def _reserved(symbol: Symbol, codes: tuple[Code, ...]) -> list[float | str]:
    if symbol.kind in {"date", "boolean"}:
        return []
    return [float(code) if symbol.numeric else str(code) for code in codes]


def _today(today: str | date | None) -> nw.Expr:
    if today is None:
        raise ExpressionError.of("expression-today-unbound")
    return nw.col(today).cast(nw.Date) if isinstance(today, str) else nw.lit(today)


def _state(node: Node, state: str, of: Callable[[Node], nw.Expr]) -> nw.Expr:
    if state == "missing":
        return of(node).is_null()
    if state == "answered":
        return ~of(node).is_null()
    if not isinstance(node, Answer):
        raise unknown(node)
    symbol = node.symbol
    codes = _reserved(symbol, tuple(code for code, kind in symbol.missing.items() if kind == state))
    return known(raw(symbol).is_in(codes)) if codes else nw.lit(False)  # noqa: FBT003 (a value)


def _special(call: Call, of: Callable[[Node], nw.Expr]) -> nw.Expr:
    """Translate the functions whose arguments are more than values."""
    first, *others = call.arguments
    written = str(others[0].value) if others and isinstance(others[0], Literal) else ""
    match call.function:
        case "selected" if first.kind == "code":
            return of(first) == of(others[0])
        case "selected":
            padded = nw.concat_str([nw.lit(" "), of(first), nw.lit(" ")])
            return padded.str.contains(f" {written} ", literal=True)
        case "matches":
            return of(first).str.contains(rf"\A(?:{patterns.regex(written)})\z")
        case "round":
            return _rounded(of(first), 10.0 ** int(written or 0))
        case "number":
            return of(first) if first.kind == "code" else _parsed(of(first))
        case "concat":
            return nw.concat_str([_text(part, of) for part in call.arguments])
        case "label":
            text = _text(first, of)
            labels = scalars.labels(first, "en").items()
            return nw.coalesce(*(nw.when(text == nw.lit(code)).then(nw.lit(label)) for code, label in labels))
        case _:
            raise unknown(call)


def _text(node: Node, of: Callable[[Node], nw.Expr]) -> nw.Expr:
    if node.kind == "number" or (node.kind == "code" and scalars.numeric_code(node)):
        return of(node).cast(nw.Int64).cast(nw.String)
    return of(node)


def _parsed(text: nw.Expr) -> nw.Expr:
    # What is no number must be null before the cast: engines cast all rows, whatever a condition leaves out.
    pattern = rf"\A(?:{scalars.NUMBER.pattern})\z"
    return nw.when(text.str.contains(pattern)).then(text).cast(nw.Float64)


def _if(condition: nw.Expr, first: nw.Expr, second: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(first).otherwise(nw.when(~condition).then(second))


def _extreme(fold: Callable[..., nw.Expr]) -> Callable[..., nw.Expr]:
    def of(*columns: nw.Expr) -> nw.Expr:
        return nw.when(reduce(and_, [~column.is_null() for column in columns])).then(fold(*columns))

    return of


def _divided(left: nw.Expr, right: nw.Expr) -> nw.Expr:
    # polars divides by a constant as a product with its inverse, one bit off; a column of constants is divided exactly.
    return left / (left * 0.0 + right)


def _rounded(value: nw.Expr, factor: float) -> nw.Expr:
    size = _divided((value.abs() * factor + (0.5 + 1e-9)).floor(), nw.lit(factor))
    return nw.when(value < 0.0).then(size * -1.0).otherwise(size)


def _whole(value: nw.Expr) -> nw.Expr:
    return nw.when(value < 0.0).then((value * -1.0).floor() * -1.0).otherwise(value.floor())


def _day_number(day: nw.Expr) -> nw.Expr:
    """Return days since 0000-03-01 (counting years from March puts the leap day last)."""
    month, year = day.dt.month().cast(nw.Int64), day.dt.year().cast(nw.Int64)
    early = nw.when(month < 3).then(nw.lit(1)).otherwise(nw.lit(0))
    year = year - early
    months = month + early * 12 - 3
    return year * 365 + year // 4 - year // 100 + year // 400 + (months * 153 + 2) // 5 + day.dt.day().cast(nw.Int64)


def _age(birth: nw.Expr, at: nw.Expr) -> nw.Expr:
    def month_day(day: nw.Expr) -> nw.Expr:
        return day.dt.month().cast(nw.Int64) * 100 + day.dt.day().cast(nw.Int64)

    before = nw.when(month_day(at) < month_day(birth)).then(nw.lit(1)).otherwise(nw.lit(0))
    years = at.dt.year().cast(nw.Int64) - birth.dt.year().cast(nw.Int64) - before
    return nw.when(birth <= at).then(years.cast(nw.Float64))


_FUNCTIONS: Final[dict[str, Callable[..., nw.Expr]]] = {
    "if": _if,
    "coalesce": nw.coalesce,
    "min": _extreme(nw.min_horizontal),
    "max": _extreme(nw.max_horizontal),
    "sum": lambda *columns: reduce(add, columns),
    "mean": lambda *columns: _divided(reduce(add, columns), nw.lit(float(len(columns)))),
    "int": _whole,
    "abs": lambda value: value.abs(),
    "length": lambda text: text.str.len_chars().cast(nw.Float64),
    "count_selected": lambda text: (
        text.str.len_chars() - text.str.replace_all(" ", "", literal=True).str.len_chars() + 1
    ).cast(nw.Float64),
    "age": _age,
    "days_between": lambda first, last: (_day_number(last) - _day_number(first)).cast(nw.Float64),
    "year": lambda day: day.dt.year().cast(nw.Float64),
    "month": lambda day: day.dt.month().cast(nw.Float64),
    "day": lambda day: day.dt.day().cast(nw.Float64),
}
