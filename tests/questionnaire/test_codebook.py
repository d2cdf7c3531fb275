"""The codebook: one row a variable, in every language, for analysts and for tables."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from surveykit.questionnaire.codebook import codebook
from surveykit.questionnaire.codebook_pages import codebook_html, codebook_markdown
from surveykit.questionnaire.definition import load_questionnaire

VILLAGE = load_questionnaire(Path(__file__).parents[1] / "definitions" / "bases" / "village.json")
BOOK = codebook(VILLAGE)
LIGHT = codebook(load_questionnaire("first-light"))


def test_there_is_one_row_a_column_of_the_data_in_printed_order():
    columns = [column for item in VILLAGE.items for column in item.columns]
    frame = BOOK.to_frame()
    assert list(frame["var"]) == columns
    assert frame["var"].is_unique


def test_a_select_multiple_has_a_row_for_each_of_its_ticks():
    assert BOOK.variable("assets_2").type == "tick"
    assert BOOK.label("assets_2", "ko") == "자산: 자전거"
    assert BOOK.value_labels("assets_2", "en") == {0: "not chosen", 1: "chosen"}
    assert BOOK.variable("assets_2").missing == {}


def test_value_labels_are_real_answers_and_missing_codes_stand_apart():
    assert LIGHT.value_labels("HE_prg", "ko") == {0: "아니오", 1: "예"}
    prg = LIGHT.variable("HE_prg")
    assert prg.kinds == {8: "na", 9: "dk"}
    assert prg.missing[9]["ko"] == "모름, 무응답"


def test_a_label_falls_back_on_the_base_language_and_then_on_english():
    assert LIGHT.label("sex", "ko-KP") == "성별"
    assert LIGHT.label("sex", "fr") == "Sex"
    assert LIGHT.label("no_such_column") == "no_such_column"
    with pytest.raises(KeyError):
        LIGHT.variable("no_such_column")


def test_the_universe_is_a_sentence_in_each_language():
    frame = LIGHT.to_frame().set_index("var")
    assert frame.loc["HE_prg", "universe_en"] == "if B1 is 2 Female and B2 is between 20 and 44"
    assert "B1" in frame.loc["HE_prg", "universe_ko"]
    assert frame.loc["sex", "universe_en"] == "every record of: Person"
    both = frame.loc["K_BPMED", "universe_en"]
    assert both == "if B2 is at least 18; and if D9 is 1 Yes"


def test_a_variable_names_the_indicators_that_need_it():
    assert "obesity_who" in LIGHT.variable("HE_ht").indicators
    assert LIGHT.variable("K_ALC12Y").indicators == ()


def test_question_text_and_values_stand_there_in_all_languages():
    row = LIGHT.to_frame().set_index("var").loc["HE_ht"]
    assert row["label_en"] == "Height"
    assert row["label_ko"] == "신장"
    assert row["hint_ko"] == "신발을 벗고 선 자세에서"
    assert (row["min"], row["max"], row["decimals"], row["measure"]) == (45, 220, 1, "cm")


def test_the_values_have_a_frame_of_their_own():
    frame = LIGHT.values_frame()
    prg = frame[frame["var"] == "HE_prg"]
    assert list(prg["code"]) == ["0", "1", "8", "9"]
    assert list(prg["missing"]) == ["", "", "na", "dk"]
    assert list(frame.columns) == ["var", "code", "missing", "label_en", "label_ko"]


def test_json_keeps_codes_as_they_are():
    document = json.loads(LIGHT.to_json())
    by_var = {one["var"]: one for one in document["variables"]}
    assert by_var["HE_prg"]["codes"][1] == {"code": 1, "label": {"en": "Yes", "ko": "예"}}
    assert by_var["HE_prg"]["missing"][0]["kind"] == "na"
    assert document["structure_hash"] == load_questionnaire("first-light").structure_hash


def test_a_bar_in_a_label_does_not_break_a_markdown_table():
    document = json.loads(json.dumps(VILLAGE.document))
    document["sections"][0]["items"][7]["label"]["en"] = "Water | tea"
    page = codebook_markdown(codebook(load_questionnaire(document)), language="en")
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert all(line.replace("\\|", "").count("|") == 8 for line in rows)
    assert "Water \\| tea" in page


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open, self.rows, self.wrong = [], 0, []

    def handle_starttag(self, tag, _attrs):
        self.rows += tag == "tr"
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_the_html_page_is_well_formed_and_escapes_what_people_wrote():
    document = json.loads(json.dumps(VILLAGE.document))
    document["sections"][0]["items"][7]["label"]["en"] = "<script>alert('x')</script>"
    page = codebook_html(codebook(load_questionnaire(document)), language="en")
    tags = _Tags()
    tags.feed(page)
    assert not tags.wrong
    assert not tags.open
    assert "<script>" not in page
    assert tags.rows == len(BOOK.variables) + 3


def test_pages_are_written_in_the_language_asked_for():
    assert codebook_markdown(LIGHT, language="ko").startswith("# 코드북: 첫 조사")
    assert "## B 개인 (개인)" in codebook_markdown(LIGHT, language="ko")
    assert '<html lang="ko">' in codebook_html(LIGHT, language="ko")
    assert codebook_markdown(LIGHT).startswith("# Codebook")
