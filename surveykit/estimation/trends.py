"""Differences between levels of a domain column, and trends over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import EstimationError
from surveykit.estimation.estimate import Estimate
from surveykit.findings import Place

Floats = NDArray[np.float64]

_DEGREES: Final = ("linear", "quadratic", "cubic")


def differences(
    estimate: Estimate, over: str, *, against: Literal["first", "previous"] | object = "previous"
) -> Estimate:
    """Return differences between the levels of a domain column, such as years.

    Parameters
    ----------
    estimate : Estimate
        With ``over`` among its by columns, without margins.
    over : str
        The column whose levels are compared.
    against : "previous", "first" or a level
        What each level is compared with.

    Returns
    -------
    Estimate
        One row a difference, named ``later - earlier`` and by the other by columns, variable and level.

    Raises
    ------
    EstimationError
        If ``over`` is not a by column, or the level does not occur.

    Notes
    -----
    Covariances between the levels are taken in. R: ``svycontrast`` on ``svyby(..., covmat = TRUE)``.
    """
    named: dict[str, Floats] = {}
    for label, places in _groups(estimate, over).items():
        levels = list(places)
        for at, level in enumerate(levels):
            base = _base(levels, at, against, over)
            if base == level or base is None:
                continue
            vector = np.zeros(len(estimate))
            vector[places[level]], vector[places[base]] = 1.0, -1.0
            named[", ".join(filter(None, [label, f"{level} - {base}"]))] = vector
    return estimate.contrast(named)


def trend(estimate: Estimate, over: str, *, degree: int = 1, scores: Sequence[float] | None = None) -> Estimate:
    """Return orthogonal polynomial contrasts over the levels of a domain column.

    Parameters
    ----------
    estimate : Estimate
        With ``over`` among its by columns, without margins.
    over : str
        The column, such as the year or an ordered group.
    degree : {1, 2, 3}
        Highest power: linear, quadratic, cubic.
    scores : sequence of float, optional
        Place of each level, in its order; the levels themselves if they are numbers, else 1, 2, ...

    Returns
    -------
    Estimate
        One row a power, and by the other by columns, variable and level. ``p_value()`` tests each against zero.

    Raises
    ------
    EstimationError
        If ``over`` is not a by column, or has no more levels than the degree.

    Notes
    -----
    Coefficients are orthonormal over the scores, as R's ``contr.poly(scores = )``; R: ``svycontrast``.

    References
    ----------
    Korn and Graubard (1999), Analysis of Health Surveys, section 3.5.
    """
    if not 1 <= degree <= len(_DEGREES):
        allowed = "1, 2, 3"
        raise EstimationError.of("estimate-option", Place(field="degree"), name="degree", value=degree, allowed=allowed)
    named: dict[str, Floats] = {}
    for label, places in _groups(estimate, over).items():
        if len(places) <= degree:
            raise EstimationError.of("trend-levels", Place(field=over), over=over, levels=len(places), degree=degree)
        matrix = polynomial(_scores(list(places), scores, over), degree)
        for power in range(degree):
            vector = np.zeros(len(estimate))
            vector[list(places.values())] = matrix[power]
            named[", ".join(filter(None, [label, _DEGREES[power]]))] = vector
    return estimate.contrast(named)


def polynomial(scores: Floats, degree: int) -> Floats:
    """Return orthonormal polynomial contrasts of shape (degree, k) over scores of shape (k,)."""
    centred = scores - scores.mean()
    basis, triangle = np.linalg.qr(np.vander(centred, degree + 1, increasing=True))
    return np.asarray((basis * np.sign(np.diag(triangle))).T[1:])


def _groups(estimate: Estimate, over: str) -> dict[str, dict[object, int]]:
    """Return the row of each level of a column, for each combination of whatever else tells the rows apart."""
    if over not in estimate.by:
        given = ", ".join(estimate.by) or "none"
        raise EstimationError.of("trend-column", Place(field=over), over=over, by=given)
    groups: dict[str, dict[object, int]] = {}
    others = [values for name, values in estimate.by.items() if name != over]
    variables = [estimate.variable] if len(set(estimate.variable)) > 1 else []
    for row, level in enumerate(estimate.by[over]):
        parts = [*(values[row] for values in others), *(values[row] for values in variables), estimate.category[row]]
        groups.setdefault(", ".join(str(part) for part in parts if part is not None), {})[level] = row
    return groups


def _base(levels: list[object], at: int, against: object, over: str) -> object:
    if against == "previous":
        return levels[at - 1] if at else None
    if against == "first":
        return levels[0]
    if against not in levels:
        given = ", ".join(map(str, levels))
        raise EstimationError.of("trend-base", Place(field=over), over=over, level=str(against), levels=given)
    return against


def _scores(levels: list[object], scores: Sequence[float] | None, over: str) -> Floats:
    if scores is None:
        numbers = all(isinstance(level, int | float) for level in levels)
        return np.array(levels if numbers else range(1, len(levels) + 1), dtype=np.float64)
    if len(scores) != len(levels):
        raise EstimationError.of("trend-scores", Place(field=over), given=len(scores), levels=len(levels))
    return np.asarray(scores, dtype=np.float64)
