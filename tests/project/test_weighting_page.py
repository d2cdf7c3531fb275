"""The page about the weights of a survey folder."""

from __future__ import annotations

import pandas as pd

from surveykit.project import weights


def test_small_numbers_are_written_so_that_a_page_shows_them():
    frame = pd.DataFrame({"id": ["a", "b"], "share": [0.00125, 0.2], "misfit": [3.2e-9, 0.4]})
    told = weights._printed(frame)
    assert told["share"].tolist() == ["0.12%", "20.00%"]
    assert told["misfit"].tolist() == ["3.2e-09", "4.0e-01"]
    assert frame["share"].tolist() == [0.00125, 0.2]
