"""What is wrong with a document is said in words, at the place, with what may stand there."""

import pytest

from surveykit.documents import validation_findings


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "string"}, 1, "expected a text; found 1"),
        ({"type": ["integer", "null"]}, "x", 'expected a whole number or null; found "x"'),
        ({"enum": ["a", "b"]}, "c", 'expected one of a, b; found "c"'),
        ({"const": "module"}, "c", 'expected module; found "c"'),
        ({"pattern": "^[0-9]+$"}, "c", 'expected a text of the form ^[0-9]+$; found "c"'),
        ({"format": "date"}, "2026-02-30", 'expected a date of the calendar; found "2026-02-30"'),
        ({"format": "ipv4"}, "x", 'expected a ipv4; found "x"'),
        ({"uniqueItems": True}, [1, 1], "an entry stands here twice; found [1, 1]"),
        ({"minItems": 1}, [], "expected at least 1 in the list; found []"),
        ({"minProperties": 1}, {}, "expected at least 1 in the object; found {}"),
        ({"minLength": 1}, "", 'expected a text that is not empty; found ""'),
        ({"maxLength": 1}, "ab", 'expected at most 1 characters; found "ab"'),
        ({"minimum": 1}, 0, "expected 1 or more; found 0"),
        ({"maximum": 1}, 2, "expected 1 or less; found 2"),
        ({"exclusiveMinimum": 0}, 0, "expected more than 0; found 0"),
        ({"exclusiveMaximum": 0}, 0, "expected less than 0; found 0"),
    ],
    ids=str,
)
def test_a_violation_says_what_was_expected_and_what_was_found(schema, value, said):
    (one,) = validation_findings({"a": value}, {"properties": {"a": schema}})
    assert one.code == "document-schema"
    assert one.where.pointer == "/a"
    assert one.message == said


def test_the_description_of_a_schema_is_part_of_the_remedy():
    schema = {"properties": {"a": {"description": "A language tag such as en.", "type": "string"}}}
    (one,) = validation_findings({"a": 1}, schema)
    assert one.hint.startswith("A language tag such as en. docs/definition.md")


def test_unknown_and_missing_properties_are_named_one_by_one():
    schema = {"properties": {"label": {}, "hint": {}}, "required": ["label", "hint"], "additionalProperties": False}
    found = validation_findings({"lable": 1, "zzz": 2}, schema)
    assert [(one.code, one.where.pointer, one.values["key"]) for one in found] == [
        ("document-property-missing", "", "label"),
        ("document-property-missing", "", "hint"),
        ("document-property-unknown", "/lable", "lable"),
        ("document-property-unknown", "/zzz", "zzz"),
    ]
    assert found[2].values["near"] == "label"
    assert found[3].values["near"] == "hint, label"


def test_a_long_value_is_shown_by_its_beginning():
    (one,) = validation_findings("x" * 500, {"type": "object"})
    assert len(one.values["found"]) == 80


def test_findings_stand_in_the_order_of_the_document():
    schema = {"items": {"type": "string"}}
    found = validation_findings(list(range(12)), schema)
    assert [one.where.pointer for one in found] == [f"/{number}" for number in range(12)]
