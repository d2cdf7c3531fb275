"""The structure hash sees what changes data and nothing else; the text hash sees the wording."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.wording import wordings

VILLAGE = json.loads((Path(__file__).parents[1] / "definitions" / "bases" / "village.json").read_text(encoding="utf-8"))
PLAIN = load_questionnaire(VILLAGE)
TEXTS = [one.pointer for one in wordings(PLAIN.document)]


def _at(document, pointer):
    for part in pointer.split("/")[1:]:
        document = document[int(part) if isinstance(document, list) else part]
    return document


@given(
    st.lists(st.tuples(st.sampled_from(TEXTS), st.text("abc 가나다", min_size=1).filter(str.strip)), min_size=1),
    st.sampled_from(["en", "ko", "fr"]),
)
@settings(max_examples=60, derandomize=True, deadline=None)
def test_a_translation_never_changes_the_structure_hash(changes, language):
    document = copy.deepcopy(VILLAGE)
    for pointer, text in changes:
        _at(document, pointer)[language] = text
    changed = load_questionnaire(document)
    assert changed.structure_hash == PLAIN.structure_hash
    assert (changed.text_hash == PLAIN.text_hash) == (document == VILLAGE)


def _village(change):
    document = copy.deepcopy(VILLAGE)
    change(document)
    return load_questionnaire(document)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(minutes=60, licence="CC0", text_version="1.0.9", version="2.0.0"),
        lambda d: d["sections"][0]["items"][5].update(seconds=99, sensitivity="high", source="new", concept="x"),
        lambda d: d["sections"][0]["items"][5].update(required=True),
        lambda d: d["codelists"].update(spare={"codes": [{"code": 1, "label": {"en": "One", "ko": "하나"}}]}),
        lambda d: d["units"]["member"]["roster"].update(expected=6),
        lambda d: d.update(languages=["ko", "en"]),
    ],
)
def test_what_is_only_said_about_an_instrument_changes_neither_hash(change):
    changed = _village(change)
    assert changed.structure_hash == PLAIN.structure_hash


@pytest.mark.parametrize(
    "change",
    [
        lambda d: (
            d["sections"][1]["items"][1].update(id="years", var="age")
            or d["sections"][1]["items"][2].update(relevant="sex == 2 and years between 15 and 49")
            or d["units"]["adult"]["selection"].update(where="years >= 19", order_by=["-years"])
        ),
        lambda d: d["sections"][0]["items"][5].update(var="prov"),
        lambda d: d["sections"][1]["items"][1].update(type="decimal"),
        lambda d: d["sections"][1]["items"][1]["range"].update(max=120),
        lambda d: d["sections"][1]["items"][1].update(required=False),
        lambda d: d["sections"][1]["items"][1]["measure"].update(ucum="mo"),
        lambda d: d["sections"][1]["items"][2].update(relevant="sex == 2 and age between 15 and 54"),
        lambda d: d["codelists"]["sex"]["codes"].reverse(),
        lambda d: d["codelists"]["sex"]["codes"].append({"code": 3, "label": {"en": "Other", "ko": "기타"}}),
        lambda d: d["codelists"]["sex"]["codes"][0].update(retired=True),
        lambda d: d["missing_sets"]["one"][1].update(kind="refused"),
        lambda d: d["sections"][0]["items"].reverse(),
        lambda d: d["units"]["member"]["roster"].update(max=20),
        lambda d: d["checks"][0].update(expression="sbp >= dbp"),
        lambda d: d["checks"][0].update(severity="warning"),
        lambda d: d["sections"][2].update(relevant="age >= 20"),
    ],
)
def test_whatever_changes_the_data_changes_the_structure_hash_and_not_the_text(change):
    changed = _village(change)
    assert changed.structure_hash != PLAIN.structure_hash


def test_hashes_do_not_depend_on_where_a_definition_was_read_from(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(VILLAGE, indent=3), encoding="utf-8")
    assert load_questionnaire(path).text_hash == PLAIN.text_hash


def test_units_may_be_written_in_any_order():
    changed = _village(lambda d: d.update(units=dict(reversed(d["units"].items()))))
    assert [unit.id for unit in changed.units] == ["household", "adult", "member"]
    assert changed.top.id == "household"
