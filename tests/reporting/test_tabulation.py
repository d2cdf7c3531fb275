"""Estimates find their rows and blocks."""

from __future__ import annotations

import pandas as pd
import pytest

from surveykit.errors import ReportingError
from surveykit.reporting.figures import Figure, figures_of
from surveykit.reporting.layouts import find_layout, layout_of
from surveykit.reporting.table import Cell, live_value, number_text, rounded_half_up
from surveykit.reporting.tabulation import tabulate


def _frame(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"variable": "v", "estimate": [0.25], "se": [0.01], "n": [100], **columns})


def test_lines_are_totals_then_groups_in_the_order_of_their_codes(table):
    assert [row.label for row in table.rows] == [
        "Total, crude",
        "Total, standardised (age group)",
        "20–39",
        "40–59",
        "60 and over",
    ]
    assert [row.kind for row in table.rows] == ["total", "standardized", "body", "body", "body"]
    assert table.stub == "Age group"
    assert table.title == "Obesity"


def test_blocks_are_total_then_the_codes_of_the_block_variable(table):
    assert list(dict.fromkeys(column.spanners[0] for column in table.columns)) == ["Total", "Men", "Women"]
    assert [column.statistic for column in table.columns[:5]] == ["n", "estimate", "se", "lower", "upper"]
    assert table.columns[3].spanners == ("Total", "95% CI")


def test_cells_hold_percent_as_live_numbers_and_print_what_was_published(table, reference):
    of = reference["obesity"]
    cell = table.cell("age_group=20-39", "sex=1.estimate")
    assert cell.value == of["sex1_20-39"]["est"] * 100
    assert cell.display == "34.8"
    printed = {
        ("total", "total.estimate"): of["overall"],
        ("total.standardised", "total.estimate"): of["age_standardised"],
        ("total.standardised", "sex=1.estimate"): of["agestd_men"],
        ("total.standardised", "sex=2.estimate"): of["agestd_women"],
        **{(f"age_group={age}", "total.estimate"): of[f"age_{age}"] for age in ("20-39", "40-59", "60+")},
        **{
            (f"age_group={age}", f"sex={sex}.estimate"): of[f"sex{sex}_{age}"]
            for age in ("20-39", "40-59", "60+")
            for sex in (1, 2)
        },
    }
    assert {place: float(table.cell(*place).display) for place in printed} == {
        place: entry["published_pct"] for place, entry in printed.items()
    }


def test_korean_labels_come_from_the_same_estimates(make):
    korean = make(language="ko")
    assert [row.label for row in korean.rows][:3] == ["전체(조율)", "전체(연령 표준화)", "20–39세"]
    assert korean.columns[3].spanners == ("전체", "95% 신뢰구간")
    assert make(language="ko-KP").rows == korean.rows


def test_codebook_labels_serve_where_no_plain_label_is_given(estimates):
    class Book:
        def label(self, var: str, language: str) -> str:
            return {"sex": f"sex in {language}"}[var]

        def value_labels(self, var: str, language: str) -> dict[int, str]:
            del language
            return {"sex": {2: "second", 1: "first"}}[var]

    table = tabulate(estimates[:2], codebook=Book())
    assert [row.label for row in table.rows] == ["Total", "second", "first"]
    assert table.stub == "sex in en"
    assert table.title == "obese"


def test_a_figure_stands_behind_each_row_and_block(table):
    figure = table.figures["age_group=40-59", "sex=2"]
    assert figure.n == 950
    assert figure.at == {"sex": 2, "age_group": "40-59"}
    assert table.cell("total.standardised", "total.n") == Cell()


def test_two_row_variables_get_their_own_headings():
    two = [_frame(), _frame(residence=["urban"]), _frame(income=[1]), _frame(residence=["urban"], income=[1])]
    table = tabulate(two)
    assert [(row.group, row.label) for row in table.rows] == [
        ("", "Total"),
        ("residence", "urban"),
        ("income", "1"),
        ("residence: urban", "1"),
    ]


def test_several_variables_become_lines_of_a_fact_sheet():
    sheet = tabulate(
        [_frame(sex=[1]), _frame(variable="w", sex=[1]), _frame()], blocks="sex", layout="steps-fact-sheet",
        labels={"v": "Smokes", "w": "Drinks"},
    )  # fmt: skip
    assert [row.label for row in sheet.rows] == ["Smokes", "Drinks"]
    assert sheet.columns[0].spanners[0] == "Both sexes"
    assert sheet.cell("v", "sex=1.estimate").display == "25.0"


def test_categories_become_columns_unless_they_are_chosen():
    frame = pd.DataFrame({"variable": "bmi", "level": [1, 2, 3], "estimate": [0.2, 0.5, 0.3], "n": [9, 9, 9]})
    labels = {"bmi": {"label": "BMI", "values": {1: "low", 2: "normal", 3: "high"}}}
    table = tabulate(frame, labels=labels, statistics=["estimate"])
    assert [column.spanners for column in table.columns] == [("low",), ("normal",), ("high",)]
    assert len(tabulate(frame, labels=labels, statistics=["estimate"], levels=[3]).columns) == 1


def test_dhs_puts_totals_last():
    table = tabulate([_frame(), _frame(residence=["urban"]), _frame(sex=[1])], blocks="sex", layout="dhs")
    assert [row.label for row in table.rows] == ["urban", "Total"]
    assert [column.spanners[0] for column in table.columns] == ["1", "1", "Total", "Total"]


def test_kinds_of_estimates_set_decimals_and_heads():
    mixed = pd.DataFrame(
        {
            "variable": ["a", "b", "c"],
            "statistic": ["mean", "total", "proportion"],
            "estimate": [23.456, 1234567.8, 0.5],
        }
    )
    table = tabulate(mixed, statistics=["estimate"])
    assert [line[0].display for line in table.cells] == ["23.5", "1,234,568", "50.0"]
    assert table.columns[0].label == "Estimate"
    assert tabulate(mixed[:1], statistics=["estimate"]).columns[0].label == "Mean"
    assert tabulate(mixed[:1], statistics=["estimate"], decimals=2).cells[0][0].display == "23.46"


def test_negative_limits_print_with_words():
    table = tabulate(_frame(statistic="mean", lower=[-0.5], upper=[1.0]))
    assert table.interval == "{lower} to {upper}"
    assert table.cells[0][3].display == "−0.5"


def test_margins_of_one_estimate_are_its_totals():
    frame = pd.DataFrame({"sex": [1, 2, None], "variable": "v", "estimate": [0.1, 0.2, 0.15], "n": [5, 5, 10]})
    assert [row.label for row in tabulate(frame).rows] == ["Total", "1", "2"]
    assert [column.spanners[0] for column in tabulate(frame, blocks="sex", statistics=["n"]).columns] == [
        "Total",
        "1",
        "2",
    ]


def test_nulls_of_every_kind_are_absent():
    figures = figures_of(_frame(sex=[None], level=[pd.NA], df=[float("nan")]))
    assert figures == (Figure(variable="v", estimate=0.25, se=0.01, n=100),)


@pytest.mark.parametrize(("value", "decimals", "text"), [
    (0.125, 2, "0.13"), (2.675, 2, "2.68"), (-0.04, 1, "0.0"), (-1234.5, 0, "−1,235"), (39.769809, 1, "39.8"),
])  # fmt: skip
def test_rounding_is_that_of_spreadsheets(value, decimals, text):
    assert number_text(value, decimals) == text


def test_printed_digits_are_the_rounded_number():
    cell = Cell(value=39.7698, display="39.8", decimals=1, status="shown")
    assert live_value(cell, "printed") == 39.8
    assert live_value(cell, "full") == 39.7698
    assert str(rounded_half_up(5, 0)) == "5"
    assert number_text(1234.5, 1, decimal_mark=",", thousands_mark=" ") == "1 234,5"


def test_the_frame_of_a_table_holds_numbers(table):
    frame = table.to_frame(digits="printed")
    assert frame.loc[0, "label"] == "Total, crude"
    assert frame["total.estimate"].tolist() == [39.8, 39.6, 35.7, 42.8, 41.0]
    assert frame["total.n"].isna().tolist() == [False, True, False, False, False]


def test_a_layout_is_data():
    assert find_layout("dhs").suppress == ("dhs-parentheses",)
    assert layout_of("mine", {"statistics": ["cv"], "totals": "none"}).places("mean") == 1


@pytest.mark.parametrize(("code", "call"), [
    ("report-no-estimates", lambda: tabulate([])),
    ("report-no-estimates", lambda: tabulate(_frame(level=[1]), levels=[2])),
    ("report-not-an-estimate", lambda: tabulate([3])),
    ("report-not-an-estimate", lambda: tabulate(pd.DataFrame({"mean": [1]}))),
    ("report-unknown-option", lambda: tabulate(_frame(), layout="kdcc")),
    ("report-unknown-option", lambda: tabulate(_frame(), statistics=["mean"])),
    ("report-block-not-in-estimates", lambda: tabulate(_frame(), blocks="sex")),
    ("report-double-figure", lambda: tabulate([_frame(), _frame()])),
])  # fmt: skip
def test_what_cannot_be_arranged_is_refused_by_name(code, call):
    with pytest.raises(ReportingError) as caught:
        call()
    assert caught.value.findings.codes == {code: 1}
