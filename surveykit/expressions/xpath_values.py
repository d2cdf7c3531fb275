"""Single values in XPath: how answers are read, guarded and calculated with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from surveykit.expressions import patterns, scalars
from surveykit.expressions.nodes import Node
from surveykit.expressions.symbols import Symbol


def quoted(text: str) -> str:
    """Return a text as XPath, which knows no escapes: one with both kinds of quotes is joined from pieces."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    pieces = ', "\'", '.join(f"'{piece}'" for piece in text.split("'"))
    return f"concat({pieces})"


def number(value: object) -> str:
    """Return a constant as XPath, which knows no exponents; a date as yyyymmdd."""
    if isinstance(value, date):
        return value.strftime("%Y%m%d")
    written = format(Decimal(str(value)), "f")
    return f"({written})" if written.startswith("-") else written


def day(path: str) -> str:
    """Return an ISO date as a number yyyymmdd."""
    return f"number(translate({path}, '-', ''))"


def iso(number: str) -> str:
    """Return a number yyyymmdd as an ISO date."""
    year, month, of_month = _year(number), _month(number), _day(number)
    padded = [f"if({part} < 10, concat('0', {part}), {part})" for part in (month, of_month)]
    return f"concat({year}, '-', {padded[0]}, '-', {padded[1]})"


def valid(symbol: Symbol, path: str) -> list[str]:
    """Return the conditions under which a real answer stands at a path; all of them must hold."""
    if symbol.kind == "codes":
        return [f"{path} != ''", *(f"not(selected({path}, {quoted(str(code))}))" for code in symbol.missing)]
    if symbol.kind == "number":
        return [f"{path} != ''", *(f"{path} != {code}" for code in symbol.missing)]
    text = f"normalize-space({path})"
    return [f"{text} != ''", *(f"{text} != {quoted(str(code))}" for code in symbol.missing)]


def reserved(symbol: Symbol, path: str, codes: list[str]) -> str:
    """Return the condition under which one of some missing codes stands at a path."""
    if symbol.kind == "codes":
        found = [f"selected({path}, {quoted(code)})" for code in codes]
    elif symbol.kind == "number":
        found = [f"{path} = {code}" for code in codes]
    else:
        found = [f"normalize-space({path}) = {quoted(code)}" for code in codes]
    return f"({' or '.join(found)})" if found else "false()"


def matching(text: str, pattern: str) -> str:
    """Return the condition under which a text matches a pattern; anchored, as engines differ in that."""
    return f"regex({text}, {quoted(f'^({patterns.regex(pattern)})$')})"


def labels(node: Node, language: str) -> Mapping[str | None, str]:
    """Return the labels of a coded value by code as text."""
    return scalars.labels(node, language)


def of_text(function: str, text: str) -> str:
    """Return a number made of a text."""
    match function:
        case "length":
            return f"string-length({text})"
        case "count_selected":
            return f"count-selected({text})"
        case _:
            return f"number({text})"


def _year(number: str) -> str:
    return f"int({number} div 10000)"


def _month(number: str) -> str:
    return f"(int({number} div 100) mod 100)"


def _day(number: str) -> str:
    return f"({number} mod 100)"


def _day_count(number: str) -> str:
    """Return days since a fixed day; years are counted from March, which puts the leap day last."""
    year, month = f"({_year(number)} - ({_month(number)} < 3))", f"(({_month(number)} + 9) mod 12)"
    leaps = f"int({year} div 4) - int({year} div 100) + int({year} div 400)"
    return f"({year} * 365 + {leaps} + int(({month} * 153 + 2) div 5) + {_day(number)})"


FUNCTIONS: Final[dict[str, Callable[..., str]]] = {
    "min": lambda *numbers: f"min({', '.join(numbers)})",
    "max": lambda *numbers: f"max({', '.join(numbers)})",
    "sum": lambda *numbers: f"({' + '.join(numbers)})",
    "mean": lambda *numbers: f"(({' + '.join(numbers)}) div {len(numbers)})",
    "round": lambda value, places="0": f"round({value}, {places})",
    "int": lambda value: f"int({value})",
    "abs": lambda value: f"abs({value})",
    # Whole years lie between two dates of the form yyyymmdd as thousands do between numbers.
    "age": lambda birth, at: f"int(({at} - {birth}) div 10000)",
    "days_between": lambda first, last: f"({_day_count(last)} - {_day_count(first)})",
    "year": _year,
    "month": _month,
    "day": _day,
}
