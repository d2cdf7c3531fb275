"""How visits ended: result codes as outcomes, and the rates made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, cast

import pandas as pd

from surveykit.questionnaire.structure import Code, Item, Questionnaire

Outcome = Literal["complete", "partial", "refusal", "noncontact", "other", "unknown", "ineligible"]

OUTCOMES: Final[tuple[Outcome, ...]] = (
    "complete", "partial", "refusal", "noncontact", "other", "unknown", "ineligible",
)  # fmt: skip


def result_item(questionnaire: Questionnaire) -> Item | None:
    """Return the item that says how a visit ended: the one whose concept ends in ``result``."""
    own = questionnaire.items_of(questionnaire.top.id)
    return next((item for item in own if item.coded and item.concept.endswith("result")), None)


def outcome_meanings(questionnaire: Questionnaire) -> dict[Code, Outcome]:
    """Return the outcome of each result code as the code list declares it; empty where it declares none."""
    item = result_item(questionnaire)
    options = item.codelist.options if item and item.codelist else ()
    return {option.code: cast("Outcome", option.outcome) for option in options if option.outcome}


def outcome_column(
    top: pd.DataFrame, questionnaire: Questionnaire, meaning: Mapping[Code, Outcome]
) -> pd.Series[Any] | None:
    """Return the outcome of each visit, ``unknown`` where its result says nothing; None without results."""
    item = result_item(questionnaire)
    if item is None or not meaning:
        return None
    by_text = {str(code): outcome for code, outcome in meaning.items()}
    said: pd.Series[Any] = top[item.var].astype("string").map(by_text).astype("string").fillna("unknown")
    return said


def outcome_counts(
    top: pd.DataFrame, questionnaire: Questionnaire, meaning: Mapping[Code, Outcome]
) -> list[tuple[str, int]]:
    """Return how often each outcome occurred; the codes as they are where nobody says what they mean."""
    item, said = result_item(questionnaire), outcome_column(top, questionnaire, meaning)
    if said is not None:
        return [(name, int((said == name).sum())) for name in OUTCOMES]
    if item is None:
        return []
    counts = top[item.var].value_counts()
    return [(str(code), int(counts[code])) for code in sorted(counts.index, key=str)]


def rates(counts: Mapping[str, int]) -> list[tuple[str, float | None, int, int]]:
    """Return response, cooperation, refusal and contact rates with numerator and denominator.

    Parameters
    ----------
    counts : mapping of str to int
        By outcome; all of them.

    Notes
    -----
    With I complete, P partial, R refusals, NC no contacts, O other eligible, U of unknown eligibility:
    ``RR1 = I / (I + P + R + NC + O + U)``, ``RR2 = (I + P) / (...)``, ``COOP1 = I / (I + P + R + O)``,
    ``REF1 = R / (I + P + R + NC + O + U)``, ``CON1 = (I + P + R + O) / (I + P + R + NC + O + U)``.

    References
    ----------
    AAPOR (2023). Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for Surveys, 10th edition.
    """
    reached = counts["complete"] + counts["partial"] + counts["refusal"] + counts["other"]
    everyone = reached + counts["noncontact"] + counts["unknown"]
    parts = (
        ("RR1", counts["complete"], everyone),
        ("RR2", counts["complete"] + counts["partial"], everyone),
        ("COOP1", counts["complete"], reached),
        ("REF1", counts["refusal"], everyone),
        ("CON1", reached, everyone),
    )
    return [(name, top / of if of else None, top, of) for name, top, of in parts]
