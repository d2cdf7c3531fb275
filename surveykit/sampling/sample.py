"""A drawn sample: its units, how every stage was drawn, and the file that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pandas as pd

from surveykit.errors import SamplingError
from surveykit.findings import Findings, Place, finding
from surveykit.sampling.frame import canonical_text, plain_value, read_frame
from surveykit.sheets import PlainTable, write_tables

_KINDS: Final = (".csv", ".csv.gz", ".xlsx", ".parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How one stage was drawn.

    Parameters
    ----------
    number : int
        1 for the first stage.
    unit : str
        Column of the unit's id.
    method : str
        Selection method.
    seed : int
        Seed of the random numbers.
    frame_hash : str
        SHA-256 of the frame.
    frame_units : int
        Units of the frame.
    takes : mapping of str to int
        Units taken in every stratum (in later stages: in every unit of the stage before).
    sizes : mapping of str to int
        Units of the frame in every stratum.
    """

    number: int
    unit: str
    method: str
    seed: int
    frame_hash: str
    frame_units: int
    takes: Mapping[str, int]
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Units drawn, with the probabilities of every stage.

    Parameters
    ----------
    units : pandas.DataFrame
        One row a unit of the last stage: the frame's columns and, with ``k`` the stage, ``stratum_k``,
        ``stratum_units_k``, ``taken_k``, ``certainty_k``, ``probability_k``, ``weight_k``, ``method_k``, ``seed_k``,
        ``frame_k``; and over all stages ``probability`` and ``weight``.
    stages : tuple of Stage
        How every stage was drawn.
    reserve : pandas.DataFrame
        Units held back for replacement, with their stratum; never part of `units` unless :func:`replace_unit` says so.
    joint : pandas.DataFrame or None
        Joint probabilities of the last stage: ``stratum, first, second, probability``; between strata they multiply.
    replacements : pandas.DataFrame
        Record of replaced units: ``stratum, dropped, taken, reason``.
    findings : Findings
        What was noteworthy: clusters without a listing, lists shorter than the take.
    """

    units: pd.DataFrame
    stages: tuple[Stage, ...]
    reserve: pd.DataFrame = field(default_factory=pd.DataFrame)
    joint: pd.DataFrame | None = None
    replacements: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["stratum", "dropped", "taken", "reason"])
    )
    findings: Findings = field(default_factory=Findings)

    def __repr__(self) -> str:
        stages = ", then ".join(f"{one.unit or 'unit'} by {one.method}" for one in self.stages)
        return f"<Sample of {len(self):,}: {stages}; see to_frame()>"

    def __len__(self) -> int:
        return len(self.units)

    @property
    def last(self) -> Stage:
        """The last stage."""
        return self.stages[-1]

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the units."""
        return self.units.copy()


def replace_unit(sample: Sample, dropped: object, *, reason: str) -> Sample:
    """Put the next reserve unit of the same stratum in the place of a unit, and keep a record of it.

    Parameters
    ----------
    sample : Sample
        A sample of one stage, or the last stage of several, drawn with a reserve.
    dropped : object
        Id of the unit that cannot be asked.
    reason : str
        Why; kept in ``replacements``.

    Returns
    -------
    Sample
        The replacing unit takes over probability and weight of the one it replaces.

    Raises
    ------
    SamplingError
        If the unit is not in the sample, no reserve is left in its stratum, or no reason is given.

    Notes
    -----
    A replaced unit is still a non-response: the weights cannot tell the difference, the record can.
    """
    unit, number = sample.last.unit, sample.last.number
    keys = sample.units[unit].map(canonical_text)
    row = sample.units[keys == canonical_text(dropped)]
    if row.empty:
        raise SamplingError.of("sampling-replace-unknown", Place(record=str(dropped)), unit=str(dropped))
    if not reason.strip():
        raise SamplingError.of("sampling-replace-reason", Place(record=str(dropped)), unit=str(dropped))
    stratum = str(row[f"stratum_{number}"].iloc[0])
    spare = sample.reserve[sample.reserve[f"stratum_{number}"] == stratum] if len(sample.reserve) else sample.reserve
    if spare.empty:
        raise SamplingError.of("sampling-replace-no-reserve", Place(record=str(dropped)), stratum=stratum)
    return _replaced(sample, row, spare.iloc[[0]], reason)


def _replaced(sample: Sample, row: pd.DataFrame, spare: pd.DataFrame, reason: str) -> Sample:
    unit, stratum = sample.last.unit, f"stratum_{sample.last.number}"
    units = sample.units.copy()
    own = [name for name in spare.columns if name in units.columns]
    units.loc[row.index, own] = spare[own].to_numpy()
    entry = {
        "stratum": row[stratum].iloc[0],
        "dropped": row[unit].iloc[0],
        "taken": spare[unit].iloc[0],
        "reason": reason,
    }
    record = pd.DataFrame([*sample.replacements.to_dict("records"), entry])
    note = finding("sampling-replaced", Place(record=str(entry["dropped"])), **entry)
    return Sample(
        units=units,
        stages=sample.stages,
        reserve=sample.reserve.drop(index=spare.index),
        joint=sample.joint,
        replacements=record,
        findings=Findings((*sample.findings, note)),
    )


def write_sample(sample: Sample, path: str | Path) -> Path:
    """Write the sample file: csv, csv.gz, xlsx or Parquet by the name's ending.

    Parameters
    ----------
    sample : Sample
        The sample.
    path : str or pathlib.Path
        File to write.

    Returns
    -------
    pathlib.Path
        The file; every row carries probabilities, methods, seeds and frame hashes of all stages.

    Raises
    ------
    SamplingError
        If the ending is not known.
    """
    target = Path(path)
    name = target.name.lower()
    if not name.endswith(_KINDS):
        raise SamplingError.of("sampling-frame-kind", Place(file=str(path)), known=", ".join(_KINDS))
    if name.endswith(".xlsx"):
        rows = [[plain_value(value) for value in row] for row in sample.units.itertuples(index=False)]
        write_tables(target, [PlainTable(title="sample", header=[*map(str, sample.units.columns)], rows=rows)])
    elif name.endswith(".parquet"):
        sample.units.to_parquet(target, index=False)
    else:
        sample.units.to_csv(target, index=False, float_format="%.17g", lineterminator="\n")
    return target


def read_sample(path: str | Path, *, unit: str, text: tuple[str, ...] = ()) -> Sample:
    """Read a sample file back.

    Parameters
    ----------
    path : str or pathlib.Path
        File of :func:`write_sample`.
    unit : str or sequence
        Column of the id of the last stage's units.
    text : tuple of str
        Columns to keep as text.

    Returns
    -------
    Sample
        Without reserve and joint probabilities, which the file does not hold.

    Raises
    ------
    SamplingError
        If the file is no sample file.
    """
    units = read_frame(path, text=text)
    last = 0
    while f"probability_{last + 1}" in units.columns:
        last += 1
    if not last or unit not in units.columns or "weight" not in units.columns:
        raise SamplingError.of("sampling-not-a-sample", Place(file=str(path), field=unit), unit=unit)
    stages = tuple(_stage(units, number, unit if number == last else "") for number in range(1, last + 1))
    return Sample(units=units, stages=stages)


def _stage(units: pd.DataFrame, number: int, unit: str) -> Stage:
    first = units.drop_duplicates(f"stratum_{number}")
    names = [str(name) for name in first[f"stratum_{number}"]]
    sizes = dict(zip(names, first[f"stratum_units_{number}"].astype(int).tolist(), strict=True))
    return Stage(
        number=number,
        unit=unit,
        method=str(first[f"method_{number}"].iloc[0]),
        seed=int(first[f"seed_{number}"].iloc[0]),
        frame_hash=str(first[f"frame_{number}"].iloc[0]),
        frame_units=sum(sizes.values()),
        takes=MappingProxyType(dict(zip(names, first[f"taken_{number}"].astype(int).tolist(), strict=True))),
        sizes=MappingProxyType(sizes),
    )
