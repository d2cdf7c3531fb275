"""Designs of well-known surveys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import cast

from surveykit.design.design import LonelyPolicy, ReplicateDesign, ReplicateMethod, SurveyDesign
from surveykit.errors import DesignError
from surveykit.findings import Place


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
