"""What calibration fixed: the part of a score that known totals leave no freedom for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """One step of calibration, kept so that variances count only what it left free.

    Parameters
    ----------
    kind : {"groups", "margins", "matrix"}
        Post-stratification, raking, or calibration on a matrix.
    groups : tuple of integer arrays of shape (n,)
        Codes 0..G-1 of each row's post-stratum: one array for ``groups``, one a margin for ``margins``.
    matrix : float array of shape (n, p) or None
        Auxiliary variables for ``matrix``.
    before : float array of shape (n,)
        Weights before the step.
    after : tuple of float arrays of shape (n,)
        Weights after the step: one array, or for ``margins`` the weights after each margin of the last sweep.

    Notes
    -----
    With weights d before and w after, a score z becomes w times the residual of z/w in the d-weighted regression on
    the auxiliaries (for post-strata: about the d-weighted group mean). Raking sweeps ten times over its margins,
    each time taking off the unweighted group mean of z/w. R keeps the same in ``design$postStrata``.

    References
    ----------
    Deville and Sarndal (1992), JASA 87, 376-382; Valliant (1993), JASA 88, 89-96.
    """

    kind: Literal["groups", "margins", "matrix"]
    groups: tuple[Integers, ...] = ()
    matrix: Floats | None = None
    before: Floats
    after: tuple[Floats, ...]
