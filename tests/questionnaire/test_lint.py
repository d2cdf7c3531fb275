"""Lint: what it looks at, how it reports, and that it never cries wolf."""

import copy
import json
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.errors import DefinitionError
from surveykit.expressions import meaning
from surveykit.expressions.reference import value_of
from surveykit.findings import Findings, Place, finding
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.lint import definition_files, lint
from surveykit.questionnaire.lint_fieldwork import planned_minutes
from surveykit.questionnaire.lint_report import findings_json, findings_sarif, findings_text
from surveykit.questionnaire.positions import positions
from surveykit.questionnaire.reachability import Reachability
from surveykit.questionnaire.scope import scope_of

BASES = Path(__file__).parents[1] / "definitions" / "bases"
VILLAGE = json.loads((BASES / "village.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["first-light", "knhanes", "dprk-summary", "facility"])
def test_shipped_instruments_have_no_errors(name):
    assert not lint(name).errors


def test_a_compiled_instrument_a_path_and_a_value_give_the_same_findings():
    document = copy.deepcopy(VILLAGE)
    document["minutes"] = 1
    by_value = lint(document)
    assert [one.code for one in by_value] == ["lint-over-budget"]
    assert lint(load_questionnaire(document)) == by_value


def test_a_document_that_is_no_object_is_told(tmp_path):
    path = tmp_path / "list.json"
    path.write_text("[1, 2]", encoding="utf-8")
    assert [one.code for one in lint(path)] == ["definition-not-an-object"]
    with pytest.raises(DefinitionError) as raised:
        load_questionnaire(path)
    assert raised.value.findings[0].code == "definition-not-an-object"


def test_a_module_cannot_be_loaded_as_an_instrument():
    with pytest.raises(DefinitionError) as raised:
        load_questionnaire(BASES / "modules" / "tobacco.json")
    assert raised.value.findings[0].code == "definition-type"


def test_a_file_that_is_not_there_is_a_finding_not_an_exception():
    assert [one.code for one in lint("no-such-instrument")] == ["document-not-found"]


def test_a_row_wider_than_a_worksheet_is_told():
    document = copy.deepcopy(VILLAGE)
    codes = [{"code": n, "label": {"en": f"Thing {n}", "ko": f"물건 {n}"}} for n in range(10, 4120)]
    document["codelists"]["assets"]["codes"] = codes
    items = document["sections"][2]["items"]
    label = {"en": "Things", "ko": "물건"}
    items += [{"id": f"x{n}", "type": "select_multiple", "codelist": "assets", "label": label} for n in range(4)]
    assert lint(document).codes["lint-sheet-too-wide"] == 1


def test_a_folder_gives_its_definitions_and_leaves_plain_data_out(tmp_path):
    (tmp_path / "village.json").write_text(json.dumps(VILLAGE), encoding="utf-8")
    (tmp_path / "data.json").write_text('{"rows": [1, 2]}', encoding="utf-8")
    (tmp_path / "list.json").write_text("[1, 2]", encoding="utf-8")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "mapping.json").write_text('{"type": "mapping", "items": {}}', encoding="utf-8")
    (tmp_path / "deeper" / "broken.json").write_text('{"type": ', encoding="utf-8")
    names = [path.name for path in definition_files(tmp_path)]
    assert names == ["broken.json", "mapping.json", "village.json"]


@pytest.mark.parametrize("folder", ["questionnaires", "examples/adaptation"])
def test_shipped_folders_have_no_errors(folder):
    for path in definition_files(Path(__file__).parents[2] / folder):
        assert not lint(path).errors, path


def test_other_documents_are_held_against_their_schema():
    assert not lint({"type": "mapping", "items": {"a": "b"}})
    assert [one.code for one in lint({"type": "mapping", "items": {"a": 1}})] == ["document-schema"]


def test_planned_minutes_count_the_rows_that_are_expected():
    instrument = load_questionnaire(VILLAGE)
    household = 5 + 5 + 5 + 10 + 10 + 10
    assert planned_minutes(instrument) == pytest.approx((household + 4 * 15 + 80) / 60)


# --- reports -------------------------------------------------------------------------------------------------------


def test_the_text_report_says_place_finding_and_remedy_and_counts():
    text = findings_text(lint(BASES / "village.json"))
    assert text == "0 errors, 0 warnings, 0 notes\n"
    wrong = copy.deepcopy(VILLAGE)
    wrong["design"]["weights"] = "wieght"
    text = findings_text(lint(wrong))
    assert "/design/weights: error definition-design-column-unknown" in text
    assert "weight" in text
    assert "-> " in text
    assert text.endswith("1 error, 0 warnings, 0 notes\n")
    assert "표본설계" in findings_text(lint(wrong), language="ko")


def test_the_text_report_leads_to_the_line_of_the_file_and_the_column_of_the_rule(tmp_path):
    wrong = copy.deepcopy(VILLAGE)
    wrong["sections"][1]["items"][2]["relevant"] = "sex == 3"
    path = tmp_path / "village.json"
    path.write_text(json.dumps(wrong, indent=1, ensure_ascii=False), encoding="utf-8")
    place = findings_text(lint(path)).splitlines()[0].split(" ")[0]
    file, line, column = place.rsplit(":", maxsplit=2)
    assert file == str(path)
    assert path.read_text(encoding="utf-8").splitlines()[int(line) - 1][int(column) - 1 :].startswith('"relevant"')
    assert "/sections/1/items/2/relevant pregnant (1:8): error" in findings_text(lint(path))


def test_the_json_report_is_a_list_of_objects():
    wrong = copy.deepcopy(VILLAGE)
    wrong["minutes"] = 1
    (one,) = json.loads(findings_json(lint(wrong)))
    assert one["code"] == "lint-over-budget"
    assert one["where"] == {"pointer": "/minutes"}


def test_the_sarif_report_points_at_the_line_of_the_file(tmp_path):
    wrong = copy.deepcopy(VILLAGE)
    wrong["sections"][1]["items"][2]["relevant"] = "sex == 3"
    path = tmp_path / "village.json"
    path.write_text(json.dumps(wrong, indent=1, ensure_ascii=False), encoding="utf-8")
    report = json.loads(findings_sarif(lint(path), version="0.1.0"))
    assert report["version"] == "2.1.0"
    run = report["runs"][0]
    assert run["tool"]["driver"]["version"] == "0.1.0"
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "expression-unknown-code"
    place = result["locations"][0]
    line = place["physicalLocation"]["region"]["startLine"]
    assert '"relevant": "sex == 3"' in path.read_text(encoding="utf-8").splitlines()[line - 1]
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "/sections/1/items/2/relevant"


def test_a_finding_without_a_file_has_no_location_in_sarif():
    report = json.loads(findings_sarif(Findings.of([finding("document-not-found", name="a", known="b")])))
    assert "locations" not in report["runs"][0]["results"][0]


def test_a_slip_in_json_stands_at_its_line_in_sarif():
    found = finding("document-not-json", Place(file="a.json", line=3, column=2), reason="x")
    report = json.loads(findings_sarif(Findings.of([found])))
    region = report["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 3, "startColumn": 2}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('a"\\/~\n가', max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('a"/~ 가', max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, st.sampled_from([None, 1]))
@settings(max_examples=150, derandomize=True, deadline=None)
def test_every_value_of_a_json_text_has_its_position(value, indent):
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    lines = text.split("\n")
    found = positions(text)

    def walk(part, path):
        line, column = found[path]
        rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        decoded, end = json.JSONDecoder().raw_decode(rest)
        if rest[end:].startswith(":") and path:
            decoded = json.JSONDecoder().raw_decode(rest[end + 1 :].lstrip())[0]
        assert decoded == part
        inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        for key, one in inside:
            walk(one, f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}")

    walk(value, "")


# --- reachability --------------------------------------------------------------------------------------------------

SMALL = {
    "type": "questionnaire",
    "id": "small",
    "version": "1.0.0",
    "title": {"en": "Small"},
    "languages": ["en"],
    "units": {"person": {"label": {"en": "Person"}, "key": "key"}},
    "missing_sets": {"one": [{"code": 9, "kind": "dk"}]},
    "codelists": {"abc": {"codes": [{"code": code, "label": {"en": str(code)}} for code in (1, 2, 3)]}},
    "sections": [
        {
            "id": "A",
            "title": {"en": "A"},
            "unit": "person",
            "items": [
                {"id": "key", "type": "id", "label": {"en": "Key"}},
                {"id": "a", "type": "select_one", "codelist": "abc", "missing": "one", "label": {"en": "a"}},
                {"id": "b", "type": "select_one", "codelist": "abc", "label": {"en": "b"}},
                {"id": "n", "type": "integer", "range": {"min": 0, "max": 6}, "missing": "one", "label": {"en": "n"}},
                {"id": "m", "type": "integer", "range": {"min": 2, "max": 5}, "label": {"en": "m"}},
            ],
        }
    ],
}
INSTRUMENT = load_questionnaire(SMALL)
SCOPE = scope_of(INSTRUMENT, "person")
ANSWERS = {"a": (1, 2, 3, 9, None), "b": (1, 2, 3, None), "n": (*range(7), 9, None), "m": (*range(2, 6), None)}
ATOMS = st.one_of(
    st.builds("{} {} {}".format, st.sampled_from("ab"), st.sampled_from(["==", "!="]), st.integers(1, 3)),
    st.builds("{} in ({}, {})".format, st.sampled_from("ab"), st.integers(1, 3), st.integers(1, 3)),
    st.builds("{} {} {}".format, st.sampled_from("nm"), st.sampled_from(["<", ">=", "==", "!="]), st.integers(-1, 8)),
    st.builds("{} between {} and {}".format, st.sampled_from("nm"), st.integers(-1, 8), st.integers(-1, 8)),
    st.builds("{} is {}".format, st.sampled_from("abnm"), st.sampled_from(["missing", "answered", "dk"])),
    st.sampled_from(["n < m", "a == b", "n >= m", "n + 1 == m", "coalesce(a, 2) == 2"]),
)
RULES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=4,
)


def _compiled(text):
    return meaning.compile(text, SCOPE, gives="boolean")


def _truths(*rules: object):
    names = sorted(frozenset().union(*(rule.names for rule in rules)))
    rows = (dict(zip(names, row, strict=True)) for row in product(*(ANSWERS[name] for name in names)))
    return [[value_of(rule, row) for rule in rules] for row in rows]


@given(RULES, RULES)
@settings(max_examples=120, derandomize=True, deadline=None)
def test_what_is_called_impossible_is_true_for_no_answers(first, second):
    rules = [_compiled(first), _compiled(second)]
    search = Reachability(items={item.id: item for item in INSTRUMENT.items}, relevances={}, rules=rules)
    if search.never(rules) is not None:
        assert not any(row == [True, True] for row in _truths(*rules))


@given(RULES)
@settings(max_examples=120, derandomize=True, deadline=None)
def test_what_is_called_idle_is_false_for_no_answers(text):
    rule = _compiled(text)
    search = Reachability(items={item.id: item for item in INSTRUMENT.items}, relevances={}, rules=[rule])
    if search.never_false(rule):
        assert not any(row == [False] for row in _truths(rule))


@given(ATOMS, ATOMS)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_contradictions_about_one_item_are_all_found(first, second):
    rules = [_compiled(first), _compiled(second)]
    names = rules[0].names | rules[1].names
    if len(names) > 1 or "+" in first + second or "coalesce" in first + second:
        return
    search = Reachability(items={item.id: item for item in INSTRUMENT.items}, relevances={}, rules=rules)
    impossible = not any(row == [True, True] for row in _truths(*rules))
    assert (search.never(rules) is not None) == impossible


def test_a_verdict_names_the_item_and_all_conditions_on_the_way():
    rules = {"b": (_compiled("a == 1"),)}
    wanted = _compiled("b == 2 and a == 3")
    search = Reachability(
        items={item.id: item for item in INSTRUMENT.items}, relevances=rules, rules=[wanted, *rules["b"]]
    )
    verdict = search.never([wanted])
    assert verdict.item == "a"
    assert verdict.why == "(b == 2 and a == 3) and (a == 1)"
