"""Standard errors and degrees of freedom of models on few clusters: Bell and McCaffrey's, and CR2."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, cast

import numpy as np
from numpy.typing import NDArray

from surveykit.design.design import SurveyDesign
from surveykit.errors import EstimationError
from surveykit.estimation.estimate import Fixed
from surveykit.estimation.families import GeneralisedLinear
from surveykit.estimation.fits import Fit
from surveykit.estimation.scores import score_covariance
from surveykit.findings import Place

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
SmallMethod = Literal["bell-mccaffrey", "cr2"]

_METHODS: Final = ("bell-mccaffrey", "cr2")
_NOTHING: Final = 1e-10  # eigenvalue that is zero but for rounding: the cluster alone determines a coefficient


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clusters:
    """The working linear model at the estimates; c clusters."""

    x: Floats  # (m, p)
    working: Floats  # (m,) residuals of the working outcome
    weights: Floats  # (m,) working weights
    leverage: Floats  # (m,) weights of the hat matrix
    rows: list[Integers]
    inverse: Floats  # (p, p) of x' leverage x
    spread: Floats  # (p, p) inverse (x' leverage^2 x) inverse

    def root(self, held: Integers) -> tuple[Floats, Floats]:
        """Return Q and R so that I + Q R Q' is the inverse square root of a cluster's residual variance."""
        x, moved = self.x[held], self.x[held] * self.leverage[held, None]
        basis = np.linalg.qr(np.concatenate([x, moved], axis=1))[0]
        left, right = basis.T @ x, basis.T @ moved
        hat = left @ self.inverse @ right.T
        values, vectors = np.linalg.eigh(np.eye(basis.shape[1]) - hat - hat.T + left @ self.spread @ left.T)
        powers = np.where(values > _NOTHING, np.maximum(values, _NOTHING) ** -0.5, 0.0)
        return basis, (vectors * (powers - 1)) @ vectors.T


def small_sample(fit: Fit, *, method: SmallMethod = "bell-mccaffrey") -> Fit:
    """Return a linear or generalised linear model with errors and degrees of freedom for few clusters.

    Parameters
    ----------
    fit : Fit
        Of ``glm``; of family ``gaussian`` for ``cr2``. Clusters are those of the first stage.
    method : {"bell-mccaffrey", "cr2"}
        As R ``survey`` (4.5), which takes the hat matrix without weights and keeps strata and n/(n-1); or the CR2 of
        the weighted model, without strata and corrections for finite populations, as ``clubSandwich``.

    Returns
    -------
    Fit
        The same coefficients; each with degrees of freedom of its own.

    Raises
    ------
    EstimationError
        If the model is of another kind, or the design has replicate weights.

    Notes
    -----
    Residuals of a cluster g are multiplied by (I - H_gg)^(-1/2), so that their variance is unbiased under independent
    errors of equal variance. Degrees of freedom are Satterthwaite's: tr(Q)^2 / tr(Q^2), Q the covariance of the
    clusters' contributions to the coefficient. R: ``svyglm(std.errors = "Bell-McCaffrey", degf = TRUE)``,
    ``clubSandwich::vcovCR(type = "CR2")``.

    References
    ----------
    Bell and McCaffrey (2002), Survey Methodology 28, 169-181; Pustejovsky and Tipton (2018), Journal of Business and
    Economic Statistics 36, 672-683.
    """
    if method not in _METHODS:
        allowed = ", ".join(_METHODS)
        raise EstimationError.of("estimate-option", Place(field="method"), name="method", value=method, allowed=allowed)
    linear = isinstance(fit.model, GeneralisedLinear) and (method != "cr2" or fit.family == "gaussian")
    if not linear or not isinstance(fit.survey.design, SurveyDesign) or fit.pooled:
        raise EstimationError.of("small-sample-model", family=fit.family)
    clusters = _clusters(fit, cast("GeneralisedLinear", fit.model), weighted=method == "cr2")
    bread: Floats = np.asarray(np.linalg.inv((clusters.x * clusters.weights[:, None]).T @ clusters.x), np.float64)
    influence, freedom = _adjusted(clusters, bread)
    spread = np.zeros((fit.survey.rows, len(fit.terms)))
    spread[fit.frame.inside] = influence
    if method == "bell-mccaffrey":
        covariance = score_covariance(fit.survey, spread)
    else:
        sums = np.stack([influence[held].sum(axis=0) for held in clusters.rows])
        covariance = sums.T @ sums
    return replace(
        fit,
        source=Fixed(matrix=covariance),
        df=float(freedom.min()),
        term_df=freedom,
        influence=spread,
        method="linearised, adjusted for few clusters (" + ("CR2)" if method == "cr2" else "Bell and McCaffrey)"),
    )


def _clusters(fit: Fit, model: GeneralisedLinear, *, weighted: bool) -> _Clusters:
    eta = model.x @ fit.coefficients
    mean = model.family.link.inverse(eta)
    slope, spread = model.family.link.inverse_deriv(eta), model.family.variance(mean)
    weights = fit.frame.weights / fit.frame.weights.mean() * slope**2 / spread
    units = fit.survey.layout.stages[0].units[fit.frame.inside]
    order = np.argsort(units, kind="stable")
    leverage = weights if weighted else np.ones(len(weights))
    inverse: Floats = np.asarray(np.linalg.inv((model.x * leverage[:, None]).T @ model.x), np.float64)
    return _Clusters(
        x=model.x,
        working=(model.y - mean) / slope,
        weights=weights,
        leverage=leverage,
        rows=np.split(order, np.flatnonzero(np.diff(units[order])) + 1),
        inverse=inverse,
        spread=inverse @ (model.x * leverage[:, None] ** 2).T @ model.x @ inverse,
    )


def _adjusted(clusters: _Clusters, bread: Floats) -> tuple[Floats, Floats]:
    """Return influences with adjusted residuals, (m, p), and the degrees of freedom of each coefficient, (p,).

    With u = A L x B e_j of a cluster, A the root, the covariance of two clusters' contributions is u'u on the diagonal
    plus a low rank: -b'B a - a'B b + a'S a, where a = x'u, b = x'L u and S = B x'L^2 x B.
    """
    influence, shape = np.empty_like(clusters.x), (len(clusters.rows), clusters.x.shape[1], clusters.x.shape[1])
    plain, moved, own = np.empty(shape), np.empty(shape), np.empty(shape[:2])
    for at, held in enumerate(clusters.rows):
        basis, inner = clusters.root(held)
        x, weights = clusters.x[held], clusters.leverage[held, None]
        residuals = clusters.working[held]
        residuals = residuals + basis @ (inner @ (basis.T @ residuals))
        influence[held] = (x * (clusters.weights[held] * residuals)[:, None]) @ bread
        u = x * weights @ clusters.inverse
        u = u + basis @ (inner @ (basis.T @ u))
        plain[at], moved[at], own[at] = x.T @ u, (x * weights).T @ u, (u**2).sum(axis=0)
    core = np.block([[clusters.spread, -clusters.inverse], [-clusters.inverse, np.zeros(shape[1:])]])
    freedom = np.empty(shape[1])
    for term in range(shape[1]):
        low = np.concatenate([plain[:, :, term], moved[:, :, term]], axis=1)
        diagonal, product = ((low @ core) * low).sum(axis=1), core @ (low.T @ low)
        square = (own[:, term] ** 2 + 2 * own[:, term] * diagonal).sum() + np.trace(product @ product)
        freedom[term] = (own[:, term] + diagonal).sum() ** 2 / square
    return influence, freedom
