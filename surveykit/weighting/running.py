"""Carry out a weighting plan: every step on the sample and on all its replicates, with a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from surveykit.design.frames import near
from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.findings import Findings, Place, finding
from surveykit.weighting.base import frame_columns, inverse_probabilities, normalise_weights, person_weights
from surveykit.weighting.calibration import fit_survey
from surveykit.weighting.cells import JoinRule
from surveykit.weighting.diagnostics import WeightingDiagnostics, assembled, balance_table, r_indicator
from surveykit.weighting.fitting import Fitter, calibrator, poststratifier, raker
from surveykit.weighting.margins import Margin
from surveykit.weighting.nonresponse import NonresponseAdjustment, nonresponse_adjustment
from surveykit.weighting.plan import Step, WeightingPlan, plan_totals, read_plan
from surveykit.weighting.settling import trim_and_fit
from surveykit.weighting.trimming import Trim, trim_weights

Floats = NDArray[np.float64]

_BASE: Final = "base"  # suffix of the column that keeps the first weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """Weights of one survey, or of one component of it.

    Parameters
    ----------
    survey : Survey
        Respondents with their final weights, what calibration fixed, and replicates if there were any.
    diagnostics : WeightingDiagnostics
        The page about them.
    nonresponse : tuple of NonresponseAdjustment
        Record of every non-response step.
    components : mapping of str to Weighted
        Weights of the components of the plan.
    """

    survey: Survey
    diagnostics: WeightingDiagnostics
    nonresponse: tuple[NonresponseAdjustment, ...] = ()
    components: Mapping[str, Weighted] = field(default_factory=dict)

    @property
    def frame(self) -> object:
        """The respondents' answers with their weights."""
        return self.survey.frame

    @property
    def findings(self) -> Findings:
        """What was noteworthy on the way."""
        return self.diagnostics.findings


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    survey: Survey
    base: str
    folder: Path
    reference: Survey | None = None
    fitter: Fitter | None = None
    margins: tuple[Margin, ...] = ()
    steps: tuple[tuple[str, Floats], ...] = ()
    convergence: tuple[tuple[str, tuple[float, ...]], ...] = ()
    nonresponse: tuple[NonresponseAdjustment, ...] = ()
    findings: Findings = field(default_factory=Findings)


def weight(
    data: Survey | object,
    plan: str | Path | Mapping[str, object] | WeightingPlan,
    *,
    folder: str | Path | None = None,
) -> Weighted:
    """Carry out a weighting plan.

    Parameters
    ----------
    data : frame or Survey
        All sampled units, those that did not answer included. A Survey brings its own weights, design and replicates;
        the plan's base step is then left out.
    plan : path, mapping or WeightingPlan
        The steps; JSON of the schema ``weighting-plan``.
    folder : str or pathlib.Path
        Where files of totals are; beside the plan where not given.

    Returns
    -------
    Weighted

    Raises
    ------
    DefinitionError
        If the plan is wrong.
    WeightingError
        If a step cannot be carried out; its place in the plan is named.
    """
    known = plan if isinstance(plan, WeightingPlan) else read_plan(plan, folder=folder)
    state = _started(data, known)
    for number, step in enumerate(known.steps):
        state = _taken(state, step, f"/steps/{number}")
    whole = _finished(state, known)
    components = {}
    for name, steps in known.components.items():
        branch = replace(state, survey=state.survey.with_weights(state.survey.weights, name=name))
        for number, step in enumerate(steps):
            branch = _taken(branch, step, f"/components/{name}/{number}")
        components[name] = _finished(branch, known)
    return replace(whole, components=components)


def _started(data: Survey | object, plan: WeightingPlan) -> _State:
    base = f"{plan.weights}_{_BASE}"
    first = str((plan.base or {}).get("name", "base"))
    if isinstance(data, Survey):
        found = Findings.of([finding("weighting-base-skipped")] if plan.base is not None else [])
        survey = data.with_columns({base: data.weights})
        return _State(survey=survey, base=base, folder=plan.folder, findings=found, steps=((first, data.weights),))
    columns = frame_columns(data)
    given = plan.base or {"weights": plan.weights}
    if "probabilities" in given:
        weights = inverse_probabilities(columns, given["probabilities"])
    else:
        known = columns.names()
        name = str(given["weights"])
        if name not in known:
            raise WeightingError.of("weighting-unknown-column", Place(field=name), name=name, near=near(name, known))
        weights = columns.numbers(name)
    survey = Survey(columns.with_values({plan.weights: weights, base: weights}), plan.design)
    return _State(survey=survey, base=base, folder=plan.folder, steps=((first, weights),))


def _taken(state: _State, step: Step, pointer: str) -> _State:
    if step["step"] == "base":
        return state
    try:
        after = _STEPS[step["step"]](state, step)
    except WeightingError as error:
        place = Place(pointer=pointer)
        raise WeightingError([finding("weighting-step-failed", place, step=step["step"]), *error.findings]) from error
    label = str(step.get("name", step["step"]))
    return replace(after, steps=(*state.steps, (label, after.survey.weights)))


def _nonresponse(state: _State, step: Step) -> _State:
    names = ("status", "respondents", "ineligible", "unknown", "method", "cells", "covariates", "candidates", "classes")
    options: dict[str, Any] = {name: step[name] for name in names if name in step}
    limits = {name: step[name] for name in ("min_respondents", "max_factor") if name in step}
    made = nonresponse_adjustment(state.survey, join=JoinRule(**limits), **options)
    reference = state.survey if state.reference is None else state.reference
    return replace(
        state,
        survey=made.survey,
        reference=reference,
        nonresponse=(*state.nonresponse, made),
        findings=state.findings + made.findings,
    )


def _persons(state: _State, step: Step) -> _State:
    return replace(state, survey=person_weights(state.survey, step["count"], maximum=step.get("maximum")))


def _fit(state: _State, step: Step) -> _State:
    totals = plan_totals(step["margins"], state.folder)
    if step["step"] == "poststratify":
        fitter = poststratifier(state.survey, totals[0])
    elif step["step"] == "rake":
        fitter = raker(state.survey, totals)
    else:
        names = ("method", "aggregate", "variance")
        options: dict[str, Any] = {name: step[name] for name in names if name in step}
        options |= {name: tuple(step[name]) for name in ("bounds", "weight_bounds") if name in step}
        fitter = calibrator(state.survey, totals, **options)
    label = str(step.get("name", step["step"]))
    survey, misfits = fit_survey(state.survey, fitter)
    return replace(
        state,
        survey=survey,
        fitter=fitter,
        margins=(*state.margins, *(one for one in fitter.margins if one.by not in {m.by for m in state.margins})),
        convergence=(*state.convergence, (label, misfits)),
    )


def _trim(state: _State, step: Step) -> _State:
    names = ("rule", "k", "lower", "upper", "redistribute", "strict")
    options: dict[str, Any] = {name: step[name] for name in names if name in step}
    by = step.get("by", ())
    columns = (by,) if isinstance(by, str) else tuple(by)
    if not step.get("recalibrate") or state.fitter is None:
        return replace(state, survey=trim_weights(state.survey, by=columns, **options))
    survey, misfits = trim_and_fit(state.survey, Trim(**options), state.fitter, by=columns)
    label = str(step.get("name", step["step"]))
    return replace(state, survey=survey, convergence=(*state.convergence, (label, misfits)))


def _normalise(state: _State, step: Step) -> _State:
    survey = normalise_weights(state.survey, name=step["column"], total=step.get("total"))
    return replace(state, survey=survey)


_STEPS: Final[Mapping[str, Callable[[_State, Step], _State]]] = {
    "nonresponse": _nonresponse,
    "persons": _persons,
    "poststratify": _fit,
    "rake": _fit,
    "calibrate": _fit,
    "trim": _trim,
    "normalise": _normalise,
}


def _finished(state: _State, plan: WeightingPlan) -> Weighted:
    before = state.survey.numbers(state.base)
    first = state.nonresponse[0] if state.nonresponse else None
    reference = _eligible(state, first)
    balance = balance_table(reference or state.survey, state.survey, before, plan.balance)
    diagnostics = assembled(
        state.survey,
        steps=state.steps,
        before=before,
        margins=state.margins,
        balance=balance,
        identifier=plan.identifier,
        r_indicator=_representative(state, first),
        response_rate=None if first is None else first.response_rate,
        convergence=state.convergence,
        findings=state.findings,
    )
    return Weighted(survey=state.survey, diagnostics=diagnostics, nonresponse=state.nonresponse)


def _eligible(state: _State, first: NonresponseAdjustment | None) -> Survey | None:
    if state.reference is None or first is None:
        return None
    return state.reference.with_weights(np.where(first.eligible, state.reference.weights, 0.0))


def _representative(state: _State, first: NonresponseAdjustment | None) -> float | None:
    if first is None or first.propensities is None or state.reference is None:
        return None
    rows = first.eligible
    return r_indicator(first.propensities[rows], state.reference.weights[rows])
