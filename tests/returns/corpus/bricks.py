"""Workbooks built from raw XML, so that tests can write what no library would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
VARIANTS = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Cell = str | int | float | None
Parts = dict[str, bytes]


def raw(xml: str) -> str:
    """Mark a cell whose XML is given as it is."""
    return "\0" + xml


def letters(column: int) -> str:
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def cell(row: int, column: int, value: Cell) -> str:
    reference = f"{letters(column)}{row}"
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith("\0"):
        return value[1:].replace("{r}", reference)
    if isinstance(value, str):
        return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{reference}"><v>{value!r}</v></c>'


def rows_xml(rows: Mapping[int, Mapping[int, Cell]]) -> str:
    return "".join(
        f'<row r="{row}">{"".join(cell(row, column, value) for column, value in sorted(cells.items()))}</row>'
        for row, cells in sorted(rows.items())
    )


def sheet_xml(rows: Mapping[int, Mapping[int, Cell]], *, after: str = "", head: str = HEAD) -> bytes:
    return f'{head}<worksheet xmlns="{MAIN}"><sheetData>{rows_xml(rows)}</sheetData>{after}</worksheet>'.encode()


def properties_xml(properties: Mapping[str, str]) -> bytes:
    inner = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{number}" name="{escape(name)}">'
        f"<vt:lpwstr>{escape(value)}</vt:lpwstr></property>"
        for number, (name, value) in enumerate(properties.items(), 2)
    )
    return f'{HEAD}<Properties xmlns="{PROPERTIES}" xmlns:vt="{VARIANTS}">{inner}</Properties>'.encode()


def name_xml(name: str, target: str, scope: int | None = None) -> str:
    local = "" if scope is None else f' localSheetId="{scope}"'
    return f'<definedName name="{escape(name)}"{local}>{escape(target)}</definedName>'


def book_parts(
    sheets: Mapping[str, bytes],
    *,
    names: Sequence[str] = (),
    properties: Mapping[str, str] | None = None,
    from_1904: bool = False,
    hidden: Sequence[str] = (),
    styles: bytes = b"",
) -> Parts:
    """Return the parts of a workbook by name."""
    titles = list(sheets)
    listed = "".join(
        f'<sheet name="{escape(title)}" sheetId="{number}" r:id="rId{number}"'
        f"{' state=' + chr(34) + 'hidden' + chr(34) if title in hidden else ''}/>"
        for number, title in enumerate(titles, 1)
    )
    system = '<workbookPr date1904="1"/>' if from_1904 else ""
    workbook = (
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{system}<sheets>{listed}</sheets>'
        f"<definedNames>{''.join(names)}</definedNames></workbook>"
    )
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(titles) + 1)
    )
    links += f'<Relationship Id="rIdS" Type="{RELATIONS}/styles" Target="styles.xml"/>' if styles else ""
    root = f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
    root += f'<Relationship Id="rId2" Type="{RELATIONS}/custom-properties" Target="docProps/custom.xml"/>'
    parts: Parts = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{TYPES}"/>'.encode(),
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}">{root}</Relationships>'.encode(),
        "xl/workbook.xml": workbook.encode(),
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}">{links}</Relationships>'.encode(),
    }
    parts |= {f"xl/worksheets/sheet{number}.xml": xml for number, xml in enumerate(sheets.values(), 1)}
    if properties:
        parts["docProps/custom.xml"] = properties_xml(properties)
    if styles:
        parts["xl/styles.xml"] = styles
    return parts


def pack(parts: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target.getvalue()
