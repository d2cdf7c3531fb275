"""A small sample with two strata of two clusters."""

import pandas as pd
import pytest


@pytest.fixture
def sample():
    return pd.DataFrame(
        {
            "stratum": ["a", "a", "a", "a", "b", "b", "b", "b"],
            "psu": [1, 1, 2, 2, 1, 1, 2, 2],
            "household": [1, 2, 1, 1, 1, 2, 1, 2],
            "size": [10, 10, 10, 10, 4, 4, 4, 4],
            "inner": [6, 6, 3, 3, 5, 5, 8, 8],
            "wt": [2.0, 3.0, 2.0, 2.0, 5.0, 4.0, 4.0, 0.0],
            "age": [21, 34, 56, 67, 19, 45, 44, 80],
            "name": list("abcdefgh"),
        }
    )
