"""Values typed into the cells of a workbook that exists, as a person does who opens, fills and saves it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.sax.saxutils import escape, unescape

Value = str | int | float | date
Typed = Mapping[str, Mapping[str, Value]]  # by sheet and cell

_BOOK: Final = "xl/workbook.xml"
_LINKS: Final = "xl/_rels/workbook.xml.rels"
_SHEET: Final = re.compile(r"<sheet\b[^>]*>")
_LINK: Final = re.compile(r"<Relationship\b[^>]*>")
_PAIR: Final = re.compile(r'([A-Za-z:]+)="([^"]*)"')
_EMPTY: Final = re.compile(r'<c r="([A-Z]+[0-9]+)"((?: [a-z]+="[^"]*")*)\s*(?:/>|></c>)')
_STYLE: Final = re.compile(r' s="[0-9]+"')
_COLUMN: Final = re.compile(r"<col\b[^>]*>")
_DAY_ZERO: Final = date(
    1899, 12, 30
)  # serial 0 of Excel's 1900 system after its 29 February 1900 (ECMA-376, 18.17.4.1)
_ENTITIES: Final = {"&quot;": '"', "&apos;": "'"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook:
    """A workbook taken apart once, to be filled many times.

    Parameters
    ----------
    parts : mapping of str to bytes
        By part name, in the order of the file.
    sheets : mapping of str to str
        Part of each sheet, by its name.
    """

    parts: Mapping[str, bytes]
    sheets: Mapping[str, str]


def opened(content: bytes) -> Workbook:
    """Take a workbook apart.

    Parameters
    ----------
    content : bytes
        An ``.xlsx`` file.

    Returns
    -------
    Workbook
    """
    with zipfile.ZipFile(io.BytesIO(content)) as container:
        parts = {name: container.read(name) for name in container.namelist()}
    targets = {}
    for link in _LINK.findall(parts[_LINKS].decode()):
        named = dict(_PAIR.findall(link))
        targets[named["Id"]] = named["Target"]
    sheets = {}
    for sheet in _SHEET.findall(parts[_BOOK].decode()):
        named = dict(_PAIR.findall(sheet))
        target = targets[named["r:id"]]
        sheets[unescape(named["name"], _ENTITIES)] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return Workbook(parts=parts, sheets=sheets)


def filled(workbook: Workbook, typed: Typed) -> bytes:
    """Return the file with values in its empty cells.

    Parameters
    ----------
    workbook : Workbook
    typed : mapping of sheet name to mapping of cell to value
        Cells that hold something already keep it.

    Returns
    -------
    bytes
        Formulas keep the values that they had when the form was written: nothing is recalculated.
    """
    changed = {
        workbook.sheets[name]: _written(workbook.parts[workbook.sheets[name]], cells)
        for name, cells in typed.items()
        if cells
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as container:
        for name, part in workbook.parts.items():
            container.writestr(
                zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), changed.get(name, part), zipfile.ZIP_DEFLATED
            )
    return stream.getvalue()


def _written(part: bytes, cells: Mapping[str, Value]) -> bytes:
    text = part.decode()
    waiting = dict(cells)

    def put(found: re.Match[str]) -> str:
        value = waiting.pop(found[1], None)
        style = _STYLE.search(found[2])
        return found[0] if value is None else _cell(found[1], style[0] if style else "", value)

    text = _EMPTY.sub(put, text)
    return (_appended(text, waiting) if waiting else text).encode()


def _appended(text: str, cells: Mapping[str, Value]) -> str:
    """Put rows that the sheet does not have yet after its last one; cells of rows that it has stay out."""
    there = {int(row) for row in re.findall(r'<row r="([0-9]+)"', text)}
    styles = _column_styles(text)
    rows: dict[int, list[tuple[str, Value]]] = {}
    for cell, value in cells.items():
        letters = cell.rstrip("0123456789")
        rows.setdefault(int(cell[len(letters) :]), []).append((letters, value))
    made = "".join(
        f'<row r="{row}">{_row(row, cells_of, styles)}</row>'
        for row, cells_of in sorted(rows.items())
        if row not in there
    )
    return text.replace("<sheetData/>", "<sheetData></sheetData>").replace("</sheetData>", made + "</sheetData>", 1)


def _row(row: int, cells: Iterable[tuple[str, Value]], styles: Mapping[int, str]) -> str:
    ordered = sorted((_number(letters), letters, value) for letters, value in cells)
    return "".join(_cell(f"{letters}{row}", styles.get(column, ""), value) for column, letters, value in ordered)


def _column_styles(text: str) -> dict[int, str]:
    styles: dict[int, str] = {}
    for column in _COLUMN.findall(text.partition("<sheetData")[0]):
        named = dict(_PAIR.findall(column))
        if "style" in named:
            reach = range(int(named["min"]), int(named["max"]) + 1)
            styles |= dict.fromkeys(reach, f' s="{named["style"]}"')
    return styles


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1  # 26 letters
    return number


def _cell(name: str, style: str, value: Value) -> str:
    if isinstance(value, str):
        return f'<c r="{name}"{style} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    number = (value - _DAY_ZERO).days if isinstance(value, date) else value
    return f'<c r="{name}"{style}><v>{number!r}</v></c>'
