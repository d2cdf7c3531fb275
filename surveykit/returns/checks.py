"""The checks of returned answers: every answer alone, against the others, against the roster."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from surveykit.findings import Findings
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Questionnaire
from surveykit.returns.duplicates import check_content
from surveykit.returns.examination import Examination
from surveykit.returns.link_checks import check_links, check_sampled
from surveykit.returns.logic_checks import check_logic
from surveykit.returns.oddities import check_interviewers
from surveykit.returns.value_checks import check_days, check_values


def check(
    responses: Responses,
    questionnaire: Questionnaire,
    *,
    language: str = "en",
    fieldwork: tuple[str | date, str | date] | None = None,
    sampled: Collection[str] | None = None,
) -> Findings:
    """Check answers against the questionnaire.

    Parameters
    ----------
    responses : Responses
        From :func:`surveykit.read_returned`, a store or a simulation.
    questionnaire : Questionnaire
    language : str
        Language of the messages that come from the questionnaire's own checks.
    fieldwork : (date, date), optional
        First and last day of fieldwork; interviews of other days are reported.
    sampled : collection of str, optional
        Serials of the sample; others are reported.

    Returns
    -------
    Findings
        Codes, ranges, patterns, skips in both directions, required answers, constraints, cross-item rules, serials,
        roster links, days outside fieldwork, the same content under two serials, and what is odd about an
        interviewer's answers; each with file, sheet, cell, item and value where the answers come from files.

    Notes
    -----
    One mistake makes one finding. An answer that could not be read, or that is found impossible, counts as unknown
    in everything that depends on it; an expression that needs it is unknown, and an unknown rule is not broken.
    """
    examination = Examination(responses, questionnaire, language)
    check_values(examination)
    check_links(examination)
    if sampled is not None:
        check_sampled(examination, sampled)
    check_logic(examination)
    if fieldwork:
        check_days(examination, fieldwork)
    check_content(examination)
    check_interviewers(examination)
    return examination.findings
