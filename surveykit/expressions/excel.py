"""Expressions as Excel formulas that mean the same as everywhere else.

A formula has two truth values, the language three. So a condition is compiled by truth or by falsity: negation is
pushed down to the comparisons, every comparison is guarded by "all my operands are real answers", and ``and`` and
``or`` are then two-valued again. An error anywhere inside a comparison can only come from an operand that is no real
answer; ``IFERROR(…,FALSE)`` around each makes it unknown, and no formula shows an error.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal

from surveykit.errors import ExpressionError
from surveykit.expressions.excel_cells import Reference, RosterReference
from surveykit.expressions.excel_formulas import References, Target, Writer
from surveykit.expressions.meaning import Typed
from surveykit.findings import Findings, Place

__all__ = ["Reference", "References", "RosterReference", "Target", "formula", "problems"]


def formula(
    typed: Typed,
    references: References,
    *,
    want: Literal["true", "false", "value"] = "true",
    today: str | date = "",
    language: str = "en",
) -> str:
    """Return an expression as a formula, without the equals sign; it never shows an error value.

    Parameters
    ----------
    typed : Typed
        Any expression.
    references : mapping or callable
        By item name a cell (``B5``, a defined name) or a ``Reference``; by roster name a ``RosterReference``.
    want : {"true", "false", "value"}
        ``true``: TRUE where the condition is true. ``false``: TRUE where it is false (a rule is broken). ``value``: the
        value, an empty text where it is unknown.
    today : str or date
        Cell of the interview date, or one date.
    language : str
        Language of ``label()``.

    Raises
    ------
    ExpressionError
        If something cannot be said in Excel (see ``problems``), or nothing was given for a name or for ``today()``.

    Notes
    -----
    Excel compares numbers to 15 digits, every other backend exactly; and it counts characters beyond the basic plane,
    as some rare Hanja are, as two.
    """
    writer = Writer(references=references, today=today, language=language)
    text = writer.value(typed.node) if want == "value" else writer.judged(typed.node, wanted=want == "true")
    if writer.refused:
        raise ExpressionError(writer.refused)
    return text


def problems(typed: Typed, where: Place | None = None) -> Findings:
    """Return what of an expression cannot be said in a formula of Excel 2007; empty if all can.

    Parameters
    ----------
    typed : Typed
        Any expression.
    where : Place, optional
        Place of the expression; findings add line and column.
    """
    writer = Writer(references=_anywhere(typed), today=date(2000, 1, 1), language="en", place=where or Place())
    writer.value(typed.node)
    unique = {(one.where, one.message): one for one in writer.refused}
    return Findings.of(unique.values())


def _anywhere(typed: Typed) -> Callable[[str], Target]:
    rows = RosterReference(columns=dict.fromkeys(typed.names, "A1:A2"))
    return lambda name: rows if name in typed.rosters else "A1"
