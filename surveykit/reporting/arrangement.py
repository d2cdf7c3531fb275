"""From estimates to a table: which figure stands in which row and block, and what the heads say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from surveykit import __version__
from surveykit.errors import ReportingError
from surveykit.reporting.figures import Figure, Part, Source, Statistic, figures_of, sources_of
from surveykit.reporting.footnotes import Subject, footnotes
from surveykit.reporting.labels import LabelEntry, Labels, Wording, inline, text_of
from surveykit.reporting.layouts import Layout, find_layout, parts_of
from surveykit.reporting.table import Cell, Column, Note, Row, Table, number_text

_FIXED: Final[Mapping[str, int]] = {"n": 0, "weighted_n": 0, "cv": 1, "df": 0, "deff": 2}
_WORDS: Final[Mapping[str, str]] = {"total": "total-of"}  # the kind of estimate "total" is not the line "Total"
_KINDS: Final = frozenset({"proportion", "mean", "total", "ratio", "quantile", "median"})
_INNER: Final = ("variable", "level")

Block = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What the heads of one table need to know."""

    wording: Wording
    layout: Layout
    blocks: tuple[str, ...]
    parts: tuple[Part, ...]
    figures: tuple[Figure, ...]
    decimals: int | None = None
    over: str = ""
    row_dimensions: tuple[str, ...] = ()
    kinds: frozenset[str] = field(default_factory=frozenset)
    crude_beside_standardized: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """The identity of a stub line before it is labelled."""

    variable: str
    names: tuple[str, ...]
    values: tuple[object, ...]
    standardized: bool
    over: str


def arrange(
    estimates: Source | Iterable[Source],
    *,
    codebook: Labels | None = None,
    labels: Mapping[str, LabelEntry] | None = None,
    language: str = "en",
    blocks: str | Sequence[str] = (),
    statistics: Sequence[str] | None = None,
    layout: str | Layout = "plain",
    levels: Sequence[object] | None = None,
    decimals: int | None = None,
    definition: object = "",
    universe: object = "",
    standard: object = "",
    standardized_over: str = "",
    title: object = "",
    subtitle: object = "",
    source: object = "",
    notes: Sequence[Note | str] = (),
    table_id: str = "table",
    provenance: Mapping[str, str] | None = None,
) -> Table:
    """Arrange estimates as a table; the words are those of :func:`surveykit.reporting.tabulation.tabulate`."""
    wording = Wording(language=language, codebook=codebook, entries=labels or {})
    chosen = layout if isinstance(layout, Layout) else find_layout(layout)
    named = (blocks,) if isinstance(blocks, str) else tuple(blocks)
    parts = chosen.statistics if statistics is None else parts_of(statistics)
    sources = sources_of(estimates)
    plan = _plan(_kept(figures_of(sources), levels), named, wording=wording, layout=chosen, parts=parts)
    plan = replace(plan, decimals=decimals, over=standardized_over)
    subject = Subject(definition=definition, universe=universe, standard=standard, over=standardized_over)
    written = footnotes(sources, plan.figures, parts, wording, subject)
    placed = _placed(plan)
    lines = _ordered_lines(plan, [line for line, _ in placed])
    keys = _ordered_blocks(plan, [block for _, block in placed])
    rows = tuple(_row(plan, line) for line in lines)
    columns = tuple(column for key in keys for column in _columns(plan, key))
    names = {_block_id(plan, key): key for key in keys}
    found = {(row.id, block): placed.get((line, key)) for row, line in zip(rows, lines, strict=True)
             for block, key in names.items()}  # fmt: skip
    return Table(
        id=table_id,
        title=text_of(title, language) or _default_title(plan),
        subtitle=text_of(subtitle, language),
        stub=_stub_head(plan),
        rows=rows,
        columns=columns,
        cells=tuple(tuple(_cell(plan, found[row.id, one.block], one.statistic) for one in columns) for row in rows),
        notes=(*written, *(note if isinstance(note, Note) else Note(kind="general", text=note) for note in notes)),
        source=text_of(source, language),
        language=language,
        figures={key: figure for key, figure in found.items() if figure is not None},
        interval=_interval(plan),
        provenance={"software": f"surveykit {__version__}", "layout": chosen.name, **(provenance or {})},
    )


def _kept(figures: tuple[Figure, ...], levels: Sequence[object] | None) -> tuple[Figure, ...]:
    if levels is None:
        return figures
    kept = tuple(figure for figure in figures if figure.level is None or figure.level in levels)
    if not kept:
        raise ReportingError.of("report-no-estimates")
    return kept


def _plan(
    figures: tuple[Figure, ...], named: tuple[str, ...], *, wording: Wording, layout: Layout, parts: tuple[Part, ...]
) -> _Plan:
    by = {name: None for figure in figures for name in figure.at}
    for name in named:
        if name not in by and name not in _INNER:
            raise ReportingError.of("report-block-not-in-estimates", name=name, known=", ".join(by) or "none")
    whole = [figure for figure in figures if not set(figure.at) - set(named)]
    return _Plan(
        wording=wording,
        layout=layout,
        blocks=_with_levels(figures, named),
        parts=parts,
        figures=figures,
        row_dimensions=tuple(name for name in by if name not in named),
        kinds=frozenset(figure.statistic for figure in figures),
        crude_beside_standardized=len({figure.standardized for figure in whole}) > 1,
    )


def _with_levels(figures: tuple[Figure, ...], blocks: tuple[str, ...]) -> tuple[str, ...]:
    """Give the categories of a variable their columns where no block was named for them."""
    categories: dict[str, set[object]] = {}
    for figure in figures:
        categories.setdefault(figure.variable, set()).add(figure.level)
    several = any(len(levels - {None}) > 1 for levels in categories.values())
    return (*blocks, "level") if several and "level" not in blocks else blocks


def _coordinate(figure: Figure, name: str) -> object:
    return getattr(figure, name) if name in _INNER else figure.at.get(name)


def _placed(plan: _Plan) -> dict[tuple[_Line, Block], Figure]:
    placed: dict[tuple[_Line, Block], Figure] = {}
    for figure in plan.figures:
        names = tuple(name for name in figure.at if name not in plan.blocks)
        line = _Line(
            "" if "variable" in plan.blocks else figure.variable,
            names,
            tuple(figure.at[name] for name in names),
            figure.standardized,
            figure.over or plan.over,
        )
        block = tuple(_coordinate(figure, name) for name in plan.blocks)
        if (line, block) in placed:
            row = _row(plan, line)
            raise ReportingError.of(
                "report-double-figure", row=f"{row.group} {row.label}".strip(), block=_block_id(plan, block)
            )
        placed[line, block] = figure
    return placed


def _ordered_lines(plan: _Plan, lines: list[_Line]) -> list[_Line]:
    """Sort lines: variables and groups as they came, totals first or last, codes in the order of their list."""
    groups = list(dict.fromkeys((line.names, line.standardized) for line in lines))
    variables = list(dict.fromkeys(line.variable for line in lines))
    last = plan.layout.totals == "last"

    def key(line: _Line) -> tuple[object, ...]:
        whole = not line.names
        codes = tuple(plan.wording.order(name, value) for name, value in zip(line.names, line.values, strict=True))
        place = groups.index((line.names, line.standardized))
        return (variables.index(line.variable), whole == last, 0 if whole else place, line.standardized, codes)

    kept = (line for line in dict.fromkeys(lines) if line.names or plan.layout.totals != "none")
    return sorted(kept, key=key)


def _ordered_blocks(plan: _Plan, blocks: list[Block]) -> list[Block]:
    last = plan.layout.blocks_total == "last"

    def key(block: Block) -> tuple[object, ...]:
        parts: list[object] = []
        for name, value in zip(plan.blocks, block, strict=True):
            parts.append(((value is None) == last, plan.wording.order(_labelled(plan, name), value)))
        return tuple(parts)

    kept = (block for block in dict.fromkeys(blocks) if plan.layout.blocks_total != "none" or None not in block)
    return sorted(kept, key=key)


def _labelled(plan: _Plan, name: str) -> str:
    """Return the variable whose code list labels a dimension."""
    return plan.figures[0].variable if name == "level" else name


def _row(plan: _Plan, line: _Line) -> Row:
    wording = plan.wording
    several = len({figure.variable for figure in plan.figures}) > 1 and bool(line.variable)
    variable = wording.variable(line.variable) if several else ""
    at = dict(zip(line.names, line.values, strict=True))
    identity = [line.variable if several else "", *(f"{name}={value}" for name, value in at.items())]
    name = ",".join(part for part in identity if part) or "total"
    standardized = ".standardised" if line.standardized else ""
    if not line.names:
        group = variable if plan.row_dimensions else ""
        label = variable if variable and not plan.row_dimensions else _total_label(plan, line)
        return Row(
            id=name + standardized, label=label, group=group, kind="standardized" if line.standardized else "total"
        )
    label = wording.value(line.names[-1], line.values[-1])
    return Row(id=name + standardized, label=label, group=_group(plan, line, variable), at=at)


def _group(plan: _Plan, line: _Line, variable: str) -> str:
    wording = plan.wording
    outer = [
        f"{wording.variable(name)}: {wording.value(name, value)}"
        for name, value in zip(line.names[:-1], line.values[:-1], strict=True)
    ]
    inner = [wording.variable(line.names[-1])] if not outer and _heads_needed(plan, line) else []
    group = ", ".join([*([variable] if variable else []), *outer, *inner])
    if line.standardized:
        return _standardised(plan, "group-standardized", line, group=group)
    return group


def _heads_needed(plan: _Plan, line: _Line) -> bool:
    """Return whether lines need a heading; the head of the stub says it where there is one variable."""
    return len(plan.row_dimensions) > 1 or line.standardized


def _total_label(plan: _Plan, line: _Line) -> str:
    if line.standardized:
        return _standardised(plan, "total-standardized", line)
    return plan.wording.say("total-crude" if plan.crude_beside_standardized else "total")


def _standardised(plan: _Plan, key: str, line: _Line, **values: str) -> str:
    """Return a text that names what was standardised over, or the one that does not where that is unknown."""
    over = " × ".join(inline(plan.wording.variable(name)) for name in line.over.split(", ") if name)
    return plan.wording.say(key if over else f"{key}-only", over=over, **values)


def _block_id(plan: _Plan, block: Block) -> str:
    parts = [f"{name}={value}" for name, value in zip(plan.blocks, block, strict=True) if value is not None]
    return ",".join(parts) or "total"


def _spanners(plan: _Plan, block: Block) -> tuple[str, ...]:
    heads: list[str] = []
    for name, value in zip(plan.blocks, block, strict=True):
        if value is None:
            heads.append(text_of(plan.layout.block_total_label, plan.wording.language) or plan.wording.say("total"))
        elif name == "variable":
            heads.append(plan.wording.variable(str(value)))
        elif name == "level" and plan.kinds == {"quantile"}:
            heads.append(_quantile_head(plan.wording, value))
        else:
            heads.append(plan.wording.value(_labelled(plan, name), value))
    return tuple(heads)


def _quantile_head(wording: Wording, share: object) -> str:
    """Return "Median" for one half and "P25" for one quarter."""
    percent = float(str(share)) * 100
    return wording.say("median") if percent == 50 else f"P{percent:g}"


def _columns(plan: _Plan, block: Block) -> list[Column]:
    heads, name = _spanners(plan, block), _block_id(plan, block)
    columns: list[Column] = []
    for part in plan.parts:
        limits: tuple[Statistic, ...] = ("lower", "upper")
        inner: tuple[Statistic, ...] = limits if part == "interval" else (part,)
        spanners = (*heads, _interval_head(plan)) if part == "interval" else heads
        columns += [
            Column(id=f"{name}.{one}", label=_head(plan, one), statistic=one, block=name, spanners=spanners)
            for one in inner
        ]
    return columns


def _head(plan: _Plan, statistic: Statistic) -> str:
    if statistic != "estimate":
        return plan.wording.say(statistic)
    kind = next(iter(plan.kinds)) if len(plan.kinds) == 1 else "estimate"
    return plan.wording.say(_WORDS.get(kind, kind if kind in _KINDS else "estimate"))


def _interval_head(plan: _Plan) -> str:
    return plan.wording.say("interval", level=f"{plan.figures[0].confidence * 100:g}")


def _interval(plan: _Plan) -> str:
    given = text_of(plan.layout.interval, plan.wording.language)
    signed = any((figure.lower or 0) < 0 for figure in plan.figures)
    places = {"lower": "{lower}", "upper": "{upper}"}
    return plan.wording.say("range-signed", **places) if signed else given or plan.wording.say("range", **places)


def _cell(plan: _Plan, figure: Figure | None, statistic: Statistic) -> Cell:
    value = figure.number(statistic) if figure is not None else None
    if figure is None or value is None:
        return Cell()
    own = plan.layout.places(figure.statistic) if plan.decimals is None else plan.decimals
    decimals = _FIXED.get(statistic, own)
    text = number_text(
        value,
        decimals,
        decimal_mark=plan.wording.say("decimal-mark"),
        thousands_mark=plan.wording.say("thousands-mark"),
    )
    return Cell(value=value, display=text, decimals=decimals, status="shown")


def _default_title(plan: _Plan) -> str:
    return ", ".join(dict.fromkeys(plan.wording.variable(figure.variable) for figure in plan.figures))


def _stub_head(plan: _Plan) -> str:
    if len(plan.row_dimensions) == 1:
        return plan.wording.variable(plan.row_dimensions[0])
    return plan.wording.say("group")
