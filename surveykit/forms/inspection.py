"""A finished workbook held against the file format, without the library that wrote it.

The first checker looks at the plan, this one at the bytes: order of elements, content types, styles, names, references,
lengths, merges. Excel repairs or refuses a file for any of these, and LibreOffice for none.

References
----------
ECMA-376 Office Open XML File Formats, part 1, 18.2 and 18.3 (SpreadsheetML), and part 2 (packages).
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET  # reads forms that were just written; returns has its own reader

from surveykit.findings import Finding, Findings, Place, finding
from surveykit.forms import limits
from surveykit.forms.describe import excel_length
from surveykit.forms.formulas import KNOWN_FUNCTIONS, anatomy, says_sheet_twice

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PACKAGE: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_TYPES: Final = "{http://schemas.openxmlformats.org/package/2006/content-types}"
# ECMA-376 part 1, 18.3.1.99 (CT_Worksheet)
_SHEET_ORDER: Final = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios "
    "autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations "
    "hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches "
    "ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF picture oleObjects controls webPublishItems "
    "tableParts extLst"
)
# ECMA-376 part 1, 18.2.27 (CT_Workbook)
_BOOK_ORDER: Final = (
    "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences "
    "definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing fileRecoveryPr "
    "webPublishObjects extLst"
)
_STYLE_ORDER: Final = "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"
_CELL_TYPES: Final = frozenset({"b", "d", "e", "inlineStr", "n", "s", "str"})
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass(slots=True, kw_only=True)
class _Book:
    """What the parts of one workbook must agree on."""

    file: str
    archive: zipfile.ZipFile
    sheets: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    formats: int = 0
    differentials: int = 0
    strings: int = 0

    def part(self, name: str) -> ET.Element:
        """Return the root of a part."""
        return ET.fromstring(self.archive.read(name))  # noqa: S314  # as above

    def place(self, sheet: str = "", cell: str = "", name: str = "") -> Place:
        """Return a place in this file."""
        return Place(file=self.file, sheet=sheet, cell=cell, field=name)


def inspect_form(path: str | Path) -> Findings:
    """Hold a finished workbook against the file format.

    Parameters
    ----------
    path : str or Path
        An ``.xlsx`` file.

    Returns
    -------
    Findings
        Empty where Excel has nothing to repair.
    """
    where = Place(file=str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            book = _Book(file=str(path), archive=archive)
            return Findings.of(_inspect(book))
    except (zipfile.BadZipFile, OSError, KeyError, ET.ParseError) as error:
        return Findings.of([finding("forms-file-unreadable", where, reason=str(error))])


def _inspect(book: _Book) -> Iterator[Finding]:
    yield from _package(book)
    workbook = book.part("xl/workbook.xml")
    yield from _order(workbook, _BOOK_ORDER, book.place())
    targets = _targets(book, "xl/_rels/workbook.xml.rels", "xl")
    for sheet in workbook.iter(f"{_MAIN}sheet"):
        book.sheets[sheet.attrib["name"]] = targets[sheet.attrib[f"{_RELATION}id"]]
    yield from _styles(book)
    yield from _names(book, workbook)
    for name, part in book.sheets.items():
        yield from _sheet(book, name, book.part(part))


def _package(book: _Book) -> Iterator[Finding]:
    """Every part has a content type, every relation its target, no name stands twice."""
    names = book.archive.namelist()
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield finding("forms-file-part", book.place(), part=name, problem="stands twice")
    types = book.part("[Content_Types].xml")
    defaults = {one.attrib["Extension"].lower() for one in types.iter(f"{_TYPES}Default")}
    overrides = [one.attrib["PartName"].lstrip("/") for one in types.iter(f"{_TYPES}Override")]
    for name in names:
        if name != "[Content_Types].xml" and name not in overrides and name.rpartition(".")[2].lower() not in defaults:
            yield finding("forms-file-part", book.place(), part=name, problem="has no content type")
    for name in overrides:
        if name not in names:
            yield finding("forms-file-part", book.place(), part=name, problem="has a content type but is not there")
    for rels in (name for name in names if name.endswith(".rels")):
        base = posixpath.dirname(posixpath.dirname(rels))
        for target in _targets(book, rels, base).values():
            if target and target not in names:
                yield finding(
                    "forms-file-part", book.place(), part=target, problem=f"is not there, but {rels} needs it"
                )


def _targets(book: _Book, rels: str, base: str) -> dict[str, str]:
    targets = {}
    for one in book.part(rels).iter(f"{_PACKAGE}Relationship"):
        target = one.attrib["Target"]
        inside = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(base, target))
        targets[one.attrib["Id"]] = "" if one.get("TargetMode") == "External" else inside
    return targets


def _order(root: ET.Element, wanted: str, where: Place) -> Iterator[Finding]:
    ranks = {name: rank for rank, name in enumerate(wanted.split())}
    last = -1
    for child in root:
        name = child.tag.rpartition("}")[2]
        rank = ranks.get(name, -1)
        if rank < last or name not in ranks:
            yield finding("forms-file-order", where, element=name)
        last = max(last, rank)


def _styles(book: _Book) -> Iterator[Finding]:
    root = book.part("xl/styles.xml")
    yield from _order(root, _STYLE_ORDER, book.place())
    for group in root:
        if "count" in group.attrib and int(group.attrib["count"]) != len(group):
            element = group.tag.rpartition("}")[2]
            yield finding(
                "forms-file-count", book.place(), element=element, said=group.attrib["count"], found=len(group)
            )
    book.formats = len(root.findall(f"{_MAIN}cellXfs/*"))
    book.differentials = len(root.findall(f"{_MAIN}dxfs/*"))
    if "xl/sharedStrings.xml" in book.archive.namelist():
        book.strings = len(book.part("xl/sharedStrings.xml"))


def _names(book: _Book, workbook: ET.Element) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for one in workbook.iter(f"{_MAIN}definedName"):
        name, scope, target = one.attrib["name"], one.get("localSheetId", ""), one.text or ""
        book.names[name.casefold()] = target
        if (name.casefold(), scope) in seen or not limits.is_legal_name(name):
            yield finding("forms-file-name", book.place(name=name), name=name)
        seen.add((name.casefold(), scope))
    for one in workbook.iter(f"{_MAIN}definedName"):
        yield from _formula(book, one.text or "", limits.CELL_FORMULA, book.place(name=one.attrib["name"]))


def _sheet(book: _Book, name: str, root: ET.Element) -> Iterator[Finding]:
    yield from _order(root, _SHEET_ORDER, book.place(name))
    yield from _cells(book, name, root)
    yield from _rules(book, name, root)
    for one in root.iter(f"{_MAIN}cfRule"):
        if int(one.get("dxfId", "0")) >= book.differentials:
            yield finding("forms-file-style", book.place(name), found=one.get("dxfId"))
        for formula in one.iter(f"{_MAIN}formula"):
            yield from _formula(book, formula.text or "", limits.SHADE_FORMULA, book.place(name))
    for link in root.iter(f"{_MAIN}hyperlink"):
        yield from _formula(book, link.get("location", ""), limits.CELL_FORMULA, book.place(name, link.get("ref", "")))
    yield from _merges(book, name, root)
    for part in root.findall(f"{_MAIN}headerFooter/*"):
        if excel_length(part.text or "") > limits.HEADER:
            yield finding(
                "forms-file-length", book.place(name), found=excel_length(part.text or ""), limit=limits.HEADER
            )


def _cells(book: _Book, sheet: str, root: ET.Element) -> Iterator[Finding]:
    last_row = 0
    for row in root.iter(f"{_MAIN}row"):
        number = int(row.attrib["r"])
        last_column = 0
        if not last_row < number <= limits.LAST_ROW:
            yield finding("forms-file-cell", book.place(sheet, row.attrib["r"]), problem="the row is out of order")
        last_row = number
        for cell in row:
            reference = cell.attrib["r"]
            match = _REFERENCE.fullmatch(reference)
            column = _column(match[1]) if match else 0
            if match is None or int(match[2]) != number or not last_column < column <= limits.LAST_COLUMN:
                yield finding("forms-file-cell", book.place(sheet, reference), problem="the cell is out of order")
            last_column = max(column, last_column)
            yield from _cell(book, sheet, cell)


def _cell(book: _Book, sheet: str, cell: ET.Element) -> Iterator[Finding]:
    where = book.place(sheet, cell.attrib["r"])
    kind = cell.get("t", "n")
    if kind not in _CELL_TYPES or (kind == "s" and int(cell.findtext(f"{_MAIN}v") or 0) >= book.strings):
        yield finding("forms-file-cell", where, problem=f"the type {kind} does not fit its value")
    if int(cell.get("s", "0")) >= book.formats:
        yield finding("forms-file-style", where, found=cell.get("s"))
    text = "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
    if excel_length(text) > limits.CELL_TEXT:
        yield finding("forms-file-length", where, found=excel_length(text), limit=limits.CELL_TEXT)
    formula = cell.findtext(f"{_MAIN}f")
    if formula is not None:
        yield from _formula(book, formula, limits.CELL_FORMULA, where)


def _rules(book: _Book, sheet: str, root: ET.Element) -> Iterator[Finding]:
    for group in root.iter(f"{_MAIN}dataValidations"):
        if int(group.get("count", "0")) != len(group):
            said = group.get("count")
            yield finding("forms-file-count", book.place(sheet), element="dataValidations", said=said, found=len(group))
        for rule in group:
            where = book.place(sheet, rule.attrib["sqref"])
            texts = {"errorTitle": 32, "promptTitle": 32, "error": 255, "prompt": 255}  # 18.3.1.32
            for name, limit in texts.items():
                if excel_length(rule.get(name, "")) > limit:
                    yield finding("forms-file-length", where, found=excel_length(rule.get(name, "")), limit=limit)
            for formula in rule:
                yield from _formula(book, formula.text or "", limits.RULE_FORMULA, where)


def _merges(book: _Book, sheet: str, root: ET.Element) -> Iterator[Finding]:
    taken: set[tuple[int, int]] = set()
    for merge in root.iter(f"{_MAIN}mergeCell"):
        first, last = (_REFERENCE.fullmatch(part) for part in merge.attrib["ref"].split(":"))
        if first is None or last is None:
            yield finding("forms-file-merge", book.place(sheet, merge.attrib["ref"]))
            continue
        cells = {
            (row, column)
            for row in range(int(first[2]), int(last[2]) + 1)
            for column in range(_column(first[1]), _column(last[1]) + 1)
        }
        if cells & taken:
            yield finding("forms-file-merge", book.place(sheet, merge.attrib["ref"]))
        taken |= cells


def _formula(book: _Book, formula: str, limit: int, where: Place) -> Iterator[Finding]:
    if excel_length(formula) > limit:
        yield finding("forms-file-length", where, found=excel_length(formula), limit=limit)
    parts = anatomy(formula)
    known = {name.casefold() for name in book.sheets}
    problems = [f"the sheet {name} is not there" for name in parts.sheets if name.casefold() not in known]
    problems += [f"the name {name} is not there" for name in parts.names if name.casefold() not in book.names]
    problems += [f"{name} needs the prefix _xlfn." for name in parts.functions - KNOWN_FUNCTIONS]
    problems += [] if parts.balanced else ["a bracket is open"]
    problems += ["a reference is broken"] if "#REF!" in formula else []
    problems += ["a range names its sheet twice"] if says_sheet_twice(formula) else []
    for problem in sorted(problems):
        yield finding("forms-file-formula", where, problem=problem)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1  # 26 letters
    return number
