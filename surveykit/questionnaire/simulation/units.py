"""Rows of units: responses, rosters, selected members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from surveykit.questionnaire.selection import take_number
from surveykit.questionnaire.simulation.draws import Drawing
from surveykit.questionnaire.simulation.households import NAMES, household
from surveykit.questionnaire.simulation.profiles import Profiles
from surveykit.questionnaire.simulation.world import Mask, Rows, World
from surveykit.questionnaire.structure import Questionnaire, Selection, Unit

CLUSTER: Final = 10  # responses in a cluster
STRATA: Final = 20  # strata at most: ten provinces by urban and rural


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """Makes the rows of units as they are reached.

    Parameters
    ----------
    world : World
    drawing : Drawing
    profiles : Profiles
    """

    world: World
    drawing: Drawing
    profiles: Profiles

    @property
    def questionnaire(self) -> Questionnaire:
        """The instrument that is answered."""
        return self.world.questionnaire

    def top(self, count: int) -> None:
        """Make the responses; their serials differ and have as many digits as the pattern allows, at most eight."""
        key = self.questionnaire.item(self.questionnaire.top.key)
        length = min(8, key.max_length or 8)
        start = 10 ** (length - 1) + 1
        serials = pd.Series([str(start + number) for number in range(count)], dtype="string")
        self.world.add_unit(self.questionnaire.top, {}, {key.var: serials, **self.design(count, key.var)})

    def design(self, count: int, key: str) -> dict[str, pd.Series[Any]]:
        """Return the design columns of the responses: clusters of ten in a row, dealt out to twenty strata.

        No stratum is left with a single cluster unless there is but one cluster.
        """
        numbers = np.arange(count) // CLUSTER
        strata = numbers % max(1, min(STRATA, (int(numbers[-1]) + 1) // 2)) if count else numbers
        own = {item.id: item for item in self.questionnaire.items_of(self.questionnaire.top.id)}
        made: dict[str, pd.Series[Any]] = {}
        for name, codes in (("strata", strata), ("clusters", numbers)):
            item = own.get(str(self.questionnaire.design.get(name, "")))
            if item is not None and item.type == "id" and item.var != key:
                made[item.var] = pd.Series([str(code + 1) for code in codes], dtype="string")
        return made

    def below(self, unit: Unit) -> None:
        """Make the rows of a roster or of selected members."""
        if unit.selection is not None:
            self.selected(unit, unit.selection)
        else:
            self.roster(unit)

    def roster(self, unit: Unit) -> None:
        """Make the rows of a roster; members of a household get relation, sex and age at once."""
        parents = np.flatnonzero(self.open(unit))
        least, most = (unit.roster.min, unit.roster.max) if unit.roster else (1, 1)
        own = {item.id: item.var for item in self.questionnaire.items_of(unit.id)}
        if set(NAMES) <= set(own):
            homes = [household(self.drawing.random, most) for _ in parents]
            sizes = np.array([len(home) for home in homes], dtype=int)
        else:
            homes = []
            wanted = self.world.numbers(self.profiles.rows.get(unit.id, min(3, most)), unit.parent, parents)
            sizes = np.clip(np.nan_to_num(wanted), least, most).astype(int)
        rows = np.repeat(parents, sizes)
        lines = np.concatenate([np.arange(1, size + 1) for size in sizes]) if len(sizes) else np.array([], dtype=int)
        self.add(unit, unit.parent, rows, lines)
        if homes:
            members = [member for home in homes for member in home]
            made = {"fam_rela": [m.relation for m in members], "sex": [m.sex for m in members]}
            made["age"] = [m.age for m in members]
            for name, values in made.items():
                self.world.answers[unit.id][own[name]] = pd.Series(values, dtype="Int64")

    def selected(self, unit: Unit, selection: Selection) -> None:
        """Make the rows of the members that the rule of a unit takes: each who is eligible, or one by the table."""
        roster, top = selection.roster, self.questionnaire.item(self.questionnaire.top.key).var
        eligible = self.world.holds(selection.where, roster) if selection.where else self.all(roster)
        rows = np.flatnonzero(eligible)
        line = self.questionnaire.unit(roster).key
        serial = self.world.column(roster, top).iloc[rows].reset_index(drop=True)
        found = pd.DataFrame({"row": rows, "serial": serial, "line": self._numbers(roster, line, rows)})
        order = ["serial"]
        for position, name in enumerate(selection.order_by):
            values = self._numbers(roster, self.questionnaire.item(name.removeprefix("-")).var, rows)
            found[f"order{position}"] = -values if name.startswith("-") else values
            order.append(f"order{position}")
        found = found.sort_values([*order, "line"], kind="stable")
        homes = found.groupby("serial", sort=False)
        found["rank"], found["count"] = homes.cumcount() + 1, homes["row"].transform("size")
        if selection.take == "one":
            wanted = [take_number(str(s), int(c)) for s, c in zip(found["serial"], found["count"], strict=True)]
            found = found[found["rank"] == np.array(wanted, dtype=int)]
        kept = np.sort(found.loc[found["rank"] <= selection.max if selection.take == "each" else slice(None), "row"])
        lines = self._numbers(roster, line, kept).astype(int)
        self.add(unit, roster, kept, lines)

    def add(self, unit: Unit, above: str, rows: Rows, lines: Any) -> None:  # noqa: ANN401 (an array)
        """Make rows under those of another unit known, with their keys."""
        parents = {above: rows}
        for one in self.questionnaire.ancestors(above):
            parents[one.id] = self.world.above[above, one.id][rows]
        top = self.questionnaire.item(self.questionnaire.top.key).var
        serial = self.world.column(above, top).take(rows).reset_index(drop=True)
        self.world.add_unit(unit, parents, {top: serial, unit.key: pd.Series(lines, dtype="Int64")})

    def open(self, unit: Unit) -> Mask:
        """Return the rows above under which a roster is filled in: where its first section applies."""
        first = next((section for section in self.questionnaire.sections if section.unit == unit.id), None)
        visible = {item.var for item in self.questionnaire.items_of(unit.parent)}
        if first is None or not first.relevant:
            return self.all(unit.parent)
        names = {symbol.column for symbol in self.world.typed(first.relevant, unit.id, condition=True).symbols}
        return self.world.holds(first.relevant, unit.parent) if names <= visible else self.all(unit.parent)

    def all(self, unit: str) -> Mask:
        """Return all rows of a unit."""
        return np.ones(self.world.rows(unit), dtype=bool)

    def _numbers(self, unit: str, name: str, rows: Rows) -> Any:  # noqa: ANN401 (an array)
        column = self.world.column(unit, name).iloc[rows]
        return pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
