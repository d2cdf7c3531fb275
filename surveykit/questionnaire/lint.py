"""Lint: what a definition may say but should not, each with a stable rule id."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from surveykit.documents import load_json, schema_findings
from surveykit.errors import DefinitionError
from surveykit.findings import Findings
from surveykit.questionnaire.bench import Bench, LintRule
from surveykit.questionnaire.definition import NO_SCOPE, Source, compile_definition, document_of
from surveykit.questionnaire.lint_answers import ANSWER_RULES
from surveykit.questionnaire.lint_fieldwork import FIELDWORK_RULES
from surveykit.questionnaire.lint_logic import LOGIC_RULES
from surveykit.questionnaire.lint_texts import TEXT_RULES
from surveykit.questionnaire.structure import Questionnaire

PLAIN_RULES: Final[tuple[LintRule, ...]] = (*ANSWER_RULES, *TEXT_RULES, *FIELDWORK_RULES)


OTHERS: Final = {
    "indicators": "indicators",
    "scores": "indicators",
    "standards": "indicators",
    "mapping": "mapping",
    "survey": "survey",
    "table-plan": "table-plan",
    "weighting-plan": "weighting-plan",
}  # documents that are only held against their schema


def lint(source: Questionnaire | Source) -> Findings:
    """Return everything wrong or doubtful in a questionnaire or a module.

    Parameters
    ----------
    source : Questionnaire, str, Path or mapping
        A compiled instrument, the id of a shipped one, the path of an instrument or module file, or a definition.
        Documents of other types (indicators, plans, mappings) are held against their schema.

    Returns
    -------
    Findings
        Errors of the definition first (schema, references, expressions, circles), then the findings of the lint
        rules; those about logic only where the definition has no error, since they would only echo it. Never raises
        for a wrong definition.

    Notes
    -----
    Rule ids are the codes of the catalogue that begin with ``document-``, ``definition-``, ``expression-`` and
    ``lint-``; an id is for ever. ``docs/lint.md`` lists them.
    """
    if isinstance(source, Questionnaire):
        return _linted(source)
    try:
        document, file = document_of(source)
    except DefinitionError as error:
        return error.findings
    if document.get("type") in OTHERS:
        return schema_findings(document, OTHERS[str(document["type"])], file=file)
    questionnaire, findings = compile_definition(document, file)
    if questionnaire is None or any(one.code in NO_SCOPE for one in findings):
        return findings
    return findings + _linted(questionnaire, logic=findings.ok)


def definition_files(folder: str | Path) -> list[Path]:
    """Return the JSON files of a folder and its folders that can be linted.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    list of Path
        Files whose ``type`` is known, and files that cannot be read as JSON; plain data are left out.
    """
    return sorted(path for path in Path(folder).rglob("*.json") if _says_what_it_is(path))


def _says_what_it_is(path: Path) -> bool:
    try:
        document = load_json(path)
    except DefinitionError:
        return True
    return isinstance(document, Mapping) and document.get("type") in {"questionnaire", "module", *OTHERS}


def _linted(questionnaire: Questionnaire, *, logic: bool = True) -> Findings:
    bench = Bench.of(questionnaire)
    rules = (*(LOGIC_RULES if logic else ()), *PLAIN_RULES)
    return Findings.of(found for rule in rules for found in rule(bench))
