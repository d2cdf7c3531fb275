"""The rows of a unit with what is known from the units above them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from surveykit.expressions.columns import Columns, RosterFrame, prepare
from surveykit.questionnaire.structure import Questionnaire


def joined_rows(frames: Mapping[str, pd.DataFrame], unit: str, questionnaire: Questionnaire) -> pd.DataFrame:
    """Return the rows of a unit with the columns of its roster and of every unit above.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Answers by unit, as in ``Responses``; columns added to them are joined too.
    unit : str
    questionnaire : Questionnaire

    Returns
    -------
    DataFrame, shape (rows of the unit, columns)
        In the order of the unit's frame; missing codes stay codes.
    """
    rows = frames[unit]
    for above in questionnaire.ancestors(unit):
        keys = list(questionnaire.keys_of(above.id))
        upper = frames[above.id]
        new = [column for column in upper.columns if column not in rows.columns]
        first = upper.drop_duplicates(subset=keys)[[*keys, *new]]
        rows = rows.merge(first, on=keys, how="left", validate="many_to_one")
    return rows


def expression_rows(frames: Mapping[str, pd.DataFrame], unit: str, questionnaire: Questionnaire) -> Columns:
    """Return the joined rows of a unit ready for expressions, the rows below them as rosters.

    Parameters
    ----------
    frames, unit, questionnaire
        As for :func:`joined_rows`.
    """
    rows = joined_rows(frames, unit, questionnaire)
    link = questionnaire.keys_of(unit)
    rosters = {
        below.id: RosterFrame(frame=frames[below.id], link=link)
        for below in questionnaire.units
        if below.parent == unit and set(link) <= set(frames[below.id].columns)
    }
    day = questionnaire.item(questionnaire.interview_date).var if questionnaire.interview_date else ""
    return prepare(rows, rosters=rosters, today=day if day in rows.columns else None)
