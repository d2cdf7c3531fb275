"""What tests want of the machine: they say it by a marker and are skipped where it is not there.

With SURVEYKIT_ALL_PROGRAMS=1 (CI) a missing program fails the run instead.
"""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest

from surveykit import findings

PROGRAMS = {
    "wants_libreoffice": ("soffice", "pdftoppm"),
    "wants_node": ("node",),
    "wants_r": ("Rscript",),
    "wants_chromium": ("chromium",),
    "wants_java": ("java",),
}
PACKAGES = {"wants_java": "pyspark"}  # an extra of half a gigabyte, not a program: without it Spark is skipped


def _missing(marker: str) -> list[str]:
    programs = [program for program in PROGRAMS[marker] if shutil.which(program) is None]
    package = PACKAGES.get(marker)
    absent = [package] if package and importlib.util.find_spec(package) is None else []
    return programs + absent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = {marker: missing for marker in PROGRAMS if (missing := _missing(marker))}
    wanted = {marker for item in items for marker in absent if item.get_closest_marker(marker)}
    absent_programs = {marker: [one for one in absent[marker] if one not in PACKAGES.values()] for marker in wanted}
    if any(absent_programs.values()) and os.environ.get("SURVEYKIT_ALL_PROGRAMS"):
        missing = sorted({program for marker in wanted for program in absent_programs[marker]})
        pytest.exit(f"this run must skip nothing, but {', '.join(missing)} is missing", returncode=3)
    for item in items:
        for marker in wanted:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(absent[marker])}"))


@pytest.fixture(scope="session")
def spark():
    sql = pytest.importorskip("pyspark.sql")
    session = (
        sql.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


# A code of the finding catalogue that no test raises is a defect: every worker of a whole run notes what was raised.
RAISED = pytest.StashKey[set[str]]()
NEVER = pytest.StashKey[list[str]]()


def _whole_run(config: pytest.Config) -> bool:
    narrowed = any(config.getoption(name, None) for name in ("keyword", "markexpr", "lf", "deselect", "ignore"))
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not narrowed


def pytest_configure(config: pytest.Config) -> None:
    raised: set[str] = set()
    worded = findings.rule

    def noted(code: str) -> findings.Rule:
        raised.add(code)
        return worded(code)

    findings.rule = noted
    config.stash[RAISED] = raised


def pytest_sessionfinish(session: pytest.Session) -> None:
    worker_output = getattr(session.config, "workeroutput", None)
    if worker_output is not None:
        worker_output["raised"] = sorted(session.config.stash[RAISED])
        return
    if _whole_run(session.config) and session.exitstatus == pytest.ExitCode.OK:
        never = sorted(set(findings.catalogue()) - session.config.stash[RAISED])
        session.config.stash[NEVER] = never
        if never and not any(_missing(marker) for marker in PROGRAMS):  # skipped tests may be those that raise them
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    config = node.config  # type: ignore[attr-defined]  # pytest-xdist's worker handle
    config.stash[RAISED] |= set(node.workeroutput.get("raised", ()))  # type: ignore[attr-defined]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash.get(NEVER, None):
        terminalreporter.section("finding codes that no test raises")
        terminalreporter.line(", ".join(config.stash[NEVER]))
