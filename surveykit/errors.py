"""The exceptions of surveykit.

::

    SurveykitError             carries .findings
    ├── DefinitionError        a questionnaire, indicator, plan or other JSON document is wrong
    │   └── ExpressionError    an expression cannot be parsed or typed
    ├── FormError              Excel would repair or refuse what was asked for
    ├── ReturnsError           a store or an intake cannot go on (bad answers never raise)
    ├── DesignError            a sampling design does not fit its frame
    ├── SamplingError          a sample cannot be drawn or sized as asked
    ├── WeightingError         weights cannot be made as asked
    ├── EstimationError        an estimate cannot be made as asked
    ├── ReportingError         a table or report cannot be made as asked
    └── ProjectError           a survey folder is incomplete or used wrongly
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from surveykit.findings import Finding, Findings, Place, Severity, finding


class SurveykitError(Exception):
    """Base of all errors; what is wrong stands in ``findings``.

    Parameters
    ----------
    findings : iterable of Finding
        Every problem found, not only the first.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = Findings.of(findings)
        super().__init__("\n".join(f"{one}\n  {one.hint}" if one.hint else str(one) for one in self.findings))

    def __reduce__(self) -> tuple[type[Self], tuple[Findings]]:
        return type(self), (self.findings,)  # an exception's args are its text, from which findings cannot be had again

    @classmethod
    def of(
        cls, code: str, where: Place | None = None, /, *, severity: Severity | None = None, **values: object
    ) -> Self:
        """Make the error of a single catalogue entry."""
        return cls([finding(code, where, severity=severity, **values)])


class DefinitionError(SurveykitError):
    """A JSON document is wrong."""


class ExpressionError(DefinitionError):
    """An expression cannot be parsed or typed."""


class FormError(SurveykitError):
    """Excel would repair or refuse what was asked for."""


class ReturnsError(SurveykitError):
    """A store or an intake cannot go on."""


class DesignError(SurveykitError):
    """A sampling design does not fit its frame."""


class SamplingError(SurveykitError):
    """A sample cannot be drawn or sized as asked."""


class WeightingError(SurveykitError):
    """Weights cannot be made as asked."""


class EstimationError(SurveykitError):
    """An estimate cannot be made as asked."""


class ReportingError(SurveykitError):
    """A table or report cannot be made as asked."""


class ProjectError(SurveykitError):
    """A survey folder is incomplete or used wrongly."""
