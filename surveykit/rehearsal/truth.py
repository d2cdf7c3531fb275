"""Estimates beside what is true of the country that was sampled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from surveykit.design.survey import Survey
from surveykit.estimation.descriptive import mean, proportion
from surveykit.estimation.estimate import Estimate
from surveykit.project.analysing import Analysed
from surveykit.questionnaire.indicators import load_indicators
from surveykit.rehearsal.country import Country
from surveykit.rehearsal.plans import plan_data, unit_indicators

DOMAINS: Final = ("", "K_UR", "K_PROV")
_FRAME: Final = {"K_UR": "area", "K_PROV": "K_PROV"}  # columns of the frame that hold the same codes
_LEAST: Final = 30  # answers below which the interval of a share is not published (NCHS Series 2 no. 175, 2017)


def beside_truth(parts: Sequence[Analysed], country: Country) -> pd.DataFrame:
    """Return every indicator for the country, by residence and by province, beside its true value.

    Parameters
    ----------
    parts : sequence of Analysed
        Of the survey folder.
    country : Country

    Returns
    -------
    DataFrame
        A row a figure with 30 answers or more: ``unit``, ``indicator``, ``label``, ``by``, ``level``, ``n``,
        ``estimate``, ``lower``, ``upper``, ``deff``, ``truth`` and ``covered``.
    """
    frames = [_of_unit(one.survey, one.part.unit, country, by) for one in parts for by in DOMAINS]
    told = pd.concat(frames, ignore_index=True)
    told = told[told["n"] >= _LEAST].reset_index(drop=True)
    return told.assign(covered=(told["lower"] <= told["truth"]) & (told["truth"] <= told["upper"]))


def told_figures(beside: pd.DataFrame) -> pd.DataFrame:
    """Return the ten figures of the country that the rehearsal prints."""
    national = beside[beside["by"] == ""].set_index(["indicator", "unit"])
    wanted = [tuple(one) for one in plan_data()["told"]]
    return national.loc[[one for one in wanted if one in national.index]].reset_index()


def _of_unit(survey: Survey, unit: str, country: Country, by: str) -> pd.DataFrame:
    library = load_indicators().indicators
    names = unit_indicators(country.questionnaire, unit)
    rows: list[dict[str, Any]] = []
    truths: dict[object, dict[str, float]] = {}
    for name in names:
        for row in _estimate(survey, name, by, library[name].type).to_frame().to_dict("records"):
            level = row[by] if by else None
            if level not in truths:
                inside = (country.frame[_FRAME[by]] == level).to_numpy(dtype=bool) if by else None
                truths[level] = country.truth(names, unit, inside)
            kept = {key: row[key] for key in ("n", "estimate", "lower", "upper", "deff")}
            label = library[name].label["en"]
            rows.append({"unit": unit, "indicator": name, "label": label, "by": by, "level": level, **kept,
                         "truth": truths[level][name]})  # fmt: skip
    return pd.DataFrame(rows)


def _estimate(survey: Survey, name: str, by: str, kind: str) -> Estimate:
    given = by or None
    return (
        mean(survey, name, by=given)
        if kind == "mean"
        else proportion(survey, name, by=given, level=1, interval="logit")
    )
