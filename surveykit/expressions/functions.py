"""The functions of the language: what each takes and gives. A table, so that every backend reads the same one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from surveykit.expressions.symbols import Kind

ANY: Final[frozenset[Kind]] = frozenset({"number", "code", "codes", "text", "date", "boolean"})
_NUMBER: Final[frozenset[Kind]] = frozenset({"number"})
_TEXT: Final[frozenset[Kind]] = frozenset({"text"})
_DATE: Final[frozenset[Kind]] = frozenset({"date"})
_CODE: Final[frozenset[Kind]] = frozenset({"code"})
_ONE: Final[frozenset[Kind]] = frozenset({"number", "code", "text", "date", "boolean"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a function takes and gives.

    Parameters
    ----------
    takes : tuple of frozenset
        Kinds allowed for each argument; the last entry stands for all further ones.
    gives : str
        Kind of the result; empty where it is the kind of the arguments.
    least : int
        Fewest arguments.
    most : int or None
        Most arguments; None for any number.
    constants : frozenset of int
        Positions (from 0) that must hold a constant written in the expression.
    """

    takes: tuple[frozenset[Kind], ...]
    gives: Kind
    least: int = 1
    most: int | None = 1
    constants: frozenset[int] = frozenset()

    def kinds(self, position: int) -> frozenset[Kind]:
        """Return the kinds allowed for an argument."""
        return self.takes[min(position, len(self.takes) - 1)]

    @property
    def count(self) -> str:
        """The number of arguments in words."""
        if self.most is None:
            return f"{self.least} or more"
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


FUNCTIONS: Final[dict[str, Signature]] = {
    "selected": Signature(takes=(frozenset({"codes", "code"}), ANY), gives="boolean", least=2, most=2),
    "count_selected": Signature(takes=(frozenset({"codes"}),), gives="number"),
    "if": Signature(takes=(frozenset({"boolean"}), _ONE), gives="", least=3, most=3),
    "coalesce": Signature(takes=(_ONE,), gives="", least=2, most=None),
    "min": Signature(takes=(_NUMBER | _DATE,), gives="", most=None),
    "max": Signature(takes=(_NUMBER | _DATE,), gives="", most=None),
    "sum": Signature(takes=(_NUMBER,), gives="number", most=None),
    "mean": Signature(takes=(_NUMBER,), gives="number", most=None),
    "round": Signature(takes=(_NUMBER,), gives="number", most=2, constants=frozenset({1})),
    "int": Signature(takes=(_NUMBER,), gives="number"),
    "abs": Signature(takes=(_NUMBER,), gives="number"),
    "number": Signature(takes=(_TEXT | _CODE,), gives="number"),
    "length": Signature(takes=(_TEXT,), gives="number"),
    "matches": Signature(takes=(_TEXT,), gives="boolean", least=2, most=2, constants=frozenset({1})),
    "concat": Signature(takes=(_TEXT | _CODE | _NUMBER,), gives="text", most=None),
    "label": Signature(takes=(_CODE,), gives="text"),
    "date": Signature(takes=(_TEXT,), gives="date", constants=frozenset({0})),
    "today": Signature(takes=(_DATE,), gives="date", least=0, most=0),
    "age": Signature(takes=(_DATE,), gives="number", most=2),
    "days_between": Signature(takes=(_DATE,), gives="number", least=2, most=2),
    "year": Signature(takes=(_DATE,), gives="number"),
    "month": Signature(takes=(_DATE,), gives="number"),
    "day": Signature(takes=(_DATE,), gives="number"),
}

STATES: Final = ("missing", "answered", "dk", "refused", "na", "not_stated", "not_asked")

# answered(x) and missing(x) read as "x is answered"; the kinds carry "is_" so that an item may be called "na".
STATE_FUNCTIONS: Final = {state if state in {"missing", "answered"} else f"is_{state}": state for state in STATES}

AGGREGATES: Final = ("count", "sum", "min", "max", "mean", "any", "all")

ALL_NAMES: Final = (*FUNCTIONS, *STATE_FUNCTIONS, *AGGREGATES)

_WHOLE: Final = frozenset({"int", "length", "count_selected", "age", "days_between", "year", "month", "day"})


def gives_whole(function: str) -> bool:
    """Whether a function's numbers are always whole."""
    return function in _WHOLE
