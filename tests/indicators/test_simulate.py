"""Made-up answers obey the questionnaire; mistakes put into them are known and found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from surveykit.expressions import columns, meaning
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.rows import expression_rows
from surveykit.questionnaire.scope import scope_of
from surveykit.questionnaire.selection import take_number
from surveykit.questionnaire.simulate import simulate
from surveykit.questionnaire.simulation.draws import with_check_digit
from surveykit.questionnaire.simulation.errors import KINDS, inject_errors
from surveykit.returns.checks import check

CODES = {
    "range": {"returns-check-range"},
    "code": {"returns-check-code"},
    "skip": {"returns-check-skip"},
    "blank": {"returns-check-required"},
    "rule": {"returns-check-rule"},
}


@pytest.mark.parametrize(("name", "n"), [("first-light", 40), ("dprk-summary", 60), ("facility", 25)])
def test_made_up_answers_break_no_rule(name, n):
    questionnaire = load_questionnaire(name)
    assert list(check(simulate(questionnaire, n, seed=3), questionnaire)) == []


def test_made_up_answers_to_the_full_form_break_no_check(knhanes, knhanes_answers):
    for one in knhanes.checks:
        typed = meaning.compile(one.expression, scope_of(knhanes, one.unit), gives="boolean")
        rows = expression_rows(knhanes_answers, one.unit, knhanes)
        assert not columns.mask(typed, rows, want="false").any(), one.id


def test_required_answers_to_the_full_form_are_given_where_they_are_asked(knhanes, knhanes_answers):
    rows = {unit.id: expression_rows(knhanes_answers, unit.id, knhanes) for unit in knhanes.units}
    scopes = {unit.id: scope_of(knhanes, unit.id) for unit in knhanes.units}
    for item in list(knhanes)[::7]:  # every seventh of 785 items keeps the test quick
        if item.answered_by_hand and item.relevant:
            typed = meaning.compile(item.relevant, scopes[item.unit], gives="boolean")
            asked = columns.mask(typed, rows[item.unit])
            given = knhanes_answers[item.unit][item.var].notna().to_numpy()
            assert not (given & ~asked).any(), item.id
            assert not item.required or not (asked & ~given).any(), item.id


def test_codes_and_numbers_stay_inside_lists_and_limits(dprk, dprk_answers):
    for item in dprk:
        column = dprk_answers[item.unit][item.var].dropna()
        if item.type == "select_one":
            assert set(column) <= {*item.codelist.codes, *item.missing_codes}, item.id
        if item.range is not None and item.type in {"integer", "decimal"}:
            real = column[~column.isin(list(item.missing_codes))]
            assert real.empty or (real.min() >= item.range.min and real.max() <= (item.range.max or np.inf)), item.id


def test_skips_are_obeyed_in_both_directions(dprk_answers):
    adult = dprk_answers["adult"]
    smoked = adult["BS1_1"].isin([1, 2])
    assert adult["BS3_1"].notna().tolist() == smoked.tolist()
    ill = ((adult["D_2_1"] == 1) | (adult["MO1_wk"] == 1)).fillna(value=False).astype(bool)
    assert adult["K_FIRST"].notna().tolist() == ill.tolist()


def test_households_could_exist(dprk_answers):
    member = dprk_answers["member"]
    homes = member.groupby("ID_fam")
    assert (homes["fam_rela"].apply(lambda codes: (codes == 1).sum()) == 1).all()
    assert (homes["fam_rela"].apply(lambda codes: (codes == 2).sum()) <= 1).all()
    heads = member[member["fam_rela"] == 1].set_index("ID_fam")
    wives = member[member["fam_rela"] == 2].set_index("ID_fam")
    assert (heads.loc[wives.index, "sex"] + wives["sex"] == 3).all()
    children = member[member["fam_rela"] == 3]
    assert (children["age"].to_numpy() < heads.loc[children["ID_fam"], "age"].to_numpy()).all()
    assert homes["member_line"].apply(list).map(lambda lines: lines == list(range(1, len(lines) + 1))).all()


def test_the_selected_adult_is_the_one_of_the_table_of_the_form(dprk_answers):
    member = dprk_answers["member"]
    taken = dprk_answers["adult"].set_index("ID_fam")["member_line"]
    for serial, home in member[member["age"] >= 19].groupby("ID_fam"):
        ordered = home.sort_values(["age", "sex", "member_line"], ascending=[False, True, True], kind="stable")
        wanted = take_number(str(serial), len(ordered)) - 1
        assert taken[serial] == ordered["member_line"].iloc[wanted]


def test_households_that_decline_answer_nothing(dprk_answers):
    household = dprk_answers["household"]
    declined = household[household["K_CONSENT"] != 1]
    assert len(declined) > 0
    assert declined["K_WATER"].isna().all()
    assert not set(declined["ID_fam"]) & set(dprk_answers["member"]["ID_fam"])


def test_missing_codes_and_blanks_occur(dprk, dprk_answers):
    adult = dprk_answers["adult"]
    lost = sum(int(adult[item.var].isin(list(item.missing_codes)).sum()) for item in dprk.items_of("adult"))
    assert lost > 0
    assert dprk_answers["member"]["HE_wt"].isna().any()


def test_clusters_stand_inside_strata_and_no_stratum_has_a_single_one(dprk_answers):
    household = dprk_answers["household"]
    assert len(household[["psu", "kstrata"]].drop_duplicates()) == household["psu"].nunique()
    assert (household.groupby("kstrata")["psu"].nunique() >= 2).all()


def test_the_same_seed_gives_the_same_answers_and_another_one_others(dprk):
    first, again, other = (simulate(dprk, 12, seed=seed) for seed in (1, 1, 2))
    for unit in first:
        pd.testing.assert_frame_equal(first[unit], again[unit])
    assert not first["household"].equals(other["household"])


def test_computed_items_are_those_of_the_answers(dprk_answers):
    child = dprk_answers["child"].merge(dprk_answers["household"][["ID_fam", "K_DATE"]], on="ID_fam")
    born, today = child["K_DOB"], child["K_DATE"]
    months = (today.dt.year - born.dt.year) * 12 + today.dt.month - born.dt.month - (today.dt.day < born.dt.day)
    assert child["age_month"].astype(float).tolist() == months.astype(float).tolist()


def test_select_multiples_have_their_columns_and_exclusive_codes_stand_alone(dprk_answers):
    household = dprk_answers["household"]
    for row in household.dropna(subset=["K_ASSET"]).itertuples():
        chosen = {int(code) for code in row.K_ASSET.split()}
        if chosen <= {98, 99}:
            assert pd.isna(row.K_ASSET_1)
            continue
        assert chosen == {code for code in range(11) if getattr(row, f"K_ASSET_{code}") == 1}
        assert 0 not in chosen or chosen == {0}


def test_no_response_at_all_gives_empty_frames(dprk):
    empty = simulate(dprk, 0, seed=1)
    assert {unit: len(frame) for unit, frame in empty.items()} == dict.fromkeys(empty, 0)


OWN = {
    "type": "questionnaire", "id": "own", "version": "1.0.0", "title": {"en": "Own"}, "languages": ["en"],
    "units": {
        "visit": {"label": {"en": "Visit"}, "key": "V"},
        "tree": {"label": {"en": "Tree"}, "key": "line", "parent": "visit", "roster": {"min": 1, "max": 4}},
    },
    "codelists": {"kind": {"codes": [
        {"code": "oak", "label": {"en": "Oak"}}, {"code": "elm", "label": {"en": "Elm"}},
    ]}},
    "sections": [
        {"id": "A", "title": {"en": "A"}, "unit": "visit", "items": [
            {"id": "V", "type": "id", "label": {"en": "Code"}, "pattern": "[0-9]{8}"},
            {"id": "tag", "type": "text", "label": {"en": "Tag"}, "pattern": "[A-F]{2}[0-9]{3}", "max_length": 5},
            {"id": "day", "type": "date", "label": {"en": "Day"}, "range": {"min": "2025-05-01", "max": "2025-05-31"}},
            {"id": "age", "type": "integer", "label": {"en": "Age of the forest"}, "range": {"min": 1, "max": 900}},
        ]},
        {"id": "B", "title": {"en": "B"}, "unit": "tree", "items": [
            {"id": "sort", "type": "select_one", "codelist": "kind", "label": {"en": "Kind"}},
            {"id": "height", "type": "decimal", "label": {"en": "Height"}, "range": {"min": 0.5, "max": 40},
             "decimals": 1},
            {"id": "crown", "type": "decimal", "label": {"en": "Crown"}, "range": {"min": 0, "max": 40}, "decimals": 1,
             "constraint": "this <= height"},
        ]},
    ],
}  # fmt: skip


def test_an_instrument_of_another_field_can_be_simulated():
    questionnaire = load_questionnaire(OWN)
    answers = simulate(questionnaire, 20, seed=1)
    assert list(check(answers, questionnaire)) == []
    assert answers["visit"]["tag"].str.fullmatch("[A-F]{2}[0-9]{3}").all()
    assert answers["visit"]["day"].between("2025-05-01", "2025-05-31").all()
    assert set(answers["tree"]["sort"]) == {"oak", "elm"}
    assert (answers["tree"]["crown"] <= answers["tree"]["height"]).all()


def test_check_digits_are_those_of_luhn():
    assert with_check_digit("79927398710") == "79927398713"  # the worked example of ISO/IEC 7812-1 textbooks


@pytest.fixture(scope="module")
def spoilt(dprk, dprk_answers):
    return inject_errors(dprk_answers, dprk, rate=0.25, seed=4)


def test_every_injected_mistake_is_found_by_the_checks(dprk, spoilt):
    responses, key = spoilt
    found = check(responses, dprk)
    assert set(key["kind"]) == set(KINDS)
    by_code = {kind: [one for one in found if one.code in codes] for kind, codes in CODES.items()}
    for row in key.itertuples():
        named = [one for one in by_code[row.kind] if row.item == one.where.item or f"{row.item} =" in one.message]
        assert any(row.record in one.where.record for one in named), row


def test_the_key_says_what_was_and_what_is(dprk_answers, spoilt):
    responses, key = spoilt
    for row in key.itertuples():
        before, after = (frames[row.unit][row.column].iloc[row.row] for frames in (dprk_answers, responses))
        assert (pd.isna(before) and pd.isna(row.was)) or before == row.was
        assert (pd.isna(after) and pd.isna(row.now)) or after == row.now
    assert not key.duplicated(subset=["unit", "row"]).any()


def test_nothing_but_the_key_is_changed(dprk_answers, spoilt):
    responses, key = spoilt
    for unit, frame in dprk_answers.items():
        changed = key.loc[key["unit"] == unit, "row"]
        pd.testing.assert_frame_equal(frame.drop(index=changed), responses[unit].drop(index=changed))


def test_no_mistakes_are_made_at_rate_zero(dprk, dprk_answers):
    responses, key = inject_errors(dprk_answers, dprk, rate=0.0, seed=1)
    assert key.empty
    assert responses["member"].equals(dprk_answers["member"])
