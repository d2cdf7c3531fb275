"""Pictures of fieldwork say in words what they show, and say so when there is nothing to draw."""

from __future__ import annotations

import json
from importlib.resources import files

import pandas as pd
import pytest

from surveykit.errors import ReportingError
from surveykit.reporting.fieldwork import day_plot, digit_bars, field_text, returned_bars
from surveykit.reporting.labels import Wording

AREAS = pd.DataFrame(
    {
        "stratum": ["1", "2", "3"],
        "returned": pd.array([6, 1, 4], dtype="Int64"),
        "sampled": pd.array([8, 10, 4], dtype="Int64"),
    }
)
DAYS = pd.DataFrame(
    {"day": pd.to_datetime(["2026-03-02", "2026-03-03", "2026-03-09"]), "interviews": [4, 6, 1], "total": [4, 10, 11]}
)


def test_the_area_furthest_behind_is_told_first():
    picture = returned_bars(AREAS, area=["stratum"])
    assert picture.alt.index("2 1/10") < picture.alt.index("1 6/8") < picture.alt.index("3 4/4")
    assert picture.svg() == returned_bars(AREAS, area=["stratum"]).svg()


def test_without_a_sample_only_what_came_back_is_drawn():
    alone = AREAS.assign(sampled=pd.array([pd.NA] * 3, dtype="Int64"))
    assert "1 6/-" in returned_bars(alone, area=["stratum"]).alt


def test_areas_carry_the_labels_of_their_codes():
    wording = Wording(language="ko", entries={"stratum": {"label": {"ko": "도"}, "values": {"1": {"ko": "평양"}}}})
    picture = returned_bars(AREAS, area=["stratum"], wording=wording)
    assert "평양 6/8" in picture.alt
    assert picture.title == "층별 표본 대비 회수"


def test_days_are_told_with_their_running_total():
    picture = day_plot(DAYS, sampled=13)
    assert "2026-03-09 1 (11)" in picture.alt
    labels = [text.get_text() for text in picture.drawing.axes[0].get_xticklabels()]
    assert labels == ["03-02", "03-03", "03-09"]
    assert picture.drawing.axes[0].get_ylim()[1] > 13


def test_labels_of_close_days_do_not_run_into_each_other():
    days = pd.date_range("2026-01-01", periods=200)
    frame = pd.DataFrame({"day": days, "interviews": [1] * 200, "total": range(1, 201)})
    assert len(day_plot(frame).drawing.axes[0].get_xticks()) <= 13


def test_digits_are_shares_of_all_readings():
    frame = pd.DataFrame({"item": ["a", "a", "b"], "digit": [0, 5, 0], "count": [6, 2, 2]})
    assert "0: 80 %; 1: 0 %" in digit_bars(frame).alt


@pytest.mark.parametrize(
    ("draw", "frame"),
    [
        (lambda frame: returned_bars(frame, area=["stratum"]), AREAS.iloc[:0]),
        (day_plot, DAYS.iloc[:0]),
        (digit_bars, pd.DataFrame({"digit": [0], "count": [0]})),
    ],
)
def test_nothing_to_draw_is_a_finding(draw, frame):
    with pytest.raises(ReportingError) as caught:
        draw(frame)
    assert [finding.code for finding in caught.value.findings] == ["picture-nothing-to-draw"]


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(ReportingError) as caught:
        day_plot(DAYS.drop(columns="total"))
    assert [finding.code for finding in caught.value.findings] == ["report-unknown-column"]


def test_every_text_of_the_page_is_there_in_english_and_korean():
    texts = json.loads((files("surveykit.reporting") / "fieldwork.json").read_text(encoding="utf-8"))
    assert [key for key, text in texts.items() if set(text) != {"en", "ko"}] == []
    assert field_text("no such key", "ko") == "no such key"


def test_titles_of_lists_are_whole_names_of_sheets():
    names = (
        "strata",
        "clusters",
        "teams",
        "days",
        "outcomes",
        "rates",
        "rules",
        "team_rules",
        "interviewers",
        "digits",
    )
    assert [name for name in names for language in ("en", "ko") if len(field_text(name, language)) > 31] == []
