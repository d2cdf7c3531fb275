"""Replicate weights made from a design: jackknife, balanced repeated replication, bootstrap, successive differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import hadamard

from surveykit.design.design import LonelyPolicy, ReplicateDesign, SurveyDesign
from surveykit.design.layout import Stage
from surveykit.design.replicate_weights import ReplicateFactors
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.scores import stratum_label
from surveykit.findings import Findings, Place, finding

Floats = NDArray[np.float64]
MadeMethod = Literal["jk1", "jkn", "brr", "fay", "bootstrap", "sdr"]

MADE_METHODS: Final[tuple[MadeMethod, ...]] = ("jk1", "jkn", "brr", "fay", "bootstrap", "sdr")
_BOOTSTRAP: Final = 500  # replicates: the standard error of a standard error is then about 3 % (1 / sqrt(2 * 500))
_LARGEST_SDR: Final = 256  # replicates: units beyond that share rows of the matrix, as in the American Community Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    factors: Floats
    scale: float
    rscales: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    stage: Stage
    lonely: LonelyPolicy
    replicates: int | None
    rho: float
    seed: int | None


def make_replicates(
    survey: Survey,
    *,
    method: MadeMethod = "jkn",
    replicates: int | None = None,
    rho: float = 0.5,
    seed: int | None = None,
    mse: bool = False,
) -> Survey:
    """Return the survey with replicate weights made from its strata and clusters.

    Parameters
    ----------
    survey : Survey
        With a linearised design and a frame in memory.
    method : {"jk1", "jkn", "brr", "fay", "bootstrap", "sdr"}
        Jackknife without and with strata, balanced repeated replication, Fay's variant of it, rescaled bootstrap,
        successive difference replication in the order of the frame.
    replicates : int, optional
        Number of replicates of the bootstrap (500 without it) and of ``sdr`` (a power of 2; without it the smallest
        one above the number of units, at most 256).
    rho : float
        Fay's factor, 0 < rho < 1.
    seed : int, optional
        Required for the bootstrap.
    mse : bool
        Deviations from the full-sample estimate instead of the mean of the replicates.

    Returns
    -------
    Survey
        With a ``ReplicateDesign``; the replicate weights are kept as one factor a sampling unit, so that statistics
        of grouped sums cost no pass over the rows for each of them.

    Raises
    ------
    EstimationError
        If strata or cluster numbers do not suit the method, or a seed is missing.

    Notes
    -----
    Units are those of the first stage; its finite population correction enters the scale (jackknife) or the factors
    (brr, fay, bootstrap, sdr: their distance from 1 times sqrt(1 - f_h)), and later stages are not followed. JKn
    leaves out one unit of a stratum and multiplies the others by n/(n-1). BRR takes half of each pair by a Hadamard
    matrix of an order above the number of strata. The bootstrap draws n_h - 1 units with replacement; a unit drawn t
    times gets 1 - l + l n_h/(n_h - 1) t with l = sqrt(1 - f_h). SDR gives unit i the factor 1 + sqrt(1 - f_h)
    (h_{i,r} - h_{i+1,r}) / 2^{3/2}, the last unit of a stratum being followed by its first. R: ``as.svrepdesign``
    (JK1, JKn, BRR, Fay, subbootstrap), which drops the finite population correction of BRR and Fay.

    References
    ----------
    Rao and Wu (1988), JASA 83, 231-241; Rao, Wu and Yue (1992), Survey Methodology 18, 209-217; Fay and Train
    (1995), Proceedings of the ASA Section on Government Statistics, 154-159; Wolter (2007), Introduction to Variance
    Estimation.
    """
    design = survey.design
    if not isinstance(design, SurveyDesign):
        raise EstimationError.of("estimate-needs-strata")
    if method not in MADE_METHODS:
        allowed = ", ".join(MADE_METHODS)
        raise EstimationError.of("estimate-option", Place(field="method"), name="method", value=method, allowed=allowed)
    stage = survey.layout.stages[0]
    _refuse_alone(survey, design, stage)
    task = _Task(stage=stage, lonely=design.lonely_psu, replicates=replicates, rho=rho, seed=seed)
    made = _MAKERS[method](task)
    survey = survey if design.weights else survey.with_weights(survey.weights)
    kept = made.rscales > 0
    factors = ReplicateFactors(units=stage.units, factors=made.factors[:, kept], strata=stage.strata)
    replicated = ReplicateDesign(
        weights=cast("str", survey.design.weights),
        replicates=(),
        method=method,
        rho=rho if method == "fay" else None,
        scale=made.scale,
        rscales=tuple(made.rscales[kept]),
        mse=mse,
    )
    return _with_replicates(survey, replicated, factors)


def _with_replicates(survey: Survey, design: ReplicateDesign, factors: ReplicateFactors) -> Survey:
    made = replace(survey, design=design, replicates=factors, calibrations=(), memo={})
    if not survey.calibrations:
        return made
    warned = Findings.of([*made.findings, finding("replicates-not-calibrated")])
    return replace(made, findings=warned, memo=made.memo)


def _jk1(task: _Task) -> _Made:
    stage = task.stage
    if len(stage.sampled) > 1:
        raise EstimationError.of("replicates-jk1-strata", strata=len(stage.sampled))
    n = len(stage.strata)
    factors = np.full((n, n), n / (n - 1))
    np.fill_diagonal(factors, 0.0)
    return _Made(factors=factors, scale=(1 - stage.fraction[0]) * (n - 1) / n, rscales=np.ones(n))


def _jkn(task: _Task) -> _Made:
    stage = task.stage
    units, strata = len(stage.strata), len(stage.sampled)
    n = stage.sampled[stage.strata]
    same = stage.strata[:, None] == stage.strata[None, :]
    factors = np.where(same, (n / np.maximum(n - 1, 1))[None, :], 1.0)
    rscales = (1 - stage.fraction) * (n - 1) / n
    alone = (n == 1) & (stage.fraction < 1)
    if task.lonely == "adjust" and alone.any():
        factors[:, alone] = strata / (strata - 1)
        rscales[alone] = (strata - 1) / strata
    np.fill_diagonal(factors, 0.0)
    counted = float((rscales > 0).sum())
    return _Made(factors=factors, scale=units / counted if task.lonely == "average" else 1.0, rscales=rscales)


def _brr(task: _Task) -> _Made:
    return _balanced(task.stage, 0.0)


def _fay(task: _Task) -> _Made:
    if not 0 < task.rho < 1:
        raise EstimationError.of("replicates-rho", Place(field="rho"), rho=task.rho)
    return _balanced(task.stage, task.rho)


def _balanced(stage: Stage, rho: float) -> _Made:
    odd = np.flatnonzero(stage.sampled != 2)
    if len(odd):
        raise EstimationError.of("replicates-pairs", count=len(odd), found=int(stage.sampled[odd[0]]))
    strata = len(stage.sampled)
    order = 1 << strata.bit_length()
    signs = hadamard(order)[1 : strata + 1]
    order_in_stratum = np.argsort(stage.strata, kind="stable")
    second = np.zeros(len(stage.strata), dtype=bool)
    second[order_in_stratum[1::2]] = True
    sign = np.where(second[:, None], -signs[stage.strata], signs[stage.strata])
    scale = 1 / (order * (1 - rho) ** 2)
    root = np.sqrt(1 - stage.fraction)[:, None]
    return _Made(factors=1 + sign * (1 - rho) * root, scale=scale, rscales=np.ones(order))


def _bootstrap(task: _Task) -> _Made:
    if task.seed is None:
        raise EstimationError.of("replicates-seed")
    stage, replicates = task.stage, task.replicates or _BOOTSTRAP
    _at_least_two(replicates)
    generator = np.random.default_rng(task.seed)
    factors = np.ones((len(stage.strata), replicates))
    counts = np.bincount(stage.strata)
    order = np.argsort(stage.strata, kind="stable")
    first = np.cumsum(counts) - counts
    for n in np.unique(counts[counts > 1]):
        units = order[first[counts == n][:, None] + np.arange(n)]
        drawn = generator.multinomial(n - 1, np.full(n, 1 / n), size=(len(units), replicates)).transpose(0, 2, 1)
        root = np.sqrt(1 - stage.fraction[units])[:, :, None]
        factors[units] = 1 - root + root * n / (n - 1) * drawn
    return _Made(factors=factors, scale=1 / (replicates - 1), rscales=np.ones(replicates))


def _sdr(task: _Task) -> _Made:
    stage = task.stage
    units = len(stage.strata)
    replicates = task.replicates or min(1 << units.bit_length(), _LARGEST_SDR)
    if replicates < 4 or replicates & (replicates - 1):  # Sylvester's Hadamard matrices have orders 4, 8, 16, ...
        raise EstimationError.of("replicates-power", Place(field="replicates"), replicates=replicates)
    row, after = _rows_in_order(stage, replicates)
    matrix = hadamard(replicates).astype(np.float64)
    root = np.sqrt(1 - stage.fraction)[:, None]
    factors = 1 + root * (matrix[row] - matrix[after]) / 2**1.5
    return _Made(factors=factors, scale=4 / replicates, rscales=np.ones(replicates))


def _rows_in_order(stage: Stage, replicates: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the matrix row of each unit and of the unit after it, in frame order within the stratum, in a circle."""
    units = len(stage.strata)
    first = np.empty(units, dtype=np.intp)
    first[stage.units[::-1]] = np.arange(len(stage.units) - 1, -1, -1)
    order = np.lexsort((first, stage.strata))
    row, after = np.empty(units, dtype=np.intp), np.empty(units, dtype=np.intp)
    row[order] = 1 + np.arange(units) % (replicates - 1)
    sizes = np.bincount(stage.strata)
    ends = np.cumsum(sizes) - 1
    following = np.roll(order, -1)
    following[ends] = order[ends - sizes + 1]
    after[order] = row[following]
    return row, after


def _refuse_alone(survey: Survey, design: SurveyDesign, stage: Stage) -> None:
    alone = np.flatnonzero((stage.sampled == 1) & (np.bincount(stage.strata, weights=stage.fraction < 1) > 0))
    if design.lonely_psu == "fail" and len(alone):
        labels = [stratum_label(design, survey.columns, 0, int(stage.examples[one])) for one in alone[:5]]
        raise EstimationError.of("estimate-lonely-unit", stage=1, count=len(alone), strata="; ".join(labels))


def _at_least_two(replicates: int) -> None:
    if replicates < 2:  # a spread needs two values
        raise EstimationError.of("replicates-few", Place(field="replicates"), replicates=replicates)


_MAKERS: Final[dict[MadeMethod, Callable[[_Task], _Made]]] = {
    "jk1": _jk1,
    "jkn": _jkn,
    "brr": _brr,
    "fay": _fay,
    "bootstrap": _bootstrap,
    "sdr": _sdr,
}
