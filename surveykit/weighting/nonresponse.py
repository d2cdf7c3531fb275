"""Make up for those who were sampled but did not answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.findings import Finding, Findings, Place, finding
from surveykit.sampling.frame import canonical_text
from surveykit.weighting.cells import Cells, JoinRule, Response, cell_factors, join_cells, original_cells
from surveykit.weighting.propensity import choose_covariates, fit_propensity, predictors, propensity_classes
from surveykit.weighting.replication import reweighted

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Mask = NDArray[np.bool_]
NonresponseMethod = Literal["cells", "propensity-classes", "propensity-inverse"]

METHODS: Final = ("cells", "propensity-classes", "propensity-inverse")
_CLASSES: Final = 5  # Cochran (1968), Biometrics 24: five classes take off 90 % of the bias
_RULE: Final = JoinRule()
_ANYONE: Final = JoinRule(min_respondents=1, max_factor=math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class NonresponseAdjustment:
    """A survey after non-response adjustment, with the record of how it was done.

    Parameters
    ----------
    survey : Survey
        Respondents with their new weights (or all rows, non-respondents at weight zero).
    cells : pandas.DataFrame
        One row a cell or class: ``cell, joined, eligible_n, respondents, response_rate, factor``; empty for inverse
        propensities.
    counts : pandas.DataFrame
        One row a disposition: ``disposition, n, weight``.
    choice : pandas.DataFrame or None
        Sets of covariates with their cross-validated log loss.
    coefficients : pandas.DataFrame or None
        The response model.
    propensities : float array of shape (n,) or None
        Response propensity of every sampled row.
    eligible : bool array of shape (n,)
        Sampled rows that should have answered.
    findings : Findings
        Cells that were joined.
    """

    survey: Survey
    cells: pd.DataFrame
    counts: pd.DataFrame
    choice: pd.DataFrame | None
    coefficients: pd.DataFrame | None
    propensities: Floats | None
    eligible: Mask
    findings: Findings

    @property
    def response_rate(self) -> float:
        """Weighted response rate among the eligible, unknown eligibility shared out."""
        weights = self.counts.set_index("disposition")["weight"]
        known = weights["respondent"] + weights["nonrespondent"] + weights["ineligible"]
        share = (weights["respondent"] + weights["nonrespondent"]) / known
        eligible = weights["respondent"] + weights["nonrespondent"] + share * weights["unknown"]
        return float(weights["respondent"] / eligible)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Status:
    responding: Mask
    refusing: Mask
    unknown: Mask
    ineligible: Mask

    @property
    def response(self) -> Response:
        return Response(eligible=np.asarray(self.responding | self.refusing), responding=self.responding)

    @property
    def found(self) -> Response:
        return Response(eligible=np.ones_like(self.unknown), responding=np.asarray(~self.unknown))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recipe:
    method: str
    covariates: tuple[str, ...]
    candidates: tuple[tuple[str, ...], ...]
    classes: int
    join: JoinRule


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    factors: Callable[[Floats], Floats]
    cells: pd.DataFrame
    choice: pd.DataFrame | None = None
    coefficients: pd.DataFrame | None = None
    propensities: Floats | None = None


def adjust_nonresponse(
    data: Survey | object,
    *,
    status: str,
    respondents: Sequence[object] = (1,),
    ineligible: Sequence[object] = (),
    unknown: Sequence[object] = (),
    design: SurveyDesign | ReplicateDesign | None = None,
    method: NonresponseMethod = "cells",
    cells: str | Sequence[str] = (),
    covariates: Sequence[str] = (),
    candidates: Sequence[Sequence[str]] = (),
    classes: int = _CLASSES,
    join: JoinRule = _RULE,
    keep: Literal["respondents", "all"] = "respondents",
) -> Survey:
    """Adjust weights for unknown eligibility and non-response; see :func:`nonresponse_adjustment` for the record.

    Returns
    -------
    Survey
        As ``nonresponse_adjustment(...).survey``, with its findings.
    """
    return nonresponse_adjustment(
        data,
        status=status,
        respondents=respondents,
        ineligible=ineligible,
        unknown=unknown,
        design=design,
        method=method,
        cells=cells,
        covariates=covariates,
        candidates=candidates,
        classes=classes,
        join=join,
        keep=keep,
    ).survey


def nonresponse_adjustment(
    data: Survey | object,
    *,
    status: str,
    respondents: Sequence[object] = (1,),
    ineligible: Sequence[object] = (),
    unknown: Sequence[object] = (),
    design: SurveyDesign | ReplicateDesign | None = None,
    method: NonresponseMethod = "cells",
    cells: str | Sequence[str] = (),
    covariates: Sequence[str] = (),
    candidates: Sequence[Sequence[str]] = (),
    classes: int = _CLASSES,
    join: JoinRule = _RULE,
    keep: Literal["respondents", "all"] = "respondents",
) -> NonresponseAdjustment:
    """Adjust weights for unknown eligibility and non-response, and keep the record.

    Parameters
    ----------
    data : Survey or frame
        All sampled units, those that did not answer included. A frame needs `design`.
    status : str
        Column of the result of the visit.
    respondents, ineligible, unknown : sequence
        Codes of those who answered, who were found not to belong, and of whom nobody knows; all others are eligible
        non-respondents.
    design : SurveyDesign or ReplicateDesign
        Design of a frame.
    method : {"cells", "propensity-classes", "propensity-inverse"}
        Inverse response rate within cells; the same within classes of response propensity; inverse propensity.
    cells : str or sequence of str
        Columns of the cells, the most important first. Unknown eligibility is always shared out within them.
    covariates : sequence of str
        Columns of the response model, see :func:`surveykit.weighting.propensity.predictors`.
    candidates : sequence of sequence of str
        Sets of covariates to choose from by cross-validation, instead of `covariates`.
    classes : int
        Number of propensity classes.
    join : JoinRule
        When cells and classes are joined.
    keep : {"respondents", "all"}
        Rows of the survey returned; non-respondents and the ineligible have weight zero.

    Returns
    -------
    NonresponseAdjustment

    Raises
    ------
    WeightingError
        If a status is missing, nobody responded, or the model cannot be fitted.

    Notes
    -----
    Unknown eligibility: ``sum w / sum of known w`` within cells. Non-response: ``sum of eligible w / sum of
    respondents' w``. Replicates take the same step with their own weights, models refitted.

    References
    ----------
    Valliant R, Dever JA, Kreuter F (2018), Practical Tools for Designing and Weighting Survey Samples, 2nd ed.,
    chapter 13; Little RJA (1986), International Statistical Review 54, 139-157.
    """
    survey = _opened(data, design, method)
    by = (cells,) if isinstance(cells, str) else tuple(cells)
    survey.require([status, *by])
    state = _status(survey, status, respondents, ineligible, unknown)
    recipe = _Recipe(
        method=method,
        covariates=tuple(covariates),
        candidates=tuple(tuple(one) for one in candidates),
        classes=classes,
        join=join,
    )
    codes, paths = original_cells(survey, by)
    sharing = join_cells(codes, paths, survey.weights, state.found, _ANYONE).codes
    shared = survey.weights * cell_factors(survey.weights, sharing, state.found)
    if method == "cells":
        model = _by_cells(join_cells(codes, paths, shared, state.response, join), state.response)
    else:
        model = _by_propensity(survey, shared, state.response, recipe)

    def step(weights: Floats) -> Floats:
        known = weights * cell_factors(weights, sharing, state.found)
        return np.asarray(known * model.factors(known))

    adjusted = reweighted(survey, step(survey.weights), step)
    found = Findings.of(_join_findings(model.cells))
    kept = adjusted if keep == "all" else _only(adjusted, state.responding & (survey.weights > 0))
    return NonresponseAdjustment(
        survey=kept,
        cells=model.cells,
        counts=_counts(survey.weights, state),
        choice=model.choice,
        coefficients=model.coefficients,
        propensities=model.propensities,
        eligible=state.response.eligible,
        findings=found,
    )


def _opened(data: Survey | object, design: SurveyDesign | ReplicateDesign | None, method: str) -> Survey:
    if method not in METHODS:
        raise WeightingError.of("weighting-method-unknown", found=method, known=", ".join(METHODS))
    if not isinstance(data, Survey):
        if design is None:
            raise WeightingError.of("weighting-design-needed")
        return Survey(data, design)
    if data.mask is not None:
        raise WeightingError.of("weighting-of-subpopulation", conditions=" and ".join(data.conditions))
    if data.calibrations:
        raise WeightingError.of("weighting-order")
    return data


def _status(
    survey: Survey,
    status: str,
    respondents: Sequence[object],
    ineligible: Sequence[object],
    unknown: Sequence[object],
) -> _Status:
    codes, values = survey.codes(status)
    texts = np.array([canonical_text(value) for value in values.tolist()], dtype=object)
    blank = (codes < 0) & (survey.weights > 0)
    if blank.any():
        rows = int(blank.sum())
        raise WeightingError.of("weighting-status-missing", Place(field=status), name=status, rows=rows)

    def among(wanted: Sequence[object]) -> Mask:
        hit = np.isin(texts, [canonical_text(value) for value in wanted])
        return np.asarray(np.append(hit, False)[codes], dtype=bool)  # the last place is for code -1

    answered, outside, unclear = among(respondents), among(ineligible), among(unknown)
    refusing = ~(answered | outside | unclear) & (codes >= 0)
    return _Status(responding=answered, refusing=refusing, unknown=unclear, ineligible=outside)


def _by_cells(formed: Cells, response: Response) -> _Model:
    return _Model(factors=lambda weights: cell_factors(weights, formed.codes, response), cells=formed.table)


def _by_propensity(survey: Survey, weights: Floats, response: Response, recipe: _Recipe) -> _Model:
    if not recipe.covariates and not recipe.candidates:
        raise WeightingError.of("weighting-covariates-needed", method=recipe.method)
    choice = choose_covariates(survey, recipe.candidates, response) if recipe.candidates else None
    chosen = recipe.covariates if choice is None else recipe.candidates[int(np.flatnonzero(choice["chosen"])[0])]
    known = predictors(survey, chosen)
    fit = fit_propensity(known, response, weights)

    def factors(given: Floats) -> Floats:
        chances = fit_propensity(known, response, given).chances
        if recipe.method == "propensity-inverse":
            return np.asarray(np.where(response.responding, 1.0 / chances, 0.0))
        return cell_factors(given, _classes(chances, given, response, recipe).codes, response)

    table = _classes(fit.chances, weights, response, recipe).table
    return _Model(
        factors=factors,
        cells=table.iloc[:0] if recipe.method == "propensity-inverse" else table,
        choice=choice,
        coefficients=fit.coefficients,
        propensities=fit.chances,
    )


def _classes(chances: Floats, weights: Floats, response: Response, recipe: _Recipe) -> Cells:
    codes = propensity_classes(chances, response.eligible & (weights > 0), recipe.classes)
    paths = tuple((f"class {number}",) for number in range(1, int(codes.max()) + 2))
    return join_cells(codes, paths, weights, response, recipe.join)


def _join_findings(table: pd.DataFrame) -> list[Finding]:
    joined = table[table["joined"] != ""] if len(table) else table
    return [
        finding(
            "weighting-cells-joined",
            Place(record=str(row["cell"])),
            joined=row["joined"],
            respondents=row["respondents"],
        )
        for row in joined.to_dict("records")
    ]


def _counts(weights: Floats, state: _Status) -> pd.DataFrame:
    parts = {
        "respondent": state.responding,
        "nonrespondent": state.refusing,
        "ineligible": state.ineligible,
        "unknown": state.unknown,
    }
    rows = [(name, int(part.sum()), float(weights[part].sum())) for name, part in parts.items()]
    return pd.DataFrame(rows, columns=["disposition", "n", "weight"])


class _Filtered(Protocol):
    def filter(self, mask: Mask) -> object: ...


def _only(survey: Survey, rows: Mask) -> Survey:
    """Return the survey of some rows; replicates are columns by now."""
    if isinstance(survey.frame, pd.DataFrame):
        frame: object = survey.frame.loc[rows].reset_index(drop=True)
    else:
        frame = cast("_Filtered", survey.frame).filter(rows)
    return Survey(frame, survey.design)
