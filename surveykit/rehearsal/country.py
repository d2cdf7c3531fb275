"""A made-up country whose truth is known: simulated households and how the clusters of a frame share them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.questionnaire.derive import derive
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.simulate import simulate
from surveykit.questionnaire.structure import Questionnaire

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KINDS: Final = 5  # fifths of standing; clusters differ in how many households of each they hold
AGE_STARTS: Final = (19, 30, 40, 50, 60, 70)  # first ages of the groups of KDCA tables
_URBAN: Final = 0.3  # shift of standing in towns; chosen so that towns and country differ visibly
_PROVINCES: Final = 0.3  # standard deviation of the shift between provinces; chosen like the others
_CLUSTERS: Final = 0.4  # standard deviation of the shift between clusters; gives design effects of 1.2 to 3
_HAEMOGLOBIN: Final = 6  # months from which it is measured (check hb.infant of the questionnaire)
_STEPS: Final = 80  # halvings of the interval in which the number of adults is fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A population of which everything is known.

    Parameters
    ----------
    questionnaire : Questionnaire
    people : Responses
        Answers of every simulated household, scores and indicators included; all of them take part.
    frame : DataFrame
        Clusters with ``cluster``, ``K_PROV``, ``area`` and ``households``.
    kind : ndarray, shape (households,)
        Fifth of standing of each simulated household, from 0.
    share : ndarray, shape (households,)
        How many households of its kind are like it, relative to the others: the age and sex of adults follow the
        census in every cluster.
    adults : ndarray, shape (households,)
        Members of 19 years and over.
    mix : ndarray, shape (clusters, kinds)
        Share of each kind in each cluster.
    """

    questionnaire: Questionnaire
    people: Responses
    frame: pd.DataFrame
    kind: Ints
    share: Floats
    adults: Floats
    mix: Floats

    @property
    def homes(self) -> pd.DataFrame:
        """Answers of the households."""
        return self.people[self.questionnaire.top.id]

    @property
    def key(self) -> str:
        """Column of the serial."""
        return self.questionnaire.item(self.questionnaire.top.key).var

    def households(self, clusters: NDArray[np.bool_] | None = None) -> Floats:
        """Return how many households of some clusters, or of the country, are like each simulated one."""
        inside = self.frame["households"].to_numpy(dtype=np.float64)
        count = (inside if clusters is None else inside * clusters) @ self.mix
        whole = np.bincount(self.kind, weights=self.share, minlength=KINDS)
        return np.asarray((count / whole)[self.kind] * self.share)

    def loads(self, unit: str, clusters: NDArray[np.bool_] | None = None) -> Floats:
        """Return how many records of a domain, or of the country, each row of a unit stands for.

        Notes
        -----
        The adult of a household stands for all its adults, as the simulation answers for nobody else.
        """
        weights = pd.Series(self.households(clusters), index=self.homes[self.key])
        if self._one(unit):
            weights = weights * self.adults
        return np.asarray(self.people[unit][self.key].map(weights).to_numpy(dtype=np.float64))

    def truth(self, variables: Sequence[str], unit: str, clusters: NDArray[np.bool_] | None = None) -> dict[str, float]:
        """Return the true share or mean of indicators.

        Parameters
        ----------
        variables : sequence of str
            Columns of indicators: null outside their denominators.
        unit : str
            Unit in whose rows they stand.
        clusters : bool ndarray, optional
            Clusters of the domain; the whole country by default.
        """
        loads, rows = self.loads(unit, clusters), self.people[unit]
        found = {}
        for name in variables:
            values = rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
            known = ~np.isnan(values)
            found[name] = float((loads[known] * values[known]).sum() / loads[known].sum())
        return found

    def _one(self, unit: str) -> bool:
        selection = self.questionnaire.unit(unit).selection
        return selection is not None and selection.take == "one"


def found_country(
    questionnaire: Questionnaire, frame: pd.DataFrame, census: Mapping[tuple[int, int], float], *, size: int, seed: int
) -> Country:
    """Simulate a country on a frame of clusters.

    Parameters
    ----------
    questionnaire : Questionnaire
        ``dprk-summary``, or one with the same household items.
    frame : DataFrame
        Clusters.
    census : mapping of (sex, age group) to float
        Adults of the country; groups are numbered from 1.
    size : int
        Simulated households.
    seed : int

    Returns
    -------
    Country
    """
    people = consenting(simulate(questionnaire, size, seed), questionnaire)
    people = derive(people, questionnaire)
    homes = people[questionnaire.top.id]
    key = questionnaire.item(questionnaire.top.key).var
    adults = people["member"].loc[people["member"]["age"] >= AGE_STARTS[0]].groupby(key).size()
    count: Floats = np.asarray(homes[key].map(adults).to_numpy(dtype=np.float64), dtype=np.float64)
    kind = _kinds(people, key)
    random = np.random.default_rng([seed, 1])
    return Country(
        questionnaire=questionnaire,
        people=people,
        frame=frame,
        kind=kind,
        share=_shares(kind, _cells(people, key), count, _census(census)),
        adults=count,
        mix=_mix(frame, random),
    )


def consenting(people: Responses, questionnaire: Questionnaire) -> Responses:
    """Return the households that take part; who refuses is decided in the field."""
    homes = people[questionnaire.top.id]
    key = questionnaire.item(questionnaire.top.key).var
    serials = set(homes.loc[homes["K_CONSENT"] == 1, key])
    frames = {unit: frame[frame[key].isin(serials)].reset_index(drop=True) for unit, frame in people.items()}
    top = frames[questionnaire.top.id]
    frames[questionnaire.top.id] = top.assign(K_RESULT=pd.Series(1, index=top.index, dtype="Int64"))
    frames["member"] = _without_infants(frames["member"], frames["child"], key)
    return replace(people, frames=frames)


def _without_infants(members: pd.DataFrame, children: pd.DataFrame, key: str) -> pd.DataFrame:
    """Take out the haemoglobin of children under six months, in whom it is not measured."""
    line = [key, "member_line"]
    infants = children.loc[(children["age_month"] < _HAEMOGLOBIN).fillna(value=False), line].assign(infant=True)
    young = members[line].merge(infants, on=line, how="left")["infant"].notna()
    return members.assign(HE_HB=members["HE_HB"].mask(young.to_numpy(dtype=bool)))


def age_group(age: Any) -> Ints:  # noqa: ANN401 (a column or an array of ages)
    """Return the number of the age group, 0 below the first one."""
    return np.searchsorted(np.array(AGE_STARTS), np.asarray(age, dtype=np.float64), side="right")


def _kinds(people: Responses, key: str) -> Ints:
    """Return fifths of standing: what is owned, less hunger, less tobacco, less low mood."""
    homes = people["household"]
    adult = people["adult"].drop_duplicates(key).set_index(key)

    def score(column: Any) -> Floats:  # noqa: ANN401 (a column)
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.asarray(np.nan_to_num((values - np.nanmean(values)) / np.nanstd(values)), dtype=np.float64)

    def asked(name: str) -> Floats:
        return score(homes[key].map(adult[name]).astype("Float64"))

    standing = score(homes["wealth_score"]) - score(homes["K_FIES_RS"]) + score(homes["clean_fuel"])
    standing -= 0.7 * (asked("smk_current") + asked("phq8") + asked("unmet"))
    ranks = standing.argsort(kind="stable").argsort(kind="stable")
    return ranks * KINDS // len(ranks)


def _cells(people: Responses, key: str) -> Ints:
    """Return sex by age group of the adult who is asked, from 0."""
    line = people.frames["adult"][[key, "member_line"]]
    who = line.merge(people["member"][[key, "member_line", "sex", "age"]], on=[key, "member_line"], how="left")
    cells = (who["sex"].to_numpy(dtype=np.int64) - 1) * len(AGE_STARTS) + age_group(who["age"]) - 1
    return people["household"][key].map(pd.Series(cells, index=who[key])).to_numpy(dtype=np.int64)


def _census(census: Mapping[tuple[int, int], float]) -> Floats:
    groups = range(1, len(AGE_STARTS) + 1)
    counts = np.array([census[sex, group] for sex in (1, 2) for group in groups], dtype=np.float64)
    return np.asarray(counts / counts.sum())


def _shares(kind: Ints, cell: Ints, adults: Floats, census: Floats) -> Floats:
    """Return shares that give each kind the census's adults by sex and age, and the same adults a household."""
    wanted, shares = float(adults.mean()), np.zeros(len(kind))
    for one in range(KINDS):
        here = kind == one
        low, high = -4.0, 4.0
        for _ in range(_STEPS):
            middle = (low + high) / 2
            found = _tilted(cell[here], adults[here], census, middle)
            low, high = (middle, high) if (found * adults[here]).sum() / found.sum() < wanted else (low, middle)
        shares[here] = found / found.sum()
    return shares


def _tilted(cell: Ints, adults: Floats, census: Floats, tilt: float) -> Floats:
    raw = np.exp(tilt * (adults - adults.mean()))
    now = np.bincount(cell, weights=raw * adults, minlength=len(census))
    return np.asarray(raw * (census / now)[cell])


def _mix(frame: pd.DataFrame, random: np.random.Generator) -> Floats:
    province = frame["K_PROV"].to_numpy(dtype=np.int64)
    shift = random.normal(0, _PROVINCES, province.max() + 1)[province]
    shift = shift + np.where(frame["area"].to_numpy() == 1, _URBAN, -_URBAN) + random.normal(0, _CLUSTERS, len(frame))
    loads = np.exp(shift[:, None] * (np.arange(KINDS) - (KINDS - 1) / 2))
    return np.asarray(loads / loads.sum(axis=1, keepdims=True))
