"""Sample sizes against published tables, R and identities."""

import math

import pytest

from surveykit.errors import SamplingError
from surveykit.sampling.size import design_effect, sample_size


@pytest.mark.parametrize(
    ("proportion", "margin", "expected"),
    [(0.30, 0.05, 510), (0.50, 0.05, 607), (0.20, 0.04, 607), (0.10, 0.03, 607), (0.19, 0.04, 584), (0.30, 0.02, 3185)],
)
def test_sizes_of_the_dprk_plan_are_reproduced(proportion, margin, expected):
    assert sample_size(proportion=proportion, margin=margin, deff=1.5, response=0.95).n == expected


@pytest.mark.parametrize(("rho", "expected"), [(0.02, 1.38), (0.05, 1.95), (0.10, 2.90)])
def test_design_effects_of_twenty_a_cluster_are_reproduced(rho, expected):
    assert design_effect(rho, 20) == pytest.approx(expected, abs=1e-12)


def test_one_adult_a_household_leaves_nineteen_respondents_of_twenty_households():
    sized = sample_size(proportion=0.3, margin=0.05, rho=0.05, take=20, response=0.95)
    assert sized.total.deff == pytest.approx(1 + 18 * 0.05)
    assert sized.total.clusters == math.ceil(sized.households / 20)


def test_power_for_two_proportions_equals_r_power_prop_test():
    # R 4.2: power.prop.test(p1 = .30, p2 = .25, power = .80)$n = 1250.717; (p1 = .5, p2 = .75, power = .9)$n = 76.7
    assert sample_size(proportion=(0.30, 0.25), power=0.80).total.simple == pytest.approx(1250.717, abs=5e-4)
    assert sample_size(proportion=(0.50, 0.75), power=0.90).total.simple == pytest.approx(76.7, abs=0.05)


def test_power_for_two_means_equals_the_textbook_63_a_group():
    # Cohen (1988), table 2.4.1: d = 0.5, power 0.80, two-sided 0.05 needs 64 by t; the normal formula gives 62.79
    sized = sample_size(mean=(100, 105), sd=10, power=0.80)
    assert sized.total.simple == pytest.approx(62.79, abs=5e-3)
    assert sized.interviews == 63
    assert sized.total.power == pytest.approx(0.8, abs=0.01)


def test_margin_of_a_mean_follows_cochran():
    # Cochran (1977), section 4.6: n0 = (z S / e)^2
    sized = sample_size(mean=24, sd=4, margin=0.5, confidence=0.95)
    assert sized.total.simple == pytest.approx((1.959963985 * 4 / 0.5) ** 2, rel=1e-8)
    assert sample_size(mean=20, sd=4, relative_margin=0.025).interviews == sized.interviews


def test_overlap_between_rounds_needs_fewer_interviews():
    apart = sample_size(proportion=(0.30, 0.25), power=0.8)
    shared = sample_size(proportion=(0.30, 0.25), power=0.8, overlap=0.5, correlation=0.6)
    assert shared.total.simple == pytest.approx(apart.total.simple * 0.7, rel=0.01)


def test_margin_of_a_difference_adds_both_variances():
    one = sample_size(proportion=0.3, margin=0.05).total.simple
    assert sample_size(proportion=(0.3, 0.3), margin=0.05).total.simple == pytest.approx(2 * one, rel=1e-12)


def test_finite_population_follows_cochran_4_2():
    # Cochran (1977), formula 4.2: n = n0 / (1 + n0 / N)
    free = sample_size(proportion=0.5, margin=0.05).total.simple
    assert sample_size(proportion=0.5, margin=0.05, population=1000).interviews == math.ceil(free / (1 + free / 1000))


def test_rare_people_take_many_households():
    sized = sample_size(proportion=0.19, margin=0.04, deff=1.5, response=0.95, per_household=1370 / 5200 / 0.95)
    assert sized.households == math.ceil(583.446 / (1370 / 5200 / 0.95))


def test_reached_margin_is_never_above_the_wanted_one():
    sized = sample_size(proportion=0.3, margin=0.05, deff=1.5)
    assert 0.0499 < sized.total.margin <= 0.05


def test_domains_are_sized_apart_and_combined():
    domains = {"north": {"population": 1000.0}, "south": {"population": 9000.0, "margin": 0.10}}
    sized = sample_size(proportion=0.5, margin=0.05, domains=domains)
    frame = sized.to_frame()
    assert frame["domain"].tolist() == ["north", "south", "total"]
    assert sized.interviews == sum(part.interviews for part in sized.domains)
    north, south = (part.margin for part in sized.domains)
    assert sized.total.margin == pytest.approx(math.hypot(0.1 * north, 0.9 * south), rel=1e-12)


def test_domains_without_populations_have_no_common_margin():
    sized = sample_size(proportion=0.5, margin=0.05, domains={"a": {}, "b": {}})
    assert sized.total.margin is None
    assert sized.interviews == 2 * sample_size(proportion=0.5, margin=0.05).interviews


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"margin": 0.05}, "sampling-size-target"),
        ({"proportion": 0.3, "sd": 4, "margin": 0.05}, "sampling-size-target"),
        ({"mean": 24, "margin": 0.05}, "sampling-size-target"),
        ({"proportion": 0.3}, "sampling-size-goal"),
        ({"proportion": 0.3, "margin": 0.05, "power": 0.8}, "sampling-size-goal"),
        ({"proportion": 30, "margin": 0.05}, "sampling-size-range"),
        ({"proportion": 0.3, "margin": 0.05, "response": 95}, "sampling-size-range"),
        ({"proportion": 0.3, "power": 0.8}, "sampling-size-pair"),
        ({"proportion": (0.1, 0.2, 0.3), "margin": 0.05}, "sampling-size-pair"),
        ({"sd": 4, "relative_margin": 0.05}, "sampling-size-pair"),
        ({"proportion": "0.3", "margin": 0.05}, "sampling-size-number"),
        ({"proportion": (0.3, 0.3), "power": 0.8}, "sampling-size-no-difference"),
    ],
)
def test_a_question_that_is_none_is_refused(given, code):
    with pytest.raises(SamplingError) as caught:
        sample_size(**given)
    assert code in caught.value.findings.codes


def test_every_problem_of_a_domain_is_named_with_the_domain():
    with pytest.raises(SamplingError) as caught:
        sample_size(proportion=0.3, margin=0.05, domains={"north": {"response": 2.0, "deff": -1.0}})
    assert caught.value.findings.codes["sampling-size-range"] == 2
    assert {one.where.record for one in caught.value.findings} == {"north"}
