"""The verb of a translator: texts out as a PO file, translations back into the definition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from surveykit.cli.terminal import JSON_OPTION, close, here
from surveykit.findings import Findings

if TYPE_CHECKING:
    from surveykit.questionnaire.structure import Questionnaire

FILE = click.Path(path_type=Path, dir_okay=False)
PO = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.argument("definition", required=False, default="")
@click.option("--to", "language", default="", help="Write a PO file for this language, for instance fr.")
@click.option("--previous", type=PO, help="With --to: an earlier PO file, whose translations are carried over.")
@click.option("--take", "source", type=PO, help="Take the translations of this PO file.")
@click.option("--in-place", is_flag=True, help="With --take: write into the definition's own files, modules included.")
@click.option(
    "--output", type=FILE, help="File to write: the PO file, or with --take the whole instrument in one file."
)
@JSON_OPTION
def translate(
    *,
    definition: str,
    language: str,
    previous: Path | None,
    source: Path | None,
    in_place: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Send texts to a translator as a PO file, or take translations back.

    Without --to and --take: say how complete every language of the questionnaire is.
    """
    from surveykit.questionnaire.definition import load_questionnaire
    from surveykit.questionnaire.translation import completeness, export_po

    if language and source:
        message = "--to writes a PO file and --take reads one; give one of them"
        raise click.UsageError(message)
    questionnaire = load_questionnaire(definition or here().definition)
    if source:
        made, found = _taken(questionnaire, source, output, in_place=in_place)
        close({"definition": made}, found, as_json=as_json)
    if language:
        path = output or Path(f"{questionnaire.id}-{language}.po")
        path.write_text(export_po(questionnaire, language, previous=previous), encoding="utf-8")
        close({"po": str(path)}, Findings(), as_json=as_json)
    states = {name: f"{one.own} of {one.total} texts" for name, one in completeness(questionnaire).items()}
    close(states, Findings(), as_json=as_json)


def _taken(
    questionnaire: Questionnaire, source: Path, output: Path | None, *, in_place: bool
) -> tuple[list[str], Findings]:
    from surveykit.documents import shipped
    from surveykit.questionnaire.translation import import_po, translated_files

    translated, found = import_po(questionnaire, source)
    if not in_place:
        path = output or Path(f"{questionnaire.id}-translated.json")
        _write(path, dict(translated.document))
        return [str(path)], found
    files = translated_files(questionnaire, source)
    library = shipped("questionnaires").resolve()
    if kept := [name for name in files if Path(name).resolve().is_relative_to(library)]:
        message = f"{kept[0]} belongs to the shipped library; use --output for one file with everything in it"
        raise click.UsageError(message)
    for name, document in files.items():
        _write(Path(name), document)
    return list(files), found


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
