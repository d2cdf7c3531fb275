"""A frame that does not fit its design is refused with every problem at once."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.design.twophase import TwoPhaseDesign
from surveykit.errors import DesignError

DESIGN = SurveyDesign(strata="stratum", clusters="psu", weights="wt")
REPLICATES = ReplicateDesign(weights="wt", replicates="rep[0-9]+", method="brr")


def told(findings):
    """Return the values behind each message."""
    return [one.to_dict()["values"] for one in findings]


def refused(make):
    with pytest.raises(DesignError) as error:
        make()
    return error.value.findings


def test_every_unknown_column_is_named_with_those_most_like_it(sample):
    findings = refused(lambda: Survey(sample, SurveyDesign(strata="Stratum", clusters="psus", weights="weight")))
    assert findings.codes == {"design-unknown-column": 3}
    assert [one["near"] for one in told(findings)] == ["stratum", "psu", "none alike"]


@pytest.mark.parametrize(
    ("code", "column", "value"),
    [
        ("design-weight-missing", "wt", np.nan),
        ("design-weight-negative", "wt", -9.0),
        ("design-weight-infinite", "wt", np.inf),
        ("design-column-missing", "psu", np.nan),
    ],
)
def test_a_wrong_cell_is_found_with_its_row(sample, code, column, value):
    sample[column] = sample[column].astype("float64")
    sample.loc[3, column] = value
    findings = refused(lambda: Survey(sample, DESIGN))
    assert findings.codes == {code: 1}
    assert told(findings)[0]["row"] == 4


def test_weights_that_are_no_numbers_or_all_zero_are_refused(sample):
    assert refused(lambda: Survey(sample, SurveyDesign(weights="name"))).codes == {"design-column-not-numeric": 1}
    sample["wt"] = 0.0
    assert refused(lambda: Survey(sample, DESIGN)).codes == {"design-weight-zero": 1}


def test_weights_all_one_and_no_weights_are_worth_a_second_look(sample):
    assert Survey(sample, SurveyDesign()).findings.codes == {"design-no-weights": 1}
    sample["wt"] = 1.0
    assert Survey(sample, DESIGN).findings.codes == {"design-weight-one": 1}
    assert Survey(sample.assign(wt=2.0), DESIGN).findings.codes == {}


def test_rows_that_were_removed_before_are_noticed_by_the_gaps_in_the_index(sample):
    adults = sample[sample["age"] >= 21]
    findings = Survey(adults, DESIGN).findings
    assert findings.codes == {"design-frame-filtered": 1}
    assert told(findings)[0] == {"rows": 7, "gone": 1}
    assert Survey(adults.reset_index(drop=True), DESIGN).findings.codes == {}


def test_frames_of_no_known_kind_empty_or_with_double_columns_are_refused(sample):
    assert refused(lambda: Survey({"wt": [1]}, DESIGN)).codes == {"design-frame-unsupported": 1}
    assert refused(lambda: Survey(sample[:0], DESIGN)).codes == {"design-frame-empty": 1}
    double = pd.concat([sample, sample[["wt"]]], axis=1)
    assert refused(lambda: Survey(double, DESIGN)).codes == {"design-double-column": 1}
    assert refused(lambda: Survey("no/such/file.parquet", DESIGN)).codes == {"design-file-missing": 1}


def test_clusters_that_cross_strata_are_refused_where_ids_are_unique(sample):
    findings = refused(lambda: Survey(sample, SurveyDesign(strata="stratum", clusters="psu", weights="wt", nest=False)))
    assert findings.codes == {"design-cluster-crosses-strata": 1}
    assert Survey(sample, DESIGN).layout.stages[0].strata.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("design-fpc-missing", [10, 10, 10, None, 4, 4, 4, 4]),
        ("design-fpc-mixed", [10, 10, 10, 10, 0.5, 0.5, 0.5, 0.5]),
        ("design-fpc-varies", [10, 10, 10, 11, 4, 4, 4, 4]),
        ("design-fpc-small", [10, 10, 10, 10, 1.5, 1.5, 1.5, 1.5]),
    ],
)
def test_population_sizes_that_cannot_be_are_refused(sample, code, values):
    sample["size"] = values
    survey = Survey(sample, SurveyDesign(strata="stratum", clusters="psu", weights="wt", fpc="size"))
    assert refused(lambda: survey.layout).codes == {code: 1}


def test_replicate_patterns_that_match_nothing_are_refused(sample):
    sample["rep_1"] = sample["rep_2"] = sample["wt"]
    findings = refused(lambda: Survey(sample, REPLICATES))
    assert findings.codes == {"design-replicate-none": 1}
    assert "rep_1" in told(findings)[0]["near"]
    wrong = ReplicateDesign(weights="wt", replicates="rep[", method="brr")
    assert refused(lambda: Survey(sample, wrong)).codes == {"design-replicate-pattern-wrong": 1}
    scaled = ReplicateDesign(weights="wt", replicates="rep_[0-9]", method="jkn", rscales=(0.5,))
    assert refused(lambda: Survey(sample, scaled)).codes == {"design-rscales-length": 1}


def test_missing_replicate_weights_are_found_when_they_are_used(sample):
    sample["rep1"] = sample["wt"]
    sample["rep2"] = sample["wt"].where(sample["age"] > 20)
    findings = refused(Survey(sample, REPLICATES).replicate_weights)
    assert findings.codes == {"design-replicate-missing": 1}
    assert (told(findings)[0]["name"], told(findings)[0]["row"]) == ("rep2", 5)
    assert refused(Survey(sample, DESIGN).replicate_weights).codes == {"design-no-replicates": 1}


def test_replicate_columns_without_the_sampling_weight_are_multiplied_by_it(sample):
    sample["rep1"], sample["rep2"] = 2.0, 0.0
    design = ReplicateDesign(weights="wt", replicates=["rep1", "rep2"], method="brr", combined=False)
    np.testing.assert_array_equal(Survey(sample, design).replicate_weights()[:, 0], 2 * sample["wt"])


def test_a_second_phase_needs_rows_in_every_stratum(sample):
    sample["chosen"] = [1, 1, 0, 0, 0, 0, 0, 0]
    design = TwoPhaseDesign(first=SurveyDesign(), second=SurveyDesign(strata="stratum"), selected="chosen")
    assert refused(lambda: Survey(sample, design)).codes == {"design-second-phase-empty": 1}
    sample["chosen"] = [1, 1, 0, 0, 1, 0, 1, 0]
    survey = Survey(sample, design)
    assert refused(lambda: survey.with_weights(survey.weights)).codes == {"design-two-phase-weights": 1}
    np.testing.assert_allclose(survey.weights, [2, 2, 0, 0, 2, 0, 2, 0])


def test_rows_in_an_engine_are_not_pulled_in_silence(sample):
    survey = Survey(pl.from_pandas(sample).lazy(), DESIGN)
    findings = refused(lambda: survey.numbers("age"))
    assert findings.codes == {"design-rows-in-engine": 1}
    assert told(findings)[0]["names"] == "age, stratum, psu, wt"


def test_a_package_that_an_engine_needs_is_named(sample, tmp_path, monkeypatch):
    path = tmp_path / "sample.parquet"
    sample.to_parquet(path)
    assert Survey(path, DESIGN).engine == "lazy"
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    assert refused(lambda: Survey(path, DESIGN)).codes == {"design-needs-package": 1}
