import json

import pytest

from surveykit.documents import (
    MAX_BYTES,
    canonical_hash,
    find_document,
    load_json,
    pointer,
    read_document,
    schema,
    shipped,
    validation_findings,
)
from surveykit.errors import DefinitionError


def _refused(path) -> tuple[str, object]:
    with pytest.raises(DefinitionError) as raised:
        load_json(path)
    (one,) = raised.value.findings
    return one.code, one.where


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"a": "\xff"}', "document-not-utf8"),
        (b'{"a": 1,}', "document-not-json"),
        (b'{"a": 1, "a": 2}', "document-not-json"),
        (b'{"a": NaN}', "document-not-json"),
        (b"[" * 70 + b"]" * 70, "document-too-deep"),
        (b"", "document-not-json"),
    ],
)
def test_json_that_is_not_strictly_json_is_refused(tmp_path, raw, code):
    path = tmp_path / "a.json"
    path.write_bytes(raw)
    found, where = _refused(path)
    assert found == code
    assert where.file == str(path)


def test_a_slip_in_json_is_told_with_line_and_column(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{\n "a": 1\n "b": 2\n}', encoding="utf-8")
    code, where = _refused(path)
    assert code == "document-not-json"
    assert (where.line, where.column) == (3, 2)


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf" + b'{"a": 1}')
    assert load_json(path) == {"a": 1}


def test_a_file_that_is_too_large_is_refused_before_it_is_parsed(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b" " * (MAX_BYTES + 1))
    assert _refused(path)[0] == "document-too-large"


def test_a_folder_is_no_document(tmp_path):
    assert _refused(tmp_path)[0] == "document-unreadable"


def test_an_unknown_document_is_told_with_the_known_ones(tmp_path):
    (tmp_path / "alpha.json").write_text("{}", encoding="utf-8")
    assert find_document("alpha", tmp_path) == tmp_path / "alpha.json"
    with pytest.raises(DefinitionError) as raised:
        find_document("alhpa", tmp_path)
    (one,) = raised.value.findings
    assert one.code == "document-not-found"
    assert "alpha" in one.hint


def test_shipped_folders_hold_schemas_and_questionnaires():
    assert (shipped("schemas") / "questionnaire.schema.json").is_file()
    assert (shipped("questionnaires") / "first-light.json").is_file()
    assert schema("module")["title"]


def test_a_document_is_read_only_if_it_holds_against_its_schema(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"type": "module", "id": "a"}', encoding="utf-8")
    with pytest.raises(DefinitionError) as raised:
        read_document(path, "module")
    assert {one.code for one in raised.value.findings} == {"document-property-missing"}
    whole = json.loads((shipped("questionnaires") / "first-light.json").read_text(encoding="utf-8"))
    path.write_text(json.dumps(whole), encoding="utf-8")
    assert read_document(path, "questionnaire") == whole


def test_a_schema_given_as_a_value_may_not_refer_outside():
    found = validation_findings({"a": 1}, {"type": "object", "properties": {"a": {"type": "string"}}})
    assert [(one.code, one.where.pointer) for one in found] == [("document-schema", "/a")]


def test_pointers_escape_slashes_and_tildes():
    assert pointer(("a/b", "c~d", 0)) == "/a~1b/c~0d/0"


def test_the_canonical_hash_does_not_see_the_order_of_keys_or_blanks():
    assert canonical_hash({"b": 1, "a": [1, 2]}) == canonical_hash(json.loads('{"a":[1,2],  "b":1}'))
    assert canonical_hash({"a": [1, 2]}) != canonical_hash({"a": [2, 1]})
