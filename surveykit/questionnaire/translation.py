"""Translations as PO files: out with context, back in with stale texts held back; and a pseudo-language for layouts.

The only door to ``polib``. A translation changes texts only, never the structure hash.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import polib

from surveykit.documents import load_json
from surveykit.errors import DefinitionError
from surveykit.findings import Finding, Findings, Place, finding
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.places import source_place
from surveykit.questionnaire.structure import Questionnaire
from surveykit.questionnaire.wording import Wording, wordings

PSEUDO: Final = "en-XA"  # the region that Unicode CLDR sets aside for pseudo-translations with accents
_NUMBER: Final = re.compile(r"\d+")
_ACCENTED: Final = str.maketrans(
    "AEIOUYaeiouyCcDdGgHhLlNnRrSsTtWwZz",
    "ÀÉÎÖÛÝàéîöûýÇçÐđĜĝĤĥŁłÑñŘřŠšŢţŴŵŽž",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How much of an instrument is translated into a language.

    Parameters
    ----------
    language : str
    total, own, inherited : int
        Texts in all, those in the language itself, those that its base language lends (ko for ko-KP).
    missing : tuple of str
        Contexts of the texts that have neither.
    """

    language: str
    total: int
    own: int
    inherited: int
    missing: tuple[str, ...]

    @property
    def share(self) -> float:
        """Share of texts that a reader of the language can read, from 0 to 1."""
        return (self.own + self.inherited) / self.total if self.total else 1.0


def export_po(questionnaire: Questionnaire, language: str, *, previous: str | Path | None = None) -> str:
    """Return the texts of an instrument as a PO file for a translator.

    Parameters
    ----------
    questionnaire : Questionnaire
    language : str
        Language to translate into.
    previous : str or Path, optional
        The PO file of an earlier export. Its translations are carried over where the instrument has none; where the
        source text has changed since, they are marked as fuzzy, with the earlier source text.

    Returns
    -------
    str
        Each entry has the context ``owner/field`` (``item:BS3_1/label``), the text in the default language, and where
        it stands. There are no plural forms.

    Raises
    ------
    DefinitionError
        If the earlier file cannot be read.
    """
    earlier = {entry.msgctxt: entry for entry in _read(previous)} if previous is not None else {}
    source = questionnaire.languages[0]
    po = polib.POFile(wrapwidth=100)
    po.metadata = {
        "Project-Id-Version": f"{questionnaire.id} {questionnaire.version}",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "X-Source-Language": source,
        "X-Structure-Hash": questionnaire.structure_hash,
    }
    po.extend(
        _entry(one, questionnaire, language, earlier.get(context(one)))
        for one in wordings(dict(questionnaire.document))
        if source in one.text
    )
    return str(po)


def import_po(
    questionnaire: Questionnaire, source: str | Path, *, language: str = ""
) -> tuple[Questionnaire, Findings]:
    """Return an instrument with the translations of a PO file, and what was not taken from it.

    Parameters
    ----------
    questionnaire : Questionnaire
    source : str or Path
        PO file, or its text.
    language : str
        Language of the translations; the one of the file's header by default.

    Returns
    -------
    tuple of (Questionnaire, Findings)
        Entries that are empty leave the instrument as it is; stale and fuzzy ones are held back.

    Raises
    ------
    DefinitionError
        If the file cannot be read, or if it is for no language or for the default one.
    """
    po, tag, file = _opened(questionnaire, source, language)
    document: dict[str, Any] = copy.deepcopy(dict(questionnaire.document))
    findings, taken = _sorted(questionnaire, po, file)
    for one, text in taken:
        _at(document, one.pointer)[tag] = text
    document["languages"] = list(dict.fromkeys([*document["languages"], tag]))
    translated = replace(load_questionnaire(document), origins=questionnaire.origins, file=questionnaire.file)
    return translated, Findings.of(findings)


def translated_files(
    questionnaire: Questionnaire, source: str | Path, *, language: str = ""
) -> dict[str, dict[str, Any]]:
    """Return the files of an instrument, modules included, with the translations of a PO file written in.

    Parameters
    ----------
    questionnaire : Questionnaire
        Read from files.
    source : str or Path
        PO file, or its text.
    language : str
        Language of the translations; the one of the file's header by default.

    Returns
    -------
    dict of str to dict
        By file, the whole document with the new texts in place; only files that change. Nothing is written.

    Raises
    ------
    DefinitionError
        As for :func:`import_po`.
    """
    po, tag, file = _opened(questionnaire, source, language)
    changed: dict[str, dict[str, Any]] = {}
    for one, text in _sorted(questionnaire, po, file)[1]:
        place = source_place(one.pointer, questionnaire.origins, questionnaire.file)
        if place.file not in changed:
            loaded = load_json(Path(place.file))
            changed[place.file] = copy.deepcopy(loaded) if isinstance(loaded, dict) else {}
        _at(changed[place.file], place.pointer)[tag] = text
    for document in changed.values():
        document["languages"] = list(dict.fromkeys([*document["languages"], tag]))
    return changed


def completeness(questionnaire: Questionnaire) -> dict[str, Completeness]:
    """Return how complete each language of an instrument is.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    dict of str to Completeness
        By language, the default one included.
    """
    texts = list(wordings(dict(questionnaire.document)))
    return {language: _complete(texts, language) for language in questionnaire.languages}


def pseudo_language(questionnaire: Questionnaire, *, growth: float = 0.4, language: str = PSEUDO) -> Questionnaire:
    """Return an instrument with one more language that shows what a layout does with long, accented texts.

    Parameters
    ----------
    questionnaire : Questionnaire
    growth : float
        How much longer than the default language the texts become; 0.4 is what translations out of English need.
    language : str
        Tag of the pseudo-language.

    Notes
    -----
    A text that reads ``⟦Ŵàţéř ···⟧`` was translated and is shown whole; one without brackets was forgotten by a form,
    one without its closing bracket was cut.

    References
    ----------
    IBM Globalization guide: texts of 31 to 50 characters grow by 40 per cent on average.
    """
    document: dict[str, Any] = copy.deepcopy(dict(questionnaire.document))
    for one in wordings(document):
        text = one.text.get(questionnaire.languages[0]) or next(iter(one.text.values()))
        _at(document, one.pointer)[language] = pseudo_text(text, growth=growth)
    document["languages"] = list(dict.fromkeys([*document["languages"], language]))
    return replace(load_questionnaire(document), origins=questionnaire.origins, file=questionnaire.file)


def pseudo_text(text: str, *, growth: float = 0.4) -> str:
    """Return a text with accents, brackets and padding; digits and signs stay."""
    return f"⟦{text.translate(_ACCENTED)} {'·' * max(1, round(len(text) * growth))}⟧"


def context(one: Wording) -> str:
    """Return the context of a text in a PO file: what it belongs to, and which of its texts it is."""
    return f"{one.owner}/{one.field}"


def _entry(one: Wording, questionnaire: Questionnaire, language: str, earlier: polib.POEntry | None) -> polib.POEntry:
    source = questionnaire.languages[0]
    place = source_place(one.pointer, questionnaire.origins, questionnaire.file)
    entry = polib.POEntry(
        msgctxt=context(one),
        msgid=one.text[source],
        msgstr=one.text.get(language, ""),
        occurrences=[(f"{Path(place.file).name or questionnaire.id}#{place.pointer}", "")],
    )
    base = one.text.get(language.split("-", maxsplit=1)[0], "")
    if base and base != one.text[source]:
        entry.comment = f"{language.split('-', maxsplit=1)[0]}: {base}"
    if earlier is not None and earlier.msgstr and earlier.msgid != one.text[source]:
        entry.msgstr = entry.msgstr or earlier.msgstr
        entry.previous_msgid = earlier.previous_msgid or earlier.msgid
        entry.flags.append("fuzzy")
    elif earlier is not None and not entry.msgstr:
        entry.msgstr, entry.flags = earlier.msgstr, list(earlier.flags)
        entry.previous_msgid = earlier.previous_msgid
    return entry


def _file(source: str | Path) -> str:
    """Return the path of a PO file; empty where the source is its text."""
    named = isinstance(source, Path) or "\n" not in source
    return str(source) if named else ""


def _read(source: str | Path) -> polib.POFile:
    file = _file(source)
    try:
        text = Path(file).read_text(encoding="utf-8-sig") if file else str(source)
        return polib.pofile(text + "\n", check_for_duplicates=True)
    except (OSError, ValueError) as error:
        raise DefinitionError.of("translation-unreadable", Place(file=file), reason=str(error)) from error


def _opened(questionnaire: Questionnaire, source: str | Path, language: str) -> tuple[polib.POFile, str, str]:
    po = _read(source)
    tag = language or str(po.metadata.get("Language", "")).replace("_", "-")
    if not tag or tag == questionnaire.languages[0]:
        default = questionnaire.languages[0]
        raise DefinitionError.of("translation-language", Place(file=_file(source)), found=tag, default=default)
    return po, tag, _file(source)


def _sorted(
    questionnaire: Questionnaire, po: polib.POFile, file: str
) -> tuple[list[Finding], list[tuple[Wording, str]]]:
    """Return what is wrong with the entries of a file, and the texts that can be taken from it."""
    known = {context(one): one for one in wordings(dict(questionnaire.document))}
    source = questionnaire.languages[0]
    findings: list[Finding] = []
    taken: list[tuple[Wording, str]] = []
    for entry in (entry for entry in po if entry.msgstr and not entry.obsolete):
        where = Place(file=file, line=entry.linenum or 0, field=entry.msgctxt or "")
        one = known.get(entry.msgctxt or "")
        problems = list(_problems(entry, one, source, where))
        findings += problems
        if one is not None and not any(problem.code in _HELD_BACK for problem in problems):
            taken.append((one, entry.msgstr))
    return findings, taken


_HELD_BACK: Final = frozenset({"translation-stale", "translation-fuzzy"})


def _problems(entry: polib.POEntry, one: Wording | None, source: str, where: Place) -> Iterator[Finding]:
    name = entry.msgctxt or entry.msgid
    if one is None:
        yield finding("translation-unknown", where, context=name)
        return
    if entry.fuzzy:
        yield finding("translation-fuzzy", where, context=name)
    elif entry.msgid != one.text.get(source):
        yield finding("translation-stale", where, context=name, now=one.text.get(source, ""))
    numbers, found = (Counter(_NUMBER.findall(text)) for text in (entry.msgid, entry.msgstr))
    if numbers - found:
        yield finding("translation-numbers", where, context=name, source=_shown(numbers), found=_shown(found))


def _shown(numbers: Counter[str]) -> str:
    return ", ".join(numbers.elements()) or "none"


def _complete(texts: list[Wording], language: str) -> Completeness:
    base = language.split("-", maxsplit=1)[0]
    own = [one for one in texts if one.text.get(language)]
    lent = [one for one in texts if not one.text.get(language) and one.text.get(base)]
    missing = tuple(context(one) for one in texts if not one.text.get(language) and not one.text.get(base))
    return Completeness(language=language, total=len(texts), own=len(own), inherited=len(lent), missing=missing)


def _at(document: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    part: Any = document
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        part = part[int(name)] if isinstance(part, list) else part[name]
    found: dict[str, Any] = part
    return found
