"""A table plan carries a survey to its published tables."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.documents import shipped
from surveykit.errors import ReportingError
from surveykit.reporting.labels import room_data
from surveykit.reporting.plan import estimates_of, read_table_plan, run_table_plan
from surveykit.reporting.rules import find_rule
from surveykit.reporting.tabulation import tabulate

PLAN = json.loads((Path(__file__).parent / "plan.json").read_text(encoding="utf-8"))
OBESITY = PLAN["tables"][0]


@pytest.fixture(scope="session")
def nhanes() -> Survey:
    frame = pd.read_csv(shipped("data") / "nhanes_2015_2016.csv.gz")
    frame = frame[frame["WTMEC2YR"] > 0].reset_index(drop=True)
    known = frame["BMXBMI"].notna()
    frame = frame.assign(
        sex=frame["RIAGENDR"].astype("Int64"),
        age=frame["RIDAGEYR"].astype("Int64"),
        pregnant=frame["RIDEXPRG"].astype("Int64"),
        race=frame["RIDRETH3"].astype("Int64"),
        age_group=pd.cut(frame["RIDAGEYR"], [19, 39, 59, 200], labels=False).add(1).astype("Int64"),
        bmi=frame["BMXBMI"],
        waist=frame["BMXWAIST"],
        obese=(frame["BMXBMI"] >= 30).astype("Int64").where(known),
        severe=(frame["BMXBMI"] >= 40).astype("Int64").where(known),
    )
    design = SurveyDesign(strata="SDMVSTRA", clusters="SDMVPSU", weights="WTMEC2YR", nest=True)
    return Survey(frame, design)


@pytest.fixture(scope="session")
def tables(nhanes):
    return {table.id: table for table in run_table_plan(read_table_plan(PLAN), nhanes)}


def test_the_published_obesity_table_comes_out_of_the_plan(tables, reference):
    table, of = tables["obesity"], reference["obesity"]
    assert [row.label for row in table.rows][:3] == ["Total, crude", "Total, standardised (age group)", "20–39"]
    for row, column, entry in (
        ("total", "total.estimate", of["overall"]),
        ("total.standardised", "total.estimate", of["age_standardised"]),
        ("total.standardised", "sex=2.estimate", of["agestd_women"]),
        ("age_group=3", "sex=1.estimate", of["sex1_60+"]),
    ):
        assert table.cell(row, column).value == pytest.approx(entry["est"] * 100, abs=1e-9)
        assert table.cell(row, column).display == f"{entry['published_pct']:.1f}"
    assert {cell.status for _, _, cell in table} == {"shown"}


def test_the_notes_of_a_planned_table_write_themselves(tables):
    texts = [note.text for note in tables["obesity"].notes]
    assert texts[:4] == [
        "Definition: Body mass index of 30 or more.",
        "Population: Adults aged 20 and over, not pregnant.",
        "Standardised by age group with the direct method to the U.S. population 2000.",
        "Without a value: 67 of 5,404 (1.2%).",
    ]
    assert "linearised" in texts[4]
    assert tables["obesity"].provenance["table plan"] == "nhanes"


def test_the_worked_cells_of_the_presentation_standard_come_out_of_the_data(tables, reference):
    table = tables["severe"]
    for cell in reference["cells"]:
        age = {"20-39": 1, "40-59": 2, "60+": 3}[cell["age"]]
        found = table.cell(f"race={cell['RIDRETH3']},age_group={age}", f"sex={cell['sex']}.estimate")
        assert (found.status == "hidden") == cell["status"].startswith("suppress"), cell
        assert ("‡" in found.marks) == (found.status != "hidden" and bool(cell["review_flags"]))


def test_every_kind_of_estimate_has_its_table(tables):
    assert tables["bmi"].cells[0][1].display == "29.39"
    assert [column.statistic for column in tables["bmi"].columns[:3]] == ["n", "estimate", "se"]
    assert tables["weighted"].cells[0][1].value % 1000 == 0
    assert [column.spanners for column in tables["quartiles"].columns][:5:2] == [
        ("Total", "P25"), ("Total", "Median"), ("Total", "P75")]  # fmt: skip
    assert [cell.display for cell in tables["quartiles"].cells[0][6:12:2]] == ["24.9", "28.1", "32.3"]
    assert tables["ratio"].columns[1].label == "Ratio"
    assert tables["severe"].notes[-3].text == "One note." or "One note." in {
        note.text for note in tables["severe"].notes
    }


def test_the_plan_speaks_each_language(nhanes):
    plan = read_table_plan({**PLAN, "tables": [OBESITY]})
    korean = run_table_plan(plan, nhanes, language="ko")[0]
    assert korean.title == "성인 비만율"
    assert [column.spanners[0] for column in korean.columns][::5] == ["전체", "남자", "여자"]
    assert korean.notes[1].text == "대상: 임신부를 제외한 20세 이상 성인"


def test_estimates_are_made_once_each_and_progress_is_told(nhanes):
    plan = read_table_plan({**PLAN, "tables": [{**OBESITY, "blocks": []}]})
    assert len(estimates_of(plan.tables[0], nhanes)) == 3
    told: list[tuple[int, int, str]] = []
    run_table_plan(plan, nhanes, progress=lambda *step: told.append(step))
    assert told == [(0, 1, "obesity")]


def test_a_plan_is_read_from_a_file(tmp_path):
    path = tmp_path / "tables.json"
    path.write_text(json.dumps(PLAN), encoding="utf-8")
    plan = read_table_plan(path)
    assert [table.id for table in plan.tables] == ["obesity", "bmi", "severe", "weighted", "ratio", "quartiles"]
    assert plan.labels["sex"]["values"][1] == {"en": "Men", "ko": "남자"}


@pytest.mark.parametrize(("code", "table", "pointer"), [
    ("document-schema", {**OBESITY, "estimate": {"statistic": "mode", "variables": ["a"]}}, "/estimate/statistic"),
    ("document-property-unknown", {**OBESITY, "colour": "red"}, "/colour"),
    ("plan-ratio-without-denominator", {"id": "x", "estimate": {"statistic": "ratio", "variables": ["a"]}}, ""),
    ("plan-unknown-name", {**OBESITY, "layout": "kdcc"}, ""),
    ("plan-unknown-name", {**OBESITY, "suppress": ["nchs"]}, ""),
    ("plan-standardize-statistic", {**OBESITY, "estimate": {"statistic": "total", "variables": ["a"]}}, ""),
])  # fmt: skip
def test_a_wrong_plan_is_refused_with_the_place(code, table, pointer):
    with pytest.raises(ReportingError) as caught:
        read_table_plan({**PLAN, "tables": [table]})
    assert [(one.code, one.where.pointer) for one in caught.value.findings] == [(code, f"/tables/0{pointer}")]


def test_shipped_layouts_and_rules_keep_to_the_schema():
    own = {
        "layouts": {f"my-{name}": entry for name, entry in room_data("layouts.json").items()},
        "rules": {f"my-{name}": entry for name, entry in room_data("rules.json").items()},
    }
    plan = read_table_plan({**PLAN, **own})
    assert set(plan.layouts) == set(own["layouts"])
    assert plan.rules["my-minimum-cell"].bands == find_rule("minimum-cell").bands


def test_a_survey_brings_its_own_layout_and_rule(nhanes):
    ministry = {
        "kind": "bands", "source": "Ministry of Health, 2026", "applies": ["proportion"], "hides": ["estimate", "se"],
        "bands": [{"measure": "n", "below": 1800, "action": "hide", "key": "few"}],
        "marks": {"few": "–"}, "reasons": {"few": {"en": "few"}}, "notes": {"few": {"en": "Few respondents."}},
    }  # fmt: skip
    layout = {"statistics": ["estimate", "n"], "totals": "last", "suppress": ["ministry"]}
    table = {"id": "own", "estimate": OBESITY["estimate"], "rows": ["age_group"], "layout": "bulletin"}
    plan = read_table_plan(
        {**PLAN, "tables": [table], "rules": {"ministry": ministry}, "layouts": {"bulletin": layout}}
    )
    made = run_table_plan(plan, nhanes)[0]
    assert [row.id for row in made.rows][-1] == "total"
    assert [cell.text for row, column, cell in made if column.id == "total.estimate"] == ["–", "–", "–", "39.8"]
    assert made.provenance["rule ministry"] == "Ministry of Health, 2026"


def test_two_tables_cannot_share_an_id():
    with pytest.raises(ReportingError) as caught:
        read_table_plan({**PLAN, "tables": [OBESITY, {**OBESITY, "id": "OBESITY"}]})
    assert caught.value.findings.codes == {"plan-double-id": 1}


@pytest.mark.parametrize("source", ["plan", "document", "file"])
def test_one_verb_takes_estimates_and_plans(nhanes, tables, tmp_path, source):
    (tmp_path / "plan.json").write_text(json.dumps(PLAN), encoding="utf-8")
    given = {"plan": read_table_plan(PLAN), "document": PLAN, "file": tmp_path / "plan.json"}
    made = tabulate(given[source], survey=nhanes)
    assert [table.id for table in made] == list(tables)
    assert made[0].cells == tables["obesity"].cells


@pytest.mark.parametrize(("options", "code"), [
    ({}, "report-plan-needs-survey"), ({"blocks": "sex"}, "report-plan-has-its-own"),
])  # fmt: skip
def test_a_plan_without_answers_or_with_options_of_its_own_is_refused(nhanes, options, code):
    survey = nhanes if options else None
    with pytest.raises(ReportingError) as caught:
        tabulate(read_table_plan(PLAN), survey=survey, **options)
    assert caught.value.findings.codes == {code: 1}
