"""Which names a rule may use in the rows of each unit."""

from pathlib import Path

import pytest

from surveykit.errors import ExpressionError
from surveykit.expressions import meaning
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.scope import scope_of, symbol_of

VILLAGE = load_questionnaire(Path(__file__).parents[1] / "definitions" / "bases" / "village.json")


def test_a_unit_sees_its_own_items_and_those_above():
    assert "sbp" in scope_of(VILLAGE, "adult").symbols
    assert "province" in scope_of(VILLAGE, "adult").symbols
    assert "sbp" not in scope_of(VILLAGE, "member").symbols
    assert "age" not in scope_of(VILLAGE, "household").symbols


def test_a_selection_sees_the_roster_that_it_takes_its_rows_from():
    assert scope_of(VILLAGE, "adult").symbols["age"].missing == {888: "na", 999: "dk"}


def test_the_line_number_of_a_row_is_a_number():
    assert scope_of(VILLAGE, "member").symbols["line"].integer
    assert "line" not in scope_of(VILLAGE, "household").symbols


def test_units_below_are_rosters_for_aggregates():
    scope = scope_of(VILLAGE, "household")
    assert set(scope.rosters) == {"member", "adult"}
    typed = meaning.compile("count(member where age >= 19 and sex == 2) > 0", scope, gives="boolean")
    assert typed.rosters == {"member"}
    with pytest.raises(ExpressionError):
        meaning.compile("count(woman) > 0", scope, gives="boolean")


def test_this_and_today_mean_what_the_instrument_says():
    scope = scope_of(VILLAGE, "adult", this="dbp")
    assert meaning.compile("this < 150", scope).names == {"dbp"}
    assert scope.today == "day"


@pytest.mark.parametrize(
    ("item", "kind", "numeric"),
    [
        ("serial", "text", False),
        ("water_other", "text", False),
        ("weight", "number", True),
        ("age", "number", True),
        ("day", "date", False),
        ("water", "code", True),
        ("assets", "codes", False),
        ("high", "code", True),
    ],
)
def test_every_type_of_item_has_its_kind(item, kind, numeric):
    symbol = symbol_of(VILLAGE.item(item))
    assert (symbol.kind, symbol.numeric) == (kind, numeric)


def test_a_unit_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError):
        scope_of(VILLAGE, "woman")
