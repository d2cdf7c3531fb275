"""A frame joined to the design that drew it; subpopulations keep the design whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from surveykit.design.calibration import Calibration
from surveykit.design.checks import check_survey
from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.frames import (
    Columns,
    Engine,
    Floats,
    Integers,
    columns_of,
    engine_of,
    names_of,
    opened,
    rows_of,
    unknown,
)
from surveykit.design.layout import Layout, lay_out
from surveykit.design.replicate_weights import ReplicateFactors, matching
from surveykit.design.twophase import Phases, TwoPhaseDesign, phases_of
from surveykit.errors import DesignError
from surveykit.findings import Findings, Place

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """Answers and how they were sampled: what every estimate takes.

    Parameters
    ----------
    frame : pandas or polars frame, polars LazyFrame, DuckDB relation, Spark frame, or path of Parquet files
        One row a respondent; every row of the sample, whatever subpopulation is of interest.
    design : SurveyDesign, ReplicateDesign or TwoPhaseDesign
        How the rows were sampled.
    calibrations : tuple of Calibration
        What calibration fixed, in order; the weighting verbs fill it.
    replicates : ReplicateFactors or None
        Replicate weights that were made here rather than read from columns.
    conditions : tuple of str
        The subpopulation, as given to ``where``.
    mask : bool array of shape (n,) or None
        Rows of the subpopulation, for a frame in memory.

    Raises
    ------
    DesignError
        Listing every problem: columns that the frame lacks (with near names), missing or negative weights, missing
        strata or clusters, clusters that cross strata, a replicate pattern that matches nothing.

    Notes
    -----
    Things worth knowing that are no error (weights all equal to 1, rows that seem to have been removed before) stand
    in ``findings``. R: ``svydesign``, ``svrepdesign``, ``subset``.
    """

    frame: object
    design: SurveyDesign | ReplicateDesign | TwoPhaseDesign
    calibrations: tuple[Calibration, ...] = field(default=(), kw_only=True)
    replicates: ReplicateFactors | None = field(default=None, kw_only=True)
    conditions: tuple[str, ...] = field(default=(), kw_only=True)
    mask: Mask | None = field(default=None, kw_only=True, repr=False)
    findings: Findings = field(default=Findings(), kw_only=True, repr=False)
    memo: dict[str, object] = field(default_factory=dict, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        if "checked" in self.memo:
            return
        object.__setattr__(self, "frame", opened(self.frame))
        columns = None if self.engine == "lazy" else columns_of(self.frame)
        findings = check_survey(
            self.frame, names_of(self.frame), columns, self.design, made=self.replicates is not None
        )
        if not findings.ok:
            raise DesignError(findings)
        object.__setattr__(self, "findings", findings)
        self.memo["checked"] = True
        if isinstance(self.design, TwoPhaseDesign) and self.mask is None:
            object.__setattr__(self, "mask", self.phases.selected)

    def __repr__(self) -> str:
        rows = "rows in the engine" if self.engine == "lazy" else f"{self.rows:,} rows"
        within = f", where {' and '.join(self.conditions)}" if self.conditions else ""
        return f"<Survey of {rows}, {self.design!r}{within}>"

    @property
    def engine(self) -> Engine:
        """Where the rows live: ``pandas``, ``polars``, or ``lazy`` for an engine that is sent a query."""
        return engine_of(self.frame)

    @property
    def columns(self) -> Columns:
        """The columns of a frame in memory.

        Raises
        ------
        DesignError
            If the rows live in an engine; ``collect`` brings them here.
        """
        if self.engine == "lazy":
            raise self.in_engine(())
        return columns_of(self.frame)

    @property
    def rows(self) -> int:
        """Number of rows of a frame in memory."""
        return self.columns.rows()

    @property
    def weights(self) -> Floats:
        """Full-sample weights of shape (n,), in the row order of the frame."""
        if "weights" not in self.memo:
            name = self.design.weights
            computed = self.phases if isinstance(self.design, TwoPhaseDesign) else self.layout
            given = computed.weights if name is None else self.columns.numbers(name)
            given.flags.writeable = False
            self.memo["weights"] = given
        return cast("Floats", self.memo["weights"])

    @property
    def phases(self) -> Phases:
        """Units, strata and probabilities of both phases of a two-phase sample."""
        if "phases" not in self.memo:
            self.memo["phases"] = phases_of(self.columns, cast("TwoPhaseDesign", self.design))
        return cast("Phases", self.memo["phases"])

    @property
    def layout(self) -> Layout:
        """Sampling units and strata of every stage, for a frame in memory."""
        if "layout" not in self.memo:
            self.memo["layout"] = self._laid_out()
        return cast("Layout", self.memo["layout"])

    @property
    def domain(self) -> Mask:
        """Rows of the subpopulation, shape (n,)."""
        return np.ones(self.rows, dtype=bool) if self.mask is None else self.mask

    def replicate_weights(self) -> Floats:
        """Return the replicate weights of shape (n, R), full sampling weights included.

        Raises
        ------
        DesignError
            If the design has no replicate weights, or they are missing in some row.
        """
        if not isinstance(self.design, ReplicateDesign):
            raise DesignError.of("design-no-replicates")
        if self.replicates is not None:
            return self.replicates.weights(self.weights)
        columns = [self.columns.numbers(name) for name in replicate_columns(self)]
        matrix = np.stack(columns, axis=1)
        if np.isnan(matrix).any():
            row, column = np.argwhere(np.isnan(matrix))[0]
            name = replicate_columns(self)[int(column)]
            raise DesignError.of("design-replicate-missing", Place(field=name), name=name, row=int(row) + 1)
        return matrix if self.design.combined else matrix * self.weights[:, None]

    def numbers(self, name: str) -> Floats:
        """Return a numeric column of shape (n,), NaN where the answer is missing.

        Raises
        ------
        DesignError
            If the frame has no such column (near names are given) or it holds no numbers.
        """
        return self._holding(name).numbers(name)

    def codes(self, name: str) -> tuple[Integers, NDArray[np.generic]]:
        """Return dense codes of shape (n,), -1 where missing, and the sorted values they stand for.

        Raises
        ------
        DesignError
            If the frame has no such column.
        """
        return self._holding(name).codes(name)

    def _holding(self, name: str) -> Columns:
        """Return the columns in memory, of which the named one must be one."""
        if self.engine == "lazy":
            raise self.in_engine([name])
        columns = columns_of(self.frame)
        if not columns.has(name):
            self.require([name])
        return columns

    def in_engine(self, names: Sequence[str]) -> DesignError:
        """Return the error of a verb that would pull columns, and those of the design, out of an engine."""
        wanted = ", ".join(dict.fromkeys([*names, *self.design_columns()]))
        return DesignError.of("design-rows-in-engine", names=wanted, rows=f"{rows_of(self.frame):,}")

    def require(self, names: Sequence[str]) -> None:
        """Raise ``DesignError`` naming every column that the frame lacks, with the names most like it."""
        missing = unknown(names, names_of(self.frame))
        if missing:
            raise DesignError(missing)

    def where(self, condition: str) -> Survey:
        """Return the subpopulation in which a condition is true; the design stays whole.

        Parameters
        ----------
        condition : str
            An expression such as ``"age >= 19 and sex == 2"``. Where it is unknown (an answer is missing) the row is
            outside.

        Returns
        -------
        Survey
            With the same rows and design: clusters without members still count in variances.

        Raises
        ------
        ExpressionError
            If the expression is wrong, with the place in the text.
        """
        from surveykit.expressions.columns import where  # noqa: PLC0415  # the parser loads only when asked for

        found = where(self.frame, condition)
        mask = None if self.engine == "lazy" else self.domain & np.asarray(found, dtype=bool)
        return replace(self, conditions=(*self.conditions, condition), mask=mask)

    def within(self, mask: Mask, condition: str) -> Survey:
        """Return the subpopulation of the rows where a mask of shape (n,) is true, described by a text."""
        return replace(self, conditions=(*self.conditions, condition), mask=self.domain & mask)

    def with_columns(self, values: Mapping[str, object]) -> Survey:
        """Return the survey with columns added or replaced, each of shape (n,).

        Raises
        ------
        DesignError
            If a column of the design would be replaced so that the design no longer fits.
        """
        frame = self.columns.with_values(values)
        untouched = not set(values) & set(self.design_columns())
        return replace(self, frame=frame, memo=dict(self.memo) if untouched else {})

    def with_weights(
        self, weights: Floats, *, calibration: Calibration | None = None, name: str | None = None
    ) -> Survey:
        """Return the survey with new weights, and what calibration fixed added to what is already fixed.

        Parameters
        ----------
        weights : float array of shape (n,)
            Not negative, not missing.
        calibration : Calibration, optional
            The step that gave the weights.
        name : str, optional
            Column to hold them; without it, the weight column of the design is replaced (the given frame itself is
            not changed).
        """
        if isinstance(self.design, TwoPhaseDesign):
            raise DesignError.of("design-two-phase-weights")
        column = name or self.design.weights or "weight"
        added = (calibration,) if calibration is not None else ()
        return replace(
            self,
            frame=self.columns.with_values({column: np.asarray(weights, dtype=np.float64)}),
            design=replace(self.design, weights=column),
            calibrations=(*self.calibrations, *added),
            memo={},
        )

    def _laid_out(self) -> Layout:
        design = self.design
        if isinstance(design, TwoPhaseDesign):
            elements = not design.second.cluster_stages[0]
            return Layout(stages=(self.phases.second,), weights=self.phases.weights, elements=elements)
        plain = design if isinstance(design, SurveyDesign) else SurveyDesign(weights=design.weights)
        return lay_out(self.columns, plain)

    def design_columns(self) -> tuple[str, ...]:
        """Return the names of the columns that the design uses, replicate weights included."""
        design = self.design
        if isinstance(design, ReplicateDesign):
            return (design.weights, *replicate_columns(self))
        return design.columns


def replicate_columns(survey: Survey) -> tuple[str, ...]:
    """Return the names of the replicate weight columns of a survey, in the order of the frame."""
    design = survey.design
    if not isinstance(design, ReplicateDesign) or survey.replicates is not None:
        return ()
    return matching(design.replicates, names_of(survey.frame))
