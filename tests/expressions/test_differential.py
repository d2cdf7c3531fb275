"""One meaning: every backend gives what the plain row-by-row reference gives, for true and for false."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache

import duckdb
import generated
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest

from surveykit.expressions import columns
from surveykit.expressions.reference import value_of

EXPRESSIONS = 240
ROWS = 150


@cache
def cases(*, rosters=True):
    return generated.expressions(EXPRESSIONS, seed=20, rosters=rosters)


@cache
def answers():
    return generated.records(ROWS, seed=21), generated.member_rows(ROWS, seed=22)


@cache
def expected(*, rosters=True):
    """Kleene's value of every expression for every record."""
    records, members = answers()
    return [
        [
            value_of(one, record, rosters={"members": rows}, today=generated.TODAY)
            for record, rows in zip(records, members, strict=True)
        ]
        for one in cases(rosters=rosters)
    ]


def frame():
    records, _ = answers()
    plain = pd.DataFrame.from_records([{"household": number, **record} for number, record in enumerate(records)])
    types = {one.name: _PANDAS[one.kind] for one in generated.SYMBOLS}
    types |= {"age": "Int64", "visits": "Int64", "province": "string"}
    dates = {name for name, kind in types.items() if kind == "date"}
    plain = plain.astype({name: kind for name, kind in types.items() if name not in dates})
    return plain.assign(**{name: pd.to_datetime(plain[name]).astype("datetime64[s]") for name in dates})


def member_frame():
    _, members = answers()
    rows = [{"household": number, **row} for number, rows in enumerate(members) for row in rows]
    return pd.DataFrame.from_records(rows).astype({"m_age": "Int64", "m_income": "Float64", "m_sex": "Int64"})


_PANDAS = {
    "number": "Float64",
    "code": "Int64",
    "codes": "string",
    "text": "string",
    "date": "date",
    "boolean": "boolean",
}


def mismatches(found_true, found_false, wanted, texts):
    """Expressions and rows where a backend says otherwise."""
    return [
        (typed.text, row, value, true, false)
        for typed, trues, falses, values in zip(texts, found_true, found_false, wanted, strict=True)
        for row, (true, false, value) in enumerate(zip(trues, falses, values, strict=True))
        if true is not (value is True) or false is not (value is False)
    ]


def test_the_cases_are_rich():
    values = Counter(value for row in expected() for value in row)
    assert min(values[True], values[False], values[None]) > 0.15 * EXPRESSIONS * ROWS
    functions = {
        word
        for one in cases()
        for word in ("selected", "matches", "members", "age(", "concat", "label")
        if word in one.text
    }
    assert len(functions) == 6


@pytest.mark.parametrize("engine", ["pandas", "pandas with floats", "polars"])
def test_frames_in_memory_agree_with_the_reference(engine):
    outer, inner = frame(), member_frame()
    if engine == "pandas with floats":
        outer = outer.astype(dict.fromkeys(("age", "visits", "weight", "change", "smoking", "before"), "float64"))
        outer = outer.astype({"name": object, "serial": object, "province": "category"})
    if engine == "polars":
        outer, inner = pl.from_pandas(outer), pl.from_pandas(inner)
    rosters = {"members": columns.RosterFrame(frame=inner, link=("household",))}
    prepared = columns.prepare(outer, rosters=rosters, today=generated.TODAY)
    true = [columns.holds(one, prepared).to_list() for one in cases()]
    false = [columns.fails(one, prepared).to_list() for one in cases()]
    assert mismatches(true, false, expected(), cases()) == []


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_lazy_frames_agree_with_the_reference(engine):
    plain = cases(rosters=False)
    found = lazily(
        engine,
        {str(number): columns.expression(one, want="value", today=generated.TODAY) for number, one in enumerate(plain)},
    )
    wrong = [
        (one.text, row, found[str(number)][row], value)
        for number, one in enumerate(plain)
        for row, value in enumerate(expected(rosters=False)[number])
        if found[str(number)][row] is not value
    ]
    assert wrong == []


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_lazy_masks_are_never_null(engine):
    plain = cases(rosters=False)[:40]
    made = {
        f"{want}{number}": columns.expression(one, want=want, today=generated.TODAY)
        for number, one in enumerate(plain)
        for want in ("true", "false")
    }
    found = lazily(engine, made)
    true = [found[f"true{number}"] for number in range(len(plain))]
    false = [found[f"false{number}"] for number in range(len(plain))]
    assert mismatches(true, false, expected(rosters=False)[: len(plain)], plain) == []


CALCULATIONS = 120


@cache
def calculated():
    """Random calculations and their values for every record."""
    records, members = answers()
    cases = generated.calculations(CALCULATIONS, seed=30)
    values = [
        [
            value_of(one, record, rosters={"members": rows}, today=generated.TODAY)
            for record, rows in zip(records, members, strict=True)
        ]
        for one in cases
    ]
    return cases, values


def alike(found, expected, digits):
    """Whether two values are the same; numbers as far as the digits go."""
    if isinstance(expected, bool | str | date | None) or found is None:
        return found == expected
    return found == pytest.approx(expected, rel=digits, abs=digits)


def unlike(cases, found, expected, digits=1e-12):
    """Calculations and rows whose values differ."""
    return [
        (one.text, row, theirs, ours)
        for one, values, wanted in zip(cases, found, expected, strict=True)
        for row, (theirs, ours) in enumerate(zip(values, wanted, strict=True))
        if not alike(theirs, ours, digits)
    ]


def test_calculations_are_rich():
    cases, values = calculated()
    assert {one.kind for one in cases} == {"number", "text", "code", "date"}
    known = [value for row in values for value in row if value is not None]
    assert 0.4 * CALCULATIONS * ROWS < len(known) < 0.9 * CALCULATIONS * ROWS


def test_values_in_memory_agree_with_the_reference():
    cases, expected = calculated()
    rosters = {"members": columns.RosterFrame(frame=member_frame(), link=("household",))}
    prepared = columns.prepare(frame(), rosters=rosters, today=generated.TODAY)
    found = [columns.values(one, prepared) for one in cases]
    plain = [
        [None if value is pd.NA or value is pd.NaT else value.date() if kind == "date" else value for value in series]
        for series, kind in zip(found, [one.kind for one in cases], strict=True)
    ]
    assert unlike(cases, plain, expected) == []


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_lazy_values_agree_with_the_reference(engine):
    cases, expected = calculated()
    said = [number for number, one in enumerate(cases) if not one.rosters]
    made = {str(number): columns.expression(cases[number], want="value", today=generated.TODAY) for number in said}
    found = lazily(engine, made)
    values = [found[str(number)] for number in said]
    assert unlike([cases[number] for number in said], values, [expected[number] for number in said]) == []


@pytest.mark.wants_java
def test_spark_agrees_with_the_reference(spark, tmp_path):
    frame().to_parquet(tmp_path / "answers.parquet")
    native = spark.read.parquet(str(tmp_path / "answers.parquet"))
    plain = cases(rosters=False)
    calculations, values = calculated()
    both = [*zip(plain, expected(rosters=False), strict=True), *zip(calculations, values, strict=True)]
    said = sorted((pair for pair in both if not pair[0].rosters), key=lambda pair: len(pair[0].text))[:200:10]
    made = {
        str(number): columns.expression(one, want="value", today=generated.TODAY)
        for number, (one, _) in enumerate(said)
    }
    found = lazily(native, made)
    texts, wanted = zip(*said, strict=True)
    assert unlike(texts, [found[name] for name in made], wanted) == []


def lazily(engine, expressions):
    """Columns of results, in the order of the records."""
    natives = {"polars": lambda: pl.from_pandas(frame()).lazy(), "duckdb": lambda: duckdb.from_df(frame())}
    native = natives[engine]() if isinstance(engine, str) else engine
    found = {}
    names = list(expressions)
    for start in range(0, len(names), 40):
        some = {name: expressions[name] for name in names[start : start + 40]}
        table = nw.from_native(native).select("household", **some).sort("household").collect(backend="pyarrow")
        found |= table.drop("household").to_native().to_pydict()
    return found
