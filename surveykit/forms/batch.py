"""A prefilled booklet a sampled household: the workbook is built once and only its prefilled cells are stamped."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self
from xml.sax.saxutils import escape

import pandas as pd

from surveykit.findings import Finding, Findings, Place, finding
from surveykit.forms.answers import typed_value
from surveykit.forms.container import Container, pack
from surveykit.forms.markup import contents
from surveykit.forms.paint import paint_parts
from surveykit.forms.sample import Household, read_sample
from surveykit.forms.tearoff import write_addresses
from surveykit.forms.wording import Words, words_for
from surveykit.forms.workbook import form_plan
from surveykit.questionnaire.structure import Questionnaire

MANIFEST: Final = "manifest.csv"
ADDRESSES: Final = "addresses"
_HEADER: Final = ("serial", "file", "made_from", "sha256")
_MARK: Final = "__surveykit.{}.here__"  # plain letters pass through XML unchanged
_CELL: Final = re.compile(
    r'(<c r="[A-Z]+[0-9]+" s="[0-9]+") t="inlineStr"><is><t>__surveykit\.([A-Za-z0-9_]+)\.here__</t></is></c>'
)
_ANYWHERE: Final = re.compile(r"__surveykit\.([A-Za-z0-9_]+)\.here__")
_UNSAFE: Final = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a batch wrote.

    Parameters
    ----------
    folder : Path
    files : tuple of Path
        A workbook a household, in the order of the sample.
    written : int
        Workbooks written now; the others were there already.
    addresses : tuple of Path
        Tear-off sheets, a workbook a cluster.
    findings : Findings
        Workbooks that were kept because somebody had changed them.
    """

    folder: Path
    files: tuple[Path, ...]
    written: int
    addresses: tuple[Path, ...] = ()
    findings: Findings = field(default_factory=Findings)

    @property
    def counts(self) -> dict[str, int]:
        """How many booklets there are, how many were written now, and how many tear-off workbooks."""
        return {"booklets": len(self.files), "written": self.written, "addresses": len(self.addresses)}


def write_batch(
    questionnaire: Questionnaire,
    sample: str | Path | pd.DataFrame,
    folder: str | Path,
    *,
    language: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Batch:
    """Write one prefilled booklet a sampled household.

    Parameters
    ----------
    questionnaire : Questionnaire
    sample : str, Path or DataFrame
        A csv file or a frame, a row a household: ``serial``, ``cluster``, ``stratum``, any item of the top unit; all
        other columns are address, and go on the tear-off sheets in the folder ``addresses`` and nowhere else.
    folder : str or Path
        Gets ``<serial>.xlsx`` and ``manifest.csv``. A batch that was interrupted goes on where it stopped, and a
        workbook that somebody changed since is never written over.
    language : str, optional
        One of the questionnaire's languages; its first one where empty.
    progress : callable, optional
        Called with the number of households done and of all.

    Returns
    -------
    Batch

    Raises
    ------
    FormError
        If the sample has rows without serial, serials twice, or values that their items do not take; or if Excel
        would refuse the form.

    Notes
    -----
    The same input gives the same bytes, and the same as :func:`write_form` with ``prefill``.
    """
    households = read_sample(sample, questionnaire)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    press = _Press(questionnaire, language or questionnaire.languages[0])
    findings: list[Finding] = []
    files: list[Path] = []
    written = 0
    with _Manifest(target / MANIFEST) as manifest:
        for done, household in enumerate(households, start=1):
            path = target / f"{_UNSAFE.sub('_', household.serial)}.xlsx"
            made_from = press.fingerprint(household)
            state = manifest.state(household.serial, made_from, path)
            if state == "absent" or (state == "unknown" and press.stamp(household) == path.read_bytes()):
                content = press.stamp(household)
                _replace(path, content)
                manifest.note(household.serial, path.name, made_from, hashlib.sha256(content).hexdigest())
                written += 1
            elif state != "done":
                findings.append(finding("forms-batch-kept", Place(file=str(path), record=household.serial)))
            files.append(path)
            if progress:
                progress(done, len(households))
    addresses = write_addresses(households, questionnaire, target / ADDRESSES, press.words)
    return Batch(
        folder=target,
        files=tuple(files),
        written=written,
        addresses=addresses,
        findings=press.findings + Findings.of(findings),
    )


class _Press:
    """Builds one workbook for each set of prefilled items, and stamps it."""

    def __init__(self, questionnaire: Questionnaire, language: str) -> None:
        self._questionnaire = questionnaire
        self._language = language
        self._templates: dict[tuple[str, ...], _Template] = {}
        self.words: Words = words_for(questionnaire, language)
        self.findings = Findings()

    def fingerprint(self, household: Household) -> str:
        """Return a hash of everything that a workbook is made from."""
        template = self._template(household)
        text = repr((template.checksum, sorted((name, repr(value)) for name, value in household.prefill.items())))
        return hashlib.sha256(text.encode()).hexdigest()

    def stamp(self, household: Household) -> bytes:
        """Return the workbook of a household."""
        template = self._template(household)
        changed: dict[str, bytes] = {}
        for name, text in template.marked.items():
            filled = self._filled(text, household.prefill)
            plain = name.startswith("docProps/")  # openpyxl writes these in ASCII
            changed[name] = filled.encode("ascii", "xmlcharrefreplace") if plain else filled.encode()
        return template.container.with_parts(changed).content()

    def _filled(self, text: str, prefill: Mapping[str, Any]) -> str:
        items = {name: self._questionnaire.item(name) for name in prefill}
        shown = {name: typed_value(value, items[name], self.words) for name, value in prefill.items()}
        text = _CELL.sub(lambda found: found[1] + contents(shown[found[2]]), text)
        return _ANYWHERE.sub(lambda found: escape(str(shown[found[1]])), text)

    def _template(self, household: Household) -> _Template:
        names = tuple(sorted(household.prefill))
        if names not in self._templates:
            marks = {name: _MARK.format(name) for name in names}
            plan, self.findings = form_plan(self._questionnaire, language=self._language, prefill=marks)
            parts = paint_parts(plan)
            marked = {name: text for name, data in parts.items() if _ANYWHERE.search(text := data.decode())}
            packed = pack(parts)
            checksum = hashlib.sha256(packed.content()).hexdigest()
            self._templates[names] = _Template(container=packed, marked=marked, checksum=checksum)
        return self._templates[names]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    container: Container
    marked: dict[str, str]
    checksum: str


class _Manifest:
    """Which household has which workbook, written line by line so that an interrupted batch goes on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made: dict[str, tuple[str, str]] = {}

    def __enter__(self) -> Self:
        fresh = not self._path.exists()
        if not fresh:
            with self._path.open(encoding="utf-8", newline="") as stream:
                rows = csv.DictReader(stream)
                self._made = {row["serial"]: (row["made_from"], row["sha256"]) for row in rows if row["sha256"]}
        self._stream = self._path.open("a", encoding="utf-8", newline="")
        self._writer = csv.writer(self._stream)
        if fresh:
            self._writer.writerow(_HEADER)
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def state(self, serial: str, made_from: str, path: Path) -> str:
        """Return ``done``, ``absent`` (to be written), ``changed`` (somebody has worked in it) or ``unknown``.

        Unknown are files that the manifest does not name: the run before was interrupted between the two.
        """
        if not path.exists():
            return "absent"
        if serial not in self._made:
            return "unknown"
        before, checksum = self._made[serial]
        if hashlib.sha256(path.read_bytes()).hexdigest() != checksum:
            return "changed"
        return "done" if before == made_from else "absent"

    def note(self, serial: str, file: str, made_from: str, checksum: str) -> None:
        """Remember a workbook that was written."""
        self._writer.writerow((serial, file, made_from, checksum))
        self._stream.flush()
        self._made[serial] = (made_from, checksum)


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that an interruption leaves the old one or the new one."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)
