"""The plans of the dress rehearsal: sample file, settings, weights to the census, a table an indicator."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pandas as pd

from surveykit.documents import load_json, shipped
from surveykit.project.folder import SETTINGS
from surveykit.questionnaire.computable import computation
from surveykit.questionnaire.indicators import load_indicators
from surveykit.questionnaire.structure import Questionnaire

SAMPLE: Final = "sample.csv"
_PLAN: Final = "dprk_weighting_plan.json"
_DESIGN: Final = {"strata": "kstrata", "clusters": "psu"}


@cache
def plan_data() -> Mapping[str, Any]:
    """Return what the plans are made of: titles, labels, computed variables, rows and blocks of tables."""
    document: Mapping[str, Any] = json.loads((files("surveykit.rehearsal") / "plans.json").read_text(encoding="utf-8"))
    return document


def census_adults() -> dict[tuple[int, int], float]:
    """Return the adults of the census by sex and number of the age group."""
    return {
        (int(sex), number): float(count)
        for sex, groups in _census_margins()[1]["totals"].items()
        for number, count in enumerate(groups.values(), start=1)
    }


def write_plans(
    folder: Path,
    questionnaire: Questionnaire,
    homes: pd.DataFrame,
    frame: pd.DataFrame,
    *,
    indicators: Collection[str] = (),
) -> list[Path]:
    """Write everything that the verbs of a survey folder need.

    Parameters
    ----------
    folder : Path
        A survey folder that was begun.
    questionnaire : Questionnaire
    homes : DataFrame
        Sampled dwellings.
    frame : DataFrame
        Clusters that were sampled from.
    indicators : collection of str
        Those that get a table; all where empty.

    Returns
    -------
    list of Path
    """
    written = [folder / SAMPLE]
    sample = homes.drop(columns=["K_RESULT", "number"])
    sample.to_csv(written[0], index=False)
    plans = {"adult": adult_weights(frame), "household": household_weights(frame)}
    parts = []
    for unit, arranged in plan_data()["parts"].items():
        part = {"unit": unit, "tables": f"tables-{unit}.json"}
        written.append(_write(folder / part["tables"], table_plan(questionnaire, unit, arranged, indicators)))
        if unit in plans:
            part["weighting"] = f"weighting-{unit}.json"
            written.append(_write(folder / part["weighting"], plans[unit]))
        else:
            part["weights_of"] = "household"
        parts.append(part)
    settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    chosen = {name: plan_data()[name] for name in ("title", "languages", "variables", "report", "maps")}
    written.append(_write(folder / SETTINGS, {**settings, **chosen, "sample": SAMPLE, "analyses": parts}))
    return written


def adult_weights(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the plan for the adult of a household: probabilities, non-response, one of several, census, trimming.

    Notes
    -----
    The shipped plan with the columns of the questionnaire. Where only some provinces are sampled, the ages of the
    country are scaled to them.
    """
    shipped_plan = _shipped_plan()
    provinces, ages = _census_margins()
    kept = {str(code) for code in frame["K_PROV"].unique()}
    totals = {code: count for code, count in provinces["totals"].items() if code in kept}
    part = sum(totals.values()) / sum(count for groups in ages["totals"].values() for count in groups.values())
    by_age = {
        sex: {str(number): count * part for number, count in enumerate(groups.values(), start=1)}
        for sex, groups in ages["totals"].items()
    }
    steps = [step for step in shipped_plan["steps"] if step.get("status") != "A_RESULT"]
    margins = [{"by": "K_PROV", "totals": totals}, {"by": ["sex", "age_group"], "totals": by_age}]
    return {
        **_plan("adults", "weight_adult"),
        "steps": [_own(step, margins) for step in steps],
    }


def household_weights(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the plan for households and all their members: probabilities, non-response, dwellings of the frame."""
    counts = frame.groupby(["K_PROV", "area"], as_index=False)["households"].sum()
    totals: dict[str, dict[str, float]] = {}
    for province, area, count in counts.itertuples(index=False, name=None):
        totals.setdefault(str(province), {})[str(area)] = float(count)
    steps = [_own(step, []) for step in _shipped_plan()["steps"][:2]]
    known = {"step": "poststratify", "name": "dwellings", "margins": [{"by": ["K_PROV", "K_UR"], "totals": totals}]}
    return {**_plan("households", "weight_household"), "steps": [*steps, known]}


def table_plan(
    questionnaire: Questionnaire, unit: str, arranged: Mapping[str, Any], only: Collection[str] = ()
) -> dict[str, Any]:
    """Return a table for every indicator that stands in the rows of a unit, or for some of them."""
    names = [name for name in unit_indicators(questionnaire, unit) if not only or name in only]
    return {
        "type": "table-plan",
        "id": f"rehearsal-{unit}",
        "labels": plan_data()["labels"],
        "defaults": {
            "rows": arranged["rows"],
            "blocks": arranged["blocks"],
            "source": plan_data()["source"],
        },
        "tables": [_table(name) for name in names],
    }


def unit_indicators(questionnaire: Questionnaire, unit: str) -> list[str]:
    """Return the indicators of a questionnaire that stand in the rows of a unit."""
    return [one.indicator.id for one in computation(questionnaire).indicators if one.unit == unit]


def _table(name: str) -> dict[str, Any]:
    indicator = load_indicators().indicators[name]
    share = indicator.type == "proportion"
    return {
        "id": name,
        "title": dict(indicator.label),
        "definition": dict(indicator.definition),
        "estimate": {"statistic": indicator.type, "variables": [name], **({"levels": [1]} if share else {})},
        "suppress": ["nchs-proportions" if share else "dhs-parentheses"],
    }


def _own(step: Mapping[str, Any], margins: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a step of the shipped plan with the columns of the questionnaire."""
    own = dict(step)
    if "cells" in own:
        own["cells"] = ["K_PROV", "K_UR"]
    return {**own, "margins": list(margins)} if own["step"] == "rake" else own


def _plan(name: str, weights: str) -> dict[str, Any]:
    return {
        "type": "weighting-plan",
        "id": f"rehearsal-{name}",
        "version": "1",
        "title": name,
        "design": _DESIGN,
        "weights": weights,
        "identifier": "ID_fam",
        "balance": ["C(K_PROV)", "C(K_UR)"],
    }


@cache
def _shipped_plan() -> Mapping[str, Any]:
    document: Any = load_json(shipped("data") / _PLAN)
    return dict(document)


def _census_margins() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    rake = next(step for step in _shipped_plan()["steps"] if step["step"] == "rake")
    province, ages = rake["margins"]
    return province, ages


def _write(path: Path, document: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path
