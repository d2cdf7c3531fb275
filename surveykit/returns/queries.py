"""The list that goes back to the field, and its answers: corrections with who, when and why."""

from __future__ import annotations

import hashlib
import json
import os
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import quote

from surveykit.errors import ReturnsError
from surveykit.findings import Finding, Findings, Place, Severity, finding
from surveykit.questionnaire.structure import Item, Questionnaire, localized
from surveykit.returns.codes import tick
from surveykit.returns.corrections import Correction, add_corrections, as_json, corrections, stored_value
from surveykit.returns.limits import DEFAULT
from surveykit.returns.parsing import AnswerReader
from surveykit.returns.receiving import now, stored_records
from surveykit.returns.records import Record
from surveykit.returns.sources import open_workbook
from surveykit.returns.store import Store, open_store
from surveykit.returns.values import Odd, Value, column_letters, shown
from surveykit.sheets import Link, PlainTable, write_tables

COLUMNS: Final = (
    "query", "serial", "where", "item", "question", "found", "problem", "advice", "severity",
    "value", "right", "who", "why", "file", "sheet", "cell",
)  # fmt: skip
_WIDTHS: Final = (11, 12, 26, 12, 34, 18, 40, 40, 11, 16, 12, 14, 24, 10, 10, 8)  # characters, read on a laptop
_OPEN: Final = tuple(COLUMNS.index(name) for name in ("value", "right", "who", "why"))
_HIDDEN: Final = tuple(COLUMNS.index(name) for name in ("file", "sheet", "cell"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What an answered list did.

    Parameters
    ----------
    corrected, confirmed, open : int
        Queries answered by a new value, by "right as it stands", and not answered.
    stored : int
        Answers that said something new; 0 if the list was applied before.
    findings : Findings
        Answers that could not be applied, with their place in the list.
    """

    corrected: int
    confirmed: int
    open: int
    stored: int
    findings: Findings


@cache
def query_words() -> Mapping[str, Mapping[str, str]]:
    """Return the wording of query lists by key and language."""
    text = (files("surveykit.returns") / "queries.json").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, str]] = json.loads(text)
    return found


def write_queries(
    findings: Iterable[Finding],
    path: str | Path,
    *,
    questionnaire: Questionnaire | None = None,
    teams: Mapping[str, str] | None = None,
    language: str = "en",
    severities: Sequence[Severity] = ("error", "warning"),
    beside: Sequence[PlainTable] = (),
) -> Path:
    """Write the list of queries for the field.

    Parameters
    ----------
    findings : iterable of Finding
        From reading and checking.
    path : path
        Ends in ``.xlsx``.
    questionnaire : Questionnaire, optional
        Adds the question texts.
    teams : mapping of str to str, optional
        Team by serial; each team gets its own sheet.
    language : str
    severities : sequence of {"error", "warning", "info"}
        What is asked about; conversions are ``info`` and need no answer.
    beside : sequence of PlainTable
        Further sheets, for reading only.

    Returns
    -------
    pathlib.Path

    Notes
    -----
    Sorted by serial; each line has a link to its cell, a column for the correct value and one for "right as it
    stands". :func:`apply_queries` reads the answers. Returned files are never written to.
    """
    asked = [one for one in findings if one.severity in severities]
    by_team: dict[str, list[Finding]] = {}
    for one in asked:
        by_team.setdefault((teams or {}).get(one.where.record, ""), []).append(one)
    items = {item.id: item for item in questionnaire} if questionnaire else {}
    words = {name: localized(text, language) for name, text in query_words().items()}
    folder = Path(path).parent
    tables = [
        _table(team, some, items, words, language=language, folder=folder)
        for team, some in sorted(by_team.items() or [("", [])])
    ]
    return write_tables(path, [*tables, *beside])


def _table(
    team: str,
    findings: list[Finding],
    items: Mapping[str, Item],
    words: Mapping[str, str],
    *,
    language: str,
    folder: Path,
) -> PlainTable:
    ordered = sorted(findings, key=lambda one: (one.where.record, one.where.file, one.where.item))
    return PlainTable(
        title=team or words["team"],
        header=[words[name] for name in COLUMNS],
        rows=[_row(one, items.get(one.where.item), words, language, folder) for one in ordered],
        widths=_WIDTHS,
        open_columns=_OPEN,
        hidden_columns=_HIDDEN,
    )


def _link(where: Place, folder: Path) -> str | Link:
    """Return the place of an answer; the link is relative, so that it holds when the survey folder is copied."""
    place = f"{where.sheet}!{where.cell}" if where.sheet else where.cell
    text = f"{Path(where.file).name} {place}".strip()
    if not (where.file and where.cell):
        return text
    file = Path(where.file).absolute()
    try:
        target = quote(Path(os.path.relpath(file, folder.absolute())).as_posix())
    except ValueError:  # another drive of Windows
        target = file.as_uri()
    quoted = where.sheet.replace("'", "''")
    return Link(text=text, target=target, location=f"'{quoted}'!{where.cell}" if where.sheet else "")


def _row(
    one: Finding, item: Item | None, words: Mapping[str, str], language: str, folder: Path
) -> list[str | Link | None]:
    where = one.where
    return [
        query_id(one),
        where.record,
        _link(where, folder),
        where.item,
        localized(item.label, language) if item else "",
        str(one.values.get("found", "")),
        one.text(language),
        one.advice(language),
        words[one.severity],
        None,
        None,
        None,
        None,
        where.file,
        where.sheet,
        where.cell,
    ]


def query_id(one: Finding) -> str:
    """Return the id of a query: the same for the same finding at the same place, whenever it is made."""
    parts = (one.code, one.where.file, one.where.sheet, one.where.cell, one.where.item, str(one.values.get("found")))
    return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()[:8]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """One line of an answered list."""

    where: Place
    cells: Mapping[str, Value]

    def text(self, name: str) -> str:
        return shown(self.cells.get(name)).strip()


def apply_queries(path: str | Path, questionnaire: Questionnaire, folder: str | Path, *, who: str = "") -> Applied:
    """Take the answers of a query list into the ledger of a survey folder.

    Parameters
    ----------
    path : path
        The list of :func:`write_queries`, filled in.
    questionnaire : Questionnaire
    folder : path
        The survey folder whose ledger has the answers that the queries are about.
    who : str
        Who answered, where the list itself does not say.

    Returns
    -------
    Applied

    Raises
    ------
    ReturnsError
        If the list itself cannot be read.

    Notes
    -----
    Write ``(blank)`` as the correct value to take an answer out. The returned files stay as they are: corrections
    are kept beside the answers, with who, when and why, and applied when the answers are used. Applying a list
    twice changes nothing.
    """
    answers = _answers(Path(path))
    with open_store(Path(folder)) as store:
        applier = _Applier(store, questionnaire, who, answers)
        for answer in answers:
            applier.take(answer)
        stored = add_corrections(store, applier.made)
    confirmed = sum(one.confirms for one in applier.made)
    return Applied(
        corrected=len(applier.made) - confirmed,
        confirmed=confirmed,
        open=applier.open,
        stored=stored,
        findings=Findings.of(applier.findings),
    )


class _Applier:
    def __init__(self, store: Store, questionnaire: Questionnaire, who: str, answers: Sequence[_Answer]) -> None:
        self.made: list[Correction] = []
        self.findings: list[Finding] = []
        self.open = 0
        self._who, self._at = who, now()
        self._items = {item.id: item for item in questionnaire}
        self._records = _records_at(stored_records(store, questionnaire), [_spot(answer) for answer in answers])

    def take(self, answer: _Answer) -> None:
        """Make the correction of one answered line."""
        value, right = answer.cells.get("value"), tick(_plain(answer.cells.get("right")))
        if value is None and right != "yes":
            self.open += 1
            return
        item, record = self._items.get(answer.text("item")), self._records.get(_spot(answer))
        if item is None or record is None:
            self._refuse("returns-query-unknown", answer)
        elif value is not None and right == "yes":
            self._refuse("returns-query-two-answers", answer)
        else:
            self._correct(answer, item, record, value)

    def _correct(self, answer: _Answer, item: Item, record: Record, value: Value | None) -> None:
        before = after = stored_value(record, item.var)
        if value is not None:
            blank = shown(value).strip() in query_words()["blank"].values()
            parsed = AnswerReader(item)("" if blank else value)
            if parsed.unread:
                self._refuse("returns-query-unreadable", answer, item=item.id)
                return
            after = as_json(parsed.value)
        place = record.origin.place(item.var)
        correction = Correction(
            query=answer.text("query"),
            file=place.file,
            sheet=place.sheet,
            cell=place.cell,
            variable=item.var,
            serial=answer.text("serial"),
            before=before,
            after=after,
            who=answer.text("who") or self._who,
            why=answer.text("why"),
            at=self._at,
        )
        self.made.append(correction)

    def _refuse(self, code: str, answer: _Answer, **values: object) -> None:
        named = {"found": answer.text("value"), "query": answer.text("query"), **values}
        self.findings.append(finding(code, answer.where, severity=None, **named))


_Spot = tuple[str, str, str]


def _spot(answer: _Answer) -> _Spot:
    return answer.text("file"), answer.text("sheet"), answer.text("cell")


def _records_at(records: Iterable[Record], spots: Sequence[_Spot]) -> dict[_Spot, Record]:
    """Return the records that hold some answers; of a list only the rows asked about are looked at."""
    wanted = set(spots)
    rows = {(file, int("0" + cell.lstrip(string.ascii_uppercase))) for file, _, cell in spots if cell.isalnum()}
    files = {file for file, _ in rows}
    found: dict[_Spot, Record] = {}
    for record in records:
        origin = record.origin
        if origin.file in files and (not origin.row or (origin.file, origin.row) in rows):
            places = (origin.place(variable) for variable in origin.cells)
            here = wanted & {(place.file, place.sheet, place.cell) for place in places}
            found |= dict.fromkeys(here, record)
    return found


def _plain(value: Value | None) -> str:
    return "" if value is None or isinstance(value, Odd) else shown(value)


def _answers(path: Path) -> list[_Answer]:
    texts = {text: name for name in COLUMNS for text in query_words()[name].values()}
    found: list[_Answer] = []
    known = False
    with open_workbook(path, limits=DEFAULT) as workbook:
        for sheet in workbook.sheets:
            columns: dict[int, str] = {}
            for row, cells in sheet.read():
                if not columns:
                    columns = {column: texts[shown(text)] for column, text in cells.items() if shown(text) in texts}
                    if not set(columns.values()) >= {"query", "value", "file"}:
                        break
                    known = True
                    continue
                named = {columns[column]: value for column, value in cells.items() if column in columns}
                found.append(_Answer(where=_place(path, sheet.name, columns, row), cells=named))
    if not known:
        raise ReturnsError.of("returns-query-list", Place(file=str(path)))
    return found


def _place(path: Path, sheet: str, columns: Mapping[int, str], row: int) -> Place:
    column = next((number for number, name in columns.items() if name == "value"), 1)
    return Place(file=str(path), sheet=sheet, cell=f"{column_letters(column)}{row}")


def still_open(findings: Iterable[Finding], folder: str | Path) -> Findings:
    """Return the findings that no correction has answered: confirmed ones, and those of replaced answers, are left out.

    Parameters
    ----------
    findings : iterable of Finding
        From the ledger and from checking its answers.
    folder : path
        The survey folder.
    """
    with open_store(Path(folder)) as store:
        latest = {(one.file, one.sheet, one.cell): one for one in corrections(store)}
    return Findings.of(_unanswered(findings, latest))


def _unanswered(findings: Iterable[Finding], latest: Mapping[tuple[str, str, str], Correction]) -> Iterator[Finding]:
    for one in findings:
        answer = latest.get((one.where.file, one.where.sheet, one.where.cell))
        read = one.code.startswith("returns-answer-")
        if answer is None or not (answer.query == query_id(one) or read):
            yield one
