"""Mistakes as interviewers make them, planted with the place where they must be found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from surveykit.expressions import columns, meaning
from surveykit.findings import Finding, Findings
from surveykit.questionnaire.scope import scope_of
from surveykit.questionnaire.structure import Questionnaire


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Something wrong that an interviewer might type.

    Parameters
    ----------
    item : str
        Item whose cell it is typed into.
    typed : object
        What is typed.
    where : str
        Whom it can happen to, an expression over the answers.
    code : str
        Finding that must come of it.
    kept : bool
        Whether the right answer is still read from it (a label typed for its code is).
    """

    item: str
    typed: object
    where: str
    code: str
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A mistake, the position of its respondent, and the cell in which it stands."""

    mistake: Mistake
    position: int
    file: str
    sheet: str
    cell: str


# Each breaks one rule, and none touches what the published figures are made of.
MISTAKES: Final = (
    Mistake(item="K_ALCDAY", typed=150, where="K_ALCDAY is answered", code="returns-check-range"),
    Mistake(item="HE_wc", typed=913, where="HE_wc is answered", code="returns-check-range"),
    Mistake(item="sex", typed="Female", where="sex == 2", code="returns-answer-label", kept=True),
    Mistake(item="BS1_1", typed=7, where="BS1_1 == 1", code="returns-check-code"),
    Mistake(item="HE_prg", typed=0, where="sex == 1 and age >= 20", code="returns-check-skip"),
    Mistake(item="K_SMKNOW", typed=1, where="BS1_1 == 1", code="returns-check-skip"),
    Mistake(item="K_DATE", typed="2015.3.2", where="age >= 18", code="returns-answer-date-text"),
    Mistake(item="HE_ht", typed="170,4", where="HE_ht == 170.4", code="returns-answer-comma", kept=True),
    Mistake(
        item="HE_wt",
        typed="모름",
        where="HE_wt is answered and age between 3 and 17",
        code="returns-answer-no-number",
    ),
    Mistake(item="K_ALC12Y", typed=None, where="K_ALC12Y == 1 and K_ALCDAY is missing", code="returns-check-required"),
)
BOOKLET_MISTAKES: Final = (MISTAKES[1], MISTAKES[8])


def choose(mistake: Mistake, questionnaire: Questionnaire, answers: pd.DataFrame, among: pd.Series[bool]) -> int:
    """Return the position of the first respondent of a group whom a mistake can happen to.

    Parameters
    ----------
    mistake : Mistake
    questionnaire : Questionnaire
    answers : DataFrame
        Answers of the top unit.
    among : bool Series
        The group.

    Raises
    ------
    StopIteration
        If it can happen to nobody there.
    """
    rule = meaning.compile(mistake.where, scope_of(questionnaire, questionnaire.top.id))
    possible = pd.Series(columns.holds(rule, answers)).to_numpy(dtype=bool) & among.to_numpy(dtype=bool)
    return next(int(position) for position in possible.nonzero()[0])


def type_in(answers: pd.DataFrame, position: int, mistake: Mistake) -> pd.DataFrame:
    """Return the answers as typed: with one cell holding what the interviewer wrote instead."""
    column = answers[mistake.item].astype(object)
    column.iloc[position] = pd.NA if mistake.typed is None else mistake.typed
    return answers.assign(**{mistake.item: column})


def missed(planted: Sequence[Planted], found: Findings) -> tuple[Planted, ...]:
    """Return the mistakes that no finding names with file, sheet and cell."""
    places = {_place(one) for one in found}
    return tuple(one for one in planted if (one.mistake.code, one.file, one.sheet, one.cell) not in places)


def beyond(planted: Sequence[Planted], found: Findings) -> Findings:
    """Return the findings that no planted mistake explains."""
    places = {(one.mistake.code, one.file, one.sheet, one.cell) for one in planted}
    return Findings.of(one for one in found if _place(one) not in places)


def _place(one: Finding) -> tuple[str, str, str, str]:
    return one.code, one.where.file, one.where.sheet, one.where.cell
