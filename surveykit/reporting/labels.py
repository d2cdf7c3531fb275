"""Words of a table: labels of variables and codes from a codebook or a plain mapping, and the room's own wording."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Protocol, cast

from surveykit.questionnaire.structure import Code, Text, localized

LabelEntry = str | Mapping[str, object]


class Labels(Protocol):
    """What a table asks of a codebook."""

    def label(self, var: str, language: str) -> str:
        """Return the label of a variable."""
        ...

    def value_labels(self, var: str, language: str) -> Mapping[Code, str]:
        """Return the label of each code of a variable, in the order of the code list."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Labels of one table: plain entries first, then the codebook, then the name itself.

    Parameters
    ----------
    language : str
        BCP 47 tag; a missing text falls back to the base language, then to English.
    codebook : Labels, optional
        Labels of the questionnaire's variables.
    entries : mapping of str to str or mapping, optional
        Plain labels of variables, derived ones above all: ``"Sex"``, ``{"en": "Sex"}`` or
        ``{"label": {"en": "Sex"}, "values": {1: {"en": "Men"}}}``.
    """

    language: str = "en"
    codebook: Labels | None = None
    entries: Mapping[str, LabelEntry] = field(default_factory=dict)

    def variable(self, var: str) -> str:
        """Return the label of a variable, or its name where nothing labels it."""
        entry: object = self.entries.get(var)
        if isinstance(entry, Mapping):
            entry = entry.get("label", entry if "values" not in entry else None)
        if entry:
            return text_of(entry, self.language)
        return self._of_codebook(var) or var

    def values(self, var: str) -> Mapping[Code, str]:
        """Return the label of each code of a variable in printed order; empty where nothing labels it."""
        entry = self.entries.get(var)
        own = entry.get("values") if isinstance(entry, Mapping) else None
        if isinstance(own, Mapping):
            return {code: text_of(label, self.language) for code, label in own.items()}
        if self.codebook is None:
            return {}
        try:
            return self.codebook.value_labels(var, self.language)
        except KeyError:
            return {}

    def value(self, var: str, code: object) -> str:
        """Return the label of one code, or the code itself."""
        labels = self.values(var)
        for known, label in labels.items():
            if known == code or str(known) == str(code):
                return label
        if isinstance(code, bool):
            return self.say("yes" if code else "no")
        return str(code)

    def order(self, var: str, code: object) -> tuple[int, float]:
        """Return a sort key: the place in the code list, then numbers by size; texts stay as they came."""
        known = [str(one) for one in self.values(var)]
        place = known.index(str(code)) if str(code) in known else len(known)
        return (place, float(code) if isinstance(code, int | float) else 0.0)

    def say(self, key: str, **values: object) -> str:
        """Return a text of the room's own wording with its places filled."""
        return localized(_wording()[key], self.language).format(**values)

    def method(self, text: str) -> str:
        """Return what an estimate says of its variance in the language of the table, phrase by phrase."""
        phrases = _method_phrases().get(self.language.split("-", maxsplit=1)[0], ())
        for pattern, said in phrases:
            text = re.sub(pattern, said, text)
        return text

    def _of_codebook(self, var: str) -> str:
        if self.codebook is None:
            return ""
        try:
            return self.codebook.label(var, self.language)
        except KeyError:
            return ""


def text_of(text: object, language: str) -> str:
    """Return a text in a language, whether it is given plainly or by language."""
    if isinstance(text, Mapping):
        return localized({str(key): str(value) for key, value in text.items()}, language)
    return str(text)


def room_data(name: str) -> dict[str, object]:
    """Return a JSON file of this room: rules, layouts, wording."""
    document: dict[str, object] = json.loads((files("surveykit.reporting") / name).read_text(encoding="utf-8"))
    return document


def inline(label: str) -> str:
    """Return a label as it stands inside a phrase: a capitalised English word loses its capital.

    Acronyms (``BMI group``) and scripts without case stay as they are.
    """
    if len(label) > 1 and label[0].isupper() and label[1].islower():
        return label[0].lower() + label[1:]
    return label


@cache
def _method_phrases() -> Mapping[str, list[tuple[str, str]]]:
    phrases = room_data("wording.json")["method-phrases"]
    return cast("Mapping[str, list[tuple[str, str]]]", phrases)


@cache
def _wording() -> Mapping[str, Text]:
    entries = room_data("wording.json")
    return {key: value for key, value in entries.items() if isinstance(value, dict)}
