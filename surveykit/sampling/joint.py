"""Joint inclusion probabilities: how likely two units are in one sample."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import SamplingError
from surveykit.sampling.draws import STEPS, cumulate, inclusion, starts, systematic

Floats = NDArray[np.float64]

_MAX_SETS: Final = 50_000  # sets of units held at once when Brewer samples of three and more are enumerated


def inclusion_probabilities(sizes: Floats, n: int, method: str) -> Floats:
    """Probability of every unit to come into the sample.

    Parameters
    ----------
    sizes : ndarray of float
        Shape (N,), measures of size, all 1 for equal probabilities.
    n : int
        Units to take.
    method : str
        A method of :func:`surveykit.sampling.selection.select`.

    Returns
    -------
    ndarray of float
        Shape (N,).

    Notes
    -----
    Proportional to size but for two methods: with replacement ``1 - (1 - p)^n``; Murthy with two units
    ``p_i (1 + sum_{j != i} p_j / (1 - p_j))``.
    """
    shares = sizes / math.fsum(sizes)
    if method.endswith("with-replacement"):
        return np.asarray(1.0 - (1.0 - shares) ** n, dtype=float)
    if method == "murthy" and n == 2 < sizes.size:
        odds = shares / (1.0 - shares)
        return np.asarray(shares * (1.0 + math.fsum(odds) - odds), dtype=float)
    return inclusion(sizes, n)[0]


def joint_probabilities(sizes: Floats, n: int, method: str) -> Floats:
    """Probability of every pair of units to come into the sample together.

    Parameters
    ----------
    sizes : ndarray of float
        Shape (N,), measures of size in list order.
    n : int
        Units to take.
    method : str
        A method of :func:`surveykit.sampling.selection.select`.

    Returns
    -------
    ndarray of float
        Shape (N, N), symmetric; the diagonal holds the inclusion probabilities.

    Raises
    ------
    SamplingError
        If a Brewer sample of three or more has too many possible samples to enumerate.

    Notes
    -----
    Exact for every method: by formula (simple, Murthy, Brewer with two, with replacement), from the random starts
    (systematic), from the sampling design itself (Sampford), or by enumeration (Brewer with three and more).

    References
    ----------
    Brewer KRW, Hanif M (1983), Sampling with Unequal Probabilities; Sampford MR (1967), Biometrika 54, 499-513.
    """
    probabilities = inclusion_probabilities(sizes, n, method)
    if method.endswith("with-replacement"):
        return _filled(_with_replacement(sizes / math.fsum(sizes), n), probabilities)
    if method == "murthy" and n == 2 < sizes.size:
        return _filled(_murthy_pair(sizes / math.fsum(sizes)), probabilities)
    certain = probabilities >= 1.0
    joint = np.outer(probabilities, probabilities)
    rest, left = sizes[~certain], n - int(certain.sum())
    if left > 0 and rest.size:
        joint[np.ix_(~certain, ~certain)] = _RULES[method](rest, left)
    return _filled(joint, probabilities)


def _filled(joint: Floats, probabilities: Floats) -> Floats:
    np.fill_diagonal(joint, probabilities)
    return joint


def _with_replacement(shares: Floats, n: int) -> Floats:
    alone = (1.0 - shares) ** n
    neither: Floats = (1.0 - shares[:, None] - shares[None, :]) ** n
    return 1.0 - alone[:, None] - alone[None, :] + neither


def _murthy_pair(shares: Floats) -> Floats:
    odds = 1.0 / (1.0 - shares)
    return np.asarray(np.outer(shares, shares) * (odds[:, None] + odds[None, :]), dtype=float)


def _simple(sizes: Floats, n: int) -> Floats:
    units = sizes.size
    return np.full((units, units), n * (n - 1) / (units * (units - 1)) if units > 1 else 0.0)


def _systematic(sizes: Floats, n: int) -> Floats:
    cumulated = cumulate(sizes, n)
    limits = starts(cumulated)
    joint = np.zeros((sizes.size, sizes.size))
    for low, high in pairwise(limits.tolist()):
        taken = systematic(cumulated, (low + high) / 2.0)
        joint[np.ix_(taken, taken)] += high - low
    return joint


def _brewer(sizes: Floats, n: int) -> Floats:
    probabilities = sizes * n / math.fsum(sizes)
    if n == 2:
        p = probabilities / 2.0
        odds = 1.0 / (1.0 - 2.0 * p)
        scale = 1.0 + math.fsum(p * odds)
        return np.asarray(2.0 * np.outer(p, p) / scale * (odds[:, None] + odds[None, :]), dtype=float)
    joint = np.zeros((sizes.size, sizes.size))
    for taken, chance in possible_samples(probabilities, n, "brewer").items():
        joint[np.ix_(taken, taken)] += chance
    return joint


def possible_samples(probabilities: Floats, n: int, method: str) -> dict[tuple[int, ...], float]:
    """Enumerate the samples of a draw-by-draw method with their probabilities.

    Parameters
    ----------
    probabilities : ndarray of float
        Shape (N,), inclusion probabilities that the chances of a draw are made from.
    n : int
        Units to take.
    method : {"brewer", "murthy"}
        The method.

    Returns
    -------
    dict of tuple of int to float
        Sorted positions of every possible sample; the probabilities add up to 1.

    Raises
    ------
    SamplingError
        If there are too many.
    """
    if math.comb(probabilities.size, n) > _MAX_SETS:
        raise SamplingError.of("sampling-joint-too-many", units=probabilities.size, n=n, limit=_MAX_SETS)
    states: dict[tuple[int, ...], float] = {(): 1.0}
    for _ in range(n):
        longer: dict[tuple[int, ...], float] = {}
        for taken, chance in states.items():
            for unit, step in enumerate(STEPS[method](probabilities, n, taken)):
                if step > 0.0:
                    key = tuple(sorted((*taken, unit)))
                    longer[key] = longer.get(key, 0.0) + chance * float(step)
        states = longer
    return states


def _sampford(sizes: Floats, n: int) -> Floats:
    p = sizes * n / math.fsum(sizes)
    first, second = np.triu_indices(p.size, k=1)
    counts = np.zeros((first.size, n + 1))
    rests = np.zeros((first.size, n + 1))
    counts[:, 0] = 1.0
    for unit, chance in enumerate(p):
        counts, rests = _joined(counts, rests, np.where((first == unit) | (second == unit), 0.0, chance))
    own = 2.0 - p[first] - p[second]
    pairs = p[first] * p[second] * (rests[:, n - 2] + own * counts[:, n - 2]) if n > 1 else np.zeros(first.size)
    joint = np.zeros((p.size, p.size))
    joint[first, second] = joint[second, first] = pairs
    scale = n * (n - 1) / math.fsum(joint.ravel()) if n > 1 else 0.0  # sum of pi_ij over i != j is n (n - 1)
    return joint * scale


def _joined(counts: Floats, rests: Floats, chance: Floats) -> tuple[Floats, Floats]:
    p = chance[:, None]
    new_counts, new_rests = (1.0 - p) * counts, (1.0 - p) * rests
    new_counts[:, 1:] += p * counts[:, :-1]
    new_rests[:, 1:] += p * (rests[:, :-1] + (1.0 - p) * counts[:, :-1])
    return new_counts, new_rests


_RULES: Final[dict[str, Callable[[Floats, int], Floats]]] = {
    "simple": _simple,
    "systematic": _systematic,
    "pps-systematic": _systematic,
    "brewer": _brewer,
    "murthy": _simple,  # reached with one unit only, where no pair exists
    "sampford": _sampford,
}
