"""Two entries of the same questionnaires, read from files and held against each other."""

from __future__ import annotations

from pathlib import Path

from surveykit.findings import Findings
from surveykit.project.making import Made
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.reporting.listing import Listing
from surveykit.returns.double_entry import clerks_of, compare_entries, write_reconciliation
from surveykit.returns.intake import read_returned


def compare_folders(
    first: Path, second: Path, definition: str, *, output: Path | None = None, language: str = ""
) -> Made:
    """Compare two entries and write the workbook in which a supervisor settles what differs.

    Parameters
    ----------
    first, second : Path
        A file, or a folder with the files of an entry; a folder inside it is a clerk.
    definition : str
        Questionnaire, as ``load_questionnaire`` takes it.
    output : Path, optional
        ``reconciliation.xlsx`` by default.
    language : str

    Returns
    -------
    Made
        The workbook; disagreements and what could not be read; agreement by item where it is not whole, and by clerk.
    """
    questionnaire = load_questionnaire(definition)
    spoken = language or "en"
    one, found = read_returned(first, questionnaire)
    other, found_too = read_returned(second, questionnaire)
    clerks = clerks_of(one, other, questionnaire, (first, second))
    result = compare_entries(one, other, questionnaire, clerks=clerks)
    path = write_reconciliation(result, output or Path("reconciliation.xlsx"), questionnaire, language=spoken)
    read = Findings.of(finding for finding in (*found, *found_too) if finding.severity != "info")
    differing = result.by_item[result.by_item["compared"] > result.by_item["agreed"]].sort_values("rate", kind="stable")
    lists = [("Items that differ", differing), ("Clerks", result.by_clerk)]
    return Made(
        paths=(path,),
        findings=read + result.findings,
        facts={"agreement": round(result.rate, 4), "differences": len(result.disagreements)},
        lists=tuple(Listing(title=title, frame=frame) for title, frame in lists if len(frame)),
    )
