"""What rosters and lists share: the heading rows above a grid, and the width of its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from surveykit.forms import describe
from surveykit.forms.lists import option_label
from surveykit.forms.measure import text_width
from surveykit.forms.places import FIRST_GRID_ROW, Column, option_codes, section_number
from surveykit.forms.plan import Cell
from surveykit.forms.wording import Words
from surveykit.questionnaire.structure import Item, Section

TITLE, SECTION, NUMBER, TEXT, CODES, NAME = range(1, FIRST_GRID_ROW)
_OPTION: Final = 11.0  # characters: an option's label in a few lines
_WIDEST: Final = 26.0  # characters; eight such columns still print across
_NARROW: Final = 9.0  # characters: a tick, a small number
_WIDTHS: Final = {"integer": 10.0, "decimal": 11.0, "date": 13.0, "select_one": 18.0, "text": 20.0, "id": 14.0}


def grid_heads(
    words: Words,
    columns: Sequence[Column],
    sections: Sequence[Section],
    title: str,
    *,
    code_sheet: str,
    asked_if: Mapping[str, str],
    paper: bool = False,
) -> Iterator[Cell]:
    """Return the heading rows of a grid: title, section, number, question, codes, item id.

    Parameters
    ----------
    words : Words
    columns : sequence of Column
    sections : sequence of Section
        Of the grid's sheet.
    title : str
    code_sheet : str
        Name of the sheet of codes.
    asked_if : mapping of str to str
        Conditions in words, by item id.
    paper : bool
        Boxes to tick beside codes.
    """
    yield Cell(TITLE, 1, title, "title")
    titles = {section.id: f"{section_number(section)} {words.of(section.title)}" for section in sections}
    seen = ""
    for column in columns:
        item = None if column.role == "echo" else column.item
        own = item.section if item else seen
        yield Cell(SECTION, column.index, titles[own] if own != seen else None, "list_section")
        seen = own
        yield Cell(NUMBER, column.index, item.number if item else None, "list_number")
        if column.role == "echo" and column.item:
            yield Cell(TEXT, column.index, words.of(column.item.label), "list_head")
            yield Cell(CODES, column.index, words["from_roster"], "list_codes")
        if item is not None:
            yield from _head(words, column, item, code_sheet, asked_if.get(item.id, ""), paper=paper)


def _head(words: Words, column: Column, item: Item, code_sheet: str, asked_if: str, *, paper: bool) -> Iterator[Cell]:
    if column.code is None:
        yield Cell(TEXT, column.index, describe.heading(item, words, asked_if), "list_head")
        shown = describe.codes(item, words, code_sheet=code_sheet, paper=paper)
        measure = words.of(item.measure.label) if item.measure else ""
        yield Cell(CODES, column.index, "\n".join(part for part in (measure, shown) if part), "list_codes")
        yield Cell(NAME, column.index, item.id, "list_var")
        return
    first = item.codelist is not None and column.code == item.codelist.offered[0].code
    label = words.of(item.label)
    fits = text_width(label, 9) <= len(option_codes(item)) * _OPTION * 5.25  # points: type size, default digit
    yield Cell(TEXT, column.index, label if first else None, "list_head_wide" if fits else "list_head")
    yield Cell(CODES, column.index, option_label(item, column.code, words), "list_codes")
    yield Cell(NAME, column.index, f"{item.id}_{column.code}", "list_var")


def grid_notes(words: Words, columns: Sequence[Column], first: int) -> Iterator[Cell]:
    """Return the hints and instructions of a grid's questions, a line each below the grid."""
    row = first
    items = {column.item.id: column.item for column in columns if column.item and column.role != "echo"}
    for item in items.values():
        texts = [words.of(text) for text in (item.hint, item.instruction) if text]
        if texts:
            yield Cell(row, 1, item.number, "number")
            yield Cell(row, 2, " · ".join(texts), "instruction")
            row += 1


def grid_width(words: Words, column: Column, item: Item | None) -> float:
    """Return the width of a grid's column in characters: wide enough that its heading takes few lines."""
    if item is None:
        return _NARROW
    if column.code is not None:
        return _OPTION
    longest = text_width(words.of(item.label), 9) / 5.25  # characters of the default font
    return max(_WIDTHS.get(item.type, 14.0), min(longest / 4 + 2, _WIDEST))  # four lines of heading
