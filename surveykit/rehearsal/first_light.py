"""The first road: real answers of real people through Excel forms to the figures that NCHS published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.estimation.descriptive import proportion
from surveykit.estimation.estimate import Estimate
from surveykit.estimation.standardize import standardize
from surveykit.findings import Findings
from surveykit.forms.workbook import write_form
from surveykit.questionnaire.analysis import analysis_frame
from surveykit.questionnaire.codebook import codebook
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Questionnaire
from surveykit.rehearsal.crosswalk import public_use_answers
from surveykit.rehearsal.filling import fill_forms
from surveykit.rehearsal.mistakes import Planted, beyond, missed
from surveykit.reporting.listing import Listing
from surveykit.reporting.publish import publish
from surveykit.reporting.tabulation import tabulate
from surveykit.returns.checks import check
from surveykit.returns.intake import read_returned

# US Census 2000 projected population by age group, as used by NCHS Data Briefs 288 and 289 (2017)
OBESITY_STANDARD: Final[Mapping[object, float]] = {
    1: 77_670_618,
    2: 72_816_615,
    3: 45_363_752,
}  # 20-39, 40-59, 60 and over
PRESSURE_STANDARD: Final[Mapping[object, float]] = {1: 0.420263, 2: 0.357202, 3: 0.222535}  # 18-39, 40-59, 60 and over
NOT_PREGNANT: Final = "not (HE_prg is answered and HE_prg == 1)"


SOURCE: Final = {
    "en": "NCHS, National Health and Nutrition Examination Survey 2015-2016, public-use files",
    "ko": "NCHS, 미국 국민건강영양조사 2015-2016 공개 자료",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One published outcome: who counts, by which age groups, against which standard population."""

    variable: str
    domain: str
    age_group: str
    standard: Mapping[object, float]
    title: Mapping[str, str]


OUTCOMES: Final = (
    Outcome(
        variable="obese",
        domain=f"age >= 20 and {NOT_PREGNANT} and obese is answered",
        age_group="age_group",
        standard=OBESITY_STANDARD,
        title={
            "en": "Obesity (BMI 30 or more) among adults aged 20 and over, NHANES 2015-2016",
            "ko": "20세 이상 성인의 비만율 (체질량지수 30 이상), NHANES 2015-2016",
        },
    ),
    Outcome(
        variable="hypertension",
        domain=f"age >= 18 and {NOT_PREGNANT} and hypertension is answered",
        age_group="age_group_bp",
        standard=PRESSURE_STANDARD,
        title={
            "en": "Hypertension (140/90 mmHg or medicine) among adults aged 18 and over, NHANES 2015-2016",
            "ko": "18세 이상 성인의 고혈압 유병률 (140/90 mmHg 이상 또는 약물 복용), NHANES 2015-2016",
        },
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step of the road did.

    Parameters
    ----------
    text : str
        What happened, for a reader.
    paths : tuple of Path
        What was made.
    facts : mapping
        The numbers behind the text.
    lists : tuple of Listing
        Short tables for a reader.
    """

    text: str
    paths: tuple[Path, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    lists: tuple[Listing, ...] = ()


def walk(folder: Path) -> Iterator[Step]:
    """Walk the whole road into a folder, a step at a time.

    Parameters
    ----------
    folder : Path
        Gets ``forms/``, ``returned/`` and ``out/``.

    Yields
    ------
    Step
        The facts of the last steps tell whether every planted mistake was found and every published figure met.
    """
    questionnaire = load_questionnaire("first-light")
    yield Step(text=f"read questionnaire {questionnaire.id} {questionnaire.version}: {len(questionnaire.items)} items")
    blanks = blank_forms(questionnaire, folder / "forms")
    yield Step(text=f"wrote {len(blanks)} blank forms", paths=tuple(blanks))
    answers = public_use_answers(questionnaire)
    planted = fill_forms(questionnaire, answers, folder / "returned")
    files = sorted((folder / "returned").glob("*.xlsx"))
    yield Step(
        text=f"filled {len(files)} workbooks with answers of {len(answers)} people and {len(planted)} mistakes",
        paths=(folder / "returned",),
    )
    responses, found = read_returned(files, questionnaire)
    found = found + check(responses, questionnaire)
    yield reading_step(answers, responses, found, planted, questionnaire.top.id)
    named: Any = questionnaire.design
    survey = Survey(analysis_frame(responses, questionnaire), SurveyDesign(**named))
    for outcome in OUTCOMES:
        estimates = published_estimates(survey, outcome)
        crude = float(estimates[0].to_frame()["estimate"].iloc[0])
        yield Step(
            text=f"{outcome.title['en']}: {crude:.2%}",
            paths=publish_tables(questionnaire, outcome, estimates, folder / "out"),
            facts={"estimates": estimates},
        )


def blank_forms(questionnaire: Questionnaire, folder: Path) -> list[Path]:
    """Write the empty form in both layouts and every language."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for language in questionnaire.languages:
        for layout in ("booklet", "list"):
            path = folder / f"{questionnaire.id}-{layout}-{language}.xlsx"
            write_form(questionnaire, path, language=language, layout=layout)
            made.append(path)
    return made


def reading_step(
    answers: pd.DataFrame, responses: Responses, found: Findings, planted: Sequence[Planted], unit: str
) -> Step:
    """Compare what was read with what was written, and what was found with what was planted."""
    overlooked, unexplained = missed(planted, found), beyond(planted, found)
    changed = changed_answers(answers, responses[unit], planted)
    return Step(
        text=(
            f"read {len(responses[unit])} people back: {len(planted) - len(overlooked)} of {len(planted)} mistakes "
            f"found with file, sheet and cell, {len(unexplained)} other findings, {changed} good answers changed"
        ),
        facts={"missed": overlooked, "beyond": unexplained, "changed": changed, "findings": found},
    )


def changed_answers(answers: pd.DataFrame, read: pd.DataFrame, planted: Sequence[Planted]) -> int:
    """Count the answers that came back other than they were written, mistakes aside."""
    back = read.set_index("ID").loc[answers["ID"]].reset_index()
    spoiled = {(one.mistake.item, one.position) for one in planted if not one.mistake.kept}
    changed = 0
    for column in answers:
        same = (back[column] == answers[column]).fillna(value=False) | (back[column].isna() & answers[column].isna())
        changed += sum((str(column), int(position)) not in spoiled for position in (~same).to_numpy().nonzero()[0])
    return changed


def published_estimates(survey: Survey, outcome: Outcome) -> tuple[Estimate, ...]:
    """Estimate an outcome as NCHS published it: crude and age-standardised, by age group and sex."""
    adults = survey.where(outcome.domain)
    over, population = outcome.age_group, outcome.standard
    return (
        proportion(adults, outcome.variable, level=1),
        proportion(adults, outcome.variable, by=over, level=1),
        proportion(adults, outcome.variable, by="sex", level=1),
        proportion(adults, outcome.variable, by=[over, "sex"], level=1),
        standardize(adults, outcome.variable, over=over, population=population),
        standardize(adults, outcome.variable, over=over, population=population, by="sex"),
    )


def publish_tables(
    questionnaire: Questionnaire, outcome: Outcome, estimates: Sequence[Estimate], folder: Path
) -> tuple[Path, ...]:
    """Publish one outcome in every language as xlsx, html and markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for language in questionnaire.languages:
        table = tabulate(
            estimates,
            codebook=codebook(questionnaire),
            language=language,
            blocks="sex",
            title=outcome.title,
            source=SOURCE,
        )
        for suffix in ("xlsx", "html", "md"):
            made.append(folder / f"{outcome.variable}-{language}.{suffix}")
            publish(table, made[-1])
    return tuple(made)
