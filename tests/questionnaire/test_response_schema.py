"""The schema of the answers takes good records and refuses bad ones, with the jsonschema package as judge."""

import copy
import random
from pathlib import Path

import pandas as pd
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.records import records
from surveykit.questionnaire.response_schema import response_schema
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.simulate import simulate

VILLAGE = load_questionnaire(Path(__file__).parents[1] / "definitions" / "bases" / "village.json")
SHIPPED = ("first-light", "knhanes", "dprk-summary", "facility")


def _validator(schema):
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def _digits(pattern, chance):
    """Return a text for the patterns of the shipped instruments: classes of digits with repeats."""
    if not pattern:
        return chance.choice(["a", "한글 text", "0012"])
    from surveykit.expressions import patterns  # noqa: PLC0415  # only a test of texts needs it

    parts = patterns.elements(pattern)
    return "".join(chr(part.ranges[0][0]) * part.least for part in parts) or "1"


def _answer(item, chance):
    if item.missing_codes and chance.random() < 0.2:
        return chance.choice(list(item.missing_codes))
    if item.codelist:
        return chance.choice(item.codelist.codes)
    low = item.range.min if item.range and item.range.min is not None else 0
    high = item.range.max if item.range and item.range.max is not None else 10
    kind = item.result if item.type == "calculated" else item.type
    match kind:
        case "integer":
            return chance.randint(int(low), int(high))
        case "decimal" | "number":
            return round(chance.uniform(float(low), float(high)), 2)
        case "date":
            return "2026-03-02"
        case _:
            return _digits(item.pattern, chance)


def _record(instrument, unit, chance, line):
    keys = instrument.keys_of(unit)
    record = {keys[0]: _digits(instrument.item(instrument.top.key).pattern, chance)}
    record |= dict.fromkeys(keys[1:], line)
    for item in instrument.items_of(unit):
        if item.type == "note" or item.var in keys:
            continue
        if item.type == "select_multiple":
            chosen = [code for code in item.codelist.codes if chance.random() < 0.5]
            record[item.var] = " ".join(map(str, chosen)) or None
            record |= {f"{item.var}_{code}": int(code in chosen) for code in item.codelist.codes}
        else:
            record[item.var] = None if chance.random() < 0.3 else _answer(item, chance)
    return record


@pytest.mark.parametrize("name", [*SHIPPED, "village"])
def test_generated_good_records_are_accepted(name):
    instrument = VILLAGE if name == "village" else load_questionnaire(name)
    validator = _validator(response_schema(instrument))
    chance = random.Random(288)
    for _ in range(10):
        whole = {unit.id: [_record(instrument, unit.id, chance, 1)] for unit in instrument.units}
        assert not [error.message for error in validator.iter_errors(whole)]


def test_simulated_answers_hold():
    instrument = load_questionnaire("dprk-summary")
    answers = simulate(instrument, 5, seed=20)
    validator = _validator(response_schema(instrument))
    assert not [error.message for error in validator.iter_errors(records(answers))]


GOOD = {
    "household": [
        {
            "serial": "0001",
            "stratum": "1",
            "weight": 1.5,
            "day": "2026-03-02",
            "water": 3,
            "assets": "1 2",
            "assets_1": 1,
            "assets_2": 1,
            "assets_3": 0,
        }
    ],
    "member": [{"serial": "0001", "line": 1, "sex": 2, "age": 999, "pregnant": None}],
    "adult": [{"serial": "0001", "line": 1, "sbp": 120, "dbp": 80, "high": 0}],
}


@pytest.mark.parametrize(
    ("unit", "column", "value"),
    [
        ("household", "serial", "1"),
        ("household", "serial", None),
        ("household", "weight", "1.5"),
        ("household", "day", "2026.3.2"),
        ("household", "day", "2026-02-30"),
        ("household", "water", 4),
        ("household", "water", "Pipe"),
        ("household", "assets", "1, 2"),
        ("household", "assets", "1 9"),
        ("household", "assets", "4"),
        ("household", "assets_1", 2),
        ("household", "colour", 1),
        ("member", "line", 0),
        ("member", "line", 13),
        ("member", "age", 111),
        ("member", "age", 30.5),
        ("member", "age", -1),
        ("member", "sex", 9),
        ("adult", "sbp", "120"),
        ("adult", "high", 2),
    ],
)
def test_a_bad_answer_is_refused_at_its_place(unit, column, value):
    validator = _validator(response_schema(VILLAGE))
    assert validator.is_valid(GOOD)
    bad = copy.deepcopy(GOOD)
    bad[unit][0][column] = value
    errors = list(validator.iter_errors(bad))
    assert errors
    assert list(errors[0].absolute_path)[:2] == [unit, 0]


@pytest.mark.parametrize(("unit", "key"), [("household", "serial"), ("member", "line"), ("adult", "serial")])
def test_a_record_without_its_key_is_refused(unit, key):
    bad = copy.deepcopy(GOOD)
    del bad[unit][0][key]
    assert not _validator(response_schema(VILLAGE)).is_valid(bad)


def test_retired_codes_of_old_records_and_missing_codes_are_accepted():
    record = copy.deepcopy(GOOD)
    record["household"][0]["water"] = 3
    record["household"][0]["assets"] = "9"
    assert _validator(response_schema(VILLAGE)).is_valid(record)


def test_titles_come_in_the_language_asked_for():
    schema = response_schema(VILLAGE, language="ko")
    assert schema["$defs"]["member"]["properties"]["sex"]["title"] == "성별"
    assert schema["$defs"]["member"]["properties"]["sex"]["x-labels"] == {"1": "남자", "2": "여자"}


def test_answers_of_frames_become_records_that_hold():
    frames = {
        "household": pd.DataFrame(
            {
                "serial": pd.array(["0001", "0002"], dtype="string"),
                "water": pd.array([1, None], dtype="Int64"),
                "weight": pd.array([1.5, 2], dtype="Float64"),
                "day": pd.to_datetime(["2026-03-02", None]),
            }
        )
    }
    responses = Responses(questionnaire="village", version="1.0.0", structure_hash="", frames=frames)
    found = records(responses)
    assert found["household"][0] == {"serial": "0001", "water": 1, "weight": 1.5, "day": "2026-03-02"}
    assert found["household"][1]["water"] is None
    assert found["household"][1]["day"] is None
    assert _validator(response_schema(VILLAGE)).is_valid(found)
