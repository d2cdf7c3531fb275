"""What a verb of a survey folder makes, and the files that it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, TypeVar

from surveykit.errors import ProjectError
from surveykit.findings import Findings, Place
from surveykit.project.folder import SETTINGS, Project
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Questionnaire
from surveykit.reporting.listing import Listing
from surveykit.returns.freezing import read_frozen

Progress = Callable[[int, int], None]

FROZEN: Final = "frozen"

T = TypeVar("T")


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
    lists : tuple of Listing
        Short lists worth showing on a terminal.
    """

    paths: tuple[Path, ...] = ()
    findings: Findings = field(default_factory=Findings)
    facts: Mapping[str, Any] = field(default_factory=dict)
    lists: tuple[Listing, ...] = ()


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


def definition_files(project: Project) -> list[Path]:
    """Return the files of the questionnaire, where it is the folder's own."""
    return [path] if (path := Path(project.definition)).is_file() else []


def analysis_files(project: Project) -> list[Path]:
    """Return what weights are made from: the frozen answers, the plans, and what else ``survey.json`` names."""
    plans = [part.weighting for part in project.parts if part.weighting is not None]
    named = [project.sample] if project.sample is not None else []
    settings = [project.root / SETTINGS] if project.analyses or project.variables else []
    return [project.root / "data" / FROZEN, *plans, *named, *settings]


def side_by_side(work: Callable[..., T], jobs: Sequence[tuple[Any, ...]], processes: int) -> list[T]:
    """Do a piece of work for each set of arguments, in processes of their own where more than one is allowed.

    Parameters
    ----------
    work : callable
        A function of a module.
    jobs : sequence of tuple
        Its positional arguments.
    processes : int

    Returns
    -------
    list
        Results in the order of the jobs.
    """
    if processes == 1 or len(jobs) < 2:
        return [work(*job) for job in jobs]
    with ProcessPoolExecutor(min(processes, len(jobs)), mp_context=get_context("spawn")) as pool:
        return [one.result() for one in [pool.submit(work, *job) for job in jobs]]
