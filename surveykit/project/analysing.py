"""What a survey folder analyses: answers with indicators and computed variables, beside the sample, weighted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import ProjectError
from surveykit.expressions import columns, meaning
from surveykit.findings import Place
from surveykit.project.folder import SETTINGS, Analysis, Project
from surveykit.project.making import received_answers
from surveykit.questionnaire.analysis import analysis_frame
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.derive import derive
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.rows import expression_rows
from surveykit.questionnaire.scope import scope_of
from surveykit.questionnaire.structure import Questionnaire
from surveykit.sampling.frame import read_frame
from surveykit.weighting.running import Weighted
from surveykit.weighting.running import weight as carry_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysed:
    """One part of the analysis, ready for estimates.

    Parameters
    ----------
    part : Analysis
    survey : Survey
    weighted : Weighted or None
        How its weights were made, where it has a plan of its own.
    """

    part: Analysis
    survey: Survey
    weighted: Weighted | None = None


def analysed(project: Project) -> tuple[Analysed, ...]:
    """Return every part of the analysis of a survey folder, weighted.

    Raises
    ------
    ProjectError
        If nothing was received, or a part takes the weights of a unit that has none.
    """
    questionnaire = load_questionnaire(project.definition)
    answers = full_answers(project, questionnaire)
    made: dict[str, Analysed] = {}
    for number, part in enumerate(project.parts):
        rows = unit_frame(project, questionnaire, answers, part.unit)
        if part.weighting is not None:
            weighted = carry_out(rows, part.weighting)
            made[part.unit] = Analysed(part=part, survey=weighted.survey, weighted=weighted)
        elif part.weights_of:
            if part.weights_of not in made:
                place = Place(file=str(project.root / SETTINGS), pointer=f"/analyses/{number}/weights_of")
                raise ProjectError.of(
                    "project-weights-of", place, unit=part.weights_of, known=", ".join(made) or "none"
                )
            made[part.unit] = Analysed(part=part, survey=_lent(rows, made[part.weights_of].survey, questionnaire))
        else:
            named: dict[str, Any] = {**questionnaire.design, **project.design}
            made[part.unit] = Analysed(part=part, survey=Survey(rows, SurveyDesign(**named)))
    return tuple(made.values())


def full_answers(project: Project, questionnaire: Questionnaire) -> Responses:
    """Return the answers as last received, with the indicators of the questionnaire and the variables of the folder."""
    answers = received_answers(project, questionnaire)
    if questionnaire.indicators:
        answers = derive(answers, questionnaire)
    frames = dict(answers.frames)
    for one in project.variables:
        typed = meaning.compile(one.value, scope_of(questionnaire, one.unit))
        found = columns.values(typed, expression_rows(frames, one.unit, questionnaire)).reset_index(drop=True)
        whole = typed.kind == "number" and bool((found.dropna() % 1 == 0).all())
        frames[one.unit] = frames[one.unit].assign(**{one.name: found.astype("Int64") if whole else found})
    return replace(answers, frames=frames)


def unit_frame(project: Project, questionnaire: Questionnaire, answers: Responses, unit: str) -> pd.DataFrame:
    """Return a row a record of a unit; where the folder has a sample, with it, and a row for each unit not reached.

    Notes
    -----
    A sampled household without a child stays among the children as a row without answers, so that its cluster counts
    in every variance.
    """
    frame = analysis_frame(answers, questionnaire, unit)
    if project.sample is None:
        return frame
    top = questionnaire.top
    key = questionnaire.item(top.key).var
    texts = {item.var for item in questionnaire.items_of(top.id) if item.type in {"id", "text"}}
    sample = read_frame(project.sample, text=[name for name in read_frame(project.sample) if name in texts])
    homes = analysis_frame(answers, questionnaire, top.id).drop_duplicates(key)
    rows = sample.merge(homes[[key, *_new(homes, sample)]], on=key, how="left", validate="one_to_one")
    if unit in {"", top.id}:
        return rows
    own = frame[[key, *_new(frame, rows)]]
    return rows.merge(own, on=key, how="left", validate="one_to_many")


def _new(frame: pd.DataFrame, beside: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame.columns if name not in beside.columns]


def _lent(rows: pd.DataFrame, source: Survey, questionnaire: Questionnaire) -> Survey:
    """Return rows with the weights of another part, by the key of the top unit."""
    key = questionnaire.item(questionnaire.top.key).var
    frame: Any = source.frame
    name = str(source.design.weights)
    weights = pd.Series(source.weights, index=pd.Index(frame[key]), name=name)
    joined = rows.merge(
        weights.reset_index().rename(columns={"index": key}), on=key, how="inner", validate="many_to_one"
    )
    return Survey(joined, source.design)
