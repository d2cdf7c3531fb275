"""What the two hashes of an instrument cover: its structure, and its wording.

The structure is what decides which data come back: ids, columns, types, units, codes, missing codes and their kinds,
ranges, logic and order. A translation, a planned time or a source note is none of it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from surveykit.questionnaire.structure import (
    Check,
    CodeList,
    Item,
    MissingSet,
    Questionnaire,
    Roster,
    Section,
    Selection,
    Unit,
)

WORDING: Final = frozenset(
    {"title", "label", "hint", "instruction", "respondent", "message", "description", "notices"}
)  # keys of a definition whose value is wording by language


def structure_of(questionnaire: Questionnaire) -> dict[str, Any]:
    """Return the structure as plain JSON values, defaults filled in, wording left out.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    dict
        Equal for two instruments that give the same data.
    """
    return {
        "id": questionnaire.id,
        "interview_date": questionnaire.interview_date,
        "units": [_unit(unit) for unit in questionnaire.units],
        "sections": [_section(section) for section in questionnaire.sections],
        "checks": [_check(check) for check in questionnaire.checks],
    }


def wording_of(value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    """Return the wording of a definition as JSON, each text in its place; None where there is none."""
    if isinstance(value, dict):
        inside = {key: one if key in WORDING else wording_of(one) for key, one in value.items()}
        return {key: one for key, one in inside.items() if one} or None
    if isinstance(value, list):
        found = {str(position): wording_of(one) for position, one in enumerate(value)}
        return {key: one for key, one in found.items() if one} or None
    return None


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        "id": unit.id,
        "parent": unit.parent,
        "key": unit.key,
        "roster": _rows(unit.roster),
        "selection": _rows(unit.selection),
    }


def _rows(rows: Roster | Selection | None) -> dict[str, Any] | None:
    return None if rows is None else {key: value for key, value in asdict(rows).items() if key != "expected"}


def _section(section: Section) -> dict[str, Any]:
    items = [_item(item) for item in section.items]
    return {"id": section.id, "unit": section.unit, "relevant": section.relevant, "items": items}


def _item(item: Item) -> dict[str, Any]:
    plain = ("id", "var", "type", "relevant", "constraint", "calculation", "result", "required", "decimals", "pattern")
    more = ("max_length", "check_digit", "other_of", "cascade", "prefill")
    return {
        **{name: getattr(item, name) for name in (*plain, *more)},
        "codes": _codes(item.codelist),
        "missing": _missing(item.missing),
        "range": asdict(item.range) if item.range else None,
        "measure": item.measure.ucum if item.measure else "",
    }


def _codes(codelist: CodeList | None) -> list[list[Any]] | None:
    if codelist is None:
        return None
    return [[option.code, option.exclusive, option.other, option.retired, option.parent] for option in codelist.options]


def _missing(missing: MissingSet | None) -> list[list[Any]] | None:
    return None if missing is None else [[one.code, one.kind] for one in missing.codes]


def _check(check: Check) -> dict[str, Any]:
    return {
        "id": check.id,
        "expression": check.expression,
        "severity": check.severity,
        "items": list(check.items),
        "unit": check.unit,
    }
