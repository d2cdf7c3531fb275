"""What came back into a survey folder."""

from __future__ import annotations

from surveykit.project.folder import Project, record
from surveykit.project.making import FROZEN, Made, Progress, definition_files
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.returns.checks import check
from surveykit.returns.freezing import freeze, read_frozen
from surveykit.returns.queries import still_open, write_queries
from surveykit.returns.receiving import receive as take_in
from surveykit.returns.receiving import stored_findings
from surveykit.returns.store import open_store


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
    inputs = [project.root / "returned", *definition_files(project)]
    record(project, "receive", [manifest, queries], inputs, structure=questionnaire.structure_hash)
    rows = {unit: len(frame) for unit, frame in responses.items()}
    return Made(paths=(manifest, queries), findings=found, facts={**receipt.counts, "rows": rows})
