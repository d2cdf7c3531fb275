"""How answers stand in cells of a form, and the formulas that read them: only functions of Excel 2007.

A coded answer stands as text, code, blank and label ("1 Male"), or as the bare code; a select-multiple as one marked
cell a code, or as codes joined by blanks in one cell. In a spreadsheet blank cells equal 0 and lie below every number,
and text lies above every number, so that every reading has its guard.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from surveykit.expressions import patterns
from surveykit.expressions.symbols import Code, Symbol

MAX_TEXT: Final = 255  # characters of a text inside a formula (Excel specifications and limits)
_MAX_CLASS: Final = 120  # characters of a class that are still written out; a house limit
_MAX_PATTERN: Final = 40  # characters that a pattern may need in a formula; a house limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Where an answer stands.

    Parameters
    ----------
    cell : str
        Cell, ready for a formula: ``B5``, ``Form!$B$5`` or a defined name.
    options : mapping of code to str
        For a select-multiple given as one cell a code: a cell with anything in it is marked. Missing codes may be
        among them; ``cell`` may then hold a missing code, or be empty.
    """

    cell: str = ""
    options: Mapping[Code, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterReference:
    """Where the rows of a roster stand.

    Parameters
    ----------
    columns : mapping of str to str
        Range by item name, all of the same rows: ``Members!$C$5:$C$19``.
    present : str
        Range whose cells are filled where a row is used; empty means that any filled column makes a row.
    """

    columns: Mapping[str, str]
    present: str = ""

    @property
    def used(self) -> str:
        """Array of 1 where a row is used."""
        ranges = [self.present] if self.present else list(self.columns.values())
        return "((" + "+".join(f'(TRIM({one})<>"")' for one in ranges) + ")>0)*1"


def quoted(text: str) -> str:
    """Return a text as a formula; longer ones are joined from pieces."""
    pieces = [text[start : start + MAX_TEXT] for start in range(0, len(text), MAX_TEXT)] or [""]
    return "&".join('"' + piece.replace('"', '""') + '"' for piece in pieces)


def number(value: float) -> str:
    """Return a number as a formula."""
    return repr(value).upper() if value >= 0 else f"({repr(value).upper()})"


def day(value: date) -> str:
    """Return a date as a formula."""
    return f"DATE({value.year},{value.month},{value.day})"


def code(cell: str) -> str:
    """Return the code of a coded answer as text: what stands before the first blank."""
    return f'LEFT(TRIM({cell}),FIND(" ",TRIM({cell})&" ")-1)'


def among(cell: str, codes: Iterable[Code]) -> str:
    """Return the condition that the code in a cell is one of several; no other guard is needed."""
    listed = [str(one) for one in codes]
    if len(listed) == 1 and listed[0].isdigit():
        return f"{code(cell)}={quoted(listed[0])}"
    text = quoted("".join([" ", *(f"{one} " for one in listed)]))
    return f'ISNUMBER(FIND(" "&{code(cell)}&" ",{text}))'


def not_among(cell: str, codes: Iterable[Code]) -> str:
    """Return the condition that a cell is not blank and its code none of several."""
    # A blank cell gives two blanks in a row, with which the list begins.
    text = quoted("".join(["  ", *(f"{one} " for one in codes)]))
    return f'ISERROR(FIND(" "&{code(cell)}&" ",{text}))'


def valid(symbol: Symbol, reference: Reference) -> list[str]:
    """Return the conditions under which a real answer stands in a cell; all of them must hold."""
    cell = reference.cell
    match symbol.kind:
        case "number" | "date":
            return [f"ISNUMBER({cell})", *(f"{cell}<>{number(one)}" for one in symbol.missing if isinstance(one, int))]
        case "boolean":
            return [f"ISLOGICAL({cell})"]
        case "code":
            return [not_among(cell, symbol.missing)]
        case "codes" if reference.options:
            real = [marked(one) for key, one in reference.options.items() if key not in symbol.missing]
            reserved = [f"NOT({marked(one)})" for key, one in reference.options.items() if key in symbol.missing]
            return [any_of(real), *reserved, *([f'TRIM({cell})=""'] if cell else [])]
        case _:
            return [f'TRIM({cell})<>""', *(f"TRIM({cell})<>{quoted(str(one))}" for one in symbol.missing)]


def reserved(symbol: Symbol, reference: Reference, kind: str) -> str:
    """Return the condition under which a missing code of a kind stands in a cell."""
    codes = [one for one, its in symbol.missing.items() if its == kind]
    read = code(reference.cell) if symbol.kind == "code" else f"TRIM({reference.cell})"
    marks = [marked(reference.options[one]) for one in codes if one in reference.options]
    return any_of([*marks, *(f"{read}={quoted(str(one))}" for one in codes if reference.cell)])


def chosen(reference: Reference, wanted: str) -> str:
    """Return the condition under which a code is among the chosen ones."""
    marks = {str(key): cell for key, cell in reference.options.items()}
    if marks:
        return marked(marks[wanted]) if wanted in marks else "FALSE"
    return f'ISNUMBER(FIND({quoted(f" {wanted} ")}," "&TRIM({reference.cell})&" "))'


def count_chosen(symbol: Symbol, reference: Reference) -> str:
    """Return the number of chosen codes."""
    if reference.options:
        real = [cell for key, cell in reference.options.items() if key not in symbol.missing]
        return "(" + "+".join(f"IF({marked(cell)},1,0)" for cell in real) + ")"
    trimmed = f"TRIM({reference.cell})"
    return f'(LEN({trimmed})-LEN(SUBSTITUTE({trimmed}," ",""))+1)'


def marked(cell: str) -> str:
    """Return the condition under which an option is marked."""
    return f'TRIM({cell})<>""'


def written_number(text: str) -> tuple[str, str]:
    """Return the condition under which a text writes a number, and that number.

    Notes
    -----
    ``VALUE`` reads dates, percentages and the separators of the machine's language. So the digits are counted first,
    and the point is put as the machine writes it: ``MID(1/2,2,1)``.
    """
    size = f'SUBSTITUTE({text},"-","",1)'
    unsigned = f'IF(LEFT({text},1)="-",{size},{text})'
    digits = f'SUBSTITUTE({unsigned},".","",1)'
    counted = f'SUMPRODUCT(LEN({digits})-LEN(SUBSTITUTE({digits},{{"0","1","2","3","4","5","6","7","8","9"}},"")))'
    value = f'VALUE(SUBSTITUTE({text},".",MID(1/2,2,1)))'
    return f"AND(LEN({digits})>0,{counted}=LEN({digits}))", value


def matching(text: str, pattern: str) -> str:
    """Return the condition under which a text matches a pattern; empty where Excel 2007 cannot say it."""
    found = patterns.elements(pattern)
    if any(element.least != element.most for element in found[:-1]) or sum(one.most for one in found) > _MAX_PATTERN:
        return ""
    least, most = sum(one.least for one in found), sum(one.most for one in found)
    conditions = [f"LEN({text})>={least}", f"LEN({text})<={most}"]
    position = 0
    for element in found:
        for _ in range(element.most):
            position += 1
            character = f"MID({text},{position},1)"
            condition = _of_class(character, element, optional=position > least)
            if condition is None:
                return ""
            conditions.append(condition)
    return all_of(conditions)


def _of_class(character: str, element: patterns.Element, *, optional: bool) -> str | None:
    """Return the condition on one character, None where the class cannot be written out."""
    if element.size <= _MAX_CLASS:
        found = f"ISNUMBER(FIND({character},{quoted(element.characters)}))"
    elif element.others.size <= _MAX_CLASS:
        found = f"ISERROR(FIND({character},{quoted(element.others.characters)}))"
    else:
        return None
    # Past the end MID gives an empty text, in which Excel finds everything and LibreOffice nothing.
    return any_of([f'{character}=""', found]) if optional else found


def all_of(conditions: list[str]) -> str:
    """Return the condition that all hold."""
    unique = list(dict.fromkeys(conditions))
    return unique[0] if len(unique) == 1 else f"AND({','.join(unique)})" if unique else "TRUE"


def any_of(conditions: list[str]) -> str:
    """Return the condition that one holds."""
    unique = list(dict.fromkeys(conditions))
    return unique[0] if len(unique) == 1 else f"OR({','.join(unique)})" if unique else "FALSE"
