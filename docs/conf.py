"""Sphinx settings: MyST pages, furo, everything local."""

project = "surveykit"
author = "The surveykit developers"
copyright = "2026, the surveykit developers"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
html_theme = "furo"
html_title = "surveykit"
exclude_patterns = ["_build"]
autodoc_typehints = "description"
napoleon_numpy_docstring = True
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
html_static_path: list[str] = []
