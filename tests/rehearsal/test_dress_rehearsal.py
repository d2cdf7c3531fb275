"""A small dress rehearsal: everything is found, nothing is changed, the truth is met, the folder works afterwards."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import surveykit as sk
from surveykit.project import open_project, status
from surveykit.project.analysing import analysed
from surveykit.project.folder import Analysis
from surveykit.rehearsal.country import AGE_STARTS, age_group, found_country
from surveykit.rehearsal.dress import Scale, rehearse
from surveykit.rehearsal.fieldwork import draw_sample, go_out
from surveykit.rehearsal.plans import census_adults

TABLES = ("smk_current", "fies_modsev", "obesity_kr", "anc4", "stunting")  # one a unit; a test needs no more
SMALL = Scale(
    provinces=(1, 7, 10), clusters=2, booklets=20, country=2_000, mistakes=0.03, slips=3, indicators=TABLES, processes=1
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rehearsal") / "survey"


@pytest.fixture(scope="module")
def facts(folder):
    found = {}
    for step in rehearse(folder, SMALL):
        found |= step.facts
    return found


@pytest.fixture(scope="module")
def country():
    questionnaire = sk.load_questionnaire("dprk-summary")
    frame = sk.read_frame("examples/frames/dprk_frame.csv.gz", text=["cluster", "county"])
    frame = frame[frame["K_PROV"].isin(SMALL.provinces)].reset_index(drop=True)
    return found_country(questionnaire, frame, census_adults(), size=2_000, seed=1)


def test_every_planted_mistake_is_found(facts):
    account = facts["account"]
    assert account.missed.empty
    assert account.found + len(account.elsewhere) == len(facts["planted"].key) > 30
    assert set(facts["planted"].key["kind"]) >= {"range", "code", "skip", "blank", "comma", "word", "label", "date"}


def test_nothing_is_found_wrong_in_households_without_a_mistake(facts):
    assert [str(one) for one in facts["account"].false] == []


def test_answers_are_those_of_the_simulation_once_queries_are_answered(facts):
    assert facts["applied"].corrected > 25
    assert facts["changed"] == 0
    assert [str(one) for one in facts["open"]] == []


@pytest.mark.usefixtures("facts")
def test_weights_add_up_to_the_census_and_to_the_frame(folder):
    plan = json.loads((folder / "weighting-adult.json").read_text(encoding="utf-8"))
    adults = pd.read_parquet(folder / "data" / "weighted-adult.parquet")
    province, ages = next(step["margins"] for step in plan["steps"] if step["step"] == "rake")
    by_province = adults.groupby("K_PROV")["weight_adult"].sum()
    assert {str(code): total for code, total in by_province.items()} == pytest.approx(province["totals"], rel=1e-6)
    by_age = adults.groupby(["sex", "age_group"])["weight_adult"].sum()
    wanted = {(int(s), int(a)): total for s, some in ages["totals"].items() for a, total in some.items()}
    assert by_age.to_dict() == pytest.approx(wanted, rel=1e-6)
    homes = pd.read_parquet(folder / "data" / "weighted-household.parquet")
    frame = sk.read_frame("examples/frames/dprk_frame.csv.gz", text=["cluster", "county"])
    dwellings = frame[frame["K_PROV"].isin(SMALL.provinces)]["households"].sum()
    assert homes["weight_household"].sum() == pytest.approx(dwellings)


def test_most_intervals_hold_the_truth(facts):
    beside = facts["beside"]
    national = beside[beside["by"] == ""]
    assert len(national) > 40
    assert national["covered"].mean() > 0.85
    assert facts["told"]["covered"].sum() >= len(facts["told"]) - 2


@pytest.mark.usefixtures("facts")
def test_tables_report_and_methods_are_there_in_every_language(folder):
    out = folder / "out"
    for language in ("en", "ko"):
        for name in ("tables-{}.xlsx", "tables-{}.html", "report-{}.html", "report-{}.docx", "methods-adult-{}.md"):
            assert (out / name.format(language)).stat().st_size > 1_000
    page = (out / "tables-en.html").read_text(encoding="utf-8")
    library = sk.load_indicators().indicators
    assert all(library[name].label["en"].replace("<", "&lt;").replace(">", "&gt;") in page for name in TABLES)
    assert "70 and over" in page
    assert "Pyongyang" in page


def test_nothing_in_the_folder_is_stale_until_a_plan_changes(facts, folder):
    assert len(facts["status"]) == 0
    plan = folder / "tables-woman.json"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace("rehearsal-woman", "other"), encoding="utf-8")
    outputs, found = status(open_project(folder))
    assert found.codes["project-stale"] >= 2
    assert {one.verb for one in outputs if one.state == "stale"} == {"tabulate", "report"}
    plan.write_text(text, encoding="utf-8")


def test_a_rehearsal_never_writes_over_a_survey(facts, folder):
    assert facts["project"].root == folder
    with pytest.raises(sk.SurveykitError) as caught:
        next(rehearse(folder, SMALL))
    assert caught.value.findings[0].code == "project-exists"


def test_costs_are_told_by_stage(facts):
    names = [one.name for one in facts["costs"]]
    assert names[:2] == ["simulate the country", "draw the sample"]
    assert {"receive", "queries", "receive again", "weights", "tables", "report", "truth"} <= set(names)


def test_adults_of_the_country_follow_the_census_in_every_kind_of_household(country):
    people = country.people
    line = people["adult"][[country.key, "member_line"]]
    who = line.merge(people["member"], on=[country.key, "member_line"]).set_index(country.key)
    census = census_adults()
    order = country.homes[country.key]
    sex, group = who["sex"].loc[order].to_numpy(dtype=int), age_group(who["age"].loc[order])
    for kind in range(5):
        here = country.kind == kind
        load = country.share * country.adults * here
        for one, number in ((1, 1), (2, 6), (1, 4)):
            share = load[(sex == one) & (group == number)].sum() / load.sum()
            assert share == pytest.approx(census[one, number] / sum(census.values()), rel=1e-6)
        assert (country.share * country.adults * here).sum() / (country.share * here).sum() == pytest.approx(
            country.adults.mean(), rel=1e-6
        )
    assert len(AGE_STARTS) == 6


def test_the_truth_of_the_country_is_the_weighted_truth_of_its_parts(country):
    town = (country.frame["area"] == 1).to_numpy()
    whole, urban, rural = (
        country.truth(["fies_modsev"], "household", some)["fies_modsev"] for some in (None, town, ~town)
    )
    counts = [country.households(some).sum() for some in (town, ~town)]
    assert whole == pytest.approx(np.average([urban, rural], weights=counts), rel=2e-3)
    assert urban != pytest.approx(rural, rel=0.02)


def test_no_simulated_household_lives_in_two_dwellings(country):
    drawn = draw_sample(country.frame, clusters=2, take=20, seed=3)
    field = go_out(country, drawn, seed=3)
    assert field.homes[country.key].is_unique
    assert len(field.homes) == 240
    assert (field.homes["probability_1"] * field.homes["probability_2"] < 1).all()
    assert sk.check(field.answers, country.questionnaire).ok


def test_weights_lent_by_a_unit_that_has_none_are_refused(facts, folder):
    project = facts["project"]
    lent = replace(project, analyses=(Analysis(unit="child", weights_of="household"), *project.analyses))
    with pytest.raises(sk.SurveykitError) as caught:
        analysed(lent)
    assert caught.value.findings[0].code == "project-weights-of"
    assert caught.value.findings[0].where.pointer == "/analyses/0/weights_of"
    assert folder.name in caught.value.findings[0].where.file


def test_units_not_reached_stay_in_the_design_of_every_unit(facts):
    parts = {one.part.unit: one.survey for one in analysed(facts["project"])}
    clusters = {unit: survey.frame["psu"].nunique() for unit, survey in parts.items()}
    assert set(clusters.values()) == {12}
    assert set(parts) == {"adult", "household", "member", "woman", "child"}
