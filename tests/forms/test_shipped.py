"""Every shipped questionnaire becomes a form that both checkers pass, in every language and layout."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from surveykit.documents import shipped
from surveykit.forms.inspection import inspect_form
from surveykit.forms.workbook import write_form
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.structure import Questionnaire

SHIPPED = sorted(path.stem for path in shipped("questionnaires").glob("*.json"))
FEW = 1  # rows of a roster: each item once tells as much as ten times


def _few_rows(questionnaire: Questionnaire) -> Questionnaire:
    units = tuple(
        replace(unit, roster=replace(unit.roster, max=min(unit.roster.max, FEW))) if unit.roster else unit
        for unit in questionnaire.units
    )
    return replace(questionnaire, units=units)


CASES = [(name, language) for name in SHIPPED for language in load_questionnaire(name).languages]


@pytest.mark.parametrize(("name", "language"), CASES)
@pytest.mark.parametrize("layout", ["booklet", "list"])
def test_a_shipped_form_has_nothing_that_excel_would_repair(name, language, layout, tmp_path):
    questionnaire = _few_rows(load_questionnaire(name))
    path = tmp_path / "form.xlsx"
    findings = write_form(questionnaire, path, language=language, layout=layout, rows=50)
    assert findings.ok
    assert str(inspect_form(path)) == ""


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_form_prints_as_paper(name, tmp_path):
    questionnaire = _few_rows(load_questionnaire(name))
    path = tmp_path / "paper.xlsx"
    write_form(questionnaire, path, paper=True)
    assert str(inspect_form(path)) == ""


def test_the_same_input_gives_the_same_bytes_in_another_process(tmp_path):
    code = (
        "import sys; from surveykit.forms.workbook import write_form;"
        "from surveykit.questionnaire.definition import load_questionnaire;"
        "write_form(load_questionnaire('first-light'), sys.argv[1], language='ko', prefill={'ID': '00017'})"
    )
    files = [tmp_path / "one.xlsx", tmp_path / "two.xlsx"]
    for seed, file in zip(("1", "2"), files, strict=True):
        subprocess.run([sys.executable, "-c", code, str(file)], check=True, env={"PYTHONHASHSEED": seed})
    assert files[0].read_bytes() == files[1].read_bytes()
