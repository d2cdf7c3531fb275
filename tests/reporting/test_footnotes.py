"""Footnotes say what follows from the estimates, in the language of the table."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
import pytest

from surveykit.reporting.labels import Wording
from surveykit.reporting.tabulation import tabulate
from surveykit.reporting.universe import universe


@dataclass(frozen=True)
class Estimated:
    """What an Estimate says of itself."""

    frame: pd.DataFrame
    statistic: str = "proportion"
    confidence: float = 0.9
    method: str = "linearised, 30 clusters in 15 strata"
    interval: str = "korn-graubard"
    left_out: dict = field(default_factory=lambda: {"without a value of obese": 67, "outside the subpopulation": 4140})
    conditions: tuple[str, ...] = ("age >= 20",)

    def to_frame(self) -> pd.DataFrame:
        return self.frame


def _estimate(**options: object) -> Estimated:
    return Estimated(pd.DataFrame({"variable": ["obese"], "estimate": [0.4], "n": [5337]}), **options)


def _notes(*estimates: object, **options: object) -> dict[str, list[str]]:
    notes: dict[str, list[str]] = {}
    for note in tabulate(list(estimates), **options).notes:
        notes.setdefault(note.kind, []).append(note.text)
    return notes


def test_an_estimate_describes_itself():
    assert _notes(_estimate()) == {
        "universe": ["Population: respondents for whom “age” is at least 20."],
        "missing": ["Without a value: 67 of 5,404 (1.2%)."],
        "method": [
            (
                "n: respondents, not weighted; estimates are weighted. SE: standard error; 90% CI: confidence "
                "interval, Korn–Graubard; variance linearised, 30 clusters in 15 strata."
            )
        ],
    }


AGE_AND_SEX = {
    "age": {"en": "Age", "ko": "나이"},
    "sex": {
        "label": {"en": "Sex", "ko": "성별"},
        "values": {1: {"en": "Men", "ko": "남자"}, 2: {"en": "Women", "ko": "여자"}},
    },
}


@pytest.mark.parametrize(("language", "conditions", "said"), [
    ("en", ["age >= 20", "sex == 2"], "respondents for whom “Age” is at least 20 and “Sex” is Women"),
    ("en", ["sex in (1, 2) or age is missing"], "respondents for whom “Sex” is Men or Women or “Age” has no answer"),
    ("ko", ["age >= 20", "sex == 2"], "‘나이’의 답이 20 이상이고 ‘성별’의 답이 여자인 응답자"),
    ("ko-KP", ["age >= 20"], "《나이》의 대답이 20 이상인 대답자"),
    ("en", ["name == 'x'"], "respondents for whom “name” is “x”"),
    ("en", ["fast"], "respondents for whom “fast” is true"),
    ("en", ["count(members) > 2", "age >= 20"], "count(members) > 2; age >= 20"),
    ("en", ["(age"], "(age"),
    ("en", [], ""),
])  # fmt: skip
def test_the_conditions_of_a_subpopulation_are_read_aloud(language, conditions, said):
    assert universe(conditions, Wording(language=language, entries=AGE_AND_SEX)) == said


def test_words_of_the_maker_go_before_expressions():
    notes = _notes(
        _estimate(),
        _estimate(statistic="standardised mean"),
        definition={"en": "BMI of 25 or more", "ko": "체질량지수 25 이상"},
        universe={"en": "Adults", "ko": "성인"},
        standard={"en": "the 2005 population of Korea", "ko": "2005년 추계인구"},
        standardized_over="age_group",
        labels={"age_group": {"en": "Age group", "ko": "연령"}},
        language="ko",
    )
    assert notes["definition"] == ["정의: 체질량지수 25 이상"]
    assert notes["universe"] == ["대상: 성인"]
    assert notes["standardisation"] == ["연령에 대해 직접법으로 표준화함(표준인구: 2005년 추계인구)."]


def test_standardisation_is_named_even_where_little_is_known():
    assert _notes(_estimate(), _estimate(statistic="standardised proportion"))["standardisation"] == [
        "Standardised with the direct method."
    ]
    english = _notes(_estimate(), _estimate(statistic="standardised mean"), standard="WHO", standardized_over="age")
    assert english["standardisation"] == ["Standardised by age with the direct method to WHO."]


def test_missing_shares_name_their_variable_where_there_are_several():
    other = Estimated(
        pd.DataFrame({"variable": ["htn"], "estimate": [0.3], "n": [98]}), left_out={"without a value of htn": 2}
    )
    assert _notes(_estimate(), other, labels={"htn": "Hypertension"})["missing"] == [
        "Without a value of obese: 67 of 5,404 (1.2%).",
        "Without a value of Hypertension: 2 of 100 (2.0%).",
    ]


def test_a_frame_says_only_what_its_columns_show():
    frame = pd.DataFrame({"variable": ["v"], "estimate": [0.4]})
    assert _notes(frame, statistics=["estimate"]) == {}
    assert _notes(frame, statistics=["estimate", "interval"]) == {"method": ["95% CI: confidence interval."]}


def test_korean_methods_are_told_in_korean():
    for method, said in (
        ("linearised, 1,260 clusters in 15 strata, 2 stages", "테일러 선형화, 층 15개, 집락 1,260개, 2단계 추출"),
        ("80 replicate weights, fay", "반복가중치 80개, fay"),
        ("two phases, 20 of 1,000 rows in the second", "2상 추출, 1,000명 중 20명이 2상 표본"),
        ("linearised, 99 rows, calibrated weights", "테일러 선형화, 개체 99개, 보정 가중치"),
    ):
        text = _notes(_estimate(method=method), language="ko-KP")["method"][0]
        assert text.endswith(f"분산 추정: {said}.")
        assert "표준오차" not in text


def test_the_interval_of_standardised_figures_is_told_by_itself_where_it_differs():
    standardised = Estimated(
        pd.DataFrame({"variable": ["obese"], "estimate": [0.39], "n": [5337]}),
        statistic="standardised proportion",
        interval="wald",
    )
    text = _notes(_estimate(interval="logit"), standardised)["method"][0]
    assert "confidence interval, logit scale (standardised figures: Student's t);" in text
    alike = _notes(_estimate(interval="wald"), standardised)["method"][0]
    assert "confidence interval, Student's t;" in alike


def test_a_table_without_a_total_counts_all_its_domains():
    parts = pd.DataFrame({"sex": [1, 2], "variable": "obese", "estimate": [0.4, 0.5], "n": [2583, 2754]})
    crossed = pd.DataFrame({"sex": [1, 2], "age": [1, 1], "variable": "obese", "estimate": [0.4, 0.5], "n": [50, 60]})
    assert _notes(Estimated(parts), Estimated(crossed))["missing"] == ["Without a value: 67 of 5,404 (1.2%)."]
