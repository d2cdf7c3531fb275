"""Checks between rows: one serial once, lines of the roster, forms for everybody who should have one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from surveykit.questionnaire.selection import take_number
from surveykit.questionnaire.structure import Selection, Unit
from surveykit.returns.examination import Examination, Mask
from surveykit.returns.kinship import FILE
from surveykit.returns.persons import ranks


def check_links(examination: Examination) -> None:
    """Check keys and links of every unit."""
    questionnaire = examination.questionnaire
    _unique_serials(examination)
    for unit in questionnaire.units[1:]:
        if len(examination.frames[unit.id]):
            _unique_lines(examination, unit)
            _parents(examination, unit)
        if unit.roster:
            _roster_sizes(examination, unit)
        if unit.selection:
            _selected(examination, unit, unit.selection)


def check_sampled(examination: Examination, sampled: Collection[str]) -> None:
    """Report serials that are not in the sample: mistyped, or somebody whom nobody drew."""
    questionnaire = examination.questionnaire
    key = questionnaire.item(questionnaire.top.key)
    column = examination.responses[questionnaire.top.id][key.var]
    strange = column.notna() & ~column.astype("string").isin(list(sampled))
    examination.report("returns-check-not-sampled", key, strange.to_numpy(dtype=bool))


def _unique_serials(examination: Examination) -> None:
    questionnaire = examination.questionnaire
    top, key = questionnaire.top.id, questionnaire.item(questionnaire.top.key)
    column = examination.responses[top][key.var]
    repeated = (column.notna() & column.duplicated(keep="first")).to_numpy(dtype=bool)
    for row in np.flatnonzero(repeated).tolist():
        first = int(np.flatnonzero((column == column.iloc[row]).fillna(value=False).to_numpy(dtype=bool))[0])
        other = str(examination.place(top, first, key.var))
        examination.report_row("returns-check-duplicate", top, row, key.var, {"other": other}, item=key.id)


def _unique_lines(examination: Examination, unit: Unit) -> None:
    frame = examination.frames[unit.id]
    keys = [FILE, *examination.questionnaire.keys_of(unit.id)]
    wrong = (frame[keys].notna().all(axis=1) & frame.duplicated(subset=keys, keep="first")).to_numpy(dtype=bool)
    _report(examination, "returns-check-duplicate-line", unit, wrong)


def _parents(examination: Examination, unit: Unit) -> None:
    """Every row below the top belongs to a response of the same file."""
    questionnaire = examination.questionnaire
    keys = [FILE, questionnaire.item(questionnaire.top.key).var]
    wrong = ~_among(examination.frames[unit.id], examination.frames[questionnaire.top.id], keys)
    _report(examination, "returns-check-no-parent", unit, wrong, {"parent": questionnaire.top.id})


def _selected(examination: Examination, unit: Unit, selection: Selection) -> None:
    questionnaire = examination.questionnaire
    roster, frame = examination.frames[selection.roster], examination.frames[unit.id]
    top = questionnaire.item(questionnaire.top.key).var
    link = [FILE, *questionnaire.keys_of(selection.roster)]
    here = [FILE, top, unit.key]
    known = _among(frame.rename(columns=dict(zip(here, link, strict=True))), roster, link)
    lined = frame[unit.key].notna().to_numpy(dtype=bool)
    _report(examination, "returns-check-no-line", unit, lined & ~known, {"roster": selection.roster})
    if selection.where and len(roster):
        typed = examination.compiled(selection.where, selection.roster)
        ineligible = examination.fails(typed, selection.roster)
        out = _among(frame.rename(columns=dict(zip(here, link, strict=True))), roster[ineligible], link)
        _report(examination, "returns-check-not-eligible", unit, out & known, {"rule": examination.said(typed)})
        eligible = examination.holds(typed, selection.roster)
        _missing_forms(examination, unit, selection, eligible)
        if selection.take == "one" and len(frame):
            _right_person(examination, unit, known & ~out)


def _right_person(examination: Examination, unit: Unit, settled: Mask) -> None:
    """Report households in which another person was interviewed than the one whom the written table takes."""
    ranked = ranks(examination.frames, unit, examination.questionnaire)
    file, top, line = ranked.columns[:3]
    serials = ranked[top].astype("string").fillna("")
    taken = [take_number(str(serial), int(count)) for serial, count in zip(serials, ranked["count"], strict=True)]
    named = ranked[[file, top]].assign(expected=ranked[line])[ranked["rank"].to_numpy() == np.array(taken, dtype=int)]
    own = examination.frames[unit.id][[file, top, unit.key]]
    joined = own.merge(named.drop_duplicates(subset=[file, top]), how="left", on=[file, top])
    other = (joined["expected"] != joined[unit.key]).fillna(value=False).to_numpy(dtype=bool) & settled
    for row in np.flatnonzero(other).tolist():
        values = {"expected": int(joined["expected"].iloc[row])}
        examination.report_row("returns-check-other-person", unit.id, row, unit.key, values)


def _missing_forms(examination: Examination, unit: Unit, selection: Selection, eligible: Mask) -> None:
    questionnaire = examination.questionnaire
    roster, frame = examination.frames[selection.roster], examination.frames[unit.id]
    top = questionnaire.item(questionnaire.top.key).var
    line = questionnaire.unit(selection.roster).key
    by = [FILE, top] if selection.take == "one" else [FILE, top, line]
    there = frame.rename(columns={unit.key: line})
    missing = eligible & ~_among(roster, there, by)
    if selection.take == "one":  # one finding a household, at its first eligible person
        rows = np.flatnonzero(missing)
        missing[rows[_plain(roster[by].iloc[rows]).duplicated().to_numpy()]] = False
    for row in np.flatnonzero(missing).tolist():
        examination.report_row("returns-check-form-missing", selection.roster, row, line, {"unit": unit.id})


def _roster_sizes(examination: Examination, unit: Unit) -> None:
    questionnaire = examination.questionnaire
    top = examination.frames[questionnaire.top.id]
    if unit.roster is None or not len(top):
        return
    keys = [FILE, questionnaire.item(questionnaire.top.key).var]
    counts = examination.frames[unit.id].groupby(keys, dropna=False, sort=False).size()
    indexed = pd.MultiIndex.from_frame(top[keys])
    sizes = counts.reindex(indexed, fill_value=0).to_numpy()
    for row in np.flatnonzero((sizes < unit.roster.min) | (sizes > unit.roster.max)).tolist():
        values = {"unit": unit.id, "rows": int(sizes[row]), "min": unit.roster.min, "max": unit.roster.max}
        examination.report_row("returns-check-roster-size", questionnaire.top.id, row, keys[1], values)


def _among(frame: pd.DataFrame, others: pd.DataFrame, keys: list[str]) -> Mask:
    """Return the rows whose keys stand among the others' keys."""
    left, right = (pd.MultiIndex.from_frame(_plain(one[keys])) for one in (frame, others))
    found: Mask = left.isin(right) if len(right) else np.zeros(len(frame), dtype=bool)
    return found


def _plain(keys: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, Any] = {str(name): column.astype("string").fillna("") for name, column in keys.items()}
    return pd.DataFrame(columns)


def _report(
    examination: Examination, code: str, unit: Unit, wrong: Mask, values: Mapping[str, object] | None = None
) -> None:
    for row in np.flatnonzero(wrong).tolist():
        examination.report_row(code, unit.id, row, unit.key, values)
