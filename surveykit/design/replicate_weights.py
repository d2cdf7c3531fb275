"""Replicate weights: named columns of a file, or factors on the weights of sampling units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import DesignError
from surveykit.findings import Place

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicateFactors:
    """Replicate weights in product form: the weight of a row times the factor of its sampling unit.

    Parameters
    ----------
    units : integer array of shape (n,)
        Sampling unit 0..U-1 of each row.
    factors : float array of shape (U, R)
        Factor of each unit in each replicate.
    strata : integer array of shape (U,)
        Stratum of each unit, for degrees of freedom.
    """

    units: Integers
    factors: Floats
    strata: Integers

    def weights(self, base: Floats) -> Floats:
        """Return the replicate weights of shape (n, R), given the weights of shape (n,) that they vary."""
        return np.asarray(base[:, None] * self.factors[self.units])


def matching(replicates: str | Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that a pattern (matching whole names) or a list names.

    Raises
    ------
    DesignError
        If the pattern is no regular expression.
    """
    if not isinstance(replicates, str):
        return tuple(replicates)
    try:
        pattern = re.compile(replicates)
    except re.error as error:
        where = Place(field=replicates)
        raise DesignError.of("design-replicate-pattern-wrong", where, pattern=replicates, reason=str(error)) from error
    return tuple(name for name in names if pattern.fullmatch(name))
