"""Verbs that share their work between processes, and what comes back when one of them cannot go on."""

from __future__ import annotations

import pickle

import pytest

from surveykit.errors import ReportingError
from surveykit.findings import Place
from surveykit.project.making import side_by_side
from surveykit.reporting import publish


def refuse(path):
    raise ReportingError.of("report-not-writable", Place(file=path), reason="full")


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_of_a_process_comes_back_with_its_findings(processes):
    with pytest.raises(ReportingError) as caught:
        side_by_side(refuse, [("a.html",), ("b.html",)], processes)
    assert caught.value.findings.codes == {"report-not-writable": 1}
    assert caught.value.findings[0].where.file == "a.html"


def test_an_error_is_the_same_after_pickling():
    error = ReportingError.of("report-not-writable", Place(file="x"), reason="full")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert type(again) is ReportingError
    assert (str(again), again.findings) == (str(error), error.findings)


def test_a_report_says_that_word_is_lacking_and_goes_on(monkeypatch):
    assert publish.lacking(".docx") is None
    monkeypatch.setattr(publish, "find_spec", lambda _: None)
    note = publish.lacking(".docx")
    assert (note.code, note.severity) == ("report-extra-missing", "info")
    assert publish.lacking(".html") is None
