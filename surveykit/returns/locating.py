"""Where the answers of a workbook stand: by defined name, then by the map sheet and the printed names; never by row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from surveykit.findings import Finding, Place, finding
from surveykit.questionnaire.identity import MAP_HEADER, MAP_SHEET, AnswerName, parse_answer_name
from surveykit.returns.parts import parse_area
from surveykit.returns.values import column_letters
from surveykit.returns.workbook import Sheet, Workbook


class Spot(NamedTuple):
    """Where one answer stands, or one column of answers.

    Parameters
    ----------
    sheet : int
        0-based.
    column, row, last_row : int
        1-based; ``row`` and ``last_row`` differ for a column.
    """

    sheet: int
    column: int
    row: int
    last_row: int

    @property
    def cell(self) -> str:
        """Reference in A1 style."""
        return f"{column_letters(self.column)}{self.row}"


Spots = dict[AnswerName, Spot]


@dataclass(slots=True)
class Located:
    """The answers of a workbook.

    Parameters
    ----------
    respondents : list of mapping
        Spots by name: the form's own answers, then those of each set of copied sheets.
    lost : list of AnswerName
        Answers whose name points nowhere any more.
    findings : list of Finding
    """

    respondents: list[Spots] = field(default_factory=list)
    lost: list[AnswerName] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def locate(workbook: Workbook, known: frozenset[str]) -> Located:
    """Find the answers of a workbook.

    Parameters
    ----------
    workbook : Workbook
    known : frozenset of str
        Item ids, and names of line and key columns, that the questionnaire has.
    """
    located = _by_name(workbook, known)
    if not located.respondents or located.lost:
        _by_map(workbook, known, located)
    return located


def _by_name(workbook: Workbook, known: frozenset[str]) -> Located:
    located = Located()
    indices = {sheet.name.casefold(): index for index, sheet in enumerate(workbook.sheets)}
    scopes: dict[int | None, Spots] = defaultdict(dict)
    for name in workbook.names:
        answer = parse_answer_name(name.name)
        if answer is None or answer.item not in known:
            continue
        sheet = indices.get(name.area.sheet.casefold()) if name.area else None
        if name.area and sheet is not None:
            area = name.area
            scopes[name.scope][answer] = Spot(sheet, area.column, area.row, area.last_row)
        elif name.scope is None:
            located.lost.append(answer)
    if None in scopes:
        located.respondents.append(scopes.pop(None))
    for copy, spots in enumerate(_joined_copies(scopes.values()), 2):
        located.respondents.append(spots)
        located.findings.append(_copy_finding(workbook, spots, copy))
    return located


def _joined_copies(scopes: Iterable[Spots]) -> Iterator[Spots]:
    """Join the sheet-scoped names of copied sheets: the first copies of all sheets are one respondent, and so on."""
    seen: Counter[frozenset[AnswerName]] = Counter()
    joined: dict[int, Spots] = defaultdict(dict)
    for spots in scopes:
        signature = frozenset(spots)
        joined[seen[signature]].update(spots)
        seen[signature] += 1
    yield from joined.values()


def _copy_finding(workbook: Workbook, spots: Spots, copy: int) -> Finding:
    sheet = workbook.sheets[min(spot.sheet for spot in spots.values())].name
    return finding("returns-sheet-copied", Place(file=workbook.where.file, sheet=sheet), respondent=copy)


def _by_map(workbook: Workbook, known: frozenset[str], located: Located) -> None:
    entries = [entry for entry in _map_entries(workbook) if entry.name.item in known]
    wanted = set(located.lost) if located.respondents else {entry.name for entry in entries}
    spots: Spots = located.respondents[0] if located.respondents else {}
    by_sheet: dict[str, list[_MapEntry]] = defaultdict(list)
    for entry in entries:
        by_sheet[entry.sheet].append(entry)
    taken: set[int] = set()
    for some in by_sheet.values():
        _place_entries(workbook, some, wanted, spots, taken)
    located.lost[:] = [answer for answer in (*located.lost, *wanted) if answer not in spots]
    located.lost[:] = list(dict.fromkeys(located.lost))
    if spots and not located.respondents:
        located.respondents.append(spots)
        if workbook.format == "xlsx":  # names are not read from other formats, which is said once for the file
            located.findings.append(finding("returns-names-lost", workbook.where))


class _MapEntry(NamedTuple):
    name: AnswerName
    text: str
    sheet: str
    column: int
    row: int
    last_row: int

    @property
    def printed(self) -> frozenset[str]:
        """What the form prints beside the answer or above its column."""
        option = f"{self.name.item}_{self.name.code}"
        return frozenset({self.text, option if self.name.code else self.name.item})


def _map_entries(workbook: Workbook) -> Iterator[_MapEntry]:
    sheet = workbook.sheet(MAP_SHEET)
    if sheet is None:
        return
    columns: dict[str, int] = {}
    for _, cells in sheet.read():
        texts = {column: str(value) for column, value in cells.items()}
        if not columns:
            columns = {text: column for column, text in texts.items() if text in MAP_HEADER}
            continue
        name, sheet_name, cell = (texts.get(columns.get(part, 0), "") for part in ("name", "sheet", "cell"))
        answer, area = parse_answer_name(name), parse_area(f"x!{cell}")
        if answer and area and sheet_name:
            yield _MapEntry(answer, name, sheet_name, area.column, area.row, area.last_row)


def _place_entries(
    workbook: Workbook, entries: list[_MapEntry], wanted: set[AnswerName], spots: Spots, taken: set[int]
) -> None:
    printed = {text for entry in entries for text in entry.printed}
    index = _sheet_index(workbook, entries[0].sheet, printed, taken)
    if index is None:
        return
    taken.add(index)
    places = _printed_places(workbook.sheets[index], printed)
    for entry in entries:
        spot = _moved(entry, index, places) if entry.name in wanted else None
        if spot:
            spots[entry.name] = spot


def _sheet_index(workbook: Workbook, name: str, printed: set[str], taken: set[int]) -> int | None:
    """Return the sheet of a name, or the free sheet that prints the most of its item names."""
    for index, sheet in enumerate(workbook.sheets):
        if sheet.name.casefold() == name.casefold():
            return index
    free = [index for index, sheet in enumerate(workbook.sheets) if index not in taken and sheet.state == "visible"]
    counts = {index: len(_printed_places(workbook.sheets[index], printed)) for index in free}
    best = max(counts, key=lambda index: counts[index], default=None)
    return best if best is not None and counts[best] else None


def _printed_places(sheet: Sheet, printed: set[str]) -> Mapping[str, list[tuple[int, int]]]:
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row, cells in sheet.read():
        for column, value in cells.items():
            if isinstance(value, str) and value in printed:
                places[value].append((row, column))
    return places


def _moved(entry: _MapEntry, sheet: int, places: Mapping[str, list[tuple[int, int]]]) -> Spot | None:
    """Return where an answer stands now: its line or column is the one that prints its name.

    Where the form prints no names, the place of the map holds.
    """
    here = Spot(sheet, entry.column, entry.row, entry.last_row)
    if not places:
        return here
    found = [place for text in entry.printed for place in places.get(text, ())]
    if any(row == entry.row or column == entry.column for row, column in found):
        return here
    if len(found) != 1:
        return None
    row, column = found[0]
    if row < entry.row and entry.last_row > entry.row:
        return here._replace(column=column)
    return here._replace(row=row, last_row=row + entry.last_row - entry.row)
