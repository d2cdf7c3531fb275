"""Choosing further cells to hide, so that what was hidden first cannot be worked out again."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from surveykit.errors import ReportingError
from surveykit.reporting.attack import Counts, Interval, Key, Relation, intervals

_OUTSIDE: Final = -1  # the node beyond the last relation: a count in one relation only is free on its other side
_WHOLE: Final = 25.0  # hiding a total hurts more readers than hiding a part of the same size: a weight, not a source
_TOLERANCE: Final = 1e-6  # ten times that of the solver


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Which counts are hidden, and what a reader can still derive of them.

    Parameters
    ----------
    primary : frozenset
        Keys hidden for themselves.
    secondary : frozenset
        Keys hidden for others.
    intervals : mapping of key to (float, float)
        What the linear programmes give a reader for each hidden count.
    """

    primary: frozenset[Key]
    secondary: frozenset[Key] = frozenset()
    intervals: Mapping[Key, Interval] = field(default_factory=dict)

    @property
    def hidden(self) -> frozenset[Key]:
        """All hidden keys."""
        return self.primary | self.secondary


def complementary(
    counts: Counts, relations: Iterable[Relation], primary: Iterable[Key], *, protection: float = 0.2
) -> Pattern:
    """Hide further counts until no hidden one can be derived closely.

    Parameters
    ----------
    counts : mapping of key to float
        All counts of all tables of a release, totals included.
    relations : iterable of Relation
        Every sum among them.
    primary : iterable of key
        Counts hidden for themselves.
    protection : float
        A reader's interval for a primary count must reach at least this share, and at least 1, to either side of it;
        to the lower side 0 is enough. For the further counts 1 is enough: they are no secrets themselves.

    Returns
    -------
    Pattern

    Raises
    ------
    ReportingError
        ``report-cannot-protect`` if even hiding everything related leaves a count too closely known, as where a total
        is smaller than its parts.

    Notes
    -----
    Relations are nodes of a graph and counts its edges (a count in a two-way table lies in its row and its column).
    A hidden count is safe from subtraction if it lies on a closed way of hidden counts; the cheapest one is found by
    Dijkstra's algorithm, where hidden counts cost nothing and others their size. Then the linear programmes of
    :func:`surveykit.reporting.attack.intervals` look at the result as a reader does, and a count that is still known
    too closely gets a further way through counts that are large enough. The pattern is safe but not the smallest.
    R: ``sdcTable::protectTable`` with ``SIMPLEHEURISTIC``; tau-Argus: network heuristic.

    References
    ----------
    Kelly, Golden and Assad (1992), Networks 22, 397-417; Castro (2012), European Journal of Operational Research 216.
    """
    graph = _Graph(counts, list(relations))
    first = frozenset(primary)
    hidden = set(first)
    for key in sorted(first, key=lambda one: (counts[one], str(one))):
        hidden |= set(graph.cheapest_way(key, hidden, least=1.0) or ())
    reach = {key: max(1.0, protection * counts[key]) if key in first else 1.0 for key in counts}
    while True:
        printed = {key: None if key in hidden else count for key, count in counts.items()}
        wanted = {key: (max(counts[key] - reach[key], 0.0), counts[key] + reach[key]) for key in hidden}
        derived = intervals(printed, graph.relations, enough=wanted)
        unsafe = sorted((key for key in hidden if not _covers(derived[key], wanted[key])), key=str)
        if not unsafe:
            return Pattern(primary=first, secondary=frozenset(hidden - first), intervals=derived)
        before = len(hidden)
        for key in unsafe:
            hidden |= graph.widening(key, hidden, reach=reach[key])
        if len(hidden) == before:
            raise ReportingError.of("report-cannot-protect", count=len(unsafe))


def _covers(derived: Interval, wanted: Interval) -> bool:
    return derived[0] <= wanted[0] + _TOLERANCE and derived[1] >= wanted[1] - _TOLERANCE


class _Graph:
    """Relations as nodes, counts as edges."""

    def __init__(self, counts: Counts, relations: Sequence[Relation]) -> None:
        self.counts = counts
        self.relations = [
            Relation(
                total=one.total,
                parts=one.parts,
                residual=counts[one.total] - math.fsum(counts[part] for part in one.parts),
            )
            for one in relations
        ]
        self._nodes: dict[Key, list[int]] = {key: [] for key in counts}
        for place, relation in enumerate(self.relations):
            for key in relation.keys:
                self._nodes[key].append(place)
        totals = {relation.total for relation in self.relations}
        self._cost = {key: count * (_WHOLE if key in totals else 1.0) for key, count in counts.items()}
        self._steps: dict[int, list[tuple[Key, int]]] = {}
        for key in counts:
            if ends := self._ends(key):
                for here, there in (ends, ends[::-1]):
                    self._steps.setdefault(here, []).append((key, there))

    def _ends(self, key: Key) -> tuple[int, int] | None:
        """Return the two nodes that a count joins; none for a count in three relations or in no relation."""
        nodes = self._nodes[key]
        if len(nodes) == 1:
            return nodes[0], _OUTSIDE
        return (nodes[0], nodes[1]) if len(nodes) == 2 else None

    def cheapest_way(self, key: Key, hidden: set[Key], *, least: float) -> list[Key] | None:
        """Return the counts of the cheapest way from one end of a count to the other, itself left out.

        Counts below ``least`` cannot move far enough and are not walked. None where there is no way.
        """
        ends = self._ends(key)
        if ends is None:
            return None
        distance, came = {ends[0]: 0.0}, dict[int, tuple[int, Key]]()
        queue = [(0.0, ends[0])]
        while queue:
            here, node = heapq.heappop(queue)
            if node == ends[1]:
                return _walked(came, ends)
            if here > distance[node]:
                continue
            for edge, other in self._steps[node]:
                there = here if edge in hidden else here + self._cost[edge]
                if there < distance.get(other, math.inf) and edge != key and self.counts[edge] >= least:
                    distance[other], came[other] = there, (node, edge)
                    heapq.heappush(queue, (there, other))
        return None

    def widening(self, key: Key, hidden: set[Key], *, reach: float) -> set[Key]:
        """Return counts whose hiding lets a hidden count move further.

        First a way through counts as large as the reach; where there is none, or it is hidden already, the cheapest
        printed counts of its relations.
        """
        way = set(self.cheapest_way(key, hidden, least=reach) or ()) - hidden
        if way:
            return way
        beside = {edge for node in self._nodes[key] for edge in self.relations[node].keys} - hidden
        ordered = sorted(beside, key=lambda edge: (self.counts[edge] < reach, self._cost[edge], str(edge)))
        return set(ordered[:1])


def _walked(came: Mapping[int, tuple[int, Key]], ends: tuple[int, int]) -> list[Key]:
    way: list[Key] = []
    node = ends[1]
    while node != ends[0]:
        node, edge = came[node]
        way.append(edge)
    return way
