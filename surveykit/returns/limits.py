"""How much a returned file may ask of the machine: every limit of the readers in one place.

A form is small. What no form can be is refused before it costs memory or time, whatever the rest of the file says.
Sizes are counted while a part is inflated, never taken from what the file declares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one returned file.

    Parameters
    ----------
    file_bytes : int
        Size of the file on disk.
    members : int
        Entries of the zip container.
    part_bytes : int
        Inflated size of one part.
    total_bytes : int
        Inflated size of all parts that are read.
    ratio, ratio_from : int
        Largest inflated to compressed size of a part, looked at from ``ratio_from`` inflated bytes on.
    depth : int
        Nesting of XML elements.
    sheets, names, properties, formats : int
        Counted elements of the workbook.
    strings : int
        Shared strings.
    text_length : int
        Characters of one text.
    rows, columns, cells : int
        Last row and column that may hold something, and row or cell elements in one sheet.
    merges, merged_cells : int
        Merged ranges of a sheet, and cells that all of them cover.
    worker_seconds, worker_bytes : int
        Time and address space of a worker that reads xls and ods.
    """

    file_bytes: int = 128 * MIB  # a list of 10,000 respondents by 400 answers takes 20 MiB; six times that
    members: int = 4_000  # one drawing a sheet, two parts each, would still be far from it
    part_bytes: int = 512 * MIB  # the same list has 160 MiB of sheet XML
    total_bytes: int = 1024 * MIB  # twice one part
    ratio: int = 250  # formatted blank cells compress near 100 to 1; blanks alone reach 1,000 to 1
    ratio_from: int = 4 * MIB  # small parts may be regular without doing harm
    depth: int = 64  # a drawing-rich workbook nests about 20 levels
    sheets: int = 512  # a copied sheet is another respondent; some hundreds are the most anyone copies
    names: int = 60_000  # answers of a booklet, times copied sheets
    properties: int = 1_000  # the form writes about a dozen
    formats: int = 70_000  # Excel itself stops at 65,490 cell formats
    strings: int = 4_000_000  # one text in each cell of the largest list
    text_length: int = 32_767  # Excel's own limit of a cell
    rows: int = 120_000  # ten times the largest list planned
    columns: int = 4_096  # 820 questions, each select-multiple a column a code, take under 2,000
    cells: int = 24_000_000  # six times a list of 10,000 by 400
    merges: int = 20_000  # forms merge nothing; titles that people add merge a few
    merged_cells: int = 1_000_000  # a merge of whole columns is a slip, one of the whole sheet an attack
    worker_seconds: int = 20  # measured: 1.3 ms an honest workbook, so 20 s is no workbook
    worker_bytes: int = 1024 * MIB  # measured: one far cell takes python-calamine beyond it


DEFAULT: Final = Limits()
