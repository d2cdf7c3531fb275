"""Whether a rule can ever be true, found by trying it: every code of every list, and the numbers around every limit.

The search is one-sided. It says "never" only where every answer that could matter was tried; where texts, dates,
arithmetic or rows of a roster decide, or too many answers would have to be tried, it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from types import MappingProxyType
from typing import Final

from surveykit.expressions.meaning import Typed, typed
from surveykit.expressions.nodes import (
    Aggregate,
    And,
    Answer,
    Between,
    Compare,
    In,
    Is,
    Literal,
    Node,
    Today,
    children,
    walk,
)
from surveykit.expressions.reference import value_of
from surveykit.questionnaire.structure import Item

MOST_TRIALS: Final = 2048  # three lists of ten codes and a blank stay below it
FAR: Final = 1_000_000_000  # beyond any answer, for numbers without a range


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why conditions can never hold together.

    Parameters
    ----------
    item : str
        The item none of whose answers satisfies them; empty where several items decide together.
    conditions : tuple of str
        The conditions, those included under which the items concerned are asked.
    """

    item: str
    conditions: tuple[str, ...]

    @property
    def why(self) -> str:
        """The conditions, joined."""
        return " and ".join(f"({condition})" for condition in self.conditions)


@dataclass(slots=True, kw_only=True)
class Reachability:
    """Tries the rules of one instrument and remembers what it tried.

    Parameters
    ----------
    items : mapping of str to Item
        All items by id.
    relevances : mapping of str to tuple of Typed
        By item, the conditions under which it is asked; all of them have to hold.
    rules : iterable of Typed
        All rules: the numbers in them are the limits around which numbers are tried.
    """

    items: Mapping[str, Item]
    relevances: Mapping[str, tuple[Typed, ...]]
    rules: Iterable[Typed]
    _limits: dict[str, set[float]] = field(init=False, default_factory=dict)
    _answers: dict[str, tuple[object, ...]] = field(init=False, default_factory=dict)
    _parts: dict[Typed, list[Typed]] = field(init=False, default_factory=dict)
    _held: dict[Node, frozenset[object]] = field(init=False, default_factory=dict)
    _idle: dict[Node, bool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for rule in self.rules:
            for name, limits in _limits(rule.node):
                self._limits.setdefault(name, set()).update(limits)

    def never(self, conditions: Iterable[Typed]) -> Verdict | None:
        """Return why conditions can never all be true at once; None if they can, or if that cannot be told.

        A condition that needs an answer to another item brings along the conditions under which that one is asked.
        """
        waiting = list(conditions)
        used: list[str] = []
        left: dict[str, frozenset[object]] = {}
        joint: list[Typed] = []
        followed: set[str] = set()
        while waiting:
            condition = waiting.pop()
            used.append(condition.text)
            for part in filter(self.enumerable, self.parts(condition)):
                if len(part.names) > 1:
                    joint.append(part)
                    continue
                (name,) = part.names
                held = self.holding(name, part)
                left[name] = left.get(name, held) & held
                if not left[name]:
                    return Verdict(item=name, conditions=tuple(dict.fromkeys(used)))
                if None not in held and name not in followed:
                    followed.add(name)
                    waiting += self.relevances.get(name, ())
        impossible = any(not self.sometimes(part, truth=True, left=left) for part in joint)
        return Verdict(item="", conditions=tuple(dict.fromkeys(used))) if impossible else None

    def never_false(self, condition: Typed) -> bool:
        """Return whether no answers make a condition false; False where they cannot all be tried.

        Parameters
        ----------
        condition : Typed
            A condition over items of one record.
        """
        if condition.node not in self._idle:
            self._idle[condition.node] = self.enumerable(condition) and not self.sometimes(condition, truth=False)
        return self._idle[condition.node]

    # --- trying ----------------------------------------------------------------------------------------------------

    def parts(self, condition: Typed) -> list[Typed]:
        """Return the conjuncts of a condition."""
        if condition not in self._parts:
            nodes = _conjuncts(condition.node)
            self._parts[condition] = [condition] if len(nodes) == 1 else [typed(condition.text, node) for node in nodes]
        return self._parts[condition]

    def enumerable(self, condition: Typed) -> bool:
        """Return whether all answers that decide a condition can be listed."""
        known = bool(condition.names) and condition.names <= self.items.keys() and not condition.rosters
        return (
            known and all(symbol.kind in {"code", "number"} for symbol in condition.symbols) and _plain(condition.node)
        )

    def answers(self, name: str) -> tuple[object, ...]:
        """Return the answers to an item that are worth trying; None is blank."""
        if name not in self._answers:
            item = self.items[name]
            codes = (option.code for option in item.codelist.offered) if item.codelist else self.numbers(item)
            self._answers[name] = (*codes, *item.missing_codes, None)
        return self._answers[name]

    def numbers(self, item: Item) -> list[float]:
        """Return the ends of an item's range and the numbers on and beside every limit inside it."""
        low, high = (item.range.min, item.range.max) if item.range else (None, None)
        low, high = float(-FAR if low is None else low), float(FAR if high is None else high)
        step = 1 if item.type == "integer" else 10.0**-item.decimals
        tried = {low, high} | {limit + side for limit in self._limits.get(item.id, ()) for side in (-step, 0, step)}
        whole = item.type == "integer"
        return sorted(one for one in tried if low <= one <= high and (not whole or float(one).is_integer()))

    def holding(self, name: str, part: Typed) -> frozenset[object]:
        """Return the answers to the one item of a condition for which it is true."""
        if part.node not in self._held:
            answers = self.answers(name)
            self._held[part.node] = frozenset(one for one in answers if value_of(part, {name: one}) is True)
        return self._held[part.node]

    def sometimes(
        self, condition: Typed, *, truth: bool, left: Mapping[str, frozenset[object]] = MappingProxyType({})
    ) -> bool:
        """Return whether some answers give a condition a truth value; True where there are too many to try.

        Parameters
        ----------
        condition : Typed
            A condition whose answers can be listed.
        truth : bool
            The value looked for.
        left : mapping of str to frozenset
            By item, the answers that are left to try; all where it is not there.
        """
        names = sorted(condition.names)
        values = [[one for one in self.answers(name) if name not in left or one in left[name]] for name in names]
        if prod(map(len, values)) > MOST_TRIALS:
            return True
        return any(value_of(condition, dict(zip(names, row, strict=True))) is truth for row in product(*values))


def _conjuncts(node: Node) -> list[Node]:
    return [one for part in node.parts for one in _conjuncts(part)] if isinstance(node, And) else [node]


def _plain(node: Node) -> bool:
    """Return whether numbers are only compared with constants, or in order with each other."""
    match node:
        case Aggregate() | Today():
            plain = False
        case Answer():
            plain = node.kind == "code"
        case In(value=Answer(), options=options):
            plain = all(isinstance(option, Literal) for option in options)
        case Compare(left=Answer() as left, right=Answer(), operator=operator):
            plain = left.kind == "code" or operator not in {"==", "!="}
        case Is(value=Answer()) | Between(value=Answer(), low=Literal(), high=Literal()):
            plain = True
        case Compare(left=Answer(), right=Literal()) | Compare(left=Literal(), right=Answer()):
            plain = True
        case _:
            plain = all(_plain(part) for part in children(node))
    return plain


def _limits(root: Node) -> Iterable[tuple[str, set[float]]]:
    for node in walk(root):
        if isinstance(node, Compare | In | Between):
            sides = children(node)
            limits = {side.value for side in sides if isinstance(side, Literal) and isinstance(side.value, int | float)}
            for side in sides:
                if isinstance(side, Answer):
                    yield side.symbol.name, limits
