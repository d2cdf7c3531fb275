"""The formulas beside an answer: the code behind it, whether it is asked, what is wrong, its status.

They say what the checks of returned answers say about the same answers; ``docs/forms.md`` has the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from surveykit.forms import describe
from surveykit.forms.geometry import Spot
from surveykit.forms.lists import FIRST_TEXT, TEXT_COLUMN, TICK, CodeTable
from surveykit.forms.logic import Logic, Sight
from surveykit.forms.plan import literal, place
from surveykit.forms.rules import day_limits, day_number, number_test
from surveykit.forms.wording import Words
from surveykit.questionnaire.identity import LIST_SHEET
from surveykit.questionnaire.structure import Check, Code, Item, Questionnaire, Text

ASKED: Final = 1
NOT_ASKED: Final = 0
UNSURE: Final = 2  # nobody can say: what decides it was answered with a missing code, so it was not to be asked
OPEN: Final = 3  # what decides it is not yet answered
LITERAL: Final = 255  # Excel specifications and limits: characters of a text inside a formula


@dataclass(slots=True)
class Texts:
    """Texts too long for a formula; they stand on the sheet of lists."""

    long: list[str] = field(default_factory=list)

    def reference(self, text: str) -> str:
        """Return a text as a part of a formula."""
        if describe.excel_length(text) <= LITERAL:
            return literal(text)
        if text not in self.long:
            self.long.append(text)
        return place(LIST_SHEET, f"{TEXT_COLUMN}{FIRST_TEXT + self.long.index(text)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """Writes the helper formulas of answers.

    Parameters
    ----------
    questionnaire : Questionnaire
    words : Words
    logic : Logic
    tables : mapping of str to CodeTable
        By item id.
    texts : Texts
        Collects what is too long for formulas.
    """

    questionnaire: Questionnaire
    words: Words
    logic: Logic
    tables: dict[str, CodeTable]
    texts: Texts
    checks: dict[str, list[Check]]

    def blank(self, spot: Spot) -> str:
        """Return the condition that nothing was written."""
        if spot.options:
            cells = [answer for answer, _ in spot.options.values()]
            return f'SUMPRODUCT(--(TRIM({_area(cells)})<>""))=0'
        return f'TRIM({spot.answer})=""'

    def raw(self, item: Item, spot: Spot) -> str:
        """Return the formula of the number, code or text that was written, whether it is right or wrong."""
        cell = spot.answer
        if item.type in {"integer", "decimal", "date"}:
            return cell
        if item.codelist is not None and self.tables[item.id].numeric:
            return f"VALUE({code_of(cell)})"
        return code_of(cell) if item.codelist is not None else f"TRIM({cell})"

    def value(self, item: Item, spot: Spot) -> str:
        """Return the formula of the value behind an answer; empty text where it is blank or wrong."""
        return f'IF(OR({self.blank(spot)},{spot.error}<>""),"",{self.raw(item, spot)})'

    def chosen(self, spot: Spot) -> str:
        """Return the formula of the count of ticks of a select-multiple; empty text where it is blank or wrong."""
        cells = [answer for answer, _ in spot.options.values()]
        count = f'SUMPRODUCT(--(TRIM({_area(cells)})<>""))'
        return f'IF(OR({count}=0,{spot.error}<>""),"",{count})'

    def tick(self, spot: Spot, answer: str) -> str:
        """Return the formula of a mark where an option counts as chosen."""
        return f'IF(OR({spot.value}="",TRIM({answer})=""),"","{TICK}")'

    def asked(self, item: Item, sight: Sight, active: str) -> str:
        """Return the formula that says whether an item is asked: one of the constants above."""
        if not item.relevant:
            return f"IF({active},{ASKED},{NOT_ASKED})" if active else str(ASKED)
        true, false = self.logic.true(item.relevant, sight), self.logic.false(item.relevant, sight)
        settled = self.logic.settled(item.relevant, sight)
        formula = f"IF({true},{ASKED},IF({false},{NOT_ASKED},{f'IF({settled},{UNSURE},{OPEN})' if settled else OPEN}))"
        return f"IF({active},{formula},{NOT_ASKED})" if active else formula

    def error(self, item: Item, spot: Spot, sight: Sight) -> str:
        """Return the formula of what makes an answer wrong by itself or by the skips; then it counts as unknown."""
        return _first(self._errors(item, spot, sight))

    def message(self, item: Item, spot: Spot, sight: Sight) -> str:
        """Return the formula of what to look at; empty text where nothing is to be looked at."""
        problems = [
            (self.logic.false(check.expression, sight), self.texts.reference(self.words.of(check.message)))
            for check in self.checks.get(item.id, ())
        ]
        problems += self._unlikely(item, spot)
        if not item.answered_by_hand:
            return _first(problems)
        return _first([(f'{spot.error}<>""', spot.error), *problems]) if problems else spot.error

    def status(self, item: Item, spot: Spot) -> str:
        """Return the formula of the status."""
        wrong = f'{spot.message}<>""'
        if item.type == "calculated":
            return f'IF({wrong},W_check,"")'
        empty = f"IF({spot.asked}={ASKED},{'W_todo' if item.required else 'W_ok'},W_na)"
        if item.id not in self.checks:  # only a rule about several answers can speak of a blank one
            return f"IF({self.blank(spot)},{empty},IF({wrong},W_check,W_ok))"
        if item.required:
            empty = f"IF({spot.asked}={ASKED},W_todo,IF({wrong},W_check,W_na))"
            return f"IF({self.blank(spot)},{empty},IF({wrong},W_check,W_ok))"
        return f"IF({wrong},W_check,IF({self.blank(spot)},{empty},W_ok))"

    def calculated(self, item: Item, spot: Spot, sight: Sight) -> str:
        """Return the formula of a computed value; empty text where it is unknown."""
        return f'IF({spot.asked}={ASKED},{self.logic.value(item.calculation, sight)},"")'

    def shown(self, item: Item, spot: Spot) -> str:
        """Return the formula of a computed value as people read it: a code with its label."""
        value = spot.value
        if item.codelist is None:
            return value
        table = self.tables[item.id]
        return f'IFERROR(INDEX({table.text_name},MATCH({value},{table.code_name},0)),"")'

    def _errors(self, item: Item, spot: Spot, sight: Sight) -> Iterator[tuple[str, str]]:
        blank = self.blank(spot)
        yield blank, '""'
        if item.type == "select_multiple":
            yield from self._of_options(item, spot)
        elif item.codelist:
            yield from self._of_code(item, spot, sight)
        elif item.type in {"text", "id"}:
            yield from self._of_text(item, spot, sight)
        else:
            yield from self._of_number(item, spot)
        if not item.prefill:
            asked = spot.asked
            yield f"OR({asked}={NOT_ASKED},{asked}={UNSURE})", "W_answered_not_asked"
        if item.constraint:
            own = sight.with_own(item.id, self.raw(item, spot))
            yield self.logic.false(item.constraint, own, this=item.id), "W_bad_constraint"

    def _of_code(self, item: Item, spot: Spot, sight: Sight) -> Iterator[tuple[str, str]]:
        table, raw = self.tables[item.id], self.raw(item, spot)
        if table.numeric:
            yield f"ISNA(MATCH(IFERROR({raw},-1E+99),{table.code_name},0))", "W_bad_code"
        else:
            yield f"SUMPRODUCT(--EXACT({table.code_name},{raw}))=0", "W_bad_code"
        if item.cascade and table.pairs:
            parent = sight.value(item.cascade)
            owner = self.questionnaire.item(item.cascade)
            free = ",".join(f"{raw}={_code(code)}" for code in item.missing_codes) or "FALSE"
            unsure = "".join(f",{parent}={_code(code)}" for code in owner.missing_codes)
            pair = f'ISNA(MATCH({parent}&" "&{raw},{table.pair_name},0))'
            yield f'IF(OR({free},{parent}=""{unsure}),FALSE,{pair})', "W_bad_parent"

    def _of_number(self, item: Item, spot: Spot) -> Iterator[tuple[str, str]]:
        cell = spot.answer
        limits = describe.expected_range(item, self.words)
        outside = self.texts.reference(self.words.say("bad_range", expected=limits))
        yield f"NOT(ISNUMBER({cell}))", "W_bad_type"
        if item.type == "integer":
            yield f"{cell}<>INT({cell})", "W_bad_whole"
        if item.type == "date":
            low, high = day_limits(item)
            yield f"OR({cell}<{low},{cell}>{high})", outside
        elif item.range:
            yield f"NOT({number_test(item, cell)})", outside

    def _of_text(self, item: Item, spot: Spot, sight: Sight) -> Iterator[tuple[str, str]]:
        raw = self.raw(item, spot)
        outside = self.texts.reference(self.words.say("bad_range", expected=describe.expected(item, self.words)))
        special = "".join(f",{raw}={literal(str(code))}" for code in item.missing_codes)
        tests = [(f"LEN({raw})>{item.max_length}", outside)]
        shape = self.logic.shape(item, sight.with_own(item.id, raw))
        tests += [(shape, "W_bad_shape")] if shape else []
        tests += [(luhn_fails(raw), "W_bad_digit")] if item.check_digit == "luhn" else []
        for test, text in tests:
            yield (f"IF(OR(FALSE{special}),FALSE,{test})" if special else test), text

    def _of_options(self, item: Item, spot: Spot) -> Iterator[tuple[str, str]]:
        answers = {code: answer for code, (answer, _) in spot.options.items()}
        area = _area(list(answers.values()))
        ticks = f'SUMPRODUCT(--(TRIM({area})<>""))'
        yield f'{ticks}<>SUMPRODUCT(--(UPPER(TRIM({area}))="{TICK}"))', "W_bad_tick"
        alone = [option.code for option in item.codelist.options if option.exclusive] if item.codelist else []
        for code in (*alone, *item.missing_codes):
            if code in answers:
                label = self.words.of(_option_text(item, code))
                text = self.texts.reference(self.words.say("bad_exclusive", label=label))
                yield f'AND(TRIM({answers[code]})<>"",{ticks}>1)', text

    def _unlikely(self, item: Item, spot: Spot) -> Iterator[tuple[str, str]]:
        limits = item.range
        if limits is None or (limits.warn_below is None and limits.warn_above is None):
            return
        value = spot.value
        special = "".join(f",{value}={code}" for code in item.missing_codes if isinstance(code, int))
        sides = [f"{value}<{_limit(limits.warn_below)}"] if limits.warn_below is not None else []
        sides += [f"{value}>{_limit(limits.warn_above)}"] if limits.warn_above is not None else []
        real = f"NOT(OR(FALSE{special}))," if special else ""
        yield f"IF(ISNUMBER({value}),AND({real}OR({','.join(sides)})),FALSE)", "W_unlikely"


def code_of(cell: str) -> str:
    """Return the part of "1 Male" before the first blank."""
    return f'LEFT(TRIM({cell}),FIND(" ",TRIM({cell})&" ")-1)'


def luhn_fails(cell: str) -> str:
    """Return the condition that the last digit does not fit the others (Luhn; ISO/IEC 7812-1, annex B)."""
    digit = f'VALUE(MID(RIGHT(REPT("0",20)&SUBSTITUTE({cell},"-",""),20),ROW($1:$20),1))'
    doubled = f"{digit}*(1+MOD(ROW($1:$20),2))"
    return f"IFERROR(MOD(SUMPRODUCT({doubled}-9*({doubled}>9)),10)<>0,TRUE)"


def checks_by_item(questionnaire: Questionnaire) -> dict[str, list[Check]]:
    """Return the cross-item checks by the item at which they are reported: the first one concerned."""
    found: dict[str, list[Check]] = {}
    for check in questionnaire.checks:
        own = [name for name in check.items if questionnaire.item(name).unit == check.unit]
        if own and check.severity != "info":
            found.setdefault(own[0], []).append(check)
    return found


def _first(problems: Iterable[tuple[str, str]]) -> str:
    """Return the formula of the text of the first condition that holds."""
    formula = '""'
    for condition, text in reversed(list(problems)):
        formula = f"IF({condition},{text},{formula})"
    return formula


def _area(cells: list[str]) -> str:
    return f"{cells[0]}:{cells[-1]}"


def _option_text(item: Item, code: Code) -> Text:
    option = item.codelist.option(code) if item.codelist else None
    if option is not None:
        return option.label
    return next((one.label for one in item.missing.codes if one.code == code), {}) if item.missing else {}


def _limit(value: float | str | None) -> str:
    if isinstance(value, str):
        return str(day_number(date.fromisoformat(value)))
    return f"{float(value or 0):.15g}"


def _code(code: Code) -> str:
    return literal(code) if isinstance(code, str) else str(code)
