"""How a form looks: named styles, chosen so that nothing is told by colour alone and all text has contrast AA."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle

PAPER_ANSWER: Final = "paper"
INK: Final = "FF1A1A1A"  # contrast 16:1 on white, WCAG 2.1 asks 4.5:1
SOFT: Final = "FF555555"  # 7.5:1 on white
ACCENT: Final = "FF1F4E79"  # 8.6:1 on white, and white on it
ALARM: Final = "FF9C0006"  # 8.0:1 on white, 6.9:1 on its own pale fill
PAPER: Final = "FFFFFFFF"
ANSWER_FILL: Final = "FFFFFBE6"  # ink on it 15:1
BAND_FILL: Final = "FFE8EEF5"  # accent on it 7.3:1
GREY_FILL: Final = "FFE3E3E3"

_FONTS: Final = {"ko": "Malgun Gothic", "ja": "Yu Gothic", "zh": "Microsoft YaHei"}  # shipped with Windows
_FALLBACK: Final = "Calibri"

Horizontal = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a named style is made of, library aside."""

    size: float = 10
    bold: bool = False
    italic: bool = False
    color: str = INK
    fill: str = ""
    border: Literal["", "thin", "answer", "under"] = ""
    horizontal: Horizontal = "left"
    top: bool = True
    wrap: bool = True
    locked: bool = True
    number_format: str = "General"
    indent: int = 0
    underline: bool = False
    turned: bool = False


def answer_look(number_format: str, *, horizontal: Horizontal = "left", locked: bool = False, indent: int = 0) -> Look:
    """Return the look of an answer cell: pale fill, thick border, unlocked."""
    return Look(
        size=11,
        fill=ANSWER_FILL,
        border="answer",
        horizontal=horizontal,
        locked=locked,
        number_format=number_format,
        indent=indent,
    )


LOOKS: Final[dict[str, Look]] = {
    "plain": Look(),
    "title": Look(size=14, bold=True, color=ACCENT, wrap=False),
    "subtitle": Look(size=11, bold=True, color=ACCENT, wrap=False),
    "remark": Look(size=9, color=SOFT, wrap=False),
    "step": Look(size=10, border="under"),
    "serial": Look(size=10, bold=True, horizontal="right", wrap=False),
    "head": Look(size=9, bold=True, color=PAPER, fill=ACCENT, border="thin", top=False),
    "section": Look(size=12, bold=True, color=ACCENT, fill=BAND_FILL, wrap=False, top=False),
    "section_status": Look(size=9, color=ACCENT, fill=BAND_FILL, horizontal="right", wrap=False, top=False),
    "person": Look(size=11, bold=True, color=PAPER, fill=ACCENT, top=False),
    "person_line": Look(size=11, bold=True, border="answer", horizontal="center", top=False),
    "person_text": Look(size=10, bold=True, fill=BAND_FILL, top=False),
    "instruction": Look(size=9, italic=True, color=SOFT),
    "section_if": Look(size=9, color=ACCENT),
    "privacy": Look(size=10, bold=True, color=ALARM),
    "notice": Look(size=10, border="thin"),
    "table": Look(size=10, bold=True, border="thin"),
    "note": Look(size=10, italic=True),
    "number": Look(size=9, bold=True, color=SOFT, border="under", horizontal="center"),
    "question": Look(size=10, border="under"),
    "option": Look(size=10, border="under", indent=2),
    "codes": Look(size=9, border="under", indent=1),
    "measure": Look(size=9, border="under", color=SOFT),
    "go_to": Look(size=9, border="under", color=ACCENT),
    "status": Look(size=9, border="under", horizontal="center"),
    "message": Look(size=9, border="under", color=ALARM),
    "helper": Look(size=8, color=SOFT, wrap=False),
    "link": Look(size=10, color=ACCENT, border="under", underline=True),
    "total": Look(size=10, bold=True, border="under"),
    "count": Look(size=10, border="under", horizontal="right", number_format="0"),
    "percent": Look(size=10, border="under", horizontal="right", number_format="0%"),
    "referral": Look(size=10, bold=True, color=ALARM),
    "list_head": Look(size=9, bold=True, border="thin"),
    "list_head_wide": Look(size=9, bold=True, border="thin", wrap=False),
    "list_codes": Look(size=8, border="thin"),
    "list_number": Look(size=9, bold=True, color=PAPER, fill=ACCENT, border="thin", horizontal="center", wrap=False),
    "list_var": Look(size=8, color=SOFT, border="thin", wrap=False),
    "list_section": Look(size=9, bold=True, color=ACCENT, fill=BAND_FILL, wrap=False),
    "echo": Look(size=9, border="thin", fill=GREY_FILL, top=False),
    "line": Look(size=10, bold=True, border="thin", horizontal="center", top=False),
    "rank": Look(size=10, border="thin", horizontal="center", top=False),
    "row_status": Look(size=9, border="thin", horizontal="center", top=False),
    "row_message": Look(size=9, color=ALARM, border="thin", top=False),
    PAPER_ANSWER: Look(size=11, border="answer", top=False),
    "paper_tick": Look(size=12, border="under", horizontal="center"),
    "tick": answer_look("@", horizontal="center"),
    "choice": answer_look("General"),
    "text": answer_look("@"),
    "integer": answer_look("0", horizontal="right", indent=1),
    "decimal": answer_look("General", horizontal="right", indent=1),
    "date": answer_look("yyyy\\-mm\\-dd", horizontal="center"),
    "computed": Look(size=11, border="answer", fill=GREY_FILL, horizontal="right"),
    "computed_date": Look(
        size=11, border="answer", fill=GREY_FILL, horizontal="center", number_format="yyyy\\-mm\\-dd"
    ),
    "group": Look(size=10, border="under", color=SOFT, horizontal="center"),
    **{
        f"computed{places}": Look(
            size=11,
            border="answer",
            fill=GREY_FILL,
            horizontal="right",
            number_format="0." + "0" * places if places else "0",
        )
        for places in range(13)  # places after the point that the schema of definitions allows
    },
}


def prefilled(style: str) -> str:
    """Return the name of the locked twin of an answer style."""
    return f"{style}.locked"


@cache
def look(name: str) -> Look:
    """Return a look by name; ``<style>.locked`` is an answer style that nobody types into."""
    base, _, locked = name.partition(".")
    one = LOOKS[base]
    if not locked:
        return one
    return Look(
        size=one.size,
        border="answer",
        fill=GREY_FILL,
        horizontal=one.horizontal,
        number_format=one.number_format,
        indent=one.indent,
    )


def font_name(language: str) -> str:
    """Return a font that carries the script of a language on the machines forms are filled on."""
    return _FONTS.get(language.split("-", maxsplit=1)[0], _FALLBACK)


def font(one: Look, family: str) -> Font:
    """Return the font of a look."""
    return Font(
        name=family,
        size=one.size,
        bold=one.bold,
        italic=one.italic,
        color=one.color,
        underline="single" if one.underline else None,
    )


def inline(name: str) -> tuple[float, bool, str]:
    """Return size, slant and colour of a part of a text: ``label``, ``hint``, ``instruction`` or ``asked_if``."""
    kinds = {"label": (10, False, INK), "hint": (9, True, SOFT), "instruction": (9, True, ACCENT)}
    return kinds.get(name, (8, False, ACCENT))


def fill(one: Look) -> PatternFill:
    """Return the fill of a look."""
    return PatternFill("solid", start_color=one.fill, end_color=one.fill) if one.fill else PatternFill()


def border(one: Look) -> Border:
    """Return the border of a look."""
    hair = Side(style="thin", color="FFB8B8B8")
    if one.border == "thin":
        return Border(left=hair, right=hair, top=hair, bottom=hair)
    if one.border == "answer":
        strong = Side(style="medium", color="FF7F7F7F")
        return Border(left=strong, right=strong, top=strong, bottom=strong)
    return Border(bottom=hair) if one.border == "under" else Border()


def alignment(one: Look) -> Alignment:
    """Return the alignment of a look."""
    return Alignment(
        horizontal=one.horizontal,
        vertical="top" if one.top else "center",
        wrap_text=one.wrap or None,
        indent=one.indent,
        text_rotation=90 if one.turned else None,
    )


def protection(one: Look) -> Protection:
    """Return the protection of a look: answers are open, all else is locked, nothing is hidden."""
    return Protection(locked=one.locked)


def shade(name: str) -> DifferentialStyle:
    """Return the format of a conditional rule; each one has a pattern or bold type beside its colour."""
    strong = {
        "skipped": DifferentialStyle(
            font=Font(color="FF606060", italic=True),  # 5.6:1 on its fill
            fill=PatternFill(patternType="lightUp", fgColor="FFC4C4C4", bgColor="FFF2F2F2"),
        ),
        "check": DifferentialStyle(
            font=Font(color=ALARM, bold=True), fill=PatternFill(patternType="solid", bgColor="FFFFE0E0")
        ),
        "todo": DifferentialStyle(font=Font(color="FF7A4B00", bold=True)),  # 7.0:1 on white
        "ok": DifferentialStyle(font=Font(color="FF1E5C2E")),  # 7.6:1 on white
        "na": DifferentialStyle(font=Font(color="FF6A6A6A", italic=True)),  # 5.4:1 on white
        "chosen": DifferentialStyle(
            font=Font(color=PAPER, bold=True), fill=PatternFill(patternType="solid", bgColor=ACCENT)
        ),
    }
    return strong[name]
