"""A real standalone cluster on loopback, of a master and two workers, one of them killed in the middle of a query."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import duckdb
import numpy as np
import pytest

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.estimation.descriptive import mean

HERE = Path(__file__).parent
START = 120.0  # seconds a Java program may take to come up on a busy machine
DESIGN = SurveyDesign(strata="stratum", clusters="cluster", weights="weight")
ROWS = """
    (hash(i + 8) % 60)::SMALLINT AS stratum, (hash(i + 9) % 6)::SMALLINT AS cluster,
    50 + (hash(i) % 1000) / 10.0 AS weight, (1 + hash(i + 1) % 2)::TINYINT AS sex,
    (hash(i + 2) % 17)::TINYINT AS age_group,
    CASE WHEN hash(i + 5) % 20 = 0 THEN NULL ELSE 100 + (hash(i + 6) % 600) / 10.0 END AS sbp,
    (hash(i + 7) % 12)::TINYINT AS visits
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def started(arguments, environment, log):
    """Run a program in a process group of its own, and end that group."""
    with log.open("w") as out:
        process = subprocess.Popen(arguments, env=environment, stdout=out, stderr=out, start_new_session=True)
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def alive_workers(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/", timeout=5) as page:
        return json.load(page)["aliveworkers"]


def wait_for_workers(port, count):
    end = time.monotonic() + START
    while time.monotonic() < end:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            if alive_workers(port) >= count:
                return
        time.sleep(0.5)
    pytest.fail("the workers did not come up")


@pytest.fixture
def cluster(tmp_path):
    """Start a master and two workers; return its address and the process group of the second worker."""
    pyspark = pytest.importorskip("pyspark")
    home = Path(pyspark.__file__).parent
    port, page = free_port(), free_port()
    environment = dict(os.environ, SPARK_HOME=str(home), SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable)
    environment |= {"SPARK_WORKER_DIR": str(tmp_path / "work"), "SPARK_DAEMON_MEMORY": "256m"}
    run = [str(home / "bin" / "spark-class")]
    master = [*run, "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1"]
    worker = [*run, "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "700m"]
    address = f"spark://127.0.0.1:{port}"
    with contextlib.ExitStack() as stack:
        ports = ["--port", str(port), "--webui-port", str(page)]
        stack.enter_context(started([*master, *ports], environment, tmp_path / "master.log"))
        wait_for_workers(page, 0)
        workers = [
            stack.enter_context(
                started([*worker, "--webui-port", str(free_port()), address], environment, tmp_path / f"worker{at}.log")
            )
            for at in range(2)
        ]
        wait_for_workers(page, 2)
        yield address, workers[1].pid, environment


@pytest.mark.wants_java
def test_a_worker_killed_in_the_middle_of_a_query_changes_no_digit(tmp_path, cluster):
    address, group, environment = cluster
    folder = tmp_path / "census"
    folder.mkdir()
    for part in range(12):
        rows = f"SELECT {ROWS} FROM range({part * 20_000}, {(part + 1) * 20_000}) t(i)"  # noqa: S608 (our own text)
        duckdb.sql(f"COPY ({rows}) TO '{folder}/{part:02d}.parquet' (FORMAT parquet)")
    arguments = [sys.executable, str(HERE / "spark_driver.py"), address, str(folder), str(group)]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=600, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
    assert lines, done.stderr[-2000:]
    answer = json.loads(lines[0].removeprefix("ANSWER "))
    assert answer["killed_after_tasks"] is not None
    survey = Survey(f"{folder}/*.parquet", DESIGN).where("age_group >= 3")
    wanted = mean(survey, ["sbp", "visits"], by="sex")
    np.testing.assert_allclose(answer["found"], [wanted.estimate, wanted.se], rtol=1e-10)
