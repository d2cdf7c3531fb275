"""The answers made so far: columns by unit, who stands under whom, and expressions over both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.errors import ExpressionError
from surveykit.expressions import columns, meaning
from surveykit.expressions.columns import Columns, RosterFrame, prepare
from surveykit.expressions.meaning import Scope, Typed
from surveykit.questionnaire.scope import scope_of
from surveykit.questionnaire.structure import Item, Questionnaire, Unit

Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]


@dataclass(slots=True, kw_only=True)
class World:
    """Answers made so far.

    Parameters
    ----------
    questionnaire : Questionnaire
    answers : dict of str to dict of str to Series
        By unit and column; the key columns of a unit are there as soon as it has rows.
    above : dict of (str, str) to ndarray
        For a unit and one above it: the row above each row.
    """

    questionnaire: Questionnaire
    answers: dict[str, dict[str, pd.Series[Any]]] = field(default_factory=dict)
    above: dict[tuple[str, str], Rows] = field(default_factory=dict)
    _scopes: dict[str, Scope] = field(default_factory=dict)
    _typed: dict[tuple[str, str, str], Typed] = field(default_factory=dict)

    def rows(self, unit: str) -> int:
        """Return the number of rows of a unit."""
        columns_of_unit = self.answers[unit]
        return len(next(iter(columns_of_unit.values()))) if columns_of_unit else 0

    def add_unit(self, unit: Unit, parents: Mapping[str, Rows], keys: Mapping[str, pd.Series[Any]]) -> None:
        """Make the rows of a unit known: the row above each, for every unit above, and the key columns."""
        self.answers[unit.id] = dict(keys)
        for name, rows in parents.items():
            self.above[unit.id, name] = rows

    def column(self, unit: str, name: str) -> pd.Series[Any]:
        """Return a column as the rows of a unit see it: their own, or that of the rows above them."""
        if name in self.answers[unit]:
            return self.answers[unit][name]
        for one in self.questionnaire.ancestors(unit):
            if name in self.answers[one.id]:
                return self.answers[one.id][name].take(self.above[unit, one.id]).reset_index(drop=True)
        raise KeyError(name)

    def knows(self, unit: str, name: str) -> bool:
        """Whether the rows of a unit see a column already."""
        units = (unit, *(one.id for one in self.questionnaire.ancestors(unit)))
        return any(name in self.answers.get(one, {}) for one in units)

    def typed(self, text: str, unit: str, *, this: str = "", condition: bool = False) -> Typed:
        """Return an expression compiled for the rows of a unit."""
        key = (text, unit, f"{this} {condition}")
        if key not in self._typed:
            scope = replace(self._scope(unit), this=this)
            self._typed[key] = meaning.compile(text, scope, gives="boolean" if condition else "")
        return self._typed[key]

    def _scope(self, unit: str) -> Scope:
        if unit not in self._scopes:
            self._scopes[unit] = scope_of(self.questionnaire, unit)
        return self._scopes[unit]

    def view(self, typed: Typed, unit: str, rows: Rows | None = None) -> Columns:
        """Return what an expression needs, for all rows of a unit or for some of them."""
        names = dict.fromkeys([symbol.column for symbol in typed.symbols])
        day = self.questionnaire.interview_date
        today = self.questionnaire.item(day).var if day and typed.uses_today else None
        link = self.questionnaire.keys_of(unit) if typed.rosters else ()
        wanted = dict.fromkeys([*names, *link, *([today] if today else [])])
        frame = pd.DataFrame({name: self.column(unit, name) for name in wanted}, index=range(self.rows(unit)))
        frame = frame if rows is None else frame.iloc[rows].reset_index(drop=True)
        rosters = {name: RosterFrame(frame=pd.DataFrame(self.answers[name]), link=link) for name in typed.rosters}
        return prepare(frame, rosters=rosters, today=today)

    def holds(self, text: str, unit: str, *, this: str = "") -> Mask:
        """Return where a condition is true."""
        typed = self.typed(text, unit, this=this, condition=True)
        return np.asarray(columns.mask(typed, self.view(typed, unit)))

    def fails(self, text: str, unit: str, *, this: str = "") -> Mask:
        """Return where a condition is false."""
        typed = self.typed(text, unit, this=this, condition=True)
        return np.asarray(columns.mask(typed, self.view(typed, unit), want="false"))

    def numbers(self, text: str | float, unit: str, rows: Rows) -> NDArray[np.float64]:
        """Return the numbers of an expression or a constant for some rows of a unit, NaN where unknown."""
        if not isinstance(text, str):
            return np.full(len(rows), float(text))
        typed = self.typed(text, unit)
        found = columns.values(typed, self.view(typed, unit, rows))
        return np.asarray(found.to_numpy(dtype=np.float64, na_value=np.nan))

    def can_compute(self, text: str, unit: str) -> bool:
        """Whether all that an expression needs exists in the rows of a unit and was answered before."""
        try:
            typed = self.typed(text, unit)
        except ExpressionError:
            return False
        return all(self.knows(unit, symbol.column) for symbol in typed.symbols)

    def computed(self, item: Item) -> pd.Series[Any]:
        """Return a computed item made from the answers."""
        typed = self.typed(item.calculation, item.unit, this=item.id)
        found: pd.Series[Any] = columns.values(typed, self.view(typed, item.unit)).reset_index(drop=True)
        if item.relevant:
            found = found.where(self.holds(item.relevant, item.unit, this=item.id))
        return found
