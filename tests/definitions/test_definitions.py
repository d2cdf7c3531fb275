"""Every broken definition under ``cases`` gives exactly the findings that it names, at the places that it names."""

import copy
import json
from pathlib import Path

import pytest

from surveykit.errors import DefinitionError
from surveykit.findings import catalogue
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.lint import lint

HERE = Path(__file__).parent
BASES = HERE / "bases"
CASES = sorted((HERE / "cases").glob("*.json"))


def _read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def _patched(document: dict, patch: list[dict]) -> dict:
    """Apply the JSON Patch (RFC 6902) operations add, replace and remove."""
    document = copy.deepcopy(document)
    for step in patch:
        *path, last = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]]
        target = document
        for part in path:
            target = target[int(part) if isinstance(target, list) else part]
        key = last if isinstance(target, dict) else len(target) if last == "-" else int(last)
        if step["op"] == "remove":
            del target[key]
        elif step["op"] == "add" and isinstance(target, list):
            target.insert(key, step["value"])
        else:
            target[key] = step["value"]
    return document


def _write(folder: Path, case: dict) -> Path:
    (folder / "modules").mkdir()
    for module in (BASES / "modules").glob("*.json"):
        changed = _patched(_read(module), case.get("modules", {}).get(module.stem, []))
        (folder / "modules" / module.name).write_text(json.dumps(changed), encoding="utf-8")
    path = folder / "village.json"
    path.write_text(json.dumps(_patched(_read(BASES / "village.json"), case["patch"])), encoding="utf-8")
    return path


def _where(folder: Path, found) -> list[str]:
    file = str(Path(found.where.file).relative_to(folder)) if found.where.file else ""
    return [found.code, file.removesuffix("village.json"), found.where.pointer]


def test_the_base_definitions_are_clean():
    assert not lint(BASES / "village.json")
    assert not lint(BASES / "modules" / "tobacco.json")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_broken_definition_gives_exactly_its_findings(path, tmp_path):
    case = _read(path)
    source = _write(tmp_path, case)
    found = lint(tmp_path / "modules" / case["lint"] if "lint" in case else source)
    shown = [one for one in found if one.code in case.get("only", found.codes)]
    assert sorted(_where(tmp_path, one) for one in shown) == sorted(case["expect"])
    assert all(one.severity == catalogue()[one.code].severity for one in found)


@pytest.mark.parametrize("path", [path for path in CASES if "lint" not in _read(path)], ids=lambda path: path.stem)
def test_a_definition_with_errors_is_refused_and_one_with_warnings_is_not(path, tmp_path):
    case = _read(path)
    source = _write(tmp_path, case)
    refused = [one for one in case["expect"] if not one[0].startswith("lint-")]
    if not refused:
        assert load_questionnaire(source).id == "village"
        return
    with pytest.raises(DefinitionError) as raised:
        load_questionnaire(source)
    assert sorted(_where(tmp_path, one) for one in raised.value.findings) == sorted(refused)


def test_every_code_of_definition_and_lint_has_a_case():
    tried = {one[0] for path in CASES for one in _read(path)["expect"]}
    codes = {code for code in catalogue() if code.startswith(("definition-", "lint-"))}
    elsewhere = {"definition-not-an-object", "lint-sheet-too-wide"}
    assert codes - tried == elsewhere


def test_every_message_and_hint_of_a_finding_is_filled_in(tmp_path):
    for number, path in enumerate(CASES):
        folder = tmp_path / str(number)
        folder.mkdir()
        for one in lint(_write(folder, _read(path))):
            for language in ("en", "ko"):
                assert "{" not in one.text(language).replace("[0-9]{", ""), one.code
                assert one.advice(language)


def test_the_page_of_lint_explains_every_lint_rule_with_its_severity():
    page = (HERE.parents[1] / "docs" / "lint.md").read_text(encoding="utf-8")
    rules = {code: rule for code, rule in catalogue().items() if code.startswith("lint-")}
    assert all(f"`{code}` ({rule.severity})" in page for code, rule in rules.items())
    assert page.count("`lint-") == len(rules) + 1  # the group itself
