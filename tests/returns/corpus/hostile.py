"""Files that no form can be: attacks, damage and slips, made by code; none of them is kept as a file."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from corpus import bricks, village

from surveykit.questionnaire.structure import Questionnaire

MAIN_SHEET = "xl/worksheets/sheet1.xml"
BOOK = "xl/workbook.xml"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of hostile or broken file, and the finding that it must end as.

    An empty ``code`` means that the file must be read as if nothing were wrong: the attack has no hold on us.
    """

    name: str
    code: str
    data: bytes
    suffix: str = ".xlsx"


def kinds(questionnaire: Questionnaire) -> Iterator[Kind]:
    """Make every kind."""
    good = village.booklet(questionnaire, village.GOOD)
    for group in (_containers, _markup, _sheets, _books, _foreign):
        yield from group(good)


def changed(good: Mapping[str, bytes], part: str, change: Callable[[bytes], bytes]) -> bytes:
    return bricks.pack({**good, part: change(good[part])})


def _sheet(name: str, code: str, good: bricks.Parts, rows: str, *, after: str = "") -> Kind:
    def add(xml: bytes) -> bytes:
        xml = xml.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
        return xml.replace(b"</worksheet>", after.encode() + b"</worksheet>")

    return Kind(name=name, code=code, data=changed(good, MAIN_SHEET, add))


def _containers(good: bricks.Parts) -> Iterator[Kind]:
    packed = bricks.pack(good)
    yield Kind(name="empty file", code="returns-file-no-workbook", data=b"")
    yield Kind(name="random bytes", code="returns-file-no-workbook", data=bytes(range(256)) * 40)
    yield Kind(name="cut in the middle", code="returns-file-damaged", data=packed[: len(packed) // 2])
    yield Kind(name="cut at the end", code="returns-file-damaged", data=packed[:-8])
    yield Kind(name="first kilobyte only", code="returns-file-damaged", data=packed[:1024])
    yield Kind(name="bits flipped in a part", code="returns-file-damaged", data=_flipped(good))
    yield Kind(name="zip without a workbook", code="returns-file-no-workbook", data=bricks.pack({"a.txt": b"a"}))
    yield Kind(name="empty zip", code="returns-file-no-workbook", data=bricks.pack({}))
    yield Kind(name="part twice", code="returns-file-duplicate-part", data=_doubled(good, MAIN_SHEET))
    yield Kind(
        name="part twice in other case", code="returns-file-duplicate-part", data=_doubled(good, "XL/workbook.xml")
    )
    for name in ("../outside.xml", "/etc/passwd", "c:\\windows", "xl/a\0b.xml", "xl/../../b"):
        data = bricks.pack({**good, name.replace("\0", "?"): b"x"}).replace(b"xl/a?b.xml", b"xl/a\0b.xml")
        yield Kind(name=f"part named {name!r}", code="returns-file-unsafe-name", data=data)
    yield Kind(name="encrypted member", code="returns-file-encrypted", data=_encrypted_flag(packed))
    yield Kind(name="5,000 members", code="returns-file-too-many", data=bricks.pack({**good, **_many(5_000)}))
    yield Kind(name="unknown compression", code="returns-file-damaged", data=_method(packed))
    yield Kind(name="bzip2 member", code="returns-file-damaged", data=bricks.pack(good, method=zipfile.ZIP_BZIP2))
    yield Kind(name="blanks that inflate 1,000 to 1", code="returns-file-bomb", data=_blanks(good, 40))
    yield Kind(name="overlapping members", code="returns-file-bomb", data=_overlapping())
    yield Kind(name="declared smaller than it is", code="returns-file-damaged", data=_lying(good))
    missing = {name: data for name, data in good.items() if name != MAIN_SHEET}
    yield Kind(name="sheet part missing", code="returns-file-part-missing", data=bricks.pack(missing))
    no_links = {name: data for name, data in good.items() if name != "xl/_rels/workbook.xml.rels"}
    yield Kind(name="workbook links missing", code="returns-file-part-missing", data=bricks.pack(no_links))
    no_root = {name: data for name, data in good.items() if name != "_rels/.rels"}
    yield Kind(name="root links missing", code="returns-file-no-workbook", data=bricks.pack(no_root))


def _markup(good: bricks.Parts) -> Iterator[Kind]:
    lol = "".join(
        f'<!ENTITY l{n} "{"&l" + str(n - 1) + ";" if n else "ha"}{"&l" + str(n - 1) + ";" if n else ""}">'
        for n in range(20)
    )
    doctypes = {
        "billion laughs": f"<!DOCTYPE x [{lol}]>",
        "quadratic blow-up": f'<!DOCTYPE x [<!ENTITY a "{"a" * 5000}">]>',
        "external entity, file": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
        "external entity, network": '<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/e">]>',
        "external document type": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
        "bare document type": "<!DOCTYPE worksheet>",
    }
    for name, doctype in doctypes.items():
        add = _after_head(doctype)
        yield Kind(name=name, code="returns-file-document-type", data=changed(good, MAIN_SHEET, add))
    for part in (BOOK, "_rels/.rels", "docProps/custom.xml", "xl/_rels/workbook.xml.rels"):
        data = changed(good, part, _after_head("<!DOCTYPE x>"))
        yield Kind(name=f"document type in {part}", code="returns-file-document-type", data=data)
    wide = good[MAIN_SHEET].decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    yield Kind(
        name="UTF-16 sheet", code="returns-file-not-utf8", data=bricks.pack({**good, MAIN_SHEET: wide.encode("utf-16")})
    )
    bare = wide.partition("?>")[2].strip()
    data = bricks.pack({**good, MAIN_SHEET: bare.encode("utf-16-le")})
    yield Kind(name="UTF-16 without a mark", code="returns-file-not-utf8", data=data)
    latin = changed(good, MAIN_SHEET, lambda xml: xml.replace(b'"UTF-8"', b'"ISO-8859-1"'))
    yield Kind(name="declared Latin-1", code="returns-file-not-utf8", data=latin)
    bad = changed(good, MAIN_SHEET, lambda xml: xml.replace(b"Kim", b"\xff\xfe\xff"))
    yield Kind(name="bytes that are no UTF-8", code="returns-file-not-xml", data=bad)
    yield Kind(name="unclosed XML", code="returns-file-not-xml", data=changed(good, MAIN_SHEET, lambda xml: xml[:-20]))
    yield Kind(
        name="unknown entity",
        code="returns-file-not-xml",
        data=changed(good, MAIN_SHEET, lambda xml: xml.replace(b"Kim", b"&who;")),
    )
    nul = changed(good, MAIN_SHEET, lambda xml: xml.replace(b"Kim", b"K\0m"))
    yield Kind(name="NUL in a text", code="returns-file-not-xml", data=nul)
    deep = "<a>" * 5_000 + "</a>" * 5_000
    yield _sheet("5,000 nested elements after the rows", "returns-file-too-deep", good, "", after=deep)
    yield Kind(
        name="nested properties",
        code="returns-file-too-deep",
        data=changed(good, "docProps/custom.xml", _before_end(deep)),
    )
    yield Kind(name="nested workbook", code="returns-file-too-deep", data=changed(good, BOOK, _before_end(deep)))
    comment = f"<!--{'x' * 3_000_000}-->"
    yield Kind(name="long comment", code="", data=changed(good, MAIN_SHEET, _before_end(comment)))
    attributes = " ".join(f'a{n}="1"' for n in range(20_000))
    yield _sheet("element with 20,000 attributes", "", good, "", after=f"<x {attributes}/>")


def _sheets(good: bricks.Parts) -> Iterator[Kind]:
    order = "returns-file-cell-order"
    far = "returns-file-far-cell"
    yield _sheet("cell at XFD1048576", far, good, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    yield _sheet("cell at A1048576", far, good, '<row r="1048576"><c r="A1048576"><v>1</v></c></row>')
    yield _sheet("cell in column XFD", far, good, '<row r="900"><c r="XFD900"><v>1</v></c></row>')
    yield _sheet("cell beyond XFD", order, good, '<row r="900"><c r="XFE900"><v>1</v></c></row>')
    yield _sheet("row number of 30 digits", order, good, f'<row r="{"9" * 30}"><c r="A1"><v>1</v></c></row>')
    yield _sheet("row number zero", order, good, '<row r="0"/>')
    yield _sheet("negative row number", order, good, '<row r="-1"/>')
    yield _sheet("row given twice", order, good, '<row r="3"><c r="D3"><v>1</v></c></row>')
    yield _sheet("cell given twice", order, good, '<row r="900"><c r="A900"><v>1</v></c><c r="A900"><v>2</v></c></row>')
    yield _sheet(
        "cells out of order", order, good, '<row r="900"><c r="C900"><v>1</v></c><c r="A900"><v>2</v></c></row>'
    )
    yield _sheet("cell of another row", order, good, '<row r="900"><c r="A901"><v>1</v></c></row>')
    yield _sheet("cell in a cell", order, good, '<row r="900"><c r="A900"><c r="B900"><v>1</v></c></c></row>')
    yield _sheet("row in a row", order, good, '<row r="900"><row r="901"/></row>')
    yield _sheet("cell outside a row", order, good, '<c r="A900"><v>1</v></c>')
    yield _sheet("cell without a column", order, good, '<row r="900"><c r="900"><v>1</v></c></row>')
    yield _sheet(
        "text of a megabyte",
        "returns-file-long-text",
        good,
        f'<row r="900">{bricks.cell(900, 1, "x" * 1_000_000)}</row>',
    )
    empty = "".join(f'<row r="{row}"/>' for row in range(1_000, 300_000))
    yield _sheet("300,000 empty rows", "", good, empty)
    merge = '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    yield _sheet("merge of the whole sheet", "returns-file-too-many", good, "", after=merge)
    merges = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 30_000))
    yield _sheet("30,000 merges", "returns-file-too-many", good, "", after=f"<mergeCells>{merges}</mergeCells>")
    yield _sheet("merge of nonsense", order, good, "", after='<mergeCells><mergeCell ref="hello"/></mergeCells>')
    formats = "".join(f'<conditionalFormatting sqref="A{n}"/>' for n in range(50_000))
    yield _sheet("50,000 conditional formats", "", good, "", after=formats)
    dimension = changed(good, MAIN_SHEET, lambda xml: xml.replace(b"<sheetData>", b'<dimension ref="A1"/><sheetData>'))
    yield Kind(name="dimension that says A1", code="", data=dimension)
    strict = {
        name: data.replace(bricks.MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
        for name, data in good.items()
    }
    yield Kind(name="Strict Open XML", code="", data=bricks.pack(strict))
    prefixed = _prefixed(good[MAIN_SHEET])
    yield Kind(name="prefixed elements", code="", data=bricks.pack({**good, MAIN_SHEET: prefixed}))


def _books(good: bricks.Parts) -> Iterator[Kind]:
    names = "".join(bricks.name_xml(f"x{n}", "Main!$A$1") for n in range(70_000))
    yield Kind(
        name="70,000 defined names",
        code="returns-file-too-many",
        data=changed(good, BOOK, _inside(b"<definedNames>", names)),
    )
    sheets = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(10, 700))
    yield Kind(name="700 sheets", code="returns-file-too-many", data=changed(good, BOOK, _inside(b"<sheets>", sheets)))
    many = bricks.properties_xml({f"p{n}": "x" for n in range(2_000)})
    yield Kind(
        name="2,000 properties", code="returns-file-too-many", data=bricks.pack({**good, "docProps/custom.xml": many})
    )
    strings = f'{bricks.HEAD}<sst xmlns="{bricks.MAIN}"><si><t>{"x" * 1_000_000}</t></si></sst>'.encode()
    references = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(900, 1_400))
    yield Kind(
        name="shared text of a megabyte, 500 times",
        code="returns-file-long-text",
        data=_with_strings(good, strings, references),
    )
    styles = f'{bricks.HEAD}<styleSheet xmlns="{bricks.MAIN}"><cellXfs>{"<xf/>" * 80_000}</cellXfs></styleSheet>'
    yield Kind(name="80,000 cell formats", code="returns-file-too-many", data=_with_styles(good, styles.encode()))
    binary = changed(good, "_rels/.rels", lambda xml: xml.replace(b"xl/workbook.xml", b"xl/workbook.bin"))
    yield Kind(name="binary workbook", code="returns-file-binary-workbook", data=binary, suffix=".xlsb")
    external = changed(
        good, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"/>", b' TargetMode="External"/>', 1)
    )
    yield Kind(name="sheet at another address", code="returns-file-part-missing", data=external)
    away = changed(
        good, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"worksheets/sheet1.xml", b"../../../sheet.xml", 1)
    )
    yield Kind(name="sheet outside the container", code="returns-file-part-missing", data=away)
    macros = bricks.pack({**good, "xl/vbaProject.bin": b"macro"})
    yield Kind(name="macros", code="returns-file-macros", data=macros, suffix=".xlsm")
    link = f'<Relationship Id="rIdX" Type="{bricks.RELATIONS}/externalLink" Target="externalLinks/e1.xml"/>'
    linked = changed(good, "xl/_rels/workbook.xml.rels", _before_end(link))
    yield Kind(name="links to other files", code="returns-file-external-links", data=linked)


def _foreign(good: bricks.Parts) -> Iterator[Kind]:
    yield Kind(
        name="web page", code="returns-file-no-workbook", data=b"<html><table><tr><td>1</td></tr></table></html>"
    )
    yield Kind(name="PDF", code="returns-file-no-workbook", data=b"%PDF-1.7\n" + b"x" * 100)
    yield Kind(name="picture", code="returns-file-no-workbook", data=b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    yield Kind(name="text document", code="returns-file-no-workbook", data=b"{\\rtf1 hello}")
    yield Kind(name="password-protected workbook", code="returns-file-encrypted", data=_ole("EncryptedPackage"))
    yield Kind(name="wrong extension", code="returns-file-wrong-extension", data=bricks.pack(good), suffix=".xls")
    yield Kind(
        name="csv that is no UTF-8", code="returns-file-not-utf8", data="HID\n가\n".encode("euc-kr"), suffix=".csv"
    )
    yield Kind(name="csv with a NUL", code="returns-file-no-workbook", data=b"HID\n10\0\n", suffix=".csv")
    yield Kind(name="csv with an open quote", code="returns-file-damaged", data=b'HID,prov\n1008,"1\n', suffix=".csv")
    yield Kind(name="csv of 5,000 columns", code="returns-file-far-cell", data=b"HID" + b",x" * 5_000, suffix=".csv")
    yield Kind(name="csv of something else", code="returns-no-answers-found", data=b"a,b\n1,2\n", suffix=".csv")


def _flipped(good: bricks.Parts) -> bytes:
    packed = bytearray(bricks.pack(good))
    start = packed.find(MAIN_SHEET.encode()) + len(MAIN_SHEET) + 40
    packed[start : start + 20] = bytes(byte ^ 0xFF for byte in packed[start : start + 20])
    return bytes(packed)


def _doubled(good: bricks.Parts, name: str) -> bytes:
    hidden = "Q" * len(name)
    return bricks.pack({**good, hidden: b"<x/>"}).replace(hidden.encode(), name.encode())


def _encrypted_flag(packed: bytes) -> bytes:
    data = bytearray(packed)
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 8] |= 1  # general purpose bit 0 of the central directory
        at += 4
    return bytes(data)


def _method(packed: bytes) -> bytes:
    data = bytearray(packed)
    at = data.find(b"PK\x01\x02")
    data[at + 10 : at + 12] = struct.pack("<H", 97)
    return bytes(data)


def _many(count: int) -> bricks.Parts:
    return {f"xl/media/{number}.bin": b"" for number in range(count)}


def _blanks(good: bricks.Parts, megabytes: int) -> bytes:
    blanks = b" " * (megabytes * 1024 * 1024)
    return changed(good, MAIN_SHEET, lambda xml: xml.replace(b"</sheetData>", blanks + b"</sheetData>"))


def _overlapping() -> bytes:
    """Let two directory entries share the bytes of one member."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.xml", b"x" * 100)
        archive.writestr("b.xml", b"x" * 100)
        archive.filelist[1].header_offset = archive.filelist[0].header_offset
    return target.getvalue()


def _lying(good: bricks.Parts) -> bytes:
    data = bytearray(bricks.pack(good))
    at = data.rindex(MAIN_SHEET.encode()) - 46  # a directory entry has 46 bytes before its name
    data[at + 24 : at + 28] = struct.pack("<I", 10)  # declared inflated size
    return bytes(data)


def _after_head(text: str) -> Callable[[bytes], bytes]:
    return lambda xml: xml.replace(bricks.HEAD.encode(), bricks.HEAD.encode() + text.encode(), 1)


def _before_end(text: str) -> Callable[[bytes], bytes]:
    def add(xml: bytes) -> bytes:
        at = xml.rindex(b"</")
        return xml[:at] + text.encode() + xml[at:]

    return add


def _inside(tag: bytes, text: str) -> Callable[[bytes], bytes]:
    return lambda xml: xml.replace(tag, tag + text.encode(), 1)


def _prefixed(xml: bytes) -> bytes:
    text = xml.decode().replace('xmlns="', 'xmlns:x="')
    for name in ("worksheet", "sheetData", "row", "c ", "v>", "is>", "t ", "t>"):
        text = text.replace(f"<{name}", f"<x:{name}").replace(f"</{name}", f"</x:{name}")
    return text.replace("</c>", "</x:c>").encode()


def _with_strings(good: bricks.Parts, strings: bytes, rows: str) -> bytes:
    link = f'<Relationship Id="rIdT" Type="{bricks.RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
    links = _before_end(link)(good["xl/_rels/workbook.xml.rels"])
    sheet = good[MAIN_SHEET].replace(b"</sheetData>", rows.encode() + b"</sheetData>")
    return bricks.pack(
        {**good, "xl/_rels/workbook.xml.rels": links, MAIN_SHEET: sheet, "xl/sharedStrings.xml": strings}
    )


def _with_styles(good: bricks.Parts, styles: bytes) -> bytes:
    link = f'<Relationship Id="rIdF" Type="{bricks.RELATIONS}/styles" Target="styles.xml"/>'
    links = _before_end(link)(good["xl/_rels/workbook.xml.rels"])
    return bricks.pack({**good, "xl/_rels/workbook.xml.rels": links, "xl/styles.xml": styles})


def _ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + stream.encode("utf-16-le") + b"\0" * 512
