"""What a verb of a survey folder makes, and the files that it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from surveykit.errors import ProjectError
from surveykit.findings import Findings, Place
from surveykit.project.folder import Project
from surveykit.questionnaire.analysis import analysis_frame
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Questionnaire
from surveykit.returns.freezing import read_frozen

Progress = Callable[[int, int], None]

FROZEN: Final = "frozen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a verb made and found.

    Parameters
    ----------
    paths : tuple of Path
        Files made or renewed.
    findings : Findings
    facts : mapping
        Numbers worth printing.
    """

    paths: tuple[Path, ...] = ()
    findings: Findings = field(default_factory=Findings)
    facts: Mapping[str, Any] = field(default_factory=dict)


def received_answers(project: Project, questionnaire: Questionnaire) -> Responses:
    """Return the answers as last received.

    Raises
    ------
    ProjectError
        If nothing was received yet.
    """
    manifest = project.root / "data" / FROZEN / "manifest.json"
    if not manifest.is_file():
        raise ProjectError.of("project-nothing-received", Place(file=str(project.root)))
    return read_frozen(manifest, questionnaire)


def analysed_frame(project: Project) -> pd.DataFrame:
    """Return the frame that is analysed: a row a record of the analysis unit, as last received."""
    questionnaire = load_questionnaire(project.definition)
    return analysis_frame(received_answers(project, questionnaire), questionnaire, project.analysis_unit)


def definition_files(project: Project) -> list[Path]:
    """Return the files of the questionnaire, where it is the folder's own."""
    return [path] if (path := Path(project.definition)).is_file() else []


def answer_files(project: Project) -> list[Path]:
    """Return what estimates are made from: the frozen answers and the weighting plan."""
    plan = [project.weighting] if project.weighting else []
    return [project.root / "data" / FROZEN, *plan]
