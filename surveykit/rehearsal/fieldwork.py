"""The field of the dress rehearsal: a sample of real probabilities, who lives there, and who is met."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.forms.sample import luhn_digit
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Questionnaire
from surveykit.rehearsal.country import KINDS, Country, Ints
from surveykit.sampling.selection import select

NOBODY_HOME, REFUSED, ABSENT, VACANT = 3, 4, 5, 6  # codes of K_RESULT
_TEAM: Final = 5  # clusters an interviewer works in

# Shares chosen to look like a household survey in good order: nine in ten occupied dwellings answer.
_VACANT: Final = 0.02
_ABSENT: Final = 0.015
_NOT_MET: Final = {1: 0.05, 2: 0.02}  # by area: town, country
_ALONE: Final = 0.04  # more of those where one adult lives are not met
_REFUSALS: Final = {1: 0.04, 2: 0.015}

DESIGN: Final = ("psu", "kstrata", "K_PROV", "K_COUNTY", "K_UR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fieldwork:
    """A sample and its true answers.

    Parameters
    ----------
    homes : DataFrame
        A row a sampled dwelling: serial, design columns, ``probability_1``, ``probability_2``, ``number`` in its
        cluster, ``K_RESULT``.
    answers : Responses
        What is true and could be written down; of dwellings without an interview only the cover.
    """

    homes: pd.DataFrame
    answers: Responses


def draw_sample(frame: pd.DataFrame, *, clusters: int, take: int, seed: int) -> pd.DataFrame:
    """Draw clusters with probability proportional to size in each province by area, and dwellings in each cluster.

    Parameters
    ----------
    frame : DataFrame
        Clusters with ``cluster``, ``K_PROV``, ``county``, ``area`` and ``households``.
    clusters : int
        Clusters in each stratum.
    take : int
        Dwellings in each cluster.
    seed : int

    Returns
    -------
    DataFrame
        A row a dwelling with the probability of each stage.
    """
    first = select(
        frame,
        unit="cluster",
        n=clusters,
        seed=seed,
        method="pps-systematic",
        size="households",
        strata=["K_PROV", "area"],
        order=["county"],
    )
    sizes = first.units["households"].to_numpy(dtype=np.int64)
    listing = pd.DataFrame({"cluster": np.repeat(first.units["cluster"].to_numpy(), sizes)})
    listing["number"] = listing.groupby("cluster").cumcount() + 1
    return select(listing, unit="number", n=take, seed=seed, within=first).units.reset_index(drop=True)


def go_out(country: Country, drawn: pd.DataFrame, *, seed: int) -> Fieldwork:
    """Say who lives in the sampled dwellings, and who of them is met.

    Parameters
    ----------
    country : Country
    drawn : DataFrame
        Of :func:`draw_sample`.
    seed : int

    Returns
    -------
    Fieldwork
        Dwellings by cluster; no simulated household lives in two of them.
    """
    random = np.random.default_rng([seed, 2])
    donors = _residents(country, drawn, random)
    homes = pd.DataFrame(
        {
            country.key: country.homes[country.key].to_numpy()[donors],
            "psu": drawn["cluster"].astype("string"),
            "kstrata": (drawn["K_PROV"].astype("string").str.zfill(2) + "-" + drawn["area"].astype("string")),
            "K_PROV": drawn["K_PROV"].astype("Int64"),
            "K_COUNTY": drawn["county"].str.removeprefix("KP").astype("Int64"),
            "K_UR": drawn["area"].astype("Int64"),
            "number": drawn["number"].astype("Int64"),
            "probability_1": drawn["probability_1"].astype("Float64"),
            "probability_2": drawn["probability_2"].astype("Float64"),
        }
    )
    homes["K_RESULT"] = pd.Series(_results(drawn, country.adults[donors], random), dtype="Int64")
    return Fieldwork(homes=homes, answers=_answers(country, homes, donors))


def _residents(country: Country, drawn: pd.DataFrame, random: np.random.Generator) -> Ints:
    """Return the simulated household of each dwelling: its kind by the mix of the cluster, then by the shares."""
    place = pd.Series(range(len(country.frame)), index=country.frame["cluster"])
    cuts = country.mix[drawn["cluster"].map(place).to_numpy(dtype=np.int64)].cumsum(axis=1)
    kinds = np.minimum((random.random(len(drawn))[:, None] > cuts).sum(axis=1), KINDS - 1)
    donors = np.zeros(len(drawn), dtype=np.int64)
    for kind in range(KINDS):
        wanted = np.flatnonzero(kinds == kind)
        donors[wanted] = random.permutation(_systematic(country, kind, len(wanted), random))
    return donors


def _systematic(country: Country, kind: int, count: int, random: np.random.Generator) -> Ints:
    """Draw households of a kind without replacement, with probability proportional to their shares."""
    pool = random.permutation(np.flatnonzero(country.kind == kind))
    reach = np.cumsum(country.share[pool] / country.share[pool].sum() * count)
    picked = np.searchsorted(reach, np.arange(count) + random.random(), side="right")
    return pool[np.minimum(picked, len(pool) - 1)]


def _results(drawn: pd.DataFrame, adults: NDArray[np.float64], random: np.random.Generator) -> Ints:
    area = drawn["area"].astype(int)
    not_met = area.map(_NOT_MET).to_numpy() + np.where(adults == 1, _ALONE, 0.0)
    refusals = area.map(_REFUSALS).to_numpy()
    steps = np.column_stack([np.full(len(drawn), _VACANT), np.full(len(drawn), _ABSENT), not_met, refusals])
    at = (random.random(len(drawn))[:, None] > steps.cumsum(axis=1)).sum(axis=1)
    return np.asarray(np.array([VACANT, ABSENT, NOBODY_HOME, REFUSED, 1])[at], dtype=np.int64)


def _answers(country: Country, homes: pd.DataFrame, donors: Ints) -> Responses:
    questionnaire, key = country.questionnaire, country.key
    met = set(homes.loc[homes["K_RESULT"] == 1, key])
    order = pd.Series(range(len(homes)), index=homes[key])
    frames = {questionnaire.top.id: _covers(country, homes, donors)}
    for unit in questionnaire.units:
        if unit.id != questionnaire.top.id:
            rows = country.people[unit.id]
            kept = rows[rows[key].isin(met)]
            frames[unit.id] = kept.iloc[kept[key].map(order).argsort(kind="stable")].reset_index(drop=True)
    return _plain(replace(country.people, frames=frames), questionnaire)


def _covers(country: Country, homes: pd.DataFrame, donors: Ints) -> pd.DataFrame:
    """Return the answers of the households: all of those met, the cover of the others."""
    questionnaire, key = country.questionnaire, country.key
    full = country.homes.iloc[donors].reset_index(drop=True)
    kept = {key, "year", "K_DATE", *DESIGN}
    met = (homes["K_RESULT"] == 1).to_numpy()
    covers = full.assign(**{name: full[name].where(met) for name in full.columns if name not in kept})
    number = homes["psu"].astype("category").cat.codes // _TEAM + 1
    return covers.assign(
        ID=full[key].map(lambda serial: serial + luhn_digit(serial)).astype("string"),
        wt_itvex=pd.Series(pd.NA, index=full.index, dtype="Float64"),
        K_CONSENT=pd.Series(np.where(met, 1, 2), dtype="Int64"),  # the form has no third answer for nobody home
        K_RESULT=homes["K_RESULT"],
        K_INTERVIEWER=number.astype("Int64"),
        **{name: homes[name].astype(full[name].dtype) for name in DESIGN},
    )[[column for column in full.columns if column in {*questionnaire_columns(questionnaire)}]]


def questionnaire_columns(questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return the columns that the items of a questionnaire fill, those of scores and indicators not among them."""
    keys = {key for unit in questionnaire.units for key in questionnaire.keys_of(unit.id)}
    return (*keys, *(column for item in questionnaire for column in item.columns))


def _plain(answers: Responses, questionnaire: Questionnaire) -> Responses:
    names: set[Any] = set(questionnaire_columns(questionnaire))
    frames = {unit: frame[[name for name in frame if name in names]] for unit, frame in answers.items()}
    return replace(answers, frames=frames)
