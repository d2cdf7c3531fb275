"""The booklet drawn: a question a row, a block for each selected person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, cast

from surveykit.forms import describe, geometry
from surveykit.forms.draft import Draft, answer_style
from surveykit.forms.layout import referrals
from surveykit.forms.lists import option_label
from surveykit.forms.logic import Sight
from surveykit.forms.measure import row_heights
from surveykit.forms.pages import fitted, page_breaks, page_room, sheet_title, unwritten_rows
from surveykit.forms.persons import person_cells, selection_cells
from surveykit.forms.places import ANSWER_COLUMN, Block, Line, Sheet, column_letters, section_number
from surveykit.forms.plan import Cell, Formula, Page, Rule, Shade, SheetPlan
from surveykit.forms.rules import merged, rule_of, tick_rule
from surveykit.questionnaire.identity import answer_name
from surveykit.questionnaire.structure import Item, Text

WIDTHS: Final = {1: 6, 2: 46, 3: 26, 4: 22, 5: 9, 6: 16, 7: 13, 8: 34}  # characters; the first six fill an A4 page
PAPER_WIDTHS: Final = {1: 6, 2: 40, 3: 28, 4: 20, 5: 8, 6: 13}  # characters; narrower, so that print is larger
_HEADS: Final = ("number", "question", "codes", "answer", "measure", "go_to", "status", "note")
_NOTICES: Final = {"consent", "thanks"}
_SPANNED: Final = frozenset(
    {
        "consent",
        "thanks",
        "relevant",
        "respondent",
        "privacy",
        "instruction",
        "referral",
        "selection_how",
        "selection_table",
    }
)
_LAST: Final = geometry.MESSAGE


def draw_questions(draft: Draft, sheet: Sheet) -> SheetPlan:
    """Return the plan of a sheet of questions."""
    left_out = unwritten_rows(draft.questionnaire, sheet) if draft.paper else frozenset()
    drawer = _Questions(draft, sheet, left_out)
    widths = PAPER_WIDTHS if draft.paper else WIDTHS
    cells = [*_heads(draft, sheet, widths)]
    rules: list[Rule] = []
    for block in sheet.blocks:
        cells += drawer.block(block)
        rules += drawer.rules(block)
    last = sheet.last_row
    spanned = [line.row for block in sheet.blocks for line in block.lines if line.kind in _SPANNED]
    hidden = (
        geometry.VALUE,
        geometry.ASKED,
        geometry.ERROR,
        geometry.NAME,
        *range(geometry.ECHO, drawer.last_column + 1),
    )
    heights = row_heights(cells, widths, dict.fromkeys(spanned, geometry.GO_TO), metrics=draft.metrics)
    heights |= dict.fromkeys(left_out, 0.0)
    return SheetPlan(
        name=sheet.name,
        cells=tuple(cells),
        rules=merged(rules),
        shades=() if draft.paper else _shades(draft, last),
        widths=widths,
        heights=heights,
        merges=tuple(f"B{row}:{column_letters(geometry.GO_TO)}{row}" for row in spanned),
        hidden_columns=hidden,
        freeze="A3",
        page=_page(draft, sheet, heights, widths),
        tab="FF1F4E79" if not sheet.blocks[0].index else "FF7A4B00",
    )


def _heads(draft: Draft, sheet: Sheet, widths: Mapping[int, float]) -> Iterator[Cell]:
    about = sheet_title(draft.questionnaire, sheet, draft.words, paper=draft.paper)
    room = sum(widths[column] for column in range(1, ANSWER_COLUMN + 1))
    yield Cell(1, 1, fitted(draft.header, about, room * draft.metrics.digit), "title")
    yield Cell(1, geometry.GO_TO, draft.serial_line(sheet.name), "serial")
    for column, key in enumerate(_HEADS, start=1):
        yield Cell(2, column, draft.words[key], "head")


def _shades(draft: Draft, last: int) -> tuple[Shade, ...]:
    asked = f"${column_letters(geometry.ASKED)}3"
    status = f"${column_letters(geometry.STATUS)}3"
    body = f"A3:{column_letters(geometry.GO_TO)}{last}"
    words = f"{column_letters(geometry.STATUS)}3:{column_letters(geometry.STATUS)}{last}"
    answers = f"{column_letters(ANSWER_COLUMN)}3:{column_letters(ANSWER_COLUMN)}{last}"
    return (
        Shade(cells=answers, formula=f'AND({status}=W_check,{status}<>"")', style="check"),
        Shade(cells=body, formula=f"AND(ISNUMBER({asked}),{asked}<>1)", style="skipped"),
        *(Shade(cells=words, formula=f"{status}=W_{key}", style=key) for key in draft.words.statuses),
    )


def _page(draft: Draft, sheet: Sheet, heights: Mapping[int, float], widths: Mapping[int, float]) -> Page:
    return Page(
        area=f"A1:{column_letters(geometry.GO_TO)}{sheet.last_row}",
        titles="1:2",
        breaks=tuple(page_breaks(sheet, heights, page_room(widths, geometry.GO_TO, heights, draft.metrics))),
        header=draft.header,
        footer=draft.footer,
    )


class _Questions:
    """Draws the lines of one sheet."""

    def __init__(self, draft: Draft, sheet: Sheet, left_out: frozenset[int]) -> None:
        self._draft, self._sheet, self._left_out = draft, sheet, left_out
        self._words, self._checker = draft.words, draft.checker
        self._sight: Sight
        self._asked: dict[tuple[int, str], str] = {}
        self.last_column = geometry.ECHO + 3

    def block(self, block: Block) -> Iterator[Cell]:
        self._sight = self._draft.sight(block.unit, block.index, self._sheet.name)
        for line in block.lines:
            if line.row not in self._left_out:
                yield from self._line(block, line)

    def _line(self, block: Block, line: Line) -> Iterator[Cell]:
        match line.kind:
            case "question" | "note":
                yield from self._question(block, line)
            case "option":
                yield from self._option(block, line)
            case "section":
                yield from self._section(block, line)
            case "person":
                yield from self._person(block)
            case "selection_how" | "selection_table" | "selection_count" | "selection_take":
                unit = self._draft.questionnaire.unit(block.unit)
                yield from selection_cells(self._draft, unit, line.kind, line.row, self._sheet.name)
            case "referral":
                yield from self._referral(block, line)
            case _:
                yield from self._text(block, line)

    def _text(self, block: Block, line: Line) -> Iterator[Cell]:
        section, words = block.section, self._words
        if line.kind in _NOTICES:
            notice = cast("Text", self._draft.questionnaire.notices[line.kind])
            yield Cell(line.row, geometry.NUMBER, None, "notice")
            yield Cell(line.row, geometry.TEXT, f"{words[line.kind]}\n{words.of(notice)}", "notice")
        elif line.kind == "respondent":
            who = words.say("respondent", who=words.of(section.respondent))
            yield Cell(line.row, geometry.TEXT, who, "instruction")
        elif line.kind == "relevant":
            yield Cell(line.row, geometry.TEXT, self._draft.section_if[section.id], "section_if")
        elif line.kind == "privacy":
            yield Cell(line.row, geometry.TEXT, words["privacy"], "privacy")
        else:
            yield Cell(line.row, geometry.TEXT, words.of(section.instruction), "instruction")

    def _section(self, block: Block, line: Line) -> Iterator[Cell]:
        section = block.section
        row, status = line.row, column_letters(geometry.STATUS)
        area = f"{status}{row + 1}:{status}{block.last}"
        first = column_letters(geometry.ECHO)
        yield Cell(row, geometry.NUMBER, section_number(section), "section")
        yield Cell(row, geometry.TEXT, self._words.of(section.title), "section")
        for column in range(geometry.CODES, _LAST + 1):
            if column != geometry.STATUS:
                yield Cell(row, column, None, "section")
        if self._draft.paper:
            return
        for offset, key in enumerate(("ok", "todo", "check")):
            yield Cell(row, geometry.ECHO + offset, Formula(f"COUNTIF({area},W_{key})"), "helper")
        counts = f"${first}${row}:${column_letters(geometry.ECHO + 2)}${row}"
        done = Formula(f'${first}${row}&" / "&SUM({counts})')
        yield Cell(row, geometry.STATUS, done, "section_status")

    def _person(self, block: Block) -> Iterator[Cell]:
        yield from person_cells(self._draft, block, self._sheet.name)
        repeated = self._draft.seer.echoed(self._draft.questionnaire.unit(block.unit))
        self.last_column = max(self.last_column, geometry.ECHO + len(repeated))

    def _referral(self, block: Block, line: Line) -> Iterator[Cell]:
        rule = dict(referrals(self._draft.questionnaire, block.unit))[int(line.code or 0)]
        message = cast("Text", rule["message"])  # the schema of questionnaires says so
        text = f"{self._words['referral']}: {self._words.of(message)}"
        yield Cell(line.row, geometry.TEXT, text, "referral")
        if self._draft.paper:
            return
        true = self._checker.logic.true(str(rule["expression"]), self._sight)
        yield Cell(line.row, geometry.STATUS, Formula(f'IF({true},W_refer,"")'), "status")

    def _question(self, block: Block, line: Line) -> Iterator[Cell]:
        item = line.item
        assert item is not None  # noqa: S101  # the layout gives every question its item
        words, row = self._words, line.row
        note = item.type == "note"
        yield Cell(row, geometry.NUMBER, item.number, "number")
        yield Cell(
            row,
            geometry.TEXT,
            describe.question(item, words, self._draft.asked_if.get(item.id, "")),
            "note" if note else "question",
        )
        codes = describe.codes(item, words, code_sheet=self._draft.code_sheet, paper=self._draft.paper)
        yield Cell(row, geometry.CODES, None if note else codes, "codes")
        yield Cell(row, geometry.MEASURE, words.of(item.measure.label) if item.measure else None, "measure")
        yield Cell(row, geometry.GO_TO, self._draft.go_to.get(item.id), "go_to")
        if note:
            yield from self._asked_cell(block, item, row)
        else:
            yield from self._answer(block, item, row)
            if not self._draft.paper:
                yield from self._helpers(block, item, row)

    def _answer(self, block: Block, item: Item, row: int) -> Iterator[Cell]:
        name = answer_name(item.id, row=block.index)
        yield Cell(row, geometry.NAME, item.id if item.type == "select_multiple" else name, "helper")
        if item.type == "select_multiple":
            yield Cell(row, ANSWER_COLUMN, None, "group")
        elif item.type == "calculated":
            formula = self._checker.shown(item, self._draft.geometry.spot(item, block.index))
            yield Cell(
                row,
                ANSWER_COLUMN,
                None if self._draft.paper else Formula(formula),
                answer_style(item, paper=self._draft.paper),
            )
        else:
            locked = self._draft.is_prefilled(item.id, block.index)
            value = self._draft.value(item.id, row=block.index)
            if self._draft.paper and value is None and not describe.ticked(item):
                value = describe.boxes(item)
            yield Cell(row, ANSWER_COLUMN, value, answer_style(item, locked=locked, paper=self._draft.paper))

    def _helpers(self, block: Block, item: Item, row: int) -> Iterator[Cell]:
        spot, checker = self._draft.geometry.spot(item, block.index), self._checker
        if item.type == "calculated":
            yield Cell(row, geometry.VALUE, Formula(checker.calculated(item, spot, self._sight)), "helper")
        else:
            value = checker.chosen(spot) if spot.options else checker.value(item, spot)
            yield Cell(row, geometry.VALUE, Formula(value), "helper")
            yield Cell(row, geometry.ERROR, Formula(checker.error(item, spot, self._sight)), "helper")
        yield from self._asked_cell(block, item, row)
        yield Cell(row, geometry.MESSAGE, Formula(checker.message(item, spot, self._sight)), "message")
        yield Cell(row, geometry.STATUS, Formula(checker.status(item, spot)), "status")

    def _asked_cell(self, block: Block, item: Item, row: int) -> Iterator[Cell]:
        if self._draft.paper:
            return
        known = self._asked.setdefault((block.index, item.relevant), f"{column_letters(geometry.ASKED)}{row}")
        own = f"{column_letters(geometry.ASKED)}{row}"
        active = self._draft.active(block, self._sheet.name)
        formula = self._checker.asked(item, self._sight, active) if known == own else known
        yield Cell(row, geometry.ASKED, Formula(formula), "helper")

    def _option(self, block: Block, line: Line) -> Iterator[Cell]:
        item, code = line.item, line.code
        assert item is not None  # noqa: S101  # as for questions
        assert code is not None  # noqa: S101  # same
        name = answer_name(item.id, row=block.index, code=code)
        value = self._draft.value(item.id, row=block.index, code=code)
        if self._draft.paper and value is None:
            value = describe.BOX
        option = item.codelist.option(code) if item.codelist else None
        alone = option is None or option.exclusive
        yield Cell(line.row, geometry.NUMBER, None, "number")
        yield Cell(line.row, geometry.TEXT, option_label(item, code, self._words), "option")
        yield Cell(line.row, geometry.CODES, self._words["exclusive"] if alone else None, "codes")
        yield Cell(line.row, ANSWER_COLUMN, value, "paper_tick" if self._draft.paper else "tick")
        yield Cell(line.row, geometry.NAME, name, "helper")
        if self._draft.paper:
            return
        spot = self._draft.geometry.spot(item, block.index)
        answer, _ = spot.options[code]
        yield Cell(line.row, geometry.VALUE, Formula(self._checker.tick(spot, answer)), "helper")
        yield Cell(line.row, geometry.ASKED, Formula(spot.asked), "helper")

    def rules(self, block: Block) -> Iterator[Rule]:
        if self._draft.paper:
            return
        sight = self._draft.sight(block.unit, block.index, self._sheet.name)
        for line in block.lines:
            item = line.item
            cell = f"{column_letters(ANSWER_COLUMN)}{line.row}"
            if item is None or item.type in {"note", "calculated"}:
                continue
            if line.kind == "option":
                yield tick_rule(item, cell, self._words)
            elif item.type != "select_multiple":
                table = self._checker.tables.get(item.id)
                parent = sight.value(item.cascade) if item.cascade else ""
                yield rule_of(item, cell, cell, self._words, table=table, parent=parent)
