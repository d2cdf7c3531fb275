"""A form for paper: the same booklet with boxes to tick, made a PDF by LibreOffice."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from surveykit.errors import FormError
from surveykit.findings import Findings, Place
from surveykit.forms.workbook import write_form
from surveykit.questionnaire.structure import Questionnaire

_PROGRAMS: Final = ("soffice", "libreoffice")
_SECONDS: Final = 300  # the longest shipped booklet takes under a minute on two busy cores
_FAMILIES: Final = {
    "ko": ("Malgun Gothic", "Noto Sans CJK KR", "NanumGothic", "UnDotum"),
    "": ("Calibri", "Carlito", "Noto Sans CJK KR", "Liberation Sans"),
}


def write_paper(
    questionnaire: Questionnaire,
    path: str | Path,
    *,
    language: str = "",
    prefill: Mapping[str, Any] | None = None,
) -> Findings:
    """Write a questionnaire as a PDF to print on A4.

    Parameters
    ----------
    questionnaire : Questionnaire
    path : str or Path
        File to write, ``.pdf``.
    language : str, optional
        One of the questionnaire's languages; its first one where empty.
    prefill : mapping of item id to value, optional
        Answers of the top unit that are printed, the serial for instance.

    Returns
    -------
    Findings
        As for :func:`write_form`.

    Raises
    ------
    FormError
        If LibreOffice is not installed, or could not make the PDF.
    """
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise FormError.of("forms-paper-no-program", Place(file=str(path)))
    chosen = language or questionnaire.languages[0]
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "paper.xlsx"
        font = printing_font(chosen)
        findings = write_form(questionnaire, book, language=chosen, prefill=prefill, paper=True, font=font)
        _convert(program, book, Path(path))
    return findings


@cache
def printing_font(language: str) -> str:
    """Return a font that carries the script of a language and is installed here; empty where that cannot be told."""
    lister = shutil.which("fc-list")
    if lister is None:
        return ""
    listed = subprocess.run([lister, ":", "family"], capture_output=True, text=True, check=False)  # noqa: S603  # fixed
    installed = {family.strip() for line in listed.stdout.splitlines() for family in line.split(",")}
    wanted = _FAMILIES.get(language.split("-", maxsplit=1)[0], _FAMILIES[""])
    return next((family for family in wanted if family in installed), "")


def _convert(program: str, book: Path, path: Path) -> None:
    profile = book.parent / "profile"  # a profile of its own: an open LibreOffice would take the order and do nothing
    command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "pdf"]
    command += ["--outdir", str(book.parent), str(book)]
    made = book.with_suffix(".pdf")
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)  # noqa: S603  # fixed
    except subprocess.TimeoutExpired as error:
        where = Place(file=str(path))
        raise FormError.of("forms-paper-failed", where, reason=f"no answer in {_SECONDS} seconds") from error
    if not made.exists():
        reason = (done.stderr or done.stdout).strip() or f"exit status {done.returncode}"
        raise FormError.of("forms-paper-failed", Place(file=str(path)), reason=reason)
    shutil.move(made, path)
