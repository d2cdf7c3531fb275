"""The parts of a workbook beside its sheets: sheet list, defined names, texts, formats, custom properties."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Final, Literal

from surveykit.returns.markup import Attributes, Feed, attribute, local, parse
from surveykit.returns.package import Package
from surveykit.returns.tokens import plain_strings
from surveykit.returns.values import Odd, column_number, unescape

State = Literal["visible", "hidden", "veryHidden"]

_REFERENCE: Final = re.compile(
    r"(?:'((?:[^']|'')+)'|([^'!\[\]]+))!\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?", re.ASCII
)
_COLUMN_REFERENCE: Final = re.compile(r"(?:'((?:[^']|'')+)'|([^'!\[\]]+))!\$?([A-Z]{1,3}):\$?([A-Z]{1,3})", re.ASCII)
_BUILT_IN_DATES: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))  # ECMA-376 18.8.30
_NO_DATE_PART: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_DATE_PART: Final = re.compile(r"[ymdhs]|\[[hms]+\]", re.IGNORECASE)
_LAST_FORMAT_CODE: Final = 4_096  # characters; Excel takes 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where a defined name points.

    Parameters
    ----------
    sheet : str
    column, last_column : int
        1-based.
    row, last_row : int
        1-based; 0 for whole columns.
    """

    sheet: str
    column: int
    row: int
    last_column: int
    last_row: int

    @property
    def single(self) -> bool:
        """Whether it is one cell."""
        return self.row > 0 and (self.row, self.column) == (self.last_row, self.last_column)


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinedName:
    """A defined name of a workbook.

    Parameters
    ----------
    name : str
    scope : int, optional
        0-based index of the sheet that it belongs to; None for the workbook.
    area : Area, optional
        None where the reference is broken or no plain area.
    text : str
        The reference as written.
    """

    name: str
    scope: int | None
    area: Area | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetEntry:
    """A worksheet: name, visibility, and the part that holds it."""

    name: str
    state: State
    part: str


def parse_area(text: str) -> Area | None:
    """Read a reference such as ``'Sheet one'!$D$8:$D$20``; None if it is anything else."""
    match = _REFERENCE.fullmatch(text)
    if match:
        first, last = column_number(match[3]), column_number(match[5] or match[3])
        rows = int(match[4]), int(match[6] or match[4])
    else:
        match = _COLUMN_REFERENCE.fullmatch(text)
        if match is None:
            return None
        first, last, rows = column_number(match[3]), column_number(match[4]), (0, 0)
    sheet = match[1].replace("''", "'") if match[1] else match[2]
    if not 0 < first <= last or rows[0] > rows[1]:
        return None
    return Area(sheet=sheet, column=first, row=rows[0], last_column=last, last_row=rows[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookPart:
    """What the workbook part says."""

    sheets: tuple[tuple[str, State, str], ...]
    names: tuple[DefinedName, ...]
    from_1904: bool


class _WorkbookHandler:
    def __init__(self, package: Package) -> None:
        self.sheets: list[tuple[str, State, str]] = []
        self.names: list[DefinedName] = []
        self.from_1904 = False
        self._package = package
        self._open: Attributes | None = None
        self._parts: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            state: State = "hidden" if attributes.get("state") == "hidden" else "visible"
            state = "veryHidden" if attributes.get("state") == "veryHidden" else state
            self.sheets.append((attributes.get("name", ""), state, attribute(attributes, "id")))
            self._bound("sheets", len(self.sheets), self._package.limits.sheets)
        elif name == "definedName":
            self._open = attributes
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "0") in {"1", "true", "on"}

    def end(self, name: str) -> None:
        if name == "definedName" and self._open is not None:
            text = "".join(self._parts)
            index = self._open.get("localSheetId", "")
            scope = int(index) if index.isascii() and index.isdigit() and len(index) < 6 else None
            entry = DefinedName(name=self._open.get("name", ""), scope=scope, area=parse_area(text), text=text[:255])
            self.names.append(entry)
            self._open, self._parts = None, []
            self._bound("defined names", len(self.names), self._package.limits.names)

    def text(self, data: str) -> None:
        if self._open is not None:
            self._parts.append(data)

    def _bound(self, what: str, found: int, limit: int) -> None:
        if found > limit:
            self._package.refuse("returns-file-too-many", what=what, found=found, limit=limit)


def read_workbook_part(package: Package, part: str) -> WorkbookPart:
    """Read sheet list, defined names and date system."""
    handler = _WorkbookHandler(package)
    parse(package, part, handler)
    return WorkbookPart(sheets=tuple(handler.sheets), names=tuple(handler.names), from_1904=handler.from_1904)


class _StringsHandler:
    def __init__(self, package: Package, part: str) -> None:
        self.strings: list[str | Odd] = []
        self._package, self._part = package, part
        self._parts: list[str] = []
        self._phonetic = 0
        self._collecting = False

    def start(self, name: str, _attributes: Attributes) -> None:
        if name == "t":
            self._collecting = not self._phonetic
        elif name == "rPh":
            self._phonetic += 1

    def end(self, name: str) -> None:
        if name == "t":
            self._collecting = False
        elif name == "rPh":
            self._phonetic -= 1
        elif name == "si":
            self.add("".join(self._parts))
            self._parts = []

    def text(self, data: str) -> None:
        if self._collecting:
            self._parts.append(data)

    def add(self, text: str) -> None:
        """Take one text."""
        limits = self._package.limits
        if len(text) > limits.text_length:
            self._package.refuse("returns-file-long-text", part=self._part, limit=limits.text_length)
        self.strings.append(unescape(text))
        if len(self.strings) > limits.strings:
            found, limit = len(self.strings), limits.strings
            self._package.refuse("returns-file-too-many", what="texts", found=found, limit=limit)


def read_strings(package: Package, part: str) -> list[str | Odd]:
    """Read the shared strings; furigana and other phonetic runs are no part of an answer."""
    feed = Feed(package, part, _StringsHandler(package, part))
    data = b"".join(feed.chunks())
    texts = plain_strings(data)
    handler = _StringsHandler(package, part)
    if texts is None:
        parse(package, part, handler)
        return handler.strings
    feed.let_pass(data)
    feed.close()
    for text in texts:
        handler.add(text)
    return handler.strings


class _StylesHandler:
    def __init__(self, package: Package) -> None:
        self.dated: list[bool] = []
        self._package = package
        self._custom: dict[str, bool] = {}
        self._inside = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            self._custom[attributes.get("numFmtId", "")] = is_date_format(attributes.get("formatCode", ""))
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            number = attributes.get("numFmtId", "0")
            built_in = number.isascii() and number.isdigit() and int(number[:9]) in _BUILT_IN_DATES
            self.dated.append(self._custom.get(number, built_in))
        if len(self.dated) + len(self._custom) > self._package.limits.formats:
            limit = self._package.limits.formats
            self._package.refuse("returns-file-too-many", what="cell formats", found=limit + 1, limit=limit)

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False

    def text(self, data: str) -> None:
        """Styles have no text."""


def is_date_format(code: str) -> bool:
    """Return whether a number format shows a date or a time; quoted text, escapes and colours do not count."""
    return bool(_DATE_PART.search(_NO_DATE_PART.sub("", code[:_LAST_FORMAT_CODE])))


def read_styles(package: Package, part: str) -> list[bool]:
    """Return, for each cell format, whether it shows a date or a time."""
    handler = _StylesHandler(package)
    parse(package, part, handler)
    return handler.dated


class _RelationsHandler:
    def __init__(self) -> None:
        self.relations: dict[str, tuple[str, str, bool]] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if local(name) == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            external = attributes.get("TargetMode", "") == "External"
            self.relations[attributes.get("Id", "")] = (kind, attributes.get("Target", ""), external)

    def end(self, name: str) -> None:
        """Relations have no content."""

    def text(self, data: str) -> None:
        """Relations have no content."""


def read_relations(package: Package, part: str) -> dict[str, tuple[str, str, bool]]:
    """Return kind, target part and whether it is external, by relation id; empty where there is no relations part."""
    folder, name = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    if relations not in package:
        return {}
    handler = _RelationsHandler()
    parse(package, relations, handler)
    return {
        key: (kind, target if external else _part_name(folder, target), external)
        for key, (kind, target, external) in handler.relations.items()
    }


def _part_name(folder: str, target: str) -> str:
    joined = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
    return posixpath.normpath(joined)


class _PropertiesHandler:
    def __init__(self, package: Package) -> None:
        self.properties: dict[str, str] = {}
        self._package = package
        self._name = ""
        self._parts: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if local(name) == "property":
            self._name, self._parts = attributes.get("name", ""), []

    def end(self, name: str) -> None:
        if local(name) == "property" and self._name:
            self.properties[self._name] = "".join(self._parts).strip()
            self._name = ""
            if len(self.properties) > self._package.limits.properties:
                found, limit = len(self.properties), self._package.limits.properties
                self._package.refuse("returns-file-too-many", what="document properties", found=found, limit=limit)

    def text(self, data: str) -> None:
        if self._name:
            self._parts.append(data)


def read_properties(package: Package, part: str) -> dict[str, str]:
    """Return the custom document properties as text."""
    handler = _PropertiesHandler(package)
    parse(package, part, handler)
    return handler.properties
