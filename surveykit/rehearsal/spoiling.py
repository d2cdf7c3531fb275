"""Mistakes of the field in a known key, and whether reading found them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from surveykit.findings import Finding, Findings
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.simulation.errors import inject_errors
from surveykit.questionnaire.structure import Questionnaire
from surveykit.rehearsal.returning import Desk, Spot

# What must be found of each kind of mistake; the kinds are those of inject_errors and of SLIPS.
CODES: Final[Mapping[str, str]] = {
    "range": "returns-check-range",
    "code": "returns-check-code",
    "skip": "returns-check-skip",
    "blank": "returns-check-required",
    "rule": "returns-check-rule",
    "comma": "returns-answer-comma",
    "word": "returns-answer-no-number",
    "label": "returns-answer-label",
    "date": "returns-answer-date-text",
}
# A person with a single answer who loses it has no form left: that is what is found of it, at the roster.
_NEARBY: Final[Mapping[str, str]] = {"rule": "returns-check-rule", "blank": "returns-check-form-missing"}
# How people type: the unit, the item, and what becomes of its answer.
SLIPS: Final = (
    ("member", "HE_ht", "comma"),
    ("member", "HE_wt", "word"),
    ("member", "sex", "label"),
    ("household", "K_DATE", "date"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """The answers as typed, and the key of what is wrong in them.

    Parameters
    ----------
    typed : mapping of str to DataFrame
        By unit.
    key : DataFrame
        A row a mistake: ``unit``, ``row``, ``record``, ``item``, ``kind``, ``was``, ``code`` (of the finding that must
        come of it), ``file``, ``sheet`` and ``cell``.
    """

    typed: Mapping[str, pd.DataFrame]
    key: pd.DataFrame

    @property
    def spots(self) -> list[Spot]:
        """File, sheet and cell of each mistake."""
        return list(zip(self.key["file"], self.key["sheet"], self.key["cell"], strict=True))


def plant(answers: Responses, desk: Desk, *, rate: float, slips: int, seed: int) -> Planted:
    """Let people make mistakes.

    Parameters
    ----------
    answers : Responses
        What is true.
    desk : Desk
        Which workbook holds which answer.
    rate : float
        Wrong answers a row of a unit, about.
    slips : int
        Slips of the keyboard of each sort.
    seed : int

    Returns
    -------
    Planted
        No household has a slip and a wrong answer.
    """
    wrong, key = inject_errors(answers, desk.questionnaire, rate=rate, seed=seed)
    frames = dict(wrong.frames)
    random = np.random.default_rng([seed, 3])
    taken = set(key["record"].astype(str))
    rows: list[dict[Any, Any]] = key.to_dict("records")
    for unit, item, kind in SLIPS:
        frame = frames[unit]
        free = (
            frame[item].notna() & ~frame[desk.key].isin(taken) & ~frame[item].isin(_missing(desk.questionnaire, item))
        )
        picked = random.choice(np.flatnonzero(free), size=min(slips, int(free.sum())), replace=False)
        column = frame[item].astype(object)
        for row in sorted(picked.tolist()):
            was = column.iloc[row]
            column.iloc[row] = _slip(kind, was)
            record = str(frame[desk.key].iloc[row])
            taken.add(record)
            rows.append({"unit": unit, "row": row, "record": record, "item": item, "kind": kind, "was": was})
        frames[unit] = frame.assign(**{item: column})
    made = pd.DataFrame(rows).astype({"record": str})
    spots = desk.spots(frames, made)
    made = made.assign(code=made["kind"].map(CODES))
    return Planted(
        typed=frames, key=made.assign(**dict(zip(("file", "sheet", "cell"), zip(*spots, strict=True), strict=True)))
    )


def _missing(questionnaire: Questionnaire, item: str) -> list[Any]:
    return list(questionnaire.item(item).missing_codes)


def _slip(kind: str, was: Any) -> Any:  # noqa: ANN401 (an answer)
    match kind:
        case "comma":
            return f"{was:.1f}".replace(".", ",")
        case "word":
            return "not weighed"
        case "label":
            return {1: "Male", 2: "Female"}[int(was)]
        case _:
            return f"{was.year}.{was.month}.{was.day}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What reading and checking found, beside what was wrong.

    Parameters
    ----------
    found : int
        Mistakes with a finding of the right sort at their own cell.
    elsewhere : DataFrame
        Mistakes found at another cell of their household: at another answer of the rule that they break, or at the
        roster where they leave a person without any answer.
    missed : DataFrame
        Rows of the key that nothing was found of.
    consequences : int
        Other findings in households with a mistake.
    warnings : int
        Warnings and notes about households without a mistake, or about an interviewer.
    false : Findings
        Errors reported of households without a mistake.
    """

    found: int
    elsewhere: pd.DataFrame
    missed: pd.DataFrame
    consequences: int
    warnings: int
    false: Findings


def account(planted: Planted, found: Iterable[Finding]) -> Account:
    """Hold findings against the key of mistakes."""
    every = list(found)
    exact = {(one.code, *spot_of(one)) for one in every}
    inside = {(one.code, one.where.record) for one in every}
    codes, spots, records = planted.key["code"].tolist(), planted.spots, planted.key["record"].tolist()
    at_cell = [(code, *spot) in exact for code, spot in zip(codes, spots, strict=True)]
    near = [
        not there and (_NEARBY.get(kind), record) in inside
        for there, kind, record in zip(at_cell, planted.key["kind"], records, strict=True)
    ]
    places = set(zip(codes, spots, strict=True))
    spoilt = set(records)
    others = [one for one in every if (one.code, spot_of(one)) not in places]
    clean = [one for one in others if one.where.record not in spoilt]
    return Account(
        found=sum(at_cell),
        elsewhere=planted.key[np.array(near, dtype=bool)],
        missed=planted.key[~np.array(at_cell, dtype=bool) & ~np.array(near, dtype=bool)],
        consequences=len(others) - len(clean),
        warnings=sum(one.severity != "error" for one in clean),
        false=Findings.of(one for one in clean if one.severity == "error"),
    )


def spot_of(one: Finding) -> Spot:
    """Return file, sheet and cell of a finding."""
    return one.where.file, one.where.sheet, one.where.cell


def changed_answers(true: Responses, read: Responses, keys: Mapping[str, Sequence[str]]) -> int:
    """Count answers that are not what is true, row by row of every unit.

    Parameters
    ----------
    true, read : Responses
    keys : mapping of str to sequence of str
        Key columns of each unit.
    """
    changed = 0
    for unit, frame in true.items():
        both = read[unit].merge(frame[list(keys[unit])], on=list(keys[unit]), how="inner")
        changed += abs(len(frame) - len(read[unit])) + abs(len(both) - len(frame))
        if len(both) != len(frame):
            continue
        ordered = [
            one.sort_values(list(keys[unit]), kind="stable").reset_index(drop=True) for one in (frame, read[unit])
        ]
        changed += sum(_differing(ordered[0][name], ordered[1][name]) for name in frame)
    return changed


def _differing(one: pd.Series[Any], other: pd.Series[Any]) -> int:
    same = (one == other).fillna(value=False).astype(bool) | (one.isna() & other.isna())
    return int((~same).sum())
