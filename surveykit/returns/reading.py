"""From a returned file to records: who answered, and what; bad answers and bad files become findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from surveykit.errors import ReturnsError
from surveykit.findings import Finding, Place, finding
from surveykit.questionnaire.identity import AnswerName, FormIdentity
from surveykit.questionnaire.structure import option_column
from surveykit.returns.identification import identify, identity_findings
from surveykit.returns.layouts import Respondents, booklet_records, list_records
from surveykit.returns.limits import DEFAULT, Limits
from surveykit.returns.locating import Located, Spot, locate
from surveykit.returns.records import Dictionary, FileReading, Record, Reporter
from surveykit.returns.sources import name_findings, open_workbook
from surveykit.returns.values import shown
from surveykit.returns.versions import Version
from surveykit.returns.workbook import Workbook

_HEADER_ROWS: Final = 20  # a csv file that names no item by then is no list of answers


def read_file(
    path: Path,
    dictionary: Dictionary,
    *,
    name: Path | None = None,
    limits: Limits = DEFAULT,
    versions: Mapping[str, Version] | None = None,
) -> FileReading:
    """Read one returned file.

    Parameters
    ----------
    path : pathlib.Path
    dictionary : Dictionary
        Of the questionnaire; shared by all files, since it remembers answers.
    name : pathlib.Path, optional
        The name that a person knows the file by, where ``path`` is an archived copy.
    limits : Limits, optional
    versions : mapping of str to Version, optional
        Former versions by structure hash.

    Returns
    -------
    FileReading
        Never raises for what the file holds; a refused file is ``quarantined`` with the reason as its finding.
    """
    try:
        with open_workbook(path, name=name, limits=limits) as workbook:
            reading = _read_workbook(workbook, dictionary, versions or {})
    except ReturnsError as error:
        return FileReading(file=str(name or path), status="quarantined", findings=tuple(error.findings))
    if reading.status == "quarantined":
        return reading
    notes = (*name_findings(workbook.where, workbook.format), *workbook.findings, *reading.findings)
    return FileReading(
        file=reading.file, status=reading.status, identity=reading.identity, records=reading.records, findings=notes
    )


def _read_workbook(workbook: Workbook, dictionary: Dictionary, versions: Mapping[str, Version]) -> FileReading:
    where = workbook.where
    identity, problems = identify(workbook)
    version = versions.get(identity.structure_hash) if identity else None
    if not problems and identity:
        problems = identity_findings(identity, dictionary.questionnaire, where, version=version)
    if problems:
        return FileReading(file=where.file, status="quarantined", identity=identity, findings=tuple(problems))
    dictionary = version.dictionary if version else dictionary
    located = _locate_columns(workbook, dictionary) if workbook.textual else locate(workbook, dictionary.known)
    if not located.respondents:
        nothing = finding("returns-no-answers-found", where)
        return FileReading(file=where.file, status="quarantined", identity=identity, findings=(nothing,))
    if identity is None and not workbook.textual:
        located.findings.append(finding("returns-identity-missing", where))
    located.findings += [_lost_finding(where, name) for name in located.lost]
    reader = Reporter(dictionary, textual=workbook.textual, from_1904=workbook.from_1904)
    records = tuple(_records(workbook, dictionary, located, reader, identity))
    if version:
        records = tuple(version.translated(record) for record in records)
    findings = [*located.findings, *reader.findings]
    if not records:
        findings.append(finding("returns-form-empty", where))
    status = "read" if records else "empty"
    return FileReading(file=where.file, status=status, identity=identity, records=records, findings=tuple(findings))


def _lost_finding(where: Place, name: AnswerName) -> Finding:
    place = Place(file=where.file, item=name.item)
    return finding("returns-answer-place-lost", place, line=name.row, option=name.code)


def _missing_columns(where: Place, dictionary: Dictionary, spots: Mapping[AnswerName, Spot]) -> list[Finding]:
    """Report the items of the units in a list that have no column there."""
    listed = {dictionary.items[name.item].unit for name in spots}
    named = {name.item for name in spots}
    items = (item for item in dictionary.items.values() if item.unit in listed and item.answered_by_hand)
    columns = [item.id for item in items if item.required and item.id not in named]
    return [finding("returns-columns-missing", where, columns=", ".join(columns))] if columns else []


def _records(
    workbook: Workbook,
    dictionary: Dictionary,
    located: Located,
    reader: Reporter,
    identity: FormIdentity | None,
) -> Iterator[Record]:
    layout = identity.layout if identity else ""
    for number, spots in enumerate(located.respondents):
        serial = identity.serial if identity and not number else ""
        source = Respondents(workbook=workbook, dictionary=dictionary, spots=spots, reader=reader, serial=serial)
        is_list = layout == "list" or (not layout and any(spot.last_row > spot.row for spot in spots.values()))
        yield from list_records(source) if is_list else booklet_records(source)


def _locate_columns(workbook: Workbook, dictionary: Dictionary) -> Located:
    """Find the columns of a text file by the names in its header."""
    by_header = {item.id: AnswerName(item=item.id) for item in dictionary.items.values()}
    by_header |= {item.var: AnswerName(item=item.id) for item in dictionary.items.values()}
    for item in dictionary.items.values():
        if item.type == "select_multiple" and item.codelist:
            options = {option_column(item.var, code): code for code in item.codelist.codes}
            by_header |= {column: AnswerName(item=item.id, code=str(code)) for column, code in options.items()}
    for row, cells in workbook.sheets[0].read():
        names = {column: by_header.get(shown(value).strip()) for column, value in cells.items()}
        spots = {name: Spot(0, column, row + 1, row + 2) for column, name in names.items() if name}
        if spots:
            return Located(respondents=[spots], findings=_missing_columns(workbook.where, dictionary, spots))
        if row > _HEADER_ROWS:
            break
    return Located()
