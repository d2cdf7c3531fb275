"""One test in each domain, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveykit.design.survey import Survey
from surveykit.errors import EstimationError
from surveykit.estimation.association import CrossTable
from surveykit.estimation.independence import TestResult
from surveykit.findings import Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainTests:
    """A test in each domain.

    Parameters
    ----------
    by : mapping of str to tuple
        Value of each domain column in each row.
    results : tuple of TestResult, CrossTable or None
        One a domain; None where it could not be made.
    findings : Findings
        Why it could not.
    """

    by: Mapping[str, tuple[object, ...]]
    results: tuple[TestResult | CrossTable | None, ...]
    findings: Findings

    def to_frame(self) -> pd.DataFrame:
        """Return one row a domain: the by columns, statistic, distribution, df, p_value, estimate, se, n."""
        tests = [one.test if isinstance(one, CrossTable) else one for one in self.results]
        columns: dict[str, object] = {name: pd.array(list(values)) for name, values in self.by.items()}
        for name in ("statistic", "p_value", "estimate", "se"):
            columns[name] = [float("nan") if one is None else getattr(one, name) for one in tests]
        columns["distribution"] = pd.array([pd.NA if one is None else one.distribution for one in tests], "string")
        columns["df"] = pd.array([pd.NA if one is None else _shown(one.df) for one in tests], "string")
        columns["n"] = [0 if one is None else one.n for one in tests]
        return pd.DataFrame(columns)

    def __str__(self) -> str:
        lines = []
        for row, result in enumerate(self.results):
            domain = ", ".join(f"{name}={values[row]}" for name, values in self.by.items())
            test = result.test if isinstance(result, CrossTable) else result
            lines.append(f"{domain}: {test if test is not None else 'not made'}")
        return "\n".join([*lines, *(f"Note: {one.message}." for one in self.findings)])


def domain_tests(
    survey: Survey, by: str | Sequence[str], verb: Callable[[Survey], TestResult | CrossTable]
) -> DomainTests:
    """Make a test in each domain.

    Parameters
    ----------
    survey : Survey
        With a frame in memory.
    by : str or sequence of str
        Columns whose crossed levels are the domains.
    verb : callable
        Takes the survey of a domain and returns a ``TestResult`` or a ``CrossTable``:
        ``lambda s: rank_test(s, "sbp", "sex")``.

    Returns
    -------
    DomainTests
        One row a domain that has rows. Where a test cannot be made, the reason stands in ``findings``.

    Raises
    ------
    DesignError
        If a column is missing.

    Notes
    -----
    Domains are subpopulations: the design stays whole. R: ``svyby(~sbp, ~region, design, svyranktest)``.
    """
    names = [by] if isinstance(by, str) else list(by)
    survey.require(names)
    coded = [survey.codes(name) for name in names]
    held = survey.domain & (survey.weights > 0) & np.all([codes >= 0 for codes, _ in coded], axis=0)
    crossed = np.stack([codes for codes, _ in coded], axis=1)
    domains = np.unique(crossed[held], axis=0)
    results: list[TestResult | CrossTable | None] = []
    found = list(Findings())
    for domain in domains:
        label = ", ".join(f"{name} = {coded[at][1][domain[at]]}" for at, name in enumerate(names))
        try:
            results.append(verb(survey.within(held & (crossed == domain).all(axis=1), label)))
        except EstimationError as error:
            results.append(None)
            found.extend(error.findings)
    values = {name: tuple(coded[at][1][domains[:, at]].tolist()) for at, name in enumerate(names)}
    return DomainTests(by=values, results=tuple(results), findings=Findings.of(found))


def _shown(df: tuple[float, ...]) -> str:
    return ", ".join(f"{one:.4g}" for one in df)
