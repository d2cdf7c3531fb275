"""Compare two versions of a questionnaire, or an adaptation with its master."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from surveykit.documents import read_document
from surveykit.questionnaire.compare_items import item_differences
from surveykit.questionnaire.comparison import EFFECTS, Comparison, Difference, difference
from surveykit.questionnaire.computable import computable
from surveykit.questionnaire.definition import Source, load_questionnaire
from surveykit.questionnaire.modules import renamed
from surveykit.questionnaire.same import same_rule
from surveykit.questionnaire.structure import Item, Questionnaire, Unit, localized
from surveykit.questionnaire.wording import Wording, wordings


@dataclass(frozen=True, slots=True, kw_only=True)
class Renaming:
    """What a mapping file says.

    Parameters
    ----------
    items : mapping of str to str
        New item id by old item id.
    codes : mapping of str to mapping
        By old item id: new code by old code, both as text.
    """

    items: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def compare(
    old: Questionnaire | Source,
    new: Questionnaire | Source,
    mapping: Mapping[str, Any] | str | Path | None = None,
) -> Comparison:
    """Return everything that differs between two instruments.

    Parameters
    ----------
    old, new : Questionnaire, str, Path or mapping
        Compiled instruments, ids of shipped ones, paths or definitions.
    mapping : mapping, str or Path, optional
        New item ids by old ones; or a mapping file (``schemas/mapping.schema.json``), which may also say which codes
        were numbered anew.

    Returns
    -------
    Comparison

    Raises
    ------
    DefinitionError
        If one of them cannot be read.

    Notes
    -----
    *Breaking* is what keeps old and new data from being joined: types, codes and missing codes that are gone, units,
    who is asked, how a value is computed, narrower ranges. *Compatible* is what leaves old data valid: new items and
    codes, wider ranges, checks, order. Rules are compared by meaning, so that blanks and brackets do not count.
    """
    before = old if isinstance(old, Questionnaire) else load_questionnaire(old)
    after = new if isinstance(new, Questionnaire) else load_questionnaire(new)
    comparer = _Comparer(old=before, new=after, renaming=_renaming(mapping))
    found = sorted(comparer.differences(), key=lambda one: EFFECTS.index(one.effect))
    could, can = computable(before), computable(after)
    return Comparison(
        old=f"{before.id} {before.version}",
        new=f"{after.id} {after.version}",
        differences=tuple(found),
        lost=tuple(one for one in could if one not in can),
        gained=tuple(one for one in can if one not in could),
        renames=comparer.likely_renames(),
    )


def _renaming(mapping: Mapping[str, Any] | str | Path | None) -> Renaming:
    if mapping is None:
        return Renaming()
    document: Mapping[str, Any] = (
        read_document(Path(mapping), "mapping") if isinstance(mapping, str | Path) else mapping
    )
    if "items" not in document:
        return Renaming(items=dict(document))
    codes = {
        item: {str(one): str(two) for one, two in pairs.items()} for item, pairs in document.get("codes", {}).items()
    }
    return Renaming(items=document["items"], codes=codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparer:
    old: Questionnaire
    new: Questionnaire
    renaming: Renaming

    @property
    def pairs(self) -> list[tuple[Item, Item]]:
        """Items that both have, in the order of the new one."""
        known = {self.renaming.items.get(item.id, item.id): item for item in self.old.items}
        return [(known[item.id], item) for item in self.new.items if item.id in known]

    def differences(self) -> Iterator[Difference]:
        yield from self.units()
        yield from self.presence()
        yield from self.moves()
        for before, after in self.pairs:
            recoded = self.renaming.codes.get(before.id, {})
            yield from item_differences(before, after, names=self.renaming.items, recoded=recoded)
        yield from self.checks()
        yield from self.design()
        yield from self.texts()

    def presence(self) -> Iterator[Difference]:
        kept = {before.id for before, _ in self.pairs}
        common = {after.id for _, after in self.pairs}
        for item in self.old.items:
            if item.id not in kept:
                yield difference("item-removed", item=item.id, before=localized(item.label, self.old.languages[0]))
        for item in self.new.items:
            if item.id not in common:
                yield difference("item-added", item=item.id, after=localized(item.label, self.new.languages[0]))
        for before, after in self.pairs:
            if before.id != after.id:
                yield difference("item-renamed", item=after.id, before=before.id, after=after.id)

    def moves(self) -> Iterator[Difference]:
        place = {item.id: number for number, item in enumerate(self.old.items)}
        steady = _longest_rise([place[before.id] for before, _ in self.pairs])
        for before, after in self.pairs:
            if before.section != after.section or place[before.id] not in steady:
                old, new = before.number or before.section, after.number or after.section
                yield difference("item-moved", item=after.id, before=old, after=new)

    def likely_renames(self) -> dict[str, str]:
        """Return new ids by old ids of items that are gone and came back under another name with the same wording."""
        kept, common = {before.id for before, _ in self.pairs}, {after.id for _, after in self.pairs}
        fresh = [item for item in self.new.items if item.id not in common]
        found: dict[str, str] = {}
        for item in (item for item in self.old.items if item.id not in kept):
            alike = [one for one in fresh if one.type == item.type and _said(one) == _said(item)]
            if len(alike) == 1 and alike[0].id not in found.values():
                found[item.id] = alike[0].id
        return found

    # --- what is not an item ---------------------------------------------------------------------------------------

    def units(self) -> Iterator[Difference]:
        before, after = ({unit.id: unit for unit in one.units} for one in (self.old, self.new))
        for name in (name for name in after if name not in before):
            yield difference("unit-added", after=name)
        for name, unit in before.items():
            if name not in after:
                yield difference("unit-removed", before=name)
            else:
                yield from _unit_differences(unit, after[name], self.renaming.items)

    def checks(self) -> Iterator[Difference]:
        before, after = ({check.id: check for check in one.checks} for one in (self.old, self.new))
        for name, check in before.items():
            if name not in after:
                yield difference("check-removed", code=name, item=check.items[0], before=check.expression)
            else:
                old, new = renamed(check.expression, self.renaming.items), after[name].expression
                if not same_rule(old, new) or check.severity != after[name].severity:
                    was, now = f"{check.expression} ({check.severity})", f"{new} ({after[name].severity})"
                    yield difference("check-changed", code=name, item=after[name].items[0], before=was, after=now)
        for name, check in after.items():
            if name not in before:
                yield difference("check-added", code=name, item=check.items[0], after=check.expression)

    def design(self) -> Iterator[Difference]:
        for role in {**self.old.design, **self.new.design}:
            before, after = self.old.design.get(role), self.new.design.get(role)
            if before != after:
                yield difference("design", code=role, before=before, after=after)

    def texts(self) -> Iterator[Difference]:
        before, after = (_texts(one) for one in (self.old, self.new))
        names = {f"item:{old}": f"item:{new}" for old, new in self.renaming.items.items()}
        known = {(names.get(owner, owner), name): one for (owner, name), one in before.items()}
        for key, one in after.items():
            if key in known:
                yield from _text_differences(known[key], one)


def _unit_differences(before: Unit, after: Unit, names: Mapping[str, str]) -> Iterator[Difference]:
    if names.get(before.key, before.key) != after.key:
        yield difference("unit-key", code=after.id, before=before.key, after=after.key)
    if (
        before.roster
        and after.roster
        and (before.roster.min, before.roster.max) != (after.roster.min, after.roster.max)
    ):
        old, new = (f"{one.min} to {one.max}" for one in (before.roster, after.roster))
        yield difference("unit-rows", code=after.id, before=old, after=new)
    taken, takes = _taken(before, names), _taken(after, {})
    if taken[:-1] != takes[:-1] or not same_rule(taken[-1], takes[-1]):
        was, now = (f"{one[0]} by {one[1]} where {one[2]}" if one[2] else "-" for one in (taken, takes))
        yield difference("unit-selection", code=after.id, before=was, after=now)


def _taken(unit: Unit, names: Mapping[str, str]) -> tuple[str, str, str]:
    """Return what a selection takes from which roster, in which order, and whom."""
    if unit.selection is None:
        return "", "", ""
    signs = (("-" if one.startswith("-") else "", one.removeprefix("-")) for one in unit.selection.order_by)
    order = ", ".join(sign + names.get(name, name) for sign, name in signs)
    where = renamed(unit.selection.where, names)
    return f"{unit.selection.take} of {unit.selection.roster}", order or "line", where


def _texts(questionnaire: Questionnaire) -> dict[tuple[str, str], Wording]:
    return {(one.owner, one.field): one for one in wordings(dict(questionnaire.document))}


def _text_differences(before: Wording, after: Wording) -> Iterator[Difference]:
    kind, _, name = after.owner.partition(":")
    item = name if kind == "item" else ""
    for language in {**before.text, **after.text}:
        old, new = before.text.get(language, ""), after.text.get(language, "")
        if old != new:
            change = "text-changed" if old and new else "text-added" if new else "text-removed"
            if kind == "code" and change == "text-changed":
                change, item = "code-relabelled", name.rpartition(":")[0].removeprefix("@")
            values = {"item": item, "code": after.owner, "field": after.field, "language": language}
            yield difference(change, before=old, after=new, **values)


def _said(item: Item) -> object:
    return item.concept or tuple(sorted(item.label.items()))


def _longest_rise(numbers: list[int]) -> set[int]:
    """Return the numbers of a longest rising subsequence: what did not move."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    last: list[int] = []
    for number in numbers:
        at = bisect_left(ends, number)
        before[number] = last[at - 1] if at else None
        ends[at:], last[at:] = [number], [number]
    kept: set[int] = set()
    step = last[-1] if last else None
    while step is not None:
        kept.add(step)
        step = before[step]
    return kept
