"""The texts of a definition, each with its place, what it belongs to and its languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from surveykit.documents import pointer
from surveykit.questionnaire.hashing import WORDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One text of a definition in all its languages.

    Parameters
    ----------
    pointer : str
        Where it stands in the compiled document.
    owner : str
        What it belongs to, stable over versions: ``item:BS3_1``, ``code:yes_no:1``, ``section:A``, ...; the codes of
        a list that stands inside an item are ``code:@BS3_1:1``.
    field : str
        Which of its texts it is: ``label``, ``hint``, ``message``, ...
    text : mapping of str to str
        By language.
    """

    pointer: str
    owner: str
    field: str
    text: Mapping[str, str]


def wordings(document: Mapping[str, Any]) -> Iterator[Wording]:
    """Yield every text of a compiled definition in document order.

    Parameters
    ----------
    document : mapping
        The flat definition.
    """
    yield from _texts(document, "", "questionnaire:" + document["id"])
    for name, unit in document["units"].items():
        yield from _texts(unit, f"/units/{name}", f"unit:{name}")
    for name, codes in document.get("missing_sets", {}).items():
        for number, code in enumerate(codes):
            yield from _texts(code, pointer(("missing_sets", name, number)), f"missing:{name}:{code['code']}")
    for name, codelist in document.get("codelists", {}).items():
        yield from _codelist(codelist, pointer(("codelists", name)), name)
    for number, section in enumerate(document["sections"]):
        here = f"/sections/{number}"
        yield from _texts(section, here, f"section:{section['id']}")
        for position, item in enumerate(section["items"]):
            yield from _item(item, f"{here}/items/{position}")
    for number, check in enumerate(document.get("checks", ())):
        yield from _texts(check, f"/checks/{number}", f"check:{check['id']}")
    yield from _notices(document.get("notices", {}))


def _item(item: Mapping[str, Any], here: str) -> Iterator[Wording]:
    yield from _texts(item, here, f"item:{item['id']}")
    if "measure" in item:
        yield Wording(
            pointer=f"{here}/measure/label", owner=f"item:{item['id']}", field="measure", text=item["measure"]["label"]
        )
    if isinstance(item.get("codelist"), Mapping):
        yield from _codelist(item["codelist"], f"{here}/codelist", f"@{item['id']}")
    for number, check in enumerate(item.get("checks", ())):
        yield from _texts(check, f"{here}/checks/{number}", f"check:{check['id']}")


def _codelist(codelist: Mapping[str, Any], here: str, name: str) -> Iterator[Wording]:
    yield from _texts(codelist, here, f"codelist:{name}")
    for number, option in enumerate(codelist["codes"]):
        yield from _texts(option, f"{here}/codes/{number}", f"code:{name}:{option['code']}")


def _notices(notices: Mapping[str, Any]) -> Iterator[Wording]:
    for name, notice in notices.items():
        if name == "referral":
            for number, one in enumerate(notice):
                yield from _texts(one, f"/notices/referral/{number}", f"referral:{one['id']}")
        else:
            yield Wording(pointer=f"/notices/{name}", owner="notices", field=name, text=notice)


def _texts(value: Mapping[str, Any], here: str, owner: str) -> Iterator[Wording]:
    for key in value:
        if key in WORDING and key != "notices":
            yield Wording(pointer=f"{here}/{key}", owner=owner, field=key, text=value[key])
