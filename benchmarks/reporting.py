"""Tables, disclosure control, pictures and a report: CPU seconds and sizes on tables of a national survey.

Run ``python benchmarks/reporting.py``. It prints what it measured and never fails a build.
"""

from __future__ import annotations

import itertools
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.questionnaire.codebook import codebook
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.reporting.attack import Relation
from surveykit.reporting.complementary import complementary
from surveykit.reporting.composition import compose_report
from surveykit.reporting.plots import dot_plot
from surveykit.reporting.publish import publish
from surveykit.reporting.reliability import suppress
from surveykit.reporting.report import make_report, publish_report
from surveykit.reporting.table import Table
from surveykit.reporting.tabulation import tabulate

TABLES = 40
INDICATORS = 40
SHAPES = ((17, 8), (17, 16), (40, 20), (100, 30))


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """CPU seconds of one call, which a busy machine changes less than wall time."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def estimates(seed: int) -> list[pd.DataFrame]:
    """One indicator by age group, residence and province within sex: 72 domains."""
    rng = np.random.default_rng(seed)

    def frame(**by: object) -> pd.DataFrame:
        rows = pd.DataFrame(list(itertools.product(*by.values())), columns=list(by))
        p, n = rng.uniform(0.02, 0.9, len(rows)), rng.integers(20, 900, len(rows))
        se = np.sqrt(1.6 * p * (1 - p) / n)
        return rows.assign(
            variable=f"indicator_{seed}",
            estimate=p,
            se=se,
            lower=(p - 2 * se).clip(0),
            upper=(p + 2 * se).clip(max=1),
            n=n,
            df=248,
        )

    groups = {"age_group": [1, 2, 3, 4, 5, 6], "residence": [1, 2], "province": list(range(1, 11))}
    frames = [frame(), frame(sex=[1, 2])]
    for name, codes in groups.items():
        frames += [frame(**{name: codes}), frame(**{name: codes}, sex=[1, 2])]
    return frames


def counts(rows: int, columns: int) -> tuple[dict[tuple[int, int], float], list[Relation]]:
    """A two-way table of skewed counts with its margins."""
    inner = np.random.default_rng(20260101).negative_binomial(1.5, 0.09, size=(rows, columns))
    full = np.zeros((rows + 1, columns + 1))
    full[:rows, :columns] = inner
    full[:rows, columns], full[rows, :columns], full[rows, columns] = inner.sum(1), inner.sum(0), inner.sum()
    cells = {(i, j): float(full[i, j]) for i in range(rows + 1) for j in range(columns + 1)}
    across = [Relation(total=(i, columns), parts=tuple((i, j) for j in range(columns))) for i in range(rows + 1)]
    down = [Relation(total=(rows, j), parts=tuple((i, j) for i in range(rows))) for j in range(columns + 1)]
    return cells, across + down


def measure_disclosure() -> None:
    for shape in SHAPES:
        cells, relations = counts(*shape)
        small = [key for key, count in cells.items() if 0 < count < 5]
        seconds, pattern = timed(lambda c=cells, r=relations, s=small: complementary(c, r, s))
        hidden = len(pattern.hidden) / len(cells)
        print(
            f"disclosure {shape[0]} x {shape[1]}: {len(small)} small counts, {len(pattern.secondary)} added, "
            f"{hidden:.0%} hidden, {seconds:.2f} s"
        )


def measure_tables(folder: Path) -> list[Table]:
    sources = [estimates(seed) for seed in range(TABLES)]
    seconds, tables = timed(lambda: [tabulate(one, blocks="sex", table_id=f"t{i}") for i, one in enumerate(sources)])
    domains = sum(len(frame) for one in sources for frame in one)
    print(f"tabulate: {TABLES} tables of {domains // TABLES} domains, {domains / seconds:,.0f} domains a second")
    seconds, ruled = timed(lambda: [suppress(one, "nchs-proportions") for one in tables])
    print(f"suppress, nchs-proportions: {domains / seconds:,.0f} domains a second")
    for suffix in ("csv", "md", "xlsx", "html", "docx"):
        several = ruled[:1] if suffix == "csv" else ruled
        seconds, done = timed(lambda s=suffix, t=several: publish(t, folder / f"tables.{s}"))
        size = done.path.stat().st_size / 1024
        print(f"publish {len(several)} table(s) as {suffix}: {seconds:.2f} s, {size:,.0f} kB")
    return ruled


def measure_report(tables: list[Table], folder: Path) -> None:
    seconds, pictures = timed(lambda: [dot_plot(table) for table in tables[:10]])
    print(f"dot plots: {seconds / 10:.2f} s each")
    report = make_report("Benchmark", results=[part for pair in zip(tables, pictures, strict=False) for part in pair])
    for suffix in ("html", "docx"):
        seconds, done = timed(lambda s=suffix: publish_report(report, folder / f"report.{s}"))
        size = done.path.stat().st_size / 1024
        print(f"report of 10 tables and 10 pictures as {suffix}: {seconds:.2f} s, {size:,.0f} kB")


def measure_plan() -> None:
    """From microdata to tables: indicators by age group, province and residence, each by sex, standardised."""
    rng = np.random.default_rng(20260102)
    rows, indicators = 8_000, [f"indicator_{number}" for number in range(INDICATORS)]
    frame = pd.DataFrame(
        {
            "stratum": np.arange(rows) * 20 // rows,
            "cluster": np.arange(rows) * 260 // rows,
            "weight": rng.gamma(4, 500, rows),
            "sex": rng.integers(1, 3, rows),
            "age_group": rng.integers(1, 7, rows),
            "province": np.arange(rows) * 10 // rows + 1,
            "residence": rng.integers(1, 3, rows),
            **{name: (rng.random(rows) < share).astype(int)
               for name, share in zip(indicators, rng.uniform(0.05, 0.6, INDICATORS), strict=True)},
        }
    )  # fmt: skip
    standard = {str(code): 1.0 for code in range(1, 7)}
    options = {
        "rows": ["age_group", "province", "residence"],
        "blocks": ["sex"],
        "standardize": {"over": "age_group", "population": standard},
        "layout": "kdca",
        "suppress": ["rse-stars"],
    }
    entries = [{"id": name, "estimate": {"statistic": "proportion", "variables": [name]}} for name in indicators]
    plan = {"type": "table-plan", "id": "benchmark", "defaults": options, "tables": entries}
    survey = Survey(frame, SurveyDesign(strata="stratum", clusters="cluster", weights="weight"))
    seconds, tables = timed(lambda: tabulate(plan, survey=survey))
    domains = sum(len(table.figures) for table in tables)
    print(
        f"table plan on {rows:,} answers: {INDICATORS} indicators in {domains // INDICATORS} domains, {seconds:.1f} s, "
        f"{domains / seconds:,.0f} indicators x domains a second"
    )


def measure_national_report(folder: Path) -> None:
    """The report of a national survey: 40 tables, a picture each, the codebook of the summary form."""
    rng = np.random.default_rng(20260103)
    frame = pd.DataFrame({"h": np.arange(5200) // 260, "c": np.arange(5200) // 20, "w": rng.gamma(4, 500, 5200)})
    survey = Survey(frame, SurveyDesign(strata="h", clusters="c", weights="w"))
    tables = [tabulate(estimates(seed), blocks="sex", layout="kdca", table_id=f"t{seed}") for seed in range(TABLES)]
    book = codebook(load_questionnaire("dprk-summary"))
    seconds, report = timed(lambda: compose_report("Benchmark", tables, survey, codebook=book))
    print(f"report of {TABLES} tables and {TABLES} pictures, composed and drawn: {seconds:.1f} s")
    for suffix in ("html", "docx"):
        seconds, done = timed(lambda s=suffix: publish_report(report, folder / f"national.{s}"))
        print(f"  as {suffix}: {seconds:.1f} s, {done.path.stat().st_size / 1024:,.0f} kB")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure_disclosure()
        measure_report(measure_tables(Path(folder)), Path(folder))
        measure_plan()
        measure_national_report(Path(folder))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
