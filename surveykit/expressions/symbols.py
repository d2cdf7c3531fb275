"""What names stand for: the types of answers, as far as an expression has to know them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["", "number", "code", "codes", "text", "date", "boolean"]
Code = int | str

MISSING_KINDS: Final = ("na", "dk", "refused", "not_stated", "not_asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """One item or column as expressions see it.

    Parameters
    ----------
    name : str
        The name in expressions.
    kind : {"number", "code", "codes", "text", "date", "boolean"}
        ``code`` is one code of a list, ``codes`` the chosen codes of a select-multiple.
    column : str
        Column in data; the name itself where empty.
    codes : mapping of code to (mapping of language to label)
        The code list; empty means that any code may stand there.
    missing : mapping of code to str
        Kind (``na``, ``dk``, ``refused``, ``not_stated``, ``not_asked``) by missing code.
    integer : bool
        Whether a number is always whole.
    label : mapping of language to str
        Question text, for sentences.
    number : str
        Printed question number, for sentences.
    """

    name: str
    kind: Kind
    column: str = ""
    codes: Mapping[Code, Mapping[str, str]] = field(default_factory=dict, hash=False)
    missing: Mapping[Code, str] = field(default_factory=dict, hash=False)
    integer: bool = False
    label: Mapping[str, str] = field(default_factory=dict, hash=False)
    number: str = ""

    def __post_init__(self) -> None:
        if not self.column:
            object.__setattr__(self, "column", self.name)

    @property
    def numeric(self) -> bool:
        """Whether answers are kept as numbers: numbers, and codes of a list without letters."""
        listed = (*self.codes, *self.missing)
        return self.kind == "number" or (self.kind == "code" and all(isinstance(code, int) for code in listed))

    def own_code(self, code: object) -> Code | None:
        """Return a code as the list writes it (``"1"`` for 1 and the reverse), None if the list has no such code."""
        if not self.codes and not self.missing:
            return code if isinstance(code, int | str) else None
        written = {str(one): one for one in (*self.missing, *self.codes)}
        return written.get(str(code))

    def code_of_label(self, label: str) -> Code | None:
        """Return the code that has a label in any language, to help who wrote the label instead."""
        wanted = label.strip().casefold()
        labelled = ((code, text) for code, texts in self.codes.items() for text in texts.values())
        return next((code for code, text in labelled if text.strip().casefold() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The names that an expression may use.

    Parameters
    ----------
    symbols : mapping of str to Symbol
        Names of the record itself and of all units above it.
    rosters : mapping of str to Scope
        Rows below the record, for ``count``, ``sum``, ``any`` and their like.
    this : str
        Name of the symbol that ``this`` means.
    today : str
        Name of the date symbol that ``today()`` means: the interview date. Empty leaves it to the backend.
    """

    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    rosters: Mapping[str, Scope] = field(default_factory=dict)
    this: str = ""
    today: str = ""


def scope(symbols: Iterable[Symbol], *, this: str = "", today: str = "", **rosters: Scope) -> Scope:
    """Return the scope of some symbols.

    Parameters
    ----------
    symbols : iterable of Symbol
        Later ones win where names repeat.
    this, today : str
        Names of the symbols that ``this`` and ``today()`` mean.
    **rosters : Scope
        Scopes of the rows below, by roster name.
    """
    return Scope(symbols={one.name: one for one in symbols}, rosters=rosters, this=this, today=today)


def near(name: str, known: Iterable[str]) -> str:
    """Return up to three known names that look like a name, joined by commas; a dash if none does."""
    names = sorted(set(known))
    same = [one for one in names if one.casefold() == name.casefold()]
    return ", ".join(same or difflib.get_close_matches(name, names, n=3, cutoff=0.6)) or "—"
