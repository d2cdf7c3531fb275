"""A survey folder is opened, recorded and told stale."""

from __future__ import annotations

import json

import pytest

from surveykit.errors import DefinitionError, ProjectError
from surveykit.project import folder as project
from surveykit.project.receiving import helping_processes


@pytest.fixture
def folder(tmp_path):
    return project.init_project(tmp_path / "survey", questionnaire="first-light", title="Trial", languages=["en", "ko"])


def test_a_new_folder_opens_with_what_it_was_given(folder):
    again = project.open_project(folder.root)
    assert again == folder
    assert again.languages == ("en", "ko")
    assert all((folder.root / name).is_dir() for name in project.FOLDERS)


def test_a_folder_without_settings_says_how_to_start_one(tmp_path):
    with pytest.raises(ProjectError) as caught:
        project.open_project(tmp_path)
    assert caught.value.findings[0].code == "project-no-settings"
    assert "surveykit init" in caught.value.findings[0].hint


def test_a_survey_is_never_overwritten(folder):
    with pytest.raises(ProjectError) as caught:
        project.init_project(folder.root, questionnaire="first-light")
    assert caught.value.findings[0].code == "project-exists"


def test_a_named_file_that_is_missing_is_named_with_its_pointer(folder):
    settings = folder.root / "survey.json"
    document = json.loads(settings.read_text(encoding="utf-8")) | {"sample": "sample.csv", "tables": "tables.json"}
    settings.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        project.open_project(folder.root)
    assert [one.where.pointer for one in caught.value.findings] == ["/sample", "/tables"]
    assert {one.code for one in caught.value.findings} == {"project-file-missing"}


def test_settings_are_held_against_their_schema(folder):
    (folder.root / "survey.json").write_text('{"type": "survey", "title": {}, "questionaire": "x"}', encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        project.open_project(folder.root)
    found = {(one.code, one.where.pointer) for one in caught.value.findings}
    assert ("document-property-unknown", "/questionaire") in found
    assert ("document-property-missing", "") in found


def test_an_output_is_current_until_an_input_changes(folder):
    source, made = folder.root / "sample.csv", folder.folder("out") / "table.csv"
    source.write_text("a", encoding="utf-8")
    made.write_text("b", encoding="utf-8")
    project.record(folder, "tabulate", [made], [source])
    outputs, found = project.status(folder)
    assert [one.state for one in outputs] == ["current"]
    assert found.ok
    assert len(found) == 0
    source.write_text("changed", encoding="utf-8")
    outputs, found = project.status(folder)
    assert outputs[0].changed == ("sample.csv",)
    assert found.codes == {"project-stale": 1}


def test_an_output_that_is_gone_is_reported(folder):
    made = folder.folder("out") / "table.csv"
    made.write_text("b", encoding="utf-8")
    project.record(folder, "tabulate", [made], [])
    made.unlink()
    assert project.status(folder)[1].codes == {"project-output-missing": 1}


def test_the_hash_of_a_folder_knows_names_and_contents(tmp_path):
    (tmp_path / "a").write_text("1", encoding="utf-8")
    before = project.content_hash(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert project.content_hash(tmp_path) != before
    assert project.content_hash(tmp_path / "none") == ""


@pytest.mark.parametrize(("files", "cores", "processes"), [(0, 8, 1), (99, 8, 1), (250, 8, 2), (2_000, 4, 4)])
def test_as_many_processes_read_as_are_worth_their_start(tmp_path, monkeypatch, files, cores, processes):
    monkeypatch.setattr("surveykit.project.receiving.os.cpu_count", lambda: cores)
    for number in range(files):
        (tmp_path / f"{number}.xlsx").touch()
    assert helping_processes(tmp_path) == processes
