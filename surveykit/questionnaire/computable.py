"""What a questionnaire can compute: in the rows of which unit each score and indicator stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from surveykit.errors import ExpressionError
from surveykit.expressions import meaning
from surveykit.expressions.meaning import Scope, Symbol, Typed
from surveykit.questionnaire.indicators import DEFAULT_PRESET, Indicator, IndicatorLibrary, Score, load_indicators
from surveykit.questionnaire.scope import scope_of
from surveykit.questionnaire.structure import Questionnaire


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedScore:
    """A score and the unit in whose rows it is computed.

    Parameters
    ----------
    score : Score
    unit : str
    value, when : Typed, optional
        Its expressions; None where a procedure computes it, or where it always applies.
    """

    score: Score
    unit: str
    value: Typed | None = None
    when: Typed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedIndicator:
    """An indicator, the unit in whose rows it is computed, and its expressions."""

    indicator: Indicator
    unit: str
    numerator: Typed
    denominator: Typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Computation:
    """Everything that a questionnaire can compute.

    Parameters
    ----------
    scores : tuple of PlacedScore
        In an order in which each finds what it needs.
    indicators : tuple of PlacedIndicator
    lacking : mapping of str to tuple of str
        By id of what cannot be computed: the names that are not there, or what is wrong with an expression.
    """

    scores: tuple[PlacedScore, ...]
    indicators: tuple[PlacedIndicator, ...]
    lacking: Mapping[str, tuple[str, ...]]


def computable(questionnaire: Questionnaire, library: IndicatorLibrary | None = None) -> tuple[str, ...]:
    """Return the ids of the indicators that a questionnaire can compute.

    Parameters
    ----------
    questionnaire : Questionnaire
    library : IndicatorLibrary, optional
        The shipped one by default.

    Returns
    -------
    tuple of str
        In the order of the library.
    """
    return tuple(one.indicator.id for one in computation(questionnaire, library).indicators)


def computation(
    questionnaire: Questionnaire, library: IndicatorLibrary | None = None, *, preset: str = DEFAULT_PRESET
) -> Computation:
    """Return what a questionnaire can compute, where, and what the rest lacks.

    Parameters
    ----------
    questionnaire : Questionnaire
    library : IndicatorLibrary, optional
        The shipped one by default.
    preset : str
        Parameters of the indicators.

    Notes
    -----
    A score or indicator is computed in the rows of the lowest unit that owns one of its items, if all the others
    stand there or in units above. An item of the instrument comes before a score of the same name.
    """
    placer = _Placer(questionnaire=questionnaire, library=library or load_indicators())
    return placer.run(preset)


@dataclass(slots=True, kw_only=True)
class _Placer:
    questionnaire: Questionnaire
    library: IndicatorLibrary
    owner: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)
    lacking: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def run(self, preset: str) -> Computation:
        for unit in self.questionnaire.units:
            self.scopes[unit.id] = scope_of(self.questionnaire, unit.id)
        self.owner = {item.id: item.unit for item in self.questionnaire if item.type != "note"}
        scores = tuple(self.place_scores())
        indicators = [self.indicator(one, preset) for one in self.library.indicators.values()]
        return Computation(
            scores=scores, indicators=tuple(one for one in indicators if one is not None), lacking=dict(self.lacking)
        )

    def place_scores(self) -> Iterable[PlacedScore]:
        waiting = {name: score for name, score in self.library.scores.items() if name not in self.owner}
        while ready := [one for one in waiting.values() if not one.names & set(waiting)]:
            for score in ready:
                placed = self.score(score)
                del waiting[score.id]
                if placed is not None:
                    self.announce(score.id, placed.unit)
                    yield placed

    def announce(self, name: str, unit: str) -> None:
        """Make a score known to the unit that has it and to all that see that unit."""
        self.owner[name] = unit
        symbol = Symbol(name=name, kind="number")
        for one in self.questionnaire.units:
            seen = {one.id, *(above.id for above in self.questionnaire.ancestors(one.id))}
            if unit in seen:
                scope = self.scopes[one.id]
                self.scopes[one.id] = replace(scope, symbols={**scope.symbols, name: symbol})

    def score(self, score: Score) -> PlacedScore | None:
        choice = next((names for names in score.one_of if set(names) <= set(self.owner)), ())
        if score.one_of and not choice:
            self.lacking[score.id] = tuple(sorted(set(score.one_of[0]) - set(self.owner)))
            return None
        if lacking := sorted(set(score.rows) - set(self.owner)):
            self.lacking[score.id] = tuple(lacking)
            return None
        used = score.names | set(choice) | (set(score.optional) & set(self.owner))
        unit = self.home(score.id, used)
        if not unit or score.function:
            return PlacedScore(score=score, unit=unit) if unit else None
        value = self.compiled(score.id, score.expression, unit)
        when = self.compiled(score.id, score.when, unit, condition=True) if score.when else None
        if value is None or (score.when and when is None):
            return None
        return PlacedScore(score=score, unit=unit, value=value, when=when)

    def indicator(self, indicator: Indicator, preset: str) -> PlacedIndicator | None:
        unit = self.home(indicator.id, indicator.names)
        if not unit:
            return None
        above, below = indicator.expressions(preset)
        numerator = self.compiled(indicator.id, above, unit, condition=indicator.type == "proportion")
        denominator = self.compiled(indicator.id, below, unit, condition=True)
        if numerator is None or denominator is None:
            return None
        return PlacedIndicator(indicator=indicator, unit=unit, numerator=numerator, denominator=denominator)

    def home(self, name: str, used: Iterable[str]) -> str:
        """Return the lowest unit that owns one of the names and sees all the others; empty if there is none."""
        names = set(used)
        if unknown := sorted(names - set(self.owner)):
            roots = {root for one in unknown for root in self.lacking.get(one, (one,))}
            self.lacking[name] = tuple(sorted(roots))
            return ""
        owners = {self.owner[one] for one in names}
        for unit in owners:
            if owners <= {unit, *(above.id for above in self.questionnaire.ancestors(unit))}:
                return unit
        self.lacking[name] = tuple(sorted(names))
        return ""

    def compiled(self, name: str, text: str, unit: str, *, condition: bool = False) -> Typed | None:
        try:
            return meaning.compile(text, self.scopes[unit], gives="boolean" if condition else "")
        except ExpressionError as error:
            self.lacking[name] = tuple(found.message for found in error.findings)
            return None
