"""Designs of well-known surveys, and the pooling of their years."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.design import LonelyPolicy, ReplicateDesign, ReplicateMethod, SurveyDesign
from surveykit.design.frames import columns_of, engine_of, near
from surveykit.design.layout import crossed
from surveykit.design.survey import Survey
from surveykit.errors import DesignError
from surveykit.findings import Place

Rule = Literal["knhanes", "equal"]

RULES: Final[tuple[Rule, ...]] = ("knhanes", "equal")


@cache
def presets() -> Mapping[str, Mapping[str, object]]:
    """Return what is known of each survey: title, source, columns, weights by component."""
    text = (files("surveykit.design") / "presets.json").read_text(encoding="utf-8")
    return MappingProxyType(json.loads(text))


def preset(
    name: str, *, component: str | None = None, lonely_psu: LonelyPolicy = "fail"
) -> SurveyDesign | ReplicateDesign:
    """Return the design of a well-known survey.

    Parameters
    ----------
    name : {"knhanes", "nhanes", "dhs", "steps", "mics", "acs"}
        The survey.
    component : str, optional
        The part that the weight is for, such as ``"nutrition"``; the first one listed without it. Take the weight of
        the smallest component in the analysis.
    lonely_psu : str
        As for ``SurveyDesign``.

    Returns
    -------
    SurveyDesign or ReplicateDesign

    Raises
    ------
    DesignError
        If the survey or the component is unknown.
    """
    if name not in presets():
        known = ", ".join(presets())
        raise DesignError.of("design-preset-unknown", Place(field=name), name=name, known=known)
    entry = presets()[name]
    weights = cast("Mapping[str, str]", entry["weights"])
    part = component or next(iter(weights))
    if part not in weights:
        known = ", ".join(weights)
        raise DesignError.of("design-preset-component", Place(field=part), name=name, component=part, known=known)
    if "method" in entry:
        pattern = cast("Mapping[str, str]", entry["replicates"])[part]
        return ReplicateDesign(
            weights=weights[part], replicates=pattern, method=cast("ReplicateMethod", entry["method"])
        )
    special = cast("Mapping[str, Mapping[str, str]]", entry.get("columns", {})).get(part, {})
    strata, clusters = (special.get(key, cast("str", entry[key])) for key in ("strata", "clusters"))
    return SurveyDesign(strata=strata, clusters=clusters, weights=weights[part], lonely_psu=lonely_psu)


def pool_years(
    frames: Mapping[int, object], design: SurveyDesign, *, year: str = "year", rule: Rule = "knhanes"
) -> Survey:
    """Return one survey of the files of several years.

    Parameters
    ----------
    frames : mapping of year to pandas or polars frame
        Files of the years in which the items were asked, and no other years.
    design : SurveyDesign
        Design of a single year, with weights.
    year : str
        Column that will hold the year; strata and clusters are told apart by it.
    rule : {"knhanes", "equal"}
        ``knhanes``: a year's weights times its share of all sampling units of the first stage; ``equal``: divided by
        the number of years, as for two-year cycles of NHANES.

    Returns
    -------
    Survey
        The weight column keeps its name and holds the pooled weight.

    Raises
    ------
    DesignError
        If there are no frames, they are not all in memory, the rule is unknown or a column is missing.

    Notes
    -----
    Pooled totals are averages over the years. Compare years by ``by=year`` and ``differences`` or ``trend``: the
    years are independent strata, so covariances between them are zero.

    References
    ----------
    KDCA, KNHANES user guide, section on the integrated weight.
    """
    if rule not in RULES:
        allowed = ", ".join(RULES)
        raise DesignError.of("design-option", Place(field="rule"), name="rule", value=rule, allowed=allowed)
    if not frames or design.weights is None:
        raise DesignError.of("design-pool-nothing")
    if len({engine_of(frame) for frame in frames.values()} | {"lazy"}) != 2:  # one kind of frame, and none in an engine
        raise DesignError.of("design-pool-engines")
    units = {when: _units(frame, design) for when, frame in frames.items()}
    shares = {
        when: count / sum(units.values()) if rule == "knhanes" else 1 / len(units) for when, count in units.items()
    }
    parts = [_of_year(frame, design.weights, {year: when}, shares[when]) for when, frame in frames.items()]
    first, *rest = design.strata_stages or ((),)
    clusters, *later = design.cluster_stages
    pooled = replace(
        design,
        strata=[[year, *first], *(list(stage) or None for stage in rest)],
        clusters=[[year, *clusters], *(list(stage) for stage in later)] if clusters else None,
    )
    return Survey(_together(parts), pooled)


def _units(frame: object, design: SurveyDesign) -> int:
    """Return the number of first-stage sampling units of a frame."""
    columns = columns_of(frame)
    names = [*(design.strata_stages[0] if design.strata_stages else ()), *design.cluster_stages[0]]
    for name in [*names, cast("str", design.weights)]:
        if name not in columns.names():
            alike = near(name, columns.names())
            raise DesignError.of("design-unknown-column", Place(field=name), name=name, near=alike)
    if not design.cluster_stages[0]:
        return columns.rows()
    return int(crossed([columns.codes(name)[0] for name in names]).max()) + 1


def _of_year(frame: object, weights: str, label: Mapping[str, int], share: float) -> object:
    columns = columns_of(frame)
    values: dict[str, object] = {name: np.full(columns.rows(), when) for name, when in label.items()}
    pooled: NDArray[np.float64] = columns.numbers(weights) * share
    return columns.with_values({**values, weights: pooled})


def _together(parts: list[object]) -> object:
    if engine_of(parts[0]) == "pandas":
        return pd.concat(cast("list[pd.DataFrame]", parts), ignore_index=True)
    return sys.modules["polars"].concat(parts, how="diagonal_relaxed")
