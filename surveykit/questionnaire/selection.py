"""One person of a household by a written table: the same for everyone who looks, different from form to form.

The number to take is a fixed function of the serial and of the count of persons who can be taken, so that the form,
the printed table, a supervisor and the reader of the returned form come to the same person, and nobody can choose.
Over serials each person has the same chance to within one in a million, so that the weight of the person is the count.

References
----------
Kish, L. (1949). A procedure for objective respondent selection within the household. Journal of the American
Statistical Association 44, 380-387 (whose printed tables give only near-equal chances).
"""

from __future__ import annotations

from typing import Final

MULTIPLIER: Final = 486_187  # prime; times 10^8 below 2^53, its quotient below the 2^27 that MOD takes
MODULUS: Final = 1_000_003  # the first prime above a million
STEP: Final = 31  # prime; makes the lines of one form differ
DIGITS: Final = 8  # digits of the serial that count, from the right


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
    digits = serial.replace("-", "").replace(" ", "")[-DIGITS:]
    if not (digits.isascii() and digits.isdigit()):
        return 0
    return 1 + (int(digits) * MULTIPLIER + count * STEP) % MODULUS % count
