"""Comparing two versions: every change is told once, with what it does to data."""

import copy
import json
from pathlib import Path

import pytest

from surveykit.errors import DefinitionError
from surveykit.questionnaire.compare import compare
from surveykit.questionnaire.comparison import _changes
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.same import same_rule

VILLAGE = json.loads((Path(__file__).parents[1] / "definitions" / "bases" / "village.json").read_text(encoding="utf-8"))
OLD = load_questionnaire(VILLAGE)


def _items(document):
    return {item["id"]: item for section in document["sections"] for item in section["items"]}


def _changed(change, **kwargs: object):
    document = copy.deepcopy(VILLAGE)
    change(document)
    return compare(OLD, document, **kwargs)


def _drop(document, name):
    for section in document["sections"]:
        section["items"] = [item for item in section["items"] if item["id"] != name]


def _add(document, name="radio", place=-1):
    item = {"id": name, "type": "integer", "range": {"min": 0, "max": 9}, "label": {"en": "Radios", "ko": "라디오"}}
    document["sections"][place]["items"].append(item)


CHANGES = {
    "item-removed": ("breaking", lambda d: _drop(d, "assets")),
    "item-added": ("compatible", _add),
    "item-moved": ("compatible", lambda d: d["sections"][0]["items"].insert(5, d["sections"][0]["items"].pop())),
    "column": ("breaking", lambda d: _items(d)["water"].update(var="drink")),
    "type": ("breaking", lambda d: _items(d)["sbp"].update(type="decimal")),
    "unit": ("breaking", lambda d: d["sections"][1]["items"].append(d["sections"][2]["items"].pop(0))),
    "measure": ("breaking", lambda d: _items(d)["age"]["measure"].update(ucum="mo")),
    "code-removed": ("breaking", lambda d: d["codelists"]["assets"]["codes"].pop(0)),
    "code-added": (
        "compatible",
        lambda d: d["codelists"]["assets"]["codes"].append({"code": 4, "label": {"en": "Ox", "ko": "소"}}),
    ),
    "code-retired": ("compatible", lambda d: d["codelists"]["assets"]["codes"][0].update(retired=True)),
    "code-revived": ("compatible", lambda d: d["codelists"]["water"]["codes"][2].pop("retired")),
    "code-relabelled": ("text", lambda d: d["codelists"]["assets"]["codes"][0]["label"].update(en="Wireless")),
    "code-flags": ("compatible", lambda d: d["codelists"]["assets"]["codes"][2].pop("exclusive")),
    "codes-reordered": ("compatible", lambda d: d["codelists"]["assets"]["codes"].reverse()),
    "missing-removed": ("breaking", lambda d: d["missing_sets"]["three"].pop(0)),
    "missing-added": ("compatible", lambda d: d["missing_sets"]["three"].append({"code": 777, "kind": "refused"})),
    "missing-kind": ("breaking", lambda d: d["missing_sets"]["three"][0].update(kind="refused")),
    "range-narrower": ("breaking", lambda d: _items(d)["age"]["range"].update(max=105)),
    "range-wider": ("compatible", lambda d: _items(d)["age"]["range"].update(max=120)),
    "warnings": ("compatible", lambda d: _items(d)["age"]["range"].update(warn_above=95)),
    "precision-lower": ("breaking", lambda d: _items(d)["weight"].update(decimals=2)),
    "precision-higher": ("compatible", lambda d: _items(d)["water_other"].update(max_length=300)),
    "pattern": ("breaking", lambda d: _items(d)["serial"].update(pattern="[0-9]{5}")),
    "relevance": ("breaking", lambda d: _items(d)["pregnant"].update(relevant="sex == 2 and age >= 15")),
    "calculation": ("breaking", lambda d: _items(d)["high"].update(calculation="if(sbp >= 130, 1, 0)")),
    "constraint": ("compatible", lambda d: _items(d)["dbp"].update(constraint="this < 140")),
    "required": ("compatible", lambda d: _items(d)["water"].update(required=False)),
    "link": ("compatible", lambda d: _items(d)["county"].pop("cascade")),
    "sensitivity": ("compatible", lambda d: _items(d)["told"].update(sensitivity="medium")),
    "check-removed": ("compatible", lambda d: d["checks"].pop()),
    "check-added": (
        "compatible",
        lambda d: d["checks"].append({"id": "x", "expression": "age < 90", "message": {"en": "x"}, "items": ["age"]}),
    ),
    "check-changed": ("compatible", lambda d: d["checks"][0].update(severity="warning")),
    "unit-key": ("breaking", lambda d: [d["units"][name].update(key="person") for name in ("member", "adult")]),
    "unit-rows": ("compatible", lambda d: d["units"]["member"]["roster"].update(max=20)),
    "unit-selection": ("breaking", lambda d: d["units"]["adult"]["selection"].update(where="age >= 18")),
    "design": ("breaking", lambda d: d["design"].update(nest=False)),
    "text-changed": ("text", lambda d: _items(d)["water"]["label"].update(en="Drinking water")),
    "text-added": ("text", lambda d: _items(d)["water"]["label"].update({"ko-KP": "음료수"})),
    "text-removed": ("text", lambda d: d["title"].pop("ko")),
}
SEVERAL = {"code-added", "code-removed", "missing-removed", "missing-added", "missing-kind", "unit", "unit-key"}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_is_told_with_its_effect_and_nothing_else_is(change):
    effect, apply = CHANGES[change]
    found = _changed(apply)
    assert {one.change for one in found.differences if one.effect != "text" or effect == "text"} >= {change}
    told = [one for one in found.differences if one.change == change]
    assert all(one.effect == effect for one in told)
    assert found.verdict == effect
    if change not in SEVERAL and change not in {"item-removed", "item-moved"}:
        assert len(found.differences) == 1


def test_every_kind_of_change_is_tried_here():
    elsewhere = {"item-renamed", "code-recoded", "unit-added", "unit-removed"}
    assert set(_changes()) == set(CHANGES) | elsewhere


def test_an_instrument_equals_itself():
    found = compare(OLD, OLD)
    assert found.verdict == "same"
    assert found.advice == "none"
    assert "No difference" in found.to_text()
    assert "차이 없음" in found.to_text(language="ko")


def test_blanks_brackets_and_operators_are_no_change():
    document = copy.deepcopy(VILLAGE)
    _items(document)["pregnant"]["relevant"] = "((sex = 2)) AND  (age between 15 and 49)"
    document["sections"][1]["relevant"] = "weight >= 0"
    moved = copy.deepcopy(VILLAGE)
    for item in moved["sections"][1]["items"]:
        item["relevant"] = f"weight >= 0 and {item['relevant']}" if "relevant" in item else "weight >= 0"
    assert compare(load_questionnaire(document), load_questionnaire(moved)).verdict == "same"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("a==1", "(a = 1)", True),
        ("(a == 1 and b == 1) and c == 1", "a == 1 and (b == 1 and c == 1)", True),
        ("not (a == 1 and (b == 1 and c == 1))", "not ((a == 1 and b == 1) and c == 1)", True),
        ("a == 1 or b == 1 and c == 1", "(a == 1 or b == 1) and c == 1", False),
        ("a == 1", "a == 2", False),
        ("", "", True),
        ("", "a == 1", False),
        ("a ==", "a = ", False),
    ],
)
def test_rules_are_the_same_by_meaning(first, second, same):
    assert same_rule(first, second) == same


def test_a_mapping_turns_a_loss_into_a_new_name():
    def rename(document):
        text = json.dumps(document).replace('"age"', '"years"').replace("age ", "years ").replace("-age", "-years")
        document.update(json.loads(text))

    bare = _changed(rename)
    assert {"item-removed", "item-added"} <= {one.change for one in bare.differences}
    assert bare.renames == {"age": "years"}
    assert "Perhaps renamed" in bare.to_text()
    mapped = _changed(rename, mapping={"age": "years"})
    assert [one.change for one in mapped.differences] == ["item-renamed"]
    assert mapped.verdict == "compatible"
    assert mapped.renames == {}


def test_a_mapping_file_says_which_codes_were_numbered_anew(tmp_path):
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps({"type": "mapping", "items": {}, "codes": {"assets": {"1": 11}}}), encoding="utf-8")

    def renumber(document):
        document["codelists"]["assets"]["codes"][0]["code"] = 11

    found = _changed(renumber, mapping=path)
    assert [(one.change, one.before, one.after) for one in found.of("breaking")] == [("code-recoded", "1", "11")]
    assert {one.change for one in _changed(renumber).of("breaking")} == {"code-removed"}


def test_a_mapping_file_is_held_against_its_schema(tmp_path):
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps({"type": "mapping", "item": {}}), encoding="utf-8")
    with pytest.raises(DefinitionError) as raised:
        compare(OLD, OLD, mapping=path)
    assert {one.code for one in raised.value.findings} == {"document-property-unknown", "document-property-missing"}


def test_a_unit_that_comes_or_goes_is_told():
    smaller = copy.deepcopy(VILLAGE)
    del smaller["units"]["adult"], smaller["sections"][2], smaller["checks"], smaller["notices"]["referral"]
    gone = compare(OLD, smaller)
    assert [one.before for one in gone.differences if one.change == "unit-removed"] == ["adult"]
    came = compare(smaller, OLD)
    assert [one.after for one in came.differences if one.change == "unit-added"] == ["adult"]


def test_indicators_that_can_no_longer_be_computed_are_named():
    light = load_questionnaire("first-light")
    document = copy.deepcopy(dict(light.document))
    for section in document["sections"]:
        section["items"] = [item for item in section["items"] if item["id"] != "HE_wc"]
    document["checks"] = [check for check in document["checks"] if "HE_wc" not in check["items"]]
    found = compare(light, document)
    assert found.lost == ("abd_obesity",)
    assert compare(document, light).gained == ("abd_obesity",)
    assert "abd_obesity" in found.to_text()


def test_a_comparison_is_text_json_and_a_frame():
    found = _changed(CHANGES["range-narrower"][1])
    assert "age took 0 to 110, now only 0 to 105" in found.to_text()
    document = json.loads(found.to_json())
    assert document["verdict"] == "breaking"
    assert document["advice"] == "major"
    assert document["differences"][0]["item"] == "age"
    frame = found.to_frame(language="ko")
    assert list(frame["effect"]) == ["breaking"]
    assert "좁아졌습니다" in frame["sentence"][0]
    assert list(compare(OLD, OLD).to_frame().columns) == list(frame.columns)


def test_every_sentence_is_filled_in_in_both_languages():
    for change, (_, apply) in CHANGES.items():
        if change == "pattern":
            continue  # patterns have braces of their own
        for one in _changed(apply).differences:
            assert "{" not in one.text("en")
            assert "{" not in one.text("ko")
            assert one.text("ko") != one.text("en")
