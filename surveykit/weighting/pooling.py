"""Several years of a rolling survey together, and the choice among weights of its components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from surveykit.design.design import SurveyDesign
from surveykit.design.frames import Columns, near
from surveykit.design.survey import Survey
from surveykit.errors import WeightingError
from surveykit.findings import Place, finding
from surveykit.sampling.frame import canonical_text
from surveykit.weighting.base import frame_columns

Floats = NDArray[np.float64]

# Weights of KNHANES and what they stand for: analysis guide of the Korea Disease Control and Prevention Agency
KNHANES_WEIGHTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "wt_hs": ("household",),
        "wt_itvex": ("interview", "examination"),
        "wt_ntr": ("nutrition",),
        "wt_tot": ("interview", "examination", "nutrition"),
    }
)


def component_weight(needed: Sequence[str], weights: Mapping[str, Sequence[str]] = KNHANES_WEIGHTS) -> str:
    """Choose the weight for an analysis that uses several components of a survey.

    Parameters
    ----------
    needed : sequence of str
        Components whose answers are used, for instance ``["interview", "nutrition"]``.
    weights : mapping of str to sequence of str
        For every weight the components that it stands for; those of KNHANES where none are given.

    Returns
    -------
    str
        The weight that covers all of them and the fewest others.

    Raises
    ------
    WeightingError
        If no weight covers them all.
    """
    wanted = set(needed)
    covering = [name for name, parts in weights.items() if wanted <= set(parts)]
    if not covering or not wanted:
        known = "; ".join(f"{name}: {', '.join(parts)}" for name, parts in weights.items())
        raise WeightingError.of("weighting-component", needed=", ".join(needed), known=known)
    return min(covering, key=lambda name: len(weights[name]))


def pool_years(
    data: object,
    *,
    weights: str,
    year: str = "year",
    clusters: str = "psu",
    strata: str | None = "kstrata",
    counts: Mapping[object, int] | None = None,
    name: str | None = None,
) -> Survey:
    """Join the samples of several years into one survey.

    Parameters
    ----------
    data : pandas or polars frame
        Rows of all years.
    weights : str
        Column of the yearly weight.
    year, clusters, strata : str
        Columns of the year, the primary sampling unit and the stratum, whose numbers may repeat between years.
    counts : mapping of year to int
        Sampling units of every year; counted in the data where not given.
    name : str
        Column of the pooled weight; ``<weights>_pooled`` where not given.

    Returns
    -------
    Survey
        Strata and sampling units are paired with the year.

    Raises
    ------
    WeightingError
        If a column is missing, or a year has no count.

    Notes
    -----
    ``weight x units of the year / units of all years``; with equal numbers of units that is the weight divided by the
    number of years, as the KNHANES analysis guide has it.
    """
    columns = frame_columns(data)
    needed = [weights, year, clusters, *([strata] if strata else [])]
    known = columns.names()
    missing = [one for one in needed if one not in known]
    if missing:
        raise WeightingError(
            finding("weighting-unknown-column", Place(field=one), name=one, near=near(one, known)) for one in missing
        )
    codes, years = columns.codes(year)
    labels = [canonical_text(value) for value in years.tolist()]
    nested = [*([strata] if strata else []), clusters]
    units = _counted(columns, codes, nested) if counts is None else _given(counts, labels)
    share = units / units.sum()
    pooled = columns.numbers(weights) * share[codes]
    column = name or f"{weights}_pooled"
    design = SurveyDesign(strata=[[year, strata]] if strata else [[year]], clusters=[[year, clusters]], weights=column)
    return Survey(columns.with_values({column: pooled}), design)


def _counted(columns: Columns, years: NDArray[np.intp], names: Sequence[str]) -> Floats:
    code = years.astype(np.int64)
    for name in names:
        part = columns.codes(name)[0] + 1
        code = code * (int(part.max(initial=0)) + 1) + part
    _, first = np.unique(code, return_index=True)
    return np.bincount(years[first]).astype(np.float64)


def _given(counts: Mapping[object, int], labels: Sequence[str]) -> Floats:
    known = {canonical_text(key): float(value) for key, value in counts.items()}
    missing = [label for label in labels if not known.get(label, 0) > 0]
    if missing:
        raise WeightingError.of("weighting-year-count", years=", ".join(missing))
    return np.array([known[label] for label in labels], dtype=np.float64)
