"""How a sample was drawn, told by column names: a design with strata and clusters, or one with replicate weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from surveykit.errors import DesignError
from surveykit.findings import Place

LonelyPolicy = Literal["fail", "remove", "certainty", "adjust", "average"]
PpsMethod = Literal["brewer", "overton", "hartley-rao", "joint"]
ReplicateMethod = Literal[
    "brr", "fay", "jk1", "jk2", "jkn", "bootstrap", "sdr", "acs", "successive-difference", "other"
]
Columns = str | Sequence[str]
Stages = str | Sequence[Columns | None] | None

LONELY_POLICIES: Final[tuple[LonelyPolicy, ...]] = ("fail", "remove", "certainty", "adjust", "average")
PPS_METHODS: Final[tuple[PpsMethod, ...]] = ("brewer", "overton", "hartley-rao", "joint")
PPS_VARIANCES: Final = ("horvitz-thompson", "yates-grundy")
REPLICATE_METHODS: Final[tuple[ReplicateMethod, ...]] = (
    "brr",
    "fay",
    "jk1",
    "jk2",
    "jkn",
    "bootstrap",
    "sdr",
    "acs",
    "successive-difference",
    "other",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyDesign:
    """A stratified, clustered sample, by the names of its columns.

    Parameters
    ----------
    strata, clusters, fpc : str, or list with one entry a stage, or None
        A name is the first stage. In a list each entry is a name, a list of names that count together (``[["year",
        "stratum"]]``), or ``None`` for a stage without it. Without ``clusters`` every row is its own sampling unit.
        ``fpc`` holds population sizes (units in the stratum) or sampling fractions, one convention for all stages;
        stages after the first add to the variance only when it is given.
    weights : str or None
        Sampling weights. Without them they follow from ``fpc``, else all rows count alike.
    lonely_psu : {"fail", "remove", "certainty", "adjust", "average"}
        What to do with a stratum that has a single sampling unit: stop and name it; let it add nothing
        (``remove``, ``certainty``); its squared distance from the mean of all units' totals (``adjust``); the mean of
        the other strata's variances (``average``).
    lonely_in_domain : bool
        Treat a unit that is alone in its stratum only because of the subpopulation in the same way
        (``adjust`` and ``average`` only).
    nest : bool
        Cluster ids start again in every stratum. With ``False`` an id seen in two strata is an error.
    pps : {"brewer", "overton", "hartley-rao", "joint"} or None
        Unequal probabilities without replacement; ``fpc`` then holds the inclusion probabilities of the units.
        Brewer's approximation goes through all stages; the others need joint probabilities of a single stage, which
        they approximate, or take as given.
    joint : float array of shape (U, U), optional
        Joint inclusion probabilities of the units, in the order in which they first appear in the frame, with the
        inclusion probabilities on the diagonal.
    pps_variance : {"horvitz-thompson", "yates-grundy"}
        Estimator used with joint probabilities.

    Raises
    ------
    DesignError
        If an option is not one of those listed or the stages do not fit together.

    Notes
    -----
    R: ``survey::svydesign(ids, strata, weights, fpc, nest)`` with ``options(survey.lonely.psu,
    survey.adjust.domain.lonely)``.
    """

    strata: Stages = None
    clusters: Stages = None
    weights: str | None = None
    fpc: Stages = None
    lonely_psu: LonelyPolicy = "fail"
    lonely_in_domain: bool = False
    nest: bool = True
    pps: PpsMethod | None = None
    joint: NDArray[np.float64] | None = field(default=None, compare=False, repr=False)
    pps_variance: Literal["horvitz-thompson", "yates-grundy"] = "horvitz-thompson"

    def __post_init__(self) -> None:
        _one_of("lonely_psu", self.lonely_psu, LONELY_POLICIES)
        if self.pps is not None:
            _one_of("pps", self.pps, PPS_METHODS)
            _one_of("pps_variance", self.pps_variance, PPS_VARIANCES)
            if self.fpc is None:
                raise DesignError.of("design-pps-without-probabilities", method=self.pps)
            if (self.pps == "joint") != (self.joint is not None):
                raise DesignError.of("design-joint-missing", method=self.pps)
            if self.pps != "brewer" and len(self.cluster_stages) > 1:
                raise DesignError.of("design-joint-stages", method=self.pps, stages=len(self.cluster_stages))
        stages = len(self.cluster_stages)
        if len(self.strata_stages) > stages:
            raise DesignError.of("design-stages-differ", what="strata", given=len(self.strata_stages), stages=stages)
        if self.fpc is not None and len(self.fpc_stages) != stages:
            raise DesignError.of("design-stages-differ", what="fpc", given=len(self.fpc_stages), stages=stages)

    @property
    def cluster_stages(self) -> tuple[tuple[str, ...], ...]:
        """Column names of the units of each stage; one empty stage means that rows are the units."""
        return _stages(self.clusters) or ((),)

    @property
    def strata_stages(self) -> tuple[tuple[str, ...], ...]:
        """Column names of the strata of each stage."""
        return _stages(self.strata)

    @property
    def fpc_stages(self) -> tuple[tuple[str, ...], ...]:
        """Column name of the population size of each stage; an empty stage is drawn with replacement."""
        return _stages(self.fpc)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the design needs, without repetition."""
        stages = (*self.strata_stages, *self.cluster_stages, *self.fpc_stages)
        names = [name for stage in stages for name in stage]
        return tuple(dict.fromkeys([*names, *([self.weights] if self.weights else [])]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicateDesign:
    """A sample whose file brings replicate weights.

    Parameters
    ----------
    weights : str
        Full-sample weight.
    replicates : str or list of str
        A regular expression that the names of the replicate weights match whole, or the names themselves.
    method : str
        ``brr``, ``fay``, ``jk1``, ``jk2``, ``jkn``, ``bootstrap``, ``sdr``, ``acs``, ``successive-difference`` (an
        older name of ``sdr``) or ``other``. It gives the default of ``scale`` and ``rscales``.
    rho : float
        Fay's factor, 0 <= rho < 1.
    scale : float, optional
        Factor on the sum of squares.
    rscales : list of float, optional
        Factor of each replicate; required for ``jkn``.
    mse : bool, optional
        Squares about the full-sample estimate instead of the mean of the replicates. ``None`` means False, and
        True for ``acs``.
    combined : bool
        The replicate columns already hold the sampling weight (they nearly always do).
    df : float, optional
        Degrees of freedom. Without it: rank of the replicate weights less one.

    Raises
    ------
    DesignError
        If the method is unknown or lacks what it needs.

    Notes
    -----
    V = scale * sum_r rscales_r (theta_r - centre)^2, with scale 1/R for BRR, 1/(R (1-rho)^2) for Fay, (R-1)/R for
    JK1, 1 for JK2 and JKn, 1/(R-1) for the bootstrap, 4/R for SDR and ACS.
    R: ``survey::svrepdesign``.
    """

    weights: str
    replicates: str | Sequence[str]
    method: ReplicateMethod = "other"
    rho: float | None = None
    scale: float | None = None
    rscales: Sequence[float] | None = None
    mse: bool | None = None
    combined: bool = True
    df: float | None = None

    def __post_init__(self) -> None:
        _one_of("method", self.method, REPLICATE_METHODS)
        if self.method == "fay" and self.rho is None:
            raise DesignError.of("design-fay-without-rho")
        if self.rho is not None and not 0 <= self.rho < 1:
            raise DesignError.of("design-rho-range", rho=self.rho)
        if self.method == "other" and self.scale is None:
            raise DesignError.of("design-replicate-scale", method=self.method)
        if self.method == "jkn" and self.rscales is None:
            raise DesignError.of("design-replicate-rscales", method=self.method)


def _stages(value: Stages) -> tuple[tuple[str, ...], ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return ((value,),)
    return tuple(_names(stage) for stage in value)


def _names(stage: Columns | None) -> tuple[str, ...]:
    if stage is None:
        return ()
    return (stage,) if isinstance(stage, str) else tuple(stage)


def _one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise DesignError.of("design-option", Place(field=name), name=name, value=value, allowed=", ".join(allowed))
