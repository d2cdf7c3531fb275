"""What all drawers of one booklet share, and the styles of answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveykit.forms.checking import Checker
from surveykit.forms.geometry import Geometry
from surveykit.forms.logic import Sight
from surveykit.forms.measure import Metrics
from surveykit.forms.places import Block
from surveykit.forms.plan import Formula, Value
from surveykit.forms.sights import Seer
from surveykit.forms.styles import prefilled
from surveykit.forms.wording import Words
from surveykit.questionnaire.identity import answer_name
from surveykit.questionnaire.structure import Code, Item, Questionnaire


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A booklet on its way.

    Parameters
    ----------
    questionnaire : Questionnaire
    words : Words
    geometry : Geometry
    seer : Seer
    checker : Checker
    answers : mapping of str to value
        Values to write, by defined name.
    prefilled : frozenset of str
        Names of the values that are locked.
    code_sheet : str
        Name of the sheet of codes.
    header, footer : str
        Left and right part, parted by a tab.
    go_to : mapping of str to str
        What stands in the column of arrows, by item id.
    asked_if, section_if : mapping of str to str
        Conditions in words, by item and by section id.
    metrics : Metrics
        Of the font.
    paper : bool
        Boxes to tick instead of cells to fill.
    """

    questionnaire: Questionnaire
    words: Words
    geometry: Geometry
    seer: Seer
    checker: Checker
    answers: dict[str, Value]
    prefilled: frozenset[str]
    code_sheet: str
    header: str
    footer: str
    go_to: Mapping[str, str]
    asked_if: Mapping[str, str]
    section_if: Mapping[str, str]
    metrics: Metrics
    paper: bool = False

    def value(self, item: str, *, row: int = 0, code: Code | None = None) -> Value:
        """Return the value to write for an answer."""
        return self.answers.get(answer_name(item, row=row, code=code))

    def is_prefilled(self, item: str, row: int) -> bool:
        """Whether an answer was filled in beforehand."""
        return answer_name(item, row=row) in self.prefilled

    def sight(self, unit: str, index: int, sheet: str, *, fixed: bool = False) -> Sight:
        """Return what a row of a unit sees from a sheet."""
        return self.seer.sight(unit, index, sheet, fixed=fixed)

    def active(self, block: Block, sheet: str) -> str:
        """Return the condition that a block has a person; empty for the top unit."""
        if not block.index:
            return ""
        unit = self.questionnaire.unit(block.unit)
        if unit.roster:
            return self.seer.used(unit.id, block.index, sheet)
        return f'{self.seer.line(unit, block.index, sheet)}<>""'

    @property
    def serial(self) -> Value:
        """The serial filled in beforehand, if any."""
        key = answer_name(self.questionnaire.top.key)
        return self.answers.get(key) if key in self.prefilled else None

    def serial_cell(self, sheet: str) -> str:
        """Return the answer cell of the serial as seen from a sheet."""
        spot = self.geometry.spot(self.questionnaire.top.key)
        return spot.seen_from(sheet, spot.answer)

    def serial_line(self, sheet: str) -> Value | Formula:
        """Return what stands in the corner of each page: the serial, by formula where a program fills it."""
        if self.paper:
            return self.words.say("serial", serial=self.serial or "_" * 16)
        text = self.words.say("serial", serial="")
        return Formula(f'"{text}"&{self.serial_cell(sheet)}')


def answer_style(item: Item, *, locked: bool = False, paper: bool = False) -> str:
    """Return the style of an item's answer cell."""
    if paper:
        return "paper"
    if item.type == "calculated":
        if item.codelist or item.result == "text":
            return "computed"
        return "computed_date" if item.result == "date" else f"computed{item.decimals}"
    style = {"integer": "integer", "decimal": "decimal", "date": "date", "select_one": "choice"}.get(item.type, "text")
    return prefilled(style) if locked else style
