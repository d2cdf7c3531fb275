"""Lines and columns of the values of a JSON text, for tools that show a finding where it stands."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from surveykit.documents import pointer

Positions = Mapping[str, tuple[int, int]]

_BLANKS: Final = re.compile(r"[\s,:]*")
_TEXT: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR: Final = re.compile(r"[^\s,\]}]+")


def positions(text: str) -> Positions:
    """Return line and column, counted from 1, of every value of a JSON text by its pointer.

    Parameters
    ----------
    text : str
        Valid JSON, nested no deeper than documents are read.

    Returns
    -------
    mapping of str to (int, int)
        Members of an object stand at their keys, other values at their first character.
    """
    scanner = _Scanner(text=text)
    scanner.value(0, ())
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    return {name: (line := bisect_right(starts, at), at - starts[line - 1] + 1) for name, at in scanner.found.items()}


@dataclass(slots=True, kw_only=True)
class _Scanner:
    text: str
    found: dict[str, int] = field(default_factory=dict)

    def value(self, at: int, path: tuple[object, ...]) -> int:
        at = self.skip(at)
        self.found.setdefault(pointer(path), at)
        match self.text[at]:
            case "{":
                return self.members(at + 1, path)
            case "[":
                return self.elements(at + 1, path)
            case '"':
                return self.end(_TEXT, at)
            case _:
                return self.end(_SCALAR, at)

    def members(self, at: int, path: tuple[object, ...]) -> int:
        while self.text[at := self.skip(at)] != "}":
            end = self.end(_TEXT, at)
            key = json.loads(self.text[at:end])
            self.found[pointer((*path, key))] = at
            at = self.value(end, (*path, key))
        return at + 1

    def elements(self, at: int, path: tuple[object, ...]) -> int:
        number = 0
        while self.text[at := self.skip(at)] != "]":
            at = self.value(at, (*path, number))
            number += 1
        return at + 1

    def skip(self, at: int) -> int:
        return self.end(_BLANKS, at)

    def end(self, pattern: re.Pattern[str], at: int) -> int:
        matched = pattern.match(self.text, at)
        return matched.end() if matched else at
