"""What looks odd only in many interviews of one interviewer: preferred digits, one answer for all, hurry."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from surveykit.findings import Place, finding
from surveykit.questionnaire.structure import Item, Questionnaire
from surveykit.returns.examination import Examination

_READINGS: Final = 50  # readings of an interviewer before digits are looked at; our choice
_INTERVIEWS: Final = 20  # interviews before constant answers are looked at; our choice
_SURE: Final = 3.29  # standard normal deviate of one in 2,000, one-sided
_EVEN_SHARE: Final = 0.9  # above it an instrument is taken to be read in steps of two, as mercury columns are
_TWICE: Final = 2.0  # times the expected share; smaller preferences are common and harmless
_COMMON: Final = 0.8  # an answer that the others give this often says nothing; our choice
_HURRY: Final = 1 / 3  # of the planned minutes; our choice
_MERCURY: Final = "mm[Hg]"


def check_interviewers(examination: Examination) -> None:
    """Report oddities by interviewer, where the questionnaire has an item for the interviewer."""
    questionnaire = examination.questionnaire
    interviewer = interviewer_item(questionnaire)
    if interviewer is None or not len(examination.frames[questionnaire.top.id]):
        return
    for item in questionnaire:
        if item.answered_by_hand and len(examination.frames[item.unit]):
            who = _who(examination, interviewer, item)
            if item.measure and item.measure.ucum == _MERCURY:
                _digits(examination, item, who)
            elif item.type == "select_one" and not item.prefill:  # one team works in one province
                _constant(examination, item, who)
            elif item.concept.endswith("interview-minutes"):
                _hurried(examination, item)


def interviewer_item(questionnaire: Questionnaire) -> Item | None:
    """Return the item that says who asked: the one whose concept ends in ``interviewer-code``."""
    return next((item for item in questionnaire if item.concept.endswith("interviewer-code")), None)


def _who(examination: Examination, interviewer: Item, item: Item) -> pd.Series[Any]:
    seen = examination.view(item.unit).frame.to_native()
    column: pd.Series[Any] = seen[interviewer.var].reset_index(drop=True)
    return column.astype("string")


def _digits(examination: Examination, item: Item, who: pd.Series[Any]) -> None:
    """Report interviewers whose readings end in 0 more often than instrument and chance allow."""
    column = examination.column(item.unit, item.var).reset_index(drop=True)
    real = column.notna() & ~column.isin(list(item.missing_codes)) & who.notna()
    digits = pd.to_numeric(column[real]).astype("Float64").round().astype("Int64") % 10
    expected = 0.2 if len(digits) and (digits % 2 == 0).mean() >= _EVEN_SHARE else 0.1  # five or ten final digits
    for name, some in digits.groupby(who[real]):
        share, size = float((some == 0).mean()), len(some)
        deviate = (share - expected) / np.sqrt(expected * (1 - expected) / max(size, 1))
        if size >= _READINGS and deviate > _SURE and share >= _TWICE * expected:
            values = {
                "interviewer": str(name),
                "share": f"{share:.0%}",
                "expected": f"{expected:.0%}",
                "readings": size,
            }
            examination.found.append(finding("returns-check-digits", Place(item=item.id), severity=None, **values))


def _constant(examination: Examination, item: Item, who: pd.Series[Any]) -> None:
    """Report interviewers to whom everybody gives the same answer, though other interviewers hear others."""
    column = examination.column(item.unit, item.var).reset_index(drop=True)
    real = column.notna() & ~column.isin(list(item.missing_codes)) & who.notna()
    answers, names = column[real], who[real]
    for name, some in answers.groupby(names):
        others = answers[names != name]
        if len(some) < _INTERVIEWS or (some != some.iloc[0]).any() or len(others) < _INTERVIEWS:
            continue
        if float((others == some.iloc[0]).mean()) < _COMMON:
            values = {"interviewer": str(name), "found": str(some.iloc[0]), "interviews": len(some)}
            examination.found.append(finding("returns-check-constant", Place(item=item.id), severity=None, **values))


def _hurried(examination: Examination, item: Item) -> None:
    planned = examination.questionnaire.minutes
    column = examination.column(item.unit, item.var)
    short = (column < planned * _HURRY).fillna(value=False) & ~column.isin(list(item.missing_codes))
    examination.report("returns-check-hurried", item, short.to_numpy(dtype=bool), {"planned": planned})
