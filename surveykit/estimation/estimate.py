"""An estimate with everything that its reader needs: error, interval, degrees of freedom, rows, covariance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.estimation.contrasts import Coefficients, Transform, coefficient_matrix, gradient, row_keys
from surveykit.estimation.intervals import Interval, check_interval, limits, two_sided
from surveykit.estimation.printing import printed
from surveykit.findings import Findings

Floats = NDArray[np.float64]


class Source(Protocol):
    """Where the covariance of an estimate comes from; it is computed when asked for."""

    def covariance(self) -> Floats:
        """Return the covariance of shape (k, k)."""

    def transformed(self, estimate: Floats, transform: Transform) -> tuple[Floats, Source]:
        """Return a function of the estimates, shape (j,), and the source of its covariance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A covariance that is known.

    Parameters
    ----------
    matrix : float array of shape (k, k)
    """

    matrix: Floats

    def covariance(self) -> Floats:
        """Return the covariance of shape (k, k)."""
        return self.matrix

    def transformed(self, estimate: Floats, transform: Transform) -> tuple[Floats, Source]:
        """Return a function of the estimates and its covariance by the delta method."""
        value, slope = gradient(transform, estimate)
        return value, Fixed(matrix=slope @ self.matrix @ slope.T)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Estimates of one statistic, a row for each domain, variable and level.

    Parameters
    ----------
    statistic : str
        What was estimated: ``mean``, ``total``, ...
    by : mapping of str to tuple
        Value of each domain column in each row; None where a margin takes all values together.
    variable : tuple of str
        Variable of each row.
    category : tuple
        Level of a categorical variable, or None.
    estimate, se : float arrays of shape (k,)
        Estimates and standard errors.
    df : float array of shape (k,)
        Degrees of freedom of each row.
    n, weighted_n : float arrays of shape (k,)
        Rows that each estimate rests on, and the sum of their weights.
    deff, deff_replace : float arrays of shape (k,)
        Design effect against simple random sampling without, and with, replacement; NaN where it has no meaning.
    source : Source
        Where the covariance comes from.
    overall_df : float
        Degrees of freedom of the subpopulation as a whole, for contrasts.
    interval : str
        Kind of the interval.
    confidence : float
        Its level.
    method : str
        How the variance was estimated, in words.
    left_out : mapping of str to int
        Rows left out, by reason.
    conditions : tuple of str
        The subpopulation.
    findings : Findings
        What the design was warned of.
    over : tuple of str
        Columns that the estimates were standardised over.
    """

    statistic: str
    by: Mapping[str, tuple[object, ...]]
    variable: tuple[str, ...]
    category: tuple[object, ...]
    estimate: Floats
    se: Floats
    df: Floats
    n: Floats
    weighted_n: Floats
    deff: Floats
    deff_replace: Floats
    source: Source = field(repr=False)
    overall_df: float
    interval: str = "wald"
    confidence: float = 0.95
    method: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    findings: Findings = field(default=Findings(), repr=False)
    over: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.estimate)

    def __str__(self) -> str:
        return printed(self)

    __repr__ = __str__

    @property
    def covariance(self) -> Floats:
        """Covariance of the estimates, shape (k, k), in the order of the rows."""
        return self.source.covariance()

    @property
    def cv(self) -> Floats:
        """Coefficient of variation, the standard error over the absolute estimate, shape (k,)."""
        out = np.full(len(self.estimate), np.nan)
        np.divide(self.se, np.abs(self.estimate), out=out, where=self.estimate != 0)
        return out

    @property
    def deft(self) -> Floats:
        """Square root of the design effect with replacement, shape (k,)."""
        return np.sqrt(self.deff_replace)

    @property
    def effective_n(self) -> Floats:
        """Size of a simple random sample with replacement of the same precision, shape (k,)."""
        out = np.full(len(self.estimate), np.nan)
        np.divide(self.n, self.deff_replace, out=out, where=self.deff_replace > 0)
        return out

    @property
    def limits(self) -> tuple[Floats, Floats]:
        """Lower and upper limits of the interval, each of shape (k,)."""
        method = cast("Interval", self.interval)
        return limits(method, self.estimate, self.se, n=self.n, df=self.df, level=self.confidence)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an estimate.

        Returns
        -------
        pandas.DataFrame
            The by columns, then variable, level, estimate, se, lower, upper, cv, deff, df, n, weighted_n. A by value
            that is missing stands for a margin; cv is a share, not a percentage.
        """
        lower, upper = self.limits
        columns: dict[str, object] = {name: pd.array(_tidy(values)) for name, values in self.by.items()}
        columns["variable"] = pd.array(list(self.variable), dtype="string")
        columns["level"] = pd.array(_tidy(self.category))
        columns.update(
            estimate=self.estimate, se=self.se, lower=lower, upper=upper, cv=self.cv, deff=self.deff, df=self.df
        )
        columns.update(n=self.n.astype(np.int64), weighted_n=self.weighted_n)
        return pd.DataFrame(columns)

    def p_value(self, null: float = 0.0) -> Floats:
        """Return the two-sided p-value of each estimate against a value, by Student's t on its df, shape (k,)."""
        distance = np.abs(self.estimate - null)
        statistic = np.divide(distance, self.se, out=np.full_like(distance, np.nan), where=self.se > 0)
        return two_sided(statistic, self.df)

    def with_interval(self, interval: Interval, *, confidence: float | None = None) -> Estimate:
        """Return the same estimates with another kind or level of interval."""
        level = self.confidence if confidence is None else confidence
        check_interval(interval, level)
        return replace(self, interval=interval, confidence=level)

    def contrast(
        self,
        what: Coefficients | Mapping[str, Coefficients] | Transform,
        *,
        name: str = "contrast",
        df: float | None = None,
    ) -> Estimate:
        """Return a function of the estimates with its own standard error.

        Parameters
        ----------
        what : mapping, sequence or function
            Coefficients by row, ``{key: coefficient}``, where a key is the value of whatever tells the rows apart
            (the by value, the variable, the level; a tuple if several do); or one coefficient a row; or several
            named contrasts ``{"name": coefficients}``; or a function of the array of shape (k,), for a nonlinear
            contrast by the delta method.
        name : str
            Name of a single contrast.
        df : float, optional
            Degrees of freedom; those of the subpopulation as a whole without it.

        Returns
        -------
        Estimate
            One row a contrast, with a Wald interval.

        Raises
        ------
        EstimationError
            If a key is not one of the rows, or there are more or fewer coefficients than rows.

        Notes
        -----
        The derivative of a function is taken by a complex step, exact for analytic numpy functions; the estimates of
        replicates are transformed one by one. R: ``survey::svycontrast``.
        """
        if callable(what):
            value, source = self.source.transformed(self.estimate, what)
            names = [name] if len(value) == 1 else [f"{name} {at + 1}" for at in range(len(value))]
            used = np.ones((len(value), len(self)), dtype=bool)
        else:
            names, matrix = coefficient_matrix(what, self.keys(), name)
            value, source = self.source.transformed(self.estimate, lambda x: np.asarray(matrix @ cast("Floats", x)))
            used = matrix != 0
        return self._contrasted(names, value, source, used, df)

    def keys(self) -> list[object]:
        """Return the key of each row for ``contrast``."""
        alone = self.category if self.category[0] is not None else self.variable
        return row_keys([*self.by.values(), self.variable, self.category], alone)

    def _contrasted(
        self, names: list[str], value: Floats, source: Source, used: NDArray[np.bool_], df: float | None
    ) -> Estimate:
        none = np.full(len(value), np.nan)
        return replace(
            self,
            statistic=f"contrast of {self.statistic}",
            by={},
            variable=(", ".join(dict.fromkeys(self.variable)),) * len(value),
            category=tuple(names),
            estimate=value,
            se=np.sqrt(np.clip(np.diag(source.covariance()), 0, None)),
            df=np.full(len(value), self.overall_df if df is None else df),
            n=used @ self.n,
            weighted_n=used @ self.weighted_n,
            deff=none,
            deff_replace=none,
            source=source,
            interval="wald",
        )


def _tidy(values: Sequence[object]) -> list[object]:
    return [pd.NA if value is None else value for value in values]
