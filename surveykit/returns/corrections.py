"""Corrections of answers: kept beside them, applied when they are used, never written into what came back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from surveykit.questionnaire.structure import Item, Questionnaire
from surveykit.returns.datatypes import DATES, column_types
from surveykit.returns.records import Record, split_joined
from surveykit.returns.store import Audited, Store, add_audit

Spot = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One answer as it should be, or the word that it is right as it stands.

    Parameters
    ----------
    query : str
        Id of the query that it answers.
    file, sheet, cell, variable : str
        The answer.
    serial : str
        Key of the response, for readers.
    before, after : str
        Value as stored, in JSON; equal where the value was confirmed.
    who, why, at : str
        Who said so, for what reason, when.
    """

    query: str
    file: str
    sheet: str
    cell: str
    variable: str
    serial: str
    before: str
    after: str
    who: str
    why: str
    at: str

    @property
    def spot(self) -> Spot:
        """The answer that it is about."""
        return self.file, self.sheet, self.cell, self.variable

    @property
    def confirms(self) -> bool:
        """Whether the value was confirmed instead of changed."""
        return self.before == self.after


def corrections(store: Store) -> list[Correction]:
    """Return every correction ever made, the first one first."""
    names = tuple(Correction.__dataclass_fields__)
    rows = store.rows("SELECT * FROM corrections ORDER BY id")
    return [Correction(**{name: row[name] for name in names}) for row in rows]


def add_corrections(store: Store, new: Sequence[Correction]) -> int:
    """Store corrections that say something new, and audit them; return how many did."""
    latest = {one.spot: one for one in corrections(store)}
    fresh = [one for one in new if (old := latest.get(one.spot)) is None or (old.before, old.after) != _said(one)]
    names = tuple(Correction.__dataclass_fields__)
    with store.writing() as connection:
        sql = f"INSERT INTO corrections ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
        connection.executemany(sql, [tuple(getattr(one, name) for name in names) for one in fresh])
        add_audit(connection, [_audited(one) for one in fresh])
    return len(fresh)


def _said(one: Correction) -> tuple[str, str]:
    return one.before, one.after


def _audited(one: Correction) -> Audited:
    subject = f"{one.file} {one.sheet}!{one.cell} {one.variable} ({one.serial}): {one.why}"
    action = "confirmed" if one.confirms else "corrected"
    return Audited(at=one.at, who=one.who, action=action, subject=subject, before=one.before, after=one.after)


def corrected(records: Iterable[Record], store: Store, questionnaire: Questionnaire) -> Iterator[Record]:
    """Apply the corrections of a ledger to records on their way out of it.

    A correction holds as long as the answer is the one that it was made for; where a new version of the file says
    something else, the file leads.
    """
    latest = {one.spot: one for one in corrections(store)}
    files = {one.file for one in latest.values()}
    items = {item.var: item for item in questionnaire}
    for record in records:
        if record.origin.file in files:
            _correct(record, latest, items, questionnaire)
        yield record


def _correct(
    record: Record, latest: dict[Spot, Correction], items: dict[str, Item], questionnaire: Questionnaire
) -> None:
    types = column_types(record.unit, questionnaire)
    for variable in list(record.origin.cells):
        place = record.origin.place(variable)
        one = latest.get((place.file, place.sheet, place.cell, variable))
        if one is None or one.confirms or one.before != stored_value(record, variable):
            continue
        record.unread.pop(variable, None)
        value = json.loads(one.after)
        if value is None:
            record.answers.pop(variable, None)
        else:
            record.answers[variable] = pd.Timestamp(value) if types.get(variable) == DATES else value
        if variable in items and items[variable].type == "select_multiple":
            split_joined(record, items[variable])


def stored_value(record: Record, variable: str) -> str:
    """Return an answer as corrections keep it: JSON, and for an unread answer what stands there."""
    if variable in record.unread:
        return json.dumps({"unread": record.unread[variable]}, ensure_ascii=False)
    return as_json(record.answers.get(variable))


def as_json(value: object) -> str:
    """Return a typed answer as JSON."""
    plain = value.date().isoformat() if isinstance(value, pd.Timestamp) else value
    return json.dumps(plain, ensure_ascii=False)
