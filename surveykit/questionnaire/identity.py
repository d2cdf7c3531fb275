"""How a form says what it is and where its answers stand; the one thing that forms and returns must agree on.

A form carries its identity twice: as custom document properties, and as key and value rows of the hidden sheet
:data:`META_SHEET`. Every answer cell (booklet) or answer column (list) has a defined name. The hidden sheet
:data:`MAP_SHEET` repeats name, sheet and cell of every answer for files whose names were lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final, Literal

from surveykit.questionnaire.structure import Code

Layout = Literal["booklet", "list"]

META_SHEET: Final = "_surveykit"
MAP_SHEET: Final = "_map"
LIST_SHEET: Final = "_lists"
PROPERTY_PREFIX: Final = "surveykit."
FORMAT: Final = "1"
MAP_HEADER: Final = ("name", "sheet", "cell", "unit", "item", "row", "code")

_NAME: Final = re.compile(r"^A_(?P<item>[A-Za-z][A-Za-z0-9_]*)(?:\.r(?P<row>\d+))?(?:\.o(?P<code>_?[A-Za-z0-9]+))?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormIdentity:
    """What a form is.

    Parameters
    ----------
    format : str
        Version of the form's own layout conventions.
    questionnaire, version, text_version, structure_hash, text_hash : str
        The instrument.
    language : str
        Language of the wording.
    layout : {"booklet", "list"}
    serial : str
        Serial of a prefilled booklet, else empty.
    generator : str
        Program and version that wrote the form.
    """

    format: str
    questionnaire: str
    version: str
    text_version: str
    structure_hash: str
    text_hash: str
    language: str
    layout: str
    serial: str = ""
    generator: str = ""

    def to_properties(self) -> dict[str, str]:
        """Return names and values as they stand in the document properties and on the hidden sheet."""
        return {f"{PROPERTY_PREFIX}{name}": value for name, value in asdict(self).items()}

    @classmethod
    def from_properties(cls, properties: Mapping[str, str]) -> FormIdentity | None:
        """Read an identity back; None where a required part is missing."""
        values = {name.removeprefix(PROPERTY_PREFIX): str(value) for name, value in properties.items()}
        known = {name: values.get(name, "") for name in cls.__dataclass_fields__}
        required = ("questionnaire", "version", "structure_hash", "language", "layout")
        return cls(**known) if all(known[name] for name in required) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerName:
    """What a defined name of an answer says.

    Parameters
    ----------
    item : str
        Item id.
    row : int
        1-based row of a repeated unit in a booklet, 0 for the top unit and in the list layout.
    code : str
        Code of a select-multiple option, empty otherwise.
    """

    item: str
    row: int = 0
    code: str = ""


def answer_name(item: str, *, row: int = 0, code: Code | None = None) -> str:
    """Return the defined name of an answer cell, or of an answer column of the list layout.

    The prefix keeps ids such as BP1, which are cell addresses, legal.
    """
    line = f".r{row}" if row else ""
    option = "" if code is None else f".o{code}".replace("-", "_")  # Excel takes no minus in a name
    return f"A_{item}{line}{option}"


def parse_answer_name(name: str) -> AnswerName | None:
    """Read a defined name back; None if it is not the name of an answer."""
    match = _NAME.match(name)
    if match is None:
        return None
    return AnswerName(item=match["item"], row=int(match["row"] or 0), code=(match["code"] or "").replace("_", "-"))


def line_name(unit: str) -> str:
    """Return the item part of the name of a unit's line numbers.

    In the list layout the column of line numbers of a unit below the top; in a booklet the line cell of a selected
    person (``row`` counts the blocks of the unit), where a formula takes the line from the roster.
    """
    return f"line_{unit}"


def key_name(unit: str) -> str:
    """Return the item part of the name of the column that repeats the top key on the list sheet of a unit below it."""
    return f"key_{unit}"
