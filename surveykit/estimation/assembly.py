"""From statistics to an estimate: sums, values, scores, variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey, replicate_columns
from surveykit.design.twophase import TwoPhaseDesign
from surveykit.estimation.degrees import Presence
from surveykit.estimation.domains import Domains
from surveykit.estimation.estimate import Estimate
from surveykit.estimation.intervals import Interval, check_interval
from surveykit.estimation.replicates import Replicated, replicate_df, replicate_totals, scales_of, without_missing
from surveykit.estimation.requests import Categories, ClusterTotals, Moments
from surveykit.estimation.scores import linearised
from surveykit.estimation.sources import Calibrated, Linearised
from surveykit.estimation.statistics import DomainSums, Label, Statistic, positive, share
from surveykit.estimation.sums import summed
from surveykit.estimation.totals import cluster_totals
from surveykit.estimation.variance import Cells

Floats = NDArray[np.float64]
Names = str | Sequence[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What every descriptive verb takes.

    Parameters
    ----------
    by : tuple of str
        Domain columns.
    margins : bool
        Add margins.
    confidence : float
        Level of the intervals.
    interval : str
        Kind of the intervals.
    df : float or None
        Degrees of freedom instead of those of the design.
    """

    by: tuple[str, ...] = ()
    margins: bool = False
    confidence: float = 0.95
    interval: Interval = "wald"
    df: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Values and variances of q numbers in D domains.

    Parameters
    ----------
    domains : Domains
        The domains.
    labels : tuple of (variable, level)
        The q numbers.
    values, variances : float arrays of shape (D, q)
        Estimates and variances.
    rows, weight : float arrays of shape (D, q)
        Rows behind each estimate, and the sum of their weights.
    simple : float array of shape (D, q)
        Variances under simple random sampling with replacement; NaN without meaning.
    df : float array of shape (D,)
        Degrees of freedom.
    overall_df : float
        Degrees of freedom of the subpopulation.
    presence : Presence or None
        Sampling units with rows of each domain, for a linearised design.
    source : Source
        Where the covariance comes from.
    method : str
        How the variance was estimated.
    left_out : mapping of str to int
        Rows left out, by reason.
    """

    domains: Domains
    labels: tuple[Label, ...]
    values: Floats
    variances: Floats
    rows: Floats
    weight: Floats
    simple: Floats
    df: Floats
    overall_df: float
    presence: Presence | None
    source: Linearised | Calibrated | Replicated
    method: str
    left_out: Mapping[str, int]


def names_of(names: Names) -> tuple[str, ...]:
    """Return one name, several or none as a tuple."""
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)


def estimated(survey: Survey, statistics: Sequence[Statistic], name: str, options: Options) -> Estimate:
    """Return the estimates of statistics that are functions of weighted sums.

    Parameters
    ----------
    survey : Survey
        Frame, design and subpopulation.
    statistics : sequence of Statistic
        What to estimate in each domain.
    name : str
        Name of the estimate.
    options : Options
        Domains and intervals.

    Raises
    ------
    DesignError
        If a column is missing or not numeric.
    EstimationError
        If a stratum has a single sampling unit and the policy is to fail.
    """
    return described(survey, computed(survey, statistics, options), name, options)


def described(survey: Survey, numbers: Numbers, name: str, options: Options) -> Estimate:
    """Return numbers with their labels, errors and intervals as an estimate."""
    check_interval(options.interval, options.confidence)
    domains, width = numbers.domains, len(numbers.labels)
    variances = np.clip(numbers.variances, 0, None).ravel()
    rows, weight, simple = (part.ravel() for part in (numbers.rows, numbers.weight, numbers.simple))
    df = np.repeat(numbers.df, width)
    return Estimate(
        statistic=name,
        by={
            column: tuple(value for value in domains.values(at) for _ in range(width))
            for at, column in enumerate(domains.names)
        },
        variable=tuple(variable for variable, _ in numbers.labels) * len(domains),
        category=tuple(level for _, level in numbers.labels) * len(domains),
        estimate=numbers.values.ravel(),
        se=np.sqrt(variances),
        df=df if options.df is None else np.full_like(df, options.df),
        n=rows,
        weighted_n=weight,
        deff=share(variances, simple * positive(1 - share(rows, weight))),
        deff_replace=share(variances, simple),
        source=numbers.source,
        overall_df=numbers.overall_df if options.df is None else options.df,
        interval=options.interval,
        confidence=options.confidence,
        method=numbers.method,
        left_out=numbers.left_out,
        conditions=survey.conditions,
        findings=survey.findings,
    )


def computed(survey: Survey, statistics: Sequence[Statistic], options: Options) -> Numbers:
    """Return values and variances of statistics in all domains, linearised or from replicates."""
    if isinstance(survey.design, ReplicateDesign):
        return _from_replicates(survey, statistics, options)
    requests = [one.request for one in statistics]
    totals = cluster_totals(survey, requests, options.by, margins=options.margins, by_row=_by_row(survey))
    sums = domain_sums(totals)
    parts = zip(statistics, sums, strict=True)
    scores = [one.scores(part, totals.cells.domain) for one, part in parts]
    source, variances = linearised(survey, totals, scores)
    presence = Presence(cells=sampling_cells(survey, totals), rows=totals.rows, stages=totals.stages)
    return Numbers(
        domains=totals.domains,
        labels=_labels(statistics, sums),
        values=np.concatenate([one.value(part) for one, part in zip(statistics, sums, strict=True)], axis=1),
        variances=variances,
        rows=_wide(statistics, sums, [part.rows for part in sums]),
        weight=_wide(statistics, sums, [one.weight(part) for one, part in zip(statistics, sums, strict=True)]),
        simple=np.concatenate([one.simple(part) for one, part in zip(statistics, sums, strict=True)], axis=1),
        df=presence.df(),
        overall_df=presence.overall_df(),
        presence=presence,
        source=source,
        method=_linear_method(survey, totals),
        left_out=left_out(totals, statistics),
    )


def _by_row(survey: Survey) -> bool:
    """Return whether scores must be kept by row: calibration and second phases look into the clusters."""
    return bool(survey.calibrations) or isinstance(survey.design, TwoPhaseDesign)


def sampling_cells(survey: Survey, totals: ClusterTotals) -> Cells:
    """Return domain and last-stage sampling unit of each cell, also where rows were kept apart."""
    if not _by_row(survey):
        return totals.cells
    units = survey.layout.stages[-1].units[totals.cells.unit]
    return Cells(domain=totals.cells.domain, unit=units, domains=totals.cells.domains)


def domain_sums(totals: ClusterTotals) -> tuple[DomainSums, ...]:
    """Return the sums of every request by domain."""
    cells = totals.cells
    counted: dict[int, Floats] = {}
    for block in totals.blocks:
        if id(block.rows) not in counted:
            counted[id(block.rows)] = summed(block.rows[:, None], cells.domain, cells.domains)[:, 0]
    return tuple(
        DomainSums(totals=summed(block.sums, cells.domain, cells.domains), rows=counted[id(block.rows)], block=block)
        for block in totals.blocks
    )


def _from_replicates(survey: Survey, statistics: Sequence[Statistic], options: Options) -> Numbers:
    """Return values from full-sample sums and variances from the sums of each replicate, by unit times factor."""
    design = cast("ReplicateDesign", survey.design)
    totals, each = _replicate_sums(survey, [one.request for one in statistics], options)
    sums, full, replicates = [], [], []
    for at, one in enumerate(statistics):
        block = totals.blocks[at]
        rows = np.bincount(totals.cells.domain, weights=block.rows, minlength=totals.cells.domains).astype(np.float64)
        sums.append(DomainSums(totals=each[at][0], rows=rows, block=block))
        full.append(one.value(sums[-1]))
        replicates.append(one.value(DomainSums(totals=each[at][1:], rows=rows, block=block)))
    values = np.concatenate(full, axis=1)
    theta = np.concatenate(replicates, axis=2)
    theta = theta.reshape(len(theta), -1)
    source = without_missing(theta, values.ravel(), scales_of(design, len(theta)))
    df = replicate_df(survey)
    return Numbers(
        domains=totals.domains,
        labels=_labels(statistics, sums),
        values=values,
        variances=source.variances().reshape(values.shape),
        rows=_wide(statistics, sums, [part.rows for part in sums]),
        weight=_wide(statistics, sums, [one.weight(part) for one, part in zip(statistics, sums, strict=True)]),
        simple=np.concatenate([one.simple(part) for one, part in zip(statistics, sums, strict=True)], axis=1),
        df=np.full(len(values), df),
        overall_df=df,
        presence=None,
        source=source,
        method=f"{len(source.replicates)} replicate weights, {design.method}",
        left_out=left_out(totals, statistics),
    )


def _replicate_sums(
    survey: Survey, requests: Sequence[Moments | Categories], options: Options
) -> tuple[ClusterTotals, list[Floats]]:
    """Return the cells, and for each request the totals of the sample and of all replicates, shape (1 + R, D, p)."""
    if survey.engine == "lazy":
        totals = cluster_totals(survey, requests, options.by, margins=options.margins)
        count = 1 + len(replicate_columns(survey))
        wide = [summed(block.sums, totals.cells.domain, totals.cells.domains) for block in totals.blocks]
        return totals, [part.reshape(len(part), count, -1).transpose(1, 0, 2) for part in wide]
    units, factors, base = _factors(survey)
    by_row = units is None
    totals = cluster_totals(
        survey, requests, options.by, margins=options.margins, by_row=by_row, units=units, weights=base
    )
    place = (totals.cells.domain, totals.cells.unit, totals.cells.domains)
    return totals, [replicate_totals(block.sums, place, factors) for block in totals.blocks]


def _factors(survey: Survey) -> tuple[NDArray[np.intp] | None, Floats, Floats | None]:
    """Return units (None for rows), factors of shape (U, 1 + R) with the full sample first, and the base weights."""
    if survey.replicates is not None:
        made = survey.replicates
        return made.units, np.concatenate([np.ones((len(made.factors), 1)), made.factors], axis=1), None
    factors = np.concatenate([survey.weights[:, None], survey.replicate_weights()], axis=1)
    return None, factors, np.ones(len(factors))


def _labels(statistics: Sequence[Statistic], sums: Sequence[DomainSums]) -> tuple[Label, ...]:
    return tuple(label for one, part in zip(statistics, sums, strict=True) for label in one.labels(part.block))


def _wide(statistics: Sequence[Statistic], sums: Sequence[DomainSums], columns: Sequence[Floats]) -> Floats:
    """Repeat one column a statistic, each of shape (D,), for each of its numbers: shape (D, q)."""
    widths = [len(one.labels(part.block)) for one, part in zip(statistics, sums, strict=True)]
    return np.repeat(np.stack(columns, axis=1), widths, axis=1)


def left_out(totals: ClusterTotals, statistics: Sequence[Statistic]) -> dict[str, int]:
    """Return how many rows were left out, by reason in words."""
    reasons = {
        "outside the subpopulation": totals.total_rows - totals.subpopulation_rows,
        "of weight zero": int(totals.weightless),
        f"without a value of {' or '.join(totals.domains.names)}": totals.without_domain,
    }
    for one, count in zip(statistics, totals.missing, strict=True):
        request = one.request
        names = request.variables if isinstance(request, Moments) else (request.variable,)
        reasons[f"without a value of {' or '.join(dict.fromkeys(names))}"] = count
    return {reason: count for reason, count in reasons.items() if count}


def _linear_method(survey: Survey, totals: ClusterTotals) -> str:
    if isinstance(survey.design, TwoPhaseDesign):
        return f"two phases, {int(survey.phases.selected.sum()):,} of {survey.rows:,} rows in the second"
    stage = totals.stages[0]
    units = "rows" if len(totals.stages) == 1 and totals.by_element else "clusters"
    strata = f" in {len(stage.sampled):,} strata" if len(stage.sampled) > 1 else ""
    stages = f", {len(totals.stages)} stages" if len(totals.stages) > 1 else ""
    calibrated = ", calibrated weights" if survey.calibrations else ""
    return f"linearised, {len(stage.strata):,} {units}{strata}{stages}{calibrated}"
