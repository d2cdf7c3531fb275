"""The full form against the inventory of the Korean survey: nothing lost, no code changed."""

from __future__ import annotations

import re

from surveykit.documents import shipped

# computed from all records together or from tables that the items lack; surveykit.derive makes them
BY_DERIVE = re.compile(
    r"(ho_)?incm5?|K_(WEALTH|HAZ|WHZ|WAZ)|"
    r"N_(INTK|EN|WATER|PROT|FAT|SFA|MUFA|PUFA|N3|N6|CHOL|CHO|TDF|SUGAR|CA|PHOS|FE|NA|K|VA_RAE|CAROT|RETIN|B1|B2|NIAC|FOLATE|VITC)"
)
# need the Korean growth charts of 2017, which are not here
NOT_MADE = {"HE_wt_pct", "HE_BMI_pct"}
# 9.998 cannot be written as a code; 9 lies outside 0.5 to 6 kg as well
RECODED = {"K_BW": {9: "dk"}}
ADDED_CODES = {"K_ASSET": {0}, "M_2_rs": {9, 10}, "BM14_1": {9, 10}}


def test_every_item_that_is_not_derived_is_asked_in_the_full_form(knhanes, inventory):
    asked = {item.id for item in knhanes if item.answered_by_hand}
    assert set(inventory.index[inventory.type != "calculated"]) - asked == set()


def test_every_derived_item_is_computed_by_the_form_or_by_derive(knhanes, inventory):
    computed = {item.id for item in knhanes if item.type == "calculated"}
    rest = set(inventory.index[inventory.type == "calculated"]) - computed - NOT_MADE
    assert {name for name in rest if not BY_DERIVE.fullmatch(name)} == set()


def test_nothing_is_asked_that_the_inventory_does_not_have(knhanes, inventory):
    assert {item.id for item in knhanes} - set(inventory.index) == {"N_LINE"}


def test_the_variable_of_an_item_is_its_name_in_the_inventory(knhanes):
    assert [item.id for item in knhanes if item.var != item.id] == []


def test_code_lists_hold_the_codes_of_the_inventory(knhanes, inventory):
    wrong = {}
    for item in knhanes:
        if item.id not in inventory.index or not inventory.loc[item.id, "codes"]:
            continue
        wanted = {int(code) for code in inventory.loc[item.id, "codes"].split()}
        if item.id == "K_RESULT":
            wanted |= {4}  # "refused" is a result here, not a missing answer
        found = set(item.codelist.codes) - ADDED_CODES.get(item.id, set())
        if found != wanted:
            wrong[item.id] = (found, wanted)
    assert wrong == {}


def test_missing_codes_hold_the_kinds_of_the_inventory(knhanes, inventory):
    wrong = {}
    for item in knhanes:
        if item.id not in inventory.index or item.type == "calculated" or item.id == "K_RESULT":
            continue
        pairs = [pair.split(":") for pair in inventory.loc[item.id, "missing"].split()]
        wanted = RECODED.get(item.id) or {int(code): kind for code, kind in pairs}
        found = dict(item.missing_codes)
        if not wanted.items() <= found.items() or (not item.id.startswith("K_") and found != wanted):
            wrong[item.id] = (found, wanted)
    assert wrong == {}


def test_ranges_are_those_of_the_inventory_and_hold_no_missing_code(knhanes, inventory):
    wrong = {}
    for item in knhanes:
        if item.range is None or item.type == "date" or item.id not in inventory.index:
            continue
        row = inventory.loc[item.id]
        found = (item.range.min, item.range.max)
        wanted = tuple(float(one) if one else None for one in (row["min"], row["max"]))
        swallowed = [code for code in item.missing_codes if (found[0] or 0) <= code <= (found[1] or 0)]
        if found != wanted or swallowed:
            wrong[item.id] = (found, wanted, swallowed)
    assert wrong == {}


def test_types_are_those_of_the_inventory(knhanes, inventory):
    changed = {
        item.id: item.type
        for item in knhanes
        if item.id in inventory.index and item.type != inventory.loc[item.id, "type"]
    }
    assert changed == {"K_COUNTY": "select_one"}  # text became a list of 179 places under their provinces


def test_modules_are_small_and_say_where_they_come_from(modules):
    for name, module in modules.items():
        assert module["id"] == name
        assert module["version"]
        assert module["licence"]
        assert module["source"]
        items = [item for section in module["sections"] for item in section["items"]]
        assert all(item["source"] and item["concept"] for item in items)


def test_no_module_file_is_larger_than_400_kilobytes():
    folder = shipped("questionnaires") / "modules"
    assert [path.name for path in folder.glob("*.json") if path.stat().st_size > 400_000] == []


def test_every_question_ends_with_a_question_mark_or_names_what_is_measured(modules):
    question = re.compile(
        r"^(Are|At|Besides|Can|Compared|Did|Do|Does|For|Has|Have|How|Is|Was|Were|What|When|Where|Which|Who|Will)\b"
    )
    wrong = [
        item["label"]["en"]
        for module in modules.values()
        for section in module["sections"]
        for item in section["items"]
        if question.match(item["label"]["en"]) and "?" not in item["label"]["en"]
    ]
    assert wrong == []
