"""What single values mean, shared by the backends that work in Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from surveykit.expressions import agreement
from surveykit.expressions.nodes import Literal, Node

NUMBER: Final = re.compile(r"-?(\d+\.?\d*|\.\d+)", re.ASCII)
BLANKS: Final = " \t\r\n"
_RUNS: Final = re.compile(f"[{BLANKS}]+")


def trimmed(text: str) -> str:
    """Return a text without blanks at its ends; a run of blanks inside counts as one, as in Excel and XPath."""
    return _RUNS.sub(" ", text).strip(" ")


def number(text: str) -> float:
    """Return the number that a text writes, NaN if it writes none: digits, one point, a leading minus."""
    written = text.strip(BLANKS)
    return float(written) if NUMBER.fullmatch(written) else float("nan")


def joined(parts: Iterable[str | None]) -> str | None:
    """Return texts joined to one, None if one of them is unknown."""
    written = tuple(parts)
    return None if None in written else "".join(str(part) for part in written)


def labels(node: Node, language: str) -> Mapping[str | None, str]:
    """Return the labels of a coded value by code as text: in a language, its base language, English, else the code."""
    owner = agreement.owner(node)
    codes = {} if owner is None else owner.codes
    wanted = (language, language.split("-", maxsplit=1)[0], "en")
    return {
        str(code): next((texts[one] for one in wanted if texts.get(one)), str(code)) for code, texts in codes.items()
    }


def numeric_code(node: Node) -> bool:
    """Whether a coded value's codes are kept as numbers."""
    if isinstance(node, Literal):
        return not isinstance(node.value, str)
    owner = agreement.owner(node)
    return owner is not None and owner.numeric
