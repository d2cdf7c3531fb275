"""Answers to former versions of a questionnaire, said in the names and codes of the present one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from surveykit.documents import read_document
from surveykit.errors import DefinitionError, ReturnsError
from surveykit.findings import Finding, Place, finding
from surveykit.questionnaire.compare import compare
from surveykit.questionnaire.responses import Origin
from surveykit.questionnaire.structure import Code, Item, Questionnaire, option_column
from surveykit.returns.records import Dictionary, Record, split_joined

_SHOWN: Final = 5  # differences in a message
_SETTLED: Final = frozenset({"item-removed", "code-recoded", "column"})  # breaking changes that a mapping carries out


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A former version of a questionnaire whose forms may still come back.

    Parameters
    ----------
    questionnaire : Questionnaire
    mapping : path or mapping, optional
        A mapping file (``schemas/mapping.schema.json``): new ids by old ones, codes that were numbered anew. Needed
        where the change breaks.
    """

    questionnaire: Questionnaire
    mapping: str | Path | Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """How answers to a former version become answers to the present one.

    Parameters
    ----------
    dictionary : Dictionary
        Of the former version.
    items : mapping of str to Item
        Present item by former column.
    codes : mapping of str to mapping
        By former column: present code by former code as text.
    refused : tuple of str
        Why the two cannot be joined; empty where they can.
    """

    dictionary: Dictionary
    items: Mapping[str, Item]
    codes: Mapping[str, Mapping[str, Code]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()

    def finding(self, where: Place, present: Questionnaire) -> Finding | None:
        """Return why a file of this version is refused, or None."""
        if not self.refused:
            return None
        shown = "; ".join(self.refused[:_SHOWN]) + ("; ..." if len(self.refused) > _SHOWN else "")
        found, expected = self.dictionary.questionnaire.version, present.version
        return finding("returns-version-breaks", where, found=found, expected=expected, differences=shown)

    def translated(self, record: Record) -> Record:
        """Return a record in the names and codes of the present version; answers to dropped items are left out."""
        names = self._columns(record)
        origin = record.origin
        cells = {names[column]: place for column, place in origin.cells.items() if column in names}
        made = Record(
            record.unit,
            Origin(file=origin.file, cells=cells, row=origin.row),
            record.block,
            {
                names[column]: self._recoded(column, value)
                for column, value in record.answers.items()
                if column in names
            },
            {names[column]: text for column, text in record.unread.items() if column in names},
        )
        for column, item in self.items.items():
            if item.type == "select_multiple" and column in record.answers:
                split_joined(made, item)
        return made

    def _columns(self, record: Record) -> dict[str, str]:
        """Return the present column by former column, for the columns that the record has."""
        former = self.dictionary.questionnaire
        names = {key: key for key in former.keys_of(record.unit)}
        names |= {column: item.var for column, item in self.items.items()}
        for old in former.items_of(record.unit):
            new = self.items.get(old.var)
            if new is not None and old.type == "select_multiple" and old.codelist:
                for code in old.codelist.codes:
                    present = self.codes.get(old.var, {}).get(str(code), code)
                    names[option_column(old.var, code)] = option_column(new.var, present)
        return names

    def _recoded(self, column: str, value: object) -> object:
        codes = self.codes.get(column)
        if not codes:
            return value
        if self.items[column].type == "select_multiple":
            return " ".join(str(codes.get(part, part)) for part in str(value).split())
        return codes.get(str(value), value)


def version_of(former: Former, present: Questionnaire) -> Version:
    """Return how answers to a former version are joined with those to the present one.

    Notes
    -----
    Compatible changes need nothing. A breaking change needs a mapping file that settles it; items that are gone are
    left out then.

    Raises
    ------
    ReturnsError
        If the mapping file cannot be read.
    """
    try:
        document = _mapping(former.mapping)
        comparison = compare(former.questionnaire, present, document or None)
    except DefinitionError as error:
        raise ReturnsError(error.findings) from error
    breaking = [one for one in comparison.differences if one.effect == "breaking"]
    if former.mapping is not None:
        breaking = [one for one in breaking if one.change not in _SETTLED]
    renamed: Mapping[str, str] = document.get("items", {})
    recoded: Mapping[str, Mapping[str, Code]] = document.get("codes", {})
    now = {item.id: item for item in present}
    items = {old.var: now[name] for old in former.questionnaire if (name := renamed.get(old.id, old.id)) in now}
    by_id = {old.id: old.var for old in former.questionnaire}
    return Version(
        dictionary=Dictionary(former.questionnaire),
        items=items,
        codes={by_id[item]: dict(pairs) for item, pairs in recoded.items() if item in by_id},
        refused=tuple(f"{one.item or one.code} {one.text()}".strip() for one in breaking),
    )


def _mapping(mapping: str | Path | Mapping[str, Any] | None) -> Mapping[str, Any]:
    if mapping is None:
        return {}
    if isinstance(mapping, str | Path):
        return read_document(Path(mapping), "mapping")
    return mapping if "items" in mapping else {"items": dict(mapping)}
