"""How weights came to be and what they do: spread, margins, balance, representativity, the largest of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.findings import Findings, Place
from surveykit.sampling.frame import canonical_text
from surveykit.weighting.margins import Margin, Margins, match_margins, parse_margins

Floats = NDArray[np.float64]
Part = Literal["steps", "margins", "balance", "largest", "convergence", "distribution"]

_LARGEST: Final = 20  # rows that fit on the page
_BINS: Final = 40  # bars that fit beside each other on the page


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightingDiagnostics:
    """One page about a set of weights, as tables.

    Parameters
    ----------
    steps : pandas.DataFrame
        One row a step: ``step, n, sum, mean, min, median, max, cv, deff``.
    margins : pandas.DataFrame
        One row a category: ``margin, category, target, before, after, difference`` (after less target, in percent).
    balance : pandas.DataFrame
        One row a category or number: ``covariate, category, reference, before, after, asmd_before, asmd_after``.
    largest : pandas.DataFrame
        The largest weights: ``id, weight, times_median, share``.
    convergence : pandas.DataFrame
        ``step, round, misfit``.
    distribution : pandas.DataFrame
        Histogram of the weights relative to their mean: ``step, low, high, n``.
    r_indicator : float or None
        Representativity of the response, 1 at best.
    response_rate : float or None
        Weighted response rate.
    findings : Findings
        What was noteworthy on the way.
    """

    steps: pd.DataFrame
    margins: pd.DataFrame
    balance: pd.DataFrame
    largest: pd.DataFrame
    convergence: pd.DataFrame
    distribution: pd.DataFrame
    r_indicator: float | None = None
    response_rate: float | None = None
    findings: Findings = field(default_factory=Findings)

    @property
    def deff(self) -> float:
        """Design effect of weighting (Kish) after the last step."""
        return float(self.steps["deff"].iloc[-1])

    def to_frame(self, part: Part = "steps") -> pd.DataFrame:
        """Return one of the tables.

        Raises
        ------
        WeightingError
            If there is no such table.
        """
        tables = {
            "steps": self.steps,
            "margins": self.margins,
            "balance": self.balance,
            "largest": self.largest,
            "convergence": self.convergence,
            "distribution": self.distribution,
        }
        if part not in tables:
            raise WeightingError.of("weighting-method-unknown", found=part, known=", ".join(tables))
        return tables[part].copy()


def kish_deff(weights: Floats) -> float:
    """Return the design effect of unequal weights, ``n sum w^2 / (sum w)^2`` over positive weights.

    References
    ----------
    Kish L (1992), Weighting for unequal Pi, Journal of Official Statistics 8, 183-200.
    """
    positive = weights[weights > 0]
    return float(positive.size * (positive @ positive) / positive.sum() ** 2) if positive.size else math.nan


def describe_step(step: str, weights: Floats) -> dict[str, object]:
    """Return the row of one step: ``step, n, sum, mean, min, median, max, cv, deff``, over positive weights."""
    positive = weights[weights > 0]
    if not positive.size:
        return {"step": step, "n": 0, "sum": 0.0} | dict.fromkeys(
            ("mean", "min", "median", "max", "cv", "deff"), math.nan
        )
    return {
        "step": step,
        "n": int(positive.size),
        "sum": float(positive.sum()),
        "mean": float(positive.mean()),
        "min": float(positive.min()),
        "median": float(np.median(positive)),
        "max": float(positive.max()),
        "cv": float(positive.std() / positive.mean()),
        "deff": kish_deff(positive),
    }


def r_indicator(propensities: Floats, weights: Floats) -> float:
    """Return the representativity indicator of response propensities.

    Parameters
    ----------
    propensities, weights : float array of shape (n,)
        Response propensity and design weight of every eligible sampled unit.

    Notes
    -----
    ``1 - 2 S``, with S the weighted standard deviation of the propensities.

    References
    ----------
    Schouten B, Cobben F, Bethlehem J (2009), Indicators for the representativeness of survey response, Survey
    Methodology 35, 101-113.
    """
    whole = float(weights.sum())
    mean = float(weights @ propensities) / whole
    variance = float(weights @ (propensities - mean) ** 2) / (whole - 1.0)
    return 1.0 - 2.0 * math.sqrt(variance)


def margin_table(survey: Survey, margins: Sequence[Margin], before: Floats) -> pd.DataFrame:
    """Return reached totals before and after beside their targets."""
    parts = []
    for margin in margins:
        matched = match_margins([margin], survey.columns, survey.weights)[0]
        size = matched.margin.totals.size
        target = matched.margin.totals
        after = np.bincount(matched.codes, weights=survey.weights, minlength=size)
        columns = {
            "margin": matched.margin.name,
            "category": list(matched.margin.labels),
            "target": target,
            "before": np.bincount(matched.codes, weights=before, minlength=size),
            "after": after,
            "difference": 100.0 * (after / target - 1.0),
        }
        parts.append(pd.DataFrame(columns))
    names = ["margin", "category", "target", "before", "after", "difference"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)


def balance_table(reference: Survey, survey: Survey, before: Floats, covariates: Sequence[str]) -> pd.DataFrame:
    """Compare covariates of the respondents, before and after weighting, with those of everybody sampled.

    Parameters
    ----------
    reference : Survey
        Everybody eligible, with design weights.
    survey : Survey
        Respondents with their final weights.
    before : float array of shape (n,)
        Design weights of the respondents.
    covariates : sequence of str
        Columns that both have; ``C(name)`` makes a category of a number.

    Notes
    -----
    ASMD: absolute difference of the weighted means over the standard deviation in the reference; for a category its
    share is the mean.

    References
    ----------
    Austin PC (2009), Balance diagnostics, Statistics in Medicine 28, 3083-3107.
    """
    rows = []
    for covariate in covariates:
        for category, all_values, values in _pairs(reference, survey, covariate):
            means = [
                _mean(all_values, reference.weights),
                _mean(values, before),
                _mean(values, survey.weights),
            ]
            spread = math.sqrt(_mean((all_values - means[0]) ** 2, reference.weights))
            rows.append(
                (_plain(covariate), category, *means, *(_over(abs(mean - means[0]), spread) for mean in means[1:]))
            )
    names = ["covariate", "category", "reference", "before", "after", "asmd_before", "asmd_after"]
    return pd.DataFrame(rows, columns=names)


def weighting_diagnostics(
    survey: Survey,
    *,
    before: str | None = None,
    margins: Margins | None = None,
    reference: Survey | None = None,
    covariates: Sequence[str] = (),
    propensities: Floats | None = None,
    identifier: str | None = None,
) -> WeightingDiagnostics:
    """Describe a set of weights.

    Parameters
    ----------
    survey : Survey
        With the weights to describe.
    before : str
        Column of the weights before, for instance the design weights.
    margins : mapping, DataFrame or sequence
        Known totals to compare with, forms as for :func:`surveykit.rake`.
    reference : Survey
        Everybody sampled and eligible, for covariate balance and the R-indicator.
    covariates : sequence of str
        Columns to balance.
    propensities : float array of shape (n of reference,)
        Response propensities, for the R-indicator.
    identifier : str
        Column that names rows; their number where not given.

    Returns
    -------
    WeightingDiagnostics
    """
    first = survey.weights if before is None else survey.numbers(before)
    steps = [("before", first), ("after", survey.weights)] if before else [("weights", survey.weights)]
    known = parse_margins(margins) if margins is not None else ()
    return assembled(
        survey,
        steps=steps,
        before=first,
        margins=known,
        balance=balance_table(reference if reference is not None else survey, survey, first, covariates),
        identifier=identifier,
        r_indicator=None if reference is None or propensities is None else r_indicator(propensities, reference.weights),
    )


def assembled(
    survey: Survey,
    *,
    steps: Sequence[tuple[str, Floats]],
    before: Floats,
    margins: Sequence[Margin],
    balance: pd.DataFrame,
    identifier: str | None,
    r_indicator: float | None = None,
    response_rate: float | None = None,
    convergence: Sequence[tuple[str, Sequence[float]]] = (),
    findings: Findings | None = None,
) -> WeightingDiagnostics:
    """Put the tables of a page together; see :class:`WeightingDiagnostics`."""
    rounds = [(step, number, misfit) for step, all_of in convergence for number, misfit in enumerate(all_of, start=1)]
    return WeightingDiagnostics(
        steps=pd.DataFrame([describe_step(step, weights) for step, weights in steps]),
        margins=margin_table(survey, margins, before),
        balance=balance,
        largest=largest_weights(survey, identifier),
        convergence=pd.DataFrame(rounds, columns=["step", "round", "misfit"]),
        distribution=pd.concat([_histogram(step, weights) for step, weights in steps], ignore_index=True),
        r_indicator=r_indicator,
        response_rate=response_rate,
        findings=findings or Findings(),
    )


def largest_weights(survey: Survey, identifier: str | None = None) -> pd.DataFrame:
    """Return the largest weights with the ids of their rows: ``id, weight, times_median, share``."""
    weights = survey.weights
    order = np.argsort(-weights, kind="stable")[:_LARGEST]
    if identifier is None:
        ids: list[object] = [int(row) + 1 for row in order]
    else:
        survey.require([identifier])
        codes, values = survey.codes(identifier)
        ids = [values.tolist()[codes[row]] if codes[row] >= 0 else None for row in order]
    middle = float(np.median(weights[weights > 0])) if (weights > 0).any() else math.nan
    columns = {"id": ids, "weight": weights[order], "times_median": weights[order] / middle}
    return pd.DataFrame(columns | {"share": weights[order] / weights.sum()})


def _histogram(step: str, weights: Floats) -> pd.DataFrame:
    positive = weights[weights > 0]
    if not positive.size:
        return pd.DataFrame({"step": [], "low": [], "high": [], "n": []})
    counts, edges = np.histogram(positive / positive.mean(), bins=_BINS)
    return pd.DataFrame({"step": step, "low": edges[:-1], "high": edges[1:], "n": counts})


def _pairs(reference: Survey, survey: Survey, covariate: str) -> list[tuple[str, Floats, Floats]]:
    name = _plain(covariate)
    for one in (reference, survey):
        one.require([name])
    codes, values = reference.codes(name)
    if covariate == name and values.dtype.kind in "iuf":
        pair = (reference.numbers(name), survey.numbers(name))
        if np.isnan(pair[0]).any() or np.isnan(pair[1]).any():
            rows = int(np.isnan(pair[0]).sum())
            raise WeightingError.of("weighting-covariate-missing", Place(field=name), name=name, rows=rows)
        return [("", *pair)]
    own_codes, own_values = survey.codes(name)
    own = {canonical_text(value): code for code, value in enumerate(own_values.tolist())}
    labels = [canonical_text(value) for value in values.tolist()]
    return [
        (label, (codes == code).astype(float), (own_codes == own.get(label, -2)).astype(float))
        for code, label in enumerate(labels)
    ]


def _plain(covariate: str) -> str:
    return covariate.removeprefix("C(").removesuffix(")") if covariate.startswith("C(") else covariate


def _mean(values: Floats, weights: Floats) -> float:
    return float(weights @ values) / float(weights.sum())


def _over(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0
