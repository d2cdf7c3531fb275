"""Methods in words: how the sample was drawn, weighted and estimated, with what software, from which files."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import numpy as np

from surveykit import __version__
from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.reporting.labels import Wording
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
    sentences = [*_drawn(survey, words), *_weighted(survey, words)]
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


def _drawn(survey: Survey, words: Wording) -> list[str]:
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
