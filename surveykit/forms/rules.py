"""What a cell refuses: the data validation of each kind of item."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from surveykit.forms import describe
from surveykit.forms.lists import TICK_LIST, CodeTable
from surveykit.forms.plan import Rule, RuleKind
from surveykit.forms.wording import Words
from surveykit.questionnaire.structure import Item

_EPOCH: Final = date(1899, 12, 30)  # day 0 of the 1900 date system after Excel's leap-year slip
FIRST_DAY: Final = date(1900, 3, 1)  # earlier serial numbers differ by a day between programs
LAST_DAY: Final = date(2199, 12, 31)  # beyond any birth or visit a survey asks for


def rule_of(
    item: Item,
    cells: str,
    first: str,
    words: Words,
    *,
    table: CodeTable | None = None,
    parent: str = "",
    question_too: bool = False,
    extra: str = "",
) -> Rule:
    """Return the validation of an item's answer cells.

    Parameters
    ----------
    item : Item
    cells : str
        Range that it covers.
    first : str
        Its first cell, with dollar signs where the reference must not move.
    words : Words
    table : CodeTable, optional
        Of coded items.
    parent : str
        Formula of the code that narrows a cascade.
    question_too : bool
        Show the question in the prompt.
    extra : str
        A further condition of a text, for instance that no other row has it.
    """
    kind, formula, formula2, operator = _test(item, first, table, parent, extra)
    title, text = describe.prompt(item, words, question_too=question_too)
    message = words.say("stop_range", expected=describe.expected(item, words))
    return Rule(
        cells=cells,
        kind=kind,
        formula=formula,
        formula2=formula2,
        operator=operator,
        title=words["stop_title"],
        message=words["stop_list"] if table else message,
        prompt_title=title,
        prompt=text,
        item=item.id,
    )


def tick_rule(item: Item, cells: str, words: Words) -> Rule:
    """Return the validation of the option cells of a select-multiple."""
    title, text = describe.prompt(item, words)
    return Rule(
        cells=cells,
        kind="list",
        formula=TICK_LIST,
        title=words["stop_title"],
        message=words["bad_tick"],
        prompt_title=title,
        prompt=text,
        item=item.id,
    )


def cascade(table: CodeTable, parent: str) -> str:
    """Return the part of a sorted list that belongs to a parent code, without volatile functions."""
    start = f"MATCH({parent},{table.parent_name},0)"
    listed = f"INDEX({table.choice_name},{start})"
    return f"{listed}:INDEX({table.choice_name},{start}+COUNTIF({table.parent_name},{parent})-1)"


def number_test(item: Item, cell: str) -> str:
    """Return the condition that a number fits type, range and special codes."""
    parts = [f"{cell}=INT({cell})"] if item.type == "integer" else []
    limits = item.range
    if limits and limits.min is not None:
        parts.append(f"{cell}>={float(limits.min):.15g}")
    if limits and limits.max is not None:
        parts.append(f"{cell}<={float(limits.max):.15g}")
    fits = f"AND({','.join(parts)})" if parts else "TRUE"
    special = "".join(f",{cell}={code}" for code in item.missing_codes if isinstance(code, int))
    return f"OR({fits}{special})" if special else fits


def day_limits(item: Item) -> tuple[int, int]:
    """Return the first and last day number of a date item."""
    limits = item.range
    first = date.fromisoformat(str(limits.min)) if limits and limits.min is not None else FIRST_DAY
    last = date.fromisoformat(str(limits.max)) if limits and limits.max is not None else LAST_DAY
    return day_number(first), day_number(last)


def _test(item: Item, first: str, table: CodeTable | None, parent: str, extra: str) -> tuple[RuleKind, str, str, str]:
    if table is not None:
        return "list", cascade(table, parent) if parent and table.pairs else table.choice_name, "", ""
    if item.type == "date":
        low, high = day_limits(item)
        return "date", str(low), str(high), "between"
    if item.type in {"integer", "decimal"}:
        return "custom", f"AND(ISNUMBER({first}),{number_test(item, first)})", "", ""
    if extra:
        return "custom", f"AND(LEN({first})<={item.max_length},{extra})", "", ""
    return "textLength", str(item.max_length), "", "lessThanOrEqual"


def merged(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return rules with those that differ only in their cells made one, unless they speak of their own cell."""
    areas: dict[Rule, list[str]] = {}
    for rule in rules:
        shared = rule.kind != "custom" and ":" not in rule.formula
        areas.setdefault(replace(rule, cells="") if shared else rule, []).append(rule.cells)
    return tuple(replace(rule, cells=" ".join(cells)) for rule, cells in areas.items())


def day_number(day: date) -> int:
    """Return the serial number of a day."""
    return (day - _EPOCH).days
