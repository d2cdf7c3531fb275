"""Writing tables to files: the format follows the suffix, each writer loads only when it is asked for."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol, cast

from surveykit.errors import ReportingError
from surveykit.findings import Finding, Place, finding
from surveykit.reporting.labels import Wording
from surveykit.reporting.layouts import one_of
from surveykit.reporting.printed import clean, note_lines, printed_cell, printed_columns
from surveykit.reporting.table import Digits, Row, Table, live_value

_WRITERS: Final[Mapping[str, str]] = {".xlsx": "workbook", ".html": "webpage", ".docx": "word"}
_SUFFIXES: Final = (".csv", ".docx", ".html", ".md", ".xlsx")
_FORMULA: Final = frozenset(
    "=+-@\t\r＝＋－＠"
)  # signs with which spreadsheets start a formula, full-width ones too (OWASP)


class _Writer(Protocol):
    def rendered(self, tables: Sequence[Table], digits: Digits | None) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A file that was written.

    Parameters
    ----------
    path : Path
    format : str
        Suffix without its point.
    sha256 : str
        Hash of the bytes written.
    options : mapping
        How it was written: digits, formula guard.
    """

    path: Path
    format: str
    sha256: str
    options: Mapping[str, object] = field(default_factory=dict)


def lacking(suffix: str) -> Finding | None:
    """Return what is lacking to write a kind of file, as a note; None where nothing is.

    Parameters
    ----------
    suffix : str
        Such as ``.docx``.
    """
    if suffix != ".docx" or find_spec("docx") is not None:
        return None
    return finding("report-extra-missing", severity="info", suffix=suffix, package="python-docx", extra="docx")


def publish(
    tables: Table | Sequence[Table],
    path: str | Path,
    *,
    digits: Digits | None = None,
    guard_formulas: bool = True,
    notes: bool = False,
) -> Publication:
    """Write tables to a file; its suffix says the format.

    Parameters
    ----------
    tables : Table or sequence of Table
        Several become sheets of a workbook or follow each other on a page; a CSV file takes one.
    path : str or Path
        Ends in ``.xlsx`` (live numbers), ``.html`` (one file that asks nothing of a network), ``.docx`` (needs the
        extra ``docx``), ``.md`` or ``.csv``.
    digits : {"full", "printed"}, optional
        Whether numbers in xlsx and csv files are full or rounded as printed; the table's own choice if not given.
    guard_formulas : bool
        CSV only: an apostrophe goes before texts that a spreadsheet would read as a formula. Other formats mark
        text as text.
    notes : bool
        CSV only: footnotes follow the numbers after an empty line.

    Returns
    -------
    Publication

    Raises
    ------
    ReportingError
        ``report-format-unknown``, ``report-no-estimates`` without a table, ``report-one-table`` for several in a CSV
        file, ``report-extra-missing`` where python-docx is wanted and absent, ``report-not-writable``.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in _SUFFIXES:
        raise ReportingError.of("report-format-unknown", Place(file=str(target)), found=suffix or "no suffix",
                                known=", ".join(_SUFFIXES))  # fmt: skip
    if digits is not None:
        one_of("digits", digits, ("full", "printed"))
    several = (tables,) if isinstance(tables, Table) else tuple(tables)
    if not several:
        raise ReportingError.of("report-no-estimates", Place(file=str(target)))
    options: dict[str, object] = {"digits": digits or several[0].digits}
    if suffix == ".csv":
        options |= {"guard_formulas": guard_formulas, "notes": notes}
        content = _csv(several, digits, guard=guard_formulas, notes=notes, target=target)
    elif suffix == ".md":
        content = "\n".join(markdown(table) for table in several).encode("utf-8")
    else:
        content = _writer(suffix).rendered(several, digits)
    return written(target, content, options)


def written(target: Path, content: bytes, options: Mapping[str, object] | None = None) -> Publication:
    """Write bytes to a file and say what was written.

    Raises
    ------
    ReportingError
        ``report-not-writable``.
    """
    try:
        target.write_bytes(content)
    except OSError as error:
        raise ReportingError.of(
            "report-not-writable", Place(file=str(target)), reason=error.strerror or str(error)
        ) from error
    sha256 = hashlib.sha256(content).hexdigest()
    return Publication(path=target, format=target.suffix.lower()[1:], sha256=sha256, options=options or {})


def _writer(suffix: str) -> _Writer:
    module = f"surveykit.reporting.{_WRITERS[suffix]}"
    try:
        return cast("_Writer", import_module(module))
    except ModuleNotFoundError as error:
        if error.name != "docx":
            raise
        raise ReportingError.of("report-extra-missing", suffix=suffix, package="python-docx", extra="docx") from error


def markdown(table: Table) -> str:
    """Return a table as Markdown: a pipe table with its title before and its notes behind.

    Parameters
    ----------
    table : Table

    Returns
    -------
    str
        CommonMark with the pipe-table extension; texts are escaped, so that a label cannot become markup.
    """
    columns = printed_columns(table)
    header = [_marked_down(table.stub), *(_marked_down(" ".join(column.path)) for column in columns)]
    lines = [f"**{_marked_down(table.title)}**", ""]
    lines += [_marked_down(table.subtitle), ""] if table.subtitle else []
    lines += [_pipes(header), _pipes([":--", *("--:" for _ in columns)])]
    group = ""
    for row, cells in zip(table.rows, table.cells, strict=True):
        if row.group and row.group != group:
            lines.append(_pipes([f"**{_marked_down(row.group)}**", *("" for _ in columns)]))
        group = row.group
        texts = [_marked_down(printed_cell(table, cells, column).text) for column in columns]
        lines.append(_pipes([_stub(row), *texts]))
    lines += [line for note in note_lines(table) for line in ("", _marked_down(note))]
    return "\n".join(lines) + "\n"


def _stub(row: Row) -> str:
    label = _marked_down(row.label)
    return f"**{label}**" if row.kind != "body" else f"&emsp;{label}" if row.group else label


def _pipes(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _marked_down(text: str) -> str:
    one_line = " ".join(clean(text).split())
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>|#~&" else char for char in one_line)


def _csv(tables: Sequence[Table], digits: Digits | None, *, guard: bool, notes: bool, target: Path) -> bytes:
    if len(tables) > 1:
        raise ReportingError.of("report-one-table", Place(file=str(target)), count=len(tables))
    table = tables[0]

    def text(value: str) -> str:
        one = clean(value)
        return f"'{one}" if guard and one[:1] in _FORMULA else one

    columns = printed_columns(table, joined=False)
    wording = Wording(language=table.language)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")  # RFC 4180
    writer.writerow([text(wording.say("group")), text(table.stub), *(text(" ".join(one.path)) for one in columns)])
    for row, cells in zip(table.rows, table.cells, strict=True):
        live = (live_value(cell, digits or table.digits) for cell in cells)
        numbers = [text(cell.text) if value is None else value for cell, value in zip(cells, live, strict=True)]
        writer.writerow([text(row.group), text(row.label), *numbers])
    if notes:
        writer.writerow([])
        writer.writerows([text(line)] for line in note_lines(table))
    return stream.getvalue().encode("utf-8-sig")  # with the mark, spreadsheets read Hangul without asking
