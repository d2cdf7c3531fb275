"""What came back into a survey folder: taken in, frozen for analysis, exported, entered twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from surveykit.errors import ProjectError
from surveykit.findings import Place
from surveykit.project.folder import Project, record
from surveykit.project.making import FROZEN, Made, Progress, definition_files, received_answers
from surveykit.project.monitoring import (
    fieldwork,
    fieldwork_lists,
    fieldwork_summary,
    sample_teams,
    sampled_units,
    write_fieldwork,
)
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.returns.checks import check
from surveykit.returns.export import export
from surveykit.returns.freezing import freeze as freeze_ledger
from surveykit.returns.freezing import freeze_responses
from surveykit.returns.queries import still_open, write_queries
from surveykit.returns.receiving import receive as take_in
from surveykit.returns.receiving import stored_findings, stored_responses
from surveykit.returns.store import LEDGER, open_store
from surveykit.returns.versions import Former

_SHOWN: Final = ("rates", "strata", "teams", "rules")
_MANY: Final = 100  # files a process: 7 s of reading beside 1 s of its start (benchmarks/returns.py)


def receive(
    project: Project, *, who: str = "", language: str = "", processes: int = 0, progress: Progress | None = None
) -> Made:
    """Take in what came back into ``returned/``: ledger, checks, typed tables, the list of queries, the fieldwork page.

    Running it again reads only new or changed files.

    Parameters
    ----------
    project : Project
    who : str
        Who takes it in, for the audit.
    language : str
        Of queries and page; the first one of the survey by default.
    processes : int
        How many processes read; where 0, one a core if there are many files, else one.
    progress : callable, optional
        Called with the number of files done and the number of all.
    """
    questionnaire = load_questionnaire(project.definition)
    spoken = language or (project.languages or questionnaire.languages)[0]
    units = sampled_units(project, questionnaire)
    data, out = project.folder("data"), project.folder("out")
    former = [
        Former(questionnaire=load_questionnaire(one.questionnaire), mapping=one.mapping) for one in project.former
    ]
    returned = project.folder("returned")
    crew = processes or helping_processes(returned)
    receipt = take_in(returned, questionnaire, data, who=who, former=former, processes=crew, progress=progress)
    with open_store(data) as store:
        responses, found = stored_responses(store, questionnaire), stored_findings(store)
        manifest = freeze_responses(store, responses, questionnaire, data / FROZEN)
    sampled = {unit.serial for unit in units} if units else None
    seen = set(found)
    found = found + [one for one in receipt.findings if one not in seen]  # of files without answers: gone, twice there
    checked = check(responses, questionnaire, language=spoken, fieldwork=_period(project), sampled=sampled)
    found = still_open(found + checked, data)
    queries = write_queries(
        found, out / "queries.xlsx", questionnaire=questionnaire, teams=sample_teams(units), language=spoken
    )
    field = fieldwork(project, questionnaire, responses, found, units=units, language=spoken)
    made = (manifest, queries, *write_fieldwork(field, out))
    inputs = [project.root / "returned", *definition_files(project), *([project.sample] if project.sample else [])]
    inputs += [path for one in project.former for path in one.files]
    record(project, "receive", made, inputs, structure=questionnaire.structure_hash)
    rows = {unit: len(frame) for unit, frame in responses.items()}
    lists = fieldwork_lists(field)
    return Made(
        paths=made,
        findings=found,
        facts={**receipt.counts, "rows": rows, "fieldwork": fieldwork_summary(field)},
        lists=tuple(lists[name] for name in _SHOWN if name in lists),
    )


def helping_processes(folder: Path) -> int:
    """Return how many processes are worth their start: one a core, but none for few files."""
    files = sum(1 for _ in folder.rglob("*.xls*"))
    return max(1, min(os.cpu_count() or 1, files // _MANY))


def _period(project: Project) -> tuple[str, str] | None:
    """Return the first and last day of fieldwork; a century either way where only one of them is given."""
    days = project.fieldwork
    return (days.get("start", "1926-01-01"), days.get("end", "2126-01-01")) if days else None


def freeze(project: Project) -> Made:
    """Write the answers of the ledger, corrections applied, as typed tables into ``data/frozen/``.

    Raises
    ------
    ProjectError
        If nothing was received yet.
    """
    questionnaire, data = load_questionnaire(project.definition), project.folder("data")
    if not (data / LEDGER).is_file():
        raise ProjectError.of("project-nothing-received", Place(file=str(project.root)))
    manifest = freeze_ledger(data, questionnaire, data / FROZEN)
    inputs = [project.root / "returned", *definition_files(project)]
    record(project, "freeze", [manifest], inputs, structure=questionnaire.structure_hash)
    return Made(paths=(manifest,))


def export_answers(
    project: Project,
    suffix: str,
    *,
    units: tuple[str, ...] = (),
    language: str = "",
    guard_formulas: bool = False,
) -> Made:
    """Write the answers as last received for other programs, a file a unit, into ``out/``.

    Parameters
    ----------
    project : Project
    suffix : {"csv", "sav", "dta"}
    units : tuple of str
        All units by default.
    language : str
        Of the labels.
    guard_formulas : bool
        In csv files, disarm texts that a spreadsheet program would take for formulas.

    Raises
    ------
    ProjectError
        If nothing was received yet.
    ReturnsError
        If the format is not known, or a unit is not one of the questionnaire.
    """
    questionnaire = load_questionnaire(project.definition)
    responses, out = received_answers(project, questionnaire), project.folder("out")
    made: list[Path] = []
    for unit in units or tuple(responses):
        path = out / f"{questionnaire.id}-{unit}.{suffix}"
        made.append(export(responses, questionnaire, path, unit=unit, language=language, guard_formulas=guard_formulas))
    record(project, "export", made, [project.root / "data" / FROZEN])
    return Made(paths=tuple(made))
