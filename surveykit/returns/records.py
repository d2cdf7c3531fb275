"""Answers of one row of a unit, before they become a frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from surveykit.findings import Finding
from surveykit.questionnaire.identity import AnswerName, FormIdentity, key_name, line_name
from surveykit.questionnaire.responses import Origin
from surveykit.questionnaire.structure import Code, Item, Questionnaire, option_column
from surveykit.returns.codes import join_codes, tick
from surveykit.returns.parsing import AnswerReader, answer_finding
from surveykit.returns.values import Odd, Value, shown
from surveykit.returns.wording import Parsed, unread


@dataclass(slots=True)
class Record:
    """Answers of one row of a unit.

    Parameters
    ----------
    unit : str
    answers : dict of str to value
        Typed value by column; blanks are left out.
    unread : dict of str to str
        By column, what stands where an answer could not be read.
    origin : Origin
    block : int
        1-based block of a booklet that a row of a selected unit came from, else 0.
    """

    unit: str
    origin: Origin
    block: int = 0
    answers: dict[str, object] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReading:
    """What one returned file says.

    Parameters
    ----------
    file : str
    status : {"read", "empty", "quarantined"}
    identity : FormIdentity, optional
    records : tuple of Record
        Of all its respondents, the rows of a respondent one after the other.
    findings : tuple of Finding
    """

    file: str
    status: str
    identity: FormIdentity | None = None
    records: tuple[Record, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What a name of an answer means in a questionnaire.

    Parameters
    ----------
    unit : str
    column : str
        Column of the answer, of the line number, or of the repeated top key.
    role : {"answer", "option", "line", "key"}
    item : Item, optional
    code : code, optional
        Of an option.
    """

    unit: str
    column: str
    role: str
    item: Item | None = None
    code: Code | None = None


class Dictionary:
    """The names that a questionnaire's answers may have, and the readers of its items.

    Parameters
    ----------
    questionnaire : Questionnaire
    """

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.items = {item.id: item for item in questionnaire if item.type != "note"}
        self.key = questionnaire.item(questionnaire.top.key)
        self._readers: dict[tuple[str, bool, bool], AnswerReader] = {}
        self._slots: dict[AnswerName, Slot | None] = {}
        below = questionnaire.units[1:]
        self._lines = {line_name(unit.id): Slot(unit=unit.id, column=unit.key, role="line") for unit in below}
        self._lines |= {key_name(unit.id): Slot(unit=unit.id, column=self.key.var, role="key") for unit in below}

    @property
    def known(self) -> frozenset[str]:
        """Names of items, line columns and key columns."""
        return frozenset(self.items) | frozenset(self._lines)

    def slot(self, name: AnswerName) -> Slot | None:
        """Return what a name means; None if the questionnaire has no such answer."""
        plain = name if not name.row else AnswerName(item=name.item, code=name.code)
        if plain not in self._slots:
            self._slots[plain] = self._slot(plain)
        return self._slots[plain]

    def reader(self, item: Item, *, textual: bool, from_1904: bool) -> AnswerReader:
        """Return the reader of an item for one kind of file."""
        key = (item.id, textual, from_1904)
        if key not in self._readers:
            self._readers[key] = AnswerReader(item, textual=textual, from_1904=from_1904)
        return self._readers[key]

    def _slot(self, name: AnswerName) -> Slot | None:
        item = self.items.get(name.item)
        if item is None:
            return self._lines.get(name.item)
        if not name.code:
            return Slot(unit=item.unit, column=item.var, role="answer", item=item)
        codes = (*(item.codelist.codes if item.codelist else ()), *item.missing_codes)
        code = next((code for code in codes if str(code) == name.code), None)
        if item.type != "select_multiple" or code is None:
            return None
        return Slot(unit=item.unit, column=option_column(item.var, code), role="option", item=item, code=code)


class Reporter:
    """Collects what was found in a workbook, and hands out the readers of its answers.

    Parameters
    ----------
    dictionary : Dictionary
    textual, from_1904 : bool
        Of the workbook.
    """

    def __init__(self, dictionary: Dictionary, *, textual: bool, from_1904: bool) -> None:
        self.findings: list[Finding] = []
        self._dictionary = dictionary
        self._textual, self._from_1904 = textual, from_1904

    def answer_reader(self, slot: Slot) -> AnswerReader | None:
        """Return the reader of an answer or a repeated key; None for a line number."""
        item = self._dictionary.key if slot.role == "key" else slot.item
        if item is None:
            return None
        return self._dictionary.reader(item, textual=self._textual, from_1904=self._from_1904)

    def note(self, record: Record, slot: Slot, parsed: Parsed, raw: Value, serial: str) -> None:
        """Report a conversion, or an answer that could not be read."""
        item = "" if slot.role == "line" else (slot.item or self._dictionary.key).id
        if parsed.unread:
            record.unread[slot.item.var if slot.role == "option" and slot.item else slot.column] = shown(raw)
        where = record.origin.place(slot.column, item=item, record=serial)
        self.findings.append(answer_finding(parsed, raw, where))


class RowReader:
    """Fills records of rows that are all laid out alike.

    Computed items are not looked at. A row was filled by somebody where something stands that was not prefilled.

    Parameters
    ----------
    reporter : Reporter
    slots : mapping of int to Slot
        By position in the row.
    """

    def __init__(self, reporter: Reporter, slots: Mapping[int, Slot]) -> None:
        self._reporter = reporter
        asked = {at: slot for at, slot in slots.items() if slot.item is None or slot.item.type != "calculated"}
        self._by_hand = {at for at, slot in asked.items() if slot.item is not None and not slot.item.prefill}
        self._plain: dict[int, tuple[Slot, str, AnswerReader]] = {}
        self._others: dict[int, Slot] = {}
        for at, slot in asked.items():
            reader = None if slot.role == "option" else reporter.answer_reader(slot)
            if reader is None or (slot.item and slot.item.type == "select_multiple"):
                self._others[at] = slot
            else:
                self._plain[at] = (slot, slot.column, reader)

    def filled(self, values: Mapping[int, Value]) -> bool:
        """Return whether somebody filled the row."""
        return not self._by_hand.isdisjoint(values)

    def touched(self, values: Mapping[int, Value]) -> bool:
        """Return whether anything stands in the row, be it prefilled."""
        return any(at in self._plain or at in self._others for at in values)

    def fill(self, record: Record, values: Mapping[int, Value], serial: str) -> None:
        """Read the answers of a row into a record."""
        plain, answers = self._plain, record.answers
        for at, raw in values.items():
            if at in plain:
                slot, column, reader = plain[at]
                parsed = reader.seen.get(raw) or reader(raw)
                if parsed.value is not None:
                    answers[column] = parsed.value
                if parsed.code:
                    self._reporter.note(record, slot, parsed, raw, serial)
        if self._others:
            self._fill_others(record, values, serial)

    def _fill_others(self, record: Record, values: Mapping[int, Value], serial: str) -> None:
        ticks: list[tuple[Slot, Value]] = []
        for at, slot in self._others.items():
            raw = values.get(at)
            if raw is None:
                continue
            if slot.role == "option":
                ticks.append((slot, raw))
            elif slot.item is not None:
                self._read_joined(record, slot, raw, serial)
            else:
                self._read_line(record, slot, raw, serial)
        if ticks:
            self._read_options(record, ticks, serial)

    def _read_joined(self, record: Record, slot: Slot, raw: Value, serial: str) -> None:
        reader = self._reporter.answer_reader(slot)
        if reader is None or slot.item is None:
            return
        parsed = reader(raw)
        if parsed.value is not None:
            record.answers[slot.column] = parsed.value
            split_joined(record, slot.item)
        if parsed.code:
            self._reporter.note(record, slot, parsed, raw, serial)

    def _read_line(self, record: Record, slot: Slot, raw: Value, serial: str) -> None:
        text = shown(raw.value if isinstance(raw, Odd) else raw).strip()
        if text.isascii() and text.isdigit() and len(text) < 6:  # a line number, not a study code
            record.answers[slot.column] = int(text)
        elif text:
            self._reporter.note(record, slot, unread("returns-answer-no-line"), raw, serial)

    def _read_options(self, record: Record, ticks: list[tuple[Slot, Value]], serial: str) -> None:
        """Read the option cells of the select-multiple items of a record."""
        chosen: dict[str, list[Code]] = {}
        items: dict[str, Item] = {}
        for slot, raw in ticks:
            if slot.item is None or slot.code is None:
                continue
            items[slot.item.var] = slot.item
            said = "unread" if isinstance(raw, Odd) else tick(raw)
            if said == "yes":
                chosen.setdefault(slot.item.var, []).append(slot.code)
            elif said == "unread":
                self._reporter.note(record, slot, unread("returns-answer-no-tick"), raw, serial)
        for column, codes in chosen.items():
            if column not in record.unread:
                _set_options(record, items[column], codes)


def _set_options(record: Record, item: Item, codes: list[Code]) -> None:
    """Set the joined column in code order, and a 0 or 1 a code where a real code was chosen."""
    real = item.codelist.codes if item.codelist else ()
    order = {code: position for position, code in enumerate((*real, *item.missing_codes))}
    record.answers[item.var] = join_codes(sorted(set(codes), key=lambda code: order[code]))
    if set(codes) & set(real):
        for code in real:
            record.answers[option_column(item.var, code)] = int(code in codes)


def split_joined(record: Record, item: Item) -> None:
    """Set the 0 or 1 columns of a select-multiple whose codes stood joined in one cell."""
    joined = record.answers.get(item.var)
    if item.codelist:
        for code in item.codelist.codes:
            record.answers.pop(option_column(item.var, code), None)
        by_text = {str(code): code for code in (*item.codelist.codes, *item.missing_codes)}
        codes = [by_text[part] for part in str(joined).split() if part in by_text] if joined is not None else []
        if codes:
            _set_options(record, item, codes)
