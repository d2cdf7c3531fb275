"""The weights of a survey folder and their diagnostics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import pandas as pd

from surveykit.design.survey import Survey
from surveykit.errors import ProjectError
from surveykit.findings import Findings, Place
from surveykit.project.analysing import Analysed, analysed
from surveykit.project.folder import Project, record
from surveykit.project.making import Made, analysis_files
from surveykit.reporting.diagnostics import love_plot, weight_distribution
from surveykit.reporting.labels import LabelEntry, Wording, room_data
from surveykit.reporting.listing import Listing, publish_listing
from surveykit.reporting.report import Block, make_report, publish_report
from surveykit.weighting.diagnostics import WeightingDiagnostics
from surveykit.weighting.running import Weighted

WEIGHTED: Final = "weighted"
TABLES: Final = ("steps", "margins", "balance", "largest", "convergence", "distribution")
PUBLISHED: Final = ("steps", "margins", "balance")


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
    paths: list[Path] = []
    said: dict[str, str] = {}
    found = Findings()
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


def weighting_plans(parts: Sequence[Analysed]) -> dict[str, Weighted]:
    """Return what was weighted by a plan of its own, by unit."""
    return {one.part.unit: one.weighted for one in parts if one.weighted is not None}


def diagnostic_listings(
    diagnostics: WeightingDiagnostics, unit: str = "", *, words: Wording | None = None, names: Sequence[str] = TABLES
) -> list[Listing]:
    """Return the tables of the weighting diagnostics that have rows, for a workbook or a page.

    Parameters
    ----------
    diagnostics : WeightingDiagnostics
    unit : str
        Told in the titles.
    words : Wording, optional
        Language and labels of variables.
    names : sequence of str
        Which tables, in order.
    """
    given = words or Wording()
    heads = replace(given, entries={**cast("Mapping[str, LabelEntry]", room_data("weights.json")), **given.entries})
    listings = []
    for name in names:
        frame: pd.DataFrame = getattr(diagnostics, name)
        if len(frame):
            title = f"{heads.variable(name)} {f'({unit})' if unit else ''}".strip()
            labels = {str(column): heads.variable(str(column)) for column in frame.columns}
            listings.append(Listing(title=title, frame=_told(frame, given), labels=labels, language=given.language))
    return listings


def weighting_blocks(
    made: dict[str, Weighted], *, words: Wording | None = None, published: bool = False
) -> list[Block]:
    """Return the page of the weighting diagnostics: distribution, balance, and every table that has rows.

    Parameters
    ----------
    made : dict of str to Weighted
        By unit.
    words : Wording, optional
        Language and labels of variables.
    published : bool
        Whether others will read it: then the largest weights with the ids of their respondents stay out, and so do
        the tables that only who made the weights needs.
    """
    blocks: list[Block] = []
    for unit, weighted in made.items():
        blocks.append(weight_distribution(list(weighted.survey.weights), wording=words))
        if len(weighted.diagnostics.balance):
            blocks.append(love_plot(weighted.diagnostics.balance, wording=words))
        names = PUBLISHED if published else TABLES
        listings = diagnostic_listings(weighted.diagnostics, unit, words=words, names=names)
        blocks += [replace(one, frame=_printed(one.frame)) for one in listings]
    return blocks


def _printed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose smallest numbers are written so that a page shows them; workbooks keep the numbers."""
    told = frame.copy()
    for name, style in (("share", "{:.2%}"), ("misfit", "{:.1e}")):
        if name in told:
            told[name] = [style.format(value) for value in told[name]]
    return told


def _told(frame: pd.DataFrame, words: Wording) -> pd.DataFrame:
    """Return a table whose variables and codes have their labels."""
    told = frame.copy()
    if "target" in told:
        told["target"] = told["target"].astype(float)  # so that it is printed like what was reached
    if "margin" in told:
        told["margin"] = [" × ".join(words.variable(one) for one in str(name).split(" x ")) for name in told["margin"]]
        told["category"] = [_category(str(text), words) for text in told["category"]]
    if "covariate" in told:
        codes = zip(frame["covariate"], frame["category"], strict=True)
        told["category"] = [words.value(str(name), code) for name, code in codes]
        told["covariate"] = [words.variable(str(name)) for name in frame["covariate"]]
    return told


def _category(text: str, words: Wording) -> str:
    parts = [part.partition("=") for part in text.split(", ")]
    return ", ".join(words.value(name, code) if sign else name for name, sign, code in parts)


def unit_suffix(unit: str, project: Project) -> str:
    """Return what tells the files of a unit from those of the others; nothing where one unit is all."""
    return f"-{unit}" if len(project.parts) > 1 else ""


def _steps(weighted: Weighted) -> dict[str, str]:
    rows = weighted.diagnostics.steps.iterrows()
    return {str(row["step"]): f"n {row['n']}, sum {row['sum']:,.0f}, deff {row['deff']:.2f}" for _, row in rows}
