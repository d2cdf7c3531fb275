"""Go-to arrows: derived from the conditions under which items are asked, never written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from surveykit.expressions import partial
from surveykit.expressions.meaning import Code, Symbol, Typed

Step = tuple[str, Symbol, Typed | None]
Arrow = tuple[tuple[Code, ...], str]


def arrows(items: Sequence[Step]) -> Mapping[str, tuple[Arrow, ...]]:
    """Return for each coded item where its answers lead, as far as that is not simply the next item.

    Parameters
    ----------
    items : sequence of (name, Symbol, Typed or None)
        In printed order, with the condition under which each is asked; None is always.

    Returns
    -------
    mapping of str to tuple of (codes, target)
        By item name: codes that lead to the same item, and its name; an empty name is the end. Items whose answers
        all lead to the next item are left out. Missing codes are answers too.

    Notes
    -----
    For every answer the following items are passed over while their condition can no longer be true (Kleene: it is
    false or unknown whatever else is answered). An item passed over is blank from then on, which settles those that
    depend on it. What the item's own condition says of earlier answers (``sex == 2``) is taken into account.
    """
    found: dict[str, tuple[Arrow, ...]] = {}
    for position, (name, symbol, relevance) in enumerate(items[:-1]):
        if symbol.kind != "code":
            continue
        given = partial.implied(relevance) if relevance is not None else {}
        targets = {code: _next(items, position, {**given, name: code}) for code in (*symbol.codes, *symbol.missing)}
        if leading := _leading(targets, neighbour=items[position + 1][0]):
            found[name] = leading
    return found


def _next(items: Sequence[Step], position: int, answers: dict[str, Any]) -> str:
    """Return the name of the next item that may be asked; empty if none may."""
    for name, _, relevance in items[position + 1 :]:
        if relevance is None or True in partial.possible(relevance, answers):
            return name
        answers[name] = None
    return ""


def _leading(targets: Mapping[Code, str], neighbour: str) -> tuple[Arrow, ...]:
    apart = dict.fromkeys(target for target in targets.values() if target != neighbour)
    return tuple((tuple(code for code, its in targets.items() if its == target), target) for target in apart)
