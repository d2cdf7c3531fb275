"""Formulas taken apart far enough to hold them against what Excel allows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# Excel 2007 worksheet functions that surveykit's formulas may use (ECMA-376 part 1, 18.17.7); later ones need _xlfn.
_FUNCTIONS: Final = (
    "ABS AND AVERAGE CEILING CHAR CHOOSE CODE COLUMN COLUMNS CONCATENATE COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS DATE "
    "DATEDIF DATEVALUE DAY EXACT FALSE FIND FLOOR HLOOKUP HYPERLINK IF IFERROR INDEX INT ISBLANK ISERROR ISNA ISNUMBER "
    "ISTEXT LARGE LEFT LEN LOOKUP LOWER MATCH MAX MID MIN MOD MONTH N NA NOT OR PRODUCT PROPER RANK REPT RIGHT ROUND "
    "ROUNDDOWN ROUNDUP ROW ROWS SEARCH SIGN SMALL SQRT SUBSTITUTE SUM SUMIF SUMIFS SUMPRODUCT T TEXT TRIM TRUE TRUNC "
    "UPPER VALUE VLOOKUP YEAR"
)
KNOWN_FUNCTIONS: Final = frozenset(_FUNCTIONS.split())
_TOKEN: Final = re.compile(
    r"""
    (?P<text>"(?:[^"]|"")*")
  | (?P<sheet>'(?:[^']|'')+'!|[A-Za-z_\u0080-\uffff][\w.]*!)
  | (?P<cell>\$?[A-Za-z]{1,3}\$?[0-9]{1,7}(?![\w(]))
  | (?P<columns>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w(]))
  | (?P<function>[A-Za-z_][\w.]*)\(
  | (?P<name>[A-Za-z_\\][\w.\\]*)
  | (?P<open>\()
  | (?P<close>\))
  | (?P<number>[0-9.]+(?:[eE][+-]?[0-9]+)?)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_TWICE: Final = re.compile(r"![$]?[A-Z]{1,3}[$]?[0-9]+:(?:'(?:[^']|'')+'|[\w.]+)!")
_LITERAL: Final = re.compile(r'"[^"]*"')
_ROWS: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?<![\w.$])(\$?[A-Z]{1,3}\$?)[0-9]{1,7}(?![\w(])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """What a formula is made of.

    Parameters
    ----------
    sheets, names, functions : frozenset of str
        Sheets referred to, names that are neither cells nor functions, functions.
    depth : int
        Deepest nesting of functions.
    longest_text : int
        Characters of the longest text in it.
    balanced : bool
        Whether every bracket is closed.
    """

    sheets: frozenset[str]
    names: frozenset[str]
    functions: frozenset[str]
    depth: int
    longest_text: int
    balanced: bool


def says_sheet_twice(formula: str) -> bool:
    """Whether a range names its sheet at both ends, ``S!A1:S!A8``: Excel refuses it, LibreOffice opens it."""
    return _TWICE.search(_LITERAL.sub("", formula)) is not None


def anatomy(formula: str) -> Anatomy:
    """Return what a formula is made of; formulas that differ only in row numbers share one answer."""
    return _anatomy(_ROWS.sub(lambda found: f"{found[1]}1" if found[1] else found[0], formula))


@lru_cache(maxsize=20_000)  # a large instrument has some thousands of different formulas
def _anatomy(formula: str) -> Anatomy:
    sheets: set[str] = set()
    names: set[str] = set()
    functions: set[str] = set()
    brackets: list[bool] = []
    depth = longest = 0
    balanced = True
    for token in _TOKEN.finditer(formula):
        kind, text = token.lastgroup, token.group()
        if kind == "text":
            longest = max(longest, len(text[1:-1].replace('""', '"').encode("utf-16-le")) // 2)
        elif kind == "sheet":
            sheets.add(text[:-1].strip("'").replace("''", "'"))
        elif kind == "function":
            functions.add(token["function"].upper())
            brackets.append(True)
            depth = max(depth, sum(brackets))
        elif kind == "name" and text.upper() not in {"TRUE", "FALSE"}:
            names.add(text)
        elif kind == "open":
            brackets.append(False)
        elif kind == "close":
            balanced = balanced and bool(brackets)
            brackets = brackets[:-1]
    return Anatomy(
        sheets=frozenset(sheets), names=frozenset(names), functions=frozenset(functions), depth=depth,
        longest_text=longest, balanced=balanced and not brackets,
    )  # fmt: skip
