"""Rules of publication as data, and what each says of one figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, cast

import numpy as np
from scipy import stats

from surveykit.errors import ReportingError
from surveykit.estimation.intervals import limits
from surveykit.findings import Place
from surveykit.reporting.figures import Figure
from surveykit.reporting.labels import room_data
from surveykit.reporting.layouts import one_of

Kind = Literal["nchs-proportions", "nchs-rates", "bands", "rounding"]
Action = Literal["show", "mark", "enclose", "hide"]
Measure = Literal["n", "cv"]
Interval = tuple[float, float]

PERCENT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One step of a ladder: what happens to figures whose measure lies beyond a limit.

    Parameters
    ----------
    measure : {"n", "cv"}
    action : {"mark", "enclose", "hide"}
    key : str
        Names reason, note and mark.
    below, from_, above : float, optional
        Exactly one: the measure is less than, at least, or more than it.
    """

    measure: Measure
    action: Action
    key: str
    below: float | None = None
    from_: float | None = None
    above: float | None = None

    @property
    def limit(self) -> float:
        """The limit, whichever it is."""
        return next((one for one in (self.below, self.from_, self.above) if one is not None), 0.0)

    def holds(self, value: float) -> bool:
        """Return whether a value lies beyond the limit."""
        if self.below is not None:
            return value < self.below
        return value >= self.limit if self.from_ is not None else value > self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of publication.

    Parameters
    ----------
    name : str
    kind : {"nchs-proportions", "nchs-rates", "bands", "rounding"}
    source : str
        Who says so.
    applies : tuple of str
        Kinds of estimates it speaks of; ``*`` for all.
    hides : tuple of str
        Statistics that a hidden figure loses.
    confidential : bool
        It protects respondents, so that a reason must not tell the hidden number.
    thresholds : mapping of str to float
    bands : tuple of Band
        Steps of a ladder, the first that holds decides.
    base : mapping of str to int
        Rounding base by statistic, ``total`` for estimates of totals.
    marks : mapping of str to str
    reasons, notes : mapping of str to mapping of str to str
        Texts by key and language.
    """

    name: str
    kind: Kind
    source: str
    applies: tuple[str, ...] = ("*",)
    hides: tuple[str, ...] = ()
    confidential: bool = False
    thresholds: Mapping[str, float] = field(default_factory=dict)
    bands: tuple[Band, ...] = ()
    base: Mapping[str, int] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def speaks_of(self, figure: Figure) -> bool:
        """Return whether the rule is made for this kind of estimate."""
        return "*" in self.applies or figure.statistic in self.applies

    def judges(self, figure: Figure) -> bool:
        """Return whether there is something to judge: reliability rules leave a hidden estimate alone."""
        return self.speaks_of(figure) and (self.confidential or figure.estimate is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule says of a figure.

    Parameters
    ----------
    action : {"show", "mark", "enclose", "hide"}
    key : str
        Names reason, note and mark.
    values : mapping
        Numbers of the reason.
    """

    action: Action = "show"
    key: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


def find_rule(name: str) -> Rule:
    """Return a shipped rule by name.

    Parameters
    ----------
    name : str
        ``nchs-proportions``, ``nchs-rates``, ``rse-stars``, ``rse-30``, ``statcan-letters``, ``dhs-parentheses``,
        ``minimum-cell``, ``minimum-cell-sensitive``, ``round-hundreds`` or ``round-thousands``.

    Raises
    ------
    ReportingError
        ``report-unknown-option`` for another name.
    """
    known = room_data("rules.json")
    one_of("rule", name, known)
    return rule_of(name, cast("Mapping[str, object]", known[name]))


def rule_of(name: str, entry: Mapping[str, object]) -> Rule:
    """Read a rule from its JSON object, for instance one of a survey's own."""
    given = dict(entry)
    for key in ("applies", "hides"):
        given[key] = tuple(cast("Iterable[str]", given.get(key, ())))
    steps = cast("Sequence[Mapping[str, object]]", given.get("bands", ()))
    given["bands"] = tuple(
        Band(**{("from_" if key == "from" else key): value for key, value in step.items()})  # type: ignore[arg-type]
        for step in steps
    )
    return Rule(name=name, **given)  # type: ignore[arg-type]  # the shape is that of the shipped rules


def verdicts(rule: Rule, figures: Sequence[Figure]) -> list[tuple[Verdict, ...]]:
    """Return what a rule says of each figure.

    Parameters
    ----------
    rule : Rule
    figures : sequence of Figure

    Returns
    -------
    list of tuple of Verdict
        Empty where nothing is to be said; several for a figure that is marked for several reasons.

    Raises
    ------
    ReportingError
        ``report-rule-applies-to-nothing`` if the rule is made for none of the figures.
    """
    if not any(rule.speaks_of(figure) for figure in figures):
        found = ", ".join(sorted({figure.statistic for figure in figures})) or "nothing"
        raise ReportingError.of(
            "report-rule-applies-to-nothing", Place(field="rule"), rule=rule.name, found=found,
            expected=", ".join(rule.applies),
        )  # fmt: skip
    judge = _JUDGES[rule.kind]
    intervals = korn_graubard(figures) if rule.kind == "nchs-proportions" else [None] * len(figures)
    return [
        judge(rule, figure, interval) if rule.judges(figure) else ()
        for figure, interval in zip(figures, intervals, strict=True)
    ]


def korn_graubard(figures: Sequence[Figure], level: float = 0.95) -> list[Interval]:
    """Return the Korn-Graubard intervals of proportions with the sample size capped as NCHS does.

    Parameters
    ----------
    figures : sequence of Figure
        With estimate, standard error, n and degrees of freedom.
    level : float

    Returns
    -------
    list of (float, float)
        Lower and upper limit between 0 and 1; NaN where a number is unknown or the estimate is no proportion.
    """
    p, se, n, df = (
        np.array([np.nan if (value := getattr(one, name)) is None else value for one in figures], dtype=float)
        for name in ("estimate", "se", "n", "df")
    )
    known = (p >= 0) & (p <= 1) & (n > 1) & np.isfinite(se) & (df > 0)
    p, se, n, df = (np.where(known, one, other) for one, other in ((p, 0.5), (se, 0.1), (n, 2.0), (df, 1.0)))
    lower, upper = limits("korn-graubard", p, se, n=n, df=df, level=level)
    return [
        (float(low), float(high)) if fine else (np.nan, np.nan)
        for low, high, fine in zip(lower, upper, known, strict=True)
    ]


def _unknown(figure: Figure, needed: Sequence[str]) -> tuple[Verdict, ...]:
    missing = [name for name in needed if getattr(figure, name) is None]
    if not missing:
        return ()
    return (Verdict(action="mark", key="not-assessed", values={"missing": ", ".join(missing)}),)


def _nchs_proportions(rule: Rule, figure: Figure, interval: Interval | None) -> tuple[Verdict, ...]:
    """Judge a proportion by the steps of the 2017 standards."""
    if unknown := _unknown(figure, ("estimate", "se", "n", "df")):
        return unknown
    limit = rule.thresholds
    p, n, df = figure.estimate or 0.0, float(figure.n or 0), figure.df or 0.0
    se = figure.se or 0.0
    edge = p in {0.0, 1.0}
    size = n if edge or se == 0 else min(n, p * (1 - p) / se**2)
    if size < limit["sample"]:
        return (_hidden("sample", size, limit["sample"]),)
    lower, upper = (0.0, 0.0) if edge or interval is None else interval
    width = upper - lower
    if width >= limit["wide"]:
        return (_hidden("wide", width * PERCENT, limit["wide"] * PERCENT),)
    relative = limit["relative_width"]
    wide_enough = width > limit["narrow"]
    if wide_enough and width / p > relative:
        return (_hidden("relative", width / p * PERCENT, relative * PERCENT),)
    found: list[Verdict] = []
    if wide_enough and width / (1 - p) > relative:
        found.append(_marked("complement", width / (1 - p) * PERCENT, relative * PERCENT))
    if df < limit["df"]:
        found.append(_marked("review-df", df, limit["df"]))
    if edge:
        found.append(_marked("review-edge", p * PERCENT, 0))
    return tuple(found)


def _nchs_rates(rule: Rule, figure: Figure, interval: Interval | None) -> tuple[Verdict, ...]:
    """Judge a rate or count by the 2023 standards, with the interval of its logarithm."""
    del interval
    if unknown := _unknown(figure, ("estimate", "se", "n", "df")):
        return unknown
    limit = rule.thresholds
    n, df = float(figure.n or 0), figure.df or 0.0
    size = min(n, n / figure.deff) if figure.deff else n
    if size < limit["sample"]:
        return (_hidden("sample", size, limit["sample"]),)
    estimate, se = figure.estimate or 0.0, figure.se or 0.0
    reach = stats.t.ppf(0.975, max(size - 1, 0.1)) * se / estimate if estimate > 0 else np.inf
    relative = float(2 * np.sinh(min(reach, 20)))  # exp(k) - exp(-k), the width of the interval over the estimate
    if relative > limit["relative_width"]:
        return (_hidden("relative", relative * PERCENT, limit["relative_width"] * PERCENT),)
    return (_marked("review-df", df, limit["df"]),) if df < limit["df"] else ()


def _bands(rule: Rule, figure: Figure, interval: Interval | None) -> tuple[Verdict, ...]:
    del interval
    measures: dict[str, float | None] = {"n": figure.n, "cv": _cv(figure)}
    missing = sorted({band.measure for band in rule.bands if measures[band.measure] is None})
    for band in rule.bands:
        value = measures[band.measure]
        if value is not None and band.holds(value):
            scale = PERCENT if band.measure == "cv" else 1
            values = {"limit": band.limit * scale}
            if not rule.confidential:
                values["found"] = value * scale
            return (Verdict(action=band.action, key=band.key, values=values),)
    if missing:
        return (Verdict(action="mark", key="not-assessed", values={"missing": ", ".join(missing)}),)
    return ()


def _cv(figure: Figure) -> float | None:
    if figure.cv is not None:
        return abs(figure.cv)
    if figure.se is None or figure.estimate is None:
        return None
    return abs(figure.se / figure.estimate) if figure.estimate else float("inf")


def _nothing(rule: Rule, figure: Figure, interval: Interval | None) -> tuple[Verdict, ...]:
    del rule, figure, interval
    return ()


def _hidden(key: str, found: float, limit: float) -> Verdict:
    return Verdict(action="hide", key=key, values={"found": found, "limit": limit})


def _marked(key: str, found: float, limit: float) -> Verdict:
    return Verdict(action="mark", key=key, values={"found": found, "limit": limit})


_JUDGES: Final[Mapping[Kind, Callable[[Rule, Figure, Interval | None], tuple[Verdict, ...]]]] = {
    "nchs-proportions": _nchs_proportions,
    "nchs-rates": _nchs_rates,
    "bands": _bands,
    "rounding": _nothing,
}
