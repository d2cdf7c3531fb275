"""Returned files in, typed answers and findings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from glob import glob
from pathlib import Path
from typing import Final

from surveykit.findings import Finding, Findings, Place, finding
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Questionnaire
from surveykit.returns.assembling import assemble
from surveykit.returns.limits import DEFAULT, Limits
from surveykit.returns.reading import read_file
from surveykit.returns.records import Dictionary, Record
from surveykit.returns.versions import Former, Version, version_of

Paths = str | Path | Iterable[str | Path]

_READ: Final = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".csv"})
_LOCK: Final = ("~$", ".~", ".")  # lock files of Excel and LibreOffice, hidden files


def read_returned(
    paths: Paths, questionnaire: Questionnaire, *, former: Iterable[Former] = (), limits: Limits = DEFAULT
) -> tuple[Responses, Findings]:
    """Read returned forms.

    Parameters
    ----------
    paths : path, glob pattern, or several of them
        A folder is searched, with its folders, for xlsx, xlsm, xls, ods and csv files.
    questionnaire : Questionnaire
        The instrument that they should answer.
    former : iterable of Former, optional
        Former versions whose forms may still come back; their answers are joined where the change allows it.
    limits : Limits, optional
        How much one file may ask of the machine.

    Returns
    -------
    responses : Responses
        A frame a unit; computed items made anew.
    findings : Findings
        Every conversion, every answer that could not be read, every file that was refused, each with its place.

    Raises
    ------
    ReturnsError
        If a mapping file cannot be read.

    Notes
    -----
    Bad answers and bad files never raise. Answers that stand as the form asks for them make no finding. What could
    not be read is null and stands in ``responses.unread``.
    """
    files, findings = find_files(paths)
    dictionary = Dictionary(questionnaire)
    versions = former_versions(former, questionnaire)

    def records() -> Iterator[Record]:
        for path in files:
            reading = read_file(path, dictionary, limits=limits, versions=versions)
            findings.extend(reading.findings)
            yield from reading.records

    responses = assemble(records(), questionnaire)
    return responses, Findings.of(findings)


def former_versions(former: Iterable[Former], questionnaire: Questionnaire) -> dict[str, Version]:
    """Return how answers to former versions are read, by structure hash.

    Raises
    ------
    ReturnsError
        If a mapping file cannot be read.
    """
    return {one.questionnaire.structure_hash: version_of(one, questionnaire) for one in former}


def find_files(paths: Paths) -> tuple[list[Path], list[Finding]]:
    """Return the files that paths, folders and patterns mean, each once and in order, and what was not found."""
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    found: dict[Path, None] = {}
    findings: list[Finding] = []
    for one in given:
        matched = dict.fromkeys(_matched(Path(one)))
        if not matched and not Path(one).is_dir():
            findings.append(finding("returns-file-not-found", Place(file=str(one)), pattern=str(one)))
        found |= matched
    return list(found), findings


def _matched(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if _is_returned(file))
    elif path.is_file():
        yield path
    else:
        yield from sorted(Path(name) for name in glob(str(path), recursive=True) if Path(name).is_file())  # noqa: PTH207  # absolute patterns


def _is_returned(path: Path) -> bool:
    return path.suffix.lower() in _READ and not path.name.startswith(_LOCK) and path.is_file()
