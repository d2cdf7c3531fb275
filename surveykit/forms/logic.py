"""The questionnaire's expressions as formulas of its form: compiled once, bound to the cells that a row can see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from surveykit.errors import ExpressionError
from surveykit.expressions import excel, meaning
from surveykit.expressions.excel import Reference, RosterReference
from surveykit.expressions.meaning import Scope, Symbol, Typed
from surveykit.findings import Finding, Place, finding
from surveykit.questionnaire.scope import scope_of
from surveykit.questionnaire.structure import Item, Questionnaire

Target = str | Reference | RosterReference


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What the expressions of one row of a unit can see.

    Parameters
    ----------
    unit : str
    find : callable
        Cell, or cells, of a name; raises ``KeyError`` where the form has none.
    today : str
        Cell of the interview date.
    own : mapping of str to str
        Names that stand for a formula here, an item's own raw answer in its constraint.
    """

    unit: str
    find: Callable[[str], Target]
    today: str = ""
    own: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, name: str) -> Target:
        """Return where a name stands; empty where the form has no place for it."""
        if name in self.own:
            return self.own[name]
        try:
            return self.find(name)
        except KeyError:
            return ""

    def value(self, name: str) -> str:
        """Return the cell of the value behind an answer."""
        found = self(name)
        return found if isinstance(found, str) else found.cell if isinstance(found, Reference) else ""

    def answered(self, name: str) -> str:
        """Return the condition that something stands behind an answer; empty where the form has no place for it."""
        found = self(name)
        if isinstance(found, Reference) and found.options:
            return "OR(" + ",".join(f'{cell}<>""' for cell in found.options.values()) + ")"
        cell = self.value(name)
        return f'{cell}<>""' if cell else ""

    def with_own(self, name: str, formula: str) -> Sight:
        """Return the sight in which a name stands for a formula."""
        return replace(self, own={**self.own, name: formula})


@dataclass(slots=True)
class Meanings:
    """Expressions compiled once, in scopes made once a unit."""

    questionnaire: Questionnaire
    items: dict[str, Item] = field(init=False)
    _typed: dict[tuple[str, str, str, bool], Typed] = field(default_factory=dict)
    _scopes: dict[tuple[str, bool], Scope] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.items = {item.id: item for item in self.questionnaire.items}

    def typed(self, text: str, unit: str, this: str = "", *, bare: bool = False) -> Typed:
        """Return the meaning of an expression in the rows of a unit.

        Parameters
        ----------
        text, unit : str
        this : str
            Item that ``this`` means.
        bare : bool
            Read numeric codes as numbers, where nothing in the expression needs them as codes.
        """
        key = (text, unit, this, bare)
        if key not in self._typed:
            self._typed[key] = self._compiled(text, unit, this, bare=bare)
        return self._typed[key]

    def _compiled(self, text: str, unit: str, this: str, *, bare: bool) -> Typed:
        if bare:
            try:
                return meaning.compile(text, self._scope(unit, this, bare=True))
            except ExpressionError:
                pass  # some part needs the codes as codes: their labels, or as text
        return meaning.compile(text, self._scope(unit, this, bare=False))

    def _scope(self, unit: str, this: str, *, bare: bool) -> Scope:
        if (unit, bare) not in self._scopes:
            scope = scope_of(self.questionnaire, unit)
            self._scopes[(unit, bare)] = _as_numbers(scope) if bare else scope
        return replace(self._scopes[(unit, bare)], this=this)


@dataclass(slots=True)
class Logic:
    """Expressions as formulas; what cannot be said in Excel is collected in ``findings`` and left to the checks.

    Parameters
    ----------
    questionnaire : Questionnaire
    language : str
        Language of ``label()``.
    bare : bool
        Cells hold bare codes, not "1 Male": numeric codes are then read as numbers, which makes formulas short.
    """

    questionnaire: Questionnaire
    language: str
    bare: bool = False
    findings: list[Finding] = field(default_factory=list)
    meanings: Meanings = field(init=False)

    def __post_init__(self) -> None:
        self.meanings = Meanings(questionnaire=self.questionnaire)

    def true(self, text: str, sight: Sight, *, this: str = "") -> str:
        """Return the formula that is TRUE where a condition is true; ``FALSE`` where Excel cannot say it."""
        return self._formula(text, sight, "true", this) or "FALSE"

    def false(self, text: str, sight: Sight, *, this: str = "") -> str:
        """Return the formula that is TRUE where a condition is false; ``FALSE`` where Excel cannot say it."""
        return self._formula(text, sight, "false", this) or "FALSE"

    def value(self, text: str, sight: Sight) -> str:
        """Return the formula of a value; empty text where it is unknown or Excel cannot say it."""
        return self._formula(text, sight, "value", "") or '""'

    def can(self, text: str, sight: Sight) -> bool:
        """Whether a condition can be said with the cells that are seen."""
        return bool(self._formula(text, sight, "true", ""))

    def settled(self, text: str, sight: Sight) -> str:
        """Return the condition that everything a rule needs was answered; empty where that cannot be.

        The checks of returned answers read an unknown skip rule in the same way.
        """
        typed = self.typed(text, sight.unit)
        plain = [self.meanings.items.get(name) for name in sorted(typed.names)]
        if typed.rosters or any(item is None or item.type == "calculated" for item in plain):
            return ""
        answered = [sight.answered(name) for name in sorted(typed.names)]
        return f"AND({','.join(answered)})" if answered and all(answered) else ""

    def shape(self, item: Item, sight: Sight) -> str:
        """Return the formula that is TRUE where a text breaks the pattern of its item; empty where there is none."""
        if not item.pattern:
            return ""
        pattern = item.pattern.replace("'", "''")
        return self._formula(f"matches(this, '{pattern}')", sight, "false", item.id)

    def typed(self, text: str, unit: str, this: str = "") -> Typed:
        """Return the meaning of an expression in the rows of a unit."""
        return self.meanings.typed(text, unit, this, bare=self.bare)

    def _formula(self, text: str, sight: Sight, want: Literal["true", "false", "value"], this: str) -> str:
        try:
            typed = self.typed(text, sight.unit, this)
            return excel.formula(typed, sight, want=want, today=sight.today, language=self.language)
        except ExpressionError as error:
            where = Place(file=self.questionnaire.file, item=this)
            for one in error.findings:
                left = finding("forms-logic-left-out", where, expression=text, reason=one.message)
                if left not in self.findings:
                    self.findings.append(left)
            return ""


def _as_numbers(scope: Scope) -> Scope:
    symbols = {name: _as_number(symbol) for name, symbol in scope.symbols.items()}
    rosters = {name: _as_numbers(inner) for name, inner in scope.rosters.items()}
    return replace(scope, symbols=symbols, rosters=rosters)


def _as_number(symbol: Symbol) -> Symbol:
    if symbol.kind != "code" or not symbol.numeric:
        return symbol
    return replace(symbol, kind="number", codes={}, integer=True)
