"""The weights of a survey folder and their diagnostics."""

from __future__ import annotations

from typing import Any, Final

from surveykit.design.survey import Survey
from surveykit.errors import ProjectError
from surveykit.findings import Findings, Place
from surveykit.project.analysing import Analysed, analysed
from surveykit.project.folder import Project, record
from surveykit.project.making import Made, analysis_files
from surveykit.reporting.diagnostics import love_plot, weight_distribution
from surveykit.reporting.listing import Listing, publish_listing
from surveykit.reporting.report import Block, make_report, publish_report
from surveykit.weighting.diagnostics import WeightingDiagnostics
from surveykit.weighting.running import Weighted

WEIGHTED: Final = "weighted"


def weight(project: Project) -> Made:
    """Carry out the weighting plans on the received answers; writes ``data/weighted.parquet``, one a unit.

    Raises
    ------
    ProjectError
        If the folder has no weighting plan.
    """
    if all(part.weighting is None for part in project.parts):
        raise ProjectError.of("project-no-plan", Place(file=str(project.root)), plan="weighting", verb="weight")
    made = {one.part.unit: one.weighted for one in analysed(project) if one.weighted is not None}
    paths, said, found = [], {}, Findings()
    for unit, weighted in made.items():
        frame: Any = weighted.frame
        paths.append(project.folder("data") / f"{WEIGHTED}{unit_suffix(unit, project)}.parquet")
        frame.to_parquet(paths[-1], index=False)
        said |= {f"{unit} {name}".strip(): text for name, text in _steps(weighted).items()}
        found = found + weighted.findings
    paths += [project.folder("out") / f"weighting.{suffix}" for suffix in ("xlsx", "html")]
    publish_listing(
        [one for unit, part in made.items() for one in diagnostic_listings(part.diagnostics, unit)], paths[-2]
    )
    publish_report(make_report(project.title, weighting=weighting_blocks(made)), paths[-1])
    record(project, "weight", paths, analysis_files(project))
    return Made(paths=tuple(paths), findings=found, facts=said)


def project_survey(project: Project) -> Survey:
    """Return the received answers with their design and weights: the first part of the analysis."""
    return analysed(project)[0].survey


def weighting_plans(parts: tuple[Analysed, ...]) -> dict[str, Weighted]:
    """Return what was weighted by a plan of its own, by unit."""
    return {one.part.unit: one.weighted for one in parts if one.weighted is not None}


def diagnostic_listings(diagnostics: WeightingDiagnostics, unit: str = "") -> list[Listing]:
    """Return the tables of the weighting diagnostics that have rows, for a workbook or a page."""
    titles = {
        "steps": "Steps",
        "margins": "Margins",
        "balance": "Balance",
        "largest": "Largest weights",
        "convergence": "Convergence",
        "distribution": "Distribution",
    }
    frames = {f"{title} {unit}".strip(): getattr(diagnostics, name) for name, title in titles.items()}
    return [Listing(title=title, frame=frame) for title, frame in frames.items() if len(frame)]


def weighting_blocks(made: dict[str, Weighted]) -> list[Block]:
    """Return the page of the weighting diagnostics: distribution, balance, and every table that has rows."""
    blocks: list[Block] = []
    for unit, weighted in made.items():
        blocks.append(weight_distribution(list(weighted.survey.weights)))
        if len(weighted.diagnostics.balance):
            blocks.append(love_plot(weighted.diagnostics.balance))
        blocks += diagnostic_listings(weighted.diagnostics, unit)
    return blocks


def unit_suffix(unit: str, project: Project) -> str:
    """Return what tells the files of a unit from those of the others; nothing where one unit is all."""
    return f"-{unit}" if len(project.parts) > 1 else ""


def _steps(weighted: Weighted) -> dict[str, str]:
    rows = weighted.diagnostics.steps.iterrows()
    return {str(row["step"]): f"n {row['n']}, sum {row['sum']:,.0f}, deff {row['deff']:.2f}" for _, row in rows}
