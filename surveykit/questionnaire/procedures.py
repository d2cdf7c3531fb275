"""The procedures that scores name: from the rows of a unit to columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.errors import DefinitionError
from surveykit.findings import Place
from surveykit.questionnaire.scores import blood, growth, rasch, wealth
from surveykit.questionnaire.structure import Questionnaire

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeriveOptions:
    """Which published version of a score is wanted, and the tables that it needs.

    Parameters
    ----------
    egfr : {"ckd-epi-2021", "ckd-epi-2009"}
    altitude : mapping of str to float, optional
        Metres above the sea by cluster; haemoglobin is used as measured where it is not given.
    altitude_rule : {"who-2011", "cdc-1989", "who-2024"}
    food_composition : DataFrame, optional
        A row a food: ``N_FCODE`` and amounts per 100 g in columns named as the scores (``N_EN``, ``N_NA``, ...).
    weights : str
        Column of weights for wealth, income groups and the FIES model; that of the instrument's design by default,
        equal weights where it is empty.
    """

    egfr: blood.EgfrEquation = "ckd-epi-2021"
    altitude: Mapping[str, float] | None = None
    altitude_rule: blood.AltitudeRule = "who-2011"
    food_composition: pd.DataFrame | None = None
    weights: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """What a procedure works on.

    Parameters
    ----------
    questionnaire : Questionnaire
    frames : mapping of str to DataFrame
        Answers by unit.
    unit : str
        Unit of the result.
    rows : DataFrame
        Its rows with those above joined in.
    options : DeriveOptions
    names : tuple of str
        Ids of the scores that are wanted.
    """

    questionnaire: Questionnaire
    frames: Mapping[str, pd.DataFrame]
    unit: str
    rows: pd.DataFrame
    options: DeriveOptions
    names: tuple[str, ...]

    def number(self, name: str) -> Floats:
        """Return the answers to an item as numbers, NaN where blank, missing or not asked at all."""
        items = {item.id: item for item in self.questionnaire}
        if name not in items or items[name].var not in self.rows.columns:
            return np.full(len(self.rows), np.nan)
        column = pd.to_numeric(self.rows[items[name].var], errors="coerce")
        found = column.to_numpy(dtype=np.float64, na_value=np.nan)
        reserved = [code for code in items[name].missing_codes if isinstance(code, int)]
        return np.where(np.isin(found, reserved), np.nan, found)

    def days(self, name: str) -> Floats:
        """Return a date item as days since 1970-01-01, NaN where blank or not asked at all."""
        items = {item.id: item for item in self.questionnaire}
        if name not in items or items[name].var not in self.rows.columns:
            return np.full(len(self.rows), np.nan)
        dates = pd.to_datetime(self.rows[items[name].var]).to_numpy(dtype="datetime64[D]")
        return np.where(np.isnat(dates), np.nan, dates.astype(np.int64).astype(np.float64))

    @property
    def weights(self) -> Floats:
        """Weights of the rows; ones where the column is absent or empty."""
        column = self.options.weights or str(self.questionnaire.design.get("weights", ""))
        if column not in self.rows.columns:
            return np.ones(len(self.rows))
        found = pd.to_numeric(self.rows[column], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        return np.ones(len(self.rows)) if np.isnan(found).all() else np.nan_to_num(found)

    @property
    def members(self) -> Floats:
        """Members of the household of each row: rows of the first roster of the top unit."""
        top = self.questionnaire.top
        key = self.questionnaire.item(top.key).var
        roster = next((unit.id for unit in self.questionnaire.units if unit.roster and unit.parent == top.id), "")
        if not roster:
            return np.ones(len(self.rows))
        sizes = self.frames[roster].groupby(key).size()
        return np.asarray(self.rows[key].map(sizes).to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


Procedure = Callable[[Workplace], Mapping[str, Floats]]


def compute(function: str, place: Workplace) -> Mapping[str, Floats]:
    """Return the columns of the scores that one procedure computes, by score id."""
    return PROCEDURES[function](place)


def _egfr(place: Workplace) -> Mapping[str, Floats]:
    serum, age, sex = (place.number(name) for name in ("HE_crea", "age", "sex"))
    return {"egfr": blood.egfr(serum, age, sex, place.options.egfr)}


def _haemoglobin(place: Workplace) -> Mapping[str, Floats]:
    measured = place.number("HE_HB")
    if place.options.altitude is None:
        return {"hb_adjusted": measured}
    clusters = place.questionnaire.design.get("clusters", "")
    column = place.rows[
        str(clusters[0] if isinstance(clusters, Sequence) and not isinstance(clusters, str) else clusters)
    ]
    metres = {str(name): float(height) for name, height in place.options.altitude.items()}
    if unknown := sorted(set(column.dropna().astype(str)) - set(metres)):
        raise DefinitionError.of("score-cluster-altitude", Place(), clusters=", ".join(unknown[:10]))
    height = column.astype("string").map(metres).to_numpy(dtype=np.float64, na_value=np.nan)
    return {"hb_adjusted": measured - blood.altitude_adjustment(height, place.options.altitude_rule)}


def _growth(place: Workplace) -> Mapping[str, Floats]:
    born, today = place.days("K_DOB"), place.days("K_DATE")
    days = np.where(np.isnan(today - born), growth.days_of_months(place.number("age_month")), today - born)
    found = growth.child_scores(
        sex=place.number("sex"),
        days=days,
        height=place.number("HE_ht"),
        weight=place.number("HE_wt"),
        lying=place.number("K_LENPOS"),
    )
    return {f"K_{name.upper()}": values for name, values in found.items()}


def _fies(place: Workplace) -> Mapping[str, Floats]:
    answers = np.column_stack([place.number(f"K_FIES_{item}") for item in range(1, 9)])
    probability = rasch.equate(rasch.fit_rasch(answers, place.weights)).probability
    raw = answers.sum(axis=1)
    known = ~np.isnan(raw)
    at = np.where(known, raw, 0).astype(int)
    return {
        name: np.where(known, probability[at, column], np.nan)
        for column, name in enumerate(("fies_p_modsev", "fies_p_severe"))
    }


def _wealth(place: Workplace) -> Mapping[str, Floats]:
    items = {item.id: item for item in place.questionnaire}
    owned = items["K_ASSET"]
    columns = [place.rows[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in owned.columns[1:]]
    for name in ("K_WATER", "K_TOILET", "K_FUEL"):
        answers, codes = place.number(name), items[name].codelist
        options = codes.codes if codes else ()
        columns += [np.where(np.isnan(answers), np.nan, answers == code) for code in options]
    load = place.weights * np.nan_to_num(place.members)
    score = wealth.wealth_score(np.column_stack(columns), load if load.any() else None)
    return {"wealth_score": score, "K_WEALTH": wealth.weighted_groups(score, 5, load if load.any() else None)}


def _household_income(place: Workplace) -> Mapping[str, Floats]:
    shared = place.number("ainc") / np.sqrt(place.members)
    return {
        "ho_incm": wealth.weighted_groups(shared, 4, place.weights),
        "ho_incm5": wealth.weighted_groups(shared, 5, place.weights),
    }


def _income(place: Workplace) -> Mapping[str, Floats]:
    shared = place.number("ainc") / np.sqrt(place.members)
    age, sex = place.number("age"), place.number("sex")
    classes = np.where(np.isnan(age + sex), -1, np.nan_to_num(age) // 5 * 10 + np.nan_to_num(sex)).astype(int)
    return {
        "incm": wealth.groups_within(shared, classes, 4, place.weights),
        "incm5": wealth.groups_within(shared, classes, 5, place.weights),
    }


def _nutrients(place: Workplace) -> Mapping[str, Floats]:
    questionnaire = place.questionnaire
    food = questionnaire.item("NF_INTK").unit
    key, line = questionnaire.keys_of(place.unit)
    who, code, weight = (questionnaire.item(name).var for name in ("N_LINE", "N_FCODE", "NF_INTK"))
    eaten = place.frames[food][[key, who, code, weight]].rename(columns={who: line})
    amounts = _amounts(eaten, code, weight, place)
    sums = pd.concat([eaten[[key, line]], amounts], axis=1).groupby([key, line], as_index=False).sum(min_count=1)
    beside = place.rows[[key, line]].merge(sums, on=[key, line], how="left", validate="one_to_one")
    return {name: beside[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in place.names}


def _amounts(eaten: pd.DataFrame, code: str, weight: str, place: Workplace) -> pd.DataFrame:
    grams = pd.to_numeric(eaten[weight], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    table = place.options.food_composition
    if table is None:
        return pd.DataFrame({name: grams if name == "N_INTK" else np.nan for name in place.names}, index=eaten.index)
    if "N_FCODE" not in table.columns:
        raise DefinitionError.of("score-table-columns", Place(), table="food composition", lacking="N_FCODE")
    contents = table.set_index("N_FCODE").reindex(eaten[code].to_numpy(dtype=np.float64, na_value=np.nan))

    def amount(name: str) -> Any:  # noqa: ANN401 (an array of numbers)
        if name == "N_INTK":
            return grams
        return grams / 100 * contents[name].to_numpy(dtype=np.float64) if name in contents.columns else np.nan

    return pd.DataFrame({name: amount(name) for name in place.names}, index=eaten.index)


PROCEDURES: Final[Mapping[str, Procedure]] = {
    "egfr": _egfr,
    "fies": _fies,
    "growth": _growth,
    "haemoglobin": _haemoglobin,
    "household_income": _household_income,
    "income": _income,
    "nutrients": _nutrients,
    "wealth": _wealth,
}
