"""Variances from scores: of cells, and of rows for statistics that are no function of grouped sums."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from surveykit.design.design import SurveyDesign
from surveykit.design.frames import Columns
from surveykit.design.layout import Layout, Stage
from surveykit.design.survey import Survey
from surveykit.design.twophase import TwoPhaseDesign
from surveykit.errors import EstimationError
from surveykit.estimation.pairwise import Pairwise, pairwise, two_phase
from surveykit.estimation.projection import Projection, projection
from surveykit.estimation.requests import ClusterTotals
from surveykit.estimation.sources import Calibrated, Linearised
from surveykit.estimation.sums import summed
from surveykit.estimation.variance import Cells, Lonely, Sampling, Staged, lonely_strata

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_NAMED = 5  # lonely strata named in a message before the rest is only counted


def linearised(survey: Survey, totals: ClusterTotals, scores: list[Floats]) -> tuple[Linearised | Calibrated, Floats]:
    """Return the source of the covariance and the variances of scores.

    Parameters
    ----------
    survey : Survey
        With a linearised design.
    totals : ClusterTotals
        The cells of the scores; by row if the survey is calibrated.
    scores : list of float arrays of shape (m, q_b)
        Scores summed by cell, one array a request of ``totals``.

    Returns
    -------
    tuple of Linearised or Calibrated, and float array of shape (D, q)

    Raises
    ------
    EstimationError
        If a stratum has a single sampling unit and the policy is to fail.
    """
    values = np.concatenate(scores, axis=1)
    if isinstance(survey.design, TwoPhaseDesign):
        phased = Linearised(values=values, cells=totals.cells, sampling=_phased(survey))
        return phased, phased.variances()
    design = cast("SurveyDesign", survey.design)
    cells = _all_units(survey.layout) if survey.calibrations else totals.cells
    sampling = sampling_of(design, totals.stages)
    if isinstance(sampling, Staged):
        refuse_lonely(design, cells, totals.stages, totals.roster)
    if survey.calibrations:
        calibrated = _calibrated(survey, totals.cells, values, sampling)
        return calibrated, calibrated.variances()
    source = Linearised(values=values, cells=totals.cells, sampling=sampling)
    if design.lonely_psu not in {"adjust", "average"} or all((block.seen > 0).all() for block in totals.blocks):
        return source, source.variances()
    parts = [
        _present(replace(source, values=score), block.seen > 0)
        for score, block in zip(scores, totals.blocks, strict=True)
    ]
    variances = np.concatenate([part.variances() for part in parts], axis=1)
    return (parts[0] if len(parts) == 1 else source), variances


def score_covariance(survey: Survey, scores: Floats) -> Floats:
    """Return the covariance of estimates from the scores of the rows.

    Parameters
    ----------
    survey : Survey
        With a linearised design and a frame in memory.
    scores : float array of shape (n, k)
        Linearised scores, weights included; 0 outside the subpopulation and where the outcome is missing.

    Returns
    -------
    float array of shape (k, k)

    Raises
    ------
    EstimationError
        If a stratum has a single sampling unit and the policy is to fail, or the design has replicate weights.

    Notes
    -----
    What calibration fixed is taken out first. R: ``svyrecvar``.
    """
    design = survey.design
    if isinstance(design, TwoPhaseDesign):
        chosen = np.flatnonzero(survey.phases.selected)
        cells = Cells(domain=np.zeros(len(chosen), dtype=np.intp), unit=chosen, domains=1)
        return _phased(survey).covariance(scores.reshape(len(scores), -1)[chosen], cells)
    if not isinstance(design, SurveyDesign):
        raise EstimationError.of("estimate-needs-strata")
    layout = survey.layout
    stage = layout.stages[-1]
    scores = scores.reshape(len(scores), -1)
    if survey.calibrations:
        scores, cells = survey_projection(survey).residuals(scores), _all_units(layout)
    else:
        held = np.bincount(stage.units[survey.domain], minlength=len(stage.strata)) > 0
        cells = Cells(domain=np.zeros(int(held.sum()), dtype=np.intp), unit=np.flatnonzero(held), domains=1)
    sampling = sampling_of(design, layout.stages)
    if isinstance(sampling, Staged):
        refuse_lonely(design, cells, layout.stages, survey.columns)
    return sampling.covariance(summed(scores, stage.units, len(stage.strata))[cells.unit], cells)


def sampling_of(design: SurveyDesign, stages: tuple[Stage, ...]) -> Sampling:
    """Return what makes variances of scores under a design."""
    if design.pps is not None and design.pps != "brewer":
        return pairwise(design, stages[0])
    return Staged(stages=stages, lonely=Lonely(policy=design.lonely_psu, in_domain=design.lonely_in_domain))


def survey_projection(survey: Survey) -> Projection:
    """Return what the calibrations of a survey take out of scores; it is worked out once a survey."""
    if "projection" not in survey.memo:
        survey.memo["projection"] = projection(survey.calibrations)
    return cast("Projection", survey.memo["projection"])


def refuse_lonely(design: SurveyDesign, cells: Cells, stages: tuple[Stage, ...], roster: Columns) -> None:
    """Raise ``EstimationError`` naming the strata with a single sampling unit, if the policy is to fail."""
    if design.lonely_psu != "fail":
        return
    found = lonely_strata(cells, stages)
    if not found:
        return
    stage, strata = found[0]
    labels = [stratum_label(design, roster, stage, int(stages[stage].examples[one])) for one in strata[:_NAMED]]
    more = f" and {len(strata) - _NAMED} more" if len(strata) > _NAMED else ""
    raise EstimationError.of(
        "estimate-lonely-unit", stage=stage + 1, count=len(strata), strata="; ".join(labels) + more
    )


def stratum_label(design: SurveyDesign, roster: Columns, stage: int, row: int) -> str:
    """Return the stratum of a row of the roster as text, for messages."""
    names = [name for names in design.cluster_stages[:stage] for name in names]
    if stage < len(design.strata_stages):
        names = [*design.strata_stages[stage], *names]
    parts = []
    for name in names:
        codes, levels = roster.codes(name)
        parts.append(f"{name}={levels[codes[row]]}")
    return ", ".join(parts) or "the whole sample"


def _calibrated(survey: Survey, cells: Cells, values: Floats, sampling: Sampling) -> Calibrated:
    layout, width = survey.layout, values.shape[1]
    stage, rows = layout.stages[-1], survey.rows
    column = (cells.domain[:, None] * width + np.arange(width)).ravel()
    row = np.repeat(cells.unit, width)
    scores = sparse.csc_array((values.ravel(), (row, column)), shape=(rows, cells.domains * width))
    ones = np.ones(rows)
    units = sparse.csr_array((ones, (stage.units, np.arange(rows))), shape=(len(stage.strata), rows))
    return Calibrated(
        scores=scores,
        projection=survey_projection(survey),
        units=units,
        sampling=sampling,
        domains=cells.domains,
    )


def _phased(survey: Survey) -> Pairwise:
    if "two-phase" not in survey.memo:
        survey.memo["two-phase"] = two_phase(survey.phases)
    return cast("Pairwise", survey.memo["two-phase"])


def _all_units(layout: Layout) -> Cells:
    units = len(layout.stages[-1].strata)
    return Cells(domain=np.zeros(units, dtype=np.intp), unit=np.arange(units), domains=1)


def _present(source: Linearised, held: NDArray[np.bool_]) -> Linearised:
    cells = source.cells
    kept = Cells(domain=cells.domain[held], unit=cells.unit[held], domains=cells.domains)
    return Linearised(values=source.values[held], cells=kept, sampling=source.sampling)
