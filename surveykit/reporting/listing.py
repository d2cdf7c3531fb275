"""Plain lists: codebooks, comparisons and monitoring tables as they come, in a workbook or on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from surveykit.errors import FormError, ReportingError
from surveykit.findings import Place
from surveykit.questionnaire.codebook import Codebook, Variable
from surveykit.questionnaire.structure import localized
from surveykit.reporting.figures import plain
from surveykit.reporting.labels import LabelEntry, Wording, text_of
from surveykit.reporting.layouts import one_of
from surveykit.reporting.page import escaped, page
from surveykit.reporting.printed import clean, width
from surveykit.reporting.publish import Publication, written
from surveykit.reporting.table import number_text
from surveykit.sheets import PlainTable, write_tables

_SHEET: Final = 60  # characters of the widest column of a workbook that still fits beside others on a screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A data frame as a list for readers.

    Parameters
    ----------
    title : str or mapping of str to str
    frame : pandas.DataFrame
        Printed as it is, a line a row; nulls are empty.
    labels : mapping of str to str or mapping
        Heads of columns by name, plainly or by language; the name itself where there is none.
    language : str
    decimals : int
        Places after the point of numbers that are not whole.
    notes : sequence of str
    """

    title: object
    frame: pd.DataFrame = field(repr=False)
    labels: Mapping[str, LabelEntry] = field(default_factory=dict)
    language: str = "en"
    decimals: int = 2
    notes: Sequence[str] = ()

    @property
    def heading(self) -> str:
        """The title in the language of the list."""
        return text_of(self.title, self.language)

    @property
    def heads(self) -> list[str]:
        """The heads of the columns in the language of the list."""
        words = Wording(language=self.language, entries=self.labels)
        return [words.variable(str(name)) for name in self.frame.columns]

    def rows(self) -> list[list[object]]:
        """Return plain values, nulls as None; whole numbers among others of a column stay decimal."""
        lines = [[plain(value) for value in line] for line in self.frame.itertuples(index=False, name=None)]
        mixed = {place for line in lines for place, value in enumerate(line) if isinstance(value, float)}
        for line in lines:
            for place in mixed:
                value = line[place]
                if isinstance(value, int) and not isinstance(value, bool):
                    line[place] = float(value)
        return lines

    def places(self) -> list[int]:
        """Return the decimals of each column: none where every number reaches a thousand."""
        columns = zip(*self.rows(), strict=True)
        return [0 if _large(column) else self.decimals for column in columns]


def _large(values: Sequence[object]) -> bool:
    numbers = [abs(value) for value in values if isinstance(value, float) and value]
    return bool(numbers) and min(numbers) >= 1000  # from four digits on, places only hide the figure


def codebook_listing(book: Codebook, language: str = "en") -> Listing:
    """Return a codebook for readers: printed number, variable, question, values and who was asked.

    Parameters
    ----------
    book : Codebook
    language : str

    Returns
    -------
    Listing
        Long code lists are cut behind their twelfth code; the codebook as a workbook has them whole.
    """
    words = Wording(language=language)
    rows = [
        (
            one.number,
            one.var,
            localized(one.label, language),
            _values(one, words),
            localized(one.universe_text, language),
        )
        for one in book.variables
    ]
    names = ["number", "variable", "label", "values", "universe"]
    labels = {name: words.say(f"book-{name}") for name in names}
    instrument = localized(book.title, language) or book.questionnaire
    frame = pd.DataFrame(rows, columns=names)
    return Listing(title=f"{instrument}, {book.version}", frame=frame, labels=labels, language=language)


def _values(variable: Variable, words: Wording) -> str:
    if variable.codes:
        return said([f"{code} {localized(text, words.language)}" for code, text in variable.codes.items()], words)
    low, high = (listed(plain(end), variable.decimals) for end in variable.range)
    unit = localized(variable.measure_label, words.language)
    span = words.say("book-range", low=low, high=high) if low or high else ""
    return " ".join(part for part in (span, unit) if part).strip()


def said(parts: Sequence[str], words: Wording, *, most: int = 12) -> str:
    """Return parts as one text, the first ones where there are many."""
    left = len(parts) - most
    return "; ".join(parts[:most]) + (words.say("and-more", count=left) if left > 0 else "")


def publish_listing(listings: Listing | Sequence[Listing], path: str | Path) -> Publication:
    """Write lists to a workbook (a sheet each, filters on, text stays text) or to one web page.

    Parameters
    ----------
    listings : Listing or sequence of Listing
        For instance ``Listing(title="Codebook", frame=codebook(q).to_frame())``.
    path : str or Path
        Ends in ``.xlsx`` or ``.html``.

    Returns
    -------
    Publication

    Raises
    ------
    ReportingError
        ``report-unknown-option`` for another suffix, ``report-not-writable``, ``report-no-estimates`` without a list.
    """
    several = [listings] if isinstance(listings, Listing) else list(listings)
    target = Path(path)
    suffix = target.suffix.lower()
    one_of("suffix", suffix, (".html", ".xlsx"))
    if not several:
        raise ReportingError.of("report-no-estimates", Place(file=str(target)))
    if suffix == ".html":
        body = "\n".join(f"<section>{listing_html(one, level=1)}</section>" for one in several)
        text = page(title=several[0].heading, language=several[0].language, body=f"<main>{body}</main>")
        return written(target, text.encode("utf-8"))
    try:
        write_tables(target, [_plain_table(one) for one in several])
    except FormError as error:
        raise ReportingError.of(
            "report-not-writable", Place(file=str(target)), reason=error.findings[0].message
        ) from error
    return written(target, target.read_bytes())


def listing_html(listing: Listing, *, level: int = 2, name: str = "list") -> str:
    """Return a list as an HTML fragment: a heading and a table that scrolls and takes the focus of the keyboard.

    Parameters
    ----------
    listing : Listing
    level : int
        Level of the heading.
    name : str
        Makes ids on a page unique.
    """
    heads = "".join(f'<th scope="col">{escaped(head)}</th>' for head in listing.heads)
    places = listing.places()
    lines = "\n".join(
        f"<tr>{''.join(_cell(value, count) for value, count in zip(line, places, strict=True))}</tr>"
        for line in listing.rows()
    )
    notes = "".join(f"<p class='note'>{escaped(note)}</p>" for note in listing.notes)
    heading = f'<h{level} id="{name}-h">{escaped(listing.heading)}</h{level}>'
    return (
        f'{heading}\n<div class="scroll" role="region" aria-labelledby="{name}-h" tabindex="0">'
        f'<table class="list"><thead><tr>{heads}</tr></thead><tbody>\n{lines}\n</tbody></table></div>{notes}'
    )


def _cell(value: object, decimals: int) -> str:
    kind = ' class="number"' if isinstance(value, int | float) and not isinstance(value, bool) else ""
    return f"<td{kind}>{escaped(listed(value, decimals))}</td>"


def listed(value: object, decimals: int) -> str:
    """Return a value of a list as text: empty for null, numbers with their places, everything else as it is."""
    if value is None:
        return ""
    if isinstance(value, float):
        return number_text(value, decimals)
    return clean(str(value))


def _plain_table(listing: Listing) -> PlainTable:
    rows = [[_sheet_value(value) for value in line] for line in listing.rows()]
    heads = listing.heads
    sizes = [
        min(_SHEET, max([width(head), *(width(str(line[place] or "")) for line in rows[:500])]) + 2)
        for place, head in enumerate(heads)
    ]
    return PlainTable(title=listing.heading, header=heads, rows=rows, widths=sizes)


def _sheet_value(value: object) -> str | int | float | bool | None:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
