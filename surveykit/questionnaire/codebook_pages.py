"""The codebook as pages for reading: Markdown and a self-contained HTML page."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import Final

from surveykit.questionnaire.codebook import Codebook, Variable, listed
from surveykit.questionnaire.structure import Text, localized

_WORDS: Final[Mapping[str, Text]] = {
    "codebook": {"en": "Codebook", "ko": "코드북"},
    "number": {"en": "No.", "ko": "번호"},
    "variable": {"en": "Variable", "ko": "변수"},
    "question": {"en": "Question", "ko": "문항"},
    "values": {"en": "Values", "ko": "값"},
    "missing": {"en": "Missing codes", "ko": "결측 코드"},
    "universe": {"en": "Asked", "ko": "대상"},
    "indicators": {"en": "Indicators", "ko": "지표"},
    "version": {"en": "version", "ko": "버전"},
}
_COLUMNS: Final = ("number", "variable", "question", "values", "missing", "universe", "indicators")
_STYLE: Final = (
    "body{font:14px/1.5 sans-serif;margin:2rem;max-width:90rem}table{border-collapse:collapse;width:100%}"
    "caption{text-align:left;font-weight:bold;padding:.5rem 0}"
    "th,td{border:1px solid #888;padding:.25rem .5rem;text-align:left;vertical-align:top}th{background:#eee}"
    "code{font-family:monospace}@media print{body{margin:0;font-size:9px}tr{break-inside:avoid}}"
)


def codebook_markdown(book: Codebook, *, language: str = "") -> str:
    """Return the codebook as a Markdown page, a table a section.

    Parameters
    ----------
    book : Codebook
    language : str
        Language of labels and headings; the instrument's first by default.
    """
    language = language or book.languages[0]
    lines = [f"# {_title(book, language)}", ""]
    for section, variables in _sections(book, language):
        head = [_word(column, language) for column in _COLUMNS]
        lines += [f"## {section}", "", _line(head), _line(["---"] * len(head))]
        lines += [_line(_cells(one, language)) for one in variables]
        lines.append("")
    return "\n".join(lines)


def codebook_html(book: Codebook, *, language: str = "") -> str:
    """Return the codebook as one HTML page that needs no other file.

    Parameters
    ----------
    book : Codebook
    language : str
        Language of labels and headings; the instrument's first by default.
    """
    language = language or book.languages[0]
    title = html.escape(_title(book, language))
    head = "".join(f'<th scope="col">{html.escape(_word(column, language))}</th>' for column in _COLUMNS)
    tables = []
    for section, variables in _sections(book, language):
        rows = "\n".join(_html_row(_cells(one, language)) for one in variables)
        caption = f"<caption>{html.escape(section)}</caption>"
        tables.append(f"<table>{caption}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>")
    page = "\n".join(tables)
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>{title}</h1>\n{page}\n</body></html>\n"
    )


def _title(book: Codebook, language: str) -> str:
    name = localized(book.title, language) or book.questionnaire
    return f"{_word('codebook', language)}: {name} ({_word('version', language)} {book.version})"


def _word(name: str, language: str) -> str:
    return localized(_WORDS[name], language)


def _sections(book: Codebook, language: str) -> Iterator[tuple[str, list[Variable]]]:
    sections = dict.fromkeys((one.unit, one.section) for one in book.variables)
    for unit, section in sections:
        found = [one for one in book.variables if (one.unit, one.section) == (unit, section)]
        title = localized(book.sections.get(section, {}), language)
        yield f"{section} {title} ({localized(book.units.get(unit, {}), language) or unit})", found


def _cells(one: Variable, language: str) -> list[str]:
    universe = localized(one.universe_text, language)
    question = localized(one.label, language)
    missing = listed(one.missing, language)
    return [one.number, one.var, question, _values(one, language), missing, universe, ", ".join(one.indicators)]


def _values(one: Variable, language: str) -> str:
    if one.codes:
        return listed(one.codes, language)
    low, high = (_limit(limit) for limit in one.range)
    limits = f"{low}–{high}" if low or high else one.type
    return f"{limits} {localized(one.measure_label, language)}".strip()


def _limit(limit: float | str | None) -> str:
    return "" if limit is None else str(limit) if isinstance(limit, str) else f"{limit:.15g}"


def _line(cells: list[str]) -> str:
    escaped = (cell.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def _html_row(cells: list[str]) -> str:
    number, var, *rest = (html.escape(cell) for cell in cells)
    others = "".join(f"<td>{cell}</td>" for cell in rest)
    return f'<tr><td>{number}</td><th scope="row"><code>{var}</code></th>{others}</tr>'
