"""Layouts as data: which statistics stand in which order, where totals go, how an interval prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, cast, get_args

from surveykit.errors import ReportingError
from surveykit.findings import Place
from surveykit.reporting.figures import Part
from surveykit.reporting.labels import room_data

Position = Literal["first", "last", "none"]

PARTS: Final[tuple[str, ...]] = (*get_args(get_args(Part)[0]), "interval")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a kind of publication arranges a table.

    Parameters
    ----------
    name : str
    statistics : tuple of Part
        Inside each block of columns; ``interval`` is the lower and the upper limit under one head.
    decimals : mapping of str to int
        Places after the point by kind of estimate, ``other`` for the rest.
    totals : {"first", "last", "none"}
        Where the lines of the whole population stand.
    blocks_total : {"first", "last", "none"}
        Where the block of the whole population stands.
    block_total_label : mapping of str to str
        Head of that block by language, for instance "Both sexes"; empty for "Total".
    interval : mapping of str to str
        How an interval prints in one cell, by language.
    suppress : tuple of str
        Rules of publication that belong to the layout.
    source : str
        Where the layout was seen.
    """

    name: str
    statistics: tuple[Part, ...]
    decimals: Mapping[str, int]
    totals: Position = "first"
    blocks_total: Position = "first"
    block_total_label: Mapping[str, str] = field(default_factory=dict)
    interval: Mapping[str, str] = field(default_factory=dict)
    suppress: tuple[str, ...] = ()
    source: str = ""

    def places(self, statistic: str) -> int:
        """Return the places after the point for a kind of estimate."""
        return self.decimals.get(statistic, self.decimals.get("other", 2))


def find_layout(name: str) -> Layout:
    """Return a layout by name.

    Parameters
    ----------
    name : {"plain", "kdca", "nchs-brief", "steps-fact-sheet", "dhs"}

    Raises
    ------
    ReportingError
        ``report-unknown-option`` for another name.
    """
    known = room_data("layouts.json")
    one_of("layout", name, known)
    return layout_of(name, cast("Mapping[str, object]", known[name]))


def layout_of(name: str, entry: Mapping[str, object]) -> Layout:
    """Read a layout from its JSON object; keys that it leaves out are those of the layout ``plain``."""
    plain = cast("Mapping[str, object]", room_data("layouts.json")["plain"])
    values = {**plain, **entry}
    given = {key: value for key, value in values.items() if key not in {"statistics", "suppress"}}
    return Layout(
        name=name,
        statistics=parts_of(cast("Iterable[str]", values["statistics"])),
        suppress=tuple(cast("Iterable[str]", values.get("suppress", ()))),
        **given,  # type: ignore[arg-type]  # the shape is the shipped schema's
    )


def parts_of(statistics: Iterable[str]) -> tuple[Part, ...]:
    """Return the statistics of a table in order.

    Raises
    ------
    ReportingError
        ``report-unknown-option`` for a name that is none.
    """
    given = tuple(statistics)
    for part in given:
        one_of("statistics", part, PARTS)
    return cast("tuple[Part, ...]", given)


def one_of(option: str, found: str, known: Iterable[str]) -> None:
    """Refuse an option that is not among the known ones, naming them.

    Raises
    ------
    ReportingError
        ``report-unknown-option``.
    """
    names = sorted(known)
    if found not in names:
        raise ReportingError.of(
            "report-unknown-option", Place(field=option), option=option, found=found, known=", ".join(names)
        )
