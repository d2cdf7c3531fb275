# ruff: noqa: INP001  # an example script stands alone, it is no package
"""Make the example frame of the DPRK: census provinces, real county codes, everything below made up.

Province totals are those of the census of 1 October 2008. Which ri and dong a county has, how many people live in
them, and whether they are urban is invented by a fixed random stream; only the national urban share is met.
Run from the top of the checkout: ``python examples/frames/make_dprk_frame.py``.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from surveykit.sampling.streams import uniforms

HERE: Final = Path(__file__).resolve().parent
DATA: Final = HERE.parent / "data"
SEED: Final = 20081001  # the day of the census
PERSONS_A_UNIT: Final = 4700  # made up: gives about 5,000 ri and dong
PERSONS_A_HOUSEHOLD: Final = 3.9  # general knowledge of the 2008 census
URBAN: Final = 14_155_393  # census of 2008, without 702,372 persons counted outside the provinces
CITY_FACTOR: Final = 3.0  # made up: a city has three times the people of a county


def whole(shares: np.ndarray, total: int) -> np.ndarray:
    """Share a total out in whole numbers, largest remainders first."""
    exact = shares / shares.sum() * total
    parts = np.floor(exact).astype(int)
    parts[np.argsort(parts - exact, kind="stable")[: total - parts.sum()]] += 1
    return parts


def counties() -> pd.DataFrame:
    """Return counties with made-up people that add up to their province."""
    provinces = pd.read_csv(DATA / "dprk_provinces_2008.csv").set_index("K_PROV")["population_2008_census"]
    listed = pd.read_csv(DATA / "dprk_counties.csv").sort_values(["K_PROV", "county_code"])
    parts = []
    for province, group in listed.groupby("K_PROV"):
        luck = 0.6 + 0.8 * uniforms(len(group), SEED, "county", province)
        weight = luck * np.where(group["type"].eq("city"), CITY_FACTOR, 1.0)
        parts.append(group.assign(persons=whole(weight, int(provinces[province])), weight=weight))
    return pd.concat(parts, ignore_index=True)


def units(county: pd.Series, lean: float) -> pd.DataFrame:
    """Return the made-up ri and dong of a county."""
    count = max(4, round(county["persons"] / PERSONS_A_UNIT))
    luck = uniforms(2 * count, SEED, "unit", county["county_code"])
    odds = lean * (9.0 if county["type"] == "city" or county["K_PROV"] == 10 else 1.0)
    urban = luck[:count] < odds / (1 + odds)
    persons = whole(0.4 + luck[count:] + 0.4 * urban, int(county["persons"]))
    return pd.DataFrame(
        {
            "cluster": [f"{county['county_code']}-{number:03d}" for number in range(1, count + 1)],
            "K_PROV": county["K_PROV"],
            "county": county["county_code"],
            "area": np.where(urban, 1, 2),
            "persons": persons,
            "households": np.maximum(1, np.round(persons / PERSONS_A_HOUSEHOLD)).astype(int),
            "made_up": 1,
        }
    )


def frame(lean: float) -> pd.DataFrame:
    """Return the frame for an odds of being urban."""
    return pd.concat([units(county, lean) for _, county in counties().iterrows()], ignore_index=True)


def main() -> None:
    """Find the odds that meet the national urban share, and write the frame."""
    low, high = 0.05, 5.0
    for _ in range(25):
        middle = (low * high) ** 0.5
        made = frame(middle)
        urban = made.loc[made["area"] == 1, "persons"].sum()
        low, high = (middle, high) if urban < URBAN else (low, middle)
    with (HERE / "dprk_frame.csv.gz").open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(made.to_csv(index=False, lineterminator="\n").encode())


if __name__ == "__main__":
    main()
