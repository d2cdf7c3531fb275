"""The source tree as data, for the tests that keep the rules of the house."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "surveykit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    path: Path
    module: str
    tree: ast.Module
    text: str

    @property
    def room(self) -> str:
        parts = self.module.split(".")
        return parts[1] if len(parts) > 1 else "surveykit"

    @property
    def imports(self) -> set[str]:
        names: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        return names

    @property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _source(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return Source(path=path, module=module, tree=ast.parse(text), text=text)


@pytest.fixture(scope="session")
def sources() -> list[Source]:
    return [_source(path) for path in sorted(PACKAGE.rglob("*.py")) if "shipped" not in path.parts]
