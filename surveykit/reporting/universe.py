"""The population of a table in words: the conditions of its subpopulation, read aloud with the labels of the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from surveykit.errors import ExpressionError
from surveykit.expressions import meaning, phrase
from surveykit.expressions.symbols import Kind, Symbol
from surveykit.reporting.labels import Wording

_KINDS: Final[tuple[tuple[Kind, Kind], ...]] = (
    ("code", "number"), ("code", "text"), ("number", "number"), ("code", "boolean"),
)  # fmt: skip


def universe(conditions: Iterable[str], wording: Wording) -> str:
    """Return who was counted, as a sentence.

    Parameters
    ----------
    conditions : iterable of str
        Expressions of the subpopulation; all of them hold.
    wording : Wording
        Labels of variables and codes.

    Returns
    -------
    str
        "respondents for whom “Age” is at least 20 and “Sex” is Women"; empty without conditions. Where one of them
        cannot be read aloud, because it asks for more than columns, all stand as they are written.
    """
    given = list(dict.fromkeys(conditions))
    if not given:
        return ""
    said = [_said(one, wording) for one in given]
    aloud = [one for one in said if one]
    if len(aloud) < len(given):
        return "; ".join(given)
    joined = aloud[0] if len(aloud) == 1 else _said(" and ".join(f"({one})" for one in given), wording)
    return wording.say("universe-words", condition=joined or "; ".join(aloud))


def _said(condition: str, wording: Wording) -> str:
    """Return one condition in words, with the first reading of its names that makes sense; empty if none does."""
    for scope in _readings(condition, wording):
        try:
            return phrase.condition(meaning.compile(condition, scope, gives="boolean"), wording.language)
        except ExpressionError:
            continue
    return ""


def _readings(condition: str, wording: Wording) -> Iterator[meaning.Scope]:
    """Yield what the names may stand for: nobody tells a table the types of the answers behind it."""
    try:
        names = sorted(meaning.names(condition))
    except ExpressionError:
        return
    for labelled, others in _KINDS:
        yield meaning.scope(_symbol(name, labelled if wording.values(name) else others, wording) for name in names)


def _symbol(name: str, kind: Kind, wording: Wording) -> Symbol:
    language = wording.language
    codes = {code: {language: label} for code, label in wording.values(name).items()} if kind == "code" else {}
    return Symbol(name=name, kind=kind, codes=codes, label={language: wording.variable(name)})
