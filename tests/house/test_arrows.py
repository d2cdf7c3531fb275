"""Imports run strictly downward, without circles, and each library has one door."""

from __future__ import annotations

import pytest

BELOW = {
    "findings": set(),
    "errors": {"findings"},
    "documents": {"findings", "errors"},
    "sheets": {"findings", "errors"},
    "expressions": {"findings", "errors"},
    "questionnaire": {"findings", "errors", "documents", "expressions"},
    "forms": {"findings", "errors", "documents", "expressions", "questionnaire", "sheets"},
    "returns": {"findings", "errors", "documents", "expressions", "questionnaire", "sheets"},
    "design": {"findings", "errors", "documents", "expressions"},
    "sampling": {"findings", "errors", "documents", "expressions", "sheets", "design"},
    "weighting": {"findings", "errors", "documents", "expressions", "design", "sampling"},
    "estimation": {"findings", "errors", "documents", "expressions", "design"},
    "reporting": {
        "findings", "errors", "documents", "expressions", "sheets", "questionnaire", "design", "estimation",
    },
}  # fmt: skip
ROOF = {"surveykit", "cli", "project", "rehearsal", "__main__"}
EVERYTHING = set(BELOW) | ROOF

DOORS = {
    "jsonschema": {"surveykit.documents"},
    "referencing": {"surveykit.documents"},
    "lark": {"surveykit.expressions"},
    "narwhals": {"surveykit.expressions", "surveykit.design", "surveykit.estimation"},
    "polib": {"surveykit.questionnaire.translation"},
    "openpyxl": {"surveykit.sheets", "surveykit.forms", "surveykit.reporting"},
    "python_calamine": {"surveykit.returns"},
    "zipfile": {"surveykit.returns", "surveykit.forms", "surveykit.rehearsal"},
    "sqlite3": {"surveykit.returns"},
    "statsmodels": {"surveykit.weighting.nonresponse", "surveykit.weighting.propensity", "surveykit.estimation"},
    "great_tables": {"surveykit.reporting"},
    "matplotlib": {"surveykit.reporting"},
    "docx": {"surveykit.reporting"},
    "click": {"surveykit.cli"},
    "rich": {"surveykit.cli"},
}


def _inner(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if parts[0] == "surveykit" and len(parts) > 1 else None


def test_every_room_stands_in_the_picture(sources):
    assert {source.room for source in sources} <= EVERYTHING


def test_imports_run_downward_only(sources):
    wrong = [
        f"{source.module} imports {name}"
        for source in sources
        if source.room not in ROOF
        for name in source.imports
        if (room := _inner(name)) and room in EVERYTHING and room != source.room and room not in BELOW[source.room]
    ]
    assert wrong == []


def test_no_module_imports_itself_through_others(sources):
    modules = {source.module for source in sources}
    graph = {source.module: {name for name in source.imports if name in modules} for source in sources}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"circle: {' -> '.join((*path[path.index(module) :], module))}"
        if module not in done:
            for name in graph[module] - {module.rpartition(".")[0]}:
                visit(name, (*path, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())


@pytest.mark.parametrize("library", sorted(DOORS))
def test_each_library_has_one_door(sources, library):
    wrong = [
        source.module
        for source in sources
        if any(name.split(".")[0] == library for name in source.imports)
        and not any(source.module == door or source.module.startswith(f"{door}.") for door in DOORS[library])
    ]
    assert wrong == []
