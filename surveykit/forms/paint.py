"""Plans painted with openpyxl into bytes that are the same for the same plan."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook
from openpyxl.cell import Cell as ModelCell
from openpyxl.formatting.rule import Rule as FormatRule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles.cell_style import StyleArray
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from surveykit.forms import markup, styles
from surveykit.forms.container import pack
from surveykit.forms.pages import MARGIN
from surveykit.forms.places import column_letters
from surveykit.forms.plan import BookPlan, Page, Shade, SheetPlan

_STAMP: Final = "2000-01-01T00:00:00Z"  # fixed, so that equal input gives equal bytes
_CORE: Final = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_A4: Final = 9  # ECMA-376 part 1, 18.3.1.63: paper size A4
_EMPTY: Final = re.compile(r"<sheetData\s*/>|<sheetData></sheetData>")
_AREA: Final = re.compile(r"<dimension [^>]*/>")
_FIRST_FONT: Final = re.compile(rb"<font>.*?</font>", re.DOTALL)


def paint(plan: BookPlan) -> bytes:
    """Return the workbook of a plan as an xlsx file; equal plans give equal bytes."""
    return pack(paint_parts(plan)).content()


def paint_parts(plan: BookPlan) -> dict[str, bytes]:
    """Return the parts of the workbook of a plan.

    Parameters
    ----------
    plan : BookPlan

    Returns
    -------
    dict of str to bytes
        By part name.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    family = plan.font or styles.font_name(plan.language)
    painter = _Painter(book, family)
    for sheet in plan.sheets:
        painter.sheet(sheet)
    for name, target in plan.names.items():
        book.defined_names[name] = DefinedName(name, attr_text=target)
    _describe(book, plan)
    raw = io.BytesIO()
    bodies = [painter.body(sheet) for sheet in plan.sheets]  # before the styles are written: this names the last ones
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:
        ExcelWriter(book, archive).save()
    with zipfile.ZipFile(raw) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for number, body in enumerate(bodies, start=1):
        name = f"xl/worksheets/sheet{number}.xml"
        parts[name] = _with_body(parts[name].decode(), *body).encode()
    # The first font is that of the default style, whose digit is the unit of column widths.
    default = f'<font><name val="{escape(family)}"/><family val="2"/><sz val="11"/></font>'
    parts["xl/styles.xml"] = _FIRST_FONT.sub(default.encode(), parts["xl/styles.xml"], count=1)
    return parts | {"docProps/core.xml": _core(plan.title, plan.language)}


def _with_body(sheet: str, area: str, data: str, later: str) -> str:
    """Put cells, validations and links where the schema wants them: validations and links come before print options."""
    sheet = _AREA.sub(f'<dimension ref="{area}"/>', sheet, count=1)
    before, after = _EMPTY.split(sheet, maxsplit=1)
    middle, options, rest = after.partition("<printOptions")
    return f"{before}{data}{middle}{later}{options}{rest}"


def _describe(book: Workbook, plan: BookPlan) -> None:
    custom: Any = getattr(book, "custom_doc_props")  # noqa: B009  # the type stubs do not know it
    for name, value in plan.properties.items():
        custom.append(StringProperty(name=name, value=value))
    book.calculation.fullCalcOnLoad = True
    book.active = next(index for index, sheet in enumerate(plan.sheets) if sheet.state == "visible")


def _core(title: str, language: str) -> bytes:
    """Return the core properties: openpyxl would write the clock's time into them."""
    stamp = f'xsi:type="dcterms:W3CDTF">{_STAMP}</dcterms'
    return (
        f'<cp:coreProperties xmlns:cp="{_CORE}" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>surveykit</dc:creator>"
        f"<dcterms:created {stamp}:created><dcterms:modified {stamp}:modified>"
        f"<dc:language>{escape(language)}</dc:language></cp:coreProperties>"
    ).encode()


class _Painter:
    """Paints sheets of one workbook; keeps one style array a style name."""

    def __init__(self, book: Workbook, family: str) -> None:
        self._book = book
        self._family = family
        self._arrays: dict[str, StyleArray] = {}
        self._ids: dict[str, int] = {}
        self._runs: dict[str, str] = {}

    def sheet(self, plan: SheetPlan) -> None:
        """Make a sheet with everything but its cells, validations and links."""
        sheet = self._book.create_sheet(plan.name)
        sheet.sheet_state = plan.state
        for area in plan.merges:
            sheet.merged_cells.add(area)  # merge_cells would make a cell of each
        self._columns(sheet, plan)
        for priority, shade in enumerate(plan.shades, start=1):
            sheet.conditional_formatting.add(shade.cells, _format(shade, priority))
        _view(sheet, plan)
        _protect(sheet)
        _print(sheet, plan.page)

    def body(self, plan: SheetPlan) -> tuple[str, str, str]:
        """Return the area of a sheet, its cells, and its validations and links, as XML."""
        data = markup.sheet_data(plan, self._style_id, self._inline)
        return markup.area(plan.cells), data, markup.validations(plan.rules) + markup.links(plan.cells)

    def _style_id(self, style: str, quote: bool) -> int:  # noqa: FBT001  # called for each of many thousand cells
        key = f"{style}'" if quote else style
        if key not in self._ids:
            table: Any = self._book
            array = self._array(self._book.worksheets[0], style, quote=quote)
            self._ids[key] = table._cell_styles.add(array)  # noqa: SLF001  # no public way says a style's index
        return self._ids[key]

    def _inline(self, name: str) -> str:
        if name not in self._runs:
            size, italic, color = styles.inline(name)
            slanted = "<i/>" if italic else ""
            properties = f'{slanted}<sz val="{size:g}"/><color rgb="{color}"/><rFont val={quoteattr(self._family)}/>'
            self._runs[name] = f"<rPr>{properties}</rPr>"
        return self._runs[name]

    def _columns(self, sheet: Worksheet, plan: SheetPlan) -> None:
        for index in sorted({*plan.widths, *plan.hidden_columns, *plan.column_styles}):
            column: Any = sheet.column_dimensions[column_letters(index)]
            if index in plan.widths:
                column.width = plan.widths[index]
            column.hidden = index in plan.hidden_columns
            if index in plan.column_styles:
                column._style = self._array(sheet, plan.column_styles[index])  # noqa: SLF001  # as for cells

    def _array(self, sheet: Worksheet, style: str, *, quote: bool = False) -> StyleArray:
        key = f"{style}'" if quote else style
        if key not in self._arrays:
            look = styles.look(style)
            model: Any = ModelCell(sheet, row=1, column=1)
            model.font = styles.font(look, self._family)
            model.fill = styles.fill(look)
            model.border = styles.border(look)
            model.alignment = styles.alignment(look)
            model.protection = styles.protection(look)
            model.number_format = look.number_format
            model.quotePrefix = quote
            self._arrays[key] = model._style  # noqa: SLF001  # as for cells
        return self._arrays[key]


def _format(shade: Shade, priority: int) -> FormatRule:
    return FormatRule(type="expression", formula=[shade.formula], dxf=styles.shade(shade.style), priority=priority)


def _view(sheet: Worksheet, plan: SheetPlan) -> None:
    if plan.freeze:
        sheet.freeze_panes = plan.freeze
    if plan.tab:
        sheet.sheet_properties.tabColor = plan.tab
    sheet.sheet_view.showGridLines = False


def _protect(sheet: Worksheet) -> None:
    protection = sheet.protection
    protection.sheet = True
    protection.objects = protection.scenarios = False
    protection.formatColumns = protection.formatRows = False  # False allows it


def _print(sheet: Worksheet, page: Page) -> None:
    setup = sheet.page_setup
    setup.paperSize = _A4
    setup.orientation = "landscape" if page.landscape else "portrait"
    setup.fitToWidth, setup.fitToHeight = 1, int(page.whole)
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = MARGIN[0]
    margins.top = margins.bottom = MARGIN[1]  # room for header and footer
    margins.header = margins.footer = 0.3  # inches
    if page.area:
        sheet.print_area = page.area
    if page.titles:
        sheet.print_title_rows = page.titles
    for row in page.breaks:
        sheet.row_breaks.append(Break(id=row))
    _head_and_foot(sheet, page)


def _head_and_foot(sheet: Worksheet, page: Page) -> None:
    sides: Any = ((sheet.oddHeader, page.header), (sheet.oddFooter, page.footer))
    for part, text in sides:
        left, _, right = text.partition("\t")
        left = left.replace("&", "&&")  # one begins a code: ECMA-376 part 1, 18.3.1.46
        part.left.text, part.right.text = left or None, right or None
        part.left.size = part.right.size = 8  # points
