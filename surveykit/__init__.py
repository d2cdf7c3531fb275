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
    "load_questionnaire": "questionnaire.definition",
    "Questionnaire": "questionnaire.structure",
    "Section": "questionnaire.structure",
    "Item": "questionnaire.structure",
    "CodeList": "questionnaire.structure",
    "MissingSet": "questionnaire.structure",
    "Roster": "questionnaire.structure",
    "Responses": "questionnaire.responses",
    "analysis_frame": "questionnaire.analysis",
    "lint": "questionnaire.lint",
    "compare": "questionnaire.compare",
    "Comparison": "questionnaire.comparison",
    "Codebook": "questionnaire.codebook",
    "codebook": "questionnaire.codebook",
    "response_schema": "questionnaire.response_schema",
    "export_po": "questionnaire.translation",
    "import_po": "questionnaire.translation",
    "completeness": "questionnaire.translation",
    "pseudo_language": "questionnaire.translation",
    "load_indicators": "questionnaire.indicators",
    "computable": "questionnaire.computable",
    "derive": "questionnaire.derive",
    "simulate": "questionnaire.simulate",
    "inject_errors": "questionnaire.simulation.errors",
    "write_form": "forms.workbook",
    "read_returned": "returns.intake",
    "check": "returns.checks",
    "write_queries": "returns.queries",
    "apply_queries": "returns.queries",
    "receive": "returns.receiving",
    "freeze": "returns.freezing",
    "read_frozen": "returns.freezing",
    "SurveyDesign": "design.design",
    "ReplicateDesign": "design.design",
    "Survey": "design.survey",
    "TwoPhaseDesign": "design.twophase",
    "preset": "design.presets",
    "presets": "design.presets",
    "Estimate": "estimation.estimate",
    "mean": "estimation.descriptive",
    "total": "estimation.descriptive",
    "ratio": "estimation.descriptive",
    "proportion": "estimation.descriptive",
    "variance": "estimation.descriptive",
    "covariance": "estimation.descriptive",
    "correlation": "estimation.descriptive",
    "geometric_mean": "estimation.descriptive",
    "standardize": "estimation.standardize",
    "make_replicates": "estimation.replication",
    "differences": "estimation.trends",
    "trend": "estimation.trends",
    "sample_size": "sampling.size",
    "design_effect": "sampling.size",
    "allocate": "sampling.allocation",
    "bethel": "sampling.allocation",
    "precision": "sampling.allocation",
    "select": "sampling.selection",
    "read_frame": "sampling.frame",
    "check_frame": "sampling.frame",
    "respondent_table": "sampling.respondent",
    "Sample": "sampling.sample",
    "read_sample": "sampling.sample",
    "write_sample": "sampling.sample",
    "replace_unit": "sampling.sample",
    "write_listing_sheets": "sampling.listing",
    "read_listings": "sampling.listing",
    "base_weights": "weighting.base",
    "person_weights": "weighting.base",
    "normalise_weights": "weighting.base",
    "adjust_nonresponse": "weighting.nonresponse",
    "poststratify": "weighting.calibration",
    "rake": "weighting.calibration",
    "calibrate": "weighting.calibration",
    "trim_weights": "weighting.trimming",
    "weight": "weighting.running",
    "pool_years": "weighting.pooling",
    "component_weight": "weighting.pooling",
    "weighting_diagnostics": "weighting.diagnostics",
    "standard_population": "weighting.populations",
    "population_margins": "weighting.populations",
    "tabulate": "reporting.tabulation",
    "Table": "reporting.table",
    "publish": "reporting.publish",
    "suppress": "reporting.reliability",
    "protect": "reporting.disclosure",
    "read_table_plan": "reporting.plan",
    "run_table_plan": "reporting.plan",
    "Listing": "reporting.listing",
    "publish_listing": "reporting.listing",
    "make_report": "reporting.report",
    "publish_report": "reporting.report",
    "dot_plot": "reporting.plots",
    "forest": "reporting.plots",
    "grouped_bars": "reporting.plots",
    "Project": "project",
    "open_project": "project",
    "init_project": "project",
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
