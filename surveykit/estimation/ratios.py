"""Odds, rate, hazard and prevalence ratios with intervals, from coefficients or from margins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from surveykit.errors import EstimationError
from surveykit.estimation.estimate import Estimate
from surveykit.estimation.fits import Fit
from surveykit.estimation.margins import margins
from surveykit.findings import Place

Floats = NDArray[np.float64]
Scale = Literal["prevalence-ratio", "odds-ratio"]

_SCALES: Final = ("prevalence-ratio", "odds-ratio")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratios:
    """Ratios, estimated and bounded on the log scale.

    Parameters
    ----------
    kind : str
        What they are: ``odds ratio``, ``prevalence ratio``, ...
    label : tuple of str
        What each compares.
    log : float array of shape (k,)
        Logarithms.
    se : float array of shape (k,)
        Standard errors of the logarithms.
    df : float array of shape (k,)
        Degrees of freedom.
    confidence : float
        Level of the intervals.
    source : str
        The model, in words.
    """

    kind: str
    label: tuple[str, ...]
    log: Floats
    se: Floats
    df: Floats
    confidence: float
    source: str

    @property
    def ratio(self) -> Floats:
        """Ratios, shape (k,)."""
        return np.exp(self.log)

    @property
    def p_value(self) -> Floats:
        """Two-sided p-values against a ratio of 1, by Student's t, shape (k,)."""
        t = np.divide(np.abs(self.log), self.se, out=np.full(len(self.log), np.nan), where=self.se > 0)
        return np.asarray(2 * stats.t.sf(t, self.df))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a ratio: label, ratio, lower, upper, se_log, t, p_value, df."""
        reach = stats.t.ppf((1 + self.confidence) / 2, self.df) * self.se
        return pd.DataFrame(
            {
                "label": pd.array(list(self.label), dtype="string"),
                "ratio": self.ratio,
                "lower": np.exp(self.log - reach),
                "upper": np.exp(self.log + reach),
                "se_log": self.se,
                "t": np.divide(self.log, self.se, out=np.full(len(self.log), np.nan), where=self.se > 0),
                "p_value": self.p_value,
                "df": self.df,
            }
        )

    def __str__(self) -> str:
        frame, percent = self.to_frame(), f"{self.confidence * 100:g}%"
        shown = pd.DataFrame(
            {
                "": list(self.label),
                self.kind: [f"{one:.3f}" for one in frame["ratio"]],
                f"{percent} interval": [
                    f"{a:.3f} to {b:.3f}" for a, b in zip(frame["lower"], frame["upper"], strict=True)
                ],
                "p": ["< 0.0001" if p < 1e-4 else f"{p:.4f}" for p in frame["p_value"]],
            }
        )
        return f"{self.source}\n\n{shown.to_string(index=False)}\n\nIntervals on the log scale, t on {self.df[0]:g} df."


def ratios(fit: Fit, *, confidence: float = 0.95, intercept: bool = False) -> Ratios:
    """Return the exponentiated coefficients of a model with a logit or log link, or of proportional hazards.

    Parameters
    ----------
    fit : Fit
    confidence : float
    intercept : bool
        Keep intercepts and thresholds too.

    Returns
    -------
    Ratios
        Odds ratios (logit link), rate ratios (log link), prevalence ratios (log link of a 0/1 outcome), hazard ratios.

    Raises
    ------
    EstimationError
        If coefficients of the model are no logarithms of ratios.

    Notes
    -----
    R: ``exp(cbind(coef(fit), confint(fit)))`` of ``svyglm``, ``svyolr`` or ``svycoxph``.
    """
    if not fit.ratio:
        raise EstimationError.of("ratios-link", formula=fit.formula, family=fit.family)
    dropped = set(fit.places.get("dispersion", ())) | (set() if intercept else set(fit.places.get("1", ())))
    kept = [at for at in range(len(fit.terms)) if at not in dropped]
    return Ratios(
        kind=fit.ratio,
        label=tuple(fit.terms[at] for at in kept),
        log=fit.coefficients[kept],
        se=fit.se[kept],
        df=fit.freedom[kept],
        confidence=confidence,
        source=f"{fit.formula}, family {fit.family}, {fit.n:,} rows",
    )


def adjusted_ratios(
    fit: Fit,
    variable: str,
    *,
    against: object = None,
    scale: Scale = "prevalence-ratio",
    correlated: bool = False,
    confidence: float = 0.95,
) -> Ratios:
    """Return ratios of predictive margins: adjusted prevalences over that of one level.

    Parameters
    ----------
    fit : Fit
        Of ``glm``, such as a logistic model.
    variable : str
        A categorical column of the model.
    against : level, optional
        The level of comparison; the first without it.
    scale : {"prevalence-ratio", "odds-ratio"}
        Ratios of the margins, or of their odds.
    correlated : bool
        As for ``margins``.
    confidence : float

    Returns
    -------
    Ratios

    Raises
    ------
    EstimationError
        If the variable or level is not in the model, the scale is unknown, or the outcome has several levels.

    Notes
    -----
    Delta method on the log scale over the unconditional covariance of the margins. SUDAAN: model-adjusted risk ratio;
    R: ``svycontrast(svypredmeans(...), quote(log(a / b)))``.

    References
    ----------
    Bieler, Brown, Williams and Brogan (2010), American Journal of Epidemiology 171, 618-623.
    """
    if scale not in _SCALES:
        allowed = ", ".join(_SCALES)
        raise EstimationError.of("estimate-option", Place(field="scale"), name="scale", value=scale, allowed=allowed)
    if fit.levels:
        raise EstimationError.of("ratios-levels", formula=fit.formula, levels=", ".join(map(str, fit.levels)))
    made = margins(fit, variable, correlated=correlated)
    base = _base(made, variable, against)
    others = [at for at in range(len(made)) if at != base]
    logs = made.contrast(lambda m: _logs(np.asarray(m), others, base, scale))
    return Ratios(
        kind=f"adjusted {scale.replace('-', ' ')}",
        label=tuple(f"{made.category[at]} over {made.category[base]}" for at in others),
        log=logs.estimate,
        se=logs.se,
        df=logs.df,
        confidence=confidence,
        source=f"{variable}, from predictive margins of {fit.formula}, family {fit.family}, {fit.n:,} rows",
    )


def _logs(values: NDArray[np.generic], others: list[int], base: int, scale: Scale) -> NDArray[np.generic]:
    gaps = np.stack([_log(values, at, scale) - _log(values, base, scale) for at in others])
    return gaps if np.iscomplexobj(values) else gaps.real


def _log(values: NDArray[np.generic], at: int, scale: Scale) -> NDArray[np.complex128]:
    one = np.asarray(values, dtype=np.complex128)[at]  # contrasts are differentiated along the imaginary axis
    return np.asarray(np.log(one) if scale == "prevalence-ratio" else np.log(one) - np.log(1 - one))


def _base(made: Estimate, variable: str, against: object) -> int:
    levels: Sequence[object] = made.category
    if against is None:
        return 0
    if against not in levels:
        given = ", ".join(map(str, levels))
        raise EstimationError.of("margins-level", Place(field=variable), name=variable, level=against, levels=given)
    return list(levels).index(against)
