"""Sizes, documents and annotations of the code."""

from __future__ import annotations

import ast
import statistics
from collections import Counter
from pathlib import Path

import pytest

FORBIDDEN_ROOMS = {"utils", "helpers", "common", "misc"}
SECTIONS = ("Parameters", "Returns", "Raises")


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _public(source) -> list[ast.FunctionDef | ast.ClassDef]:
    return [
        node
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and "overload" not in {one.id for one in node.decorator_list if isinstance(one, ast.Name)}
    ]


def test_no_file_is_longer_than_450_lines(sources):
    assert [(source.module, source.text.count("\n")) for source in sources if source.text.count("\n") > 450] == []


def test_functions_are_small(sources):
    sizes = sorted(_lines(function) for source in sources for function in source.functions)
    assert statistics.median(sizes) <= 10
    assert sizes[int(len(sizes) * 0.9)] <= 30
    assert sizes[-1] <= 60


def test_no_room_is_a_drawer(sources):
    assert [source.module for source in sources if FORBIDDEN_ROOMS & set(source.module.split("."))] == []


def test_public_names_are_documented(sources):
    bare = [
        f"{source.module}.{node.name}" for source in sources for node in _public(source) if not ast.get_docstring(node)
    ]
    assert bare == []


def test_all_arguments_are_annotated(sources):
    bare = [
        f"{source.module}.{function.name}({argument.arg})"
        for source in sources
        for function in source.functions
        for argument in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        if argument.annotation is None and argument.arg not in {"self", "cls"}
    ]
    assert bare == []


@pytest.mark.parametrize(("name", "allowed"), [("eval", ""), ("exec", ""), ("print", "surveykit.cli")])
def test_nothing_is_evaluated_and_only_the_roof_prints(sources, name, allowed):
    calls = [
        f"{source.module}:{node.lineno}"
        for source in sources
        if source.module != allowed
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]
    assert calls == []


def test_no_exception_is_caught_without_a_name(sources):
    bare = [
        f"{source.module}:{node.lineno}"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler)
        and not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert bare == []


def test_no_answer_frame_is_queried_with_text(sources):
    calls = [
        f"{source.module}:{node.lineno}"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"query", "eval"}
    ]
    assert calls == []


def test_no_two_test_files_share_a_name():
    names = Counter(path.name for path in Path(__file__).parents[1].rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
