"""The national dress rehearsal: a country of known truth, sampled, asked, read, corrected, weighted and published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar

import pandas as pd

from surveykit.documents import shipped
from surveykit.findings import Findings
from surveykit.project.analysing import analysed
from surveykit.project.folder import Project, init_project, open_project, record, status
from surveykit.project.making import received_answers
from surveykit.project.receiving import receive
from surveykit.project.results import report, tabulate
from surveykit.project.weights import weight
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.indicators import load_indicators
from surveykit.questionnaire.structure import Questionnaire
from surveykit.rehearsal.answering import answer_queries, corrected_answers
from surveykit.rehearsal.costs import Cost, measured
from surveykit.rehearsal.country import Country, found_country
from surveykit.rehearsal.fieldwork import Fieldwork, draw_sample, go_out
from surveykit.rehearsal.first_light import Step
from surveykit.rehearsal.plans import SAMPLE, census_adults, write_plans
from surveykit.rehearsal.returning import LIST, Desk, empty_list, fill_in, prefilled_booklets, set_up
from surveykit.rehearsal.spoiling import Account, Planted, account, changed_answers, plant
from surveykit.rehearsal.truth import beside_truth, told_figures
from surveykit.reporting.listing import Listing
from surveykit.returns.queries import apply_queries
from surveykit.sampling.frame import read_frame

YEAR: Final = 2024  # of the simulated interviews
_BOOKLETS: Final = "booklets"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How large a rehearsal is.

    Parameters
    ----------
    provinces : tuple of int
        Provinces that are surveyed; all of them where empty.
    clusters : int
        Clusters in each of the strata, province by town and country.
    take : int
        Dwellings in a cluster.
    booklets : int
        Dwellings that are asked with a booklet of their own.
    country : int
        Simulated households; a fifth of them is sampled.
    mistakes : float
        Wrong answers a row of a unit.
    slips : int
        Slips of the keyboard of each sort.
    indicators : tuple of str
        Indicators that are published; all that the questionnaire can compute where empty.
    processes : int
        Processes that fill in workbooks and write tables and reports.
    seed : int
    """

    provinces: tuple[int, ...] = ()
    clusters: int = 13
    take: int = 20
    booklets: int = 300
    country: int = 26_000
    mistakes: float = 0.01
    slips: int = 12
    indicators: tuple[str, ...] = ()
    processes: int = 2
    seed: int = 2026


NATION: Final = Scale()


@dataclass(slots=True, kw_only=True)
class _Stage:
    """The stage of the rehearsal: what later steps need of earlier ones."""

    scale: Scale
    folder: Path
    questionnaire: Questionnaire
    frame: pd.DataFrame
    start: float = field(default_factory=monotonic)
    costs: list[Cost] = field(default_factory=list)

    def timed(self, name: str, made: Callable[[], T]) -> T:
        result, cost = measured(name, made)
        self.costs.append(cost)
        return result


def rehearse(folder: Path, scale: Scale = NATION) -> Iterator[Step]:
    """Walk the whole road of a survey, a step at a time.

    Parameters
    ----------
    folder : Path
        A new folder; becomes a survey folder, on which every verb works afterwards.
    scale : Scale

    Yields
    ------
    Step
        The last ones hold the account of mistakes, the figures beside the truth, and the costs.

    Raises
    ------
    ProjectError
        If the folder holds a survey already.
    """
    stage = _stage(folder, scale)
    country = stage.timed("simulate the country", lambda: _country(stage))
    yield Step(text=f"simulated a country: {len(country.homes):,} households, {len(country.frame):,} clusters")
    field_ = stage.timed("draw the sample", lambda: _field(stage, country))
    project = stage.timed("plans", lambda: _begun(stage, field_))
    yield _sampled(stage, field_)
    desk, listing = stage.timed("write forms", lambda: _forms(stage, project, field_))
    yield Step(
        text=f"wrote {len(desk.booklets)} prefilled booklets and the list of every cluster",
        paths=(project.folder("forms"),),
    )
    planted = stage.timed("fill in", lambda: _filled(stage, field_, desk, listing))
    files = len(list(desk.folder.glob("*.xlsx")))
    yield Step(
        text=f"filled in {files} workbooks cell by cell, {len(planted.key)} mistakes among them", paths=(desk.folder,)
    )
    first = stage.timed("receive", lambda: receive(project))
    told = account(planted, first.findings)
    yield _read(project, told, planted, first.facts)
    yield stage.timed("queries", lambda: _corrected(stage, project, desk, planted, told))
    again = stage.timed("receive again", lambda: receive(project))
    yield _settled(project, stage.questionnaire, field_, again.findings)
    yield from _results(stage, project, country)


def _results(stage: _Stage, project: Project, country: Country) -> Iterator[Step]:
    made = stage.timed("weights", lambda: weight(project))
    yield Step(text="weighted to the census: " + "; ".join(f"{k} {v}" for k, v in made.facts.items()), paths=made.paths)
    tables = stage.timed("tables", lambda: tabulate(project, processes=stage.scale.processes))
    yield Step(text="estimated and published the tables of every indicator", paths=tables.paths)
    written = stage.timed("report", lambda: report(project, processes=stage.scale.processes))
    yield Step(text="; ".join(["wrote the report", *(one.message for one in written.findings)]), paths=written.paths)
    beside = stage.timed("truth", lambda: beside_truth(analysed(project), country))
    figures = told_figures(beside)
    yield Step(text=_coverage(beside), facts={"beside": beside, "told": figures}, lists=(_told(figures),))
    outputs, stale = status(project)
    text = f"status: {len(outputs)} outputs, {len(stale)} stale or missing"
    yield Step(text=text, facts={"status": stale, "project": project})
    costs = tuple(stage.costs)
    yield Step(text=_cost_text(costs), paths=_to_open(project), facts={"costs": costs}, lists=(_bill(costs),))


def _told(figures: pd.DataFrame) -> Listing:
    """Return the ten figures beside the truth; shares in percent."""
    scale = figures["indicator"].map(lambda name: 1.0 if load_indicators().indicators[name].type == "mean" else 100.0)
    shown = {name: (figures[name] * scale).round(1) for name in ("estimate", "lower", "upper", "truth")}
    frame = pd.DataFrame({"indicator": figures["label"], "n": figures["n"], **shown})
    return Listing(
        title="Estimates beside the truth, % with 95 % intervals",
        frame=frame.assign(holds=figures["covered"].map({True: "yes", False: "no"}), deff=figures["deff"].round(2)),
    )


def _bill(costs: Sequence[Cost]) -> Listing:
    rows = [(one.name, round(one.seconds, 1), round(one.processor, 1), round(one.memory)) for one in costs]
    return Listing(
        title="Costs by stage", frame=pd.DataFrame(rows, columns=["stage", "seconds", "CPU seconds", "peak MB"])
    )


def _cost_text(costs: Sequence[Cost]) -> str:
    seconds, processor = sum(one.seconds for one in costs), sum(one.processor for one in costs)
    return (
        f"done in {seconds:.0f} s, {processor:.0f} s of processors; no process held more than "
        f"{max(one.memory for one in costs):.0f} MB. Open:"
    )


def _to_open(project: Project) -> tuple[Path, ...]:
    names = ("report-en.html", "tables-en.html", "tables-en.xlsx", "monitor.html", "weighting.html", "queries.xlsx")
    return tuple(path for name in names if (path := project.root / "out" / name).is_file())


def _stage(folder: Path, scale: Scale) -> _Stage:
    frame = read_frame(shipped("frames") / "dprk_frame.csv.gz", text=["cluster", "county"])
    if scale.provinces:
        frame = frame[frame["K_PROV"].isin(scale.provinces)].reset_index(drop=True)
    questionnaire = load_questionnaire("dprk-summary")
    init_project(folder, questionnaire=questionnaire.id)
    return _Stage(scale=scale, folder=folder, questionnaire=questionnaire, frame=frame)


def _country(stage: _Stage) -> Country:
    scale = stage.scale
    return found_country(stage.questionnaire, stage.frame, census_adults(), size=scale.country, seed=scale.seed)


def _field(stage: _Stage, country: Country) -> Fieldwork:
    scale = stage.scale
    drawn = draw_sample(stage.frame, clusters=scale.clusters, take=scale.take, seed=scale.seed)
    return go_out(country, drawn, seed=scale.seed)


def _begun(stage: _Stage, field_: Fieldwork) -> Project:
    write_plans(stage.folder, stage.questionnaire, field_.homes, stage.frame, indicators=stage.scale.indicators)
    return open_project(stage.folder)


def _sampled(stage: _Stage, field_: Fieldwork) -> Step:
    homes = field_.homes
    met = int((homes["K_RESULT"] == 1).sum())
    text = (
        f"drew {homes['psu'].nunique()} clusters and {len(homes):,} dwellings with their probabilities; "
        f"{met:,} households will answer, {len(homes) - met} not"
    )
    return Step(text=text, paths=(stage.folder / SAMPLE,))


def _forms(stage: _Stage, project: Project, field_: Fieldwork) -> tuple[Desk, Path]:
    returned, forms = project.folder("returned"), project.folder("forms")
    desk = set_up(stage.questionnaire, field_.homes, field_.answers.frames, returned, booklets=stage.scale.booklets)
    batch = prefilled_booklets(desk, field_.homes, YEAR, forms / _BOOKLETS)
    listing = empty_list(desk, forms)
    record(
        project, "form", [batch.folder, listing], [stage.folder / SAMPLE], structure=stage.questionnaire.structure_hash
    )
    return desk, listing


def _filled(stage: _Stage, field_: Fieldwork, desk: Desk, listing: Path) -> Planted:
    scale = stage.scale
    planted = plant(field_.answers, desk, rate=scale.mistakes, slips=scale.slips, seed=scale.seed)
    fill_in(desk, planted.typed, listing.parent / _BOOKLETS, listing, processes=scale.processes)
    return planted


def _read(project: Project, told: Account, planted: Planted, facts: Any) -> Step:  # noqa: ANN401 (numbers of a verb)
    rows = ", ".join(f"{count:,} {unit}" for unit, count in facts["rows"].items())
    text = (
        f"read {rows}: {told.found} of {len(planted.key)} mistakes found at their cell, {len(told.elsewhere)} at "
        f"another cell of the household, {len(told.missed)} missed; {len(told.false)} false findings, "
        f"{told.warnings} warnings or notes elsewhere, {told.consequences} findings that follow "
        f"from a mistake"
    )
    return Step(text=text, paths=(project.root / "out" / "queries.xlsx",), facts={"account": told, "planted": planted})


def _corrected(stage: _Stage, project: Project, desk: Desk, planted: Planted, told: Account) -> Step:
    """Answer the queries; workbooks whose mistakes stand in no line of the list are sent again, put right."""
    listing = project.folder("forms") / LIST
    answered = answer_queries(project.root / "out" / "queries.xlsx", planted, project.root / "queries-answered.xlsx")
    applied = apply_queries(answered.path, stage.questionnaire, project.folder("data"))
    rows = pd.concat([told.elsewhere, told.missed])
    files = sorted({Path(file).name for file in rows["file"]})
    if files:
        fill_in(desk, corrected_answers(planted, rows), listing.parent / _BOOKLETS, listing, only=files)
    text = (
        f"queries: {applied.corrected} corrected, {applied.confirmed} confirmed as right, {applied.open} left open as "
        f"they follow from others; {len(files)} workbooks sent again"
    )
    return Step(text=text, paths=(answered.path,), facts={"applied": applied, "sent_again": files})


def _settled(project: Project, questionnaire: Questionnaire, field_: Fieldwork, found: Findings) -> Step:
    read = received_answers(project, questionnaire)
    keys = {unit.id: questionnaire.keys_of(unit.id) for unit in questionnaire.units}
    changed = changed_answers(field_.answers, read, keys)
    left = Findings.of(one for one in found if one.severity != "info")
    text = (
        f"read again: {changed} answers differ from the truth, {len(left)} queries still open, "
        f"{len(found) - len(left)} notes of commas, labels and dates that were understood"
    )
    return Step(text=text, facts={"changed": changed, "open": left})


def _coverage(beside: pd.DataFrame) -> str:
    said = []
    for by, name in (("", "the country"), ("K_UR", "town and country"), ("K_PROV", "provinces")):
        some = beside[beside["by"] == by]
        said.append(f"{int(some['covered'].sum())} of {len(some)} for {name}")
    return "95 % intervals that hold the truth: " + ", ".join(said)
