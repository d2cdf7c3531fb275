"""The national dress rehearsal: seconds, processor seconds and memory by stage, mistakes found, intervals that hold."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from surveykit.rehearsal.dress import rehearse


def main() -> None:
    """Print the figures."""
    facts: dict[str, Any] = {}
    with TemporaryDirectory() as name:
        for step in rehearse(Path(name) / "survey"):
            print(step.text, flush=True)
            facts |= step.facts
    for one in facts["costs"]:
        print(f"{one.name:22s}{one.seconds:8.1f} s {one.processor:8.1f} CPU s {one.memory:7.0f} MB")


if __name__ == "__main__":
    main()
