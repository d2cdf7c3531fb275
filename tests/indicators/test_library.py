"""Indicators as data: read, checked, filled in."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from surveykit.documents import load_json, schema_findings, shipped
from surveykit.errors import DefinitionError
from surveykit.questionnaire.indicators import load_indicators

PLAN = pd.read_csv(Path(__file__).parent / "indicators.csv", keep_default_na=False)


@pytest.fixture(scope="session")
def library():
    return load_indicators()


def test_all_114_indicators_are_there_with_their_types(library):
    assert {one.id: one.type for one in library.indicators.values()} == dict(
        zip(PLAN["id"], PLAN["estimate_type"], strict=True)
    )


def test_those_that_are_age_standardised_name_a_standard_population(library):
    standardised = set(PLAN.loc[PLAN["age_standardised"] == "yes", "id"])
    assert {one.id for one in library.indicators.values() if one.standard} == standardised
    assert sum(library.standards["korea-2005"].population.values()) == 36_511_538
    assert sum(library.standards["korea-2005-30"].population.values()) == 28_248_633
    assert list(library.standards["us-2000-20"].population) == ["20-39", "40-59", "60+"]


def test_presets_change_thresholds_and_leave_the_rest(library):
    obese = library.indicators["obesity_who"]
    assert obese.values("knhanes") == {"adult_age": 19, "bmi": 30}
    assert obese.values("nchs") == {"adult_age": 20, "bmi": 30}
    assert library.indicators["htn"].values("nchs")["adult_age"] == 18
    assert "HE_BMI >= 30" in obese.expressions("who")[0]
    assert "age >= 18" in obese.expressions("who")[1]


def test_every_document_holds_against_its_schema():
    for path in (shipped("questionnaires") / "indicators").glob("*.json"):
        assert list(schema_findings(load_json(path), "indicators", file=str(path))) == []


def test_items_of_an_indicator_are_followed_through_its_scores(library):
    assert library.items("ckd") == {"HE_Ualb", "HE_Ucrea", "HE_crea", "age", "sex"}
    assert "HE_sbp2" in library.items("htn")


def test_every_definition_says_its_rule_and_its_source(library):
    for one in library.indicators.values():
        assert one.definition["en"]
        assert one.definition["ko"]
        assert one.missing_rule
        assert one.source
    assert all(score.source for score in library.scores.values())


def test_logic_is_not_two_valued(library):
    """A plain != on an item that some people are not asked would lose them."""
    for one in library.indicators.values():
        for text in one.expressions():
            assert "!=" not in text.replace("coalesce(HE_prg, 0) != 1", "")


ONE = {
    "id": "tall", "label": {"en": "Tall"}, "definition": {"en": "180 cm or more"}, "type": "proportion",
    "population": "person", "numerator": "HE_ht >= {cm}", "denominator": "HE_ht > 0", "parameters": {"cm": 180},
    "missing_rule": "Missing without a height", "source": "Own",
}  # fmt: skip


def write(folder, **changes: object):
    head = {"type": "indicators", "id": "own", "version": "1.0.0", "title": {"en": "Own"}, "languages": ["en"]}
    rows = changes.pop("rows", [ONE | changes])
    (folder / "own.json").write_text(json.dumps(head | {"indicators": rows}), encoding="utf-8")
    return folder


def codes(folder):
    with pytest.raises(DefinitionError) as caught:
        load_indicators(folder)
    return {one.code for one in caught.value.findings}


def test_an_own_folder_of_indicators_is_read(tmp_path):
    assert list(load_indicators(write(tmp_path)).indicators) == ["tall"]


def test_an_empty_folder_is_an_error(tmp_path):
    assert codes(tmp_path) == {"indicator-none"}


def test_an_unknown_parameter_is_found(tmp_path):
    assert codes(write(tmp_path, numerator="HE_ht >= {metres}")) == {"indicator-parameter-unknown"}


def test_an_expression_that_cannot_be_read_is_found(tmp_path):
    assert codes(write(tmp_path, denominator="HE_ht >")) == {"indicator-expression"}


def test_an_unknown_standard_population_is_found(tmp_path):
    assert codes(write(tmp_path, standard="moon-1969")) == {"indicator-standard-unknown"}


def test_an_id_that_stands_twice_is_found(tmp_path):
    assert codes(write(tmp_path, rows=[ONE, ONE])) == {"indicator-twice"}


def test_scores_that_need_each_other_are_found(tmp_path):
    head = {"type": "scores", "id": "own", "version": "1.0.0", "title": {"en": "Own"}, "languages": ["en"]}
    rows = [
        {"id": name, "label": {"en": name}, "source": "Own", "expression": f"{other} + 1"}
        for name, other in (("a", "b"), ("b", "a"))
    ]
    (tmp_path / "own.json").write_text(json.dumps(head | {"scores": rows}), encoding="utf-8")
    assert codes(tmp_path) == {"indicator-circle"}


def test_a_word_that_the_schema_does_not_know_is_found(tmp_path):
    assert codes(write(tmp_path, nominator="HE_ht > 0")) == {"document-property-unknown"}
