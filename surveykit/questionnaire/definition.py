"""Read a questionnaire: held against its schema, includes resolved, meaning checked, every problem told at once."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from surveykit.documents import find_document, load_json, schema_findings, shipped
from surveykit.errors import DefinitionError
from surveykit.findings import Finding, Findings, Place, finding
from surveykit.questionnaire.building import build
from surveykit.questionnaire.includes import flatten
from surveykit.questionnaire.logic import logic_findings
from surveykit.questionnaire.references import reference_findings
from surveykit.questionnaire.standalone import instrument_of_module, without_outside_names
from surveykit.questionnaire.structure import Questionnaire

Source = str | Path | Mapping[str, Any]


def load_questionnaire(source: Source) -> Questionnaire:
    """Return the compiled instrument of a definition.

    Parameters
    ----------
    source : str, Path or mapping
        Id of a shipped instrument (``"first-light"``), path of a JSON file, or the definition itself. Modules are
        looked for in the folder ``modules`` beside the file, then among the shipped ones.

    Returns
    -------
    Questionnaire

    Raises
    ------
    DefinitionError
        With every problem found, each with file and JSON pointer: first what breaks the schema; where the schema
        holds, unknown names, doubled ids, expressions that cannot be understood, and circles.
    """
    document, file = document_of(source)
    if wrong := _typed(document, "questionnaire", file):
        raise DefinitionError(wrong)
    questionnaire, findings = compile_definition(document, file)
    if questionnaire is None or not findings.ok:
        raise DefinitionError(findings.errors)
    return questionnaire


def read_questionnaire(source: Source) -> tuple[Questionnaire | None, Findings]:
    """Return the compiled instrument as far as it goes, and everything found wrong with it.

    Parameters
    ----------
    source : str, Path or mapping
        As for :func:`load_questionnaire`; a module is compiled on its own, and names that it takes from the
        including instrument are not held against it.

    Returns
    -------
    tuple of (Questionnaire or None, Findings)
        None where the definition breaks its schema; never raises for a wrong definition.
    """
    try:
        document, file = document_of(source)
    except DefinitionError as error:
        return None, error.findings
    return compile_definition(document, file)


def document_of(source: Source) -> tuple[Mapping[str, Any], str]:
    """Return a definition as JSON, and the file it was read from; empty for a definition given as a value.

    Parameters
    ----------
    source : str, Path or mapping
        As for :func:`load_questionnaire`.

    Raises
    ------
    DefinitionError
        If there is no such file, or if it holds no JSON object.
    """
    if isinstance(source, Mapping):
        return copy.deepcopy(dict(source)), ""  # what the caller does with his own value later is his affair
    path = find_document(source, shipped("questionnaires"))
    document = load_json(path)
    if not isinstance(document, Mapping):
        raise DefinitionError.of("definition-not-an-object", Place(file=str(path)), found=type(document).__name__)
    return document, str(path)


NO_SCOPE: Final = frozenset(
    {
        "definition-unit-unknown",
        "definition-unit-circle",
        "definition-unit-top",
        "definition-unit-rows",
        "definition-roster-unknown",
    }
)  # with these nobody can tell which names a rule may use


def compile_definition(document: Mapping[str, Any], file: str) -> tuple[Questionnaire | None, Findings]:
    """Return the instrument of a definition that was read already; see :func:`read_questionnaire`.

    Parameters
    ----------
    document : mapping
        The definition.
    file : str
        Where it was read from; empty for a definition given as a value.
    """
    if document.get("type") == "module":
        return _module_alone(document, file)
    findings = _held(document, "questionnaire", file)
    if findings:
        return None, Findings.of(findings)
    return _compiled(document, file, _Modules(folder=Path(file).parent / "modules" if file else None))


def _compiled(document: Mapping[str, Any], file: str, modules: _Modules) -> tuple[Questionnaire | None, Findings]:
    flat = flatten(document, file, modules.read)
    if modules.findings:
        return None, Findings.of(modules.findings) + flat.findings
    wrong = [*flat.findings, *reference_findings(flat.document, flat.origins, file)]
    questionnaire = build(flat.document, flat.origins, file)
    if all(one.code not in NO_SCOPE for one in wrong):
        wrong += logic_findings(questionnaire)
    return questionnaire, Findings.of(wrong)


def _module_alone(document: Mapping[str, Any], file: str) -> tuple[Questionnaire | None, Findings]:
    findings = _held(document, "module", file)
    if findings:
        return None, Findings.of(findings)
    modules = _Modules(folder=None, known={document["id"]: (document, file)})
    questionnaire, found = _compiled(instrument_of_module(document), file, modules)
    return questionnaire, without_outside_names(found)


def _held(document: Mapping[str, Any], expected: str, file: str) -> list[Finding]:
    return _typed(document, expected, file) or list(schema_findings(document, expected, file=file))


def _typed(document: Mapping[str, Any], expected: str, file: str) -> list[Finding]:
    found = document.get("type")
    if found == expected or not isinstance(found, str):
        return []
    return [finding("definition-type", Place(file=file, pointer="/type"), found=found, expected=expected)]


@dataclass(slots=True, kw_only=True)
class _Modules:
    """Reads modules, each once; notes what is wrong with them."""

    folder: Path | None
    known: dict[str, tuple[Mapping[str, Any], str] | None] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def read(self, name: str, place: Place) -> tuple[Mapping[str, Any], str] | None:
        if name not in self.known:
            self.known[name] = self.fresh(name, place)
        return self.known[name]

    def fresh(self, name: str, place: Place) -> tuple[Mapping[str, Any], str] | None:
        beside = self.folder / f"{name}.json" if self.folder else None
        path = beside if beside and beside.is_file() else shipped("questionnaires") / "modules" / f"{name}.json"
        if not path.is_file():
            self.findings.append(finding("definition-module-unknown", place, name=name, known=self.names()))
            return None
        try:
            document = load_json(path)
        except DefinitionError as error:
            self.findings += error.findings
            return None
        found = _held(document if isinstance(document, Mapping) else {}, "module", str(path))
        self.findings += found
        return None if found or not isinstance(document, Mapping) else (document, str(path))

    def names(self) -> str:
        folders = [folder for folder in (self.folder, shipped("questionnaires") / "modules") if folder]
        return ", ".join(sorted({path.stem for folder in folders for path in folder.glob("*.json")})) or "none"
