"""What an outsider can work out of published counts: linear programmes over everything that adds up."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from surveykit.errors import ReportingError

Key = Hashable
Counts = Mapping[Key, float]
Interval = tuple[float, float]
Floats = NDArray[np.float64]

_SOLVED: Final = 0
_UNBOUNDED: Final = 3  # status codes of scipy.optimize.linprog


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A sum that readers know: the count of a whole is that of its parts.

    Parameters
    ----------
    total : hashable
        Key of the whole.
    parts : tuple of hashable
        Keys of the parts.
    residual : float
        What the whole has beyond its parts (respondents whose group is unknown); taken as known to the reader.
    """

    total: Key
    parts: tuple[Key, ...]
    residual: float = 0.0

    @property
    def keys(self) -> tuple[Key, ...]:
        """All keys, the whole first."""
        return (self.total, *self.parts)


def intervals(
    published: Mapping[Key, float | None],
    relations: Iterable[Relation],
    *,
    enough: Mapping[Key, Interval] | None = None,
) -> dict[Key, Interval]:
    """Return the interval that a reader can derive for each hidden count.

    Parameters
    ----------
    published : mapping of key to float or None
        Counts as printed, None for hidden ones.
    relations : iterable of Relation
        Every sum that holds.
    enough : mapping of key to (float, float), optional
        Stop widening an interval once it reaches this far: every solution found counts as a witness for all counts,
        so that far fewer programmes are solved. Intervals are then at least as wide as given where they can be.

    Returns
    -------
    dict of key to (float, float)
        Smallest and largest value of each hidden count that agrees with everything printed; the upper one is
        infinite where nothing bounds it.

    Raises
    ------
    ReportingError
        ``report-counts-do-not-add-up`` if the printed counts contradict the relations.

    Notes
    -----
    For each hidden count two linear programmes, min and max x_k subject to A x = b and x >= 0, where A and b come
    from the printed numbers alone. Relations without a common hidden count are solved apart. This function shares no
    code with the choice of complementary cells, so that one checks the other.
    R: ``sdcTable::attack``.

    References
    ----------
    Fischetti and Salazar (2001), Management Science 47, 1008-1027.
    """
    hidden = [key for key, count in published.items() if count is None]
    known = {key: count for key, count in published.items() if count is not None}
    result: dict[Key, Interval] = {}
    for keys, rows in _components(hidden, list(relations)):
        result.update(_solved(keys, rows, known, enough or {}))
    return result


def _components(hidden: Sequence[Key], relations: Sequence[Relation]) -> list[tuple[list[Key], list[Relation]]]:
    """Split the hidden counts into groups that no relation joins."""
    leader: dict[Key, Key] = {key: key for key in hidden}

    def root(key: Key) -> Key:
        while leader[key] != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    touching = [(relation, [key for key in relation.keys if key in leader]) for relation in relations]
    for _, keys in touching:
        for key in keys[1:]:
            leader[root(key)] = root(keys[0])
    groups: dict[Key, tuple[list[Key], list[Relation]]] = {}
    for key in hidden:
        groups.setdefault(root(key), ([], []))[0].append(key)
    for relation, keys in touching:
        if keys:
            groups[root(keys[0])][1].append(relation)
    return list(groups.values())


def _solved(
    keys: list[Key], relations: list[Relation], known: Counts, enough: Mapping[Key, Interval]
) -> dict[Key, Interval]:
    if not relations:
        return dict.fromkeys(keys, (0.0, float("inf")))
    matrix, right = _equations(keys, relations, known)
    low, high = np.full(len(keys), np.inf), np.full(len(keys), -np.inf)
    for place, key in enumerate(keys):
        wanted = enough.get(key, (-np.inf, np.inf))
        for direction in (1.0, -1.0):
            if direction > 0 and low[place] <= wanted[0]:
                continue
            if direction < 0 and high[place] >= wanted[1]:
                continue
            witness = _extreme(matrix, right, place, direction)
            if witness is None:
                high[place] = np.inf
            else:
                low, high = np.minimum(low, witness), np.maximum(high, witness)
    return {key: (float(low[place]), float(high[place])) for place, key in enumerate(keys)}


def _equations(keys: list[Key], relations: list[Relation], known: Counts) -> tuple[Floats, Floats]:
    """Return what printed numbers say of the hidden counts as A x = b."""
    positions = {key: place for place, key in enumerate(keys)}
    matrix = np.zeros((len(relations), len(keys)))
    right = np.array([-relation.residual for relation in relations])
    for line, relation in enumerate(relations):
        for place, key in enumerate(relation.keys):
            sign = -1.0 if place == 0 else 1.0
            if key in positions:
                matrix[line, positions[key]] += sign
            elif key in known:
                right[line] -= sign * known[key]
    return matrix, right


def _extreme(matrix: Floats, right: Floats, place: int, direction: float) -> Floats | None:
    """Return a solution with the smallest (direction 1) or largest (-1) value of one count; none if unbounded."""
    cost = np.zeros(matrix.shape[1])
    cost[place] = direction
    done = optimize.linprog(cost, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs")
    if done.status == _UNBOUNDED:
        return None
    if done.status != _SOLVED or done.x is None:
        raise ReportingError.of("report-counts-do-not-add-up")
    return np.asarray(done.x)
