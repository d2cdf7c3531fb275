"""How fieldwork stands: what came back against the sample, outcomes, findings, minutes, digits; numbers only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from surveykit.findings import Finding
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Code, Questionnaire
from surveykit.returns.oddities import interviewer_item
from surveykit.returns.outcomes import Outcome, outcome_column, outcome_counts, outcome_meanings, rates

_MERCURY: Final = "mm[Hg]"
_RESPONDED: Final = frozenset({"complete", "partial"})
_BACK: Final = ("returned", "sampled", "share")


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """Fieldwork in numbers, a frame a question.

    Parameters
    ----------
    strata, clusters, teams : DataFrame
        A row a stratum, a cluster within its stratum, a team: returned, sampled and share (null without a sample).
    days : DataFrame
        Interviews by day, their running total, and its share of the sample (null without a sample).
    response : DataFrame
        By stratum and day: who responded up to that day (all returned where results have no meaning) as a share of the
        sample, or of what was returned up to then where there is no sample.
    interviewers : DataFrame
        By interviewer: interviews, errors, warnings, median minutes (null where not asked).
    outcomes : DataFrame
        Final outcomes: outcome, count.
    rates : DataFrame
        AAPOR-style rates: rate, value, numerator, denominator.
    rules : DataFrame
        Findings: rule, severity, count, the most frequent first.
    team_rules : DataFrame
        The same by team.
    minutes : DataFrame
        Minutes of an interview: interviews, planned, lowest, lower quartile, median, upper quartile, highest; no row
        where they were not asked.
    digits : DataFrame
        Final digits of pressure readings: item, digit, count, share.
    returned : int
        Units that came back.
    sampled : int, optional
        Units of the sample.
    """

    strata: pd.DataFrame
    clusters: pd.DataFrame
    teams: pd.DataFrame
    days: pd.DataFrame
    response: pd.DataFrame
    interviewers: pd.DataFrame
    outcomes: pd.DataFrame
    rates: pd.DataFrame
    rules: pd.DataFrame
    team_rules: pd.DataFrame
    minutes: pd.DataFrame
    digits: pd.DataFrame
    returned: int
    sampled: int | None = None


def monitor(
    responses: Responses,
    questionnaire: Questionnaire,
    *,
    findings: Iterable[Finding] = (),
    sample: pd.DataFrame | None = None,
    teams: Mapping[str, str] | None = None,
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
        A row a sampled unit, with its serial and the columns of strata and clusters; where an answered form leaves
        these blank, those of the sample count.
    teams : mapping of str to str, optional
        Team by serial.
    outcomes : mapping of code to outcome, optional
        What each result code means: ``complete``, ``partial``, ``refusal``, ``noncontact``, ``other``, ``unknown``
        (eligibility not known), ``ineligible``. Else as the code list declares it; where it does not, codes are counted
        as they are, and there are no rates.

    Returns
    -------
    Monitor
    """
    found, field = list(findings), _Field(responses, questionnaire, sample, teams or {}, outcomes)
    counted = outcome_counts(field.top, questionnaire, field.meaning)
    shares = rates(dict(counted)) if field.meaning and counted else []
    return Monitor(
        strata=field.back(field.strata),
        clusters=field.back([*field.strata, *field.clusters]) if field.clusters else _frame(_BACK, []),
        teams=field.back(["team"]) if teams else _frame(("team", *_BACK), []),
        days=field.days(),
        response=field.response(),
        interviewers=_interviewers(field, found),
        outcomes=_frame(("outcome", "count"), counted),
        rates=_frame(("rate", "value", "numerator", "denominator"), shares),
        rules=_rules(found),
        team_rules=_team_rules(found, teams or {}),
        minutes=_minutes_spread(field),
        digits=_digits(responses, questionnaire),
        returned=len(field.top),
        sampled=None if sample is None else len(sample),
    )


def _frame(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns))


class _Field:
    """The returned units beside the sampled ones, with stratum, cluster, team, day and outcome of each."""

    def __init__(
        self,
        responses: Responses,
        questionnaire: Questionnaire,
        sample: pd.DataFrame | None,
        teams: Mapping[str, str],
        outcomes: Mapping[Code, Outcome] | None,
    ) -> None:
        self.questionnaire, self.top = questionnaire, responses[questionnaire.top.id]
        self.meaning = outcome_meanings(questionnaire) if outcomes is None else dict(outcomes)
        key = questionnaire.item(questionnaire.top.key).var
        known = [name for part in ("strata", "clusters") for name in _named(questionnaire, part)]
        columns = [name for name in dict.fromkeys(known) if name in self.top.columns]
        self.strata = [name for name in _named(questionnaire, "strata") if name in columns]
        self.clusters = [name for name in _named(questionnaire, "clusters") if name in columns]
        self.keys = self.top[key].astype("string").fillna("")
        self.sample = None if sample is None else _texts(sample, columns, sample.get(key), teams)
        self.units = _texts(self.top, columns, self.keys, teams)
        if sample is not None and key in sample:
            self._fill(columns, _texts(sample, columns, sample[key], teams).set_index(sample[key].astype("string")))

    def _fill(self, columns: list[str], sampled: pd.DataFrame) -> None:
        """Take stratum and cluster from the sample where a form leaves them blank."""
        once = sampled[~sampled.index.duplicated()]
        for name in columns:
            own = self.units[name]
            self.units[name] = own.mask(own == "", self.keys.map(once[name]).fillna(""))

    def back(self, columns: list[str]) -> pd.DataFrame:
        """Return returned and sampled units, and their share, by some columns."""
        if not columns:
            return _frame(_BACK, [])
        returned = _counted(self.units, columns, "returned")
        if self.sample is None:
            return returned.assign(sampled=pd.array([pd.NA] * len(returned), dtype="Int64"), share=None)
        both = returned.merge(_counted(self.sample, columns, "sampled"), how="outer", on=columns)
        both[["returned", "sampled"]] = both[["returned", "sampled"]].fillna(0).astype("Int64")
        share = (both["returned"] / both["sampled"].where(both["sampled"] > 0)).astype("Float64")
        return both.assign(share=share).sort_values(columns, kind="stable").reset_index(drop=True)

    def visit_days(self) -> pd.Series[Any] | None:
        """Return the day of each interview, null where it is not known."""
        if not self.questionnaire.interview_date:
            return None
        column = self.top[self.questionnaire.item(self.questionnaire.interview_date).var]
        days: pd.Series[Any] = column.dt.normalize()
        return days

    def days(self) -> pd.DataFrame:
        """Return interviews by day with their running total."""
        days, of = self.visit_days(), None if self.sample is None else len(self.sample)
        counts = pd.Series(dtype="int64") if days is None else days.dropna().value_counts().sort_index()
        totals = counts.cumsum().tolist()
        share = [total / of if of else None for total in totals]
        rows = zip(counts.index, counts.tolist(), totals, share, strict=True)
        return _frame(("day", "interviews", "total", "share"), list(rows))

    def response(self) -> pd.DataFrame:
        """Return the share of each stratum that has responded, day by day."""
        columns, days = ("stratum", "day", "rate"), self.visit_days()
        if days is None or not self.strata or not days.notna().any():
            return _frame(columns, [])
        said = outcome_column(self.top, self.questionnaire, self.meaning)
        responded = (
            pd.Series(data=True, index=self.top.index) if said is None else said.isin(_RESPONDED)
        ) & days.notna()
        stratum = self.units[self.strata].agg(" ".join, axis=1)
        sampled = None if self.sample is None else self.sample[self.strata].agg(" ".join, axis=1).value_counts()
        names = sorted(set(stratum) | set(() if sampled is None else sampled.index))
        rows = []
        for name in names:
            own = stratum == name
            for day in sorted(days.dropna().unique()):
                till = own & (days <= day).fillna(value=False)
                of = int(till.sum()) if sampled is None else int(sampled.get(name, 0))
                rows.append((name, day, int((till & responded).sum()) / of if of else None))
        return _frame(columns, rows)


def _named(questionnaire: Questionnaire, part: str) -> list[str]:
    given = questionnaire.design.get(part, ())
    return [given] if isinstance(given, str) else [str(one) for one in given or ()]  # type: ignore[attr-defined]


def _texts(
    frame: pd.DataFrame, columns: list[str], keys: pd.Series[Any] | None, teams: Mapping[str, str]
) -> pd.DataFrame:
    blank = pd.Series("", index=frame.index, dtype="string")
    texts = {name: frame[name].astype("string").fillna("") if name in frame else blank for name in columns}
    team = blank if keys is None else keys.astype("string").map(dict(teams)).astype("string").fillna("")
    return pd.DataFrame({**texts, "team": team}, index=frame.index)


def _counted(frame: pd.DataFrame, columns: list[str], name: str) -> pd.DataFrame:
    return frame.groupby(columns, sort=True).size().astype("Int64").reset_index(name=name)


def _interviewers(field: _Field, findings: list[Finding]) -> pd.DataFrame:
    columns = ("interviewer", "interviews", "errors", "warnings", "minutes")
    item = interviewer_item(field.questionnaire)
    if item is None or item.unit != field.questionnaire.top.id:
        return _frame(columns, [])
    who = field.top[item.var].astype("string").fillna("")
    by_serial = dict(zip(field.keys, who, strict=True))
    counts: dict[tuple[str, str], int] = {}
    for one in findings:
        pair = (by_serial.get(one.where.record, ""), one.severity)
        counts[pair] = counts.get(pair, 0) + 1
    spent = _minutes(field)
    rows = [
        (name, len(some), counts.get((name, "error"), 0), counts.get((name, "warning"), 0), _median(spent, some.index))
        for name, some in field.top.groupby(who, sort=True)
    ]
    return _frame(columns, sorted(rows, key=lambda row: (len(row[0]), row[0])))  # 2 before 10


def _minutes(field: _Field) -> pd.Series[Any] | None:
    asked = (item for item in field.questionnaire if item.concept.endswith("interview-minutes"))
    item = next((one for one in asked if one.unit == field.questionnaire.top.id), None)
    return None if item is None else field.top[item.var].mask(field.top[item.var].isin(list(item.missing_codes)))


def _median(minutes: pd.Series[Any] | None, rows: pd.Index[Any]) -> float | None:
    if minutes is None or not minutes.loc[rows].notna().any():
        return None
    return float(minutes.loc[rows].median())


def _minutes_spread(field: _Field) -> pd.DataFrame:
    columns = ("interviews", "planned", "lowest", "lower_quartile", "median", "upper_quartile", "highest")
    spent = _minutes(field)
    real = None if spent is None else spent.dropna().astype("float64")
    if real is None or real.empty:
        return _frame(columns, [])
    spread = (float(real.quantile(share)) for share in (0, 0.25, 0.5, 0.75, 1))
    return _frame(columns, [(len(real), field.questionnaire.minutes, *spread)])


def _rule(one: Finding) -> str:
    return str(one.values.get("check", one.code))  # noqa: PD011  # values of a finding, not of a frame


def _rules(findings: list[Finding]) -> pd.DataFrame:
    counts: dict[tuple[str, str], int] = {}
    for one in findings:
        counts[(_rule(one), one.severity)] = counts.get((_rule(one), one.severity), 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return _frame(("rule", "severity", "count"), [(*name, count) for name, count in ordered])


def _team_rules(findings: list[Finding], teams: Mapping[str, str]) -> pd.DataFrame:
    columns = ("team", "rule", "severity", "count")
    if not teams:
        return _frame(columns, [])
    counts: dict[tuple[str, str, str], int] = {}
    for one in findings:
        name = (teams.get(one.where.record, ""), _rule(one), one.severity)
        counts[name] = counts.get(name, 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0]))
    return _frame(columns, [(*name, count) for name, count in ordered])


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
