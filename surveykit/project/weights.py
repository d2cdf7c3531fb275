"""The weights of a survey folder and their diagnostics."""

from __future__ import annotations

from typing import Any, Final

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import ProjectError
from surveykit.findings import Place
from surveykit.project.folder import Project, record
from surveykit.project.making import Made, analysed_frame, answer_files
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.reporting.diagnostics import love_plot, weight_distribution
from surveykit.reporting.listing import Listing, publish_listing
from surveykit.reporting.report import Block, make_report, publish_report
from surveykit.weighting.diagnostics import WeightingDiagnostics
from surveykit.weighting.running import Weighted
from surveykit.weighting.running import weight as carry_out

WEIGHTED: Final = "weighted.parquet"


def weight(project: Project) -> Made:
    """Carry out the weighting plan on the received answers; writes ``data/weighted.parquet``.

    Raises
    ------
    ProjectError
        If the folder has no weighting plan.
    """
    if project.weighting is None:
        raise ProjectError.of("project-no-plan", Place(file=str(project.root)), plan="weighting", verb="weight")
    weighted = carry_out(analysed_frame(project), project.weighting)
    frame: Any = weighted.frame
    path = project.folder("data") / WEIGHTED
    frame.to_parquet(path, index=False)
    workbook, page = (project.folder("out") / f"weighting.{suffix}" for suffix in ("xlsx", "html"))
    publish_listing(diagnostic_listings(weighted.diagnostics), workbook)
    publish_report(make_report(project.title, weighting=diagnostic_blocks(weighted)), page)
    record(project, "weight", [path, workbook, page], answer_files(project))
    steps = weighted.diagnostics.steps
    said = {
        str(row["step"]): f"n {row['n']}, sum {row['sum']:,.0f}, deff {row['deff']:.2f}" for _, row in steps.iterrows()
    }
    return Made(paths=(path, workbook, page), findings=weighted.findings, facts=said)


def project_survey(project: Project) -> Survey:
    """Return the received answers with their design, and with the weights of the weighting plan if there is one."""
    questionnaire = load_questionnaire(project.definition)
    if project.weighting is not None:
        return carry_out(analysed_frame(project), project.weighting).survey
    named: dict[str, Any] = {**questionnaire.design, **project.design}
    return Survey(analysed_frame(project), SurveyDesign(**named))


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
