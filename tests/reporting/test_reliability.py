"""Rules of publication: published standards reproduced cell by cell, and nothing hidden leaks."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import pandas as pd
import pytest

from surveykit.errors import ReportingError
from surveykit.reporting.figures import Figure
from surveykit.reporting.publish import publish
from surveykit.reporting.reliability import hide, suppress
from surveykit.reporting.rules import find_rule, korn_graubard, rule_of, verdicts
from surveykit.reporting.tabulation import tabulate

HIDES = {"suppress_n": "sample", "suppress_rel_width": "relative", "suppress_abs_width": "wide"}


def _figure(**values: object) -> Figure:
    return Figure(variable="v", **{"estimate": 0.3, "se": 0.01, "n": 400, "df": 30.0, **values})


def _keys(rule: str, **values: object) -> list[tuple[str, str]]:
    return [(verdict.action, verdict.key) for verdict in verdicts(find_rule(rule), [_figure(**values)])[0]]


def _cells(reference: dict) -> list[Figure]:
    return [
        Figure(variable="severe", estimate=cell["p"], se=cell["se"], n=cell["n"], df=cell["df"])
        for cell in reference["cells"]
    ]


def test_all_36_worked_cells_get_the_verdict_of_the_standard(reference):
    found = verdicts(find_rule("nchs-proportions"), _cells(reference))
    assert len(found) == 36
    for cell, verdict in zip(reference["cells"], found, strict=True):
        expected = HIDES.get(cell["status"])
        assert [one.key for one in verdict if one.action == "hide"] == ([expected] if expected else []), cell
        flags = {"df<8": "review-df", "p is 0 or 1": "review-edge"}
        if expected is None:
            assert {one.key for one in verdict if one.action == "mark"} == {flags[one] for one in cell["review_flags"]}


def test_the_capped_korn_graubard_interval_of_all_36_cells_is_that_of_the_reference(reference):
    for cell, interval in zip(reference["cells"], korn_graubard(_cells(reference)), strict=True):
        assert interval == pytest.approx(
            (cell["kg_lo"], cell["kg_hi"]), rel=1e-10
        )  # scipy before 1.15 gives beta quantiles to eleven digits


@pytest.mark.parametrize(("values", "expected"), [
    ({"estimate": 0.5, "se": 0.075, "n": 60}, [("hide", "wide")]),
    ({"estimate": 0.97, "se": 0.012, "n": 300}, [("mark", "complement")]),
    ({"estimate": 0.5, "se": 0.1, "n": 400}, [("hide", "sample")]),
    ({"estimate": 0.01, "se": 0.002, "n": 3000, "df": 60.0}, []),
    ({"df": 7.0}, [("mark", "review-df")]),
    ({"estimate": 1.0, "se": 0.0}, [("mark", "review-edge")]),
    ({"se": None, "n": None}, [("mark", "not-assessed")]),
    ({"estimate": None}, []),
])  # fmt: skip
def test_each_step_of_the_proportion_standard_decides(values, expected):
    assert _keys("nchs-proportions", **values) == expected


@pytest.mark.parametrize(("values", "expected"), [
    ({"n": 9}, [("hide", "sample")]),
    ({"n": 30, "deff": 4.0}, [("hide", "sample")]),
    ({"n": 400, "se": 36.0}, []),
    ({"n": 400, "se": 37.5}, [("hide", "relative")]),
    ({"n": 400, "df": 5.0}, [("mark", "review-df")]),
    ({"estimate": 0.0, "se": 0.0}, [("hide", "relative")]),
    ({"df": None}, [("mark", "not-assessed")]),
])  # fmt: skip
def test_rates_and_counts_follow_the_2023_standard(values, expected):
    assert _keys("nchs-rates", statistic="total", **{"estimate": 100.0, "se": 5.0, **values}) == expected


@pytest.mark.parametrize(("rule", "values", "expected"), [
    ("rse-stars", {"se": 0.0749}, []),
    ("rse-stars", {"se": 0.075}, [("mark", "caution")]),
    ("rse-stars", {"se": 0.15}, [("mark", "poor")]),
    ("rse-stars", {"cv": 0.6}, [("mark", "poor")]),
    ("rse-stars", {"se": None}, [("mark", "not-assessed")]),
    ("rse-30", {"n": 29}, [("hide", "few")]),
    ("rse-30", {"se": 0.09}, [("mark", "poor")]),
    ("statcan-letters", {"cv": 0.165}, []),
    ("statcan-letters", {"cv": 0.166}, [("mark", "caution")]),
    ("statcan-letters", {"cv": 0.334}, [("hide", "poor")]),
    ("statcan-letters", {"n": 9}, [("hide", "few")]),
    ("statcan-letters", {"estimate": 0.0, "se": 0.0}, [("hide", "poor")]),
    ("dhs-parentheses", {"n": 50}, []),
    ("dhs-parentheses", {"n": 49}, [("enclose", "caution")]),
    ("dhs-parentheses", {"n": 24}, [("hide", "few")]),
    ("minimum-cell", {"n": 5}, []),
    ("minimum-cell", {"n": 4}, [("hide", "few")]),
    ("minimum-cell-sensitive", {"n": 9}, [("hide", "few")]),
])  # fmt: skip
def test_ladders_decide_at_their_limits(rule, values, expected):
    assert _keys(rule, **values) == expected


@pytest.fixture
def small():
    frame = pd.DataFrame({
        "area": ["a", "b", "c"], "variable": "v", "estimate": [0.3, 0.25, 0.4], "se": [0.01, 0.02, 0.9],
        "lower": [0.2, 0.2, 0.3], "upper": [0.4, 0.3, 0.5], "n": [4, 40, 900], "df": 30,
        "weighted_n": [1234.0, 5.0, 50.0],
    })  # fmt: skip
    return tabulate(frame, statistics=["n", "weighted_n", "estimate", "se", "interval"])


def test_a_hidden_figure_says_why_and_its_mark_has_a_note(small):
    table = suppress(small, "dhs-parentheses")
    cell = table.cell("area=a", "total.estimate")
    assert (cell.status, cell.value, cell.text) == ("hidden", None, "*")
    assert cell.reason == "4 unweighted cases, fewer than 25"
    assert table.cell("area=a", "total.n").value == 4
    enclosed = table.cell("area=b", "total.estimate")
    assert (enclosed.text, enclosed.value) == ("(25.0)", 25.0)
    assert table.cell("area=b", "total.lower").text == "(20.0)"
    assert {note.mark for note in table.notes if note.kind == "suppression"} == {"*", "( )"}
    assert table.provenance["rule dhs-parentheses"].startswith("The DHS Program")


def test_no_hidden_number_is_left_anywhere_in_a_file(small, tmp_path):
    table = suppress(small, "minimum-cell")
    assert table.figures["area=a", "total"] == Figure(variable="v", at={"area": "a"}, cv=None)
    publish(table, tmp_path / "t.xlsx")
    publish(table, tmp_path / "t.html")
    publish(table, tmp_path / "t.csv")
    with zipfile.ZipFile(tmp_path / "t.xlsx") as book:
        everything = "".join(book.read(name).decode("utf-8") for name in book.namelist())
    everything += (tmp_path / "t.html").read_text("utf-8") + (tmp_path / "t.csv").read_text("utf-8-sig")
    assert "1234" not in everything
    assert "1,234" not in everything
    assert "fewer than 5 respondents" in everything


def test_a_second_rule_still_sees_the_case_numbers_of_a_hidden_estimate(small):
    twice = suppress(suppress(small, "rse-30"), "minimum-cell")
    assert twice.cell("area=a", "total.n").status == "hidden"
    assert twice.cell("area=b", "total.n").value == 40


def test_several_rules_judge_at_once_and_the_strictest_wins(small):
    table = suppress(small, ["minimum-cell", "rse-stars"])
    assert table.cell("area=a", "total.n").text == "x"
    assert table.cell("area=c", "total.estimate").text == "40.0**"


def test_marks_stand_on_the_estimate_alone(small):
    table = suppress(small, "rse-stars")
    assert table.cell("area=c", "total.se").text == "90.0"
    assert table.cell("area=c", "total.estimate").reason == "relative standard error 225.0%, 50% or more"


def test_reasons_and_notes_speak_the_language_of_the_table(small):
    korean = suppress(replace(small, language="ko"), "dhs-parentheses")
    assert korean.cell("area=a", "total.estimate").reason == "비가중 사례수 4, 25 미만"
    assert "비가중 사례수 25 미만으로 공표하지 않음." in {note.text for note in korean.notes}


def test_rounding_changes_counts_and_files_carry_no_more_digits(small, tmp_path):
    table = suppress(small, "round-hundreds")
    assert [line[1].display for line in table.cells] == ["1,200", "0", "100"]
    assert table.digits == "printed"
    publish(table, tmp_path / "t.csv")
    assert "1234" not in (tmp_path / "t.csv").read_text("utf-8-sig")
    totals = tabulate(pd.DataFrame({"variable": ["v"], "statistic": "total", "estimate": [1550.0], "se": [49.0]}))
    assert [cell.display for cell in suppress(totals, "round-hundreds").cells[0][1:3]] == ["1,600", "0"]


def test_figures_can_be_hidden_by_their_place(small):
    table = hide(
        small, {("area=b", "total"): "by hand"}, symbol="c", note="Confidential.", statistics=["n", "estimate"]
    )
    assert table.cell("area=b", "total.n").reason == "by hand"
    assert table.cell("area=b", "total.se").status == "shown"
    assert table.figures["area=b", "total"].n is None


def test_a_rule_of_a_survey_s_own_is_data(small):
    own = rule_of("own", {
        "kind": "bands", "source": "Ministry, 2026", "applies": ["proportion"], "hides": ["estimate"],
        "bands": [{"measure": "n", "below": 100, "action": "hide", "key": "few"}],
        "marks": {"few": "–"}, "reasons": {"few": {"en": "few"}}, "notes": {"few": {"en": "Few cases."}},
    })  # fmt: skip
    assert [line[2].text for line in suppress(small, own).cells] == ["–", "–", "40.0"]


@pytest.mark.parametrize(("code", "rule"), [
    ("report-unknown-option", "nchs-2018"),
    ("report-rule-applies-to-nothing", "nchs-rates"),
    ("report-mark-clash", ["rse-30", "dhs-parentheses"]),
])  # fmt: skip
def test_rules_that_cannot_be_applied_are_refused_by_name(small, code, rule):
    with pytest.raises(ReportingError) as caught:
        suppress(small, rule)
    assert caught.value.findings.codes == {code: 1}


def test_the_published_obesity_table_is_fully_shown(table):
    checked = suppress(table, "nchs-proportions")
    assert {cell.status for _, _, cell in checked if cell.status == "hidden"} == set()
    assert checked.cell("total.standardised", "total.estimate").marks == ("§",)
