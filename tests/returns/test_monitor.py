"""Fieldwork in numbers: against the sample, by day and interviewer, by outcome, rule and digit."""

from __future__ import annotations

import pandas as pd
import pytest

from surveykit.findings import Place, finding
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.responses import Responses
from surveykit.returns.monitor import monitor
from surveykit.returns.outcomes import outcome_meanings, result_item

RESULTS = [
    {"code": code, "label": {"en": text}}
    for code, text in enumerate(("Complete", "Partly", "Refused", "Away", "Vacant"), 1)
]
MEANING = {1: "complete", 2: "partial", 3: "refusal", 4: "noncontact", 5: "ineligible"}
SAMPLE = pd.DataFrame(
    {
        "ID": list("abcdefklghijm"),
        "stratum": ["1"] * 8 + ["2"] * 4 + ["3"],
        "psu": ["1"] * 4 + ["2"] * 4 + ["1"] * 4 + ["9"],
    }
)
MERCURY = {"ucum": "mm[Hg]", "label": {"en": "mmHg"}}
DEFINITION = {
    "type": "questionnaire",
    "id": "field",
    "version": "1.0.0",
    "text_version": "1.0.0",
    "title": {"en": "Field"},
    "languages": ["en"],
    "licence": "CC BY 4.0",
    "interview_date": "day",
    "units": {"household": {"label": {"en": "Household"}, "key": "ID"}},
    "codelists": {"result": {"version": "1.0.0", "codes": RESULTS}},
    "design": {"strata": "stratum", "clusters": "psu"},
    "sections": [
        {
            "id": "A",
            "title": {"en": "A"},
            "unit": "household",
            "items": [
                {"id": "ID", "type": "id", "label": {"en": "Id"}},
                {"id": "stratum", "type": "id", "label": {"en": "Stratum"}},
                {"id": "psu", "type": "id", "label": {"en": "Cluster"}},
                {"id": "day", "type": "date", "label": {"en": "Day"}},
                {"id": "who", "type": "integer", "label": {"en": "Interviewer"}, "concept": "x.interviewer-code"},
                {
                    "id": "result",
                    "type": "select_one",
                    "codelist": "result",
                    "label": {"en": "R"},
                    "concept": "x.household-result",
                },
                {"id": "took", "type": "integer", "label": {"en": "Minutes"}, "concept": "x.interview-minutes"},
                {"id": "sbp", "type": "integer", "label": {"en": "SBP"}, "measure": MERCURY},
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def field():
    return load_questionnaire(DEFINITION)


@pytest.fixture
def responses() -> Responses:
    frame = pd.DataFrame(
        {
            "ID": pd.array(list("abcdefghij"), dtype="string"),
            "stratum": pd.array(["1"] * 6 + ["2"] * 4, dtype="string"),
            "psu": pd.array(["1", "1", "1", "2", "2", "2", "1", "1", "1", "1"], dtype="string"),
            "day": pd.to_datetime(["2026-03-02"] * 4 + ["2026-03-03"] * 6),
            "who": pd.array([1, 1, 1, 1, 1, 2, 2, 2, 2, 2], dtype="Int64"),
            "result": pd.array([1, 1, 1, 1, 1, 2, 3, 3, 4, 5], dtype="Int64"),
            "took": pd.array([30, 32, 34, 40, 50, 20, None, None, None, None], dtype="Int64"),
            "sbp": pd.array([120, 130, 121, 142, 120, 110, None, None, None, None], dtype="Int64"),
        }
    )
    return Responses(questionnaire="field", version="1", structure_hash="x", frames={"household": frame})


def test_what_came_back_is_held_against_the_sample(field, responses):
    result = monitor(responses, field, sample=SAMPLE)
    assert result.clusters.to_numpy().tolist() == [
        ["1", "1", 3, 4, 0.75],
        ["1", "2", 3, 4, 0.75],
        ["2", "1", 4, 4, 1.0],
        ["3", "9", 0, 1, 0.0],
    ]
    assert result.strata.to_numpy().tolist() == [["1", 6, 8, 0.75], ["2", 4, 4, 1.0], ["3", 0, 1, 0.0]]
    assert result.sampled == 13
    assert result.days["share"].tolist() == [4 / 13, 10 / 13]
    assert monitor(responses, field).clusters["returned"].tolist() == [3, 3, 4]
    assert monitor(responses, field).strata["share"].isna().all()


def test_teams_are_told_by_what_they_returned_and_by_their_findings(field, responses):
    teams = dict(zip("abcdefghijklm", ["North"] * 6 + ["South"] * 4 + ["North"] * 2 + ["West"], strict=True))
    found = [finding("returns-check-range", Place(record=serial), found="1", expected="2") for serial in "aabg"]
    result = monitor(responses, field, findings=found, sample=SAMPLE, teams=teams)
    assert result.teams.to_numpy().tolist() == [["North", 6, 8, 0.75], ["South", 4, 4, 1.0], ["West", 0, 1, 0.0]]
    assert result.team_rules.to_numpy().tolist() == [
        ["North", "returns-check-range", "error", 3],
        ["South", "returns-check-range", "error", 1],
    ]


def test_a_form_without_stratum_counts_where_the_sample_says(field, responses):
    frame = responses["household"].copy()
    frame.loc[0, ["stratum", "psu"]] = pd.NA
    blank = Responses(questionnaire="field", version="1", structure_hash="x", frames={"household": frame})
    assert monitor(blank, field, sample=SAMPLE).strata["returned"].tolist() == [6, 4, 0]


def test_response_grows_day_by_day_in_each_stratum(field, responses):
    rates = monitor(responses, field, sample=SAMPLE, outcomes=MEANING).response
    assert rates["stratum"].tolist() == ["1", "1", "2", "2", "3", "3"]
    assert rates["rate"].tolist() == [4 / 8, 6 / 8, 0.0, 0.0, 0.0, 0.0]
    alone = monitor(responses, field, outcomes=MEANING).response
    assert alone["rate"].tolist()[:2] == [1.0, 1.0]
    assert alone["rate"].tolist()[3] == 0.0


def test_minutes_are_spread_out_beside_the_plan(field, responses):
    line = monitor(responses, field).minutes.iloc[0]
    assert (line["interviews"], line["lowest"], line["median"], line["highest"]) == (6, 20.0, 33.0, 50.0)


def test_the_code_list_itself_says_what_results_mean():
    outcomes = ("complete", "partial", "refusal", "noncontact", "ineligible")
    codes = [{**code, "outcome": outcome} for code, outcome in zip(RESULTS, outcomes, strict=True)]
    declared = load_questionnaire({**DEFINITION, "codelists": {"result": {"version": "1.0.0", "codes": codes}}})
    assert outcome_meanings(declared) == MEANING
    assert declared.structure_hash == load_questionnaire(DEFINITION).structure_hash


@pytest.mark.parametrize("name", ["dprk-summary", "facility"])
def test_shipped_instruments_say_what_their_results_mean(name):
    questionnaire = load_questionnaire(name)
    codes = {option.code for option in result_item(questionnaire).codelist.options}
    assert set(outcome_meanings(questionnaire)) == codes


def test_days_add_up(field, responses):
    days = monitor(responses, field).days
    assert days["interviews"].tolist() == [4, 6]
    assert days["total"].tolist() == [4, 10]


def test_interviewers_are_told_by_interviews_findings_and_minutes(field, responses):
    found = [
        finding("returns-check-range", Place(record="a"), found="1", expected="2"),
        finding("returns-check-range-unlikely", Place(record="f"), found="1", expected="2"),
    ]
    result = monitor(responses, field, findings=found)
    assert result.interviewers.to_numpy().tolist() == [["1", 5, 1, 0, 34.0], ["2", 5, 0, 1, 20.0]]
    assert result.rules["rule"].tolist() == ["returns-check-range", "returns-check-range-unlikely"]


def test_rates_follow_the_standard_definitions(field, responses):
    result = monitor(responses, field, outcomes=MEANING)
    assert dict(zip(result.outcomes["outcome"], result.outcomes["count"], strict=True))["refusal"] == 2
    rates = result.rates.set_index("rate")["value"].to_dict()
    assert rates == {"RR1": 5 / 9, "RR2": 6 / 9, "COOP1": 5 / 8, "REF1": 2 / 9, "CON1": 8 / 9}


def test_codes_are_counted_where_nobody_says_what_they_mean(field, responses):
    result = monitor(responses, field)
    assert result.outcomes.to_numpy().tolist() == [["1", 5], ["2", 1], ["3", 2], ["4", 1], ["5", 1]]
    assert len(result.rates) == 0


def test_digits_of_pressure_are_counted(field, responses):
    digits = monitor(responses, field).digits
    assert digits["count"].tolist() == [4, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert digits["share"].sum() == pytest.approx(1)


def test_an_empty_survey_has_an_empty_page(field, responses):
    frames = {"household": responses["household"].iloc[:0]}
    result = monitor(
        Responses(questionnaire="field", version="1", structure_hash="x", frames=frames), field, outcomes=MEANING
    )
    assert len(result.strata) == len(result.clusters) == len(result.response) == len(result.minutes) == 0
    assert result.rates["value"].isna().all()
