"""The table plan: which tables a survey publishes, read from JSON and run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

from surveykit.design.survey import Survey
from surveykit.documents import Json, load_json, schema_findings
from surveykit.errors import ReportingError
from surveykit.estimation.descriptive import mean, proportion, ratio, total
from surveykit.estimation.estimate import Estimate
from surveykit.estimation.quantiles import quantile
from surveykit.estimation.standardize import standardize
from surveykit.findings import Finding, Findings, Place, finding
from surveykit.reporting.arrangement import arrange
from surveykit.reporting.disclosure import protect
from surveykit.reporting.labels import LabelEntry, Labels, room_data, text_of
from surveykit.reporting.layouts import Layout, find_layout, layout_of
from surveykit.reporting.reliability import suppress
from surveykit.reporting.rules import Rule, rule_of
from surveykit.reporting.table import Table

Options = Mapping[str, Any]
Progress = Callable[[int, int, str], None]

_SHARES: Final = frozenset({"proportion", "mean"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTable:
    """One table of a plan, defaults filled in.

    Parameters
    ----------
    id : str
    statistic : {"proportion", "mean", "total", "ratio", "quantile"}
    variables : tuple of str
    denominator : str
        Ratio only.
    probabilities : tuple of float
        Quantiles only.
    rows : tuple of tuple of str
        Variables of the stub; crossed inside an entry.
    blocks : tuple of str
        Variables of the blocks of columns.
    options : mapping
        The other keys of the table, as in the schema ``table-plan``.
    """

    id: str
    statistic: str
    variables: tuple[str, ...]
    denominator: str = ""
    probabilities: tuple[float, ...] = (0.5,)
    rows: tuple[tuple[str, ...], ...] = ()
    blocks: tuple[str, ...] = ()
    options: Options = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlan:
    """A table plan.

    Parameters
    ----------
    id : str
    tables : tuple of PlannedTable
    labels : mapping
        Labels that the codebook does not know.
    layouts : mapping of str to Layout
    rules : mapping of str to Rule
        The survey's own, by name.
    protect : mapping or None
        Options of disclosure control over all tables; none without it.
    """

    id: str
    tables: tuple[PlannedTable, ...]
    labels: Mapping[str, LabelEntry] = field(default_factory=dict)
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    protect: Options | None = None


def read_table_plan(source: str | Path | Json) -> TablePlan:
    """Read a table plan.

    Parameters
    ----------
    source : path or mapping
        JSON document of the schema ``table-plan``.

    Returns
    -------
    TablePlan

    Raises
    ------
    ReportingError
        With every problem at once: ``document-schema``, ``plan-double-id``, ``plan-ratio-without-denominator``,
        ``plan-standardize-statistic``, ``plan-unknown-name``.
    DefinitionError
        If the file cannot be read as JSON.
    """
    file = str(source) if isinstance(source, str | Path) else ""
    document = load_json(Path(file)) if file else source
    findings = schema_findings(document, "table-plan", file=file)
    if findings.ok and isinstance(document, Mapping):
        findings = Findings.of(_semantic(document, file))
    if not findings.ok or not isinstance(document, Mapping):
        raise ReportingError(findings)
    defaults = document.get("defaults", {})
    return TablePlan(
        id=document["id"],
        tables=tuple(_planned({**defaults, **entry}) for entry in document["tables"]),
        labels={name: _coded(entry) for name, entry in document.get("labels", {}).items()},
        layouts={name: layout_of(name, entry) for name, entry in document.get("layouts", {}).items()},
        rules={name: rule_of(name, entry) for name, entry in document.get("rules", {}).items()},
        protect=document.get("protect"),
    )


def run_table_plan(
    plan: TablePlan,
    survey: Survey,
    *,
    codebook: Labels | None = None,
    language: str = "en",
    provenance: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    estimates: Mapping[str, Sequence[Estimate]] | None = None,
) -> tuple[Table, ...]:
    """Estimate, arrange and protect every table of a plan.

    Parameters
    ----------
    plan : TablePlan
    survey : Survey
        Frame with all variables of the plan, and its design.
    codebook : Codebook, optional
        Labels of variables and codes.
    language : str
    provenance : mapping of str to str, optional
        What the frame was made from.
    progress : callable, optional
        Called with the number of tables done, their count and the id of the next.
    estimates : mapping of str to sequence of Estimate, optional
        Those of :func:`estimates_of` by table id, so that further languages need no new estimates.

    Returns
    -------
    tuple of Table
        In the order of the plan: disclosure control over all tables first, then the rules of each.

    Raises
    ------
    DesignError, EstimationError, ReportingError
        Of the verbs that make a table.
    """
    tables: list[Table] = []
    for done, entry in enumerate(plan.tables):
        if progress is not None:
            progress(done, len(plan.tables), entry.id)
        given = estimates_of(entry, survey) if estimates is None else estimates[entry.id]
        made = arranged(plan, entry, given, codebook=codebook, language=language)
        tables.append(replace(made, provenance={**made.provenance, "table plan": plan.id, **(provenance or {})}))
    if plan.protect is not None:
        tables = list(protect(tables, **plan.protect))
    return tuple(_ruled(plan, table, entry) for table, entry in zip(tables, plan.tables, strict=True))


def estimates_of(entry: PlannedTable, survey: Survey) -> list[Estimate]:
    """Return every estimate of a planned table: the whole, its blocks, its rows, and rows within blocks.

    Parameters
    ----------
    entry : PlannedTable
    survey : Survey

    Returns
    -------
    list of Estimate
    """
    where = entry.options.get("where")
    domain = survey.where(where) if where else survey
    groups: list[tuple[str, ...]] = [(), *entry.rows]
    crossings = dict.fromkeys((*group, *blocks) for group in groups for blocks in ((), entry.blocks))
    estimates = [_estimate(entry, domain, by) for by in crossings]
    if wanted := entry.options.get("standardize"):
        totals = dict.fromkeys(((), entry.blocks))
        estimates += [_standardized(entry, domain, wanted, by) for by in totals]
    return estimates


def arranged(
    plan: TablePlan,
    entry: PlannedTable,
    estimates: Iterable[Estimate],
    *,
    codebook: Labels | None = None,
    language: str = "en",
) -> Table:
    """Arrange the estimates of a planned table; see :func:`surveykit.reporting.arrangement.arrange`."""
    options = entry.options
    wanted = options.get("standardize", {})
    given = {name: options[name] for name in ("title", "subtitle", "definition", "universe", "source", "statistics",
                                              "decimals", "levels") if name in options}  # fmt: skip
    return arrange(
        estimates,
        codebook=codebook,
        labels=plan.labels,
        language=language,
        blocks=entry.blocks,
        layout=_layout(plan, entry),
        standard=wanted.get("name", ""),
        standardized_over=wanted.get("over", ""),
        table_id=entry.id,
        notes=[text_of(note, language) for note in options.get("notes", ())],
        **given,
    )


def _semantic(document: Mapping[str, Any], file: str) -> Iterable[Finding]:
    seen: set[str] = set()
    for place, entry in enumerate(document["tables"]):
        where = Place(file=file, pointer=f"/tables/{place}")
        if entry["id"].lower() in seen:
            yield finding("plan-double-id", where, name=entry["id"])
        seen.add(entry["id"].lower())
        estimate = entry["estimate"]
        if (estimate["statistic"] == "ratio") != ("denominator" in estimate):
            yield finding("plan-ratio-without-denominator", where, name=entry["id"])
        yield from _unknown_names(document, entry, where)
        wanted = entry.get("standardize", document.get("defaults", {}).get("standardize"))
        if wanted and estimate["statistic"] not in _SHARES:
            yield finding("plan-standardize-statistic", where, name=entry["id"], statistic=estimate["statistic"])


def _unknown_names(document: Mapping[str, Any], entry: Options, where: Place) -> Iterable[Finding]:
    options = {**document.get("defaults", {}), **entry}
    layouts = {*room_data("layouts.json"), *document.get("layouts", {})}
    rules = {*room_data("rules.json"), *document.get("rules", {})}
    for name, known in (
        (options.get("layout", "plain"), layouts),
        *((one, rules) for one in options.get("suppress", ())),
    ):
        if name not in known:
            yield finding("plan-unknown-name", where, name=name, known=", ".join(sorted(known)))


def _planned(entry: Options) -> PlannedTable:
    own = ("id", "estimate", "rows", "blocks")
    estimate = entry["estimate"]
    rows = ((one,) if isinstance(one, str) else tuple(one) for one in entry.get("rows", ()))
    options = {name: value for name, value in entry.items() if name not in own}
    if "levels" in estimate:
        options["levels"] = estimate["levels"]
    return PlannedTable(
        id=entry["id"],
        statistic=estimate["statistic"],
        variables=tuple(estimate["variables"]),
        denominator=estimate.get("denominator", ""),
        probabilities=tuple(estimate.get("probabilities", (0.5,))),
        rows=tuple(rows),
        blocks=tuple(entry.get("blocks", ())),
        options=options,
    )


def _coded(entry: Mapping[str, Any]) -> LabelEntry:
    """Return labels with whole-number codes as numbers, since JSON keys are texts."""
    if "values" not in entry:
        return entry
    values = {int(code) if code.lstrip("-").isdecimal() else code: text for code, text in entry["values"].items()}
    return {**entry, "values": values}


def _estimate(entry: PlannedTable, domain: Survey, by: Sequence[str]) -> Estimate:
    confidence = entry.options.get("confidence", 0.95)
    names, given = list(entry.variables), list(by) or None
    if entry.statistic == "proportion":
        interval = entry.options.get("interval", "logit")
        return proportion(domain, names, by=given, interval=interval, confidence=confidence)
    if entry.statistic == "ratio":
        return ratio(domain, names, entry.denominator, by=given, confidence=confidence)
    if entry.statistic == "quantile":
        return quantile(domain, names, list(entry.probabilities), by=given, confidence=confidence)
    verb = mean if entry.statistic == "mean" else total
    return verb(domain, names, by=given, confidence=confidence)


def _standardized(entry: PlannedTable, domain: Survey, wanted: Options, by: Sequence[str]) -> Estimate:
    population = {_code(code): count for code, count in wanted["population"].items()}
    return standardize(
        domain,
        list(entry.variables),
        over=wanted["over"],
        population=population,
        by=list(by) or None,
        kind=cast("Any", entry.statistic),
        confidence=entry.options.get("confidence", 0.95),
    )


def _code(text: str) -> object:
    return int(text) if text.lstrip("-").isdecimal() else text


def _layout(plan: TablePlan, entry: PlannedTable) -> Layout:
    name = entry.options.get("layout", "plain")
    return plan.layouts[name] if name in plan.layouts else find_layout(name)


def _ruled(plan: TablePlan, table: Table, entry: PlannedTable) -> Table:
    names = entry.options.get("suppress", _layout(plan, entry).suppress)
    rules = [plan.rules.get(name, name) for name in names]
    return suppress(table, rules) if rules else table
