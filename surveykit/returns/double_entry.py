"""Two independent entries of the same questionnaires held against each other, cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.findings import Finding, Findings, Place, finding
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Item, Questionnaire, localized
from surveykit.returns.examination import written
from surveykit.returns.queries import query_words, write_queries
from surveykit.sheets import PlainTable

Clerks = tuple[Mapping[str, str], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One answer that was entered in two ways.

    Parameters
    ----------
    unit, serial, line, item : str
        The answer.
    first, second : str
        What either entry says; empty for a blank.
    first_place, second_place : Place
        Where it stands.
    """

    unit: str
    serial: str
    line: str
    item: str
    first: str
    second: str
    first_place: Place
    second_place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleEntry:
    """What two entries have in common and in what they differ.

    Parameters
    ----------
    disagreements : tuple of Disagreement
        By serial, in printed order.
    by_item : DataFrame
        Columns unit, item, compared, agreed, rate: answers where either entry has one.
    by_clerk : DataFrame
        Columns first, second, compared, agreed, rate, a row a pair of clerks; empty without clerks.
    findings : Findings
        Rows that only one entry has, and every disagreement.
    """

    disagreements: tuple[Disagreement, ...]
    by_item: pd.DataFrame
    by_clerk: pd.DataFrame
    findings: Findings

    @property
    def rate(self) -> float:
        """Share of the compared answers that agree; 1 where there were none."""
        compared = int(self.by_item["compared"].sum())
        return float(self.by_item["agreed"].sum()) / compared if compared else 1.0


def compare_entries(
    first: Responses,
    second: Responses,
    questionnaire: Questionnaire,
    *,
    clerks: Clerks | None = None,
) -> DoubleEntry:
    """Compare two independent entries.

    Parameters
    ----------
    first, second : Responses
        Rows are paired by serial and line; of rows with one key the first counts.
    questionnaire : Questionnaire
    clerks : (mapping, mapping), optional
        Who entered, by serial, for either entry.

    Returns
    -------
    DoubleEntry

    Notes
    -----
    An answer is compared where at least one entry has it; two blanks are no agreement, since most questions do not
    apply to most people and would hide the errors. Computed items are not compared.
    """
    differences: list[Disagreement] = []
    rows: list[dict[str, object]] = []
    counted: list[tuple[list[tuple[str, str]], NDArray[np.bool_], NDArray[np.bool_]]] = []
    for unit in questionnaire.units:
        at = _paired(first, second, questionnaire, unit.id)
        pairs = _clerk_pairs(clerks, first, questionnaire, unit.id, at) if clerks else []
        for item in questionnaire.items_of(unit.id):
            if item.answered_by_hand and item.id != questionnaire.top.key:
                compared, agreed = _compared(first, second, item, at)
                rows.append(_counts(item, compared, agreed))
                differences += _differences(first, second, questionnaire, item, at[compared & ~agreed])
                if clerks:
                    counted.append((pairs, compared, agreed))
    order = {item.id: number for number, item in enumerate(questionnaire)}
    differences.sort(key=lambda one: (one.serial, order[one.item], one.line))
    alone = [one for unit in questionnaire.units for one in _alone(first, second, questionnaire, unit.id)]
    return DoubleEntry(
        disagreements=tuple(differences),
        by_item=pd.DataFrame(rows, columns=["unit", "item", "compared", "agreed", "rate"]),
        by_clerk=_by_clerk(counted),
        findings=Findings.of([*alone, *(_finding(one) for one in differences)]),
    )


def _keys(responses: Responses, questionnaire: Questionnaire, unit: str) -> pd.Series[str]:
    columns = responses[unit][list(questionnaire.keys_of(unit))].astype("string").fillna("")
    return pd.Series(["\0".join(row) for row in columns.itertuples(index=False)], dtype="string")


def _paired(first: Responses, second: Responses, questionnaire: Questionnaire, unit: str) -> NDArray[np.intp]:
    """Return pairs of row numbers, shape (n, 2)."""
    left, right = (_keys(one, questionnaire, unit) for one in (first, second))
    rows = {key: row for row, key in reversed(list(enumerate(right)))}
    once = ~left.duplicated().to_numpy()
    pairs = [(row, rows[key]) for row, key in enumerate(left) if key in rows and once[row]]
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


def _alone(first: Responses, second: Responses, questionnaire: Questionnaire, unit: str) -> list[Finding]:
    left, right = (_keys(one, questionnaire, unit) for one in (first, second))
    found: list[Finding] = []
    for own, other, responses, which in ((left, right, first, "second"), (right, left, second, "first")):
        for row in np.flatnonzero(~own.isin(set(other)).to_numpy(dtype=bool)).tolist():
            serial, _, line = str(own.iloc[row]).partition("\0")
            where = responses.place(unit, row, questionnaire.keys_of(unit)[-1], record=serial)
            found.append(finding("returns-entry-alone", where, severity=None, unit=unit, line=line, other=which))
    return found


def _compared(
    first: Responses, second: Responses, item: Item, at: NDArray[np.intp]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where either entry says something, and where both say the same; unread answers never agree."""
    left, right = (_column(one, item, at[:, side]) for side, one in enumerate((first, second)))
    one, other = left.notna().to_numpy(dtype=bool), right.notna().to_numpy(dtype=bool)
    same = (left == right).fillna(value=False).to_numpy(dtype=bool)
    broken = _unread(first, item, at[:, 0]) | _unread(second, item, at[:, 1])
    return one | other | broken, same & ~broken


def _column(responses: Responses, item: Item, rows: NDArray[np.intp]) -> pd.Series[Any]:
    column: pd.Series[Any] = responses[item.unit][item.var].iloc[rows].reset_index(drop=True)
    return column


def _unread(responses: Responses, item: Item, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    places = responses.unread.get(item.unit, frozenset())
    return np.array([(int(row), item.var) in places for row in rows], dtype=bool)


def _counts(item: Item, compared: NDArray[np.bool_], agreed: NDArray[np.bool_]) -> dict[str, object]:
    total, same = int(compared.sum()), int((compared & agreed).sum())
    rate = same / total if total else None
    return {"unit": item.unit, "item": item.id, "compared": total, "agreed": same, "rate": rate}


def _differences(
    first: Responses, second: Responses, questionnaire: Questionnaire, item: Item, at: NDArray[np.intp]
) -> Iterator[Disagreement]:
    keys = questionnaire.keys_of(item.unit)
    for left, right in at.tolist():
        row = first[item.unit].iloc[left]
        yield Disagreement(
            unit=item.unit,
            serial=written(row[keys[0]]),
            line=written(row[keys[1]]) if len(keys) > 1 else "",
            item=item.id,
            first=_said(first, item, left),
            second=_said(second, item, right),
            first_place=first.place(item.unit, left, item.var, item=item.id, record=written(row[keys[0]])),
            second_place=second.place(item.unit, right, item.var, item=item.id, record=written(row[keys[0]])),
        )


def _said(responses: Responses, item: Item, row: int) -> str:
    unread = (row, item.var) in responses.unread.get(item.unit, frozenset())
    return "?" if unread else written(responses[item.unit][item.var].iloc[row])


def _finding(one: Disagreement) -> Finding:
    return finding(
        "returns-entry-differs", one.first_place, first=one.first, second=one.second, other=str(one.second_place)
    )


def _clerk_pairs(
    clerks: Clerks, first: Responses, questionnaire: Questionnaire, unit: str, at: NDArray[np.intp]
) -> list[tuple[str, str]]:
    key = questionnaire.item(questionnaire.top.key).var
    serials = [written(first[unit][key].iloc[row]) for row in at[:, 0]]
    return [(clerks[0].get(serial, ""), clerks[1].get(serial, "")) for serial in serials]


def _by_clerk(counted: list[tuple[list[tuple[str, str]], NDArray[np.bool_], NDArray[np.bool_]]]) -> pd.DataFrame:
    totals: Counter[tuple[str, str]] = Counter()
    same: Counter[tuple[str, str]] = Counter()
    for pairs, compared, agreed in counted:
        totals.update(pair for pair, one in zip(pairs, compared, strict=True) if one)
        same.update(pair for pair, one in zip(pairs, compared & agreed, strict=True) if one)
    rows = [(*pair, count, same[pair], same[pair] / count) for pair, count in sorted(totals.items())]
    return pd.DataFrame(rows, columns=["first", "second", "compared", "agreed", "rate"])


def write_reconciliation(
    result: DoubleEntry, path: str | Path, questionnaire: Questionnaire, *, language: str = "en"
) -> Path:
    """Write the list by which a supervisor settles what was entered in two ways.

    Parameters
    ----------
    result : DoubleEntry
    path : path
        Ends in ``.xlsx``.
    questionnaire : Questionnaire
        Question texts.
    language : str

    Returns
    -------
    pathlib.Path

    Notes
    -----
    The columns are those of the query list, about the cell of the first entry: :func:`surveykit.apply_queries` reads
    the settled values into the ledger that has it. Two more sheets have the agreement by item and by pair of clerks.
    """
    differing = [one for one in result.findings if one.code == "returns-entry-differs"]
    sheets = [
        _sheet(name, frame, language) for name, frame in (("by_item", result.by_item), ("by_clerk", result.by_clerk))
    ]
    beside = [sheet for sheet in sheets if sheet.rows]
    return write_queries(differing, path, questionnaire=questionnaire, language=language, beside=beside)


def _sheet(name: str, frame: pd.DataFrame, language: str) -> PlainTable:
    words = query_words()
    rows = [
        [
            _percent(value) if column == "rate" else _cell(value)
            for column, value in zip(frame.columns, line, strict=True)
        ]
        for line in frame.itertuples(index=False, name=None)
    ]
    heads = [localized(words[str(column)], language) for column in frame.columns]
    return PlainTable(title=localized(words[name], language), header=heads, rows=rows)


def _cell(value: object) -> str | int:
    return int(value) if isinstance(value, int | np.integer) else str(value)


def _percent(value: object) -> float | None:
    return round(100 * value, 1) if isinstance(value, float) and value == value else None  # noqa: PLR0124  # NaN


def clerks_of(first: Responses, second: Responses, questionnaire: Questionnaire, folders: tuple[Path, Path]) -> Clerks:
    """Return who entered each serial: its file's folder inside the folder of the entry, else that folder's own name.

    Parameters
    ----------
    first, second : Responses
        Read from files.
    questionnaire : Questionnaire
    folders : (Path, Path)
        Where either entry was read from.
    """
    pairs = zip((first, second), folders, strict=True)
    one, other = (_clerk_by_serial(responses, questionnaire, folder) for responses, folder in pairs)
    return one, other


def _clerk_by_serial(responses: Responses, questionnaire: Questionnaire, folder: Path) -> dict[str, str]:
    top = questionnaire.top
    serials = responses[top.id][questionnaire.item(top.key).var]
    origins = responses.origins.get(top.id, ())
    return {written(serial): _clerk(Path(origin.file), folder) for serial, origin in zip(serials, origins, strict=True)}


def _clerk(file: Path, folder: Path) -> str:
    inside = file.relative_to(folder).parts if file.is_relative_to(folder) else ()
    return inside[0] if len(inside) > 1 else folder.stem
