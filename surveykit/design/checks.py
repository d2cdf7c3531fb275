"""Whether a design fits its frame: every problem at once, and what is worth a second look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.frames import Columns, near, unknown
from surveykit.design.replicate_weights import matching
from surveykit.design.twophase import TwoPhaseDesign
from surveykit.errors import DesignError
from surveykit.findings import Finding, Findings, Place, finding

Design = SurveyDesign | ReplicateDesign | TwoPhaseDesign


def check_survey(
    frame: object,
    names: Sequence[str],
    columns: Columns | None,
    design: Design,
    *,
    made: bool = False,
) -> Findings:
    """Return what is wrong with a frame and its design, and what is worth knowing.

    Parameters
    ----------
    frame : object
        The frame as given.
    names : sequence of str
        Its column names.
    columns : Columns or None
        Its columns, if it is in memory; otherwise only names are looked at here.
    design : SurveyDesign or ReplicateDesign
        The design.
    made : bool
        Replicate weights were made, and are not looked for among the columns.

    Returns
    -------
    Findings
    """
    problems = [*_double_names(names), *_names(names, design, made=made)]
    if columns is None or any(one.severity == "error" for one in problems):
        return Findings.of(problems)
    if columns.rows() == 0:
        return Findings.of([finding("design-frame-empty")])
    if not isinstance(design, TwoPhaseDesign):
        problems.extend(_weights(columns, design))
    if isinstance(design, SurveyDesign):
        problems.extend(_missing(columns, design))
        if not design.nest:
            problems.extend(_crossing(columns, design))
    problems.extend(_filtered(frame))
    return Findings.of(problems)


def _double_names(names: Sequence[str]) -> Iterator[Finding]:
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    for name in twice:
        yield finding("design-double-column", Place(field=name), name=name)


def _names(names: Sequence[str], design: Design, *, made: bool) -> Iterator[Finding]:
    if not isinstance(design, ReplicateDesign):
        yield from unknown(design.columns, names)
        return
    yield from unknown([design.weights], names)
    if made:
        return
    found = matching(design.replicates, names)
    yield from unknown(found, names)
    if len(found) < 2:  # a variance needs two replicates, whatever the method
        pattern = design.replicates if isinstance(design.replicates, str) else ", ".join(design.replicates)
        stem = pattern.rstrip("]+*?0123456789-[\\d().{},").replace("\\", "")
        yield finding(
            "design-replicate-none",
            Place(field=pattern),
            pattern=pattern,
            found=len(found),
            near=near(stem, names),
        )
    elif design.rscales is not None and len(design.rscales) != len(found):
        yield finding("design-rscales-length", given=len(design.rscales), replicates=len(found))


def _weights(columns: Columns, design: SurveyDesign | ReplicateDesign) -> Iterator[Finding]:
    name = design.weights
    if name is None:
        if isinstance(design, SurveyDesign) and design.fpc is None:
            yield finding("design-no-weights")
        return
    try:
        weights = columns.numbers(name)
    except DesignError as error:
        yield from error.findings
        return
    where = Place(field=name)
    missing, negative = int(np.isnan(weights).sum()), int((weights < 0).sum())
    if missing:
        yield finding("design-weight-missing", where, name=name, count=missing, row=int(np.isnan(weights).argmax()) + 1)
    if negative:
        yield finding("design-weight-negative", where, name=name, count=negative, row=int((weights < 0).argmax()) + 1)
    if np.isinf(weights).any():
        yield finding("design-weight-infinite", where, name=name, row=int(np.isinf(weights).argmax()) + 1)
    if not missing and not weights.any():
        yield finding("design-weight-zero", where, name=name)
    elif (weights == 1).all():
        yield finding("design-weight-one", where, name=name)


def _missing(columns: Columns, design: SurveyDesign) -> Iterator[Finding]:
    for name in dict.fromkeys(name for stage in (*design.strata_stages, *design.cluster_stages) for name in stage):
        codes, _ = columns.codes(name)
        gaps = codes < 0
        if gaps.any():
            yield finding(
                "design-column-missing",
                Place(field=name),
                name=name,
                count=int(gaps.sum()),
                row=int(gaps.argmax()) + 1,
            )


def _crossing(columns: Columns, design: SurveyDesign) -> Iterator[Finding]:
    strata = design.strata_stages[0] if design.strata_stages else ()
    clusters = design.cluster_stages[0]
    if not strata or not clusters:
        return
    parts = (("s", strata), ("c", clusters))
    table = pd.DataFrame({f"{part}{name}": columns.codes(name)[0] for part, names in parts for name in names})
    pairs = table.drop_duplicates()
    keys = [f"c{name}" for name in clusters]
    crossing = int(pairs.duplicated(keys).sum())
    if crossing:
        first = pairs.loc[pairs.duplicated(keys), keys].iloc[0]
        label = ", ".join(str(columns.codes(name)[1][int(first[f"c{name}"])]) for name in clusters)
        yield finding("design-cluster-crosses-strata", Place(field=clusters[0]), count=crossing, cluster=label)


def _filtered(frame: object) -> Iterator[Finding]:
    """Find the whole-number index with gaps that ``frame[frame.age >= 19]`` leaves behind."""
    if not isinstance(frame, pd.DataFrame) or isinstance(frame.index, pd.RangeIndex):
        return
    index = frame.index
    if index.dtype.kind != "i" or index.name is not None or not index.is_monotonic_increasing or not index.is_unique:
        return
    gone = int(index[-1]) + 1 - len(index)
    if int(index[0]) >= 0 and gone > 0:
        yield finding("design-frame-filtered", rows=len(index), gone=gone)
