"""Frames of any engine: what comes back, in which type, and what is said where a frame does not fit."""

from __future__ import annotations

from datetime import UTC, date, datetime

import duckdb
import generated
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest

from surveykit.errors import ExpressionError
from surveykit.expressions import columns, meaning
from surveykit.expressions.meaning import Symbol

FRAME = pd.DataFrame(
    {
        "age": [10.0, 20.0, None, 30.0],
        "sex": ["M", "F", None, "M"],
        "pregnant": pd.array([1, None, 2, 1], dtype="Int64"),
        "born": pd.to_datetime(["2020-01-01", None, "1999-02-28", "2000-02-29"]),
        "here": [True, False, True, False],
    },
    index=[5, 6, 7, 8],
)


def test_names_and_types_come_from_the_frame():
    for frame in (FRAME, pl.from_pandas(FRAME), pl.from_pandas(FRAME).lazy(), duckdb.from_df(FRAME)):
        scope = columns.scope_of(frame)
        kinds = {name: symbol.kind for name, symbol in scope.symbols.items()}
        assert kinds == {"age": "number", "sex": "text", "pregnant": "number", "born": "date", "here": "boolean"}
    assert columns.scope_of(FRAME).symbols["pregnant"].integer
    assert not columns.scope_of(FRAME).symbols["age"].integer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age >= 19", [False, True, False, True]),
        ("age >= 19 and not pregnant == 1", [False, False, False, False]),
        ("age >= 19 and (pregnant is missing or pregnant <> 1)", [False, True, False, False]),
        ("not age >= 19", [True, False, False, False]),
        ("sex == 'M' or age > 15", [True, True, False, True]),
        ("born < '2000-03-01'", [False, False, True, True]),
        ("here", [True, False, True, False]),
        ("age / (pregnant - 1) > 0", [False, False, False, False]),
    ],
)
def test_rows_are_chosen_alike_by_every_engine(text, expected):
    polars_frame, relation = pl.from_pandas(FRAME), duckdb.from_df(FRAME)
    mask = columns.where(FRAME, text)
    assert mask.to_list() == expected
    assert mask.index.to_list() == [5, 6, 7, 8]
    assert mask.dtype == np.bool_
    assert columns.where(polars_frame, text).to_list() == expected
    for lazy in (polars_frame.lazy(), relation):
        found = nw.from_native(lazy).select(mask=columns.where(lazy, text)).collect(backend="pyarrow")
        assert found["mask"].to_list() == expected


def test_values_are_nullable_and_never_nan():
    scope = columns.scope_of(FRAME)
    types = {
        "age * 2": "Float64",
        "pregnant + 1": "Int64",
        "concat(sex, 'x')": "string",
        "born": "datetime64[s]",
        "age > 15": "boolean",
    }
    for text, dtype in types.items():
        values = columns.values(meaning.compile(text, scope), FRAME)
        assert str(values.dtype) == dtype
        assert values.isna().sum() == 1
        assert values.index.to_list() == [5, 6, 7, 8]


def test_values_of_polars_are_polars():
    frame = pl.from_pandas(FRAME)
    scope = columns.scope_of(frame)
    wanted = {
        "age * 2": (pl.Float64, [20.0, 40.0, None, 60.0]),
        "pregnant + 1": (pl.Int64, [2, None, 3, 2]),
        "concat(sex, 'x')": (pl.String, ["Mx", "Fx", None, "Mx"]),
        "born": (pl.Date, [date(2020, 1, 1), None, date(1999, 2, 28), date(2000, 2, 29)]),
        "age > 15": (pl.Boolean, [False, True, None, True]),
    }
    for text, (dtype, expected) in wanted.items():
        values = columns.values(meaning.compile(text, scope), frame)
        assert values.dtype == dtype
        assert values.to_list() == expected


def test_labels_come_in_a_language():
    scope = meaning.scope([Symbol(name="sex", kind="code", codes={1: {"en": "Male", "ko": "남"}, 2: {"en": "Female"}})])
    frame = pd.DataFrame({"sex": pd.array([1, 2, 3, None], dtype="Int64")})
    label = meaning.compile("label(sex)", scope)
    assert columns.values(label, frame, language="ko").to_list() == ["남", "Female", pd.NA, pd.NA]


def test_a_symbol_may_read_another_column():
    scope = meaning.scope([Symbol(name="age", kind="number", column="AGE_1", missing={999: "dk"})])
    frame = pd.DataFrame({"AGE_1": [5, 999]})
    assert columns.holds(meaning.compile("age < 10", scope), frame).to_list() == [True, False]
    assert columns.fails(meaning.compile("age < 10", scope), frame).to_list() == [False, False]


def test_one_scope_does_not_hide_the_missing_codes_of_another():
    prepared = columns.prepare(pd.DataFrame({"age": [5, 999]}))
    coded = meaning.scope([Symbol(name="age", kind="number", missing={999: "dk"})])
    plain = meaning.scope([Symbol(name="age", kind="number")])
    assert columns.holds(meaning.compile("age > 1", coded), prepared).to_list() == [True, False]
    assert columns.holds(meaning.compile("age > 1", plain), prepared).to_list() == [True, True]


@pytest.mark.parametrize(
    "dates",
    [
        pd.Series(pd.to_datetime(["2000-02-29", None])),
        pd.Series(pd.to_datetime(["2000-02-29 23:30", None])),
        pd.Series([datetime(2000, 2, 29, 23, 30, tzinfo=UTC), None]),
        pd.Series([date(2000, 2, 29), None], dtype=object),
        pd.Series(["2000-02-29", ""], dtype=object),
    ],
    ids=["dates", "times", "time zone", "objects", "texts"],
)
def test_dates_are_read_however_they_are_kept(dates):
    typed = meaning.compile("born == date('2000-02-29')", meaning.scope([Symbol(name="born", kind="date")]))
    frame = pd.DataFrame({"born": dates})
    assert columns.holds(typed, frame).to_list() == [True, False]
    assert columns.fails(typed, frame).to_list() == [False, False]


def test_numbers_kept_as_texts_are_read():
    typed = meaning.compile("code == 7", meaning.scope([Symbol(name="code", kind="code", codes={7: {}, 8: {}})]))
    frame = pd.DataFrame({"code": pd.Series(["7", "8", None, "07"], dtype=object)})
    assert columns.holds(typed, frame).to_list() == [True, False, False, True]


def test_today_may_be_a_column_or_a_date():
    typed = meaning.compile("age(born) >= 20", columns.scope_of(FRAME))
    frame = FRAME.assign(visit=pd.to_datetime(["2021-01-01", "2021-01-01", "2019-02-28", "2020-02-28"]))
    assert columns.holds(typed, frame, today="visit").to_list() == [False, False, True, False]
    assert columns.holds(typed, frame, today=date(2020, 2, 29)).to_list() == [False, False, True, True]
    lazy = nw.from_native(pl.from_pandas(frame).lazy())
    found = lazy.select(mask=columns.expression(typed, today="visit")).collect()["mask"].to_list()
    assert found == [False, False, True, False]


def test_rows_of_rosters_belong_by_all_keys():
    scope = meaning.scope([Symbol(name="h", kind="number")], members=meaning.scope([Symbol(name="age", kind="number")]))
    outer = pd.DataFrame({"area": ["a", "a", "b"], "h": [1, 2, 1]})
    inner = pd.DataFrame({"area": ["a", "b", "a", "a"], "h": [1, 1, 1, 3], "age": [5, 40, 60, 80]})
    rosters = {"members": columns.RosterFrame(frame=inner, link=("area", "h"))}
    count = meaning.compile("count(members where age > 20)", scope)
    assert columns.values(count, outer, rosters=rosters).to_list() == [1, 0, 1]
    siblings = outer.loc[[0, 0, 2]].reset_index(drop=True)
    assert columns.values(count, siblings, rosters=rosters).to_list() == [1, 1, 1]


def test_empty_frames_give_empty_series():
    typed = meaning.compile("age >= 19 and sex == 'M'", columns.scope_of(FRAME))
    assert columns.holds(typed, FRAME.iloc[:0]).to_list() == []
    assert columns.holds(typed, pl.from_pandas(FRAME).clear()).to_list() == []


def test_constants_hold_for_every_row():
    scope = columns.scope_of(FRAME)
    assert columns.holds(meaning.compile("1 < 2 and true", scope), FRAME).to_list() == [True] * 4
    assert columns.values(meaning.compile("2 * 3", scope), FRAME).to_list() == [6] * 4
    assert columns.values(meaning.compile("'a'", scope), FRAME).to_list() == ["a"] * 4


def test_a_missing_column_is_named_with_those_like_it():
    typed = meaning.compile("agee > 1", meaning.scope([Symbol(name="agee", kind="number")]))
    with pytest.raises(ExpressionError, match=r"expression-column-missing.*columns like it: age"):
        columns.holds(typed, FRAME)
    roster = {"members": columns.RosterFrame(frame=FRAME, link=("household",))}
    count = meaning.compile("count(members)", generated.SCOPE)
    with pytest.raises(ExpressionError, match=r"expression-column-missing.*household"):
        columns.values(count, FRAME, rosters=roster)


def test_a_column_of_another_kind_is_named():
    number = meaning.compile("sex > 1", meaning.scope([Symbol(name="sex", kind="number")]))
    with pytest.raises(ExpressionError, match=r"expression-column-kind.*column sex holds .*, expected numbers"):
        columns.holds(number, FRAME)
    day = meaning.compile("sex > '2000-01-01'", meaning.scope([Symbol(name="sex", kind="date")]))
    with pytest.raises(ExpressionError, match=r"expression-column-kind.*expected dates"):
        columns.holds(day, FRAME)


def test_rows_that_were_not_given_are_named():
    typed = meaning.compile("count(members) > 1", generated.SCOPE)
    with pytest.raises(ExpressionError, match=r"expression-rows-missing.*members"):
        columns.holds(typed, FRAME)


def test_lazy_engines_refuse_aggregates():
    typed = meaning.compile("count(members) > 1", generated.SCOPE)
    with pytest.raises(ExpressionError, match=r"expression-not-in-engine.*aggregate"):
        columns.expression(typed)


def test_nothing_of_a_text_is_evaluated():
    with pytest.raises(ExpressionError, match=r"expression-unknown-function"):
        columns.where(FRAME, "__import__('os')")
    with pytest.raises(ExpressionError, match=r"expression-syntax"):
        columns.where(FRAME, "age.__class__.__mro__ > 1")
