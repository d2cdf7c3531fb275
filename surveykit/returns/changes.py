"""Every change between what came back and what is analysed, as one table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pandas as pd

from surveykit.returns.corrections import Correction, corrections
from surveykit.returns.store import Store, open_store

COLUMNS: Final = ("at", "who", "kind", "file", "sheet", "cell", "item", "serial", "before", "after", "why")
_READ: Final = "returns-answer-%"


def changes(folder: str | Path) -> pd.DataFrame:
    """Return every change from raw to clean.

    Parameters
    ----------
    folder : path
        The survey folder with the ledger.

    Returns
    -------
    DataFrame
        A row a change, all texts: ``at`` and ``who`` (of the intake or of the answer to a query), ``kind``,
        ``file``, ``sheet``, ``cell``, ``item``, ``serial``, ``before`` (as it stood there), ``after`` and ``why``.
        Kinds: ``converted`` (read otherwise than it was typed; why is the code of the finding), ``unread`` (nothing
        could be made of it; null), ``corrected`` and ``confirmed`` (by an answered query). Converted ones come first.

    Raises
    ------
    ReturnsError
        If the ledger cannot be read.

    Notes
    -----
    Files that a later version replaced are left out, as their answers are; the chain of the audit
    (:func:`surveykit.returns.store.audit`) has them all.
    """
    with open_store(Path(folder)) as store:
        return stored_changes(store)


def stored_changes(store: Store) -> pd.DataFrame:
    """Return every change from raw to clean of an open ledger."""
    sql = (
        "SELECT finding, received_at, received_by FROM findings JOIN files ON files.id = findings.file "
        "WHERE superseded = 0 AND json_extract(finding, '$.code') LIKE ? ORDER BY path, findings.rowid"
    )
    rows = [
        _conversion(json.loads(row["finding"]), row["received_at"], row["received_by"])
        for row in store.rows(sql, (_READ,))
    ]
    rows += [_correction(one) for one in corrections(store)]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="string")


def _conversion(one: dict[str, Any], at: str, who: str) -> tuple[str, ...]:
    where, values = one["where"], one["values"]
    kind = "unread" if one["severity"] == "error" else "converted"
    place = tuple(str(where.get(name, "")) for name in ("file", "sheet", "cell", "item", "record"))
    after = "" if kind == "unread" else str(values.get("taken", ""))
    return at, who, kind, *place, str(values.get("found", "")), after, str(one["code"])


def _correction(one: Correction) -> tuple[str, ...]:
    kind = "confirmed" if one.confirms else "corrected"
    said = (_plain(one.before), _plain(one.after))
    return one.at, one.who, kind, one.file, one.sheet, one.cell, one.variable, one.serial, *said, one.why


def _plain(text: str) -> str:
    """Return a stored value as a person would write it."""
    value = json.loads(text)
    if isinstance(value, dict):
        value = value.get("unread")
    return "" if value is None else str(value)
