"""What changed in one item between two versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from surveykit.questionnaire.comparison import Difference, difference
from surveykit.questionnaire.modules import renamed
from surveykit.questionnaire.same import same_rule
from surveykit.questionnaire.structure import Code, CodeOption, Item

Limits = tuple[float | str | None, float | str | None]


def item_differences(
    before: Item, after: Item, *, names: Mapping[str, str], recoded: Mapping[str, str]
) -> Iterator[Difference]:
    """Yield every difference of one item, wording apart.

    Parameters
    ----------
    before, after : Item
        The item in both versions.
    names : mapping of str to str
        New item ids by old ones, so that a rule is not called changed because an item in it was renamed.
    recoded : mapping of str to str
        New code by old code, as text.
    """
    yield from _properties(before, after, names)
    yield from _rules(before, after, names)
    yield from _codes(before, after, recoded)
    yield from _missing(before, after)
    yield from _ranges(before, after)
    yield from _precision(before, after)


def _properties(before: Item, after: Item, names: Mapping[str, str]) -> Iterator[Difference]:
    if before.type != after.type:
        yield difference("type", item=after.id, before=before.type, after=after.type)
    if names.get(before.var, before.var) != after.var:
        yield difference("column", item=after.id, before=before.var, after=after.var)
    if before.unit != after.unit:
        yield difference("unit", item=after.id, before=before.unit, after=after.unit)
    old, new = (one.measure.ucum if one.measure else "" for one in (before, after))
    if old != new:
        yield difference("measure", item=after.id, before=old or "-", after=new or "-")
    if before.required != after.required:
        said = ("required" if one.required else "optional" for one in (before, after))
        yield difference("required", item=after.id, **dict(zip(("before", "after"), said, strict=True)))
    if before.sensitivity != after.sensitivity:
        yield difference("sensitivity", item=after.id, before=before.sensitivity, after=after.sensitivity)
    for link in ("other_of", "cascade"):
        old, new = names.get(getattr(before, link), getattr(before, link)), getattr(after, link)
        if old != new:
            yield difference("link", item=after.id, field=link, before=old or "-", after=new or "-")


def _rules(before: Item, after: Item, names: Mapping[str, str]) -> Iterator[Difference]:
    for change, name in (("relevance", "relevant"), ("calculation", "calculation"), ("constraint", "constraint")):
        old, new = getattr(before, name), getattr(after, name)
        if not same_rule(renamed(old, names) if old else "", new):
            yield difference(change, item=after.id, before=old or "always", after=new or "always")


def _codes(before: Item, after: Item, recoded: Mapping[str, str]) -> Iterator[Difference]:
    old, new = _options(before), _options(after)
    moved = {code: recoded[code] for code in old if recoded.get(code, code) != code}
    for code, target in moved.items():
        yield difference("code-recoded", item=after.id, code=code, before=code, after=target)
    kept = {recoded.get(code, code) for code in old}
    other_list = bool(before.codelist and after.codelist and before.codelist.id != after.codelist.id)
    for code, option in old.items():
        if code not in moved and code not in new:
            yield difference("code-removed", item=after.id, code=code, before=_named(option))
        elif code not in moved:
            yield from _option(after.id, option, new[code], relabelled=other_list)
    for code, option in new.items():
        if code not in kept:
            yield difference("code-added", item=after.id, code=code, after=_named(option))
    common = [code for code in old if code in new and code not in moved]
    if common != [code for code in new if code in common]:
        yield difference("codes-reordered", item=after.id, before=", ".join(old), after=", ".join(new))


def _option(item: str, before: CodeOption, after: CodeOption, *, relabelled: bool) -> Iterator[Difference]:
    if before.retired != after.retired:
        change = "code-retired" if after.retired else "code-revived"
        yield difference(change, item=item, code=after.code, before=_named(before), after=_named(after))
    old, new = _flags(before), _flags(after)
    if old != new:
        yield difference("code-flags", item=item, code=after.code, before=old or "plain", after=new or "plain")
    for language in before.label if relabelled else ():
        was, now = before.label[language], after.label.get(language, before.label[language])
        if was != now:
            values = {"item": item, "code": after.code, "language": language, "field": "label"}
            yield difference("code-relabelled", before=was, after=now, **values)


def _missing(before: Item, after: Item) -> Iterator[Difference]:
    old, new = before.missing_codes, after.missing_codes
    for code, kind in old.items():
        if code not in new:
            yield difference("missing-removed", item=after.id, code=code, before=f"{code} ({kind})")
        elif new[code] != kind:
            yield difference("missing-kind", item=after.id, code=code, before=kind, after=new[code])
    for code, kind in new.items():
        if code not in old:
            yield difference("missing-added", item=after.id, code=code, after=f"{code} ({kind})")


def _ranges(before: Item, after: Item) -> Iterator[Difference]:
    old, new = _limits(before, "min", "max"), _limits(after, "min", "max")
    if old != new:
        narrower = _inside(old[0], new[0], max) or _inside(old[1], new[1], min)
        change = "range-narrower" if narrower else "range-wider"
        yield difference(change, item=after.id, before=_span(old), after=_span(new))
    old, new = _limits(before, "warn_below", "warn_above"), _limits(after, "warn_below", "warn_above")
    if old != new:
        yield difference("warnings", item=after.id, before=_span(old), after=_span(new))


def _precision(before: Item, after: Item) -> Iterator[Difference]:
    if before.type == after.type == "decimal" and before.decimals != after.decimals:
        change = "precision-lower" if after.decimals < before.decimals else "precision-higher"
        old, new = (f"{one.decimals} decimals" for one in (before, after))
        yield difference(change, item=after.id, field="decimals", before=old, after=new)
    if before.type == after.type and after.type in {"id", "text"} and before.max_length != after.max_length:
        change = "precision-lower" if after.max_length < before.max_length else "precision-higher"
        old, new = (f"{one.max_length} characters" for one in (before, after))
        yield difference(change, item=after.id, field="max_length", before=old, after=new)
    if (before.pattern, before.check_digit) != (after.pattern, after.check_digit):
        old, new = (" ".join(filter(None, (one.pattern, one.check_digit))) for one in (before, after))
        yield difference("pattern", item=after.id, before=old or "anything", after=new or "anything")


def _options(item: Item) -> dict[str, CodeOption]:
    return {str(option.code): option for option in item.codelist.options} if item.codelist else {}


def _named(option: CodeOption) -> str:
    label = next(iter(option.label.values()), "")
    return f"{option.code} ({label})"


def _flags(option: CodeOption) -> str:
    parent: Code | None = option.parent
    flags = [name for name in ("exclusive", "other") if getattr(option, name)]
    return ", ".join([*flags, *([f"under {parent}"] if parent is not None else [])])


def _limits(item: Item, low: str, high: str) -> Limits:
    return (getattr(item.range, low), getattr(item.range, high)) if item.range else (None, None)


def _inside(
    before: float | str | None, after: float | str | None, inner: Callable[[tuple[float | str, float | str]], object]
) -> bool:
    """Return whether a limit moved inwards; no limit lies outside every limit."""
    if after is None or before == after:
        return False
    return before is None or inner((before, after)) == after


def _span(limits: Limits) -> str:
    low, high = ("…" if limit is None else str(limit) for limit in limits)
    return f"{low} to {high}"
