"""The whole road on real answers: forms out, workbooks in, published figures."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

import surveykit as sk
from surveykit.rehearsal.first_light import OUTCOMES, walk
from surveykit.rehearsal.mistakes import BOOKLET_MISTAKES, MISTAKES

REFERENCE = json.loads(
    (Path(__file__).resolve().parents[1] / "data" / "reference_2015_2016.json").read_text(encoding="utf-8")
)
OBESITY = REFERENCE["nhanes_2015_2016_obesity_DB288"]
PRESSURE = REFERENCE["nhanes_2015_2016_hypertension_DB289"]
AGES = {1: "20-39", 2: "40-59", 3: "60+"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("road")


@pytest.fixture(scope="module")
def steps(folder):
    return list(walk(folder))


@pytest.fixture(scope="module")
def reading(steps):
    return next(step.facts for step in steps if "missed" in step.facts)


@pytest.fixture(scope="module")
def obesity(steps):
    return next(step.facts["estimates"] for step in steps if "estimates" in step.facts)


@pytest.fixture(scope="module")
def pressure(steps):
    return [step.facts["estimates"] for step in steps if "estimates" in step.facts][1]


def test_every_planted_mistake_is_found_with_file_sheet_and_cell(reading):
    assert reading["missed"] == ()


def test_nothing_but_the_planted_mistakes_is_found(reading):
    assert [str(one) for one in reading["beyond"]] == []
    assert len(reading["findings"]) == len(MISTAKES) + len(BOOKLET_MISTAKES)


def test_no_good_answer_changes_by_a_digit(reading):
    assert reading["changed"] == 0


def test_a_finding_names_the_cell_that_holds_what_was_typed(reading):
    one = next(one for one in reading["findings"] if one.code == "returns-check-range")
    book = openpyxl.load_workbook(one.where.file)
    assert book[one.where.sheet][one.where.cell].value in {150, 913}


def _rows(estimate):
    frame = estimate.to_frame()
    return [dict(row) for _, row in frame.iterrows()]


def _same(row, reference):
    assert row["estimate"] == pytest.approx(reference["est"], rel=1e-9)
    assert row["se"] == pytest.approx(reference["se"], rel=1e-9)


def test_obesity_equals_the_reference(obesity):
    crude, by_age, _, by_both, standard, standard_by_sex = obesity
    assert _rows(crude)[0]["n"] == OBESITY["overall"]["n"]
    _same(_rows(crude)[0], OBESITY["overall"])
    for row in _rows(by_age):
        _same(row, OBESITY[f"age_{AGES[row['age_group']]}"])
    for row in _rows(by_both):
        _same(row, OBESITY[f"sex{row['sex']}_{AGES[row['age_group']]}"])
    _same(_rows(standard)[0], OBESITY["age_standardised"])
    for row in _rows(standard_by_sex):
        _same(row, OBESITY["agestd_men" if row["sex"] == 1 else "agestd_women"])


def test_obesity_is_what_nchs_published(obesity):
    published = {"20-39": 35.7, "40-59": 42.8, "60+": 41.0}  # NCHS Data Brief 288 (2017), figure 1
    assert round(100 * _rows(obesity[0])[0]["estimate"], 1) == 39.8
    assert {AGES[row["age_group"]]: round(100 * row["estimate"], 1) for row in _rows(obesity[1])} == published
    assert round(100 * _rows(obesity[4])[0]["estimate"], 1) == 39.6


def test_hypertension_equals_the_reference(pressure):
    crude, by_age, _, by_both, standard, standard_by_sex = pressure
    ages = {1: "18-39", 2: "40-59", 3: "60+"}
    assert _rows(crude)[0]["n"] == PRESSURE["n"]
    _same(_rows(crude)[0], PRESSURE["crude"])
    for row in _rows(by_age):
        _same(row, PRESSURE[f"sex0_{ages[row['age_group_bp']]}"])
    for row in _rows(by_both):
        _same(row, PRESSURE[f"sex{row['sex']}_{ages[row['age_group_bp']]}"])
    _same(_rows(standard)[0], PRESSURE["agestd_total"])
    for row in _rows(standard_by_sex):
        _same(row, PRESSURE["agestd_men" if row["sex"] == 1 else "agestd_women"])


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.variable)
@pytest.mark.parametrize(("language", "men"), [("en", "Male"), ("ko", "남자")])
def test_tables_are_published_in_both_languages_with_live_numbers(steps, folder, outcome, language, men):
    assert steps
    out = folder / "out" / f"{outcome.variable}-{language}"
    markdown = out.with_suffix(".md").read_text(encoding="utf-8")
    page = out.with_suffix(".html").read_text(encoding="utf-8")
    cells = [cell.value for row in openpyxl.load_workbook(out.with_suffix(".xlsx")).active.iter_rows() for cell in row]
    assert men in markdown
    assert men in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert men in cells
    assert any(isinstance(value, float) for value in cells)


def test_the_public_names_walk_the_same_road(folder, steps):
    assert steps
    q = sk.load_questionnaire("first-light")
    responses, findings = sk.read_returned(sorted((folder / "returned").glob("booklet-*.xlsx"))[:3], q)
    assert len(responses["person"]) == 3
    assert (findings + sk.check(responses, q)).codes == {"returns-check-range": 1}
