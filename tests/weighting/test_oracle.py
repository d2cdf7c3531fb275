"""The stored oracle is what R gives."""

import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

ORACLE = Path(__file__).resolve().parents[1] / "oracle" / "weighting"


@pytest.mark.wants_r
def test_the_stored_oracle_is_what_r_gives(tmp_path):
    shutil.copy(ORACLE / "weighting.R", tmp_path)
    done = subprocess.run(["Rscript", "weighting.R"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names = ("data", "weights", "estimates", "totals", "replicates", "replicate_estimates", "propensity")
    for name in names:
        stored, fresh = (pd.read_csv(folder / f"{name}.csv") for folder in (ORACLE, tmp_path))
        pd.testing.assert_frame_equal(stored, fresh, rtol=1e-8, atol=1e-4 if name == "estimates" else 1e-8)
