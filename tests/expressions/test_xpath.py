"""XPath means what the reference means; evaluated by lxml with the few functions that OpenRosa adds."""

from __future__ import annotations

import math
import re
from datetime import date

import generated
import pytest
import test_differential as differential
from lxml import etree

from surveykit.errors import ExpressionError
from surveykit.expressions import meaning, xpath

MEMBERS = {one.name for one in generated.MEMBERS}


def text_of(value):
    if isinstance(value, list):
        return text_of(value[0]) if value else ""
    if isinstance(value, etree._Element):
        return value.xpath("string()")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def number_of(value):
    try:
        return float(text_of(value))
    except ValueError:
        return math.nan


def numbers_of(values):
    plain = [value for given in values for value in (given if isinstance(given, list) else [given])]
    return [number_of(value) for value in plain] or [math.nan]


def truncated(_context, value):
    number = number_of(value)
    return number if math.isnan(number) else float(math.trunc(number))


def rounded(_context, value, places=0):
    number = number_of(value)
    if math.isnan(number):
        return number
    size = math.floor(abs(number) * 10 ** int(places) + 0.5 + 1e-9) / 10 ** int(places)
    return math.copysign(size, number)


OPENROSA = {
    "if": lambda _context, condition, first, second: first if condition is True else second,
    "selected": lambda _context, chosen, code: code in text_of(chosen).split(),
    "count-selected": lambda _context, chosen: float(len(text_of(chosen).split())),
    "regex": lambda _context, text, pattern: re.search(pattern, text_of(text)) is not None,
    "int": truncated,
    "abs": lambda _context, value: abs(number_of(value)),
    "min": lambda _context, *values: min(numbers_of(values)),
    "max": lambda _context, *values: max(numbers_of(values)),
    "round-to": rounded,
}


def tree(record, members):
    root = etree.Element("data")
    for name, value in record.items():
        etree.SubElement(root, name).text = written(value)
    for member in members:
        row = etree.SubElement(root, "members")
        for name, value in member.items():
            etree.SubElement(row, name).text = written(value)
    return root


def written(value):
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def evaluator(typed, want, wrap="boolean"):
    text = xpath.expression(typed, lambda name: f"/data/{name}", want=want, today=generated.TODAY)
    extensions = {(None, name): function for name, function in OPENROSA.items()}
    # lxml has a round of its own, with one argument, that cannot be replaced.
    return etree.XPath(f"{wrap}({text.replace('round(', 'round-to(')})", extensions=extensions)


def test_paths_agree_with_the_reference():
    records, members = differential.answers()
    trees = [etree.ElementTree(tree(record, rows)) for record, rows in zip(records, members, strict=True)]
    wrong = []
    for one, values in zip(differential.cases(), differential.expected(), strict=True):
        true, false = (evaluator(one, want) for want in ("true", "false"))
        wrong += [
            (one.text, row, value, true(document), false(document))
            for row, (document, value) in enumerate(zip(trees, values, strict=True))
            if true(document) is not (value is True) or false(document) is not (value is False)
        ]
    assert wrong == []


def test_values_agree_with_the_reference():
    records, members = differential.answers()
    trees = [etree.ElementTree(tree(record, rows)) for record, rows in zip(records, members, strict=True)]
    cases, expected = differential.calculated()
    found = [[read(one, evaluator(one, "value", wrap="string")(document)) for document in trees] for one in cases]
    assert differential.unlike(cases, found, expected) == []


def read(typed, text):
    if text == "":
        return None
    if typed.kind == "date":
        return date.fromisoformat(text)
    numeric = typed.kind == "number" or (typed.kind == "code" and text.isdigit() and "smoking" in typed.names)
    return float(text) if numeric else text


def test_names_stand_as_variables_unless_a_path_is_given():
    typed = meaning.compile("age >= 19 and this < 100", generated.SCOPE)
    assert xpath.expression(typed) == (
        "((${age} != '' and ${age} != 888 and ${age} != 999 and ${age} >= 19)"
        " and (${age} != '' and ${age} != 888 and ${age} != 999 and ${age} < 100))"
    )
    assert ". >= 19" in xpath.expression(typed, {"age": "."})


def test_a_missing_path_is_named():
    with pytest.raises(ExpressionError, match=r"expression-reference-missing.*age"):
        xpath.expression(meaning.compile("age > 1", generated.SCOPE), {})


@pytest.mark.parametrize("text", ["plain", "it's", 'say "so"', "both ' and \""])
def test_quotes_of_any_kind_come_through(text):
    scope = meaning.scope([meaning.Symbol(name="name", kind="text")])
    quoted = text.replace("'", "''")
    typed = meaning.compile(f"name == '{quoted}'", scope)
    path = etree.XPath(xpath.expression(typed, {"name": "/data/name"}))
    assert path(etree.ElementTree(tree({"name": text}, []))) is True
