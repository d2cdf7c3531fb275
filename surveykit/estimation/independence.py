"""Tests of independence in a two-way table: Rao-Scott and Wald."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from surveykit.errors import EstimationError
from surveykit.estimation.quadratic import Approximation, tail

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """A test with everything that is reported of it.

    Parameters
    ----------
    name : str
        What was tested.
    statistic : float
        Test statistic, referred to the distribution named in ``distribution``.
    df : tuple of float
        Degrees of freedom: numerator and denominator of an F, one of a t or chi-square.
    p_value : float
    distribution : str
    estimate, se : float
        The difference tested, where there is one, with its standard error; NaN otherwise.
    lower, upper : float
        Limits of its interval.
    n : int
        Rows behind the test.
    weights : tuple of float
        Where the statistic is referred to a weighted sum of chi-squares: the weights, which are design effects.
    note : str
        What must be known to read it.
    """

    __test__ = False  # pytest collects classes by this name

    name: str
    statistic: float
    df: tuple[float, ...]
    p_value: float
    distribution: str
    estimate: float = float("nan")
    se: float = float("nan")
    lower: float = float("nan")
    upper: float = float("nan")
    n: int = 0
    weights: tuple[float, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        freedom = ", ".join(f"{one:.4g}" for one in self.df)
        text = f"{self.name}: {self.distribution}({freedom}) = {self.statistic:.4g}, p {self._p()}"
        if not np.isnan(self.estimate):
            text += f"; difference {self.estimate:.4g} (SE {self.se:.3g}, {self.lower:.4g} to {self.upper:.4g})"
        if len(self.weights) > 1:
            text += f"; design effects {', '.join(f'{one:.3g}' for one in self.weights)}"
        return f"{text}; {self.note}" if self.note else text

    def _p(self) -> str:
        return "< 0.0001" if self.p_value < 1e-4 else f"= {self.p_value:.4g}"


@dataclass(frozen=True, slots=True)
class TwoWay:
    """What a test of independence needs.

    Parameters
    ----------
    totals : float array of shape (r, c)
        Estimated totals of the cells.
    covariance : float array of shape (r c, r c)
        Their covariance, cells row by row.
    n : int
        Respondents in the table.
    nu : float
        Degrees of freedom of the design.
    finite : bool
        Whether weighted sums of chi-squares are referred to an F; R does so but for replicate designs.
    replicated_shares : float array of shape (r c, r c), optional
        Covariance of the shares of replicates; without it that of the totals is carried over by the delta method.
    """

    totals: Floats
    covariance: Floats
    n: int
    nu: float
    finite: bool = True
    replicated_shares: Floats | None = None

    @property
    def proportions(self) -> Floats:
        """Shares of the cells, shape (r, c)."""
        return np.asarray(self.totals / self.totals.sum())

    @property
    def share_covariance(self) -> Floats:
        """Covariance of the shares, shape (r c, r c)."""
        if self.replicated_shares is not None:
            return self.replicated_shares
        shares = self.proportions.ravel()
        slope = (np.eye(len(shares)) - shares[:, None]) / self.totals.sum()
        return np.asarray(slope @ self.covariance @ slope.T)

    @property
    def expected(self) -> Floats:
        """Shares under independence, shape (r, c)."""
        return np.outer(self.proportions.sum(axis=1), self.proportions.sum(axis=0))


def _generalised_effects(table: TwoWay) -> Floats:
    """Return the matrix of generalised design effects of the contrasts of independence."""
    r, c = table.proportions.shape
    rows, columns = np.repeat(np.arange(r), c), np.tile(np.arange(c), r)
    main = np.column_stack(
        [np.ones(r * c), *(rows == one for one in range(1, r)), *(columns == one for one in range(1, c))]
    ).astype(np.float64)
    crossed = np.column_stack(
        [(rows == one) & (columns == other) for one in range(1, r) for other in range(1, c)]
    ).astype(np.float64)
    contrast = crossed - main @ np.linalg.lstsq(main, crossed, rcond=None)[0]
    shares = table.proportions.ravel()
    inverse = np.divide(1.0, shares, out=np.zeros_like(shares), where=shares > 0)
    bread = contrast.T @ (inverse[:, None] * contrast) / table.n
    meat = (inverse[:, None] * contrast).T @ table.share_covariance @ (inverse[:, None] * contrast)
    return np.asarray(np.linalg.solve(bread, meat))


def _pearson(table: TwoWay) -> float:
    expected = table.expected
    return float(table.n * ((table.proportions - expected) ** 2 / expected).sum())


def _rao_scott(table: TwoWay) -> TestResult:
    effects = _generalised_effects(table)
    trace = float(np.trace(effects))
    ndf = trace**2 / float(np.trace(effects @ effects))
    value, ddf = _pearson(table) / trace, ndf * table.nu
    return TestResult(
        name="independence, Rao-Scott of second order",
        statistic=value,
        df=(ndf, ddf),
        p_value=float(stats.f.sf(value, ndf, ddf)),
        distribution="F",
        n=table.n,
    )


def _first_order(table: TwoWay) -> TestResult:
    effects = _generalised_effects(table)
    df = len(effects)
    value = _pearson(table) / float(np.trace(effects)) * df
    return TestResult(
        name="independence, Rao-Scott of first order",
        statistic=value,
        df=(float(df),),
        p_value=float(stats.chi2.sf(value, df)),
        distribution="chi-square",
        n=table.n,
    )


def _weighted_sum(table: TwoWay, method: Approximation, name: str) -> TestResult:
    """Refer Pearson's statistic to the weighted sum of chi-squares that it tends to."""
    effects = _generalised_effects(table)
    weights = np.sort(np.linalg.eigvals(effects).real)[::-1]
    ndf = float(weights.sum()) ** 2 / float((weights**2).sum())
    ddf = ndf * table.nu if table.finite else float("inf")
    value = _pearson(table)
    return TestResult(
        name=f"independence, Pearson's X2 {name}",
        statistic=value / float(weights.mean()),
        df=(float(len(weights)), ddf) if table.finite else (float(len(weights)),),
        p_value=tail(value, weights, ddf, method),
        distribution="weighted F" if table.finite else "weighted chi-square",
        n=table.n,
        weights=tuple(weights.tolist()),
    )


def _saddlepoint(table: TwoWay) -> TestResult:
    return _weighted_sum(table, "saddlepoint", "by the saddlepoint approximation")


def _lincom(table: TwoWay) -> TestResult:
    return _weighted_sum(table, "exact", "as a linear combination of chi-squares")


def _wald_form(table: TwoWay) -> tuple[float, int]:
    """Return the quadratic form of observed less expected totals, and its rank."""
    r, c = table.totals.shape
    whole = table.totals.sum()
    by_row, by_column = table.totals.sum(axis=1) / whole, table.totals.sum(axis=0) / whole
    size = (r - 1) * (c - 1)
    slope, gap = np.zeros((size, r * c)), np.zeros(size)
    for at, (i, j) in enumerate((i, j) for i in range(r - 1) for j in range(c - 1)):
        derivative = np.full((r, c), by_row[i] * by_column[j])
        derivative[i, :] -= by_column[j]
        derivative[:, j] -= by_row[i]
        derivative[i, j] += 1
        slope[at] = derivative.ravel()
        gap[at] = table.totals[i, j] - whole * by_row[i] * by_column[j]
    covariance = slope @ table.covariance @ slope.T
    if table.nu < size or np.linalg.matrix_rank(covariance) < size:
        raise EstimationError.of("tests-few-units", name="Wald test of the table", contrasts=size, df=table.nu)
    return float(gap @ np.linalg.solve(covariance, gap)), size


def _wald(table: TwoWay) -> TestResult:
    form, size = _wald_form(table)
    return f_result("independence, Wald", form / size, size, table.nu, table.n)


def _adjusted_wald(table: TwoWay) -> TestResult:
    form, size = _wald_form(table)
    left = table.nu - size + 1
    return f_result("independence, adjusted Wald", form * left / (size * table.nu), size, left, table.n)


def f_result(name: str, value: float, ndf: float, ddf: float, n: int) -> TestResult:
    """Return the test of a value that follows F with `ndf` and `ddf` degrees of freedom."""
    p = float(stats.f.sf(value, ndf, ddf))
    return TestResult(name=name, statistic=value, df=(float(ndf), ddf), p_value=p, distribution="F", n=n)


def t_result(name: str, difference: float, variance: float, df: float, *, n: int, confidence: float) -> TestResult:
    """Return the two-sided t test of a difference, with its interval."""
    se = float(np.sqrt(variance))
    t = difference / se if se > 0 else float("nan")
    reach = float(stats.t.ppf((1 + confidence) / 2, df)) * se
    return TestResult(
        name=name,
        statistic=t,
        df=(df,),
        p_value=float(2 * stats.t.sf(abs(t), df)),
        distribution="t",
        estimate=difference,
        se=se,
        lower=difference - reach,
        upper=difference + reach,
        n=n,
    )


TESTS: Final[Mapping[str, Callable[[TwoWay], TestResult]]] = {
    "F": _rao_scott,
    "chisq": _first_order,
    "wald": _wald,
    "adjwald": _adjusted_wald,
    "lincom": _lincom,
    "saddlepoint": _saddlepoint,
}
