"""The random step of every selection method: inclusion probabilities and uniform numbers in, units out.

Every method is a pure function of its uniform numbers, so that tests can enumerate all of its samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def inclusion(sizes: Floats, n: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Inclusion probabilities proportional to size, with certainty units.

    Parameters
    ----------
    sizes : ndarray of float
        Shape (N,), positive measures of size.
    n : int
        Units to take, at most N.

    Returns
    -------
    probabilities : ndarray of float
        Shape (N,), adding up to `n`.
    certain : ndarray of bool
        Shape (N,), units with probability 1.

    Notes
    -----
    Units with ``n x / X >= 1`` are taken for certain, and the rest is shared anew until none is left above.
    R: ``sampling::inclusionprobabilities``.

    References
    ----------
    Tillé Y (2006), Sampling Algorithms, section 2.10.
    """
    certain = np.zeros(sizes.size, dtype=bool)
    while True:
        left = n - int(certain.sum())
        total = math.fsum(sizes[~certain])
        over = ~certain & (sizes * left >= total)
        if left <= 0 or not over.any():
            break
        certain |= over
    return np.where(certain, 1.0, sizes * max(left, 0) / total if total else 0.0), certain


def simple(uniform: Floats, n: int) -> Ints:
    """Take the `n` units with the smallest random numbers: simple random sampling without replacement."""
    return np.sort(np.argsort(uniform, kind="stable")[:n])


def systematic(cumulated: Floats, start: float) -> Ints:
    """Take every unit whose interval of the cumulated probabilities holds ``start + 0, 1, 2, ...``.

    Parameters
    ----------
    cumulated : ndarray of float
        Shape (N,), cumulated inclusion probabilities in list order, ending in the sample size.
    start : float
        Random start in [0, 1).

    Returns
    -------
    ndarray of int
        Positions taken.

    References
    ----------
    Madow WG (1949), On the theory of systematic sampling II, Annals of Mathematical Statistics 20, 333-354.
    """
    passed = np.ceil(cumulated - start)
    passed[-1] = np.round(
        cumulated[-1]
    )  # a start next to 1 is lost in the subtraction; the last interval is still passed
    return np.flatnonzero(np.diff(passed, prepend=0.0) > 0)


def cumulate(sizes: Floats, n: int) -> Floats:
    """Cumulate sizes, scaled to end in exactly `n`; whole-number sizes lose nothing on the way."""
    sums = np.cumsum(sizes)
    cumulated: Floats = sums * n / sums[-1]
    cumulated[-1] = n
    return cumulated


def starts(cumulated: Floats) -> Floats:
    """Return the limits of the intervals of random starts that give one and the same systematic sample."""
    return np.unique(np.concatenate(([0.0], cumulated - np.floor(cumulated), [1.0])))


def brewer_step(probabilities: Floats, n: int, taken: Sequence[int]) -> Floats:
    """Chances of every unit to be drawn next by Brewer's method.

    Parameters
    ----------
    probabilities : ndarray of float
        Shape (N,), inclusion probabilities below 1 that add up to `n`.
    n : int
        Units to take.
    taken : sequence of int
        Positions drawn so far.

    Returns
    -------
    ndarray of float
        Shape (N,), adding up to 1.

    References
    ----------
    Brewer KRW (1975), A simple procedure for pi-ps wor, Australian Journal of Statistics 17, 166-172;
    Tillé Y (2006), Sampling Algorithms, section 6.3.3. R: ``sampling::UPbrewer``.
    """
    left = n - math.fsum(probabilities[list(taken)])
    chances = probabilities * (left - probabilities) / (left - probabilities * (n - len(taken)))
    chances[list(taken)] = 0.0
    return np.asarray(chances / math.fsum(chances), dtype=float)


def murthy_step(probabilities: Floats, n: int, taken: Sequence[int]) -> Floats:
    """Chances of every unit to be drawn next: size among those left (successive sampling).

    References
    ----------
    Murthy MN (1957), Ordered and unordered estimators in sampling without replacement, Sankhya 18, 379-390.
    """
    chances = probabilities / n
    chances[list(taken)] = 0.0
    return np.asarray(chances / math.fsum(chances), dtype=float)


def one_by_one(
    step: Callable[[Floats, int, Sequence[int]], Floats], probabilities: Floats, n: int, uniform: Floats
) -> Ints:
    """Draw `n` units one after another, each by the chances that `step` gives after those drawn before."""
    taken: list[int] = []
    for number in uniform[:n]:
        taken.append(_draw(step(probabilities, n, taken), float(number)))
    return np.sort(np.array(taken, dtype=np.int64))


def with_replacement(sizes: Floats, uniform: Floats) -> Ints:
    """Draw one unit for each uniform number with chances proportional to size; a unit may come more than once."""
    limits = np.cumsum(sizes)
    return np.sort(np.searchsorted(limits / limits[-1], uniform, side="right"))


def sampford(probabilities: Floats, n: int, uniform: Floats) -> Ints:
    """Draw a Sampford sample, unit by unit down the list, without rejections.

    Parameters
    ----------
    probabilities : ndarray of float
        Shape (N,), inclusion probabilities below 1 that add up to `n`.
    n : int
        Units to take.
    uniform : ndarray of float
        Shape (N,).

    Returns
    -------
    ndarray of int
        Positions taken.

    Notes
    -----
    ``p(s)`` is proportional to ``prod_s pi/(1 - pi)`` times ``sum_s (1 - pi)``. Both factors follow from two tables of
    the units further down, so that each unit's conditional probability is known exactly. R: ``sampling::UPsampford``.

    References
    ----------
    Sampford MR (1967), On sampling without replacement with unequal probabilities of selection, Biometrika 54, 499-513.
    """
    tables = sampford_tables(probabilities, n)
    taken: list[int] = []
    gathered = 0.0
    for unit, number in enumerate(uniform):
        chance = sampford_chance(probabilities, tables, unit, n - len(taken), gathered)
        if number < chance:
            taken.append(unit)
            gathered += 1.0 - float(probabilities[unit])
    return np.array(taken, dtype=np.int64)


def sampford_tables(probabilities: Floats, n: int) -> tuple[Floats, Floats]:
    """Probability that m of the units from i on come in independent trials, and the expected ``sum (1 - pi)`` of them.

    Returns
    -------
    counts, rests : ndarray of float
        Shape (N + 1, n + 1) each.
    """
    size = probabilities.size
    counts = np.zeros((size + 1, n + 1))
    rests = np.zeros((size + 1, n + 1))
    counts[size, 0] = 1.0
    for unit in range(size - 1, -1, -1):
        p = probabilities[unit]
        counts[unit] = (1.0 - p) * counts[unit + 1]
        rests[unit] = (1.0 - p) * rests[unit + 1]
        counts[unit, 1:] += p * counts[unit + 1, :-1]
        rests[unit, 1:] += p * (rests[unit + 1, :-1] + (1.0 - p) * counts[unit + 1, :-1])
    return counts, rests


def sampford_chance(
    probabilities: Floats, tables: tuple[Floats, Floats], unit: int, left: int, gathered: float
) -> float:
    """Chance of a unit, given how many are still to take and the ``sum (1 - pi)`` of those taken."""
    if left == 0:
        return 0.0
    counts, rests = tables
    p = float(probabilities[unit])
    taking = p * ((gathered + 1.0 - p) * counts[unit + 1, left - 1] + rests[unit + 1, left - 1])
    leaving = (1.0 - p) * (gathered * counts[unit + 1, left] + rests[unit + 1, left])
    return float(taking / (taking + leaving))


STEPS: Final = {"brewer": brewer_step, "murthy": murthy_step}


def _draw(chances: Floats, number: float) -> int:
    limits = np.cumsum(chances)
    return int(min(np.searchsorted(limits, number * limits[-1], side="right"), np.flatnonzero(chances)[-1]))
