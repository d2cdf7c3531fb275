"""From statistics to an estimate: sums, values, scores, variance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey
from surveykit.estimation.degrees import domain_df, overall_df
from surveykit.estimation.estimate import Estimate, Source
from surveykit.estimation.intervals import Interval, limits
from surveykit.estimation.replicates import replicate_df, replicate_totals, scales_of, without_missing
from surveykit.estimation.requests import ClusterTotals, Moments
from surveykit.estimation.scores import linearised
from surveykit.estimation.statistics import DomainSums, Statistic, share
from surveykit.estimation.totals import cluster_totals
from surveykit.estimation.variance import Cells, summed

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
    """Values and variances of all statistics in all domains.

    Parameters
    ----------
    totals : ClusterTotals
        The sums behind them.
    sums : tuple of DomainSums
        One a statistic.
    values, variances : float arrays of shape (D, q)
        Estimates and variances.
    df : float array of shape (D,)
        Degrees of freedom.
    overall_df : float
        Degrees of freedom of the subpopulation.
    source : Source
        Where the covariance comes from.
    method : str
        How the variance was estimated.
    """

    totals: ClusterTotals
    sums: tuple[DomainSums, ...]
    values: Floats
    variances: Floats
    df: Floats
    overall_df: float
    source: Source
    method: str


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
    numbers = computed(survey, statistics, options)
    labels = [label for one, part in zip(statistics, numbers.sums, strict=True) for label in one.labels(part.block)]
    domains = numbers.totals.domains
    width = len(labels)
    repeat = [domain for domain in range(len(domains)) for _ in range(width)]
    by = {column: tuple(domains.values(at)[domain] for domain in repeat) for at, column in enumerate(domains.names)}
    per_statistic = [_beside(one, part) for one, part in zip(statistics, numbers.sums, strict=True)]
    beside = {key: np.concatenate([part[key] for part in per_statistic], axis=1).ravel() for key in per_statistic[0]}
    variances = np.clip(numbers.variances, 0, None).ravel()
    df = np.repeat(numbers.df, width)
    estimate = Estimate(
        statistic=name,
        by=by,
        variable=tuple(variable for variable, _ in labels) * len(domains),
        category=tuple(level for _, level in labels) * len(domains),
        estimate=numbers.values.ravel(),
        se=np.sqrt(variances),
        df=df if options.df is None else np.full_like(df, options.df),
        n=beside["n"],
        weighted_n=beside["weight"],
        deff=share(variances, beside["simple"] * (1 - share(beside["n"], beside["weight"]))),
        deff_replace=share(variances, beside["simple"]),
        source=numbers.source,
        overall_df=numbers.overall_df if options.df is None else options.df,
        interval=options.interval,
        confidence=options.confidence,
        method=numbers.method,
        left_out=left_out(numbers.totals, statistics),
        conditions=survey.conditions,
        findings=survey.findings,
    )
    limits(options.interval, np.ones(1), np.ones(1), n=np.ones(1), df=np.ones(1), level=options.confidence)
    return estimate


def computed(survey: Survey, statistics: Sequence[Statistic], options: Options) -> Numbers:
    """Return values and variances of statistics in all domains, linearised or from replicates."""
    if isinstance(survey.design, ReplicateDesign):
        return _from_replicates(survey, statistics, options)
    requests = [one.request for one in statistics]
    totals = cluster_totals(survey, requests, options.by, margins=options.margins, by_row=bool(survey.calibrations))
    sums = tuple(domain_sums(totals, at) for at in range(len(statistics)))
    parts = zip(statistics, sums, strict=True)
    scores = [one.scores(part, totals.cells.domain) for one, part in parts]
    source, variances = linearised(survey, totals, scores)
    cells = sampling_cells(survey, totals)
    return Numbers(
        totals=totals,
        sums=sums,
        values=np.concatenate([one.value(part) for one, part in zip(statistics, sums, strict=True)], axis=1),
        variances=variances,
        df=domain_df(cells, totals.rows, totals.stages),
        overall_df=overall_df(cells, totals.rows, totals.stages),
        source=source,
        method=_linear_method(survey, totals),
    )


def sampling_cells(survey: Survey, totals: ClusterTotals) -> Cells:
    """Return domain and last-stage sampling unit of each cell, also where rows were kept apart."""
    if not survey.calibrations:
        return totals.cells
    units = survey.layout.stages[-1].units[totals.cells.unit]
    return Cells(domain=totals.cells.domain, unit=units, domains=totals.cells.domains)


def domain_sums(totals: ClusterTotals, at: int) -> DomainSums:
    """Return the sums of one request by domain."""
    block, cells = totals.blocks[at], totals.cells
    rows = np.bincount(cells.domain, weights=block.rows, minlength=cells.domains).astype(np.float64)
    return DomainSums(totals=summed(block.sums, cells.domain, cells.domains), rows=rows, block=block)


def _from_replicates(survey: Survey, statistics: Sequence[Statistic], options: Options) -> Numbers:
    """Return values from full-sample sums and variances from the sums of each replicate, by unit times factor."""
    design = cast("ReplicateDesign", survey.design)
    units, factors, base = _factors(survey)
    totals = cluster_totals(
        survey,
        [one.request for one in statistics],
        options.by,
        margins=options.margins,
        by_row=units is None,
        units=units,
        weights=base,
    )
    domain = totals.cells.domain
    sums, full, replicates = [], [], []
    for at, one in enumerate(statistics):
        block = totals.blocks[at]
        rows = np.bincount(domain, weights=block.rows, minlength=totals.cells.domains).astype(np.float64)
        each = replicate_totals(block.sums, (domain, totals.cells.unit, totals.cells.domains), factors)
        sums.append(DomainSums(totals=each[0], rows=rows, block=block))
        full.append(one.value(sums[-1]))
        replicates.append(one.value(DomainSums(totals=each[1:], rows=rows, block=block)))
    values = np.concatenate(full, axis=1)
    theta = np.concatenate(replicates, axis=2).reshape(factors.shape[1] - 1, -1)
    source = without_missing(theta, values.ravel(), scales_of(design, len(theta)))
    df = replicate_df(survey)
    return Numbers(
        totals=totals,
        sums=tuple(sums),
        values=values,
        variances=source.variances().reshape(values.shape),
        df=np.full(len(values), df),
        overall_df=df,
        source=source,
        method=f"{len(source.replicates)} replicate weights, {design.method}",
    )


def _factors(survey: Survey) -> tuple[NDArray[np.intp] | None, Floats, Floats | None]:
    """Return units (None for rows), factors of shape (U, 1 + R) with the full sample first, and the base weights."""
    if survey.replicates is not None:
        made = survey.replicates
        return made.units, np.concatenate([np.ones((len(made.factors), 1)), made.factors], axis=1), None
    factors = np.concatenate([survey.weights[:, None], survey.replicate_weights()], axis=1)
    return None, factors, np.ones(len(factors))


def _beside(statistic: Statistic, sums: DomainSums) -> dict[str, Floats]:
    """Return rows, sums of weights and simple-random-sampling variances, each of shape (D, k)."""
    simple = statistic.simple(sums)
    return {
        "simple": simple,
        "n": np.broadcast_to(sums.rows[:, None], simple.shape),
        "weight": np.broadcast_to(statistic.weight(sums)[:, None], simple.shape),
    }


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
    stage = totals.stages[0]
    units = "rows" if len(totals.stages) == 1 and totals.by_element else "clusters"
    strata = f" in {len(stage.sampled):,} strata" if len(stage.sampled) > 1 else ""
    stages = f", {len(totals.stages)} stages" if len(totals.stages) > 1 else ""
    calibrated = ", calibrated weights" if survey.calibrations else ""
    return f"linearised, {len(stage.strata):,} {units}{strata}{stages}{calibrated}"
