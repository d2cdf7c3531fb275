"""The verb that makes tables: of estimates, or of a table plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast, overload

from surveykit.design.survey import Survey
from surveykit.errors import ReportingError
from surveykit.findings import Place
from surveykit.reporting.arrangement import arrange
from surveykit.reporting.figures import Source
from surveykit.reporting.labels import LabelEntry, Labels
from surveykit.reporting.layouts import Layout
from surveykit.reporting.plan import TablePlan, read_table_plan, run_table_plan
from surveykit.reporting.table import Note, Table

_OF_A_RUN: Final = frozenset({"codebook", "language", "provenance"})


@overload
def tabulate(
    estimates: Source | Iterable[Source],
    *,
    survey: None = None,
    codebook: Labels | None = None,
    labels: Mapping[str, LabelEntry] | None = None,
    language: str = "en",
    blocks: str | Sequence[str] = (),
    statistics: Sequence[str] | None = None,
    layout: str | Layout = "plain",
    levels: Sequence[object] | None = None,
    decimals: int | None = None,
    definition: object = "",
    universe: object = "",
    standard: object = "",
    standardized_over: str = "",
    title: object = "",
    subtitle: object = "",
    source: object = "",
    notes: Sequence[Note | str] = (),
    table_id: str = "table",
    provenance: Mapping[str, str] | None = None,
) -> Table: ...


@overload
def tabulate(
    estimates: TablePlan | Mapping[str, Any] | str | Path,
    *,
    survey: Survey,
    codebook: Labels | None = None,
    language: str = "en",
    provenance: Mapping[str, str] | None = None,
) -> tuple[Table, ...]: ...


def tabulate(
    estimates: Source | Iterable[Source] | TablePlan | Mapping[str, Any] | str | Path,
    *,
    survey: Survey | None = None,
    **options: Any,
) -> Table | tuple[Table, ...]:
    """Arrange estimates as a table, or make every table of a plan.

    Parameters
    ----------
    estimates : Estimate, pandas.DataFrame or an iterable of them
        Every estimate gives lines: one without by variables the line of the total, a standardised one its own line,
        one by age group a line an age group; with ``blocks="sex"`` those by sex and by age group and sex fill the
        columns of men and women. A table plan (a :class:`TablePlan`, its JSON object or the path of its file) is
        estimated, arranged, protected and held against its rules instead.
    survey : Survey, optional
        Of a plan: the answers and their design.
    codebook : Codebook, optional
        Labels of variables and codes.
    labels : mapping, optional
        Plain labels that go before the codebook's: ``{"obese": {"en": "Obesity", "ko": "비만"}}`` or, with codes,
        ``{"sex": {"label": "Sex", "values": {1: "Men", 2: "Women"}}}``.
    language : str
        BCP 47 tag.
    blocks : str or sequence of str
        By variables that go into blocks of columns; ``"variable"`` and ``"level"`` too.
    statistics : sequence of str, optional
        Inside each block: ``n``, ``weighted_n``, ``estimate``, ``se``, ``interval``, ``cv``, ``df``, ``deff``;
        those of the layout if not given.
    layout : str or Layout
        ``plain``, ``kdca``, ``nchs-brief``, ``steps-fact-sheet`` or ``dhs``.
    levels : sequence, optional
        Categories kept of a categorical variable; all if not given.
    decimals : int, optional
        Places after the point of the estimates, those of the layout if not given.
    definition, universe : str or mapping of str to str
        What counts as a case and who was counted, for the footnotes, plainly or by language; without ``universe`` the
        footnote gives the expressions of the subpopulation.
    standard : str or mapping of str to str
        Name of the standard population.
    standardized_over : str
        Variable that standardised estimates were standardised over, where they do not say it themselves.
    title, subtitle, source : str or mapping of str to str
        Plain or by language; the title is the variable's label if not given.
    notes : sequence of Note or str
        Footnotes beside those that write themselves (definition, population, standardisation, missing share, method)
        and those that rules of publication add.
    table_id : str
        Name in files.
    provenance : mapping of str to str, optional
        What the estimates were made from.

    Returns
    -------
    Table
        Or a tuple of them, in the order of the plan.

    Raises
    ------
    ReportingError
        ``report-no-estimates``, ``report-not-an-estimate``, ``report-unknown-option``,
        ``report-block-not-in-estimates``, ``report-double-figure``; of a plan ``report-plan-needs-survey``,
        ``report-plan-has-its-own`` for options that stand in the plan, and those of
        :func:`surveykit.reporting.plan.read_table_plan`.

    Notes
    -----
    A cell that no estimate fills stays empty; nothing is computed here. R: ``survey::svyby`` and ``ftable`` arrange
    one estimate, gtsummary's ``tbl_svysummary`` several.
    """
    if isinstance(estimates, TablePlan):
        return _of_plan(estimates, survey, options)
    if isinstance(estimates, str | Path | Mapping):
        return _of_plan(read_table_plan(estimates), survey, options)
    return arrange(cast("Iterable[Source]", estimates), **options)


def _of_plan(plan: TablePlan, survey: Survey | None, options: Mapping[str, Any]) -> tuple[Table, ...]:
    if survey is None:
        raise ReportingError.of("report-plan-needs-survey", Place(field="survey"), plan=plan.id)
    if own := sorted({*options} - _OF_A_RUN):
        raise ReportingError.of("report-plan-has-its-own", Place(field=own[0]), plan=plan.id, names=", ".join(own))
    return run_table_plan(plan, survey, **options)
