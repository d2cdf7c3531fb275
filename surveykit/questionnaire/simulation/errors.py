"""Mistakes put into answers on purpose, with a list of what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.expressions import columns, meaning
from surveykit.expressions.columns import Columns
from surveykit.expressions.meaning import Scope, Typed
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.rows import expression_rows, joined_rows
from surveykit.questionnaire.scope import scope_of
from surveykit.questionnaire.structure import Item, Questionnaire

KINDS: Final = ("range", "code", "skip", "blank", "rule")
_KEY: Final = ("unit", "row", "record", "column", "item", "kind", "was", "now")
_TRIES: Final = 20  # values tried to break a rule
_FAR: Final = 7  # how far beyond its limit a number is put


def inject_errors(
    responses: Responses, questionnaire: Questionnaire, *, rate: float, seed: int
) -> tuple[Responses, pd.DataFrame]:
    """Return responses with mistakes in them, and the key of the mistakes.

    Parameters
    ----------
    responses : Responses
        Clean answers, as :func:`simulate` gives them.
    questionnaire : Questionnaire
    rate : float
        Mistakes per row of a unit, about; each row gets at most one.
    seed : int

    Returns
    -------
    tuple of (Responses, DataFrame)
        The key has a row a mistake: ``unit``, ``row``, ``record``, ``column``, ``item``, ``kind`` (``range`` a number
        beyond its limits, ``code`` a code that the list lacks, ``skip`` an answer where nothing was asked, ``blank``
        a required answer left out, ``rule`` an answer that breaks a check), ``was`` and ``now``.

    Notes
    -----
    Design columns and keys are left alone, so that every mistake can be traced to its row.
    """
    work = _Work(
        questionnaire=questionnaire,
        random=np.random.default_rng(seed),
        frames={unit: frame.copy() for unit, frame in responses.items()},
    )
    for unit in questionnaire.units:
        frame = work.frames[unit.id]
        work.enter(unit.id)
        for row in np.flatnonzero(work.random.random(len(frame)) < rate).tolist():
            work.spoil(unit.id, row)
    return replace(responses, frames=work.frames), pd.DataFrame(work.done, columns=list(_KEY))


@dataclass(slots=True, kw_only=True)
class _Work:
    questionnaire: Questionnaire
    random: np.random.Generator
    frames: dict[str, pd.DataFrame]
    done: list[tuple[object, ...]] = field(default_factory=list)
    masks: dict[tuple[str, str], NDArray[np.bool_]] = field(default_factory=dict)
    rules: dict[str, list[Typed]] = field(default_factory=dict)
    rows: pd.DataFrame = field(init=False)
    columns: Columns = field(init=False)
    scope: Scope = field(init=False)

    def spoil(self, unit: str, row: int) -> None:
        """Put one mistake into a row, of the first kind drawn that the row allows."""
        for kind in self.random.permutation(KINDS).tolist():
            items = list(self.answered(unit))
            for position in self.random.permutation(len(items)).tolist():
                if (found := _MAKERS[kind](self, items[position], row)) is not _NOTHING:
                    self.put(items[position], row, kind, found)
                    return

    def answered(self, unit: str) -> Iterator[Item]:
        """Return the items of a unit that may be spoilt."""
        design = {str(name) for name in self.questionnaire.design.values()}
        kept = {self.questionnaire.top.key, *design}
        return (
            item
            for item in self.questionnaire.items_of(unit)
            if item.answered_by_hand
            and item.type in {"integer", "decimal", "select_one"}
            and item.id not in kept
            and not item.prefill
        )

    def value(self, item: Item, row: int) -> Any:  # noqa: ANN401 (an answer)
        found = self.frames[item.unit][item.var].iloc[row]
        return None if pd.isna(found) else found

    def put(self, item: Item, row: int, kind: str, now: Any) -> None:  # noqa: ANN401 (an answer)
        frame = self.frames[item.unit]
        record = str(frame[self.questionnaire.item(self.questionnaire.top.key).var].iloc[row])
        self.done.append((item.unit, row, record, item.var, item.id, kind, self.value(item, row), now))
        frame.loc[row, item.var] = pd.NA if now is None else now

    def enter(self, unit: str) -> None:
        """Lay out the rows of a unit; the units above have their mistakes already."""
        self.rows = joined_rows(self.frames, unit, self.questionnaire)
        self.columns = expression_rows(self.frames, unit, self.questionnaire)
        self.scope = scope_of(self.questionnaire, unit)
        self.masks.clear()

    def asked(self, item: Item, row: int, *, want: Literal["true", "false"]) -> bool:
        """Whether a question is asked in a row, or is not; both are False where that cannot be told."""
        if not item.relevant:
            return want == "true"
        if (item.id, want) not in self.masks:
            typed = meaning.compile(item.relevant, replace(self.scope, this=item.id), gives="boolean")
            self.masks[item.id, want] = columns.mask(typed, self.columns, want=want)
        return bool(self.masks[item.id, want][row])

    def breaks(self, item: Item, row: int, now: Any, rules: list[Typed]) -> bool:  # noqa: ANN401 (an answer)
        """Whether a rule is broken in a row if an item is answered in another way."""
        one = self.rows.iloc[[row]].reset_index(drop=True)
        one[item.var] = pd.Series([now], dtype=self.rows[item.var].dtype)
        return any(columns.mask(rule, columns.prepare(one), want="false")[0] for rule in rules)

    def beyond(self, item: Item, row: int) -> Any:  # noqa: ANN401 (an answer)
        """Return a number beyond the limits, no missing code."""
        limits = item.range
        if limits is None or limits.max is None or self.value(item, row) is None:
            return _NOTHING
        far = float(limits.max) + _FAR
        while far in item.missing_codes:
            far += 1
        return int(far) if item.type == "integer" else far

    def unknown_code(self, item: Item, row: int) -> Any:  # noqa: ANN401 (an answer)
        """Return a code that neither list nor missing set has."""
        if item.codelist is None or self.value(item, row) is None:
            return _NOTHING
        taken = {*item.codelist.codes, *item.missing_codes}
        return next((code for code in range(50, 60) if code not in taken), _NOTHING)

    def unasked(self, item: Item, row: int) -> Any:  # noqa: ANN401 (an answer)
        """Return an answer to a question that was not asked."""
        if self.value(item, row) is not None or not self.asked(item, row, want="false"):
            return _NOTHING
        return self.plain(item)

    def left_out(self, item: Item, row: int) -> Any:  # noqa: ANN401 (an answer)
        """Return a blank for a required answer."""
        needed = item.required and self.value(item, row) is not None and self.asked(item, row, want="true")
        return None if needed else _NOTHING

    def against_rule(self, item: Item, row: int) -> Any:  # noqa: ANN401 (an answer)
        """Return an answer that breaks a check of severity error in its own unit."""
        rules = self.rules_of(item)
        if self.value(item, row) is None or not rules or item.range is None:
            return _NOTHING
        tried = (self.plain(item) for _ in range(_TRIES))
        return next((now for now in tried if self.breaks(item, row, now, rules)), _NOTHING)

    def rules_of(self, item: Item) -> list[Typed]:
        """Return the checks that an answer alone can break in its own row."""
        if item.id not in self.rules:
            found = [
                meaning.compile(check.expression, self.scope, gives="boolean")
                for check in self.questionnaire.checks
                if check.severity == "error" and check.unit == item.unit and item.id in check.items
            ]
            self.rules[item.id] = [rule for rule in found if not rule.rosters]
        return self.rules[item.id]

    def plain(self, item: Item) -> Any:  # noqa: ANN401 (an answer)
        """Return any answer that is right by itself."""
        if item.codelist is not None:
            options = item.codelist.offered
            return options[int(self.random.integers(len(options)))].code
        limits = item.range
        low = float(limits.min) if limits and limits.min is not None else 0.0
        high = float(limits.max) if limits and limits.max is not None else low + _FAR
        drawn = low + self.random.random() * (high - low)
        return round(drawn) if item.type == "integer" else round(drawn, item.decimals or 0)


_NOTHING: Final = object()
_Maker = Callable[[_Work, Item, int], Any]
_MAKERS: Final[dict[str, _Maker]] = {
    "range": _Work.beyond,
    "code": _Work.unknown_code,
    "skip": _Work.unasked,
    "blank": _Work.left_out,
    "rule": _Work.against_rule,
}
