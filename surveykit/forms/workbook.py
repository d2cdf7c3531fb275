"""A questionnaire written as an Excel form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from surveykit import __version__
from surveykit.errors import FormError
from surveykit.findings import Findings, Place
from surveykit.forms.answers import Answers, booklet_values, frames_of, list_rows
from surveykit.forms.booklet import draw_questions
from surveykit.forms.checking import Checker, Texts, checks_by_item
from surveykit.forms.describe import CODES_SHOWN
from surveykit.forms.draft import Draft
from surveykit.forms.geometry import Geometry
from surveykit.forms.guide import draw_codes, draw_guide, identity_sheet, map_sheet
from surveykit.forms.layout import lay_out, legal_sheet_name
from surveykit.forms.limits import limit_findings
from surveykit.forms.listing import ListDraft, draw_list
from surveykit.forms.lists import code_tables, list_sheet
from surveykit.forms.logic import Logic
from surveykit.forms.measure import metrics_of
from surveykit.forms.paint import paint
from surveykit.forms.places import FormLayout
from surveykit.forms.plan import BookPlan, SheetPlan, Value, place
from surveykit.forms.roster import draw_roster
from surveykit.forms.routes import asked_if_texts, go_to_texts, section_texts
from surveykit.forms.sights import Seer
from surveykit.forms.styles import font_name
from surveykit.forms.wording import Words, words_for
from surveykit.questionnaire.identity import FORMAT, FormIdentity
from surveykit.questionnaire.identity import Layout as LayoutKind
from surveykit.questionnaire.structure import Questionnaire

ROWS: Final = 2_000  # respondents that one list holds: about what a person keys in a fortnight


def write_form(
    questionnaire: Questionnaire,
    path: str | Path,
    *,
    language: str = "",
    layout: LayoutKind = "booklet",
    rows: int = ROWS,
    prefill: Mapping[str, Any] | None = None,
    answers: Answers | None = None,
    paper: bool = False,
    font: str = "",
) -> Findings:
    """Write a questionnaire as an Excel form.

    Parameters
    ----------
    questionnaire : Questionnaire
    path : str or Path
        File to write, ``.xlsx``.
    language : str, optional
        One of the questionnaire's languages; its first one where empty.
    layout : {"booklet", "list"}
        A question a row for one respondent or household, or a row a respondent and a sheet a unit.
    rows : int
        Rows of each sheet of a list.
    prefill : mapping of item id to value, optional
        Answers of the top unit that are filled in beforehand and locked, the serial for instance.
    answers : mapping, DataFrame or mapping of unit to DataFrame, optional
        Answers to write as an interviewer would type or choose them: "1 Male" for a code, numbers, dates. What does
        not fit its item is written as it is.
    paper : bool
        Boxes to tick and lines to write on instead of cells to fill, for printing.
    font : str, optional
        Font family; one that carries the language on the machines forms are filled on where empty.

    Returns
    -------
    Findings
        What could not be said in Excel and is left to the checks of returned answers; never an error.

    Raises
    ------
    FormError
        If Excel would repair or refuse the form, with every reason; if language or layout is unknown, or answers do
        not fit.

    Notes
    -----
    The same input gives the same bytes.
    """
    plan, findings = form_plan(
        questionnaire,
        language=language,
        layout=layout,
        rows=rows,
        prefill=prefill,
        answers=answers,
        paper=paper,
        font=font,
    )
    Path(path).write_bytes(paint(plan))
    return findings


def form_plan(
    questionnaire: Questionnaire,
    *,
    language: str = "",
    layout: LayoutKind = "booklet",
    rows: int = ROWS,
    prefill: Mapping[str, Any] | None = None,
    answers: Answers | None = None,
    paper: bool = False,
    font: str = "",
) -> tuple[BookPlan, Findings]:
    """Return the plan of a form and what was left out of it; see :func:`write_form`."""
    chosen = language or questionnaire.languages[0]
    if chosen not in questionnaire.languages:
        known = ", ".join(questionnaire.languages)
        raise FormError.of("forms-language-unknown", Place(file=questionnaire.file), language=chosen, known=known)
    if layout not in {"booklet", "list"}:
        raise FormError.of("forms-layout-unknown", Place(field="layout"), layout=layout)
    if rows < 1:
        raise FormError.of("forms-no-rows", Place(field="rows"), rows=rows)
    maker = _Maker(questionnaire, chosen, layout, rows, font or font_name(chosen))
    plan = maker.listed(prefill, answers) if layout == "list" else maker.booklet(prefill, answers, paper=paper)
    broken = limit_findings(plan)
    if broken:
        raise FormError(broken)
    return plan, Findings.of(maker.logic.findings)


class _Maker:
    """Puts the sheets of one form together."""

    def __init__(self, questionnaire: Questionnaire, language: str, kind: LayoutKind, rows: int, font: str) -> None:
        self._questionnaire, self._font = questionnaire, font
        self._words: Words = words_for(questionnaire, language)
        self._layout: FormLayout = lay_out(questionnaire, kind, language=language, rows=rows)
        self._tables = code_tables(questionnaire, self._words, kind)
        self.logic = Logic(questionnaire=questionnaire, language=language, bare=kind == "booklet")
        taken = [sheet.name for sheet in self._layout.sheets]
        self._guide = legal_sheet_name(self._words["guide"], taken)
        self._codes = legal_sheet_name(self._words["code_sheet"], [*taken, self._guide])
        self._title = self._words.of(questionnaire.title)
        self._version = self._words.say("version", version=questionnaire.version)

    def booklet(self, prefill: Mapping[str, Any] | None, answers: Answers | None, *, paper: bool) -> BookPlan:
        draft = self._draft(prefill, answers, paper=paper)
        sheets = [draw_guide(draft, self._guide, self._title, self._version_line())]
        copied = {sheet.name for sheet in self._layout.sheets if paper and sheet.index > 1}  # the first one is copied
        sheets += [
            draw_roster(draft, sheet) if sheet.kind == "grid" else draw_questions(draft, sheet)
            for sheet in self._layout.sheets
            if sheet.name not in copied
        ]
        serial = str(draft.serial or "")
        return self._book(sheets, draft.checker.texts.long, {}, serial)

    def listed(self, prefill: Mapping[str, Any] | None, answers: Answers | None) -> BookPlan:
        frames = frames_of(answers if answers is not None else prefill, self._questionnaire)
        draft = ListDraft(
            questionnaire=self._questionnaire,
            words=self._words,
            layout=self._layout,
            logic=self.logic,
            tables=self._tables,
            rows=list_rows(frames, self._questionnaire, self._layout, self._words),
            code_sheet=self._codes,
            asked_if=asked_if_texts(self.logic.meanings, self._words),
            title=self._title,
            header=self._title,
            footer=self._footer(),
            metrics=metrics_of(self._font),
        )
        sheets = [draw_list(draft, sheet) for sheet in self._layout.sheets]
        return self._book(sheets, [], draft.names, "")

    def _draft(self, prefill: Mapping[str, Any] | None, answers: Answers | None, *, paper: bool) -> Draft:
        questionnaire, words, layout = self._questionnaire, self._words, self._layout
        geometry = Geometry(questionnaire=questionnaire, layout=layout)
        checker = Checker(
            questionnaire=questionnaire,
            words=words,
            logic=self.logic,
            tables=self._tables,
            texts=Texts(),
            checks=checks_by_item(questionnaire),
        )
        before = booklet_values(frames_of(prefill, questionnaire), questionnaire, layout, words)
        typed = booklet_values(frames_of(answers, questionnaire), questionnaire, layout, words)
        values: dict[str, Value] = {**typed, **before}
        return Draft(
            questionnaire=questionnaire,
            words=words,
            geometry=geometry,
            seer=Seer(questionnaire=questionnaire, geometry=geometry),
            checker=checker,
            answers=values,
            prefilled=frozenset(before),
            code_sheet=self._codes,
            header=self._title,
            footer=self._footer(),
            go_to=go_to_texts(self.logic.meanings, words),
            asked_if=asked_if_texts(self.logic.meanings, words),
            section_if=section_texts(self.logic.meanings, words),
            metrics=metrics_of(self._font),
            paper=paper,
        )

    def _book(self, sheets: list[SheetPlan], texts: list[str], extra: Mapping[str, str], serial: str) -> BookPlan:
        questionnaire = self._questionnaire
        identity = FormIdentity(
            format=FORMAT,
            questionnaire=questionnaire.id,
            version=questionnaire.version,
            text_version=questionnaire.text_version,
            structure_hash=questionnaire.structure_hash,
            text_hash=questionnaire.text_hash,
            language=self._words.language,
            layout=self._layout.kind,
            serial=serial,
            generator=f"surveykit {__version__}",
        )
        least = CODES_SHOWN if self._layout.kind == "booklet" else 0
        lists, names = list_sheet(self._tables, self._words, texts)
        codes = draw_codes(self._codes, questionnaire, self._tables, self._words, metrics_of(self._font), least=least)
        codes = replace(codes, page=replace(codes.page, header=self._title, footer=self._footer()))
        drawn = {sheet.name for sheet in sheets}
        layout = replace(self._layout, slots=tuple(slot for slot in self._layout.slots if slot.sheet in drawn))
        names |= {slot.name: place(slot.sheet, slot.cell) for slot in layout.slots}
        return BookPlan(
            title=self._title,
            language=self._words.language,
            sheets=(*sheets, codes, lists, map_sheet(layout), identity_sheet(identity)),
            names={**names, **extra},
            properties=identity.to_properties(),
            font=self._font,
        )

    def _version_line(self) -> str:
        questionnaire, words = self._questionnaire, self._words
        parts = [self._version, words.say("languages", language=words.language)]
        if questionnaire.minutes:
            parts.append(words.say("minutes", minutes=f"{questionnaire.minutes:g}"))
        return " · ".join(parts)

    def _footer(self) -> str:
        return f"{self._questionnaire.id} {self._questionnaire.version}\t{self._words['page']}"
