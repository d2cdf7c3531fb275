"""A small household questionnaire with every kind of item, and its forms built from raw XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corpus import bricks

from surveykit.questionnaire.identity import META_SHEET, FormIdentity, answer_name
from surveykit.questionnaire.structure import Questionnaire

YES_NO = [{"code": 1, "label": {"en": "Yes", "ko": "예"}}, {"code": 2, "label": {"en": "No", "ko": "아니오"}}]
DEFINITION: dict[str, Any] = {
    "type": "questionnaire",
    "id": "village",
    "version": "1.0.0",
    "text_version": "1.0.0",
    "title": {"en": "Village", "ko": "마을"},
    "languages": ["en", "ko"],
    "licence": "CC BY 4.0",
    "interview_date": "VISIT",
    "units": {
        "household": {"label": {"en": "Household", "ko": "가구"}, "key": "HID"},
        "member": {
            "label": {"en": "Member", "ko": "가구원"},
            "parent": "household",
            "key": "member_line",
            "roster": {"min": 1, "max": 4},
        },
        "adult": {
            "label": {"en": "Adult", "ko": "성인"},
            "parent": "household",
            "key": "member_line",
            "selection": {"roster": "member", "take": "one", "where": "age >= 19", "order_by": ["-age"], "max": 1},
        },
        "child": {
            "label": {"en": "Child", "ko": "아동"},
            "parent": "household",
            "key": "member_line",
            "selection": {"roster": "member", "take": "each", "where": "age < 5", "max": 2},
        },
    },
    "missing_sets": {
        "one": [{"code": 8, "kind": "refused"}, {"code": 9, "kind": "dk"}],
        "three": [{"code": 999, "kind": "dk", "label": {"en": "Don't know", "ko": "모름"}}],
    },
    "codelists": {
        "yes_no": {"version": "1.0.0", "codes": YES_NO},
        "province": {
            "version": "1.0.0",
            "codes": [{"code": 1, "label": {"en": "North"}}, {"code": 2, "label": {"en": "South"}}],
        },
        "county": {
            "version": "1.0.0",
            "parent": "province",
            "codes": [
                {"code": 11, "label": {"en": "Hill"}, "parent": 1},
                {"code": 21, "label": {"en": "Coast"}, "parent": 2},
            ],
        },
        "things": {
            "version": "1.0.0",
            "codes": [
                {"code": 1, "label": {"en": "Radio"}},
                {"code": 2, "label": {"en": "Bicycle"}},
                {"code": 3, "label": {"en": "None"}, "exclusive": True},
            ],
        },
    },
    "sections": [
        {
            "id": "A",
            "title": {"en": "Cover"},
            "unit": "household",
            "items": [
                {
                    "id": "HID",
                    "type": "id",
                    "label": {"en": "Serial"},
                    "prefill": True,
                    "pattern": "[0-9]{4}",
                    "check_digit": "luhn",
                },
                {
                    "id": "VISIT",
                    "type": "date",
                    "label": {"en": "Date"},
                    "range": {"min": "2026-01-01", "max": "2026-12-31"},
                },
                {"id": "prov", "type": "select_one", "codelist": "province", "label": {"en": "Province"}},
                {
                    "id": "county",
                    "type": "select_one",
                    "codelist": "county",
                    "cascade": "prov",
                    "label": {"en": "County"},
                },
                {
                    "id": "things",
                    "type": "select_multiple",
                    "codelist": "things",
                    "missing": "one",
                    "label": {"en": "Things"},
                },
                {
                    "id": "land",
                    "type": "decimal",
                    "missing": "three",
                    "label": {"en": "Land"},
                    "measure": {"ucum": "m2", "label": {"en": "m²", "ko": "평방미터"}},
                    "range": {"min": 0, "max": 900, "warn_above": 500},
                    "required": False,
                },
                {"id": "remark", "type": "text", "label": {"en": "Remark"}, "max_length": 40, "required": False},
            ],
        },
        {
            "id": "B",
            "title": {"en": "Roster"},
            "unit": "member",
            "items": [
                {"id": "who", "type": "text", "label": {"en": "Name"}},
                {"id": "age", "type": "integer", "label": {"en": "Age"}, "range": {"min": 0, "max": 110}},
            ],
        },
        {
            "id": "C",
            "title": {"en": "Adult"},
            "unit": "adult",
            "items": [
                {"id": "smoke", "type": "select_one", "codelist": "yes_no", "missing": "one", "label": {"en": "Smoke"}},
                {
                    "id": "cigs",
                    "type": "integer",
                    "missing": "three",
                    "relevant": "smoke == 1",
                    "range": {"min": 1, "max": 80},
                    "label": {"en": "Cigarettes"},
                },
                {
                    "id": "start",
                    "type": "integer",
                    "relevant": "smoke == 1",
                    "constraint": "this <= age",
                    "label": {"en": "Start"},
                },
                {"id": "packs", "type": "calculated", "calculation": "cigs / 20", "label": {"en": "Packs"}},
                {"id": "adults", "type": "calculated", "calculation": "age + 1", "label": {"en": "Next age"}},
            ],
        },
        {
            "id": "D",
            "title": {"en": "Child"},
            "unit": "child",
            "items": [{"id": "milk", "type": "select_one", "codelist": "yes_no", "label": {"en": "Milk"}}],
        },
    ],
    "checks": [
        {
            "id": "start.before",
            "expression": "start <= cigs + 30",
            "severity": "warning",
            "message": {"en": "Look at start and number.", "ko": "시작 나이와 개비 수를 확인하십시오."},
            "items": ["start", "cigs"],
        }
    ],
}

COLUMNS = {"number": 1, "item": 2, "answer": 4}  # of the booklet built here

GOOD: dict[str, bricks.Cell] = {
    "A_HID": "1008",
    "A_VISIT": bricks.raw('<c r="{r}" t="d"><v>2026-03-02</v></c>'),
    "A_prov": "1 North",
    "A_county": "11 Hill",
    "A_things.o1": "V",
    "A_things.o2": "V",
    "A_land": 12.5,
    "A_who.r1": "Kim",
    "A_age.r1": 40,
    "A_who.r2": "Lee",
    "A_age.r2": 3,
    "A_line_adult.r1": 1,
    "A_smoke.r1": "1 Yes",
    "A_cigs.r1": 10,
    "A_start.r1": 20,
    "A_line_child.r1": 2,
    "A_milk.r1": "2 No",
}


def identity(of: Questionnaire, **changed: str) -> FormIdentity:
    values = {
        "format": "1",
        "questionnaire": of.id,
        "version": of.version,
        "text_version": of.text_version,
        "structure_hash": of.structure_hash,
        "text_hash": of.text_hash,
        "language": "en",
        "layout": "booklet",
    }
    return FormIdentity(**(values | changed))


def all_names(questionnaire: Questionnaire) -> list[str]:
    """Return the names of all answers of the booklet, in printed order."""
    names: list[str] = []
    for unit in questionnaire.units:
        most = unit.roster.max if unit.roster else unit.selection.max if unit.selection else 0
        for row in range(1, most + 1) if most else (0,):
            names += [f"A_line_{unit.id}.r{row}"] if unit.selection else []
            for item in questionnaire.items_of(unit.id):
                codes = (*item.codelist.codes, *item.missing_codes) if item.codelist else ()
                options = codes if item.type == "select_multiple" else (None,)
                names += [answer_name(item.id, row=row, code=code) for code in options]
    return names


def booklet(
    questionnaire: Questionnaire,
    answers: Mapping[str, bricks.Cell],
    *,
    known: FormIdentity | None = None,
    sheet: str = "Main",
    more: Mapping[str, bytes] | None = None,
    more_names: Sequence[str] = (),
    without: frozenset[str] = frozenset(),
    **options: Any,  # noqa: ANN401  # passed on to book_parts
) -> bricks.Parts:
    """Return the parts of a booklet with one answer a row in column D, as a form has them.

    ``without`` may name ``names``, ``properties``, ``meta``, ``map`` and ``printed``, which are then left out.
    """
    places = {name: row for row, name in enumerate(all_names(questionnaire), 3)}
    rows: dict[int, dict[int, bricks.Cell]] = {1: {1: "No."}}
    for name, row in places.items():
        printed = name if "printed" not in without else None
        rows[row] = {COLUMNS["number"]: row, COLUMNS["item"]: printed, COLUMNS["answer"]: answers.get(name)}
    own = (known or identity(questionnaire)).to_properties()
    sheets = {sheet: bricks.sheet_xml(rows), **(more or {})}
    if "meta" not in without:
        listed = {number: {1: name, 2: value} for number, (name, value) in enumerate(own.items(), 1)}
        sheets[META_SHEET] = bricks.sheet_xml(listed)
    if "map" not in without:
        header: dict[int, bricks.Cell] = {1: "name", 2: "sheet", 3: "cell", 4: "unit", 5: "item", 6: "row", 7: "code"}
        mapped = {1: header} | {row: {1: name, 2: sheet, 3: f"D{row}"} for name, row in places.items()}
        sheets["_map"] = bricks.sheet_xml(mapped)
    quoted = sheet.replace("'", "''")
    names = (
        [] if "names" in without else [bricks.name_xml(name, f"'{quoted}'!$D${row}") for name, row in places.items()]
    )
    properties = None if "properties" in without else own
    return bricks.book_parts(sheets, names=[*names, *more_names], properties=properties, **options)
