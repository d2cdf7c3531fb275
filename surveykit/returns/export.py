"""Answers for other programs: csv, SPSS and Stata files with labels and user-missing codes."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pandas as pd

from surveykit.errors import ReturnsError
from surveykit.findings import Place
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Item, Questionnaire, localized, option_column

_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # OWASP, CSV injection
_LETTERS: Final = {"dk": "d", "refused": "r", "na": "n", "not_stated": "s", "not_asked": "k"}
_LABEL: Final = {".sav": 256, ".dta": 80}  # characters of a variable label (SPSS; Stata's limits)
_STATA: Final = 15  # version whose files hold texts of any length


def export(
    responses: Responses,
    questionnaire: Questionnaire,
    path: str | Path,
    *,
    unit: str = "",
    language: str = "",
    guard_formulas: bool = False,
) -> Path:
    """Write the answers of one unit for another program.

    Parameters
    ----------
    responses : Responses
    questionnaire : Questionnaire
    path : path
        ``.csv``, ``.sav`` (SPSS) or ``.dta`` (Stata).
    unit : str
        The top unit by default.
    language : str
        Language of the labels; the questionnaire's first by default.
    guard_formulas : bool
        In csv files, write an apostrophe before texts that a spreadsheet program would take for a formula. This
        changes the answers, so it is off by default.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ReturnsError
        If the format or the unit is not known, the extra ``surveykit[microdata]`` is not installed, or the file cannot
        be written.

    Notes
    -----
    Missing codes stay codes and are declared user-missing in SPSS; in Stata they become ``.d`` (don't know), ``.r``
    (refused), ``.n`` (not applicable), ``.s`` (not stated) and ``.k`` (not asked), as numeric codes only.
    """
    target, chosen = Path(path), unit or questionnaire.top.id
    if chosen not in responses:
        raise ReturnsError.of("returns-export-unit", Place(file=str(target)), found=chosen, known=", ".join(responses))
    spoken = language or questionnaire.languages[0]
    frame = responses[chosen]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".csv":
            plain = frame.apply(_guarded) if guard_formulas else frame
            plain.to_csv(target, index=False, encoding="utf-8-sig", date_format="%Y-%m-%d")
        else:
            _write_labelled(frame, questionnaire, chosen, target, spoken)
    except OSError as error:
        raise ReturnsError.of("returns-store-failed", Place(file=str(target)), reason=str(error)) from error
    return target


def _guarded(column: pd.Series[Any]) -> pd.Series[Any]:
    if not isinstance(column.dtype, pd.StringDtype):
        return column
    return column.map(lambda text: f"'{text}" if text.startswith(_RISKY) else text, na_action="ignore")


def _write_labelled(frame: pd.DataFrame, questionnaire: Questionnaire, unit: str, target: Path, language: str) -> None:
    where = Place(file=str(target))
    if target.suffix not in _LABEL:
        raise ReturnsError.of("returns-export-format", where, found=target.suffix)
    if find_spec("pyreadstat") is None:
        raise ReturnsError.of("returns-export-extra", where)
    pyreadstat = import_module("pyreadstat")
    items = {item.var: item for item in questionnaire.items_of(unit) if item.type != "note"}
    labels = {name: label[: _LABEL[target.suffix]] for name, label in _column_labels(items, language).items()}
    codes = {name: _code_labels(item, language) for name, item in items.items() if _numeric(frame, name) and item.coded}
    plain = pd.DataFrame({name: _plain(frame[name]) for name in frame.columns})
    missing = {name: list(item.missing_codes) for name, item in items.items() if item.missing and _numeric(frame, name)}
    if target.suffix == ".sav":
        pyreadstat.write_sav(
            plain, str(target), column_labels=labels, variable_value_labels=codes, missing_ranges=missing
        )
        return
    for name in missing:
        plain[name], codes[name] = _lettered(plain[name], items[name], codes.get(name, {}), language)
    user = {name: sorted(set(_LETTERS.values())) for name in missing}
    pyreadstat.write_dta(
        plain,
        str(target),
        column_labels=labels,
        variable_value_labels=codes,
        missing_user_values=user,
        version=_STATA,
    )


def _numeric(frame: pd.DataFrame, name: str) -> bool:
    return name in frame.columns and pd.api.types.is_numeric_dtype(frame[name])


def _column_labels(items: Mapping[str, Item], language: str) -> dict[str, str]:
    labels = {name: localized(item.label, language) for name, item in items.items()}
    for name, item in items.items():
        if item.type == "select_multiple" and item.codelist:
            for option in item.codelist.options:
                own = f"{labels[name]}: {localized(option.label, language)}"
                labels[option_column(name, option.code)] = own
    return labels


def _code_labels(item: Item, language: str) -> dict[Any, str]:
    options = item.codelist.options if item.codelist else ()
    found: dict[Any, str] = {option.code: localized(option.label, language) for option in options}
    codes = item.missing.codes if item.missing else ()
    return found | {code.code: localized(code.label, language) for code in codes}


def _plain(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    if column.dtype.kind == "M":
        days: pd.Series[Any] = column.dt.date.where(column.notna(), None).astype(object)
        return days
    return column.astype(object).where(column.notna(), None)


def _lettered(
    column: pd.Series[Any], item: Item, codes: Mapping[Any, str], language: str
) -> tuple[pd.Series[Any], dict[Any, str]]:
    """Return a column with its missing codes as Stata's letters, and the labels likewise."""
    letters = {float(code): _LETTERS[kind] for code, kind in item.missing_codes.items()}
    labels = {code: text for code, text in codes.items() if code not in item.missing_codes}
    named = item.missing.codes if item.missing else ()
    labels |= {_LETTERS[one.kind]: localized(one.label, language) for one in named}
    return column.astype(object).map(lambda value: letters.get(value, value)), labels
