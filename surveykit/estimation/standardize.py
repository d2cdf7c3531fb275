"""Direct standardisation: what a population would show if it had the ages of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from surveykit.design.layout import crossed
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.assembly import Names, Numbers, Options, computed, described, names_of
from surveykit.estimation.domains import Domains
from surveykit.estimation.estimate import Estimate
from surveykit.estimation.intervals import Interval
from surveykit.estimation.sources import Pooling
from surveykit.estimation.statistics import Mean, Proportion, Statistic
from surveykit.estimation.sums import summed
from surveykit.estimation.totals import binary
from surveykit.findings import Findings, Place, finding

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_ROUNDING: Final = 1e-9  # shares add up to 1 but for rounding


def standardize(
    survey: Survey,
    variables: Names,
    *,
    over: Names,
    population: Mapping[object, float],
    by: Names = None,
    margins: bool = False,
    kind: Literal["mean", "proportion"] = "mean",
    interval: Interval = "wald",
    confidence: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Return means or proportions standardised to a population.

    Parameters
    ----------
    survey : Survey
        Frame, design and subpopulation; a subpopulation that depends on the outcome belongs in ``where``.
    variables : str or list of str
        Numeric columns, or 0/1 columns and truth values for a share.
    over : str or list of str
        Columns whose crossing the population is given by, such as the age group.
    population : mapping of level to count or share
        The standard population; with several columns in ``over`` the keys are tuples.
    by : str or list of str, optional
        Columns whose crossings are the domains.
    margins : bool
        Add the margins of the crossing, down to the whole subpopulation.
    kind : {"mean", "proportion"}
        With ``proportion``, the shares of all levels of a categorical variable.
    interval : str
        Kind of the interval; see ``intervals.limits``.
    confidence, df
        As for ``mean``.

    Returns
    -------
    Estimate
        One row a domain and variable (and level).

    Raises
    ------
    EstimationError
        If a level of ``over`` has no count in the population, or counts are negative or all zero.

    Notes
    -----
    sum_a c_a m_a, c_a the share of level a in the standard population and m_a the domain's mean there; its variance
    takes in the covariances of the m_a, and equals that of post-stratification to c_a. Where a domain has nobody at
    some level, the shares of the others are scaled to 1 and a finding says so. R: ``svystandardize`` followed by
    ``svyby``.
    """
    options = Options(by=names_of(by), margins=margins, confidence=confidence, interval=interval, df=df)
    across = names_of(over)
    statistics: list[Statistic] = [_statistic(survey, name, kind) for name in names_of(variables)]
    cells = computed(survey, statistics, replace(options, by=(*options.by, *across)))
    shares = _shares(cells.domains, len(options.by), population)
    numbers, lacking = _pooled(cells, len(options.by), shares)
    estimate = described(survey, numbers, "standardised " + kind, options)
    return replace(estimate, findings=estimate.findings + lacking, over=across)


def _statistic(survey: Survey, name: str, kind: str) -> Statistic:
    if kind == "mean":
        return Mean(variable=name)
    if kind != "proportion":
        where = Place(field="kind")
        raise EstimationError.of("estimate-option", where, name="kind", value=kind, allowed="mean, proportion")
    one = binary(survey, name)
    return Proportion(variable=name, levels=None if one is None else (one,))


def _shares(domains: Domains, width: int, population: Mapping[object, float]) -> Floats:
    """Return the share of the standard population at the level of each cell, shape (D,); NaN for margins over it."""
    counts = {key: float(value) for key, value in population.items()}
    if any(value < 0 for value in counts.values()) or not sum(counts.values()):
        raise EstimationError.of("standardize-population", Place(field="population"))
    columns = [domains.values(at) for at in range(width, len(domains.names))]
    whole_rows = np.asarray((domains.codes[:, width:] >= 0).all(axis=1))
    every: list[object] = list(columns[0]) if len(columns) == 1 else list(zip(*columns, strict=True))
    keys = [key for key, whole in zip(every, whole_rows, strict=True) if whole]
    as_text = {str(key): key for key in counts}
    unknown = sorted({str(key) for key in keys if key not in counts and str(key) not in as_text})
    if unknown:
        over = ", ".join(domains.names[width:])
        given = ", ".join(as_text)
        where = Place(field=over)
        raise EstimationError.of("standardize-level", where, over=over, levels=", ".join(unknown), given=given)
    whole = sum(counts.values())
    shares = np.full(len(domains), np.nan)
    shares[whole_rows] = [counts[key if key in counts else as_text[str(key)]] / whole for key in keys]
    return shares


def _pooled(cells: Numbers, width: int, shares: Floats) -> tuple[Numbers, Findings]:
    kept = np.flatnonzero(~np.isnan(shares))
    codes = cells.domains.codes[kept, :width]
    target, table = _targets(codes)
    pools = len(table)
    each, share = cells.values[kept], shares[kept, None]
    present = np.where(np.isnan(each), 0.0, share)
    covered = summed(present, target, pools)
    factors = np.divide(present, covered[target], out=np.zeros_like(present), where=covered[target] > 0)
    everywhere, place = np.zeros(cells.values.shape), np.full(len(shares), -1)
    everywhere[kept], place[kept] = factors, target
    source = cells.source.pooled(Pooling(target=place, factors=everywhere, pools=pools))
    values = summed(factors * np.where(np.isnan(each), 0.0, each), target, pools)
    domains = Domains(names=cells.domains.names[:width], codes=table, levels=cells.domains.levels[:width])
    none = np.where(covered > 0, values, np.nan)
    numbers = replace(
        cells,
        domains=domains,
        values=none,
        variances=np.where(covered > 0, source.variances().reshape(none.shape), np.nan),
        rows=summed(cells.rows[kept], target, pools),
        weight=summed(cells.weight[kept], target, pools),
        simple=np.full(none.shape, np.nan),
        df=np.full(pools, cells.overall_df) if cells.presence is None else cells.presence.pooled_df(place, pools),
        source=source,
    )
    return numbers, _lacking(numbers, covered)


def _targets(codes: Integers) -> tuple[Integers, Integers]:
    """Return the pool of each cell, and the codes of each pool: the full crossing first, then its margins."""
    gone = codes < 0
    pattern = gone @ (1 << np.arange(codes.shape[1])[::-1])
    target = crossed([gone.sum(axis=1), pattern, *codes.T])
    table = np.empty((int(target.max()) + 1, codes.shape[1]), dtype=np.intp)
    table[target] = codes
    return target, table


def _lacking(numbers: Numbers, covered: Floats) -> Findings:
    """Return a finding for each domain that has nobody at some level of the standard population."""
    short = np.flatnonzero((covered < 1 - _ROUNDING).any(axis=1))
    return Findings.of(
        finding("standardize-empty-level", domain=numbers.domains.label(int(at)), share=f"{covered[at].min():.3f}")
        for at in short
    )
