"""Tear-off sheets: addresses apart from answers, a page a household, a workbook a cluster."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from surveykit.forms.measure import metrics_of, row_heights
from surveykit.forms.paint import paint
from surveykit.forms.plan import BookPlan, Cell, Page, SheetPlan
from surveykit.forms.sample import Household
from surveykit.forms.styles import font_name
from surveykit.forms.wording import Words
from surveykit.questionnaire.structure import Questionnaire

_WIDTHS: Final = {1: 24.0, 2: 70.0}  # characters; together an A4 page
_UNSAFE: Final = re.compile(r"[^\w.-]+")


def write_addresses(
    households: Sequence[Household], questionnaire: Questionnaire, folder: Path, words: Words
) -> tuple[Path, ...]:
    """Write the tear-off sheets of a sample that has addresses.

    Parameters
    ----------
    households : sequence of Household
    questionnaire : Questionnaire
    folder : Path
        Kept apart from the booklets.
    words : Words

    Returns
    -------
    tuple of Path
        A workbook a cluster; none where the sample has no address.
    """
    by_cluster: dict[str, list[Household]] = {}
    for household in households:
        if any(household.address.values()):
            by_cluster.setdefault(household.cluster, []).append(household)
    paths = []
    for cluster, some in by_cluster.items():
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{_UNSAFE.sub('_', cluster) or 'addresses'}.xlsx"
        path.write_bytes(paint(_plan(some, questionnaire, words)))
        paths.append(path)
    return tuple(paths)


def _plan(households: Sequence[Household], questionnaire: Questionnaire, words: Words) -> BookPlan:
    title = words.of(questionnaire.title)
    cells: list[Cell] = []
    ends: list[int] = []
    row = 1
    for household in households:
        cells.append(Cell(row, 1, title, "title"))
        cells.append(Cell(row + 1, 1, words.say("serial", serial=household.serial), "subtitle"))
        cells.append(Cell(row + 2, 1, words["tear_off_rule"], "remark"))
        row += 3
        for name, value in household.address.items():
            cells += [Cell(row, 1, name, "measure"), Cell(row, 2, value or None, "question")]
            row += 1
        ends.append(row)
        row += 1
    sheet = SheetPlan(
        name=words["tear_off"],
        cells=tuple(cells),
        widths=_WIDTHS,
        heights=row_heights(cells, _WIDTHS, metrics=metrics_of(font_name(words.language))),
        page=Page(breaks=tuple(ends[:-1]), header=title, footer=f"{questionnaire.id}\t{words['page']}"),
    )
    return BookPlan(title=title, language=words.language, sheets=(sheet,), names={}, properties={})
