"""Conditions read as sentences, in each language, without a particle that depends on a sound."""

from __future__ import annotations

import generated
import pytest
from generated import cases

from surveykit.expressions import meaning, phrase
from surveykit.expressions.meaning import Symbol

SCOPE = meaning.scope(
    [
        Symbol(
            name="smoking",
            kind="code",
            number="12",
            codes={
                1: {"en": "Daily", "ko": "매일"},
                2: {"en": "Sometimes", "ko": "가끔"},
                3: {"en": "Never", "ko": "안 피움"},
            },
            missing={9: "dk"},
        ),
        Symbol(name="age", kind="number", label={"en": "Age", "ko": "만 나이"}, missing={999: "dk"}),
        Symbol(name="illness", kind="codes", number="A5", codes={1: {"en": "Diabetes", "ko": "당뇨병"}}),
        Symbol(name="born", kind="date", number="3"),
        Symbol(name="pregnant", kind="boolean", number="8"),
    ],
    members=meaning.scope([Symbol(name="m_age", kind="number", number="21")]),
)


def said(text, language, **options: object):
    return phrase.sentence(meaning.compile(text, SCOPE), language, **options)


@pytest.mark.parametrize("case", cases("sentences"), ids=lambda case: case["text"])
def test_conditions_are_sentences(case):
    assert {language: said(case["text"], language) for language in ("en", "ko", "ko-KP")} | {
        "text": case["text"]
    } == case


def test_codes_can_carry_their_labels():
    assert said("smoking in (2, 3)", "en", labels=True) == "if Q12 is 2 Sometimes or 3 Never"
    assert said("smoking != 1", "ko", labels=True) == "12번 문항의 답이 1 매일 이외인 경우"


def test_rosters_can_be_named():
    sentence = said("any(members where m_age < 5)", "ko", units={"members": "가구원"})
    assert sentence == "21번 문항의 답이 5 미만인 가구원 하나 이상 있는 경우"


def test_a_calculation_is_put_into_words():
    assert said("round(age / 3, 1)", "en") == "(“Age” ÷ 3) rounded to 1 decimal places"


def test_another_language_falls_back_to_english():
    assert said("age > 3", "fr") == "if “Age” is more than 3"


@pytest.mark.parametrize("language", ["en", "ko", "ko-KP"])
def test_every_expression_has_a_sentence(language):
    for one in generated.expressions(300, seed=3):
        sentence = phrase.sentence(one, language, labels=True)
        assert sentence
        assert not {"{a}", "{b}", "{list}", "{value}"} & set(sentence.split())
