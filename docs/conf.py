"""Sphinx settings: MyST pages, furo, everything local: formulas become MathML, which browsers draw without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from latex2mathml.converter import convert

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "surveykit"
author = "The surveykit developers"
copyright = "2026, the surveykit developers"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "surveykit"
html_math_renderer = "mathml"
exclude_patterns = ["_build"]
autodoc_typehints = "description"
napoleon_numpy_docstring = True
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
html_static_path: list[str] = []


def inline_math(page: Any, node: nodes.math) -> None:  # noqa: ANN401  # the translator of the theme
    """Write a formula in a line."""
    page.body.append(convert(node.astext()))
    raise nodes.SkipNode


def block_math(page: Any, node: nodes.math_block) -> None:  # noqa: ANN401  # the translator of the theme
    """Write a formula of its own, which scrolls where a screen is narrow."""
    page.body.append(f'<div style="overflow-x: auto">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Draw formulas without a network."""
    app.add_html_math_renderer("mathml", inline_renderers=(inline_math, None), block_renderers=(block_math, None))
