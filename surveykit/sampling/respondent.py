"""One adult a household by a written random table: no dice, no screen, the same choice for whoever looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.errors import SamplingError
from surveykit.findings import Place
from surveykit.sampling.streams import integers

_MOST: Final = 8  # adults 19+ of one household; larger ones are rare, and the table may be made wider


@dataclass(frozen=True, slots=True, kw_only=True)
class RespondentTable:
    """For every household of a cluster and every number of adults, the line of the adult to ask.

    Parameters
    ----------
    cluster : str
        Id of the cluster the table is for.
    seed : int
        Seed of its random numbers.
    ranks : ndarray of int
        Shape (households, most), rank 1 to k of the adult to ask among k eligible, in the order of the roster.
    """

    cluster: str
    seed: int
    ranks: NDArray[np.int64]

    def pick(self, household: int, adults: int) -> int:
        """Return the rank of the adult to ask.

        Parameters
        ----------
        household : int
            Number of the household in the cluster, from 1.
        adults : int
            Eligible adults on its roster.

        Raises
        ------
        SamplingError
            If the table has no such line or column.
        """
        households, most = self.ranks.shape
        if not (1 <= household <= households and 1 <= adults <= most):
            where = Place(record=f"{self.cluster} / {household}")
            raise SamplingError.of(
                "sampling-respondent-range", where, household=household, adults=adults, households=households, most=most
            )
        return int(self.ranks[household - 1, adults - 1])

    def to_frame(self) -> pd.DataFrame:
        """Return the table as it is printed: a row a household, a column for every number of adults."""
        households, most = self.ranks.shape
        frame = pd.DataFrame(self.ranks, columns=[f"adults_{count}" for count in range(1, most + 1)])
        frame.insert(0, "household", range(1, households + 1))
        frame.insert(0, "cluster", self.cluster)
        return frame


def respondent_table(cluster: str, *, seed: int, households: int = 20, most: int = _MOST) -> RespondentTable:
    """Make the written random table of one cluster.

    Parameters
    ----------
    cluster : str
        Id of the cluster; every cluster has its own table.
    seed : int
        Seed, the same for the whole survey.
    households : int
        Households taken in the cluster.
    most : int
        Largest number of adults the table holds.

    Returns
    -------
    RespondentTable

    Raises
    ------
    SamplingError
        If there is no household or no adult to hold.

    Notes
    -----
    Every cell is drawn by itself, so each of k adults has probability 1/k exactly and the weight step is "times k".
    Unlike the eight tables of Kish (1949), which end at six adults, the chances are equal for every number.

    References
    ----------
    Kish L (1949), A procedure for objective respondent selection within the household, JASA 44, 380-387.
    """
    if households < 1 or most < 1:
        raise SamplingError.of(
            "sampling-respondent-range", household=households, adults=most, households=households, most=most
        )
    below = np.broadcast_to(np.arange(1, most + 1, dtype=np.int64), (households, most))
    return RespondentTable(cluster=cluster, seed=seed, ranks=1 + integers(below, seed, "respondent", cluster))
