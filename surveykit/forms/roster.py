"""The roster drawn: a line a member, ranks of those who can be taken, and the table that takes one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from surveykit.forms import describe
from surveykit.forms.draft import Draft, answer_style
from surveykit.forms.geometry import GridColumns
from surveykit.forms.grid import grid_heads, grid_notes, grid_width
from surveykit.forms.layout import grid_referrals
from surveykit.forms.measure import row_heights
from surveykit.forms.pages import fitted, sheet_title
from surveykit.forms.places import FIRST_GRID_ROW, Column, Sheet, column_letters
from surveykit.forms.plan import Cell, Formula, Page, Rule, Shade, SheetPlan, quoted
from surveykit.forms.rules import rule_of, tick_rule
from surveykit.questionnaire.structure import Text, Unit

_ONE_PAGE: Final = 20  # lines that stay readable when a grid is shrunk onto one page
_LATE: Final = 1_000_000_000  # a line whose sorting answer is missing comes after all others
_LABEL: Final = 34.0  # points of a line: a chosen label may take two lines in Malgun Gothic 11
_HEAD_ROW: Final = 5  # the row of the heading that the right-hand columns share with the codes


def draw_roster(draft: Draft, sheet: Sheet) -> SheetPlan:
    """Return the plan of a roster grid."""
    drawer = _Roster(draft, sheet, draft.geometry.columns(sheet))
    cells = [*drawer.heads(), *drawer.lines()]
    notes = list(grid_notes(draft.words, sheet.columns, sheet.last_row + 2))
    cells += notes
    visible = drawer.columns.message
    spanned = [cell.row for cell in notes if cell.column == 2]
    last = max(cell.row for cell in cells)
    heights = row_heights(cells, drawer.widths(), dict.fromkeys(spanned, visible - 2), metrics=draft.metrics)
    if any(item.codelist for item in sheet.items):
        heights |= {row: max(heights.get(row, 0.0), _LABEL) for row in drawer.rows}
    return SheetPlan(
        name=sheet.name,
        cells=tuple(cells),
        rules=() if draft.paper else tuple(drawer.rules()),
        shades=() if draft.paper else tuple(drawer.shades()),
        widths=drawer.widths(),
        heights=heights,
        merges=tuple(f"B{row}:{column_letters(visible - 2)}{row}" for row in spanned),
        hidden_columns=drawer.columns.hidden,
        freeze=f"B{FIRST_GRID_ROW}",
        page=Page(
            area=f"A1:{column_letters(visible - 2)}{last}",
            titles=f"1:{FIRST_GRID_ROW - 1}",
            landscape=True,
            whole=sheet.rows <= _ONE_PAGE,
            header=draft.header,
            footer=draft.footer,
        ),
        tab="FF1E5C2E",
    )


class _Roster:
    """Draws the lines of one roster."""

    def __init__(self, draft: Draft, sheet: Sheet, columns: GridColumns) -> None:
        self._draft, self._sheet, self.columns = draft, sheet, columns
        self._words, self._checker = draft.words, draft.checker
        self._last = FIRST_GRID_ROW + sheet.rows - 1
        self._items = sheet.items

    @property
    def rows(self) -> range:
        """The rows of the lines."""
        return range(FIRST_GRID_ROW, self._last + 1)

    def heads(self) -> Iterator[Cell]:
        draft, sheet = self._draft, self._sheet
        widths = self.widths()
        room = sum(widths[column] for column in range(1, self.columns.status))
        about = sheet_title(draft.questionnaire, sheet, draft.words, paper=draft.paper)
        yield from grid_heads(
            draft.words,
            sheet.columns,
            sheet.sections,
            fitted(draft.header, about, room * draft.metrics.digit),
            code_sheet=draft.code_sheet,
            asked_if=draft.asked_if,
            paper=draft.paper,
        )
        right = {self.columns.status: "status", self.columns.message: "note"}
        for unit, column in self.columns.rank.items():
            yield Cell(_HEAD_ROW, column, self._words.of(self._draft.questionnaire.unit(unit).label), "list_head")
        for column, key in right.items():
            yield Cell(_HEAD_ROW, column, self._words[key], "list_head")

    def lines(self) -> Iterator[Cell]:
        for index in range(1, self._sheet.rows + 1):
            row = FIRST_GRID_ROW + index - 1
            yield Cell(row, 1, index, "line")
            for column in self._sheet.columns[1:]:
                yield self._answer(column, row, index)
            if self._draft.paper:
                yield from (Cell(row, column, None, "rank") for column in self.columns.rank.values())
            else:
                yield from self._helpers(row, index)

    def _answer(self, column: Column, row: int, index: int) -> Cell:
        item = column.item
        assert item is not None  # noqa: S101  # only the first column of a roster has none
        if column.role == "echo":
            spot = self._draft.geometry.spot(item, index)
            seen = spot.seen_from(self._sheet.name, spot.answer)
            shown = None if self._draft.paper else Formula(f'IF({seen}="","",{seen})')
            return Cell(row, column.index, shown, "echo")
        if item.type == "calculated":
            formula = self._checker.shown(item, self._draft.geometry.spot(item, index))
            return Cell(
                row,
                column.index,
                None if self._draft.paper else Formula(formula),
                answer_style(item, paper=self._draft.paper),
            )
        value = self._draft.value(item.id, row=index, code=column.code)
        if self._draft.paper and value is None and item.type != "text":
            value = describe.BOX if column.code is not None else describe.boxes(item)
        style = "tick" if column.code is not None else answer_style(item)
        style = "paper" if self._draft.paper else style
        return Cell(row, column.index, value, style)

    def _helpers(self, row: int, index: int) -> Iterator[Cell]:
        sight = self._draft.sight(self._sheet.unit, index, self._sheet.name)
        used = f"{column_letters(self.columns.used)}{row}"
        known: dict[str, str] = {}
        for item in self._items:
            spot = self._draft.geometry.spot(item, index)
            value, asked, error, status, message = self.columns.helper[item.id]
            if item.type == "calculated":
                yield Cell(row, value, Formula(self._checker.calculated(item, spot, sight)), "helper")
            else:
                formula = self._checker.chosen(spot) if spot.options else self._checker.value(item, spot)
                yield Cell(row, value, Formula(formula), "helper")
                yield Cell(row, error, Formula(self._checker.error(item, spot, sight)), "helper")
            for code, (answer, _) in spot.options.items():
                column = self.columns.option[(item.id, code)]
                yield Cell(row, column, Formula(self._checker.tick(spot, answer)), "helper")
            same = known.setdefault(item.relevant, spot.asked)
            formula = self._checker.asked(item, sight, f"{used}=1") if same == spot.asked else same
            yield Cell(row, asked, Formula(formula), "helper")
            yield Cell(row, message, Formula(self._checker.message(item, spot, sight)), "helper")
            yield Cell(row, status, Formula(self._checker.status(item, spot)), "helper")
        yield from self._line_state(row, index)
        for unit in self.columns.rank:
            yield from self._ranks(self._draft.questionnaire.unit(unit), row, index)

    def _line_state(self, row: int, index: int) -> Iterator[Cell]:
        used = f"{column_letters(self.columns.used)}{row}"
        if self._sheet.main:
            yield Cell(row, self.columns.used, Formula(self._used(index)), "helper")
        else:
            condition = self._draft.seer.used(self._sheet.unit, index, self._sheet.name)
            yield Cell(row, self.columns.used, Formula(f'IF({condition},1,"")'), "helper")
        states = [f"{column_letters(self.columns.helper[item.id][3])}{row}" for item in self._items]
        messages = [f"{column_letters(self.columns.helper[item.id][4])}{row}" for item in self._items]
        found = {key: "+".join(f"({state}=W_{key})" for state in states) for key in ("check", "todo")}
        state = f'IF({found["check"]}>0,W_check,IF({used}<>1,"",IF({found["todo"]}>0,W_todo,W_ok)))'
        yield Cell(row, self.columns.status, Formula(state), "row_status")
        text = '&" "&'.join(messages) + '&" "'  # TRIM leaves one blank between those that say something
        extra = self._duplicate(row) + self._referred(index)
        yield Cell(row, self.columns.message, Formula(f"TRIM({text}{extra})"), "row_message")

    def _used(self, index: int) -> str:
        """Return the formula of 1 where anything stands in a line of any of the roster's grids."""
        roster = self._draft.questionnaire.unit(self._sheet.unit).roster
        if roster and index <= roster.min:
            return "1"
        counts = []
        for grid in self._draft.geometry.layout.sheets_of(self._sheet.unit):
            cells = [
                f"${column_letters(column.index)}${FIRST_GRID_ROW + index - 1}"
                for column in grid.own_columns
                if column.item and column.item.answered_by_hand and not column.item.prefill
            ]
            own = "" if grid.name == self._sheet.name else f"{quoted(grid.name)}!"
            counts += [f"COUNTA({','.join(own + cell for cell in cells)})"] if grid.kind == "grid" and cells else []
        return f'IF({"+".join(counts)}>0,1,"")' if counts else '""'

    def _referred(self, index: int) -> str:
        """Return the part of a line's message that says to refer the person."""
        rules = grid_referrals(self._draft.questionnaire, self._draft.geometry.layout, self._sheet)
        sight = self._draft.sight(self._sheet.unit, index, self._sheet.name)
        parts = []
        for rule in rules:
            true = self._checker.logic.true(str(rule["expression"]), sight)
            text = f"{self._words['refer']}: {self._words.of(cast('Text', rule['message']))} "
            parts.append(f'&IF({true},{self._checker.texts.reference(text)},"")')
        return "".join(parts)

    def _duplicate(self, row: int) -> str:
        """Return the mark of a line whose text answers all stand in another line too."""
        names = [item for item in self._items if item.type in {"text", "id"} and item.required]
        if not names:
            return ""
        same = []
        for item in names:
            column = column_letters(self.columns.helper[item.id][0])
            same.append(f"(${column}${FIRST_GRID_ROW}:${column}${self._last}=${column}${row})")
        filled = f'{column_letters(self.columns.helper[names[0].id][0])}{row}<>""'
        return f'&IF(AND({filled},SUMPRODUCT({"*".join(same)})>1),W_duplicate,"")'

    def _ranks(self, unit: Unit, row: int, index: int) -> Iterator[Cell]:
        """Return eligibility, sorting keys and rank of a line for one selected unit."""
        assert unit.selection is not None  # noqa: S101  # only selected units have ranks
        sight = self._draft.sight(self._sheet.unit, index, self._sheet.name)
        eligible, keys = self.columns.eligible[unit.id], self.columns.sort[unit.id]
        where = self._checker.logic.true(unit.selection.where, sight)
        used = f"{column_letters(self.columns.used)}{row}"
        yield Cell(row, eligible, Formula(f"IF({used}<>1,0,IF({where},1,0))"), "helper")
        for key, order in zip(keys, unit.selection.order_by, strict=True):
            item = self._draft.questionnaire.item(order.removeprefix("-"))
            value = self._draft.geometry.spot(item, index).value
            sign = "-" if order.startswith("-") else ""
            yield Cell(row, key, Formula(f"IF(ISNUMBER({value}),{sign}{value},{_LATE})"), "helper")
        own = f"{column_letters(eligible)}{row}"
        rank = f'IF({own}=0,"",1+SUMPRODUCT(({self.area(eligible)}=1)*({self._before(keys, eligible, row)})))'
        yield Cell(row, self.columns.rank[unit.id], Formula(rank), "rank")

    def area(self, column: int) -> str:
        """Return the reference to a column of the lines."""
        letters = column_letters(column)
        return f"${letters}${FIRST_GRID_ROW}:${letters}${self._last}"

    def _before(self, keys: tuple[int, ...], last: int, row: int) -> str:
        formula = f"ROW({self.area(last)})<{row}"
        for key in reversed(keys):
            area, own = self.area(key), f"{column_letters(key)}{row}"
            formula = f"({area}<{own})+({area}={own})*({formula})"
        return formula

    def rules(self) -> Iterator[Rule]:
        sight = self._draft.sight(self._sheet.unit, 1, self._sheet.name, fixed=True)
        for column in self._sheet.own_columns:
            item, letters = column.item, column_letters(column.index)
            cells = f"{letters}{FIRST_GRID_ROW}:{letters}{self._last}"
            if item is None or item.type == "calculated":
                continue
            if column.code is not None:
                yield tick_rule(item, cells, self._words)
            else:
                parent = sight.value(item.cascade) if item.cascade else ""
                first = f"{letters}{FIRST_GRID_ROW}"
                yield rule_of(
                    item,
                    cells,
                    first,
                    self._words,
                    table=self._checker.tables.get(item.id),
                    parent=parent,
                    question_too=True,
                )

    def shades(self) -> Iterator[Shade]:
        used = f"${column_letters(self.columns.used)}{FIRST_GRID_ROW}"
        for column in self._sheet.own_columns:
            if column.item is None:
                continue
            letters = column_letters(column.index)
            cells = f"{letters}{FIRST_GRID_ROW}:{letters}{self._last}"
            _, asked, _, state, _ = self.columns.helper[column.item.id]
            yield Shade(cells=cells, formula=f"${column_letters(state)}{FIRST_GRID_ROW}=W_check", style="check")
            skipped = f"AND({used}=1,${column_letters(asked)}{FIRST_GRID_ROW}<>1)"
            yield Shade(cells=cells, formula=skipped, style="skipped")
        status = column_letters(self.columns.status)
        cells = f"{status}{FIRST_GRID_ROW}:{status}{self._last}"
        for key in self._words.statuses:
            yield Shade(cells=cells, formula=f"${status}{FIRST_GRID_ROW}=W_{key}", style=key)

    def widths(self) -> dict[int, float]:
        widths: dict[int, float] = {1: 7.0}
        for column in self._sheet.columns[1:]:
            widths[column.index] = grid_width(self._words, column, column.item)
        widths |= dict.fromkeys(self.columns.rank.values(), 8.0)
        return widths | {self.columns.status: 12.0, self.columns.message: 40.0}
