"""Methods in words: how the sample was drawn, weighted and estimated, with what software, from which files."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import numpy as np

from surveykit import __version__
from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.reporting.labels import Wording
from surveykit.reporting.layouts import one_of
from surveykit.reporting.printed import clean
from surveykit.reporting.publish import Publication, written
from surveykit.reporting.table import Table

_PACKAGES: Final = ("numpy", "pandas", "scipy", "statsmodels", "narwhals")


def method_sentences(survey: Survey, *, tables: Iterable[Table] = (), language: str = "en") -> tuple[str, ...]:
    """Return how a survey was drawn, weighted and estimated, a sentence each.

    Parameters
    ----------
    survey : Survey
        In memory; of rows in an engine only what the design says is told.
    tables : iterable of Table
        Their degrees of freedom and rules of publication are told too.
    language : str

    Returns
    -------
    tuple of str
    """
    words = Wording(language=language)
    made = tuple(tables)
    design = survey.design
    sentences = [*drawn_sentences(survey, words), *_weighted(survey, words)]
    if isinstance(design, ReplicateDesign):
        sentences.append(words.say("method-replicates", method=design.method))
    else:
        sentences.append(words.say("method-linearised"))
    if isinstance(design, SurveyDesign) and design.lonely_psu != "fail":
        sentences.append(words.say("method-lonely", policy=design.lonely_psu))
    return (*sentences, *_published(made, words))


def software() -> dict[str, str]:
    """Return the versions of what computed the figures, by name."""
    found = {"surveykit": __version__, "Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def publish_methods(
    path: str | Path,
    survey: Survey,
    *,
    tables: Iterable[Table] = (),
    inputs: Mapping[str, str] | None = None,
    made: Mapping[str, str] | None = None,
    language: str = "en",
) -> Publication:
    """Write how figures were made: in words (``.md``) or as a manifest for programs (``.json``).

    Parameters
    ----------
    path : str or Path
        Ends in ``.md`` or ``.json``.
    survey : Survey
    tables : iterable of Table
        Their ids, rules and degrees of freedom are told.
    inputs, made : mapping of str to str, optional
        SHA-256 by name of the files that they were made from, and of those that were made.
    language : str

    Returns
    -------
    Publication

    Raises
    ------
    ReportingError
        ``report-unknown-option`` for another suffix, ``report-not-writable``.

    Notes
    -----
    Neither names a time or a machine, so that the same inputs and versions give the same bytes: whoever makes the
    figures again compares two files.
    """
    target, given = Path(path), tuple(tables)
    suffix = target.suffix.lower()
    one_of("suffix", suffix, (".json", ".md"))
    sentences = method_sentences(survey, tables=given, language=language)
    content = {
        "software": software(),
        "tables": {table.id: dict(table.provenance) for table in given},
        "methods": list(sentences),
        "inputs": dict(inputs or {}),
        "made": dict(made or {}),
    }
    if suffix == ".json":
        return written(target, (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8"))
    return written(target, _in_words(sentences, inputs or {}, made or {}, Wording(language=language)).encode("utf-8"))


def _in_words(sentences: Iterable[str], inputs: Mapping[str, str], made: Mapping[str, str], words: Wording) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in software().items())
    lines = [f"# {words.say('methods')}", *sentences, f"{words.say('software')}: {versions}."]
    for files, heading in ((inputs, "files-made-from"), (made, "files-made")):
        if files:
            listed = "\n".join(f"- `{name}` SHA-256 `{digest}`" for name, digest in files.items())
            lines += [f"## {words.say(heading)}", listed]
    return "\n\n".join(clean(line) for line in lines) + "\n"


def drawn_sentences(survey: Survey, words: Wording) -> list[str]:
    """Return how the sample was drawn: strata, sampling units, stages; nothing for rows in an engine.

    Parameters
    ----------
    survey : Survey
    words : Wording
    """
    design = survey.design
    if survey.engine == "lazy" or not isinstance(design, SurveyDesign):
        return []
    stages = survey.layout.stages
    strata, clusters = design.strata_stages[:1], design.cluster_stages[0]
    named = (
        words.say("method-strata", count=len(stages[0].sampled), names=", ".join(strata[0]))
        if strata and strata[0]
        else ""
    )
    units = (
        words.say("method-clusters", count=len(stages[0].strata), names=", ".join(clusters))
        if clusters
        else words.say("method-elements")
    )
    sentences = [words.say("method-design", strata=named, clusters=units, rows=survey.rows)]
    if len(stages) > 1:
        sentences.append(words.say("method-stages", count=len(stages)))
    return sentences


def _weighted(survey: Survey, words: Wording) -> list[str]:
    if survey.engine == "lazy":
        return []
    weights = survey.weights
    positive = weights[weights > 0]
    name = survey.design.weights
    if name is None or not len(positive):
        return [words.say("method-no-weights")]
    effect = float(len(positive) * np.square(positive).sum() / positive.sum() ** 2)
    sentences = [words.say("method-weights", name=name, total=float(positive.sum()), effect=effect)]
    if survey.calibrations:
        sentences.append(words.say("method-calibrated", count=len(survey.calibrations)))
    return sentences


def _published(tables: Iterable[Table], words: Wording) -> list[str]:
    made = list(tables)
    freedom = sorted({figure.df for table in made for figure in table.figures.values() if figure.df is not None})
    sentences = []
    if freedom:
        key = "method-df" if len(freedom) > 1 else "method-df-one"
        sentences.append(words.say(key, low=freedom[0], high=freedom[-1]))
    rules: Mapping[str, None] = dict.fromkeys(
        f"{name.removeprefix('rule ')} ({source})"
        for table in made
        for name, source in table.provenance.items()
        if name.startswith("rule ") or name == "disclosure control"
    )
    if rules:
        sentences.append(words.say("method-rules", names="; ".join(rules)))
    return sentences
