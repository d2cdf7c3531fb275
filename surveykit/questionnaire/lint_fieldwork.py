"""Lint rules about the interview and what it is for: privacy, length, the indicators that it promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from surveykit.findings import Finding
from surveykit.questionnaire.bench import Bench, LintRule
from surveykit.questionnaire.computable import computation
from surveykit.questionnaire.indicators import load_indicators
from surveykit.questionnaire.places import similar
from surveykit.questionnaire.structure import Questionnaire


def planned_minutes(questionnaire: Questionnaire) -> float:
    """Return the planned length of one usual response.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    float
        Minutes: the planned seconds of all items, those of a roster or selection times its expected rows. Skips are
        not taken into account, so this is an upper limit for the rows expected.
    """
    rows = {unit.id: unit.roster or unit.selection for unit in questionnaire.units}
    seconds = 0.0
    for item in questionnaire.items:
        repeated = rows[item.unit]
        seconds += item.seconds * (repeated.expected if repeated else 1)
    return seconds / 60


def over_budget(bench: Bench) -> Iterator[Finding]:
    """Find an instrument that takes longer than planned."""
    questionnaire = bench.questionnaire
    minutes = planned_minutes(questionnaire)
    if questionnaire.minutes and minutes > questionnaire.minutes:
        yield bench.found("lint-over-budget", "/minutes", found=f"{minutes:.1f}", planned=f"{questionnaire.minutes:g}")


def open_secrets(bench: Bench) -> Iterator[Finding]:
    """Find sensitive questions in sections that are asked with others present."""
    for pointer, section, item in bench.placed:
        if item.sensitivity == "high" and not section.privacy and item.answered_by_hand and not item.prefill:
            yield bench.found("lint-sensitive-open", pointer, item.id, item=item.id, section=section.id)


def promised_indicators(bench: Bench) -> Iterator[Finding]:
    """Find indicators that the instrument promises and nobody knows, or that its items cannot give."""
    if not bench.questionnaire.indicators:
        return
    library = load_indicators()
    lacking = computation(bench.questionnaire, library).lacking
    for number, name in enumerate(bench.questionnaire.indicators):
        where = f"/indicators/{number}"
        if name not in library.indicators:
            yield bench.found("lint-indicator-unknown", where, name=name, near=similar(name, library.indicators))
        elif name in lacking:
            yield bench.found("lint-indicator-lost", where, name=name, lacking=", ".join(lacking[name]))


FIELDWORK_RULES: Final[tuple[LintRule, ...]] = (over_budget, open_secrets, promised_indicators)
