"""The written table by which one person of a household is taken, as formulas of a form."""

from __future__ import annotations

from surveykit.questionnaire.selection import DIGITS, MODULUS, MULTIPLIER, STEP, take_number

__all__ = ["key_formula", "take_formula", "take_number"]


def key_formula(serial: str) -> str:
    """Return the formula of the number made of a serial; empty text where it is not made of digits."""
    digits = f'SUBSTITUTE(SUBSTITUTE({serial},"-","")," ","")'
    return f'IFERROR(VALUE(RIGHT({digits},{DIGITS})),"")'


def take_formula(key: str, count: str) -> str:
    """Return the formula of the number to take; empty text where key or count is missing."""
    number = f"1+MOD(MOD({key}*{MULTIPLIER}+{count}*{STEP},{MODULUS}),{count})"
    return f'IF(OR({key}="",{count}=0),"",{number})'
