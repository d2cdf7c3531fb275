"""Confidence intervals of proportions: known values, edges, order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.estimation.intervals import INTERVALS, clopper_pearson, effective_sample, limits, two_sided

INF = np.array([np.inf])


def one(method, p, n, *, se=None, df=INF, level=0.95):
    share = np.array([p])
    error = np.sqrt(share * (1 - share) / n) if se is None else np.array([se])
    lower, upper = limits(method, share, error, n=np.array([float(n)]), df=df, level=level)
    return [lower[0], upper[0]]


def test_wilson_of_a_simple_random_sample_is_the_textbook_interval():
    assert one("wilson", 0.1, 50) == pytest.approx([0.0435, 0.2136], abs=5e-5)  # to four digits


def test_clopper_pearson_is_the_textbook_interval():
    lower, upper = clopper_pearson(np.array([0.1]), np.array([10.0]), 0.95)
    assert [lower[0], upper[0]] == pytest.approx([0.002528579, 0.4450161], rel=1e-6)  # binom.test(1, 10)


def test_the_deviance_interval_has_the_deviance_of_its_level():
    lower, upper = one("likelihood", 0.3, 200)
    for limit in (lower, upper):
        deviance = 2 * 200 * (0.3 * np.log(0.3 / limit) + 0.7 * np.log(0.7 / (1 - limit)))
        assert deviance == pytest.approx(1.959963984540054**2 * 200 / 199, rel=1e-10)


@pytest.mark.parametrize("method", [one for one in INTERVALS if one != "wald"])
@pytest.mark.parametrize("p", [0.0, 1.0])
def test_at_zero_and_one_the_interval_is_one_sided_and_not_empty(method, p):
    lower, upper = one(method, p, 30, se=0.0, df=np.array([12.0]))
    assert (lower == 0 and 0 < upper < 0.2) if p == 0 else (upper == 1 and 0.8 < lower < 1)
    if method != "wilson":
        assert upper - lower == pytest.approx(1 - 0.025 ** (1 / 30), rel=1e-10)


def test_korn_graubard_never_uses_more_than_the_sample_has():
    capped, free = one("korn-graubard", 0.2, 50, se=0.001), one("beta", 0.2, 50, se=0.001)
    exact = clopper_pearson(np.array([0.2]), np.array([50.0]), 0.95)
    assert capped == pytest.approx([exact[0][0], exact[1][0]])
    assert free[1] - free[0] < capped[1] - capped[0]


def test_without_degrees_of_freedom_there_is_no_interval():
    for method in INTERVALS:
        assert np.isnan(one(method, 0.4, 20, df=np.array([0.0]))).all()
        assert np.isnan(one(method, np.nan, 20)).all()


def test_a_census_has_an_interval_without_width():
    for method in ("wald", "logit", "wilson", "arcsine", "likelihood"):
        assert one(method, 0.4, 20, se=0.0) == pytest.approx([0.4, 0.4], abs=1e-8)
    assert effective_sample(np.array([0.4, 0.0]), np.zeros(2), np.array([20.0, 20.0])).tolist() == [np.inf, 20]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    p=st.floats(0.001, 0.999),
    n=st.integers(5, 5000),
    deff=st.floats(0.5, 10),
    df=st.integers(1, 200),
    method=st.sampled_from([one for one in INTERVALS if one != "wald"]),
)
def test_limits_of_proportions_stay_in_order_inside_zero_and_one(p, n, deff, df, method):
    se = np.sqrt(p * (1 - p) * deff / n)
    lower, upper = one(method, p, n, se=se, df=np.array([float(df)]))
    assert 0 <= lower <= p <= upper <= 1
    wider = one(method, p, n, se=se, df=np.array([float(df)]), level=0.99)
    assert wider[0] <= lower + 1e-12
    assert upper <= wider[1] + 1e-12
    mirrored = one(method, 1 - p, n, se=se, df=np.array([float(df)]))
    assert [1 - mirrored[1], 1 - mirrored[0]] == pytest.approx([lower, upper], abs=1e-7)


def test_two_sided_probabilities_are_those_of_student():
    assert two_sided(np.array([2.131449546]), np.array([15.0]))[0] == pytest.approx(0.05, rel=1e-8)
    assert two_sided(np.array([1.959963985]), INF)[0] == pytest.approx(0.05, rel=1e-8)
    assert np.isnan(two_sided(np.array([1.0]), np.array([0.0])))[0]
