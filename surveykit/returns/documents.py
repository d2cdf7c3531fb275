"""Responses as JSON documents of the ledger, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from surveykit.questionnaire.responses import Origin
from surveykit.questionnaire.structure import Questionnaire
from surveykit.returns.datatypes import DATES, column_types
from surveykit.returns.records import Record

Cells = Mapping[str, tuple[str, str]]

_NO_SERIAL: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One response as it is stored: everything that a file says about one respondent.

    Parameters
    ----------
    serial : str
        Answer to the key item; empty where it is blank.
    rows : tuple of Record
    """

    serial: str
    rows: tuple[Record, ...]


def documents(records: Iterable[Record], questionnaire: Questionnaire) -> list[Document]:
    """Group the records of a file by respondent.

    In a booklet the rows below a household follow it; in a list they name its serial.
    """
    key, top = questionnaire.item(questionnaire.top.key).var, questionnaire.top.id
    groups: list[list[Record]] = []
    by_serial: dict[str, list[Record]] = {}
    for record in records:
        serial = str(record.answers.get(key, _NO_SERIAL))
        if record.unit != top and record.origin.row and serial in by_serial:
            by_serial[serial].append(record)
        elif record.unit == top or record.origin.row or not groups:
            groups.append([record])
            by_serial.setdefault(serial, groups[-1])
        else:
            groups[-1].append(record)
    return [Document(serial=_serial(rows, key), rows=tuple(rows)) for rows in groups]


def _serial(rows: list[Record], key: str) -> str:
    found = (record.answers.get(key) for record in rows)
    return next((str(serial) for serial in found if serial is not None), _NO_SERIAL)


def dumped(document: Document, layouts: Layouts) -> str:
    """Return a document as JSON; the places of its answers go into ``layouts``, by hash, since forms are alike."""
    rows = [_row(record, layouts) for record in document.rows]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _row(record: Record, layouts: Layouts) -> dict[str, Any]:
    row: dict[str, Any] = {"unit": record.unit, "answers": record.answers}
    row["cells"] = layouts.name(record.origin.cells)
    if record.origin.row:
        row["row"] = record.origin.row
    if record.block:
        row["block"] = record.block
    if record.unread:
        row["unread"] = record.unread
    return row


def _plain(value: pd.Timestamp) -> str:
    return value.date().isoformat()


class Layouts:
    """Places of answers, each set once: the rows of a list share one, and so do the booklets of one form."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._names: dict[int, tuple[Cells, str]] = {}

    def name(self, cells: Cells) -> str:
        """Return the name of a set of places: a hash of its JSON, which goes into ``texts``."""
        known = self._names.get(id(cells))
        if known is None or known[0] is not cells:
            text = json.dumps({column: list(place) for column, place in cells.items()}, ensure_ascii=False)
            known = self._names[id(cells)] = (cells, hashlib.sha256(text.encode("utf-8")).hexdigest()[:32])
            self.texts[known[1]] = text
        return known[1]


class Loader:
    """Makes records of stored documents.

    Parameters
    ----------
    questionnaire : Questionnaire
    layouts : mapping of str to str
        Places of answers as JSON, by hash.
    """

    def __init__(self, questionnaire: Questionnaire, layouts: Mapping[str, str]) -> None:
        self._cells: dict[str, Cells] = {
            name: {column: (sheet, cell) for column, (sheet, cell) in json.loads(text).items()}
            for name, text in layouts.items()
        }
        types = {unit.id: column_types(unit.id, questionnaire) for unit in questionnaire.units}
        self._dates = {
            unit: [column for column, dtype in some.items() if dtype == DATES] for unit, some in types.items()
        }

    def load(self, text: str, file: str) -> Iterator[Record]:
        """Return the records of one document."""
        for row in json.loads(text):
            answers: dict[str, object] = row["answers"]
            for column in self._dates[row["unit"]]:
                if column in answers:
                    answers[column] = pd.Timestamp(str(answers[column]))
            origin = Origin(file=file, cells=self._cells[row["cells"]], row=row.get("row", 0))
            yield Record(row["unit"], origin, row.get("block", 0), answers, row.get("unread", {}))
