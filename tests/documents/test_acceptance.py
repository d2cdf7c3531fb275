"""The quick answer and jsonschema never disagree: on whole definitions with a random change, on keywords one by one."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit import documents
from surveykit.documents import shipped
from surveykit.documents.acceptance import acceptor
from surveykit.documents.judging import violations

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 4000),
    st.floats(-2, 2),
    st.sampled_from(["", " ", "a", "1a", "en", "select_one", "integer", "2026-02-30", "2026-03-02", "1.0.0", "ko-KP"]),
    st.just([]),
    st.just({}),
    st.just({"en": "x"}),
    st.just([1, 1]),
    st.just(["a", "a"]),
)
WHOLE = json.loads((shipped("questionnaires") / "first-light.json").read_text(encoding="utf-8"))


def _short() -> dict:
    """Return a definition with one item of each of several types, so that changes hit all branches."""
    short = {key: value for key, value in WHOLE.items() if key not in {"sections", "checks"}}
    wanted = {"ID", "wt_itvex", "K_DATE", "sex", "age", "HE_wt", "HE_BMI", "obese"}
    items = [item for section in WHOLE["sections"] for item in section["items"] if item["id"] in wanted]
    return short | {"sections": [{**WHOLE["sections"][0], "items": items}], "checks": WHOLE["checks"][:1]}


def _places(value: object, path: tuple = ()) -> list[tuple]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inside for place in _places(one, (*path, key)))]


SHORT = _short()
PLACES = [place for place in _places(SHORT) if place]


def _agree(document: object, name: str) -> bool:
    accepted = documents._acceptor(name)(document)
    assert accepted == (not violations(document, f"{name}.schema.json", documents._schemas(), file=""))
    return accepted


@given(st.sampled_from(PLACES), st.sampled_from(["remove", "replace", "add"]), VALUES)
@settings(max_examples=120, derandomize=True, deadline=None)
def test_a_changed_definition_is_accepted_exactly_when_jsonschema_finds_nothing(place, change, value):
    document = copy.deepcopy(SHORT)
    target = document
    for part in place[:-1]:
        target = target[part]
    if change == "remove":
        del target[place[-1]]
    elif change == "replace" or isinstance(target, list):
        target[place[-1]] = value
    else:
        target["extra"] = value
    _agree(document, "questionnaire")


def test_shipped_definitions_are_accepted_by_both():
    for path in sorted(shipped("questionnaires").glob("modules/*.json"))[::6]:
        assert _agree(json.loads(path.read_text(encoding="utf-8")), "module"), path.name
    assert _agree(WHOLE, "questionnaire")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["integer", "null"]},
        {"type": "integer"},
        {"const": 1},
        {"enum": [0, "a", None, True]},
        {"minimum": 0, "exclusiveMaximum": 4},
        {"maximum": 2, "exclusiveMinimum": -1},
        {"minItems": 1, "maxItems": 1},
        {"uniqueItems": True},
        {"minLength": 1, "maxLength": 2, "pattern": "^[a-z]"},
        {"format": "date"},
        {"anyOf": [{"type": "string"}, {"minimum": 3}]},
        {"if": {"type": "string"}, "then": {"minLength": 2}, "else": False},
        {"minProperties": 1, "propertyNames": {"pattern": "^e"}, "additionalProperties": {"type": "string"}},
        {"required": ["en"], "properties": {"en": {"const": "x"}}, "additionalProperties": False},
        {"dependentRequired": {"en": ["ko"]}},
        {"items": {"type": "integer"}},
        {"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"type": "boolean"}}},
        True,
    ],
    ids=str,
)
@given(VALUES)
@settings(max_examples=60, derandomize=True, deadline=None)
def test_each_keyword_means_what_jsonschema_says(schema, value):
    wrapped = schema if isinstance(schema, dict) else {"allOf": [schema]}
    accepts = acceptor("a", {"a": wrapped})
    assert accepts is not None
    assert accepts(value) == (not documents.validation_findings(value, wrapped))


def test_a_schema_with_an_unknown_keyword_is_left_to_jsonschema():
    assert acceptor("a", {"a": {"contains": {"type": "string"}}}) is None
    assert acceptor("a", {"a": {"format": "email"}}) is None


def test_a_schema_may_refer_to_itself():
    tree = {"type": "object", "properties": {"child": {"$ref": "#"}}, "required": ["name"]}
    accepts = acceptor("a", {"a": tree})
    assert accepts({"name": "x", "child": {"name": "y"}})
    assert not accepts({"name": "x", "child": {}})
