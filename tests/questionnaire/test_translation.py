"""Texts go out to translators and come back; what is stale stays out."""

import json
import shutil
from pathlib import Path

import polib
import pytest

from surveykit.errors import DefinitionError
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.lint import lint
from surveykit.questionnaire.translation import (
    PSEUDO,
    completeness,
    context,
    export_po,
    import_po,
    pseudo_language,
    pseudo_text,
    translated_files,
)
from surveykit.questionnaire.wording import wordings

BASES = Path(__file__).parents[1] / "definitions" / "bases"
VILLAGE = load_questionnaire(BASES / "village.json")
LIGHT = load_questionnaire("first-light")


TWICE = 'msgctxt "a"\nmsgid "x"\nmsgstr "1"\n\nmsgctxt "a"\nmsgid "x"\nmsgstr "2"\n'


def _french(text, change=None):
    po = polib.pofile(text)
    for entry in po:
        entry.msgstr = f"FR {entry.msgid}"
        if change:
            change(entry)
    return str(po)


def test_every_text_goes_out_once_with_its_context_and_place():
    po = polib.pofile(export_po(VILLAGE, "fr"))
    contexts = [entry.msgctxt for entry in po]
    assert len(contexts) == len(set(contexts)) == len(list(wordings(VILLAGE.document)))
    entry = po.find("Water", by="msgid", msgctxt="item:water/label")
    assert entry.occurrences == [("village.json#/sections/0/items/7/label", "")]
    assert po.metadata["Language"] == "fr"
    assert not any(entry.msgid_plural for entry in po)


def test_a_regional_language_shows_the_translator_its_base_language():
    entry = polib.pofile(export_po(VILLAGE, "ko-KP")).find("Water", msgctxt="item:water/label")
    assert entry.comment == "ko: 식수"
    assert entry.msgstr == ""


def test_a_whole_translation_comes_back_and_changes_only_texts():
    translated, findings = import_po(VILLAGE, _french(export_po(VILLAGE, "fr")))
    assert not findings
    assert translated.languages == ("en", "ko", "fr")
    assert translated.item("water").label["fr"] == "FR Water"
    assert translated.codelists["sex"].options[0].label["fr"] == "FR Male"
    assert translated.structure_hash == VILLAGE.structure_hash
    assert translated.text_hash != VILLAGE.text_hash
    assert completeness(translated)["fr"].share == 1


def test_going_out_and_coming_back_unchanged_changes_nothing():
    again, findings = import_po(LIGHT, export_po(LIGHT, "ko"))
    assert not findings
    assert again.text_hash == LIGHT.text_hash
    assert again == LIGHT


def test_an_empty_translation_leaves_the_old_text():
    po = polib.pofile(export_po(VILLAGE, "ko"))
    for entry in po:
        entry.msgstr = ""
    assert import_po(VILLAGE, str(po))[0].text_hash == VILLAGE.text_hash


def test_a_stale_translation_is_held_back_and_comes_back_marked():
    sent = _french(export_po(VILLAGE, "fr"))
    document = json.loads(json.dumps(VILLAGE.document))
    document["sections"][0]["items"][7]["label"]["en"] = "Main source of water"
    newer = load_questionnaire(document)
    translated, findings = import_po(newer, sent)
    assert [one.code for one in findings] == ["translation-stale"]
    assert "fr" not in translated.item("water").label
    assert translated.item("sex").label["fr"] == "FR Sex"
    again = polib.pofile(export_po(newer, "fr", previous=sent))
    entry = again.find("Main source of water", msgctxt="item:water/label")
    assert entry.fuzzy
    assert entry.msgstr == "FR Water"
    assert entry.previous_msgid == "Water"
    assert [entry.msgctxt for entry in again.fuzzy_entries()] == ["item:water/label"]


def test_a_fuzzy_translation_is_not_taken_until_the_mark_is_gone():
    def mark(entry):
        if entry.msgctxt == "item:water/label":
            entry.flags.append("fuzzy")

    translated, findings = import_po(VILLAGE, _french(export_po(VILLAGE, "fr"), mark))
    assert [one.code for one in findings] == ["translation-fuzzy"]
    assert "fr" not in translated.item("water").label


def test_a_text_that_is_gone_is_told_and_left_out():
    def rename(entry):
        if entry.msgctxt == "item:water/label":
            entry.msgctxt = "item:drink/label"

    _, findings = import_po(VILLAGE, _french(export_po(VILLAGE, "fr"), rename))
    assert [(one.code, one.where.field) for one in findings] == [("translation-unknown", "item:drink/label")]


def test_a_number_that_was_lost_in_translation_is_told_but_taken():
    def lose(entry):
        if "100" in entry.msgid:
            entry.msgstr = "Moins de cent"

    translated, findings = import_po(LIGHT, _french(export_po(LIGHT, "fr"), lose))
    assert {one.code for one in findings} == {"translation-numbers"}
    assert translated.codelists["lifetime_cigarettes"].options[0].label["fr"] == "Moins de cent"


@pytest.mark.parametrize("text", ["this is no PO file\n", TWICE])
def test_what_is_no_po_file_is_refused(text, tmp_path):
    path = tmp_path / "fr.po"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as raised:
        import_po(VILLAGE, path)
    (one,) = raised.value.findings
    assert one.code == "translation-unreadable"
    assert one.where.file == str(path)


def test_a_po_file_that_is_not_there_is_told():
    with pytest.raises(DefinitionError) as raised:
        import_po(VILLAGE, "no/such/file.po")
    assert raised.value.findings[0].code == "translation-unreadable"


@pytest.mark.parametrize("language", ["", "en"])
def test_a_po_file_for_no_language_or_the_default_one_is_refused(language):
    text = export_po(VILLAGE, "fr").replace("Language: fr", f"Language: {language}")
    with pytest.raises(DefinitionError) as raised:
        import_po(VILLAGE, text)
    assert raised.value.findings[0].code == "translation-language"


def test_translations_find_their_way_back_into_the_modules_files(tmp_path):
    shutil.copytree(BASES / "modules", tmp_path / "modules")
    document = json.loads((BASES / "village.json").read_text(encoding="utf-8"))
    override = {"items": {"tried": {"label": {"en": "Ever tried?", "ko": "시도"}}}}
    document["includes"] = [{"module": "tobacco", "unit": {"person": "adult"}, "override": override}]
    path = tmp_path / "village.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    instrument = load_questionnaire(path)
    changed = translated_files(instrument, _french(export_po(instrument, "fr")))
    module = str(tmp_path / "modules" / "tobacco.json")
    assert set(changed) == {str(path), module}
    assert changed[module]["sections"][0]["items"][0]["label"]["fr"] == "FR Do you smoke?"
    assert "fr" not in changed[module]["sections"][1]["items"][0]["label"]
    kept = changed[str(path)]["includes"][0]["override"]["items"]["tried"]["label"]
    assert kept["fr"] == "FR Ever tried?"
    for file, value in changed.items():
        Path(file).write_text(json.dumps(value), encoding="utf-8")
    assert completeness(load_questionnaire(path))["fr"].missing == ()
    assert not lint(path).errors


def test_completeness_counts_what_the_base_language_lends():
    document = json.loads(json.dumps(VILLAGE.document))
    document["languages"].append("ko-KP")
    document["sections"][1]["items"][0]["label"]["ko-KP"] = "성별"
    del document["sections"][1]["items"][1]["label"]["ko"]
    found = completeness(load_questionnaire(document))
    assert found["en"].share == 1
    assert found["ko"].missing == ("item:age/label",)
    north = found["ko-KP"]
    assert (north.own, north.missing) == (1, ("item:age/label",))
    assert north.inherited == north.total - 2


def test_the_pseudo_language_covers_every_text_and_keeps_the_structure():
    pseudo = pseudo_language(LIGHT)
    assert completeness(pseudo)[PSEUDO].share == 1
    assert pseudo.structure_hash == LIGHT.structure_hash
    label = pseudo.item("HE_ht").label
    assert label[PSEUDO].startswith("⟦")
    assert label[PSEUDO].endswith("⟧")
    assert len(label[PSEUDO]) > len(label["en"])


def test_pseudo_text_keeps_digits_and_grows():
    assert pseudo_text("Fewer than 100") == "⟦Ƒéŵéř ţĥàñ 100 ······⟧".replace("Ƒ", "F")
    assert pseudo_text("예") == "⟦예 ·⟧"


def test_contexts_are_stable_names_and_not_positions():
    contexts = {context(one) for one in wordings(VILLAGE.document)}
    assert {"item:water/label", "code:water:6/label", "section:B/title", "unit:member/label"} <= contexts
    assert {"check:bp.order/message", "referral:crisis/message", "notices/consent", "item:age/measure"} <= contexts
