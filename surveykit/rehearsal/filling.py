"""Workbooks as interviewers return them, filled with real answers and a handful of mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from surveykit.forms.layout import FIRST_GRID_ROW, lay_out
from surveykit.forms.workbook import write_form
from surveykit.questionnaire.structure import Questionnaire
from surveykit.rehearsal.mistakes import BOOKLET_MISTAKES, MISTAKES, Mistake, Planted, choose, type_in

BOOKLETS: Final = 60  # people whose answers come in a workbook of their own


def workbook_of(answers: pd.DataFrame) -> pd.Series[str]:
    """Return the file name of each respondent: a list a sampling unit, a booklet for 60 people of the sample."""
    step = len(answers) // BOOKLETS
    names = "list-" + answers["kstrata"] + "-" + answers["psu"] + ".xlsx"
    booklet = pd.Series(range(len(answers)), index=answers.index) % step == 0
    first = booklet & (booklet.cumsum() <= BOOKLETS)
    return names.where(~first, "booklet-" + answers["ID"] + ".xlsx")


def plant(
    questionnaire: Questionnaire, answers: pd.DataFrame, files: pd.Series[str]
) -> tuple[pd.DataFrame, tuple[tuple[Mistake, int], ...]]:
    """Let every mistake happen in a list, and two of them in booklets.

    Returns
    -------
    DataFrame
        The answers as typed.
    tuple of (Mistake, int)
        Each mistake and the position of its respondent.
    """
    lists = sorted(set(files[files.str.startswith("list-")]))
    groups = [files == lists[3 * number] for number in range(len(MISTAKES))]
    pairs = [
        *zip(MISTAKES, groups, strict=True),
        *((one, files.str.startswith("booklet-")) for one in BOOKLET_MISTAKES),
    ]
    chosen = tuple((mistake, choose(mistake, questionnaire, answers, among)) for mistake, among in pairs)
    typed = answers
    for mistake, position in chosen:
        typed = type_in(typed, position, mistake)
    return typed, chosen


def fill_forms(questionnaire: Questionnaire, answers: pd.DataFrame, folder: Path) -> tuple[Planted, ...]:
    """Write the workbooks that interviewers return, mistakes included.

    Returns
    -------
    tuple of Planted
        The mistakes and the cells in which they stand.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = workbook_of(answers)
    typed, chosen = plant(questionnaire, answers, files)
    for name, group in typed.groupby(files, sort=True):
        write_form(
            questionnaire,
            folder / str(name),
            language=_language(questionnaire, files, str(name)),
            layout="list" if str(name).startswith("list-") else "booklet",
            rows=len(group),
            answers={questionnaire.top.id: group.reset_index(drop=True)},
        )
    return tuple(_planted(questionnaire, mistake, position, files, folder) for mistake, position in chosen)


def _planted(
    questionnaire: Questionnaire, mistake: Mistake, position: int, files: pd.Series[str], folder: Path
) -> Planted:
    name = files.iloc[position]
    language = _language(questionnaire, files, name)
    if not name.startswith("list-"):
        slot = lay_out(questionnaire, "booklet", language=language).slot(mistake.item)
        return Planted(mistake=mistake, position=position, file=str(folder / name), sheet=slot.sheet, cell=slot.cell)
    slot = lay_out(questionnaire, "list", language=language).slot(mistake.item)
    row = FIRST_GRID_ROW + int((files.iloc[:position] == name).sum())
    cell = f"{slot.cell.partition(':')[0].rstrip('0123456789')}{row}"
    return Planted(mistake=mistake, position=position, file=str(folder / name), sheet=slot.sheet, cell=cell)


def _language(questionnaire: Questionnaire, files: pd.Series[str], name: str) -> str:
    return questionnaire.languages[sorted(set(files)).index(name) % len(questionnaire.languages)]
