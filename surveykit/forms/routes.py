"""Skips for readers: arrows beside codes, and a sentence under each question that is not asked of everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from surveykit.expressions import meaning, phrase, routing
from surveykit.expressions.meaning import Typed
from surveykit.expressions.nodes import And, Node
from surveykit.forms.logic import Meanings
from surveykit.forms.wording import Words
from surveykit.questionnaire.scope import symbol_of
from surveykit.questionnaire.structure import Code, Item, Questionnaire, Section

_RUN: Final = 3  # codes in a row from which "1-3" reads better than "1, 2, 3"


def go_to_texts(meanings: Meanings, words: Words) -> dict[str, str]:
    """Return what stands in the column of arrows, by item id: "2, 8, 9 → C4" a line.

    Parameters
    ----------
    meanings : Meanings
    words : Words
    """
    questionnaire = meanings.questionnaire
    texts: dict[str, str] = {}
    for unit in questionnaire.units:
        asked = [item for item in questionnaire.items_of(unit.id) if item.answered_by_hand]
        steps = [(item.id, symbol_of(item), _relevance(meanings, item)) for item in asked]
        for name, arrows in routing.arrows(steps).items():
            lines = [
                words.say("skip", codes=listed(codes), target=_target(questionnaire, target, words))
                for codes, target in arrows
            ]
            texts[name] = "\n".join(lines)
    return texts


def asked_if_texts(meanings: Meanings, words: Words) -> dict[str, str]:
    """Return under which condition an item is asked, beyond that of its section, by item id."""
    questionnaire = meanings.questionnaire
    units = {unit.id: words.of(unit.label) for unit in questionnaire.units}
    texts: dict[str, str] = {}
    for section in questionnaire.sections:
        for item in section.items:
            typed = _own(meanings, section, item)
            if typed is not None:
                texts[item.id] = sentence(typed, words, units)
    return texts


def section_texts(meanings: Meanings, words: Words) -> dict[str, str]:
    """Return under which condition a section is asked, by section id."""
    questionnaire = meanings.questionnaire
    units = {unit.id: words.of(unit.label) for unit in questionnaire.units}
    return {
        section.id: sentence(meanings.typed(section.relevant, section.unit), words, units)
        for section in questionnaire.sections
        if section.relevant
    }


def sentence(typed: Typed, words: Words, units: Mapping[str, str]) -> str:
    """Return a condition as the instruction that an interviewer reads."""
    return words.say("asked_if", phrase=phrase.sentence(typed, words.language, units=units))


def listed(codes: Iterable[Code]) -> str:
    """Return codes in words: ``1-3, 8, 9``."""
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) >= _RUN else ", ".join(map(str, run)) for run in _runs(codes))


def _runs(codes: Iterable[Code]) -> Iterator[list[Code]]:
    run: list[Code] = []
    for code in codes:
        if run and not (isinstance(code, int) and isinstance(run[-1], int) and code == run[-1] + 1):
            yield run
            run = []
        run.append(code)
    if run:
        yield run


def _target(questionnaire: Questionnaire, target: str, words: Words) -> str:
    if not target:
        return words["end_of_section"]
    return questionnaire.item(target).number or target


def _relevance(meanings: Meanings, item: Item) -> Typed | None:
    return meanings.typed(item.relevant, item.unit) if item.relevant else None


def _own(meanings: Meanings, section: Section, item: Item) -> Typed | None:
    """Return the condition of an item without that of its section; None where nothing remains."""
    if not item.relevant or item.relevant == section.relevant:
        return None
    whole = meanings.typed(item.relevant, item.unit)
    if not section.relevant:
        return whole
    shared = _parts(meanings.typed(section.relevant, section.unit).node)
    rest = [part for part in _parts(whole.node) if part not in shared]
    if not rest:
        return None
    return meaning.typed(item.relevant, rest[0] if len(rest) == 1 else And(parts=tuple(rest), kind="boolean"))


def _parts(node: Node) -> list[Node]:
    if isinstance(node, And):
        return [inner for part in node.parts for inner in _parts(part)]
    return [node]
