"""How many to ask: from a margin or a power to interviews, households and clusters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

import pandas as pd
from scipy.stats import norm

from surveykit.errors import SamplingError
from surveykit.findings import Finding, Place, finding

_ROUNDING: Final = 1e-9  # a size of 485.0000000001 by floating point is 485, not 486


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainSize:
    """The size for one domain, or for the whole.

    Parameters
    ----------
    domain : str
        Name of the domain, ``total`` for the whole.
    simple : float
        Interviews that a simple random sample would need.
    deff : float
        Design effect applied; null for the sum of domains.
    interviews : int
        Completed interviews (for two groups: of each group).
    persons : int
        Persons to select, so that the interviews remain after non-response and ineligibility.
    households : int
        Households to visit, so that the persons are found.
    clusters : int
        Clusters, where a take was given; 0 otherwise.
    margin : float
        Half width of the confidence interval that the interviews give; null where power was asked for.
    power : float
        Power that the interviews give; null where a margin was asked for.
    """

    domain: str
    simple: float
    deff: float | None
    interviews: int
    persons: int
    households: int
    clusters: int
    margin: float | None
    power: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """Sizes by domain and for the whole.

    Parameters
    ----------
    domains : tuple of DomainSize
        One a domain; empty where none were named.
    total : DomainSize
        The whole: the single size asked for, or the sum of the domains with the precision of their combination.
    """

    domains: tuple[DomainSize, ...]
    total: DomainSize

    @property
    def n(self) -> int:
        """Persons to select in all."""
        return self.total.persons

    @property
    def interviews(self) -> int:
        """Completed interviews in all."""
        return self.total.interviews

    @property
    def households(self) -> int:
        """Households to visit in all."""
        return self.total.households

    def to_frame(self) -> pd.DataFrame:
        """Return one row a domain and the total last."""
        names = [part.name for part in fields(DomainSize)]
        rows = [[getattr(size, name) for name in names] for size in (*self.domains, self.total)]
        return pd.DataFrame(rows, columns=names)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    variances: tuple[float, ...]
    null_variance: float
    difference: float
    shared: float
    margin: float | None
    power: float | None
    confidence: float
    deff: float
    response: float
    eligibility: float
    per_household: float
    take: float | None
    population: float | None


def design_effect(rho: float, take: float, *, weight_cv: float = 0.0) -> float:
    """Design effect of clustering and of unequal weights.

    Parameters
    ----------
    rho : float
        Intraclass correlation within clusters, -1 to 1.
    take : float
        Respondents a cluster.
    weight_cv : float
        Coefficient of variation of the weights (0.4, not 40).

    Returns
    -------
    float

    Notes
    -----
    ``(1 + (m - 1) rho) (1 + CV^2)``.

    References
    ----------
    Kish L (1965), Survey Sampling, section 5.4; Kish L (1987), Weighting in Deft2, The Survey Statistician.
    """
    return (1.0 + (take - 1.0) * rho) * (1.0 + weight_cv**2)


def sample_size(
    *,
    proportion: float | Sequence[float] | None = None,
    mean: float | Sequence[float] | None = None,
    sd: float | Sequence[float] | None = None,
    margin: float | None = None,
    relative_margin: float | None = None,
    power: float | None = None,
    confidence: float = 0.95,
    deff: float | None = None,
    rho: float | None = None,
    take: float | None = None,
    response: float = 1.0,
    eligibility: float = 1.0,
    per_household: float = 1.0,
    population: float | None = None,
    overlap: float = 0.0,
    correlation: float = 0.0,
    domains: Mapping[str, Mapping[str, float]] | None = None,
) -> SampleSize:
    """Size a sample for a proportion, a mean, a difference of two, or a change between rounds.

    Parameters
    ----------
    proportion : float or pair of float
        Expected proportion (0 to 1); a pair sizes their difference.
    mean : float or pair of float
        Expected mean; a pair sizes the difference. For a margin in units of the mean it may be left out.
    sd : float or pair of float
        Standard deviation that belongs to a mean.
    margin : float
        Wanted half width of the confidence interval, in units of the estimate (0.05 is five points).
    relative_margin : float
        The same as a share of the estimate (0.1 is ten percent of it).
    power : float
        Wanted power of a two-sided test of the difference at level ``1 - confidence``.
    confidence : float
        Confidence of the interval.
    deff : float
        Design effect; without it, from ``rho`` and ``take``, else 1.
    rho : float
        Intraclass correlation within clusters.
    take : float
        Households visited a cluster.
    response, eligibility : float
        Shares of the selected that answer, and that are eligible at all (0 to 1).
    per_household : float
        Eligible persons asked a household; 0.28 children under 5, 1 for one adult.
    population : float
        Persons in the population, for the finite population correction of a simple random sample.
    overlap, correlation : float
        For a change between rounds: share of the second round that was in the first, and correlation of its answers.
    domains : mapping of str to mapping
        Domains to be sized apart; each may give its own value of any number above, for instance
        ``{"Pyongyang": {"population": 3255288}, "Ryanggang": {"population": 719269, "proportion": 0.35}}``.

    Returns
    -------
    SampleSize
        For a pair, sizes of each of the two groups.

    Raises
    ------
    SamplingError
        If the numbers do not make one question, or lie outside their range.

    Notes
    -----
    Margin: ``n = z^2 V / e^2`` with ``V = p (1 - p)`` or ``sd^2``; for two groups ``V = V1 + V2 - 2 P R sqrt(V1 V2)``
    with overlap ``P`` and correlation ``R``. Power: ``n = (z_a s0 + z_b s1)^2 / d^2`` with ``s0`` from the pooled
    proportion. Then ``n / (1 + n / N)``, times deff, divided by response, eligibility and persons a household;
    rounded up at every step that counts people. R: ``power.prop.test`` gives the same for proportions.

    References
    ----------
    Cochran WG (1977), Sampling Techniques, 3rd ed., sections 4.4 and 4.6; Kish L (1965), Survey Sampling, section 12.4;
    Fleiss JL, Levin B, Paik MC (2003), Statistical Methods for Rates and Proportions, section 4.2.
    """
    given: dict[str, object] = {
        "proportion": proportion,
        "mean": mean,
        "sd": sd,
        "margin": margin,
        "relative_margin": relative_margin,
        "power": power,
        "confidence": confidence,
        "deff": deff,
        "rho": rho,
        "take": take,
        "response": response,
        "eligibility": eligibility,
        "per_household": per_household,
        "population": population,
        "overlap": overlap,
        "correlation": correlation,
    }
    if not domains:
        return SampleSize(domains=(), total=_sized("total", _planned(given, "total")))
    plans = {name: _planned(given | dict(own), name) for name, own in domains.items()}
    sizes = tuple(_sized(name, plan) for name, plan in plans.items())
    return SampleSize(domains=sizes, total=_combined(sizes, tuple(plans.values())))


def _planned(given: Mapping[str, object], domain: str) -> _Plan:
    problems = _problems(given, domain)
    if problems:
        raise SamplingError(problems)
    values, variances = _target(given)
    margin = given["margin"] if given["relative_margin"] is None else _number(given["relative_margin"]) * abs(values[0])
    pooled = math.fsum(values) / len(values)
    return _Plan(
        variances=variances,
        null_variance=pooled * (1 - pooled)
        if given["proportion"] is not None
        else math.fsum(variances) / len(variances),
        difference=abs(values[0] - values[-1]),
        shared=_number(given["overlap"]) * _number(given["correlation"]),
        margin=None if margin is None else _number(margin),
        power=None if given["power"] is None else _number(given["power"]),
        confidence=_number(given["confidence"]),
        deff=_deff(given),
        response=_number(given["response"]),
        eligibility=_number(given["eligibility"]),
        per_household=_number(given["per_household"]),
        take=None if given["take"] is None else _number(given["take"]),
        population=None if given["population"] is None else _number(given["population"]),
    )


def _problems(given: Mapping[str, object], domain: str) -> list[Finding]:
    found: list[Finding] = []
    where = Place(record=domain)
    about_mean = given["proportion"] is None
    if about_mean == (given["sd"] is None) or (not about_mean and given["mean"] is not None):
        found.append(finding("sampling-size-target", where))
    goals = [name for name in ("margin", "relative_margin", "power") if given[name] is not None]
    if len(goals) != 1:
        found.append(finding("sampling-size-goal", where, found=", ".join(goals) or "none"))
    found += [
        finding("sampling-size-range", where, name=name, found=value, low=low, high=high)
        for name, (low, high) in _RANGES.items()
        for value in _many(given[name])
        if not low < value < high and not (value == high and name in _CLOSED) and not (value == low and name in _FROM)
    ]
    count = len(_many(given["mean"] if about_mean else given["proportion"]))
    if not found and count != 2 and goals == ["power"]:
        found.append(finding("sampling-size-pair", where, found=count))
    if not found and (count > 2 or (count == 0 and goals == ["relative_margin"])):
        found.append(finding("sampling-size-pair", where, found=count))
    return found


_RANGES: Final = {
    "proportion": (0.0, 1.0),
    "sd": (0.0, math.inf),
    "margin": (0.0, math.inf),
    "relative_margin": (0.0, math.inf),
    "power": (0.0, 1.0),
    "confidence": (0.0, 1.0),
    "deff": (0.0, math.inf),
    "rho": (-1.0, 1.0),
    "take": (0.0, math.inf),
    "response": (0.0, 1.0),
    "eligibility": (0.0, 1.0),
    "per_household": (0.0, math.inf),
    "population": (0.0, math.inf),
    "overlap": (0.0, 1.0),
    "correlation": (-1.0, 1.0),
}
_CLOSED: Final = frozenset({"response", "eligibility", "overlap", "correlation", "rho"})
_FROM: Final = frozenset({"overlap", "correlation", "rho"})


def _many(value: object) -> tuple[float, ...]:
    if value is None:
        return ()
    return tuple(_number(one) for one in value) if isinstance(value, Sequence) else (_number(value),)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SamplingError.of("sampling-size-number", found=repr(value))
    return float(value)


def _target(given: Mapping[str, object]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if given["proportion"] is not None:
        values = _many(given["proportion"])
        return values, tuple(p * (1 - p) for p in values)
    values = _many(given["mean"]) or (0.0,)
    spreads = tuple(sd**2 for sd in _many(given["sd"]))
    return values, spreads if len(spreads) == len(values) else spreads[:1] * len(values)


def _deff(given: Mapping[str, object]) -> float:
    if given["deff"] is not None:
        return _number(given["deff"])
    if given["rho"] is None or given["take"] is None:
        return 1.0
    shares = (_number(given[name]) for name in ("take", "response", "eligibility", "per_household"))
    return design_effect(_number(given["rho"]), math.prod(shares))


def _variance(plan: _Plan) -> float:
    if len(plan.variances) == 1:
        return plan.variances[0]
    first, second = plan.variances
    return first + second - 2.0 * plan.shared * math.sqrt(first * second)


def _sized(domain: str, plan: _Plan) -> DomainSize:
    simple = _simple(plan)
    corrected = simple if plan.population is None else simple / (1.0 + simple / plan.population)
    interviews = corrected * plan.deff
    persons = interviews / plan.response / plan.eligibility
    households = persons / plan.per_household
    return DomainSize(
        domain=domain,
        simple=simple,
        deff=plan.deff,
        interviews=_up(interviews),
        persons=_up(persons),
        households=_up(households),
        clusters=0 if plan.take is None else _up(households / plan.take),
        margin=None if plan.margin is None else _reached_margin(plan, _up(interviews)),
        power=None if plan.power is None else _reached_power(plan, _up(interviews)),
    )


def _simple(plan: _Plan) -> float:
    z = float(norm.ppf(0.5 + plan.confidence / 2.0))
    if plan.margin is not None:
        return z**2 * _variance(plan) / plan.margin**2
    null = z * math.sqrt(2.0 * plan.null_variance * (1.0 - plan.shared))
    if plan.difference == 0.0:
        raise SamplingError.of("sampling-size-no-difference")
    real = float(norm.ppf(plan.power or 0.0)) * math.sqrt(_variance(plan))
    return ((null + real) / plan.difference) ** 2


def _standard_error(plan: _Plan, interviews: float) -> float:
    effective = interviews / plan.deff
    left = 1.0 if plan.population is None else max(0.0, 1.0 - effective / plan.population)
    return math.sqrt(_variance(plan) * left / effective)


def _reached_margin(plan: _Plan, interviews: float) -> float:
    return float(norm.ppf(0.5 + plan.confidence / 2.0)) * _standard_error(plan, interviews)


def _reached_power(plan: _Plan, interviews: float) -> float:
    effective = interviews / plan.deff
    left = 1.0 if plan.population is None else max(_ROUNDING, 1.0 - effective / plan.population)
    z = float(norm.ppf(0.5 + plan.confidence / 2.0))
    null = z * math.sqrt(2.0 * plan.null_variance * (1.0 - plan.shared))
    return float(norm.cdf((plan.difference * math.sqrt(effective / left) - null) / math.sqrt(_variance(plan))))


def _combined(sizes: tuple[DomainSize, ...], plans: tuple[_Plan, ...]) -> DomainSize:
    interviews = sum(size.interviews for size in sizes)
    return DomainSize(
        domain="total",
        simple=math.fsum(size.simple for size in sizes),
        deff=None,
        interviews=interviews,
        persons=sum(size.persons for size in sizes),
        households=sum(size.households for size in sizes),
        clusters=sum(size.clusters for size in sizes),
        margin=_combined_margin(sizes, plans),
        power=None,
    )


def _combined_margin(sizes: tuple[DomainSize, ...], plans: tuple[_Plan, ...]) -> float | None:
    if any(plan.population is None or plan.margin is None for plan in plans):
        return None
    people = math.fsum(plan.population or 0.0 for plan in plans)
    parts = (
        ((plan.population or 0.0) / people * _standard_error(plan, size.interviews)) ** 2
        for size, plan in zip(sizes, plans, strict=True)
    )
    return float(norm.ppf(0.5 + plans[0].confidence / 2.0)) * math.sqrt(math.fsum(parts))


def _up(value: float) -> int:
    return math.ceil(value - _ROUNDING)
