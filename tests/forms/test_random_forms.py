"""Forms of definitions made at random: written soundly or refused, never something that Excel would repair."""

from __future__ import annotations

import copy

import pandas as pd
import pytest
from forms_random import definition

from surveykit.errors import DefinitionError, FormError
from surveykit.forms.inspection import inspect_form
from surveykit.forms.workbook import write_form
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.returns.intake import read_returned


def _loads(seed: int) -> bool:
    try:
        load_questionnaire(definition(seed))
    except DefinitionError:
        return False
    return True


SEEDS = [seed for seed in range(18) if _loads(seed)]


def test_most_random_definitions_are_valid():
    assert len(SEEDS) >= 12


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_form_has_nothing_that_excel_would_repair(seed, tmp_path):
    questionnaire = load_questionnaire(definition(seed))
    language = questionnaire.languages[-1]
    for layout in ("booklet", "list"):
        path = tmp_path / f"{layout}.xlsx"
        assert write_form(questionnaire, path, language=language, layout=layout, rows=20).ok
        assert str(inspect_form(path)) == ""


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_a_random_form_prints_as_paper(seed, tmp_path):
    questionnaire = load_questionnaire(definition(seed))
    write_form(questionnaire, tmp_path / "paper.xlsx", paper=True)
    assert str(inspect_form(tmp_path / "paper.xlsx")) == ""


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_a_text_longer_than_a_cell_is_refused_before_anything_is_written(seed, tmp_path):
    document = copy.deepcopy(definition(seed))
    item = document["sections"][0]["items"][1]
    item["label"] = dict.fromkeys(document["languages"], "가" * 32_768)
    path = tmp_path / "form.xlsx"
    with pytest.raises(FormError) as error:
        write_form(load_questionnaire(document), path)
    assert "forms-text-too-long" in error.value.findings.codes
    assert not path.exists()


@pytest.mark.parametrize("layout", ["booklet", "list"])
def test_a_negative_code_has_a_cell_of_its_own(layout, tmp_path):
    text = {"en": "x"}
    codes = [{"code": code, "label": {"en": f"thing {code}"}} for code in (1, 2)]
    questionnaire = load_questionnaire({
        "type": "questionnaire", "id": "minus", "version": "1.0.0", "text_version": "1.0.0", "title": text,
        "languages": ["en"], "licence": "CC BY 4.0", "source": "own wording", "minutes": 5,
        "units": {"top": {"label": text, "key": "KEY"}},
        "missing_sets": {"minus": [{"code": -9, "kind": "refused"}]},
        "codelists": {"things": {"version": "1.0.0", "codes": codes}},
        "sections": [{"id": "A", "title": text, "unit": "top", "items": [
            {"id": "KEY", "type": "id", "label": text, "max_length": 4},
            {"id": "own", "type": "select_multiple", "codelist": "things", "missing": "minus", "label": text},
        ]}],
    })  # fmt: skip
    path = tmp_path / "form.xlsx"
    write_form(questionnaire, path, layout=layout, rows=3, answers=pd.DataFrame({"KEY": ["0001"], "own": ["-9"]}))
    responses, findings = read_returned([path], questionnaire)
    assert findings.ok
    assert responses["top"]["own"].tolist() == ["-9"]
