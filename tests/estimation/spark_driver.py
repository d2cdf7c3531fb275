"""Estimate on a Spark cluster, and kill one worker (given by process group) while the query runs."""

import json
import os
import signal
import sys
import threading
import time

from pyspark.sql import SparkSession

from surveykit.design.design import SurveyDesign
from surveykit.design.survey import Survey
from surveykit.estimation.descriptive import mean


def kill_when_running(session: SparkSession, group: int, killed: list[int]) -> None:
    """Kill a process group as soon as some task of the query is done and others are not."""
    tracker = session.sparkContext.statusTracker()
    while not killed:
        for stage in tracker.getActiveStageIds():
            info = tracker.getStageInfo(stage)
            if info and 1 <= info.numCompletedTasks < info.numTasks - 2:
                os.killpg(group, signal.SIGKILL)
                killed.append(info.numCompletedTasks)
                return
        time.sleep(0.02)


def main() -> None:
    master, path, group = sys.argv[1], sys.argv[2], int(sys.argv[3])
    session = (
        SparkSession.builder.master(master)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.executor.memory", "512m")
        .config("spark.executor.cores", "1")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.files.maxPartitionBytes", "400000")
        .config("spark.sql.files.openCostInBytes", "400000")
        .config("spark.task.maxFailures", "8")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    design = SurveyDesign(strata="stratum", clusters="cluster", weights="weight")
    survey = Survey(session.read.parquet(path), design).where("age_group >= 3")
    killed: list[int] = []
    killer = threading.Thread(target=kill_when_running, args=(session, group, killed), daemon=True)
    killer.start()
    found = mean(survey, ["sbp", "visits"], by="sex")
    answer = {
        "killed_after_tasks": killed[0] if killed else None,
        "found": [found.estimate.tolist(), found.se.tolist()],
    }
    sys.stdout.write("ANSWER " + json.dumps(answer) + "\n")
    sys.stdout.flush()
    session.stop()


if __name__ == "__main__":
    main()
