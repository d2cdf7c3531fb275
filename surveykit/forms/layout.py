"""Where each item stands: sheets, lines and columns of a form, without a word of any language but sheet names.

Pure: a questionnaire in, frozen values out. ``booklet`` and ``listing`` draw what stands here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from surveykit.questionnaire.identity import Layout as LayoutKind
from surveykit.questionnaire.identity import answer_name, key_name, line_name
from surveykit.questionnaire.structure import Code, Item, Questionnaire, Section

SheetKind = Literal["questions", "grid"]
LineKind = Literal[
    "consent", "privacy_notice", "section", "respondent", "privacy", "instruction", "person", "question", "option",
    "note", "referral", "thanks",
]  # fmt: skip
ColumnRole = Literal["key", "line", "answer", "option", "calculated"]

ANSWER_COLUMN: Final = 4
FIRST_LINE: Final = 3
FIRST_GRID_ROW: Final = 7
SHEET_NAME_LENGTH: Final = 31  # Excel specifications and limits: characters of a sheet name
LINES_A_SHEET: Final = 90  # two to three printed A4 pages; longer sheets are tiring to scroll
_FORBIDDEN: Final = re.compile(r"[:\\/?*\[\]'$\x00-\x1f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a sheet of questions."""

    row: int
    kind: LineKind
    item: Item | None = None
    code: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A section as it stands on a sheet, for one row of its unit.

    Parameters
    ----------
    unit : str
    index : int
        0 for the top unit, else the 1-based row of the unit.
    section : Section
    lines : tuple of Line
    person_row : int
        Row of the line that says whom the block is about; 0 for the top unit.
    """

    unit: str
    index: int
    section: Section
    lines: tuple[Line, ...]
    person_row: int = 0

    @property
    def first(self) -> int:
        """Row of the first line."""
        return self.lines[0].row

    @property
    def last(self) -> int:
        """Row of the last line."""
        return self.lines[-1].row


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One visible column of a grid."""

    index: int
    role: ColumnRole
    item: Item | None = None
    code: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet of answers.

    Parameters
    ----------
    kind : {"questions", "grid"}
        A question a row, or a respondent a row.
    name : str
        Legal and unique in its workbook.
    unit : str
        Unit of its answers.
    sections : tuple of Section
    blocks : tuple of Block
        Of a sheet of questions.
    columns : tuple of Column
        Of a grid.
    rows : int
        Rows of a grid, the first one being :data:`FIRST_GRID_ROW`.
    """

    kind: SheetKind
    name: str
    unit: str
    sections: tuple[Section, ...]
    blocks: tuple[Block, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: int = 0

    @property
    def last_row(self) -> int:
        """Last row that carries something."""
        return self.blocks[-1].last if self.blocks else FIRST_GRID_ROW + self.rows - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Where one answer stands; in the list layout, where one column of answers stands.

    Parameters
    ----------
    name : str
        Defined name.
    unit, item : str
        ``item`` is an item id, or a line or key name of :mod:`surveykit.questionnaire.identity`.
    row : int
        1-based row of a repeated unit in a booklet, else 0.
    code : int or str, optional
        Code of a select-multiple option.
    sheet, cell : str
        ``E12``, or ``F6:F2005`` in the list layout.
    """

    name: str
    unit: str
    item: str
    sheet: str
    cell: str
    row: int = 0
    code: Code | None = None


@dataclass(frozen=True, kw_only=True)
class FormLayout:
    """The whole form: its sheets of answers and the place of every answer."""

    kind: LayoutKind
    sheets: tuple[Sheet, ...]
    slots: tuple[Slot, ...]
    rows: int = 0

    @cached_property
    def by_name(self) -> Mapping[str, Slot]:
        """Slots by defined name."""
        return {slot.name: slot for slot in self.slots}

    def slot(self, item: str, *, row: int = 0, code: Code | None = None) -> Slot:
        """Return the place of an answer; ``KeyError`` if the form has none."""
        return self.by_name[answer_name(item, row=row, code=code)]

    def sheets_of(self, unit: str) -> tuple[Sheet, ...]:
        """Return the sheets that carry answers of a unit."""
        return tuple(sheet for sheet in self.sheets if sheet.unit == unit)


def lay_out(questionnaire: Questionnaire, layout: LayoutKind, *, language: str, rows: int = 2000) -> FormLayout:
    """Place every answer of a questionnaire.

    Parameters
    ----------
    questionnaire : Questionnaire
    layout : {"booklet", "list"}
    language : str
        Language of the sheet names.
    rows : int
        Rows of each sheet of the list layout.

    Returns
    -------
    FormLayout
    """
    if layout == "list":
        return _listing(questionnaire, rows)
    return _booklet(questionnaire, language)


def option_codes(item: Item) -> tuple[Code, ...]:
    """Return the codes that a select-multiple offers: those of its list, then its missing codes."""
    offered = tuple(option.code for option in item.codelist.offered) if item.codelist else ()
    return (*offered, *item.missing_codes)


def column_letters(index: int) -> str:
    """Return the letters of a 1-based column: 1 is A, 28 is AB."""
    letters = ""
    while index:
        index, rest = divmod(index - 1, 26)  # 26 letters
        letters = chr(ord("A") + rest) + letters
    return letters


def legal_sheet_name(text: str, taken: Iterable[str]) -> str:
    """Return a sheet name that Excel takes, different from those taken even in small letters.

    The full title stands on the sheet itself; the tab carries what fits.
    """
    wanted = " ".join(_FORBIDDEN.sub(" ", text).split()) or "Sheet"
    used = {name.casefold() for name in taken} | {"history"}  # Excel keeps the name History for itself
    for attempt in range(1, len(used) + 2):
        suffix = f" ({attempt})" if attempt > 1 else ""
        name = _cut(wanted, SHEET_NAME_LENGTH - len(suffix)) + suffix
        if name.casefold() not in used:
            return name
    raise AssertionError(text)  # unreachable: one more attempt than names taken


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    head, _, _ = text[: length + 1].rpartition(" ")
    return (head if len(head) > length // 2 else text[:length]).rstrip(" -,")


def _booklet(questionnaire: Questionnaire, language: str) -> FormLayout:
    sheets: list[Sheet] = []
    for sections in _runs(questionnaire):
        name = _run_name(questionnaire, sections, language)
        legal = legal_sheet_name(name, [sheet.name for sheet in sheets])
        sheets.append(_booklet_sheet(questionnaire, sections, legal, first=not sheets))
    slots: dict[str, Slot] = {}
    for slot in (slot for sheet in sheets for slot in _booklet_slots(sheet)):
        slots.setdefault(slot.name, slot)  # a person line stands on every sheet of its unit; the first one is named
    return FormLayout(kind="booklet", sheets=tuple(sheets), slots=tuple(slots.values()))


def _runs(questionnaire: Questionnaire) -> Iterator[tuple[Section, ...]]:
    run: list[Section] = []
    for section in questionnaire.sections:
        size = sum(_height(item) for one in (*run, section) for item in one.items)
        single = not questionnaire.unit(section.unit).repeated or _most(questionnaire, section.unit) == 1
        if run and (run[0].unit != section.unit or (single and size > LINES_A_SHEET)):
            yield tuple(run)
            run = []
        run.append(section)
    if run:
        yield tuple(run)


def _height(item: Item) -> int:
    return 1 + len(option_codes(item)) if item.type == "select_multiple" else 1


def _run_name(questionnaire: Questionnaire, sections: tuple[Section, ...], language: str) -> str:
    first, last = sections[0], sections[-1]
    if first is last:
        return f"{first.id} {_text(first.title, language)}"
    return f"{first.id}-{last.id} {_text(questionnaire.unit(first.unit).label, language)}"


def _text(text: Mapping[str, str], language: str) -> str:
    return text.get(language) or text.get(language.split("-", maxsplit=1)[0]) or next(iter(text.values()), "")


def _most(questionnaire: Questionnaire, unit: str) -> int:
    one = questionnaire.unit(unit)
    return one.roster.max if one.roster else one.selection.max if one.selection else 1


def _booklet_sheet(questionnaire: Questionnaire, sections: tuple[Section, ...], name: str, *, first: bool) -> Sheet:
    unit = questionnaire.unit(sections[0].unit)
    if unit.roster:
        columns = _columns(sections, start=2, unit=unit.id)
        line = Column(index=1, role="line")
        return Sheet(
            kind="grid", name=name, unit=unit.id, sections=sections, columns=(line, *columns), rows=unit.roster.max
        )
    last = sections[-1] is questionnaire.sections[-1]
    notices = frozenset(questionnaire.notices) if first or last else frozenset()
    blocks = _blocks(questionnaire, sections, opening=notices if first else frozenset(), closing=last)
    return Sheet(kind="questions", name=name, unit=unit.id, sections=sections, blocks=tuple(blocks))


def _blocks(
    questionnaire: Questionnaire, sections: tuple[Section, ...], *, opening: frozenset[str], closing: bool
) -> Iterator[Block]:
    unit = questionnaire.unit(sections[0].unit)
    row = FIRST_LINE
    for index in range(1, _most(questionnaire, unit.id) + 1) if unit.repeated else (0,):
        person_row = row if unit.repeated else 0
        for number, section in enumerate(sections):
            kinds: list[tuple[LineKind, Item | None, Code | None]] = []
            if not number and unit.repeated:
                kinds.append(("person", None, None))
            if not number:
                kinds += [(kind, None, None) for kind in ("consent", "privacy_notice") if _notice(kind) in opening]
            kinds += _section_lines(section)
            if section is sections[-1]:
                kinds += _closing_lines(questionnaire, unit.id, sections, thanks=closing)
            lines = tuple(
                Line(row=row + offset, kind=kind, item=item, code=code)
                for offset, (kind, item, code) in enumerate(kinds)
            )
            yield Block(unit=unit.id, index=index, section=section, lines=lines, person_row=person_row)
            row += len(lines)


def _notice(kind: str) -> str:
    return "privacy" if kind == "privacy_notice" else kind


def _section_lines(section: Section) -> list[tuple[LineKind, Item | None, Code | None]]:
    lines: list[tuple[LineKind, Item | None, Code | None]] = [("section", None, None)]
    if section.respondent:
        lines.append(("respondent", None, None))
    if section.privacy:
        lines.append(("privacy", None, None))
    if section.instruction:
        lines.append(("instruction", None, None))
    for item in section.items:
        lines.append(("note" if item.type == "note" else "question", item, None))
        if item.type == "select_multiple":
            lines += [("option", item, code) for code in option_codes(item)]
    return lines


def _closing_lines(
    questionnaire: Questionnaire, unit: str, sections: tuple[Section, ...], *, thanks: bool
) -> list[tuple[LineKind, Item | None, Code | None]]:
    last_of_unit = [section for section in questionnaire.sections if section.unit == unit][-1]
    lines: list[tuple[LineKind, Item | None, Code | None]] = []
    if sections[-1] is last_of_unit:
        lines += [("referral", None, number) for number, _ in referrals(questionnaire, unit)]
    if thanks and "thanks" in questionnaire.notices:
        lines.append(("thanks", None, None))
    return lines


def referrals(questionnaire: Questionnaire, unit: str) -> list[tuple[int, Mapping[str, object]]]:
    """Return number and rule of the referral notices that are decided in the rows of a unit."""
    rules = questionnaire.notices.get("referral", ())
    assert isinstance(rules, list | tuple)  # noqa: S101  # the schema of questionnaires says so
    return [
        (number, rule)
        for number, rule in enumerate(rules)
        if isinstance(rule, Mapping) and (rule.get("unit") or questionnaire.top.id) == unit
    ]


def _booklet_slots(sheet: Sheet) -> Iterator[Slot]:
    if sheet.kind == "grid":
        for row in range(1, sheet.rows + 1):
            yield from _grid_slots(sheet, str(FIRST_GRID_ROW + row - 1), row=row)
        return
    for block in sheet.blocks:
        for line in block.lines:
            item = line.item.id if line.item else line_name(block.unit)
            if line.kind == "option" or (line.kind == "question" and line.item and line.item.type != "select_multiple"):
                yield _slot(sheet, item, f"{column_letters(ANSWER_COLUMN)}{line.row}", block.index, line.code)
            elif line.kind == "person":
                yield _slot(sheet, item, f"{column_letters(ANSWER_COLUMN)}{line.row}", block.index, None)


def _grid_slots(sheet: Sheet, rows: str, *, row: int) -> Iterator[Slot]:
    for column in sheet.columns:
        letters = column_letters(column.index)
        cell = ":".join(f"{letters}{part}" for part in rows.split(":"))
        if column.item:
            yield _slot(sheet, column.item.id, cell, row, column.code)
        elif not row:
            name = key_name(sheet.unit) if column.role == "key" else line_name(sheet.unit)
            yield _slot(sheet, name, cell, row, None)


def _slot(sheet: Sheet, item: str, cell: str, row: int, code: Code | None) -> Slot:
    name = answer_name(item, row=row, code=code)
    return Slot(name=name, unit=sheet.unit, item=item, sheet=sheet.name, cell=cell, row=row, code=code)


def _columns(
    sections: tuple[Section, ...], *, start: int, unit: str, first: str = "", typed: bool = False
) -> Iterator[Column]:
    left_out = {"note", "calculated"} if typed else {"note"}
    items = [item for section in sections for item in section.items if item.type not in left_out and item.unit == unit]
    items.sort(key=lambda item: item.id != first)
    index = start
    for item in items:
        codes = option_codes(item) if item.type == "select_multiple" else (None,)
        for code in codes:
            role: ColumnRole = "option" if code is not None else "answer"
            yield Column(index=index, role="calculated" if item.calculation else role, item=item, code=code)
            index += 1


def _listing(questionnaire: Questionnaire, rows: int) -> FormLayout:
    sheets: list[Sheet] = []
    for unit in questionnaire.units:
        sections = tuple(section for section in questionnaire.sections if section.unit == unit.id)
        if not sections:
            continue
        name = legal_sheet_name(unit.id, [sheet.name for sheet in sheets])
        keys = () if unit is questionnaire.top else (Column(index=1, role="key"), Column(index=2, role="line"))
        columns = (
            *keys,
            *_columns(sections, start=len(keys) + 1, unit=unit.id, first=questionnaire.top.key, typed=True),
        )
        sheets.append(Sheet(kind="grid", name=name, unit=unit.id, sections=sections, columns=columns, rows=rows))
    last = FIRST_GRID_ROW + rows - 1
    slots = tuple(slot for sheet in sheets for slot in _grid_slots(sheet, f"{FIRST_GRID_ROW}:{last}", row=0))
    return FormLayout(kind="list", sheets=tuple(sheets), slots=slots, rows=rows)
