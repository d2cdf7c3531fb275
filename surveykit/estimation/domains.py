"""Crossings of the columns that define domains, with margins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from surveykit.design.layout import crossed

Integers = NDArray[np.intp]
Levels = NDArray[np.generic]


@dataclass(frozen=True, slots=True, kw_only=True)
class Domains:
    """The domains of an estimate.

    Parameters
    ----------
    names : tuple of str
        The columns that define them.
    codes : integer array of shape (D, b)
        Level of each column; -1 where a margin takes all levels together.
    levels : tuple of b arrays
        Sorted values that the codes stand for.
    """

    names: tuple[str, ...]
    codes: Integers
    levels: tuple[Levels, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def values(self, column: int) -> list[object]:
        """Return the value of one column in each domain, None where a margin takes all together."""
        levels = self.levels[column].tolist()
        return [None if code < 0 else levels[code] for code in self.codes[:, column]]

    def label(self, domain: int) -> str:
        """Return a domain as text, for messages."""
        parts = [
            f"{name}={self.values(at)[domain]}" for at, name in enumerate(self.names) if self.codes[domain, at] >= 0
        ]
        return ", ".join(parts) or "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """How crossings found in the rows become the domains asked for.

    Parameters
    ----------
    domains : Domains
        The domains asked for: the full crossing, then the margins.
    maps : tuple of integer arrays of shape (B,)
        One a crossing or margin: the domain of each crossing found in the rows, -1 where a value is missing.
    """

    domains: Domains
    maps: tuple[Integers, ...]


def expand(names: Sequence[str], codes: Integers, levels: Sequence[Levels], *, margins: bool) -> Expansion:
    """Return the domains made of crossings found in the rows.

    Parameters
    ----------
    names : sequence of b column names
    codes : integer array of shape (B, b)
        Level of each column in each crossing found, -1 for missing.
    levels : sequence of b arrays
        Values that the codes stand for.
    margins : bool
        Add every margin, down to all rows together.
    """
    width = len(names)
    subsets = [tuple(range(width))]
    if margins:
        subsets.extend(kept for size in range(width - 1, -1, -1) for kept in combinations(range(width), size))
    maps, tables, start = [], [], 0
    for kept in subsets:
        mapped, table = _margin(codes, kept)
        maps.append(np.where(mapped < 0, -1, mapped + start))
        tables.append(table)
        start += len(table)
    domains = Domains(names=tuple(names), codes=np.concatenate(tables), levels=tuple(levels))
    return Expansion(domains=domains, maps=tuple(maps))


def _margin(codes: Integers, kept: tuple[int, ...]) -> tuple[Integers, Integers]:
    """Return the margin of each crossing, -1 where a value is missing, and the codes of each margin."""
    known = (codes[:, list(kept)] >= 0).all(axis=1)
    mapped = np.full(len(codes), -1, dtype=np.intp)
    if not known.any():
        return mapped, np.empty((0, codes.shape[1]), dtype=np.intp)
    parts = [codes[known, column] for column in kept] or [np.zeros(int(known.sum()), dtype=np.intp)]
    margin = crossed(parts)
    mapped[known] = margin
    table = np.full((int(margin.max()) + 1, codes.shape[1]), -1, dtype=np.intp)
    for column in kept:
        table[margin, column] = codes[known, column]
    return mapped, table
