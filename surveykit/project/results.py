"""The tables and the report of a survey folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from surveykit.errors import ProjectError
from surveykit.estimation.estimate import Estimate
from surveykit.findings import Findings, Place
from surveykit.project.analysing import Analysed, analysed
from surveykit.project.folder import Project, content_hash, record
from surveykit.project.making import Made, Progress, analysis_files, received_answers, side_by_side
from surveykit.project.response import response_blocks
from surveykit.project.weights import unit_suffix, weighting_blocks, weighting_plans
from surveykit.questionnaire.codebook import codebook
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.reporting.composition import compose_report
from surveykit.reporting.labels import Wording
from surveykit.reporting.methods import publish_methods
from surveykit.reporting.plan import TablePlan, estimates_of, read_table_plan, run_table_plan
from surveykit.reporting.publish import lacking, publish
from surveykit.reporting.report import publish_report
from surveykit.reporting.table import Table


def tabulate(project: Project, *, progress: Progress | None = None, processes: int = 1) -> Made:
    """Estimate and publish every table of the table plans into ``out/``, in every language.

    Parameters
    ----------
    project : Project
    progress : callable, optional
        Called with the tables that are estimated and their count.
    processes : int
        Processes that write files; each starts Python anew, so that one is best for few tables.

    Raises
    ------
    ProjectError
        If the folder has no table plan.
    """
    made = {
        project.folder("out") / f"tables-{language}.{suffix}": tables
        for language, tables in project_tables(project, progress=progress).items()
        for suffix in ("xlsx", "html", "md")
    }
    side_by_side(publish, [(tables, path) for path, tables in made.items()], processes)
    record(project, "tabulate", list(made), result_files(project))
    return Made(paths=tuple(made))


def project_tables(
    project: Project,
    *,
    parts: Sequence[Analysed] = (),
    only: Collection[str] = (),
    progress: Progress | None = None,
) -> dict[str, tuple[Table, ...]]:
    """Return the tables of the table plans by language.

    Parameters
    ----------
    project : Project
    parts : sequence of Analysed, optional
        The analysis where it was made already.
    only : collection of str
        Ids of the tables that are wanted; all of them where empty.
    progress : callable, optional
        Called with the tables that are estimated and their count.

    Notes
    -----
    Every estimate is made once, whatever the number of languages. Tables under disclosure control are made together
    whatever is wanted, so that the same cells are hidden wherever a table is printed.
    """
    if all(part.tables is None for part in project.parts):
        raise ProjectError.of("project-no-plan", Place(file=str(project.root)), plan="tables", verb="tabulate")
    questionnaire = load_questionnaire(project.definition)
    planned = [
        (one, _kept(read_table_plan(one.part.tables), only))
        for one in parts or analysed(project)
        if one.part.tables is not None
    ]
    ready = _estimated(planned, progress)
    book = codebook(questionnaire)
    return {
        language: tuple(
            table
            for (one, plan), estimates in zip(planned, ready, strict=True)
            for table in run_table_plan(plan, one.survey, codebook=book, language=language, estimates=estimates)
            if not only or table.id in only
        )
        for language in project.languages or questionnaire.languages
    }


def _kept(plan: TablePlan, only: Collection[str]) -> TablePlan:
    if not only or plan.protect is not None:
        return plan
    return replace(plan, tables=tuple(entry for entry in plan.tables if entry.id in only))


def _estimated(
    planned: Sequence[tuple[Analysed, TablePlan]], progress: Progress | None
) -> list[dict[str, list[Estimate]]]:
    count, done = sum(len(plan.tables) for _, plan in planned), 0
    ready: list[dict[str, list[Estimate]]] = []
    for one, plan in planned:
        ready.append({})
        for entry in plan.tables:
            ready[-1][entry.id] = estimates_of(entry, one.survey)
            done += 1
            if progress is not None:
                progress(done, count)
    return ready


def report(project: Project, *, processes: int = 1) -> Made:
    """Write the report of a survey into ``out/``, html and docx, with its methods in words and a manifest of it all.

    Where python-docx is not installed, the docx is left out and the findings say so.

    Parameters
    ----------
    project : Project
    processes : int
        Processes that share the languages; each starts Python anew.

    Raises
    ------
    ProjectError
        If the folder has no table plan, or nothing was received.
    """
    parts, inputs = analysed(project), result_files(project)
    hashes = {path.name: content_hash(path) for path in inputs}
    told = project_tables(project, parts=parts, only=project.report)
    note = lacking(".docx")
    jobs = [(project, parts, tables, hashes, language) for language, tables in told.items()]
    made = [path for paths in side_by_side(write_report, jobs, processes) for path in paths]
    record(project, "report", made, inputs)
    return Made(paths=tuple(made), findings=Findings.of([note] if note else []))


def write_report(
    project: Project,
    parts: Sequence[Analysed],
    tables: Sequence[Table],
    inputs: Mapping[str, str],
    language: str,
) -> list[Path]:
    """Write the report of a survey in one language, and the methods of each part in words and JSON.

    Parameters
    ----------
    project : Project
    parts : sequence of Analysed
    tables : sequence of Table
        In the language of the report.
    inputs : mapping of str to str
        SHA-256 by name of each file that the report is made from.
    language : str
    """
    questionnaire = load_questionnaire(project.definition)
    book = codebook(questionnaire)
    page = compose_report(
        project.title,
        tables,
        parts[0].survey,
        sample=response_blocks(received_answers(project, questionnaire), questionnaire, language),
        weighting=weighting_blocks(
            weighting_plans(parts), words=Wording(language=language, codebook=book), published=True
        ),
        codebook=book,
        inputs=inputs,
        language=language,
        maps=project.maps,
    )
    out = project.folder("out")
    pages = [out / f"report-{language}.{suffix}" for suffix in ("html", "docx") if lacking(f".{suffix}") is None]
    published = {path.name: publish_report(page, path).sha256 for path in pages}
    words: list[Path] = []
    for one in parts:
        name = f"methods{unit_suffix(one.part.unit, project)}-{language}"
        words += [out / f"{name}.{suffix}" for suffix in ("md", "json")]
        for path in words[-2:]:
            publish_methods(path, one.survey, tables=tables, inputs=inputs, made=published, language=language)
    return [*pages, *words]


def result_files(project: Project) -> list[Path]:
    """Return what results are made from."""
    return [*analysis_files(project), *(part.tables for part in project.parts if part.tables is not None)]
