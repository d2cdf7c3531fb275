"""A report as one web page: headings in order, a table of contents, pictures with words, nothing loaded, no scripts."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Final

from surveykit.reporting.canvas import Picture
from surveykit.reporting.labels import Wording
from surveykit.reporting.listing import Listing, listing_html
from surveykit.reporting.page import escaped, page
from surveykit.reporting.report import Block, KeyFigure, Report, Section
from surveykit.reporting.table import Table
from surveykit.reporting.webpage import styled_once, table_html

_CSS: Final = """
header { border-bottom: 3px solid #0072B2; margin-bottom: 1.5rem; }
header p { color: #444; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 0.5rem; background: #fff; padding: 0.5rem; }
nav ol { display: flex; flex-wrap: wrap; gap: 0.3rem 1.5rem; padding-left: 1.2rem; }
h1 { font-size: 1.7rem; margin-bottom: 0.2rem; }
h2 { font-size: 1.3rem; border-bottom: 1px solid #999; padding-bottom: 0.2rem; }
h3 { font-size: 1.05rem; }
dl.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 0.8rem; margin: 1rem 0; }
dl.figures div { border-left: 4px solid #0072B2; padding: 0.3rem 0.8rem; }
dl.figures dt { font-size: 0.9rem; }
dl.figures dd { margin: 0; font-size: 1.6rem; font-weight: 600; font-variant-numeric: tabular-nums; }
dl.figures dd.detail { font-size: 0.85rem; font-weight: 400; color: #444; }
figure { margin: 1.2rem 0; }
figure img { max-width: 100%; height: auto; }
figcaption { font-size: 0.9rem; color: #333; }
.block { margin: 1.4rem 0; }
table.list td { overflow-wrap: break-word; }
@media print {
  nav, .skip, details { display: none; }
  h2, h3 { break-after: avoid; }
  figure { margin: 0.6rem 0; }
  figure img { max-height: 115mm; }
  h1 { font-size: 22px; }
  h2 { font-size: 17px; }
  .block { margin: 0.8rem 0; }
}
"""


def report_bytes(report: Report) -> bytes:
    """Return a report as the bytes of one HTML file.

    Parameters
    ----------
    report : Report
    """
    words = Wording(language=report.language)
    links = "".join(f'<li><a href="#{escaped(one.id)}">{escaped(one.title)}</a></li>' for one in report.sections)
    subtitle = f"<p>{escaped(report.subtitle)}</p>" if report.subtitle else ""
    counter = iter(range(1, 100_000))
    sections = styled_once("\n".join(_section(one, words, counter) for one in report.sections))
    body = f"""<a class="skip" href="#report">{escaped(words.say("skip"))}</a>
<header><h1>{escaped(report.title)}</h1>{subtitle}</header>
<nav aria-label="{escaped(words.say("contents"))}"><ol>{links}</ol></nav>
<main id="report" tabindex="-1">
{sections}
</main>"""
    return page(title=report.title, language=report.language, body=body, css=_CSS).encode("utf-8")


def _section(section: Section, words: Wording, counter: Iterator[int]) -> str:
    blocks = "\n".join(_blocks(section.blocks, words, counter))
    name = escaped(section.id)
    heading = f'<h2 id="{name}-h">{escaped(section.title)}</h2>'
    return f'<section id="{name}" aria-labelledby="{name}-h">{heading}\n{blocks}\n</section>'


def _blocks(blocks: Sequence[Block], words: Wording, counter: Iterator[int]) -> Iterator[str]:
    figures: list[KeyFigure] = []
    for block in blocks:
        if isinstance(block, KeyFigure):
            figures.append(block)
            continue
        if figures:
            yield _key_figures(figures)
            figures = []
        yield _block(block, words, next(counter))
    if figures:
        yield _key_figures(figures)


def _block(block: str | Table | Picture | Listing, words: Wording, number: int) -> str:
    if isinstance(block, Table):
        return f'<div class="block">{table_html(block, number)}</div>'
    if isinstance(block, Picture):
        return _picture(block, words)
    if isinstance(block, Listing):
        return f'<div class="block">{listing_html(block, level=3, name=f"list-{number}")}</div>'
    return f"<p>{escaped(block)}</p>"


def _key_figures(figures: Sequence[KeyFigure]) -> str:
    entries = "".join(
        f"<div><dt>{escaped(one.label)}</dt><dd>{escaped(one.value)}</dd>"
        + (f'<dd class="detail">{escaped(one.detail)}</dd>' if one.detail else "")
        + "</div>"
        for one in figures
    )
    return f'<dl class="figures">{entries}</dl>'


def _picture(picture: Picture, words: Wording) -> str:
    content = base64.b64encode(picture.svg()).decode("ascii")
    return (
        f'<figure><img src="data:image/svg+xml;base64,{content}" alt="{escaped(picture.alt)}">'
        f"<figcaption>{escaped(picture.title)}"
        f"<details><summary>{escaped(words.say('in-words'))}</summary>{escaped(picture.alt)}</details>"
        f"</figcaption></figure>"
    )
