"""From a formula to the columns of a model, without ever evaluating text as Python."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import numpy as np
import pandas as pd
from formulaic import Formula, ModelSpec
from numpy.typing import NDArray

from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.findings import Place

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# A formula names columns and these functions; formulaic would evaluate anything else as Python.
_FUNCTIONS: Final = frozenset({"C", "log", "sqrt", "exp"})
_TOKEN: Final = re.compile(r"\s*(?:(?P<name>[^\W\d]\w*)|`[^`]+`|\d+(?:\.\d+)?|\*\*|[~+\-*:/(),])", re.UNICODE)
_SUM: Final = re.compile(r"(\s*[^\W\d]\w*\s*~)?\s*[^\W\d]\w*\s*(\+\s*[^\W\d]\w*\s*)*", re.UNICODE)
_CLEAR: Final = 1e-8  # smallest eigenvalue of the cosines above which columns surely differ: square root of 1e-16
_PLAIN: Final = re.compile(r"^C\((.*)\)$")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelFrame:
    """The rows and columns of a model.

    Parameters
    ----------
    formula : str
    frame : pandas.DataFrame
        The m rows used, plain numbers or categories.
    x : float array of shape (m, q)
        Columns right of ``~``.
    columns : tuple of str
        Their names.
    places : mapping of str to tuple of int
        Columns of each term.
    outcome : float array of shape (m, l)
        Columns left of ``~``; l is 0 without ``~``.
    spec : ModelSpec
        How ``x`` is made from a frame.
    inside : bool array of shape (n,)
        Rows of the survey that are used.
    survey : Survey
        The rows used as a subpopulation.
    missing : int
        Rows of the subpopulation left out because a value is missing.
    """

    formula: str
    frame: pd.DataFrame
    x: Floats
    columns: tuple[str, ...]
    places: Mapping[str, tuple[int, ...]]
    outcome: Floats
    spec: ModelSpec
    inside: Mask
    survey: Survey
    missing: int

    @property
    def weights(self) -> Floats:
        """Weights of the rows used, shape (m,)."""
        return self.survey.weights[self.inside]

    @property
    def left_out(self) -> dict[str, int]:
        """Rows left out, by reason."""
        return {"with a missing value": self.missing} if self.missing else {}

    def without_intercept(self) -> ModelFrame:
        """Return the same rows with all columns but the intercept."""
        gone = self.places.get("1", ())
        kept = [at for at in range(len(self.columns)) if at not in gone]
        moved = {at: new for new, at in enumerate(kept)}
        places = {term: tuple(moved[at] for at in held) for term, held in self.places.items() if term != "1"}
        return replace(self, x=self.x[:, kept], columns=tuple(self.columns[at] for at in kept), places=places)


def model_frame(survey: Survey, formula: str, *, outcome: str | None = None, extra: Sequence[str] = ()) -> ModelFrame:
    """Return the rows and columns of a model.

    Parameters
    ----------
    survey : Survey
        With a frame in memory.
    formula : str
        With ``~``, unless ``outcome`` is given.
    outcome : str, optional
        Name of the outcome's column, for a formula of which only the right side makes columns.
    extra : sequence of str
        Further columns in which no used row may lack a value.

    Raises
    ------
    DesignError
        If a column is missing.
    EstimationError
        If the formula is wrong, no complete row is left, or columns repeat each other.
    """
    right = formula.rpartition("~")[2] if outcome is not None else formula
    names = names_in(right if outcome is not None else formula, sided=outcome is None)
    wanted = list(dict.fromkeys([*([outcome] if outcome is not None else []), *names, *extra]))
    survey.require(wanted)
    frame, complete = complete_rows(survey, wanted)
    held = survey.domain & (survey.weights > 0)
    inside = held & complete
    if not inside.any():
        raise EstimationError.of("regression-no-rows", formula=formula)
    rows = frame if inside.all() else frame[inside]
    left, x, spec = _matrices(right, rows)
    columns = tuple(str(name) for name in spec.column_names)
    if _repeated(x):
        raise EstimationError.of("regression-collinear", formula=formula, terms=", ".join(columns))
    return ModelFrame(
        formula=formula,
        frame=rows,
        x=x,
        columns=columns,
        places={str(term): tuple(range(held.start, held.stop)) for term, held in spec.term_slices.items()},
        outcome=left,
        spec=spec,
        inside=inside,
        survey=survey.within(inside, "all values of the model are known") if not inside.all() else survey,
        missing=int((held & ~complete).sum()),
    )


def _matrices(formula: str, rows: pd.DataFrame) -> tuple[Floats, Floats, ModelSpec]:
    """Return the outcome, of shape (m, 0) without ``~``, the columns of the model and how they are made.

    Sums of numeric columns are taken as they are, which for many rows is much quicker than to have them made.
    """
    plain = _SUM.fullmatch(formula) and all(kind.kind in "iuf" for kind in rows.dtypes)
    made = Formula(formula).get_model_matrix(rows.iloc[:1] if plain else rows)
    sided = "~" in formula
    spec = cast("ModelSpec", made.model_spec.rhs if sided else made.model_spec)
    if plain:
        names = [str(name) for name in spec.column_names]
        x = np.column_stack([np.ones(len(rows)) if one == "Intercept" else rows[one].to_numpy() for one in names])
        left = rows[list(made.lhs.columns)].to_numpy() if sided else np.empty((len(rows), 0))
        return left.astype(np.float64, copy=False), x.astype(np.float64, copy=False), spec
    left = made.lhs.to_numpy(dtype=np.float64) if sided else np.empty((len(rows), 0))
    return left, pd.DataFrame(made.rhs if sided else made).to_numpy(dtype=np.float64), spec


def names_in(formula: str, *, sided: bool = True) -> list[str]:
    """Return the columns of a formula, the outcome first, after refusing whatever is no formula.

    Parameters
    ----------
    formula : str
    sided : bool
        Whether it has to have a ``~``.
    """
    found: list[str] = []
    at = 0
    while at < len(formula.rstrip()):
        match = _TOKEN.match(formula, at)
        if match is None:
            raise EstimationError.of("regression-formula", Place(column=at + 1), formula=formula, found=formula[at:])
        token = match.group().strip()
        called = formula[match.end() :].lstrip().startswith("(")
        if match["name"] and called and token not in _FUNCTIONS:
            raise EstimationError.of("regression-formula", Place(column=at + 1), formula=formula, found=token)
        if (match["name"] and not called) or token.startswith("`"):
            found.append(token.strip("`"))
        at = match.end()
    if formula.count("~") != int(sided) or (sided and not found) or not formula.strip():
        raise EstimationError.of("regression-formula", Place(column=1), formula=formula, found=formula)
    return list(dict.fromkeys(found))


def complete_rows(survey: Survey, names: Sequence[str]) -> tuple[pd.DataFrame, Mask]:
    """Return the columns as plain numbers or categories, and which rows have all of them."""
    columns: dict[str, Any] = {}
    complete = np.ones(survey.rows, dtype=bool)
    for name in names:
        if survey.columns.decimal(name):
            columns[name] = survey.numbers(name)
            complete &= ~np.isnan(columns[name])
            continue
        codes, levels = survey.codes(name)
        columns[name] = levels[codes]
        complete &= codes >= 0
    return pd.DataFrame(columns), complete


def _repeated(x: Floats) -> bool:
    """Return whether columns repeat each other; rows are decomposed only where their cross-products leave a doubt."""
    products = x.T @ x
    size = np.sqrt(np.diag(products))
    if not size.all():
        return True
    cosines = products / np.outer(size, size)
    if np.linalg.eigvalsh(cosines)[0] > _CLEAR:
        return False
    return bool(np.linalg.matrix_rank(x) < x.shape[1])


def term_key(term: str) -> tuple[str, ...]:
    """Return a term without ``C()`` and without the order of its factors, to compare what was asked with what is."""
    return tuple(sorted(_factor(part) for part in term.split(":")))


def categorised(places: Mapping[str, tuple[int, ...]], variable: str) -> bool:
    """Return whether a column stands in ``C()`` in some term."""
    parts = (part.strip() for term in places for part in term.split(":"))
    return any(part.startswith("C(") and _factor(part) == variable for part in parts)


def _factor(part: str) -> str:
    match = _PLAIN.match(part.strip())
    return (match[1].split(",")[0] if match else part).strip(" `")
