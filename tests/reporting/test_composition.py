"""A whole report is put together from tables and answers, and says how its figures were made."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import ReportingError
from surveykit.questionnaire.codebook import codebook
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.reporting.canvas import Picture
from surveykit.reporting.composition import compose_report
from surveykit.reporting.diagnostics import tile_map
from surveykit.reporting.listing import Listing, codebook_listing, listing_html
from surveykit.reporting.methods import publish_methods, software
from surveykit.reporting.reliability import suppress
from surveykit.reporting.report import KeyFigure, key_figure, numbered
from surveykit.reporting.table import Table
from surveykit.reporting.tabulation import tabulate


@pytest.fixture(scope="module")
def survey() -> Survey:
    frame = pd.DataFrame({"h": [1, 1, 2, 2], "c": [1, 2, 3, 4], "w": [1.0, 2, 3, 3], "y": [0, 1, 1, 0]})
    return Survey(frame, SurveyDesign(strata="h", clusters="c", weights="w"))


def _frame(**by: list) -> pd.DataFrame:
    count = max([len(values) for values in by.values()], default=1)
    values = {"variable": "v", "estimate": 0.4, "se": 0.02, "lower": 0.36, "upper": 0.44, "n": 500, "df": 30}
    return pd.DataFrame({**by, **{name: [value] * count for name, value in values.items()}})


@pytest.fixture(scope="module")
def composed(make, survey):
    years = tabulate([_frame(year=[2019, 2020, 2021])], table_id="years")
    areas = tabulate([_frame(), _frame(province=[1, 2]), _frame(age=[1, 2])], table_id="areas")
    hidden = suppress(tabulate(_frame().assign(n=3, variable="few"), table_id="few"), "minimum-cell")
    return compose_report(
        {"en": "Obesity"},
        [make(), years, areas, hidden],
        survey,
        codebook=codebook(load_questionnaire("first-light")),
        inputs={"answers.parquet": "ab" * 32},
        maps={"province": "dprk"},
    )


def _section(report, name: str) -> tuple:
    return next(one.blocks for one in report.sections if one.id == name)


def test_every_part_of_a_report_is_there(composed):
    assert [one.id for one in composed.sections] == [
        "key-figures", "sample-and-response", "weighting", "results", "methods", "codebook",
    ]  # fmt: skip
    assert _section(composed, "sample-and-response")[0].startswith("Sampling design: 2 strata (h)")


def test_key_figures_are_the_whole_population_of_each_table_standardised_where_it_is(composed, make):
    figures = [one for one in _section(composed, "key-figures") if isinstance(one, KeyFigure)]
    standardised = make().cell("total.standardised", "total.estimate").display
    assert [one.value for one in figures] == [f"{standardised}%", "40.0%", "not shown"]


def test_tables_give_the_pictures_that_their_figures_allow(composed):
    kinds = [type(one).__name__ for one in _section(composed, "results")]
    assert kinds == ["Table", "Picture", "Table", "Picture", "Table", "Picture", "Picture", "Table"]
    pictures = [one for one in _section(composed, "results") if isinstance(one, Picture)]
    assert [one.id for one in pictures] == ["table", "years", "areas", "map"]


def test_tables_and_figures_are_counted_through(composed):
    titles = [one.title for one in _section(numbered(composed), "results") if isinstance(one, Table | Picture)]
    assert [title.split(".")[0] for title in titles] == [
        "Table 1", "Figure 2", "Table 2", "Figure 3", "Table 3", "Figure 4", "Figure 5", "Table 4",
    ]  # fmt: skip
    assert numbered(composed).sections[0] == composed.sections[0]


def test_a_map_takes_the_rows_of_its_own_variable():
    table = tabulate([_frame(province=[1, 2]), _frame(age=[1, 2]).assign(estimate=0.9)])
    alt = tile_map(table, variable="province").alt
    assert "Ryanggang 40.0" in alt
    assert "90.0" not in alt


def test_a_codebook_is_listed_for_readers_in_their_language():
    book = codebook_listing(codebook(load_questionnaire("first-light")), "ko")
    assert isinstance(book, Listing)
    assert book.heads == ["번호", "변수", "문항", "값", "대상"]
    rows = {row[1]: row for row in book.rows()}
    assert rows["sex"][3].startswith("1 ")
    long = codebook_listing(codebook(load_questionnaire("dprk-summary"))).frame
    assert long["values"].str.contains("and [0-9]+ more", regex=True).any()


def test_methods_are_written_in_words_and_for_programs(make, survey, tmp_path):
    table = suppress(make(), "rse-stars")
    for name in ("methods.md", "manifest.json"):
        publish_methods(
            tmp_path / name, survey, tables=[table], inputs={"a.csv": "ab" * 32}, made={"t.xlsx": "cd" * 32}
        )
    words = (tmp_path / "methods.md").read_text(encoding="utf-8")
    assert "- `a.csv` SHA-256 `" + "ab" * 32 in words
    assert "## Files made" in words
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["software"] == software()
    assert manifest["tables"]["table"]["rule rse-stars"]
    assert manifest["made"] == {"t.xlsx": "cd" * 32}
    with pytest.raises(ReportingError) as caught:
        publish_methods(tmp_path / "methods.txt", survey)
    assert caught.value.findings.codes == {"report-unknown-option": 1}


def test_texts_without_a_code_list_keep_the_order_that_they_came_in():
    table = tabulate(_frame(term=["Men", "40–59", "20–39"]))
    assert [row.label for row in table.rows] == ["Men", "40–59", "20–39"]


def test_units_of_key_figures_stand_before_their_marks():
    table = tabulate(_frame().assign(estimate=0.111, se=0.04, cv=0.36))
    marked = suppress(table, "rse-stars")
    assert [figure.value for figure in [key_figure(marked, "total", "total")]] == ["11.1%*"]


def test_whole_numbers_among_others_of_a_column_stay_decimal():
    listing = Listing(title="L", frame=pd.DataFrame({"sum": [5644147.0, 2.5], "n": [1, 2]}))
    assert listing.rows() == [[5644147.0, 1], [2.5, 2]]
    assert "5,644,147.00" in listing_html(listing)
