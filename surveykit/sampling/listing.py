"""Listing sheets: a workbook for every selected cluster that goes out empty and comes back filled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from surveykit.errors import SamplingError
from surveykit.findings import Finding, Findings, Place, finding
from surveykit.sampling.frame import UNREADABLE, canonical_text, plain_value, read_sheet
from surveykit.sampling.sample import Sample
from surveykit.sheets import PlainTable, write_tables

_SHEET: Final = "listing"
_FIELDS: Final = ("address", "household_head", "members")
_ROWS: Final = 200  # room for twice the 100 households of an ordinary listing area; the caller may ask for more


def write_listing_sheets(
    sample: Sample,
    folder: str | Path,
    *,
    fields: Sequence[str] = _FIELDS,
    show: Sequence[str] = (),
    rows: int = _ROWS,
) -> tuple[Path, ...]:
    """Write one empty listing workbook for every selected unit of the last stage.

    Parameters
    ----------
    sample : Sample
        Clusters drawn.
    folder : str or pathlib.Path
        Where the workbooks go; made if it is not there.
    fields : sequence of str
        Columns to fill beside the household's number.
    show : sequence of str
        Columns of the frame repeated on every line, for instance the county's name.
    rows : int
        Numbered lines to prepare.

    Returns
    -------
    tuple of pathlib.Path
        One file a cluster, named by its id.

    Raises
    ------
    SamplingError
        If a column to show is not in the sample.
    """
    unit = sample.last.unit
    known = ", ".join(map(str, sample.units.columns))
    unknown = [name for name in show if name not in sample.units.columns]
    if unknown:
        raise SamplingError(
            finding("sampling-frame-column", Place(field=name), name=name, known=known) for name in unknown
        )
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for record in sample.units.drop_duplicates(unit)[[unit, *show]].to_dict("records"):
        shown = [plain_value(value) for value in record.values()]
        path = target / f"listing-{_file_name(canonical_text(record[unit]))}.xlsx"
        table = PlainTable(
            title=_SHEET,
            header=(*map(str, record), "household", *fields),
            rows=[[*shown, number, *(None for _ in fields)] for number in range(1, rows + 1)],
            open_columns=range(len(record) + 1, len(record) + 1 + len(fields)),
        )
        write_tables(path, [table])
        written.append(path)
    return tuple(written)


def read_listings(
    paths: Iterable[str | Path], *, unit: str, fields: Sequence[str] = _FIELDS
) -> tuple[pd.DataFrame, Findings]:
    """Read listing workbooks that came back.

    Parameters
    ----------
    paths : iterable of str or pathlib.Path
        Filled workbooks of :func:`write_listing_sheets`.
    unit : str
        Column of the cluster's id.
    fields : sequence of str
        Columns that were to be filled; a line counts as a household if any of them is.

    Returns
    -------
    listing : pandas.DataFrame
        One row a household, ready for :func:`surveykit.select` with ``within``.
    findings : Findings
        Files that cannot be read, lack columns, list one number twice or list nothing. Never raises for a bad file.
    """
    frames: list[pd.DataFrame] = []
    found: list[Finding] = []
    for path in paths:
        listed, problems = _one_listing(Path(path), unit, fields)
        found += problems
        if listed is not None:
            frames.append(listed)
    listing = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[unit, "household", *fields])
    return listing, Findings.of(found)


def _one_listing(path: Path, unit: str, fields: Sequence[str]) -> tuple[pd.DataFrame | None, list[Finding]]:
    where = Place(file=path.name, sheet=_SHEET)
    try:
        sheet = read_sheet(path, _SHEET, {})
    except UNREADABLE as error:
        return None, [finding("sampling-listing-unreadable", where, reason=str(error))]
    missing = [name for name in (unit, "household", *fields) if name not in sheet.columns]
    if missing:
        return None, [finding("sampling-listing-column", where, names=", ".join(missing))]
    filled = sheet[sheet[list(fields)].notna().any(axis=1)]
    if filled.empty:
        return None, [finding("sampling-listing-empty", where)]
    return filled, list(_line_findings(filled, unit, where))


def _line_findings(filled: pd.DataFrame, unit: str, where: Place) -> Iterable[Finding]:
    twice = filled.loc[filled.duplicated([unit, "household"]), "household"]
    if len(twice):
        numbers = ", ".join(sorted({canonical_text(number) for number in twice}))
        yield finding("sampling-listing-twice", where, numbers=numbers)
    if filled[unit].isna().any() or (filled[unit] != filled[unit].iloc[0]).any():
        yield finding("sampling-listing-mixed", where, unit=unit)


def _file_name(text: str) -> str:
    return re.sub(r"[^\w.-]", "_", text)
