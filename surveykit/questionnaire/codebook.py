"""The codebook: a row a variable, with everything that an analyst must know of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from surveykit.expressions import phrase
from surveykit.expressions.meaning import Typed
from surveykit.questionnaire.computable import computable
from surveykit.questionnaire.indicators import IndicatorLibrary, load_indicators
from surveykit.questionnaire.logic import compiled_rules
from surveykit.questionnaire.structure import Code, Item, Questionnaire, Text, Unit, localized, option_column

if TYPE_CHECKING:
    import pandas as pd

_TICKS: Final[Mapping[Code, Text]] = {
    0: {"en": "not chosen", "ko": "선택 안 함"},
    1: {"en": "chosen", "ko": "선택함"},
}
_EVERYBODY: Final[Text] = {"en": "every record of: {unit}", "ko": "모든 응답: {unit}"}
_JOIN: Final[Text] = {"en": "{first}; and {second}", "ko": "{first}, 그리고 {second}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One column of the data.

    Parameters
    ----------
    var, item, number : str
        Column, id of its item, printed number.
    unit, section, module : str
        Where it belongs.
    type : str
        Type of its item; ``tick`` for the 0/1 column of one code of a select-multiple.
    label : Text
        Question text by language.
    codes : mapping of code to Text
        Labels of codes, in order.
    missing : mapping of code to Text
        Labels of missing codes; ``kinds`` has what they stand for.
    kinds : mapping of code to str
    universe : str
        Expression under which it is asked; empty for everybody.
    range : tuple of (min, max)
        Limits of real answers.
    measure : str
        UCUM code of the unit of measurement; ``measure_label`` is what people call it.
    sensitivity, concept, source : str
    measure_label : Text
    hint, instruction : Text
        What else the interviewer reads.
    universe_text : Text
        The universe as a sentence, by language.
    calculation : str
        Expression of a computed item.
    decimals : int
        Places after the point; 0 for whole numbers, codes and texts.
    indicators : tuple of str
        Ids of the indicators that need it, scores followed down to their items.
    """

    var: str
    item: str
    number: str
    unit: str
    section: str
    module: str
    type: str
    label: Text
    codes: Mapping[Code, Text] = field(default_factory=dict)
    missing: Mapping[Code, Text] = field(default_factory=dict)
    kinds: Mapping[Code, str] = field(default_factory=dict)
    universe: str = ""
    range: tuple[float | str | None, float | str | None] = (None, None)
    measure: str = ""
    sensitivity: str = "low"
    concept: str = ""
    source: str = ""
    measure_label: Text = field(default_factory=dict)
    hint: Text = field(default_factory=dict)
    instruction: Text = field(default_factory=dict)
    universe_text: Text = field(default_factory=dict)
    calculation: str = ""
    decimals: int = 0
    indicators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebook:
    """All variables of a questionnaire, in printed order.

    Parameters
    ----------
    questionnaire, version, structure_hash : str
        The instrument.
    languages : tuple of str
        Its languages, the first is the default.
    variables : tuple of Variable
    title : Text
    sections, units : mapping of str to Text
        Titles of sections and labels of units by id.
    """

    questionnaire: str
    version: str
    languages: tuple[str, ...]
    variables: tuple[Variable, ...]
    title: Text = field(default_factory=dict)
    structure_hash: str = ""
    sections: Mapping[str, Text] = field(default_factory=dict)
    units: Mapping[str, Text] = field(default_factory=dict)
    _by_var: Mapping[str, Variable] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_var", {one.var: one for one in self.variables})

    def __repr__(self) -> str:
        return f"<Codebook of {self.questionnaire} {self.version}: {len(self.variables)} variables; see to_frame()>"

    def variable(self, var: str) -> Variable:
        """Return a variable by column name; ``KeyError`` if there is none."""
        return self._by_var[var]

    def label(self, var: str, language: str = "en") -> str:
        """Return the label of a variable, its name where the codebook has none."""
        return localized(self._by_var[var].label, language) if var in self._by_var else var

    def value_labels(self, var: str, language: str = "en") -> Mapping[Code, str]:
        """Return labels by code, in the order of the code list; empty where the variable has no codes."""
        values = self._by_var[var].codes if var in self._by_var else {}
        return {code: localized(text, language) for code, text in values.items()}

    def to_frame(self) -> pd.DataFrame:
        """Return one row a variable.

        Returns
        -------
        DataFrame
            Columns ``var, item, number, unit, section, module, type``, then ``label_``, ``hint_``, ``values_``,
            ``missing_`` and ``universe_`` with each language, then ``missing`` (kinds by code), ``universe``,
            ``calculation``, ``min``, ``max``, ``decimals``, ``measure``, ``sensitivity``, ``concept``, ``source``,
            ``indicators``.
        """
        import pandas as pd  # noqa: PLC0415  # a form needs no data frames

        return pd.DataFrame([self._row(one) for one in self.variables])

    def values_frame(self) -> pd.DataFrame:
        """Return one row a code: ``var``, ``code``, ``missing`` (the kind, empty for real answers), ``label_`` ...

        Returns
        -------
        DataFrame
            In printed order; codes as text, since lists of letters and of numbers stand below each other.
        """
        import pandas as pd  # noqa: PLC0415  # a form needs no data frames

        rows = [
            {"var": one.var, "code": str(code), "missing": one.kinds.get(code, "")}
            | {f"label_{language}": localized(text, language) for language in self.languages}
            for one in self.variables
            for code, text in (*one.codes.items(), *one.missing.items())
        ]
        names = ["var", "code", "missing", *(f"label_{language}" for language in self.languages)]
        return pd.DataFrame(rows, columns=names)

    def to_dict(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "questionnaire": self.questionnaire,
            "version": self.version,
            "structure_hash": self.structure_hash,
            "title": dict(self.title),
            "variables": [self._plain(one) for one in self.variables],
        }

    def to_json(self) -> str:
        """Return the codebook as JSON: texts by language, codes with their labels, missing codes with their kinds."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1) + "\n"

    def _plain(self, one: Variable) -> dict[str, object]:
        return {
            **{name: getattr(one, name) for name in ("var", "item", "number", "unit", "section", "module", "type")},
            "label": dict(one.label),
            "hint": dict(one.hint),
            "codes": [{"code": code, "label": dict(text)} for code, text in one.codes.items()],
            "missing": [
                {"code": code, "kind": one.kinds[code], "label": dict(text)} for code, text in one.missing.items()
            ],
            "universe": {"expression": one.universe, "text": dict(one.universe_text)},
            "range": {"min": one.range[0], "max": one.range[1]},
            **{name: getattr(one, name) for name in ("calculation", "decimals", "measure", "sensitivity", "concept")},
            "source": one.source,
            "indicators": list(one.indicators),
        }

    def _row(self, one: Variable) -> dict[str, object]:
        texts = {"label": one.label, "hint": one.hint}
        worded = {
            f"{name}_{language}": localized(text, language)
            for name, text in texts.items()
            for language in self.languages
        }
        worded |= {f"values_{language}": listed(one.codes, language) for language in self.languages}
        worded |= {f"missing_{language}": listed(one.missing, language) for language in self.languages}
        worded |= {f"universe_{language}": localized(one.universe_text, language) for language in self.languages}
        return {
            **{name: getattr(one, name) for name in ("var", "item", "number", "unit", "section", "module", "type")},
            **worded,
            "missing": "; ".join(f"{code} = {kind}" for code, kind in one.kinds.items()),
            "universe": one.universe,
            "calculation": one.calculation,
            "min": one.range[0],
            "max": one.range[1],
            "decimals": one.decimals,
            "measure": one.measure,
            "sensitivity": one.sensitivity,
            "concept": one.concept,
            "source": one.source,
            "indicators": ", ".join(one.indicators),
        }


def codebook(questionnaire: Questionnaire, library: IndicatorLibrary | None = None) -> Codebook:
    """Return the codebook of a questionnaire.

    Parameters
    ----------
    questionnaire : Questionnaire
    library : IndicatorLibrary, optional
        Indicators whose use of the variables is noted; the shipped ones by default.

    Returns
    -------
    Codebook
        ``to_frame()`` has one row a variable; ``label`` and ``value_labels`` are what tables print.
    """
    library = library or load_indicators()
    users: dict[str, list[str]] = {}
    for indicator in computable(questionnaire, library):
        for item in library.items(indicator):
            users.setdefault(item, []).append(indicator)
    universes = _universes(questionnaire)
    return Codebook(
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        languages=questionnaire.languages,
        title=questionnaire.title,
        structure_hash=questionnaire.structure_hash,
        sections={section.id: section.title for section in questionnaire.sections},
        units={unit.id: unit.label for unit in questionnaire.units},
        variables=tuple(
            one
            for item in questionnaire.items
            for one in _variables(item, universes.get(item.id, {}), tuple(users.get(item.id, ())))
        ),
    )


def listed(values: Mapping[Code, Text], language: str) -> str:
    """Return codes with their labels in one line."""
    return "; ".join(f"{code} = {localized(text, language)}" for code, text in values.items())


def _universes(questionnaire: Questionnaire) -> dict[str, Text]:
    """Return the universe of every item as a sentence by language."""
    rules: dict[str, Typed] = {one.rule.pointer: one.typed for one in compiled_rules(questionnaire)[0] if one.typed}
    roster_names = {
        language: {unit.id: localized(unit.label, language) for unit in questionnaire.units}
        for language in questionnaire.languages
    }
    found: dict[str, Text] = {}
    for number, section in enumerate(questionnaire.sections):
        unit = questionnaire.unit(section.unit)
        for position, item in enumerate(section.items):
            pointers = (f"/sections/{number}/relevant", f"/sections/{number}/items/{position}/relevant")
            conditions = [rules[pointer] for pointer in pointers if pointer in rules]
            found[item.id] = {
                language: _universe(conditions, unit, language, names) for language, names in roster_names.items()
            }
    return found


def _universe(conditions: list[Typed], unit: Unit, language: str, names: Mapping[str, str]) -> str:
    if not conditions:
        return localized(_EVERYBODY, language).format(unit=localized(unit.label, language))
    said = [phrase.sentence(one, language, labels=True, units=names) for one in conditions]
    return said[0] if len(said) == 1 else localized(_JOIN, language).format(first=said[0], second=said[1])


def _variables(item: Item, universe: Text, indicators: tuple[str, ...]) -> Iterator[Variable]:
    if item.type == "note":
        return
    options = item.codelist.options if item.codelist else ()
    values: dict[Code, Text] = {option.code: option.label for option in options}
    yield _variable(item, item.var, item.label, values, universe=universe, indicators=indicators)
    if item.type == "select_multiple":
        for option in options:
            label = {language: f"{text}: {localized(option.label, language)}" for language, text in item.label.items()}
            column = option_column(item.var, option.code)
            yield _variable(item, column, label, _TICKS, universe=universe, indicators=indicators)


def _variable(
    item: Item, var: str, label: Text, values: Mapping[Code, Text], *, universe: Text, indicators: tuple[str, ...]
) -> Variable:
    missing = item.missing.codes if item.missing and var == item.var else ()
    number = not values and item.type in {"decimal", "calculated"}
    return Variable(
        var=var,
        item=item.id,
        number=item.number,
        unit=item.unit,
        section=item.section,
        module=item.module,
        type=item.type if var == item.var else "tick",
        label=label,
        codes=values,
        missing={one.code: one.label for one in missing},
        kinds={one.code: one.kind for one in missing},
        universe=item.relevant,
        range=(item.range.min, item.range.max) if item.range else (None, None),
        measure=item.measure.ucum if item.measure else "",
        sensitivity=item.sensitivity,
        concept=item.concept,
        source=item.source,
        measure_label=item.measure.label if item.measure else {},
        hint=item.hint,
        instruction=item.instruction,
        universe_text=universe,
        calculation=item.calculation,
        decimals=item.decimals if number else 0,
        indicators=indicators,
    )
