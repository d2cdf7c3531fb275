"""Text as people type it: Unicode forms, invisible characters, spaces, full-width digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final, NamedTuple

_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")  # soft hyphens, bidi marks
_SPACES: Final = re.compile(r"[^\S\n]+")


Said = str | Mapping[str, str]  # a text, or one by language


class Parsed(NamedTuple):
    """What an answer was read as.

    Parameters
    ----------
    value : object
        Typed value; None for a blank and for what could not be read.
    code : str
        Finding code of the conversion or of the failure; empty where the answer stood as the form asks for it.
    unread : bool
        Something stands there, but nothing could be made of it.
    expected : str or mapping of str to str
        What would have been read, for the message; by language.
    """

    value: object
    code: str = ""
    unread: bool = False
    expected: Said = ""


BLANK: Final = Parsed(None)


def unread(code: str, expected: Said = "") -> Parsed:
    """Return the result for an answer of which nothing can be made."""
    return Parsed(None, code, unread=True, expected=expected)


def tidy(text: str) -> tuple[str, str]:
    """Return a text in NFC without invisible characters and outer spaces, and the finding code of what changed."""
    composed = unicodedata.normalize("NFC", text)
    plain = _SPACES.sub(" ", _INVISIBLE.sub("", composed)).strip()
    if composed != text:
        return plain, "returns-answer-decomposed"
    return plain, "returns-answer-spaces" if plain != text else ""


def narrow(text: str) -> tuple[str, str]:
    """Return a text with full-width digits and signs made ASCII, and the finding code of what changed."""
    plain, code = tidy(text)
    folded = unicodedata.normalize("NFKC", plain).strip()
    return folded, "returns-answer-fullwidth" if folded != plain else code


def folded(text: str) -> str:
    """Return the form in which labels are compared: no case, no width, one blank between words."""
    return unicodedata.normalize("NFKC", tidy(text)[0]).casefold()
