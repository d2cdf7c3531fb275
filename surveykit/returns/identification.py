"""What form a returned file is: identity read twice, and held against the questionnaire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from surveykit.findings import Finding, Place, finding
from surveykit.questionnaire.identity import META_SHEET, PROPERTY_PREFIX, FormIdentity
from surveykit.questionnaire.structure import Questionnaire
from surveykit.returns.values import shown
from surveykit.returns.versions import Version
from surveykit.returns.workbook import Workbook

_COMPARED: Final = ("questionnaire", "version", "structure_hash", "language", "layout", "serial")


def identify(workbook: Workbook) -> tuple[FormIdentity | None, list[Finding]]:
    """Read the identity of a form from its properties and from its hidden sheet.

    Returns
    -------
    FormIdentity or None
        None if neither place has one.
    list of Finding
        An error where the two places disagree.
    """
    from_properties = FormIdentity.from_properties(_own(workbook.properties))
    from_sheet = FormIdentity.from_properties(_own(_sheet_properties(workbook)))
    if from_properties is None or from_sheet is None:
        return from_properties or from_sheet, []
    for part in _COMPARED:
        first, second = getattr(from_properties, part), getattr(from_sheet, part)
        if first != second:
            where = Place(file=workbook.where.file, sheet=META_SHEET)
            return from_properties, [finding("returns-identity-edited", where, part=part, first=first, second=second)]
    return from_properties, []


def identity_findings(
    identity: FormIdentity, questionnaire: Questionnaire, where: Place, *, version: Version | None = None
) -> list[Finding]:
    """Hold an identity against the questionnaire that is expected, and the former version that it names."""
    if identity.questionnaire != questionnaire.id:
        found, expected = identity.questionnaire, questionnaire.id
        return [finding("returns-other-questionnaire", where, found=found, expected=expected)]
    if version is not None:
        broken = version.finding(where, questionnaire)
        return [broken] if broken else []
    if identity.structure_hash != questionnaire.structure_hash:
        found, expected = identity.version, questionnaire.version
        return [finding("returns-other-version", where, found=found, expected=expected)]
    return []


def _own(properties: Mapping[str, str]) -> dict[str, str]:
    names = {field.name for field in fields(FormIdentity)}
    return {name: value for name, value in properties.items() if name.removeprefix(PROPERTY_PREFIX) in names}


def _sheet_properties(workbook: Workbook) -> dict[str, str]:
    sheet = workbook.sheet(META_SHEET)
    if sheet is None:
        return {}
    rows = (sorted(cells.items()) for _, cells in sheet.read())
    return {shown(row[0][1]): shown(row[1][1]) for row in rows if len(row) > 1}
