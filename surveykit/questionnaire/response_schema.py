"""A JSON Schema of the answers, so that any tool can hold records against a questionnaire."""

from __future__ import annotations

import re
from typing import Any, Final

from surveykit.expressions import patterns
from surveykit.questionnaire.structure import Code, Item, Questionnaire, Unit, localized, option_column

Json = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def response_schema(questionnaire: Questionnaire, *, language: str = "") -> Json:
    """Return a JSON Schema of the responses to a questionnaire.

    Parameters
    ----------
    questionnaire : Questionnaire
    language : str
        Language of titles and descriptions; the instrument's first by default.

    Returns
    -------
    dict
        A draft 2020-12 schema of an object with one list of records a unit; ``$defs`` has the schema of one record of
        each unit. Columns are named as in the data, a blank answer is null or absent, missing codes stand as codes,
        the codes of a select-multiple are joined by one blank and repeated as 0/1 columns, dates are ISO texts.

    Notes
    -----
    A schema sees one answer at a time: types, codes, ranges, patterns. Skips and checks across items are for
    ``surveykit.check``. Retired codes are accepted, since old records carry them.

    Examples
    --------
    >>> from surveykit import load_questionnaire
    >>> response_schema(load_questionnaire("first-light"))["$defs"]["person"]["properties"]["sex"]["enum"]
    [1, 2, None]
    """
    language = language or questionnaire.languages[0]
    units = questionnaire.units
    return {
        "$schema": DIALECT,
        "$id": f"urn:surveykit:{questionnaire.id}:{questionnaire.version}:{questionnaire.structure_hash[:12]}",
        "title": localized(questionnaire.title, language),
        "type": "object",
        "properties": {unit.id: {"type": "array", "items": {"$ref": f"#/$defs/{unit.id}"}} for unit in units},
        "required": [units[0].id],
        "additionalProperties": False,
        "$defs": {unit.id: _unit(unit, questionnaire, language) for unit in units},
    }


def _unit(unit: Unit, questionnaire: Questionnaire, language: str) -> Json:
    keys = questionnaire.keys_of(unit.id)
    top = questionnaire.item(questionnaire.top.key)
    properties: Json = {keys[0]: _required(_text(top)) | _about(top, language)}
    if len(keys) > 1:
        rows = unit.roster or questionnaire.unit(unit.selection.roster if unit.selection else unit.id).roster
        most = {"maximum": rows.max} if rows else {}
        properties[keys[1]] = {"type": "integer", "minimum": 1} | most
    for item in questionnaire.items_of(unit.id):
        if item.type != "note" and item.var not in properties:
            properties |= _columns(item, language)
    return {
        "title": localized(unit.label, language),
        "type": "object",
        "properties": properties,
        "required": list(keys),
        "additionalProperties": False,
    }


def _columns(item: Item, language: str) -> Json:
    columns = {item.var: _answer(item) | _about(item, language)}
    if item.type == "select_multiple" and item.codelist:
        for option in item.codelist.options:
            title = f"{localized(item.label, language)}: {localized(option.label, language)}"
            columns[option_column(item.var, option.code)] = {"enum": [0, 1, None], "title": title}
    return columns


def _about(item: Item, language: str) -> Json:
    about: Json = {"title": localized(item.label, language)}
    if item.codelist:
        about["x-labels"] = {str(one.code): localized(one.label, language) for one in item.codelist.options}
    if item.missing:
        about["x-missing"] = {str(one.code): one.kind for one in item.missing.codes}
    if item.measure:
        about["x-ucum"] = item.measure.ucum
    if item.relevant:
        about["x-universe"] = item.relevant
    if item.type == "calculated":
        about["readOnly"] = True
    return about


def _answer(item: Item) -> Json:
    if item.type == "select_multiple" and item.codelist:
        return {"type": ["string", "null"], "pattern": _several(item.codelist.codes, tuple(item.missing_codes))}
    if item.codelist:
        return {"enum": [*item.codelist.codes, *item.missing_codes, None]}
    kind = item.result if item.type == "calculated" else item.type
    if kind in {"id", "text"}:
        return _text(item)
    if kind == "date":
        return {"type": ["string", "null"], "format": "date"}
    return _number(item)


def _text(item: Item) -> Json:
    schema: Json = {"type": ["string", "null"], "minLength": 1, "maxLength": item.max_length}
    if item.pattern:
        schema["pattern"] = f"^{patterns.regex(item.pattern)}$"
    return schema


def _number(item: Item) -> Json:
    schema: Json = {"type": "integer" if item.type == "integer" else "number"}
    limits = item.range if item.type != "calculated" else None
    if limits and limits.min is not None:
        schema["minimum"] = limits.min
    if limits and limits.max is not None:
        schema["maximum"] = limits.max
    return {"if": {"enum": [*item.missing_codes, None]}, "then": True, "else": schema}


def _several(codes: tuple[Code, ...], missing: tuple[Code, ...]) -> str:
    one = "|".join(re.escape(str(code)) for code in codes)
    chosen = f"(?:{one})(?: (?:{one}))*"
    return f"^(?:{'|'.join([chosen, *(re.escape(str(code)) for code in missing)])})$"


def _required(schema: Json) -> Json:
    return schema | {"type": "string"}
