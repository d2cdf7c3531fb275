"""Lint: what a definition may say but should not, each with a stable rule id."""

from __future__ import annotations

from typing import Final

from surveykit.findings import Findings
from surveykit.questionnaire.bench import Bench, LintRule
from surveykit.questionnaire.definition import NO_SCOPE, Source, read_questionnaire
from surveykit.questionnaire.lint_answers import ANSWER_RULES
from surveykit.questionnaire.lint_fieldwork import FIELDWORK_RULES
from surveykit.questionnaire.lint_logic import LOGIC_RULES
from surveykit.questionnaire.lint_texts import TEXT_RULES
from surveykit.questionnaire.structure import Questionnaire

PLAIN_RULES: Final[tuple[LintRule, ...]] = (*ANSWER_RULES, *TEXT_RULES, *FIELDWORK_RULES)


def lint(source: Questionnaire | Source) -> Findings:
    """Return everything wrong or doubtful in a questionnaire or a module.

    Parameters
    ----------
    source : Questionnaire, str, Path or mapping
        A compiled instrument, the id of a shipped one, the path of an instrument or module file, or a definition.

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
    questionnaire, findings = read_questionnaire(source)
    if questionnaire is None or any(one.code in NO_SCOPE for one in findings):
        return findings
    return findings + _linted(questionnaire, logic=findings.ok)


def _linted(questionnaire: Questionnaire, *, logic: bool = True) -> Findings:
    bench = Bench.of(questionnaire)
    rules = (*(LOGIC_RULES if logic else ()), *PLAIN_RULES)
    return Findings.of(found for rule in rules for found in rule(bench))
