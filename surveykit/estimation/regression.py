"""Generalised linear models with design-based covariance, on statsmodels and formulaic."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

import numpy as np
import pandas as pd
from formulaic import Formula, ModelSpec
from numpy.typing import NDArray
from scipy import stats
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM

from surveykit.design.design import ReplicateDesign
from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.degrees import design_df
from surveykit.estimation.estimate import Estimate, Fixed, Source
from surveykit.estimation.replicates import replicate_df, replicated
from surveykit.estimation.scores import score_covariance
from surveykit.findings import Place

Floats = NDArray[np.float64]
Family = Literal["gaussian", "binomial", "poisson", "gamma", "negative-binomial"]

_FAMILIES: Final[Mapping[str, Callable[[], Any]]] = {
    "gaussian": families.Gaussian,
    "binomial": families.Binomial,
    "poisson": families.Poisson,
    "gamma": lambda: families.Gamma(families.links.Log()),
    "negative-binomial": lambda: families.NegativeBinomial(alpha=1.0),
}
# A formula names columns and these functions; formulaic would evaluate anything else as Python.
_FUNCTIONS: Final = frozenset({"C", "log", "sqrt", "exp"})
_TOKEN: Final = re.compile(r"\s*(?:(?P<name>[^\W\d]\w*)|`[^`]+`|\d+(?:\.\d+)?|\*\*|[~+\-*:/(),])", re.UNICODE)
_TOLERANCE: Final = 1e-12  # change of the deviance at which iteration stops; standard errors then agree to 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A fitted model.

    Parameters
    ----------
    formula, family : str
    terms : tuple of str
        Names of the coefficients.
    coefficients : float array of shape (p,)
    source : Source
        Where their covariance comes from.
    df : float
        Degrees of freedom: of the design, plus 1, less the number of coefficients.
    n : int
        Rows that were used.
    left_out : mapping of str to int
        Rows left out, by reason.
    survey : Survey
        The rows used, as a subpopulation.
    spec : ModelSpec
        How the columns of the model are made from the frame.
    influence : float array of shape (n rows of the frame, p)
        Linearised scores of the coefficients, weights included; empty for replicate designs.
    """

    formula: str
    family: Family
    terms: tuple[str, ...]
    coefficients: Floats
    source: Source = field(repr=False)
    df: float
    n: int
    left_out: Mapping[str, int]
    survey: Survey = field(repr=False)
    spec: ModelSpec = field(repr=False)
    influence: Floats = field(repr=False)

    @property
    def covariance(self) -> Floats:
        """Covariance of the coefficients, shape (p, p)."""
        return self.source.covariance()

    @property
    def se(self) -> Floats:
        """Standard errors, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    def to_frame(self, *, confidence: float = 0.95, exponentiate: bool = False) -> pd.DataFrame:
        """Return one row a coefficient.

        Parameters
        ----------
        confidence : float
        exponentiate : bool
            Odds, rate or prevalence ratios instead of coefficients; the standard error stays on the log scale.

        Returns
        -------
        pandas.DataFrame
            Columns term, estimate, se, t, p_value, lower, upper, df.
        """
        reach = stats.t.ppf((1 + confidence) / 2, self.df) * self.se
        t = self.coefficients / self.se
        numbers = np.stack([self.coefficients, self.coefficients - reach, self.coefficients + reach])
        estimate, lower, upper = np.exp(numbers) if exponentiate else numbers
        return pd.DataFrame(
            {
                "term": list(self.terms),
                "estimate": estimate,
                "se": self.se,
                "t": t,
                "p_value": 2 * stats.t.sf(np.abs(t), self.df),
                "lower": lower,
                "upper": upper,
                "df": self.df,
            }
        )

    def __str__(self) -> str:
        gone = ", ".join(f"{count:,} {reason}" for reason, count in self.left_out.items())
        rows = f"{self.n:,} rows" + (f" ({gone} left out)" if gone else "")
        table = self.to_frame().to_string(index=False, float_format=lambda value: f"{value:.4g}")
        return f"{self.formula}, family {self.family}, {rows}\n\n{table}"


def glm(survey: Survey, formula: str, *, family: Family = "gaussian", start: Sequence[float] | None = None) -> Fit:
    """Fit a generalised linear model.

    Parameters
    ----------
    survey : Survey
        With a frame in memory.
    formula : str
        ``"outcome ~ C(sex) + age"``: names of columns, ``C(...)`` for categories, ``log sqrt exp``, and the operators
        ``+ - : * /``. Nothing else is evaluated.
    family : {"gaussian", "binomial", "poisson", "gamma", "negative-binomial"}
        With its usual link; ``gamma`` with the log link. The outcome of ``binomial`` is 0/1 or a truth value.
    start : sequence of float, optional
        Starting coefficients.

    Returns
    -------
    Fit

    Raises
    ------
    DesignError
        If the formula names an unknown column.
    EstimationError
        If the formula is wrong, no complete row is left, or columns of the model repeat each other.

    Notes
    -----
    Weighted pseudo-likelihood; the covariance is A^-1 V(scores) A^-1 with A the information and V the variance of
    survey totals, so that dispersion plays no part. Rows with a missing value are left out and stay in the design.
    Tests are by Student's t on the design's degrees of freedom + 1 - p. R: ``svyglm``.

    References
    ----------
    Binder (1983), International Statistical Review 51, 279-292.
    """
    if family not in _FAMILIES:
        allowed = ", ".join(_FAMILIES)
        raise EstimationError.of("estimate-option", Place(field="family"), name="family", value=family, allowed=allowed)
    names = _names_in(formula)
    survey.require(names)
    frame, complete = _complete(survey, names)
    inside = survey.domain & (survey.weights > 0) & complete
    if not inside.any():
        raise EstimationError.of("regression-no-rows", formula=formula)
    outcome, design, spec = _matrices(formula, frame[inside])
    terms = tuple(str(name) for name in design.columns)
    used = survey.within(inside, "all values of the model are known") if not inside.all() else survey
    x, y = design.to_numpy(dtype=np.float64), outcome
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise EstimationError.of("regression-collinear", formula=formula, terms=", ".join(terms))
    model = _FAMILIES[family]
    coefficients = _solved(model, x, y, survey.weights[inside], start)
    source, influence = _covariance(used, model, (x, y, inside), coefficients)
    freedom = replicate_df(used) if isinstance(survey.design, ReplicateDesign) else design_df(used)
    missing = int((survey.domain & (survey.weights > 0) & ~complete).sum())
    return Fit(
        formula=formula,
        family=family,
        terms=terms,
        coefficients=coefficients,
        source=source,
        df=freedom + 1 - len(terms),
        n=int(inside.sum()),
        left_out={"with a missing value": missing} if missing else {},
        survey=used,
        spec=spec,
        influence=influence,
    )


def margins(fit: Fit, variable: str, *, correlated: bool = False, confidence: float = 0.95) -> Estimate:
    """Return predictive margins: the mean prediction if everybody had one level, then another.

    Parameters
    ----------
    fit : Fit
    variable : str
        A categorical column of the model.
    correlated : bool
        Take in the covariance between the covariates of the sample and the coefficients; R takes it as 0, which it is
        where the model holds.
    confidence : float

    Returns
    -------
    Estimate
        One row a level (``level``); adjusted prevalences for a binary outcome.

    Raises
    ------
    EstimationError
        If the variable is not in the model, or the design has replicate weights.

    Notes
    -----
    Standard errors are unconditional: the covariates vary with the sample, as in R ``svypredmeans``.

    References
    ----------
    Graubard and Korn (1999), Biometrics 55, 652-659.
    """
    names = _names_in(fit.formula)
    if variable not in names[1:]:
        known = ", ".join(names[1:])
        raise EstimationError.of("margins-variable", Place(field=variable), name=variable, known=known)
    if isinstance(fit.survey.design, ReplicateDesign):
        raise EstimationError.of("estimate-needs-strata")
    survey, inside = fit.survey, fit.survey.domain & (fit.survey.weights > 0)
    frame, _ = _complete(survey, names)
    used = frame[inside]
    levels = sorted(used[variable].unique(), key=lambda level: (str(type(level)), level))
    weight = np.where(inside, survey.weights, 0.0) / survey.weights[inside].sum()
    link = _FAMILIES[fit.family]().link
    means = np.empty(len(levels))
    varying, fitted = np.zeros((survey.rows, len(levels))), np.zeros((survey.rows, len(levels)))
    for at, level in enumerate(levels):
        x = fit.spec.rhs.get_model_matrix(used.assign(**{variable: level})).to_numpy(dtype=np.float64)
        eta = x @ fit.coefficients
        predicted = link.inverse(eta)
        means[at] = weight[inside] @ predicted
        slope = (weight[inside] * link.inverse_deriv(eta)) @ x
        varying[inside, at] = weight[inside] * (predicted - means[at])
        fitted[:, at] = fit.influence @ slope
    if correlated:
        covariance = score_covariance(survey, varying + fitted)
    else:
        covariance = score_covariance(survey, varying) + score_covariance(survey, fitted)
    return _margin_estimate(fit, variable, levels, means, covariance, confidence=confidence)


def _margin_estimate(
    fit: Fit, variable: str, levels: Sequence[object], means: Floats, covariance: Floats, *, confidence: float
) -> Estimate:
    gone, size = np.full(len(levels), np.nan), len(levels)
    freedom = design_df(fit.survey)
    inside = fit.survey.domain & (fit.survey.weights > 0)
    return Estimate(
        statistic="predictive margin",
        by={},
        variable=(variable,) * size,
        category=tuple(levels),
        estimate=means,
        se=np.sqrt(np.diag(covariance)),
        df=np.full(size, freedom),
        n=np.full(size, float(fit.n)),
        weighted_n=np.full(size, float(fit.survey.weights[inside].sum())),
        deff=gone,
        deff_replace=gone,
        source=Fixed(matrix=covariance),
        overall_df=freedom,
        confidence=confidence,
        method=f"predictive margins of {fit.formula}, family {fit.family}",
        left_out=fit.left_out,
        conditions=fit.survey.conditions,
    )


def _names_in(formula: str) -> list[str]:
    """Return the columns of a formula, the outcome first, after refusing whatever is no formula."""
    found: list[str] = []
    at = 0
    while at < len(formula.rstrip()):
        match = _TOKEN.match(formula, at)
        if match is None:
            raise EstimationError.of("regression-formula", Place(column=at + 1), formula=formula, found=formula[at:])
        token = match.group().strip()
        called = formula[match.end() :].lstrip().startswith("(")
        if match["name"] and called and token not in _FUNCTIONS:
            raise EstimationError.of("regression-formula", Place(column=at + 1), formula=formula, found=token)
        if (match["name"] and not called) or token.startswith("`"):
            found.append(token.strip("`"))
        at = match.end()
    if formula.count("~") != 1 or not found:
        raise EstimationError.of("regression-formula", Place(column=1), formula=formula, found=formula)
    return list(dict.fromkeys(found))


def _complete(survey: Survey, names: Sequence[str]) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Return the columns as plain numbers or categories, and which rows have all of them."""
    columns: dict[str, Any] = {}
    complete = np.ones(survey.rows, dtype=bool)
    for name in names:
        codes, levels = survey.codes(name)
        columns[name] = levels[codes]
        complete &= codes >= 0
    return pd.DataFrame(columns), complete


def _matrices(formula: str, frame: pd.DataFrame) -> tuple[Floats, pd.DataFrame, ModelSpec]:
    made = Formula(formula).get_model_matrix(frame)
    outcome = made.lhs.to_numpy(dtype=np.float64)
    if outcome.shape[1] != 1:
        raise EstimationError.of("regression-outcome", formula=formula, columns=outcome.shape[1])
    return outcome[:, 0], pd.DataFrame(made.rhs), cast("ModelSpec", made.model_spec)


def _solved(
    family: Callable[[], Any], x: Floats, y: Floats, weights: Floats, start: Sequence[float] | None = None
) -> Floats:
    scaled = weights / weights.mean()
    fitted = GLM(y, x, family=family(), freq_weights=scaled).fit(
        start_params=start, tol=_TOLERANCE, maxiter=100, tol_criterion="deviance"
    )
    return np.asarray(fitted.params, dtype=np.float64)


def _covariance(
    survey: Survey, family: Callable[[], Any], data: tuple[Floats, Floats, NDArray[np.bool_]], coefficients: Floats
) -> tuple[Source, Floats]:
    x, y, inside = data
    if isinstance(survey.design, ReplicateDesign):
        begin = coefficients.tolist()
        return replicated(survey, lambda w: _solved(family, x, y, w[inside], begin)), np.empty((0, len(coefficients)))
    chosen, weights = family(), survey.weights[inside]
    eta = x @ coefficients
    mean = chosen.link.inverse(eta)
    slope, spread = chosen.link.inverse_deriv(eta), chosen.variance(mean)
    information = (x * (weights * slope**2 / spread)[:, None]).T @ x
    scores = np.zeros((survey.rows, x.shape[1]))
    scores[inside] = np.linalg.solve(information, (x * (weights * (y - mean) * slope / spread)[:, None]).T).T
    return Fixed(matrix=score_covariance(survey, scores)), scores
