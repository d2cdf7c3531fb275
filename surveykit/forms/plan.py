"""A workbook as frozen values, before any library writes it: what ``limits`` looks at and ``workbook`` paints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

Value = str | int | float | date | None
RuleKind = Literal["list", "custom", "date", "textLength"]
State = Literal["visible", "hidden", "veryHidden"]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of a cell, without the equals sign."""

    text: str


@dataclass(frozen=True, slots=True)
class Rich:
    """A text in several type styles: pairs of text and inline style."""

    parts: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(text for text, _ in self.parts)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Parameters
    ----------
    row, column : int
        1-based.
    value : str, int, float, date, Formula, Rich or None
        A text is always written as text, whatever it begins with.
    style : str
        Name of a style of ``styles``.
    link : str
        Place inside the workbook that a click leads to.
    """

    row: int
    column: int
    value: Value | Formula | Rich
    style: str
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A data validation.

    Parameters
    ----------
    cells : str
        Range in A1 style.
    kind : {"list", "custom", "date", "textLength"}
    formula, formula2 : str
        As the file format has them; relative to the first cell of the range.
    operator : str
        For dates and lengths.
    stop : bool
        Refuse what breaks the rule; else only warn.
    title, message : str
        Shown when the rule is broken.
    prompt_title, prompt : str
        Shown when the cell is chosen.
    item : str
        Item concerned, for findings.
    """

    cells: str
    kind: RuleKind
    formula: str
    formula2: str = ""
    operator: str = ""
    stop: bool = True
    title: str = ""
    message: str = ""
    prompt_title: str = ""
    prompt: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """A conditional format of a range, relative to its first cell."""

    cells: str
    formula: str
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """How a sheet prints.

    Parameters
    ----------
    area : str
        Print area; empty for all.
    titles : str
        Rows repeated on each page, for instance ``1:2``.
    landscape : bool
    whole : bool
        Shrink the sheet onto one page.
    breaks : tuple of int
        Rows after which a new page begins.
    header, footer : str
        Left and right part, parted by a tab.
    """

    area: str = ""
    titles: str = ""
    landscape: bool = False
    whole: bool = False
    breaks: tuple[int, ...] = ()
    header: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPlan:
    """One worksheet."""

    name: str
    cells: tuple[Cell, ...]
    rules: tuple[Rule, ...] = ()
    shades: tuple[Shade, ...] = ()
    widths: Mapping[int, float] = field(default_factory=dict)
    heights: Mapping[int, float] = field(default_factory=dict)
    column_styles: Mapping[int, str] = field(default_factory=dict)
    hidden_columns: tuple[int, ...] = ()
    state: State = "visible"
    freeze: str = ""
    merges: tuple[str, ...] = ()
    page: Page = Page()
    tab: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPlan:
    """One workbook.

    Parameters
    ----------
    names : mapping of str to str
        Defined names and what they refer to.
    properties : mapping of str to str
        Custom document properties.
    font : str
        Font family; the usual one of the language where empty.
    """

    title: str
    language: str
    sheets: tuple[SheetPlan, ...]
    names: Mapping[str, str]
    properties: Mapping[str, str]
    font: str = ""

    def with_sheets(self, *sheets: SheetPlan) -> BookPlan:
        """Return the plan with further sheets at its end."""
        return replace(self, sheets=(*self.sheets, *sheets))


def quoted(sheet: str) -> str:
    """Return a sheet name as formulas need it."""
    doubled = sheet.replace("'", "''")
    return f"'{doubled}'"


def absolute(cell: str) -> str:
    """Return a reference with dollar signs: ``$E$12`` of E12, ``$F$6:$F$9`` of F6:F9."""
    parts = []
    for part in cell.split(":"):
        letters = part.rstrip("0123456789")
        parts.append(f"${letters}${part[len(letters) :]}")
    return ":".join(parts)


def place(sheet: str, cell: str) -> str:
    """Return an absolute reference to a cell of a sheet."""
    return f"{quoted(sheet)}!{absolute(cell)}"


def at(sheet: str, cell: str) -> str:
    """Return a reference to a cell of a sheet without dollar signs: shorter, for formulas that nothing moves."""
    return f"{quoted(sheet)}!{cell}"


def literal(text: str) -> str:
    """Return a text as a formula's literal."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
