"""From the flat document to frozen values: defaults filled in, references bound, questions numbered, hashes taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from surveykit.documents import canonical_hash
from surveykit.findings import Place
from surveykit.questionnaire.hashing import structure_of, wording_of
from surveykit.questionnaire.modules import Json, joined
from surveykit.questionnaire.structure import (
    Check,
    CodeList,
    CodeOption,
    Item,
    Measure,
    MissingCode,
    MissingSet,
    Questionnaire,
    Range,
    Roster,
    Section,
    Selection,
    Unit,
)

_DEFAULT_LABELS: Final[dict[str, dict[str, str]]] = {
    "na": {"en": "Not applicable", "ko": "해당 없음"},
    "dk": {"en": "Don't know", "ko": "모름"},
    "refused": {"en": "Refused", "ko": "응답 거부"},
    "not_stated": {"en": "No answer", "ko": "무응답"},
    "not_asked": {"en": "Not asked", "ko": "묻지 않음"},
}
_PLAIN: Final = (
    "label",
    "hint",
    "instruction",
    "relevant",
    "constraint",
    "calculation",
    "result",
    "decimals",
    "pattern",
)
_PLAIN_TOO: Final = ("max_length", "check_digit", "other_of", "cascade", "prefill", "seconds", "sensitivity", "concept")
_SHORT: Final = re.compile(r"[A-Z]{1,2}")


def build(document: Json, origins: Mapping[str, Place], file: str) -> Questionnaire:
    """Return the questionnaire of a flat document.

    Parameters
    ----------
    document : dict
        The flat instrument. References that lead nowhere are left out; the semantic check reports them.
    origins : mapping of str to Place
        Where its parts came from.
    file : str
        Where it was read from.
    """
    codelists = {name: _codelist(name, value) for name, value in document.get("codelists", {}).items()}
    missing_sets = {name: _missing_set(name, value) for name, value in document.get("missing_sets", {}).items()}
    sections = tuple(
        _section(section, position, codelists, missing_sets) for position, section in enumerate(document["sections"])
    )
    built = Questionnaire(
        id=document["id"],
        version=document["version"],
        text_version=str(document.get("text_version", document["version"])),
        title=document["title"],
        languages=tuple(document["languages"]),
        units=tuple(_unit(name, document["units"][name]) for name in _parents_first(document["units"])),
        sections=sections,
        codelists=codelists,
        missing_sets=missing_sets,
        checks=tuple(_checks(document, sections)),
        design=document.get("design", {}),
        structure_hash="",
        text_hash=canonical_hash(wording_of(document)),
        description=document.get("description", {}),
        licence=document.get("licence", ""),
        source=document.get("source", ""),
        minutes=document.get("minutes", 0),
        modules=document.get("modules", {}),
        indicators=tuple(document.get("indicators", ())),
        notices=document.get("notices", {}),
        interview_date=document.get("interview_date", ""),
        document=document,
        origins=origins,
        file=file,
    )
    return replace(built, structure_hash=canonical_hash(structure_of(built)))


def _codelist(name: str, value: Json) -> CodeList:
    return CodeList(
        id=name,
        version=value.get("version", "1.0.0"),
        options=tuple(CodeOption(**option) for option in value["codes"]),
        label=value.get("label", {}),
        parent=value.get("parent", ""),
    )


def _missing_set(name: str, codes: list[Json]) -> MissingSet:
    return MissingSet(
        id=name,
        codes=tuple(
            MissingCode(code=one["code"], kind=one["kind"], label=one.get("label", _DEFAULT_LABELS[one["kind"]]))
            for one in codes
        ),
    )


def _parents_first(units: Mapping[str, Json]) -> list[str]:
    """Return the units' ids as written, but none before its parent; units that hang nowhere come last."""
    ordered: list[str] = []
    while ready := [name for name in units if name not in ordered and units[name].get("parent", "") in ("", *ordered)]:
        ordered += ready
    return [*ordered, *(name for name in units if name not in ordered)]


def _unit(name: str, value: Json) -> Unit:
    roster, selection = value.get("roster"), value.get("selection")
    if selection is not None:
        selection = {**selection, "order_by": tuple(selection.get("order_by", ()))}
    return Unit(
        id=name,
        label=value["label"],
        key=value["key"],
        parent=value.get("parent", ""),
        roster=None if roster is None else Roster(**roster),
        selection=None if selection is None else Selection(**selection),
    )


def _section(
    section: Json, position: int, codelists: Mapping[str, CodeList], missing_sets: Mapping[str, MissingSet]
) -> Section:
    items = []
    start = section["id"] if _SHORT.fullmatch(section["id"]) else f"{position + 1}."
    asked = 0
    for item in section["items"]:
        asked += item["type"] not in {"note", "calculated"}
        number = f"{start}{asked}" if item["type"] not in {"note", "calculated"} else ""
        items.append(_item(item, section, number, codelists, missing_sets))
    return Section(
        id=section["id"],
        title=section["title"],
        unit=section["unit"],
        items=tuple(items),
        relevant=section.get("relevant", ""),
        instruction=section.get("instruction", {}),
        respondent=section.get("respondent", {}),
        privacy=section.get("privacy", False),
        module=section.get("module", ""),
    )


def _item(
    item: Json,
    section: Json,
    number: str,
    codelists: Mapping[str, CodeList],
    missing_sets: Mapping[str, MissingSet],
) -> Item:
    listed = item.get("codelist")
    measure, limits = item.get("measure"), item.get("range")
    plain = {key: item[key] for key in (*_PLAIN, *_PLAIN_TOO) if key in item}
    plain["relevant"] = joined(section.get("relevant", ""), item.get("relevant", ""))
    return Item(
        id=item["id"],
        var=str(item.get("var", item["id"])),
        type=item["type"],
        unit=section["unit"],
        section=section["id"],
        number=number,
        codelist=_codelist(item["id"], listed) if isinstance(listed, dict) else codelists.get(listed or ""),
        missing=missing_sets.get(item.get("missing", "")),
        range=None if limits is None else Range(**limits),
        measure=None if measure is None else Measure(**measure),
        required=item.get("required", item["type"] not in {"calculated", "note"}),
        source=item.get("source", ""),
        module=item.get("module", ""),
        **plain,
    )


def _checks(document: Json, sections: tuple[Section, ...]) -> Iterator[Check]:
    units = {item.id: section.unit for section in sections for item in section.items}
    order = {unit: position for position, unit in enumerate(_parents_first(document["units"]))}
    for check in document.get("checks", ()):
        concerned = [units[item] for item in check["items"] if item in units]
        deepest = max(concerned, key=lambda unit: order.get(unit, -1), default=next(iter(order)))
        yield _check(check, tuple(check["items"]), check.get("unit", deepest))
    for section in document["sections"]:
        for item in section["items"]:
            for check in item.get("checks", ()):
                yield _check(check, (item["id"],), section["unit"])


def _check(check: Json, items: tuple[str, ...], unit: str) -> Check:
    return Check(
        id=check["id"],
        expression=check["expression"],
        severity=check.get("severity", "error"),
        message=check["message"],
        items=items,
        unit=unit,
    )
