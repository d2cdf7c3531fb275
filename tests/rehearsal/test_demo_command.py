"""The command that rehearses: two roads, and never over a survey that is there."""

from __future__ import annotations

from click.testing import CliRunner

from surveykit.cli import main
from surveykit.project import init_project


def test_a_survey_that_is_there_is_left_alone(tmp_path):
    init_project(tmp_path / "mine", questionnaire="first-light")
    before = (tmp_path / "mine" / "survey.json").read_bytes()
    result = CliRunner().invoke(main, ["demo", "--folder", str(tmp_path / "mine")])
    assert result.exit_code == 1
    assert "project-exists" in result.output
    assert (tmp_path / "mine" / "survey.json").read_bytes() == before


def test_there_are_two_roads():
    result = CliRunner().invoke(main, ["demo", "--road", "sea"])
    assert result.exit_code == 2
    assert "'national', 'nhanes'" in result.output
