"""The verbs of a survey folder: each reads what the folder has, makes what it should have, and notes from what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import ProjectError
from surveykit.findings import Findings, Place
from surveykit.forms.workbook import write_form
from surveykit.project import Project, content_hash, record
from surveykit.questionnaire.analysis import analysis_frame
from surveykit.questionnaire.codebook import codebook
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Questionnaire
from surveykit.reporting.diagnostics import love_plot, weight_distribution
from surveykit.reporting.listing import Listing, publish_listing
from surveykit.reporting.plan import read_table_plan, run_table_plan
from surveykit.reporting.publish import publish
from surveykit.reporting.report import Block, make_report, publish_report
from surveykit.reporting.table import Table
from surveykit.returns.checks import check
from surveykit.returns.freezing import freeze, read_frozen
from surveykit.returns.queries import still_open, write_queries
from surveykit.returns.receiving import receive as take_in
from surveykit.returns.receiving import stored_findings
from surveykit.returns.store import open_store
from surveykit.weighting.diagnostics import WeightingDiagnostics
from surveykit.weighting.running import Weighted
from surveykit.weighting.running import weight as carry_out

Progress = Callable[[int, int], None]

FROZEN: Final = "frozen"
WEIGHTED: Final = "weighted.parquet"


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
    record(project, "form", made, _definition_files(project), structure=questionnaire.structure_hash)
    return Made(paths=tuple(made), findings=found)


def receive(project: Project, *, who: str = "", progress: Progress | None = None) -> Made:
    """Take in what came back into ``returned/``: ledger, checks, typed tables and the list of queries.

    Running it again reads only new or changed files.
    """
    questionnaire = load_questionnaire(project.definition)
    data, out = project.folder("data"), project.folder("out")
    receipt = take_in(project.folder("returned"), questionnaire, data, who=who, progress=progress)
    manifest = freeze(data, questionnaire, data / FROZEN)
    responses = read_frozen(manifest, questionnaire)
    with open_store(data) as store:
        found = stored_findings(store)
    found = still_open(found + check(responses, questionnaire), data)
    queries = write_queries(found, out / "queries.xlsx", questionnaire=questionnaire)
    inputs = [project.root / "returned", *_definition_files(project)]
    record(project, "receive", [manifest, queries], inputs, structure=questionnaire.structure_hash)
    rows = {unit: len(frame) for unit, frame in responses.items()}
    return Made(paths=(manifest, queries), findings=found, facts={**receipt.counts, "rows": rows})


def weight(project: Project) -> Made:
    """Carry out the weighting plan on the received answers; writes ``data/weighted.parquet``.

    Raises
    ------
    ProjectError
        If the folder has no weighting plan.
    """
    if project.weighting is None:
        raise ProjectError.of("project-no-plan", Place(file=str(project.root)), plan="weighting", verb="weight")
    weighted = carry_out(_frame(project), project.weighting)
    frame: Any = weighted.frame
    path = project.folder("data") / WEIGHTED
    frame.to_parquet(path, index=False)
    workbook, page = (project.folder("out") / f"weighting.{suffix}" for suffix in ("xlsx", "html"))
    publish_listing(diagnostic_listings(weighted.diagnostics), workbook)
    publish_report(make_report(project.title, weighting=diagnostic_blocks(weighted)), page)
    record(project, "weight", [path, workbook, page], _answers(project))
    steps = weighted.diagnostics.steps
    said = {
        str(row["step"]): f"n {row['n']}, sum {row['sum']:,.0f}, deff {row['deff']:.2f}" for _, row in steps.iterrows()
    }
    return Made(paths=(path, workbook, page), findings=weighted.findings, facts=said)


def diagnostic_listings(diagnostics: WeightingDiagnostics) -> list[Listing]:
    """Return the tables of the weighting diagnostics that have rows, for a workbook or a page."""
    titles = {
        "steps": "Steps",
        "margins": "Margins",
        "balance": "Balance",
        "largest": "Largest weights",
        "convergence": "Convergence",
        "distribution": "Distribution",
    }
    frames = {title: getattr(diagnostics, name) for name, title in titles.items()}
    return [Listing(title=title, frame=frame) for title, frame in frames.items() if len(frame)]


def diagnostic_blocks(weighted: Weighted) -> list[Block]:
    """Return the page of the weighting diagnostics: distribution, balance, and every table that has rows."""
    blocks: list[Block] = [weight_distribution(list(weighted.survey.weights))]
    if len(weighted.diagnostics.balance):
        blocks.append(love_plot(weighted.diagnostics.balance))
    return [*blocks, *diagnostic_listings(weighted.diagnostics)]


def report(project: Project) -> Made:
    """Write the report of a survey into ``out/``: tables, weighting diagnostics, methods, codebook; html and docx.

    Raises
    ------
    ProjectError
        If the folder has no table plan, or nothing was received.
    """
    questionnaire = load_questionnaire(project.definition)
    book = codebook(questionnaire)
    weighted = carry_out(_frame(project), project.weighting) if project.weighting is not None else None
    inputs = [*_answers(project), *([project.tables] if project.tables else [])]
    made: list[Path] = []
    for language, tables in project_tables(project).items():
        page = make_report(
            project.title,
            results=tables,
            weighting=diagnostic_blocks(weighted) if weighted else (),
            codebook=book.to_frame(),
            inputs={path.name: content_hash(path) for path in inputs},
            language=language,
        )
        for suffix in ("html", "docx"):
            made.append(project.folder("out") / f"report-{language}.{suffix}")
            publish_report(page, made[-1])
    record(project, "report", made, inputs)
    return Made(paths=tuple(made))


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
    record(project, "tabulate", made, [*_answers(project), *plan])
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


def project_survey(project: Project) -> Survey:
    """Return the received answers with their design, and with the weights of the weighting plan if there is one."""
    questionnaire = load_questionnaire(project.definition)
    if project.weighting is not None:
        return carry_out(_frame(project), project.weighting).survey
    named: dict[str, Any] = {**questionnaire.design, **project.design}
    return Survey(_frame(project), SurveyDesign(**named))


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


def _frame(project: Project) -> pd.DataFrame:
    questionnaire = load_questionnaire(project.definition)
    return analysis_frame(received_answers(project, questionnaire), questionnaire, project.analysis_unit)


def _definition_files(project: Project) -> list[Path]:
    return [path] if (path := Path(project.definition)).is_file() else []


def _answers(project: Project) -> list[Path]:
    plan = [project.weighting] if project.weighting else []
    return [project.root / "data" / FROZEN, *plan]
