"""The page that carries tables, lists and reports: self-contained, escaped, allowed to load nothing."""

from __future__ import annotations

import html
from typing import Final

from surveykit.reporting.printed import FONTS, clean

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_FACES: Final = ", ".join(f'"{face}"' for face in FONTS)
_CSS: Final = """
body { margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #111; background: #fff; line-height: 1.45;
  font-family: FACES, sans-serif; }
.scroll { overflow-x: auto; }
.scroll:focus-visible, a:focus-visible, summary:focus-visible { outline: 3px solid #0072B2; outline-offset: 2px; }
table.list { border-collapse: collapse; font-size: 13px; border-top: 2px solid #333; border-bottom: 2px solid #333; }
table.list th { text-align: left; border-bottom: 1px solid #333; padding: 3px 10px 3px 4px; vertical-align: bottom; }
table.list td { padding: 3px 10px 3px 4px; vertical-align: top; border-bottom: 1px solid #ddd; }
td.number { text-align: right; font-variant-numeric: tabular-nums lining-nums; white-space: nowrap; }
.note { font-size: 12px; margin: 0.2rem 0; }
.gt_table { font-variant-numeric: tabular-nums lining-nums; }
.gt_table .mark { display: inline-block; width: 0; white-space: nowrap; overflow: visible; }
.gt_table .mark sup { line-height: 0; }
.gt_table td.gt_row, .gt_table th.gt_right { white-space: nowrap; padding: 3px 14px 3px 4px !important; }
.gt_table .gt_title { font-weight: 600 !important; }
.gt_table abbr { text-decoration: none; cursor: help; }
.gt_table .gt_group_heading { font-weight: 600 !important; text-align: left; }
section + section { margin-top: 3rem; }
@media print {
  @page { size: A4; margin: 15mm; }
  @page across { size: A4 landscape; margin: 15mm; }
  .across { page: across; }
  body { margin: 0; max-width: none; padding: 0; font-size: 14px; }
  .scroll { overflow: visible; }
  .scroll .gt_table { font-size: 10px !important; }
  .scroll .gt_table td.gt_row, .scroll .gt_table th.gt_right { padding: 2px 7px 2px 3px !important; }
  .scroll .gt_table .gt_title { font-size: 13px !important; }
  .scroll .gt_table .gt_sourcenote { font-size: 9px !important; padding: 2px 3px !important; }
  table.list { font-size: 10px; }
  figure, tr, .gt_table { break-inside: avoid; }
  thead { display: table-header-group; }
}
""".replace("FACES", _FACES)


def page(*, title: str, language: str, body: str, css: str = "") -> str:
    """Return a page that carries everything it shows and may load nothing.

    Parameters
    ----------
    title, language : str
    body : str
        HTML, escaped by its maker.
    css : str
        Rules beside those of tables.

    Notes
    -----
    The content security policy refuses every load but inline styles and inline pictures, so that a page from a USB
    stick cannot call home whatever stands in it.
    """
    return f"""<!DOCTYPE html>
<html lang="{escaped(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escaped(title)}</title>
<style>{_CSS}{css}</style>
</head>
<body>
{body}
</body>
</html>
"""


def escaped(text: str) -> str:
    """Return a text for HTML content or an attribute."""
    return html.escape(clean(text), quote=True)
