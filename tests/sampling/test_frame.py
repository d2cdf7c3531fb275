"""Frames: reading, checking, fingerprint."""

import pandas as pd
import pytest

from surveykit.errors import SamplingError
from surveykit.sampling.frame import check_frame, frame_hash, read_frame, stratum_names


def frame():
    return pd.DataFrame({"id": ["01", "02", "03"], "province": [1, 1, 2], "size": [10, 20, 30]})


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".xlsx", ".parquet"])
def test_frames_of_every_kind_keep_leading_zeros(tmp_path, ending):
    path = tmp_path / f"frame{ending}"
    writers = {".xlsx": "to_excel", ".parquet": "to_parquet"}
    getattr(frame(), writers.get(ending, "to_csv"))(path, index=False)
    read = read_frame(path, text=["id"])
    assert read["id"].tolist() == ["01", "02", "03"]
    assert frame_hash(read) == frame_hash(frame())


def test_files_that_are_no_frame_are_refused(tmp_path):
    (tmp_path / "frame.parquet").write_text("no parquet")
    for name, code in [
        ("frame.doc", "sampling-frame-kind"),
        ("missing.csv", "sampling-frame-unreadable"),
        ("frame.parquet", "sampling-frame-unreadable"),
    ]:
        with pytest.raises(SamplingError) as caught:
            read_frame(tmp_path / name)
        assert caught.value.findings[0].code == code
    frame().to_csv(tmp_path / "frame.csv", index=False)
    with pytest.raises(SamplingError) as caught:
        read_frame(tmp_path / "frame.csv", text=["code"])
    assert caught.value.findings[0].code == "sampling-frame-column"


def test_everything_wrong_is_listed_at_once():
    wrong = pd.DataFrame(
        {
            "id": ["a", "a", None, "d"],
            "province": [1, None, 1, 2],
            "size": [10, 0, -5, None],
        }
    )
    found = check_frame(wrong, unit="id", size="size", strata=["province"])
    assert found.codes == {
        "sampling-frame-no-id": 1,
        "sampling-frame-duplicate-id": 1,
        "sampling-frame-no-stratum": 1,
        "sampling-frame-size": 1,
    }
    sizes = next(one for one in found if one.code == "sampling-frame-size")
    assert sizes.to_dict()["values"]["count"] == 3
    assert check_frame(wrong, unit="code").codes["sampling-frame-column"] == 1


def test_long_lists_of_ids_are_cut_and_counted():
    many = pd.DataFrame({"id": range(30), "size": 0})
    found = check_frame(many, unit="id", size="size")
    assert found[0].to_dict()["values"]["ids"].endswith("and 20 more")


def test_sizes_that_are_no_numbers_are_found():
    wrong = pd.DataFrame({"id": [1, 2, 3], "size": ["10", "many", float("inf")]})
    assert check_frame(wrong, unit="id", size="size")[0].to_dict()["values"]["count"] == 2


def test_the_fingerprint_ignores_order_and_sees_every_value():
    same = frame().sample(frac=1, random_state=3)[["size", "id", "province"]]
    assert frame_hash(same) == frame_hash(frame())
    assert frame_hash(frame().astype({"size": float})) == frame_hash(frame())
    assert frame_hash(frame().assign(size=[10, 20, 31])) != frame_hash(frame())
    assert frame_hash(frame().rename(columns={"size": "people"})) != frame_hash(frame())


def test_strata_are_named_by_their_values():
    assert stratum_names(frame(), ["province", "size"]).tolist() == ["1 / 10", "1 / 20", "2 / 30"]
    assert stratum_names(frame(), []).tolist() == ["all"] * 3
