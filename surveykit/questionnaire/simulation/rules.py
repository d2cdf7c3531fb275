"""Rules that an answer can break: its own constraint, and the checks that it completes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from surveykit.questionnaire.simulation.world import Mask, World
from surveykit.questionnaire.structure import Check, Item, Questionnaire


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of a questionnaire by the item whose answer completes them.

    Parameters
    ----------
    world : World
    checks : dict of str to tuple of Check
        By id of the last item, in printed order, that a check needs.
    """

    world: World
    checks: dict[str, tuple[Check, ...]]

    @classmethod
    def of(cls, world: World) -> Rules:
        """Sort the checks of a questionnaire by their last item."""
        order = {item.id: position for position, item in enumerate(world.questionnaire)}
        checks: dict[str, tuple[Check, ...]] = {}
        for check in world.questionnaire.checks:
            typed = world.typed(check.expression, check.unit, condition=True)
            rosters = [world.questionnaire.items_of(roster) for roster in typed.rosters]
            names = (typed.names & set(order)) | {items[0].id for items in rosters if items}
            last = max(names, key=order.__getitem__, default="")
            checks[last] = (*checks.get(last, ()), check)
        return cls(world=world, checks=checks)

    def broken(self, item: Item) -> Mask:
        """Return the rows of an item's unit whose answer breaks its constraint or a check that it completes."""
        wrong = np.zeros(self.world.rows(item.unit), dtype=bool)
        if item.constraint:
            wrong |= self.world.fails(item.constraint, item.unit, this=item.id)
        for check in self.checks.get(item.id, ()):
            failing = self.world.fails(check.expression, check.unit)
            if check.unit == item.unit:
                wrong |= failing
            elif (item.unit, check.unit) in self.world.above:
                wrong |= failing[self.world.above[item.unit, check.unit]]
        return wrong


def answers_in_order(questionnaire: Questionnaire) -> Iterator[Item]:
    """Return the items that somebody answers or that are computed, in printed order."""
    return (item for item in questionnaire if item.type != "note")
