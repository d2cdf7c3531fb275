"""Replicate weights: what is made, from what, and how it is used."""

import numpy as np
import pandas as pd
import pytest

from surveykit.design.design import ReplicateDesign, SurveyDesign
from surveykit.design.survey import Survey
from surveykit.estimation.degrees import design_df
from surveykit.estimation.descriptive import mean, ratio, total
from surveykit.estimation.replicates import rank, replicated
from surveykit.estimation.replication import make_replicates

DESIGN = SurveyDesign(strata="h", clusters="i", weights="w")


@pytest.fixture(scope="module")
def frame():
    random = np.random.default_rng(5)
    table = pd.DataFrame({"h": np.repeat(np.arange(6), 20), "i": np.tile(np.repeat(np.arange(2), 10), 6)})
    table["w"], table["y"], table["x"] = (
        random.lognormal(2, 0.4, 120),
        random.normal(10, 2, 120),
        random.gamma(3, 1, 120),
    )
    table["d"] = random.integers(0, 2, 120)
    table["size"] = 8.0
    return table


@pytest.fixture(scope="module")
def survey(frame):
    return Survey(frame, DESIGN)


def test_the_bootstrap_is_the_same_for_the_same_seed_and_near_the_linearised_error(survey):
    first, again, other = (make_replicates(survey, method="bootstrap", replicates=400, seed=seed) for seed in (3, 3, 4))
    errors = [total(one, "y").se[0] for one in (first, again, other)]
    assert errors[0] == errors[1] != errors[2]
    assert errors[0] == pytest.approx(total(survey, "y").se[0], rel=0.15)
    np.testing.assert_allclose(first.replicates.factors.mean(), 1.0, atol=1e-12)


def test_population_sizes_shrink_every_kind_of_replicates_alike(frame):
    finite = Survey(frame, SurveyDesign(strata="h", clusters="i", weights="w", fpc="size"))
    wanted = total(finite, "y").se[0]
    assert wanted == pytest.approx(total(Survey(frame, DESIGN), "y").se[0] * np.sqrt(1 - 2 / 8), rel=1e-12)
    for method in ("jkn", "sdr", "brr", "fay"):
        assert total(make_replicates(finite, method=method), "y").se[0] == pytest.approx(wanted, rel=1e-10)
    bootstrap = make_replicates(finite, method="bootstrap", replicates=500, seed=1)
    assert total(bootstrap, "y").se[0] == pytest.approx(wanted, rel=0.15)


def test_successive_differences_with_shared_rows_stay_near(frame):
    made = make_replicates(Survey(frame, DESIGN), method="sdr", replicates=8)
    assert made.replicates.factors.shape == (12, 8)
    assert total(made, "y").se[0] == pytest.approx(total(Survey(frame, DESIGN), "y").se[0], rel=0.6)


def test_replicates_made_here_equal_the_same_replicates_as_columns(survey):
    made = make_replicates(survey, method="jkn")
    weights = made.replicate_weights()
    columns = {f"r{at}": weights[:, at] for at in range(weights.shape[1])}
    design = ReplicateDesign(weights="w", replicates="r[0-9]+", method="jkn", rscales=made.design.rscales, df=6)
    given = Survey(pd.concat([survey.frame, pd.DataFrame(columns)], axis=1), design)
    for verb in (lambda s: mean(s, "y", by="d"), lambda s: ratio(s, "y", "x")):
        one, two = verb(made), verb(given)
        np.testing.assert_allclose([one.estimate, one.se, one.df], [two.estimate, two.se, two.df], rtol=1e-12)


def test_any_statistic_is_computed_anew_with_each_replicate(survey):
    made = make_replicates(survey, method="jkn")
    y, x = made.numbers("y"), made.numbers("x")
    source = replicated(made, lambda w: np.array([(w @ y) / (w @ x)]))
    assert np.sqrt(source.covariance()[0, 0]) == pytest.approx(ratio(made, "y", "x").se[0], rel=1e-12)
    np.testing.assert_allclose(source.variances(), np.diag(source.covariance()))


def test_deviations_can_be_taken_from_the_estimate_instead_of_the_mean_of_replicates(survey):
    about_mean, about_estimate = (make_replicates(survey, method="jkn", mse=flag) for flag in (False, True))
    assert ratio(about_estimate, "y", "x").se[0] >= ratio(about_mean, "y", "x").se[0]
    assert total(about_estimate, "y").se[0] == pytest.approx(total(about_mean, "y").se[0], rel=1e-12)


def test_degrees_of_freedom_are_those_stated_or_of_the_units_or_of_the_rank(survey):
    made = make_replicates(survey, method="jkn")
    assert design_df(made) == 6
    assert design_df(made.where("h < 3")) == 3
    weights = np.array([[1.0, 2, 3], [2, 4, 1], [3, 6, 0.5], [4, 8, 2]])
    assert rank(weights) == 2
    assert rank(np.repeat(weights, 900, axis=0)) == 2


def test_lonely_units_in_the_jackknife_follow_the_policy(frame):
    lonely = frame[(frame["h"] > 0) | (frame["i"] == 0)].reset_index(drop=True)
    errors = {}
    for policy in ("remove", "adjust", "average"):
        made = make_replicates(Survey(lonely, SurveyDesign(strata="h", clusters="i", weights="w", lonely_psu=policy)))
        errors[policy] = total(made, "y").se[0]
    linear = total(Survey(lonely, SurveyDesign(strata="h", clusters="i", weights="w", lonely_psu="remove")), "y").se[0]
    assert errors["remove"] == pytest.approx(linear, rel=1e-12)
    assert errors["average"] == pytest.approx(linear * np.sqrt(11 / 10), rel=1e-12)
    assert errors["adjust"] > errors["remove"]


def test_a_design_without_a_weight_column_gets_one(frame):
    sized = Survey(frame, SurveyDesign(strata="h", clusters="i", fpc="size"))
    made = make_replicates(sized)
    assert made.design.weights == "weight"
    np.testing.assert_allclose(made.weights, 4.0)


def test_the_subpopulation_survives_the_making_of_replicates(survey):
    made = make_replicates(survey.where("d = 1"))
    np.testing.assert_allclose(mean(made, "y").estimate, mean(survey.where("d = 1"), "y").estimate, rtol=1e-14)
