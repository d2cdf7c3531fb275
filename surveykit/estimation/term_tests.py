"""Tests of terms of a model: Wald, working Wald, and the working likelihood ratio of Rao and Scott."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from surveykit.errors import EstimationError
from surveykit.estimation.fits import Fit
from surveykit.estimation.formulas import term_key
from surveykit.estimation.independence import TestResult, f_result
from surveykit.estimation.quadratic import Approximation, tail
from surveykit.findings import Place

Floats = NDArray[np.float64]
TermMethod = Literal["wald", "working-wald", "lrt"]

_METHODS: Final = ("wald", "working-wald", "lrt")


def term_test(
    fit: Fit,
    terms: str | Sequence[str],
    *,
    method: TermMethod = "wald",
    df: float | None = None,
    approximation: Approximation = "saddlepoint",
) -> TestResult:
    """Test whether all coefficients of some terms are zero.

    Parameters
    ----------
    fit : Fit
        Any model.
    terms : str or sequence of str
        Terms as in the formula, ``"stype"`` also for ``"C(stype)"``, ``"1"`` for the intercept; interactions as
        ``"a:b"``, in either order.
    method : {"wald", "working-wald", "lrt"}
        The design-based quadratic form; the form, or the likelihood ratio, of the working model that takes weights for
        counts, referred to the weighted sum that either tends to.
    df : float, optional
        Degrees of freedom of the denominator; those of the fit without it, infinite for a chi-square.
    approximation : {"saddlepoint", "satterthwaite", "exact"}
        Of the weighted sum.

    Returns
    -------
    TestResult
        An F, or a weighted F with the statistic divided by the mean design effect; ``weights`` are the design effects.

    Raises
    ------
    EstimationError
        If a term is not in the model, the method is unknown, or thresholds of an ordinal model are to be left out.

    Notes
    -----
    The weights are eigenvalues of V0^-1 V, V the design-based covariance of the coefficients and V0 the inverse
    information. The reduced model is fitted to the same rows (R: as of survey 4.2). R: ``regTermTest``, ``anova``.

    References
    ----------
    Rao and Scott (1984), Annals of Statistics 12, 46-60; Lumley and Scott (2014), Australian and New Zealand Journal
    of Statistics 56, 1-14.
    """
    if method not in _METHODS:
        allowed = ", ".join(_METHODS)
        raise EstimationError.of("estimate-option", Place(field="method"), name="method", value=method, allowed=allowed)
    places = _places(fit, [terms] if isinstance(terms, str) else terms)
    freedom = float(fit.freedom[places].min()) if df is None else float(df)
    if freedom <= 0:
        raise EstimationError.of("term-test-df", formula=fit.formula, df=freedom)
    name = f"{', '.join([terms] if isinstance(terms, str) else terms)} in {fit.formula}"
    if method == "lrt" and fit.family.startswith("ordinal") and set(places) & set(fit.places["1"]):
        raise EstimationError.of("term-test-thresholds", formula=fit.formula)
    if method == "wald":
        return _wald(fit, places, freedom, f"{name}, Wald")
    if fit.pooled:
        raise EstimationError.of("imputation-likelihood", method=method)
    return _working(fit, (places, freedom, f"{name}, working "), method, approximation)


def _places(fit: Fit, terms: Sequence[str]) -> list[int]:
    known = {term_key(term): held for term, held in fit.places.items()}
    missing = [term for term in terms if term_key(term) not in known]
    if missing or not terms:
        shown = ", ".join(fit.places)
        raise EstimationError.of("term-test-unknown", Place(field=", ".join(missing)), name=missing, known=shown)
    return sorted({place for term in terms for place in known[term_key(term)]})


def _wald(fit: Fit, places: list[int], freedom: float, name: str) -> TestResult:
    beta, size = fit.coefficients[places], len(places)
    form = float(beta @ np.linalg.solve(fit.covariance[np.ix_(places, places)], beta))
    if np.isinf(freedom):
        p = float(stats.chi2.sf(form, size))
        return TestResult(name=name, statistic=form, df=(float(size),), p_value=p, distribution="chi-square", n=fit.n)
    return f_result(name, form / size, size, freedom, fit.n)


def _working(
    fit: Fit, asked: tuple[list[int], float, str], method: TermMethod, approximation: Approximation
) -> TestResult:
    places, freedom, name = asked
    block = np.ix_(places, places)
    naive = fit.naive[block]
    if method == "lrt":
        form, name = _likelihood_ratio(fit, tuple(places)), name + "likelihood ratio (Rao-Scott)"
    else:
        beta = fit.coefficients[places]
        form, name = float(beta @ np.linalg.solve(naive, beta)), name + "Wald (Rao-Scott)"
    effects = np.sort(np.linalg.eigvals(np.linalg.solve(naive, fit.covariance[block])).real)[::-1]
    df = (float(len(places)),) if np.isinf(freedom) else (float(len(places)), freedom)
    return TestResult(
        name=name,
        statistic=form / float(effects.mean()),
        df=df,
        p_value=tail(form, effects, freedom, approximation),
        distribution="weighted chi-square" if np.isinf(freedom) else "weighted F",
        n=fit.n,
        weights=tuple(effects.tolist()),
    )


def _likelihood_ratio(fit: Fit, places: tuple[int, ...]) -> float:
    weights = fit.frame.weights / fit.frame.weights.mean()
    without = fit.model.reduced(places)
    theta = without.solve(weights) if len(places) < len(fit.terms) else np.empty(0)
    return without.deviance(theta, weights) - fit.model.deviance(fit.coefficients, weights)
