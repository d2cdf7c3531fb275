"""The codebook: a row a variable, with everything that an analyst must know of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from surveykit.questionnaire.structure import Code, Item, Questionnaire, Text, localized, option_column

if TYPE_CHECKING:
    import pandas as pd

_TICKS: Final[Mapping[Code, Text]] = {
    0: {"en": "not chosen", "ko": "선택 안 함"},
    1: {"en": "chosen", "ko": "선택함"},
}


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
        UCUM code of the unit of measurement.
    sensitivity, concept, source : str
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebook:
    """All variables of a questionnaire, in printed order."""

    questionnaire: str
    version: str
    languages: tuple[str, ...]
    variables: tuple[Variable, ...]

    def variable(self, var: str) -> Variable:
        """Return a variable by column name; ``KeyError`` if there is none."""
        return {one.var: one for one in self.variables}[var]

    def label(self, var: str, language: str = "en") -> str:
        """Return the label of a variable, its name where the codebook has none."""
        known = {one.var: one for one in self.variables}
        return localized(known[var].label, language) if var in known else var

    def value_labels(self, var: str, language: str = "en") -> Mapping[Code, str]:
        """Return labels by code, in the order of the code list; empty where the variable has no codes."""
        known = {one.var: one for one in self.variables}
        values = known[var].codes if var in known else {}
        return {code: localized(text, language) for code, text in values.items()}

    def to_frame(self) -> pd.DataFrame:
        """Return one row a variable.

        Returns
        -------
        DataFrame
            Columns ``var, item, number, unit, section, module, type, label_<language>..., values_<language>...,
            missing, universe, min, max, measure, sensitivity, concept, source``.
        """
        import pandas as pd  # noqa: PLC0415  # a form needs no data frames

        return pd.DataFrame([self._row(one) for one in self.variables])

    def to_dict(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "questionnaire": self.questionnaire,
            "version": self.version,
            "variables": [self._row(one) for one in self.variables],
        }

    def _row(self, one: Variable) -> dict[str, object]:
        labels = {f"label_{language}": localized(one.label, language) for language in self.languages}
        values = {f"values_{language}": _listed(one.codes, language) for language in self.languages}
        missing = "; ".join(f"{code} = {kind}" for code, kind in one.kinds.items())
        head = (one.var, one.item, one.number, one.unit, one.section, one.module, one.type)
        return {
            **dict(zip(("var", "item", "number", "unit", "section", "module", "type"), head, strict=True)),
            **labels,
            **values,
            "missing": missing,
            "universe": one.universe,
            "min": one.range[0],
            "max": one.range[1],
            "measure": one.measure,
            "sensitivity": one.sensitivity,
            "concept": one.concept,
            "source": one.source,
        }


def codebook(questionnaire: Questionnaire) -> Codebook:
    """Return the codebook of a questionnaire.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    Codebook
        ``to_frame()`` has one row a variable; ``label`` and ``value_labels`` are what tables print.
    """
    return Codebook(
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        languages=questionnaire.languages,
        variables=tuple(one for item in questionnaire.items for one in _variables(item)),
    )


def _variables(item: Item) -> Iterator[Variable]:
    if item.type == "note":
        return
    options = item.codelist.options if item.codelist else ()
    values: dict[Code, Text] = {option.code: option.label for option in options}
    yield _variable(item, var=item.var, label=item.label, values=values)
    if item.type == "select_multiple":
        for option in options:
            label = {language: f"{text}: {localized(option.label, language)}" for language, text in item.label.items()}
            yield _variable(item, var=option_column(item.var, option.code), label=label, values=_TICKS)


def _variable(item: Item, *, var: str, label: Text, values: Mapping[Code, Text]) -> Variable:
    missing = item.missing.codes if item.missing and var == item.var else ()
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
    )


def _listed(values: Mapping[Code, Text], language: str) -> str:
    return "; ".join(f"{code} = {localized(text, language)}" for code, text in values.items())
