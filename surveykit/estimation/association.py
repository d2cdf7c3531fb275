"""Cross-tabulations and their tests of independence; t tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.degrees import design_df
from surveykit.estimation.independence import TESTS, TestResult, TwoWay, t_result
from surveykit.estimation.patterns import ROWS, condensed
from surveykit.estimation.replicates import replicated
from surveykit.estimation.scores import score_covariance
from surveykit.findings import Place

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Statistic = Literal["F", "chisq", "wald", "adjwald", "lincom", "saddlepoint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossTable:
    """A table of two variables and the test of their independence.

    Parameters
    ----------
    row, column : str
        The variables.
    rows, columns : tuple
        Their levels.
    proportions : float array of shape (r, c)
        Estimated shares of the population in the cells.
    covariance : float array of shape (r c, r c)
        Covariance of the shares, cells row by row.
    counts : int array of shape (r, c)
        Respondents, not weighted.
    weighted : float array of shape (r, c)
        Sums of weights.
    test : TestResult
    """

    row: str
    column: str
    rows: tuple[object, ...]
    columns: tuple[object, ...]
    proportions: Floats
    covariance: Floats
    counts: NDArray[np.int64]
    weighted: Floats
    test: TestResult

    @property
    def se(self) -> Floats:
        """Standard errors of the shares, shape (r, c)."""
        return np.sqrt(np.diag(self.covariance)).reshape(self.proportions.shape)

    @property
    def p_value(self) -> float:
        """P-value of the test."""
        return self.test.p_value

    def to_frame(self) -> pd.DataFrame:
        """Return one row a cell: the two levels, estimate, se, n, weighted_n."""
        index = pd.MultiIndex.from_product([self.rows, self.columns], names=[self.row, self.column])
        columns = {
            "estimate": self.proportions.ravel(),
            "se": self.se.ravel(),
            "n": self.counts.ravel(),
            "weighted_n": self.weighted.ravel(),
        }
        return pd.DataFrame(columns, index=index).reset_index()

    def __str__(self) -> str:
        frame = pd.DataFrame(100 * self.proportions, index=list(self.rows), columns=list(self.columns)).round(2)
        return f"{self.row} by {self.column}, % of all\n\n{frame}\n\n{self.test}"


def crosstab(survey: Survey, row: str, column: str, *, statistic: Statistic = "F") -> CrossTable:
    """Cross two variables and test whether they are independent.

    Parameters
    ----------
    survey : Survey
        Rows that live in an engine are added up there by cell and sampling unit.
    row, column : str
        Categorical columns.
    statistic : {"F", "chisq", "wald", "adjwald", "lincom", "saddlepoint"}
        ``F``: Rao-Scott of second order, as an F; ``chisq``: of first order, as a chi-square; ``wald``: of the
        differences from independence, as an F; ``adjwald``: the same adjusted for the design's degrees of freedom;
        ``lincom``: Pearson's X2 against the weighted sum of chi-squares that it tends to, exactly; ``saddlepoint``:
        the same by an approximation.

    Returns
    -------
    CrossTable

    Raises
    ------
    DesignError
        If a column is missing.
    EstimationError
        If a variable has a single level, the statistic is unknown, or a Wald test has more contrasts than the design
        has degrees of freedom.

    Notes
    -----
    Rao-Scott: X2 / tr(D) with tr(D)^2 / tr(D^2) and that times the design's degrees of freedom; D is the matrix of
    generalised design effects of the contrasts of independence. The degrees of freedom of the design are sampling
    units less strata of the whole design. ``lincom`` and ``saddlepoint`` divide the sum by a chi-square on the
    denominator's degrees of freedom (not with replicate weights), of which R keeps the whole part only. R:
    ``svychisq``, ``svytable``.

    References
    ----------
    Rao and Scott (1984), Annals of Statistics 12, 46-60. Koch, Freeman and Freeman (1975), International Statistical
    Review 43, 59-78.
    """
    if statistic not in TESTS:
        raise EstimationError.of(
            "estimate-option", Place(field="statistic"), name="statistic", value=statistic, allowed=", ".join(TESTS)
        )
    lazy = survey.engine == "lazy"
    survey = condensed(survey, column, [row]) if lazy else survey
    (left, rows), (right, columns) = survey.codes(row), survey.codes(column)
    inside = survey.domain & (survey.weights > 0) & (left >= 0) & (right >= 0)
    rows_kept, columns_kept = np.unique(left[inside]), np.unique(right[inside])
    for name, kept in ((row, rows_kept), (column, columns_kept)):
        if len(kept) < 2:
            raise EstimationError.of("crosstab-one-level", Place(field=name), name=name)
    shape = (len(rows_kept), len(columns_kept))
    cell = np.full(survey.rows, -1)
    cell[inside] = np.searchsorted(rows_kept, left[inside]) * shape[1] + np.searchsorted(columns_kept, right[inside])
    weighted = np.bincount(cell[inside], weights=survey.weights[inside], minlength=shape[0] * shape[1]).astype(float)
    each = survey.numbers(ROWS) if lazy else np.ones(survey.rows)
    counts = np.bincount(cell[inside], weights=each[inside], minlength=len(weighted)).astype(np.int64)
    table = _two_way(survey, cell, inside, weighted.reshape(shape), int(counts.sum()))
    return CrossTable(
        row=row,
        column=column,
        rows=tuple(rows[rows_kept].tolist()),
        columns=tuple(columns[columns_kept].tolist()),
        proportions=table.proportions,
        covariance=table.share_covariance,
        counts=counts.reshape(shape),
        weighted=weighted.reshape(shape),
        test=TESTS[statistic](table),
    )


def t_test(
    survey: Survey, variable: str, *, by: str | None = None, mu: float = 0.0, confidence: float = 0.95
) -> TestResult:
    """Test a mean against a value, or the means of two groups against each other.

    Parameters
    ----------
    survey : Survey
        With a frame in memory.
    variable : str
        Numeric column; for paired measurements, their difference.
    by : str, optional
        Column with two levels in the subpopulation; the second less the first is tested.
    mu : float
        Value tested without ``by``.
    confidence : float
        Level of the interval of the difference.

    Returns
    -------
    TestResult
        Student's t on the design's degrees of freedom less one.

    Raises
    ------
    EstimationError
        If ``by`` has not two levels.

    Notes
    -----
    R: ``svyttest``, whose degrees of freedom are kept: ``degf - 1`` in both forms. Stata's one-sample test takes the
    design's degrees of freedom.
    """
    values = survey.numbers(variable)
    inside = survey.domain & (survey.weights > 0) & ~np.isnan(values)
    if by is None:
        return _t_result(
            survey,
            variable,
            lambda w: np.array([_mean(values, w, inside) - mu]),
            [(values, inside, 1.0)],
            inside,
            confidence=confidence,
        )
    codes, levels = survey.codes(by)
    inside &= codes >= 0
    kept = np.unique(codes[inside])
    if len(kept) != 2:
        found = ", ".join(str(levels[one]) for one in kept)
        raise EstimationError.of("t-test-levels", Place(field=by), name=by, count=len(kept), levels=found)
    first, second = (inside & (codes == one) for one in kept)
    name = f"{variable} by {by}: {levels[kept[1]]} less {levels[kept[0]]}"
    return _t_result(
        survey,
        name,
        lambda w: np.array([_mean(values, w, second) - _mean(values, w, first)]),
        [(values, second, 1.0), (values, first, -1.0)],
        inside,
        confidence=confidence,
    )


def _mean(values: Floats, weights: Floats, inside: NDArray[np.bool_]) -> float:
    return float(np.average(values[inside], weights=weights[inside]))


def _t_result(
    survey: Survey,
    name: str,
    statistic: Callable[[Floats], Floats],
    means: list[tuple[Floats, NDArray[np.bool_], float]],
    inside: NDArray[np.bool_],
    *,
    confidence: float,
) -> TestResult:
    difference = float(statistic(survey.weights)[0])
    if isinstance(survey.design, ReplicateDesign):
        variance = float(replicated(survey, statistic).variances()[0])
    else:
        score = np.zeros(survey.rows)
        for values, held, sign in means:
            weight = np.where(held, survey.weights, 0.0)
            centred = np.where(held, values - _mean(values, survey.weights, held), 0.0)
            score += sign * weight * centred / weight.sum()
        variance = float(score_covariance(survey.within(inside, name), score)[0, 0])
    df = design_df(survey.within(inside, name)) - 1
    return t_result(name, difference, variance, df, n=int(inside.sum()), confidence=confidence)


def _two_way(survey: Survey, cell: Integers, inside: NDArray[np.bool_], totals: Floats, n: int) -> TwoWay:
    size = totals.size
    if not isinstance(survey.design, ReplicateDesign):
        scores = np.zeros((survey.rows, size))
        held = np.flatnonzero(inside)
        scores[held, cell[held]] = survey.weights[held]
        return TwoWay(totals, score_covariance(survey, scores), n, design_df(survey))

    def both(weights: Floats) -> Floats:
        sums = np.bincount(cell[inside], weights=weights[inside], minlength=size).astype(np.float64)
        return np.concatenate([sums, sums / sums.sum()])

    covariance = replicated(survey, both).covariance()
    shares = covariance[size:, size:]
    return TwoWay(totals, covariance[:size, :size], n, design_df(survey), finite=False, replicated_shares=shares)
