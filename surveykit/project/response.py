"""What the report of a survey folder tells of its sample: how visits ended, rates, response by stratum and day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import pandas as pd

from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Questionnaire
from surveykit.reporting.diagnostics import response_map
from surveykit.reporting.labels import LabelEntry, Wording, room_data
from surveykit.reporting.listing import Listing
from surveykit.reporting.report import Block
from surveykit.returns.monitor import monitor

_DAYS: Final = 12  # columns of a heat map that a page of A4 takes with their dates
_STRATA: Final = 40  # lines of it


def response_blocks(responses: Responses, questionnaire: Questionnaire, language: str) -> list[Block]:
    """Return outcomes of visits, their rates, and a heat map of response by stratum and day, as far as they are known.

    Parameters
    ----------
    responses : Responses
    questionnaire : Questionnaire
    language : str
    """
    field = monitor(responses, questionnaire)
    words = Wording(language=language, entries=cast("Mapping[str, LabelEntry]", room_data("outcomes.json")))
    blocks: list[Block] = []
    for name, frame in (("outcomes", field.outcomes), ("rates", field.rates)):
        if len(frame):
            first = str(frame.columns[0])
            shown = frame.assign(**{first: [words.variable(str(one)) for one in frame[first]]})
            heads = {str(column): words.variable(str(column)) for column in frame.columns}
            blocks.append(Listing(title=words.variable(name), frame=shown, labels=heads, language=language, decimals=3))
    return [*blocks, *_heat_map(field.response, words)]


def _heat_map(response: pd.DataFrame, words: Wording) -> list[Block]:
    """Return response by stratum up to some days, the last one among them; nothing where one stratum is all."""
    if response["stratum"].nunique() not in range(2, _STRATA + 1):
        return []
    days = sorted(response["day"].unique(), reverse=True)
    shown = response[response["day"].isin(days[:: max(1, -(-len(days) // _DAYS))])]
    shown = shown.assign(day=shown["day"].dt.strftime("%m-%d"), rate=shown["rate"].astype("float64"))
    title = words.variable("response-till-day")
    return [response_map(shown, row="stratum", column="day", rate="rate", wording=words, title=title)]
