"""What the tests of returned files share."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus import bricks, village

from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.structure import Questionnaire


@pytest.fixture(scope="session")
def questionnaire() -> Questionnaire:
    return load_questionnaire(village.DEFINITION)


@pytest.fixture
def write(tmp_path: Path, questionnaire: Questionnaire):
    """Write a booklet with the good answers, some of them changed, and return its path."""

    def write_booklet(name: str = "form.xlsx", answers=None, **options: object):
        merged = {**village.GOOD, **(answers or {})}
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bricks.pack(village.booklet(questionnaire, merged, **options)))
        return path

    return write_booklet
