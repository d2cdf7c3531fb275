"""Listing sheets and the written random table."""

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from surveykit.errors import SamplingError
from surveykit.sampling.listing import read_listings, write_listing_sheets
from surveykit.sampling.respondent import respondent_table
from surveykit.sampling.sample import write_sample
from surveykit.sampling.selection import select


def clusters():
    frame = pd.DataFrame({"cluster": ["a/1", "b/2", "c/3"], "county": ["Samsu", "Hyesan", "Samsu"]})
    return select(frame, unit="cluster", n=2, seed=1, method="simple")


def fill(path, lines):
    sheet = pd.read_excel(path, engine="openpyxl")
    sheet = sheet.astype({"members": "object"})
    sheet.loc[: lines - 1, "members"] = 4
    sheet.to_excel(path, index=False, sheet_name="listing")


def test_listing_sheets_go_out_come_back_and_are_sampled(tmp_path):
    sample = clusters()
    paths = write_listing_sheets(sample, tmp_path / "lists", show=["county"], rows=30)
    assert len(paths) == 2
    for path in paths:
        fill(path, 25)
    listing, findings = read_listings(paths, unit="cluster")
    assert len(findings) == 0
    assert len(listing) == 50
    homes = select(listing, unit="household", n=20, seed=2, within=sample)
    assert len(homes) == 40
    assert homes.units["probability_2"].unique().tolist() == [0.8]


def test_names_that_look_like_formulas_stay_text(tmp_path):
    frame = pd.DataFrame({"cluster": ["=1+1", "+2", "@3"], "county": ["-x", "=HYPERLINK(A1)", "y"]})
    sample = select(frame, unit="cluster", n=3, seed=1, method="simple")
    paths = [
        *write_listing_sheets(sample, tmp_path, show=["county"], rows=2),
        write_sample(sample, tmp_path / "s.xlsx"),
    ]
    cells = [cell for path in paths for row in load_workbook(path).worksheets[0].iter_rows(min_row=2) for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert {"=1+1", "=HYPERLINK(A1)", "-x"} <= {cell.value for cell in cells}


def test_bad_listings_are_findings_and_never_raise(tmp_path):
    sample = clusters()
    empty, twice = write_listing_sheets(sample, tmp_path, rows=5)
    sheet = pd.read_excel(twice, engine="openpyxl").assign(members=3)
    sheet.loc[1, "household"] = 1
    sheet.loc[2, "cluster"] = "z"
    sheet.to_excel(twice, index=False, sheet_name="listing")
    sheet.drop(columns="household").to_excel(tmp_path / "lacking.xlsx", index=False, sheet_name="listing")
    (tmp_path / "broken.xlsx").write_bytes(b"PK no workbook")
    listing, findings = read_listings(
        [empty, twice, tmp_path / "lacking.xlsx", tmp_path / "broken.xlsx", tmp_path / "none.xlsx"], unit="cluster"
    )
    assert findings.codes == {
        "sampling-listing-empty": 1,
        "sampling-listing-twice": 1,
        "sampling-listing-mixed": 1,
        "sampling-listing-column": 1,
        "sampling-listing-unreadable": 2,
    }
    assert len(listing) == 5
    none, _ = read_listings([], unit="cluster")
    assert none.columns.tolist() == ["cluster", "household", "address", "household_head", "members"]


def test_a_column_to_show_must_exist(tmp_path):
    with pytest.raises(SamplingError) as caught:
        write_listing_sheets(clusters(), tmp_path, show=["ri"])
    assert caught.value.findings[0].code == "sampling-frame-column"


def test_the_respondent_table_is_the_same_for_whoever_makes_it():
    first, again = (respondent_table("c17", seed=11) for _ in range(2))
    np.testing.assert_array_equal(first.ranks, again.ranks)
    assert not np.array_equal(first.ranks, respondent_table("c18", seed=11).ranks)
    frame = first.to_frame()
    assert frame.shape == (20, 10)
    assert frame["adults_3"].iloc[4] == first.pick(5, 3)


def test_every_adult_has_the_same_chance():
    tables = [respondent_table(f"c{number}", seed=1, households=50).ranks for number in range(100)]
    ranks = np.concatenate(tables)
    for adults in range(1, 9):
        counts = np.bincount(ranks[:, adults - 1], minlength=adults + 1)[1:]
        assert counts.size == adults
        expected = len(ranks) / adults
        statistic = ((counts - expected) ** 2 / expected).sum()
        assert statistic < 26  # chi-square, 7 df: 0.9995 quantile; seeds are fixed


def test_outside_the_table_there_is_no_answer():
    table = respondent_table("c1", seed=1, households=3, most=2)
    for household, adults in [(0, 1), (4, 1), (1, 0), (1, 3)]:
        with pytest.raises(SamplingError) as caught:
            table.pick(household, adults)
        assert caught.value.findings[0].code == "sampling-respondent-range"
    with pytest.raises(SamplingError) as caught:
        respondent_table("c1", seed=1, households=0)
    assert caught.value.findings[0].code == "sampling-respondent-range"
