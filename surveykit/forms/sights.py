"""Which cells of a booklet a row of a unit can see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from surveykit.expressions.excel import Reference, RosterReference
from surveykit.forms.geometry import ECHO, Geometry
from surveykit.forms.logic import Sight, Target
from surveykit.forms.places import FIRST_GRID_ROW, Sheet, column_letters
from surveykit.forms.plan import at, place
from surveykit.questionnaire.structure import Item, Questionnaire, Unit


@dataclass(frozen=True, kw_only=True)
class Seer:
    """Makes the sights of a booklet.

    Parameters
    ----------
    questionnaire : Questionnaire
    geometry : Geometry
    """

    questionnaire: Questionnaire
    geometry: Geometry

    @cached_property
    def _items(self) -> Mapping[str, Item]:
        return {item.id: item for item in self.questionnaire.items}

    @cached_property
    def _echoed(self) -> dict[str, list[Item]]:
        return {}

    def sight(self, unit: str, index: int, sheet: str, *, fixed: bool = False) -> Sight:
        """Return what a row of a unit sees from a sheet.

        Parameters
        ----------
        unit : str
        index : int
            0 for the top unit, else the 1-based row.
        sheet : str
        fixed : bool
            Pin what does not stand in the row itself, for validations of a whole column.
        """
        date = self.questionnaire.interview_date
        top = self.questionnaire.top.id
        today = self._seen(date, 0, sheet) if date and self._items[date].unit == top else ""
        return Sight(unit=unit, find=self._finder(unit, index, sheet, fixed=fixed), today=str(today))

    def _finder(self, unit: str, index: int, sheet: str, *, fixed: bool) -> Callable[[str], Target]:
        questionnaire = self.questionnaire
        items = self._items
        here = questionnaire.unit(unit)
        above = {one.id: one for one in questionnaire.ancestors(unit)}

        def find(name: str) -> Target:
            if name in items:
                item = items[name]
                if item.unit == unit:
                    return self._seen(name, index, sheet)
                if item.unit == questionnaire.top.id:
                    spot = self.geometry.spot(name)
                    return place(spot.sheet, spot.value) if fixed else self._seen(name, 0, sheet)
                return self._echo(here, index, sheet, item)
            if name == here.key and here.repeated:
                return self.line(here, index, sheet)
            for one in above.values():
                if one.key == name and one.repeated:
                    return self.line(here, index, sheet)
            return self._roster(name, sheet)

        return find

    def line(self, unit: Unit, index: int, sheet: str) -> str:
        """Return the formula of a row's line number."""
        if unit.roster:
            return str(index)
        where, cell = self.geometry.line_cell(unit.id, index)
        return cell if where == sheet else at(where, cell)

    def _seen(self, name: str, index: int, sheet: str) -> Target:
        spot = self.geometry.spot(name, index)
        cell = spot.seen_from(sheet, spot.value)
        if not spot.options:
            return cell
        options = {code: spot.seen_from(sheet, value) for code, (_, value) in spot.options.items()}
        return Reference(options=options, cell="") if options else cell

    def _echo(self, unit: Unit, index: int, sheet: str, item: Item) -> Target:
        """Return the cell beside the person line that repeats an answer of the roster."""
        repeated = self.echoed(unit)
        if item not in repeated:
            raise KeyError(item.id)
        where, cell = self.geometry.line_cell(unit.id, index)
        row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        own = f"{column_letters(ECHO + repeated.index(item))}{row}"
        return own if where == sheet else at(where, own)

    def echoed(self, unit: Unit) -> list[Item]:
        """Return the items of the roster's grids that are repeated beside the person line of a selected unit."""
        if unit.selection is None:
            return []
        if unit.id in self._echoed:
            return self._echoed[unit.id]
        grids = [sheet for sheet in self.geometry.layout.sheets_of(unit.selection.roster) if sheet.kind == "grid"]
        found = [item for grid in grids for item in grid.items if item.type != "select_multiple"]
        return self._echoed.setdefault(unit.id, found)

    def values(self, item: Item, seen_from: str) -> str:
        """Return the reference to the values of an item in all lines of the grid that it stands in."""
        for grid in self.geometry.layout.sheets_of(item.unit):
            if grid.kind == "grid" and item in grid.items:
                return self.column(grid, self.geometry.columns(grid).helper[item.id][0], seen_from)
        raise KeyError(item.id)

    def answers(self, item: Item, seen_from: str) -> str:
        """Return the reference to the answers of an item in all lines of the grid that it stands in."""
        for grid in self.geometry.layout.sheets_of(item.unit):
            for column in grid.own_columns:
                if column.item == item:
                    return self.column(grid, column.index, seen_from)
        raise KeyError(item.id)

    def used(self, roster: str, index: int, seen_from: str) -> str:
        """Return the condition that a line of a roster is used."""
        grid = self.geometry.layout.main_grid(roster)
        cell = f"{column_letters(self.geometry.columns(grid).used)}{FIRST_GRID_ROW + index - 1}"
        return f"{cell if grid.name == seen_from else at(grid.name, cell)}=1"

    def _roster(self, name: str, sheet: str) -> RosterReference:
        one = self.questionnaire.unit(name)
        main = self.geometry.layout.main_grid(one.id)
        grids = [grid for grid in self.geometry.layout.sheets_of(one.id) if grid.kind == "grid"]
        items = [item for grid in grids for item in grid.items if item.type != "select_multiple"]
        ranges = {item.id: self.values(item, sheet) for item in items}
        return RosterReference(columns=ranges, present=self.column(main, self.geometry.columns(main).used, sheet))

    def column(self, grid: Sheet, index: int, seen_from: str) -> str:
        """Return the reference to a column of a roster's lines."""
        letters = column_letters(index)
        cells = f"{letters}{FIRST_GRID_ROW}:{letters}{FIRST_GRID_ROW + grid.rows - 1}"
        return cells if grid.name == seen_from else at(grid.name, cells)
