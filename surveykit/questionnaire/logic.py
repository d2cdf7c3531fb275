"""Compile every expression of an instrument: wrong names and types, and circles in which nothing can be decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import Literal as Choice
from typing import cast

from surveykit.errors import ExpressionError
from surveykit.expressions import meaning
from surveykit.expressions.meaning import Kind, Scope, Typed
from surveykit.expressions.nodes import Call, Literal, Node
from surveykit.findings import Finding, finding
from surveykit.questionnaire.modules import Json
from surveykit.questionnaire.places import source_place
from surveykit.questionnaire.scope import scope_of
from surveykit.questionnaire.structure import Item, Questionnaire

Role = Choice["relevant", "section", "constraint", "calculation", "check", "selection", "referral"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One expression of an instrument, as its author wrote it.

    Parameters
    ----------
    text : str
        The expression.
    role : str
        What it decides.
    unit : str
        Unit in whose rows it is evaluated.
    pointer : str
        Where it stands in the compiled document.
    item : str
        Id of the item that it belongs to; empty for sections, checks and units.
    gives : str
        Kind that its value must have; empty for any.
    """

    text: str
    role: Role
    unit: str
    pointer: str
    item: str = ""
    gives: Kind = "boolean"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """A rule and its meaning; ``typed`` is None where it could not be understood."""

    rule: Rule
    typed: Typed | None


def rules_of(questionnaire: Questionnaire) -> Iterator[Rule]:
    """Yield every expression of an instrument with its place in the compiled document."""
    for unit in questionnaire.units:
        if unit.selection:
            here = f"/units/{unit.id}/selection/where"
            yield Rule(text=unit.selection.where, role="selection", unit=unit.selection.roster, pointer=here)
    document = cast("Json", questionnaire.document)
    for number, section in enumerate(document["sections"]):
        here, unit = f"/sections/{number}", section["unit"]
        if "relevant" in section:
            yield Rule(text=section["relevant"], role="section", unit=unit, pointer=f"{here}/relevant")
        for position, item in enumerate(section["items"]):
            yield from _item_rules(item, unit, f"{here}/items/{position}")
    for number, (check, written) in enumerate(zip(questionnaire.checks, document.get("checks", ()), strict=False)):
        here = f"/checks/{number}/expression"
        yield Rule(text=written["expression"], role="check", unit=check.unit, pointer=here, item=check.items[0])
    for number, one in enumerate(document.get("notices", {}).get("referral", ())):
        here = f"/notices/referral/{number}/expression"
        yield Rule(text=one["expression"], role="referral", unit=one.get("unit", questionnaire.top.id), pointer=here)


def compiled_rules(questionnaire: Questionnaire) -> tuple[list[CompiledRule], list[Finding]]:
    """Compile every expression of an instrument.

    Parameters
    ----------
    questionnaire : Questionnaire
        Its units must hang together.

    Returns
    -------
    tuple of (list of CompiledRule, list of Finding)
        In document order, and everything that the compiler had to say.
    """
    scopes = {unit.id: scope_of(questionnaire, unit.id) for unit in questionnaire.units}
    compiled, findings = [], []
    for rule in rules_of(questionnaire):
        typed, problems = _compiled(rule, scopes[rule.unit], questionnaire)
        compiled.append(CompiledRule(rule=rule, typed=typed))
        findings += problems
    return compiled, findings


def logic_findings(questionnaire: Questionnaire) -> list[Finding]:
    """Return everything wrong with the expressions of an instrument.

    Parameters
    ----------
    questionnaire : Questionnaire
        Its units must hang together.

    Returns
    -------
    list of Finding
        Syntax, unknown names, types, results outside a code list, circles.
    """
    compiled, findings = compiled_rules(questionnaire)
    items = {item.id: item for item in questionnaire.items}
    for one in compiled:
        if one.rule.role == "calculation" and one.typed:
            findings += _result_findings(one.rule, one.typed, items[one.rule.item], questionnaire)
    return findings + list(_circles(compiled, questionnaire))


def dependencies(compiled: Iterable[CompiledRule], questionnaire: Questionnaire) -> dict[str, dict[str, str]]:
    """Return, by item, the items that decide whether it is asked or what it is, each with the pointer of the rule."""
    inside = {f"/sections/{n}": [item.id for item in one.items] for n, one in enumerate(questionnaire.sections)}
    found: dict[str, dict[str, str]] = {item.id: {} for item in questionnaire.items}
    for one in compiled:
        rule = one.rule
        if one.typed and rule.role in {"relevant", "calculation", "section"}:
            targets = [rule.item] if rule.item else inside[rule.pointer.removesuffix("/relevant")]
            for target in targets:
                found[target] |= dict.fromkeys(one.typed.names, rule.pointer)
    return found


def _item_rules(item: Json, unit: str, here: str) -> Iterator[Rule]:
    common = {"unit": unit, "item": item["id"]}
    if "relevant" in item:
        yield Rule(text=item["relevant"], role="relevant", pointer=f"{here}/relevant", **common)
    if "constraint" in item:
        yield Rule(text=item["constraint"], role="constraint", pointer=f"{here}/constraint", **common)
    if "calculation" in item:
        gives: Kind = "" if "codelist" in item else item.get("result", "number")
        yield Rule(text=item["calculation"], role="calculation", pointer=f"{here}/calculation", gives=gives, **common)
    for number, check in enumerate(item.get("checks", ())):
        yield Rule(text=check["expression"], role="check", pointer=f"{here}/checks/{number}/expression", **common)


def _compiled(rule: Rule, scope: Scope, questionnaire: Questionnaire) -> tuple[Typed | None, list[Finding]]:
    own = replace(scope, this=rule.item) if rule.role in {"constraint", "check", "relevant"} else scope
    try:
        return meaning.compile(rule.text, own, gives=rule.gives), []
    except ExpressionError as error:
        place = source_place(rule.pointer, questionnaire.origins, questionnaire.file, item=rule.item)
        return None, [
            replace(one, where=replace(place, line=one.where.line, column=one.where.column)) for one in error.findings
        ]


def _result_findings(rule: Rule, typed: Typed, item: Item, questionnaire: Questionnaire) -> Iterator[Finding]:
    if item.codelist is None:
        return
    place = source_place(rule.pointer, questionnaire.origins, questionnaire.file, item=item.id)
    if typed.kind not in {"number", "code", "text"}:
        yield finding("definition-calculation-kind", place, found=typed.kind, codelist=item.codelist.id)
    known = {str(code) for code in (*item.codelist.codes, *item.missing_codes)}
    for value in _results(typed.node):
        if str(value) not in known:
            codes = ", ".join(sorted(known)[:8])
            yield finding("definition-calculation-code", place, found=value, codelist=item.codelist.id, known=codes)


def _results(node: Node) -> Iterator[object]:
    match node:
        case Literal(value=value):
            yield value
        case Call(function="if", arguments=(_, *branches)) | Call(function="coalesce", arguments=(*branches,)):
            for branch in branches:
                yield from _results(branch)


def _circles(compiled: list[CompiledRule], questionnaire: Questionnaire) -> Iterator[Finding]:
    graph = dependencies(compiled, questionnaire)
    sorter = TopologicalSorter({item: above.keys() & graph.keys() for item, above in graph.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        rule = graph[circle[0]][circle[1]]
        place = source_place(rule, questionnaire.origins, questionnaire.file, item=circle[0])
        yield finding("definition-circle", place, path=" -> ".join(circle))
