"""Where each item stands: sheets, lines and columns of a form, without a word of any language but sheet names.

Pure: a questionnaire in, frozen values out. ``booklet`` and ``listing`` draw what stands here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, cast

from surveykit.expressions import meaning
from surveykit.forms.places import (
    ANSWER_COLUMN,
    FIRST_GRID_ROW,
    FIRST_LINE,
    Block,
    Column,
    ColumnRole,
    FormLayout,
    Line,
    LineKind,
    Sheet,
    Slot,
    column_letters,
    option_codes,
    section_number,
)
from surveykit.questionnaire.identity import Layout as LayoutKind
from surveykit.questionnaire.identity import answer_name, key_name, line_name
from surveykit.questionnaire.structure import Code, Item, Questionnaire, Section, Unit, localized

__all__ = ["FIRST_GRID_ROW", "SELECTION_LINES", "grid_referrals", "lay_out", "legal_sheet_name", "referrals", "tells"]

SHEET_NAME_LENGTH: Final = 31  # Excel specifications and limits: characters of a sheet name
LINES_A_SHEET: Final = 90  # two to three printed A4 pages; longer sheets are tiring to scroll
GRID_COLUMNS: Final = 16  # answers beside each other that still print on A4 across
_ECHOES: Final = 3  # answers that tell one person from another on a further grid
_FORBIDDEN: Final = re.compile(r"[:\\/?*\[\]'$\x00-\x1f]+")

SELECTION_LINES: Final[tuple[LineKind, ...]] = (
    "selection_how", "selection_table", "selection_count", "selection_take",
)  # fmt: skip
_Kinds = list[tuple[LineKind, Item | None, Code | None]]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """Sections that share a sheet; ``index`` where the sheet is about one person only."""

    grid: bool
    sections: tuple[Section, ...]
    index: int = 0
    main: bool = False


def _booklet(questionnaire: Questionnaire, language: str) -> FormLayout:
    pieces = _with_mains(list(_pieces(questionnaire)))
    sheets: list[Sheet] = []
    for piece in pieces:
        name = legal_sheet_name(_name(questionnaire, piece, language), [sheet.name for sheet in sheets])
        make = _grid_sheet if piece.grid else _block_sheet
        sheets.append(make(questionnaire, piece, name, pieces))
    slots: dict[str, Slot] = {}
    for slot in (slot for sheet in sheets for slot in _booklet_slots(questionnaire, sheet)):
        slots.setdefault(slot.name, slot)  # a person line stands on every sheet of its unit; the first one is named
    return FormLayout(kind="booklet", sheets=tuple(sheets), slots=tuple(slots.values()))


def _pieces(questionnaire: Questionnaire) -> Iterator[_Piece]:
    with_grid: set[str] = set()
    for unit_id, run in groupby(questionnaire.sections, key=lambda section: section.unit):
        sections, unit = list(run), questionnaire.unit(unit_id)
        if unit.roster:
            leading = _leading(sections, always=unit_id not in with_grid)
            if leading:
                with_grid.add(unit_id)
                yield _Piece(grid=True, sections=tuple(leading))
                sections = sections[len(leading) :]
        if sections:
            yield from _block_pieces(questionnaire, sections)


def _leading(sections: list[Section], *, always: bool) -> list[Section]:
    """Return the sections that stand as a grid: all if they fit, else as many as fit where the unit has no grid yet."""
    widths = [sum(_width(item) for item in section.items) for section in sections]
    if sum(widths) <= GRID_COLUMNS:
        return sections
    if not always:
        return []
    fitting = sum(1 for end in range(1, len(widths) + 1) if sum(widths[:end]) <= GRID_COLUMNS)
    return sections[: max(fitting, 1)]


def _block_pieces(questionnaire: Questionnaire, sections: list[Section]) -> Iterator[_Piece]:
    most = _most(questionnaire, sections[0].unit)
    if most == 1:
        yield from (_Piece(grid=False, sections=part) for part in _packed(sections))
    elif sum(_lines(section) for section in sections) > LINES_A_SHEET:
        yield from (_Piece(grid=False, sections=tuple(sections), index=index) for index in range(1, most + 1))
    else:
        yield _Piece(grid=False, sections=tuple(sections))


def _packed(sections: list[Section]) -> Iterator[tuple[Section, ...]]:
    pack: list[Section] = []
    for section in sections:
        if pack and sum(_lines(one) for one in (*pack, section)) > LINES_A_SHEET:
            yield tuple(pack)
            pack = []
        pack.append(section)
    yield tuple(pack)


def _with_mains(pieces: list[_Piece]) -> list[_Piece]:
    """Mark of each roster's grids the first one that an interviewer has to fill."""
    mains: dict[str, _Piece] = {}
    for piece in (one for one in pieces if one.grid):
        unit = piece.sections[0].unit
        first = mains.setdefault(unit, piece)
        if not _decides(first) and _decides(piece):
            mains[unit] = piece
    return [replace(piece, main=any(piece is main for main in mains.values())) for piece in pieces]


def _decides(piece: _Piece) -> bool:
    items = [item for section in piece.sections for item in section.items]
    return any(item.required and item.answered_by_hand and not item.prefill and item.type != "id" for item in items)


def _name(questionnaire: Questionnaire, piece: _Piece, language: str) -> str:
    first, last = piece.sections[0], piece.sections[-1]
    unit = localized(questionnaire.unit(first.unit).label, language)
    numbers = f"{section_number(first)}-{section_number(last)}"
    if piece.index:
        return f"{numbers} {unit} {piece.index}"
    return f"{section_number(first)} {localized(first.title, language)}" if first is last else f"{numbers} {unit}"


def _grid_sheet(questionnaire: Questionnaire, piece: _Piece, name: str, pieces: list[_Piece]) -> Sheet:
    unit = questionnaire.unit(piece.sections[0].unit)
    echoes: list[Column] = []
    if not piece.main:
        main = next(one for one in pieces if one.main and one.sections[0].unit == unit.id)
        told = [item for section in main.sections for item in section.items if tells(item)][:_ECHOES]
        echoes = [Column(index=index, role="echo", item=item) for index, item in enumerate(told, start=2)]
    own = _columns(piece.sections, start=2 + len(echoes), unit=unit.id)
    return Sheet(
        kind="grid",
        name=name,
        unit=unit.id,
        sections=piece.sections,
        columns=(Column(index=1, role="line"), *echoes, *own),
        rows=_most(questionnaire, unit.id),
        main=piece.main,
    )


def tells(item: Item) -> bool:
    """Whether an answer tells one person from another."""
    return item.answered_by_hand and item.type in {"text", "select_one", "integer"}


def _block_sheet(questionnaire: Questionnaire, piece: _Piece, name: str, pieces: list[_Piece]) -> Sheet:
    unit = questionnaire.unit(piece.sections[0].unit)
    closing = [*_closing(questionnaire, piece, pieces)]
    if piece is pieces[-1] and "thanks" in questionnaire.notices:
        closing.append(("thanks", None, None))
    indices = [piece.index] if piece.index else list(range(1, _most(questionnaire, unit.id) + 1))
    row, blocks = FIRST_LINE, []
    consent, changing = _gate(questionnaire), _changing(questionnaire)
    for index in indices if unit.repeated else [0]:
        person_row = row + len(_selection_lines(unit, piece, pieces)) if unit.repeated else 0
        for section in piece.sections:
            kinds: _Kinds = []
            if section is piece.sections[0] and unit.repeated:
                kinds = [*_selection_lines(unit, piece, pieces), ("person", None, None)]
            kinds += _section_lines(section, consent=consent, conditional=section.id in changing)
            kinds += closing if section is piece.sections[-1] else []
            lines = tuple(
                Line(row=row + offset, kind=kind, item=item, code=code)
                for offset, (kind, item, code) in enumerate(kinds)
            )
            blocks.append(Block(unit=unit.id, index=index, section=section, lines=lines, person_row=person_row))
            row += len(lines)
    return Sheet(
        kind="questions", name=name, unit=unit.id, sections=piece.sections, blocks=tuple(blocks), index=piece.index
    )


def _selection_lines(unit: Unit, piece: _Piece, pieces: list[_Piece]) -> _Kinds:
    """Return the lines of the table that takes one person; they stand before the first part about that person."""
    first = next(one for one in pieces if one.sections[0].unit == unit.id)
    if unit.selection is None or unit.selection.take != "one" or piece is not first:
        return []
    return [(kind, None, None) for kind in SELECTION_LINES]


def _changing(questionnaire: Questionnaire) -> set[str]:
    """Return the sections whose condition differs from that of the section before: said once, it holds until then."""
    before = ""
    found = set()
    for section in questionnaire.sections:
        if section.relevant and section.relevant != before:
            found.add(section.id)
        before = section.relevant
    return found


def _gate(questionnaire: Questionnaire) -> str:
    """Return the item that the consent notice stands before: the first one of the top unit that other parts need."""
    if "consent" not in questionnaire.notices:
        return ""
    needed = {
        name for section in questionnaire.sections if section.relevant for name in meaning.names(section.relevant)
    }
    top = [item for item in questionnaire.items if item.unit == questionnaire.top.id and item.answered_by_hand]
    gates = [item.id for item in top if item.id in needed and item.type == "select_one"]
    return (gates or [item.id for item in top] or [""])[0]


def referrals(questionnaire: Questionnaire, unit: str) -> list[tuple[int, Mapping[str, object]]]:
    """Return number and rule of the referral notices that are decided in the rows of a unit."""
    rules = cast("list[Mapping[str, object]]", questionnaire.notices.get("referral", []))  # says the schema
    return [(number, rule) for number, rule in enumerate(rules) if (rule.get("unit") or questionnaire.top.id) == unit]


def _closing(
    questionnaire: Questionnaire, piece: _Piece, pieces: list[_Piece]
) -> Iterator[tuple[LineKind, Item | None, Code | None]]:
    """Return the referral lines of a piece: rules whose last answer stands in it."""
    unit = piece.sections[0].unit
    alike = [one for one in pieces if one.sections[0].unit == unit and one.index == piece.index]
    for number, rule in referrals(questionnaire, unit):
        names = meaning.names(str(rule["expression"]))
        holding = [one for one in alike if names & {item.id for section in one.sections for item in section.items}]
        if (holding or alike)[-1] is piece:
            yield "referral", None, number


def grid_referrals(questionnaire: Questionnaire, layout: FormLayout, sheet: Sheet) -> list[Mapping[str, object]]:
    """Return the referral notices whose last answer stands in a grid."""
    found = []
    for _, rule in referrals(questionnaire, sheet.unit):
        names = meaning.names(str(rule["expression"]))
        holding = [one for one in layout.sheets_of(sheet.unit) if names & _item_ids(one)]
        if holding and holding[-1] is sheet:
            found.append(rule)
    return found


def _item_ids(sheet: Sheet) -> set[str]:
    return {item.id for section in sheet.sections for item in section.items}


def _lines(section: Section) -> int:
    return sum(_height(item) for item in section.items)


def _width(item: Item) -> int:
    if item.type == "note":
        return 0
    return len(option_codes(item)) if item.type == "select_multiple" else 1


def _height(item: Item) -> int:
    return 1 + len(option_codes(item)) if item.type == "select_multiple" else 1


def _section_lines(section: Section, *, consent: str, conditional: bool) -> _Kinds:
    lines: _Kinds = [("section", None, None)]
    if conditional:
        lines.append(("relevant", None, None))
    if section.respondent:
        lines.append(("respondent", None, None))
    if section.privacy:
        lines.append(("privacy", None, None))
    if section.instruction:
        lines.append(("instruction", None, None))
    for item in section.items:
        if item.id == consent:
            lines.append(("consent", None, None))
        lines.append(("note" if item.type == "note" else "question", item, None))
        if item.type == "select_multiple":
            lines += [("option", item, code) for code in option_codes(item)]
    return lines


def _most(questionnaire: Questionnaire, unit: str) -> int:
    one = questionnaire.unit(unit)
    return one.roster.max if one.roster else one.selection.max if one.selection else 1


def _booklet_slots(questionnaire: Questionnaire, sheet: Sheet) -> Iterator[Slot]:
    if sheet.kind == "grid":
        for row in range(1, sheet.rows + 1):
            yield from _grid_slots(sheet, str(FIRST_GRID_ROW + row - 1), row=row)
        return
    selected = questionnaire.unit(sheet.unit).selection is not None
    for block in sheet.blocks:
        for line in block.lines:
            cell = f"{column_letters(ANSWER_COLUMN)}{line.row}"
            single = line.kind == "question" and line.item and line.item.type != "select_multiple"
            if line.item and (single or line.kind == "option"):
                yield _slot(sheet, line.item.id, cell, block.index, line.code)
            elif line.kind == "person" and selected:
                yield _slot(sheet, line_name(block.unit), cell, block.index, None)


def _grid_slots(sheet: Sheet, rows: str, *, row: int) -> Iterator[Slot]:
    for column in sheet.columns:
        letters = column_letters(column.index)
        cell = ":".join(f"{letters}{part}" for part in rows.split(":"))
        if column.item and column.role != "echo":
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
