"""An item in words: question, codes, what is expected, the prompt of its cell."""

from __future__ import annotations

from typing import Final

from surveykit.forms.lists import option_label
from surveykit.forms.places import option_codes
from surveykit.forms.plan import Rich
from surveykit.forms.wording import Words
from surveykit.questionnaire.structure import Item

BOX: Final = "□"
CODES_SHOWN: Final = 16  # a longer list fills half a page; it stands on the sheet of codes instead
PROMPT_TITLE: Final = 32  # Excel specifications and limits: characters of a title of a validation
PROMPT: Final = 255  # same, of its message


def question(item: Item, words: Words, asked_if: str = "") -> Rich:
    """Return label, hint, instruction and condition of an item, each in its own type."""
    parts = [(words.of(item.label), "label")]
    if item.hint:
        parts.append((f"\n{words.of(item.hint)}", "hint"))
    if item.instruction:
        parts.append((f"\n{words.of(item.instruction)}", "instruction"))
    if asked_if:
        parts.append((f"\n{asked_if}", "asked_if"))
    return Rich(tuple(parts))


def heading(item: Item, words: Words, asked_if: str = "") -> Rich:
    """Return label and condition of an item for the head of a column; the hints stand below the grid."""
    parts = [(words.of(item.label), "label")]
    if asked_if:
        parts.append((f"\n{asked_if}", "asked_if"))
    return Rich(tuple(parts))


def codes(item: Item, words: Words, *, code_sheet: str, paper: bool = False) -> str:
    """Return what stands in the column of codes: every code with its label, limits, special codes."""
    mark = f"{BOX} " if paper else ""
    if item.type == "select_multiple":
        return words["tick"]
    if item.codelist:
        offered = tuple(option.code for option in item.codelist.offered)
        if len(offered) > CODES_SHOWN:
            shown = [words.say("see_codes", count=len(offered), sheet=code_sheet)]
            shown += [f"{mark}{option_label(item, code, words)}" for code in item.missing_codes]
            return "\n".join(shown)
        if item.type == "calculated":
            mark = ""
        return "\n".join(f"{mark}{option_label(item, code, words)}" for code in (*offered, *item.missing_codes))
    lines = [expected_range(item, words)] if item.type != "calculated" else [words["calculated"]]
    lines += [f"{mark}{option_label(item, code, words)}" for code in item.missing_codes]
    return "\n".join(line for line in lines if line)


def expected_range(item: Item, words: Words) -> str:
    """Return "0 to 120", or the form of a date or text."""
    limits = item.range
    if limits and limits.min is not None and limits.max is not None:
        return words.say("range", min=_number(limits.min), max=_number(limits.max))
    if limits and limits.min is not None:
        return words.say("range_from", min=_number(limits.min))
    if limits and limits.max is not None:
        return words.say("range_to", max=_number(limits.max))
    return words["date_format"] if item.type == "date" else ""


def expected(item: Item, words: Words) -> str:
    """Return range and special codes on one line, for messages."""
    if item.codelist:
        return words["stop_list"]
    kinds = {
        "integer": words["prompt_number"],
        "decimal": words.say("prompt_decimal", decimals=item.decimals),
        "date": words["prompt_date"],
    }
    length = words.say("letters", max=item.max_length)
    parts = [kinds.get(item.type, length), expected_range(item, words) if item.type != "date" or item.range else ""]
    parts.append(", ".join(str(code) for code in item.missing_codes))
    return "; ".join(part for part in parts if part)


def prompt(item: Item, words: Words, *, question_too: bool = False) -> tuple[str, str]:
    """Return title and text of the message that a chosen cell shows; parts that do not fit are left out whole."""
    title = f"{item.number} {item.id}".strip()
    wanted = [words["prompt_list"] if item.codelist else expected(item, words)]
    if item.type == "select_multiple":
        wanted = [words["tick"]]
    if question_too:
        shown = option_codes(item) if item.codelist else ()
        listed = "; ".join(option_label(item, code, words) for code in shown)
        wanted = [words.of(item.label), listed if item.codelist else wanted[0]]
    if item.hint:
        wanted.append(words.of(item.hint))
    if not item.required:
        wanted.append(words["optional"])
    text = ""
    for part in wanted:
        longer = f"{text}\n{part}" if text and part else text or part
        text = longer if excel_length(longer) <= PROMPT else text
    return (title if len(title) <= PROMPT_TITLE else item.number[:PROMPT_TITLE]), text


def excel_length(text: str) -> int:
    """Return the length of a text as Excel counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def ticked(item: Item) -> bool:
    """Whether all codes of an item stand beside it, each with a box to tick."""
    return item.codelist is not None and len(item.codelist.offered) <= CODES_SHOWN


def boxes(item: Item) -> str:
    """Return what is printed in the answer cell of a paper form: a box a digit, or a line."""
    if item.codelist:
        widest = max((len(str(code)) for code in option_codes(item)), default=1)
        return _digits(widest)
    if item.type == "date":
        return f"{_digits(4)}\n{_digits(2)} - {_digits(2)}"  # year; month and day
    if item.type in {"integer", "decimal"}:
        top = item.range.max if item.range else None
        widths = [len(str(int(float(top))))] if top is not None else [4]  # four digits where nothing is said
        widths += [len(str(code)) for code in item.missing_codes]
        point = f" . {_digits(min(item.decimals, 4))}" if item.type == "decimal" and item.decimals else ""
        return _digits(min(max(widths), 8)) + point  # eight boxes fill the column
    if item.type == "id" and item.max_length <= 12:  # twelve boxes fill the column in two lines
        return _digits(item.max_length)
    return "_" * 15


def _digits(count: int) -> str:
    return "|__" * count + "|"


def _number(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() else f"{value:g}"
