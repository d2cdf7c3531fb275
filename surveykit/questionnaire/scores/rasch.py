"""The Rasch model of the food insecurity experience scale, equated to the global standard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]

# Global standard severities of the eight items, in their order (FAO, Voices of the Hungry, 2016; package RM.weights)
GLOBAL_STANDARD: Final = (
    -1.2230564, -0.847121, -1.1056616, 0.3509848, -0.3117999, 0.5065051, 0.7546138, 1.8755353,
)  # fmt: skip
MODERATE: Final = 4  # position of the item whose severity is the moderate threshold: ate less than should (FAO 2016)
SEVERE: Final = 7  # position of the item whose severity is the severe threshold: a whole day without eating (FAO 2016)
TOLERANCE: Final = 0.35  # largest difference of an item that still counts as common (FAO, RM.weights equating)
LEAST_COMMON: Final = 5  # items that must stay common (FAO, RM.weights equating)
EXTREME: Final = 0.5  # pseudo raw score added to 0 and taken from the top score (RM.weights, default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rasch:
    """A fitted Rasch model.

    Parameters
    ----------
    severities : ndarray, shape (k,)
        Item severities on the model's own scale, mean 0; NaN for an item that all or none affirmed.
    person : ndarray, shape (k + 1,)
        Severity of a household by raw score.
    error : ndarray, shape (k + 1,)
        Its standard error of measurement.
    """

    severities: Floats
    person: Floats
    error: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Equated:
    """A model on the global standard scale.

    Parameters
    ----------
    severities, person, error : ndarray
        As in :class:`Rasch`, on the standard's scale.
    common : ndarray of bool, shape (k,)
        Items that carried the equating.
    probability : ndarray, shape (k + 1, 2)
        By raw score, the probability of moderate or severe, and of severe, food insecurity.
    """

    severities: Floats
    person: Floats
    error: Floats
    common: NDArray[np.bool_]
    probability: Floats


def fit_rasch(answers: ArrayLike, weights: ArrayLike | None = None) -> Rasch:
    """Return item severities by conditional maximum likelihood, household severities by raw score.

    Parameters
    ----------
    answers : array_like, shape (n, k)
        1 affirmed, 0 not; rows with NaN and rows of raw score 0 or k say nothing about the items and are left out.
    weights : array_like, shape (n,), optional
        Household weights; they are scaled to sum to the number of rows used.

    Returns
    -------
    Rasch
        All NaN where fewer than two items differ.

    Notes
    -----
    Newton's method on ``-sum_i s_i b_i - sum_r n_r log gamma_r(exp(-b))`` where ``gamma_r`` are the elementary
    symmetric functions, ``s_i`` weighted affirmations and ``n_r`` weighted rows of raw score r. A raw score's severity
    solves ``sum_i P_i = r``; 0 and k take 0.5 and k - 0.5. R: ``RM.weights::RM.w``.

    References
    ----------
    Cafiero, Viviani, Nord (2018). Food security measurement in a global context. Measurement 116, 146-152.
    Andersen (1972). The numerical solution of a set of conditional estimation equations. JRSS B 34, 42-54.
    """
    table = np.asarray(answers, dtype=np.float64)
    load = np.ones(len(table)) if weights is None else np.asarray(weights, dtype=np.float64)
    items = table.shape[1]
    raw = table.sum(axis=1)
    used = ~np.isnan(raw) & (raw > 0) & (raw < items) & (load > 0)
    kept, scores, load = table[used], raw[used].astype(int), load[used]
    severities = np.full(items, np.nan)
    share = np.average(kept, axis=0, weights=load) if len(kept) else np.zeros(items)
    varying = (share > 0) & (share < 1)
    if varying.sum() < 2:
        return Rasch(severities=severities, person=np.full(items + 1, np.nan), error=np.full(items + 1, np.nan))
    load = load * len(kept) / load.sum()
    scores = scores - kept[:, ~varying].sum(axis=1).astype(int)
    severities[varying] = _conditional(kept[:, varying], scores, load)
    person, error = _persons(severities[varying], items)
    return Rasch(severities=severities, person=person, error=error)


def equate(model: Rasch, standard: ArrayLike = GLOBAL_STANDARD) -> Equated:
    """Return a model on the scale of a standard, with the probabilities of the two thresholds.

    Parameters
    ----------
    model : Rasch
    standard : array_like, shape (k,)
        Severities of the standard, item by item.

    Returns
    -------
    Equated
        All NaN where the model is.

    Notes
    -----
    Mean and standard deviation of the common items are made equal to the standard's. The item that differs most is
    dropped from the common ones while it differs by more than 0.35 and more than five are left. The probability of
    raw score r is ``1 - Phi((threshold - severity_r) / error_r)``, 0 for raw score 0. R: ``RM.weights::equating.fun``.
    """
    target = np.asarray(standard, dtype=np.float64)
    common = ~np.isnan(model.severities)
    if common.sum() < 2:
        nothing = np.full((len(model.person), 2), np.nan)
        return Equated(
            severities=model.severities, person=model.person, error=model.error, common=common, probability=nothing
        )
    while True:
        scale, shift = _line(model.severities[common], target[common])
        placed = shift + scale * model.severities
        apart = np.where(common, np.abs(placed - target), -1.0)
        worst = int(apart.argmax())
        if common.sum() <= LEAST_COMMON or apart[worst] <= TOLERANCE:
            break
        common = common & (np.arange(len(target)) != worst)
    person, error = shift + scale * model.person, scale * model.error
    thresholds = target[[MODERATE, SEVERE]]
    probability = 1 - norm.cdf((thresholds - person[:, None]) / error[:, None])
    probability[0] = 0.0
    return Equated(severities=placed, person=person, error=error, common=common, probability=probability)


def _line(own: Floats, target: Floats) -> tuple[float, float]:
    spread = own.std()
    scale = float(target.std() / spread) if spread > 0 else float("nan")
    return scale, float(target.mean() - scale * own.mean())


def _conditional(answers: Floats, scores: NDArray[Any], load: Floats) -> Floats:
    """Return the severities that Newton's method finds; their mean is held at 0."""
    items = answers.shape[1]
    affirmed = load @ answers
    rows: Floats = np.bincount(scores, weights=load, minlength=items + 1).astype(np.float64)
    b = np.zeros(items)
    for _ in range(100):
        expected, information = _moments(b, rows)
        step = np.linalg.solve(information + np.ones((items, items)), expected - affirmed)
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        b = b + step
        b -= b.mean()
        if np.abs(step).max() < 1e-12:
            break
    return np.asarray(b)


def _moments(b: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Return the expected affirmations of each item given the raw scores, and their covariance."""
    easiness = np.exp(-b)
    items = len(b)
    gamma = _symmetric(easiness)
    without = np.array([_symmetric(np.delete(easiness, i)) for i in range(items)])
    raw = [int(score) for score in np.flatnonzero(rows) if score > 0]
    single = np.array([[easiness[i] * without[i][r - 1] / gamma[r] for i in range(items)] for r in raw])
    covariance = np.zeros((items, items))
    for number, r in enumerate(raw):
        pair = np.array([[_pair(easiness, i, j, r) / gamma[r] for j in range(items)] for i in range(items)])
        pair[np.diag_indices(items)] = single[number]
        covariance += rows[r] * (pair - np.outer(single[number], single[number]))
    return rows[raw] @ single, covariance


def _pair(easiness: Floats, first: int, second: int, raw: int) -> float:
    if first == second or raw < 2:
        return 0.0
    rest = _symmetric(np.delete(easiness, [first, second]))
    return float(easiness[first] * easiness[second] * rest[raw - 2]) if raw - 2 < len(rest) else 0.0


def _symmetric(values: Floats) -> Floats:
    """Return the elementary symmetric functions of orders 0 to k."""
    gamma = np.array([1.0])
    for value in values:
        gamma = np.append(gamma, 0.0) + np.append(0.0, gamma) * value
    return gamma


def _persons(b: Floats, items: int) -> tuple[Floats, Floats]:
    """Return severity and standard error of each raw score."""
    own = len(b)
    targets = np.clip(np.arange(items + 1) * own / items, EXTREME, own - EXTREME)
    severity = np.array([_severity(b, float(target)) for target in targets])
    chance = 1 / (1 + np.exp(b[None, :] - severity[:, None]))
    return severity, 1 / np.sqrt((chance * (1 - chance)).sum(axis=1))


def _severity(b: Floats, target: float) -> float:
    low, high = float(b.min()) - 20, float(b.max()) + 20
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(b - middle))).sum() < target else (low, middle)
    return (low + high) / 2
