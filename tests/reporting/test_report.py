"""A report is one file that shows everything, loads nothing and reads without a mouse or eyes."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser

import docx
import pandas as pd
import pytest

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.errors import ReportingError
from surveykit.reporting import report as report_module
from surveykit.reporting.diagnostics import tile_map, weight_distribution
from surveykit.reporting.listing import Listing
from surveykit.reporting.methods import method_sentences, software
from surveykit.reporting.plots import dot_plot, grouped_bars
from surveykit.reporting.reliability import suppress
from surveykit.reporting.report import KeyFigure, Section, key_figure, make_report, publish_report, with_section
from surveykit.reporting.table import Table
from surveykit.reporting.tabulation import tabulate

EVIL = "<script>alert(1)</script>"


def _survey() -> Survey:
    frame = pd.DataFrame(
        {"h": [1, 1, 1, 1, 2, 2], "c": [1, 1, 2, 2, 3, 4], "w": [1.0, 2, 1, 2, 3, 3], "y": [0, 1, 0, 1, 1, 0]}
    )
    return Survey(frame, SurveyDesign(strata="h", clusters="c", weights="w", lonely_psu="adjust"))  # fmt: skip


@pytest.fixture(scope="module")
def made(make):
    @cache
    def build(language: str = "en"):
        table = suppress(make(language=language, source="NHANES 2015–2016"), "rse-stars")
        return make_report(
            {"en": "Obesity", "ko": "비만"},
            subtitle=EVIL,
            key_figures=[key_figure(table, "total", "total"), key_figure(table, "total.standardised", "sex=2"),
                         KeyFigure(label=EVIL, value="1")],
            sample=["The sample.", tile_map({1: 10.0, 2: 20.0})],
            weighting=[weight_distribution([1.0, 2, 3])],
            results=[table, dot_plot(table), grouped_bars(table)],
            methods=method_sentences(_survey(), tables=[table], language=language),
            codebook=pd.DataFrame({"var": ["sex", EVIL], "label": ["Sex", "=1+1"]}),
            inputs={"answers.parquet": "ab" * 32},
            language=language,
        )  # fmt: skip

    return build


class Reader(HTMLParser):
    """What a screen reader meets: headings, pictures with their words, tables, links and their targets."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.pictures: list[dict] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.scopes: set[str] = set()
        self.focusable = 0

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.pictures.append(given)
        if tag == "a":
            self.links.append(given["href"])
        self.scopes |= {given["scope"]} if "scope" in given else set()
        self.ids += [given["id"]] if "id" in given else []
        self.focusable += given.get("tabindex") == "0"


@pytest.fixture(scope="module")
def page(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    publish_report(made(), path)
    return path


def test_the_page_reads_without_eyes_or_mouse(page):
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    assert reader.headings[0] == 1
    assert reader.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(reader.headings, reader.headings[1:], strict=False))
    assert len(reader.pictures) == 4
    assert all(len(picture["alt"]) > 30 for picture in reader.pictures)
    assert len(reader.ids) == len(set(reader.ids))
    assert {link[1:] for link in reader.links} <= set(reader.ids)
    assert {"row", "col", "colgroup"} <= reader.scopes
    assert reader.focusable >= 3


def test_the_page_carries_everything_and_loads_nothing(page):
    text = page.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    sources = re.findall(r'src="([^"]{30})', text)
    assert len(sources) == 4
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    outside = re.findall(r"https?://[^\s\"'<]+", re.sub(r"base64,[A-Za-z0-9+/=]+", "", text))
    assert outside == []
    for content in re.findall(r"base64,([A-Za-z0-9+/=]+)", text):
        assert b"<svg" in base64.b64decode(content)


def test_key_figures_and_methods_are_told(page):
    text = page.read_text(encoding="utf-8")
    assert "<dd>39.8%</dd>" in text
    assert "Obesity, Women, Total, standardised (age group)" in text
    assert "2 strata (h), 4 primary sampling units (c)" in text
    assert "degrees of freedom" in text
    assert "rse-stars" in text
    assert "ab" * 32 in text
    assert f"surveykit {software()['surveykit']}" in text


def test_a_hidden_key_figure_says_so(make):
    table = suppress(make(), "rse-stars")
    hidden = suppress(tabulate(pd.DataFrame({"variable": ["v"], "estimate": [0.5], "n": [3]})), "minimum-cell")
    assert key_figure(hidden, "total", "total").value == "not shown"
    assert key_figure(table, "age_group=60+", "sex=1", label={"en": "Men of 60"}).label == "Men of 60"
    with pytest.raises(ReportingError) as caught:
        key_figure(table, "total", "sex=3")
    assert caught.value.findings.codes == {"report-unknown-option": 1}


def test_the_word_report_holds_the_same_parts(made, tmp_path):
    publish_report(made("ko"), tmp_path / "r.docx")
    document = docx.Document(str(tmp_path / "r.docx"))
    headings = [one.text for one in document.paragraphs if one.style.name.startswith("Heading")]
    assert headings[:5] == ["주요 결과", "표본과 응답", "가중치", "결과표", "표 1. 비만율"]
    assert len(document.tables) == 3
    assert len(document.inline_shapes) in {0, 1, 4}
    assert document.core_properties.title == "비만"


def test_sections_can_be_added(made):
    report = with_section(made(), Section(id="quality", title="Quality", blocks=("Good.",)))
    assert [one.id for one in report.sections][-3:] == ["quality", "methods", "codebook"]
    assert [one.id for one in with_section(report, Section(id="x", title="X", blocks=()), before="y").sections][
        -1
    ] == "x"


def test_a_report_without_parts_has_no_empty_headings():
    assert [one.id for one in make_report("Empty").sections] == ["methods"]
    listed = make_report("L", codebook=Listing(title="Codes", frame=pd.DataFrame({"a": [1]})))
    assert [one.id for one in listed.sections] == ["methods", "codebook"]


def test_methods_tell_designs_of_every_kind():
    frame = _survey().frame.assign(r1=[2.0, 0, 2, 0, 3, 3], r2=[0.0, 4, 0, 4, 3, 3])
    replicated = method_sentences(Survey(frame, ReplicateDesign(weights="w", replicates="r[0-9]", method="brr")))
    assert any("replicate weights (brr)" in one for one in replicated)
    plain = method_sentences(Survey(frame, SurveyDesign()))
    assert "All respondents count alike." in plain
    assert any("respondents drawn directly" in one for one in plain)
    assert any('"adjust"' in one for one in method_sentences(_survey()))
    assert method_sentences(_survey(), language="ko")[0].startswith("표본설계: 층 2개(h)")


@pytest.mark.parametrize(("code", "name"), [
    ("report-unknown-option", "r.pdf"), ("report-not-writable", "absent/r.html"), ("report-too-large", "r.html"),
    ("report-extra-missing", "r.docx"),
])  # fmt: skip
def test_reports_that_cannot_be_written_are_refused_by_name(made, tmp_path, monkeypatch, code, name):
    if code == "report-too-large":
        monkeypatch.setattr(report_module, "MAX_BYTES", 1000)
    monkeypatch.delitem(sys.modules, "surveykit.reporting.report_word", raising=False)
    monkeypatch.delitem(sys.modules, "surveykit.reporting.word", raising=False)
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(ReportingError) as caught:
        publish_report(made(), tmp_path / name)
    assert caught.value.findings.codes == {code: 1}


def _chromium(*arguments: str) -> subprocess.CompletedProcess:
    fixed = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return subprocess.run([*fixed, *arguments], capture_output=True, text=True, timeout=120, check=True)


@pytest.mark.wants_chromium
def test_a_browser_shows_every_picture_and_complains_of_nothing(page, tmp_path):
    text = page.read_text(encoding="utf-8")
    assert "CONSOLE" not in _chromium("--enable-logging=stderr", "--dump-dom", page.as_uri()).stderr
    # the same page with a probe: whether each picture was drawn goes into the title
    probe = "onload = () => document.title = [...document.images].map(one => one.complete && one.naturalWidth > 99)"
    watched = text.replace("img-src", "script-src 'unsafe-inline'; img-src")
    (tmp_path / "watched.html").write_text(watched.replace("</body>", f"<script>{probe}</script></body>"), "utf-8")
    dom = _chromium("--virtual-time-budget=5000", "--dump-dom", (tmp_path / "watched.html").as_uri()).stdout
    assert "<title>true,true,true,true</title>" in dom


@pytest.fixture
def wide() -> Table:
    years = [{"year": year, "variable": "v", "estimate": 0.4, "lower": 0.3, "upper": 0.5} for year in range(2011, 2023)]
    return tabulate(pd.DataFrame(years), blocks="year", statistics=["estimate", "interval"])


@pytest.mark.wants_chromium
def test_the_report_prints_to_a4_and_turns_for_a_wide_table(made, wide, tmp_path):
    report = with_section(made(), Section(id="years", title="Years", blocks=(wide, "Upright again.")))
    publish_report(report, tmp_path / "r.html")
    _chromium(f"--print-to-pdf={tmp_path / 'r.pdf'}", (tmp_path / "r.html").as_uri())
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", (tmp_path / "r.pdf").read_bytes())
    # ISO 216: A4 is 210 by 297 mm, 595.3 by 841.9 points
    assert all(abs(min(float(side) for side in box) - 595.3) < 1.5 for box in boxes)
    assert all(abs(max(float(side) for side in box) - 841.9) < 1.5 for box in boxes)
    across = [float(high) < float(wide) for wide, high in boxes]
    assert across.count(True) == 1
    assert across[0] is across[-1] is False


def test_the_word_report_turns_for_a_wide_table_alone(made, wide, tmp_path):
    report = with_section(made(), Section(id="years", title="Years", blocks=(wide, "Upright again.")))
    publish_report(report, tmp_path / "r.docx")
    sections = docx.Document(str(tmp_path / "r.docx")).sections
    assert [one.page_width > one.page_height for one in sections] == [False, True, False]
