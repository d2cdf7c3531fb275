"""Scores of a calibrated survey: what is left of them after the known totals are taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from surveykit.design.calibration import Calibration

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_SWEEPS: Final = 10  # R survey, svyrecvar: raking residuals are swept ten times over the margins


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """The linear map z - B K P'z of scores z that all calibration steps make together.

    Parameters
    ----------
    carriers : sparse array of shape (n, c)
        B: the weighted auxiliaries.
    probes : sparse array of shape (n, c)
        P: what a score is held against.
    kernel : float array of shape (c, c)
        K.
    """

    carriers: sparse.csr_array
    probes: sparse.csr_array
    kernel: Floats

    def residuals(self, scores: Floats) -> Floats:
        """Return what is left of scores of shape (n, k)."""
        return np.asarray(scores - self.carriers @ (self.kernel @ (self.probes.T @ scores)))

    def coefficients(self, scores: sparse.csc_array) -> Floats:
        """Return K P'z of shape (c, k) for sparse scores of shape (n, k)."""
        return np.asarray(self.kernel @ (self.probes.T @ scores).toarray())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    carriers: sparse.csr_array
    probes: sparse.csr_array
    kernel: Floats


def projection(calibrations: Sequence[Calibration]) -> Projection:
    """Return the map of scores to residuals for calibrations made one after the other.

    Parameters
    ----------
    calibrations : sequence of Calibration
        In the order in which they were made.

    Notes
    -----
    A step takes z to z - B_s K_s P_s'z. Written over the carriers and probes of all steps, a further step s adds
    K_s (I_s - P_s'B K) to the rows of K that belong to it.
    """
    steps = [list(_steps(one)) for one in calibrations]
    flat = [step for group in steps for step in group]
    carriers = sparse.hstack([step.carriers for step in flat], format="csr")
    probes = sparse.hstack([step.probes for step in flat], format="csr")
    cross = (probes.T @ carriers).toarray()
    kernel = np.zeros(cross.shape)
    start = 0
    for one, group in zip(calibrations, steps, strict=True):
        places = []
        for step in group:
            places.append(np.arange(start, start + len(step.kernel)))
            start += len(step.kernel)
        for _ in range(_SWEEPS if one.kind == "margins" else 1):
            for step, place in zip(group, places, strict=True):
                unit = np.zeros((len(place), len(kernel)))
                unit[np.arange(len(place)), place] = 1.0
                kernel[place] += step.kernel @ (unit - cross[place] @ kernel)
    return Projection(carriers=carriers, probes=probes, kernel=kernel)


def _steps(calibration: Calibration) -> Iterator[_Step]:
    before = calibration.before
    if calibration.kind == "matrix" and calibration.matrix is not None:
        after, matrix = calibration.after[0], calibration.matrix
        cross = matrix.T @ (matrix * before[:, None])
        inverse = np.asarray(np.linalg.pinv(cross, rcond=1e-11, hermitian=True), dtype=np.float64)
        probes = sparse.csr_array(matrix * _over(before, after)[:, None])
        yield _Step(carriers=sparse.csr_array(matrix * after[:, None]), probes=probes, kernel=inverse)
        return
    for group, after in zip(calibration.groups, calibration.after, strict=True):
        if calibration.kind == "groups":
            size = np.bincount(group, weights=before).astype(np.float64)
            probes = _indicator(group, _over(before, after))
        else:
            size = np.bincount(group).astype(np.float64)
            probes = _indicator(group, _over(np.ones(len(after)), after))
        yield _Step(carriers=_indicator(group, after), probes=probes, kernel=np.diag(_over(np.ones(len(size)), size)))


def _indicator(group: Integers, values: Floats) -> sparse.csr_array:
    rows = len(group)
    return sparse.csr_array((values, group, np.arange(rows + 1)), shape=(rows, int(group.max()) + 1))


def _over(part: Floats, whole: Floats) -> Floats:
    out = np.zeros(len(whole))
    np.divide(part, whole, out=out, where=whole != 0)
    return out
