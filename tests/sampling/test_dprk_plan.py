"""The worked example: 20 strata, 260 clusters, 20 households, one adult."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveykit.sampling.allocation import allocate
from surveykit.sampling.frame import check_frame, read_frame
from surveykit.sampling.selection import select

FRAME = Path(__file__).resolve().parents[2] / "examples" / "frames" / "dprk_frame.csv.gz"


@pytest.fixture(scope="module")
def frame():
    return read_frame(FRAME, text=["cluster", "county"])


def by_stratum(frame, clusters=260):
    """Square-root allocation to provinces, then by size to their towns and villages, two clusters at least."""
    provinces = frame.groupby("K_PROV")["persons"].sum()
    shared = allocate({int(key): float(size) for key, size in provinces.items()}, clusters, method="power").takes
    takes = {}
    for province, take in shared.items():
        inside = frame[frame["K_PROV"] == province].groupby("area")["persons"].sum()
        sizes = {(province, int(area)): float(size) for area, size in inside.items()}
        takes |= allocate(sizes, take, minimum=2).takes
    return takes


def test_the_frame_adds_up_to_the_census_and_says_that_it_is_made_up(frame):
    provinces = pd.read_csv(FRAME.parents[1] / "data" / "dprk_provinces_2008.csv")
    sums = frame.groupby("K_PROV")["persons"].sum()
    assert sums.tolist() == provinces["population_2008_census"].tolist()
    assert frame.loc[frame["area"] == 1, "persons"].sum() == pytest.approx(14_155_393, rel=0.001)
    assert (frame["made_up"] == 1).all()
    assert check_frame(frame, unit="cluster", size="households", strata=["K_PROV", "area"]).ok
    counties = pd.read_csv(FRAME.parents[1] / "data" / "dprk_counties.csv")
    assert set(frame["county"]) == set(counties["county_code"])


def test_the_plan_has_twenty_strata_260_clusters_and_240_degrees_of_freedom(frame):
    takes = by_stratum(frame)
    assert (len(takes), sum(takes.values()), sum(takes.values()) - len(takes)) == (20, 260, 240)
    drawn = select(
        frame, unit="cluster", n=takes, seed=2026, method="pps-systematic", size="households",
        strata=["K_PROV", "area"], order=["county"],
    )  # fmt: skip
    assert len(drawn) == 260
    assert (drawn.units["weight"] * drawn.units["households"]).sum() == pytest.approx(frame["households"].sum())
    homes = pd.DataFrame(
        [(cluster, number) for cluster in drawn.units["cluster"] for number in range(1, 101)],
        columns=["cluster", "household"],
    )
    asked = select(homes, unit="household", n=20, seed=2026, within=drawn)
    assert len(asked) == 5200
    np.testing.assert_allclose(asked.units["probability_2"], 0.2)
    assert asked.units["stratum_1"].nunique() == 20
