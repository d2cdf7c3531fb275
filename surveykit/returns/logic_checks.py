"""Checks of answers against each other: skips both ways, required answers, constraints, rules of the definition."""

from __future__ import annotations

import numpy as np

from surveykit.questionnaire.structure import Check, Item, localized
from surveykit.returns.examination import Examination, Mask, written


def check_logic(examination: Examination) -> None:
    """Check relevance, presence and constraints item by item in printed order, then the rules of the definition."""
    examination.recompute()
    for item in examination.questionnaire:
        if item.answered_by_hand and len(examination.frames[item.unit]):
            _relevance(examination, item)
            _constraint(examination, item)
    examination.recompute()
    for check in examination.questionnaire.checks:
        if len(examination.frames[check.unit]):
            _rule(examination, check)


def _relevance(examination: Examination, item: Item) -> None:
    rows = len(examination.frames[item.unit])
    asked = np.ones(rows, dtype=bool)
    if item.relevant:
        typed = examination.compiled(item.relevant, item.unit, this=item.id)
        asked = examination.holds(typed, item.unit)
        unasked = examination.fails(typed, item.unit) & examination.present(item)
        if item.prefill:
            unasked[:] = False
        unsure = examination.present(item) & ~asked & ~unasked & _settled(examination, item, typed.names)
        if (unasked | unsure).any():
            said = {"rule": examination.said(typed)}
            examination.report("returns-check-skip", item, unasked, said)
            examination.report("returns-check-skip-unknown", item, unsure, said)
            examination.mask(item, unasked | unsure)
            examination.recompute()
    if item.required:
        unwritten = asked & ~examination.written(item) & examination.placed(item)
        examination.report("returns-check-required", item, unwritten)


def _settled(examination: Examination, item: Item, names: frozenset[str]) -> Mask:
    """Return where everything that a skip rule needs was answered, be it with a missing code.

    The rule is then unknown because of a "don't know", and the question was not to be asked.
    """
    seen = examination.view(item.unit).frame.to_native()
    items = {one.id: one for one in examination.questionnaire}
    settled = np.ones(len(seen), dtype=bool)
    for name in names:
        one = items.get(name)
        if one is None or one.var not in seen.columns or one.type == "calculated":
            return np.zeros(len(seen), dtype=bool)
        settled &= seen[one.var].notna().to_numpy(dtype=bool)
    return settled


def _constraint(examination: Examination, item: Item) -> None:
    if item.constraint:
        typed = examination.compiled(item.constraint, item.unit, this=item.id)
        broken = examination.fails(typed, item.unit) & examination.present(item)
        if broken.any():
            examination.report("returns-check-constraint", item, broken, {"rule": examination.said(typed)})
            examination.mask(item, broken)


def _rule(examination: Examination, check: Check) -> None:
    typed = examination.compiled(check.expression, check.unit)
    broken = np.flatnonzero(examination.fails(typed, check.unit)).tolist()
    if not broken:
        return
    items = [examination.questionnaire.item(name) for name in check.items]
    own = [item for item in items if item.unit == check.unit]
    own.sort(key=lambda item: not item.answered_by_hand)  # a computed answer has no cell to correct
    column, name = (own[0].var, own[0].id) if own else ("", "")
    text = localized(check.message, examination.language)
    seen = examination.view(check.unit).frame.to_native()
    for row in broken:
        found = ", ".join(
            f"{item.id} = {written(seen[item.var].iloc[row])}" for item in items if item.var in seen.columns
        )
        values = {"text": text, "check": check.id, "found": found}
        examination.report_row(
            "returns-check-rule", check.unit, row, column, values, item=name, severity=check.severity
        )
