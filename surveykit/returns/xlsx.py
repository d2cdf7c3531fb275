"""Strict reader of xlsx and xlsm: refuses what no form can be, and reads the rest as a stream.

Macros are never run, external links never followed, formulas never evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from surveykit.findings import Finding, Findings, Place, finding
from surveykit.returns.limits import DEFAULT, Limits
from surveykit.returns.package import Package, open_package
from surveykit.returns.parts import (
    SheetEntry,
    WorkbookPart,
    parse_area,
    read_properties,
    read_relations,
    read_strings,
    read_styles,
    read_workbook_part,
)
from surveykit.returns.sheet import Row, SheetReader
from surveykit.returns.values import Odd
from surveykit.returns.workbook import Sheet, Workbook

_ROOT: Final = ""
_MACROS: Final = "xl/vbaproject.bin"


@contextmanager
def open_xlsx(path: Path, *, where: Place | None = None, limits: Limits = DEFAULT) -> Iterator[Workbook]:
    """Open an xlsx or xlsm workbook.

    Parameters
    ----------
    path : pathlib.Path
    where : Place, optional
        The file as findings name it.
    limits : Limits, optional

    Yields
    ------
    Workbook
        Its sheets can be read while the context is open.

    Raises
    ------
    ReturnsError
        With the one finding that says why the file is refused; also while rows are read.
    """
    where = where or Place(file=str(path))
    with open_package(path, where, limits) as package:
        main, relations = _main_part(package)
        part = read_workbook_part(package, main)
        yield Workbook(
            where=where,
            format="xlsx",
            sheets=tuple(_sheets(package, part, relations)),
            names=part.names,
            properties=_properties(package),
            from_1904=part.from_1904,
            findings=Findings.of(_notes(package, relations)),
        )


def _main_part(package: Package) -> tuple[str, dict[str, tuple[str, str, bool]]]:
    for kind, target, external in read_relations(package, _ROOT).values():
        if kind == "officeDocument" and not external:
            if target.lower().endswith(".bin"):
                package.refuse("returns-file-binary-workbook")
            return target, read_relations(package, target)
    return package.refuse("returns-file-no-workbook", found="a zip file without a workbook")


@dataclass(slots=True)
class _Texts:
    """Shared strings and formats, read when the first sheet is."""

    package: Package
    strings_part: str
    styles_part: str
    strings: list[str | Odd] | None = None
    dated: list[bool] = field(default_factory=list)

    def load(self) -> tuple[list[str | Odd], list[bool]]:
        if self.strings is None:
            self.strings = read_strings(self.package, self.strings_part) if self.strings_part else []
            self.dated = read_styles(self.package, self.styles_part) if self.styles_part else []
        return self.strings, self.dated


def _sheets(package: Package, part: WorkbookPart, relations: dict[str, tuple[str, str, bool]]) -> Iterator[Sheet]:
    texts = _Texts(package, _target(relations, "sharedStrings"), _target(relations, "styles"))
    for name, state, relation in part.sheets:
        kind, target, external = relations.get(relation, ("", "", False))
        if external or not target:
            package.refuse("returns-file-part-missing", part=name)
        if kind == "worksheet":
            entry = SheetEntry(name=name, state=state, part=target)
            yield _sheet(package, entry, texts, from_1904=part.from_1904)


def _sheet(package: Package, entry: SheetEntry, texts: _Texts, *, from_1904: bool) -> Sheet:
    merges: list[str] = []

    def read(wanted: frozenset[int] | None = None, /) -> Iterator[Row]:
        strings, dated = texts.load()
        reader = SheetReader(package, entry.part, strings, dated, from_1904=from_1904, wanted=wanted)
        yield from reader
        merges[:] = reader.merges
        _look_at_merges(package, entry, merges)

    return Sheet(name=entry.name, state=entry.state, read=read, merges=lambda: tuple(merges))


def _look_at_merges(package: Package, entry: SheetEntry, merges: list[str]) -> None:
    covered = 0
    for merge in merges:
        area = parse_area(f"x!{merge}")
        if area is None:
            package.refuse("returns-file-cell-order", part=entry.part, row=0, column=0)
        covered += (area.last_column - area.column + 1) * (area.last_row - area.row + 1)
    if covered > package.limits.merged_cells:
        limit = package.limits.merged_cells
        package.refuse("returns-file-too-many", what="merged cells", found=covered, limit=limit)


def _target(relations: dict[str, tuple[str, str, bool]], kind: str) -> str:
    found = (target for of, target, external in relations.values() if of == kind and not external)
    return next(found, "")


def _properties(package: Package) -> dict[str, str]:
    part = _target(read_relations(package, _ROOT), "custom-properties")
    return read_properties(package, part) if part and part in package else {}


def _notes(package: Package, relations: dict[str, tuple[str, str, bool]]) -> Iterator[Finding]:
    if _MACROS in package:
        yield finding("returns-file-macros", package.where)
    if any(kind == "externalLink" for kind, _, _ in relations.values()):
        yield finding("returns-file-external-links", package.where)
