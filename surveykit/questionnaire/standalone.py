"""A module on its own: the least instrument that includes it, so that it can be linted before anyone uses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from surveykit.findings import Findings

_RECORD: Final = "record_"
_OUTSIDE: Final = frozenset({"expression-unknown-name", "expression-unknown-roster", "definition-item-unknown"})


def instrument_of_module(module: Mapping[str, Any]) -> dict[str, Any]:
    """Return an instrument that includes a module and nothing else; every unit of the module is a roster of it.

    Parameters
    ----------
    module : mapping
        A module, valid against its schema.
    """
    text = {"en": module["id"]} | dict.fromkeys(module["languages"], module["id"])
    units = {section["unit"]: None for section in module["sections"]}
    rosters = {
        unit: {"label": text, "parent": _RECORD, "key": f"{unit}_line_", "roster": {"max": 15}} for unit in units
    }
    key = {"id": f"{_RECORD}key", "type": "id", "label": text}
    return {
        "type": "questionnaire",
        "id": module["id"],
        "version": module["version"],
        "title": module["title"],
        "languages": module["languages"],
        "units": {_RECORD: {"label": text, "key": key["id"]}} | rosters,
        "includes": [{"module": module["id"]}],
        "sections": [{"id": _RECORD, "title": text, "unit": _RECORD, "items": [key]}],
    }


def without_outside_names(findings: Findings) -> Findings:
    """Leave out what only the including instrument can know: names that the module takes from elsewhere."""
    return Findings.of(one for one in findings if one.code not in _OUTSIDE)
