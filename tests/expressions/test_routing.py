"""Partial evaluation never settles what is open, and arrows follow from it."""

from __future__ import annotations

import random

import generated
import pytest

from surveykit.expressions import meaning, partial, routing
from surveykit.expressions.meaning import Symbol
from surveykit.expressions.reference import value_of

YES_NO = {1: {"en": "Yes"}, 2: {"en": "No"}}
SYMBOLS = {
    "diagnosed": Symbol(name="diagnosed", kind="code", codes=YES_NO, missing={8: "na", 9: "dk"}),
    "treated": Symbol(name="treated", kind="code", codes=YES_NO, missing={8: "na", 9: "dk"}),
    "smoking": Symbol(name="smoking", kind="code", codes={1: {}, 2: {}, 3: {}}, missing={9: "dk"}),
    "cigarettes": Symbol(name="cigarettes", kind="number"),
    "sex": Symbol(name="sex", kind="code", codes={1: {}, 2: {}}),
    "pregnant": Symbol(name="pregnant", kind="code", codes=YES_NO),
    "height": Symbol(name="height", kind="number"),
}
SCOPE = meaning.scope(SYMBOLS.values())
RELEVANCE = {
    "treated": "diagnosed == 1",
    "cigarettes": "smoking in (1, 2)",
    "pregnant": "sex == 2",
}


def steps(*names: str):
    return [
        (name, SYMBOLS[name], meaning.compile(RELEVANCE[name], SCOPE) if name in RELEVANCE else None) for name in names
    ]


def test_arrows_are_derived_from_relevance():
    arrows = routing.arrows(steps("diagnosed", "treated", "smoking", "cigarettes", "height"))
    assert arrows == {"diagnosed": (((2, 8, 9), "smoking"),), "smoking": (((3, 9), "height"),)}


def test_what_is_passed_over_is_blank_for_what_follows():
    steps_ = steps("smoking", "cigarettes")
    heavy = ("height", SYMBOLS["height"], meaning.compile("cigarettes > 20", SCOPE))
    last = ("sex", SYMBOLS["sex"], None)
    assert routing.arrows([*steps_, heavy, last]) == {"smoking": (((3, 9), "sex"),)}


def test_an_item_knows_why_it_was_asked():
    women = ("treated", SYMBOLS["treated"], meaning.compile("sex == 2", SCOPE))
    men = ("diagnosed", SYMBOLS["diagnosed"], meaning.compile("sex == 1", SCOPE))
    arrows = routing.arrows([*steps("sex"), women, men, *steps("height")])
    assert arrows["treated"] == (((1, 2, 8, 9), "height"),)
    assert arrows["sex"] == (((1,), "diagnosed"),)


def test_nothing_left_to_ask_leads_to_the_end():
    assert routing.arrows(steps("sex", "pregnant")) == {"sex": (((1,), ""),)}


@pytest.mark.parametrize(
    ("text", "answers", "found"),
    [
        ("diagnosed == 1 and smoking == 3", {"diagnosed": 2}, "false"),
        ("diagnosed == 1 and smoking == 3", {"diagnosed": 1}, "open"),
        ("diagnosed == 1 or smoking == 3", {"diagnosed": 1}, "true"),
        ("diagnosed == 1", {"diagnosed": 9}, "unknown"),
        ("diagnosed == 1", {"diagnosed": None}, "unknown"),
        ("cigarettes > 3 and diagnosed is dk", {"diagnosed": 9, "cigarettes": None}, "unknown"),
        ("cigarettes > height", {"cigarettes": None}, "unknown"),
        ("if(diagnosed == 1, smoking == 1, true)", {"diagnosed": 2}, "true"),
        ("height is answered", {}, "open"),
    ],
)
def test_some_answers_settle_a_condition(text, answers, found):
    assert partial.assign(meaning.compile(text, SCOPE), answers) == found


def test_what_is_settled_holds_whatever_else_is_answered():
    rng = random.Random(7)
    records = generated.records(40, seed=8)
    settled = 0
    for one in generated.expressions(150, seed=9, rosters=False):
        record = rng.choice(records)
        given = {name: record[name] for name in rng.sample(sorted(record), 5)}
        possible = partial.possible(one, given)
        settled += len(possible) == 1
        for other in records:
            assert value_of(one, other | given, today=generated.TODAY) in possible, (one.text, given, other)
    assert settled > 10
