"""What a start loads: heavy libraries wait until a verb needs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import surveykit

HEAVY = ("pandas", "numpy", "scipy", "statsmodels", "matplotlib", "openpyxl", "pyarrow", "great_tables", "jsonschema")


def _loaded(program: str) -> set[str]:
    code = f"{program}\nimport sys\nprint('LOADED', *sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.rpartition("LOADED")[2].split())


def test_import_surveykit_loads_no_heavy_library():
    assert _loaded("import surveykit").isdisjoint(HEAVY)


def test_the_command_line_starts_without_heavy_libraries():
    program = "import surveykit.cli as c\ntry:\n    c.main(['--help'])\nexcept SystemExit: pass"
    assert _loaded(program).isdisjoint(HEAVY)


def test_making_a_form_never_imports_statsmodels(tmp_path):
    path = tmp_path / "form.xlsx"
    program = f"import surveykit as sk\nsk.write_form(sk.load_questionnaire('first-light'), {str(path)!r})"
    assert _loaded(program).isdisjoint({"statsmodels", "scipy", "matplotlib"})
    assert path.stat().st_size > 0


def test_every_public_name_loads():
    import surveykit  # noqa: PLC0415  # the import is what is tested

    assert [name for name in surveykit.__all__ if getattr(surveykit, name, None) is None] == []


def test_an_unknown_name_is_an_attribute_error():
    import surveykit  # noqa: PLC0415  # the import is what is tested

    with pytest.raises(AttributeError, match="nothing_here"):
        _ = surveykit.nothing_here


def test_the_stub_for_type_checkers_names_what_is_public():
    import surveykit  # noqa: PLC0415  # the import is what is tested

    text = (Path(surveykit.__file__).parent / "__init__.pyi").read_text(encoding="utf-8")
    named = {line.rpartition(" as ")[2]: line.split()[1] for line in text.splitlines() if line.startswith("from ")}
    assert named == {name: f"surveykit.{module}" for name, module in surveykit._PUBLIC.items()}


def test_what_a_notebook_shows_of_a_value_is_short():
    q = surveykit.load_questionnaire("dprk-summary")
    frame = pd.DataFrame({"cluster": ["a", "b", "c"]})
    values = {
        "114 items": q,
        "13 items": q.sections[0],
        "variables": surveykit.codebook(q),
        "household 3": surveykit.simulate(q, 3, seed=1),
        "breaking": surveykit.compare("dprk-summary", "first-light"),
        "114 indicators": surveykit.load_indicators(),
        "cluster by systematic": surveykit.select(frame, unit="cluster", n=2, seed=1),
    }
    for part, value in values.items():
        assert part in repr(value)
        assert len(repr(value)) < 200
