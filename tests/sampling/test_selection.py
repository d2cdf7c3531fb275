"""Selection: seeds, order, stages, reserve, findings."""

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from surveykit.errors import SamplingError
from surveykit.sampling.allocation import allocate
from surveykit.sampling.frame import frame_hash
from surveykit.sampling.sample import read_sample, replace_unit, write_sample
from surveykit.sampling.selection import METHODS, select
from surveykit.sampling.streams import uniforms


def villages(count=60):
    numbers = np.arange(count)
    return pd.DataFrame(
        {
            "village": [f"v{number:03d}" for number in numbers],
            "province": numbers % 3 + 1,
            "urban": numbers % 2,
            "households": 50 + (numbers * 37) % 211,
        }
    )


def households(sample, per_village=30):
    ids = sample.units["village"].tolist()
    return pd.DataFrame(
        [(village, number) for village in ids for number in range(1, per_village + 1)], columns=["village", "household"]
    )


def test_uniform_numbers_are_fixed_for_ever():
    # written down once: a change here changes every sample ever drawn
    expected = [0.7602561875991649, 0.10961697361845868, 0.6173189462324762]
    np.testing.assert_array_equal(uniforms(3, 20081001, 1, "all", "draw"), expected)


def test_uniform_numbers_are_those_of_the_numpy_generator():
    key = int.from_bytes(hashlib.sha256(b"7\x1f1").digest()[:16], "big")
    expected = np.random.Generator(np.random.PCG64(key)).random(5)
    np.testing.assert_array_equal(uniforms(5, 7, 1), expected)


@pytest.mark.parametrize("method", METHODS)
def test_one_seed_gives_one_sample_whatever_the_row_order(method):
    size = None if method in {"simple", "systematic", "simple-with-replacement"} else "households"
    frame = villages()
    ask = {"unit": "village", "n": 2, "seed": 5, "method": method, "size": size, "strata": "province", "order": "urban"}
    first = select(frame, **ask)
    shuffled = select(frame.sample(frac=1, random_state=1), **ask)
    pd.testing.assert_frame_equal(first.units, shuffled.units)
    assert len(first) == 6
    assert select(frame, **(ask | {"seed": 6})).units["village"].tolist() != first.units["village"].tolist()


def test_samples_of_one_seed_are_written_down():
    drawn = select(
        villages(), unit="village", n=2, seed=2024, method="pps-systematic", size="households", strata="province"
    )
    assert drawn.units["village"].tolist() == ["v021", "v051", "v004", "v031", "v011", "v044"]


def test_a_new_stratum_leaves_the_others_alone():
    frame = villages()
    without = select(frame[frame["province"] != 3], unit="village", n=4, seed=5, method="simple", strata="province")
    whole = select(frame, unit="village", n=4, seed=5, method="simple", strata="province")
    assert whole.units["village"].tolist()[:8] == without.units["village"].tolist()


def test_weights_estimate_the_measure_of_size_exactly():
    frame = villages()
    for method in ("pps-systematic", "brewer", "sampford", "pps-with-replacement"):
        drawn = select(frame, unit="village", n=4, seed=3, method=method, size="households", strata="province")
        assert (drawn.units["weight"] * drawn.units["households"]).sum() == pytest.approx(frame["households"].sum())


def test_certainty_units_are_marked_and_weigh_one():
    frame = villages(12).assign(households=[1000, *range(10, 21)])
    drawn = select(frame, unit="village", n=3, seed=1, method="brewer", size="households")
    certain = drawn.units[drawn.units["certainty_1"]]
    assert certain["village"].tolist() == ["v000"]
    assert certain["weight"].tolist() == [1.0]


def test_implicit_stratification_spreads_the_sample():
    frame = villages(60)
    drawn = select(frame, unit="village", n=10, seed=9, method="systematic", order=["province", "urban"])
    assert drawn.units["province"].value_counts().max() <= 4
    assert drawn.units.groupby(["province", "urban"]).size().shape == (6,)


def test_serpentine_order_turns_every_other_group():
    frame = villages(12)
    plain = select(frame, unit="village", n=12, seed=1, order=["province", "households"])
    snake = select(frame, unit="village", n=12, seed=1, order=["province", "households"], serpentine=True)
    second = snake.units[snake.units["province"] == 2]["households"].tolist()
    assert second == sorted(plain.units[plain.units["province"] == 2]["households"], reverse=True)


def test_two_stages_multiply_probabilities_and_remember_both():
    frame = villages()
    first = select(frame, unit="village", n=3, seed=1, method="pps-systematic", size="households", strata="province")
    second = select(households(first), unit="household", n=6, seed=2, within=first, reserve=2)
    units = second.units
    assert len(second) == 9 * 6
    np.testing.assert_allclose(units["probability"], units["probability_1"] * 6 / 30)
    np.testing.assert_allclose(units["weight"] * units["probability"], 1)
    assert [stage.seed for stage in second.stages] == [1, 2]
    assert second.stages[0].frame_hash == frame_hash(frame) == units["frame_1"].iloc[0]
    assert (units["frame_2"] == second.last.frame_hash).all()
    assert len(second.reserve) == 9 * 2
    taken = set(zip(units["village"], units["household"], strict=True))
    assert not taken & set(zip(second.reserve["village"], second.reserve["household"], strict=True))


def test_three_stages_multiply():
    first = select(villages(), unit="village", n=2, seed=1, method="simple")
    second = select(households(first), unit="household", n=5, seed=2, within=first)
    keys = second.units.assign(home=second.units["village"] + "-" + second.units["household"].astype(str))
    second = type(second)(units=keys, stages=(*second.stages[:1], replace_stage_unit(second.stages[1])))
    persons = pd.DataFrame([(home, line) for home in keys["home"] for line in (1, 2, 3)], columns=["home", "line"])
    third = select(persons, unit="line", n=1, seed=3, method="simple", within=second)
    assert len(third) == 10
    np.testing.assert_allclose(third.units["weight"], 30 * 6 * 3)


def replace_stage_unit(stage):
    return replace(stage, unit="home")


def test_a_cluster_without_listing_is_reported_and_not_replaced():
    first = select(villages(), unit="village", n=3, seed=1, method="simple")
    listing = households(first)
    gone = first.units["village"].iloc[0]
    second = select(listing[listing["village"] != gone], unit="household", n=5, seed=2, within=first)
    assert second.findings.codes["sampling-listing-absent"] == 1
    assert gone not in set(second.units["village"])
    assert len(second) == 10


def test_a_short_listing_is_taken_whole_and_reported():
    first = select(villages(), unit="village", n=2, seed=1, method="simple")
    second = select(households(first, per_village=4), unit="household", n=5, seed=2, within=first)
    assert second.findings.codes["sampling-listing-short"] == 2
    assert (second.units["probability_2"] == 1).all()


def test_a_listing_of_a_stranger_is_refused():
    first = select(villages(), unit="village", n=2, seed=1, method="simple")
    listing = pd.concat([households(first), pd.DataFrame({"village": ["v999"], "household": [1]})])
    with pytest.raises(SamplingError) as caught:
        select(listing, unit="household", n=5, seed=2, within=first)
    assert caught.value.findings.codes["sampling-listing-stranger"] == 1


def test_households_listed_twice_are_refused_within_a_village_only():
    first = select(villages(), unit="village", n=2, seed=1, method="simple")
    listing = households(first)
    with pytest.raises(SamplingError) as caught:
        select(pd.concat([listing, listing.iloc[:1]]), unit="household", n=5, seed=2, within=first)
    assert caught.value.findings.codes["sampling-frame-duplicate-id"] == 1


def test_a_reserve_unit_comes_in_only_on_the_record():
    drawn = select(
        villages(), unit="village", n=2, seed=1, method="simple", strata="province", reserve={1: 1, 2: 0, 3: 0}
    )
    assert len(drawn.reserve) == 1
    gone = drawn.units["village"].iloc[0]
    changed = replace_unit(drawn, gone, reason="flooded")
    assert changed.units["village"].iloc[0] == drawn.reserve["village"].iloc[0]
    assert changed.units["weight"].tolist() == drawn.units["weight"].tolist()
    assert changed.replacements.to_dict("records") == [
        {"stratum": "1", "dropped": gone, "taken": drawn.reserve["village"].iloc[0], "reason": "flooded"}
    ]
    assert changed.findings.codes["sampling-replaced"] == 1
    assert gone in set(drawn.units["village"]), "the sample given stays as it was"
    for unit, reason, code in [
        ("v999", "x", "sampling-replace-unknown"),
        (drawn.units["village"].iloc[1], " ", "sampling-replace-reason"),
        (drawn.units["village"].iloc[1], "burnt", "sampling-replace-no-reserve"),
    ]:
        with pytest.raises(SamplingError) as caught:
            replace_unit(changed, unit, reason=reason)
        assert caught.value.findings[0].code == code


def test_joint_probabilities_come_with_the_units_drawn():
    drawn = select(
        villages(), unit="village", n=3, seed=4, method="sampford", size="households", strata="province", joint=True
    )
    assert len(drawn.joint) == 9
    assert drawn.joint["probability"].between(0, 0.2).all()


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".xlsx", ".parquet"])
def test_a_sample_file_says_everything_and_reads_back(tmp_path, ending):
    first = select(
        villages(), unit="village", n=3, seed=1, method="pps-systematic", size="households", strata="province"
    )
    second = select(households(first), unit="household", n=6, seed=2, within=first)
    back = read_sample(write_sample(second, tmp_path / f"sample{ending}"), unit="household")
    digits = (
        0 if ending == ".parquet" else 1e-15
    )  # workbooks hold 16 digits, and pandas 2 reads csv to the last bit but one
    np.testing.assert_allclose(
        back.units["weight"].to_numpy(float), second.units["weight"].to_numpy(float), rtol=digits
    )
    for ours, theirs in zip(second.stages, back.stages, strict=True):
        assert (ours.method, ours.seed, ours.frame_hash) == (theirs.method, theirs.seed, theirs.frame_hash)
    if ending.startswith(".csv"):
        first_write = (tmp_path / f"sample{ending}").read_bytes()
        if ending == ".csv":
            assert write_sample(second, tmp_path / "again.csv").read_bytes() == first_write


def test_files_of_another_kind_are_refused(tmp_path):
    drawn = select(villages(), unit="village", n=3, seed=1)
    with pytest.raises(SamplingError) as caught:
        write_sample(drawn, tmp_path / "sample.txt")
    assert caught.value.findings[0].code == "sampling-frame-kind"
    villages().to_csv(tmp_path / "frame.csv", index=False)
    with pytest.raises(SamplingError) as caught:
        read_sample(tmp_path / "frame.csv", unit="village")
    assert caught.value.findings[0].code == "sampling-not-a-sample"


def test_an_allocation_goes_straight_into_a_selection():
    shared = allocate({1: 20, 2: 20, 3: 20}, 7)
    drawn = select(villages(), unit="village", n=shared, seed=1, method="simple", strata="province")
    assert drawn.units["province"].value_counts().sort_index().tolist() == list(shared.takes.values())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"method": "best"}, "sampling-method-unknown"),
        ({"method": "brewer"}, "sampling-method-size"),
        ({"size": "households"}, "sampling-method-size"),
        ({"unit": "vilage"}, "sampling-frame-column"),
        ({"strata": "region"}, "sampling-frame-column"),
        ({"n": {1: 2, 2: 2, 3: 2, 4: 2}}, "sampling-stratum-unknown"),
        ({"n": 21}, "sampling-stratum-small"),
        ({"n": -1}, "sampling-take"),
        ({"n": 3, "method": "murthy", "size": "households"}, "sampling-take"),
    ],
)
def test_a_wrong_request_is_refused_by_name(change, code):
    ask = {"unit": "village", "n": 2, "seed": 1, "method": "simple", "strata": "province"} | change
    with pytest.raises(SamplingError) as caught:
        select(villages(), **ask)
    assert code in caught.value.findings.codes


def test_a_stratum_without_a_size_is_reported_and_left_out():
    drawn = select(villages(), unit="village", n={1: 2, 2: 2}, seed=1, method="simple", strata="province")
    assert drawn.findings.codes["sampling-stratum-untaken"] == 1
    assert set(drawn.units["province"]) == {1, 2}


def test_later_stages_take_no_strata_and_an_empty_frame_nothing():
    first = select(villages(), unit="village", n=2, seed=1, method="simple")
    with pytest.raises(SamplingError) as caught:
        select(households(first), unit="household", n=5, seed=2, within=first, strata="village")
    assert "sampling-stage-strata" in caught.value.findings.codes
    with pytest.raises(SamplingError) as caught:
        select(pd.DataFrame({"house": [1]}), unit="house", n=5, seed=2, within=first)
    assert "sampling-frame-column" in caught.value.findings.codes
    with pytest.raises(SamplingError) as caught:
        select(villages().iloc[:0], unit="village", n=1, seed=1)
    assert "sampling-frame-empty" in caught.value.findings.codes
