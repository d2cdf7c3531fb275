"""The first road: time and memory of the demo, and reading beside bare python-calamine on the same files."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from python_calamine import CalamineWorkbook

import surveykit as sk


def _bare(files: list[Path]) -> float:
    start = perf_counter()
    for path in files:
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()
    return perf_counter() - start


def _ours(files: list[Path], questionnaire: sk.Questionnaire) -> float:
    start = perf_counter()
    sk.read_returned(files, questionnaire)
    return perf_counter() - start


def main() -> None:
    """Print the figures."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        start = perf_counter()
        subprocess.run(
            [sys.executable, "-m", "surveykit", "demo", "--road", "nhanes", "--folder", name],
            check=True,
            capture_output=True,
        )
        wall = perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"demo: {wall:.1f} s, peak memory {peak:.0f} MB")
        questionnaire = sk.load_questionnaire("first-light")
        for kind in ("list", "booklet"):
            files = sorted((folder / "returned").glob(f"{kind}-*.xlsx"))
            ours, bare = (sorted(run() for _ in range(3))[1] for run in (
                lambda files=files: _ours(files, questionnaire), lambda files=files: _bare(files)
            ))  # fmt: skip
            print(
                f"{len(files)} {kind} workbooks: read, parsed and typed {len(files) / ours:.1f} a second, "
                f"bare python-calamine {len(files) / bare:.1f}; ratio {ours / bare:.1f}"
            )


if __name__ == "__main__":
    main()
