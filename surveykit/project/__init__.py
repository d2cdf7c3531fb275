"""A survey folder: its settings, what was made in it from what, and a module a verb.

``folder`` holds the folder itself; ``forms``, ``receiving``, ``weights`` and ``results`` its verbs.
"""

from __future__ import annotations

from surveykit.project.folder import (
    Output,
    Project,
    content_hash,
    init_project,
    open_project,
    record,
    status,
)

__all__ = ["Output", "Project", "content_hash", "init_project", "open_project", "record", "status"]
