"""What plausible answers look like: profiles of items, read from data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from surveykit.documents import load_json
from surveykit.questionnaire.structure import Item

Amount = str | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How the answers to an item are drawn; amounts are numbers or expressions over the answers made before.

    Parameters
    ----------
    codes : mapping of str to amount
        Relative frequency by code; codes not named share nothing.
    value : amount, optional
        The answer itself.
    mean, sd : amount, optional
        A normal distribution, cut at the item's limits.
    low, high : amount, optional
        A uniform distribution.
    before : str
        For dates: id of the date item that the answer lies before, ``low`` to ``high`` days.
    blank : float, optional
        Share left blank where the item may be.
    missing : float, optional
        Share of "don't know" and refusals.
    """

    codes: Mapping[str, Amount] = field(default_factory=dict)
    value: Amount | None = None
    mean: Amount | None = None
    sd: Amount | None = None
    low: Amount | None = None
    high: Amount | None = None
    before: str = ""
    blank: float | None = None
    missing: float | None = None

    @property
    def expressions(self) -> tuple[str, ...]:
        """Amounts that are computed from other answers."""
        amounts = (*self.codes.values(), self.value, self.mean, self.sd, self.low, self.high)
        return tuple(amount for amount in amounts if isinstance(amount, str))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """Profiles by item id, by pattern of the id, and the number of rows of rosters.

    Parameters
    ----------
    items : mapping of str to Profile
    patterns : tuple of (str, Profile)
        The first pattern that matches the whole id counts, after ``items``.
    rows : mapping of str to amount
        Rows of a roster under each row above it, by unit id.
    """

    items: Mapping[str, Profile]
    patterns: tuple[tuple[str, Profile], ...]
    rows: Mapping[str, Amount]

    def of(self, item: Item) -> Profile:
        """Return the profile of an item; an empty one where nothing is known about it."""
        if item.id in self.items:
            return self.items[item.id]
        return next((profile for pattern, profile in self.patterns if re.fullmatch(pattern, item.id)), _NOTHING)


_NOTHING = Profile()


@cache
def shipped_profiles() -> Profiles:
    """Return the profiles of the shipped questionnaires."""
    document: Any = load_json(Path(__file__).with_name("plausible.json"))
    return Profiles(
        items={name: Profile(**row) for name, row in document["items"].items()},
        patterns=tuple((row.pop("match"), Profile(**row)) for row in document["patterns"]),
        rows=document["rows"],
    )
