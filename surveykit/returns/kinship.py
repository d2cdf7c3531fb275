"""Rows of a unit beside the rows above them, as expressions see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from surveykit.expressions.columns import Columns, RosterFrame, prepare
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Questionnaire

FILE: Final = "\0file"  # no item can have this name; rows of one file belong together even where a serial is wrong

Frames = Mapping[str, pd.DataFrame]


def with_files(responses: Responses) -> dict[str, pd.DataFrame]:
    """Return copies of the frames with the file of each row in :data:`FILE`; one name for all where there are none."""
    frames: dict[str, pd.DataFrame] = {}
    for unit, frame in responses.items():
        origins = responses.origins.get(unit, ())
        files = [origin.file for origin in origins] if origins else [""] * len(frame)
        frames[unit] = frame.assign(**{FILE: pd.Series(files, index=frame.index, dtype="string")})
    return frames


def view(frames: Frames, unit: str, questionnaire: Questionnaire) -> Columns:
    """Return the rows of a unit with the answers of the rows above them, ready for expressions.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        By unit, from :func:`with_files`.
    unit : str
    questionnaire : Questionnaire

    Returns
    -------
    Columns
        As many rows as the unit's frame, in its order; the rows below are there as rosters.
    """
    seen = frames[unit]
    for above in questionnaire.ancestors(unit):
        seen = _joined(seen, frames[above.id], [FILE, *questionnaire.keys_of(above.id)])
    link = (FILE, questionnaire.keys_of(unit)[0])
    rosters = {
        below.id: RosterFrame(frame=frames[below.id], link=link)
        for below in questionnaire.units
        if below.parent == unit
    }
    date = questionnaire.interview_date
    today = questionnaire.item(date).var if date else None
    return prepare(seen, rosters=rosters, today=today if today in seen.columns else None)


def _joined(seen: pd.DataFrame, above: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Put the columns of the rows above beside each row; the first of rows with one key, since keys must be unique."""
    if any(key not in seen.columns for key in keys):
        return seen
    new = [column for column in above.columns if column not in seen.columns]
    first = above.drop_duplicates(subset=keys)[[*keys, *new]]
    return seen.merge(first, how="left", on=keys, validate="many_to_one")
