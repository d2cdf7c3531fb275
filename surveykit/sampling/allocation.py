"""How a sample is shared among strata, and what a given allocation can say."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, NonlinearConstraint, minimize
from scipy.stats import norm

from surveykit.errors import SamplingError
from surveykit.findings import Place

Method = Literal["equal", "proportional", "power", "neyman"]
Floats = NDArray[np.float64]

_POWER: Final = 0.5  # square root: between equal and proportional (Bankier 1988 leaves the choice; Kish 1988 uses 1/2)
_MIN_TAKE: Final = 2  # two units a stratum are the fewest that give a variance (Cochran 1977, 5A.12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Units to take in every stratum.

    Parameters
    ----------
    sizes : mapping of hashable to float
        Population of every stratum.
    takes : mapping of hashable to int
        Units to take in every stratum.
    method : str
        How the takes were found.
    """

    sizes: Mapping[Hashable, float]
    takes: Mapping[Hashable, int]
    method: str

    @property
    def n(self) -> int:
        """Units in all."""
        return sum(self.takes.values())

    @property
    def weight_effect(self) -> float:
        """Design effect of the unequal rates, ``1 + CV^2`` of the weights (Kish 1987)."""
        total = math.fsum(self.sizes.values())
        return self.n * math.fsum(self.sizes[key] ** 2 / take for key, take in self.takes.items() if take) / total**2

    def to_frame(self) -> pd.DataFrame:
        """Return one row a stratum: ``stratum, size, share, n, rate``."""
        sizes = np.array([self.sizes[key] for key in self.takes], dtype=float)
        takes = np.array(list(self.takes.values()), dtype=int)
        columns = {"stratum": list(self.takes), "size": sizes, "share": sizes / sizes.sum(), "n": takes}
        return pd.DataFrame(columns | {"rate": takes / sizes})


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """What an allocation can say about one outcome.

    Parameters
    ----------
    strata : pandas.DataFrame
        One row a stratum: ``stratum, interviews, se, margin, cv``.
    se, margin, cv : float
        The same for all strata together.
    weight_effect : float
        Design effect of the unequal rates, ``1 + CV^2`` of the weights.
    """

    strata: pd.DataFrame
    se: float
    margin: float
    cv: float
    weight_effect: float


def allocate(
    sizes: Mapping[Hashable, float],
    n: int,
    *,
    method: Method = "proportional",
    power: float = _POWER,
    sd: Mapping[Hashable, float] | None = None,
    cost: Mapping[Hashable, float] | None = None,
    minimum: int = 0,
    maximum: Mapping[Hashable, int] | None = None,
) -> Allocation:
    """Share a sample among strata.

    Parameters
    ----------
    sizes : mapping of hashable to float
        Population of every stratum, any unit.
    n : int
        Units to share.
    method : {"equal", "proportional", "power", "neyman"}
        ``power`` takes ``size ** power`` (0.5 is the square root allocation), ``neyman`` ``size * sd / sqrt(cost)``.
    power : float
        Exponent of the power allocation, 0 (equal) to 1 (proportional).
    sd, cost : mapping of hashable to float
        Standard deviation and cost of a unit by stratum, for ``neyman``; cost 1 where none is given.
    minimum : int
        Fewest units of a stratum.
    maximum : mapping of hashable to int
        Most units of a stratum, for instance all its clusters.

    Returns
    -------
    Allocation
        Whole numbers that add up to `n` exactly (largest remainders).

    Raises
    ------
    SamplingError
        If a size is not positive, a stratum lacks a number, or `n` does not lie within the limits.

    References
    ----------
    Cochran WG (1977), Sampling Techniques, 3rd ed., sections 5.5 and 5.9; Bankier MD (1988), Power allocations, The
    American Statistician 42; Kish L (1988), Multipurpose sample designs, Survey Methodology 14.
    """
    keys = list(sizes)
    _check_sizes(sizes)
    shares = _shares(sizes, method, power, sd, cost)
    lowest = np.full(len(keys), float(minimum))
    highest = np.array([math.inf if maximum is None else maximum.get(key, math.inf) for key in keys], dtype=float)
    if not lowest.sum() <= n <= highest.sum():
        raise SamplingError.of("sampling-allocation-limits", n=n, low=int(lowest.sum()), high=highest.sum())
    takes = _whole(_within(shares, n, lowest, highest), n, highest)
    return Allocation(sizes=dict(sizes), takes=dict(zip(keys, takes, strict=True)), method=method)


def bethel(
    sizes: Mapping[Hashable, float],
    sds: Mapping[str, Mapping[Hashable, float]],
    targets: Mapping[str, float],
    *,
    cost: Mapping[Hashable, float] | None = None,
    minimum: int = _MIN_TAKE,
) -> Allocation:
    """Find the cheapest allocation that meets several targets at once.

    Parameters
    ----------
    sizes : mapping of hashable to float
        Units of every stratum.
    sds : mapping of str to mapping
        For every outcome its standard deviation by stratum.
    targets : mapping of str to float
        For every outcome the wanted standard error of its mean over all strata.
    cost : mapping of hashable to float
        Cost of a unit by stratum, 1 where none is given.
    minimum : int
        Fewest units of a stratum, where it has as many.

    Returns
    -------
    Allocation
        Rounded up, so that every target is met.

    Raises
    ------
    SamplingError
        If a size is not positive, a number is missing, or a target cannot be met.

    Notes
    -----
    Minimises ``sum c_h n_h`` subject to ``sum W_h^2 S_hj^2 (1/n_h - 1/N_h) <= V_j``. With ``u = log n`` goal and
    limits are convex, and the optimum is found by :func:`scipy.optimize.minimize`. R: ``SamplingStrata::bethel``.

    References
    ----------
    Bethel J (1989), Sample allocation in multivariate surveys, Survey Methodology 15, 47-57.
    """
    _check_sizes(sizes)
    keys = list(sizes)
    population = np.array([sizes[key] for key in keys], dtype=float)
    costs = _by_stratum(cost, keys, "cost") if cost else np.ones(len(keys))
    spread = np.array([_by_stratum(sds[name], keys, name) for name in targets])
    parts = (population / population.sum() * spread) ** 2
    limits = np.array([targets[name] ** 2 for name in targets]) + parts @ (1.0 / population)
    lowest = np.minimum(float(minimum), population)
    found = _cheapest(parts / limits[:, None], costs, np.log(lowest), np.log(population))
    takes = np.minimum(np.ceil(found - 1e-6), population).astype(int)  # 1e-6 of a unit is the optimiser's noise
    return Allocation(sizes=dict(sizes), takes=dict(zip(keys, takes.tolist(), strict=True)), method="bethel")


def precision(
    allocation: Allocation,
    *,
    proportion: float | Mapping[Hashable, float] | None = None,
    mean: float | Mapping[Hashable, float] | None = None,
    sd: float | Mapping[Hashable, float] | None = None,
    per_unit: float = 1.0,
    deff: float = 1.0,
    confidence: float = 0.95,
) -> Precision:
    """Work out what a given allocation can say, stratum by stratum and over all.

    Parameters
    ----------
    allocation : Allocation
        Units a stratum, for instance clusters.
    proportion, mean, sd : float or mapping of hashable to float
        Expected values, one for all strata or one a stratum: a proportion, or a standard deviation (with the mean,
        if the coefficient of variation is wanted).
    per_unit : float
        Completed interviews a unit: 19 for clusters of 20 households of which 95 % answer.
    deff : float
        Design effect within a stratum; that of unequal rates is added by the combination itself.
    confidence : float
        Confidence of the intervals.

    Returns
    -------
    Precision

    Notes
    -----
    ``V_h = deff S_h^2 / m_h``, ``V = sum W_h^2 V_h`` with the population shares ``W_h``.

    References
    ----------
    Cochran WG (1977), Sampling Techniques, 3rd ed., section 5.3.
    """
    keys = list(allocation.takes)
    centre = _by_stratum(mean if proportion is None else proportion, keys, "mean", lacking=math.nan)
    spread = np.sqrt(centre * (1 - centre)) if proportion is not None else _by_stratum(sd, keys, "sd")
    size = np.array([allocation.sizes[key] for key in keys], dtype=float)
    share = size / size.sum()
    interviews = np.array([allocation.takes[key] for key in keys], dtype=float) * per_unit
    if (interviews <= 0).any():
        empty = ", ".join(str(key) for key in np.array(keys, dtype=object)[interviews <= 0])
        raise SamplingError.of("sampling-allocation-empty", strata=empty)
    se = spread * np.sqrt(deff / interviews)
    z = float(norm.ppf(0.5 + confidence / 2.0))
    overall = math.sqrt(math.fsum((share * se) ** 2))
    strata = pd.DataFrame({"stratum": keys, "interviews": interviews, "se": se, "margin": z * se, "cv": se / centre})
    return Precision(
        strata=strata,
        se=overall,
        margin=z * overall,
        cv=overall / float(share @ centre),
        weight_effect=allocation.weight_effect,
    )


def _check_sizes(sizes: Mapping[Hashable, float]) -> None:
    wrong = [str(key) for key, size in sizes.items() if not size > 0]
    if wrong or not sizes:
        raise SamplingError.of("sampling-allocation-size", Place(record=", ".join(wrong)), strata=", ".join(wrong))


def _by_stratum(
    values: float | Mapping[Hashable, float] | None,
    keys: Sequence[Hashable],
    name: str,
    *,
    lacking: float | None = None,
) -> Floats:
    if values is None and lacking is not None:
        return np.full(len(keys), lacking)
    if isinstance(values, int | float):
        return np.full(len(keys), float(values))
    known = values or {}
    missing = [str(key) for key in keys if key not in known]
    if missing:
        raise SamplingError.of("sampling-allocation-missing", name=name, strata=", ".join(missing))
    return np.array([known[key] for key in keys], dtype=float)


def _shares(
    sizes: Mapping[Hashable, float],
    method: Method,
    power: float,
    sd: Mapping[Hashable, float] | None,
    cost: Mapping[Hashable, float] | None,
) -> Floats:
    keys = list(sizes)
    size = np.array([sizes[key] for key in keys], dtype=float)
    if method == "neyman":
        costs = _by_stratum(cost, keys, "cost") if cost else np.ones(len(keys))
        return size * _by_stratum(sd, keys, "sd") / np.sqrt(costs)
    exponents = {"equal": 0.0, "proportional": 1.0, "power": power}
    if method not in exponents:
        raise SamplingError.of("sampling-allocation-method", found=method, known=", ".join((*exponents, "neyman")))
    return np.asarray(size ** exponents[method], dtype=float)


def _within(shares: Floats, n: int, lowest: Floats, highest: Floats) -> Floats:
    takes = lowest.copy()
    free = np.ones(len(shares), dtype=bool)
    while free.any():
        factor = max(0.0, n - takes[~free].sum()) / shares[free].sum()
        wanted = np.where(free, factor * shares, takes)
        low, high = free & (wanted < lowest), free & (wanted > highest)
        if not low.any() and not high.any():
            return np.asarray(wanted, dtype=float)
        excess = (lowest - wanted)[low].sum() - (wanted - highest)[high].sum()
        fixed = low if excess >= 0 else high
        takes[fixed] = np.clip(wanted, lowest, highest)[fixed]
        free &= ~fixed
    return takes


def _whole(wanted: Floats, n: int, highest: Floats) -> list[int]:
    takes = np.floor(wanted + 1e-9).astype(int)  # 15.999999999999998 is 16
    remainders = np.where(takes < highest, wanted - takes, -1.0)
    takes[np.argsort(-remainders, kind="stable")[: n - takes.sum()]] += 1
    return [int(take) for take in takes]


def _cheapest(parts: Floats, costs: Floats, lowest: Floats, highest: Floats) -> Floats:
    if (parts @ np.exp(-highest) > 1.0).any():
        raise SamplingError.of("sampling-allocation-target")
    scale = float(costs @ np.exp(highest))

    def goal(u: Floats) -> float:
        return math.log(float(costs @ np.exp(u)) / scale)

    def slope(u: Floats) -> Floats:
        return np.asarray(costs * np.exp(u) / (costs @ np.exp(u)), dtype=float)

    def met(u: Floats) -> Floats:
        return np.asarray(parts @ np.exp(-u), dtype=float)

    limits = NonlinearConstraint(met, -math.inf, 1.0, jac=lambda u: -parts * np.exp(-u))
    bounds = Bounds(lowest, highest)
    result = minimize(
        goal,
        highest,
        jac=slope,
        bounds=bounds,
        constraints=[limits],
        method="SLSQP",
        options={"maxiter": 1000, "ftol": 1e-14},
    )
    if not result.success:
        raise SamplingError.of("sampling-allocation-target")
    return np.asarray(np.exp(result.x), dtype=float)
