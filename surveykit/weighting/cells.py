"""Weighting cells for non-response: formed by columns, joined by rule, with a record of what was joined."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.findings import Place
from surveykit.sampling.frame import canonical_text

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Mask = NDArray[np.bool_]

_MIN_RESPONDENTS: Final = 20  # rule of thumb; Kalton and Flores-Cervantes (2003) ask for a limit without fixing one
_MAX_FACTOR: Final = 3.0  # rule of thumb; same source


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRule:
    """When a cell is too small to stand alone.

    Parameters
    ----------
    min_respondents : int
        Fewest respondents of a cell.
    max_factor : float
        Largest adjustment factor.
    """

    min_respondents: int = _MIN_RESPONDENTS
    max_factor: float = _MAX_FACTOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Who should, and who did answer.

    Parameters
    ----------
    eligible, responding : bool array of shape (n,)
        Rows that should, and that did answer.
    """

    eligible: Mask
    responding: Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One weighting cell.

    Parameters
    ----------
    path : tuple of str
        Values of the columns, the most important first; shorter where whole branches were joined.
    members : tuple of int
        Original cells in it.
    eligible, responding : float
        Sums of weights.
    respondents : int
        Rows that responded.
    """

    path: tuple[str, ...]
    members: tuple[int, ...]
    eligible: float
    responding: float
    respondents: int

    @property
    def factor(self) -> float:
        """Adjustment factor, infinite where nobody responded."""
        return self.eligible / self.responding if self.responding > 0 else math.inf

    @property
    def rate(self) -> float:
        """Weighted response rate."""
        return self.responding / self.eligible if self.eligible > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The cells of a sample.

    Parameters
    ----------
    codes : integer array of shape (n,)
        Cell of each row.
    table : pandas.DataFrame
        One row a cell: ``cell, joined, eligible_n, respondents, response_rate, factor``; ``joined`` lists the original
        cells where there was more than one.
    """

    codes: Integers
    table: pd.DataFrame


def original_cells(survey: Survey, by: Sequence[str]) -> tuple[Integers, tuple[tuple[str, ...], ...]]:
    """Return the cell of each row, shape (n,), and the values of every cell; a missing answer is a value."""
    keys = np.zeros(survey.rows, dtype=np.intp)
    levels: list[list[str]] = []
    for name in by:
        codes, values = survey.codes(name)
        texts = [canonical_text(value) for value in values.tolist()]
        keys = keys * (len(texts) + 1) + (codes + 1)
        levels.append(["(missing)", *texts])
    seen, codes = np.unique(keys, return_inverse=True)
    return codes.astype(np.intp), tuple(_path(int(key), levels) for key in seen)


def _path(key: int, levels: Sequence[Sequence[str]]) -> tuple[str, ...]:
    parts = []
    for level in reversed(levels):
        key, position = divmod(key, len(level))
        parts.append(level[position])
    return tuple(reversed(parts)) or ("all",)


def join_cells(
    codes: Integers,
    paths: Sequence[tuple[str, ...]],
    weights: Floats,
    response: Response,
    rule: JoinRule,
) -> Cells:
    """Join cells until each has enough respondents and no large factor.

    Parameters
    ----------
    codes : integer array of shape (n,)
        Original cell of each row.
    paths : sequence of tuple of str
        Values of every original cell.
    weights : float array of shape (n,)
        Weights before.
    response : Response
        Who should, and who did answer.
    rule : JoinRule
        When a cell is too small.

    Returns
    -------
    Cells

    Raises
    ------
    WeightingError
        If nobody responded at all.

    Notes
    -----
    The cell with the fewest respondents is joined to the one with the most similar response rate among those that
    share all values but the last; where none is left the last column is given up for that branch.

    References
    ----------
    Kalton G, Flores-Cervantes I (2003), Weighting methods, Journal of Official Statistics 19, 81-97; Little RJA (1986),
    Survey nonresponse adjustments for estimates of means, International Statistical Review 54, 139-157.
    """
    if not response.responding.any():
        raise WeightingError.of("weighting-nobody-responded", Place())
    cells = _counted(codes, paths, weights, response)
    while len(cells) > 1 and (weak := [cell for cell in cells if _is_weak(cell, rule)]):
        worst = min(weak, key=lambda cell: (cell.respondents, cell.path))
        cells = _joined(cells, worst)
    return _described(cells, codes, paths, response.eligible)


def _counted(codes: Integers, paths: Sequence[tuple[str, ...]], weights: Floats, response: Response) -> list[Cell]:
    size = len(paths)
    whole, answered = _sums(codes, weights, response, size)
    rows = np.bincount(codes[response.responding], minlength=size)
    return [
        Cell(
            path=paths[position],
            members=(position,),
            eligible=float(whole[position]),
            responding=float(answered[position]),
            respondents=int(rows[position]),
        )
        for position in range(size)
        if whole[position] > 0
    ]


def _is_weak(cell: Cell, rule: JoinRule) -> bool:
    return cell.respondents < rule.min_respondents or cell.factor > rule.max_factor


def _joined(cells: list[Cell], worst: Cell) -> list[Cell]:
    """Join the worst cell to its nearest sibling, or let it stand for its whole branch until it has one."""
    depth = len(worst.path)
    while depth > 0:
        stem = worst.path[: depth - 1]
        siblings = [cell for cell in cells if cell is not worst and cell.path[: depth - 1] == stem]
        if siblings:
            nearest = min(siblings, key=lambda cell: (abs(cell.rate - worst.rate), cell.path))
            kept = [cell for cell in cells if cell is not worst and cell is not nearest]
            return [*kept, _merged(worst, nearest, stem)]
        depth -= 1
    return cells


def _merged(one: Cell, other: Cell, stem: tuple[str, ...]) -> Cell:
    first, second = sorted((one, other), key=lambda cell: cell.path)
    return Cell(
        path=(*stem, f"{' / '.join(first.path[len(stem) :])} + {' / '.join(second.path[len(stem) :])}"),
        members=tuple(sorted((*one.members, *other.members))),
        eligible=one.eligible + other.eligible,
        responding=one.responding + other.responding,
        respondents=one.respondents + other.respondents,
    )


def _described(cells: list[Cell], codes: Integers, paths: Sequence[tuple[str, ...]], eligible: Mask) -> Cells:
    rank = np.zeros(len(paths), dtype=np.intp)
    rows = np.bincount(codes[eligible], minlength=len(paths))
    ordered = sorted(cells, key=lambda cell: cell.members)
    for position, cell in enumerate(ordered):
        rank[list(cell.members)] = position
    table = pd.DataFrame(
        {
            "cell": [" / ".join(cell.path) for cell in ordered],
            "joined": [_names(cell, paths) for cell in ordered],
            "eligible_n": [int(rows[list(cell.members)].sum()) for cell in ordered],
            "respondents": [cell.respondents for cell in ordered],
            "response_rate": [cell.rate for cell in ordered],
            "factor": [cell.factor for cell in ordered],
        }
    )
    return Cells(codes=rank[codes], table=table)


def _names(cell: Cell, paths: Sequence[tuple[str, ...]]) -> str:
    return "; ".join(" / ".join(paths[member]) for member in cell.members) if len(cell.members) > 1 else ""


def cell_factors(weights: Floats, codes: Integers, response: Response) -> Floats:
    """Return the factor of each row, shape (n,): eligible over responding weight of its cell, 0 for non-respondents.

    Raises
    ------
    WeightingError
        If a cell has eligible weight but nobody who responded.
    """
    size = int(codes.max(initial=0)) + 1
    whole, answered = _sums(codes, weights, response, size)
    empty = (whole > 0) & (answered <= 0)
    if empty.any():
        raise WeightingError.of("weighting-cell-empty", cells=int(empty.sum()))
    ratio = np.divide(whole, answered, out=np.zeros(size), where=answered > 0)
    return np.asarray(np.where(response.responding, ratio[codes], 0.0))


def _sums(codes: Integers, weights: Floats, response: Response, size: int) -> tuple[Floats, Floats]:
    whole = np.bincount(codes, weights=weights * response.eligible, minlength=size)
    answered = np.bincount(codes, weights=weights * response.responding, minlength=size)
    return whole.astype(np.float64), answered.astype(np.float64)
