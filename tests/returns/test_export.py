"""Answers for other programs keep their labels and say which codes are missing."""

from __future__ import annotations

import pandas as pd
import pytest

from surveykit.errors import ReturnsError
from surveykit.returns import export as export_module
from surveykit.returns.export import export
from surveykit.returns.intake import read_returned


@pytest.fixture
def responses(write, questionnaire):
    return read_returned(
        write(answers={"A_land": 999, "A_remark": "=1+1", "A_smoke.r1": 9, "A_cigs.r1": None}), questionnaire
    )[0]


def test_csv_has_dates_codes_and_texts_as_they_are(responses, questionnaire, tmp_path):
    path = export(responses, questionnaire, tmp_path / "household.csv")
    back = pd.read_csv(path, dtype="string")
    assert back["HID"].tolist() == ["1008"]
    assert back["VISIT"].tolist() == ["2026-03-02"]
    assert back["remark"].tolist() == ["=1+1"]


def test_formulas_in_csv_are_guarded_only_if_asked_for(responses, questionnaire, tmp_path):
    path = export(responses, questionnaire, tmp_path / "household.csv", guard_formulas=True)
    assert pd.read_csv(path, dtype="string")["remark"].tolist() == ["'=1+1"]


def test_spss_has_labels_and_user_missing_codes(responses, questionnaire, tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat", reason="the extra surveykit[microdata] is not installed")
    path = export(responses, questionnaire, tmp_path / "household.sav")
    frame, meta = pyreadstat.read_sav(str(path), user_missing=True)
    assert frame["land"].tolist() == [999.0]
    assert meta.missing_ranges["land"] == [{"lo": 999.0, "hi": 999.0}]
    assert meta.variable_value_labels["prov"] == {1.0: "North", 2.0: "South"}
    assert meta.column_names_to_labels["things_2"] == "Things: Bicycle"
    assert frame["HID"].tolist() == ["1008"]


def test_stata_has_letters_for_missing_codes(responses, questionnaire, tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat", reason="the extra surveykit[microdata] is not installed")
    path = export(responses, questionnaire, tmp_path / "adult.dta", unit="adult", language="ko")
    frame, meta = pyreadstat.read_dta(str(path), user_missing=True)
    assert frame["smoke"].tolist() == ["d"]
    assert meta.variable_value_labels["smoke"][1] == "예"


def test_formats_and_extras_that_are_not_there_are_told(responses, questionnaire, tmp_path, monkeypatch):
    with pytest.raises(ReturnsError) as caught:
        export(responses, questionnaire, tmp_path / "household.xlsx")
    assert [finding.code for finding in caught.value.findings] == ["returns-export-format"]
    monkeypatch.setattr(export_module, "find_spec", lambda _name: None)
    with pytest.raises(ReturnsError) as caught:
        export(responses, questionnaire, tmp_path / "household.sav")
    assert [finding.code for finding in caught.value.findings] == ["returns-export-extra"]


def test_a_unit_that_there_is_not_is_told_with_those_that_there_are(responses, questionnaire, tmp_path):
    with pytest.raises(ReturnsError) as caught:
        export(responses, questionnaire, tmp_path / "x.csv", unit="houshold")
    assert [finding.code for finding in caught.value.findings] == ["returns-export-unit"]
    assert "household" in caught.value.findings[0].hint
