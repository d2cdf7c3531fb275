"""Writes the pages that are made from the code: the catalogue of findings."""

from __future__ import annotations

import json
from pathlib import Path

import surveykit

DOCS = Path(__file__).resolve().parent
ROOMS = Path(surveykit.__file__).parent / "catalogue"


def findings_page() -> str:
    """Return docs/findings.md: every code with severity, message and remedy, by room."""
    opening = (
        "Everything that surveykit finds wrong is a `Finding`: a code that never changes, a severity, a place, a message "
        "and a hint. `{names}` stand for the values of the finding. Lint rules, checks of returned workbooks and errors "
        "of the statistics share this catalogue."
    )
    parts = ["# Findings", opening]
    for path in sorted(ROOMS.glob("*.json")):
        parts += [f"## {path.stem.capitalize()}"]
        for code, entry in sorted(json.loads(path.read_text(encoding="utf-8")).items()):
            message, remedy = (_plain(entry[part]["en"]) for part in ("message", "hint"))
            parts += [f"`{code}` ({entry['severity']})\n: {message}\n: *What to do:* {remedy}"]
    return "\n\n".join(parts) + "\n"


def _plain(text: str) -> str:
    return text.replace("<", "&lt;").replace("|", "\\|").replace("*", "\\*").replace("$", "\\$")


if __name__ == "__main__":
    (DOCS / "findings.md").write_text(findings_page(), encoding="utf-8")
