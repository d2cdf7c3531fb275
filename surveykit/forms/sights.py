"""Which cells of a booklet a row of a unit can see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from surveykit.expressions.excel import Reference, RosterReference
from surveykit.forms.geometry import ECHO, Geometry, grid_columns, selections_of
from surveykit.forms.layout import FIRST_GRID_ROW, Sheet, column_letters
from surveykit.forms.logic import Sight, Target
from surveykit.forms.plan import absolute, place
from surveykit.questionnaire.structure import Item, Questionnaire, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Seer:
    """Makes the sights of a booklet.

    Parameters
    ----------
    questionnaire : Questionnaire
    geometry : Geometry
    """

    questionnaire: Questionnaire
    geometry: Geometry

    def sight(self, unit: str, index: int, sheet: str, *, relative: bool = False) -> Sight:
        """Return what a row of a unit sees from a sheet.

        Parameters
        ----------
        unit : str
        index : int
            0 for the top unit, else the 1-based row.
        sheet : str
        relative : bool
            Let rows of a roster move with the cell, for validations of a whole column.
        """
        date = self.questionnaire.interview_date
        top = self.questionnaire.top.id
        today = self._seen(date, 0, sheet) if date and self.questionnaire.item(date).unit == top else ""
        return Sight(unit=unit, find=self._finder(unit, index, sheet, relative=relative), today=str(today))

    def _finder(self, unit: str, index: int, sheet: str, *, relative: bool) -> Callable[[str], Target]:
        questionnaire = self.questionnaire
        items = {item.id: item for item in questionnaire.items}
        here = questionnaire.unit(unit)
        above = {one.id: one for one in questionnaire.ancestors(unit)}

        def find(name: str) -> Target:
            if name in items:
                item = items[name]
                if item.unit == unit:
                    found = self._seen(name, index, sheet)
                    return (
                        found.replace(f"${FIRST_GRID_ROW}", str(FIRST_GRID_ROW))
                        if relative and isinstance(found, str)
                        else found
                    )
                if item.unit == questionnaire.top.id:
                    return self._seen(name, 0, sheet)
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
        return absolute(cell) if where == sheet else place(where, cell)

    def _seen(self, name: str, index: int, sheet: str) -> Target:
        spot = self.geometry.spot(name, index)
        cell = spot.seen_from(sheet, spot.value)
        if not spot.options:
            return cell
        options = {code: spot.seen_from(sheet, value) for code, (_, value) in spot.options.items()}
        return Reference(options=options, cell="") if options else cell

    def _echo(self, unit: Unit, index: int, sheet: str, item: Item) -> Target:
        """Return the cell beside the person line that repeats an answer of the roster."""
        if unit.selection is None or item.unit != unit.selection.roster or item.type == "select_multiple":
            raise KeyError(item.id)
        where, cell = self.geometry.line_cell(unit.id, index)
        row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        position = echoed(self.questionnaire, unit).index(item)
        own = f"{column_letters(ECHO + position)}{row}"
        return absolute(own) if where == sheet else place(where, own)

    def _roster(self, name: str, sheet: str) -> RosterReference:
        one = self.questionnaire.unit(name)
        grid = self.roster_sheet(one.id)
        columns = grid_columns(grid, selections_of(self.questionnaire, one.id))
        ranges = {
            item.id: self.column(grid, columns.helper[item.id][0], sheet)
            for item in self.questionnaire.items_of(one.id)
            if item.id in columns.helper
        }
        return RosterReference(columns=ranges, present=self.column(grid, columns.used, sheet))

    def roster_sheet(self, roster: str) -> Sheet:
        """Return the grid of a roster; ``KeyError`` if the unit has none."""
        for sheet in self.geometry.layout.sheets_of(roster):
            if sheet.kind == "grid":
                return sheet
        raise KeyError(roster)

    def column(self, grid: Sheet, index: int, seen_from: str) -> str:
        """Return the reference to a column of a roster's lines."""
        letters = column_letters(index)
        cells = f"{letters}{FIRST_GRID_ROW}:{letters}{FIRST_GRID_ROW + grid.rows - 1}"
        return absolute(cells) if grid.name == seen_from else place(grid.name, cells)


def echoed(questionnaire: Questionnaire, unit: Unit) -> list[Item]:
    """Return the roster items that are repeated beside the person line of a selected unit."""
    if unit.selection is None:
        return []
    return [
        item for item in questionnaire.items_of(unit.selection.roster) if item.type not in {"note", "select_multiple"}
    ]
