"""Read a questionnaire: held against its schema, includes resolved, meaning checked, every problem told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from surveykit.documents import find_document, load_json, schema_findings, shipped
from surveykit.errors import DefinitionError
from surveykit.findings import Finding, Findings, Place, finding
from surveykit.questionnaire.building import build
from surveykit.questionnaire.includes import flatten
from surveykit.questionnaire.logic import logic_findings
from surveykit.questionnaire.references import reference_findings
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
    questionnaire, findings = read_questionnaire(source)
    if questionnaire is None or not findings.ok:
        raise DefinitionError(findings.errors)
    return questionnaire


def read_questionnaire(source: Source) -> tuple[Questionnaire | None, Findings]:
    """Return the compiled instrument as far as it goes, and everything found wrong with it.

    Parameters
    ----------
    source : str, Path or mapping
        As for :func:`load_questionnaire`.

    Returns
    -------
    tuple of (Questionnaire or None, Findings)
        None where the definition breaks its schema; never raises for a wrong definition.
    """
    try:
        document, file = _document(source)
    except DefinitionError as error:
        return None, error.findings
    findings = _held(document, "questionnaire", file)
    if findings:
        return None, Findings.of(findings)
    modules = _Modules(folder=Path(file).parent / "modules" if file else None)
    flat = flatten(document, file, modules.read)
    if modules.findings:
        return None, Findings.of(modules.findings) + flat.findings
    wrong = [*flat.findings, *reference_findings(flat.document, flat.origins, file)]
    questionnaire = build(flat.document, flat.origins, file)
    if all(one.code not in _NO_SCOPE for one in wrong):
        wrong += logic_findings(questionnaire)
    return questionnaire, Findings.of(wrong)


_NO_SCOPE = frozenset({"definition-unit-unknown", "definition-unit-order", "definition-unit-top"})


def _document(source: Source) -> tuple[Mapping[str, Any], str]:
    if isinstance(source, Mapping):
        return source, ""
    path = find_document(source, shipped("questionnaires"))
    document = load_json(path)
    if not isinstance(document, Mapping):
        raise DefinitionError.of("definition-not-an-object", Place(file=str(path)), found=type(document).__name__)
    return document, str(path)


def _held(document: Mapping[str, Any], expected: str, file: str) -> list[Finding]:
    found = document.get("type")
    if found != expected and isinstance(found, str):
        where = Place(file=file, pointer="/type")
        return [finding("definition-type", where, found=found, expected=expected)]
    return list(schema_findings(document, expected, file=file))


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
