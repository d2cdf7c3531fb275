"""What an estimate asks of the rows, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surveykit.design.frames import Columns
from surveykit.design.layout import Stage
from surveykit.estimation.domains import Domains
from surveykit.estimation.variance import Cells

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Levels = NDArray[np.generic]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Weighted sums of products of numeric columns, over rows where none of them is missing.

    Parameters
    ----------
    variables : tuple of str
        Columns.
    products : tuple of tuples of int
        Each product as positions in ``variables``: ``()`` is the weight alone, ``(0, 0)`` the first column squared.
    centred : bool
        The columns may be moved by a constant first, which is reported as the origin and keeps digits.
    logarithm : bool
        Take the natural logarithm of the columns first.
    """

    variables: tuple[str, ...]
    products: tuple[tuple[int, ...], ...]
    centred: bool = True
    logarithm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """Weighted counts of the levels of a column, over rows where it is not missing.

    Parameters
    ----------
    variable : str
        Column of any type.
    """

    variable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockSums:
    """Answer to one request, by cell.

    Parameters
    ----------
    sums : float array of shape (m, p)
        One column a product, or a level.
    rows : float array of shape (m,)
        Rows with a positive weight and no missing value.
    seen : float array of shape (m,)
        The same, rows of weight zero included.
    origin : float array of shape (v,)
        What was taken off each variable.
    levels : array of shape (p,)
        Values of a categorical column; empty otherwise.
    """

    sums: Floats
    rows: Floats
    seen: Floats
    origin: Floats
    levels: Levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Sums by crossing and sampling unit, as an engine returns them.

    Parameters
    ----------
    crossing, unit : integer arrays of shape (m,)
        Crossing 0..B-1 of the domain columns, and sampling unit of the last stage.
    codes : integer array of shape (B, b)
        Level of each domain column in each crossing, -1 for missing.
    levels : tuple of arrays
        Values that the codes stand for.
    rows, seen : float arrays of shape (m,)
        Rows of the subpopulation with positive weight; with any weight.
    blocks : tuple of BlockSums
        One a request.
    stages : tuple of Stage
        Stages of the sample; ``units`` there need not be by row.
    roster : Columns
        The rows that ``examples`` of a stage point to.
    by_element : bool
        Every row is a sampling unit of its own.
    total_rows : int
        Rows of the frame, whatever the subpopulation.
    """

    crossing: Integers
    unit: Integers
    codes: Integers
    levels: tuple[Levels, ...]
    rows: Floats
    seen: Floats
    blocks: tuple[BlockSums, ...]
    stages: tuple[Stage, ...]
    roster: Columns
    by_element: bool
    total_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterTotals:
    """Sums by domain and sampling unit: all that totals, means, ratios and proportions need.

    Parameters
    ----------
    domains : Domains
        The domains.
    cells : Cells
        Domain and unit of each row of the sums.
    rows, seen : float arrays of shape (m,)
        Rows of each cell with positive weight; with any weight.
    blocks : tuple of BlockSums
        One a request, over the same cells.
    stages : tuple of Stage
        Stages of the sample.
    roster : Columns
        The rows that ``examples`` of a stage point to.
    total_rows : int
        Rows of the frame.
    subpopulation_rows : int
        Rows of the subpopulation.
    without_domain : int
        Rows of the subpopulation whose domain is missing.
    weightless : int
        Rows of the subpopulation with weight zero.
    by_element : bool
        Every row is a sampling unit of its own.
    missing : tuple of int
        For each request, rows of the domains where a value is missing.
    """

    domains: Domains
    cells: Cells
    rows: Floats
    seen: Floats
    blocks: tuple[BlockSums, ...]
    stages: tuple[Stage, ...]
    roster: Columns
    total_rows: int
    subpopulation_rows: int
    without_domain: int
    weightless: int
    by_element: bool
    missing: tuple[int, ...]
