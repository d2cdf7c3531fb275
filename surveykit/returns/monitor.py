"""How fieldwork stands: what came back against the sample, outcomes, findings, minutes, digits; numbers only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from surveykit.findings import Finding
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Code, Item, Questionnaire
from surveykit.returns.oddities import interviewer_item

Outcome = Literal["complete", "partial", "refusal", "noncontact", "other", "unknown", "ineligible"]

OUTCOMES: Final[tuple[Outcome, ...]] = (
    "complete", "partial", "refusal", "noncontact", "other", "unknown", "ineligible",
)  # fmt: skip
_MERCURY: Final = "mm[Hg]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """Fieldwork in numbers, a frame a question.

    Parameters
    ----------
    areas : DataFrame
        A row a stratum and cluster: returned, sampled and share (null without a sample).
    days : DataFrame
        Interviews by day, and their running total.
    interviewers : DataFrame
        By interviewer: interviews, errors, warnings, median minutes (null where not asked).
    outcomes : DataFrame
        Final outcomes: outcome, count.
    rates : DataFrame
        AAPOR-style rates: rate, value, numerator, denominator.
    rules : DataFrame
        Findings: code, severity, count, the most frequent first.
    digits : DataFrame
        Final digits of pressure readings: item, digit, count, share.
    """

    areas: pd.DataFrame
    days: pd.DataFrame
    interviewers: pd.DataFrame
    outcomes: pd.DataFrame
    rates: pd.DataFrame
    rules: pd.DataFrame
    digits: pd.DataFrame


def monitor(
    responses: Responses,
    questionnaire: Questionnaire,
    *,
    findings: Iterable[Finding] = (),
    sample: pd.DataFrame | None = None,
    outcomes: Mapping[Code, Outcome] | None = None,
) -> Monitor:
    """Summarise fieldwork.

    Parameters
    ----------
    responses : Responses
    questionnaire : Questionnaire
        Its design names the columns of strata and clusters; the item whose concept ends in ``interviewer-code`` says
        who asked, the one whose concept ends in ``result`` how the visit ended.
    findings : iterable of Finding, optional
        From reading and checking.
    sample : DataFrame, optional
        A row a sampled unit, with the columns of strata and clusters.
    outcomes : mapping of code to outcome, optional
        What each result code means: ``complete``, ``partial``, ``refusal``, ``noncontact``, ``other``, ``unknown``
        (eligibility not known), ``ineligible``. Without it codes are counted as they are, and there are no rates.

    Returns
    -------
    Monitor
    """
    top = responses[questionnaire.top.id]
    found = list(findings)
    return Monitor(
        areas=_areas(top, questionnaire, sample),
        days=_days(top, questionnaire),
        interviewers=_interviewers(top, questionnaire, found),
        outcomes=_outcomes(top, questionnaire, outcomes),
        rates=_rates(_outcomes(top, questionnaire, outcomes)) if outcomes else _frame(_RATE_COLUMNS, []),
        rules=_rules(found),
        digits=_digits(responses, questionnaire),
    )


def _frame(columns: Sequence[str], rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def _design_columns(questionnaire: Questionnaire) -> list[str]:
    names: list[str] = []
    for part in ("strata", "clusters"):
        given = questionnaire.design.get(part, ())
        names += [given] if isinstance(given, str) else [str(one) for one in given or ()]  # type: ignore[attr-defined]
    return list(dict.fromkeys(names))


def _areas(top: pd.DataFrame, questionnaire: Questionnaire, sample: pd.DataFrame | None) -> pd.DataFrame:
    columns = [name for name in _design_columns(questionnaire) if name in top.columns]
    if not columns:
        return _frame(("returned", "sampled", "share"), [])
    returned = _counted(top, columns, "returned")
    if sample is None:
        return returned.assign(sampled=pd.array([pd.NA] * len(returned), dtype="Int64"), share=None)
    both = returned.merge(_counted(sample, columns, "sampled"), how="outer", on=columns)
    both[["returned", "sampled"]] = both[["returned", "sampled"]].fillna(0).astype("Int64")
    share = (both["returned"] / both["sampled"].where(both["sampled"] > 0)).astype("Float64")
    return both.assign(share=share).sort_values(columns, kind="stable").reset_index(drop=True)


def _counted(frame: pd.DataFrame, columns: list[str], name: str) -> pd.DataFrame:
    keys = frame[columns].astype("string").fillna("")
    return keys.groupby(columns, sort=True).size().astype("Int64").reset_index(name=name)


def _days(top: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    if not questionnaire.interview_date:
        return _frame(("day", "interviews", "total"), [])
    column = top[questionnaire.item(questionnaire.interview_date).var].dropna()
    counts = column.value_counts().sort_index()
    rows = zip(counts.index, counts.tolist(), counts.cumsum().tolist(), strict=True)
    return _frame(("day", "interviews", "total"), list(rows))


def _interviewers(top: pd.DataFrame, questionnaire: Questionnaire, findings: list[Finding]) -> pd.DataFrame:
    columns = ("interviewer", "interviews", "errors", "warnings", "minutes")
    item = interviewer_item(questionnaire)
    if item is None or item.unit != questionnaire.top.id:
        return _frame(columns, [])
    key = questionnaire.item(questionnaire.top.key).var
    who = top[item.var].astype("string").fillna("")
    by_serial = dict(zip(top[key].astype("string").fillna(""), who, strict=True))
    counts: dict[tuple[str, str], int] = {}
    for one in findings:
        pair = (by_serial.get(one.where.record, ""), one.severity)
        counts[pair] = counts.get(pair, 0) + 1
    spent = _minutes(top, questionnaire)
    rows = [
        (name, len(some), counts.get((name, "error"), 0), counts.get((name, "warning"), 0), _median(spent, some.index))
        for name, some in top.groupby(who, sort=True)
    ]
    return _frame(columns, rows)


def _minutes(top: pd.DataFrame, questionnaire: Questionnaire) -> pd.Series[Any] | None:
    asked = (item for item in questionnaire if item.concept.endswith("interview-minutes"))
    item = next((one for one in asked if one.unit == questionnaire.top.id), None)
    return None if item is None else top[item.var].mask(top[item.var].isin(list(item.missing_codes)))


def _median(minutes: pd.Series[Any] | None, rows: pd.Index[Any]) -> float | None:
    if minutes is None or not minutes.loc[rows].notna().any():
        return None
    return float(minutes.loc[rows].median())


def result_item(questionnaire: Questionnaire) -> Item | None:
    """Return the item that says how a visit ended: the one whose concept ends in ``result``."""
    own = questionnaire.items_of(questionnaire.top.id)
    return next((item for item in own if item.coded and item.concept.endswith("result")), None)


def _outcomes(top: pd.DataFrame, questionnaire: Questionnaire, meaning: Mapping[Code, Outcome] | None) -> pd.DataFrame:
    item = result_item(questionnaire)
    if item is None:
        return _frame(("outcome", "count"), [])
    counts = top[item.var].value_counts()
    if meaning is None:
        rows = [(str(code), int(counts[code])) for code in sorted(counts.index, key=str)]
        return _frame(("outcome", "count"), rows)
    totals: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
    by_text = {str(code): outcome for code, outcome in meaning.items()}
    for code, count in counts.items():
        totals[by_text.get(str(code), "unknown")] += int(count)
    return _frame(("outcome", "count"), list(totals.items()))


_RATE_COLUMNS: Final = ("rate", "value", "numerator", "denominator")


def _rates(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return response, cooperation, refusal and contact rates.

    Notes
    -----
    With I complete, P partial, R refusals, NC no contacts, O other eligible, U of unknown eligibility:
    ``RR1 = I / (I + P + R + NC + O + U)``, ``RR2 = (I + P) / (...)``, ``COOP1 = I / (I + P + R + O)``,
    ``REF1 = R / (I + P + R + NC + O + U)``, ``CON1 = (I + P + R + O) / (I + P + R + NC + O + U)``.

    References
    ----------
    AAPOR (2023). Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for Surveys, 10th edition.
    """
    n = dict(zip(outcomes["outcome"], outcomes["count"], strict=True))
    reached = n["complete"] + n["partial"] + n["refusal"] + n["other"]
    everyone = reached + n["noncontact"] + n["unknown"]
    parts = (
        ("RR1", n["complete"], everyone),
        ("RR2", n["complete"] + n["partial"], everyone),
        ("COOP1", n["complete"], reached),
        ("REF1", n["refusal"], everyone),
        ("CON1", reached, everyone),
    )
    return _frame(_RATE_COLUMNS, [(name, top / of if of else None, top, of) for name, top, of in parts])


def _rules(findings: list[Finding]) -> pd.DataFrame:
    counts: dict[tuple[str, str], int] = {}
    for one in findings:
        name = str(one.values.get("check", one.code))  # noqa: PD011  # values of a finding, not of a frame
        counts[(name, one.severity)] = counts.get((name, one.severity), 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return _frame(("rule", "severity", "count"), [(*name, count) for name, count in ordered])


def _digits(responses: Responses, questionnaire: Questionnaire) -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for item in questionnaire:
        if item.type == "integer" and item.measure and item.measure.ucum == _MERCURY:
            column = responses[item.unit][item.var]
            digits = (column[column.notna() & ~column.isin(list(item.missing_codes))] % 10).value_counts()
            total = int(digits.sum())
            rows += [(item.id, digit, int(digits.get(digit, 0)), _share(digits, digit, total)) for digit in range(10)]
    return _frame(("item", "digit", "count", "share"), rows)


def _share(digits: pd.Series[Any], digit: int, total: int) -> float | None:
    return float(digits.get(digit, 0)) / total if total else None
