"""What stands on one printed page: where pages begin, the title that fits, what paper leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from surveykit.expressions import meaning
from surveykit.forms.measure import Metrics, text_width
from surveykit.forms.places import Block, Sheet, section_number
from surveykit.forms.styles import look
from surveykit.forms.wording import Words
from surveykit.questionnaire.structure import Questionnaire

_A4: Final = (595.0, 842.0)  # points, ISO 216
MARGIN: Final = (0.45, 0.75)  # inches left and right, above and below; printers of offices reach 0.25
_COLUMN: Final = 3.75  # points that a column has beside its characters: ECMA-376 part 1, 18.3.1.13
_SPARE: Final = 0.98  # of a page: programs round each row to whole dots
_BARE: Final = 15.0  # points of a row that says no height
_STARTS: Final = frozenset({"consent", "question", "note"})


def page_room(widths: Mapping[int, float], last: int, heights: Mapping[int, float], metrics: Metrics) -> float:
    """Return the points of rows that fit an A4 page whose width is that of the printed columns, the titles off."""
    printed = sum(width * metrics.digit + _COLUMN for column, width in widths.items() if column <= last)
    across, down = (side - 144 * margin for side, margin in zip(_A4, MARGIN, strict=True))  # 144: two times 72 points
    titles = heights.get(1, _BARE) + heights.get(2, _BARE)
    return _SPARE * (down * max(printed / across, 1.0) - titles)


def page_breaks(sheet: Sheet, heights: Mapping[int, float], room: float) -> Iterator[int]:
    """Return the rows after which a page begins.

    A page begins at each person and at each section that does not fit what is left of the page; a section longer than
    a page is parted between questions, never between a question and its options.

    Parameters
    ----------
    sheet : Sheet
        One of questions.
    heights : mapping of int to float
        Points by row.
    room : float
        Points of rows that fit a page.
    """
    used, index = 0.0, sheet.blocks[0].index
    for block in sheet.blocks:
        if used and (block.index != index or used + _height(block.first, block.last, heights) > room):
            yield block.first - 1
            used = 0.0
        index = block.index
        groups = [(first, _height(first, last, heights)) for first, last in _groups(block)]
        pages = _balanced([height for _, height in groups], room - used)
        used += sum(groups[number][1] for number in pages[-1])
        yield from (groups[page[0]][0] - 1 for page in pages[1:])


def _balanced(sizes: list[float], room: float) -> list[list[int]]:
    """Return the numbers of the groups on each page: as few pages as can be, none left with a single question."""
    pages = _filled(sizes, room)
    low, high = 0.0, room
    while len(pages) > 1 and high - low > 1:  # one point: no row is lower
        half = (low + high) / 2
        tried = _filled(sizes, half)
        low, high, pages = (low, half, tried) if len(tried) == len(pages) else (half, high, pages)
    return pages


def _filled(sizes: list[float], room: float) -> list[list[int]]:
    pages: list[list[int]] = [[]]
    used = 0.0
    for number, size in enumerate(sizes):
        if pages[-1] and used + size > room:
            pages.append([])
            used = 0.0
        pages[-1].append(number)
        used += size
    return pages


def _height(first: int, last: int, heights: Mapping[int, float]) -> float:
    return sum(heights.get(row, _BARE) for row in range(first, last + 1))


def _groups(block: Block) -> Iterator[tuple[int, int]]:
    """Return first and last rows of what stays together: heading and first question, each question and its options."""
    starts, before = [], ""
    for line in block.lines:
        if line.kind in _STARTS and before != "consent":
            starts.append(line.row)
        before = line.kind
    starts = [block.first, *starts[1:]]
    yield from zip(starts, [*(row - 1 for row in starts[1:]), block.last], strict=True)


def sheet_title(questionnaire: Questionnaire, sheet: Sheet, words: Words, *, paper: bool) -> str:
    """Return what a sheet is about: the whole title of its section, or the numbers of its sections and the unit."""
    first, last = sheet.sections[0], sheet.sections[-1]
    unit = words.of(questionnaire.unit(sheet.unit).label)
    if sheet.index:
        person = unit if paper else words.say("person", unit=unit, index=sheet.index)
        return f"{section_number(first)}-{section_number(last)} {person}"
    if first is last:
        return f"{section_number(first)} {words.of(first.title)}"
    return f"{section_number(first)}-{section_number(last)} {unit}"


def fitted(title: str, part: str, width: float) -> str:
    """Return the title of a form and of its part on one line, or the part alone where both do not fit.

    Parameters
    ----------
    title, part : str
    width : float
        Points of the columns that the line may run over.
    """
    both = f"{title} · {part}"
    return both if text_width(both, look("title").size) <= width else part


def unwritten_rows(questionnaire: Questionnaire, sheet: Sheet) -> frozenset[int]:
    """Return the rows of computed items that no skip rule reads: on paper nobody works them out."""
    rules = {item.relevant for item in questionnaire.items} | {part.relevant for part in questionnaire.sections}
    read = {name for rule in rules - {""} for name in meaning.names(rule)}
    return frozenset(
        line.row
        for block in sheet.blocks
        for line in block.lines
        if line.item and line.item.type == "calculated" and line.item.id not in read
    )
