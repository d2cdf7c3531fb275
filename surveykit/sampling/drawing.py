"""Draw every stratum of one stage and describe what was drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

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
    units, spares, joints = [], [], []
    sizes: dict[str, int] = {}
    for name, group in ordered.groupby(label, sort=True):
        stratum = str(name)
        measures = np.ones(len(group)) if rules.size is None else group[rules.size].to_numpy(dtype=float)
        positions = _positions(measures, rules, stratum)
        units.append(_described(group, positions, measures, rules.takes[stratum], rules))
        spares.append(_spare(group, positions, rules, stratum))
        sizes[stratum] = len(group)
        if rules.joint:
            joints.append(_joint(group, positions, measures, rules, stratum))
    stage = _stage(frame, rules, sizes)
    together = pd.concat(units, ignore_index=True).assign(**{f"frame_{rules.number}": stage.frame_hash})
    return Sample(
        units=overall(together, rules.number, first=rules.number),
        stages=(stage,),
        reserve=pd.concat(spares, ignore_index=True),
        joint=pd.concat(joints, ignore_index=True) if joints else None,
        findings=found,
    )


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


def _positions(measures: Floats, rules: Rules, stratum: str) -> Ints:
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


def _described(group: pd.DataFrame, positions: Ints, measures: Floats, take: int, rules: Rules) -> pd.DataFrame:
    number = rules.number
    probabilities = inclusion_probabilities(measures, take, rules.method) if take else np.zeros(len(group))
    chosen = group.iloc[positions].copy()
    chance = probabilities[positions]
    expected = take * measures[positions] / math.fsum(measures) if rules.method.endswith("with-replacement") else chance
    chosen[f"stratum_units_{number}"] = len(group)
    chosen[f"taken_{number}"] = take
    chosen[f"certainty_{number}"] = chance >= 1.0
    chosen[f"probability_{number}"] = chance
    chosen[f"weight_{number}"] = 1.0 / expected
    chosen[f"method_{number}"] = rules.method
    chosen[f"seed_{number}"] = rules.seed
    return chosen


def _spare(group: pd.DataFrame, positions: Ints, rules: Rules, stratum: str) -> pd.DataFrame:
    left = np.setdiff1d(np.arange(len(group)), positions)
    uniform = uniforms(left.size, rules.seed, rules.number, stratum, "reserve")
    held = left[np.argsort(uniform, kind="stable")[: rules.reserve.get(stratum, 0)]]
    return group.iloc[held]


def _joint(group: pd.DataFrame, positions: Ints, measures: Floats, rules: Rules, stratum: str) -> pd.DataFrame:
    distinct = np.unique(positions)
    matrix = joint_probabilities(measures, rules.takes[stratum], rules.method)[np.ix_(distinct, distinct)]
    first, second = np.triu_indices(distinct.size, k=1)
    ids = group[rules.unit].iloc[distinct].to_numpy()
    columns = {"stratum": stratum, "first": ids[first], "second": ids[second], "probability": matrix[first, second]}
    return pd.DataFrame(columns)
