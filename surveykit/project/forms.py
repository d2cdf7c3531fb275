"""The forms of a survey folder."""

from __future__ import annotations

from surveykit.findings import Findings
from surveykit.forms.workbook import write_form
from surveykit.project.folder import Project, record
from surveykit.project.making import Made, definition_files
from surveykit.questionnaire.definition import load_questionnaire


def make_forms(project: Project) -> Made:
    """Write the blank forms of a survey in its layouts and languages into ``forms/``."""
    questionnaire = load_questionnaire(project.definition)
    made, found = [], Findings()
    for language in project.languages or questionnaire.languages:
        for layout in project.layouts:
            path = project.folder("forms") / f"{questionnaire.id}-{layout}-{language}.xlsx"
            found = found + write_form(
                questionnaire,
                path,
                language=language,
                layout="list" if layout == "list" else "booklet",
                rows=project.list_rows,
            )
            made.append(path)
    record(project, "form", made, definition_files(project), structure=questionnaire.structure_hash)
    return Made(paths=tuple(made), findings=found)
