"""surveykit carries a health survey from the question to the published table.

Public names load when they are first used, so that ``import surveykit`` stays quick; inner paths are not public.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

__version__: Final = "0.1.0"

_PUBLIC: Final[dict[str, str]] = {
    "Finding": "findings",
    "Findings": "findings",
    "Place": "findings",
    "catalogue": "findings",
    "SurveykitError": "errors",
    "DefinitionError": "errors",
    "ExpressionError": "errors",
    "FormError": "errors",
    "ReturnsError": "errors",
    "DesignError": "errors",
    "SamplingError": "errors",
    "WeightingError": "errors",
    "EstimationError": "errors",
    "ReportingError": "errors",
    "ProjectError": "errors",
}

__all__ = ["__version__", *_PUBLIC]  # noqa: PLE0604  # names come from the table above


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        message = f"module 'surveykit' has no attribute {name!r}"
        raise AttributeError(message)
    value: object = getattr(import_module(f"surveykit.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
