"""Code lists as they stand on the hidden sheet of lists, so that every drop-down reads a workbook name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from surveykit.forms.places import column_letters
from surveykit.forms.plan import Cell, SheetPlan, place
from surveykit.forms.wording import STATUSES, Words
from surveykit.questionnaire.identity import LIST_SHEET
from surveykit.questionnaire.identity import Layout as LayoutKind
from surveykit.questionnaire.structure import Code, Item, Questionnaire

TICK: Final = "V"
TICK_LIST: Final = "L_tick"
FIXED: Final = (
    "answered_not_asked", "bad_code", "bad_constraint", "bad_digit", "bad_parent", "bad_shape",
    "bad_tick", "bad_type", "bad_whole", "duplicate",
    "nobody", "refer", "unlikely",
)  # fmt: skip
TEXT_COLUMN: Final = "B"
FIRST_TEXT: Final = 3  # below the heading and the tick
_FIRST: Final = 2  # row below the headings
_ILLEGAL: Final = re.compile(r"[^A-Za-z0-9_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTable:
    """One code list with one missing set.

    Parameters
    ----------
    key : str
        Part of its names that tells it from others.
    choices : tuple of (text or code, parent)
        What a drop-down shows, sorted by parent where there is one.
    codes : tuple of code
        All codes that may stand in an answer, retired and missing ones included.
    parents : tuple of code
        Parent of each code of ``codes`` (missing codes once a parent); empty without a cascade.
    labels : mapping of code to str
        "1 Male" by code.
    """

    key: str
    choices: tuple[tuple[Code, Code | None], ...]
    codes: tuple[Code, ...]
    labels: Mapping[Code, str]
    pairs: tuple[tuple[Code, Code], ...] = ()

    @property
    def choice_name(self) -> str:
        """Name of the range that the drop-down shows."""
        return f"L_{self.key}"

    @property
    def parent_name(self) -> str:
        """Name of the parents beside the choices."""
        return f"P_{self.key}"

    @property
    def code_name(self) -> str:
        """Name of the range of codes."""
        return f"C_{self.key}"

    @property
    def text_name(self) -> str:
        """Name of the texts beside the codes."""
        return f"T_{self.key}"

    @property
    def pair_name(self) -> str:
        """Name of the range of "parent code" pairs."""
        return f"B_{self.key}"

    @property
    def numeric(self) -> bool:
        """Whether all codes are numbers."""
        return all(isinstance(code, int) for code in self.codes)


def code_tables(questionnaire: Questionnaire, words: Words, layout: LayoutKind) -> dict[str, CodeTable]:
    """Return the code table of every coded item, by item id; items with the same list and missing set share one."""
    tables: dict[str, CodeTable] = {}
    by_content: dict[object, CodeTable] = {}
    taken: set[str] = {"TICK"}
    for item in questionnaire.items:
        if item.codelist is None:
            continue
        content = (item.codelist.id, item.codelist.options, item.missing.id if item.missing else "", bool(item.cascade))
        shared = repr(content)
        if shared not in by_content:
            key = _key(item, taken)
            by_content[shared] = _table(item, key, words, bare=layout == "list")
        tables[item.id] = by_content[shared]
    return tables


def option_label(item: Item, code: Code, words: Words) -> str:
    """Return "1 Male"."""
    option = item.codelist.option(code) if item.codelist else None
    if option is not None:
        return _label(code, words.of(option.label))
    missing = next((one for one in item.missing.codes if one.code == code), None) if item.missing else None
    return _label(code, words.of(missing.label)) if missing else str(code)


def list_sheet(
    tables: Mapping[str, CodeTable], words: Words, texts: Sequence[str] = ()
) -> tuple[SheetPlan, dict[str, str]]:
    """Return the hidden sheet of lists and the names of its ranges.

    Parameters
    ----------
    tables : mapping of str to CodeTable
        By item id.
    words : Words
    texts : sequence of str
        Texts too long for formulas.
    """
    distinct = list({table.key: table for table in tables.values()}.values())
    cells: list[Cell] = []
    names: dict[str, str] = {}
    for row, key in enumerate((*STATUSES, *FIXED), start=_FIRST):
        cells.append(Cell(row, 1, words[key], "helper"))
        names[f"W_{key}"] = place(LIST_SHEET, f"A{row}")
    cells.append(Cell(_FIRST, 2, TICK, "helper"))
    names[TICK_LIST] = place(LIST_SHEET, f"B{_FIRST}")
    cells += [Cell(row, 2, text, "helper") for row, text in enumerate(texts, start=FIRST_TEXT)]
    column = 3
    for table in distinct:
        for name, values in _ranges(table):
            cells.append(Cell(1, column, name, "helper"))
            cells += [Cell(row, column, value, "helper") for row, value in enumerate(values, start=_FIRST)]
            letters = column_letters(column)
            last = _FIRST + len(values) - 1
            names[name] = place(LIST_SHEET, f"{letters}{_FIRST}:{letters}{last}")
            column += 1
    return SheetPlan(name=LIST_SHEET, cells=tuple(cells), state="hidden"), names


def _ranges(table: CodeTable) -> list[tuple[str, list[Code]]]:
    ranges: list[tuple[str, list[Code]]] = [
        (table.choice_name, [choice for choice, _ in table.choices]),
        (table.code_name, list(table.codes)),
        (table.text_name, [table.labels[code] for code in table.codes]),
    ]
    if table.pairs:
        ranges.append((table.parent_name, [parent for _, parent in table.choices if parent is not None]))
        ranges.append((table.pair_name, [f"{parent} {code}" for parent, code in table.pairs]))
    return ranges


def _key(item: Item, taken: set[str]) -> str:
    assert item.codelist is not None  # noqa: S101  # the caller looked
    parts = (item.codelist.id or item.id, item.missing.id if item.missing else "")
    wanted = "_".join(_ILLEGAL.sub("_", part) for part in parts if part)
    key, attempt = wanted, 1
    while key.upper() in taken:
        attempt += 1
        key = f"{wanted}_{attempt}"
    taken.add(key.upper())
    return key


def _table(item: Item, key: str, words: Words, *, bare: bool) -> CodeTable:
    assert item.codelist is not None  # noqa: S101  # the caller looked
    missing = tuple(item.missing_codes)
    codes = (*item.codelist.codes, *missing)
    labels = {code: option_label(item, code, words) for code in codes}
    offered = tuple(option.code for option in item.codelist.offered)
    if not item.cascade:
        shown: tuple[Code, ...] = tuple(labels[code] for code in (*offered, *missing))
        shown += (*offered, *missing) if bare else ()
        return CodeTable(key=key, choices=tuple((one, None) for one in shown), codes=codes, labels=labels)
    parents = list(dict.fromkeys(option.parent for option in item.codelist.options if option.parent is not None))
    choices: list[tuple[Code, Code | None]] = []
    pairs: list[tuple[Code, Code]] = []
    for parent in parents:
        under = [option.code for option in item.codelist.offered if option.parent == parent]
        choices += [(labels[code], parent) for code in (*under, *missing)]
        choices += [(code, parent) for code in (*under, *missing)] if bare else []
        pairs += [(parent, option.code) for option in item.codelist.options if option.parent == parent]
    return CodeTable(key=key, choices=tuple(choices), codes=codes, labels=labels, pairs=tuple(pairs))


def _label(code: Code, label: str) -> str:
    return f"{code} {' '.join(label.split())}"
