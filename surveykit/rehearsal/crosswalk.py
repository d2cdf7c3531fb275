"""Real answers of a public-use file, said in the codes of a questionnaire."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.api.types import pandas_dtype

from surveykit.documents import load_json, shipped
from surveykit.expressions import columns, meaning
from surveykit.questionnaire.scope import scope_of
from surveykit.questionnaire.structure import Item, Questionnaire

_DTYPES = {"integer": "Int64", "select_one": "Int64", "decimal": "Float64"}


def public_use_answers(questionnaire: Questionnaire, crosswalk: Path | None = None) -> pd.DataFrame:
    """Translate the shipped NHANES extract into answers to a one-unit questionnaire.

    Parameters
    ----------
    questionnaire : Questionnaire
        The instrument that the crosswalk names.
    crosswalk : Path, optional
        JSON file of columns and recodes; the shipped one by default.

    Returns
    -------
    DataFrame, shape (people, items typed by hand)
        A column an item in printed order. Where a question is asked and the file has no answer the item's "not
        stated" code stands, as an interviewer would write it; where it is not asked the cell is blank.
    """
    path = crosswalk or shipped("data") / "nhanes_2015_2016.crosswalk.json"
    rules: Any = load_json(path)
    source = pd.read_csv(path.parent / rules["data"], compression="gzip")
    frame = pd.DataFrame(index=source.index)
    for item in questionnaire.items:
        if not item.answered_by_hand:
            continue
        rule = rules["items"].get(item.id)
        if rule is None:
            frame[item.var] = pd.Series(pd.NA, index=source.index, dtype=_dtype(item))
            continue
        answers = _recoded(source[rule["column"]], rule, item)
        frame[item.var] = answers.where(_asked(item, questionnaire, frame, answers), pd.NA)
    return frame


def _recoded(column: pd.Series[Any], rule: Mapping[str, Any], item: Item) -> pd.Series[Any]:
    answers = column
    if "recode" in rule:
        keys = column.map(lambda value: value if isinstance(value, str) else f"{value:.0f}", na_action="ignore")
        answers = keys.map(rule["recode"])
    if "absent" in rule:
        answers = answers.fillna(rule["absent"])
    if item.type in {"id", "text"}:
        return answers.astype("Int64").astype("string")
    return answers.astype(pandas_dtype(_dtype(item)))


def _asked(item: Item, questionnaire: Questionnaire, frame: pd.DataFrame, answers: pd.Series[Any]) -> pd.Series[bool]:
    if not item.relevant:
        return pd.Series(data=True, index=answers.index)
    rule = meaning.compile(item.relevant, scope_of(questionnaire, item.unit))
    return pd.Series(columns.holds(rule, frame), index=answers.index, dtype=bool)


def _dtype(item: Item) -> str:
    return "datetime64[s]" if item.type == "date" else _DTYPES.get(item.type, "string")
