"""Codes of a list as people type them: the code, code and label, the label alone, ticks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Final, Literal

from surveykit.questionnaire.structure import Code, Item, Text
from surveykit.returns.values import Plain
from surveykit.returns.wording import Parsed, Said, folded, narrow, unread

_CODE_LABEL: Final = re.compile(r"([A-Za-z0-9]+)(?:\.0+)?(?P<sign>\s?[.):=-]\s?|\s)(?P<label>.+)", re.DOTALL)
_WHOLE: Final = re.compile(r"([0-9]+)\.0*", re.ASCII)
_SEPARATORS: Final = re.compile(r"\s*[,;/·、]\s*|\s+")
_TICKED: Final = frozenset({"v", "✓", "✔", "☑", "√", "x", "✗", "o", "○", "●", "1", "y", "yes", "예"})
_NOT_TICKED: Final = frozenset({"", "0", "-", "n", "no", "아니오"})
_SHOWN: Final = 12  # codes in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What an item's codes may be written as.

    Parameters
    ----------
    codes : mapping of str to code
        By the code as text.
    labels : mapping of str to frozenset of code
        By label in any language, as compared.
    numeric : bool
        All codes are numbers.
    """

    codes: Mapping[str, Code]
    labels: Mapping[str, frozenset[Code]]
    numeric: bool

    @property
    def expected(self) -> Said:
        """The codes, for a message."""
        shown = ", ".join(list(self.codes)[:_SHOWN]) + (", ..." if len(self.codes) > _SHOWN else "")
        return {"en": f"one of the codes {shown}", "ko": f"부호 {shown} 가운데 하나"}


def choices_of(item: Item) -> Choices:
    """Return the choices of an item: codes of its list, retired ones included, and its missing codes."""
    options: list[tuple[Code, Text]] = [(one.code, one.label) for one in item.codelist.options] if item.codelist else []
    options += [(one.code, one.label) for one in item.missing.codes] if item.missing else []
    labels: dict[str, set[Code]] = {}
    for code, text in options:
        for label in text.values():
            labels.setdefault(folded(label), set()).add(code)
    return Choices(
        codes={str(code): code for code, _ in options},
        labels={label: frozenset(codes) for label, codes in labels.items()},
        numeric=all(isinstance(code, int) for code, _ in options),
    )


def code_reader(item: Item) -> Callable[[Plain], Parsed]:
    """Return the reader of a select-one item.

    Answer cells of codes are formatted as text, so a code typed there is a text and nothing to report. A number that
    is no code of the list is kept, since it can be read; the checks report it.
    """
    choices = choices_of(item)

    def read(raw: Plain) -> Parsed:
        if isinstance(raw, date | time):
            return unread("returns-answer-no-code", choices.expected)
        if isinstance(raw, str):
            text, code = narrow(raw)
            return _from_text(text, code, choices) if text else Parsed(None, code)
        return _from_number(raw, choices)

    return read


def _from_number(raw: float, choices: Choices) -> Parsed:
    known = choices.codes.get(str(raw))
    if known is not None:
        return Parsed(known)
    if isinstance(raw, int) and choices.numeric:
        return Parsed(raw)
    padded = [code for text, code in choices.codes.items() if text.isdigit() and int(text) == raw]
    if len(padded) == 1:
        return Parsed(padded[0], "returns-answer-leading-zeros")
    return unread("returns-answer-no-code", choices.expected)


def _from_text(text: str, code: str, choices: Choices) -> Parsed:
    if text in choices.codes:
        return Parsed(choices.codes[text], code)
    whole = _WHOLE.fullmatch(text)
    if whole and whole[1] in choices.codes:
        return Parsed(choices.codes[whole[1]], "returns-answer-number-text")
    labelled = choices.labels.get(folded(text), frozenset())
    match = _CODE_LABEL.fullmatch(text)
    if match and match[1] in choices.codes and choices.codes[match[1]] not in labelled:
        return _code_and_label(match, choices)
    return _from_label(text, labelled, choices)


def _from_label(text: str, labelled: frozenset[Code], choices: Choices) -> Parsed:
    if len(labelled) == 1:
        return Parsed(next(iter(labelled)), "returns-answer-label")
    if labelled:
        return unread("returns-answer-label-ambiguous", choices.expected)
    if choices.numeric and text.isascii() and text.isdigit() and len(text) < 10:  # codes are short
        return Parsed(int(text))
    return unread("returns-answer-no-code", choices.expected)


def _code_and_label(match: re.Match[str], choices: Choices) -> Parsed:
    code = choices.codes[match[1]]
    owners = choices.labels.get(folded(match["label"]), frozenset())
    if code in owners:
        return Parsed(code, "" if match["sign"] == " " else "returns-answer-label-sign")
    return (
        unread("returns-answer-label-conflict", choices.expected)
        if owners
        else Parsed(code, "returns-answer-label-other")
    )


def several_reader(item: Item) -> Callable[[Plain], Parsed]:
    """Return the reader of a select-multiple item whose codes all stand in one cell, as in csv files."""
    choices = choices_of(item)
    order = {str(code): position for position, code in enumerate(choices.codes.values())}
    read_one = code_reader(item)

    def read(raw: Plain) -> Parsed:
        text = "?" if isinstance(raw, date | time) else narrow(str(raw))[0]
        parts = [part for part in _SEPARATORS.split(text) if part]
        if parts and all(part in choices.codes for part in parts):
            joined = " ".join(sorted(set(parts), key=lambda code: order[code]))
            return Parsed(joined, "" if " ".join(parts) == str(raw) else "returns-answer-separators")
        whole = read_one(raw)
        if whole.unread or whole.code == "returns-answer-label-other" or str(whole.value) not in order:
            return unread("returns-answer-no-code", choices.expected) if parts else whole
        return whole._replace(value=str(whole.value))

    return read


Tick = Literal["yes", "no", "unread"]


def tick(raw: Plain) -> Tick:
    """Read the cell of one option of a select-multiple."""
    text = folded(str(raw)) if not isinstance(raw, date | time) else "?"
    if text in _TICKED:
        return "yes"
    return "no" if text in _NOT_TICKED else "unread"


def join_codes(codes: Iterable[Code]) -> str:
    """Return chosen codes as they stand in the data."""
    return " ".join(str(code) for code in codes)
