"""Households of the test instrument, answered at random: right, wrong, blank, missing codes, against the skips."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pandas as pd

from surveykit.questionnaire.structure import Item, Questionnaire


def serial(number: int) -> str:
    """A number of five digits and its Luhn check digit."""
    digits = [int(char) for char in f"{number:05d}"]
    total = sum((2 * digit - 9 * (digit > 4)) if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return f"{number:05d}{-total % 10}"


def answer(item: Item, chance: random.Random) -> object:
    """One answer: mostly fitting, sometimes blank, a missing code, out of range or of the wrong kind."""
    luck = chance.random()
    if luck < 0.12:
        return None
    if luck < 0.2 and item.missing_codes:
        return chance.choice(list(item.missing_codes))
    if item.codelist:
        return chance.choice([*item.codelist.codes] * 8 + [77])
    if item.type in {"integer", "decimal"}:
        return _number(item, chance)
    if item.type == "date":
        first = date.fromisoformat(str(item.range.min)) if item.range else date(2020, 1, 1)
        return first + timedelta(days=chance.randint(-40, 3000))
    return chance.choice(
        ["가", "Kim", "Ri", "= 1+1", "@x", "*", "?", "~", "a long text that has more than twenty characters"]
    )


def _number(item: Item, chance: random.Random) -> object:
    low, high = float(item.range.min), float(item.range.max)
    value = chance.uniform(low - (high - low) * 0.08, high + (high - low) * 0.08)
    if chance.random() < 0.06:
        return chance.choice(["12 kg?", "*", " "])
    return round(value, 1) if item.type == "decimal" or chance.random() < 0.03 else round(value)


def several(item: Item, chance: random.Random) -> str | None:
    codes = [str(code) for code in (*item.codelist.codes, *item.missing_codes)]
    luck = chance.random()
    if luck < 0.15:
        return None
    if luck < 0.35:
        return chance.choice(codes)
    return " ".join(code for code in codes[:3] if chance.random() < 0.6) or codes[0]


def household(questionnaire: Questionnaire, number: int, chance: random.Random) -> dict[str, pd.DataFrame]:
    """Answers of one household, a frame a unit, as objects."""
    frames = {"household": [_row(questionnaire, "household", chance)], "member": []}
    top = frames["household"][0]
    top["K_SERIAL"] = serial(number) if chance.random() < 0.95 else f"{number:05d}x"
    if chance.random() < 0.8:
        top["K_CONSENT"] = 1
    for line in range(1, chance.randint(1, 6) + 1):
        member = _row(questionnaire, "member", chance) | {"member_line": line}
        member["name"] = member["name"] or "Pak"
        if chance.random() < 0.75:
            member["age"] = chance.randint(0, 80)
        frames["member"].append(member)
    for unit, most in (("adult", 1), ("woman", 3), ("child", 3)):
        frames[unit] = [_row(questionnaire, unit, chance) for _ in range(most)]
    return {unit: pd.DataFrame(rows, dtype=object) for unit, rows in frames.items()}


def _row(questionnaire: Questionnaire, unit: str, chance: random.Random) -> dict[str, object]:
    row: dict[str, object] = {}
    for item in questionnaire.items_of(unit):
        if item.type == "select_multiple":
            row[item.var] = several(item, chance)
        elif item.answered_by_hand:
            row[item.var] = answer(item, chance)
    return row
