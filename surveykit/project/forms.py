"""The forms of a survey folder."""

from __future__ import annotations

from pathlib import Path

from surveykit.findings import Findings
from surveykit.forms.batch import MANIFEST, write_batch
from surveykit.forms.paper import write_paper
from surveykit.forms.workbook import write_form
from surveykit.project.folder import Project, record
from surveykit.project.making import Made, Progress, definition_files
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.structure import Questionnaire


def make_forms(project: Project, *, language: str = "", progress: Progress | None = None) -> Made:
    """Write the blank forms of a survey in its layouts and languages into ``forms/``, and the booklets of its sample.

    Parameters
    ----------
    project : Project
    language : str, optional
        One language only.
    progress : callable, optional
        Called with the number of booklets done and of all.
    """
    questionnaire = load_questionnaire(project.definition)
    made, found = [], Findings()
    for spoken in _languages(project, questionnaire, language):
        for layout in project.layouts:
            path = project.folder("forms") / f"{questionnaire.id}-{layout}-{spoken}.xlsx"
            found = found + write_form(
                questionnaire,
                path,
                language=spoken,
                layout="list" if layout == "list" else "booklet",
                rows=project.list_rows,
            )
            made.append(path)
    record(project, "form", made, definition_files(project), structure=questionnaire.structure_hash)
    if project.sample is None:
        return Made(paths=tuple(made), findings=found)
    batch = make_batch(project, project.sample, language=language, progress=progress)
    return Made(paths=(*made, *batch.paths), findings=found + batch.findings, facts=batch.facts)


def make_batch(project: Project, sample: Path, *, language: str = "", progress: Progress | None = None) -> Made:
    """Write a prefilled booklet a sampled unit into ``forms/sample-<language>/``; running it again goes on.

    Parameters
    ----------
    project : Project
    sample : Path
        A csv file, a row a unit; see :func:`surveykit.forms.batch.write_batch`.
    language : str, optional
        The first language of the survey where empty.
    progress : callable, optional
    """
    questionnaire = load_questionnaire(project.definition)
    spoken = _languages(project, questionnaire, language)[0]
    folder = project.folder("forms") / f"sample-{spoken}"
    batch = write_batch(questionnaire, sample, folder, language=spoken, progress=progress)
    inputs = [sample, *definition_files(project)]
    record(project, "form", [folder / MANIFEST], inputs, structure=questionnaire.structure_hash)
    return Made(paths=(folder,), findings=batch.findings, facts=batch.counts)


def make_paper(project: Project, *, language: str = "") -> Made:
    """Write the booklet of a survey as a PDF a language into ``forms/``."""
    questionnaire = load_questionnaire(project.definition)
    made, found = [], Findings()
    for spoken in _languages(project, questionnaire, language):
        path = project.folder("forms") / f"{questionnaire.id}-paper-{spoken}.pdf"
        found = found + write_paper(questionnaire, path, language=spoken)
        made.append(path)
    record(project, "form", made, definition_files(project), structure=questionnaire.structure_hash)
    return Made(paths=tuple(made), findings=found)


def _languages(project: Project, questionnaire: Questionnaire, language: str) -> tuple[str, ...]:
    return (language,) if language else project.languages or questionnaire.languages
