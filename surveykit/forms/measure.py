"""How high a row must be for its texts; programs without a screen do not fit rows themselves."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from surveykit.forms.plan import Cell, Formula, Rich
from surveykit.forms.styles import look

_DIGIT: Final = 5.25  # points: the width of a digit of the default font, the unit of column widths
_NARROW: Final = 0.54  # of the type size: mean advance of Latin text in the wider of the usual fonts
_WIDE: Final = 1.0  # of the type size: Hangul, Hanja and Kana fill the square
LEADING: Final = 1.36  # of the type size, from one line to the next: 15 points for Calibri 11
TALL: Final = 1.5  # same, for fonts with Hangul: 16.5 points for Malgun Gothic 11
_PADDING: Final = 4.0  # points above and below together
_MOST: Final = 409.0  # Excel specifications and limits: points of a row height
_INLINE: Final = {"label": 10.0, "hint": 9.0, "instruction": 9.0, "asked_if": 8.0}  # points, as in ``styles.inline``


def row_heights(
    cells: Iterable[Cell],
    widths: Mapping[int, float],
    spans: Mapping[int, int] | None = None,
    *,
    leading: float = LEADING,
) -> dict[int, float]:
    """Return the height in points of each row that holds text.

    Parameters
    ----------
    cells : iterable of Cell
    widths : mapping of int to float
        Width of each column in characters.
    spans : mapping of int to int, optional
        Rows whose text in the second column runs on to a further column.
    leading : float
        Distance of lines, of the type size.
    """
    wide = {row: sum(widths.get(column, 8.0) for column in range(2, last + 1)) for row, last in (spans or {}).items()}
    heights: dict[int, float] = {}
    for cell in cells:
        if cell.value is None or isinstance(cell.value, Formula) or look(cell.style).border == "answer":
            needed = look(cell.style).size * leading + _PADDING
        elif cell.column in widths:
            width = wide.get(cell.row, widths[2]) if cell.column == 2 else widths[cell.column]
            needed = text_height(cell.value, width, cell.style, leading)
        else:
            continue
        if look(cell.style).border == "answer":
            needed += 2.0  # points: the thick border
        heights[cell.row] = min(max(heights.get(cell.row, 0.0), needed), _MOST)
    return {row: round(height, 1) for row, height in heights.items()}


def leading_of(language: str, *, paper: bool = False) -> float:
    """Return the distance of lines in a language; on paper any font may stand in for the one that was meant."""
    return TALL if paper or language.split("-", maxsplit=1)[0] in {"ko", "ja", "zh"} else LEADING


def text_height(value: object, width: float, style: str, leading: float = LEADING) -> float:
    """Return the height in points that a value needs in a column of a width in characters."""
    one = look(style)
    parts = value.parts if isinstance(value, Rich) else ((str(value), ""),)
    total = _PADDING
    for text, name in parts:
        size = _INLINE.get(name, one.size)
        room = max((width - 1.0 - 2 * one.indent) * _DIGIT, size)
        lines = [line for line in text.split("\n") if line or not name] or [""]
        count = sum(max(math.ceil(text_width(line, size) * 1.06 / room), 1) for line in lines) if one.wrap else 1
        total += count * size * leading
    return total


@cache
def text_width(text: str, size: float) -> float:
    """Return the width of a line in points."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return size * (wide * _WIDE + (len(text) - wide) * _NARROW)
