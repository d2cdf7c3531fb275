"""Every finding code is documented, worded and used; tests/conftest.py sees to it that some test raises it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from surveykit.findings import SEVERITIES, catalogue, finding

ROOT = Path(__file__).resolve().parents[2]
CODES = sorted(catalogue())


def _text(folder: str, suffixes: tuple[str, ...]) -> str:
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in suffixes and "house" not in path.parts]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.fixture(scope="module")
def source_text() -> str:
    return _text("surveykit", (".py",))


@pytest.mark.parametrize("code", CODES)
def test_the_code_is_worded(code):
    entry = catalogue()[code]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    assert entry.severity in SEVERITIES
    assert entry.message["en"]
    assert entry.hint["en"]


@pytest.mark.parametrize("code", CODES)
def test_translations_name_the_same_values(code):
    entry = catalogue()[code]
    for texts in (entry.message, entry.hint):
        english = set(re.findall(r"{(\w+)}", texts["en"]))
        assert all(set(re.findall(r"{(\w+)}", text)) <= english for text in texts.values())


@pytest.mark.parametrize("code", CODES)
def test_the_code_is_used_by_the_source(code, source_text):
    assert f'"{code}"' in source_text


@pytest.mark.parametrize("name", ["findings.md", "commands.md", "reference.md"])
def test_the_pages_made_from_the_code_are_true(name):
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == generate.PAGES[name](), "run `make docs`"


def test_a_finding_says_place_message_and_remedy():
    one = finding("document-not-found", name="x", known="a, b")
    assert "x" in one.message
    assert "a, b" in one.hint
    assert one.text("ko") != one.message
    assert one.to_dict()["code"] == "document-not-found"
