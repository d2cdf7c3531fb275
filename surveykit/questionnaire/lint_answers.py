"""Lint rules about answers: ranges, missing codes, code lists, texts of "other"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from surveykit.findings import Finding
from surveykit.questionnaire.bench import Bench, LintRule
from surveykit.questionnaire.structure import Item

LONG_LIST: Final = 100  # Excel shows 8 entries of a drop-down at a time (ListRows of Excel's own drop-down): 12 screens


def swallowed_missing_codes(bench: Bench) -> Iterator[Finding]:
    """Find numbers that are both a real answer and a missing code: trap 1 of the field, 9 rarely, 99 missing."""
    for pointer, _, item in bench.placed:
        if item.type not in {"integer", "decimal"} or not item.missing:
            continue
        low, high = _limits(item)
        inside = [one.code for one in item.missing.codes if isinstance(one.code, int) and low <= one.code <= high]
        if inside:
            codes = ", ".join(str(code) for code in inside)
            where = f"{pointer}/range" if item.range else f"{pointer}/missing"
            values = {"codes": codes, "low": _shown(low), "high": _shown(high), "set": item.missing.id}
            yield bench.found("lint-range-swallows-missing", where, item.id, **values)


def missing_ranges(bench: Bench) -> Iterator[Finding]:
    """Find numbers typed by hand that no limit guards."""
    for pointer, _, item in bench.placed:
        bare = item.range is None or (item.range.min is None and item.range.max is None)
        if item.type in {"integer", "decimal"} and bare and not item.missing and not item.prefill:
            yield bench.found("lint-range-none", pointer, item.id, item=item.id)


def other_without_text(bench: Bench) -> Iterator[Finding]:
    """Find "other" codes that no text item explains."""
    explained = {item.other_of for item in bench.questionnaire.items if item.other_of}
    for pointer, _, item in bench.placed:
        options = [option for option in item.codelist.offered if option.other] if item.codelist else []
        if options and item.id not in explained and item.type != "calculated":
            yield bench.found("lint-other-without-text", pointer, item.id, item=item.id, code=options[0].code)


def long_lists(bench: Bench) -> Iterator[Finding]:
    """Find lists that nobody finds his answer in."""
    for pointer, _, item in bench.placed:
        offered = item.codelist.offered if item.codelist and item.type != "calculated" else ()
        if len(offered) > LONG_LIST and not item.cascade:
            yield bench.found(
                "lint-drop-down-long", f"{pointer}/codelist", item.id, count=len(offered), limit=LONG_LIST
            )


def empty_lists(bench: Bench) -> Iterator[Finding]:
    """Find lists that offer nothing."""
    for name, codelist in bench.questionnaire.codelists.items():
        if not codelist.offered:
            yield bench.found("lint-codelist-retired", f"/codelists/{name}", name=name)


def doubled_labels(bench: Bench) -> Iterator[Finding]:
    """Find codes of one list that read the same."""
    for name, codelist in bench.questionnaire.codelists.items():
        for language in bench.questionnaire.languages:
            seen: dict[tuple[str, object], object] = {}
            for number, option in enumerate(codelist.options):
                label = (option.label.get(language, "").strip().casefold(), option.parent)
                first = seen.setdefault(label, option.code)
                if label[0] and first != option.code and not option.retired:
                    where = f"/codelists/{name}/codes/{number}/label/{language}"
                    values = {"code": option.code, "first": first, "label": option.label[language]}
                    yield bench.found("lint-label-twice", where, **values)


def unused_lists(bench: Bench) -> Iterator[Finding]:
    """Find code lists and missing sets that no item uses."""
    lists = {item.codelist.id for item in bench.questionnaire.items if item.codelist}
    lists |= {bench.questionnaire.codelists[name].parent for name in lists if name in bench.questionnaire.codelists}
    sets = {item.missing.id for item in bench.questionnaire.items if item.missing}
    for kind, known, used in (
        ("codelists", bench.questionnaire.codelists, lists),
        ("missing_sets", bench.questionnaire.missing_sets, sets),
    ):
        for name in known:
            if name not in used:
                yield bench.found("lint-list-unused", f"/{kind}/{name}", name=name)


def _limits(item: Item) -> tuple[float, float]:
    low, high = (item.range.min, item.range.max) if item.range else (None, None)
    return float("-inf") if low is None else float(low), float("inf") if high is None else float(high)


def _shown(limit: float) -> str:
    return {float("inf"): "no limit", float("-inf"): "no limit"}.get(limit, f"{limit:g}")


ANSWER_RULES: Final[tuple[LintRule, ...]] = (
    swallowed_missing_codes,
    missing_ranges,
    other_without_text,
    long_lists,
    empty_lists,
    doubled_labels,
    unused_lists,
)
