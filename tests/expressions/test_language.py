"""What the language accepts, what it means, and how it says what is wrong."""

from __future__ import annotations

from datetime import date

import generated
import pandas as pd
import pytest
from generated import cases

from surveykit.errors import ExpressionError
from surveykit.expressions import columns, grammar, meaning, patterns
from surveykit.expressions.reference import value_of
from surveykit.findings import Place, catalogue

RECORD = {"age": 30, "visits": 2, "smoking": 1, "before": 2, "pregnant": False}


def compiled(text):
    return meaning.compile(text, generated.SCOPE)


def findings_of(text, **options: object):
    with pytest.raises(ExpressionError) as caught:
        meaning.compile(text, generated.SCOPE, **options)
    return caught.value.findings


@pytest.mark.parametrize("texts", cases("same"), ids=lambda texts: texts[0])
def test_ways_of_writing_parse_alike(texts):
    assert [grammar.parse(text) for text in texts] == [grammar.parse(texts[0])] * len(texts)


@pytest.mark.parametrize("case", cases("errors"), ids=lambda case: case["text"])
def test_what_is_wrong_has_a_code_and_a_place(case):
    found = findings_of(case["text"], gives="boolean")[0]
    assert {"code": found.code, "line": found.where.line, "column": found.where.column, "text": case["text"]} == case


@pytest.mark.parametrize("case", cases("meanings"), ids=lambda case: f"{case['text']} {case['answers']}")
def test_the_reference_and_the_columns_say_what_is_written(case):
    typed = compiled(case["text"])
    expected = case["value"]
    assert value_of(typed, RECORD | case["answers"], today=generated.TODAY) == expected
    frame = pd.DataFrame([RECORD | case["answers"]])
    values = columns.values(typed, frame, today=generated.TODAY)
    assert (None if values.isna()[0] else values[0]) == expected


@pytest.mark.parametrize("case", cases("rosters"), ids=lambda case: f"{case['text']} of {len(case['members'])}")
def test_rows_of_a_roster_become_one_value(case):
    typed = compiled(case["text"])
    assert value_of(typed, RECORD, rosters={"members": case["members"]}) == case["value"]
    inner = pd.DataFrame(case["members"], columns=["m_age", "m_income", "m_sex"]).assign(household=1)
    outer = pd.DataFrame([RECORD | {"household": 1}])
    values = columns.values(typed, outer, rosters={"members": columns.RosterFrame(frame=inner, link=("household",))})
    assert (None if values.isna()[0] else values[0]) == case["value"]


def test_all_problems_are_told_at_once():
    codes = [one.code for one in findings_of("agee > 1 and smoking == 7 and name == 3")]
    assert codes == ["expression-unknown-name", "expression-unknown-code", "expression-kinds-differ"]


def test_a_syntax_error_says_what_was_expected():
    found = findings_of("age in 3")[0]
    assert found.message == "found 3, expected ("
    assert "expected missing, answered, dk" in findings_of("age is blank")[0].message
    assert findings_of("age > 1 or or")[0].message == "found or, expected a value"


def test_names_that_look_alike_are_told():
    assert findings_of("Smoking == 1")[0].message.endswith("like it: smoking")
    assert findings_of("smokin == 1")[0].message.endswith("like it: smoking")
    assert findings_of("xyzzy == 1")[0].message.endswith("like it: —")


def test_the_place_of_the_expression_is_kept():
    found = findings_of("agee > 1", where=Place(file="a.json", pointer="/items/3/relevant"))[0]
    assert str(found.where) == "a.json /items/3/relevant 1:1"


def test_designers_read_errors_in_korean():
    found = findings_of("smoking == 'Daily'")[0]
    assert found.text("ko") == "Daily 은(는) smoking 의 보기 이름입니다. 부호는 1 입니다"
    rules = [rule for code, rule in catalogue().items() if code.startswith("expression-")]
    assert all("ko" in rule.message and "ko" in rule.hint for rule in rules)


def test_a_rule_may_be_asked_to_give_a_kind():
    assert [one.code for one in findings_of("age + 1", gives="text")] == ["expression-result-kind"]
    assert meaning.compile("age + 1", generated.SCOPE, gives="number").kind == "number"


def test_this_needs_an_item():
    with pytest.raises(ExpressionError, match="expression-this-unknown"):
        meaning.compile("this > 1", meaning.scope(generated.SYMBOLS))


def test_labels_need_a_code_list():
    bare = meaning.scope([meaning.Symbol(name="x", kind="code")])
    with pytest.raises(ExpressionError, match="expression-label-unknown"):
        meaning.compile("label(x) == 'a'", bare)


def test_length_and_depth_are_limited():
    with pytest.raises(ExpressionError, match="expression-too-long"):
        grammar.parse("age > " + "1" * grammar.MAX_LENGTH)
    with pytest.raises(ExpressionError, match="expression-too-deep"):
        grammar.parse("not " * 200 + "age > 1")
    with pytest.raises(ExpressionError, match="expression-too-deep"):
        grammar.parse("1" + " + 1" * 200 + " > 1")
    assert grammar.parse("(" * 2000 + "age" + ")" * 2000) == grammar.parse("age")
    many = " or ".join(f"age == {number}" for number in range(500))
    assert len(grammar.parse(many).parts) == 500


def test_today_is_the_interview_date_that_the_scope_names():
    scope = meaning.scope(generated.SYMBOLS, today="visited")
    typed = meaning.compile("age(born) >= 18", scope)
    assert not typed.uses_today
    assert typed.names == {"born", "visited"}
    assert value_of(typed, {"born": date(2000, 1, 1), "visited": date(2018, 1, 1)}) is True


def test_today_without_a_date_is_an_error():
    typed = compiled("born < today()")
    with pytest.raises(ExpressionError, match="expression-today-unbound"):
        value_of(typed, RECORD)
    with pytest.raises(ExpressionError, match="expression-today-unbound"):
        columns.holds(typed, pd.DataFrame({"born": pd.to_datetime(["2000-01-01"])}))
    with pytest.raises(ExpressionError, match="expression-today-unbound"):
        columns.expression(typed)


def test_names_are_known_without_a_scope():
    text = "age >= 19 and count(members where m_sex == 1) > sum(members.m_age) and any(others where x > parent.y)"
    assert meaning.names(text) == {"age", "m_sex", "m_age", "x", "y"}
    assert meaning.roster_names(text) == {"members", "others"}
    assert meaning.names("min(a, b) > c.d") == {"a", "b", "d"}


def test_names_of_a_typed_expression_are_items():
    typed = compiled("this > 1 and any(members where m_age > weight)")
    assert typed.names == {"age", "m_age", "weight"}
    assert typed.rosters == {"members"}
    assert [symbol.name for symbol in typed.symbols] == ["age", "weight"]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a|b)", "a group"),
        ("a|b", "an alternative"),
        ("a*", "an unbounded repeat"),
        ("[0-9]+", "an unbounded repeat"),
        ("^a$", "an anchor"),
        ("a{0}", "repeats nothing"),
        ("a{3,2}", "repeats nothing"),
        ("[a-z]{0,9}[a-f]{1,3}", "in two ways"),
        ("a?b?a", "in two ways"),
        ("[z-a]", "backwards"),
        ("[a", "not closed"),
        ("[]", "not closed"),
        (r"\b", "not known"),
        ("a{1,300}", "more than 255"),
        ("?", "stands alone"),
        ("[[a]]", "inside a class"),
    ],
)
def test_patterns_that_engines_read_differently_or_slowly_are_refused(pattern, reason):
    with pytest.raises(patterns.PatternError, match=reason):
        patterns.elements(pattern)


@pytest.mark.parametrize(
    ("pattern", "regex"),
    [
        (r"\d{2}-\d{3}", r"[0-9]{2,2}[\x2d][0-9]{3,3}"),
        (r"[A-C\-]?x", r"[\x2dA-C]{0,1}[x]"),
        (r"[^0-9]", "[\\x00-\\x2f\\x3a-\ud7ff\ue000-\U0010ffff]"),
    ],
)
def test_patterns_are_written_in_the_syntax_that_all_share(pattern, regex):
    assert patterns.regex(pattern) == regex
