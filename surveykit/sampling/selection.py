"""Draw a sample from a frame: stratified, in stages, by equal or unequal probabilities."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import pandas as pd

from surveykit.errors import SamplingError
from surveykit.findings import Finding, Findings, Place, finding
from surveykit.sampling.allocation import Allocation
from surveykit.sampling.drawing import Rules, draw_stage, overall
from surveykit.sampling.frame import canonical_text, check_frame, stratum_names
from surveykit.sampling.sample import Sample

SelectionMethod = Literal[
    "simple",
    "systematic",
    "pps-systematic",
    "brewer",
    "murthy",
    "sampford",
    "simple-with-replacement",
    "pps-with-replacement",
]
METHODS: Final = get_args(SelectionMethod)
_EQUAL: Final = frozenset({"simple", "systematic", "simple-with-replacement"})

Takes = int | Mapping[Hashable, int] | Allocation


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    frame: pd.DataFrame
    unit: str
    n: Takes
    seed: int
    method: str
    size: str | None
    strata: tuple[str, ...]
    order: tuple[str, ...]
    serpentine: bool
    reserve: Takes
    joint: bool


def select(
    frame: pd.DataFrame,
    *,
    unit: str,
    n: Takes,
    seed: int,
    method: SelectionMethod = "systematic",
    size: str | None = None,
    strata: str | Sequence[str] = (),
    order: str | Sequence[str] = (),
    serpentine: bool = False,
    within: Sample | None = None,
    reserve: Takes = 0,
    joint: bool = False,
) -> Sample:
    """Draw a sample from a frame.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a unit. In a later stage, the listing of all selected units of the stage before.
    unit : str
        Column of the unit's id; unique in the frame (in a later stage, within each unit of the stage before).
    n : int, mapping or Allocation
        Units to take: in every stratum the same, or by stratum (one column: its values; several: values joined by a
        slash between blanks, or tuples). In a later stage, for every unit of the stage before.
    seed : int
        Seed. The same seed and frame give the same sample on every machine, whatever the order of the rows.
    method : str
        ``simple``, ``systematic``, ``pps-systematic``, ``brewer``, ``murthy`` (one or two units a stratum),
        ``sampford``, ``simple-with-replacement``, ``pps-with-replacement``.
    size : str
        Column of the measure of size, for the methods with unequal probabilities.
    strata : str or sequence of str
        Columns of the strata.
    order : str or sequence of str
        Columns to sort by within strata (implicit stratification); ties go by the unit's id.
    serpentine : bool
        Sort every other group downwards, so that neighbours in the list stay alike (SAS ``SORT=SERP``).
    within : Sample
        Sample of the stage before. Its unit column must stand in `frame`; `strata` then stays empty.
    reserve : int or mapping
        Units to hold back by stratum for replacement, drawn at random from those not taken.
    joint : bool
        Work out joint probabilities of the units drawn.

    Returns
    -------
    Sample
        With replacement, a unit drawn k times has k rows; the weights of its rows add up.

    Raises
    ------
    SamplingError
        With everything that is wrong with frame and request at once.

    Notes
    -----
    Units with a size of at least a sampling interval are taken with certainty, and the rest is shared anew. Weights are
    ``1 / pi``, with replacement ``1 / (n p)``; over stages they multiply. SAS: ``PROC SURVEYSELECT``; R: ``sampling``.

    References
    ----------
    Särndal CE, Swensson B, Wretman J (1992), Model Assisted Survey Sampling, chapters 3 and 4;
    Tillé Y (2006), Sampling Algorithms.
    """
    request = _Request(
        frame=frame,
        unit=unit,
        n=n,
        seed=seed,
        method=method,
        size=size,
        strata=_names(strata),
        order=_names(order),
        serpentine=serpentine,
        reserve=reserve,
        joint=joint,
    )
    problems = _problems(request, within)
    if problems:
        raise SamplingError(problems)
    return _first_stage(request) if within is None else _next_stage(request, within)


def _first_stage(request: _Request) -> Sample:
    frame = request.frame
    columns = check_frame(frame, unit=request.unit, size=request.size, strata=request.strata, order=request.order)
    if not columns.ok:
        raise SamplingError(columns)
    names = stratum_names(frame, request.strata)
    takes = _by_stratum(request.n, sorted(names.unique()))
    limits = _limits(takes, request.method)
    found = check_frame(frame, unit=request.unit, size=request.size, strata=request.strata, takes=limits)
    if not found.ok:
        raise SamplingError(found)
    taken = {name: takes.get(name, 0) for name in names.unique()}
    rules = _rules(request, 1, taken)
    return draw_stage(frame, _ordered(frame.assign(stratum_1=names), "stratum_1", request), rules, found)


def _next_stage(request: _Request, within: Sample) -> Sample:
    parent, number = within.last.unit, within.last.number + 1
    label = f"stratum_{number}"
    listed = request.frame.assign(**{label: stratum_names(request.frame, (parent,))})
    parents = list(dict.fromkeys(within.units[parent].map(canonical_text)))
    known = listed[listed[label].isin(parents)]
    found = _listing_findings(listed, known, parents, label, request)
    wanted = _by_stratum(request.n, parents)
    _limits(wanted, request.method)
    counts = {str(name): int(units) for name, units in known[label].value_counts().items()}
    again = request.method.endswith("with-replacement")
    takes = {name: wanted.get(name, 0) if again else min(wanted.get(name, 0), units) for name, units in counts.items()}
    rules = _rules(request, number, takes)
    drawn = draw_stage(request.frame, _ordered(known, label, request), rules, found + _short(takes, wanted))
    return _linked(drawn, within)


def _rules(request: _Request, number: int, takes: Mapping[str, int]) -> Rules:
    return Rules(
        number=number,
        unit=request.unit,
        method=request.method,
        seed=request.seed,
        size=request.size,
        joint=request.joint,
        takes=takes,
        reserve=_by_stratum(request.reserve, list(takes)),
    )


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _problems(request: _Request, within: Sample | None) -> list[Finding]:
    found: list[Finding] = []
    if request.frame.empty:
        found.append(finding("sampling-frame-empty"))
    if request.method not in METHODS:
        found.append(finding("sampling-method-unknown", found=request.method, known=", ".join(METHODS)))
    elif (request.size is None) != (request.method in _EQUAL):
        found.append(finding("sampling-method-size", method=request.method, size=request.size or "none"))
    return found + ([] if within is None else _stage_problems(request, within.last.unit))


def _stage_problems(request: _Request, parent: str) -> list[Finding]:
    found: list[Finding] = []
    if request.strata:
        found.append(finding("sampling-stage-strata", strata=", ".join(request.strata)))
    if parent not in request.frame.columns:
        known = ", ".join(map(str, request.frame.columns))
        found.append(finding("sampling-frame-column", Place(field=parent), name=parent, known=known))
    return found


def _by_stratum(n: Takes, names: Sequence[str]) -> dict[str, int]:
    if isinstance(n, int):
        return dict.fromkeys(names, n)
    takes = n.takes if isinstance(n, Allocation) else n
    return {_key(key): int(take) for key, take in takes.items()}


def _key(key: Hashable) -> str:
    return " / ".join(canonical_text(part) for part in key) if isinstance(key, tuple) else canonical_text(key)


def _limits(takes: dict[str, int], method: str) -> dict[str, int]:
    wrong = {name: take for name, take in takes.items() if take < 0 or (method == "murthy" and take > 2)}
    if wrong:
        raise SamplingError(
            finding("sampling-take", Place(record=name), stratum=name, take=take, method=method)
            for name, take in wrong.items()
        )
    return dict.fromkeys(takes, 0) if method.endswith("with-replacement") else takes


def _ordered(frame: pd.DataFrame, stratum: str, request: _Request) -> pd.DataFrame:
    ranks = pd.DataFrame({stratum: frame[stratum].rank(method="dense")}, index=frame.index)
    for position, name in enumerate((*request.order, request.unit)):
        rank = frame[name].rank(method="dense", na_option="top").astype(float)
        if request.serpentine and position:
            group = ranks.groupby(list(ranks.columns)).ngroup()
            rank = rank.where(group % 2 == 0, -rank)
        ranks[f"rank {position}"] = rank
    return frame.loc[ranks.sort_values(list(ranks.columns), kind="stable").index]


def _listing_findings(
    listed: pd.DataFrame, known: pd.DataFrame, parents: list[str], label: str, request: _Request
) -> Findings:
    unit = request.unit
    if unit in known.columns:
        ids = known[label] + " / " + known[unit].map(canonical_text).astype("string")
        known = known.assign(**{unit: ids.mask(known[unit].isna())})
    found = check_frame(known, unit=unit, size=request.size, order=request.order)
    strangers = sorted(set(listed[label].dropna()) - set(parents))
    found += [finding("sampling-listing-stranger", Place(record=name), unit=name) for name in strangers]
    if not found.ok:
        raise SamplingError(found)
    present = set(known[label])
    return found + [
        finding("sampling-listing-absent", Place(record=name), unit=name) for name in parents if name not in present
    ]


def _short(takes: Mapping[str, int], wanted: Mapping[str, int]) -> Iterable[Finding]:
    for name, take in takes.items():
        if take < wanted.get(name, 0):
            yield finding("sampling-listing-short", Place(record=name), unit=name, units=take, wanted=wanted[name])


def _linked(sample: Sample, within: Sample) -> Sample:
    parent, number = within.last.unit, within.last.number
    before = within.units.drop(columns=["probability", "weight"])
    own = [name for name in before.columns if name == parent or name not in sample.units.columns]
    key = "parent key"
    left = sample.units.drop(columns=[parent]).assign(**{key: sample.units[f"stratum_{number + 1}"]})
    right = before[own].assign(**{key: before[parent].map(canonical_text).astype("string")})
    units = right.merge(left, on=key, how="inner", validate="many_to_many").drop(columns=[key])
    return Sample(
        units=overall(units, number + 1),
        stages=(*within.stages, sample.last),
        reserve=sample.reserve,
        joint=sample.joint,
        findings=within.findings + sample.findings,
    )
