"""How high a row must be for its texts; programs without a screen do not fit rows themselves."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from surveykit.forms.plan import Cell, Formula, Rich
from surveykit.forms.styles import PAPER_ANSWER, look

_ADVANCES: Final = (  # of the type size, in Malgun Gothic, whose Latin letters are the wider of the usual fonts
    (0.28, "iIl.,:;'|!"),
    (0.36, "fjrt()[]/- "),
    (0.88, "mwMW%@"),
    (0.66, "ABCDEFGHKLNOPQRSTUVXYZ&"),
)
_OTHER: Final = 0.55  # of the type size: digits and all other letters
_WIDE: Final = 1.0  # of the type size: Hangul, Hanja and Kana fill the square
_RAGGED: Final = 1.06  # lines break between words and are seldom full
_PADDING: Final = 4.0  # points above and below together
_MOST: Final = 409.0  # Excel specifications and limits: points of a row height
_INLINE: Final = {"label": 10.0, "hint": 9.0, "instruction": 9.0, "asked_if": 8.0}  # points, as in ``styles.inline``


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a font takes.

    Parameters
    ----------
    digit : float
        Points of a digit at 11 points, the unit of column widths.
    latin : float
        Width of Latin letters, of those of Malgun Gothic.
    leading : float
        Distance of lines, of the type size.
    """

    digit: float
    latin: float
    leading: float


_NARROW_FONT: Final = Metrics(5.25, 0.92, 1.36)  # Calibri: 7 dots a digit, 15 points a row
_WIDE_FONT: Final = Metrics(6.0, 1.0, 1.5)  # Malgun Gothic: 8 dots a digit, 16.5 points a row
_ANY_FONT: Final = Metrics(5.25, 1.0, 1.5)  # the least room, the longest text
_FAMILIES: Final = {
    "Calibri": _NARROW_FONT,
    "Carlito": _NARROW_FONT,
    "Malgun Gothic": _WIDE_FONT,
    "Noto Sans CJK KR": _WIDE_FONT,
}


def metrics_of(family: str) -> Metrics:
    """Return what a font takes; for one that is not known, what is safe for any."""
    return _FAMILIES.get(family, _ANY_FONT)


def row_heights(
    cells: Iterable[Cell],
    widths: Mapping[int, float],
    spans: Mapping[int, int] | None = None,
    *,
    metrics: Metrics,
) -> dict[int, float]:
    """Return the height in points of each row that holds text.

    Parameters
    ----------
    cells : iterable of Cell
    widths : mapping of int to float
        Width of each column in characters.
    spans : mapping of int to int, optional
        Rows whose text in the second column runs on to a further column.
    metrics : Metrics
        Of the font.
    """
    wide = {row: sum(widths.get(column, 8.0) for column in range(2, last + 1)) for row, last in (spans or {}).items()}
    heights: dict[int, float] = {}
    for cell in cells:
        one = look(cell.style)
        typed = one.border == "answer" and cell.style != PAPER_ANSWER  # boxes on paper may take two lines
        if cell.value is None or isinstance(cell.value, Formula) or typed:
            needed = one.size * metrics.leading + _PADDING
        elif cell.column in widths:
            width = wide.get(cell.row, widths[2]) if cell.column == 2 else widths[cell.column]
            needed = text_height(cell.value, width, cell.style, metrics)
        else:
            continue
        if one.border == "answer":
            needed += 2.0  # points: the thick border
        heights[cell.row] = min(max(heights.get(cell.row, 0.0), needed), _MOST)
    return {row: round(height, 1) for row, height in heights.items()}


def text_height(value: object, width: float, style: str, metrics: Metrics) -> float:
    """Return the height in points that a value needs in a column of a width in characters."""
    one = look(style)
    parts = value.parts if isinstance(value, Rich) else ((str(value), ""),)
    total = _PADDING
    for text, name in parts:
        size = _INLINE.get(name, one.size)
        room = max((width - 1.0 - 2 * one.indent) * metrics.digit, size)
        lines = [line for line in text.split("\n") if line or not name] or [""]
        wide = (text_width(line, size, metrics.latin) * _RAGGED for line in lines)
        count = sum(max(math.ceil(width / room), 1) for width in wide) if one.wrap else 1
        total += count * size * metrics.leading
    return total


@cache
def text_width(text: str, size: float, latin: float = 1.0) -> float:
    """Return the width of a line in points; ``latin`` as in :class:`Metrics`."""
    return size * sum(_WIDE if wide else latin * advance for wide, advance in map(_advance, text))


@cache
def _advance(char: str) -> tuple[bool, float]:
    if unicodedata.east_asian_width(char) in "WF":
        return True, _WIDE
    return False, next((advance for advance, chars in _ADVANCES if char in chars), _OTHER)
