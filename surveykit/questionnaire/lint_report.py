"""Findings for people, for programs and for code-review tools (SARIF 2.1.0)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import Any, Final

from surveykit.findings import Finding, Findings, rule
from surveykit.questionnaire.positions import Positions, positions

SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}


def findings_text(findings: Findings, *, language: str = "en") -> str:
    """Return findings for reading: place and code, what was found, what to do, and a count at the end.

    A place in a file begins with ``file:line:column``, which editors and terminals make a link of; behind an item's id
    stand line and column inside its expression.

    Parameters
    ----------
    findings : Findings
    language : str
        Language of messages and hints; English where there is none.
    """
    places = _positions(findings)
    blocks = []
    for one in findings:
        where = _place(one, places)
        lead = f"{where}: " if where else ""
        hint = one.advice(language)
        blocks.append(f"{lead}{one.severity} {one.code}\n  {one.text(language)}" + (f"\n  -> {hint}" if hint else ""))
    return "\n".join([*blocks, _count(findings)]) + "\n"


def findings_json(findings: Findings) -> str:
    """Return findings as a JSON list, an object a finding.

    Parameters
    ----------
    findings : Findings
    """
    return json.dumps(findings.to_dicts(), ensure_ascii=False, indent=1) + "\n"


def findings_sarif(findings: Findings, *, version: str = "", language: str = "en") -> str:
    """Return findings in the Static Analysis Results Interchange Format, which code-review tools show in place.

    Parameters
    ----------
    findings : Findings
    version : str
        Version of the program.
    language : str
        Language of the messages.

    References
    ----------
    OASIS (2020). Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
    """
    codes = sorted(findings.codes)
    driver: dict[str, Any] = {"name": "surveykit", "rules": [_rule(code, language) for code in codes]}
    if version:
        driver["version"] = version
    places = _positions(findings)
    run = {"tool": {"driver": driver}, "results": [_result(one, codes, language, places) for one in findings]}
    document = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _count(findings: Iterable[Finding]) -> str:
    severities: list[str] = [one.severity for one in findings]
    parts = [
        f"{severities.count(severity)} {name}{'' if severities.count(severity) == 1 else 's'}"
        for severity, name in (("error", "error"), ("warning", "warning"), ("info", "note"))
    ]
    return ", ".join(parts)


def _rule(code: str, language: str) -> dict[str, Any]:
    entry = rule(code)
    return {
        "id": code,
        "shortDescription": {"text": entry.message.get(language, entry.message["en"])},
        "help": {"text": entry.hint.get(language, entry.hint.get("en", ""))},
        "defaultConfiguration": {"level": _LEVELS[entry.severity]},
    }


def _position(one: Finding, places: Mapping[str, Positions]) -> tuple[int, int]:
    """Return line and column of a finding in its file: of its pointer, or of the nearest part around it."""
    pointer = one.where.pointer
    if not pointer:
        return one.where.line, one.where.column
    known = places.get(one.where.file, {})
    while pointer and pointer not in known:
        pointer = pointer.rpartition("/")[0]
    return known.get(pointer, (0, 0))


def _place(one: Finding, places: Mapping[str, Positions]) -> str:
    """Return file, line and column as editors and terminals take them, then pointer and item."""
    line, column = _position(one, places) if one.where.pointer else (0, 0)
    if not line:
        return str(one.where)
    inside = f" ({one.where.line}:{one.where.column})" if one.where.line else ""
    item = f" {one.where.item}" if one.where.item else ""
    return f"{one.where.file}:{line}:{column} {one.where.pointer}{item}{inside}"


def _positions(findings: Findings) -> dict[str, Positions]:
    files = {one.where.file for one in findings if one.where.file and one.where.pointer}
    return {file: positions(Path(file).read_text(encoding="utf-8-sig")) for file in files if Path(file).is_file()}


def _result(one: Finding, codes: list[str], language: str, places: Mapping[str, Positions]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": codes.index(one.code),
        "level": _LEVELS[one.severity],
        "message": {"text": f"{one.text(language)} {one.advice(language)}".strip()},
    }
    location: dict[str, Any] = {}
    if one.where.file:
        line, column = _position(one, places)
        region = {"region": {"startLine": line, "startColumn": max(column, 1)}} if line else {}
        uri = PurePath(one.where.file).as_posix()
        location["physicalLocation"] = {"artifactLocation": {"uri": uri}} | region
    if one.where.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": one.where.pointer, "name": one.where.item or "document"}]
    if location:
        result["locations"] = [location]
    return result
