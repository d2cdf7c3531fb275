"""Pictures show what may be shown, say it in words, and come out the same every time."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from surveykit.errors import ReportingError
from surveykit.reporting import canvas as canvas_module
from surveykit.reporting.canvas import FACES, PALETTE, draw, hangul_faces, ink_on
from surveykit.reporting.diagnostics import love_plot, population_pyramid, response_map, tile_map, weight_distribution
from surveykit.reporting.labels import Wording
from surveykit.reporting.plots import dot_plot, forest, grouped_bars, series_of, trend
from surveykit.reporting.reliability import suppress
from surveykit.reporting.tabulation import tabulate

PNG = b"\x89PNG\r\n\x1a\n"


def _years() -> pd.DataFrame:
    return pd.DataFrame([
        {"year": 2015 - i, "sex": sex, "variable": "smoker", "estimate": 0.3 + 0.01 * i, "se": 0.01,
         "lower": 0.28 + 0.01 * i, "upper": 0.32 + 0.01 * i, "n": 500}
        for i in range(5) for sex in (1, 2)
    ])  # fmt: skip


def _pyramid() -> pd.DataFrame:
    return pd.DataFrame({
        "age_group": [1, 1, 2, 2], "sex": [1, 2, 1, 2], "sample": [10, 20, 30, 40], "population": [25, 25, 25, 25],
    })  # fmt: skip


def _rates() -> pd.DataFrame:
    return pd.DataFrame({"area": ["a", "a", "b"], "week": [1, 2, 1], "rate": [0.5, 1.0, 0.25]})


def _balance() -> pd.DataFrame:
    return pd.DataFrame({
        "covariate": ["age", "urban"], "category": ["", 1], "asmd_before": [0.3, 0.2], "asmd_after": [0.02, 0.01],
    })  # fmt: skip


def _odds() -> pd.DataFrame:
    return pd.DataFrame({
        "term": ["age", "sex"], "variable": "htn", "statistic": "odds ratio", "estimate": [1.8, 0.9], "se": [0.1, 0.1],
        "lower": [1.6, 0.7], "upper": [2.0, 1.1], "n": [500, 500],
    })  # fmt: skip


def _all(make) -> dict:
    table = make()
    return {
        "dots": dot_plot(table),
        "bars": grouped_bars(table),
        "forest": forest(tabulate(_odds())),
        "trend": trend(tabulate(_years(), blocks="sex")),
        "pyramid": population_pyramid(_pyramid()),
        "weights": weight_distribution([1.0, 2, 3, 0]),
        "love": love_plot(_balance()),
        "map": tile_map({1: 20.0, 2: 30.0, 3: None}),
        "response": response_map(_rates(), row="area", column="week", rate="rate"),
    }


def test_every_picture_is_svg_and_png_the_same_bytes_twice(make):
    first, second = _all(make), _all(make)
    for name, picture in first.items():
        svg = picture.svg()
        assert svg == second[name].svg(), name
        assert svg.startswith(b"<?xml"), name
        assert b"<dc:date>" not in svg, name
        assert picture.alt.strip(), name
    assert first["map"].png(dpi=50) == second["map"].png(dpi=50)


def test_files_follow_their_suffix(make, tmp_path):
    picture = dot_plot(make())
    assert draw(picture, tmp_path / "p.svg").format == "svg"
    draw(picture, tmp_path / "p.png", dpi=60)
    assert (tmp_path / "p.png").read_bytes().startswith(PNG)
    with pytest.raises(ReportingError) as caught:
        draw(picture, tmp_path / "p.pdf")
    assert caught.value.findings.codes == {"report-unknown-option": 1}


def test_what_a_rule_hid_is_neither_drawn_nor_told(table):
    small = replace(table, figures={key: replace(figure, n=4) if key == ("age_group=60+", "sex=2") else figure
                                    for key, figure in table.figures.items()})  # fmt: skip
    hidden = suppress(small, "minimum-cell")
    women = next(one for one in series_of(hidden) if one.label == "Women")
    assert [point.row.label for point in women.points][-1] == "40–59"
    assert "37.2–49.1" in "".join(point.text for one in series_of(table) for point in one.points)
    assert "37.2–49.1" not in "".join(point.text for one in series_of(hidden) for point in one.points)
    assert len(dot_plot(hidden).drawing.axes[0].lines[2].get_xdata()) == 4


def test_the_words_say_the_numbers(make):
    alt = dot_plot(make()).alt
    assert alt.startswith("Plot: Obesity. % (95% CI): Total, Total, crude 39.8 (36.4–43.1);")
    assert alt.endswith("; and 3 more.")
    korean = dot_plot(make(language="ko"))
    assert korean.title == "비만율"
    assert korean.alt.endswith("외 3개.")
    assert population_pyramid(_pyramid()).alt.count("/") == 5
    assert "unequal weighting effect 1.17" in weight_distribution([1.0, 2, 3, 0]).alt
    assert "age before weighting 0.30, after weighting 0.02; urban: 1 before" in love_plot(_balance()).alt
    own = love_plot(_balance().rename(columns={"asmd_before": "raw"}), stages=["raw", "asmd_after"])
    assert "age raw 0.30" in own.alt
    assert "Jagang" in tile_map({5: 12.34}, decimals=2).alt
    assert "a 75; b 25" in response_map(_rates(), row="area", column="week", rate="rate").alt


@pytest.mark.skipif(not hangul_faces(), reason="no Hangul face on this machine")
def test_hangul_is_drawn_as_outlines(make):
    picture = dot_plot(make(language="ko"))
    svg = picture.svg().decode("utf-8")
    assert "<text" not in svg
    assert "DejaVu" not in hangul_faces()
    assert picture.png(dpi=50).startswith(PNG)


def test_without_a_hangul_face_svg_keeps_texts_and_png_says_what_to_install(make, monkeypatch):
    monkeypatch.setattr(canvas_module, "hangul_faces", lambda: ())
    picture = dot_plot(make(language="ko"))
    assert "비만율" in picture.svg().decode("utf-8").partition("<g")[2]
    with pytest.raises(ReportingError) as caught:
        picture.png()
    assert caught.value.findings.codes == {"picture-no-hangul-face": 1}
    assert FACES[0] in caught.value.findings[0].hint
    assert dot_plot(make()).png(dpi=50).startswith(PNG)


def test_trends_are_sorted_by_time():
    picture = trend(tabulate(_years(), blocks="sex"))
    line = picture.drawing.axes[0].lines[0]
    assert line.get_xdata().tolist() == [2011, 2012, 2013, 2014, 2015]
    assert line.get_ydata()[0] == pytest.approx(34)


def test_forests_have_a_line_of_no_effect():
    ratios = forest(tabulate(_odds())).drawing.axes[0]
    assert ratios.get_xscale() == "log"
    assert ratios.lines[0].get_xdata() == [1.0, 1.0]
    assert forest(tabulate(_odds()), reference=0, scale="linear").drawing.axes[0].get_xscale() == "linear"


def test_maps_take_tables_and_tiles_of_any_country():
    frame = pd.DataFrame({"region": [1, 2], "variable": "obese", "estimate": [0.3, 0.4], "n": [100, 4]})
    table = suppress(tabulate(frame), "minimum-cell")
    picture = tile_map(table, tiles="korea")
    assert "Seoul 30.0" in picture.alt
    assert "Busan not shown" in picture.alt
    own = {"tiles": [{"code": "N", "column": 0, "row": 0, "label": {"en": "North", "ko": "북"}}]}
    assert "북 1.0" in tile_map({"N": 1.0}, tiles=own, wording=Wording(language="ko")).alt


def test_colours_stay_apart_for_colour_blind_eyes():
    # Machado, Oliveira and Fernandes (2009), IEEE TVCG 15(6): matrices of full deuteranopia and protanopia
    deutan = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]])
    protan = np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    )
    for matrix in (np.eye(3), deutan, protan):
        seen = [matrix @ np.array(to_rgb(one)) for one in PALETTE[:5]]
        assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 0.1


def test_letters_on_shades_are_readable():
    assert ink_on("#000000") == "white"
    assert ink_on("#FFFFFF") != "white"
    assert ink_on("#00224E") == "white"


def test_drawing_leaves_no_trace_in_matplotlib(make):
    before = dict(mpl.rcParams)
    dot_plot(make()).svg()
    assert dict(mpl.rcParams) == before
    program = "import surveykit.reporting.diagnostics, sys; print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(("code", "call"), [
    ("picture-nothing-to-draw", lambda: dot_plot(tabulate(pd.DataFrame({"variable": ["v"], "estimate": [None]})))),
    ("picture-nothing-to-draw", lambda: weight_distribution([0, 0])),
    ("picture-nothing-to-draw", lambda: tile_map({99: 1.0})),
    ("picture-not-a-time", lambda: trend(tabulate(_odds()))),
    ("picture-two-sides", lambda: population_pyramid(_pyramid()[:1])),
    ("report-unknown-column", lambda: population_pyramid(_pyramid(), sample="counts")),
    ("report-unknown-option", lambda: tile_map({1: 1.0}, tiles="france")),
    ("report-unknown-option", lambda: forest(tabulate(_odds()), scale="square")),
])  # fmt: skip
def test_what_cannot_be_drawn_is_refused_by_name(code, call):
    with pytest.raises(ReportingError) as caught:
        call()
    assert caught.value.findings.codes == {code: 1}


def test_a_picture_is_squeezed_where_nobody_sees_it(make):
    svg = dot_plot(make()).svg().decode("utf-8")
    assert not re.search(r"[0-9]{2}\.[0-9]{3}", svg.partition("<defs>")[2])
    assert "scale(0.015625)" in svg  # of the faces: rounding it would shrink every letter
    assert "<!-- " not in svg


def test_a_block_keeps_colour_and_name_where_the_others_are_hidden():
    rows = [{"sex": sex, "area": area, "variable": "v", "estimate": 0.4, "lower": 0.3, "upper": 0.5, "n": n}
            for area in (1, 2) for sex, n in ((1, 3), (2, 300))]  # fmt: skip
    labels = {"sex": {"label": "Sex", "values": {1: "Men", 2: "Women"}}}
    table = suppress(tabulate(pd.DataFrame(rows), blocks="sex", labels=labels), "minimum-cell")
    assert [(one.label, one.number) for one in series_of(table)] == [("Women", 1)]
    for plot in (dot_plot, grouped_bars):
        picture = plot(table)
        assert [text.get_text() for text in picture.drawing.legends[0].get_texts()] == ["Women"]
        assert "Women, 1 40.0" in picture.alt


def test_a_heading_does_not_run_into_the_title(make):
    table = make()
    body = replace(table, rows=table.rows[2:], cells=table.cells[2:])
    grouped = replace(body, rows=tuple(replace(row, group="Age group") for row in body.rows))
    axes = dot_plot(grouped).drawing.axes[0]
    heading = next(text for text in axes.texts if text.get_text() == "Age group")
    assert axes.get_ylim()[1] - heading.xy[1] > 0.5  # half a line
