"""The list drawn: a row a respondent, a sheet a unit, for keying paper forms.

Skips are greyed without a formula in any row: each relevance is a defined name whose references move with the row,
and one conditional format a run of columns reads it. So 2,000 rows cost no more than ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from surveykit.expressions.excel import Reference
from surveykit.forms.draft import answer_style
from surveykit.forms.grid import CODES, TEXT, TITLE, grid_heads, grid_width
from surveykit.forms.lists import CodeTable
from surveykit.forms.logic import Logic, Sight, Target
from surveykit.forms.measure import Metrics, row_heights
from surveykit.forms.places import FIRST_GRID_ROW, Column, FormLayout, Sheet, column_letters
from surveykit.forms.plan import Cell, Page, Rule, Shade, SheetPlan, Value, quoted
from surveykit.forms.rules import rule_of, tick_rule
from surveykit.forms.wording import Words
from surveykit.questionnaire.structure import Item, Questionnaire, Unit

_MOST: Final = {TITLE: 24.0, TEXT: 84.0, CODES: 136.0}  # points: six lines, twelve; half a screen stays for rows


@dataclass(slots=True, kw_only=True)
class ListDraft:
    """A list on its way.

    Parameters
    ----------
    questionnaire : Questionnaire
    words : Words
    layout : FormLayout
    logic : Logic
    tables : mapping of str to CodeTable
        By item id.
    rows : mapping of str to sequence of rows
        By unit: values in the order of the sheet's columns.
    code_sheet : str
        Name of the sheet of codes.
    asked_if : mapping of str to str
        Conditions in words, by item id.
    title, header, footer : str
    metrics : Metrics
        Of the font.
    names : dict of str to str
        Defined names that the drawing adds.
    """

    questionnaire: Questionnaire
    words: Words
    layout: FormLayout
    logic: Logic
    tables: Mapping[str, CodeTable]
    rows: Mapping[str, Sequence[Sequence[Value]]]
    code_sheet: str
    asked_if: Mapping[str, str]
    title: str
    header: str
    footer: str
    metrics: Metrics
    names: dict[str, str] = field(default_factory=dict)


def draw_list(draft: ListDraft, sheet: Sheet) -> SheetPlan:
    """Return the plan of one unit's sheet.

    Parameters
    ----------
    draft : ListDraft
        Gets the names that the sheet's formats read.
    sheet : Sheet
    """
    drawer = _List(draft, sheet)
    keys = [column for column in sheet.columns if column.role in {"key", "line"}] or list(sheet.columns[:1])
    heads = list(_covered(drawer.heads(), sheet.columns))
    widths = {column.index: grid_width(draft.words, column, column.item) for column in sheet.columns}
    heights = row_heights((cell for cell in heads if cell.row in _MOST), widths, metrics=draft.metrics)
    return SheetPlan(
        name=sheet.name,
        cells=(*heads, *drawer.rows()),
        rules=tuple(drawer.rules()),
        shades=tuple(drawer.shades()),
        widths=widths,
        heights={row: min(height, _MOST[row]) for row, height in heights.items()},
        column_styles={column.index: _style(column) for column in sheet.columns},
        freeze=f"{column_letters(keys[-1].index + 1)}{FIRST_GRID_ROW}",
        page=Page(titles=f"1:{FIRST_GRID_ROW - 1}", landscape=True, header=draft.header, footer=draft.footer),
        tab="FF1F4E79",
    )


def _covered(heads: Iterable[Cell], columns: Sequence[Column]) -> Iterator[Cell]:
    """Return the heading cells with plain ones where there are none: an open column would show through."""
    written = {(cell.row, cell.column): cell for cell in heads}
    for row in range(TITLE, FIRST_GRID_ROW):
        for column in columns:
            yield written.get((row, column.index), Cell(row, column.index, None, "plain"))


def _style(column: Column) -> str:
    if column.item is None:
        return "text" if column.role == "key" else "integer"
    return "tick" if column.code is not None else answer_style(column.item)


class _List:
    """Draws one sheet."""

    def __init__(self, draft: ListDraft, sheet: Sheet) -> None:
        self._draft, self._sheet, self._words = draft, sheet, draft.words
        self._unit = draft.questionnaire.unit(sheet.unit)
        self._last = FIRST_GRID_ROW + sheet.rows - 1
        self._sight = ListSeer(draft=draft).sight(self._unit)

    def heads(self) -> Iterator[Cell]:
        words, questionnaire = self._words, self._draft.questionnaire
        title = f"{self._draft.title} · {words.of(self._unit.label)}"
        yield from grid_heads(
            words,
            self._sheet.columns,
            self._sheet.sections,
            title,
            code_sheet=self._draft.code_sheet,
            asked_if=self._draft.asked_if,
        )
        for column in self._sheet.columns:
            if column.role == "key":
                key = questionnaire.item(questionnaire.top.key)
                yield Cell(TEXT, column.index, words.of(key.label), "list_head")
                yield Cell(CODES, column.index, None, "list_codes")
            elif column.role == "line":
                yield Cell(TEXT, column.index, words["line"], "list_head")
                yield Cell(CODES, column.index, None, "list_codes")

    def rows(self) -> Iterator[Cell]:
        for offset, row in enumerate(self._draft.rows.get(self._unit.id, ())):
            for column, value in zip(self._sheet.columns, row, strict=True):
                if value is not None:
                    yield Cell(FIRST_GRID_ROW + offset, column.index, value, _style(column))

    def rules(self) -> Iterator[Rule]:
        for column in self._sheet.columns:
            letters = column_letters(column.index)
            cells = f"{letters}{FIRST_GRID_ROW}:{letters}{self._last}"
            item = column.item
            if item is None:
                yield from self._key_rule(column, cells)
            elif column.code is not None:
                yield tick_rule(item, cells, self._words)
            else:
                yield self._rule(item, cells, f"{letters}{FIRST_GRID_ROW}")

    def _rule(self, item: Item, cells: str, first: str) -> Rule:
        parent = self._parent_name(item) if item.cascade else ""
        extra = ""
        if item.id == self._draft.questionnaire.top.key:
            extra = f"SUMPRODUCT(--({_fixed(cells)}={first}))=1"
        table = self._draft.tables.get(item.id)
        return rule_of(item, cells, first, self._words, table=table, parent=parent, question_too=True, extra=extra)

    def _key_rule(self, column: Column, cells: str) -> Iterator[Rule]:
        if column.role == "line":
            first = cells.partition(":")[0]
            formula = f"AND(ISNUMBER({first}),{first}=INT({first}),{first}>0)"
            yield Rule(
                cells=cells, kind="custom", formula=formula, title=self._words["stop_title"],
                message=self._words["prompt_number"],
            )  # fmt: skip

    def _parent_name(self, item: Item) -> str:
        """Return a name for the code that narrows a cascade, its references moving with the row."""
        found = self._sight(item.cascade)
        cell = found if isinstance(found, str) else ""
        if not cell:
            return ""
        code = f'LEFT(TRIM({cell})&" ",FIND(" ",TRIM({cell})&" ")-1)'
        name = f"V_{self._unit.id}.{item.cascade}"
        self._draft.names[name] = f"VALUE({code})" if self._draft.tables[item.cascade].numeric else code
        return name

    def shades(self) -> Iterator[Shade]:
        answers = [column for column in self._sheet.columns if column.item is not None]
        numbers: dict[str, str] = {}
        for relevant, run in groupby(answers, key=lambda column: column.item.relevant if column.item else ""):
            columns = list(run)
            if not relevant:
                continue
            if relevant not in numbers and self._draft.logic.can(relevant, self._sight):
                numbers[relevant] = f"R_{self._unit.id}.{len(numbers) + 1}"
                self._draft.names[numbers[relevant]] = self._draft.logic.true(relevant, self._sight)
            if relevant in numbers:
                first, last = column_letters(columns[0].index), column_letters(columns[-1].index)
                cells = f"{first}{FIRST_GRID_ROW}:{last}{self._last}"
                formula = f'AND($A{FIRST_GRID_ROW}<>"",NOT({numbers[relevant]}))'
                yield Shade(cells=cells, formula=formula, style="skipped")


def _fixed(cells: str) -> str:
    first, last = cells.split(":")
    letters = first.rstrip("0123456789")
    return f"${letters}${first[len(letters) :]}:${letters}${last[len(letters) :]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSeer:
    """Finds cells of a list by formulas whose references move with the row.

    In a defined name a reference without dollar signs counts from the cell A1, so row 1 means "the same row".
    """

    draft: ListDraft

    def sight(self, unit: Unit) -> Sight:
        """Return what a row of a unit sees."""
        questionnaire = self.draft.questionnaire
        date = questionnaire.interview_date
        find = self._finder(unit)
        today = ""
        if date and questionnaire.item(date).unit == questionnaire.top.id:
            today = str(find(date))
        return Sight(unit=unit.id, find=find, today=today)

    def _finder(self, unit: Unit) -> Callable[[str], Target]:
        questionnaire = self.draft.questionnaire
        items = {item.id: item for item in questionnaire.items}
        above = questionnaire.ancestors(unit.id)

        def find(name: str) -> Target:
            if name == unit.key and unit.repeated:
                return self._own(unit, "line", None)
            item = items[name]
            if item.unit == unit.id:
                return self._computed(unit, item) if item.type == "calculated" else self._answer(unit, item)
            if item.type in {"calculated", "select_multiple"}:
                raise KeyError(name)
            owner = next(one for one in above if one.id == item.unit)
            return self._from_above(unit, owner, item)

        return find

    def _sheet(self, unit: Unit) -> Sheet:
        return next(sheet for sheet in self.draft.layout.sheets if sheet.unit == unit.id)

    def _columns(self, unit: Unit, role: str, item: Item | None) -> list[Column]:
        return [
            column
            for column in self._sheet(unit).columns
            if (column.item is item if item else column.role == role and column.item is None)
        ]

    def _own(self, unit: Unit, role: str, item: Item | None) -> str:
        column = self._columns(unit, role, item)[0]
        return f"{quoted(self._sheet(unit).name)}!${column_letters(column.index)}1"

    def _area(self, unit: Unit, role: str, item: Item | None) -> str:
        sheet = self._sheet(unit)
        letters = column_letters(self._columns(unit, role, item)[0].index)
        return f"{quoted(sheet.name)}!${letters}${FIRST_GRID_ROW}:${letters}${FIRST_GRID_ROW + sheet.rows - 1}"

    def _answer(self, unit: Unit, item: Item) -> Target:
        if item.type != "select_multiple":
            return self._own(unit, "answer", item)
        name = quoted(self._sheet(unit).name)
        columns = self._columns(unit, "option", item)
        return Reference(
            options={one.code: f"{name}!${column_letters(one.index)}1" for one in columns if one.code is not None}
        )

    def _computed(self, unit: Unit, item: Item) -> str:
        """Return a name for a computed value; the list itself has no computed columns."""
        name = f"K_{unit.id}.{item.id}"
        if name not in self.draft.names:
            logic, sight = self.draft.logic, self.sight(unit)
            value = logic.value(item.calculation, sight)
            if item.relevant:
                value = f'IF({logic.true(item.relevant, sight)},{value},"")'
            self.draft.names[name] = value
        return name

    def _from_above(self, unit: Unit, owner: Unit, item: Item) -> str:
        """Return a name that looks an answer up on the sheet of a unit above, by serial and line."""
        questionnaire = self.draft.questionnaire
        key = questionnaire.item(questionnaire.top.key)
        serial = self._own(unit, "key", None)
        if owner is questionnaire.top:
            found = f"MATCH({serial},{self._area(owner, 'answer', key)},0)"
        else:
            same = f"({self._area(owner, 'key', None)}={serial})"
            line = f"({self._area(owner, 'line', None)}={self._own(unit, 'line', None)})"
            found = f"MATCH(1,INDEX({same}*{line},0),0)"
        name = f"U_{unit.id}.{item.id}"
        self.draft.names[name] = f"INDEX({self._area(owner, 'answer', item)},{found})"
        return name
