"""The two layouts of a form read into records: a row a respondent, or a question a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from surveykit.findings import Place, finding
from surveykit.questionnaire.identity import AnswerName
from surveykit.questionnaire.responses import Origin
from surveykit.returns.locating import Spot, Spots
from surveykit.returns.records import Dictionary, Record, Reporter, RowReader, Slot
from surveykit.returns.values import Value, column_letters, shown
from surveykit.returns.workbook import Workbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Respondents:
    """One set of answer places in a workbook: all rows of a list, or the one respondent of a booklet.

    Parameters
    ----------
    workbook : Workbook
    dictionary : Dictionary
    spots : mapping of AnswerName to Spot
    reader : Reporter
    serial : str
        Serial that the form itself carries, else empty.
    """

    workbook: Workbook
    dictionary: Dictionary
    spots: Spots
    reader: Reporter
    serial: str = ""


def list_records(source: Respondents) -> Iterator[Record]:
    """Read the rows of a list, a sheet a unit."""
    by_sheet: dict[int, dict[int, tuple[Slot, Spot]]] = defaultdict(dict)
    for name, spot in source.spots.items():
        slot = source.dictionary.slot(name)
        if slot:
            by_sheet[spot.sheet][spot.column] = (slot, spot)
    for sheet, columns in sorted(by_sheet.items()):
        yield from _sheet_records(source, sheet, columns)


def _sheet_records(source: Respondents, sheet: int, columns: Mapping[int, tuple[Slot, Spot]]) -> Iterator[Record]:
    name, file = source.workbook.sheets[sheet].name, source.workbook.where.file
    order = [unit.id for unit in source.dictionary.questionnaire.units]
    unit = min((slot.unit for slot, _ in columns.values()), key=order.index)
    first = min(spot.row for _, spot in columns.values())
    cells = {slot.column: (name, column_letters(column)) for column, (slot, _) in columns.items()}
    for column, (slot, _) in sorted(columns.items()):
        if slot.role == "option" and slot.item:
            cells.setdefault(slot.item.var, (name, column_letters(column)))
    rows = RowReader(source.reader, {column: slot for column, (slot, _) in columns.items()})
    keyed = next((column for column, (slot, _) in columns.items() if slot.column == source.dictionary.key.var), 0)
    hollow = 0
    for row, values in source.workbook.sheets[sheet].read(frozenset(columns)):
        if row >= first and rows.filled(values):
            record = Record(unit, Origin(file=file, cells=cells, row=row))
            rows.fill(record, values, shown(values.get(keyed)))
            yield record
        else:
            hollow += row >= first and rows.touched(values)
    if hollow:
        source.reader.findings.append(finding("returns-rows-not-filled", Place(file=file, sheet=name), rows=hollow))


def booklet_records(source: Respondents) -> Iterator[Record]:
    """Read the one respondent of a booklet: the top unit, and each row of a repeated unit in which something stands."""
    values = _values_at(source)
    rows: dict[tuple[str, int], dict[AnswerName, Slot]] = defaultdict(dict)
    for name in source.spots:
        slot = source.dictionary.slot(name)
        if slot:
            rows[(slot.unit, name.row)][name] = slot
    readers = {place: RowReader(source.reader, dict(enumerate(names.values()))) for place, names in rows.items()}
    found = {
        place: {at: values[name] for at, name in enumerate(names) if name in values} for place, names in rows.items()
    }
    filled = {place for place in rows if readers[place].filled(found[place])}
    if not filled:
        return
    questionnaire = source.dictionary.questionnaire
    order = [unit.id for unit in questionnaire.units]
    key = _booklet_key(source, values)
    filled |= {place for place in rows if place[0] == questionnaire.top.id}
    for unit, row in sorted(filled, key=lambda place: (order.index(place[0]), place[1])):
        place = (unit, row)
        record = Record(unit, Origin(file=source.workbook.where.file, cells=_cells(source, rows[place])))
        readers[place].fill(record, found[place], key)
        if key:
            record.answers.setdefault(source.dictionary.key.var, key)
        if row and questionnaire.unit(unit).roster:
            record.answers.setdefault(questionnaire.unit(unit).key, row)
        record.block = row if questionnaire.unit(unit).selection else 0
        yield record


def _cells(source: Respondents, names: Mapping[AnswerName, Slot]) -> dict[str, tuple[str, str]]:
    cells: dict[str, tuple[str, str]] = {}
    for name, slot in names.items():
        spot = source.spots[name]
        cells[slot.column] = place = (source.workbook.sheets[spot.sheet].name, spot.cell)
        if slot.role == "option" and slot.item:
            cells.setdefault(slot.item.var, place)
    return cells


def _booklet_key(source: Respondents, values: Mapping[AnswerName, Value]) -> str:
    name = AnswerName(item=source.dictionary.key.id)
    raw = values.get(name)
    if raw is None:
        return source.serial if name in source.spots else ""
    parsed = source.dictionary.reader(source.dictionary.key, textual=False, from_1904=False)(raw)
    return "" if parsed.value is None else str(parsed.value)


def _values_at(source: Respondents) -> dict[AnswerName, Value]:
    """Read each sheet that holds answers once, and keep the answer cells."""
    wanted: dict[int, dict[int, dict[int, AnswerName]]] = defaultdict(lambda: defaultdict(dict))
    for name, spot in source.spots.items():
        wanted[spot.sheet][spot.row][spot.column] = name
    found: dict[AnswerName, Value] = {}
    for sheet, rows in wanted.items():
        columns = frozenset(column for places in rows.values() for column in places)
        for row, cells in source.workbook.sheets[sheet].read(columns):
            places = rows.get(row)
            if places is not None:
                found.update((places[column], value) for column, value in cells.items() if column in places)
    return found
