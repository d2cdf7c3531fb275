"""Includes: one flat instrument out of a definition and its modules."""

import json
from pathlib import Path

import pytest

from surveykit.errors import DefinitionError
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.modules import joined, renamed

BASES = Path(__file__).parents[1] / "definitions" / "bases"
VILLAGE = json.loads((BASES / "village.json").read_text(encoding="utf-8"))


@pytest.fixture
def village(tmp_path):
    (tmp_path / "modules").mkdir()
    module = (BASES / "modules" / "tobacco.json").read_text(encoding="utf-8")
    (tmp_path / "modules" / "tobacco.json").write_text(module, encoding="utf-8")

    def load(*includes: dict, sections=(), refs=(), **changes: object):
        document = json.loads(json.dumps(VILLAGE))
        document["includes"] = list(includes)
        document["sections"] += list(sections)
        document["sections"][2]["items"] += [{"ref": name} for name in refs]
        path = tmp_path / "village.json"
        path.write_text(json.dumps(document | changes), encoding="utf-8")
        return load_questionnaire(path)

    return load


def test_an_include_without_a_place_follows_at_the_end(village):
    instrument = village({"module": "tobacco", "unit": {"person": "adult"}})
    assert [section.id for section in instrument.sections] == ["A", "B", "C", "T", "U"]
    assert instrument.item("smokes").unit == "adult"
    assert instrument.item("smokes").module == "tobacco"
    assert instrument.modules == {"tobacco": "1.2.0"}


def test_a_placed_include_stands_where_it_is_placed(village):
    place = {"include": "tobacco"}
    instrument = village({"module": "tobacco", "unit": {"person": "adult"}, "sections": ["T"]}, sections=[place])
    assert [section.id for section in instrument.sections] == ["A", "B", "C", "T"]


def test_a_reference_brings_one_item_with_the_relevance_of_its_section(village):
    instrument = village({"module": "tobacco", "unit": {"person": "adult"}}, refs=["smokes"])
    smokes = instrument.item("smokes")
    assert (smokes.section, smokes.unit, smokes.relevant) == ("C", "adult", "age >= 15")
    assert [section.id for section in instrument.sections] == ["A", "B", "C"]
    with pytest.raises(KeyError):
        instrument.item("per_day")


def test_an_override_of_the_relevance_replaces_that_of_the_section_too(village):
    override = {"items": {"smokes": {"relevant": "age >= 19", "label": {"en": "Smoking?", "ko": "흡연?"}}}}
    instrument = village({"module": "tobacco", "unit": {"person": "adult"}, "override": override}, refs=["smokes"])
    assert instrument.item("smokes").relevant == "age >= 19"
    assert instrument.item("smokes").label["en"] == "Smoking?"
    place = instrument.origins["/sections/2/items/4/relevant"]
    assert (Path(place.file).name, place.pointer) == ("village.json", "/includes/0/override/items/smokes/relevant")


def test_an_empty_override_asks_everybody(village):
    override = {"items": {"tried": {"relevant": ""}}}
    include = {"module": "tobacco", "unit": {"person": "adult"}, "sections": ["T", "U"], "override": override}
    assert village(include).item("tried").relevant == ""


def test_an_override_replaces_a_whole_code_list(village):
    codes = [
        {"code": 1, "label": {"en": "Papirosa", "ko": "궐련"}},
        {"code": 3, "label": {"en": "Other"}, "other": True},
    ]
    override = {"codelists": {"product": {"version": "2.0.0", "codes": codes}}}
    instrument = village({"module": "tobacco", "unit": {"person": "adult"}, "override": override})
    assert instrument.item("product").codelist.codes == (1, 3)
    assert instrument.item("product").codelist.version == "2.0.0"


def test_an_override_that_drops_a_code_which_a_rule_asks_for_is_refused(village):
    override = {"codelists": {"product": {"codes": [{"code": 1, "label": {"en": "Papirosa", "ko": "궐련"}}]}}}
    with pytest.raises(DefinitionError) as raised:
        village({"module": "tobacco", "unit": {"person": "adult"}, "override": override})
    found = {(one.code, Path(one.where.file).name) for one in raised.value.findings}
    assert ("expression-unknown-code", "tobacco.json") in found


def test_a_prefix_renames_items_columns_sections_checks_and_every_rule(village):
    instrument = village(
        {"module": "tobacco", "unit": {"person": "adult"}},
        {"module": "tobacco", "unit": {"person": "adult"}, "prefix": "then_"},
    )
    assert instrument.item("then_product").relevant == "(age >= 15) and (then_smokes == 1)"
    assert instrument.item("then_product").var == "then_product"
    assert instrument.item("then_product_other").other_of == "then_product"
    assert [check.expression for check in instrument.checks if check.id == "then_heavy"] == [
        "then_per_day <= 60 or age >= 18"
    ]


def test_a_check_of_a_module_comes_along_only_with_all_its_items(village):
    with_item = village({"module": "tobacco", "unit": {"person": "adult"}, "items": ["smokes", "per_day"]})
    without = village({"module": "tobacco", "unit": {"person": "adult"}, "items": ["smokes"]})
    assert "heavy" in {check.id for check in with_item.checks}
    assert "heavy" not in {check.id for check in without.checks}


def test_lists_come_along_only_where_an_item_uses_them(village):
    instrument = village({"module": "tobacco", "unit": {"person": "adult"}, "items": ["smokes"]})
    assert "yes_no" in instrument.codelists
    assert "product" not in instrument.codelists
    assert "two" not in instrument.missing_sets


def test_the_same_list_from_two_modules_is_one_list(village):
    same = {
        "yes_no": json.loads((BASES / "modules" / "tobacco.json").read_text(encoding="utf-8"))["codelists"]["yes_no"]
    }
    instrument = village({"module": "tobacco", "unit": {"person": "adult"}}, codelists={**VILLAGE["codelists"], **same})
    assert instrument.item("smokes").codelist.codes == (1, 2)


def test_the_compiled_instrument_needs_no_modules_and_keeps_its_hashes(village):
    instrument = village({"module": "tobacco", "unit": {"person": "adult"}})
    assert "includes" not in instrument.document
    again = load_questionnaire(instrument.document)
    assert again.structure_hash == instrument.structure_hash
    assert again.text_hash == instrument.text_hash


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age >= 19 and BS1 in (1, 2)", "p_age >= 19 and p_BS1 in (1, 2)"),
        ("age(birth) >= 19 and age > 3", "age(p_birth) >= 19 and p_age > 3"),
        ("name == 'age' or `age` = 3", "name == 'age' or `p_age` = 3"),
        ("count(member where age >= 19) > 0\nand age is dk", "count(person where p_age >= 19) > 0\nand p_age is dk"),
        ("sum(member.age) > 3 and parent.age < 9", "sum(person.p_age) > 3 and parent.p_age < 9"),
        ("ages > 3 and Age > 2", "ages > 3 and Age > 2"),
        ("this is broken and age", "this is broken and age"),
    ],
)
def test_renaming_touches_names_only(text, expected):
    names = {"age": "p_age", "BS1": "p_BS1", "birth": "p_birth", "member": "person"}
    assert renamed(text, names) == expected


def test_joined_conditions_keep_their_own_brackets():
    assert joined("", "a == 1 or b == 1", "c == 1") == "(a == 1 or b == 1) and (c == 1)"
    assert joined("", "a == 1") == "a == 1"
    assert joined("", "") == ""
