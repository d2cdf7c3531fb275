"""Whom the blocks of selected persons are about: the lines that the form takes from its roster, made anew.

A form shows the line by a formula. Its stored result may be missing (no program has calculated the file) or stale; the
rule needs only the roster and the serial.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from surveykit.expressions import columns, meaning
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.scope import scope_of
from surveykit.questionnaire.selection import take_number
from surveykit.questionnaire.structure import Questionnaire, Unit
from surveykit.returns.kinship import FILE, Frames, view, with_files

_LATE = 1_000_000_000  # ranks behind every number; the forms use the same


def fill_lines(responses: Responses, questionnaire: Questionnaire, blocks: Mapping[str, list[int]]) -> Responses:
    """Return the responses with the lines that no spreadsheet program has calculated.

    Parameters
    ----------
    responses : Responses
    questionnaire : Questionnaire
    blocks : mapping of str to list of int
        By unit, for each row the 1-based block of the booklet that it came from, 0 for other rows.
    """
    frames = with_files(responses)
    changed: dict[str, pd.DataFrame] = {}
    for unit in questionnaire.units:
        if unit.selection and frames[unit.id][unit.key].isna().any():
            lines = _lines(frames, unit, questionnaire, blocks[unit.id])
            changed[unit.id] = responses[unit.id].assign(**{unit.key: lines})
    return replace(responses, frames={**responses.frames, **changed}) if changed else responses


def ranks(frames: Frames, unit: Unit, questionnaire: Questionnaire) -> pd.DataFrame:
    """Return the eligible lines of a selected unit's roster with their rank in the household.

    Returns
    -------
    DataFrame
        Columns file, top key and line of the roster, and ``rank`` (1 to the number of eligible persons) and
        ``count`` (that number).
    """
    selection = unit.selection
    assert selection is not None  # noqa: S101  # callers pass selected units only
    roster = frames[selection.roster]
    keys = [FILE, *questionnaire.keys_of(selection.roster)]
    found = roster[keys].copy()
    if selection.where and len(roster):
        typed = meaning.compile(selection.where, scope_of(questionnaire, selection.roster), gives="boolean")
        found["eligible"] = columns.mask(typed, view(frames, selection.roster, questionnaire))
    else:
        found["eligible"] = True
    order, ascending = keys[:2], [True, True]
    for position, name in enumerate(selection.order_by):
        var = questionnaire.item(name.removeprefix("-")).var
        key = pd.to_numeric(roster[var], errors="coerce").astype("Float64")
        found[f"order{position}"] = (-key if name.startswith("-") else key).fillna(_LATE)
        order, ascending = [*order, f"order{position}"], [*ascending, True]
    found = found[found["eligible"]].sort_values([*order, keys[2]], kind="stable")
    households = found.groupby(keys[:2], dropna=False, sort=False)
    found["rank"] = households.cumcount() + 1
    found["count"] = households["rank"].transform("size")
    return found[[*keys, "rank", "count"]]


def _lines(frames: Frames, unit: Unit, questionnaire: Questionnaire, blocks: list[int]) -> pd.Series[int]:
    selection = unit.selection
    assert selection is not None  # noqa: S101  # the caller looked
    own, ranked = frames[unit.id], ranks(frames, unit, questionnaire)
    file, top, line = ranked.columns[:3]
    by_rank = {
        (str(a), str(b), int(rank)): int(number)
        for a, b, rank, number in zip(ranked[file], ranked[top], ranked["rank"], ranked[line], strict=True)
    }
    counts = {(str(a), str(b)): int(n) for a, b, n in zip(ranked[file], ranked[top], ranked["count"], strict=True)}
    filled = own[unit.key].copy()
    for row in np.flatnonzero(filled.isna().to_numpy()).tolist():
        household = (str(own[file].iloc[row]), str(own[top].iloc[row]))
        wanted = blocks[row]
        if selection.take == "one" and wanted:
            wanted = take_number(household[1], counts.get(household, 1))
        filled.iloc[row] = by_rank.get((*household, wanted), pd.NA)
    return filled
