"""Footnotes that write themselves: what was counted, of whom, standardised how, and how many had no value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from surveykit.reporting.figures import Figure, Part, Source
from surveykit.reporting.labels import Wording, inline, text_of
from surveykit.reporting.table import Note, number_text
from surveykit.reporting.universe import universe as population


@runtime_checkable
class Described(Protocol):
    """What an estimate says of its own making."""

    @property
    def method(self) -> str:
        """How the variance was estimated, in words."""

    @property
    def interval(self) -> str:
        """Kind of the confidence interval."""

    @property
    def left_out(self) -> Mapping[str, int]:
        """Rows left out, by reason."""

    @property
    def conditions(self) -> tuple[str, ...]:
        """Expressions of the subpopulation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What only the maker of a table can say of it, plainly or by language.

    Parameters
    ----------
    definition : str or mapping of str to str
        What counts as a case.
    universe : str or mapping of str to str
        Who was counted; the expressions of the subpopulation if not given.
    standard : str or mapping of str to str
        Name of the standard population.
    over : str
        Variable standardised over, where the estimates do not say it.
    """

    definition: object = ""
    universe: object = ""
    standard: object = ""
    over: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    """What the estimates of one table say together."""

    methods: tuple[str, ...] = ()
    intervals: tuple[str, ...] = ()
    standardised_intervals: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    missing: Mapping[str, int] = field(default_factory=dict)


def footnotes(
    sources: Sequence[Source],
    figures: Sequence[Figure],
    parts: Iterable[Part],
    wording: Wording,
    subject: Subject,
) -> tuple[Note, ...]:
    """Return the notes that follow from the estimates themselves.

    Parameters
    ----------
    sources : sequence of Estimate or pandas.DataFrame
        Frames carry no description and give fewer notes.
    figures : sequence of Figure
    parts : iterable of str
        Statistics that the table prints.
    wording : Wording
    subject : Subject

    Returns
    -------
    tuple of Note
        Definition, population, standardisation, missing share, abbreviations and method, in this order.
    """
    making = _making(sources, figures)
    language = wording.language
    # the wording ends the sentence where its language does
    definition = text_of(subject.definition, language).removesuffix(".")
    universe = (text_of(subject.universe, language) or population(making.conditions, wording)).removesuffix(".")
    notes = [
        Note(kind="definition", text=wording.say("note-definition", text=definition)) if definition else None,
        Note(kind="universe", text=wording.say("note-universe", text=universe)) if universe else None,
        _standardisation(figures, wording, subject),
        *_missing(making, figures, wording),
        _reading(making, figures, set(parts), wording),
    ]
    return tuple(note for note in notes if note is not None)


def _making(sources: Sequence[Source], figures: Sequence[Figure]) -> _Making:
    described = [source for source in sources if isinstance(source, Described)]
    missing: dict[str, int] = {}
    for variable in dict.fromkeys(figure.variable for figure in figures):
        counts = [one.left_out.get(f"without a value of {variable}", 0) for one in described]
        missing[variable] = max(counts, default=0)
    return _Making(
        methods=tuple(dict.fromkeys(one.method for one in described if one.method)),
        intervals=tuple(dict.fromkeys(one.interval for one in described if not _is_standardised(one))),
        standardised_intervals=tuple(dict.fromkeys(one.interval for one in described if _is_standardised(one))),
        conditions=tuple(dict.fromkeys(condition for one in described for condition in one.conditions)),
        missing={variable: count for variable, count in missing.items() if count},
    )


def _is_standardised(source: Described) -> bool:
    return str(getattr(source, "statistic", "")).startswith("standardised ")


def _kinds(making: _Making, wording: Wording) -> str:
    """Return the kinds of intervals; that of standardised figures by itself where it differs."""
    plain, adjusted = (
        ", ".join(wording.say(f"interval-{kind}") for kind in kinds)
        for kinds in (making.intervals, making.standardised_intervals)
    )
    if not plain or not adjusted or plain == adjusted:
        return plain or adjusted
    return wording.say("note-intervals", kind=plain, standardised=adjusted)


def _standardisation(figures: Sequence[Figure], wording: Wording, subject: Subject) -> Note | None:
    standardised = [figure for figure in figures if figure.standardized]
    if not standardised:
        return None
    name = text_of(subject.standard, wording.language)
    standard = wording.say("note-standard", name=name) if name else ""
    names = (standardised[0].over or subject.over).split(", ")
    over = " × ".join(inline(wording.variable(one)) for one in names if one)
    key = "note-standardised" if over else "note-standardised-only"
    return Note(kind="standardisation", text=wording.say(key, over=over, standard=standard))


def _missing(making: _Making, figures: Sequence[Figure], wording: Wording) -> list[Note]:
    """Return the share without a value of each variable, of those whom the widest domain takes in."""
    notes: list[Note] = []
    several = len({figure.variable for figure in figures}) > 1
    for variable, count in making.missing.items():
        whole = count + _respondents([figure for figure in figures if figure.variable == variable])
        values = {"count": count, "whole": whole, "share": number_text(count / whole * 100, 1)}
        key = "note-missing-of" if several else "note-missing"
        notes.append(Note(kind="missing", text=wording.say(key, name=wording.variable(variable), **values)))
    return notes


def _respondents(figures: Sequence[Figure]) -> int:
    """Return how many respondents the widest set of domains counts: the whole, or all its parts together."""
    counts: dict[tuple[object, ...], int] = {}
    for figure in figures:
        parts = (figure.level, figure.standardized, *sorted(figure.at))
        counts[parts] = counts.get(parts, 0) + (figure.n or 0)
    return max(counts.values(), default=0)


def _reading(making: _Making, figures: Sequence[Figure], parts: set[Part], wording: Wording) -> Note | None:
    """Return one line that explains the heads of the columns and names the method."""
    # where the head of the column is no abbreviation, there is nothing to explain
    pieces = [wording.say("note-se")] if "se" in parts and wording.say("note-se") != wording.say("se") else []
    if "interval" in parts:
        level = f"{figures[0].confidence * 100:g}"
        kinds = _kinds(making, wording)
        pieces.append(wording.say("note-interval" if kinds else "note-interval-only", level=level, kind=kinds))
    pieces += [wording.say("note-variance", method=wording.method(method)) for method in making.methods]
    counted = wording.say("note-n") + " " if "n" in parts else ""
    sentence = "; ".join(pieces) + "." if pieces else ""
    text = counted + sentence[:1].upper() + sentence[1:]
    return Note(kind="method", text=text.strip()) if text.strip() else None
