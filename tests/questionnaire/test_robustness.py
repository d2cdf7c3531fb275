"""Whatever stands in a definition: lint answers with findings and loading with a DefinitionError, nothing else ever."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveykit.errors import DefinitionError
from surveykit.questionnaire.definition import load_questionnaire
from surveykit.questionnaire.lint import lint

BASES = Path(__file__).parents[1] / "definitions" / "bases"
VILLAGE = json.loads((BASES / "village.json").read_text(encoding="utf-8"))
MODULE = json.loads((BASES / "modules" / "tobacco.json").read_text(encoding="utf-8"))


def _places(value: object, path: tuple = ()) -> list[tuple]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inside for place in _places(one, (*path, key)))]


def _at(document, path):
    for part in path:
        document = document[part]
    return document


def _names(document) -> list:
    return sorted({str(part) for place in _places(document) for part in place} | {"age", "sbp", "water", "adult", "1"})


def _changed(document, steps):
    document = copy.deepcopy(document)
    for pick, change, value in steps:
        places = [place for place in _places(document) if place]
        if not places:
            break
        place = places[pick % len(places)]
        target = _at(document, place[:-1])
        if change == "remove":
            del target[place[-1]]
        elif change == "copy":
            like = [one for one in places if type(_at(document, one)) is type(_at(document, place))]
            target[place[-1]] = copy.deepcopy(_at(document, like[(pick * 7) % len(like)]))
        else:
            target[place[-1]] = value
    return document


RULES = ["age > 3", "sbp >", "count(member) > 0", "this", "told == 1", "water == 99", "if(age > 1, 1, 0)", "'x'"]
VALUES = st.one_of(
    st.sampled_from([None, True, 0, -1, 2.5, 10**30, "", " ", [], {}, [[]], {"en": "x"}, "select_one", "calculated"]),
    st.sampled_from([*RULES, *_names(VILLAGE)]),
)
STEPS = st.lists(
    st.tuples(st.integers(0, 5000), st.sampled_from(["remove", "replace", "copy", "copy"]), VALUES),
    min_size=1,
    max_size=4,
)


@given(STEPS)
@settings(max_examples=80, derandomize=True, deadline=None)
def test_a_broken_instrument_gives_findings_and_never_a_traceback(steps):
    document = _changed(VILLAGE, steps)
    if not isinstance(document, dict):
        return
    wrong = [one for one in lint(document).errors if not one.code.startswith("lint-")]
    if wrong:
        with pytest.raises(DefinitionError) as raised:
            load_questionnaire(document)
        assert list(raised.value.findings) == wrong
    else:
        instrument = load_questionnaire(document)
        assert load_questionnaire(instrument.document).structure_hash == instrument.structure_hash


@given(STEPS, STEPS)
@settings(max_examples=40, derandomize=True, deadline=None)
def test_a_broken_module_or_include_gives_findings_and_never_a_traceback(tmp_path_factory, module_steps, steps):
    folder = tmp_path_factory.mktemp("broken")
    (folder / "modules").mkdir()
    module = _changed(MODULE, module_steps)
    (folder / "modules" / "tobacco.json").write_text(json.dumps(module), encoding="utf-8")
    include = {
        "module": "tobacco",
        "unit": {"person": "adult"},
        "items": ["smokes", "product", "per_day"],
        "override": {"items": {"smokes": {"relevant": "age >= 19"}}, "codelists": {"product": {"codes": []}}},
    }
    document = copy.deepcopy(VILLAGE) | {"includes": _changed([include], steps)}
    path = folder / "village.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    lint(path)
    lint(folder / "modules" / "tobacco.json")
