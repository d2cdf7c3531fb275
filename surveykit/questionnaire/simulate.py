"""Made-up answers to a questionnaire, for trying out forms, checks and tables before the fieldwork."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas.api.types import pandas_dtype

from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.simulation.draws import DATES, Drawing, code_dtype, series
from surveykit.questionnaire.simulation.profiles import Profile, Profiles, shipped_profiles
from surveykit.questionnaire.simulation.rules import Rules, answers_in_order
from surveykit.questionnaire.simulation.units import Founding
from surveykit.questionnaire.simulation.world import World
from surveykit.questionnaire.structure import Item, Questionnaire

TRIES: Final = 40  # draws of an answer that breaks a rule, before it is left unknown


def simulate(questionnaire: Questionnaire, n: int, seed: int) -> Responses:
    """Return made-up answers that obey a questionnaire.

    Parameters
    ----------
    questionnaire : Questionnaire
    n : int
        Number of responses (households, facilities).
    seed : int
        The same seed gives the same answers.

    Returns
    -------
    Responses
        Codes of the lists and numbers inside the limits, the unlikely left out; blank where an item is not asked;
        about 2 % "don't know" and refusals; constraints and checks hold; rosters are households that could exist;
        selected members are those of the form's own table.

    Notes
    -----
    Items are answered in printed order, each from what was answered before. An answer that breaks a constraint or a
    check is drawn again, in the end ever nearer to the limits, and left unknown after 40 draws. Distributions are
    round numbers that make forms and tables look alive; they estimate nothing.
    """
    world = World(questionnaire=questionnaire)
    profiles = shipped_profiles()
    drawing = Drawing(world=world, random=np.random.default_rng(seed))
    founding = Founding(world=world, drawing=drawing, profiles=profiles)
    founding.top(n)
    telling = _Telling(world=world, drawing=drawing, profiles=profiles, rules=Rules.of(world))
    for item in answers_in_order(questionnaire):
        if item.unit not in world.answers:
            founding.below(questionnaire.unit(item.unit))
        telling.tell(item)
    for unit in questionnaire.units:
        if unit.id not in world.answers:
            founding.below(unit)
    return Responses(
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        structure_hash=questionnaire.structure_hash,
        frames={unit.id: _frame(world, unit.id) for unit in questionnaire.units},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    world: World
    drawing: Drawing
    profiles: Profiles
    rules: Rules

    def tell(self, item: Item) -> None:
        """Answer one item in all rows of its unit."""
        known = self.world.answers[item.unit]
        if item.var in known:
            return
        if item.type == "calculated":
            known[item.var] = _typed(self.world.computed(item), item)
            return
        known |= series(item, np.full(self.world.rows(item.unit), None, dtype=object))  # so that "this" can be read
        asked = np.ones(self.world.rows(item.unit), dtype=bool)
        if item.relevant:
            asked = self.world.holds(item.relevant, item.unit, this=item.id)
        values = np.full(len(asked), None, dtype=object)
        rows = np.flatnonzero(asked)
        profile = self.profile(item)
        for attempt in range(TRIES):
            near = attempt >= TRIES // 2 and item.type in {"integer", "decimal"}
            drawn = self.drawing.edges(item, attempt - TRIES // 2, rows) if near else None
            values[rows] = self.drawing.answers(item, profile, rows) if drawn is None else drawn
            known |= series(item, values)
            rows = np.flatnonzero(self.rules.broken(item) & asked)
            if not len(rows):
                return
        values[rows] = _unknown(item)
        known |= series(item, values)

    def profile(self, item: Item) -> Profile:
        """Return the profile of an item, an empty one where it needs answers that this instrument does not have."""
        profile = self.profiles.of(item)
        fits = all(self.world.can_compute(text, item.unit) for text in profile.expressions)
        return profile if fits else Profile()


def _unknown(item: Item) -> Any:  # noqa: ANN401 (a code or None)
    codes = [missing.code for missing in item.missing.codes if missing.kind != "na"] if item.missing else []
    return codes[0] if codes else None


def _typed(column: pd.Series[Any], item: Item) -> pd.Series[Any]:
    wanted = code_dtype(item) if item.coded else {"text": "string", "date": DATES}.get(item.result, "Float64")
    return column.astype(pandas_dtype(wanted))


def _frame(world: World, unit: str) -> pd.DataFrame:
    keys = world.questionnaire.keys_of(unit)
    order = [column for item in world.questionnaire.items_of(unit) for column in item.columns if column not in keys]
    answers = world.answers[unit]
    return pd.DataFrame({name: answers[name] for name in (*keys, *order)}, index=pd.RangeIndex(world.rows(unit)))
