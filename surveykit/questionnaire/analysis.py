"""From answers to a frame that a statistician analyses."""

from __future__ import annotations

from typing import Any

import pandas as pd

from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Item, Questionnaire, Unit


def analysis_frame(responses: Responses, questionnaire: Questionnaire, unit: str = "") -> pd.DataFrame:
    """Return the answers of a unit as an analysis needs them: missing codes null, the units above joined in.

    Parameters
    ----------
    responses : Responses
        As read from forms, simulated or derived.
    questionnaire : Questionnaire
        The instrument that was answered.
    unit : str
        Unit whose rows are wanted; the top unit by default.

    Returns
    -------
    DataFrame
        A line for each row of the unit: keys, the columns of the unit, then those of the roster and parents that are
        not there yet. Codes of "don't know", "refused" and their like are null; the kinds stay in ``responses``.

    Raises
    ------
    KeyError
        If the questionnaire has no such unit.

    Notes
    -----
    A select-multiple keeps its 0/1 columns; its column of joined codes is null where a missing code stands.
    """
    here = questionnaire.unit(unit or questionnaire.top.id)
    frame = _without_missing(responses[here.id], questionnaire, here.id)
    for above in questionnaire.ancestors(here.id):
        frame = _joined(frame, _without_missing(responses[above.id], questionnaire, above.id), questionnaire, above)
    return frame


def _without_missing(frame: pd.DataFrame, questionnaire: Questionnaire, unit: str) -> pd.DataFrame:
    changed = {
        item.var: _blanked(frame[item.var], item)
        for item in questionnaire.items_of(unit)
        if item.missing_codes and item.var in frame
    }
    return frame.assign(**changed) if changed else frame


def _blanked(column: pd.Series[Any], item: Item) -> pd.Series[Any]:
    codes = [str(code) if pd.api.types.is_string_dtype(column.dtype) else code for code in item.missing_codes]
    return column.mask(column.isin(codes))


def _joined(frame: pd.DataFrame, above: pd.DataFrame, questionnaire: Questionnaire, unit: Unit) -> pd.DataFrame:
    keys = list(questionnaire.keys_of(unit.id))
    wanted = [column for column in above if column not in frame or column in keys]
    return frame.merge(above[wanted], on=keys, how="left", validate="many_to_one")
