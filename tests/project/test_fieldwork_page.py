"""The fieldwork page of a survey folder."""

from __future__ import annotations

import pandas as pd

from surveykit.project import monitoring
from surveykit.reporting.listing import Listing


def test_of_many_days_the_page_lists_the_last_and_says_where_all_are():
    days = pd.DataFrame({"day": pd.date_range("2026-01-01", periods=90), "interviews": 1})
    lists = {"days": Listing(title="Days", frame=days), "rates": Listing(title="Rates", frame=days.head(1))}
    short = monitoring._shortened(lists, "en")
    assert len(short["days"].frame) == 14
    assert short["days"].frame["day"].iloc[-1] == days["day"].iloc[-1]
    assert "monitor.xlsx" in short["days"].notes[0]
    assert short["rates"] is lists["rates"]
    few = {"days": Listing(title="Days", frame=days.head(31))}
    assert monitoring._shortened(few, "ko") is few
