"""What tests want of the machine: they say it by a marker and are skipped where it is not there.

With SURVEYKIT_ALL_PROGRAMS=1 (CI) a missing program fails the run instead.
"""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest

PROGRAMS = {
    "wants_libreoffice": ("soffice", "pdftoppm"),
    "wants_node": ("node",),
    "wants_r": ("Rscript",),
    "wants_chromium": ("chromium",),
    "wants_java": ("java",),
}
PACKAGES = {"wants_java": "pyspark"}


def _missing(marker: str) -> list[str]:
    programs = [program for program in PROGRAMS[marker] if shutil.which(program) is None]
    package = PACKAGES.get(marker)
    absent = [package] if package and importlib.util.find_spec(package) is None else []
    return programs + absent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = {marker: missing for marker in PROGRAMS if (missing := _missing(marker))}
    wanted = {marker for item in items for marker in absent if item.get_closest_marker(marker)}
    if wanted and os.environ.get("SURVEYKIT_ALL_PROGRAMS"):
        missing = sorted({program for marker in wanted for program in absent[marker]})
        pytest.exit(f"this run must skip nothing, but {', '.join(missing)} is missing", returncode=3)
    for item in items:
        for marker in wanted:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(absent[marker])}"))
