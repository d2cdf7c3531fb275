"""Households that could exist: who lives together, how old, of which sex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

HEAD, SPOUSE, CHILD, PARENT, OTHER = 1, 2, 3, 6, 9  # codes of KNHANES fam_rela
NAMES: Final = ("fam_rela", "sex", "age")  # ids of the items that this module fills


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person: relation to the head, sex (1 male, 2 female), completed years."""

    relation: int
    sex: int
    age: int


def household(random: np.random.Generator, most: int) -> list[Member]:
    """Return the members of one household, the head first, then by age.

    Parameters
    ----------
    random : Generator
    most : int
        Largest number of members.

    Notes
    -----
    Heads are 19 to 85, most of them men with a wife; children are 20 to 38 years younger than the mother; every
    sixth household has a parent of the head. Shares are round numbers chosen to look like a household survey of
    Korea; they are no estimate of anything.
    """
    age = int(np.clip(random.normal(43, 14), 19, 85))
    sex = 1 if random.random() < 0.78 else 2
    head = Member(relation=HEAD, sex=sex, age=age)
    others: list[Member] = []
    mother = age if sex == 2 else 0
    if random.random() < (0.8 if sex == 1 else 0.3):
        spouse = Member(relation=SPOUSE, sex=3 - sex, age=int(np.clip(age + random.normal(-2, 3), 19, 85)))
        others.append(spouse)
        mother = spouse.age if sex == 1 else age
    if mother:
        others += _children(random, mother)
    if random.random() < 1 / 6:
        others.append(Member(relation=PARENT, sex=_sex(random, 0.3), age=min(age + int(random.integers(20, 34)), 94)))
    if random.random() < 0.05:
        others.append(Member(relation=OTHER, sex=_sex(random, 0.5), age=int(random.integers(1, 70))))
    others = sorted(others, key=lambda one: -one.age)
    return [head, *others][:most]


def _children(random: np.random.Generator, mother: int) -> list[Member]:
    wanted = int(random.choice([0, 1, 2, 3], p=[0.08, 0.3, 0.44, 0.18]))
    ages = sorted({mother - int(random.integers(20, 38)) for _ in range(wanted)}, reverse=True)
    return [Member(relation=CHILD, sex=_sex(random, 0.51), age=age) for age in ages if 0 <= age <= 24]


def _sex(random: np.random.Generator, men: float) -> int:
    return 1 if random.random() < men else 2
