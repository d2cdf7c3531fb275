"""What writing forms costs, beside bare openpyxl that writes the same cells without a style.

python benchmarks/forms.py              # all measures, each in a process of its own
python benchmarks/forms.py --one list   # one of them, as JSON
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from openpyxl import Workbook

from surveykit.forms.batch import write_batch
from surveykit.forms.plan import BookPlan, Formula, Rich
from surveykit.forms.workbook import form_plan, write_form
from surveykit.questionnaire.definition import load_questionnaire

BOOKLETS = 1_000
BARE_BOOKLETS = 20  # enough to tell the cost of one
ROWS = 2_000


def bare(plan: BookPlan, path: Path) -> None:
    """Write the values and formulas of a plan, nothing else."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in plan.sheets:
        target = book.create_sheet(sheet.name)
        for cell in sheet.cells:
            value = cell.value
            if isinstance(value, Formula):
                value = f"={value.text}"
            elif isinstance(value, Rich):
                value = value.text
            if value is not None:
                target.cell(cell.row, cell.column, value)
    book.save(path)


def sample(rows: int) -> pd.DataFrame:
    frame = pd.DataFrame({"number": range(10_000, 10_000 + rows)})
    county = (frame["number"] % 9).add(1).astype(str)
    return pd.DataFrame({
        "serial": frame["number"].astype(str), "cluster": (frame["number"] // 20).astype(str), "stratum": "5",
        "K_PROV": county, "address": "inminban " + county,
    })  # fmt: skip


def answers(rows: int) -> pd.DataFrame:
    number = pd.Series(range(rows))
    return pd.DataFrame({"ID": number.map("{:05d}".format), "sex": number % 2 + 1, "age": number % 80, "HE_ht": 160.5,
                         "HE_wt": 60.0, "DI1_dg": number % 2, "BS1_1": 1, "K_ALC12Y": 0})  # fmt: skip


def measured(work: Callable[[], object]) -> dict[str, float]:
    started, cpu = time.perf_counter(), time.process_time()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - started, "peak_mb": peak}


def one(name: str, folder: Path) -> dict[str, float]:
    path = folder / "form.xlsx"
    subject, _, kind = name.partition("-")
    if subject == "knhanes":
        questionnaire = load_questionnaire("knhanes")
        if kind == "bare":
            plan = form_plan(questionnaire)[0]
            return measured(lambda: bare(plan, path)) | {"kb": path.stat().st_size / 1024}
        return measured(lambda: write_form(questionnaire, path)) | {"kb": path.stat().st_size / 1024}
    if subject == "batch":
        questionnaire = load_questionnaire("dprk-summary")
        if kind == "bare":
            plan = form_plan(questionnaire)[0]
            found = measured(lambda: [bare(plan, path) for _ in range(BARE_BOOKLETS)])
            scale = BOOKLETS / BARE_BOOKLETS
            return found | {
                "cpu_s": found["cpu_s"] * scale,
                "wall_s": found["wall_s"] * scale,
                "kb": path.stat().st_size / 1024,
            }
        found = measured(lambda: write_batch(questionnaire, sample(BOOKLETS), folder / "batch", language="ko-KP"))
        size = max(file.stat().st_size for file in (folder / "batch").glob("*.xlsx"))
        return found | {"kb": size / 1024}
    questionnaire = load_questionnaire("first-light")
    frame = answers(ROWS)
    if kind == "bare":
        plan = form_plan(questionnaire, layout="list", rows=ROWS, answers=frame)[0]
        return measured(lambda: bare(plan, path)) | {"kb": path.stat().st_size / 1024}
    found = measured(lambda: write_form(questionnaire, path, layout="list", rows=ROWS, answers=frame))
    return found | {"kb": path.stat().st_size / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", default="")
    chosen = parser.parse_args().one
    if chosen:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(one(chosen, Path(folder))))
        return
    subjects = {
        "knhanes": "one knhanes booklet",
        "batch": f"{BOOKLETS} dprk-summary booklets",
        "list": f"a list of {ROWS} rows",
    }
    for subject, title in subjects.items():
        found = []
        for name in (subject, f"{subject}-bare"):
            done = subprocess.run([sys.executable, __file__, "--one", name], capture_output=True, text=True, check=True)
            found.append(json.loads(done.stdout))
        own, plain = found
        print(
            f"{title}: {own['cpu_s']:.1f} s CPU, {own['peak_mb']:.0f} MB, {own['kb']:.0f} KB; bare openpyxl "
            f"{plain['cpu_s']:.1f} s CPU, {plain['peak_mb']:.0f} MB; ratio {own['cpu_s'] / plain['cpu_s']:.2f}"
        )


if __name__ == "__main__":
    main()
