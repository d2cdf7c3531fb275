"""Typed tables for analysis: a Parquet file a unit, named by content, with a manifest of where they came from."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from surveykit import __version__
from surveykit.documents import load_json
from surveykit.errors import ReturnsError
from surveykit.findings import Place
from surveykit.questionnaire.responses import Responses
from surveykit.questionnaire.structure import Questionnaire
from surveykit.returns.changes import stored_changes
from surveykit.returns.corrections import corrections
from surveykit.returns.datatypes import column_types
from surveykit.returns.receiving import now, stored_responses
from surveykit.returns.store import Store, open_store

MANIFEST: Final = "manifest.json"
_NAME_LENGTH: Final = 12  # hexadecimal digits of the content hash in a file name; the manifest has all 64


def freeze(folder: str | Path, questionnaire: Questionnaire, out: str | Path) -> Path:
    """Write the answers of a ledger, corrections applied, as tables for analysis.

    Parameters
    ----------
    folder : path
        The survey folder.
    questionnaire : Questionnaire
    out : path
        Gets a Parquet file a unit, one with every change from raw to clean, and ``manifest.json``, which names them.

    Returns
    -------
    pathlib.Path
        The manifest.

    Raises
    ------
    ReturnsError
        If ledger or tables cannot be read or written.

    Notes
    -----
    The manifest is written last, so that it always names whole tables. Equal answers give equal files with equal
    names. Tables of former states stay beside them. Never analyse the ledger itself: it may be written to meanwhile.
    """
    with open_store(Path(folder)) as store:
        return freeze_responses(store, stored_responses(store, questionnaire), questionnaire, Path(out))


def freeze_responses(store: Store, responses: Responses, questionnaire: Questionnaire, out: Path) -> Path:
    """Write the answers of an open ledger that were taken from it before.

    Parameters
    ----------
    store : Store
    responses : Responses
        From :func:`surveykit.returns.receiving.stored_responses`.
    questionnaire : Questionnaire
    out : Path

    Returns
    -------
    pathlib.Path
        The manifest.

    Raises
    ------
    ReturnsError
        If ledger or tables cannot be read or written.
    """
    tables = {unit: _write_table(responses[unit], unit, out) for unit in responses}
    document = {
        "questionnaire": questionnaire.id,
        "version": questionnaire.version,
        "structure_hash": questionnaire.structure_hash,
        "made_by": f"surveykit {__version__}",
        "made_at": now(),
        "tables": tables,
        "changes": _write_table(stored_changes(store), "changes", out),
        **_sources(store),
    }
    text = json.dumps(document, ensure_ascii=False, indent=1)
    return _write(out / MANIFEST, text.encode("utf-8"))


def _sources(store: Store) -> dict[str, Any]:
    files = [{"path": one.path, "sha256": one.sha256, "status": one.status} for one in store.files()]
    latest = {one.spot: one for one in corrections(store)}
    return {"files": files, "corrections": sum(not one.confirms for one in latest.values())}


def _write_table(frame: pd.DataFrame, unit: str, folder: Path) -> Mapping[str, Any]:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False)
    data = buffer.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    path = folder / f"{unit}-{sha256[:_NAME_LENGTH]}.parquet"
    if not path.exists():
        _write(path, data)
    return {"file": path.name, "sha256": sha256, "rows": len(frame), "columns": list(frame.columns)}


def _write(path: Path, data: bytes) -> Path:
    passing = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with passing.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        passing.replace(path)
    except OSError as error:
        passing.unlink(missing_ok=True)
        raise ReturnsError.of("returns-store-failed", Place(file=str(path)), reason=str(error)) from error
    return path


def read_frozen(manifest: str | Path, questionnaire: Questionnaire) -> Responses:
    """Return the answers of frozen tables.

    Parameters
    ----------
    manifest : path
        From :func:`freeze`.
    questionnaire : Questionnaire

    Raises
    ------
    DefinitionError
        If the manifest cannot be read.
    ReturnsError
        If a table is missing, was changed, or belongs to another structure.
    """
    path = Path(manifest)
    document: Any = load_json(path)
    if document["structure_hash"] != questionnaire.structure_hash:
        found, expected = document["version"], questionnaire.version
        raise ReturnsError.of("returns-other-version", Place(file=str(path)), found=found, expected=expected)
    frames = {
        unit: _read_table(path.parent / table["file"], table["sha256"], unit, questionnaire)
        for unit, table in document["tables"].items()
    }
    return Responses(
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        structure_hash=questionnaire.structure_hash,
        frames=frames,
    )


def _read_table(path: Path, sha256: str, unit: str, questionnaire: Questionnaire) -> pd.DataFrame:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReturnsError.of("returns-store-failed", Place(file=str(path)), reason=str(error)) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ReturnsError.of("returns-frozen-changed", Place(file=str(path)))
    frame = pd.read_parquet(io.BytesIO(data), engine="pyarrow", dtype_backend="numpy_nullable")
    types: Mapping[str, Any] = column_types(unit, questionnaire)
    return frame.astype({column: types[column] for column in frame.columns})
