"""The tables and the report of a survey folder."""

from __future__ import annotations

from pathlib import Path

from surveykit.errors import ProjectError
from surveykit.findings import Place
from surveykit.project.folder import Project, content_hash, record
from surveykit.project.making import Made, Progress, analysed_frame, answer_files, received_answers
from surveykit.project.response import response_blocks
from surveykit.project.weights import diagnostic_blocks, project_survey
from surveykit.questionnaire.codebook import codebook
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.reporting.composition import compose_report
from surveykit.reporting.methods import publish_methods
from surveykit.reporting.plan import read_table_plan, run_table_plan
from surveykit.reporting.publish import publish
from surveykit.reporting.report import publish_report
from surveykit.reporting.table import Table
from surveykit.weighting.running import weight as carry_out


def tabulate(project: Project, *, progress: Progress | None = None) -> Made:
    """Estimate and publish every table of the table plan into ``out/``, in every language.

    Raises
    ------
    ProjectError
        If the folder has no table plan.
    """
    made: list[Path] = []
    for language, tables in project_tables(project, progress=progress).items():
        for suffix in ("xlsx", "html", "md"):
            made.append(project.folder("out") / f"tables-{language}.{suffix}")
            publish(tables, made[-1])
    plan = [project.tables] if project.tables else []
    record(project, "tabulate", made, [*answer_files(project), *plan])
    return Made(paths=tuple(made))


def project_tables(project: Project, *, progress: Progress | None = None) -> dict[str, tuple[Table, ...]]:
    """Return the tables of the table plan by language."""
    if project.tables is None:
        raise ProjectError.of("project-no-plan", Place(file=str(project.root)), plan="tables", verb="tabulate")
    questionnaire = load_questionnaire(project.definition)
    survey, plan = project_survey(project), read_table_plan(project.tables)
    step = None if progress is None else (lambda done, count, _: progress(done, count))
    return {
        language: run_table_plan(plan, survey, codebook=codebook(questionnaire), language=language, progress=step)
        for language in project.languages or questionnaire.languages
    }


def report(project: Project) -> Made:
    """Write the report of a survey into ``out/``, html and docx, with its methods in words and a manifest of it all.

    Raises
    ------
    ProjectError
        If the folder has no table plan, or nothing was received.
    """
    questionnaire = load_questionnaire(project.definition)
    book, responses = codebook(questionnaire), received_answers(project, questionnaire)
    weighted = carry_out(analysed_frame(project), project.weighting) if project.weighting is not None else None
    survey = weighted.survey if weighted else project_survey(project)
    inputs = [*answer_files(project), *([project.tables] if project.tables else [])]
    hashes = {path.name: content_hash(path) for path in inputs}
    made: list[Path] = []
    for language, tables in project_tables(project).items():
        page = compose_report(
            project.title,
            tables,
            survey,
            sample=response_blocks(responses, questionnaire, language),
            weighting=diagnostic_blocks(weighted) if weighted else (),
            codebook=book,
            inputs=hashes,
            language=language,
        )
        out = project.folder("out")
        pages = [out / f"report-{language}.{suffix}" for suffix in ("html", "docx")]
        published = {path.name: publish_report(page, path).sha256 for path in pages}
        words = [out / f"methods-{language}.{suffix}" for suffix in ("md", "json")]
        for path in words:
            publish_methods(path, survey, tables=tables, inputs=hashes, made=published, language=language)
        made += [*pages, *words]
    record(project, "report", made, inputs)
    return Made(paths=tuple(made))
