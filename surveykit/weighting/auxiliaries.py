"""The auxiliary variables of a calibration as a matrix, and that matrix folded to the rows that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.frames import near
from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.findings import Place, finding
from surveykit.weighting.kernels import CalibrationMethod, Solved, cross, solve
from surveykit.weighting.margins import Margin, Margins, Matched, agreed, match_margins, parse_margins

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_TOTAL_NAMES = ("(total)", "(Intercept)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Auxiliaries:
    """Auxiliary variables with their totals.

    Parameters
    ----------
    matrix : float array of shape (n, p)
        One column a category or number, averaged over clusters where members keep a common factor.
    targets : float array of shape (p,)
        Known totals.
    labels : tuple of str
        What each column is.
    spread : float array of shape (n,)
        Variances of the working model, 1 where none is given.
    clusters : integer array of shape (n,) or None
        Cluster whose members keep a common factor.
    fold : integer array of shape (n,) or None
        Group of rows with equal auxiliaries, where there are many such rows.
    margins : tuple of Margin
        The totals of categories.
    """

    matrix: Floats
    targets: Floats
    labels: tuple[str, ...]
    spread: Floats
    clusters: Integers | None
    fold: Integers | None
    margins: tuple[Margin, ...]

    @property
    def scaled(self) -> Floats:
        """The matrix with columns of like size, which is the better carrier of residuals."""
        size = np.sqrt((self.matrix**2).mean(axis=0))
        return np.asarray(self.matrix / np.where(size > 0, size, 1.0))

    def averaged(self, values: Floats) -> Floats:
        """Return values of shape (n,) averaged over clusters."""
        return values if self.clusters is None else _mean(values, self.clusters)

    def solve(
        self, weights: Floats, *, method: CalibrationMethod, lower: Floats | float, upper: Floats | float
    ) -> Solved:
        """Find factors of shape (n,) that meet the totals."""
        if self.fold is None or not isinstance(lower, float) or not isinstance(upper, float):
            return solve(
                self.matrix, weights, self.targets, method=method, lower=lower, upper=upper, spread=self.spread
            )
        _, first = np.unique(self.fold, return_index=True)
        sums = np.bincount(self.fold, weights=weights).astype(np.float64)
        solved = solve(self.matrix[first], sums, self.targets, method=method, lower=lower, upper=upper)
        return Solved(
            factors=solved.factors[self.fold],
            misfits=solved.misfits,
            misfit=solved.misfit,
            converged=solved.converged,
        )


def auxiliaries(
    survey: Survey, totals: Margins, *, aggregate: str | Sequence[str] | None = None, variance: str | None = None
) -> Auxiliaries:
    """Make the matrix of auxiliaries from totals as users write them.

    Raises
    ------
    WeightingError
        Naming everything that does not fit.
    """
    categories, numbers = _parted(totals)
    margins = parse_margins(categories) if categories else ()
    matched = match_margins(margins, survey.columns, survey.weights) if margins else ()
    agreeing = agreed([one.margin for one in matched]) if matched else ()
    parts = [_indicators(one) for one in matched] + [_number(survey, name)[:, None] for name in numbers]
    matrix = np.concatenate(parts, axis=1)
    clusters = None if aggregate is None else _clusters(survey, aggregate)
    spread = np.ones(len(matrix)) if variance is None else _spread(survey, variance)
    plain = clusters is None and variance is None and not set(numbers) - set(_TOTAL_NAMES) and matched
    return Auxiliaries(
        matrix=matrix if clusters is None else np.column_stack([_mean(column, clusters) for column in matrix.T]),
        targets=np.concatenate(
            [*(margin.totals for margin in agreeing), np.array(list(numbers.values()), dtype=float)]
        ),
        labels=(*(label for margin in agreeing for label in margin.labels), *numbers),
        spread=spread if clusters is None else _mean(spread, clusters),
        clusters=clusters,
        fold=_fold(matched) if plain else None,
        margins=tuple(agreeing),
    )


def _parted(totals: Margins) -> tuple[list[Mapping[object, object] | pd.DataFrame], dict[str, float]]:
    """Part totals of categories from totals of numbers."""
    entries = [totals] if isinstance(totals, Mapping | pd.DataFrame) else list(totals)
    categories: list[Mapping[object, object] | pd.DataFrame] = []
    numbers: dict[str, float] = {}
    for entry in entries:
        if isinstance(entry, pd.DataFrame):
            categories.append(entry)
            continue
        for key, value in entry.items():
            if isinstance(value, int | float | np.number) and not isinstance(value, bool):
                numbers[str(key)] = float(value)
            else:
                categories.append({key: value})
    wrong = [name for name, value in numbers.items() if not np.isfinite(value)]
    if wrong or not (categories or numbers):
        raise WeightingError.of("weighting-margin-form", found=", ".join(wrong) or "nothing")
    return categories, numbers


def _indicators(matched: Matched) -> Floats:
    matrix = np.zeros((matched.codes.size, len(matched.margin.keys)))
    matrix[np.arange(matched.codes.size), matched.codes] = 1.0
    return matrix


def _number(survey: Survey, name: str) -> Floats:
    if name in _TOTAL_NAMES:
        return np.ones(survey.rows)
    known = survey.columns.names()
    if name not in known:
        raise WeightingError.of("weighting-unknown-column", Place(field=name), name=name, near=near(name, known))
    values = survey.numbers(name)
    blank = np.isnan(values) & (survey.weights > 0)
    if blank.any():
        raise WeightingError.of(
            "weighting-margin-missing-answer", Place(field=name), margin=name, rows=int(blank.sum())
        )
    return np.where(np.isnan(values), 0.0, values)


def _spread(survey: Survey, name: str) -> Floats:
    values = _number(survey, name)
    if not (values > 0).all():
        raise WeightingError.of("weighting-variance", Place(field=name), name=name, rows=int((~(values > 0)).sum()))
    return values


def _clusters(survey: Survey, aggregate: str | Sequence[str]) -> Integers:
    names = (aggregate,) if isinstance(aggregate, str) else tuple(aggregate)
    known = survey.columns.names()
    missing = [name for name in names if name not in known]
    if missing:
        raise WeightingError(
            finding("weighting-unknown-column", Place(field=name), name=name, near=near(name, known))
            for name in missing
        )
    codes = [survey.codes(name)[0] + 1 for name in names]
    return cross(codes, [int(code.max()) + 1 for code in codes]).of_row


def _mean(values: Floats, clusters: Integers) -> Floats:
    members = np.bincount(clusters)
    return np.asarray((np.bincount(clusters, weights=values) / members)[clusters])


def _fold(matched: Sequence[Matched]) -> Integers:
    margins: Sequence[Margin] = [one.margin for one in matched]
    return cross([one.codes for one in matched], [len(margin.keys) for margin in margins]).of_row
