"""Scores and indicators computed from answers, as columns of the unit that they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.errors import DefinitionError
from surveykit.expressions import columns
from surveykit.expressions.columns import Columns
from surveykit.expressions.symbols import near
from surveykit.findings import Place
from surveykit.questionnaire.computable import Computation, PlacedIndicator, PlacedScore, computation
from surveykit.questionnaire.indicators import DEFAULT_PRESET, IndicatorLibrary, load_indicators
from surveykit.questionnaire.procedures import DeriveOptions, Workplace, compute
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.rows import expression_rows, joined_rows
from surveykit.questionnaire.structure import Questionnaire


def derive(
    responses: Responses,
    questionnaire: Questionnaire,
    *,
    preset: str = DEFAULT_PRESET,
    indicators: Iterable[str] | None = None,
    options: DeriveOptions | None = None,
    library: IndicatorLibrary | None = None,
) -> Responses:
    """Return the responses with columns for every score and indicator that the questionnaire can compute.

    Parameters
    ----------
    responses : Responses
        Computed items already made, as :func:`read_returned` and :func:`simulate` give them.
    questionnaire : Questionnaire
        The instrument that was answered.
    preset : str
        Parameters of a publisher: ``knhanes``, ``who``, ``nchs``, ...
    indicators : iterable of str, optional
        Ids wanted, with the scores that they need; everything that can be computed by default.
    options : DeriveOptions, optional
        Versions of scores, altitude, food composition.
    library : IndicatorLibrary, optional
        The shipped definitions by default.

    Returns
    -------
    Responses
        Each frame with the scores and indicators of its unit. A proportion is 1 or 0 in the denominator, a mean its
        value; null outside the denominator and where numerator or denominator is unknown.

    Raises
    ------
    DefinitionError
        If the preset, an indicator or an option is unknown, or an indicator that was asked for cannot be computed.

    Notes
    -----
    Logic is Kleene's: an answer that decides nothing may be missing (a person with high pressure is a case whatever
    the answer on medicine), one that decides makes the indicator null. Rows outside the denominator stay in the
    frame, so that estimation treats the denominator as a domain.
    """
    known = library or load_indicators()
    if preset not in known.presets:
        raise DefinitionError.of("indicator-preset-unknown", name=preset, known=", ".join(sorted(known.presets)))
    found = computation(questionnaire, known, preset=preset)
    wanted = None if indicators is None else _wanted(indicators, found, known, questionnaire)
    scores = found.scores if wanted is None else _needed(wanted, found, known)
    work = _Work(questionnaire=questionnaire, options=options or DeriveOptions(), frames=dict(responses.frames))
    for unit, group in _generations(scores):
        work.add_scores(unit, group)
    work.add_indicators([one for one in found.indicators if wanted is None or one.indicator.id in wanted])
    return replace(responses, frames=work.frames)


def _wanted(
    indicators: Iterable[str], found: Computation, library: IndicatorLibrary, questionnaire: Questionnaire
) -> set[str]:
    names = list(indicators)
    for name in names:
        where = Place(item=name)
        if name not in library.indicators:
            raise DefinitionError.of(
                "indicator-unknown", where, name=name, near=near(name, library.indicators) or "none"
            )
        if name in found.lacking:
            lacking = ", ".join(found.lacking[name])
            raise DefinitionError.of(
                "indicator-not-computable", where, questionnaire=questionnaire.id, name=name, lacking=lacking
            )
    return set(names)


def _needed(wanted: set[str], found: Computation, library: IndicatorLibrary) -> list[PlacedScore]:
    """Return the scores that some indicators need, in an order in which each finds what it needs."""
    names: set[str] = set().union(*(library.indicators[one].names for one in wanted))
    for placed in reversed(found.scores):
        names |= placed.score.names if placed.score.id in names else set()
    return [placed for placed in found.scores if placed.score.id in names]


def _generations(scores: Iterable[PlacedScore]) -> Iterator[tuple[str, list[PlacedScore]]]:
    """Join neighbours that need nothing of each other and stand in one unit, so that rows are joined once."""
    unit, group, made = "", list[PlacedScore](), set[str]()
    for one in scores:
        if group and (one.unit != unit or one.score.names & made):
            yield unit, group
            group, made = [], set()
        unit = one.unit
        group.append(one)
        made.add(one.score.id)
    if group:
        yield unit, group


@dataclass(slots=True, kw_only=True)
class _Work:
    questionnaire: Questionnaire
    options: DeriveOptions
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)

    def add_scores(self, unit: str, scores: list[PlacedScore]) -> None:
        rows = expression_rows(self.frames, unit, self.questionnaire)
        made = {one.score.id: _score(one, rows) for one in scores if one.value is not None}
        by_function: dict[str, list[str]] = {}
        for one in scores:
            if one.score.function:
                by_function.setdefault(one.score.function, []).append(one.score.id)
        for function, names in by_function.items():
            made |= self.procedure(unit, function, tuple(names))
        self.frames[unit] = self.frames[unit].assign(**made)

    def procedure(self, unit: str, function: str, names: tuple[str, ...]) -> dict[str, Any]:
        place = Workplace(
            questionnaire=self.questionnaire,
            frames=self.frames,
            unit=unit,
            rows=joined_rows(self.frames, unit, self.questionnaire),
            options=self.options,
            names=names,
        )
        found = compute(function, place)
        return {name: _floats(found[name]) for name in names}

    def add_indicators(self, placed: list[PlacedIndicator]) -> None:
        for unit in dict.fromkeys(one.unit for one in placed):
            rows = expression_rows(self.frames, unit, self.questionnaire)
            made = {one.indicator.id: _indicator(one, rows) for one in placed if one.unit == unit}
            self.frames[unit] = self.frames[unit].assign(**made)


def _score(placed: PlacedScore, rows: Columns) -> Any:  # noqa: ANN401 (a pandas array)
    assert placed.value is not None  # noqa: S101 (scores without an expression go to procedures)
    found = columns.values(placed.value, rows).astype("Float64").reset_index(drop=True)
    return found if placed.when is None else found.where(columns.mask(placed.when, rows))


def _indicator(placed: PlacedIndicator, rows: Columns) -> Any:  # noqa: ANN401 (a pandas array)
    inside = columns.mask(placed.denominator, rows)
    if placed.indicator.type == "mean":
        found = columns.values(placed.numerator, rows).astype("Float64").reset_index(drop=True)
        return found.where(inside)
    true = columns.mask(placed.numerator, rows)
    known = inside & (true | columns.mask(placed.numerator, rows, want="false"))
    return pd.Series(pd.arrays.IntegerArray(true.astype(np.int64), ~known))


def _floats(values: NDArray[np.float64]) -> pd.Series[Any]:
    unknown = np.isnan(values)
    return pd.Series(pd.arrays.FloatingArray(np.where(unknown, 0.0, values), unknown))
