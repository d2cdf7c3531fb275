"""Indicators, scores and standard populations: definitions as data, read once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from surveykit.documents import Json, read_document, shipped
from surveykit.errors import DefinitionError, ExpressionError
from surveykit.expressions import meaning
from surveykit.expressions.symbols import near
from surveykit.findings import Finding, Findings, Place, finding
from surveykit.questionnaire.structure import Text

Population = Literal["person", "household"]

DEFAULT_PRESET: Final = "knhanes"
_PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A figure that is published, as an expression over answers and scores.

    Parameters
    ----------
    id : str
        Name of its column.
    label, definition : Text
        Title, and what is counted in words.
    type : {"proportion", "mean"}
    population : {"person", "household"}
        What is counted.
    numerator : str
        A condition for a proportion, a number for a mean; ``{name}`` stands for a parameter.
    denominator : str
        Condition of belonging to it.
    parameters : mapping of str to float
        Values of the parameters in the reports of the KDCA.
    presets : mapping of str to mapping
        Values that other publishers use.
    standard : str
        Id of the standard population of published figures; empty if none is used.
    missing_rule, note, source : str
    group : str
        Document that holds it.
    """

    id: str
    label: Text
    definition: Text
    type: Literal["proportion", "mean"]
    population: Population
    numerator: str
    denominator: str
    missing_rule: str
    source: str
    group: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    presets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    standard: str = ""
    note: str = ""

    def values(self, preset: str = DEFAULT_PRESET) -> Mapping[str, float]:
        """Return the parameters of a preset; those that it does not change keep their own value."""
        return {**self.parameters, **self.presets.get(preset, {})}

    def expressions(self, preset: str = DEFAULT_PRESET) -> tuple[str, str]:
        """Return numerator and denominator with the parameters of a preset written in."""
        values = self.values(preset)
        return _filled(self.numerator, values), _filled(self.denominator, values)

    @property
    def names(self) -> frozenset[str]:
        """Items and scores that the definition uses."""
        return frozenset().union(*(meaning.names(text) for text in self.expressions()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A derived value that indicators and tables use.

    Parameters
    ----------
    id : str
        Name of its column; an instrument's own item of that name comes before it.
    label : Text
    source : str
        Rule and where it is published.
    expression : str
        How it is computed; empty where ``function`` does it.
    when : str
        Condition without which it is null.
    function : str
        Name of the procedure for what an expression cannot say.
    inputs : tuple of str
        Items that the procedure needs.
    one_of : tuple of tuple of str
        Sets of items of which one must be there.
    optional : tuple of str
        Items that it uses where they exist.
    rows : tuple of str
        Items in the rows of another unit.
    ucum : str
        Unit of measurement.
    """

    id: str
    label: Text
    source: str
    expression: str = ""
    when: str = ""
    function: str = ""
    inputs: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    optional: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    ucum: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Items and scores that it cannot do without."""
        texts = (text for text in (self.expression, self.when) if text)
        return frozenset(self.inputs).union(*(meaning.names(text) for text in texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeGroup:
    """People from one completed year of age to another; ``last`` is None for the open group."""

    first: int
    last: int | None
    population: float

    @property
    def label(self) -> str:
        """``19-29`` or ``70+``."""
        return f"{self.first}+" if self.last is None else f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A standard population for direct standardisation.

    Parameters
    ----------
    id : str
    label : Text
    groups : tuple of AgeGroup
        From the youngest to the oldest.
    source : str
    """

    id: str
    label: Text
    groups: tuple[AgeGroup, ...]
    source: str

    @property
    def population(self) -> Mapping[str, float]:
        """People by label of the age group, as estimation takes them."""
        return {group.label: group.population for group in self.groups}


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorLibrary:
    """Everything that :func:`load_indicators` reads.

    Parameters
    ----------
    indicators : mapping of str to Indicator
    scores : mapping of str to Score
    standards : mapping of str to Standard
    """

    indicators: Mapping[str, Indicator]
    scores: Mapping[str, Score]
    standards: Mapping[str, Standard]

    def __repr__(self) -> str:
        return f"<IndicatorLibrary of {len(self.indicators)} indicators and {len(self.scores)} scores>"

    @property
    def presets(self) -> frozenset[str]:
        """Names of all presets."""
        return frozenset({DEFAULT_PRESET}).union(*(one.presets for one in self.indicators.values()))

    def items(self, indicator: str) -> frozenset[str]:
        """Return the items that an indicator needs, scores followed down to theirs; ``KeyError`` if unknown."""
        found: set[str] = set()
        waiting = list(self.indicators[indicator].names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.scores[name].names if name in self.scores else ()
        return frozenset(found - set(self.scores))


def load_indicators(folder: str | Path | None = None) -> IndicatorLibrary:
    """Return the indicators, scores and standard populations of a folder.

    Parameters
    ----------
    folder : str or Path, optional
        Folder of JSON documents of type ``indicators``, ``scores`` and ``standards``; the shipped one by default.

    Raises
    ------
    DefinitionError
        With every problem: schema, ids that stand twice, expressions that cannot be read, unknown parameters.

    Examples
    --------
    >>> load_indicators().indicators["htn"].values("knhanes")["sbp"]
    140
    """
    return _library(Path(folder) if folder is not None else shipped("questionnaires") / "indicators")


@cache
def _library(folder: Path) -> IndicatorLibrary:
    documents = [(path, read_document(path, "indicators")) for path in sorted(folder.glob("*.json"))]
    if not documents:
        raise DefinitionError.of("indicator-none", Place(file=str(folder)))
    rows = [(kind, path, row, doc) for path, doc in documents for kind in _KINDS for row in _rows(doc, kind)]
    problems = [*_twice(rows)]
    library = IndicatorLibrary(
        indicators={_id(row): _indicator(row, str(doc["id"])) for kind, _, row, doc in rows if kind == "indicators"},
        scores={_id(row): _score(row) for kind, _, row, _ in rows if kind == "scores"},
        standards={_id(row): _standard(row) for kind, _, row, _ in rows if kind == "standards"},
    )
    files = {_id(row): str(path) for _, path, row, _ in rows}
    problems += _unreadable(library, files)
    problems += [] if problems else _circles(library, files)
    if problems:
        raise DefinitionError(Findings.of(problems))
    return library


_KINDS: Final = ("indicators", "scores", "standards")


def _rows(document: Json, kind: str) -> list[Json]:
    rows: Any = document.get(kind, [])
    return list(rows)


def _id(row: Json) -> str:
    return str(row["id"])


def _indicator(row: Mapping[str, Any], group: str) -> Indicator:
    return Indicator(group=group, **row)


def _score(row: Mapping[str, Any]) -> Score:
    plain = {key: value for key, value in row.items() if key != "population"}
    for key in ("inputs", "optional", "rows"):
        plain[key] = tuple(plain.get(key, ()))
    plain["one_of"] = tuple(tuple(names) for names in plain.get("one_of", ()))
    return Score(**plain)


def _standard(row: Mapping[str, Any]) -> Standard:
    groups = tuple(
        AgeGroup(first=group["from"], last=group.get("to"), population=group["population"]) for group in row["groups"]
    )
    return Standard(id=row["id"], label=row["label"], groups=groups, source=row["source"])


def _filled(text: str, values: Mapping[str, float]) -> str:
    return _PLACE.sub(lambda match: f"{values[match[1]]:g}" if match[1] in values else match[0], text)


def _twice(rows: list[tuple[str, Path, Json, Json]]) -> Iterator[Finding]:
    first: dict[tuple[str, object], Path] = {}
    for kind, path, row, _ in rows:
        key = ("standards" if kind == "standards" else "column", row["id"])
        if key in first:
            yield finding("indicator-twice", Place(file=str(path)), name=row["id"], first=str(first[key]))
        first.setdefault(key, path)


def _unreadable(library: IndicatorLibrary, files: Mapping[str, str]) -> Iterator[Finding]:
    for one in library.indicators.values():
        where = Place(file=files[one.id], item=one.id)
        for name in sorted({name for text in (one.numerator, one.denominator) for name in _PLACE.findall(text)}):
            if name not in one.parameters:
                values = {"name": name, "indicator": one.id, "near": near(name, one.parameters) or "none"}
                yield finding("indicator-parameter-unknown", where, **values)
        texts = [text for preset in (DEFAULT_PRESET, *one.presets) for text in one.expressions(preset)]
        if all(name in one.parameters for text in texts for name in _PLACE.findall(text)):
            yield from _misread(texts, where)
        if one.standard and one.standard not in library.standards:
            values = {"name": one.standard, "known": ", ".join(sorted(library.standards)) or "none"}
            yield finding("indicator-standard-unknown", where, **values)
    for score in library.scores.values():
        yield from _misread(
            [text for text in (score.expression, score.when) if text], Place(file=files[score.id], item=score.id)
        )


def _misread(texts: list[str], where: Place) -> Iterator[Finding]:
    for text in dict.fromkeys(texts):
        try:
            meaning.names(text)
        except ExpressionError as error:
            for found in error.findings:
                yield finding("indicator-expression", where, text=text, problem=found.message)


def _circles(library: IndicatorLibrary, files: Mapping[str, str]) -> Iterator[Finding]:
    known: set[str] = set()
    waiting = dict(library.scores)
    while ready := [name for name, score in waiting.items() if not (score.names & set(waiting))]:
        known |= set(ready)
        waiting = {name: score for name, score in waiting.items() if name not in known}
    if waiting:
        name = min(waiting)
        yield finding("indicator-circle", Place(file=files[name], item=name), names=", ".join(sorted(waiting)))
