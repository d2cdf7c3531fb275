"""A weighting plan as data: read, checked, its totals made ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final, cast

import pandas as pd

from surveykit.design.design import SurveyDesign
from surveykit.documents import load_json, schema_findings
from surveykit.errors import DefinitionError, WeightingError
from surveykit.findings import Findings, Place, finding
from surveykit.sampling.frame import read_frame
from surveykit.weighting.margins import Totals
from surveykit.weighting.populations import population_margins

Step = Mapping[str, Any]

_FITTING: Final = frozenset({"poststratify", "rake", "calibrate"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightingPlan:
    """The steps from selection probabilities to weights.

    Parameters
    ----------
    title : str
        What the weights are for.
    design : SurveyDesign
        Strata and clusters of the sample, with the weights' column.
    weights : str
        Column of the final weight.
    steps : tuple of mapping
        Steps, in order, as in the document.
    components : mapping of str to tuple of mapping
        Further steps of the weight of every component.
    balance : tuple of str
        Columns known for everybody sampled.
    identifier : str or None
        Column that names rows.
    folder : pathlib.Path
        Where files of totals are.
    """

    title: str
    design: SurveyDesign
    weights: str
    steps: tuple[Step, ...]
    components: Mapping[str, tuple[Step, ...]]
    balance: tuple[str, ...]
    identifier: str | None
    folder: Path

    @property
    def base(self) -> Step | None:
        """The step that gives the first weights, if there is one."""
        return self.steps[0] if self.steps and self.steps[0]["step"] == "base" else None


def read_plan(plan: str | Path | Mapping[str, object], *, folder: str | Path | None = None) -> WeightingPlan:
    """Read a weighting plan.

    Parameters
    ----------
    plan : path or mapping
        A JSON document of the schema ``weighting-plan``, or its content.
    folder : str or pathlib.Path
        Where files of totals are; beside the plan where not given.

    Returns
    -------
    WeightingPlan

    Raises
    ------
    DefinitionError
        With everything that is wrong in the document.
    """
    if isinstance(plan, Mapping):
        document, file, beside = plan, "", Path()
    else:
        path = Path(plan)
        document, file, beside = cast("Mapping[str, object]", load_json(path)), str(path), path.parent
    found = schema_findings(document, "weighting-plan", file=file)
    if found.ok:
        found = found + _order_findings(document, file)
    if not found.ok:
        raise DefinitionError(found)
    return _made(cast("Mapping[str, Any]", document), Path(folder) if folder is not None else beside)


def _made(document: Mapping[str, Any], folder: Path) -> WeightingPlan:
    components = document.get("components", {})
    return WeightingPlan(
        title=document.get("title", document["id"]),
        design=SurveyDesign(weights=document["weights"], **document["design"]),
        weights=document["weights"],
        steps=tuple(document["steps"]),
        components={name: tuple(steps) for name, steps in components.items()},
        balance=tuple(document.get("balance", ())),
        identifier=document.get("identifier"),
        folder=folder,
    )


def _order_findings(document: Mapping[str, Any], file: str) -> Findings:
    lists: list[tuple[str, Sequence[Step], bool]] = [("/steps", document["steps"], False)]
    fitted = any(step["step"] in _FITTING for step in document["steps"])
    lists += [(f"/components/{name}", steps, fitted) for name, steps in document.get("components", {}).items()]
    return Findings.of(
        finding(code, Place(file=file, pointer=f"{where}/{number}"), step=step["step"])
        for where, steps, before in lists
        for number, step in enumerate(steps)
        for code in _misplaced(step, number, steps, where, fitted=before)
    )


def _misplaced(step: Step, number: int, steps: Sequence[Step], where: str, *, fitted: bool) -> list[str]:
    before = {one["step"] for one in steps[:number]}
    calibrated = fitted or bool(before & _FITTING)
    found = []
    if step["step"] == "base" and (number > 0 or where != "/steps"):
        found.append("weighting-plan-base")
    if step["step"] == "nonresponse" and calibrated:
        found.append("weighting-plan-nonresponse")
    if step["step"] == "trim" and step.get("recalibrate") and not calibrated:
        found.append("weighting-plan-recalibrate")
    return found


def plan_totals(entries: Sequence[Mapping[str, Any]], folder: Path) -> list[Totals]:
    """Make the totals of a step ready for calibration.

    Parameters
    ----------
    entries : sequence of mapping
        The ``margins`` of a step.
    folder : pathlib.Path
        Where files are.

    Raises
    ------
    WeightingError
        If a file lies outside the folder or lacks a column.
    """
    totals: list[Totals] = []
    for entry in entries:
        if "number" in entry:
            totals.append({entry["number"]: entry["total"]})
        elif "population" in entry:
            totals += population_margins(entry["population"])
        elif "file" in entry:
            totals.append(_file_totals(entry, folder))
        else:
            totals.append({_by(entry): entry["totals"]})
    return totals


def _by(entry: Mapping[str, Any]) -> tuple[str, ...]:
    by = entry["by"]
    return (by,) if isinstance(by, str) else tuple(by)


def _file_totals(entry: Mapping[str, Any], folder: Path) -> pd.DataFrame:
    name = str(entry["file"])
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts or PureWindowsPath(name).drive or "\\" in name:
        raise WeightingError.of("weighting-plan-file", Place(file=name), file=name)
    table = read_frame(folder / name)
    count = str(entry.get("count", "count"))
    columns = [*_by(entry), count]
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise WeightingError(
            finding(
                "weighting-plan-column", Place(file=name, field=column), name=column, known=", ".join(table.columns)
            )
            for column in missing
        )
    return table[columns].rename(columns={count: "count"})
