"""Definitions: compile, validate and lint all shipped instruments, beside what jsonschema alone needs to validate them.

Run ``python benchmarks/definitions.py``. It prints CPU seconds (best of three, each in a fresh process, imports left
out) and never fails a build. The yardstick: all shipped instruments, modules included, compile, validate and lint in
less time than jsonschema alone takes to validate the same documents three times.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from surveykit.documents import shipped
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.lint import lint


def documents() -> list[tuple[str, object]]:
    """Return every shipped instrument and module, parsed, with the name of its schema."""
    folder = shipped("questionnaires")
    found = [("questionnaire", path) for path in sorted(folder.glob("*.json"))]
    found += [("module", path) for path in sorted((folder / "modules").glob("*.json"))]
    return [(kind, json.loads(path.read_text(encoding="utf-8"))) for kind, path in found]


def validators() -> dict[str, Draft202012Validator]:
    """Return jsonschema's own validators of the two schemas."""
    schemas = {path.name: json.loads(path.read_text("utf-8")) for path in shipped("schemas").glob("*.schema.json")}
    registry = Registry().with_resources((name, DRAFT202012.create_resource(one)) for name, one in schemas.items())
    return {
        kind: Draft202012Validator(schemas[f"{kind}.schema.json"], registry=registry)
        for kind in ("questionnaire", "module")
    }


def ours() -> dict[str, float]:
    """Return CPU seconds of loading (schema, includes, references, logic) and linting every instrument."""
    times = {"load": 0.0, "lint": 0.0}
    for path in sorted(shipped("questionnaires").glob("*.json")):
        start = time.process_time()
        instrument = load_questionnaire(path)
        middle = time.process_time()
        lint(instrument)
        times["load"] += middle - start
        times["lint"] += time.process_time() - middle
    return times


def theirs() -> dict[str, float]:
    """Return CPU seconds of jsonschema for one validation of every document."""
    known, found = validators(), documents()
    start = time.process_time()
    for kind, document in found:
        assert not list(known[kind].iter_errors(document))
    return {"jsonschema": time.process_time() - start}


def best(part: str) -> dict[str, float]:
    """Run one part in three fresh processes and return the least CPU seconds of each figure."""
    runs = []
    for _ in range(3):
        done = subprocess.run([sys.executable, __file__, part], capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout))
    return {name: min(run[name] for run in runs) for name in runs[0]}


def main() -> None:
    """Print the figures."""
    found = documents()
    size = sum(len(json.dumps(document)) for _, document in found)
    items = sum(len(load_questionnaire(path).items) for path in sorted(shipped("questionnaires").glob("*.json")))
    print(f"{len(found)} documents, {size / 1e6:.1f} MB, {items} items in {Path(shipped('questionnaires')).name}")
    mine, yardstick = best("ours"), best("theirs")
    total, limit = sum(mine.values()), 3 * yardstick["jsonschema"]
    print(f"load {mine['load']:.2f} s, lint {mine['lint']:.2f} s: {total:.2f} s")
    print(
        f"jsonschema alone, once {yardstick['jsonschema']:.2f} s, three times {limit:.2f} s: {total / limit:.2f} of it"
    )


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps({"ours": ours, "theirs": theirs}[sys.argv[1]]()))
    else:
        main()
