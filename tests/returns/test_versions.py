"""Answers to former versions are joined where the change allows it, and refused with the reason where not."""

from __future__ import annotations

import copy
import json

import pytest
from corpus import bricks, village

from surveykit.errors import ReturnsError
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.returns.intake import read_returned
from surveykit.returns.receiving import receive, stored_responses
from surveykit.returns.store import open_store
from surveykit.returns.versions import Former


def former(change) -> Former:
    definition = copy.deepcopy(village.DEFINITION)
    definition["version"] = "0.9.0"
    change(definition)
    return Former(questionnaire=load_questionnaire(definition))


def with_fewer_codes(definition) -> None:
    definition["codelists"]["things"]["codes"].pop()


def with_other_names(definition) -> None:
    household = definition["sections"][0]["items"]
    household[5]["id"] = "acres"
    household[4]["id"] = "goods"
    codes = definition["codelists"]["things"]["codes"]
    codes[0]["code"], codes[1]["code"] = 21, 22
    definition["codelists"]["county"]["codes"][0]["code"] = 12
    del household[6]


MAPPING = {
    "type": "mapping",
    "items": {"acres": "land", "goods": "things"},
    "codes": {"goods": {"21": 1, "22": 2}, "county": {"12": 11}},
}
OLD_ANSWERS = {
    **{name: value for name, value in village.GOOD.items() if "things" not in name and "land" not in name},
    "A_goods.o21": "V",
    "A_goods.o22": "V",
    "A_acres": 7,
    "A_county": "12 Hill",
}


def write_old(path, old: Former, answers):
    path.write_bytes(bricks.pack(village.booklet(old.questionnaire, answers)))
    return path


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


def test_a_compatible_former_version_is_joined(tmp_path, write, questionnaire):
    old = former(with_fewer_codes)
    path = write_old(tmp_path / "old.xlsx", old, village.GOOD)
    assert codes(read_returned(path, questionnaire)[1]) == ["returns-other-version"]
    responses, findings = read_returned([path, write()], questionnaire, former=[old])
    assert codes(findings) == []
    assert responses["household"]["things"].tolist() == ["1 2", "1 2"]
    assert responses["household"]["things_1"].tolist() == [1, 1]


def test_a_breaking_former_version_needs_a_mapping(tmp_path, questionnaire):
    old = former(with_other_names)
    path = write_old(tmp_path / "old.xlsx", old, OLD_ANSWERS)
    _, findings = read_returned(path, questionnaire, former=[old])
    assert codes(findings) == ["returns-version-breaks"]
    assert "acres" in findings[0].message


def test_a_mapping_renames_items_and_recodes_answers(tmp_path, questionnaire):
    old = former(with_other_names)
    path = write_old(tmp_path / "old.xlsx", old, OLD_ANSWERS)
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps(MAPPING))
    mapped = Former(questionnaire=old.questionnaire, mapping=mapping)
    responses, findings = read_returned(path, questionnaire, former=[mapped])
    assert codes(findings) == []
    household = responses["household"].iloc[0]
    assert (household["land"], household["things"], household["things_1"], household["things_3"]) == (7.0, "1 2", 1, 0)
    assert household["county"] == 11
    assert responses.place("household", 0, "land").cell.startswith("D")


def test_a_file_is_read_again_once_its_version_is_known(tmp_path, questionnaire):
    old = former(with_fewer_codes)
    path = write_old(tmp_path / "old.xlsx", old, village.GOOD)
    first = receive(path, questionnaire, tmp_path / "survey")
    second = receive(path, questionnaire, tmp_path / "survey", former=[old])
    third = receive(path, questionnaire, tmp_path / "survey", former=[old])
    assert [dict(one.counts) for one in (first, second, third)] == [{"quarantined": 1}, {"read": 1}, {"known": 1}]
    with open_store(tmp_path / "survey") as store:
        assert len(stored_responses(store, questionnaire)["household"]) == 1


def test_a_mapping_that_cannot_be_read_is_an_error(tmp_path, questionnaire, write):
    (tmp_path / "mapping.json").write_text("{}")
    broken = Former(questionnaire=former(with_fewer_codes).questionnaire, mapping=tmp_path / "mapping.json")
    with pytest.raises(ReturnsError):
        read_returned(write(), questionnaire, former=[broken])
