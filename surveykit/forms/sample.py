"""The sample of a batch: which household gets which form, and what is filled in beforehand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from surveykit.errors import FormError
from surveykit.expressions import patterns
from surveykit.findings import Finding, Place, finding
from surveykit.questionnaire.structure import Item, Questionnaire

SERIAL: Final = "serial"
_ALIASES: Final = {"cluster": "clusters", "stratum": "strata"}
_SELECTION: Final = re.compile(  # what a sample file says of its stages: nothing that leads to a door
    r"(probability|weight)(_[0-9]+)?|(stratum|stratum_units|taken|certainty|method|seed|frame)_[0-9]+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """One row of a sample.

    Parameters
    ----------
    serial : str
    prefill : mapping of str to value
        Answers that are filled in beforehand, by item id.
    address : mapping of str to str
        Columns that belong to no item: they go on the tear-off sheet and nowhere else.
    cluster : str
        Where the questionnaire names a cluster, else empty.
    """

    serial: str
    prefill: Mapping[str, Any]
    address: Mapping[str, str]
    cluster: str = ""


def luhn_digit(digits: str) -> str:
    """Return the Luhn check digit of a row of digits.

    Parameters
    ----------
    digits : str
        Digits, without the check digit; other characters do not count.

    References
    ----------
    ISO/IEC 7812-1:2017, annex B.
    """
    plain = [int(char) for char in digits if char.isascii() and char.isdigit()]
    doubled = [2 * digit - 9 * (digit > 4) for digit in plain[-1::-2]]  # 9: cross sum of a doubled digit above 9
    return str(-(sum(doubled) + sum(plain[-2::-2])) % 10)


def read_sample(sample: str | Path | pd.DataFrame, questionnaire: Questionnaire) -> tuple[Household, ...]:
    """Return the households of a sample, every value looked at.

    Parameters
    ----------
    sample : str, Path or DataFrame
        A csv file or a frame, a row a household. ``serial`` (or the item that is the key), ``cluster`` and
        ``stratum`` (or the items that the design names), any item of the top unit by id or variable. The columns that
        :func:`surveykit.write_sample` writes about the stages are left out; everything else is address. An id with a
        check digit that the sample does not bring is the serial with its check digit.
    questionnaire : Questionnaire

    Raises
    ------
    FormError
        With every row that has no serial, a serial twice, or a value that its item does not take.
    """
    frame, file = _frame(sample)
    columns = _columns(frame, questionnaire)
    if questionnaire.top.key not in columns.values():
        raise FormError.of("forms-sample-no-serial", Place(file=file, field=SERIAL), key=questionnaire.top.key)
    reader = _Reader(questionnaire=questionnaire, columns=columns, file=file)
    households = [reader.household(row, number) for number, row in enumerate(frame.to_dict("records"), start=2)]
    problems = [*reader.problems, *_twice(households, file)]
    if problems:
        raise FormError(problems)
    return tuple(households)


def _frame(sample: str | Path | pd.DataFrame) -> tuple[pd.DataFrame, str]:
    if isinstance(sample, pd.DataFrame):
        return sample.astype("string").fillna("").astype(object), ""
    where = Place(file=str(sample))
    try:
        return pd.read_csv(sample, dtype=str, keep_default_na=False, encoding="utf-8-sig"), str(sample)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise FormError.of("forms-sample-unreadable", where, reason=str(error)) from error


def _columns(frame: pd.DataFrame, questionnaire: Questionnaire) -> dict[str, str]:
    """Return the item of each column that belongs to one."""
    items = {item.id: item.id for item in questionnaire.items_of(questionnaire.top.id) if item.answered_by_hand}
    known = {item.var: item.id for item in questionnaire.items_of(questionnaire.top.id) if item.id in items} | items
    known.setdefault(SERIAL, questionnaire.top.key)
    for column, part in _ALIASES.items():
        name = questionnaire.design.get(part)
        if isinstance(name, str) and name in known:
            known.setdefault(column, known[name])
    return {str(column): known[str(column)] for column in frame.columns if str(column) in known}


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads the rows of one sample and collects what is wrong with them."""

    questionnaire: Questionnaire
    columns: Mapping[str, str]
    file: str
    problems: list[Finding] = field(default_factory=list)

    def household(self, row: Mapping[Any, Any], number: int) -> Household:
        questionnaire = self.questionnaire
        prefill = self._prefill(row, number)
        serial = str(prefill.get(questionnaire.top.key, ""))
        if not serial:
            where = Place(file=self.file, line=number, field=SERIAL)
            self.problems.append(finding("forms-sample-no-serial", where, key=questionnaire.top.key))
        for item in questionnaire.items_of(questionnaire.top.id):
            if item.prefill and item.check_digit == "luhn" and item.id not in self.columns.values():
                prefill[item.id] = serial + luhn_digit(serial)
        clusters = questionnaire.design.get("clusters")
        return Household(
            serial=serial,
            prefill=prefill,
            address={name: str(value).strip() for name, value in row.items() if self._leads(name)},
            cluster=str(prefill.get(clusters, "")) if isinstance(clusters, str) else "",
        )

    def _leads(self, column: str) -> bool:
        return column not in self.columns and not _SELECTION.fullmatch(column)

    def _prefill(self, row: Mapping[Any, Any], number: int) -> dict[str, Any]:
        prefill: dict[str, Any] = {}
        for column, name in self.columns.items():
            text = str(row[column]).strip()
            if not text:
                continue
            prefill[name], reason = _value(text, self.questionnaire.item(name))
            if reason:
                where = Place(file=self.file, line=number, field=column, item=name)
                self.problems.append(finding("forms-sample-value", where, found=text, reason=reason))
        return prefill


def _value(text: str, item: Item) -> tuple[Any, str]:
    """Return a value in the type of its item, and what is wrong with it."""
    if item.codelist is not None:
        codes = {str(code): code for code in (*item.codelist.codes, *item.missing_codes)}
        return codes.get(text), "" if text in codes else "no code of its list"
    try:
        if item.type == "integer":
            return int(text), ""
        if item.type == "decimal":
            return float(text), ""
        if item.type == "date":
            return date.fromisoformat(text), ""
    except ValueError:
        return None, f"no {item.type}"
    return text, _shape(text, item)


def _shape(text: str, item: Item) -> str:
    if len(text) > item.max_length:
        return f"longer than {item.max_length} characters"
    if item.pattern and not re.fullmatch(patterns.regex(item.pattern), text):
        return f"not of the form {item.pattern}"
    if item.check_digit == "luhn" and luhn_digit(text[:-1]) != text[-1:]:
        return f"the check digit should be {luhn_digit(text[:-1])}"
    return ""


def _twice(households: Iterable[Household], file: str) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for number, household in enumerate(households, start=2):
        if household.serial and household.serial.casefold() in seen:
            where = Place(file=file, line=number, field=SERIAL)
            first = seen[household.serial.casefold()]
            yield finding("forms-sample-twice", where, serial=household.serial, first=first)
        seen.setdefault(household.serial.casefold(), number)
