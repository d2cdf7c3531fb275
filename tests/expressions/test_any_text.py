"""Whatever is typed, the answer is a tree or a finding with a place; never another error."""

from __future__ import annotations

import re
from contextlib import suppress

import generated
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.errors import ExpressionError
from surveykit.expressions import excel, grammar, javascript, meaning, patterns, phrase, xpath

ITEMS = "age weight smoking province illness name born pregnant members m_age members.m_age parent.age this nothing"
LOGIC = "and or not in is between where true missing dk na == != < >= ≠ + - * / ( ) [ ] , . 1 2.5 999 1e400 , ， （"
FUNCTIONS = "if sum count any min selected matches date round age( label concat coalesce number today()"
OTHERS = ["'A1'", "'Daily'", "'2026-03-02'", '"', "'", "“", "`", "\n", "가", "\x00", "\ud800"]
WORDS = [*ITEMS.split(), *LOGIC.split(), *FUNCTIONS.split(), *OTHERS]


def answered(text):
    """Compile a text; what is wrong with it must have a place inside it."""
    try:
        return meaning.compile(text, generated.SCOPE)
    except ExpressionError as error:
        lines = text.split("\n")
        for found in error.findings:
            assert 1 <= found.where.line <= len(lines)
            assert 1 <= found.where.column <= len(lines[found.where.line - 1]) + 1
        return None


@settings(derandomize=True, deadline=None, max_examples=600)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_words_in_any_order_give_a_meaning_or_findings(text):
    typed = answered(text)
    if typed is not None:
        assert phrase.sentence(typed, "ko")
        assert javascript.function(typed)
        assert xpath.expression(typed, want="value")
        excel.problems(typed)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(max_size=60))
def test_signs_in_any_order_give_a_tree_or_a_finding(text):
    answered(text)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.text(alphabet="ab0-9[]{},?*+.^$\\d|()가힣", max_size=24))
def test_patterns_are_understood_or_refused(pattern):
    with suppress(patterns.PatternError):
        assert re.compile(patterns.regex(pattern))


@settings(derandomize=True, deadline=None, max_examples=12)
@given(st.integers(1, 4000))
def test_depth_never_reaches_the_limit_of_recursion(depth):
    for text in ("not " * depth + "pregnant", "-" * depth + "age > 1", "(" * depth + "pregnant" + ")" * depth):
        if len(text) <= grammar.MAX_LENGTH:
            answered(text)
