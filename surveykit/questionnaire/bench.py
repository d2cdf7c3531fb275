"""What every lint rule looks at: the compiled instrument, its rules compiled, and where each part stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

from surveykit.findings import Finding, Place, finding
from surveykit.questionnaire.logic import CompiledRule, compiled_rules
from surveykit.questionnaire.modules import Json
from surveykit.questionnaire.places import source_place
from surveykit.questionnaire.structure import Item, Questionnaire, Section

LintRule = Callable[["Bench"], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """An instrument laid out for inspection.

    Parameters
    ----------
    questionnaire : Questionnaire
    rules : tuple of CompiledRule
        All its expressions, in document order.
    """

    questionnaire: Questionnaire
    rules: tuple[CompiledRule, ...]

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> Bench:
        """Compile the rules of an instrument."""
        return cls(questionnaire=questionnaire, rules=tuple(compiled_rules(questionnaire)[0]))

    @property
    def document(self) -> Json:
        """The compiled definition."""
        return cast("Json", self.questionnaire.document)

    @property
    def placed(self) -> Iterator[tuple[str, Section, Item]]:
        """Pointer, section and item of every item, in printed order."""
        for number, section in enumerate(self.questionnaire.sections):
            for position, item in enumerate(section.items):
                yield f"/sections/{number}/items/{position}", section, item

    def place(self, pointer: str, item: str = "") -> Place:
        """Return where a part of the compiled document stood in its author's file."""
        return source_place(pointer, self.questionnaire.origins, self.questionnaire.file, item=item)

    def found(self, code: str, pointer: str, item: str = "", /, **values: object) -> Finding:
        """Return the finding of a lint rule."""
        return finding(code, self.place(pointer, item), severity=None, **values)
