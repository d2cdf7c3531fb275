"""Two phases: a sample, of which a part was chosen for what is costly to measure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from surveykit.design.design import SurveyDesign
from surveykit.design.frames import Columns, Floats, Integers
from surveykit.design.layout import Layout, Stage, lay_out
from surveykit.errors import DesignError
from surveykit.findings import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoPhaseDesign:
    """A sample in two phases, by column names.

    Parameters
    ----------
    first : SurveyDesign
        How the first-phase sample, all rows of the frame, was drawn. Without population sizes its weights (1 without
        them) are the inverse probabilities of a sample with replacement.
    second : SurveyDesign
        Strata, and units if not rows, of the second phase; one stage. Its probabilities are the shares chosen of the
        first-phase units of each stratum, or follow from ``fpc``.
    selected : str
        Column that is true or 1 for rows of the second phase.

    Raises
    ------
    DesignError
        If the second phase has several stages.

    Notes
    -----
    R: ``survey::twophase(method = "full")``.
    """

    first: SurveyDesign
    second: SurveyDesign
    selected: str

    def __post_init__(self) -> None:
        if len(self.second.cluster_stages) > 1:
            raise DesignError.of("design-second-phase-stages", stages=len(self.second.cluster_stages))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the design needs, without repetition."""
        return tuple(dict.fromkeys([*self.first.columns, *self.second.columns, self.selected]))

    @property
    def weights(self) -> None:
        """No single column holds the weights."""
        return


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """The units, strata and probabilities of both phases.

    Parameters
    ----------
    first : Layout
        Stages of the first phase.
    first_probabilities : tuple of float arrays of shape (U,)
        Inclusion probabilities of the units of each stage.
    replacement : bool
        The first phase was drawn with replacement.
    second : Stage
        The second phase; ``sampled`` counts the units chosen and ``fraction`` is their probability.
    selected : bool array of shape (n,)
        Rows of the second phase.
    """

    first: Layout
    first_probabilities: tuple[Floats, ...]
    replacement: bool
    second: Stage
    selected: NDArray[np.bool_]

    @property
    def weights(self) -> Floats:
        """Inverse probabilities through both phases of shape (n,), 0 for rows that were not chosen."""
        probability = np.where(self.selected, self.second.fraction[self.second.units], 1.0)
        for stage, each in zip(self.first.stages, self.first_probabilities, strict=True):
            probability = probability * each[stage.units]
        return np.where(self.selected, 1 / probability, 0.0)


def phases_of(columns: Columns, design: TwoPhaseDesign) -> Phases:
    """Return units, strata and probabilities of both phases over the rows of a frame.

    Parameters
    ----------
    columns : Columns
        Columns of the first-phase sample.
    design : TwoPhaseDesign
        The design.

    Raises
    ------
    DesignError
        If nothing was chosen from a stratum of the second phase.
    """
    selected = columns.numbers(design.selected) == 1
    first = lay_out(columns, design.first)
    replacement = design.first.fpc is None
    if replacement:
        given = columns.numbers(design.first.weights) if design.first.weights else np.ones(columns.rows())
        stage = first.stages[0]
        probability = np.ones(len(stage.strata))
        probability[stage.units] = 1 / given
        probabilities: tuple[Floats, ...] = (probability,)
    else:
        probabilities = tuple(stage.fraction for stage in first.stages)
    second = _second(columns, design, selected)
    return Phases(
        first=first, first_probabilities=probabilities, replacement=replacement, second=second, selected=selected
    )


def _second(columns: Columns, design: TwoPhaseDesign, selected: NDArray[np.bool_]) -> Stage:
    stage = lay_out(columns, replace(design.second, fpc=None)).stages[0]
    chosen = np.bincount(stage.units[selected], minlength=len(stage.strata)) > 0
    sampled = np.bincount(stage.strata, weights=chosen, minlength=len(stage.sampled)).astype(np.float64)
    if (sampled == 0).any():
        where = Place(field=design.selected)
        raise DesignError.of("design-second-phase-empty", where, count=int((sampled == 0).sum()))
    size = stage.sampled if design.second.fpc is None else _given(columns, design.second.fpc_stages[0][0], stage)
    fraction = size if (size <= 1).all() and design.second.fpc is not None else sampled / size
    return replace(stage, sampled=sampled, fraction=fraction[stage.strata])


def _given(columns: Columns, name: str, stage: Stage) -> Floats:
    value = np.empty(len(stage.sampled))
    value[stage.strata[stage.units]] = columns.numbers(name)
    return value


def joint_form(phases: Phases) -> Floats:
    """Return (p_ij - p_i p_j) / p_ij of the rows of the second phase, shape (n2, n2).

    Notes
    -----
    Phases, and stages within the first, are independent given each other: 1 - D is the product of the 1 - D of each.
    Within a stratum of n units drawn with probability p, D is -(1 - p) / (n - 1) between units.
    """
    form = np.zeros((int(phases.selected.sum()),) * 2)
    for stage, probability in zip(phases.first.stages, phases.first_probabilities, strict=True):
        form = _joined(form, _stage_form(stage, probability, phases.selected, independent=phases.replacement))
    return _joined(form, _stage_form(phases.second, phases.second.fraction, phases.selected, independent=False))


def _stage_form(stage: Stage, probability: Floats, selected: NDArray[np.bool_], *, independent: bool) -> Floats:
    unit: Integers = stage.units[selected]
    if independent and (probability == 1).all():
        return np.eye(len(unit))
    stratum = stage.strata[unit]
    same_unit = unit[:, None] == unit[None, :]
    fewer = np.maximum(stage.sampled[stratum] - 1, 1)
    between = np.where(stratum[:, None] == stratum[None, :], -((1 - probability[unit]) / fewer)[:, None], 0.0)
    if independent:
        between = np.zeros_like(between)
    return np.where(same_unit, (1 - probability[unit])[:, None], between)


def _joined(first: Floats, second: Floats) -> Floats:
    return first + second - first * second
