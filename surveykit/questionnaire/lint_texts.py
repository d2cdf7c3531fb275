"""Lint rules about wording: languages that are missing, texts that a form has no room for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from surveykit.findings import Finding
from surveykit.questionnaire.bench import Bench, LintRule
from surveykit.questionnaire.wording import wordings

PROMPT: Final = 255  # characters of an input message of a cell (Excel specifications and limits)
ENTRY: Final = 255  # characters of a text that a formula compares (Excel specifications and limits: text in formulas)
CELL: Final = 32_767  # characters of a cell (Excel specifications and limits)
COLUMNS: Final = 16_384  # columns of a worksheet (Excel specifications and limits)


def languages(bench: Bench) -> Iterator[Finding]:
    """Find texts that lack a language of the instrument, and texts in languages that it does not name.

    A tag with a region (ko-KP) is served by its base language where its own wording would be the same. Modules may
    carry the languages of all instruments that include them.
    """
    declared = bench.questionnaire.languages
    bases = {language.split("-", maxsplit=1)[0] for language in declared}
    for one in wordings(bench.document):
        for language in declared:
            if not one.text.get(language) and not one.text.get(language.split("-", maxsplit=1)[0]):
                code = "lint-text-default-missing" if language == declared[0] else "lint-text-missing"
                yield bench.found(code, one.pointer, _item(one.owner), language=language, owner=one.owner)
        unknown = sorted(tag for tag in one.text if tag.split("-", maxsplit=1)[0] not in bases)
        if unknown and bench.place(one.pointer).file == bench.questionnaire.file:
            values = {"language": ", ".join(unknown), "declared": ", ".join(declared)}
            yield bench.found("lint-language-undeclared", one.pointer, _item(one.owner), **values)


def missing_code_labels(bench: Bench) -> Iterator[Finding]:
    """Find missing codes without a label, in languages for which there is no default one."""
    for name, missing in bench.questionnaire.missing_sets.items():
        for number, one in enumerate(missing.codes):
            for language in bench.questionnaire.languages:
                written = "label" in bench.document["missing_sets"][name][number]
                if not written and language.split("-", maxsplit=1)[0] not in one.label:
                    where = f"/missing_sets/{name}/{number}"
                    yield bench.found("lint-missing-label", where, code=one.code, kind=one.kind, language=language)


def lengths(bench: Bench) -> Iterator[Finding]:
    """Find texts that Excel cuts or refuses."""
    limits = {"hint": PROMPT, "message": PROMPT}
    for one in wordings(bench.document):
        limit = ENTRY if one.owner.startswith(("code:", "missing:")) else limits.get(one.field, CELL)
        for language, text in one.text.items():
            if len(text) > limit:
                values = {"field": one.field, "length": len(text), "limit": limit}
                yield bench.found("lint-text-too-long", f"{one.pointer}/{language}", _item(one.owner), **values)


def wide_sheets(bench: Bench) -> Iterator[Finding]:
    """Find units whose row of answers is wider than a worksheet."""
    for unit in bench.questionnaire.units:
        width = sum(len(item.columns) for item in bench.questionnaire.items_of(unit.id))
        if width > COLUMNS:
            yield bench.found("lint-sheet-too-wide", f"/units/{unit.id}", unit=unit.id, width=width, limit=COLUMNS)


def _item(owner: str) -> str:
    kind, _, name = owner.partition(":")
    return name if kind == "item" else ""


TEXT_RULES: Final[tuple[LintRule, ...]] = (languages, missing_code_labels, lengths, wide_sheets)
