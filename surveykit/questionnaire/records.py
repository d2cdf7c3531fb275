"""Answers as plain JSON records, as the response schema describes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pandas as pd

from surveykit.questionnaire.responses import Responses


def records(responses: Responses) -> dict[str, list[dict[str, Any]]]:
    """Return the answers as JSON values, a list of records a unit.

    Parameters
    ----------
    responses : Responses

    Returns
    -------
    dict of str to list of dict
        Valid against ``response_schema`` if every answer is: blanks are None, dates ISO texts, whole numbers integers.
    """
    return {unit: [_record(row) for row in frame.to_dict(orient="records")] for unit, frame in responses.items()}


def _record(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 (a cell of a frame)
    if pd.isna(value):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return value.item() if hasattr(value, "item") else value
