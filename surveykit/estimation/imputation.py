"""Several imputations: Rubin's rules over any estimate or model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.estimate import Estimate, Fixed
from surveykit.estimation.fits import Fit
from surveykit.findings import Place

Floats = NDArray[np.float64]
Result = TypeVar("Result", Estimate, Fit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imputed:
    """What several imputations say of k estimates.

    Parameters
    ----------
    label : tuple
        Name of each estimate.
    estimate : float array of shape (k,)
        Means over the imputations.
    within, between : float arrays of shape (k, k)
        Mean covariance, and covariance of the estimates of the imputations.
    imputations : int
        Number m of imputations.
    complete_df : float array of shape (k,)
        Degrees of freedom with complete data.
    """

    label: tuple[object, ...]
    estimate: Floats
    within: Floats
    between: Floats
    imputations: int
    complete_df: Floats

    @property
    def covariance(self) -> Floats:
        """Total covariance W + (1 + 1/m) B, shape (k, k)."""
        return np.asarray(self.within + (1 + 1 / self.imputations) * self.between)

    @property
    def se(self) -> Floats:
        """Standard errors, shape (k,)."""
        return np.sqrt(np.clip(np.diag(self.covariance), 0, None))

    @property
    def increase(self) -> Floats:
        """Relative increase of the variance due to missing answers, r, shape (k,)."""
        added, within = (1 + 1 / self.imputations) * np.diag(self.between), np.diag(self.within)
        return np.asarray(np.divide(added, within, out=np.full(len(within), np.inf), where=within > 0))

    @property
    def df(self) -> Floats:
        """Degrees of freedom of Barnard and Rubin, shape (k,); Rubin's where those of complete data are infinite."""
        added = (1 + 1 / self.imputations) * np.diag(self.between)
        share = np.divide(added, np.diag(self.covariance), out=np.zeros(len(added)), where=added > 0)
        rubin = np.divide(self.imputations - 1, share**2, out=np.full(len(share), np.inf), where=share > 0)
        complete = self.complete_df
        with np.errstate(invalid="ignore"):  # infinite over infinite, replaced on the same line
            observed = np.where(np.isinf(complete), np.inf, (complete + 1) / (complete + 3) * complete * (1 - share))
        return np.asarray(1 / (1 / rubin + 1 / observed))

    @property
    def missing_information(self) -> Floats:
        """Fraction of information missing, (r + 2 / (df + 3)) / (r + 1), shape (k,)."""
        with np.errstate(invalid="ignore"):  # no variance within: everything is missing
            found = (self.increase + 2 / (self.df + 3)) / (self.increase + 1)
        return np.where(np.isinf(self.increase), 1.0, found)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an estimate: label, estimate, se, within, between, increase, missing_information, df."""
        columns = {
            "estimate": self.estimate,
            "se": self.se,
            "within": np.diag(self.within),
            "between": np.diag(self.between),
            "increase": self.increase,
            "missing_information": self.missing_information,
            "df": self.df,
        }
        return pd.DataFrame({"label": [str(one) for one in self.label], **columns})

    def __str__(self) -> str:
        table = self.to_frame().to_string(index=False, float_format=lambda value: f"{value:.4g}")
        return f"{self.imputations} imputations, Rubin's rules\n\n{table}"


def imputed(results: Sequence[Estimate] | Sequence[Fit], *, complete_df: float | None = None) -> Imputed:
    """Return variances within and between imputations, and how much information is missing.

    Parameters
    ----------
    results : sequence of Estimate, or of Fit
        The same estimate from each completed data set, two at least.
    complete_df : float, optional
        Degrees of freedom with complete data; without it those of the estimates, the smallest of all imputations.

    Returns
    -------
    Imputed

    Raises
    ------
    EstimationError
        If there are fewer than two results, or they do not have the same rows.

    Notes
    -----
    Total variance W + (1 + 1/m) B. Degrees of freedom 1 / (1/v + 1/u), v = (m - 1) / g^2, u = (d + 1) / (d + 3) d
    (1 - g), g = (1 + 1/m) B / T and d those of complete data. R: ``mitools::MIcombine``, which takes d as infinite
    unless told, and leaves the factor 1 + 1/m out of u.

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys, chapter 3; Barnard and Rubin (1999), Biometrika 86,
    948-955.
    """
    if len(results) < 2:  # Rubin (1987): the variance between imputations needs two
        raise EstimationError.of("imputation-few", count=len(results))
    labels = [_labels(one) for one in results]
    for number, other in enumerate(labels[1:], 2):
        if other != labels[0]:
            raise EstimationError.of("imputation-rows", Place(record=str(number)), number=number, first=len(labels[0]))
    values = np.stack([_values(one) for one in results])
    between = np.atleast_2d(np.cov(values, rowvar=False))
    freedom = np.min([_freedom(one) for one in results], axis=0)
    return Imputed(
        label=tuple(labels[0]),
        estimate=values.mean(axis=0),
        within=np.mean([one.covariance for one in results], axis=0),
        between=between,
        imputations=len(results),
        complete_df=freedom if complete_df is None else np.full(len(freedom), float(complete_df)),
    )


def pool(results: Sequence[Result], *, complete_df: float | None = None) -> Result:
    """Combine the results of several imputations by Rubin's rules into one of the same kind.

    Parameters
    ----------
    results : sequence of Estimate, or of Fit
        As for ``imputed``.
    complete_df : float, optional
        As for ``imputed``.

    Returns
    -------
    Estimate or Fit
        With the total covariance and the degrees of freedom of Barnard and Rubin: it prints, tabulates and contrasts
        as any other.

    Raises
    ------
    EstimationError
        If there are fewer than two results, or they do not have the same rows.

    Notes
    -----
    R: ``mitools::MIcombine(with(imputationList(...), svymean(...)))``.

    References
    ----------
    Rubin (1987), chapter 3; Barnard and Rubin (1999), Biometrika 86, 948-955.
    """
    parts, first = imputed(results, complete_df=complete_df), results[0]
    source, said = Fixed(matrix=parts.covariance), f"{len(results)} imputations, Rubin's rules"
    if isinstance(first, Fit):
        return replace(
            first,
            coefficients=parts.estimate,
            source=source,
            df=float(parts.df.min()),
            term_df=parts.df,
            influence=np.empty((0, len(parts.estimate))),
            method=f"{first.method}; {said}",
            pooled=True,
        )
    mean_of = {name: np.mean([getattr(one, name) for one in results], axis=0) for name in ("n", "weighted_n")}
    return replace(
        first,
        estimate=parts.estimate,
        se=parts.se,
        df=parts.df,
        source=source,
        overall_df=float(parts.df.min()),
        deff=np.full(len(first), np.nan),
        deff_replace=np.full(len(first), np.nan),
        method=f"{first.method}; {said}",
        **mean_of,
    )


def over_imputations(
    surveys: Sequence[Survey], verb: Callable[[Survey], Result], *, complete_df: float | None = None
) -> Result:
    """Estimate from each completed data set and combine.

    Parameters
    ----------
    surveys : sequence of Survey
        The same sample with missing answers filled in m times.
    verb : callable
        Takes a survey and returns an ``Estimate`` or ``Fit``: ``lambda s: mean(s, "bmi", by="sex")``.
    complete_df : float, optional
        As for ``imputed``.

    Returns
    -------
    Estimate or Fit

    Raises
    ------
    EstimationError
        If there are fewer than two surveys, or their results do not have the same rows.
    """
    return pool([verb(survey) for survey in surveys], complete_df=complete_df)


def _labels(result: Estimate | Fit) -> list[object]:
    return list(result.terms) if isinstance(result, Fit) else result.keys()


def _values(result: Estimate | Fit) -> Floats:
    return result.coefficients if isinstance(result, Fit) else result.estimate


def _freedom(result: Estimate | Fit) -> Floats:
    return result.freedom if isinstance(result, Fit) else result.df
