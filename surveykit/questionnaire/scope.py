"""Which names an expression may use in the rows of a unit."""

from __future__ import annotations

from typing import Final

from surveykit.expressions.symbols import Kind, Scope, Symbol
from surveykit.questionnaire.structure import Item, ItemType, Questionnaire, Unit

_KINDS: Final[dict[ItemType, Kind]] = {
    "id": "text",
    "text": "text",
    "integer": "number",
    "decimal": "number",
    "date": "date",
    "select_one": "code",
    "select_multiple": "codes",
}


def symbol_of(item: Item) -> Symbol:
    """Return an item as expressions see it.

    Parameters
    ----------
    item : Item
        Any item but a note.

    Returns
    -------
    Symbol
        Named by the item's id, read from the column ``item.var``.
    """
    codelist = item.codelist
    return Symbol(
        name=item.id,
        kind=_kind(item),
        column=item.var,
        codes={option.code: option.label for option in codelist.options} if codelist else {},
        missing=item.missing_codes,
        integer=item.type == "integer",
        label=item.label,
        number=item.number,
    )


def scope_of(questionnaire: Questionnaire, unit: str, *, this: str = "") -> Scope:
    """Return the names that expressions may use in the rows of a unit.

    Visible are the items and the line number of the unit itself, of the roster that a selection takes its rows
    from, and of every unit above; units below are rosters for ``count``, ``sum``, ``any`` and their like.

    Parameters
    ----------
    questionnaire : Questionnaire
    unit : str
        Unit id.
    this : str
        Id of the item whose own answer ``this`` means.

    Raises
    ------
    KeyError
        If there is no such unit.

    Examples
    --------
    ``meaning.compile(item.relevant, scope_of(q, item.unit, this=item.id))``
    """
    here = questionnaire.unit(unit)
    visible = (*reversed(questionnaire.ancestors(unit)), here)
    symbols: dict[str, Symbol] = {}
    for one in visible:
        symbols |= _symbols(questionnaire, one)
    rosters = {one.id: Scope(symbols=_symbols(questionnaire, one)) for one in questionnaire.units if one.parent == unit}
    return Scope(symbols=symbols, rosters=rosters, this=this, today=questionnaire.interview_date)


def _symbols(questionnaire: Questionnaire, unit: Unit) -> dict[str, Symbol]:
    own = {item.id: symbol_of(item) for item in questionnaire.items_of(unit.id) if item.type != "note"}
    line = {unit.key: Symbol(name=unit.key, kind="number", integer=True)} if unit.repeated else {}
    return line | own


def _kind(item: Item) -> Kind:
    if item.type == "calculated":
        return "code" if item.codelist else item.result
    return _KINDS[item.type]
