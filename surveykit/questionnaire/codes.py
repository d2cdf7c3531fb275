"""Codes and their labels: code lists, missing sets, texts by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Text = Mapping[str, str]
Code = int | str
MissingKind = Literal["na", "dk", "refused", "not_stated", "not_asked"]


def localized(text: Text, language: str) -> str:
    """Return a text in a language, else in its base language, else in English, else in the first there is."""
    for candidate in (language, language.split("-", maxsplit=1)[0], "en"):
        if text.get(candidate):
            return text[candidate]
    return next(iter(text.values()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOption:
    """One code of a code list.

    Parameters
    ----------
    code : int or str
        Keeps its meaning for ever.
    label : Text
        Label by language.
    exclusive : bool
        In a select-multiple, no other code may stand beside it ("none of these").
    other : bool
        Asks for a text ("other, specify").
    retired : bool
        Accepted in old data, no longer offered.
    parent : int or str, optional
        Code of the parent list under which this one is offered (cascades: county under province).
    outcome : str
        In the result of a visit, what this code means to response rates: ``complete``, ``partial``, ``refusal``,
        ``noncontact``, ``other``, ``unknown`` (eligibility not known) or ``ineligible``; empty elsewhere.
    """

    code: Code
    label: Text
    exclusive: bool = False
    other: bool = False
    retired: bool = False
    parent: Code | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """A named, versioned list of codes."""

    id: str
    version: str
    options: tuple[CodeOption, ...]
    label: Text = field(default_factory=dict)
    parent: str = ""

    @property
    def codes(self) -> tuple[Code, ...]:
        """All codes, retired ones included."""
        return tuple(option.code for option in self.options)

    @property
    def offered(self) -> tuple[CodeOption, ...]:
        """The options that a new form shows."""
        return tuple(option for option in self.options if not option.retired)

    def option(self, code: Code) -> CodeOption | None:
        """Return the option of a code."""
        return next((option for option in self.options if option.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingCode:
    """A reserved code and the kind of missing value that it stands for."""

    code: Code
    kind: MissingKind
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingSet:
    """A named set of missing codes, declared once per width and referred to by items."""

    id: str
    codes: tuple[MissingCode, ...]

    @property
    def kinds(self) -> Mapping[Code, MissingKind]:
        """Kind by code."""
        return {missing.code: missing.kind for missing in self.codes}
