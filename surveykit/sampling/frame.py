"""The list that a sample is drawn from: read, checked, fingerprinted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from surveykit.errors import SamplingError
from surveykit.findings import Finding, Findings, Place, finding

UNREADABLE: Final = (OSError, ValueError, KeyError, SyntaxError)

_ZIP_END: Final = b"PK\x05\x06"  # end of central directory (PKWARE APPNOTE 4.3.16); a cut-off download lacks it
_ZIP_TAIL: Final = 65_557  # 22 bytes of that record and its longest comment
_SHOWN: Final = 10  # ids listed in one finding; the rest is counted


def read_frame(path: str | Path, *, text: Sequence[str] = (), sheet: str | int = 0) -> pd.DataFrame:
    """Read a sampling frame from csv (also .csv.gz), xlsx or Parquet.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.
    text : sequence of str
        Columns kept as text, so that a code like ``007`` keeps its zeros.
    sheet : str or int
        Worksheet of a workbook.

    Returns
    -------
    pandas.DataFrame
        Nullable types.

    Raises
    ------
    SamplingError
        If the file is missing, of another kind, or cannot be read.
    """
    source = Path(path)
    kind = next((suffix for suffix in _READERS if source.name.lower().endswith(suffix)), "")
    if not kind:
        raise SamplingError.of("sampling-frame-kind", Place(file=str(path)), known=", ".join(_READERS))
    try:
        frame = _READERS[kind](source, dict.fromkeys(text, "string"), sheet)
    except UNREADABLE as error:
        raise SamplingError.of("sampling-frame-unreadable", Place(file=str(path)), reason=str(error)) from error
    missing = [name for name in text if name not in frame.columns]
    if missing:
        raise SamplingError([_no_column(frame, name, str(path)) for name in missing])
    return frame.astype(dict.fromkeys(text, "string"))


def check_frame(
    frame: pd.DataFrame,
    *,
    unit: str,
    size: str | None = None,
    strata: Sequence[str] = (),
    order: Sequence[str] = (),
    takes: Mapping[str, int] | None = None,
) -> Findings:
    """Look for everything that would spoil a selection.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a sampling unit.
    unit : str
        Column of the unit's id.
    size : str, optional
        Column of the measure of size.
    strata, order : sequence of str
        Columns of the strata and of the implicit stratification.
    takes : mapping of str to int, optional
        Units to take in every stratum, by the stratum's name (values joined by a slash between blanks).

    Returns
    -------
    Findings
        Missing columns, missing or duplicate ids, missing strata, missing, zero or negative sizes, strata too small.
    """
    wanted = [unit, *([size] if size else []), *strata, *order]
    missing = [_no_column(frame, name) for name in wanted if name not in frame.columns]
    if missing:
        return Findings.of(missing)
    found = [*_check_ids(frame, unit), *_check_strata(frame, unit, strata)]
    if size is not None:
        found += _check_sizes(frame, unit, size)
    if not found:
        found += _check_takes(stratum_names(frame, strata), takes)
    return Findings.of(found)


def frame_hash(frame: pd.DataFrame) -> str:
    """Return the SHA-256 of a frame's columns and values; neither row order nor column order matters.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    names = sorted(str(name) for name in frame.columns)
    columns = [_texts(frame[name]) for name in names]
    rows = sorted("\x1f".join(row) for row in zip(*columns, strict=True))
    return hashlib.sha256("\x1e".join(("\x1f".join(names), *rows)).encode("utf-8")).hexdigest()


def stratum_names(frame: pd.DataFrame, strata: Sequence[str]) -> pd.Series[str]:
    """Return the stratum of every row as text: values joined by `` / ``, ``all`` where there are no strata."""
    if not strata:
        return pd.Series("all", index=frame.index, dtype="string")
    texts = [pd.Series(_texts(frame[name]), index=frame.index, dtype="string") for name in strata]
    joined = texts[0]
    for text in texts[1:]:
        joined = joined + " / " + text
    return joined


def canonical_text(value: object) -> str:
    """Return the text of a code, the same for 1, 1.0 and "1"."""
    return _canonical(value)


def plain_value(value: object) -> str | int | float | None:
    """Return a value of a frame as a worksheet takes it: a number, a text, or nothing."""
    if value is None or value is pd.NA or (isinstance(value, float | np.floating) and np.isnan(value)):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, int | float) else str(value)


def read_sheet(path: Path, sheet: str | int, types: Mapping[str, str]) -> pd.DataFrame:
    """Read one worksheet with nullable types.

    Raises
    ------
    OSError, ValueError, KeyError, SyntaxError
        If the file is missing, no workbook, or lacks the sheet; :data:`UNREADABLE` names them.
    """
    if _ZIP_END not in path.read_bytes()[-_ZIP_TAIL:]:
        message = "the file is no workbook, or was cut off"
        raise ValueError(message)
    return pd.read_excel(path, sheet_name=sheet, dtype=dict(types), engine="openpyxl").convert_dtypes()


def _texts(column: pd.Series) -> list[str]:
    """Return the canonical text of every value; values that repeat are written once."""
    codes, values = pd.factorize(column, use_na_sentinel=True)
    texts = np.array([*(_canonical(value) for value in values.tolist()), ""], dtype=object)
    return [str(text) for text in texts[codes]]


def _canonical(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value)


def _no_column(frame: pd.DataFrame, name: str, file: str = "") -> Finding:
    return finding("sampling-frame-column", Place(file=file, field=name), name=name, known=", ".join(map(str, frame)))


def _check_ids(frame: pd.DataFrame, unit: str) -> Iterable[Finding]:
    ids = frame[unit]
    if ids.isna().any():
        yield finding("sampling-frame-no-id", Place(field=unit), count=int(ids.isna().sum()))
    twice = ids[ids.duplicated() & ids.notna()].unique()
    if len(twice):
        yield finding("sampling-frame-duplicate-id", Place(field=unit), count=len(twice), ids=_listed(twice))


def _check_strata(frame: pd.DataFrame, unit: str, strata: Sequence[str]) -> Iterable[Finding]:
    for name in strata:
        blank = frame[name].isna()
        if blank.any():
            ids = _listed(frame.loc[blank, unit])
            yield finding("sampling-frame-no-stratum", Place(field=name), count=int(blank.sum()), ids=ids)


def _check_sizes(frame: pd.DataFrame, unit: str, size: str) -> Iterable[Finding]:
    sizes = pd.to_numeric(frame[size], errors="coerce").astype("Float64")
    wrong = ~(sizes > 0).fillna(value=False).astype(bool) | np.isinf(sizes.fillna(0.0).astype(float))
    if wrong.any():
        ids = _listed(frame.loc[wrong, unit])
        yield finding("sampling-frame-size", Place(field=size), count=int(wrong.sum()), ids=ids)


def _check_takes(names: pd.Series[str], takes: Mapping[str, int] | None) -> Iterable[Finding]:
    counts = {str(name): int(units) for name, units in names.value_counts().items()}
    if takes is None:
        return
    for name in sorted(set(takes) - set(counts)):
        yield finding("sampling-stratum-unknown", Place(record=name), stratum=name, known=_listed(sorted(counts)))
    for name in sorted(set(counts) - set(takes)):
        yield finding("sampling-stratum-untaken", Place(record=name), stratum=name, units=counts[name])
    for name in sorted(set(counts) & set(takes)):
        if takes[name] > counts[name]:
            place = Place(record=name)
            yield finding("sampling-stratum-small", place, stratum=name, units=counts[name], wanted=takes[name])


def _listed(values: Iterable[object]) -> str:
    texts = [_canonical(value) for value in values]
    more = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _read_csv(path: Path, types: Mapping[str, str], _sheet: str | int) -> pd.DataFrame:
    return pd.read_csv(path, dtype=dict(types), encoding="utf-8-sig").convert_dtypes()


def _read_workbook(path: Path, types: Mapping[str, str], sheet: str | int) -> pd.DataFrame:
    return read_sheet(path, sheet, types)


def _read_parquet(path: Path, _types: Mapping[str, str], _sheet: str | int) -> pd.DataFrame:
    return pd.read_parquet(path).convert_dtypes()


_READERS: Final[Mapping[str, Callable[[Path, Mapping[str, str], str | int], pd.DataFrame]]] = MappingProxyType(
    {".csv": _read_csv, ".csv.gz": _read_csv, ".xlsx": _read_workbook, ".parquet": _read_parquet}
)
