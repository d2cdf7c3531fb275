"""The patterns of ``matches``: a subset of regular expressions that every engine reads alike and in linear time.

A pattern is a row of characters and classes, each with a bounded number of repeats. There are no groups, no
alternatives and no references; a repeat of varying length must differ from what may follow it, so that no engine ever
has to try two ways of reading a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

Ranges = tuple[tuple[int, int], ...]

MAX_LENGTH: Final = 255  # characters of a text answer that Excel's data validation can hold (Excel specifications)

_CLASSES: Final[dict[str, Ranges]] = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 13), (32, 32)),
}
_LAST: Final = 0x10FFFF
_ANY: Final[Ranges] = ((0, 9), (11, 12), (14, _LAST))
_ESCAPED: Final = frozenset(r".\-/+*?()[]{}^$|@#,:; ")
_FORBIDDEN: Final = {
    "(": "a group",
    ")": "a group",
    "|": "an alternative",
    "*": "an unbounded repeat, write {0,40}",
    "+": "an unbounded repeat, write {1,40}",
    "$": "an anchor, the whole text is always matched",
    "^": "an anchor, the whole text is always matched",
}
_REPEAT: Final = re.compile(r"\{(\d{1,3})(?:,(\d{1,3}))?\}|\?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A class of characters and how often it stands there.

    Parameters
    ----------
    ranges : tuple of (int, int)
        Code points, both ends included, ascending.
    least, most : int
        Number of repeats.
    """

    ranges: Ranges
    least: int = 1
    most: int = 1

    @property
    def characters(self) -> str:
        """All characters of the class; only sensible for small classes."""
        return "".join(chr(code) for first, last in self.ranges for code in range(first, last + 1))

    @property
    def size(self) -> int:
        """Number of characters of the class."""
        return sum(last - first + 1 for first, last in self.ranges)

    @property
    def others(self) -> Element:
        """One character that is not of the class."""
        return Element(ranges=_inverse(self.ranges))

    @property
    def regex(self) -> str:
        """The element in the syntax shared by Python, Rust, RE2, Java and JavaScript."""
        span = "".join(_escaped(a) if a == b else f"{_escaped(a)}-{_escaped(b)}" for a, b in self._shared())
        times = "" if (self.least, self.most) == (1, 1) else f"{{{self.least},{self.most}}}"
        return f"[{span}]{times}"

    def _shared(self) -> Ranges:
        """Leave out surrogates, which Rust's and RE2's engines refuse."""
        gap = (0xD800, 0xDFFF)
        below = ((first, min(last, gap[0] - 1)) for first, last in self.ranges)
        above = ((max(first, gap[1] + 1), last) for first, last in self.ranges)
        return tuple((first, last) for first, last in (*below, *above) if first <= last)


class PatternError(ValueError):
    """A pattern lies outside the subset; the message says why."""


@cache
def elements(pattern: str) -> tuple[Element, ...]:
    """Return the elements of a pattern.

    Raises
    ------
    PatternError
        If the pattern lies outside the subset.
    """
    found: list[Element] = []
    position = 0
    while position < len(pattern):
        ranges, position = _class_at(pattern, position)
        least, most, position = _repeat_at(pattern, position)
        found.append(Element(ranges=ranges, least=least, most=most))
    if sum(element.most for element in found) > MAX_LENGTH:
        message = f"it matches texts of more than {MAX_LENGTH} characters"
        raise PatternError(message)
    _one_reading(found)
    return tuple(found)


def regex(pattern: str) -> str:
    """Return a pattern, without anchors, in the syntax that all engines share."""
    return "".join(element.regex for element in elements(pattern))


def _class_at(pattern: str, position: int) -> tuple[Ranges, int]:
    sign = pattern[position]
    if sign == "[":
        return _bracket_at(pattern, position + 1)
    if sign == "\\":
        return _escape_at(pattern, position)
    if sign in _FORBIDDEN:
        raise PatternError(_FORBIDDEN[sign])
    if sign in "]{}?":
        message = f"{sign} stands alone"
        raise PatternError(message)
    return (_ANY if sign == "." else ((ord(sign), ord(sign)),)), position + 1


def _escape_at(pattern: str, position: int) -> tuple[Ranges, int]:
    sign = pattern[position + 1 : position + 2]
    if sign in _CLASSES:
        return _CLASSES[sign], position + 2
    if sign and sign in _ESCAPED:
        return ((ord(sign), ord(sign)),), position + 2
    message = f"\\{sign} is not known here"
    raise PatternError(message)


def _bracket_at(pattern: str, position: int) -> tuple[Ranges, int]:
    inverted = pattern[position : position + 1] == "^"
    position += inverted
    ranges: list[tuple[int, int]] = []
    while position < len(pattern) and pattern[position] != "]":
        first, position = _member_at(pattern, position)
        if pattern[position : position + 1] == "-" and pattern[position + 1 : position + 2] not in {"", "]"}:
            last, position = _member_at(pattern, position + 1)
            first = _span(first, last)
        ranges += first
    if position >= len(pattern) or not ranges:
        message = "a class is empty or not closed"
        raise PatternError(message)
    merged = _merged(ranges)
    return (_inverse(merged) if inverted else merged), position + 1


def _member_at(pattern: str, position: int) -> tuple[Ranges, int]:
    if pattern[position] == "\\":
        return _escape_at(pattern, position)
    if pattern[position] == "[":
        message = "a class stands inside a class"
        raise PatternError(message)
    return ((ord(pattern[position]), ord(pattern[position])),), position + 1


def _span(first: Ranges, last: Ranges) -> Ranges:
    low, high = first[0][0], last[0][0]
    if len(first) > 1 or len(last) > 1 or first[0][0] != first[0][1] or last[0][0] != last[0][1] or low > high:
        message = "a range of characters runs backwards"
        raise PatternError(message)
    return ((low, high),)


def _repeat_at(pattern: str, position: int) -> tuple[int, int, int]:
    match = _REPEAT.match(pattern, position)
    if match is None:
        return 1, 1, position
    if match.group() == "?":
        return 0, 1, match.end()
    least = int(match.group(1))
    most = int(match.group(2) or least)
    if least > most or most == 0:
        message = f"{match.group()} repeats nothing"
        raise PatternError(message)
    return least, most, match.end()


def _one_reading(found: list[Element]) -> None:
    for index, element in enumerate(found):
        if element.least == element.most:
            continue
        for following in found[index + 1 :]:
            if _overlap(element.ranges, following.ranges):
                message = "two repeats beside each other share characters, so that a text could be read in two ways"
                raise PatternError(message)
            if following.least:
                break


def _overlap(left: Ranges, right: Ranges) -> bool:
    return any(a <= d and c <= b for a, b in left for c, d in right)


def _merged(ranges: list[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def _inverse(ranges: Ranges) -> Ranges:
    ends = [(-1, -1), *ranges, (_LAST + 1, _LAST + 1)]
    gaps = ((left[1] + 1, right[0] - 1) for left, right in pairwise(ends))
    return tuple((first, last) for first, last in gaps if first <= last)


def _escaped(code: int) -> str:
    # The one escape that all engines know for every sign, JavaScript's strict mode included.
    return chr(code) if code > 127 or chr(code).isalnum() else f"\\x{code:02x}"
