"""Rank tests of two or more groups: Wilcoxon, van der Waerden, median, Kruskal-Wallis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.degrees import design_df
from surveykit.estimation.independence import TestResult, f_result, t_result
from surveykit.estimation.replicates import replicated
from surveykit.estimation.scores import score_covariance
from surveykit.findings import Place

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
RankScore = Literal["wilcoxon", "vanderwaerden", "median", "kruskal-wallis"]
Ties = Literal["frame", "midrank"]

# Scores of estimated population ranks, as shares of the population in (0, 1).
_SCORES: Final[Mapping[str, tuple[str, Callable[[Floats], Floats]]]] = {
    "wilcoxon": ("Wilcoxon", lambda share: share),
    "kruskal-wallis": ("Kruskal-Wallis", lambda share: share),
    "vanderwaerden": ("van der Waerden", lambda share: np.asarray(stats.norm.ppf(share))),
    "median": ("median", lambda share: (share > 0.5).astype(np.float64)),
}


def rank_test(
    survey: Survey,
    variable: str,
    by: str,
    *,
    test: RankScore = "wilcoxon",
    ties: Ties = "frame",
    confidence: float = 0.95,
) -> TestResult:
    """Test whether a variable is distributed alike in two or more groups, by estimated population ranks.

    Parameters
    ----------
    survey : Survey
        With a frame in memory.
    variable : str
        Numeric column; only its order counts.
    by : str
        Column of the groups; with two, the second less the first is reported.
    test : {"wilcoxon", "vanderwaerden", "median", "kruskal-wallis"}
        Score of a rank r in a population of N: r/N, the normal quantile of r/N, 1 if r > N/2. ``wilcoxon`` and
        ``kruskal-wallis`` are the same test.
    ties : {"frame", "midrank"}
        Rank of tied values: as R, the plain mean of the ranks that they have in the order of the frame, which varies
        with that order where weights differ; or the weight below and half of their own.
    confidence : float
        Level of the interval of the difference between two groups.

    Returns
    -------
    TestResult
        Student's t on the design's degrees of freedom less 1 for two groups; for k groups an F on k - 1 and the
        design's degrees of freedom less k - 1.

    Raises
    ------
    DesignError
        If a column is missing, or ``variable`` is not numeric.
    EstimationError
        If there is a single group, more groups than the design has degrees of freedom, or the test is unknown.

    Notes
    -----
    The scores are regressed on the groups, with the variance of survey totals, finite population corrections
    included. The ranks count as fixed, which they are to first order under the hypothesis. R: ``svyranktest``.

    References
    ----------
    Lumley and Scott (2013), Biometrika 100, 831-842.
    """
    for name, value, allowed in (("test", test, tuple(_SCORES)), ("ties", ties, ("frame", "midrank"))):
        if value not in allowed:
            options = ", ".join(allowed)
            raise EstimationError.of("estimate-option", Place(field=name), name=name, value=value, allowed=options)
    values, (codes, levels) = survey.numbers(variable), survey.codes(by)
    inside = survey.domain & (survey.weights > 0) & ~np.isnan(values) & (codes >= 0)
    kept = np.unique(codes[inside])
    if len(kept) < 2:
        raise EstimationError.of("rank-test-groups", Place(field=by), name=by, count=len(kept))
    used, weights = survey.within(inside, f"{variable} and {by} are known"), survey.weights[inside]
    label, score = _SCORES[test]
    scores = score(_ranks(values[inside], weights, ties) / weights.sum())
    groups = np.searchsorted(kept, codes[inside])
    estimate, covariance = _group_differences(used, inside, scores, groups)
    freedom, name = design_df(used), f"{variable} by {by}, {label} test"
    if len(kept) > 2:
        return _joint(name, estimate, covariance, freedom, n=len(scores))
    name = f"{name}, mean score of {levels[kept[1]]} less {levels[kept[0]]}"
    return t_result(
        name, float(estimate[0]), float(covariance[0, 0]), freedom - 1, n=len(scores), confidence=confidence
    )


def _ranks(values: Floats, weights: Floats, ties: Ties) -> Floats:
    """Return the estimated population rank of each value, shape (n,)."""
    order = np.argsort(values, kind="stable")
    sorted_weights = weights[order]
    middle = np.cumsum(sorted_weights) - sorted_weights / 2
    tied = pd.factorize(values[order])[0]
    counted = np.ones(len(values)) if ties == "frame" else sorted_weights
    average = np.bincount(tied, weights=middle * counted) / np.bincount(tied, weights=counted)
    ranks = np.empty(len(values))
    ranks[order] = average[tied]
    return ranks


def _group_differences(survey: Survey, inside: Mask, scores: Floats, groups: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return the mean scores of the groups less that of the first, shape (k - 1,), and their covariance."""
    weights = survey.weights[inside]
    size = np.bincount(groups, weights=weights)
    means = np.bincount(groups, weights=weights * scores) / size
    # influence of a row on the mean of its group, per unit of weight
    share = (scores - means[groups]) / size[groups]
    influence = np.zeros((survey.rows, len(size)))
    influence[np.flatnonzero(inside), groups] = share
    differences = influence[:, 1:] - influence[:, :1]
    if isinstance(survey.design, ReplicateDesign):
        covariance = replicated(survey, lambda w: np.asarray(w @ differences)).covariance()
    else:
        covariance = score_covariance(survey, survey.weights[:, None] * differences)
    return means[1:] - means[0], covariance


def _joint(name: str, estimate: Floats, covariance: Floats, freedom: float, *, n: int) -> TestResult:
    ndf = len(estimate)
    if freedom <= ndf or np.linalg.matrix_rank(covariance) < ndf:
        raise EstimationError.of("tests-few-units", name=name, contrasts=ndf, df=freedom)
    value, ddf = float(estimate @ np.linalg.solve(covariance, estimate)) / ndf, freedom - ndf
    return f_result(name, value, ndf, ddf, n)
