"""Sorted values of every domain of a frame in memory, and columns that tell who lies at or below a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from surveykit.design.layout import crossed
from surveykit.design.survey import Survey
from surveykit.estimation.quantile_rules import Line, Rule, line_of, read

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A column of truth values: the variable is at or below a value of each domain.

    Parameters
    ----------
    column, variable : str
        Column to make, and the variable that it looks at; missing where the variable is.
    values : float array of shape (D,)
        One value a domain.
    """

    column: str
    variable: str
    values: Floats


class Lines(Protocol):
    """Weighted values of variables in the domains of a survey, wherever they live."""

    @property
    def keys(self) -> Sequence[Key]:
        """The values of the by columns in each domain."""

    def read(self, variable: str, probs: Floats, rule: Rule) -> Floats:
        """Return quantiles of shape (D, p) at probabilities of shape (D, p)."""

    def flagged(self, thresholds: Sequence[Threshold]) -> Survey:
        """Return the survey with a column for each threshold: 1 at or below it, 0 above, missing where unknown."""


class MemoryLines:
    """Lines of a frame in memory: one sort of the rows a variable, whatever the number of domains."""

    def __init__(self, survey: Survey, by: Sequence[str]) -> None:
        self.survey = survey
        held = survey.domain.copy()
        coded = [survey.codes(name) for name in by]
        for codes, _ in coded:
            held &= codes >= 0
        self.rows = np.flatnonzero(held)
        parts = [codes[self.rows] for codes, _ in coded] or [np.zeros(len(self.rows), dtype=np.intp)]
        self.domain = crossed(parts) if len(self.rows) else parts[0]
        self.size = int(self.domain.max()) + 1 if len(self.rows) else 0
        table = np.zeros((self.size, len(by)), dtype=np.intp)
        for at, part in enumerate(parts[: len(by)]):
            table[self.domain, at] = part
        values = [levels[table[:, at]].tolist() for at, (_, levels) in enumerate(coded)]
        self.keys: Sequence[Key] = list(zip(*values, strict=True)) if by else [()] * self.size
        self.orders: dict[str, tuple[Integers, Integers]] = {}
        self.held: dict[tuple[str, bool], list[Line]] = {}

    def order(self, variable: str) -> tuple[Integers, Integers]:
        """Return the rows with a value by domain and in ascending order, and where each domain starts."""
        if variable not in self.orders:
            values = self.survey.numbers(variable)[self.rows]
            known = np.flatnonzero(~np.isnan(values) & (self.survey.weights[self.rows] > 0))
            by_value = known[np.argsort(values[known], kind="stable")]
            small = self.domain[by_value].astype(np.uint16 if self.size < 1 << 16 else np.intp)  # a radix sort
            chosen = by_value[np.argsort(small, kind="stable")]
            counts = np.bincount(self.domain[chosen], minlength=self.size)
            self.orders[variable] = self.rows[chosen], np.concatenate([[0], np.cumsum(counts)])
        return self.orders[variable]

    def lines(self, variable: str, rule: Rule) -> list[Line]:
        """Return the line of each domain."""
        key = (variable, rule == "hf3")
        if key not in self.held:
            rows, ends = self.order(variable)
            values, weights = self.survey.numbers(variable)[rows], self.survey.weights[rows]
            spans = [slice(ends[at], ends[at + 1]) for at in range(self.size)]
            self.held[key] = [line_of(values[span], weights[span], rule, ordered=True) for span in spans]
        return self.held[key]

    def read(self, variable: str, probs: Floats, rule: Rule) -> Floats:
        """Return quantiles of shape (D, p) at probabilities of shape (D, p)."""
        lines = self.lines(variable, rule)
        return np.array([read(line, row, rule) for line, row in zip(lines, probs, strict=True)]).reshape(probs.shape)

    def flagged(self, thresholds: Sequence[Threshold]) -> Survey:
        """Return the survey with a column for each threshold."""
        columns: dict[str, object] = {}
        for one in thresholds:
            values = self.survey.numbers(one.variable)
            bound = np.zeros(len(values))
            bound[self.rows] = one.values[self.domain]
            columns[one.column] = np.where(np.isnan(values), np.nan, values <= bound)
        return self.survey.with_columns(columns)
