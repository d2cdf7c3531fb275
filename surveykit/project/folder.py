"""A survey folder: what it needs, what was made in it, and what has gone stale since."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from surveykit import __version__
from surveykit.documents import load_json, read_document
from surveykit.errors import ProjectError
from surveykit.findings import Findings, Place, finding

FOLDERS: Final = ("forms", "returned", "data", "out")
SETTINGS: Final = "survey.json"
LEDGER: Final = "data/made.json"

State = Literal["current", "stale", "missing"]

_FILES: Final = ("sample", "weighting", "tables")
_FORMER: Final = ("questionnaire", "mapping")


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What is analysed of one unit.

    Parameters
    ----------
    unit : str
        Unit whose rows are analysed; empty for the top unit.
    weighting, tables : Path or None
        Weighting plan and table plan.
    weights_of : str
        Unit of a former analysis whose weights hold here: those of the household for its children.
    """

    unit: str = ""
    weighting: Path | None = None
    tables: Path | None = None
    weights_of: str = ""

    @property
    def files(self) -> list[Path]:
        """The plans."""
        return [path for path in (self.weighting, self.tables) if path is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A variable of the analysis that is made from answers: age groups, the number of adults.

    Parameters
    ----------
    name, unit, value : str
        ``value`` is an expression over what the rows of the unit see.
    """

    name: str
    unit: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerVersion:
    """A former version of the questionnaire whose forms may still come back.

    Parameters
    ----------
    questionnaire : Path
        Its definition.
    mapping : Path or None
        Mapping file, needed where the change breaks.
    """

    questionnaire: Path
    mapping: Path | None = None

    @property
    def files(self) -> list[Path]:
        """The definition and its mapping."""
        return [path for path in (self.questionnaire, self.mapping) if path is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A survey folder, read and checked.

    Parameters
    ----------
    root : Path
        The folder.
    title : mapping of str to str
        Title by language.
    questionnaire : str
        Shipped id, or path of a definition relative to the folder.
    languages, layouts : tuple of str
        What forms are made in; languages are those of the questionnaire where empty.
    list_rows : int
        Rows of a list form.
    sample, weighting, tables : Path or None
        Sample file, weighting plan and table plan.
    analysis_unit : str
        Unit whose rows are analysed; empty for the top unit.
    design : mapping
        Design columns that differ from the questionnaire's own.
    fieldwork : mapping
        ``start`` and ``end`` as ISO dates.
    former : tuple of FormerVersion
        Former versions whose forms may still come back.
    variables : tuple of Computed
        Variables that analyses need beside answers, scores and indicators.
    analyses : tuple of Analysis
        A part a unit; where none is named, the one of ``analysis_unit``, ``weighting`` and ``tables``.
    report : tuple of str
        Ids of the tables that the report tells; all of them where empty.
    maps : mapping of str to str
        Name of the tiles of the report's maps by the variable whose codes they have.
    """

    root: Path
    title: Mapping[str, str]
    questionnaire: str
    languages: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ("booklet", "list")
    list_rows: int = 500
    sample: Path | None = None
    weighting: Path | None = None
    tables: Path | None = None
    analysis_unit: str = ""
    design: Mapping[str, Any] = field(default_factory=dict)
    fieldwork: Mapping[str, str] = field(default_factory=dict)
    former: tuple[FormerVersion, ...] = ()
    variables: tuple[Computed, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    report: tuple[str, ...] = ()
    maps: Mapping[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[Analysis, ...]:
        """What is analysed, in order."""
        one = Analysis(unit=self.analysis_unit, weighting=self.weighting, tables=self.tables)
        return self.analyses or (one,)

    @property
    def definition(self) -> str:
        """The questionnaire as ``load_questionnaire`` takes it."""
        local = self.root / self.questionnaire
        return str(local) if local.is_file() else self.questionnaire

    def folder(self, name: Literal["forms", "returned", "data", "out"]) -> Path:
        """Return a folder of the survey, made if it is not there."""
        path = self.root / name
        path.mkdir(exist_ok=True)
        return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One thing that was made, from what, and how it stands.

    Parameters
    ----------
    path : str
        Relative to the folder.
    verb : str
        What made it.
    state : {"current", "stale", "missing"}
    changed : tuple of str
        Inputs whose content is no longer what it was made from.
    """

    path: str
    verb: str
    state: State
    changed: tuple[str, ...] = ()


def open_project(path: str | Path = ".") -> Project:
    """Open a survey folder.

    Parameters
    ----------
    path : str or Path
        The folder, or its ``survey.json``.

    Returns
    -------
    Project

    Raises
    ------
    ProjectError
        If there is no ``survey.json``, or a file that it names is not there.
    DefinitionError
        If ``survey.json`` breaks its schema.
    """
    given = Path(path)
    settings = given if given.is_file() else given / SETTINGS
    if not settings.is_file():
        raise ProjectError.of("project-no-settings", Place(file=str(settings)), folder=str(given))
    values: Any = read_document(settings, "survey")
    root = settings.parent
    return Project(
        root=root,
        title=values["title"],
        questionnaire=values["questionnaire"],
        languages=tuple(values.get("languages", ())),
        layouts=tuple(values.get("layouts", ("booklet", "list"))),
        list_rows=values.get("list_rows", 500),
        analysis_unit=values.get("analysis_unit", ""),
        design=values.get("design", {}),
        fieldwork=values.get("fieldwork", {}),
        former=tuple(
            FormerVersion(**_named_files(root, one, settings, f"/former/{number}", _FORMER))
            for number, one in enumerate(values.get("former", ()))
        ),
        report=tuple(values.get("report", ())),
        maps=values.get("maps", {}),
        variables=tuple(Computed(**one) for one in values.get("variables", ())),
        analyses=tuple(
            Analysis(**{**one, **_named_files(root, one, settings, f"/analyses/{number}")})
            for number, one in enumerate(values.get("analyses", ()))
        ),
        **_named_files(root, values, settings),
    )


def init_project(path: str | Path, *, questionnaire: str, title: str = "", languages: Sequence[str] = ()) -> Project:
    """Start a survey folder: ``survey.json`` and the folders for forms, returns, data and results.

    Parameters
    ----------
    path : str or Path
        The new folder; an existing ``survey.json`` is never overwritten.
    questionnaire : str
        Shipped id or path of a definition.
    title : str
        Title in the first language; the id of the questionnaire by default.
    languages : sequence of str
        Languages of forms and tables.

    Raises
    ------
    ProjectError
        If the folder already holds a survey.
    """
    root = Path(path)
    settings = root / SETTINGS
    if settings.exists():
        raise ProjectError.of("project-exists", Place(file=str(settings)))
    for name in FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    language = languages[0] if languages else "en"
    document: dict[str, Any] = {
        "type": "survey",
        "title": {language: title or questionnaire},
        "questionnaire": questionnaire,
    }
    if languages:
        document["languages"] = list(languages)
    settings.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return open_project(root)


def record(project: Project, verb: str, made: Iterable[Path], inputs: Iterable[Path], **facts: object) -> None:
    """Note in the ledger what was made from what, by content hash.

    Parameters
    ----------
    project : Project
    verb : str
    made, inputs : iterable of Path
        Files inside or outside the folder; folders count with all their files.
    **facts
        Further facts of the making, such as the structure hash of the questionnaire.
    """
    ledger = _ledger(project)
    sources = {_relative(project, path): content_hash(path) for path in inputs}
    for path in made:
        entry = {"verb": verb, "surveykit": __version__, "sha256": content_hash(path), "from": sources, **facts}
        ledger[_relative(project, path)] = entry
    target = project.root / LEDGER
    target.parent.mkdir(exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}.partial")  # two verbs may run in one folder
    partial.write_text(json.dumps(ledger, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    partial.replace(target)


def status(project: Project) -> tuple[tuple[Output, ...], Findings]:
    """Say of each output whether it is still what its inputs would make.

    Returns
    -------
    tuple of Output
        By path.
    Findings
        One ``project-stale`` for each output with changed inputs, one ``project-output-missing`` for each that is gone.
    """
    outputs = tuple(_output(project, path, entry) for path, entry in sorted(_ledger(project).items()))
    codes = {"stale": "project-stale", "missing": "project-output-missing"}
    found = (
        finding(codes[one.state], Place(file=one.path), verb=one.verb, changed=", ".join(one.changed))
        for one in outputs
        if one.state != "current"
    )
    return outputs, Findings.of(found)


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files of a folder with their names; empty if there is nothing."""
    if path.is_dir():
        parts = [f"{one.relative_to(path)}:{content_hash(one)}" for one in sorted(path.rglob("*")) if one.is_file()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
    if not path.is_file():
        return ""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _named_files(
    root: Path, values: Mapping[str, Any], settings: Path, pointer: str = "", names: Sequence[str] = _FILES
) -> dict[str, Path]:
    named = {name: root / values[name] for name in names if name in values}
    absent = [
        finding("project-file-missing", Place(file=str(settings), pointer=f"{pointer}/{name}"), path=str(path))
        for name, path in named.items()
        if not path.is_file()
    ]
    if absent:
        raise ProjectError(absent)
    return named


def _ledger(project: Project) -> dict[str, Any]:
    path = project.root / LEDGER
    if not path.is_file():
        return {}
    ledger: Any = load_json(path)
    return dict(ledger)


def _output(project: Project, path: str, entry: Mapping[str, Any]) -> Output:
    changed = tuple(name for name, old in sorted(entry["from"].items()) if content_hash(project.root / name) != old)
    missing = not (project.root / path).exists()
    state: State = "missing" if missing else "stale" if changed else "current"
    return Output(path=path, verb=entry["verb"], state=state, changed=changed)


def _relative(project: Project, path: Path) -> str:
    resolved, root = path.resolve(), project.root.resolve()
    return str(resolved.relative_to(root)) if resolved.is_relative_to(root) else str(resolved)
