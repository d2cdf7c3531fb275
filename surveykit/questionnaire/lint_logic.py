"""Lint rules about skips and checks: what can never be asked, what can never be broken, what asks too early."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from surveykit.expressions.meaning import Typed
from surveykit.expressions.nodes import Answer, Between, Compare, In, Literal, Node, children, walk
from surveykit.findings import Finding
from surveykit.questionnaire.bench import Bench, LintRule
from surveykit.questionnaire.logic import CompiledRule, dependencies
from surveykit.questionnaire.reachability import Reachability
from surveykit.questionnaire.structure import Item

_IDLE: Final = {
    "relevant": "lint-skip-idle",
    "section": "lint-skip-idle",
    "check": "lint-check-idle",
    "constraint": "lint-check-idle",
}


def forward_references(bench: Bench) -> Iterator[Finding]:
    """Find skip rules that need an answer given only later; computed items count as what they are computed from."""
    items = {item.id: item for item in bench.questionnaire.items}
    order = {item.id: position for position, item in enumerate(bench.questionnaire.items)}
    graph = dependencies(bench.rules, bench.questionnaire)
    told: set[tuple[str, str]] = set()
    for target, above in graph.items():
        if items[target].type == "calculated":
            continue
        for name, pointer in above.items():
            asked = (one for one in _asked(name, graph, items) if order[one] > order[target])
            later = next((one for one in asked if not items[one].prefill), "")
            if later and (pointer, later) not in told:
                told.add((pointer, later))
                yield bench.found("lint-forward-reference", pointer, target, item=target, name=later)


def unreachable(bench: Bench) -> Iterator[Finding]:
    """Find items whose conditions, with those of the items they ask about, can never hold together."""
    search = _search(bench)
    own = {one.rule.pointer: one.typed for one in bench.rules if one.typed}
    for number, section in enumerate(bench.questionnaire.sections):
        here = f"/sections/{number}"
        gate = own.get(f"{here}/relevant")
        if gate is not None and (verdict := search.never([gate])):
            yield bench.found("lint-unreachable", f"{here}/relevant", name=f"section {section.id}", why=verdict.why)
            continue
        for position, item in enumerate(section.items):
            where = f"{here}/items/{position}/relevant"
            if where in own and (verdict := search.never(search.relevances[item.id])):
                yield bench.found("lint-unreachable", where, item.id, name=item.id, why=verdict.why)


def idle_rules(bench: Bench) -> Iterator[Finding]:
    """Find skip rules that skip nobody and checks that nothing can break."""
    search = _search(bench)
    for one in bench.rules:
        if one.typed and one.rule.role in _IDLE and search.never_false(one.typed):
            yield bench.found(_IDLE[one.rule.role], one.rule.pointer, one.rule.item, text=one.rule.text)


def retired_codes(bench: Bench) -> Iterator[Finding]:
    """Find rules that ask for codes which are no longer offered."""
    retired = {
        item.id: {str(option.code) for option in item.codelist.options if option.retired}
        for item in bench.questionnaire.items
        if item.codelist
    }
    for one in bench.rules:
        for name, code in _compared(one):
            if code in retired.get(name, ()):
                yield bench.found("lint-retired-code", one.rule.pointer, one.rule.item, name=name, code=code)


def _asked(name: str, graph: dict[str, dict[str, str]], items: dict[str, Item]) -> list[str]:
    found, waiting = [], [name]
    seen: set[str] = set()
    while waiting:
        here = waiting.pop()
        if here in seen or here not in items:
            continue
        seen.add(here)
        if items[here].type == "calculated":
            waiting += graph[here]
        else:
            found.append(here)
    return found


def _search(bench: Bench) -> Reachability:
    relevances: dict[str, list[Typed]] = {}
    sections = {f"/sections/{n}/relevant": one for n, one in enumerate(bench.questionnaire.sections)}
    for one in bench.rules:
        if one.typed is None or one.rule.role not in {"relevant", "section"}:
            continue
        targets = [one.rule.item] if one.rule.item else [item.id for item in sections[one.rule.pointer].items]
        for target in targets:
            relevances.setdefault(target, []).append(one.typed)
    return Reachability(
        items={item.id: item for item in bench.questionnaire.items},
        relevances={target: tuple(conditions) for target, conditions in relevances.items()},
        rules=[one.typed for one in bench.rules if one.typed],
    )


def _compared(one: CompiledRule) -> Iterator[tuple[str, str]]:
    for node in walk(one.typed.node) if one.typed else ():
        if not isinstance(node, Compare | In | Between) and getattr(node, "function", "") != "selected":
            continue
        sides: tuple[Node, ...] = children(node)
        names = [side.symbol.name for side in sides if isinstance(side, Answer)]
        for side in sides:
            if isinstance(side, Literal) and names:
                yield names[0], str(side.value)


LOGIC_RULES: Final[tuple[LintRule, ...]] = (forward_references, unreachable, idle_rules, retired_codes)
