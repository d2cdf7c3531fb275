"""What is asked: the frozen values that a definition is read into.

Nothing here reads files or evaluates expressions; ``definition`` makes these values, every other room only reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from surveykit.findings import Place
from surveykit.questionnaire.codes import (
    Code,
    CodeList,
    CodeOption,
    MissingCode,
    MissingKind,
    MissingSet,
    Text,
    localized,
)

__all__ = [
    "Check",
    "CheckSeverity",
    "Code",
    "CodeList",
    "CodeOption",
    "Item",
    "ItemType",
    "Measure",
    "MissingCode",
    "MissingKind",
    "MissingSet",
    "Questionnaire",
    "Range",
    "Result",
    "Roster",
    "Section",
    "Selection",
    "Sensitivity",
    "Text",
    "Unit",
    "localized",
    "option_column",
]

ItemType = Literal["id", "text", "integer", "decimal", "date", "select_one", "select_multiple", "calculated", "note"]
Result = Literal["number", "text", "date"]
Sensitivity = Literal["low", "medium", "high"]
CheckSeverity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Limits of real answers, missing codes excepted.

    Parameters
    ----------
    min, max : float or str, optional
        The impossible begins beyond these; ISO dates for items of type date.
    warn_below, warn_above : float or str, optional
        The unlikely begins beyond these.
    """

    min: float | str | None = None
    max: float | str | None = None
    warn_below: float | str | None = None
    warn_above: float | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Unit of measurement: UCUM code and label."""

    ucum: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A cross-item check: broken only when its expression is false.

    Parameters
    ----------
    id : str
        Stable identifier.
    expression : str
        What must not be false.
    severity : {"error", "warning", "info"}
    message : Text
        What the interviewer reads.
    items : tuple of str
        Items concerned; the first one is the place of the finding.
    unit : str
        Unit in whose rows the check is evaluated.
    """

    id: str
    expression: str
    severity: CheckSeverity
    message: Text
    items: tuple[str, ...]
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A question, a measurement, a computed value or a note.

    Parameters
    ----------
    id : str
        For ever, never reused; the name in expressions.
    var : str
        Column in data.
    number : str
        Printed number, computed from section and order.
    type : ItemType
        Kind of answer.
    unit, section : str
        Unit whose rows carry the answer; section that prints it.
    relevant : str
        Expression under which the item is asked; empty means always. The section's own relevance is already joined in.
    calculation : str
        Expression of a computed item.
    result : {"number", "text", "date"}
        What a calculation without a code list gives.
    constraint : str
        Expression over ``this`` that an answer must not make false.
    decimals : int
        Places after the point of a decimal item.
    pattern : str
        Anchored pattern of a text or id.
    check_digit : str
        Name of the check-digit scheme of an id (``luhn`` or empty).
    other_of : str
        Id of the select item whose "other" code this text explains.
    cascade : str
        Id of the item whose answer narrows the code list (province narrows county).
    prefill : bool
        Filled from the sample file; the interviewer does not type it.
    seconds : float
        Planning time.
    """

    id: str
    var: str
    type: ItemType
    unit: str
    section: str
    label: Text
    number: str = ""
    hint: Text = field(default_factory=dict)
    instruction: Text = field(default_factory=dict)
    codelist: CodeList | None = None
    missing: MissingSet | None = None
    range: Range | None = None
    measure: Measure | None = None
    relevant: str = ""
    constraint: str = ""
    calculation: str = ""
    result: Result = "number"
    required: bool = True
    decimals: int = 1
    pattern: str = ""
    max_length: int = 255
    check_digit: str = ""
    other_of: str = ""
    cascade: str = ""
    prefill: bool = False
    seconds: float = 0
    sensitivity: Sensitivity = "low"
    concept: str = ""
    source: str = ""
    module: str = ""

    @property
    def missing_codes(self) -> Mapping[Code, MissingKind]:
        """Kind by missing code; empty without a missing set."""
        return self.missing.kinds if self.missing else {}

    @property
    def coded(self) -> bool:
        """Whether answers are codes of a list."""
        return self.codelist is not None

    @property
    def answered_by_hand(self) -> bool:
        """Whether an interviewer fills it."""
        return self.type not in {"calculated", "note"}

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the item takes in data: its own and, for a select-multiple, one a code."""
        if self.type == "note":
            return ()
        if self.type == "select_multiple" and self.codelist:
            return (self.var, *(option_column(self.var, code) for code in self.codelist.codes))
        return (self.var,)


def option_column(var: str, code: Code) -> str:
    """Return the name of the 0/1 column of one code of a select-multiple."""
    return f"{var}_{code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """A repeated unit below another: a row a member.

    Parameters
    ----------
    min, max : int
        Least rows that a response has, most rows that a form gives room for.
    expected : float
        Rows of a usual response, for planned minutes.
    """

    min: int = 0
    max: int = 15
    expected: float = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A unit that takes rows of a roster.

    Parameters
    ----------
    roster : str
        Unit whose rows are taken.
    take : {"one", "each"}
        One by a written random table, or each eligible row.
    where : str
        Eligibility, an expression over the roster's items.
    order_by : tuple of str
        Items by which the eligible are numbered before one is taken, the most important first; a leading ``-``
        is descending.
    max : int
        Most rows that a form gives room for.
    expected : float
        Rows of a usual response, for planned minutes.
    """

    roster: str
    take: Literal["one", "each"]
    where: str
    order_by: tuple[str, ...] = ()
    max: int = 1
    expected: float = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What an answer belongs to: a household, a member of its roster, a selected adult.

    Parameters
    ----------
    id : str
        Name of the unit and of its table in the data.
    parent : str
        Unit above; empty for the top one.
    key : str
        Top unit: id of the item that identifies a response. Below: name of the line-number column (the
        selected units carry the line of the roster they were taken from).
    """

    id: str
    label: Text
    key: str
    parent: str = ""
    roster: Roster | None = None
    selection: Selection | None = None

    @property
    def repeated(self) -> bool:
        """Whether one response may hold several rows of this unit."""
        return self.roster is not None or self.selection is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled part of the questionnaire; all its items belong to one unit."""

    id: str
    title: Text
    unit: str
    items: tuple[Item, ...]
    relevant: str = ""
    instruction: Text = field(default_factory=dict)
    respondent: Text = field(default_factory=dict)
    privacy: bool = False
    module: str = ""

    def __repr__(self) -> str:
        return f"<Section {self.id}: {len(self.items)} items of unit {self.unit}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaire:
    """A compiled instrument: includes resolved, references bound, hashes taken.

    Parameters
    ----------
    id, version, text_version : str
        Identity; a translation changes only the text version.
    languages : tuple of str
        BCP 47 tags, the first is the default.
    units : tuple of Unit
        Top unit first, every unit after its parent.
    sections : tuple of Section
        In printed order.
    checks : tuple of Check
        Cross-item checks, those of single items included.
    design : mapping
        Names of the design columns: ``strata``, ``clusters``, ``weights``, ``nest``, ...
    structure_hash, text_hash : str
        SHA-256 in hexadecimal of the structure (ids, types, codes, logic) and of the wording.
    interview_date : str
        Id of the date item that ``today()`` means; empty if the instrument has none.
    document : mapping
        The compiled definition as plain JSON values, includes resolved.
    origins : mapping of str to Place
        By JSON pointer into ``document``, the file and pointer that a part came from.
    file : str
        Where it was read from.
    notices : mapping
        Consent, privacy, referral and other rules as data.
    """

    id: str
    version: str
    text_version: str
    title: Text
    languages: tuple[str, ...]
    units: tuple[Unit, ...]
    sections: tuple[Section, ...]
    codelists: Mapping[str, CodeList]
    missing_sets: Mapping[str, MissingSet]
    checks: tuple[Check, ...]
    design: Mapping[str, object]
    structure_hash: str
    text_hash: str
    description: Text = field(default_factory=dict)
    licence: str = ""
    source: str = ""
    minutes: float = 0
    modules: Mapping[str, str] = field(default_factory=dict)
    indicators: tuple[str, ...] = ()
    notices: Mapping[str, object] = field(default_factory=dict)
    interview_date: str = ""
    document: Mapping[str, object] = field(default_factory=dict, repr=False)
    origins: Mapping[str, Place] = field(default_factory=dict, repr=False, compare=False)
    file: str = ""
    _by_id: Mapping[str, Item] = field(init=False, repr=False, compare=False, default_factory=dict)
    _by_unit: Mapping[str, tuple[Item, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        items = [item for section in self.sections for item in section.items]
        units = dict.fromkeys(item.unit for item in items)
        object.__setattr__(self, "_by_id", {item.id: item for item in items})
        by_unit = {unit: tuple(item for item in items if item.unit == unit) for unit in units}
        object.__setattr__(self, "_by_unit", by_unit)

    def __repr__(self) -> str:
        parts = f"{len(self.items)} items in {len(self.sections)} sections"
        units = ", ".join(unit.id for unit in self.units)
        return (
            f"<Questionnaire {self.id} {self.version}: {parts}; units {units}; languages {', '.join(self.languages)}>"
        )

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in printed order."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def top(self) -> Unit:
        """The unit of one response."""
        return self.units[0]

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def unit(self, unit: str) -> Unit:
        """Return a unit by id; ``KeyError`` if there is none."""
        return {one.id: one for one in self.units}[unit]

    def item(self, item: str) -> Item:
        """Return an item by id; ``KeyError`` if there is none."""
        return self._by_id[item]

    def items_of(self, unit: str) -> tuple[Item, ...]:
        """Return the items of a unit in printed order."""
        return self._by_unit.get(unit, ())

    def ancestors(self, unit: str) -> tuple[Unit, ...]:
        """Return the units whose answers a row of the unit can see: its roster, its parent, and so on up."""
        here = self.unit(unit)
        above = here.selection.roster if here.selection else here.parent
        return (self.unit(above), *self.ancestors(above)) if above else ()

    def keys_of(self, unit: str) -> tuple[str, ...]:
        """Return the key columns of a unit's table: the top key, then the line number."""
        top = self.item(self.top.key).var
        return (top,) if unit == self.top.id else (top, self.unit(unit).key)
