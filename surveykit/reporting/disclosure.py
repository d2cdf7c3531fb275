"""Protecting respondents: small counts are hidden with whatever would give them away, over all tables of a release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, overload

import pandas as pd

from surveykit.errors import ReportingError
from surveykit.findings import Place
from surveykit.reporting.attack import Key, Relation
from surveykit.reporting.complementary import Pattern, complementary
from surveykit.reporting.figures import STATISTICS, Figure
from surveykit.reporting.labels import Wording
from surveykit.reporting.reliability import hide
from surveykit.reporting.table import Table

Domain = Mapping[str, object]

MINIMUM: Final = 5  # common practice of public tables: no count of 1 to 4 respondents (sdcTable's default hides 1 to 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The respondents behind all figures of a release and the sums among them.

    Parameters
    ----------
    counts : mapping of key to float
        By table family, variable and domain.
    relations : tuple of Relation
        Each whole with its parts by one more variable.
    """

    counts: Mapping[Key, float] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()


@overload
def protect(
    tables: Table, *, minimum: int = MINIMUM, protection: float = 0.2, also: Iterable[Domain] = ()
) -> Table: ...


@overload
def protect(
    tables: Sequence[Table], *, minimum: int = MINIMUM, protection: float = 0.2, also: Iterable[Domain] = ()
) -> tuple[Table, ...]: ...


def protect(
    tables: Table | Sequence[Table],
    *,
    minimum: int = MINIMUM,
    protection: float = 0.2,
    also: Iterable[Domain] = (),
) -> Table | tuple[Table, ...]:
    """Hide counts of few respondents and what would give them away.

    Parameters
    ----------
    tables : Table or sequence of Table
        All tables of a release together: differences between tables leak as well.
    minimum : int
        Counts from 1 to one less than this are hidden; 5 is common in public tables, 10 for sensitive topics.
    protection : float
        What a reader derives for a hidden count must reach at least this share, and at least 1, to either side of it.
    also : iterable of mapping of str to object
        Further domains to hide for themselves, for instance those that :func:`dominated` finds.

    Returns
    -------
    Table or tuple of Table
        As given. All numbers of a hidden domain go, n, weighted n and estimates alike; every hidden cell carries the
        same symbol and the same reason, since one that told a small count from its company would give it away.

    Raises
    ------
    ReportingError
        ``report-already-hidden`` if counts are hidden already (protect before other rules),
        ``report-cannot-protect`` if hiding everything related is not enough, ``report-unknown-option`` for a minimum
        or a protection out of range.

    Notes
    -----
    Sums are taken from the domains themselves: men and women make up the total, and within an age group too. What a
    total has beyond its printed parts is taken as known to the reader, which is the safe assumption. How the further
    cells are chosen and checked: :func:`surveykit.reporting.complementary.complementary`. R: sdcTable, sdcHierarchies.
    """
    several = (tables,) if isinstance(tables, Table) else tuple(tables)
    _check(minimum, protection, several)
    release = counts_of(several)
    wanted = [frozenset(domain.items()) for domain in also]
    primary = [
        key for key, count in release.counts.items()
        if 0 < count < minimum or (isinstance(key, tuple) and key[-1] in wanted and count > 0)
    ]  # fmt: skip
    pattern = complementary(release.counts, release.relations, primary, protection=protection)
    done = tuple(_protected(table, pattern, minimum, _family(table, several)) for table in several)
    return done[0] if isinstance(tables, Table) else done


def counts_of(tables: Sequence[Table]) -> Counts:
    """Return the counts behind tables and every sum among them.

    Parameters
    ----------
    tables : sequence of Table

    Returns
    -------
    Counts
    """
    counts: dict[Key, float] = {}
    domains: dict[tuple[str, str], dict[frozenset[tuple[str, object]], Domain]] = {}
    for table in tables:
        family = _family(table, tables)
        for figure in sorted(table.figures.values(), key=lambda one: one.standardized):
            key = _key(family, figure)
            if figure.n is not None and key not in counts:
                counts[key] = float(figure.n)
                domains.setdefault((family, figure.variable), {})[frozenset(figure.at.items())] = figure.at
    relations = [one for (family, variable), ones in domains.items() for one in _sums(family, variable, ones)]
    return Counts(counts=counts, relations=tuple(relations))


def dominated(
    frame: pd.DataFrame,
    value: str,
    by: Sequence[str],
    *,
    largest: int = 1,
    share: float = 0.75,
    weights: str | None = None,
) -> pd.DataFrame:
    """Find the domains whose total a few respondents make up.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a respondent.
    value : str
        Column that is summed; not negative.
    by : sequence of str
        Columns whose combinations are the domains.
    largest, share : int and float
        The rule (n, k): a domain is dominated if its ``largest`` contributions are more than ``share`` of its total.
        (1, 0.75) by default; sdcTable's default is (2, 0.85).
    weights : str, optional
        Column by which contributions are multiplied.

    Returns
    -------
    pandas.DataFrame
        The by columns, ``respondents``, ``share`` (of the largest contributions) and ``dominated``.

    Raises
    ------
    ReportingError
        ``report-unknown-column`` for a column that the frame does not have.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, section 4.2.2.
    """
    for name in (value, *by, *([weights] if weights else [])):
        if name not in frame.columns:
            raise ReportingError.of("report-unknown-column", Place(field=name), name=name)
    amounts = frame[value] * (frame[weights] if weights else 1)
    kept = frame.assign(_amount=amounts).dropna(subset=["_amount"])
    groups = kept.groupby(list(by), observed=True, sort=True)["_amount"]
    top = groups.apply(lambda one: one.nlargest(largest).sum())
    result = pd.DataFrame({"respondents": groups.size(), "share": top / groups.sum()}).reset_index()
    result["dominated"] = result["share"] > share
    return result


def _check(minimum: int, protection: float, tables: Sequence[Table]) -> None:
    for option, found, fine, known in (
        ("minimum", minimum, minimum >= 1, "whole numbers from 1"),
        ("protection", protection, 0 <= protection <= 1, "shares from 0 to 1"),
    ):
        if not fine:
            raise ReportingError.of(
                "report-unknown-option", Place(field=option), option=option, found=found, known=known
            )
    hidden = [table.title for table in tables for _, column, cell in table
              if cell.status == "hidden" and column.statistic == "n"]  # fmt: skip
    if hidden:
        raise ReportingError.of("report-already-hidden", table=hidden[0], count=len(hidden))


def _family(table: Table, tables: Sequence[Table]) -> str:
    """Return what sets the counts of a table apart: its id where another table counts the same domain differently."""
    own = _counted(table)
    for other in tables:
        theirs = _counted(other)
        if any(theirs[key] != count for key, count in own.items() if key in theirs):
            return table.id
    return ""


def _counted(table: Table) -> dict[Key, int]:
    return {
        _key("", figure): figure.n
        for figure in table.figures.values()
        if figure.n is not None and not figure.standardized
    }


def _key(family: str, figure: Figure) -> Key:
    return (family, figure.variable, frozenset(figure.at.items()))


def _sums(family: str, variable: str, domains: Mapping[frozenset[tuple[str, object]], Domain]) -> list[Relation]:
    """Return each domain as the sum of the domains that add one more variable to it."""
    parts: dict[tuple[frozenset[tuple[str, object]], str], list[Key]] = {}
    for key, at in domains.items():
        for name in at:
            whole = frozenset((one, value) for one, value in at.items() if one != name)
            parts.setdefault((whole, name), []).append((family, variable, key))
    return [
        Relation(total=(family, variable, whole), parts=tuple(keys))
        for (whole, _), keys in parts.items()
        if whole in domains
    ]


def _protected(table: Table, pattern: Pattern, minimum: int, family: str) -> Table:
    wording = Wording(language=table.language)
    reason = wording.say("protected")
    places = {place: reason for place, figure in table.figures.items() if _key(family, figure) in pattern.hidden}
    hidden = hide(table, places, symbol="x", note=wording.say("protected-note"), statistics=STATISTICS)
    said = f"counts under {minimum} and what would give them away, checked by linear programming"
    return replace(hidden, provenance={**hidden.provenance, "disclosure control": said})
