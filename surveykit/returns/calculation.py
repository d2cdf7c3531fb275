"""Computed items made anew from the answers; what a workbook's formulas said is never trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from graphlib import TopologicalSorter
from typing import Any

import pandas as pd
from pandas.api.types import pandas_dtype

from surveykit.expressions import columns, meaning
from surveykit.expressions.meaning import Typed
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.scope import scope_of
from surveykit.questionnaire.structure import Item, Questionnaire
from surveykit.returns.datatypes import column_types
from surveykit.returns.kinship import view, with_files


def recompute(responses: Responses, questionnaire: Questionnaire) -> Responses:
    """Return the responses with every computed item made anew.

    Parameters
    ----------
    responses : Responses
    questionnaire : Questionnaire

    Returns
    -------
    Responses
        A computed item is null where it does not apply or where something that it needs is unknown.
    """
    frames = with_files(responses)
    recompute_frames(frames, questionnaire)
    kept = {unit: frame[list(responses[unit].columns)] for unit, frame in frames.items()}
    return replace(responses, frames=kept)


def recompute_frames(frames: dict[str, pd.DataFrame], questionnaire: Questionnaire) -> None:
    """Fill the computed columns of frames made by ``with_files``, in place of what stood there."""
    for unit, items in _generations(questionnaire):
        seen = view(frames, unit, questionnaire)
        types = column_types(unit, questionnaire)
        made = {item.var: _computed(item, seen, questionnaire).astype(pandas_dtype(types[item.var])) for item in items}
        frames[unit] = frames[unit].assign(**made)


def _computed(item: Item, seen: columns.Columns, questionnaire: Questionnaire) -> pd.Series[Any]:
    scope = scope_of(questionnaire, item.unit, this=item.id)
    found: pd.Series[Any] = columns.values(meaning.compile(item.calculation, scope), seen)
    if item.relevant:
        asked = columns.mask(meaning.compile(item.relevant, scope, gives="boolean"), seen)
        found = found.where(asked)
    return found.reset_index(drop=True)


def _generations(questionnaire: Questionnaire) -> Iterator[tuple[str, list[Item]]]:
    """Group the computed items so that each group needs only groups before it, and is of one unit."""
    computed = {item.id: item for item in questionnaire if item.type == "calculated"}
    sorter = TopologicalSorter({item.id: _needs(item, computed, questionnaire) for item in computed.values()})
    sorter.prepare()
    while sorter.is_active():
        ready = sorter.get_ready()
        by_unit: dict[str, list[Item]] = {}
        for name in ready:
            by_unit.setdefault(computed[name].unit, []).append(computed[name])
        yield from by_unit.items()
        sorter.done(*ready)


def _needs(item: Item, computed: Mapping[str, Item], questionnaire: Questionnaire) -> set[str]:
    scope = scope_of(questionnaire, item.unit, this=item.id)
    texts = (text for text in (item.calculation, item.relevant) if text)
    used: list[Typed] = [meaning.compile(text, scope) for text in texts]
    return {name for typed in used for name in typed.names if name in computed and name != item.id}
