"""Workbooks as they come back from the field: prefilled booklets and lists, filled in cell by cell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from surveykit.forms.answers import booklet_values, list_rows
from surveykit.forms.batch import Batch, write_batch
from surveykit.forms.layout import FIRST_GRID_ROW, lay_out
from surveykit.forms.places import FormLayout
from surveykit.forms.wording import words_for
from surveykit.forms.workbook import write_form
from surveykit.project.making import side_by_side
from surveykit.questionnaire.structure import Questionnaire
from surveykit.rehearsal.cells import Value, filled, opened

Frames = Mapping[str, pd.DataFrame]
Spot = tuple[str, str, str]  # file, sheet, cell

LIST: Final = "list.xlsx"
BOOKLET_LANGUAGE: Final = "ko-KP"
LIST_LANGUAGE: Final = "en"
PREFILLED: Final = ("ID_fam", "psu", "kstrata", "K_PROV", "K_COUNTY", "K_UR", "year")
_CHUNK: Final = 20  # workbooks that a process fills at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Which workbook holds which household, and where in it each answer stands.

    Parameters
    ----------
    questionnaire : Questionnaire
    folder : Path
        Where the workbooks come back to.
    booklets : frozenset of str
        Serials of the households that are asked with a booklet; the others share the list of their cluster.
    clusters : mapping of str to str
        Cluster of each serial.
    room : int
        Rows of a list.
    """

    questionnaire: Questionnaire
    folder: Path
    booklets: frozenset[str]
    clusters: Mapping[str, str]
    room: int

    @property
    def key(self) -> str:
        """Column of the serial."""
        return self.questionnaire.item(self.questionnaire.top.key).var

    def file(self, serial: str) -> str:
        """Return the name of the workbook of a household."""
        return f"{serial}.xlsx" if serial in self.booklets else f"list-{self.clusters[serial]}.xlsx"

    def files(self, frame: pd.DataFrame) -> pd.Series[Any]:
        """Return the name of the workbook of each row."""
        return frame[self.key].map({serial: self.file(serial) for serial in self.clusters})

    def layout(self, file: str) -> FormLayout:
        """Return the layout of a workbook."""
        listed = file.startswith("list-")
        language = LIST_LANGUAGE if listed else BOOKLET_LANGUAGE
        return lay_out(self.questionnaire, "list" if listed else "booklet", language=language, rows=self.room)

    def spots(self, frames: Frames, key: pd.DataFrame) -> list[Spot]:
        """Return file, sheet and cell of answers.

        Parameters
        ----------
        frames : mapping of str to DataFrame
            Answers by unit.
        key : DataFrame
            ``unit``, ``row`` and ``item`` of each answer.
        """
        files = {unit: self.files(frame) for unit, frame in frames.items()}
        places = {unit: column.groupby(column).cumcount() for unit, column in files.items()}
        layouts = {listed: self.layout(listed) for listed in ("list-", "")}
        found = []
        for unit, row, item in zip(key["unit"], key["row"], key["item"], strict=True):
            file, place = str(files[unit].iloc[row]), int(places[unit].iloc[row])
            top = unit == self.questionnaire.top.id
            if file.startswith("list-"):
                slot = layouts["list-"].slot(item)
                cell = f"{slot.cell.partition(':')[0].rstrip('0123456789')}{FIRST_GRID_ROW + place}"
            else:
                slot = layouts[""].slot(item, row=0 if top else place + 1)
                cell = slot.cell
            found.append((str(self.folder / file), slot.sheet, cell))
        return found


def set_up(questionnaire: Questionnaire, homes: pd.DataFrame, answers: Frames, folder: Path, *, booklets: int) -> Desk:
    """Choose the households of the booklets, spread evenly over the sample; the others go into lists.

    Parameters
    ----------
    questionnaire : Questionnaire
    homes : DataFrame
        Sampled dwellings with the serial and ``psu``.
    answers : mapping of str to DataFrame
        By unit; lists get room for the largest cluster.
    folder : Path
    booklets : int
    """
    key = questionnaire.item(questionnaire.top.key).var
    serials = homes[key].astype(str).tolist()
    chosen = frozenset(serials[number * len(serials) // booklets] for number in range(booklets))
    clusters = dict(zip(serials, homes["psu"].astype(str), strict=True))
    largest = max(int(frame[key].map(clusters).value_counts().max()) for frame in answers.values() if len(frame))
    return Desk(questionnaire=questionnaire, folder=folder, booklets=chosen, clusters=clusters, room=largest + 10)


def prefilled_booklets(desk: Desk, homes: pd.DataFrame, year: int, folder: Path) -> Batch:
    """Write a prefilled booklet for each household that is asked with one."""
    kept = homes[homes[desk.key].isin(desk.booklets)].assign(year=year)
    sample = kept[[name for name in PREFILLED if name in kept]]
    return write_batch(desk.questionnaire, sample, folder, language=BOOKLET_LANGUAGE)


def empty_list(desk: Desk, folder: Path) -> Path:
    """Write the empty list that every cluster gets."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LIST
    write_form(desk.questionnaire, path, language=LIST_LANGUAGE, layout="list", rows=desk.room)
    return path


def fill_in(
    desk: Desk, typed: Frames, blanks: Path, listing: Path, *, only: Collection[str] = (), processes: int = 1
) -> list[Path]:
    """Fill every workbook with what was typed, and put it where returned workbooks go.

    Parameters
    ----------
    desk : Desk
    typed : mapping of str to DataFrame
        Answers by unit, mistakes included.
    blanks : Path
        Folder of the prefilled booklets.
    listing : Path
        The empty list.
    only : collection of str
        Names of the workbooks; all of them where empty.
    processes : int
        Processes that share the work.

    Returns
    -------
    list of Path
    """
    desk.folder.mkdir(parents=True, exist_ok=True)
    groups = [one for one in _by_file(desk, typed) if not only or one[0] in only]
    jobs = [(desk, groups[first : first + _CHUNK], blanks, listing) for first in range(0, len(groups), _CHUNK)]
    return [path for paths in side_by_side(_fill_some, jobs, processes) for path in paths]


def _by_file(desk: Desk, typed: Frames) -> Iterator[tuple[str, dict[str, pd.DataFrame]]]:
    groups: dict[str, dict[str, pd.DataFrame]] = {}
    for unit, frame in typed.items():
        for file, rows in frame.groupby(desk.files(frame), sort=True):
            groups.setdefault(str(file), {})[unit] = rows.reset_index(drop=True)
    yield from sorted(groups.items())


def _fill_some(
    desk: Desk, groups: list[tuple[str, dict[str, pd.DataFrame]]], blanks: Path, listing: Path
) -> list[Path]:
    empty = opened(listing.read_bytes())
    paths = []
    for file, frames in groups:
        listed = file.startswith("list-")
        typed = _list_cells(desk, frames) if listed else _booklet_cells(desk, frames)
        content = filled(empty if listed else opened((blanks / file).read_bytes()), typed)
        path = desk.folder / file
        path.write_bytes(content)
        paths.append(path)
    return paths


def _booklet_cells(desk: Desk, frames: Frames) -> dict[str, dict[str, Value]]:
    layout = desk.layout("")
    values = booklet_values(frames, desk.questionnaire, layout, words_for(desk.questionnaire, BOOKLET_LANGUAGE))
    cells: dict[str, dict[str, Value]] = {}
    for name, value in values.items():
        slot = layout.by_name[name]
        if value is not None:
            cells.setdefault(slot.sheet, {})[slot.cell] = value
    return cells


def _list_cells(desk: Desk, frames: Frames) -> dict[str, dict[str, Value]]:
    layout = desk.layout("list-")
    rows = list_rows(frames, desk.questionnaire, layout, words_for(desk.questionnaire, LIST_LANGUAGE))
    cells: dict[str, dict[str, Value]] = {}
    for unit, lines in rows.items():
        slots = [slot for slot in layout.slots if slot.unit == unit]
        letters = [slot.cell.partition(":")[0].rstrip("0123456789") for slot in slots]
        for number, line in enumerate(lines, start=FIRST_GRID_ROW):
            for slot, letter, value in zip(slots, letters, line, strict=True):
                if value is not None:
                    cells.setdefault(slot.sheet, {})[f"{letter}{number}"] = value
    return cells
