"""What the status column says is what the checks of returned answers say, for the same answers."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from forms_households import household
from forms_office import Session

from surveykit.forms.answers import booklet_values, frames_of
from surveykit.forms.geometry import Geometry
from surveykit.forms.layout import FIRST_GRID_ROW, lay_out
from surveykit.forms.wording import words_for
from surveykit.forms.workbook import write_form
from surveykit.questionnaire.structure import Questionnaire
from surveykit.returns.examination import Examination
from surveykit.returns.intake import read_returned
from surveykit.returns.link_checks import check_links
from surveykit.returns.logic_checks import check_logic
from surveykit.returns.value_checks import check_values

HOUSEHOLDS = 500
SELECTED = ("adult", "woman", "child")


def _geometry(questionnaire: Questionnaire, language: str) -> Geometry:
    return Geometry(questionnaire=questionnaire, layout=lay_out(questionnaire, "booklet", language=language))


def _shown(questionnaire: Questionnaire, answers: dict[str, dict], folder: Path) -> dict[tuple[str, str, int], str]:
    """Fill the form of each language with its share of the households; return the status key of every answer."""
    session = Session(folder)
    keys: dict[str, list[tuple[str, int]]] = {}
    for position, language in enumerate(questionnaire.languages):
        geometry, words = _geometry(questionnaire, language), words_for(questionnaire, language)
        form = folder / f"form-{position}.xlsx"
        write_form(questionnaire, form, language=language)
        keys[language] = [key for key in geometry.spots if questionnaire.item(key[0]).answered_by_hand]
        reads = [(geometry.spots[key].sheet, geometry.spots[key].status) for key in keys[language]]
        lines = [geometry.layout.slot(f"line_{unit}", row=row) for unit, row in _blocks(questionnaire)]
        session.open(form, [*reads, *((slot.sheet, slot.cell) for slot in lines)])
        for record, frames in list(answers.items())[position :: len(questionnaire.languages)]:
            values = booklet_values(frames_of(frames, questionnaire), questionnaire, geometry.layout, words)
            session.fill(f"{language}|{record}", values)
        session.close()
    found: dict[tuple[str, str, int], str] = {}
    for name, cells in session.run().items():
        language, record = name.split("|")
        meaning = {word: key for key, word in words_for(questionnaire, language).statuses.items()}
        found |= {(record, *key): meaning[cell] for key, cell in zip(keys[language], cells, strict=False)}
        lines = cells[len(keys[language]) :]
        found |= {
            (record, f"line_{unit}", row): cell for (unit, row), cell in zip(_blocks(questionnaire), lines, strict=True)
        }
    return found


def _blocks(questionnaire: Questionnaire) -> list[tuple[str, int]]:
    return [(unit, row) for unit in SELECTED for row in range(1, questionnaire.unit(unit).selection.max + 1)]


def _listed(questionnaire: Questionnaire, answers: dict[str, dict], shown: dict) -> dict[str, pd.DataFrame]:
    """All households as the rows of one list, the lines of selected persons as the form chose them."""
    frames: dict[str, list[pd.DataFrame]] = {unit.id: [] for unit in questionnaire.units}
    for record, households in answers.items():
        serial = households["household"]["K_SERIAL"].iloc[0]
        for unit, frame in households.items():
            own = frame.assign(_record=record)
            if unit != "household":
                own["K_SERIAL"] = serial
            if unit in SELECTED:
                own["member_line"] = [shown[(record, f"line_{unit}", row)] for row in range(1, len(own) + 1)]
                own["_row"] = range(1, len(own) + 1)
                own = own[own["member_line"] != ""].astype({"member_line": int})
            else:
                own["_row"] = own["member_line"] if unit == "member" else 0
            frames[unit].append(own)
    return {unit: pd.concat(parts, ignore_index=True) for unit, parts in frames.items()}


def _expected(questionnaire: Questionnaire, listed: dict[str, pd.DataFrame], folder: Path) -> dict[tuple, str]:
    path = folder / "list.xlsx"
    plain = {unit: frame.drop(columns=["_record", "_row"]) for unit, frame in listed.items()}
    write_form(questionnaire, path, layout="list", rows=max(map(len, plain.values())), answers=plain)
    responses, findings = read_returned([path], questionnaire)
    examination = Examination(responses, questionnaire, "en")
    check_values(examination)
    check_links(examination)
    check_logic(examination)
    wrong: dict[tuple[str, str, int], set[str]] = {}
    rows = {unit: _rows_of(responses, unit) for unit in responses}
    for one in (*findings, *examination.findings):
        if one.severity != "info" and one.where.item and one.where.cell:
            unit = questionnaire.item(one.where.item).unit
            row = rows[unit][int("".join(char for char in one.where.cell if char.isdigit()))]
            wrong.setdefault((one.where.item, unit, row), set()).add(one.code)
    expected: dict[tuple, str] = {}
    for item in questionnaire:
        if not item.answered_by_hand:
            continue
        asked = np.ones(len(responses[item.unit]), dtype=bool)
        if item.relevant:
            asked = examination.holds(examination.compiled(item.relevant, item.unit, this=item.id), item.unit)
        written = examination.written(item)
        for sheet_row, row in rows[item.unit].items():  # rows without any answer are not read
            source = listed[item.unit].iloc[sheet_row - FIRST_GRID_ROW]
            codes = wrong.get((item.id, item.unit, row), set())
            status = _status(codes, asked=bool(asked[row]), written=bool(written[row]), required=item.required)
            expected[(source["_record"], item.id, int(source["_row"]))] = status
    return expected


def _rows_of(responses, unit: str) -> dict[int, int]:
    return {origin.row: position for position, origin in enumerate(responses.origins[unit])}


def _status(codes: set[str], *, asked: bool, written: bool, required: bool) -> str:
    if "returns-check-required" in codes:
        return "todo"
    if codes:
        return "check"
    if written:
        return "ok"
    return "ok" if asked and not required else "na"


@pytest.mark.wants_libreoffice
def test_the_status_column_says_what_the_checks_say_for_500_households_in_all_languages(household_form, tmp_path):
    answers = {f"h{number}": household(household_form, number, random.Random(number)) for number in range(HOUSEHOLDS)}
    shown = _shown(household_form, answers, tmp_path)
    listed = _listed(household_form, answers, shown)
    expected = _expected(household_form, listed, tmp_path)
    differ = {key: (shown[key], status) for key, status in expected.items() if shown[key] != status}
    assert len(expected) > 20 * HOUSEHOLDS
    assert set(expected.values()) == {"todo", "ok", "na", "check"}
    assert differ == {}
