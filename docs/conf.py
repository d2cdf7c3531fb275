"""Sphinx settings: MyST pages, furo, everything local: formulas become MathML, which browsers draw without scripts."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "surveykit"
author = "The surveykit developers"
copyright = "2026, the surveykit developers"
SCRIPTLESS = find_spec("latex2mathml") is not None  # else formulas need MathJax, and a network
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    *([] if SCRIPTLESS else ["sphinx.ext.mathjax"]),
]
html_theme = "furo"
html_title = "surveykit"
html_math_renderer = "mathml" if SCRIPTLESS else "mathjax"
exclude_patterns = ["_build"]
autodoc_typehints = "description"
napoleon_numpy_docstring = True
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
html_static_path: list[str] = []


def mathml(formula: str, display: str = "inline") -> str:
    """Return a formula as MathML."""
    return str(import_module("latex2mathml.converter").convert(formula, display=display))


def inline_math(page: Any, node: nodes.math) -> None:  # noqa: ANN401  # the translator of the theme
    """Write a formula in a line."""
    page.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def block_math(page: Any, node: nodes.math_block) -> None:  # noqa: ANN401  # the translator of the theme
    """Write a formula of its own, which scrolls where a screen is narrow."""
    page.body.append(f'<div style="overflow-x: auto">{mathml(node.astext(), "block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Draw formulas without a network."""
    if not SCRIPTLESS:
        return
    app.add_html_math_renderer("mathml", inline_renderers=(inline_math, None), block_renderers=(block_math, None))
