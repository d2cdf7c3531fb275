"""Where weights begin and how they are passed on: selection probabilities, persons in households, scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from surveykit.design.frames import Columns, columns_of, engine_of, names_of, near, opened, rows_of
from surveykit.design.survey import Survey
from surveykit.errors import DesignError, WeightingError
from surveykit.findings import Place, finding
from surveykit.weighting.replication import reweighted

Floats = NDArray[np.float64]

_CERTAIN: Final = 1.0 + 1e-9  # a probability of 1 may come back from a file as 1.0000000000000002


def base_weights(data: object, *, probabilities: str | Sequence[str], name: str = "weight") -> object:
    """Add the design weight, one over the product of selection probabilities.

    Parameters
    ----------
    data : pandas or polars frame
        One row a sampled unit.
    probabilities : str or sequence of str
        Columns of the probabilities of each stage, 0 to 1.
    name : str
        Column to add.

    Returns
    -------
    frame
        A frame of the same kind; the one given stays as it is.

    Raises
    ------
    WeightingError
        If a probability is missing, zero, negative or above one.
    """
    columns = frame_columns(data)
    return columns.with_values({name: inverse_probabilities(columns, probabilities)})


def frame_columns(data: object) -> Columns:
    """Return the columns of a frame in memory.

    Raises
    ------
    DesignError
        If the rows live in an engine that is sent queries, or the frame is of no known kind.
    """
    frame = opened(data)
    if engine_of(frame) == "lazy":
        raise DesignError.of("design-rows-in-engine", names=", ".join(names_of(frame)), rows=f"{rows_of(frame):,}")
    return columns_of(frame)


def inverse_probabilities(columns: Columns, probabilities: str | Sequence[str]) -> Floats:
    """Return one over the product of probability columns, shape (n,)."""
    names = (probabilities,) if isinstance(probabilities, str) else tuple(probabilities)
    known = columns.names()
    missing = [name for name in names if name not in known]
    if missing or not names:
        raise WeightingError(
            finding("weighting-unknown-column", Place(field=name), name=name, near=near(name, known))
            for name in (missing or ["probability"])
        )
    product = np.ones(columns.rows())
    for name in names:
        values = columns.numbers(name)
        wrong = ~((values > 0) & (values <= _CERTAIN))
        if wrong.any():
            raise WeightingError.of("weighting-probability", Place(field=name), name=name, rows=int(wrong.sum()))
        product *= values
    return 1.0 / product


def person_weights(survey: Survey, persons: str, *, maximum: float | None = None) -> Survey:
    """Multiply weights by the number of persons among whom one was chosen.

    Parameters
    ----------
    survey : Survey
        One row a chosen person.
    persons : str
        Column of the number of eligible persons of the household.
    maximum : float
        Largest factor, where a few large households would get extreme weights; calibration makes up for the rest.

    Returns
    -------
    Survey

    Raises
    ------
    WeightingError
        If the number is missing or below one in a row that has weight.
    """
    survey.require([persons])
    numbers = survey.numbers(persons)
    wrong = ~(numbers >= 1) & (survey.weights > 0)
    if wrong.any():
        raise WeightingError.of("weighting-persons", Place(field=persons), name=persons, rows=int(wrong.sum()))
    factor = np.where(np.isnan(numbers), 0.0, numbers if maximum is None else np.minimum(numbers, maximum))

    def step(weights: Floats) -> Floats:
        return np.asarray(weights * factor)

    return reweighted(survey, step(survey.weights), step)


def normalise_weights(survey: Survey, *, name: str, total: float | None = None) -> Survey:
    """Add a copy of the weights that adds up to the number of rows, or to another total.

    Parameters
    ----------
    survey : Survey
        With its final weights, which stay the weights of the design.
    name : str
        Column to add.
    total : float
        Sum of the copy; the number of rows with a positive weight where it is not given.

    Returns
    -------
    Survey

    Raises
    ------
    WeightingError
        If the weights are all zero or the name is taken by the weights themselves.

    Notes
    -----
    Population totals cannot be estimated from normalised weights; means and proportions are the same.
    """
    weights = survey.weights
    whole = float(weights.sum())
    if whole <= 0 or name == survey.design.weights:
        raise WeightingError.of("weighting-normalise", Place(field=name), name=name)
    goal = float((weights > 0).sum()) if total is None else float(total)
    return survey.with_columns({name: weights * (goal / whole)})
