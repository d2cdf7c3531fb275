"""The form's own words, by language; a questionnaire may bring words for further languages in its notices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from surveykit.questionnaire.structure import Questionnaire, Text, localized

STATUSES: Final = ("todo", "ok", "na", "check")
NOTICE_PREFIX: Final = "form."


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of a form in one language.

    Parameters
    ----------
    language : str
        BCP 47 tag.
    texts : mapping of str to Text
        Wordings by key, with ``{named}`` places.
    """

    language: str
    texts: Mapping[str, Text]

    def __getitem__(self, key: str) -> str:
        return localized(self.texts[key], self.language)

    def say(self, key: str, **values: object) -> str:
        """Return a wording with its places filled."""
        return self[key].format_map(values)

    def title(self, notice: str) -> str:
        """Return the heading of a notice: its own word, else its name."""
        key = f"notice_{notice}"
        return self[key] if key in self.texts else notice.replace("_", " ").capitalize()

    def of(self, text: Text) -> str:
        """Return a text of the questionnaire in this language."""
        return localized(text, self.language)

    @property
    def statuses(self) -> dict[str, str]:
        """The four words of the status column by key."""
        return {key: self[key] for key in STATUSES}


def words_for(questionnaire: Questionnaire, language: str) -> Words:
    """Return the words of a form; ``notices`` named ``form.<key>`` overrule or complete the shipped ones."""
    own = {
        name.removeprefix(NOTICE_PREFIX): text
        for name, text in questionnaire.notices.items()
        if name.startswith(NOTICE_PREFIX) and isinstance(text, Mapping)
    }
    shipped = _shipped()
    merged = {key: {**text, **own.get(key, {})} for key, text in shipped.items()}
    return Words(language=language, texts=merged)


@cache
def _shipped() -> Mapping[str, Text]:
    path = files("surveykit") / "forms" / "wording.json"
    texts: Mapping[str, Text] = json.loads(path.read_text(encoding="utf-8"))
    return texts
