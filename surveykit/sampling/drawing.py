"""Draw every stratum of one stage and describe what was drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.findings import Findings
from surveykit.sampling import draws
from surveykit.sampling.frame import frame_hash
from surveykit.sampling.joint import inclusion_probabilities, joint_probabilities
from surveykit.sampling.sample import Sample, Stage
from surveykit.sampling.streams import uniforms

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How one stage is to be drawn.

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
    size : str or None
        Column of the measure of size.
    joint : bool
        Whether joint probabilities are wanted.
    takes, reserve : mapping of str to int
        Units to take and to hold back in every stratum.
    """

    number: int
    unit: str
    method: str
    seed: int
    size: str | None
    joint: bool
    takes: Mapping[str, int]
    reserve: Mapping[str, int]


def draw_stage(frame: pd.DataFrame, ordered: pd.DataFrame, rules: Rules, found: Findings) -> Sample:
    """Draw one stage.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame as given, for its fingerprint.
    ordered : pandas.DataFrame
        The frame in list order, with the column ``stratum_k``.
    rules : Rules
        How to draw.
    found : Findings
        What was found before.

    Returns
    -------
    Sample
        Of this stage alone.
    """
    label = f"stratum_{rules.number}"
    drawn = [
        _one_stratum(ordered, np.asarray(rows, dtype=np.int64), str(name), rules)
        for name, rows in sorted(ordered.groupby(label, sort=True).indices.items())
    ]
    stage = _stage(frame, rules, {one.stratum: one.units for one in drawn})
    units = ordered.iloc[np.concatenate([one.taken for one in drawn])].reset_index(drop=True)
    columns = _columns(drawn, rules) | {f"frame_{rules.number}": stage.frame_hash}
    joints = [one.joint for one in drawn if one.joint is not None]
    return Sample(
        units=overall(units.assign(**columns), rules.number, first=rules.number),
        stages=(stage,),
        reserve=ordered.iloc[np.concatenate([one.held for one in drawn])].reset_index(drop=True),
        joint=pd.concat(joints, ignore_index=True) if joints else None,
        findings=found,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    stratum: str
    units: int
    taken: Ints
    held: Ints
    chances: Floats
    expected: Floats
    joint: pd.DataFrame | None


def _one_stratum(ordered: pd.DataFrame, rows: Ints, stratum: str, rules: Rules) -> _Drawn:
    measures = np.ones(rows.size) if rules.size is None else ordered[rules.size].to_numpy(dtype=float)[rows]
    take = rules.takes[stratum]
    positions = draw_positions(measures, rules, stratum)
    chances = inclusion_probabilities(measures, take, rules.method) if take else np.zeros(rows.size)
    repeated = rules.method.endswith("with-replacement")
    expected = take * measures / math.fsum(measures) if repeated else chances
    return _Drawn(
        stratum=stratum,
        units=rows.size,
        taken=rows[positions],
        held=rows[_held(rows.size, positions, rules, stratum)],
        chances=chances[positions],
        expected=expected[positions],
        joint=_joint(ordered[rules.unit].iloc[rows], positions, measures, rules, stratum) if rules.joint else None,
    )


def _columns(drawn: Sequence[_Drawn], rules: Rules) -> dict[str, Any]:
    number = rules.number
    counts = [one.taken.size for one in drawn]
    chances = np.concatenate([one.chances for one in drawn])
    return {
        f"stratum_units_{number}": np.repeat([one.units for one in drawn], counts),
        f"taken_{number}": np.repeat([rules.takes[one.stratum] for one in drawn], counts),
        f"certainty_{number}": chances >= 1.0,
        f"probability_{number}": chances,
        f"weight_{number}": 1.0 / np.concatenate([one.expected for one in drawn]),
        f"method_{number}": rules.method,
        f"seed_{number}": rules.seed,
    }


def overall(units: pd.DataFrame, last: int, *, first: int = 1) -> pd.DataFrame:
    """Return the units with ``probability`` and ``weight`` multiplied over stages."""
    stages = range(first, last + 1)
    probability = np.prod([units[f"probability_{number}"].to_numpy(float) for number in stages], axis=0)
    weight = np.prod([units[f"weight_{number}"].to_numpy(float) for number in stages], axis=0)
    return units.assign(probability=probability, weight=weight)


def _stage(frame: pd.DataFrame, rules: Rules, sizes: Mapping[str, int]) -> Stage:
    return Stage(
        number=rules.number,
        unit=rules.unit,
        method=rules.method,
        seed=rules.seed,
        frame_hash=frame_hash(frame),
        frame_units=len(frame),
        takes=dict(rules.takes),
        sizes=dict(sizes),
    )


def draw_positions(measures: Floats, rules: Rules, stratum: str) -> Ints:
    """Draw the units of one stratum.

    Parameters
    ----------
    measures : ndarray of float
        Shape (N,), measures of size in list order, all 1 for equal probabilities.
    rules : Rules
        How to draw.
    stratum : str
        Name of the stratum; it has its own random numbers.

    Returns
    -------
    ndarray of int
        Positions drawn, sorted; with replacement a position may come more than once.
    """
    take = rules.takes[stratum]
    uniform = uniforms(max(measures.size, take), rules.seed, rules.number, stratum, "draw")
    if rules.method.endswith("with-replacement"):
        return draws.with_replacement(measures, uniform[:take])
    if take == 0:
        return np.zeros(0, dtype=np.int64)
    _, certain = draws.inclusion(measures, take)
    sure, rest = np.flatnonzero(certain), np.flatnonzero(~certain)
    left = take - sure.size
    chosen = rest[_rest(measures[rest], left, rules.method, uniform)] if left and rest.size else rest[:0]
    return np.sort(np.concatenate((sure, chosen)))


def _rest(measures: Floats, left: int, method: str, uniform: Floats) -> Ints:
    if method == "simple":
        return draws.simple(uniform[: measures.size], left)
    if method in {"systematic", "pps-systematic"}:
        return draws.systematic(draws.cumulate(measures, left), float(uniform[0]))
    probabilities = measures * left / math.fsum(measures)
    if method == "sampford":
        return draws.sampford(probabilities, left, uniform[: measures.size])
    return draws.one_by_one(draws.STEPS[method], probabilities, left, uniform)


def _held(units: int, positions: Ints, rules: Rules, stratum: str) -> Ints:
    left = np.setdiff1d(np.arange(units), positions)
    uniform = uniforms(left.size, rules.seed, rules.number, stratum, "reserve")
    return left[np.argsort(uniform, kind="stable")[: rules.reserve.get(stratum, 0)]]


def _joint(ids: pd.Series, positions: Ints, measures: Floats, rules: Rules, stratum: str) -> pd.DataFrame:
    distinct = np.unique(positions)
    matrix = joint_probabilities(measures, rules.takes[stratum], rules.method)[np.ix_(distinct, distinct)]
    first, second = np.triu_indices(distinct.size, k=1)
    names = ids.iloc[distinct].to_numpy()
    columns = {"stratum": stratum, "first": names[first], "second": names[second], "probability": matrix[first, second]}
    return pd.DataFrame(columns)
