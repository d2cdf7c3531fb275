"""What the checks share: frames in which every value already found wrong is unknown, and the findings so far.

One mistake makes one finding: a value that is reported is masked, so that what depends on it is unknown, not wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.expressions import columns, meaning, phrase
from surveykit.expressions.columns import Columns
from surveykit.expressions.meaning import Typed
from surveykit.findings import Finding, Findings, Place, Severity, finding
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.scope import scope_of
from surveykit.questionnaire.structure import Item, Questionnaire, localized
from surveykit.returns.calculation import recompute_frames
from surveykit.returns.kinship import view, with_files

Mask = NDArray[np.bool_]


class Examination:
    """The state of one run of the checks.

    Parameters
    ----------
    responses : Responses
        Never changed.
    questionnaire : Questionnaire
    language : str
        Language of the messages that the questionnaire itself brings.
    """

    def __init__(self, responses: Responses, questionnaire: Questionnaire, language: str) -> None:
        self.responses, self.questionnaire, self.language = responses, questionnaire, language
        self.frames = with_files(responses)
        self.found: list[Finding] = []
        self._key = questionnaire.item(questionnaire.top.key).var
        self._views: dict[str, Columns] = {}
        self._unread = {unit: _by_column(places) for unit, places in responses.unread.items()}

    @property
    def findings(self) -> Findings:
        """Everything found so far."""
        return Findings.of(self.found)

    def column(self, unit: str, column: str) -> pd.Series[Any]:
        """Return a column with what was found wrong made null."""
        series: pd.Series[Any] = self.frames[unit][column]
        return series

    def present(self, item: Item) -> Mask:
        """Return where an item has an answer that is not known to be wrong."""
        return self.column(item.unit, item.var).notna().to_numpy(dtype=bool)

    def written(self, item: Item) -> Mask:
        """Return where anything stands for an item, read or unread, right or wrong."""
        frame = self.responses[item.unit]
        written = frame[item.var].notna().to_numpy(dtype=bool, copy=True)
        written[list(self._unread.get(item.unit, {}).get(item.var, ()))] = True
        return written

    def placed(self, item: Item) -> Mask:
        """Return where a form has a place for an item: a deleted row or column is reported once, as such."""
        origins = self.responses.origins.get(item.unit, ())
        if not origins:
            return np.ones(len(self.responses[item.unit]), dtype=bool)
        known = {id(origin.cells): item.var in origin.cells for origin in origins}
        return np.array([known[id(origin.cells)] for origin in origins], dtype=bool)

    def said(self, typed: Typed) -> dict[str, str]:
        """Return a condition as a sentence with printed numbers, in every language of the questionnaire."""
        languages = dict.fromkeys(("en", "ko", *self.questionnaire.languages))
        units = self.questionnaire.units
        return {
            name: phrase.sentence(typed, name, labels=True, units={one.id: localized(one.label, name) for one in units})
            for name in languages
        }

    def compiled(self, text: str, unit: str, *, this: str = "", boolean: bool = True) -> Typed:
        """Return the meaning of an expression in the rows of a unit."""
        scope = scope_of(self.questionnaire, unit, this=this)
        return meaning.compile(text, scope, gives="boolean" if boolean else "")

    def holds(self, typed: Typed, unit: str) -> Mask:
        """Return where a condition is true."""
        return columns.mask(typed, self.view(unit), want="true")

    def fails(self, typed: Typed, unit: str) -> Mask:
        """Return where a condition is false."""
        return columns.mask(typed, self.view(unit), want="false")

    def view(self, unit: str) -> Columns:
        """Return the rows of a unit as expressions see them now."""
        if unit not in self._views:
            self._views[unit] = view(self.frames, unit, self.questionnaire)
        return self._views[unit]

    def mask(self, item: Item, wrong: Mask) -> None:
        """Make the answers to an item unknown where they were found wrong."""
        if wrong.any():
            frame = self.frames[item.unit]
            hidden = {column: frame[column].mask(wrong) for column in item.columns}
            self.frames[item.unit] = frame.assign(**hidden)
            self._views.clear()

    def recompute(self) -> None:
        """Make the computed items anew from the answers that are not known to be wrong."""
        recompute_frames(self.frames, self.questionnaire)
        self._views.clear()

    def report(self, code: str, item: Item, wrong: Mask, values: Mapping[str, object] | None = None) -> None:
        """Report an item in every row where it is wrong."""
        for row in np.flatnonzero(wrong).tolist():
            self.report_row(code, item.unit, row, item.var, values, item=item.id)

    def report_row(
        self,
        code: str,
        unit: str,
        row: int,
        column: str,
        values: Mapping[str, object] | None = None,
        *,
        item: str = "",
        severity: Severity | None = None,
    ) -> None:
        """Report one row; the value found there is added."""
        where = self.place(unit, row, column, item=item)
        named = {"found": self.shown(unit, row, column), **(values or {})}
        self.found.append(finding(code, where, severity=severity, **named))

    def place(self, unit: str, row: int, column: str, *, item: str = "") -> Place:
        """Return where an answer stands."""
        return self.responses.place(unit, row, column, item=item, record=self.shown(unit, row, self._key))

    def shown(self, unit: str, row: int, column: str) -> str:
        """Return an answer as a person would write it; empty for a blank."""
        frame = self.responses[unit]
        value = frame[column].iloc[row] if column in frame.columns else None
        return written(value)


def written(value: object) -> str:
    """Return a value of a frame as a person would write it."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float | np.floating):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    return str(value)


def _by_column(places: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row, column in places:
        found.setdefault(column, []).append(row)
    return found
