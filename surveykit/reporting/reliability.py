"""Applying rules of publication to a table: hide, mark, enclose, round, and say why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from surveykit.errors import ReportingError
from surveykit.reporting.figures import Figure, Statistic
from surveykit.reporting.labels import Wording, text_of
from surveykit.reporting.rules import Action, Rule, Verdict, find_rule, verdicts
from surveykit.reporting.table import Cell, Column, Note, Row, Table, number_text, rounded_half_up

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    """The joint verdict of several rules over one figure."""

    hidden: frozenset[str] = frozenset()
    symbol: str = ""
    marks: tuple[str, ...] = ()
    enclosed: bool = False
    reasons: tuple[str, ...] = ()
    notes: tuple[Note, ...] = field(default=())


def suppress(table: Table, rule: str | Rule | Sequence[str | Rule]) -> Table:
    """Hold a table against rules of publication.

    Parameters
    ----------
    table : Table
    rule : str, Rule or sequence of them
        Names of shipped rules or rules of a survey's own. Give several at once: each judges the figures as they were
        estimated, and a figure that one of them hides is hidden.

    Returns
    -------
    Table
        Hidden figures lose their numbers in cells and in ``figures``; every hidden or marked cell has its reason, every
        mark its footnote, and the provenance names the rules and their sources.

    Raises
    ------
    ReportingError
        ``report-unknown-option`` for an unknown rule, ``report-rule-applies-to-nothing`` if a rule speaks of none of
        the estimates, ``report-mark-clash`` if two rules use one mark for different notes.

    Notes
    -----
    The reliability of a figure and the protection of respondents are two questions. For the second see
    :func:`surveykit.reporting.disclosure.protect`, which also hides what would give a hidden count away.
    R: the package surveytable flags by the two NCHS standards; DHS.rates marks by case numbers.

    References
    ----------
    Parker JD et al. (2017), Vital and Health Statistics 2(175); Parker JD et al. (2023), Vital and Health Statistics
    2(200). The sources of the other rules stand in ``rules.json`` beside their limits.
    """
    given = [rule] if isinstance(rule, str | Rule) else list(rule)
    rules = [one if isinstance(one, Rule) else find_rule(one) for one in given]
    keys = list(table.figures)
    figures = [table.figures[key] for key in keys]
    collected: dict[Key, _Sentence] = dict.fromkeys(keys, _Sentence())
    for one in rules:
        for key, found in zip(keys, verdicts(one, figures), strict=True):
            for verdict in found:
                collected[key] = _joined(collected[key], one, verdict, table.language)
    result = table.mapped(lambda row, column, cell: _judged(cell, column, collected.get((row.id, column.block))))
    for one in rules:
        if one.kind == "rounding":
            result = _rounded(result, one)
    notes = _noted(table.notes, [note for sentence in collected.values() for note in sentence.notes])
    kept = {key: without(figure, collected[key].hidden) for key, figure in result.figures.items()}
    provenance = {**table.provenance, **{f"rule {one.name}": one.source for one in rules}}
    return replace(result, notes=(*notes, *_rounding_notes(table, rules)), figures=kept, provenance=provenance)


def hide(table: Table, places: Mapping[Key, str], *, symbol: str, note: str, statistics: Sequence[Statistic]) -> Table:
    """Hide figures by their place.

    Parameters
    ----------
    table : Table
    places : mapping of (str, str) to str
        Reason by row id and block id.
    symbol : str
        What is printed instead.
    note : str
        Footnote of the symbol.
    statistics : sequence of str
        Which numbers of the figure go.

    Returns
    -------
    Table

    Raises
    ------
    ReportingError
        ``report-mark-clash`` if the symbol has another note already.
    """

    def change(row: Row, column: Column, cell: Cell) -> Cell:
        reason = places.get((row.id, column.block))
        if reason is None or column.statistic not in statistics or cell.status == "absent":
            return cell
        return Cell(display=symbol, decimals=cell.decimals, status="hidden", reason=reason)

    notes = _noted(table.notes, [Note(kind="suppression", text=note, mark=symbol)] if places else [])
    gone = frozenset(statistics)
    kept = {key: without(figure, gone) if key in places else figure for key, figure in table.figures.items()}
    return replace(table.mapped(change), notes=notes, figures=kept)


def without(figure: Figure, statistics: Iterable[str]) -> Figure:
    """Return a figure that no longer knows some of its numbers."""
    gone: dict[str, None] = dict.fromkeys(statistics)
    return replace(figure, **gone)  # type: ignore[arg-type]  # every statistic of a figure may be None


def _joined(sentence: _Sentence, rule: Rule, verdict: Verdict, language: str) -> _Sentence:
    mark = rule.marks.get(verdict.key, "")
    reason = text_of(rule.reasons.get(verdict.key, {}), language).format(**verdict.values)
    note = Note(kind="suppression", text=text_of(rule.notes.get(verdict.key, {}), language), mark=mark)
    hides: Action = "hide"
    return replace(
        sentence,
        hidden=sentence.hidden | (frozenset(rule.hides) if verdict.action == hides else frozenset()),
        symbol=mark if verdict.action == hides and not sentence.symbol else sentence.symbol,
        marks=(*sentence.marks, mark) if verdict.action == "mark" and mark not in sentence.marks else sentence.marks,
        enclosed=sentence.enclosed or verdict.action == "enclose",
        reasons=tuple(dict.fromkeys((*sentence.reasons, reason))),
        notes=(*sentence.notes, note),
    )


def _judged(cell: Cell, column: Column, sentence: _Sentence | None) -> Cell:
    if sentence is None or not sentence.reasons or cell.status in {"absent", "hidden"}:
        return cell
    reason = "; ".join(sentence.reasons)
    if column.statistic in sentence.hidden:
        return Cell(display=sentence.symbol, decimals=cell.decimals, status="hidden", reason=reason)
    if column.statistic == "estimate":
        return replace(cell, status="flagged", marks=sentence.marks, enclosed=sentence.enclosed, reason=reason)
    if sentence.enclosed and column.statistic not in {"n", "weighted_n"}:
        return replace(cell, status="flagged", enclosed=True, reason=reason)
    return cell


def _noted(given: Sequence[Note], new: Sequence[Note]) -> tuple[Note, ...]:
    """Add notes once each, refusing a mark that would mean two things."""
    notes = list(given)
    for note in dict.fromkeys(new):
        same = [one for one in notes if one.mark and one.mark == note.mark]
        if not same:
            notes.append(note)
        elif all(one.text != note.text for one in same):
            raise ReportingError.of("report-mark-clash", mark=note.mark, first=same[0].text, second=note.text)
    return tuple(notes)


def _rounded(table: Table, rule: Rule) -> Table:
    wording = Wording(language=table.language)

    def change(row: Row, column: Column, cell: Cell) -> Cell:
        base = _base(rule, table.figures.get((row.id, column.block)), column.statistic)
        if base is None or cell.value is None:
            return cell
        value = int(rounded_half_up(cell.value / base, 0)) * base
        signs = {"decimal_mark": wording.say("decimal-mark"), "thousands_mark": wording.say("thousands-mark")}
        return replace(cell, value=value, display=number_text(value, 0, **signs), decimals=0)

    return replace(table.mapped(change), digits="printed")


def _base(rule: Rule, figure: Figure | None, statistic: Statistic) -> int | None:
    """Return the rounding base of a cell: that of totals for all numbers in their unit."""
    if statistic == "weighted_n":
        return rule.base.get("weighted_n")
    is_total = figure is not None and figure.statistic == "total"
    return rule.base.get("total") if is_total and statistic in {"estimate", "se", "lower", "upper"} else None


def _rounding_notes(table: Table, rules: Sequence[Rule]) -> list[Note]:
    return [
        Note(kind="suppression", text=text_of(text, table.language).format(base=f"{max(rule.base.values()):,}"))
        for rule in rules
        if rule.kind == "rounding"
        for text in rule.notes.values()
    ]
