"""Goodness of fit: whether the shares of a variable are those given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.independence import TestResult
from surveykit.estimation.quadratic import Approximation, matched, tail
from surveykit.estimation.replicates import replicated
from surveykit.estimation.scores import score_covariance
from surveykit.findings import Place

Floats = NDArray[np.float64]

_ZERO: Final = 1e-10  # of the largest eigenvalue: there is one fewer than levels where shares fit
_NOTHING: Final = 1e-20  # rounding of double precision, squared, with room: such a variance is 0


def goodness_of_fit(
    survey: Survey, variable: str, shares: Mapping[object, float], *, method: Approximation = "satterthwaite"
) -> TestResult:
    """Test whether the levels of a variable have given shares of the population.

    Parameters
    ----------
    survey : Survey
        With a frame in memory.
    variable : str
        Categorical column.
    shares : mapping of level to float
        Share or count of each level; they are divided by their sum.
    method : {"satterthwaite", "saddlepoint", "exact"}
        Reference of the statistic; R has the first.

    Returns
    -------
    TestResult
        Pearson's statistic on estimated totals, divided by the scale that matches its mean and variance; the
        degrees of freedom are Satterthwaite's.

    Raises
    ------
    DesignError
        If the column is missing.
    EstimationError
        If levels and shares are not the same, a share is not positive, the design fixed the shares, or the method
        is unknown.

    Notes
    -----
    With totals O and E = p sum(O), the statistic sum (O - E)^2 / E is referred to a weighted sum of chi-squares; the
    weights are eigenvalues of the covariance of (O - E) / sqrt(E) by the delta method. Both are reported per
    respondent, times n / sum(O), so that the weights are design effects. R: ``svygofchisq``.

    References
    ----------
    Rao and Scott (1981), Journal of the American Statistical Association 76, 221-230.
    """
    codes, levels = survey.codes(variable)
    inside = survey.domain & (survey.weights > 0) & (codes >= 0)
    kept = np.unique(codes[inside])
    found = [levels[one] for one in kept]
    _check(variable, found, shares)
    cell = np.searchsorted(kept, codes)

    def totals(weights: Floats) -> Floats:
        return np.bincount(cell[inside], weights=weights[inside], minlength=len(kept)).astype(np.float64)

    observed = totals(survey.weights)
    if isinstance(survey.design, ReplicateDesign):
        covariance = replicated(survey, totals).covariance()
    else:
        scores = np.zeros((survey.rows, len(kept)))
        scores[np.flatnonzero(inside), cell[inside]] = survey.weights[inside]
        covariance = score_covariance(survey, scores)
    given = np.array([float(shares[level]) for level in found])
    return _tested(variable, observed, covariance, given / given.sum(), (int(inside.sum()), method))


def _tested(
    variable: str, observed: Floats, covariance: Floats, share: Floats, asked: tuple[int, Approximation]
) -> TestResult:
    n, method = asked
    expected = share * observed.sum()
    value = float(((observed - expected) ** 2 / expected).sum())
    # d (O - E) / sqrt(E), with E moving with the total
    own, moved = np.diag(expected**-0.5), (observed / expected + 1) / (2 * np.sqrt(expected))
    slope = own - np.outer(moved, np.ones(len(share))) * share[:, None]
    weights = np.linalg.eigvalsh(slope @ covariance @ slope.T)[::-1]
    if weights[0] <= _NOTHING * observed.sum():
        raise EstimationError.of("goodness-fixed", Place(field=variable), name=variable)
    effects = weights[weights > _ZERO * weights[0]] * n / observed.sum()
    scale, df = matched(effects)
    value *= float(n / observed.sum())
    return TestResult(
        name=f"{variable}, goodness of fit",
        statistic=value / scale,
        df=(df,),
        p_value=tail(value, effects, method=method),
        distribution="chi-square",
        n=n,
        weights=tuple(effects.tolist()),
        note=f"Pearson's X2 over {scale:.4g}",
    )


def _check(variable: str, found: list[object], shares: Mapping[object, float]) -> None:
    missing, extra = [one for one in found if one not in shares], [one for one in shares if one not in found]
    if missing or extra:
        given, levels = ", ".join(map(str, shares)), ", ".join(map(str, found))
        raise EstimationError.of("goodness-levels", Place(field=variable), name=variable, given=given, levels=levels)
    low = [str(level) for level, share in shares.items() if not share > 0]
    if low or len(found) < 2:
        raise EstimationError.of("goodness-shares", Place(field=variable), levels=", ".join(low) or "a single one")
