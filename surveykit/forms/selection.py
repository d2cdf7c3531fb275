"""One person of a household by a written table: the same for everyone who looks, different from form to form.

The number to take is a fixed function of the serial and of the count of persons who can be taken, so that the form,
the printed table and a supervisor come to the same person, and nobody can choose. Over serials each person has the
same chance to within one in a million, so that the weight of the person is the count.

References
----------
Kish, L. (1949). A procedure for objective respondent selection within the household. Journal of the American
Statistical Association 44, 380-387 (whose printed tables give only near-equal chances).
"""

from __future__ import annotations

from typing import Final

_MULTIPLIER: Final = 486_187  # prime; times 10^8 it stays below 2^53, and its quotient below the 2^27 that MOD takes
_MODULUS: Final = 1_000_003  # the first prime above a million
_STEP: Final = 31  # prime; makes the lines of one form differ
_DIGITS: Final = 8  # digits of the serial that count, from the right


def take_number(serial: str, count: int) -> int:
    """Return which of the persons who can be taken is interviewed.

    Parameters
    ----------
    serial : str
        Digits, with or without hyphens and blanks.
    count : int
        Number of persons who can be taken, at least 1.

    Returns
    -------
    int
        1 to ``count``; 0 where the serial is not made of digits.
    """
    digits = serial.replace("-", "").replace(" ", "")[-_DIGITS:]
    if not (digits.isascii() and digits.isdigit()):
        return 0
    return 1 + (int(digits) * _MULTIPLIER + count * _STEP) % _MODULUS % count


def key_formula(serial: str) -> str:
    """Return the formula of the number made of a serial; empty text where it is not made of digits."""
    digits = f'SUBSTITUTE(SUBSTITUTE({serial},"-","")," ","")'
    return f'IFERROR(VALUE(RIGHT({digits},{_DIGITS})),"")'


def take_formula(key: str, count: str) -> str:
    """Return the formula of the number to take; empty text where key or count is missing."""
    number = f"1+MOD(MOD({key}*{_MULTIPLIER}+{count}*{_STEP},{_MODULUS}),{count})"
    return f'IF(OR({key}="",{count}=0),"",{number})'
