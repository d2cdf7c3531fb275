"""The same content under two serials: copied interviews, told from answers that agree by chance."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.questionnaire.structure import Item, Unit
from surveykit.returns.examination import Examination

_ANSWERS: Final = 15  # fewer answers than these say too little about a person; our choice
_SPARE_BITS: Final = 20.0  # one chance agreement in a million pairs (2^-20); our choice
_KINDS_OF_NUMBERS: Final = 50  # values that a measurement is taken to have before any was seen; our choice


def check_content(examination: Examination) -> None:
    """Report rows of a unit that agree in so much that chance cannot explain it.

    Notes
    -----
    Each answer counts for ``-log2 p`` bits, ``p`` being the share of rows that have it, smoothed by the number of
    answers that were possible. Two rows are reported if all their answers agree and these are worth more than
    ``20 + 2 log2 n`` bits: fewer than one pair in a million surveys of ``n`` independent people would.
    """
    for unit in examination.questionnaire.units:
        rows = len(examination.frames[unit.id])
        if rows > 1:
            _check_unit(examination, unit, rows)


def _check_unit(examination: Examination, unit: Unit, rows: int) -> None:
    key = examination.questionnaire.item(examination.questionnaire.top.key)
    items = [
        item
        for item in examination.questionnaire.items_of(unit.id)
        if item.answered_by_hand
        and not item.prefill
        and item.id not in {key.id, examination.questionnaire.interview_date}
    ]
    bits, answers, prints = _summed(examination, items, rows)
    enough = (bits >= _SPARE_BITS + 2 * np.log2(rows)) & (answers >= _ANSWERS)
    shown = pd.Series(prints)
    first = {print_: row for row, print_ in reversed(list(enumerate(prints.tolist()))) if enough[row]}
    for row in np.flatnonzero(enough & shown.duplicated(keep="first").to_numpy()).tolist():
        other = first[int(prints[row])]
        serials = [examination.shown(unit.id, one, key.var) for one in (row, other)]
        if serials[0] != serials[1]:  # the same serial twice is another finding
            place = str(examination.place(unit.id, other, key.var))
            values = {"other": place, "answers": int(answers[row])}
            examination.report_row("returns-check-same-content", unit.id, row, key.var, values, item=key.id)


def _summed(
    examination: Examination, items: list[Item], rows: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.uint64]]:
    """Return bits, number of answers and a fingerprint of each row."""
    bits, answers = np.zeros(rows), np.zeros(rows, dtype=np.int64)
    prints = np.zeros(rows, dtype=np.uint64)
    for item in items:
        index, distinct = pd.factorize(examination.responses[item.unit][item.var])
        kinds = len(item.codelist.codes) if item.codelist else _KINDS_OF_NUMBERS
        counts = np.bincount(index[index >= 0], minlength=len(distinct) + 1)[index]
        share = np.minimum(1.0, counts / (rows - 1 + kinds))
        bits += np.where(index >= 0, -np.log2(np.where(index >= 0, share, 1.0)), 0.0)
        answers += index >= 0
        prints = prints * np.uint64(1_099_511_628_211) + (index + 1).astype(np.uint64)  # FNV prime, 64 bits wrap
    return bits, answers, prints
