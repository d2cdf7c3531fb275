"""A returned workbook as a value: identity, names, and sheets that are read row by row; whatever the file format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from surveykit.findings import Findings, Place
from surveykit.returns.parts import DefinedName, State
from surveykit.returns.sheet import Row


class Read(Protocol):
    """How the rows of a sheet are read."""

    def __call__(self, wanted: frozenset[int] | None = None, /) -> Iterator[Row]:
        """Return the rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A worksheet.

    Parameters
    ----------
    name : str
    state : {"visible", "hidden", "veryHidden"}
    read : callable
        Returns the rows that hold something, in ascending order, as often as it is called; with a set of columns,
        at least the values of those.
    merges : callable
        Returns the merged ranges; complete once the rows were read.
    """

    name: str
    state: State
    read: Read
    merges: Callable[[], tuple[str, ...]] = tuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook:
    """An open workbook.

    Parameters
    ----------
    where : Place
        The file.
    format : str
        ``xlsx``, ``xls``, ``ods`` or ``csv``.
    sheets : tuple of Sheet
        In the order of the tabs.
    names : tuple of DefinedName
    properties : mapping of str to str
        Custom document properties.
    from_1904 : bool
        Day numbers count from 1904.
    findings : Findings
        What is worth knowing about the file itself.
    """

    where: Place
    format: str
    sheets: tuple[Sheet, ...]
    names: tuple[DefinedName, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    from_1904: bool = False
    findings: Findings = field(default_factory=Findings)

    def sheet(self, name: str) -> Sheet | None:
        """Return a sheet by name, compared as spreadsheets do, without case."""
        folded = name.casefold()
        return next((sheet for sheet in self.sheets if sheet.name.casefold() == folded), None)

    @property
    def textual(self) -> bool:
        """Whether the file has only text."""
        return self.format == "csv"
